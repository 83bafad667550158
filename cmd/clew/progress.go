package main

import (
	"context"

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
)

// bar begins to show progress on standard error.
func (p *program) bar(ctx context.Context, name string, what countsOf) *bar {
	if !p.talking {
		return &bar{}
	}
	counted := decor.CurrentNoUnit(" %d ")
	if what == bytesRead {
		counted = decor.CurrentKibiByte(" % .1f ")
	}
	all := mpb.NewWithContext(ctx, mpb.WithOutput(p.err), mpb.WithWidth(40))
	one := all.AddBar(0, mpb.BarRemoveOnComplete(),
		mpb.PrependDecorators(decor.Name(printable(name)+" "), decor.Percentage()), mpb.AppendDecorators(counted))
	return &bar{all, one}
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
