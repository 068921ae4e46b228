package session

import (
	"errors"
	"fmt"

	"mmids/rtmp/message"
)

// ErrCommands means that a client has sent more commands than [ServerConfig.CommandsMax].
var ErrCommands = errors.New("too many commands")

// isCommand reports whether messages of this type ask for something, so that skipping one would leave its sender waiting.
func isCommand(messageType uint8) bool {
	return messageType == message.TypeCommandAMF0 || messageType == message.TypeCommandAMF3
}

func isMedia(messageType uint8) bool {
	return messageType == message.TypeAudio || messageType == message.TypeVideo
}

// isNameless reports whether err is about a command that has no name, or no content at all. Nobody waits for an answer.
func isNameless(err error) bool {
	return errors.Is(err, message.ErrName) || errors.Is(err, message.ErrShort)
}

// RefusedError is a refusal by the server that a client session talks to.
type RefusedError struct {
	// During is the command that was refused: connect, createStream, publish or play. It is empty when the server ended a
	// connection on which nothing was asked.
	During string
	message.Status
}

func (e *RefusedError) Error() string {
	if e.During == "" {
		return fmt.Sprintf("rtmp server ended the connection: %s: %s", e.Code, e.Description)
	}
	return fmt.Sprintf("rtmp server refused %s: %s: %s", e.During, e.Code, e.Description)
}
