package papers

import (
	"fmt"
	"html/template"
	"slices"
	"strings"
	"time"

	"clew/domain"
	"clew/tracing"
)

// document puts the report into chapters, in the order in which it is read.
func (r Report) document() (document, error) {
	totals, err := r.totals()
	if err != nil {
		return document{}, err
	}
	d := document{Title: oneLine(fmt.Sprintf("Case %s: %s", r.Case, r.Title)), Facts: r.facts()}
	d.Chapters = append(d.Chapters, chapter{ID: "summary", Title: "Summary", Text: r.summary(totals)}, r.method(), r.ledgers(totals))
	for _, v := range r.Victims {
		d.Chapters = append(d.Chapters, v.chapter())
	}
	if r.Picture != nil {
		d.Chapters = append(d.Chapters, r.Picture.chapter(r.Case))
	}
	d.Chapters = append(d.Chapters, r.holdings(), r.stops(), r.freezes(), r.inquiries(), r.timeline(), r.evidence(), r.limits(), r.check())
	return d, nil
}

// chapter shows the picture. Its texts are escaped where it is drawn.
func (p Picture) chapter(of domain.CaseID) chapter {
	text := fmt.Sprintf("Bars and ribbons measure what victims lost in %s, by the rule of this report. The columns are the fewest payments between a victim and an account; the smaller accounts of a column are folded into one.", p.Lost.Code)
	if len(p.Others) > 0 {
		var names []string
		for _, asset := range p.Others {
			names = append(names, string(asset.Code))
		}
		text += fmt.Sprintf(" Losses in %s make pictures of their own: 'clew export %s --asset' draws them.", strings.Join(names, ", "), of)
	}
	return chapter{ID: "picture", Title: "The way of the money", Drawing: template.HTML(p.SVG), Text: []string{text}}
}

func (r Report) facts() []row {
	facts := []row{{Label: "Made", Lines: []string{stamp(r.Made) + " by " + r.By}}, {Label: "As of", Lines: r.asOf()}, {Label: "Rule", Lines: []string{string(r.Choice.Rule)}},
		{Label: "Log", Lines: []string{r.Log.Origin, fmt.Sprintf("%d records, root %s", r.Log.Size, r.Log.Root)}}, {Label: "Program", Lines: []string{"clew " + r.Clew}}}
	if len(r.Cases) > 1 {
		facts = append(facts, row{Label: "Walked as one with", Lines: []string{joined(r.Cases[1:])}})
	}
	if r.To != "" {
		facts = append(facts, row{Label: "Given to", Lines: []string{oneLine(r.To + ", on the basis of " + first(r.Basis, "nothing that was said"))}})
	}
	return facts
}

func (r Report) asOf() []string {
	lines := []string{fmt.Sprintf("what was recorded up to position %d of the log", r.Position)}
	if !r.At.IsZero() {
		lines = append(lines, "what had happened by "+stamp(r.At))
	}
	return lines
}

func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format("2006-01-02 15:04:05 UTC")
}

func joined[T ~string](list []T) string {
	var texts []string
	for _, one := range list {
		texts = append(texts, string(one))
	}
	return strings.Join(texts, ", ")
}

// totals adds up the victims' ledgers, one sum an asset.
func (r Report) totals() (totals []Loss, err error) {
	for _, l := range r.Losses {
		at := slices.IndexFunc(totals, func(t Loss) bool { return t.Asset == l.Asset })
		if at < 0 {
			totals = append(totals, Loss{Asset: l.Asset, States: map[tracing.State]domain.Units{}})
			at = len(totals) - 1
		}
		if err := totals[at].plus(l); err != nil {
			return nil, fmt.Errorf("report of case %s: %w", r.Case, err)
		}
	}
	return totals, nil
}

func (l *Loss) plus(other Loss) (err error) {
	for _, sum := range []struct {
		to   *domain.Units
		part domain.Units
	}{{&l.Reported, other.Reported}, {&l.PaidBack, other.PaidBack}, {&l.Net, other.Net}, {&l.Own, other.Own}, {&l.Returned, other.Returned}} {
		if *sum.to, err = sum.to.Add(sum.part); err != nil {
			return err
		}
	}
	for state, units := range other.States {
		if l.States[state], err = l.States[state].Add(units); err != nil {
			return err
		}
	}
	return nil
}

// method says by which rule, on whose authority, and what would differ under
// the others.
func (r Report) method() chapter {
	c := chapter{ID: "method", Title: "Method", Text: r.methodWords()}
	var names []string
	for _, described := range tracing.Rules() {
		if described.Rule != tracing.Poison {
			names = append(names, string(described.Rule)+">")
		}
	}
	g := newGrid("rules", "What of each victim's money can still be stopped, or has been (at large, held or seized), under each rule",
		append(append([]string{"victim", "asset"}, names...), "least>", "most>")...)
	for _, s := range r.Spreads {
		cells := []string{string(s.Victim), string(s.Asset.Code)}
		for _, under := range s.Under {
			cells = append(cells, s.Asset.Format(under.Units))
		}
		g.add(append(cells, s.Asset.Format(s.Least.Units), s.Asset.Format(s.Most.Units))...)
	}
	about := newGrid("authorities", "The rules", "rule", "a draw takes", "authority")
	for _, d := range tracing.Rules() {
		about.add(string(d.Rule), d.Takes, d.Authority)
	}
	c.Grids = []grid{g, about}
	return c
}

func (r Report) methodWords() []string {
	also := ""
	if r.Choice.Also != "" {
		also = " (" + r.Choice.Also + ")"
	}
	text := []string{fmt.Sprintf("Payments are followed in the order in which they happened. Where an account holds money of several owners, a payment out of it takes, under the rule %s%s: %s.",
		r.Choice.Rule, also, r.Choice.Takes), r.chosen()}
	if r.Choice.Presumes {
		text = append(text, presumed(r.Choice.Presumed))
	}
	return append(text, "A rule is a convention that courts have accepted; it does not find out whose money it “really” was, and it is no evidence of title. The table shows what would differ under the others.")
}

func (r Report) chosen() string {
	lock := r.Choice.Lock
	switch {
	case lock == nil:
		return "No rule has been chosen on record for this case."
	case r.Choice.Chosen:
		return oneLine(fmt.Sprintf("The rule was chosen on record, by authority of: %s. The reason given: %s.", lock.Authority, lock.Reason))
	}
	return oneLine(fmt.Sprintf("The rule chosen on record for this case is %s, by authority of: %s. This report uses another one because it was asked for.", lock.Rule, lock.Authority))
}

func presumed(sums []domain.Amount) string {
	if len(sums) == 0 {
		return "Nothing was taken for the holder's own money only because nobody has said whose it is."
	}
	var parts []string
	for _, sum := range sums {
		parts = append(parts, sum.String()+" "+string(sum.Asset.Code))
	}
	return "Of the money that was drawn before the claims, " + strings.Join(parts, ", ") + " came from payers nobody has described and was taken for the holder's own."
}

// ledgers is what has become of each victim's money, and the sums.
func (r Report) ledgers(totals []Loss) chapter {
	names := []string{"victim", "asset", "reported>", "paid back>", "net>", "own>"}
	for _, f := range fates() {
		names = append(names, f.column+">")
	}
	g := newGrid("ledger", "What each victim lost, and what has become of his own money", append(names, "scam")...)
	for _, l := range r.Losses {
		g.add(l.cells(string(l.Victim))...)
	}
	for _, t := range totals {
		if r.reporters(t.Asset) != "One victim" {
			g.addSum(t.cells("all")...)
		}
	}
	columns := []string{"paid back", "scam"}
	for _, f := range fates() {
		columns = append(columns, f.column)
	}
	return chapter{ID: "ledgers", Title: "The victims' ledgers", Grids: []grid{g.without(dull, columns...)}, Text: []string{
		"Reported is what a victim paid to the scam; own is what of it was his and not another victim's; net is reported less what was paid back. Own is the sum of the columns after it, to the smallest unit."}}
}

func (l Loss) cells(name string) []string {
	show := l.Asset.Format
	cells := []string{name, string(l.Asset.Code), show(l.Reported), show(l.PaidBack), show(l.Net), show(l.Own)}
	for _, f := range fates() {
		cells = append(cells, show(l.of(f)))
	}
	return append(cells, joined(l.Scams))
}

// dull says whether a cell says nothing: it is empty, or an amount of zeros.
func dull(cell string) bool { return strings.Trim(cell, "0.") == "" }

func contains(list []string, one string) bool { return slices.Contains(list, one) }

// chapter is one victim's own part.
func (v VictimPart) chapter() chapter {
	title := "Victim " + string(v.Victim)
	if v.Name != "" {
		title += ": " + v.Name
	}
	if v.Country != "" {
		title += " (" + v.Country + ")"
	}
	id := "victim-" + anchor(string(v.Victim))
	paid := newGrid(id+"-payments", "Payments that "+string(v.Victim)+" reported", "when", "amount>", "asset", "from", "to", "scam", "shown by")
	for _, p := range v.Payments {
		paid.add(p.When.String(), p.Amount.String(), string(p.Amount.Asset.Code), string(p.From), string(p.To), string(p.Scam), places(p.Evidence))
	}
	if v.Hidden > 0 {
		paid.Rest = fmt.Sprintf("%s not shown: only withheld files tell of it.", count(v.Hidden, "payment is", "payments are"))
	}
	lies := newGrid(id+"-places", "Where the money of "+string(v.Victim)+" lies", "account", "claim>", "asset", "asset there", "state")
	for _, p := range v.Places {
		lies.add(string(p.Account), p.Of.Format(p.Claim), string(p.Of.Code), string(p.Asset.Code), strings.ReplaceAll(string(p.State), "_", " "))
	}
	c := chapter{ID: id, Title: oneLine(shown(title)), Grids: filled(paid, lies)}
	for _, step := range v.Steps {
		c.List = append(c.List, oneLine(shown(step.Text)))
	}
	if len(c.List) > 0 {
		c.Text = []string{"Below the tables stands how the money went, step by step, each with the place in the file that shows it."}
	}
	if len(v.Steps) == 0 && len(v.Places) > 0 {
		c.Text = append(c.Text, fmt.Sprintf("How this money went, step by step, is left out here: 'clew explain' with --victim %s tells it.", oneLine(shown(string(v.Victim)))))
	}
	if v.Unsaid > 0 {
		c.Text = append(c.Text, fmt.Sprintf("%s left out here: 'clew explain' tells them all.", count(v.Unsaid, "step is", "steps are")))
	}
	return c
}

// filled leaves out tables without rows and without a remark.
func filled(grids ...grid) (list []grid) {
	for _, g := range grids {
		if len(g.Rows) > 0 || g.Rest != "" {
			list = append(list, g)
		}
	}
	return list
}

// anchor keeps to what an address within a page may have.
func anchor(name string) string {
	return strings.Map(func(c rune) rune {
		if c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-' || c == '_' || c > 0xa0 {
			return c
		}
		return '-'
	}, name)
}

// places names lines of files.
func places(list []domain.Evidence) string {
	var parts []string
	for _, e := range list {
		if e.File == "" {
			continue
		}
		text := "file " + string(e.File[:min(8, len(e.File))])
		if e.Page != "" {
			text += " " + e.Page
		}
		parts = append(parts, fmt.Sprintf("%s line %d", text, e.Line))
	}
	if len(parts) == 0 {
		return "told by a person"
	}
	return strings.Join(parts, "; ")
}
