package main

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/spf13/cobra"

	"clew/casework"
	"clew/domain"
	"clew/vault"
)

func (p *program) personCommands() *cobra.Command {
	return p.branch("person", "Say what a person is to a case, and what was found out about somebody", p.personAdd(), p.personShow(), p.personFinding(), p.personFind())
}

func (p *program) personAdd() *cobra.Command {
	var command domain.RegisterPerson
	var category, victim, account string
	cmd := &cobra.Command{
		Use: "add CASE PERSON", Short: "Register a person as suspect, convicted, victim, witness or other (LED art. 6)",
		Long: `Register what a person is to the case. PERSON is a reference, such as P1, and never a name. Name, contact and basis
are sealed under a key of his own. A later registration takes the place of the first. With --assessment it is an
assessment and not a fact (LED art. 7).`,
		Example: `  clew person add C1 P1 --as suspect --name "B. Example" --account bank:77-100 --assessment`, Args: p.takes("CASE", "PERSON"),
	}
	flags := cmd.Flags()
	flags.StringVar(&category, "as", "", "suspect, convicted, victim, witness or other")
	flags.StringVar(&command.Name, "name", "", "the person's name")
	flags.StringVar(&command.Contact, "contact", "", "how to reach the person")
	flags.StringVar(&victim, "victim", "", "he is this victim")
	flags.StringVar(&account, "account", "", "he holds this account")
	flags.BoolVar(&command.Assessment, "assessment", false, "an assessment, not a fact")
	flags.StringVar(&command.Basis, "basis", "", "what it rests on")
	cmd.RunE = p.doesAbout(func(ctx context.Context, id domain.CaseID, rest []string) (err error) {
		command.Category, command.Victim = domain.PersonCategory(category), domain.VictimID(victim)
		if command.Person, err = domain.ParsePerson(rest[0]); err != nil {
			return usage(err)
		}
		if account != "" {
			if command.Account, err = domain.ParseAccount(account); err != nil {
				return flagError("--account", err)
			}
		}
		return p.do(ctx, id, command, act{what: fmt.Sprintf("person %s is registered in case %s as %s", command.Person, id, command.Category),
			fields: map[string]any{"case": id, "person": command.Person, "category": command.Category}})
	})
	return p.caseFlag(cmd)
}

// personShape is a registered person in JSON.
type personShape struct {
	Person     domain.PersonID       `json:"person"`
	Category   domain.PersonCategory `json:"category"`
	Name       string                `json:"name"`
	Contact    string                `json:"contact"`
	Victim     domain.VictimID       `json:"victim,omitempty"`
	Account    domain.AccountID      `json:"account,omitempty"`
	Assessment bool                  `json:"assessment"`
	Basis      string                `json:"basis"`
}

// findingShape is a finding in JSON.
type findingShape struct {
	About      domain.Whose `json:"about"`
	Text       string       `json:"text"`
	Source     string       `json:"source"`
	Assessment bool         `json:"assessment"`
}

// personsShape is the persons of a case and what was found out, in JSON.
type personsShape struct {
	Case     domain.CaseID  `json:"case"`
	Persons  []personShape  `json:"persons"`
	Findings []findingShape `json:"findings"`
}

func (p *program) personShow() *cobra.Command {
	var ask asking
	cmd := &cobra.Command{
		Use: "show CASE", Short: "Show the persons of a case and the findings, facts apart from assessments",
		Example: "  clew person show C1", Args: p.takes("CASE"),
	}
	cmd.RunE = p.doesAbout(func(ctx context.Context, id domain.CaseID, _ []string) error {
		return p.withCase(ctx, id, &ask, func(_ *office, file *domain.CaseFile, _ uint64) error {
			persons, t := personsOf(file)
			findings, f := findingsOf(file)
			return p.say(reply{object: personsShape{id, persons, findings}, table: t, text: func(w *page) {
				w.table(t)
				w.section("Findings", f)
			}})
		})
	})
	return ask.times(p.caseFlag(cmd))
}

func personsOf(file *domain.CaseFile) ([]personShape, *table) {
	persons, t := []personShape{}, newTable("person", "category", "name", "contact", "victim", "account", "fact or assessment", "basis")
	for _, id := range slices.Sorted(maps.Keys(file.Persons)) {
		said := file.Persons[id]
		one := personShape{id, said.Category, inClear(said.Name), inClear(said.Contact), said.Victim, said.Account, said.Assessment, said.Basis}
		persons = append(persons, one)
		t.add(string(id), string(one.Category), one.Name, one.Contact, string(one.Victim), string(one.Account), factOr(one.Assessment), one.Basis)
	}
	return persons, t
}

func findingsOf(file *domain.CaseFile) ([]findingShape, *table) {
	findings, t := []findingShape{}, newTable("about", "fact or assessment", "finding", "source")
	for _, said := range file.Findings {
		findings = append(findings, findingShape{said.About, said.Text.Clear, said.Source, said.Assessment})
		t.add(said.About.String(), factOr(said.Assessment), said.Text.Clear, said.Source)
	}
	return findings, t
}

func (p *program) personFinding() *cobra.Command {
	var flags whoseFlags
	var note domain.NoteFinding
	cmd := &cobra.Command{
		Use: "finding CASE TEXT", Short: "Note what was found out, as a fact or as an assessment (LED art. 7)",
		Example: `  clew person finding C1 "He withdrew the money himself." --person P1 --source "camera 4"`, Args: p.takes("CASE", "TEXT"),
	}
	cmd.Flags().StringVar(&note.Source, "source", "", "where it is from")
	cmd.Flags().BoolVar(&note.Assessment, "assessment", false, "an assessment, not a fact")
	cmd.RunE = p.doesAbout(func(ctx context.Context, id domain.CaseID, rest []string) error {
		note.Text = rest[0]
		return p.doAbout(ctx, id, &flags, func(of domain.Whose) (domain.Command, string) {
			note.About = of
			return note, fmt.Sprintf("the finding about %s is noted", of)
		})
	})
	return flags.on(p.caseFlag(cmd))
}

func (p *program) personFind() *cobra.Command {
	cmd := &cobra.Command{
		Use: "find NAME", Short: "Find the persons of a name in every case, by the name's keyed hash",
		Long: `Find the victims and persons who bear a name, in every case. Names are compared by a keyed hash, without regard to
capitals, blanks and full stops; no name is opened. That cases were combined, by whom and why (--why), is logged.`,
		Example: `  clew person find "A. Example" --why "victims of one gang"`, Args: p.takes("NAME"),
	}
	cmd.RunE = p.does(func(ctx context.Context, args []string) error {
		by, err := p.by()
		if err != nil {
			return err
		}
		return p.with(ctx, mustExist, func(o *office) error {
			if err := o.reads(by, casework.Read{Does: vault.Combined, What: "persons of one name"}); err != nil {
				return err
			}
			found, err := o.desk.Namesakes(args[0])
			if err != nil {
				return err
			}
			t := newTable("case", "victim", "person", "account")
			found = slices.DeleteFunc(found, func(n casework.Namesake) bool { return !p.sees(n.Case) })
			for _, one := range found {
				t.add(string(one.Case), string(one.Victim), string(one.Person), string(one.Account))
			}
			return p.say(reply{object: listed(found), table: t})
		})
	})
	return cmd
}
