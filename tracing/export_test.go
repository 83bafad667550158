package tracing

// Lanes says how lots are kept, where a test wants it otherwise than the walk.
type Lanes struct {
	Wide  func(step int32) bool // at these steps every lot is laid down in the wide lane
	Apart bool                  // no lots are joined
}

// TraceInLanes walks as Trace does, with whole units only.
func TraceInLanes(in Input, lanes Lanes) (Answer, error) {
	rule, err := findRule(in.Rule)
	if err != nil {
		return Answer{}, err
	}
	p, err := makePlan(in)
	if err != nil {
		return Answer{}, err
	}
	w := newWalk(p, rule)
	if lanes.Apart {
		clear(w.lots.joins)
		w.lots.follow(&w.clock, w.tills)
	}
	w.watch = laneSwitch{lanes}
	if err := w.run(); err != nil {
		return Answer{}, err
	}
	return w.show(), nil
}

type laneSwitch struct{ lanes Lanes }

func (laneSwitch) noted(*walk, Warning) {}
func (laneSwitch) walked(*walk, *step)  {}
func (l laneSwitch) moved(w *walk, _ move) {
	w.lots.vault.always = l.lanes.Wide != nil && l.lanes.Wide(w.now)
}

// Fresh is how often a kept walk had to begin again.
func (k *Kept) Fresh() int { return k.fresh }

// IndexOfAtMost makes an index of no more than so many postings.
func IndexOfAtMost(in Input, most int) (*Index, error) { return newIndex(in, most) }
