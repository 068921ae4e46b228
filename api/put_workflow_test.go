package api

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"mmids/engine/config"
	"mmids/engine/workflow"
)

const ingest = "workflow ingest {\n  rtmp_receive rtmp_app=live stream_key=*\n}\n"

// putServer is a server that remembers what was put.
type putServer struct {
	*testServer
	put []config.Workflow
	ids []string
}

func startPut(t *testing.T, err error, check func(config.Workflow) []config.Mistake) *putServer {
	s := &putServer{}
	s.testServer = official(t, fakeWorkflows{
		check: check,
		upsert: func(ctx context.Context, requestID string, w config.Workflow) error {
			waits(t, ctx, 10*time.Second)
			s.put, s.ids = append(s.put, w), append(s.ids, requestID)
			return err
		},
	})
	return s
}

// refused sends a body that is not accepted and returns the answer.
func (s *putServer) refused(status int, body string, header ...string) errorAnswer {
	s.t.Helper()
	a := s.do("PUT", "/workflows", body, header...)
	require.Equal(s.t, status, a.status, a.body)
	require.Equal(s.t, "application/json", a.header.Get("Content-Type"))
	var refused errorAnswer
	decoder := json.NewDecoder(strings.NewReader(a.body))
	decoder.DisallowUnknownFields()
	require.NoError(s.t, decoder.Decode(&refused))
	require.NotNil(s.t, refused.Mistakes)
	require.NotEmpty(s.t, refused.Error)
	require.Empty(s.t, s.put, "nothing running is touched")
	return refused
}

func TestPutWorkflow(t *testing.T) {
	s := startPut(t, nil, nil)
	a := s.do("PUT", "/workflows", ingest)
	require.Equal(t, 200, a.status)
	require.Empty(t, a.body)
	require.Len(t, s.put, 1)
	require.Equal(t, "ingest", s.put[0].Name)
	require.Equal(t, "rtmp_receive", s.put[0].Steps[0].Type)
	require.Equal(t, []string{a.id()}, s.ids)
}

// Settings and reactors are read and ignored.
func TestPutIgnoresOtherBlocks(t *testing.T) {
	s := startPut(t, nil, nil)
	text := "settings {\n  http_api_port 1\n}\nreactor r executor=simple_http {\n  url http://127.0.0.1/\n}\n" + ingest
	require.Equal(t, 200, s.do("PUT", "/workflows", text).status)
	require.Len(t, s.put, 1)
}

func TestPutWithoutManager(t *testing.T) {
	s := startPut(t, errGone, nil)
	a := s.do("PUT", "/workflows", ingest)
	require.Equal(t, 500, a.status)
	require.Empty(t, a.body)
}

func TestPutOfOneWorkflowTooMany(t *testing.T) {
	s := startPut(t, fmt.Errorf("%w: 2", workflow.ErrTooMany), nil)
	a := s.do("PUT", "/workflows", ingest)
	require.Equal(t, 409, a.status)
	require.JSONEq(t, `{"error": "there are as many workflows as the server may have: 2", "mistakes": []}`, a.body)
}

func TestPutNeedsExactlyOneWorkflow(t *testing.T) {
	s := startPut(t, nil, nil)
	f := func(body string, want string) {
		t.Helper()
		require.Equal(t, want, s.refused(400, body).Error)
	}
	f("", "exactly one workflow block is needed, the body has 0")
	f("settings {\n}\n", "exactly one workflow block is needed, the body has 0")
	f(ingest+"workflow b {\n}\n", "exactly one workflow block is needed, the body has 2")
}

func TestPutTellsAllMistakesOfTheText(t *testing.T) {
	s := startPut(t, nil, func(config.Workflow) []config.Mistake { t.Error("checked in spite of mistakes"); return nil })
	answer := s.refused(400, "workflow {\n}\nreactor {\n}\n\xff\n")
	require.GreaterOrEqual(t, len(answer.Mistakes), 3)
	require.Equal(t, 1, answer.Mistakes[0].Line)
	require.Equal(t, "E-WF-NONAME", answer.Mistakes[0].ID)
	for _, m := range answer.Mistakes {
		require.Positive(t, m.Line)
		require.Positive(t, m.Column)
		require.Contains(t, answer.Error, m.Message)
	}
	require.Equal(t, 5, answer.Mistakes[len(answer.Mistakes)-1].Line, "not UTF-8")
}

func TestPutTellsAllMistakesOfTheDefinition(t *testing.T) {
	s := startPut(t, nil, func(w config.Workflow) []config.Mistake {
		return []config.Mistake{
			{ID: "E-STEP", Pos: w.Steps[0].Pos, Message: "step type is not known", Hint: "write rtmp_receive"},
			{ID: "E-PARAM", Pos: config.Pos{Line: 3, Column: 4}, Message: "port is not a number"},
		}
	})
	require.Equal(t, errorAnswer{
		Error: "2:3: step type is not known; write rtmp_receive\n3:4: port is not a number",
		Mistakes: []mistakeAnswer{
			{Line: 2, Column: 3, ID: "E-STEP", Message: "step type is not known", Hint: "write rtmp_receive"},
			{Line: 3, Column: 4, ID: "E-PARAM", Message: "port is not a number"},
		},
	}, s.refused(400, ingest))
	require.EqualValues(t, 2, s.log.events(t, "definition is refused")[0]["mistakes"])
}

func TestPutContentTypes(t *testing.T) {
	s := startPut(t, nil, nil)
	accepted := func(contentType string) {
		t.Helper()
		s.put = nil
		header := []string{}
		if contentType != "" {
			header = append(header, "Content-Type: "+contentType)
		}
		a := s.do("PUT", "/workflows", ingest, header...)
		require.Equal(t, 200, a.status, a.body)
		require.Len(t, s.put, 1)
		s.put = nil
	}
	accepted("")
	accepted("application/vnd.mmids.workflow")
	accepted("Application/VND.mmids.Workflow ; charset=utf-8")
	accepted("text/plain")
	accepted("text/plain;charset=utf-8;x=y")
	accepted("application/x-www-form-urlencoded")

	for _, contentType := range []string{
		"application/json", "text/html", "multipart/form-data; boundary=x", "application/vnd.mmids.workflow2", "text", "x;text/plain",
	} {
		require.Contains(t, s.refused(415, ingest, "Content-Type: "+contentType).Error, "application/vnd.mmids.workflow")
	}
	require.Contains(t, s.refused(415, ingest, "Content-Encoding: gzip").Error, "encodings")
	require.Equal(t, 200, s.do("PUT", "/workflows", ingest, "Content-Encoding: identity").status)
}

func TestPutBodyLimit(t *testing.T) {
	s := startPut(t, nil, nil)
	const limit = 1 << 20
	longest := ingest + strings.Repeat("#", limit-len(ingest))
	require.Equal(t, 200, s.do("PUT", "/workflows", longest).status)
	require.Len(t, s.put, 1)
	s.put = nil
	require.Contains(t, s.refused(413, longest+"#").Error, "at most 1048576 bytes")
}

func TestPutOfABodyThatIsCut(t *testing.T) {
	s := startPut(t, nil, nil)
	a := s.raw("PUT /workflows HTTP/1.1\r\nHost: localhost\r\nContent-Length: 20000\r\n\r\n" + ingest + strings.Repeat("#", 10000))
	require.Equal(t, 400, a.status)
	require.Contains(t, a.body, "ends before its announced length")
	require.Empty(t, s.put)
}

// curl sends this before a large body and waits for the server's consent.
func TestPutWithExpectation(t *testing.T) {
	s := startPut(t, nil, nil)
	require.Equal(t, 200, s.do("PUT", "/workflows", ingest, "Expect: 100-continue").status)
	require.Len(t, s.put, 1)
}
