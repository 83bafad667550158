package main

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"clew/domain"
	"clew/projections"
	"clew/tracing"
)

// queueShape is `freeze list --json`: what waits, most urgent first.
type queueShape struct {
	Now      string        `json:"now"`
	Position uint64        `json:"position"`
	At       *string       `json:"at"`
	KnownAt  *string       `json:"known_at"`
	Freezes  []queuedShape `json:"freezes"`
}

// queuedShape is one freeze that is not over.
type queuedShape struct {
	Case        domain.CaseID      `json:"case"`
	Freeze      domain.FreezeID    `json:"freeze"`
	State       domain.FreezeState `json:"state"`
	Since       domain.When        `json:"since"`
	Source      string             `json:"source"`
	Account     domain.AccountID   `json:"account"`
	Asset       domain.AssetCode   `json:"asset"`
	Institution string             `json:"institution"`
	Country     string             `json:"country"`
	LocalTime   *string            `json:"local_time"` // null: not known
	Open        *bool              `json:"open"`
	Contact     string             `json:"contact"`
	Mechanism   string             `json:"mechanism"`
	Owner       string             `json:"owner"`
	Rule        tracing.Rule       `json:"rule"`
	LostAt      *domain.When       `json:"lost_at"`
	SinceLoss   *json.Number       `json:"minutes_since_loss"`
	Asked       *string            `json:"asked"` // null: all that is there
	Held        string             `json:"held"`
	Traced      string             `json:"traced"`
	Expected    string             `json:"expected"`
	PerHour     string             `json:"lost_per_hour"`
	Basis       projections.Basis  `json:"basis"`
	Next        string             `json:"next"`
	Deadline    *domain.When       `json:"deadline"`
	DueFor      string             `json:"deadline_for"`
	Overdue     bool               `json:"overdue"`
	Lapses      *domain.When       `json:"lapses"`
	Lapsed      bool               `json:"lapsed"`
	OrderDue    *domain.When       `json:"order_due"`
	OrderLate   bool               `json:"order_overdue"`
	Others      []string           `json:"others"`
	Hop         int                `json:"hop"`
	Care        bool               `json:"care"`
}

func (p *program) freezeList() *cobra.Command {
	var ask asking
	now := ""
	cmd := &cobra.Command{
		Use: "list", Short: "List the freezes that wait for something, most urgent first",
		Long: `List the freezes that are not over, of one case or of all: where most is expected to be lost within the next
hour comes first. It says for each what is there, what it waits for and by when, what lapses, and what time it
is at the other side. What is overdue is said as of --now; nothing that is stored depends on the clock.`,
		Example: "  clew freeze list\n  clew freeze list --case C1 --now 2024-03-05T09:00:00Z --json", Args: p.takes(),
	}
	cmd.Flags().StringVar(&now, "now", "", "what is due is said as of this time: RFC 3339 or a date (default: now)")
	cmd.RunE = p.does(func(ctx context.Context, _ []string) error {
		moment, err := p.moment(now)
		if err != nil {
			return err
		}
		return p.with(ctx, mustExist, func(o *office) error {
			question, err := o.askedOf(ctx, &ask, p.caseID)
			if err != nil {
				return err
			}
			rows, err := o.views.FreezeQueue(ctx, projections.QueueAsk{Ask: question, Now: moment, Mechanisms: o.mechanisms})
			if err != nil {
				return err
			}
			shape := queueShape{Now: domain.Instant(moment).String(), Freezes: []queuedShape{}}
			if shape.Position, err = o.head(ctx, question.Upto); err != nil {
				return err
			}
			shape.At, shape.KnownAt = ask.told()
			for _, row := range rows {
				if p.sees(row.Case) {
					shape.Freezes = append(shape.Freezes, shapeOfQueued(row))
				}
			}
			return p.say(reply{object: shape, table: queueTable(shape.Freezes), text: func(w *page) { queueText(w, shape) }})
		})
	})
	return ask.rules(p.allCases(cmd))
}

func shapeOfQueued(r projections.QueueRow) queuedShape {
	show := r.Asset.Format
	shape := queuedShape{
		Case: r.Case, Freeze: r.Freeze, State: r.State, Since: r.Since, Source: r.Source, Account: r.Account, Asset: r.Asset.Code,
		Institution: r.Institution, Country: r.Country, Contact: r.Contact, Mechanism: r.Mechanism, Owner: r.Owner, Rule: r.Rule,
		LostAt: whenOrNull(r.Loss), Held: show(r.Held), Traced: show(r.Traced), Expected: show(r.Expected), PerHour: show(r.PerHour),
		Basis: r.Basis, Next: r.Next, Overdue: r.Overdue, Lapses: whenOrNull(r.Lapses), Lapsed: r.Lapsed,
		OrderDue: whenOrNull(r.OrderDue), OrderLate: r.Late, Others: listed(r.Others), Hop: r.Hop, Care: r.Care,
	}
	if r.Asked != nil {
		asked := show(*r.Asked)
		shape.Asked = &asked
	}
	if r.SinceNow != nil {
		minutes := projections.Minutes(*r.SinceNow)
		shape.SinceLoss = &minutes
	}
	if r.Local != nil {
		local := r.Local.Time.Format("2006-01-02T15:04:05Z07:00")
		shape.LocalTime, shape.Open = &local, &r.Local.Open
	}
	if r.Deadline != nil {
		shape.Deadline, shape.DueFor = whenOrNull(r.Deadline.At), r.Deadline.What
	}
	return shape
}

func queueTable(list []queuedShape) *table {
	t := newTable("case", "freeze", "state", "account", "asset", "asked>", "held>", "traced>", "expected>", "lost_per_hour>", "minutes_since_loss>",
		"next", "deadline", "lapses", "mechanism", "institution", "contact", "country", "local_time", "open", "others", "owner", "hop>", "care")
	for _, q := range list {
		local, open, minutes := "", "", ""
		if q.LocalTime != nil {
			local, open = *q.LocalTime, yesNo(*q.Open)
		}
		if q.SinceLoss != nil {
			minutes = q.SinceLoss.String()
		}
		t.add(string(q.Case), string(q.Freeze), string(q.State), string(q.Account), string(q.Asset), textOr(q.Asked, "all"), q.Held, q.Traced, q.Expected,
			q.PerHour, minutes, q.Next, deadlineWords(q.Deadline, q.Overdue, "overdue"), deadlineWords(q.Lapses, q.Lapsed, "lapsed"), q.Mechanism,
			q.Institution, q.Contact, q.Country, local, open, strings.Join(q.Others, "; "), q.Owner, number(q.Hop), careWord(q.Care))
	}
	return t
}

func yesNo(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}

func careWord(care bool) string {
	if care {
		return "care"
	}
	return ""
}

func textOr(text *string, other string) string {
	if text == nil {
		return other
	}
	return *text
}

func deadlineWords(at *domain.When, past bool, word string) string {
	switch {
	case at == nil:
		return ""
	case past:
		return at.String() + " " + word
	}
	return at.String()
}

// queueText leaves the finer columns to --json and -o csv: an officer in a
// hurry reads what to do, where, and by when.
func queueText(w *page, shape queueShape) {
	w.head("Freezes that wait for something, as of %s", shape.Now)
	if len(shape.Freezes) == 0 {
		w.line("None.")
		return
	}
	w.table(queueTable(shape.Freezes).without(func(string) bool { return true }, "mechanism", "institution", "contact", "country", "local_time", "open", "others", "owner", "hop"))
	for _, q := range shape.Freezes {
		for _, line := range remarks(q) {
			w.line("%s %s: %s.", q.Case, q.Freeze, line)
		}
	}
}

// remarks are what an officer has to know before he takes up the telephone.
func remarks(q queuedShape) []string {
	var list []string
	for _, r := range []struct {
		said bool
		text string
	}{
		{q.Care, "the holder may act under force: care before contact"},
		{q.Contact != "", "call " + q.Contact + " at " + q.Institution},
		{q.LocalTime != nil && q.Open != nil && !*q.Open, fmt.Sprintf("it is %s there, and offices are closed", textOr(q.LocalTime, ""))},
		{q.OrderLate, "the order was due " + deadlineWords(q.OrderDue, false, "")},
		{len(q.Others) > 0, "others are on it: " + strings.Join(q.Others, "; ")},
	} {
		if r.said {
			list = append(list, r.text)
		}
	}
	return list
}
