package workflow_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"

	"mmids/engine/config"
	"mmids/engine/media"
	"mmids/engine/workflow"
	"mmids/engine/workflow/workflowtest"
)

// stage is where fake steps play: it makes them, knows them by name, and writes down what happens to them.
type stage struct {
	mu    sync.Mutex
	lines []string
	made  map[string][]*fake // by name, in the order of their making
}

// fake is a step that tells the stage what it is executed with. Its parameters say what it does:
//
//	name=a           what it is called in the script
//	slow             is not ready before the result "ready"
//	broken=TEXT      cannot be made
//	busy=TEXT        cannot be made, but that can pass
//	fails=TEXT       can be made, but has failed already; no TEXT is no reason
//	nothing          is not made, without a reason
//	panics=WHEN      panics when: new, execute, end (of a stream) or close; with exit it ends
//	                 the workflow's goroutine at the end of a stream
//
// Of the types, a source swallows what it gets, pass puts it out, and double puts out each stream under another id.
type fake struct {
	stage   *stage
	typ     string
	name    string
	env     workflow.Env
	panics  string
	status  workflow.Status
	closed  bool
	release chan string // lets work in progress return
}

func newStage() *stage { return &stage{made: make(map[string][]*fake)} }

func (s *stage) say(format string, args ...any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lines = append(s.lines, fmt.Sprintf(format, args...))
}

// said takes what was said since the last call.
func (s *stage) said() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	lines := s.lines
	s.lines = nil
	return strings.Join(lines, "\n")
}

// find returns the newest fake of a name, or with "a.1" the first one, and so on.
func (s *stage) find(name string) *fake {
	s.mu.Lock()
	defer s.mu.Unlock()
	name, number, numbered := strings.Cut(name, ".")
	all := s.made[name]
	if numbered {
		return all[int(number[0]-'1')]
	}
	return all[len(all)-1]
}

// retiring returns the names of the fakes whose owners are to be closed by an update.
func (s *stage) retiring() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var names []string
	for _, all := range s.made {
		for _, f := range all {
			if !f.closed && f.env.Owner.Retiring() {
				names = append(names, f.name)
			}
		}
	}
	slices.Sort(names)
	return names
}

func (s *stage) registry() *workflow.Registry {
	r := new(workflow.Registry)
	for _, typ := range []string{"source", "pass", "double"} {
		if err := r.Add(typ, s.kind(typ)); err != nil {
			panic(err)
		}
	}
	return r
}

func (s *stage) kind(typ string) workflow.Kind {
	return workflow.Kind{
		Check: func(d config.Step) (mistakes []config.Mistake) {
			if p, ok := d.Params.Get("wrong"); ok {
				mistakes = append(mistakes, config.Mistake{Pos: p.Pos, Message: d.Type + ": wrong"})
			}
			return mistakes
		},
		New: func(d config.Step, env workflow.Env) (workflow.Step, workflow.Status, error) {
			f := &fake{
				stage:   s,
				typ:     typ,
				name:    param(d, "name"),
				env:     env,
				panics:  param(d, "panics"),
				status:  workflow.Status{State: workflow.Active},
				release: make(chan string),
			}
			if _, slow := d.Params.Get("slow"); slow {
				f.status.State = workflow.Created
			}
			if text, fails := d.Params.Get("fails"); fails && text.HasValue {
				f.status = workflow.Fail(errors.New(text.Value))
			} else if fails {
				f.status = workflow.Fail(nil)
			}
			if _, nothing := d.Params.Get("nothing"); nothing {
				return nil, f.status, nil
			}
			if f.panics == "new" {
				panic("in New")
			}
			if text := param(d, "broken"); text != "" {
				return nil, workflow.Status{}, errors.New(text)
			}
			if text := param(d, "busy"); text != "" {
				return nil, workflow.Status{}, workflow.Temporary(errors.New(text))
			}
			if names := s.retiring(); names != nil {
				s.say("%s: made while %s retires", f.name, strings.Join(names, " and "))
			} else {
				s.say("%s: made", f.name)
			}
			s.mu.Lock()
			s.made[f.name] = append(s.made[f.name], f)
			s.mu.Unlock()
			return f, f.status, nil
		},
	}
}

func param(d config.Step, name string) string {
	p, _ := d.Params.Get(name)
	return p.Value
}

func (f *fake) Execute(in workflow.Input, out *workflow.Output) workflow.Status {
	for _, r := range in.Results {
		f.stage.say("%s: result %v", f.name, r)
		f.obey(r.(result), out)
	}
	if len(in.Results) == 0 {
		f.stage.say("%s: %s", f.name, write(in.Media))
	}
	if f.panics == "execute" || f.panics == "end" && ends(in.Media) {
		panic("in Execute")
	}
	if f.panics == "exit" && ends(in.Media) {
		runtime.Goexit()
	}
	switch f.typ {
	case "pass":
		out.Pass(in.Media...)
	case "double":
		for _, n := range in.Media {
			n.Retain()
			n.Stream += "'"
			out.Emit(n)
		}
	}
	return f.status
}

func ends(batch []media.Notification) bool {
	return slices.ContainsFunc(batch, func(n media.Notification) bool { return n.Event == media.Disconnected })
}

func (f *fake) Close() {
	f.closed = true
	f.stage.say("%s: closed", f.name)
	if f.panics == "close" {
		panic("in Close")
	}
}

// result is a command for a fake.
type result struct {
	text  string
	stage *stage
}

func (r result) String() string { return r.text }

// Discard says that the result came too late.
func (r result) Discard() { r.stage.say("too late: %s", r.text) }

func (f *fake) obey(r result, out *workflow.Output) {
	command, rest, _ := strings.Cut(r.text, " ")
	switch command {
	case "ready":
		f.status.State = workflow.Active
	case "unready":
		f.status.State = workflow.Created
	case "fail":
		f.status = workflow.Fail(errors.New(rest))
	case "failbusy":
		f.status = workflow.Fail(workflow.Temporary(errors.New(rest)))
	case "panic":
		panic(rest)
	case "put":
		for _, n := range read(rest) {
			out.Emit(n)
		}
	case "hang":
		<-f.release
	case "work":
		f.env.Futures.Go(f.work)
	case "workpanic":
		f.env.Futures.Go(func(context.Context) any { panic(rest) })
	}
}

// work waits until the script lets it return. When the instance goes, it returns a result all the same, a moment later.
func (f *fake) work(ctx context.Context) any {
	select {
	case text := <-f.release:
		return result{text, f.stage}
	case <-ctx.Done():
		time.Sleep(time.Millisecond)
		f.stage.say("%s: work is cancelled", f.name)
		return result{"after the end", f.stage}
	}
}

// read makes the media of a list such as "new s, vh s 1, key s, video s, audio s, meta s, end s". A third word is the
// payload.
func read(list string) []media.Notification {
	var batch []media.Notification
	for _, item := range strings.Split(list, ",") {
		word := append(strings.Fields(item), "", "")
		id := media.StreamID(word[1])
		switch word[0] {
		case "new":
			batch = append(batch, workflowtest.NewStream(id, "name of "+word[1]))
		case "end":
			batch = append(batch, workflowtest.Disconnected(id))
		case "meta":
			batch = append(batch, workflowtest.Metadata(id))
		case "vh":
			batch = append(batch, workflowtest.Header(id, media.Video, word[2]))
		case "ah":
			batch = append(batch, workflowtest.Header(id, media.Audio, word[2]))
		case "key":
			batch = append(batch, workflowtest.KeyFrame(id, 0, word[2]))
		case "video":
			batch = append(batch, workflowtest.Packet(id, media.Video, 0, word[2]))
		case "audio":
			batch = append(batch, workflowtest.Packet(id, media.Audio, 0, word[2]))
		default:
			panic("no such media: " + item)
		}
	}
	return batch
}

// write is the reverse of read.
func write(batch []media.Notification) string {
	if len(batch) == 0 {
		return "nothing"
	}
	var items []string
	for _, n := range batch {
		word := map[media.Event]string{
			media.NewStream:       "new",
			media.Disconnected:    "end",
			media.MetadataChanged: "meta",
		}[n.Event]
		text := ""
		if n.Event == media.Coded {
			switch {
			case n.Packet.Required:
				word = n.Packet.Kind.String()[:1] + "h"
			case n.Packet.KeyFrame:
				word = "key"
			default:
				word = n.Packet.Kind.String()
			}
			text = string(n.Packet.Tag())
		}
		items = append(items, strings.TrimSpace(fmt.Sprintf("%s %s %s", word, n.Stream, text)))
	}
	return strings.Join(items, ", ")
}
