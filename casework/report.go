package casework

import (
	"bytes"
	"cmp"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"clew/domain"
	"clew/eventstore"
	"clew/eventstore/seal"
	"clew/papers"
	"clew/picture"
	"clew/projections"
	"clew/tracing"
)

// ReportAsked says which report is wanted.
type ReportAsked struct {
	projections.Ask
	Purpose        // who receives it, and on what basis
	Names   bool   // victims' names are printed: only for a recipient with a basis
	By      string // who makes it
	Clew    string // the version that makes it
	Style   string // the address of the page's style (ReportStyle); "": it stands in the page
}

// Reported is a report and its page.
type Reported struct {
	papers.Report
	HTML []byte
}

// ReportStyle is the style of a report's page, for a server that gives it out
// as a file of its own.
func ReportStyle() []byte { return papers.ReportStyle() }

// The limits of a report: a person reads it. What is left out is counted, and
// the report says where it is.
const (
	maxReportSteps   = 200 // of one victim's money
	maxReportVictims = 40  // whose steps are told; each costs a walk
	maxReportDates   = 400 // lines of the timeline
)

// report is one report in the making.
type report struct {
	desk  *Desk
	asked ReportAsked
	ask   projections.Ask // with its position settled
	t     *projections.Traced
	out   papers.Report
	book  *lineBook // what was read from which file
}

// Report puts together what a report of a case says, from the same answers
// that the screens show. What must not leave the case is left out and named,
// or stops it. It logs nothing: whoever gives it out does, with Reading.
func (d *Desk) Report(ctx context.Context, asked ReportAsked) (Reported, error) {
	if asked.Names && (asked.To == "" || asked.Basis == "") {
		return Reported{}, domain.Usage("names are printed for a recipient, on a basis: say with --to who receives the report, and with --basis on what basis he may")
	}
	if err := errors.Join(d.Views.CatchUp(ctx), d.LearnErasures(ctx)); err != nil {
		return Reported{}, err
	}
	r := &report{desk: d, asked: asked}
	for _, step := range []func(context.Context) error{r.begin, r.withholding, r.rules, r.losses, r.victims, r.picture, r.accounts, r.targets,
		r.freezes, r.inquiries, r.timeline, r.evidence, r.warnings, r.head} {
		if err := step(ctx); err != nil {
			return Reported{}, err
		}
	}
	style := papers.WithStyle()
	if asked.Style != "" {
		style = papers.LinkedStyle(asked.Style)
	}
	page, err := r.out.Page(style)
	return Reported{r.out, page}, err
}

// begin walks the case and says what the report is of.
func (r *report) begin(ctx context.Context) (err error) {
	if r.t, err = r.desk.Views.Trace(ctx, r.asked.Ask); err != nil {
		return err
	}
	if r.t.Rule == tracing.Poison {
		return domain.Usage("rule poison is an exposure and has no ledger: ask 'clew trace %s --rule poison', or take another rule", r.t.Case)
	}
	r.ask = projections.Ask{Case: r.t.Case, Rule: r.t.Rule, At: r.t.At, Upto: r.t.Position}
	r.out = papers.Report{Case: r.t.Case, Title: r.t.Assembly.File.Title, Cases: r.t.Assembly.Cases, Made: r.desk.Clock().UTC().Truncate(time.Second),
		By: r.asked.By, To: r.asked.To, Basis: r.asked.Basis, Clew: r.asked.Clew, Position: r.t.Position, At: r.t.At,
		Choice: papers.RuleChoice{Chosen: r.t.Chosen, Lock: r.t.Lock, Presumed: r.t.Answer.Presumed, Presumes: r.t.Rule == tracing.LIBR || r.t.Rule == tracing.OwnFirst}}
	for _, described := range tracing.Rules() {
		if described.Rule == r.t.Rule {
			r.out.Choice.Described = described
		}
	}
	return nil
}

// rules is what would differ under the others.
func (r *report) rules(ctx context.Context) error {
	c, err := r.desk.Views.Compare(ctx, r.ask)
	if err != nil {
		return err
	}
	for _, s := range c.Spreads {
		spread := papers.RuleSpread{Victim: s.Victim, Asset: s.Asset, Least: underRule(s.Least), Most: underRule(s.Most)}
		for _, reach := range s.ByRule {
			spread.Under = append(spread.Under, underRule(reach))
		}
		r.out.Spreads = append(r.out.Spreads, spread)
	}
	return nil
}

func underRule(r projections.Reach) papers.UnderRule {
	return papers.UnderRule{Rule: r.Rule, Units: r.Recoverable}
}

func (r *report) losses(ctx context.Context) error {
	ledger, err := r.desk.Views.Ledger(ctx, r.ask)
	if err != nil {
		return err
	}
	for _, row := range ledger.Rows {
		r.out.Losses = append(r.out.Losses, papers.Loss{Victim: row.Victim, Asset: row.Asset, Reported: row.Reported, PaidBack: row.PaidBack, Net: row.Net,
			Own: row.Own, Returned: row.Returned, Scams: row.Scams, Received: row.Received, Reimbursed: row.Reimbursed, InCurrency: row.InCurrency,
			States: map[tracing.State]domain.Units{tracing.AtLarge: row.AtLarge, tracing.Held: row.Held, tracing.Seized: row.Seized, tracing.Restored: row.Restored,
				tracing.CashedOut: row.CashedOut, tracing.AtService: row.AtService, tracing.Unaccounted: row.Unaccounted, tracing.Fees: row.Fees}})
	}
	return nil
}

// victims gives each victim his own part.
func (r *report) victims(ctx context.Context) error {
	list, err := r.desk.Views.Victims(ctx, r.ask)
	if err != nil {
		return err
	}
	for i, v := range list {
		part := papers.VictimPart{Victim: v.Victim, Country: v.Registered.Country}
		if r.asked.Names && v.Registered.Name != nil {
			part.Name = v.Registered.Name.Clear
		}
		if err := r.payments(ctx, v, &part); err != nil {
			return err
		}
		r.places(&part)
		if i < maxReportVictims && len(part.Places) > 0 {
			if err := r.steps(ctx, &part); err != nil {
				return err
			}
		}
		r.out.Victims = append(r.out.Victims, part)
	}
	return nil
}

// payments are those that a victim reported, with the lines that show them.
func (r *report) payments(ctx context.Context, v projections.VictimFile, part *papers.VictimPart) error {
	var ids []domain.MovementID
	for _, row := range v.Payments {
		ids = append(ids, row.ID)
	}
	lines, err := r.desk.Views.EvidenceOf(ctx, r.t.Assembly, ids)
	if err != nil {
		return err
	}
	for _, row := range v.Payments {
		open := slices.DeleteFunc(slices.Clone(lines[row.ID]), func(e domain.Evidence) bool { return r.book.withheld[e.File] != "" })
		if len(open) == 0 && len(lines[row.ID]) > 0 {
			part.Hidden++
			continue
		}
		paid := papers.Paid{When: row.When, From: r.name(row.From), To: r.name(row.To), Amount: row.Amount, Scam: row.Scam, Evidence: open}
		if row.Kind == domain.Hop {
			paid.Amount = row.Outputs[0].Amount
		}
		part.Payments = append(part.Payments, paid)
	}
	return nil
}

// places are where a victim's claims lie.
func (r *report) places(part *papers.VictimPart) {
	for _, victim := range r.t.Answer.Victims {
		if victim.Victim != part.Victim {
			continue
		}
		for _, place := range victim.Places {
			place.Account = r.name(place.Account)
			part.Places = append(part.Places, papers.VictimPlace{Place: place, Of: victim.Asset})
		}
	}
}

// steps tell how a victim's money went.
func (r *report) steps(ctx context.Context, part *papers.VictimPart) error {
	told, err := r.desk.Views.Explain(ctx, r.ask, tracing.Ask{Victim: part.Victim})
	if err != nil {
		return err
	}
	for _, sentence := range told.Sentences {
		if len(part.Steps) == maxReportSteps || r.hides(told.Evidence[sentence.Movement]) {
			part.Unsaid++
			continue
		}
		sentence.Text = r.words(sentence.Text)
		part.Steps = append(part.Steps, sentence)
	}
	return nil
}

// hides says whether any of a movement's lines must not leave: what a step
// says may come from that one.
func (r *report) hides(lines []domain.Evidence) bool {
	return slices.ContainsFunc(lines, func(e domain.Evidence) bool { return r.book.withheld[e.File] != "" })
}

// picture draws the way of the money, folded as on the screen.
func (r *report) picture(ctx context.Context) error {
	if len(r.out.Losses) == 0 {
		return nil
	}
	graph, err := r.desk.Flow(ctx, r.ask, "")
	if err != nil {
		return err
	}
	for i := range graph.Nodes {
		node := &graph.Nodes[i]
		if mask := r.name(node.Account); mask != node.Account {
			node.Account, node.Key, node.Name = mask, string(mask), string(mask)
		}
	}
	var drawn bytes.Buffer
	err = picture.Place(graph).View(picture.Shown{At: r.ask.At}).SVG(&drawn, picture.InPage)
	r.out.Picture = &papers.Picture{SVG: drawn.Bytes(), Lost: graph.Asset, Others: graph.Others}
	return err
}

// keeper is what people have said of who keeps an account, under any of its
// names.
func (r *report) keeper(account domain.AccountID) (k papers.Keeper) {
	file := r.t.Assembly.File
	for _, name := range slices.Sorted(maps.Keys(file.Accounts)) {
		if file.Resolve(name) == account {
			said := file.Accounts[name]
			k.Institution, k.Country = cmp.Or(k.Institution, said.Institution), cmp.Or(k.Country, said.Country)
		}
	}
	if k.Country == "" && account.Kind() == domain.KindIBAN {
		k.Country = string(account[len("iban:"):][:2])
	}
	return k
}

func (r *report) accounts(context.Context) error {
	for _, pool := range r.t.Answer.Accounts {
		if pool.Balance.IsZero() {
			continue
		}
		holding := papers.Holding{Pool: pool, Keeper: r.keeper(pool.Account)}
		holding.Account = r.name(pool.Account)
		r.out.Holdings = append(r.out.Holdings, holding)
	}
	return nil
}

func (r *report) targets(ctx context.Context) error {
	list, err := r.desk.Views.Targets(ctx, projections.TargetsAsk{Ask: r.ask})
	if err != nil {
		return err
	}
	for _, t := range list.Rows {
		r.out.Targets = append(r.out.Targets, papers.StopTarget{Account: r.name(t.Account), Asset: t.Asset, Keeper: r.keeper(t.Account),
			Traced: t.Traced, Least: t.Least, Most: t.Most, Seen: t.Seen})
	}
	return nil
}

// freezes are the case's, as they stand, with what those wait for that are not
// over.
func (r *report) freezes(ctx context.Context) error {
	list, err := r.desk.Views.Freezes(ctx, r.ask)
	if err != nil {
		return err
	}
	queue, err := r.desk.Views.FreezeQueue(ctx, projections.QueueAsk{Ask: r.ask, Now: r.out.Made, Mechanisms: r.desk.Mechanisms})
	if err != nil {
		return err
	}
	for _, f := range list {
		part := papers.FreezePart{ID: f.ID, Account: r.name(f.Account), Asset: f.Asset(), State: f.State, Mechanism: f.Request.Mechanism, Responding: f.Request.Responding,
			Asked: f.Request.Amount, Sums: f.Sums, SubmittedAt: f.SubmittedAt, FirstHeldAt: f.FirstHeldAt, Until: f.Until}
		for _, row := range queue {
			if row.Freeze == f.ID && row.Case == f.Case {
				part.Next, part.Overdue = row.Next, row.Overdue
				if row.Deadline != nil {
					part.Due = row.Deadline.At
				}
			}
		}
		r.out.Freezes = append(r.out.Freezes, part)
	}
	return nil
}

// warnings are the answer's; that somebody acts under force has no place in a
// report.
func (r *report) warnings(context.Context) error {
	for _, w := range r.t.Answer.Warnings {
		if w.Code != tracing.WarnCoerced && !r.book.hidden[w.Movement] {
			r.out.Warnings = append(r.out.Warnings, r.words(w.Text))
		}
	}
	return nil
}

// evidence lists the files with the lines that were taken from them.
func (r *report) evidence(ctx context.Context) error {
	for _, c := range r.out.Cases {
		files, err := r.desk.Views.Files(ctx, c, r.ask.Upto)
		if err != nil {
			return err
		}
		for _, f := range files {
			if r.book.withheld[f.File] != "" || slices.ContainsFunc(r.out.Files, func(p papers.FilePart) bool { return p.SHA256 == f.File }) {
				continue
			}
			part := papers.FilePart{Name: f.Name, SHA256: f.File, Size: f.Size, Format: f.Format, Source: f.Source, Position: f.Position, Rejected: f.Rejected}
			if lines := r.book.files[f.File]; lines != nil {
				part.Taken, part.Lines = lines.rows, lines.told()
			}
			r.out.Files = append(r.out.Files, part)
		}
	}
	return nil
}

// head says which log this was made from, and what of it is signed.
func (r *report) head(ctx context.Context) error {
	root, err := eventstore.Root(ctx, r.desk.Store, r.ask.Upto)
	if err != nil {
		return err
	}
	r.out.Log = papers.LogHead{Origin: r.desk.origin(), Size: r.ask.Upto, Root: base64.StdEncoding.EncodeToString(root[:])}
	kept, err := r.desk.Store.LastCheckpoint(ctx)
	if err != nil || kept.Number == 0 {
		return err
	}
	ring, err := r.desk.Keyring(ctx, nil)
	if err != nil {
		return err
	}
	last, err := r.desk.LastSigned(ctx, ring)
	if err != nil {
		return err
	}
	r.out.Log.Note, r.out.Log.Signed, r.out.Log.Keys = string(last.Note), last.Size, []string{last.Key.String()}
	r.out.Log.Seen = seenBy(last.Witness)
	return nil
}

func seenBy(list []seal.Cosignature) (seen []string) {
	for _, w := range list {
		seen = append(seen, fmt.Sprintf("%s on %s", w.Witness.Name(), w.At.UTC().Format(time.RFC3339)))
	}
	return seen
}
