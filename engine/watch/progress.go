package watch

import (
	"time"

	"mmids/engine/fanout"
)

// Progress is what an endpoint knows of how a viewer gets on. It belongs to the viewer's loop.
type Progress struct {
	sent  uint64    // bytes when it was looked at last
	moved time.Time // when that changed, or nothing was left to send
	skips uint64    // that were told
}

// NewProgress is that of a viewer who begins now.
func NewProgress(now time.Time) Progress { return Progress{moved: now} }

// Skips returns how often the viewer was too slow and skipped to a key frame, and whether that is news.
func (p *Progress) Skips(v *fanout.Viewer) (skips uint64, news bool) {
	before := p.skips
	p.skips = v.Skips()
	return p.skips, p.skips != before
}

// Stalled reports whether the viewer has taken nothing of what there is for it for longer than a time; sent is what its
// connection has sent so far, in bytes.
func (p *Progress) Stalled(v *fanout.Viewer, now time.Time, sent uint64, timeout time.Duration) bool {
	if sent != p.sent || !v.Blocked() {
		p.sent, p.moved = sent, now
	}
	return now.Sub(p.moved) > timeout
}
