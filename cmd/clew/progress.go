package main

import (
	"context"
	"fmt"
	"time"

	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"
)

// bar shows how far a long piece of work is, on a terminal only. Its zero
// value shows nothing.
type bar struct {
	all *mpb.Progress
	one *mpb.Bar
}

// countsOf says what a bar counts.
type countsOf int

const (
	bytesRead countsOf = iota
	events
	nobodyKnows // how long it takes: only that it goes on is shown
)

// patience is how long a person waits without being told: what is done sooner
// should not flicker.
const patience = 300 * time.Millisecond

// bar begins to show progress on standard error.
func (p *program) bar(ctx context.Context, name string, what countsOf) *bar {
	if !p.talking {
		return &bar{}
	}
	p.paper.Flush()
	delay := make(chan struct{})
	time.AfterFunc(patience, func() { close(delay) })
	all := mpb.NewWithContext(ctx, mpb.WithOutput(p.err), mpb.WithWidth(40), mpb.WithRenderDelay(delay))
	named := decor.Name(printable(name) + " ")
	switch what {
	case bytesRead:
		return &bar{all, all.AddBar(0, mpb.PrependDecorators(named, decor.Percentage()), mpb.AppendDecorators(decor.CurrentKibiByte(" % .1f ")))}
	case events:
		return &bar{all, all.AddBar(0, mpb.PrependDecorators(named, decor.Percentage()), mpb.AppendDecorators(decor.Any((&pace{now: time.Now}).of)))}
	}
	return &bar{all, all.AddSpinner(0, mpb.PrependDecorators(named), mpb.AppendDecorators(decor.Elapsed(decor.ET_STYLE_GO)))}
}

// pace tells how fast a bar moves and how long it will still take. It counts
// from where the bar stood at first: a log that is caught up with was read in
// part before.
type pace struct {
	now   func() time.Time
	began time.Time
	first int64
}

func (p *pace) of(s decor.Statistics) string {
	if p.began.IsZero() {
		if s.Current > 0 {
			p.began, p.first = p.now(), s.Current
		}
		return fmt.Sprintf(" %d events ", s.Current)
	}
	passed, went := p.now().Sub(p.began), s.Current-p.first
	if passed <= 0 || went <= 0 {
		return fmt.Sprintf(" %d events ", s.Current)
	}
	left := time.Duration(float64(passed) * float64(s.Total-s.Current) / float64(went))
	return fmt.Sprintf(" %d events, %.0f/s, %s left ", s.Current, float64(went)/passed.Seconds(), left.Round(time.Second))
}

// reached says how much of all is done.
func (b *bar) reached(done, all int64) {
	if b.one == nil {
		return
	}
	b.one.SetTotal(all, false)
	b.one.SetCurrent(done)
}

// done takes the bar away.
func (b *bar) done() {
	if b.one == nil {
		return
	}
	b.one.Abort(true)
	b.all.Wait()
}
