package tracing

// Apart answers and explains with every claim an owner of its own while the
// walk goes on: pro-rata and libr in the plain way, one share an owner in every
// pool. It is what claims that are kept as one are held against.
type Apart struct{}

func (Apart) walk(in Input) (*walk, error) {
	rule, err := findRule(in.Rule)
	if err != nil {
		return nil, err
	}
	p, err := makePlan(in)
	if err != nil {
		return nil, err
	}
	p.apart = make([]bool, len(p.victims))
	for v := range p.apart {
		p.apart[v] = true
	}
	return newWalk(p, rule), nil
}

// Trace is Trace.
func (a Apart) Trace(in Input) (Answer, error) {
	w, err := a.walk(in)
	if err != nil {
		return Answer{}, err
	}
	if err := w.run(); err != nil {
		return Answer{}, err
	}
	return w.show(), nil
}

// Explain is Explain, of a victim who is known.
func (a Apart) Explain(in Input, ask Ask) ([]Sentence, error) {
	w, err := a.walk(in)
	if err != nil {
		return nil, err
	}
	victim, _ := w.plan.victimNo(ask.Victim)
	teller := &teller{w: w, victim: victim}
	w.watch = teller
	if err := w.run(); err != nil {
		return nil, err
	}
	return teller.tell(ask), nil
}

// Joint says how many of the claims of a case are kept as one, and how many
// there are.
func Joint(in Input) (together, all int, err error) {
	p, err := makePlan(in)
	if err != nil {
		return 0, 0, err
	}
	rule, err := findRule(in.Rule)
	if err != nil {
		return 0, 0, err
	}
	for _, o := range newShareBook(p, rule).whose {
		if o == joint {
			together++
		}
	}
	return together, len(p.claims), nil
}
