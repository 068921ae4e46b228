package fanout

// Finish says that nothing more is to come. Viewers get what there is, those who come later too, and each that has all
// of it is told so by ViewerConfig.Ended. Nothing may be appended afterwards but the end of the stream, when nobody is to
// begin any more. Stream's goroutine.
func (l *Log) Finish() {
	l.Publish()
	l.mu.Lock()
	l.shared.finished = true
	l.mu.Unlock()
	l.urgent = true
	l.wake()
}

// endIfDone tells a viewer of a finished log that it has everything. One that is still waiting would wait for ever.
func (v *Viewer) endIfDone(view *view) {
	if !view.finished || v.config.Ended == nil || v.told || v.closed || v.blocked {
		return
	}
	if v.waiting || v.pos == view.head {
		v.told = true
		v.config.Ended()
	}
}
