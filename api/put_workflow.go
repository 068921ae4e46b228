package api

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/valyala/fasthttp"

	"mmids/engine/config"
	"mmids/engine/workflow"
)

// workflowContentType is the media type of a text in the configuration language.
const workflowContentType = "application/vnd.mmids.workflow"

// PutWorkflow starts the workflow that the body defines, or updates the running one of that name. The body is a
// text in the configuration language with exactly one workflow block; settings and reactors in it are read and
// ignored. 200 means that the definition can work and was handed over; how the workflow fares is in its details.
//
// Answers with {"error": …, "mistakes": […]}:
//
//	400  the body is no such text, or the definition cannot work: all its mistakes
//	409  there are as many workflows as the server may have, and this one is new
//	413  the body is longer than a configuration text may be
//	415  the content type, or a content encoding, is none that is understood
//
// Then nothing that runs has been touched.
//
// A text that [WorkflowDefinition] answered may be sent back with its secrets left out: those that run are kept.
func PutWorkflow(w Workflows) Handler {
	return func(r *Request) {
		definition, refused := readDefinition(r, w)
		if refused != nil {
			r.Log.Info().Str("reason", refused.reason).Int("mistakes", len(refused.mistakes)).Msg("definition is refused")
			r.JSON(refused.status, refused.answer())
			return
		}
		ctx, cancel := context.WithTimeout(context.Background(), changeTimeout)
		defer cancel()
		err := w.Upsert(ctx, r.ID, definition)
		if errors.Is(err, workflow.ErrTooMany) {
			r.Log.Warn().Err(err).Str("workflow_name", definition.Name).Msg("workflow is refused")
			r.JSON(fasthttp.StatusConflict, (&refusal{reason: err.Error()}).answer())
			return
		}
		if err != nil {
			r.Log.Error().Err(err).Str("workflow_name", definition.Name).Msg("workflow cannot be handed over")
			r.Empty(fasthttp.StatusInternalServerError)
			return
		}
		r.Empty(fasthttp.StatusOK)
	}
}

// refusal is why a definition is not accepted.
type refusal struct {
	status   int
	reason   string // may be logged
	mistakes []config.Mistake
}

func (f *refusal) answer() errorAnswer {
	a := errorAnswer{Error: f.reason, Mistakes: make([]mistakeAnswer, len(f.mistakes))}
	for i, m := range f.mistakes {
		a.Mistakes[i] = mistakeAnswer{
			Line: m.Pos.Line, Column: m.Pos.Column, ID: m.ID, Message: m.Message, Hint: m.Hint,
		}
	}
	if len(f.mistakes) > 0 {
		a.Error = config.Errors(f.mistakes).Error()
	}
	return a
}

// readDefinition returns the one workflow of the body if it can work.
func readDefinition(r *Request, w Workflows) (config.Workflow, *refusal) {
	var none config.Workflow
	document, refused := readDocument(r)
	if refused != nil {
		return none, refused
	}
	if n := len(document.Workflows); n != 1 {
		reason := fmt.Sprintf("exactly one workflow block is needed, the body has %d", n)
		return none, &refusal{status: fasthttp.StatusBadRequest, reason: reason}
	}
	definition, refused := restored(document.Workflows[0], w)
	if refused != nil {
		return none, refused
	}
	if mistakes := w.Check(definition); len(mistakes) > 0 {
		return none, &refusal{fasthttp.StatusBadRequest, "definition cannot work", mistakes}
	}
	return definition, nil
}

// checkContentType refuses what is labelled as something else than a configuration text. Without a label it is
// taken for one, and so is the form type, which curl --data-binary sends unasked.
func checkContentType(r *Request) *refusal {
	header := &r.HTTP.Request.Header
	if encoding := bytes.TrimSpace(header.ContentEncoding()); len(encoding) > 0 && !bytes.EqualFold(encoding, []byte("identity")) {
		return &refusal{status: fasthttp.StatusUnsupportedMediaType, reason: "content encodings are not understood, send the text itself"}
	}
	mediaType, _, _ := strings.Cut(string(header.ContentType()), ";")
	switch strings.ToLower(strings.TrimSpace(mediaType)) {
	case "", workflowContentType, "text/plain", "application/x-www-form-urlencoded":
		return nil
	}
	return &refusal{
		status: fasthttp.StatusUnsupportedMediaType,
		reason: "content type is not understood, send " + workflowContentType + " or text/plain",
	}
}
