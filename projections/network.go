package projections

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"time"

	"clew/domain"
	"clew/indicators"
	"clew/network"
	"clew/tracing"
)

// HubsAsk asks where several victims' money has met.
type HubsAsk struct {
	Ask                    // Case "": all cases
	Others []domain.CaseID // cases whose lots are looked at as well: they name an account in common
	// Without are cases whose lots are not looked at where all cases are asked
	// about, nor those of a case that is walked as one with them.
	Without map[domain.CaseID]bool
}

// Hubs are the accounts at which several victims' money has met, by the lots.
type Hubs struct {
	Case     domain.CaseID
	Position uint64
	Rule     tracing.Rule    // under which the lots went; of other cases, under their own
	Cases    []domain.CaseID // that were walked, those that are linked with one of them too
	LeftOut  int             // cases that were not, where all are asked about
	Hubs     []network.Hub
}

// Hubs finds where victims' money has met. Victims' homes and ends are no hubs.
func (v *Views) Hubs(ctx context.Context, a HubsAsk) (*Hubs, error) {
	upto, err := v.resolve(ctx, a.Ask)
	if err != nil {
		return nil, err
	}
	cases := append([]domain.CaseID{a.Case}, a.Others...)
	if a.Case == "" {
		if cases, err = v.caseNames(ctx, upto); err != nil {
			return nil, err
		}
	}
	h := &Hubs{Case: a.Case, Position: upto, Rule: a.Rule}
	var courses []*network.Course
	var skips []func(domain.AccountID) bool
	for _, id := range cases {
		if slices.Contains(h.Cases, id) {
			continue
		}
		if out, err := v.leftOut(ctx, a, id, upto); err != nil || out {
			if err != nil {
				return nil, err
			}
			h.LeftOut++
			continue
		}
		walked, err := v.walked(ctx, a.Ask.of(id, upto))
		if err != nil {
			return nil, err
		}
		h.Cases, h.Rule = append(h.Cases, walked.assembly.Cases...), cmp.Or(h.Rule, walked.rule)
		courses, skips = append(courses, walked.course), append(skips, walked.assembly.homesAndEnds())
	}
	h.Hubs, err = network.Hubs(courses, func(account domain.AccountID) bool {
		return slices.ContainsFunc(skips, func(skip func(domain.AccountID) bool) bool { return skip(account) })
	})
	return h, err
}

// leftOut says whether a case is one of those whose lots are not looked at, or
// would be walked as one with one of them.
func (v *Views) leftOut(ctx context.Context, a HubsAsk, id domain.CaseID, upto uint64) (bool, error) {
	if len(a.Without) == 0 {
		return false, nil
	}
	asOne, err := v.WalkedAsOne(ctx, id, upto)
	return slices.ContainsFunc(asOne, func(one domain.CaseID) bool { return a.Without[one] }), err
}

// of is the same question about another case, as of a position.
func (a Ask) of(id domain.CaseID, upto uint64) Ask {
	a.Case, a.Upto = id, upto
	return a
}

// walkedCourse is a case with the way of its victims' lots.
type walkedCourse struct {
	assembly *Assembly
	course   *network.Course
	rule     tracing.Rule
}

// wholeUnits is the rule to watch: the case's own, where lots go whole from
// place to place under it, else fifo.
func wholeUnits(rule tracing.Rule) tracing.Rule {
	switch rule {
	case tracing.ProRata, tracing.LIBR, tracing.Poison:
		return tracing.FIFO
	}
	return rule
}

func (v *Views) walked(ctx context.Context, a Ask) (*walkedCourse, error) {
	s, err := v.assembled(ctx, a)
	if err != nil {
		return nil, err
	}
	rule, _ := chosenRule(a.Rule, s.File)
	if a.Rule == "" {
		rule = wholeUnits(rule)
	}
	course := &network.Course{Case: a.Case}
	_, err = tracing.Watch(s.input(rule, a), course.Note)
	return &walkedCourse{s, course, rule}, err
}

// SharedRoutes are the ways over several accounts by which several victims'
// money went.
type SharedRoutes struct {
	Case     domain.CaseID
	Position uint64
	Rule     tracing.Rule
	network.Routes
}

// SharedRoutes finds the ways that several victims' money went, by the lots.
func (v *Views) SharedRoutes(ctx context.Context, a Ask) (*SharedRoutes, error) {
	w, err := v.walked(ctx, a)
	if err != nil {
		return nil, err
	}
	routes, err := network.SharedRoutes(w.course, w.assembly.homesAndEnds())
	return &SharedRoutes{a.Case, w.assembly.Position, w.rule, routes}, err
}

// RingsAsk asks for groups of accounts that pay one another.
type RingsAsk struct {
	Ask          // its rule says which accounts victims' money reached, where Traced is asked for
	Traced  bool // only accounts to which victims' money came
	Core    int  // with how many others of its group each account deals at least
	Spread  int  // over how many accounts money is spread and gathered at least
	Longest int  // ring
}

// Rings are groups of accounts in a case's payments: who hangs together, who
// deals with whom, where money can go round, where it was spread and gathered.
type Rings struct {
	Case       domain.CaseID
	Position   uint64
	Components [][]domain.AccountID
	Core       []domain.AccountID
	Coreness   int // the largest core that there is
	Strong     [][]domain.AccountID
	Cycles     network.Cycles
	Scatters   []network.Scatter
}

// Rings looks at a case's payments as a graph. Victims' homes and ends are not
// in it: everybody pays those.
func (v *Views) Rings(ctx context.Context, a RingsAsk) (*Rings, error) {
	s, err := v.assembled(ctx, a.Ask)
	if err != nil {
		return nil, err
	}
	skip := s.homesAndEnds()
	if a.Traced {
		w, err := v.walked(ctx, a.Ask)
		if err != nil {
			return nil, err
		}
		homeOrEnd, reached := skip, w.course.Reached()
		skip = func(account domain.AccountID) bool { return homeOrEnd(account) || !reached[account] }
	}
	var payments []network.Payment
	for r := range s.rowsBy(a.At) {
		payments = append(payments, paymentsOf(r)...)
	}
	g := network.NewGraph(payments, skip)
	return &Rings{a.Case, s.Position, g.Components(), g.Core(a.Core), g.Coreness(), g.Strong(), g.Cycles(a.Longest), g.Scatters(a.Spread)}, nil
}

// paymentsOf are who paid whom by a movement. What is given back is no payment.
func paymentsOf(r *tracing.Row) (list []network.Payment) {
	p := network.Payment{Movement: r.ID, When: r.When, Position: r.Position, From: r.From, To: r.To}
	switch r.Kind {
	case domain.Transfer, domain.Conversion:
		return []network.Payment{p}
	case domain.Hop:
		for _, in := range r.Inputs {
			for _, out := range r.Outputs {
				p.From, p.To = in.Account, out.Account
				list = append(list, p)
			}
		}
	}
	return list
}

// Unreported are accounts whose holders may be victims who have not reported.
type Unreported struct {
	Case        domain.CaseID
	Position    uint64
	Collecting  []domain.AccountID // hubs, and accounts that a reported payment went to
	Suggestions []network.Suggestion
}

// Unreported looks among the payers of the accounts where victims' money was
// collected for those who look like victims. Left out is who is known: homes,
// ends, whoever got victims' money, has signs of a mule, or of whom something
// speaks for an ordinary reason (indicators.Recognition).
func (v *Views) Unreported(ctx context.Context, a Ask) (*Unreported, error) {
	w, err := v.walked(ctx, a)
	if err != nil {
		return nil, err
	}
	skip := w.assembly.homesAndEnds()
	hubs, err := network.Hubs([]*network.Course{w.course}, skip)
	if err != nil {
		return nil, err
	}
	book := bookOf(w.assembly, a.At)
	marked, err := markedByFindings(book, w.assembly, a)
	if err != nil {
		return nil, err
	}
	search := w.search(a.At, func(account domain.AccountID) bool {
		recognised := book.Recognise(account)
		return !skip(account) && (recognised == "" || recognised == indicators.CoercedHolder)
	}, hubs)
	reached := w.course.Reached()
	search.Known = func(account domain.AccountID) string {
		switch recognised := book.Recognise(account); {
		case skip(account):
			return "a victim's own account, or an end"
		case recognised != "":
			return string(recognised)
		case reached[account]:
			return "victims' money came there"
		}
		return marked[account]
	}
	return &Unreported{a.Case, w.assembly.Position, slices.Sorted(maps.Keys(search.Collecting)), network.Suggest(search)}, nil
}

// search gathers the transfers of a case, and which of its accounts collect:
// hubs and payees of reported payments, as far as they may be.
func (w *walkedCourse) search(at time.Time, may func(domain.AccountID) bool, hubs []network.Hub) network.Search {
	s := network.Search{Collecting: map[domain.AccountID]bool{}}
	for _, hub := range hubs {
		if may(hub.Account) {
			s.Collecting[hub.Account] = true
		}
	}
	for r := range w.assembly.rowsBy(at) {
		if r.Kind != domain.Transfer && r.Kind != domain.Conversion {
			continue
		}
		s.Transfers = append(s.Transfers, network.Transfer{Payment: paymentsOf(r)[0], Amount: r.Amount, Victim: r.Victim})
		if r.Victim != "" && may(r.To) {
			s.Collecting[r.To] = true
		}
	}
	return s
}

// muleSigns are the indicators at which a payer is a mule to look at rather
// than somebody to ask: those of money that goes through.
var muleSigns = []string{"pass-through", "fan-in", "gather-scatter", "many-credits-one-debit", "structuring", "commission", "same-amount-conduit",
	"gather-to-one-exit", "scatter-gather", "cycle", "layer-decay", "convergence-hub", "test-payment"}

// markedByFindings says of accounts which sign of a mule fires there.
func markedByFindings(book *indicators.Book, s *Assembly, a Ask) (map[domain.AccountID]string, error) {
	if err := book.Trace(s.input(tracing.FIFO, a)); err != nil {
		return nil, err
	}
	found, err := book.Findings(indicators.Ask{Thresholds: indicators.Standard()})
	marked := map[domain.AccountID]string{}
	for _, f := range found {
		if slices.Contains(muleSigns, f.Indicator) {
			marked[f.Account] = "sign of a mule: " + f.Indicator
		}
	}
	return marked, err
}
