package main

import (
	"context"

	"github.com/spf13/cobra"

	"clew/domain"
	"clew/projections"
	"clew/tracing"
)

// movementsShape is `movement list --json`: a page of the movements of a case,
// in the order of the log.
type movementsShape struct {
	Case      domain.CaseID    `json:"case"`
	Position  uint64           `json:"position"`
	At        *string          `json:"at"`
	KnownAt   *string          `json:"known_at"`
	Movements []movementListed `json:"movements"`
	Next      *uint64          `json:"next"` // --after for the next page; null: this was the last
}

// movementListed is a movement as it is walked: as corrected by then, and once
// where several tellings were joined.
type movementListed struct {
	Movement domain.MovementID   `json:"movement"`
	Position uint64              `json:"position"` // of its first record
	Kind     domain.MovementKind `json:"kind"`
	Time     domain.When         `json:"time"`
	From     domain.AccountID    `json:"from"`
	To       domain.AccountID    `json:"to"`
	Amount   string              `json:"amount"`
	Asset    domain.AssetCode    `json:"asset"`
	ToAmount string              `json:"to_amount"`
	ToAsset  domain.AssetCode    `json:"to_asset"`
	Fee      string              `json:"fee"`
	Source   string              `json:"source"`
	Ref      string              `json:"ref"`
	Victim   domain.VictimID     `json:"victim"`
	Scam     domain.Scam         `json:"scam"`
}

// mostListed bounds a page: a screen has a hundred lines, a program's page a
// few thousand.
const (
	usualListed = 100
	mostListed  = 5000
)

func (p *program) movementList() *cobra.Command {
	var ask asking
	var after uint64
	limit := usualListed
	cmd := &cobra.Command{
		Use: "list CASE", Short: "List the movements of a case, page by page",
		Long: `List the movements of a case as they are walked, in the order in which they were recorded. A page ends after --limit
movements; --after takes the position of its last one and gives the next page. What is recorded meanwhile comes after all
that is there, so no page loses or repeats a movement; corrections show in pages that are asked for later.`,
		Example: "  clew movement list C1\n  clew movement list C1 --after 140 --limit 1000 --json", Args: p.takes("CASE"),
	}
	cmd.Flags().Uint64Var(&after, "after", 0, "only movements first recorded after this position of the log")
	cmd.Flags().IntVar(&limit, "limit", usualListed, "most movements of a page, up to 5000")
	cmd.RunE = p.doesAbout(func(ctx context.Context, id domain.CaseID, _ []string) error {
		if limit < 1 || limit > mostListed {
			return domain.Usage("--limit %d: a page has 1 to %d movements", limit, mostListed)
		}
		return p.with(ctx, mustExist, func(o *office) error {
			question, err := ask.question(ctx, o, id)
			if err != nil {
				return err
			}
			assembly, err := o.assemble(ctx, question)
			if err != nil {
				return err
			}
			shape := movementsShape{Case: id, Position: assembly.Position, Movements: []movementListed{}}
			shape.At, shape.KnownAt = ask.told()
			shape.page(assembly, question, paging{after, limit})
			return p.say(reply{object: shape, table: movementsListTable(shape.Movements)})
		})
	})
	return ask.times(p.caseFlag(cmd))
}

// assemble is a case made ready for walking as it was known.
func (o *office) assemble(ctx context.Context, q projections.Ask) (*projections.Assembly, error) {
	upto, err := o.head(ctx, q.Upto)
	if err != nil {
		return nil, err
	}
	return o.views.Assemble(ctx, q.Case, upto)
}

// paging is where a page begins and how long it is.
type paging struct {
	after uint64
	limit int
}

// page takes the movements of one page. The rows lie in the order of the log.
func (m *movementsShape) page(s *projections.Assembly, q projections.Ask, p paging) {
	last := uint64(0)
	for row := range s.Rows() {
		if row.Position <= p.after || !q.At.IsZero() && row.When.Time.After(q.At) {
			continue
		}
		if len(m.Movements) == p.limit {
			m.Next = &last
			return
		}
		m.Movements, last = append(m.Movements, listedOf(*row)), row.Position
	}
}

func listedOf(r tracing.Row) movementListed {
	one := movementListed{Movement: r.ID, Position: r.Position, Kind: r.Kind, Time: r.When, From: r.From, To: r.To,
		Source: r.Source, Ref: r.Ref, Victim: r.Victim, Scam: r.Scam}
	one.Amount, one.Asset = shown(r.Amount)
	one.ToAmount, one.ToAsset = shown(r.Received)
	one.Fee, _ = shown(r.Fee)
	return one
}

func movementsListTable(list []movementListed) *table {
	t := newTable("position>", "time", "kind", "amount>", "asset", "from", "to", "victim", "movement")
	for _, m := range list {
		t.add(number(m.Position), m.Time.String(), string(m.Kind), m.Amount, string(m.Asset), string(m.From), string(m.To), string(m.Victim), string(m.Movement))
	}
	return t
}
