package session

import (
	"mmids/amf"
	"mmids/rtmp/message"
)

// Start queues connect.
func (c *Client) Start() {
	object := &amf.Object{Properties: []amf.Property{
		{Name: "app", Value: c.config.App},
		{Name: "type", Value: "nonprivate"},
		{Name: "flashVer", Value: c.config.FlashVer},
	}}
	optional := func(name, value string) {
		if value != "" {
			object.Set(name, value)
		}
	}
	optional("swfUrl", c.config.SwfURL)
	object.Set("tcUrl", c.config.TcURL)
	object.Set("fpad", false)
	object.Set("capabilities", float64(15))
	object.Set("audioCodecs", float64(4071)) // what ffmpeg claims; servers that read it want to see AAC
	object.Set("videoCodecs", float64(252))  // likewise H.264
	object.Set("videoFunction", float64(1))
	optional("pageUrl", c.config.PageURL)
	object.Set("objectEncoding", float64(0))
	object.Properties = append(object.Properties, c.config.Capabilities.properties()...)
	c.call(0, "connect", object)
}

func (c *Client) onConnected(m *message.Command) {
	if c.connected {
		return
	}
	c.connected = true
	c.setWindow(c.config.WindowAckSize)
	c.out.setChunkSize(c.config.ChunkSize)
	c.writer.SetChunkSize(c.config.ChunkSize)

	var answer Connected
	properties := message.Properties(m.Object)
	for _, p := range properties {
		if p.Name == "fmsVer" {
			answer.FMSVer, _ = p.Value.(string)
		}
	}
	// Enhanced RTMP v2 leaves open in which of its two objects a server answers.
	answer.Capabilities.read(properties)
	if len(m.Arguments) > 0 {
		answer.Status, _ = message.StatusOf(m.Arguments[0])
		answer.Capabilities.read(message.Properties(m.Arguments[0]))
	}
	c.handler.OnConnected(answer)
	c.createStream()
}
