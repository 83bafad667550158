package main

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"clew/casework"
	"clew/domain"
	"clew/network"
)

// linksShape is `links --json`: what cases have in common.
type linksShape struct {
	Case     domain.CaseID `json:"case"` // "" for all
	Position uint64        `json:"position"`
	At       *string       `json:"at"`
	KnownAt  *string       `json:"known_at"`
	Links    []hitShape    `json:"links"`
}

// hitShape is one thing that a case has in common with another, in JSON.
type hitShape struct {
	Match  network.Match `json:"match"`
	What   string        `json:"what"`
	Case   domain.CaseID `json:"case"`
	Since  sinceShape    `json:"since"`
	Other  domain.CaseID `json:"other"`
	There  string        `json:"there"` // what the other case calls it; "" where that is its own matter
	Known  sinceShape    `json:"there_since"`
	Team   string        `json:"team"`
	Ask    string        `json:"contact"`
	Joined bool          `json:"linked"` // the two are walked as one already
}

// sinceShape is since when a case knows of something, and when it first
// happened there; null where nothing happened, or where that is its own matter.
type sinceShape struct {
	Position uint64  `json:"position"`
	Recorded string  `json:"recorded_at"`
	Happened *string `json:"happened"`
}

func sinceOf(s network.Sighting, recorded time.Time) sinceShape {
	shape := sinceShape{Position: s.Since, Recorded: domain.Instant(recorded).String()}
	if !s.First.IsZero() {
		text := s.First.String()
		shape.Happened = &text
	}
	return shape
}

func hitShapes(hits []casework.Hit) []hitShape {
	shapes := []hitShape{}
	for _, h := range hits {
		shapes = append(shapes, hitShape{h.Match, h.Here.What, h.Here.Case, sinceOf(h.Here, h.KnownHere), h.There.Case, h.There.What,
			sinceOf(h.There, h.KnownThere), h.Team, h.Contact, h.Joined})
	}
	return shapes
}

func (p *program) linksCommand() *cobra.Command {
	var ask asking
	cmd := &cobra.Command{
		Use: "links [CASE]", Short: "Say what a case has in common with other cases, since when, and whom to ask",
		Long: `List the accounts, addresses, payments, persons, devices and other identifiers that a case has in common with other
cases; without a case, those of all cases. Of another team's case it says that there is one, its team and its contact,
and nothing of what it holds. Persons and identifiers are compared by keyed hashes: no name is opened. Each hit is
logged for both cases. A common account is a reason to talk to one another; it does not make two cases one.`,
		Example: "  clew links C1\n  clew links C1 --known-at 2024-03-01 --json\n  clew links -o csv", Args: p.takes("[CASE]"),
	}
	cmd.RunE = p.does(func(ctx context.Context, args []string) error {
		say := func(o *office, id domain.CaseID) error {
			shape, err := o.links(ctx, id, &ask)
			if err != nil {
				return err
			}
			return p.say(reply{object: shape, table: hitsTable(shape.Links), text: func(w *page) { linksText(w, shape) }})
		}
		return p.withCaseOrAll(ctx, args, &ask, say)
	})
	cmd.AddCommand(p.linksHubs(), p.linksRoutes(), p.linksRings())
	return ask.times(p.caseFlag(cmd))
}

// links asks under the times of the question.
func (o *office) links(ctx context.Context, id domain.CaseID, ask *asking) (linksShape, error) {
	shape := linksShape{Case: id}
	by, err := o.program.by()
	if err != nil {
		return shape, err
	}
	question, err := ask.question(ctx, o, id)
	if err != nil {
		return shape, err
	}
	found, err := o.desk.Links(ctx, by, question, o.program.why)
	if err != nil {
		return shape, err
	}
	shape.Position, shape.Links = found.Position, hitShapes(found.Hits)
	shape.At, shape.KnownAt = ask.told()
	return shape, nil
}

// met is what an act has brought into common with other cases.
func (o *office) met(ctx context.Context, by casework.By, done act) ([]casework.Hit, error) {
	id, about := done.fields["case"].(domain.CaseID)
	if !about || done.outcome.Nothing || done.outcome.First == 0 {
		return nil, nil
	}
	return o.desk.Met(ctx, by, id, done.outcome.First-1)
}

func hitsTable(hits []hitShape) *table {
	t := newTable("case", "match", "what", "since", "happened", "other case", "there", "there since", "there happened", "team", "contact", "walked as one")
	for _, h := range hits {
		linked := ""
		if h.Joined {
			linked = "yes"
		}
		t.add(string(h.Case), string(h.Match), h.What, h.Since.Recorded, orNone(h.Since.Happened), string(h.Other), h.There, h.Known.Recorded,
			orNone(h.Known.Happened), h.Team, h.Ask, linked)
	}
	return t
}

func orNone(text *string) string {
	if text == nil {
		return ""
	}
	return *text
}

func linksText(w *page, shape linksShape) {
	if shape.Case == "" {
		w.head("What cases have in common, as of position %d of the log", shape.Position)
	} else {
		w.head("What case %s has in common with other cases, as of position %d of the log", shape.Case, shape.Position)
	}
	if len(shape.Links) == 0 {
		w.line("Nothing that is recorded. Names are compared as they are written, and what nobody wrote down is not found.")
		return
	}
	w.table(hitsTable(shape.Links).without(blank, "happened", "there", "there happened", "team", "contact", "walked as one"))
	w.space()
	w.line("A common account, person or payment is a reason to ask the other team; it does not make two cases one.")
}

// hitsText says of what was recorded where it also occurs.
func hitsText(w *page, hits []hitShape) {
	for i, h := range hits {
		if i == maxShown {
			w.line("… and %d more: 'clew links %s' lists them", len(hits)-i, h.Case)
			return
		}
		w.line("%s also occurs in case %s%s", h.subject(), h.Other, h.whom())
	}
}

// subject names what two cases have in common.
func (h hitShape) subject() string {
	switch h.Match {
	case network.ByAccount, network.ByAddress:
		return h.What
	case network.ByCluster:
		return "an account that was found to be " + h.What
	case network.ByPayment:
		return "the payment " + h.What
	case network.ByPerson:
		return h.What
	}
	return fmt.Sprintf("the %s of %s", h.Match, h.What)
}

// whom says whom to ask.
func (h hitShape) whom() string {
	switch {
	case h.Joined:
		return ", which is walked as one with it"
	case h.Team == "":
		return ""
	}
	return fmt.Sprintf(" (team %s, contact %s)", h.Team, h.Ask)
}
