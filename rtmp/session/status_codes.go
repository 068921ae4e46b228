package session

// Status codes that servers send and clients know. A refusal may carry any other.
const (
	CodeConnectSuccess    = "NetConnection.Connect.Success"
	CodeConnectRejected   = "NetConnection.Connect.Rejected"
	CodeConnectInvalidApp = "NetConnection.Connect.InvalidApp"
	CodeConnectClosed     = "NetConnection.Connect.Closed"
	CodeConnectReconnect  = "NetConnection.Connect.ReconnectRequest"

	CodePublishStart        = "NetStream.Publish.Start"
	CodePublishBadName      = "NetStream.Publish.BadName"
	CodePublishUnauthorized = "NetStream.Publish.Unauthorized"
	CodePublishFailed       = "NetStream.Publish.Failed"
	CodeUnpublishSuccess    = "NetStream.Unpublish.Success"

	CodePlayReset           = "NetStream.Play.Reset"
	CodePlayStart           = "NetStream.Play.Start"
	CodePlayStop            = "NetStream.Play.Stop"
	CodePlayStreamNotFound  = "NetStream.Play.StreamNotFound"
	CodePlayFailed          = "NetStream.Play.Failed"
	CodePlayPublishNotify   = "NetStream.Play.PublishNotify"
	CodePlayUnpublishNotify = "NetStream.Play.UnpublishNotify"

	CodePauseNotify   = "NetStream.Pause.Notify"
	CodeUnpauseNotify = "NetStream.Unpause.Notify"
	CodeSeekNotify    = "NetStream.Seek.Notify"
)
