package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"clew/casework"
	"clew/domain"
)

func (p *program) scamCommands() *cobra.Command {
	return p.branch("scam", "Say by what scam and lure victims were reached, and where it is run from", p.scamDescribe(), p.scamWithdraw(), p.scamShow(), p.scamWords())
}

// scamTarget is of what a scam is described: of a payment, a victim, or the
// case.
type scamTarget struct{ victim, movement string }

func (s *scamTarget) on(cmd *cobra.Command) *cobra.Command {
	cmd.Flags().StringVar(&s.victim, "victim", "", "of this victim; none: of every victim of the case of whom nothing else is said")
	cmd.Flags().StringVar(&s.movement, "movement", "", "of this payment: its name, the first letters of it, or the source's own id")
	cmd.MarkFlagsMutuallyExclusive("victim", "movement")
	return cmd
}

// find reads the flags.
func (s *scamTarget) find(ctx context.Context, o *office, id domain.CaseID) (domain.VictimID, domain.MovementID, error) {
	if s.movement == "" {
		return domain.VictimID(s.victim), "", nil
	}
	movement, err := o.movement(ctx, id, s.movement)
	return "", movement, err
}

func (p *program) scamDescribe() *cobra.Command {
	var target scamTarget
	var said domain.DescribeScam
	var typology string
	var lures []string
	cmd := &cobra.Command{
		Use: "describe CASE", Short: "Describe the scam: typology, lures, the victim's country, where it is run from",
		Long: `Describe the scam that a payment, a victim, or every victim of the case was reached by. What is said of a payment
goes before the typology of its report, that before what is said of the victim, and that before what is said of the
case. What is left out stays as it was said before. 'clew scam words' lists the words; where none fits, write
"other: …".`,
		Example: `  clew scam describe C1 --typology romance --lure ai_profile --lure platform --run-from MM --source "interview of 4 March"
  clew scam describe C1 --victim V1 --country DE --source "report to the police"`, Args: p.takes("CASE"),
	}
	flags := cmd.Flags()
	flags.StringVar(&typology, "typology", "", joined(domain.Scams())+", or \"other: …\"")
	flags.StringArrayVar(&lures, "lure", nil, "by what the victim was reached; may be given several times")
	flags.StringVar(&said.Country, "country", "", "where the victim was: ISO 3166-1 code of two letters")
	flags.StringVar(&said.RunFrom, "run-from", "", "the country that the scam is run from")
	flags.StringVar(&said.Source, "source", "", "who says so (needed)")
	flags.BoolVar(&said.Assessment, "assessment", false, "an assessment and not a fact (Directive (EU) 2016/680, article 7)")
	cmd.RunE = p.doesAbout(func(ctx context.Context, id domain.CaseID, _ []string) error {
		said.Typology = domain.Scam(typology)
		for _, lure := range lures {
			said.Lures = append(said.Lures, domain.Lure(lure))
		}
		return p.act(ctx, mustExist, func(o *office, by casework.By) (_ act, err error) {
			if said.Victim, said.Movement, err = target.find(ctx, o, id); err != nil {
				return act{}, err
			}
			outcome, err := o.desk.DescribeScam(ctx, by, id, said)
			return act{what: fmt.Sprintf("the scam is described in case %s", id), fields: map[string]any{"case": id},
				next: "clew stats typologies", outcome: outcome}, err
		})
	})
	return target.on(p.caseFlag(cmd))
}

func (p *program) scamWithdraw() *cobra.Command {
	var target scamTarget
	reason := ""
	cmd := &cobra.Command{
		Use: "withdraw CASE", Short: "Take back all that was described of a payment's, a victim's or the case's scam",
		Example: `  clew scam withdraw C1 --victim V1 --reason "he meant another"`, Args: p.takes("CASE"),
	}
	cmd.Flags().StringVar(&reason, "reason", "", "why (needed)")
	cmd.RunE = p.doesAbout(func(ctx context.Context, id domain.CaseID, _ []string) error {
		return p.act(ctx, mustExist, func(o *office, by casework.By) (act, error) {
			victim, movement, err := target.find(ctx, o, id)
			if err != nil {
				return act{}, err
			}
			outcome, err := o.desk.Do(ctx, by, id, domain.WithdrawScam{Victim: victim, Movement: movement, Reason: reason})
			return act{what: fmt.Sprintf("the description of the scam is withdrawn in case %s", id), fields: map[string]any{"case": id}, outcome: outcome}, err
		})
	})
	return target.on(p.caseFlag(cmd))
}

// scamShape is one description in JSON.
type scamShape struct {
	Victim     domain.VictimID   `json:"victim,omitempty"`
	Movement   domain.MovementID `json:"movement,omitempty"`
	Typology   domain.Scam       `json:"typology"`
	Lures      []domain.Lure     `json:"lures"`
	Country    string            `json:"country"`
	RunFrom    string            `json:"run_from"`
	Source     string            `json:"source"`
	Assessment bool              `json:"assessment"`
}

func (p *program) scamShow() *cobra.Command {
	var ask asking
	cmd := &cobra.Command{
		Use: "show CASE", Short: "Show what was described of the scam, each with its source",
		Example: "  clew scam show C1", Args: p.takes("CASE"),
	}
	cmd.RunE = p.doesAbout(func(ctx context.Context, id domain.CaseID, _ []string) error {
		return p.withCase(ctx, id, &ask, func(_ *office, file *domain.CaseFile, _ uint64) error {
			list, t := scamsOf(file)
			return p.say(reply{object: list, table: t})
		})
	})
	return ask.times(p.caseFlag(cmd))
}

func scamsOf(file *domain.CaseFile) ([]scamShape, *table) {
	list, t := []scamShape{}, newTable("of", "typology", "lures", "victim in", "run from", "fact or assessment", "source")
	for _, s := range file.Scams {
		list = append(list, scamShape{s.Victim, s.Movement, s.Typology, listed(s.Lures), s.Country, s.RunFrom, s.Source, s.Assessment})
		of := "the case"
		switch {
		case s.Victim != "":
			of = "victim " + string(s.Victim)
		case s.Movement != "":
			of = "movement " + string(s.Movement)
		}
		t.add(of, string(s.Typology), joined(s.Lures), s.Country, s.RunFrom, factOr(s.Assessment), s.Source)
	}
	return list, t
}

// wordShape is one word of a vocabulary, in JSON.
type wordShape struct {
	Of     string `json:"of"`
	Name   string `json:"name"`
	Means  string `json:"means"`
	Source string `json:"source"`
}

func (p *program) scamWords() *cobra.Command {
	cmd := &cobra.Command{
		Use: "words", Short: "List the words for typologies, lures, notices and other crimes, with who uses them so",
		Example: "  clew scam words", Args: p.takes(),
	}
	cmd.RunE = p.does(func(context.Context, []string) error {
		list, t := []wordShape{}, newTable("of", "word", "means", "source")
		for _, v := range domain.Vocabularies() {
			for _, term := range v.Terms {
				list = append(list, wordShape{v.Of, term.Name, term.Means, term.Source})
				t.add(v.Of, term.Name, term.Means, term.Source)
			}
		}
		return p.say(reply{object: list, table: t})
	})
	return cmd
}
