package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"clew/casework"
	"clew/domain"
	"clew/projections"
)

// stepVerb is one step of a freeze as a command: its words, and which flags
// it has beside those of every step.
type stepVerb struct {
	step    domain.FreezeStep
	short   string
	long    string
	example string
	flags   []string
}

// freezeSteps are the steps after the draft: our own acts first, then news of
// what others did.
func freezeSteps() []stepVerb {
	return []stepVerb{
		{domain.StepApprove, "Approve a request that somebody else has drafted", "", "clew freeze approve C1 F1 --actor chief", nil},
		{domain.StepSubmit, "Say that a request has gone out", `Say that a request has gone out. Above the installation's limit ('clew freeze limit'), and without one always,
somebody else has to approve it first. Where minutes count, --urgent sends it before that: it is logged, and
listed until the approval is there.`, "clew freeze submit C1 F1\n  clew freeze submit C1 F1 --urgent --at 2024-03-01T07:55:00Z", []string{"urgent"}},
		{domain.StepWithdraw, "Take a request back", "", `clew freeze withdraw C1 F1 --reason "it was another account"`, []string{"reason"}},
		{domain.StepAcknowledge, "Record that the other side has the request", "",
			`clew freeze acknowledge C1 F1 --as indemnity_required --told "e-mail of the bank's recall desk"`, []string{"as"}},
		{domain.StepAnswer, "Record what the institution found", "",
			"clew freeze answer C1 F1 matched\n  clew freeze answer C1 F1 already_empty --onward 4tq0", []string{"onward"}},
		{domain.StepHold, "Record that money is held, asked for or not", `Record that money is held. The sum may be less or more than was asked; without --amount all that is there is
held. A hold that nobody asked for (the bank's own, another agency's, an event on a chain) needs no request:
--unasked with --account and --asset records it.`,
			"clew freeze hold C1 F1 --amount 500.00 --until 2024-06-01 --told \"letter of the bank\"\n  clew freeze hold C1 --unasked --account bank:77-100 --amount 500.00 --asset EUR --mechanism bank", []string{"until"}},
		{domain.StepExtend, "Record that a hold will last longer", "", "clew freeze extend C1 F1 --until 2024-09-01", []string{"until"}},
		{domain.StepRelease, "Record that a hold has ended, or a part of it", "", "clew freeze release C1 F1\n  clew freeze release C1 F1 --amount 100.00", []string{"amount"}},
		{domain.StepExpire, "Record that a hold has lapsed", "", "clew freeze expire C1 F1 --at 2024-06-01", nil},
		{domain.StepReturn, "Record that held money went back to the victim's bank", `Record that held money went back to the victim's bank, by which route. Where a statement shows it, --movement
names that movement, and nothing is moved twice.`,
			"clew freeze return C1 F1 --amount 500.00 --route recall --to iban:DE89370400440532013000", []string{"amount", "route", "to", "movement"}},
		{domain.StepSeize, "Record that held money was taken by order, or destroyed by its issuer", "",
			"clew freeze seize C1 F1 --amount 500.00 --reference \"order of 4 June\"\n  clew freeze seize C1 F1 --amount 500.000000 --method destroyed", []string{"amount", "movement", "method"}},
		{domain.StepRestore, "Share seized money among victims, or record that others did", restoreLong,
			"clew freeze restore C1 F1 --amount 500.00 --method pari-passu-net --dry-run\n  clew freeze restore C1 F1 --amount 500.00 --method court --share V1=300.00 --share V2=200.00",
			[]string{"amount", "share", "method"}},
		{domain.StepTransfer, "Record that seized money went to another jurisdiction", "", "clew freeze transfer C1 F1 --amount 500.00 --to NL", []string{"amount", "to"}},
		{domain.StepReject, "Record that the other side refuses", "", `clew freeze reject C1 F1 --reason "no order"`, []string{"reason"}},
		{domain.StepContest, "Record that a holder fights the freeze", "", `clew freeze contest C1 F1 --reason "the holder says that it is his wage"`, []string{"reason"}},
		{domain.StepDecide, "Record what was decided about a contested freeze", "", `clew freeze decide C1 F1 --reason "court order of 9 May: the freeze stands" --stands`, []string{"reason", "stands"}},
	}
}

// stepFlags are what the flags of a step say.
type stepFlags struct {
	command                                               domain.StepFreeze
	at, amount, asset, until, movement, as, route, answer string
	onward, shares                                        []string
}

// flags gives a step its flags: what every step has, and its own.
func (f *stepFlags) flags(cmd *cobra.Command, verb stepVerb) {
	set := cmd.Flags()
	set.StringVar(&f.at, "at", "", "when it happened: RFC 3339 or a date (default: now)")
	set.StringVar(&f.command.Note, "note", "", "free text")
	if !verb.step.Ours() {
		set.StringVar(&f.command.Told, "told", "", "where the news comes from")
		set.StringVar(&f.command.By, "by", "", "who did it: the institution, the court")
	}
	if verb.step != domain.StepHold {
		set.StringVar(&f.command.Reference, "reference", "", "the other side's number, an order's, a transaction's")
	}
	for _, name := range verb.flags {
		f.flag(set, name)
	}
}

func (f *stepFlags) flag(set *pflag.FlagSet, name string) {
	for _, text := range []struct {
		name  string
		to    *string
		usage string
	}{
		{"reason", &f.command.Text, "why, or what was decided (needed)"},
		{"as", &f.as, "indemnity_required, consent_pending or passed_on (default: a plain acknowledgement)"},
		{"until", &f.until, "until when it is held: RFC 3339 or a date"},
		{"route", &f.route, "recall, consent, administrative or court (needed)"},
		{"to", &f.command.To, "where it went: an account, or a jurisdiction"},
		{"movement", &f.movement, "the recorded movement that shows it"},
		{"method", &f.command.Method, "of a restoration: trace, pari-passu-gross, pari-passu-net, pari-passu-rising-tide or court; of a seizure: 'destroyed' for tokens that their issuer burnt"},
	} {
		if text.name == name {
			set.StringVar(text.to, name, "", text.usage)
		}
	}
	switch name {
	case "amount":
		set.StringVar(&f.amount, "amount", "", "how much, with a point and without grouping: 1234.50")
		set.StringVar(&f.asset, "asset", "", "of which asset (default: the freeze's own; another one is refused)")
	case "urgent":
		set.BoolVar(&f.command.Urgent, "urgent", false, "before its approval, which is then still due")
	case "stands":
		set.BoolVar(&f.command.Stands, "stands", false, "the freeze stands")
	case "onward":
		set.StringArrayVar(&f.onward, "onward", nil, "already_empty: a movement by which it left (may stand several times)")
	case "share":
		set.StringArrayVar(&f.shares, "share", nil, "who received what: V1=100.00 (may stand several times)")
	}
}

func (p *program) freezeStep(verb stepVerb) *cobra.Command {
	if verb.step == domain.StepHold {
		return p.freezeHold(verb)
	}
	var f stepFlags
	names := []string{"CASE", "ID"}
	if verb.step == domain.StepAnswer {
		names = append(names, "ANSWER")
	}
	cmd := &cobra.Command{Use: string(verb.step) + " " + strings.Join(names, " "), Short: verb.short, Long: verb.long, Example: "  " + verb.example, Args: p.takes(names...)}
	if verb.step == domain.StepAnswer {
		cmd.Long = "Record what the institution found: matched, no_such_account, already_empty or out_of_scope. Of an account that is\nalready empty, --onward names the movements by which the money left: there the next request goes."
	}
	f.flags(cmd, verb)
	if verb.step == domain.StepRestore {
		p.restitution(cmd, &f)
		return p.caseFlag(cmd)
	}
	cmd.RunE = p.doesAbout(func(ctx context.Context, id domain.CaseID, rest []string) error {
		if len(rest) > 1 {
			f.answer = rest[1]
		}
		return p.takeStep(ctx, id, rest[0], &f, verb.step)
	})
	return p.caseFlag(cmd)
}

// takeStep takes a step of a freeze and says how it stands then.
func (p *program) takeStep(ctx context.Context, id domain.CaseID, name string, f *stepFlags, step domain.FreezeStep) error {
	freeze, err := domain.ParseFreeze(name)
	if err != nil {
		return usage(err)
	}
	return p.act(ctx, mustExist, func(o *office, by casework.By) (act, error) {
		known, err := o.freeze(ctx, id, freeze)
		if err != nil {
			return act{}, err
		}
		f.command.Freeze, f.command.Step = freeze, step
		if err := f.read(ctx, o, id, known); err != nil {
			return act{}, err
		}
		outcome, err := o.desk.StepFreeze(ctx, by, id, f.command)
		if err != nil {
			return act{}, err
		}
		return p.stepped(ctx, o, id, stepTaken{freeze, step, outcome})
	})
}

// freeze is a freeze as it stands.
func (o *office) freeze(ctx context.Context, id domain.CaseID, freeze domain.FreezeID) (*domain.Freeze, error) {
	if err := o.catchUp(ctx); err != nil {
		return nil, err
	}
	file, err := o.views.CaseFile(ctx, id, projections.Head)
	if err != nil {
		return nil, err
	}
	if err := file.Working(); err != nil {
		return nil, err
	}
	if file.Freezes[freeze] == nil {
		return nil, noFreeze(id, freeze)
	}
	return file.Freezes[freeze], nil
}

func noFreeze(id domain.CaseID, freeze domain.FreezeID) error {
	return domain.NotFound("case %s has no freeze %s: see 'clew freeze list --case %s'", id, freeze, id)
}

// read makes a step of the flags.
func (f *stepFlags) read(ctx context.Context, o *office, id domain.CaseID, of *domain.Freeze) (err error) {
	c, asset := &f.command, domain.Asset{Code: of.Request.Asset, Digits: of.Request.Digits}
	c.As, c.Route, c.Answer = domain.Acknowledgement(f.as), domain.Route(f.route), domain.FreezeAnswerCode(f.answer)
	if f.asset != "" && !strings.EqualFold(f.asset, string(asset.Code)) {
		return domain.Usage("--asset %s: freeze %s is of %s", f.asset, c.Freeze, asset.Code)
	}
	if c.Amount, err = amountOf(f.amount, asset); err != nil {
		return flagError("--amount", err)
	}
	if err := whenOf("--at", f.at, &c.At); err != nil {
		return err
	}
	if err := whenOf("--until", f.until, &c.Until); err != nil {
		return err
	}
	if err := f.readShares(asset); err != nil {
		return err
	}
	return f.readMovements(ctx, o, id)
}

// readShares reads V1=100.00, or V1=100.00@PAYER.
func (f *stepFlags) readShares(asset domain.Asset) error {
	for _, text := range f.shares {
		name, rest, found := strings.Cut(text, "=")
		if !found {
			return domain.Usage("--share %q is not of the form V1=100.00", text)
		}
		victim, err := domain.ParseVictim(name)
		if err != nil {
			return flagError("--share", err)
		}
		sum, payer, _ := strings.Cut(rest, "@")
		amount, err := domain.ParseAmount(sum, asset)
		if err != nil {
			return flagError("--share", err)
		}
		f.command.Shares = append(f.command.Shares, domain.VictimShare{Victim: victim, Amount: amount, Payer: payer})
	}
	return nil
}

// readMovements finds the movements that the step names, and the account that
// money went back to.
func (f *stepFlags) readMovements(ctx context.Context, o *office, id domain.CaseID) (err error) {
	c := &f.command
	if f.movement != "" {
		if c.Movement, err = o.movement(ctx, id, f.movement); err != nil {
			return err
		}
	}
	for _, text := range f.onward {
		movement, err := o.movement(ctx, id, text)
		if err != nil {
			return err
		}
		c.Onward = append(c.Onward, movement)
	}
	if c.Step != domain.StepReturn {
		return nil
	}
	to, err := domain.ParseAccount(c.To)
	c.To = string(to)
	return flagError("--to", err)
}

// stepTaken is a step that was taken.
type stepTaken struct {
	freeze  domain.FreezeID
	step    domain.FreezeStep
	outcome casework.Outcome
}

// stepped says how the freeze stands after a step, and what is unexpected
// about the news.
func (p *program) stepped(ctx context.Context, o *office, id domain.CaseID, t stepTaken) (act, error) {
	f, err := o.freeze(ctx, id, t.freeze)
	if err != nil {
		return act{}, err
	}
	unexpected := ""
	if last := f.Steps[len(f.Steps)-1]; !t.outcome.Nothing && last.Step == t.step {
		unexpected = last.News.Unexpected
	}
	if unexpected != "" {
		p.tell("warning: recorded, but not expected: %s", unexpected)
	}
	return act{
		what: fmt.Sprintf("freeze %s of case %s is %s%s", t.freeze, id, f.State, heldWords(f)),
		fields: map[string]any{"case": id, "freeze": t.freeze, "step": t.step, "state": f.State, "unexpected": unexpected,
			"possible": listed(domain.PossibleSteps(f.State)), "sums": sumsOf(f)},
		next: nextStep(id, t, f), outcome: t.outcome,
	}, nil
}

func heldWords(f *domain.Freeze) string {
	asset := domain.Asset{Code: f.Request.Asset, Digits: f.Request.Digits}
	if f.Sums.HeldNow.Sign() == 0 {
		return ""
	}
	return fmt.Sprintf(", with %s %s held now", asset.Format(f.Sums.HeldNow), asset.Code)
}

// nextStep is what a person would do next.
func nextStep(id domain.CaseID, t stepTaken, f *domain.Freeze) string {
	switch {
	case t.step == domain.StepSubmit && f.Urgent && f.Approver == "":
		return fmt.Sprintf("the approval is still due, by another person: clew freeze approve %s %s", id, t.freeze)
	case t.step == domain.StepApprove && f.State == domain.StateDraft:
		return fmt.Sprintf("clew freeze submit %s %s", id, t.freeze)
	case t.step == domain.StepAnswer && f.Answer == domain.AnswerAlreadyEmpty:
		return fmt.Sprintf("clew targets %s says where it went; clew freeze request %[1]s --account … asks there", id)
	case t.step == domain.StepSeize:
		return fmt.Sprintf("clew freeze restore %s %s --amount … --share V1=…", id, t.freeze)
	}
	return fmt.Sprintf("clew freeze show %s %s", id, t.freeze)
}

func (p *program) freezeHold(verb stepVerb) *cobra.Command {
	var f stepFlags
	var place placed
	unasked := false
	cmd := &cobra.Command{Use: "hold CASE [ID]", Short: verb.short, Long: verb.long, Example: "  " + verb.example, Args: p.takes("CASE", "[ID]")}
	place.flags(cmd)
	f.flags(cmd, verb)
	cmd.Flags().BoolVar(&unasked, "unasked", false, "nobody asked for it: the bank's own hold, another agency's")
	cmd.Flags().Lookup("account").Usage = "of an unasked hold: the account where it is"
	cmd.Flags().Lookup("asset").Usage = "of which asset (needed of an unasked hold)"
	cmd.Flags().Lookup("mechanism").Usage = "of an unasked hold (default: bank)"
	cmd.RunE = p.doesAbout(func(ctx context.Context, id domain.CaseID, rest []string) error {
		switch {
		case unasked && len(rest) > 0:
			return domain.Usage("a hold that nobody asked for names no freeze: leave %s away, or --unasked", rest[0])
		case unasked:
			return p.holdUnasked(ctx, id, &place, &f)
		case len(rest) == 0:
			return domain.Usage("say which freeze is held ('clew freeze list --case %s'), or --unasked with --account and --asset", id)
		}
		for _, name := range []string{"account", "mechanism", "id", "payment", "basis", "requesting", "responding", "contact", "country", "operation"} {
			if cmd.Flags().Changed(name) {
				return domain.Usage("--%s belongs to a hold that nobody asked for (--unasked): of freeze %s the request says it", name, rest[0])
			}
		}
		f.amount, f.asset = place.amount, place.asset
		f.command.Scope, f.command.Reference = domain.FreezeScope(place.scope), place.request.Reference
		return p.takeStep(ctx, id, rest[0], &f, domain.StepHold)
	})
	return p.caseFlag(cmd)
}

// holdUnasked records a hold without a request.
func (p *program) holdUnasked(ctx context.Context, id domain.CaseID, place *placed, f *stepFlags) error {
	if place.mechanism == "" {
		place.mechanism = "bank"
	}
	return p.act(ctx, mustExist, func(o *office, by casework.By) (act, error) {
		if err := place.read(ctx, o, id); err != nil {
			return act{}, err
		}
		held := domain.FreezeHeld{News: f.command.News, Amount: place.request.Amount}
		held.Reference = place.request.Reference
		if err := whenOf("--at", f.at, &held.At); err != nil {
			return act{}, err
		}
		if err := whenOf("--until", f.until, &held.Until); err != nil {
			return act{}, err
		}
		freeze, outcome, err := o.desk.RecordHold(ctx, by, id, domain.RecordHold{Request: place.request, Held: held})
		if err != nil {
			return act{}, err
		}
		if outcome.Nothing && outcome.First == 0 {
			return act{what: fmt.Sprintf("this hold on account %s of case %s is known", place.request.Account, id),
				fields: map[string]any{"case": id, "account": place.request.Account}, outcome: outcome}, nil
		}
		return p.stepped(ctx, o, id, stepTaken{freeze, domain.StepHold, outcome})
	})
}
