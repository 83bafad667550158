package picture

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"clew/domain"
	"clew/tracing"
)

// Shown says how a layout is to be seen.
type Shown struct {
	At       time.Time // what had happened by then; zero: all
	Unfolded []int     // the hops whose fold is open
	Pass     *Pass     // what is lit; nil: all
}

// View is a layout seen in one way: what is really drawn.
type View struct {
	*Layout
	Shown   Shown
	Marks   []Mark
	Ribbons []Ribbon
	Heads   []domain.Units // by column: what had come there
	Counts  []int          // by column: how many accounts it had reached; of the first, how many victims had lost

	stocks []Stock        // by node
	sums   []domain.Units // by edge
	lit    amounts        // where something is selected
}

// Mark is a bar that is drawn: a node, or the nodes that are folded into one.
type Mark struct {
	Row    int
	Nodes  []int
	Fold   bool
	Name   string
	Class  Class
	X, Y   float64
	Full   float64 // its height when all has happened
	H      float64 // at the moment
	Stock  Stock   // at the moment
	Lines  []string
	LabelY float64 // the middle of its label; no label where Lines is empty
	Lit    domain.Units
}

// Ribbon is all that one mark passed to another.
type Ribbon struct {
	From, To  int // marks
	FromY     float64
	ToY       float64
	Full      float64
	Width     float64
	Sum       domain.Units
	Movements int
	Backwards bool
	Lit       domain.Units // of Sum, where something is selected
}

// View sees a layout in one way.
func (l *Layout) View(shown Shown) *View {
	v := &View{Layout: l, Shown: shown, Heads: make([]domain.Units, len(l.Columns)), Counts: make([]int, len(l.Columns))}
	v.stocks, v.sums = l.Graph.At(shown.At)
	if shown.Pass != nil {
		v.lit = l.Graph.lit(shown.Pass, shown.At)
	}
	v.count()
	v.ribbons(v.marks())
	v.label()
	return v
}

// count says of every column how much of it there was at the moment.
func (v *View) count() {
	victims := map[domain.VictimID]bool{}
	for i := range v.stocks {
		node, c := &v.Graph.Nodes[i], v.Rows[v.Bars[i].Row].Column
		switch {
		case v.Columns[c].Hop > 0 && v.stocks[i].Size().Sign() > 0:
			v.Counts[c]++
		case v.Columns[c].Hop == 0 && v.stocks[i].New.Sign() > 0:
			for _, victim := range node.Victims {
				victims[victim] = true
			}
			v.Counts[c] = len(victims)
		}
	}
}

// marks makes the bars, and says which one every node is part of.
func (v *View) marks() []int {
	of := make([]int, len(v.Bars))
	for c := range v.Columns {
		open := slices.Contains(v.Shown.Unfolded, v.Columns[c].Hop)
		for _, r := range v.Columns[c].Rows {
			row := &v.Rows[r]
			if len(row.Nodes) > 1 && !open {
				v.mark(of, Mark{Row: r, Nodes: row.Nodes, Fold: true, Y: row.Y, Full: row.H})
				continue
			}
			for _, n := range row.Nodes {
				v.mark(of, Mark{Row: r, Nodes: []int{n}, Y: v.Bars[n].Y, Full: v.Bars[n].H})
			}
		}
	}
	return of
}

func (v *View) mark(of []int, m Mark) {
	reached := 0
	for _, n := range m.Nodes {
		of[n] = len(v.Marks)
		m.Stock = m.Stock.Plus(v.stocks[n])
		reached += last(v.stocks[n].Size().Sign() > 0)
		if v.Shown.Pass != nil {
			m.Lit = m.Lit.Plus(v.lit.stocks[n].Size())
		}
	}
	first, c := &v.Graph.Nodes[m.Nodes[0]], v.Rows[m.Row].Column
	m.Class, m.Name, m.X, m.H = first.Class, first.Name, v.Columns[c].X, v.pixels(m.Stock.Size())
	if m.Fold {
		m.Name = fmt.Sprintf("%d more %s", reached, v.Columns[c].noun())
	}
	v.Heads[c] = v.Heads[c].Plus(m.Stock.In).Plus(m.Stock.New)
	if v.Columns[c].Hop == 0 {
		v.Heads[c] = v.Heads[c].Minus(m.Stock.In)
	}
	v.Marks = append(v.Marks, m)
}

func (c *Column) noun() string {
	if c.Hop == 0 {
		return "victims"
	}
	return "accounts"
}

// title is what stands above a column.
func (c *Column) title() string {
	if c.Hop == 0 {
		return "Victims"
	}
	return fmt.Sprintf("Hop %d", c.Hop)
}

// ribbons joins the edges between the same two marks. Their ports lie side by
// side, so the ribbon begins where the first of them does.
func (v *View) ribbons(of []int) {
	at := map[[2]int]int{}
	for i := range v.Graph.Edges {
		e, port := &v.Graph.Edges[i], &v.Ports[i]
		pair := [2]int{of[e.From], of[e.To]}
		if pair[0] == pair[1] {
			continue // within a fold
		}
		fromY, toY := port.FromInner, port.ToInner
		if v.Marks[pair[0]].Fold {
			fromY = port.FromOuter
		}
		if v.Marks[pair[1]].Fold {
			toY = port.ToOuter
		}
		n, known := at[pair]
		if !known {
			n = len(v.Ribbons)
			at[pair] = n
			v.Ribbons = append(v.Ribbons, Ribbon{From: pair[0], To: pair[1], FromY: fromY, ToY: toY, Backwards: port.Backwards})
		}
		r := &v.Ribbons[n]
		r.FromY, r.ToY = min(r.FromY, fromY), min(r.ToY, toY)
		r.Full, r.Sum, r.Movements = r.Full+port.Width, r.Sum.Plus(v.sums[i]), r.Movements+e.Movements
		if v.Shown.Pass != nil {
			r.Lit = r.Lit.Plus(v.lit.edges[i])
		}
	}
	for i := range v.Ribbons {
		v.Ribbons[i].Width = v.pixels(v.Ribbons[i].Sum)
	}
	slices.SortFunc(v.Ribbons, func(a, b Ribbon) int {
		return cmp.Or(b.Sum.Cmp(a.Sum), cmp.Compare(a.From, b.From), cmp.Compare(a.To, b.To))
	})
}

// lineHeight is what a label of one line takes up: those of an open fold.
const lineHeight = 13.0

// label gives every mark its lines, as far as no two labels touch. A row has
// room for its own; in an open fold the largest come first.
func (v *View) label() {
	byRow := make([][]int, len(v.Rows))
	for i := range v.Marks {
		byRow[v.Marks[i].Row] = append(byRow[v.Marks[i].Row], i)
	}
	for r, marks := range byRow {
		if len(marks) == 1 {
			m := &v.Marks[marks[0]]
			m.LabelY = v.Rows[r].Y + v.Rows[r].H/2
			m.Lines = append([]string{Fit(m.Name, labelWidth, nameSize*1.05), Fit(Group(v.Graph.Format(v.shownOf(m))), labelWidth, amountSize)}, v.keptLine(m)...)
			continue
		}
		v.labelFold(marks)
	}
}

// shownOf is the amount that a mark is labelled with: what is lit, where
// something is selected.
func (v *View) shownOf(m *Mark) domain.Units {
	if v.Shown.Pass != nil {
		return m.Lit
	}
	return m.Stock.Size()
}

func (v *View) keptLine(m *Mark) []string {
	if text := v.Graph.kept(&m.Stock); text != "" {
		return []string{Fit(text, labelWidth, amountSize)}
	}
	return nil
}

func (v *View) labelFold(marks []int) {
	slices.SortFunc(marks, func(a, b int) int {
		return cmp.Or(v.Marks[b].Stock.Size().Cmp(v.Marks[a].Stock.Size()), cmp.Compare(v.Marks[a].Y, v.Marks[b].Y))
	})
	var taken []float64
	for _, i := range marks {
		m := &v.Marks[i]
		middle := m.Y + m.Full/2
		if m.Stock.Size().Sign() <= 0 || slices.ContainsFunc(taken, func(y float64) bool { return y-middle < lineHeight && middle-y < lineHeight }) {
			continue
		}
		row := &v.Rows[m.Row]
		if slot := max(row.H, labelHeight); middle-lineHeight/2 < row.Y+row.H/2-slot/2 || middle+lineHeight/2 > row.Y+row.H/2+slot/2 {
			continue // it would reach into the next row
		}
		taken = append(taken, middle)
		m.LabelY = middle
		worth := "  " + Group(v.Graph.Format(v.shownOf(m)))
		m.Lines = []string{Fit(Fit(m.Name, labelWidth-Wide(worth, amountSize), amountSize)+worth, labelWidth, amountSize)}
	}
}

// kept says what of a stock is held, seized or restored: never added up.
func (g *Graph) kept(s *Stock) string {
	text := ""
	for _, part := range s.keptParts() {
		if !Round(part.worth).IsZero() {
			if text != "" {
				text += " · "
			}
			text += string(part.state) + " " + Group(g.Format(part.worth))
		}
	}
	return text
}

type keptPart struct {
	state tracing.State
	worth domain.Units
}

func (s *Stock) keptParts() [3]keptPart {
	return [3]keptPart{{tracing.Held, s.Held}, {tracing.Seized, s.Seized}, {tracing.Restored, s.Restored}}
}
