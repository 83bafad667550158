package picture

import (
	_ "embed"
	"fmt"
	"html"
	"io"
	"math"
	"strconv"
	"strings"
	"time"

	"clew/domain"
)

// footHeight is the room below the columns: the legend and what the picture
// rests on.
const footHeight = 76.0

// Setting says where a picture will stand.
type Setting int

// The settings.
const (
	Alone  Setting = iota // a file of its own, which brings its style
	InPage                // part of a page, whose style sheet has Style
)

// Style is the picture's style sheet. A page that shows a picture links it; a
// strict content security policy forbids bringing it along.
//
//go:embed flow.css
var Style string

// colours are the light colours, for viewers that know no style sheets.
var colours = map[Class]string{
	Victim: "#95560a", Account: "#2358c8", Exchange: "#00735f", Wallet: "#6f36c4", Service: "#8a3f7c", CashOut: "#b3203a", Sink: "#5d6678",
}

// SVG draws a view.
func (v *View) SVG(out io.Writer, where Setting) error {
	d := &drawing{view: v}
	d.open(where)
	d.heads()
	d.ribbons()
	d.bars()
	d.labels()
	d.legend()
	d.foot()
	d.put("</svg>\n")
	_, err := io.WriteString(out, d.text.String())
	return err
}

// drawing is an SVG while it is written.
type drawing struct {
	view *View
	text strings.Builder
}

func (d *drawing) put(format string, args ...any) { fmt.Fprintf(&d.text, format, args...) }

// px is a place on the paper: a tenth of a pixel is enough.
func px(x float64) string { return strconv.FormatFloat(math.Round(x*10)/10, 'f', -1, 64) }

// safe makes text of whatever the evidence says: marks become words, and what
// XML forbids or nobody can see is left out.
func safe(text string) string {
	return html.EscapeString(strings.Map(func(r rune) rune {
		if r < ' ' && r != '\t' && r != '\n' || r == 0xfffe || r == 0xffff {
			return -1
		}
		return r
	}, strings.ToValidUTF8(text, "\ufffd")))
}

func (d *drawing) open(where Setting) {
	v := d.view
	width, height := px(v.Width), px(v.Height)
	d.put(`<svg xmlns="http://www.w3.org/2000/svg" class="flow" viewBox="0 0 %s %s" width="%s" height="%s" role="img" aria-labelledby="flow-title" aria-describedby="flow-words" font-family="system-ui, 'Segoe UI', Roboto, 'DejaVu Sans', Arial, sans-serif">`, width, height, width, height)
	d.put("\n<title id=\"flow-title\">%s</title>\n<desc id=\"flow-words\">%s</desc>\n", safe(v.Heading()), safe(v.Words()))
	if where == Alone {
		d.put("<style>%s</style>\n", Style)
	}
	d.put(`<rect class="paper" width="%s" height="%s" fill="#fff"/>`+"\n", width, height)
}

// Heading names the picture.
func (v *View) Heading() string {
	g := v.Graph
	return fmt.Sprintf("Where the money of case %s went, by %s, in %s", g.Case, g.Rule, g.Asset.Code)
}

// Words tell what the picture shows, for those who cannot see it.
func (v *View) Words() string {
	if len(v.Marks) == 0 {
		return "No victim's money has moved, as far as asked."
	}
	var b strings.Builder
	var all Stock
	for i := range v.Columns {
		c := &v.Columns[i]
		things := c.noun()
		if v.Counts[i] == 1 {
			things = strings.TrimSuffix(things, "s")
		}
		fmt.Fprintf(&b, "%s: %s %s, %d %s. ", c.title(), v.Graph.Format(v.Heads[i]), v.Graph.Asset.Code, v.Counts[i], things)
	}
	for i := range v.Marks {
		all = all.Plus(v.Marks[i].Stock)
	}
	for _, part := range all.keptParts() {
		if !Round(part.worth).IsZero() {
			fmt.Fprintf(&b, "In all %s %s. ", part.state, v.Graph.Format(part.worth))
		}
	}
	b.WriteString("Each account stands in the column of the fewest payments between a victim and it.")
	return b.String()
}

func (d *drawing) heads() {
	v := d.view
	d.put(`<g class="heads" font-size="12">` + "\n")
	for i := range v.Columns {
		c := &v.Columns[i]
		x := px(c.X)
		middle := px(c.X + barWidth/2)
		d.put(`<path class="rule" d="M%s %sV%s" stroke="#d5dae6"/>`, middle, px(topMargin-12), px(topMargin+bodyHeight))
		d.put(`<text x="%s" y="20" font-weight="650">%s · %d</text>`, x, c.title(), v.Counts[i])
		d.put(`<text class="quiet" x="%s" y="37" fill="#525c72">%s %s</text>`+"\n", x, Group(v.Graph.Format(v.Heads[i])), safe(string(v.Graph.Asset.Code)))
	}
	d.put("</g>\n")
}

// ribbons draws class by class, the widest at the bottom.
func (d *drawing) ribbons() {
	v := d.view
	d.put(`<g class="ribbons" fill-opacity=".42">` + "\n")
	for _, class := range Classes() {
		opened := false
		for i := range v.Ribbons {
			r := &v.Ribbons[i]
			if v.Marks[r.From].Class != class || r.Sum.Sign() <= 0 {
				continue
			}
			if !opened {
				d.put(`<g class="%s" fill="%s">`, class, colours[class])
				opened = true
			}
			d.ribbon(r)
		}
		if opened {
			d.put("</g>\n")
		}
	}
	d.put("</g>\n")
}

// thinnest is the width of a ribbon that can still be seen.
const thinnest = 0.5

func (d *drawing) ribbon(r *Ribbon) {
	unlit := ""
	if d.view.Shown.Pass != nil {
		unlit = ` class="unlit" fill-opacity=".1"`
	}
	d.put(`<path%s d="%s"/>`, unlit, d.view.path(r, r.Width))
	if d.view.Shown.Pass != nil && r.Lit.Sign() > 0 {
		d.put(`<path class="lit" d="%s"/>`, d.view.path(r, min(d.view.pixels(r.Lit), r.Width)))
	}
}

// path is a ribbon of a width: its upper edge there, its lower edge back.
func (v *View) path(r *Ribbon, width float64) string {
	from, to := &v.Marks[r.From], &v.Marks[r.To]
	w := max(width, thinnest)
	x1, y1, x2, y2 := from.X+barWidth, r.FromY, to.X, r.ToY
	upper, lower := (x1+x2)/2, (x1+x2)/2
	if y1 > y2 { // the edges lean so that the ribbon keeps its width on a slope
		upper, lower = upper-lean(w, y1-y2, x2-x1), lower+lean(w, y1-y2, x2-x1)
	} else {
		upper, lower = upper+lean(w, y2-y1, x2-x1), lower-lean(w, y2-y1, x2-x1)
	}
	if !r.Backwards {
		return fmt.Sprintf("M%s %sC%s %s %s %s %s %sv%sC%s %s %s %s %s %sZ", px(x1), px(y1), px(upper), px(y1), px(upper), px(y2), px(x2), px(y2), px(w),
			px(lower), px(y2+w), px(lower), px(y1+w), px(x1), px(y1+w))
	}
	x2 += barWidth
	bow := loopReach(y2-y1, x1-x2)
	inner, outer := bow, bow+w
	if y1 > y2 {
		inner, outer = outer, inner
	}
	return fmt.Sprintf("M%s %sC%s %s %s %s %s %sv%sC%s %s %s %s %s %sZ", px(x1), px(y1), px(x1+outer), px(y1), px(x2+outer), px(y2+w), px(x2), px(y2+w), px(-w),
		px(x2+inner), px(y2), px(x1+inner), px(y1+w), px(x1), px(y1+w))
}

// lean is how far the edges of a wide ribbon part from its middle where it
// climbs: without it a steep ribbon would be thinner than its amount.
func lean(width, rise, run float64) float64 {
	return min(width*rise/(2*max(run, 1)), run/2) * 0.7
}

// loopReach is how far a loop swings out to the right: far enough to be seen as one, and
// not into the next column.
func loopReach(rise, back float64) float64 {
	return min(34+math.Abs(rise)*0.25, columnWidth*0.6) + back*0.15
}

func (d *drawing) bars() {
	v := d.view
	d.put(`<g class="bars">` + "\n")
	for i := range v.Marks {
		m := &v.Marks[i]
		d.put(`<g class="%s" fill="%s"><title>%s</title>`, m.Class, colours[m.Class], safe(v.Told(m)))
		if m.H < m.Full-0.05 {
			d.put(`<rect class="ghost" x="%s" y="%s" width="%s" height="%s" fill="#e4e8f1"/>`, px(m.X), px(m.Y), px(barWidth), px(max(m.Full, 1)))
		}
		if m.H > 0 {
			d.faded(func() { d.segments(m) })
		}
		if v.Shown.Pass != nil && m.Lit.Sign() > 0 { // of the bar, what passes the selected one
			d.rect(string(m.Class), m, m.Y, max(v.pixels(m.Lit), 1.5))
		}
		d.put("</g>\n")
	}
	d.put("</g>\n")
}

// faded draws something pale where an account is selected: what is lit is
// drawn once more above it.
func (d *drawing) faded(draw func()) {
	if d.view.Shown.Pass == nil {
		draw()
		return
	}
	d.put(`<g opacity=".22">`)
	draw()
	d.put("</g>")
}

// segments draws a bar in the colours of what it holds: of a fold class by
// class; what is held, seized or restored at the bottom, where what has not
// left lies.
func (d *drawing) segments(m *Mark) {
	v := d.view
	if !m.Fold {
		d.rect(string(m.Class), m, m.Y, max(m.H, 1))
	} else {
		d.foldSegments(m)
	}
	bottom := m.Y + max(m.H, 1)
	for _, part := range m.Stock.keptParts() {
		h := v.pixels(part.worth)
		if part.worth.Sign() <= 0 {
			continue
		}
		bottom -= max(h, 1.5)
		d.put(`<rect class="%s" x="%s" y="%s" width="%s" height="%s" fill="%s"/>`, part.state, px(m.X-3), px(bottom), px(barWidth+3), px(max(h, 1.5)), keptColours[string(part.state)])
	}
}

var keptColours = map[string]string{"held": "#18a7de", "seized": "#0a4f73", "restored": "#0b6b43"}

func (d *drawing) foldSegments(m *Mark) {
	v := d.view
	stocks, y := map[Class]domain.Units{}, m.Y
	var classes []Class
	for _, n := range m.Nodes {
		class := v.Graph.Nodes[n].Class
		if _, known := stocks[class]; !known {
			classes = append(classes, class)
		}
		stocks[class] = stocks[class].Plus(v.stocks[n].Size())
	}
	for _, class := range classes {
		h := v.pixels(stocks[class])
		if h > 0 {
			d.rect(string(class), m, y, max(h, 1))
		}
		y += h
	}
}

func (d *drawing) rect(class string, m *Mark, y, h float64) {
	d.put(`<rect class="%s" x="%s" y="%s" width="%s" height="%s" fill="%s"/>`, class, px(m.X), px(y), px(barWidth), px(h), colours[Class(class)])
}

// Told is a mark in words and exact numbers.
func (v *View) Told(m *Mark) string {
	g, s := v.Graph, &m.Stock
	text := m.Name
	if !m.Fold && !g.Hidden && g.Nodes[m.Nodes[0]].Key != m.Name {
		text += " (" + g.Nodes[m.Nodes[0]].Key + ")"
	}
	for _, line := range []struct {
		word  string
		worth domain.Units
	}{{"lost", s.New}, {"came", s.In}, {"left", s.Out}, {"came home", s.Returned}, {"there", s.There()}, {"held", s.Held}, {"seized", s.Seized}, {"restored", s.Restored}} {
		if !Round(line.worth).IsZero() || line.word == "there" {
			text += fmt.Sprintf("\n%s %s %s", line.word, g.Format(line.worth), g.Asset.Code)
		}
	}
	return text
}

func (d *drawing) labels() {
	d.put(`<g class="labels" paint-order="stroke" stroke="#fff" stroke-width="3" stroke-linejoin="round">` + "\n")
	for i := range d.view.Marks {
		m := &d.view.Marks[i]
		if len(m.Lines) == 0 || m.H <= 0 || d.view.Shown.Pass != nil && m.Lit.Sign() <= 0 {
			continue
		}
		x := px(m.X + barWidth + 6)
		y := m.LabelY - float64(len(m.Lines)-1)*7 + 4
		for n, line := range m.Lines {
			attributes := fmt.Sprintf(`font-size="%s"`, px(amountSize))
			switch {
			case n == 0 && len(m.Lines) > 1:
				attributes = fmt.Sprintf(`font-size="%s" font-weight="600"`, px(nameSize))
			case n == 2:
				attributes += ` class="kept"`
			}
			d.put(`<text x="%s" y="%s" %s>%s</text>`, x, px(y+float64(n)*14), attributes, safe(line))
		}
		d.put("\n")
	}
	d.put("</g>\n")
}

func (d *drawing) legend() {
	v := d.view
	here := map[Class]bool{}
	for i := range v.Graph.Nodes {
		here[v.Graph.Nodes[i].Class] = true
	}
	x, y := leftMargin, topMargin+bodyHeight+26
	d.put(`<g class="legend bars" font-size="12">`)
	entry := func(class, colour, word string) {
		d.put(`<rect class="%s" x="%s" y="%s" width="11" height="11" rx="2" fill="%s"/>`, class, px(x), px(y-10), colour)
		d.put(`<text x="%s" y="%s">%s</text>`, px(x+16), px(y), word)
		x += 30 + Wide(word, 12)
	}
	for _, class := range Classes() {
		if here[class] {
			entry(string(class), colours[class], classWords[class])
		}
	}
	var all Stock
	for i := range v.Marks {
		all = all.Plus(v.Marks[i].Stock)
	}
	for _, part := range all.keptParts() {
		if part.worth.Sign() > 0 {
			entry(string(part.state), keptColours[string(part.state)], string(part.state))
		}
	}
	d.put("</g>\n")
}

var classWords = map[Class]string{
	Victim: "victim", Account: "account", Exchange: "exchange", Wallet: "wallet", Service: "pooled service",
	CashOut: "cashed out", Sink: "fees, or no document shows where",
}

// foot says what the picture rests on: whoever has it can ask for it again.
func (d *drawing) foot() {
	v, y := d.view, topMargin+bodyHeight+48
	for _, line := range v.Footer() {
		d.put(`<text class="quiet" x="%s" y="%s" font-size="11" fill="#525c72">%s</text>`+"\n", px(leftMargin), px(y), safe(Fit(line, v.Width-2*leftMargin, 10)))
		y += 16
	}
}

// Footer is what the picture rests on, in two lines.
func (v *View) Footer() []string {
	g := v.Graph
	chosen := "the rule that is locked for the case"
	if !g.Chosen {
		chosen = "no rule is locked for the case"
	}
	happened := "all that has happened"
	if !v.Shown.At.IsZero() {
		happened = "what had happened by " + v.Shown.At.UTC().Format(time.RFC3339)
	}
	known := "all that is recorded"
	if g.KnownAt != "" {
		known = "what was recorded by " + g.KnownAt
	}
	head := fmt.Sprintf("position %d", g.Position)
	if g.Root != "" {
		head += " · head " + g.Root
	}
	lit := ""
	if v.Shown.Pass != nil {
		lit = " · lit is what passes " + g.Nodes[v.Shown.Pass.Node].Name
	}
	return []string{fmt.Sprintf("Case %s · rule %s (%s) · %s · %s%s", g.Case, g.Rule, chosen, happened, known, lit), head}
}
