package picture

import (
	"encoding/json"
	"fmt"
	"math"
	"math/big"
	"slices"
	"strings"
	"time"

	"clew/domain"
	"clew/tracing"
)

// Board is a layout as a browser gets it: every place, and every step with its
// exact amounts, so that the browser only adds up whole numbers and never
// traces anything. Lists of numbers stand for lists of objects, for there are
// thousands; their order is told here and in web/assets/flow/board.ts.
type Board struct {
	Case     domain.CaseID    `json:"case"`
	Rule     tracing.Rule     `json:"rule"`
	Chosen   bool             `json:"chosen"`
	Position uint64           `json:"position"`
	Head     string           `json:"head"`
	KnownAt  string           `json:"known_at"`
	Asset    domain.AssetCode `json:"asset"`
	Digits   int              `json:"digits"`
	Others   []string         `json:"others"`
	Finer    int              `json:"finer"`
	Hidden   bool             `json:"hidden"` // keys must not be shown

	Scale   float64  `json:"scale"`
	Width   float64  `json:"width"`
	Height  float64  `json:"height"`
	Top     float64  `json:"top"`
	Body    float64  `json:"body"`
	Bar     float64  `json:"bar"`
	Column  float64  `json:"column"`
	Classes []string `json:"classes"`

	Columns []BoardColumn `json:"columns"`
	Rows    [][3]float64  `json:"rows"`    // column, y, height
	Keys    []string      `json:"keys"`    // by node: the account's name, or "victim " and the victim's
	Names   []string      `json:"names"`   // by node, as a reader sees it; "" for the key
	Victims []string      `json:"victims"` // by node, joined by commas
	Nodes   [][4]float64  `json:"nodes"`   // class, row, y, height
	Edges   [][8]float64  `json:"edges"`   // from, to, width, from outer, from inner, to outer, to inner, movements
	Steps   BoardSteps    `json:"steps"`

	// Known are the moments at which something of the case was recorded, in
	// milliseconds since 1970, and how many events then.
	Known [][2]int64 `json:"known"`
}

// BoardColumn is a column; its fold is a row.
type BoardColumn struct {
	Hop   int     `json:"hop"`
	X     float64 `json:"x"`
	Count int     `json:"count"`
	Rows  []int   `json:"rows"`
	Fold  int     `json:"fold"`
}

// BoardSteps are the steps, column by column. Times are milliseconds since
// 1970, rounded up: what happened within a millisecond has happened at its
// end. Amounts are thousandths of the smallest unit, as text where JavaScript's
// numbers could not bear them.
type BoardSteps struct {
	At       []int64  `json:"at"`
	Edge     []int    `json:"edge"`
	From     []int    `json:"from"`
	To       []int    `json:"to"`
	Worth    []Number `json:"worth"`
	New      []Number `json:"new"`
	Returned []Number `json:"returned"`
	State    []int    `json:"state"` // 0; 1 held, 2 seized, 3 restored
}

// Number is a whole number of any size, as JSON for browsers.
type Number domain.Units

// safeNumber is the largest whole number that JavaScript bears.
const safeNumber = 1<<53 - 1

// MarshalJSON writes a number that a browser reads exactly.
func (n Number) MarshalJSON() ([]byte, error) {
	if few, narrow := domain.Units(n).Int64(); narrow && -safeNumber <= few && few <= safeNumber {
		return json.Marshal(few)
	}
	return json.Marshal(domain.Units(n).String())
}

// UnmarshalJSON reads what MarshalJSON writes.
func (n *Number) UnmarshalJSON(text []byte) error {
	whole, ok := new(big.Int).SetString(strings.Trim(string(text), `"`), 10)
	if !ok || whole.BitLen() > 127 {
		return fmt.Errorf("%s is no whole number of 127 bits", text)
	}
	lo := new(big.Int).And(whole, new(big.Int).SetUint64(math.MaxUint64)).Uint64()
	*n = Number(domain.UnitsFromWords(new(big.Int).Rsh(whole, 64).Int64(), lo))
	return nil
}

// Board tells a layout to a browser.
func (l *Layout) Board() Board {
	g := l.Graph
	b := Board{Case: g.Case, Rule: g.Rule, Chosen: g.Chosen, Position: g.Position, Head: g.Root, KnownAt: g.KnownAt, Asset: g.Asset.Code, Digits: int(g.Asset.Digits),
		Finer: tracing.Finer, Hidden: g.Hidden, Scale: l.Scale, Width: l.Width, Height: l.Height, Top: topMargin, Body: bodyHeight, Bar: barWidth, Column: columnWidth,
		Others: []string{}, Columns: []BoardColumn{}, Rows: [][3]float64{}, Keys: []string{}, Names: []string{}, Victims: []string{}, Nodes: [][4]float64{}, Edges: [][8]float64{}, Known: [][2]int64{}}
	for _, asset := range g.Others {
		b.Others = append(b.Others, string(asset.Code))
	}
	for _, class := range Classes() {
		b.Classes = append(b.Classes, string(class))
	}
	for _, c := range l.Columns {
		b.Columns = append(b.Columns, BoardColumn{c.Hop, c.X, c.Count, c.Rows, c.Fold})
	}
	for _, r := range l.Rows {
		b.Rows = append(b.Rows, [3]float64{float64(r.Column), cent(r.Y), cent(r.H)})
	}
	b.nodes(l)
	for i := range g.Edges {
		e, p := &g.Edges[i], &l.Ports[i]
		b.Edges = append(b.Edges, [8]float64{float64(e.From), float64(e.To), cent(p.Width), cent(p.FromOuter), cent(p.FromInner), cent(p.ToOuter), cent(p.ToInner), float64(e.Movements)})
	}
	b.Steps.fill(g.Steps)
	return b
}

func (b *Board) nodes(l *Layout) {
	for i := range l.Graph.Nodes {
		n, bar := &l.Graph.Nodes[i], &l.Bars[i]
		name, victims := n.Name, make([]string, 0, len(n.Victims))
		if name == n.Key {
			name = ""
		}
		for _, v := range n.Victims {
			victims = append(victims, string(v))
		}
		b.Keys, b.Names, b.Victims = append(b.Keys, n.Key), append(b.Names, name), append(b.Victims, strings.Join(victims, ", "))
		b.Nodes = append(b.Nodes, [4]float64{float64(slices.Index(Classes(), n.Class)), float64(bar.Row), cent(bar.Y), cent(bar.H)})
	}
}

// cent rounds a place to a hundredth of a pixel.
func cent(x float64) float64 { return math.Round(x*100) / 100 }

func (s *BoardSteps) fill(steps []Step) {
	*s = BoardSteps{[]int64{}, []int{}, []int{}, []int{}, []Number{}, []Number{}, []Number{}, []int{}}
	states := []tracing.State{"", tracing.Held, tracing.Seized, tracing.Restored}
	for i := range steps {
		step := &steps[i]
		s.At = append(s.At, Millisecond(step.At))
		s.Edge, s.From, s.To = append(s.Edge, step.Edge), append(s.From, step.From), append(s.To, step.To)
		s.Worth, s.New, s.Returned = append(s.Worth, Number(step.Worth)), append(s.New, Number(step.New)), append(s.Returned, Number(step.Returned))
		s.State = append(s.State, slices.Index(states, step.State))
	}
}

// Millisecond rounds a moment up to the next millisecond since 1970.
func Millisecond(t time.Time) int64 { return t.Add(time.Millisecond - 1).UnixMilli() }
