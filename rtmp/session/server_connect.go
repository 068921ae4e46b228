package session

import (
	"strings"

	"mmids/amf"
	"mmids/rtmp/message"
)

type connectionPhase uint8

const (
	notConnected connectionPhase = iota
	connectAsked
	connected
)

// connectionState is what connect left behind.
type connectionState struct {
	phase       connectionPhase
	transaction float64
	encoding    float64
	query       string
	enhanced    bool   // the client announced something of Enhanced RTMP
	capsEx      CapsEx // that it announced
}

func (s *Server) connect(c *message.Command) {
	transaction := c.Transaction
	if transaction == 0 {
		transaction = 1 // RTMP 1.0 §7.2.1.1: always 1
	}
	refuse := func(code, description string) {
		s.out.call(0, "_error", transaction, nil, message.Status{
			Level: message.LevelError, Code: code, Description: description,
		}.Object())
	}
	if s.connection.phase != notConnected {
		refuse(CodeConnectRejected, "already connected")
		return
	}
	connect, ok := readConnect(message.Properties(c.Object))
	if !ok {
		refuse(CodeConnectInvalidApp, "connect names no app")
		s.refused()
		return
	}
	s.connection = connectionState{
		phase:       connectAsked,
		transaction: transaction,
		encoding:    connect.ObjectEncoding,
		query:       connect.Query,
		enhanced:    connect.Capabilities.Enhanced(),
		capsEx:      connect.Capabilities.CapsEx,
	}
	s.handler.OnConnect(connect)
}

// readConnect reads the command object. Without an app that is text of a sane length it is no connect.
func readConnect(properties []amf.Property) (Connect, bool) {
	var c Connect
	hasApp := false
	for _, p := range properties {
		text, isText := p.Value.(string)
		if len(text) > nameBytesMax {
			text, isText = "", false
		}
		switch p.Name {
		case "app":
			c.App, hasApp = text, isText
		case "tcUrl", "tcurl":
			c.TcURL = text
		case "flashVer":
			c.FlashVer = text
		case "pageUrl":
			c.PageURL = text
		case "swfUrl":
			c.SwfURL = text
		case "objectEncoding":
			c.ObjectEncoding, _ = asNumber(p.Value)
		}
	}
	c.Capabilities.read(properties)
	app, query := cleanApp(c.App)
	c.App = strings.Clone(app) // it may be kept, the rest of the command is not to be kept with it
	c.Query = mergeQueries(query, tcURLQuery(c.TcURL))
	return c, hasApp
}

// AcceptConnect answers connect. It reports false, and does nothing, when no connect waits for an answer.
func (s *Server) AcceptConnect() bool {
	if s.connection.phase != connectAsked || s.ending != endingNot {
		return false
	}
	s.connection.phase = connected
	properties := &amf.Object{Properties: []amf.Property{
		{Name: "fmsVer", Value: "FMS/3,0,1,1233"},
		{Name: "capabilities", Value: float64(31)},
	}}
	more := []amf.Property{{Name: "objectEncoding", Value: s.connection.encoding}}
	if s.connection.enhanced {
		more = append(more, passThrough.properties()...)
	}
	information := message.Status{
		Level: message.LevelStatus, Code: CodeConnectSuccess, Description: "Connection succeeded.",
	}.Object(more...)
	s.out.call(0, "_result", s.connection.transaction, properties, information)
	return true
}

// RejectConnect refuses connect with one of the NetConnection.Connect codes; the connection is then to be closed. It
// reports false, and does nothing, when no connect waits for an answer.
func (s *Server) RejectConnect(code, description string) bool {
	if s.connection.phase != connectAsked || s.ending != endingNot {
		return false
	}
	s.out.call(0, "_error", s.connection.transaction, nil, message.Status{
		Level: message.LevelError, Code: code, Description: description,
	}.Object())
	s.refused()
	return true
}

// RequestReconnect asks the client to move to tcURL, or to this server again when that is empty (Enhanced RTMP v2,
// “Reconnect Request”). The connection stays as it is until the client leaves it. It reports false, and does nothing,
// with a client that did not announce that it understands this.
func (s *Server) RequestReconnect(tcURL, description string) bool {
	if s.connection.phase != connected || s.connection.capsEx&CapsReconnect == 0 || s.ending != endingNot {
		return false
	}
	var more []amf.Property
	if tcURL != "" {
		more = []amf.Property{{Name: "tcUrl", Value: tcURL}}
	}
	s.out.onStatus(0, message.Status{
		Level: message.LevelStatus, Code: CodeConnectReconnect, Description: description,
	}, more...)
	return true
}
