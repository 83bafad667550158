package main

import (
	"context"
	"maps"
	"slices"

	"clew/domain"
)

// caseShape is what `case show --json` says.
type caseShape struct {
	Case       domain.CaseID     `json:"case"`
	Title      string            `json:"title"`
	Currency   domain.AssetCode  `json:"currency"`
	Closed     bool              `json:"closed"`
	Links      []domain.CaseID   `json:"links"`
	Rule       *lockShape        `json:"rule"` // null: none is locked
	Files      []fileShape       `json:"files"`
	Victims    []victimShape     `json:"victims"`
	Accounts   []accountShape    `json:"accounts"`
	Identified []identifiedShape `json:"identified"`
	Notes      []string          `json:"notes"`
	largerShape
}

// largerShape is what ties a case to the world outside, in JSON.
type largerShape struct {
	Scams      []scamShape       `json:"scams"`
	Operations []operationLink   `json:"operations"`
	Notices    []noticeShape     `json:"notices"`
	Centres    []centreLinkShape `json:"centres"`
	Crimes     []crimeShape      `json:"crimes"`
}

type operationLink struct {
	Operation domain.OperationID `json:"operation"`
	Source    string             `json:"source"`
}

type centreLinkShape struct {
	Centre     domain.CentreID `json:"centre"`
	Of         domain.Whose    `json:"of"`
	Source     string          `json:"source"`
	Assessment bool            `json:"assessment"`
}

type crimeShape struct {
	Crime      domain.Crime `json:"crime"`
	Of         domain.Whose `json:"of"`
	Source     string       `json:"source"`
	Assessment bool         `json:"assessment"`
}

// largerOf lists what ties a case to the world outside, and the tables of it.
func largerOf(file *domain.CaseFile) (shape largerShape, scams, links *table) {
	shape = largerShape{Operations: []operationLink{}, Centres: []centreLinkShape{}, Crimes: []crimeShape{}}
	shape.Scams, scams = scamsOf(file)
	shape.Notices, _ = noticesOf(file)
	links = newTable("tied to", "which", "of", "fact or assessment", "source")
	for _, o := range file.Operations {
		shape.Operations = append(shape.Operations, operationLink(o))
		links.add("operation", string(o.Operation), domain.Whose{}.String(), factOr(false), o.Source)
	}
	for _, n := range shape.Notices {
		links.add("notice", n.Notice+" ("+string(n.Colour)+")", n.Of.Tied(), factOr(false), n.Source)
	}
	for _, c := range file.Centres {
		shape.Centres = append(shape.Centres, centreLinkShape(c))
		links.add("scam centre", string(c.Centre), c.Of.Tied(), factOr(c.Assessment), c.Source)
	}
	for _, c := range file.Crimes {
		shape.Crimes = append(shape.Crimes, crimeShape(c))
		links.add("other crime", string(c.Crime), c.Of.Tied(), factOr(c.Assessment), c.Source)
	}
	return shape, scams, links
}

type lockShape struct {
	Rule      string `json:"rule"`
	Authority string `json:"authority"`
	Reason    string `json:"reason"`
}

type fileShape struct {
	SHA256   domain.SHA256 `json:"sha256"`
	File     string        `json:"file"`
	Format   string        `json:"format"`
	Source   string        `json:"source"`
	Size     int64         `json:"size"`
	Rejected uint64        `json:"rejected"`
	Position uint64        `json:"position"`
}

type identifiedShape struct {
	Account domain.AccountID `json:"account"`
	As      domain.AccountID `json:"as"`
}

func (p *program) showCase(ctx context.Context, o *office, file *domain.CaseFile, upto uint64) error {
	files, err := filesOf(ctx, o, file.ID, upto)
	if err != nil {
		return err
	}
	shape := caseShape{
		Case: file.ID, Title: file.Title, Currency: file.Currency, Closed: file.Closed, Links: listed(file.Links),
		Rule: lockOf(file.Lock), Files: listed(files), Victims: victimsOf(file), Accounts: accountsOf(file), Notes: []string{},
		Identified: []identifiedShape{},
	}
	for _, account := range slices.Sorted(maps.Keys(file.SameAs)) {
		shape.Identified = append(shape.Identified, identifiedShape{account, file.SameAs[account]})
	}
	for _, note := range file.Notes {
		shape.Notes = append(shape.Notes, note.Clear)
	}
	larger, scams, links := largerOf(file)
	shape.largerShape = larger
	return p.say(reply{object: shape, table: filesTable(files), text: func(w *page) {
		caseText(w, shape)
		w.section("What is said of the scam", scams)
		w.section("Tied to", links)
	}})
}

func lockOf(lock *domain.RuleLocked) *lockShape {
	if lock == nil {
		return nil
	}
	return &lockShape{lock.Rule, lock.Authority, lock.Reason}
}

func filesOf(ctx context.Context, o *office, id domain.CaseID, upto uint64) ([]fileShape, error) {
	filed, err := o.views.Files(ctx, id, upto)
	var files []fileShape
	for _, f := range filed {
		files = append(files, fileShape{f.File, f.Name, f.Format, f.Source, f.Size, f.Rejected, f.Position})
	}
	return files, err
}

func filesTable(files []fileShape) *table {
	t := newTable("file", "format", "source", "size>", "rejected>", "position>", "sha256")
	for _, f := range files {
		t.add(f.File, f.Format, f.Source, number(f.Size), number(f.Rejected), number(f.Position), string(f.SHA256))
	}
	return t
}

func caseText(w *page, c caseShape) {
	w.head("Case %s: %s (%s)", c.Case, c.Title, openOrClosed(c.Closed))
	if len(c.Links) > 0 {
		w.line("Walked as one with %s.", joined(c.Links))
	}
	if c.Rule == nil {
		w.line("No rule is locked: 'clew rules %s' shows them side by side.", c.Case)
	} else {
		w.line("Rule %s, by authority of %s: %s", c.Rule.Rule, c.Rule.Authority, c.Rule.Reason)
	}
	w.section("Files", filesTable(c.Files))
	w.section("Victims", victimsTable(c.Victims))
	w.section("Accounts that somebody has described", accountsTable(c.Accounts))
	same := newTable("account", "is walked as")
	for _, i := range c.Identified {
		same.add(string(i.Account), string(i.As))
	}
	w.section("Names of one account", same)
	if len(c.Notes) > 0 {
		w.space()
		w.head("Notes")
	}
	for _, note := range c.Notes {
		w.raw(note)
	}
}
