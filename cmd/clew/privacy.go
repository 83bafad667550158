package main

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"clew/domain"
)

func (p *program) privacyCommands() *cobra.Command {
	return p.branch("privacy", "Legal holds, restriction, reviews: how long personal data is kept", p.privacyShow(), p.privacyHold(), p.privacyLift(), p.privacyRestrict(), p.privacyReview())
}

func (p *program) privacyHold() *cobra.Command {
	var flags whoseFlags
	var hold domain.PlaceLegalHold
	until := ""
	cmd := &cobra.Command{
		Use: "hold CASE", Short: "Place a legal hold: nothing of it is erased until it is lifted",
		Long: `Place a legal hold on a case, or on one victim, person, account's holder, file or text of it. Until it is lifted
('clew privacy lift') erasing is refused, with the hold's name and reason.`,
		Example: `  clew privacy hold C1 --victim V1 --authority "Court of A" --reason "file 12 Js 7/24"`, Args: p.takes("CASE"),
	}
	cmd.Flags().StringVar(&hold.Authority, "authority", "", "who orders it")
	cmd.Flags().StringVar(&hold.Reason, "reason", "", "why")
	cmd.Flags().StringVar(&until, "until", "", "when it is to be looked at again; it does not end by itself")
	cmd.RunE = p.doesAbout(func(ctx context.Context, id domain.CaseID, _ []string) error {
		if err := whenOf("--until", until, &hold.Until); err != nil {
			return err
		}
		return p.doAbout(ctx, id, &flags, func(of domain.Whose) (domain.Command, string) {
			hold.Of = of
			return hold, fmt.Sprintf("%s must be kept", of)
		})
	})
	return flags.on(p.caseFlag(cmd))
}

func (p *program) privacyLift() *cobra.Command {
	var lift domain.LiftLegalHold
	cmd := &cobra.Command{
		Use: "lift CASE HOLD", Short: "Lift a legal hold",
		Example: `  clew privacy lift C1 L1 --authority "Court of A" --reason "the judgment is final"`, Args: p.takes("CASE", "HOLD"),
	}
	cmd.Flags().StringVar(&lift.Authority, "authority", "", "who lifts it")
	cmd.Flags().StringVar(&lift.Reason, "reason", "", "why")
	cmd.RunE = p.doesAbout(func(ctx context.Context, id domain.CaseID, rest []string) error {
		lift.Hold = rest[0]
		return p.do(ctx, id, lift, act{what: fmt.Sprintf("legal hold %s of case %s is lifted", lift.Hold, id), fields: map[string]any{"case": id, "hold": lift.Hold}})
	})
	return p.caseFlag(cmd)
}

func (p *program) privacyRestrict() *cobra.Command {
	var flags whoseFlags
	var r domain.Restrict
	cmd := &cobra.Command{
		Use: "restrict CASE", Short: "Keep personal data for evidence alone, instead of erasing it (LED art. 16(3))",
		Long: `Keep the data of a victim, a person, an account's holder or a file for evidence alone: it is sealed as before, and
no answer, paper or bundle opens it. --lift ends that.`,
		Example: `  clew privacy restrict C1 --person P1 --basis "LED art. 16(3)(b)" --reason "needed at the trial"`, Args: p.takes("CASE"),
	}
	cmd.Flags().StringVar(&r.Basis, "basis", "", "the law, or the decision")
	cmd.Flags().StringVar(&r.Reason, "reason", "", "why")
	cmd.Flags().BoolVar(&r.Lifted, "lift", false, "end the restriction")
	cmd.RunE = p.doesAbout(func(ctx context.Context, id domain.CaseID, _ []string) error {
		if flags.event > 0 {
			return domain.Usage("one event's text is erased or not: restrict whose it is")
		}
		return p.doAbout(ctx, id, &flags, func(of domain.Whose) (domain.Command, string) {
			r.Of = of
			if r.Lifted {
				return r, fmt.Sprintf("data of %s is used as before", of)
			}
			return r, fmt.Sprintf("data of %s is kept for evidence alone", of)
		})
	})
	return flags.on(p.caseFlag(cmd))
}

func (p *program) privacyReview() *cobra.Command {
	var due, reason string
	cmd := &cobra.Command{
		Use: "review CASE", Short: "Set when the need to keep a case's data is reviewed (LED art. 5)",
		Example: `  clew privacy review C1 --due 2027-06-30 --reason "the trial is set for spring"`, Args: p.takes("CASE"),
	}
	cmd.Flags().StringVar(&due, "due", "", "the day")
	cmd.Flags().StringVar(&reason, "reason", "", "why it is still needed, or what the last review found")
	cmd.RunE = p.doesAbout(func(ctx context.Context, id domain.CaseID, _ []string) error {
		when, err := domain.ParseWhen(due)
		if err != nil {
			return flagError("--due", err)
		}
		return p.do(ctx, id, domain.SetReview{Due: when, Reason: reason}, act{what: fmt.Sprintf("case %s is to be reviewed by %s", id, when), fields: map[string]any{"case": id, "due": when}})
	})
	return p.caseFlag(cmd)
}

// privacyShape is what is kept of people in a case, and how, in JSON.
type privacyShape struct {
	Case       domain.CaseID               `json:"case"`
	Review     *domain.ReviewSet           `json:"review"` // null: no day is set
	Overdue    bool                        `json:"overdue"`
	Holds      []domain.LegalHoldPlaced    `json:"holds"`
	Restricted []domain.PersonalRestricted `json:"restricted"`
	Erased     []domain.PersonalErased     `json:"erased"`
	Handling   []domain.HandlingSet        `json:"handling"`
}

func (p *program) privacyShow() *cobra.Command {
	var ask asking
	cmd := &cobra.Command{
		Use: "show CASE", Short: "Show legal holds, restrictions, erasures, handling conditions and the day of review",
		Example: "  clew privacy show C1", Args: p.takes("CASE"),
	}
	cmd.RunE = p.doesAbout(func(ctx context.Context, id domain.CaseID, _ []string) error {
		return p.withCase(ctx, id, &ask, func(_ *office, file *domain.CaseFile, _ uint64) error {
			shape := p.privacyOf(file)
			t := privacyTable(shape)
			return p.say(reply{object: shape, table: t, text: func(w *page) {
				w.head("Case %s: %s", id, reviewText(shape))
				w.table(t)
			}})
		})
	})
	return ask.times(p.caseFlag(cmd))
}

func (p *program) privacyOf(file *domain.CaseFile) privacyShape {
	shape := privacyShape{Case: file.ID, Review: file.Review, Holds: listed(file.Holds), Erased: listed(file.Erased)}
	shape.Overdue = file.Review != nil && file.Review.Due.End().Before(p.now())
	shape.Restricted, shape.Handling = []domain.PersonalRestricted{}, []domain.HandlingSet{}
	for _, r := range file.Restricted {
		shape.Restricted = append(shape.Restricted, r)
	}
	slices.SortFunc(shape.Restricted, func(a, b domain.PersonalRestricted) int { return strings.Compare(a.Of.String(), b.Of.String()) })
	for _, f := range slices.Sorted(maps.Keys(file.Handling)) {
		shape.Handling = append(shape.Handling, file.Handling[f])
	}
	return shape
}

func reviewText(s privacyShape) string {
	switch {
	case s.Review == nil:
		return "no day is set on which the need to keep its data is reviewed"
	case s.Overdue:
		return "the review of " + s.Review.Due.String() + " is overdue"
	}
	return "to be reviewed by " + s.Review.Due.String()
}

func privacyTable(s privacyShape) *table {
	t := newTable("what", "whose", "by or basis", "reason")
	for _, h := range s.Holds {
		t.add("legal hold "+h.Hold, h.Of.String(), h.Authority, h.Reason)
	}
	for _, r := range s.Restricted {
		t.add("restricted", r.Of.String(), r.Basis, r.Reason)
	}
	for _, e := range s.Erased {
		t.add("erased", e.Of.String(), e.Basis, e.Reason)
	}
	for _, h := range s.Handling {
		t.add("handling "+joined(h.Conditions), "file "+string(h.File), h.Originator, h.Reason)
	}
	return t
}
