package main

import (
	"cmp"
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"clew/domain"
	"clew/projections"
)

// movementShape is `movement show --json`: how it reads, and all that was ever
// recorded of it.
type movementShape struct {
	Case      domain.CaseID       `json:"case"`
	Movement  domain.MovementID   `json:"movement"`
	Position  uint64              `json:"position"` // of its first record
	Kind      domain.MovementKind `json:"kind"`
	Time      domain.When         `json:"time"`
	From      domain.AccountID    `json:"from"`
	To        domain.AccountID    `json:"to"`
	Amount    string              `json:"amount"`
	Asset     domain.AssetCode    `json:"asset"`
	ToAmount  string              `json:"to_amount"`
	ToAsset   domain.AssetCode    `json:"to_asset"`
	Fee       string              `json:"fee"`
	FeeAsset  domain.AssetCode    `json:"fee_asset"`
	Of        domain.MovementID   `json:"of"`
	Inputs    []legShape          `json:"inputs"`
	Outputs   []legShape          `json:"outputs"`
	Source    string              `json:"source"`
	ID        string              `json:"id"` // the source's own
	Ref       string              `json:"ref"`
	Note      string              `json:"note"`
	Victim    domain.VictimID     `json:"victim"` // who reports it now
	Scam      domain.Scam         `json:"scam"`
	Withdrawn bool                `json:"withdrawn"`
	Joined    domain.MovementID   `json:"joined"`   // the movement that it is further evidence for
	Tellings  []domain.MovementID `json:"tellings"` // the other tellings of the payment
	History   []entryShape        `json:"history"`
	Evidence  []lineShape         `json:"evidence"`
}

type legShape struct {
	Account domain.AccountID `json:"account"`
	Amount  string           `json:"amount"`
	Asset   domain.AssetCode `json:"asset"`
}

// lineShape is a line of a file, as the file has it.
type lineShape struct {
	SHA256 domain.SHA256 `json:"sha256"`
	File   string        `json:"file"`
	Line   int           `json:"line"`
	Page   string        `json:"page"`
	Text   string        `json:"text"`
}

func (p *program) movementShow() *cobra.Command {
	var ask asking
	cmd := &cobra.Command{
		Use: "show CASE MOVEMENT", Short: "Show a movement with its history and the line of the file that shows it",
		Long: `Show how a movement reads, every record that told or touched it, and the line of the file as the file has it.
MOVEMENT is its name, the first letters of it, or the source's own id.`,
		Example: "  clew movement show C1 4tq0\n  clew movement show C1 t1 --upto 12 --json", Args: p.takes("CASE", "MOVEMENT"),
	}
	cmd.RunE = p.doesAbout(func(ctx context.Context, id domain.CaseID, rest []string) error {
		return p.withCase(ctx, id, &ask, func(o *office, file *domain.CaseFile, upto uint64) error {
			movement, err := o.views.FindMovement(ctx, id, rest[0])
			if err != nil {
				return err
			}
			history, err := o.views.MovementHistory(ctx, id, movement, upto)
			if err != nil {
				return err
			}
			if at, _ := ask.happened(); !at.IsZero() && history.File.Movement.When.Time.After(at.End()) {
				return domain.NotFound("movement %s had not happened by %s: it happened at %s", movement, at, history.File.Movement.When)
			}
			shape := shapeOfMovement(id, history)
			if shape.Evidence, err = o.evidenceLines(ctx, file, history.Evidence); err != nil {
				return err
			}
			return p.say(reply{object: shape, table: knownTable(shape.History), text: func(w *page) { movementText(w, shape) }})
		})
	})
	return ask.times(p.caseFlag(cmd))
}

func shapeOfMovement(id domain.CaseID, h *projections.History) movementShape {
	m := h.File.Movement
	shape := movementShape{
		Case: id, Movement: m.ID, Position: h.Position, Kind: m.Kind, Time: m.When, From: m.From, To: m.To, Of: m.Of,
		Inputs: legsOf(m.Inputs), Outputs: legsOf(m.Outputs), Source: m.Source, ID: m.SourceID, Ref: m.Ref, Note: m.Note,
		Victim: h.File.Victim, Scam: h.File.Scam, Withdrawn: h.File.Withdrawn, Joined: h.File.Joined, Tellings: listed(h.Tellings), History: []entryShape{},
	}
	shape.Amount, shape.Asset = shown(m.Amount)
	shape.ToAmount, shape.ToAsset = shown(m.Received)
	shape.Fee, shape.FeeAsset = shown(m.Fee)
	for _, told := range h.Events {
		shape.History = append(shape.History, told.Entry.Shape())
	}
	return shape
}

func legsOf(legs []domain.Leg) []legShape {
	list := []legShape{}
	for _, leg := range legs {
		list = append(list, legShape{leg.Account, leg.Amount.String(), leg.Amount.Asset.Code})
	}
	return list
}

// evidenceLines reads the lines that show a movement.
func (o *office) evidenceLines(ctx context.Context, file *domain.CaseFile, places []domain.Evidence) ([]lineShape, error) {
	lines := []lineShape{}
	for _, place := range places {
		if place.File == "" {
			continue
		}
		filed := file.Files[place.File]
		line := lineShape{SHA256: place.File, File: filed.Name, Line: place.Line, Page: place.Page}
		text, err := o.desk.Passage(ctx, filed.Format, place)
		if err != nil {
			return nil, err
		}
		line.Text = text
		lines = append(lines, line)
	}
	return lines, nil
}

func movementText(w *page, m movementShape) {
	w.head("Movement %s of case %s", m.Movement, m.Case)
	w.line("%s", m.reads())
	w.line("Told by %s%s%s.", cmp.Or(m.Source, "nobody"), told(", who calls it %s", m.ID), told(", reference %s", m.Ref))
	if m.Note != "" {
		w.raw("Note: " + m.Note)
	}
	switch {
	case m.Withdrawn:
		w.line("It is withdrawn: it turned out not to have been.")
	case m.Joined != "":
		w.line("It is further evidence for movement %s.", m.Joined)
	}
	if m.Victim != "" {
		w.line("Reported by %s%s.", m.Victim, told(" (%s)", string(m.Scam)))
	}
	w.section("What was recorded", knownTable(m.History))
	if len(m.Evidence) > 0 {
		w.space()
		w.head("What shows it")
	}
	for _, e := range m.Evidence {
		w.line("%s (%.12s…), %s%s", e.File, e.SHA256, told("%s ", e.Page)+fmt.Sprintf("line %d", e.Line), told(": %s", e.Text))
	}
	if len(m.Tellings) > 0 {
		w.line("Other tellings of the same payment: %s", joined(m.Tellings))
	}
}

// reads says in one line what moved.
func (m movementShape) reads() string {
	if m.Kind == domain.Hop {
		return fmt.Sprintf("%s at %s, %s and %s", m.Kind, m.Time, count(len(m.Inputs), "input"), count(len(m.Outputs), "output"))
	}
	text := fmt.Sprintf("%s at %s: %s %s", m.Kind, m.Time, m.Amount, m.Asset)
	if m.From != "" {
		text += fmt.Sprintf(" from %s", m.From)
	}
	text += fmt.Sprintf(" to %s", m.To)
	if m.ToAmount != "" {
		text += fmt.Sprintf(", of which %s %s arrived", m.ToAmount, m.ToAsset)
	}
	if m.Fee != "" {
		text += fmt.Sprintf(", with a fee of %s %s", m.Fee, m.FeeAsset)
	}
	return text
}
