package tracing

// TraceApart is Trace with every claim an owner of its own while the walk goes
// on: pro-rata and libr in the plain way, one share an owner in every pool.
func TraceApart(in Input) (Answer, error) {
	rule, err := findRule(in.Rule)
	if err != nil {
		return Answer{}, err
	}
	p, err := makePlan(in)
	if err != nil {
		return Answer{}, err
	}
	w := newWalk(p, rule)
	b := newShareBook(p, rule)
	everybody := make([]bool, len(p.victims))
	for v := range everybody {
		everybody[v] = true
	}
	b.whose = keepers(p, everybody)
	b.tape = newTape(p, b.whose)
	b.follow(&w.clock, w.traced)
	w.book = b
	if err := w.run(); err != nil {
		return Answer{}, err
	}
	return w.show(), nil
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
