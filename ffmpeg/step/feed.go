package step

import (
	"github.com/rs/zerolog"

	"mmids/engine/media"
	"mmids/engine/panics"
	"mmids/engine/workflow"
	"mmids/rtmp/server"
)

// feed is a stream on its way into an ffmpeg.
type feed struct {
	registration *server.Registration
	channel      *server.Channel
	touched      bool
	log          zerolog.Logger
}

// feedRegistrant hears of a feed's end. Nobody publishes to it.
type feedRegistrant struct{ futures workflow.Futures }

func (r feedRegistrant) Deliver([]media.Notification) {}
func (r feedRegistrant) Lost(err error)               { r.futures.Post(lost{err}) }

// openFeed registers a stream for the ffmpeg that will read it. app is a name that nobody can guess.
func openFeed(rtmp RTMP, app string, n *media.Notification, env workflow.Env, log zerolog.Logger) (*feed, error) {
	request := internal(app, string(n.Stream), env, log)
	request.KeepBeginning = true // ffmpeg takes a while to come for it
	r, err := rtmp.ListenWatchers(request, feedRegistrant{env.Futures})
	if err != nil {
		return nil, err
	}
	f := &feed{registration: r, channel: r.Feed(string(n.Stream)), log: log}
	f.channel.Append(n)
	f.channel.Publish()
	return f, nil
}

func (f *feed) url() string { return f.registration.URL() }

// finish lets ffmpeg read what it has not read yet. The feed is closed when its process has ended for good.
func (f *feed) finish(ended <-chan struct{}) {
	f.channel.Finish()
	go func() { // not one of the step's futures: the step may be gone before
		<-ended
		panics.Contain(f.log, "a stream's way into ffmpeg could not be closed", f.close)
	}()
}

// close ends the feed at once.
func (f *feed) close() {
	f.channel.EndFeed()
	f.registration.Close()
}

// feeds are the feeds of one step.
type feeds struct {
	open    map[media.StreamID]*feed
	touched []*feed
}

// append gives a stream's media to its ffmpeg.
func (f *feeds) append(n *media.Notification) {
	to := f.open[n.Stream]
	if to == nil {
		return
	}
	to.channel.Append(n)
	if !to.touched {
		to.touched = true
		f.touched = append(f.touched, to)
	}
}

// remove takes a stream's feed out, with all that was appended visible. Nothing of the step touches it afterwards.
func (f *feeds) remove(id media.StreamID) {
	f.publish()
	delete(f.open, id)
}

// publish lets the ffmpegs see what was appended.
func (f *feeds) publish() {
	for i, to := range f.touched {
		to.touched = false
		to.channel.Publish()
		f.touched[i] = nil
	}
	f.touched = f.touched[:0]
}
