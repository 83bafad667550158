package picture_test

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"clew/domain"
	"clew/picture"
	"clew/testdata/networks"
	"clew/tracing"
)

// rules are those that follow money.
var rules = []tracing.Rule{tracing.FIFO, tracing.LIFO, tracing.ProRata, tracing.LIBR, tracing.OwnFirst, tracing.ProceedsFirst}

func rowsOf(n networks.Network) (rows []tracing.Row) {
	for m := range n.Movements() {
		rows = append(rows, tracing.Row{Movement: m, Victim: m.Victim, Scam: m.Scam, Position: uint64(len(rows) + 1)})
	}
	return rows
}

// cases draws a small network of mules, its holds and a rule.
func cases(t *rapid.T) tracing.Input {
	m := networks.Mules{Seed: rapid.Uint64().Draw(t, "seed"), Transfers: rapid.IntRange(5, 400).Draw(t, "transfers"), Accounts: 400,
		Victims: rapid.IntRange(1, 30).Draw(t, "victims"), Layers: rapid.IntRange(1, 5).Draw(t, "layers"), PerLayer: rapid.IntRange(1, 25).Draw(t, "mules"),
		Honest: rapid.IntRange(0, 40).Draw(t, "honest"), Paid: 2, Days: 20, Bare: rapid.Bool().Draw(t, "bare"), Wide: rapid.Bool().Draw(t, "wide")}
	rows := rowsOf(m)
	in := tracing.Input{Rows: rows, Rule: rapid.SampledFrom(rules).Draw(t, "rule")}
	for i := range rapid.IntRange(0, 3).Draw(t, "holds") {
		at := rapid.SampledFrom(rows).Draw(t, "frozen")
		in.Holds = append(in.Holds, tracing.HoldStep{Freeze: fmt.Sprint("F", i), Step: domain.StepHold, When: at.When, Position: uint64(10_000 + i),
			Account: at.To, Asset: at.Amount.Asset, Scope: domain.ScopeAccount})
	}
	return in
}

func gather(t tracing.Input) (*picture.Graph, error) {
	course, err := tracing.Streams(t)
	if err != nil {
		return nil, err
	}
	return picture.Gather(picture.Subject{Case: "C1", Rule: t.Rule, Course: course, Position: 7, Root: strings.Repeat("ab", 32)})
}

func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}

// At every moment the picture shows what the walk answers as of that moment:
// what the victims lost and got back, and what lies where in which state; and
// at every account what came is what left, came home or is there.
func TestThePictureShowsWhatTheLedgerSays(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in := cases(t)
		g := must(gather(in))
		in.At = rapid.SampledFrom(in.Rows).Draw(t, "at").When.Time
		if rapid.Bool().Draw(t, "all") {
			in.At = time.Time{}
		}
		answer := must(tracing.Trace(in))
		stocks, edges := g.At(in.At)
		balanced(t, g, stocks, edges)
		var lost, home, there, held, own, returned, lies, isHeld domain.Units
		for _, s := range stocks {
			lost, home, there, held = lost.Plus(s.New), home.Plus(s.Returned), there.Plus(s.There()), held.Plus(s.Held)
		}
		parts := 1
		for _, v := range answer.Victims {
			own, returned = own.Plus(v.Own), returned.Plus(v.Returned)
			for _, p := range v.Places {
				lies, parts = lies.Plus(p.Claim), parts+1
				if p.State == tracing.Held {
					isHeld = isHeld.Plus(p.Claim)
				}
			}
		}
		same(t, in.Rule, "lost", picture.Round(lost), own, parts)
		same(t, in.Rule, "returned", picture.Round(home), returned, parts)
		same(t, in.Rule, "there", picture.Round(there), lies, parts)
		same(t, in.Rule, "held", picture.Round(held), isHeld, parts)
	})
}

// same compares sums: to the unit under rules of whole units; under the others
// the answer rounds every place.
func same(t *rapid.T, rule tracing.Rule, what string, shown, told domain.Units, parts int) {
	most := domain.Units{}
	if rule == tracing.ProRata || rule == tracing.LIBR {
		most = domain.NewUnits(int64(parts))
	}
	difference := shown.Minus(told)
	if difference.Sign() < 0 {
		difference = told.Minus(shown)
	}
	if most.Less(difference) {
		t.Fatalf("%s: %s is shown, and the ledger says %s", what, shown, told)
	}
}

func balanced(t *rapid.T, g *picture.Graph, stocks []picture.Stock, edges []domain.Units) {
	in, out := make([]domain.Units, len(stocks)), make([]domain.Units, len(stocks))
	for i, e := range g.Edges {
		out[e.From], in[e.To] = out[e.From].Plus(edges[i]), in[e.To].Plus(edges[i])
	}
	speck := domain.NewUnits(-int64(len(g.Steps)) - 1) // thousandths of a unit
	for i, s := range stocks {
		if s.In != in[i] || s.Out != out[i] {
			t.Fatalf("%s: the ribbons bring %s and take %s, and its bar says %s and %s", g.Nodes[i].Key, in[i], out[i], s.In, s.Out)
		}
		if there := s.There(); there.Less(speck) || g.Rule == tracing.FIFO && there.Sign() < 0 {
			t.Fatalf("%s passes on more than came: %+v", g.Nodes[i].Key, s)
		}
	}
}

// No two bars, and no two labels, ever touch; a fold is the last of its
// column; ribbons end within their bars; nothing leaves the paper.
func TestNothingOverlaps(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		l := picture.Place(must(gather(cases(t))))
		for _, shown := range []picture.Shown{{}, {Unfolded: []int{0, 1, 2, 3, 4, 5, 6}}} {
			v := l.View(shown)
			apart(t, v)
			within(t, v)
		}
		for _, c := range l.Columns {
			if c.Fold >= 0 && c.Rows[len(c.Rows)-1] != c.Fold {
				t.Fatalf("the fold of hop %d is not last", c.Hop)
			}
			for i := 1; i < len(c.Rows); i++ {
				if l.Rows[c.Rows[i]].Y < l.Rows[c.Rows[i-1]].Y+l.Rows[c.Rows[i-1]].H {
					t.Fatalf("two bars of hop %d overlap", c.Hop)
				}
			}
		}
	})
}

type box struct{ left, top, right, bottom float64 }

func (b box) touches(c box) bool {
	return b.left < c.right && c.left < b.right && b.top < c.bottom && c.top < b.bottom
}

func apart(t *rapid.T, v *picture.View) {
	var boxes []box
	for _, m := range v.Marks {
		if len(m.Lines) == 0 {
			continue
		}
		wide := 0.0
		for i, line := range m.Lines {
			size := 11.0
			if i == 0 && len(m.Lines) > 1 {
				size = 12
			}
			wide = max(wide, picture.Wide(line, size))
		}
		high := 14*float64(len(m.Lines)) - 1
		b := box{m.X + 18, m.LabelY - high/2, m.X + 18 + wide, m.LabelY + high/2}
		for _, other := range boxes {
			if b.touches(other) {
				t.Fatalf("the label %q touches another: %v, %v", m.Lines, b, other)
			}
		}
		for _, c := range v.Columns {
			if c.X > m.X && b.right > c.X-1 {
				t.Fatalf("the label %q reaches the next column", m.Lines)
			}
		}
		if b.right > v.Width || b.top < 40 || b.bottom > v.Height-60 {
			t.Fatalf("the label %q leaves the paper: %v", m.Lines, b)
		}
		boxes = append(boxes, b)
	}
}

func within(t *rapid.T, v *picture.View) {
	const speck = 0.01
	for _, r := range v.Ribbons {
		for at, m := range map[float64]picture.Mark{r.FromY: v.Marks[r.From], r.ToY: v.Marks[r.To]} {
			if at < m.Y-speck || at+r.Full > m.Y+m.Full+speck {
				t.Fatalf("a ribbon of %g ends at %g, outside of %s (%g to %g)", r.Full, at, m.Name, m.Y, m.Y+m.Full)
			}
		}
	}
}

// What is placed never moves: unfolding and replaying keep every bar and the
// totals, and values at a moment shrink.
func TestUnfoldingAndReplayMoveNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in := cases(t)
		l := picture.Place(must(gather(in)))
		whole, open := l.View(picture.Shown{}), l.View(picture.Shown{Unfolded: []int{1, 2}})
		then := l.View(picture.Shown{At: rapid.SampledFrom(in.Rows).Draw(t, "at").When.Time})
		if !slices.Equal(whole.Heads, open.Heads) {
			t.Fatalf("the totals change: %v, %v", whole.Heads, open.Heads)
		}
		for i, c := range l.Columns {
			if whole.Counts[i] != c.Count || then.Counts[i] > c.Count || c.Sum != whole.Heads[i] {
				t.Fatalf("hop %d has %d accounts with %s: at the end %d with %s are told, and at a moment %d", c.Hop, c.Count, c.Sum, whole.Counts[i], whole.Heads[i], then.Counts[i])
			}
		}
		for _, m := range whole.Marks {
			if m.Fold {
				continue
			}
			i := slices.IndexFunc(open.Marks, func(o picture.Mark) bool { return !o.Fold && o.Nodes[0] == m.Nodes[0] })
			if o := open.Marks[i]; o.X != m.X || o.Y != m.Y || o.Full != m.Full || o.LabelY != m.LabelY {
				t.Fatalf("%s moves when a fold opens", m.Name)
			}
		}
		for i, m := range then.Marks {
			w := whole.Marks[i]
			if m.X != w.X || m.Y != w.Y || m.Full != w.Full || m.H > w.H+0.01 {
				t.Fatalf("%s moves or grows when it is replayed", m.Name)
			}
		}
	})
}

// Unfolded ribbons lie where the folded one lay, at the end that is not folded.
func TestARibbonPartsInItsPlace(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		l := picture.Place(must(gather(cases(t))))
		whole, open := l.View(picture.Shown{}), l.View(picture.Shown{Unfolded: []int{1}})
		for _, r := range whole.Ribbons {
			from, to := whole.Marks[r.From], whole.Marks[r.To]
			if from.Fold || !to.Fold || l.Columns[l.Rows[to.Row].Column].Hop != 1 {
				continue
			}
			for _, o := range open.Ribbons {
				same := open.Marks[o.From].Nodes[0] == from.Nodes[0] && open.Marks[o.To].Row == to.Row
				if same && (o.FromY < r.FromY-0.01 || o.FromY+o.Full > r.FromY+r.Full+0.01) {
					t.Fatalf("a part of the ribbon from %s leaves its place: %g..%g in %g..%g", from.Name, o.FromY, o.FromY+o.Full, r.FromY, r.FromY+r.Full)
				}
			}
		}
	})
}

// The same course gives the same bytes, and they are well-formed.
func TestTheSameCourseGivesTheSamePicture(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in := cases(t)
		for _, f := range picture.Formats() {
			var one, two bytes.Buffer
			for _, out := range []io.Writer{&one, &two} {
				if err := picture.Place(must(gather(in))).View(picture.Shown{}).Write(out, f); err != nil {
					t.Fatal(err)
				}
			}
			if !bytes.Equal(one.Bytes(), two.Bytes()) {
				t.Fatalf("two pictures in %s of one course differ", f)
			}
			if f == picture.SVG || f == picture.GraphML {
				wellFormed(t, one.Bytes())
			}
		}
	})
}

func wellFormed(t *rapid.T, text []byte) {
	d := xml.NewDecoder(bytes.NewReader(text))
	for {
		if _, err := d.Token(); errors.Is(err, io.EOF) {
			return
		} else if err != nil {
			t.Fatalf("%v\n%s", err, text)
		}
	}
}

// Text from files cannot leave its place in the picture or in a table.
func TestNamesFromFilesStayText(t *testing.T) {
	nasty := domain.AccountID(`=cmd|' /C calc'!A0</text><script>alert(1)</script>` + "\x01\u202e")
	euro := domain.Asset{Code: "EUR", Digits: 2}
	when := domain.Instant(time.Date(2024, 3, 1, 10, 0, 0, 0, time.UTC))
	row := tracing.Row{Position: 1, Victim: "V1"}
	row.ID, row.Kind, row.From, row.To, row.Amount, row.When = "m1", domain.Transfer, "H1", nasty, domain.Amount{Units: domain.NewUnits(100), Asset: euro}, when
	g := must(gather(tracing.Input{Rule: tracing.FIFO, Rows: []tracing.Row{row}}))
	v := picture.Place(g).View(picture.Shown{})
	var svg, table bytes.Buffer
	if err := errors.Join(v.Write(&svg, picture.SVG), v.Write(&table, picture.CSV)); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(svg.String(), "<script") || strings.ContainsAny(svg.String(), "\x01") {
		t.Errorf("the name acts: %s", svg.String())
	}
	if !strings.Contains(table.String(), "'=cmd") {
		t.Errorf("a spreadsheet would run it: %s", table.String())
	}
}

// A network of the size that the picture is meant for: 2,000 accounts and
// 5,000 transfers, all of them the fraud's.
func large(t testing.TB) *picture.Graph {
	t.Helper()
	m := networks.Mules{Seed: 7, Transfers: 5000, Accounts: 2600, Victims: 600, Layers: 4, PerLayer: 330, Honest: 12, Paid: 12, Days: 90}
	g, err := gather(tracing.Input{Rule: tracing.FIFO, Rows: rowsOf(m)})
	if err != nil {
		t.Fatal(err)
	}
	return g
}

func TestALargeCaseStaysSmallWhileItIsFolded(t *testing.T) {
	g := large(t)
	var out bytes.Buffer
	if err := picture.Place(g).View(picture.Shown{}).SVG(&out, picture.InPage); err != nil {
		t.Fatal(err)
	}
	if len(g.Nodes) < 1500 || out.Len() > 60<<10 {
		t.Errorf("%d accounts make a picture of %d bytes; a page of 120 kB shall hold it", len(g.Nodes), out.Len())
	}
	if math.IsNaN(picture.Place(g).Scale) {
		t.Error("the scale is no number")
	}
}

func BenchmarkPlace(b *testing.B) {
	g := large(b)
	b.ReportMetric(float64(len(g.Nodes)), "accounts")
	b.ReportMetric(float64(len(g.Edges)), "edges")
	for b.Loop() {
		picture.Place(g)
	}
}

func BenchmarkSVG(b *testing.B) {
	v := picture.Place(large(b)).View(picture.Shown{})
	for b.Loop() {
		if err := v.SVG(io.Discard, picture.InPage); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkUnfoldedView(b *testing.B) {
	l := picture.Place(large(b))
	for b.Loop() {
		l.View(picture.Shown{Unfolded: []int{0, 1, 2, 3, 4, 5}})
	}
}

func BenchmarkGather(b *testing.B) {
	m := networks.Mules{Seed: 7, Transfers: 5000, Accounts: 2600, Victims: 600, Layers: 4, PerLayer: 330, Honest: 12, Paid: 12, Days: 90}
	rows := rowsOf(m)
	for _, rule := range []tracing.Rule{tracing.FIFO, tracing.ProRata} {
		b.Run("walk and gather "+string(rule), func(b *testing.B) {
			for b.Loop() {
				if _, err := gather(tracing.Input{Rule: rule, Rows: rows}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
