// Package picture draws where victims' money went: the flow picture. From the
// course that a walk tells (tracing.Streams) it makes a graph of accounts,
// places it in columns by how many payments lie between a victim and an
// account, and draws it as SVG; the same placing goes to the browser, which
// draws it on a canvas.
//
// What a bar or a ribbon measures is the worth of victims' claims by the
// case's rule, in the asset that was lost: so one scale holds for the whole
// picture, also where money was converted, and at every account what came is
// what left, came home or lies there. Sums are exact; a float is only ever a
// place on the paper.
//
// It is pure: the same course gives the same picture on any machine. It
// refuses to add up losses of two assets: a picture is of one of them.
//
//	graph, err := picture.Gather(subject)
//	layout := picture.Place(graph)
//	err = layout.View(picture.Shown{}).SVG(out, picture.Alone)
package picture

import (
	"cmp"
	"slices"
	"time"

	"clew/domain"
	"clew/tracing"
)

// Subject is what a picture is of.
type Subject struct {
	Case     domain.CaseID
	Title    string
	Rule     tracing.Rule
	Chosen   bool   // the rule is the one that is locked for the case
	Position uint64 // of the log: what was recorded up to it
	Root     string // of the log's tree at that position, in hexadecimal; "" where nobody asked
	KnownAt  string // as it was asked; "" for all that is recorded
	Course   tracing.Course
	Lost     domain.AssetCode                          // whose losses are drawn; "" for the asset that most was reported in
	Kind     func(domain.AccountID) domain.AccountKind // as described, else by its name
	Name     func(domain.AccountID) string             // as a reader may see it; nil for the account's own
	Victim   func(domain.VictimID) string              // the same of a victim
}

// Graph is who passed how much of the victims' money to whom, and when.
type Graph struct {
	Subject
	Asset  domain.Asset   // in which all amounts are told
	Others []domain.Asset // that were lost as well; each makes a picture of its own
	Hidden bool           // names are masked: keys must not be shown
	Nodes  []Node         // by hop, then the largest first, then by key
	Edges  []Edge         // by payer, then payee
	Steps  []Step         // in the order of time
}

// Class is what sort of place an account is, as far as colour tells it.
type Class string

// The classes, in the order of the legend.
const (
	Victim   Class = "victim"
	Account  Class = "account" // at a bank, or nobody knows where
	Exchange Class = "exchange"
	Wallet   Class = "wallet"
	Service  Class = "service" // pooled: behind it money can no longer be told apart
	CashOut  Class = "cash-out"
	Sink     Class = "sink" // fees, and what went where no document shows
)

// Classes lists them in the order of the legend.
func Classes() []Class { return []Class{Victim, Account, Exchange, Wallet, Service, CashOut, Sink} }

// Node is an account, or a victim where the account that he paid from is one
// behind which money cannot be told apart.
type Node struct {
	Key     string // the account's name, or "victim " and the victim's
	Account domain.AccountID
	Name    string            // as a reader sees it
	Victims []domain.VictimID // who paid from it and reported it
	Class   Class
	Hop     int   // the fewest payments from a victim to here; 0 for a victim's own
	Final   Stock // when all has happened
}

// Stock is what has happened at an account, in thousandths of the smallest
// unit (tracing.Finer).
type Stock struct {
	In       domain.Units // came by payments
	New      domain.Units // became claims here: a victim's own, reported
	Out      domain.Units // left by payments
	Returned domain.Units // came home to its victim and is his again
	Held     domain.Units // of what is there
	Seized   domain.Units // taken by order
	Restored domain.Units // given back after that
}

// Size is all that ever was there: the height of the bar.
func (s *Stock) Size() domain.Units { return s.In.Plus(s.New) }

// There is what has neither left nor come home. Seized and restored money is
// in it: it was taken here.
func (s *Stock) There() domain.Units { return s.Size().Minus(s.Out).Minus(s.Returned) }

// Edge is all that one account passed to another.
type Edge struct {
	From, To    int // nodes
	Sum         domain.Units
	Movements   int
	First, Last domain.When
}

// Step is one thing that happened: money passed along an edge, or changed its
// state at a node.
type Step struct {
	At       time.Time
	Movement domain.MovementID
	Edge     int // -1: none, all stays at From
	From, To int // nodes; -1 where money comes from nowhere
	Worth    domain.Units
	New      domain.Units
	Returned domain.Units
	State    tracing.State    // "" but where money at To changes its state
	Drawn    domain.AssetCode // that left From
	Arrived  domain.AssetCode // that came to To
	Victim   domain.VictimID  // whose claim New is
	Back     bool             // it gives back what an earlier movement delivered
}

// amounts is everything that can be read off a picture at one moment.
type amounts struct {
	stocks []Stock
	edges  []domain.Units
}

// At sums up what had happened by a moment, inclusive; the zero time is the
// end of all.
func (g *Graph) At(at time.Time) ([]Stock, []domain.Units) {
	a := amounts{make([]Stock, len(g.Nodes)), make([]domain.Units, len(g.Edges))}
	for i := range g.Steps {
		if s := &g.Steps[i]; at.IsZero() || !s.At.After(at) {
			a.take(s)
		}
	}
	return a.stocks, a.edges
}

func (a *amounts) take(s *Step) {
	if s.State != "" {
		a.stocks[s.To].stay(s)
		return
	}
	if s.From >= 0 {
		a.stocks[s.From].New = a.stocks[s.From].New.Plus(s.New)
	}
	a.stocks[s.To].Returned = a.stocks[s.To].Returned.Plus(s.Returned)
	if s.Edge < 0 {
		return
	}
	a.edges[s.Edge] = a.edges[s.Edge].Plus(s.Worth)
	a.stocks[s.From].Out = a.stocks[s.From].Out.Plus(s.Worth)
	a.stocks[s.To].In = a.stocks[s.To].In.Plus(s.Worth)
}

func (s *Stock) stay(step *Step) {
	switch step.State {
	case tracing.Held:
		s.Held = s.Held.Plus(step.Worth)
	case tracing.Seized:
		s.Seized = s.Seized.Plus(step.Worth)
	case tracing.Restored:
		s.Restored = s.Restored.Plus(step.Worth)
	}
}

// Plus adds up two stocks, as of the accounts that are folded into one.
func (s Stock) Plus(t Stock) Stock {
	return Stock{s.In.Plus(t.In), s.New.Plus(t.New), s.Out.Plus(t.Out), s.Returned.Plus(t.Returned),
		s.Held.Plus(t.Held), s.Seized.Plus(t.Seized), s.Restored.Plus(t.Restored)}
}

// Round is an amount of thousandths in whole smallest units, halves to even:
// what is shown. Under rules that take whole units nothing is ever rounded.
func Round(u domain.Units) domain.Units {
	if u.Sign() < 0 { // the rounding of fractions
		return domain.Units{}.Minus(Round(domain.Units{}.Minus(u)))
	}
	whole, rest := u.Share(domain.NewUnits(1), domain.NewUnits(tracing.Finer))
	_, odd := whole.Share(domain.NewUnits(1), domain.NewUnits(2))
	switch order := rest.Cmp(domain.NewUnits(tracing.Finer / 2)); {
	case order > 0, order == 0 && !odd.IsZero():
		return whole.Plus(domain.NewUnits(1))
	}
	return whole
}

// Format writes an amount of thousandths with the asset's digits.
func (g *Graph) Format(u domain.Units) string { return g.Asset.Format(Round(u)) }

// classOf is what an account's kind looks like.
func classOf(kind domain.AccountKind) Class {
	switch kind {
	case domain.KindVASP:
		return Exchange
	case domain.KindWallet, domain.KindEVM, domain.KindBitcoin, domain.KindTron:
		return Wallet
	case domain.KindService:
		return Service
	case domain.KindCash, domain.KindMerchant, domain.KindMixer, domain.KindGambling:
		return CashOut
	case domain.KindSink:
		return Sink
	}
	return Account
}

// Gather makes the graph of a subject.
func Gather(s Subject) (*Graph, error) {
	g := &gathering{graph: &Graph{Subject: s}, number: map[string]int{}, edge: map[[2]int]int{}}
	if err := g.choose(); err != nil {
		return nil, err
	}
	for i := range s.Course.Streams {
		if stream := &s.Course.Streams[i]; stream.Lost == g.graph.Asset {
			g.stream(stream)
		}
	}
	for i := range s.Course.Stays {
		if stay := &s.Course.Stays[i]; stay.Lost == g.graph.Asset {
			g.stay(stay)
		}
	}
	g.sort()
	return g.graph, nil
}

// Find is the node of a key; -1 where there is none.
func (g *Graph) Find(key string) int {
	return slices.IndexFunc(g.Nodes, func(n Node) bool { return key != "" && n.Key == key })
}

// Hide names accounts by what a reader may see of them; their keys stay.
func (g *Graph) Hide(mask func(domain.AccountID) string) {
	g.Hidden = true
	for i := range g.Nodes {
		if n := &g.Nodes[i]; n.Account != "" && n.Class != Sink && n.Class != CashOut {
			n.Name = mask(n.Account)
		}
	}
}

// gathering is a graph while it is made.
type gathering struct {
	graph  *Graph
	number map[string]int
	edge   map[[2]int]int
}

// choose finds the asset that is drawn: the one asked for, else the one whose
// losses are told by the most streams.
func (g *gathering) choose() error {
	told, assets := map[domain.Asset]int{}, []domain.Asset{}
	for i := range g.graph.Course.Streams {
		lost := g.graph.Course.Streams[i].Lost
		if told[lost]++; told[lost] == 1 {
			assets = append(assets, lost)
		}
	}
	slices.SortFunc(assets, func(a, b domain.Asset) int {
		return cmp.Or(cmp.Compare(told[b], told[a]), cmp.Compare(a.Code, b.Code))
	})
	for _, asset := range assets {
		if g.graph.Asset == (domain.Asset{}) && (g.graph.Lost == "" || g.graph.Lost == asset.Code) {
			g.graph.Asset = asset
			continue
		}
		g.graph.Others = append(g.graph.Others, asset)
	}
	if g.graph.Lost != "" && g.graph.Asset == (domain.Asset{}) && len(assets) > 0 {
		return domain.NotFound("no loss of this case is in %s: losses are in %v", g.graph.Lost, codes(assets))
	}
	return nil
}

func codes(assets []domain.Asset) (list []domain.AssetCode) {
	for _, a := range assets {
		list = append(list, a.Code)
	}
	return list
}

// node finds or makes the node of an account.
func (g *gathering) node(account domain.AccountID) int {
	name := Short(account)
	if g.graph.Name != nil {
		name = g.graph.Name(account)
	}
	return g.add(Node{Key: string(account), Account: account, Name: name, Class: classOf(g.kind(account)), Hop: far})
}

// far is the hop of what no victim's money has been seen to reach yet.
const far = 1 << 30

func (g *gathering) kind(account domain.AccountID) domain.AccountKind {
	if g.graph.Kind == nil {
		return account.Kind()
	}
	return g.graph.Kind(account)
}

func (g *gathering) add(n Node) int {
	i, known := g.number[n.Key]
	if !known {
		i = len(g.graph.Nodes)
		g.number[n.Key] = i
		g.graph.Nodes = append(g.graph.Nodes, n)
	}
	return i
}

// source is the node that a new claim comes from: the victim's account, or the
// victim where that account is an end, which many may have paid from.
func (g *gathering) source(s *tracing.Stream) int {
	n := -1
	if s.From != "" && !g.kind(s.From).End() {
		n = g.node(s.From)
	} else {
		n = g.add(Node{Key: "victim " + string(s.Victim), Account: s.From, Name: g.victim(s.Victim)})
	}
	node := &g.graph.Nodes[n]
	node.Hop, node.Class = 0, Victim
	if !slices.Contains(node.Victims, s.Victim) {
		node.Victims = append(node.Victims, s.Victim)
	}
	return n
}

func (g *gathering) victim(id domain.VictimID) string {
	if g.graph.Victim == nil {
		return string(id)
	}
	return g.graph.Victim(id)
}

// stream notes a stream. What was a claim before and what is new part where
// they come from different nodes.
func (g *gathering) stream(s *tracing.Stream) {
	step := Step{At: s.At, Movement: s.Movement, Edge: -1, To: g.node(s.To), Worth: s.Worth, New: s.New, Returned: s.Returned, From: -1,
		Drawn: s.Drawn.Code, Arrived: s.Moved.Asset.Code, Victim: s.Victim, Back: s.Back}
	switch old := s.Worth.Minus(s.New); {
	case s.New.IsZero():
		step.From = g.node(s.From)
	case old.IsZero():
		step.From = g.source(s)
	default:
		if from := g.source(s); from != g.node(s.From) {
			g.apart(s, step, from)
			return
		}
		step.From = g.node(s.From)
	}
	g.step(step, s)
}

// apart notes a stream whose new claims come from another node than the old.
func (g *gathering) apart(s *tracing.Stream, step Step, source int) {
	fresh := step
	fresh.From, fresh.Worth, fresh.Returned = source, s.New, domain.Units{}.Plus(s.Returned.Min(s.New))
	g.step(fresh, s)
	step.From, step.Worth, step.New, step.Returned = g.node(s.From), s.Worth.Minus(s.New), domain.Units{}, s.Returned.Minus(fresh.Returned)
	g.step(step, s)
}

func (g *gathering) step(step Step, s *tracing.Stream) {
	from, to := &g.graph.Nodes[step.From], &g.graph.Nodes[step.To]
	if from.Hop < far {
		to.Hop = min(to.Hop, from.Hop+1)
	}
	if step.From != step.To {
		step.Edge = g.between(step.From, step.To, s)
	}
	g.graph.Steps = append(g.graph.Steps, step)
}

func (g *gathering) between(from, to int, s *tracing.Stream) int {
	key := [2]int{from, to}
	n, known := g.edge[key]
	if !known {
		n = len(g.graph.Edges)
		g.edge[key] = n
		g.graph.Edges = append(g.graph.Edges, Edge{From: from, To: to, First: s.When, Last: s.When})
	}
	e := &g.graph.Edges[n]
	e.Movements++
	e.Last = s.When
	return n
}

func (g *gathering) stay(s *tracing.Stay) {
	g.graph.Steps = append(g.graph.Steps, Step{At: s.At, Edge: -1, From: -1, To: g.node(s.Account), Worth: s.Worth, State: s.State})
}

// sort puts steps in the order of time and nodes in the order of the picture.
func (g *gathering) sort() {
	graph := g.graph
	slices.SortStableFunc(graph.Steps, func(a, b Step) int { return a.At.Compare(b.At) })
	stocks, sums := graph.At(time.Time{})
	for i := range graph.Nodes {
		n := &graph.Nodes[i]
		n.Final = stocks[i]
		slices.Sort(n.Victims)
		if n.Class == Victim && len(n.Victims) == 1 {
			n.Name = g.victim(n.Victims[0])
		}
	}
	for i := range graph.Edges {
		graph.Edges[i].Sum = sums[i]
	}
	g.renumber()
}

// renumber sorts nodes and edges, and tells everybody their new numbers.
func (g *gathering) renumber() {
	graph := g.graph
	place := sorted(graph.Nodes, func(a, b *Node) int {
		return cmp.Or(cmp.Compare(a.Hop, b.Hop), b.Final.Size().Cmp(a.Final.Size()), cmp.Compare(a.Key, b.Key))
	})
	for i := range graph.Edges {
		e := &graph.Edges[i]
		e.From, e.To = place[e.From], place[e.To]
	}
	moved := sorted(graph.Edges, func(a, b *Edge) int { return cmp.Or(cmp.Compare(a.From, b.From), cmp.Compare(a.To, b.To)) })
	for i := range graph.Steps {
		s := &graph.Steps[i]
		s.To = place[s.To]
		if s.From >= 0 {
			s.From = place[s.From]
		}
		if s.Edge >= 0 {
			s.Edge = moved[s.Edge]
		}
	}
}

// sorted sorts a list, and says of each old place which the new one is.
func sorted[T any](list []T, order func(a, b *T) int) []int {
	numbers := make([]int, len(list))
	for i := range numbers {
		numbers[i] = i
	}
	slices.SortFunc(numbers, func(a, b int) int { return order(&list[a], &list[b]) })
	before, place := slices.Clone(list), make([]int, len(list))
	for now, was := range numbers {
		list[now], place[was] = before[was], now
	}
	return place
}
