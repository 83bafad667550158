package casework

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"

	"clew/domain"
	"clew/importers"
	"clew/papers"
	"clew/projections"
	"clew/tracing"
)

// PaperAsked is what a person says about a paper beside what the log knows.
type PaperAsked struct {
	Kind    string // of papers.Kinds
	Reason  string // of a recall: FRAD, DUPL …
	Summary string // what happened, in the officer's words
	FIU     string // whose lookups a goAML report uses; empty: the generic ones
	Officer string
	Message string // the message that carried the payment: pacs.008.001.08
	Instr   string // its instruction id
}

// Paper drafts a paper of a freeze from the trace and the case file. It
// records nothing: a draft goes nowhere by itself.
func (d *Desk) Paper(ctx context.Context, c domain.CaseID, id domain.FreezeID, asked PaperAsked) (papers.Paper, error) {
	if err := errors.Join(d.Views.CatchUp(ctx), d.LearnErasures(ctx)); err != nil {
		return papers.Paper{}, err
	}
	file, err := d.Views.CaseFile(ctx, c, projections.Head)
	if err != nil {
		return papers.Paper{}, err
	}
	f := file.Freezes[id]
	if f == nil {
		return papers.Paper{}, domain.NotFound("case %s has no freeze %s: see 'clew freeze list --case %s'", c, id, c)
	}
	mechanism, err := d.mechanisms().Find(f.Request.Mechanism)
	if err != nil {
		return papers.Paper{}, err
	}
	r := papers.Request{Case: c, Title: file.Title, Freeze: *f, Mechanism: mechanism.Title, Made: d.Clock(), Reason: cmp.Or(asked.Reason, f.Request.Reason), Summary: asked.Summary,
		From: papers.Agency{Name: f.Request.Requesting, Officer: asked.Officer}, To: papers.Agency{Name: f.Request.Responding, Phone: f.Request.Contact},
		Payment: papers.Payment{MessageName: asked.Message, InstructionID: asked.Instr}, Accounts: accountFacts(file)}
	if r.FIU, err = fiu(asked.FIU); err != nil {
		return papers.Paper{}, err
	}
	if err := d.traceInto(ctx, file, &r); err != nil {
		return papers.Paper{}, err
	}
	withheld, err := withhold(file, &r, outletOf(asked.Kind))
	if err != nil {
		return papers.Paper{}, err
	}
	paper, err := papers.Make(asked.Kind, r)
	paper.Missing = append(paper.Missing, withheld...)
	return paper, err
}

// outletOf is the way by which a paper leaves.
func outletOf(kind string) domain.Outlet {
	if kind == "goaml" {
		return domain.OutletFIU
	}
	return domain.OutletPaper
}

// withhold takes the steps out of a request that rest on files which must not
// leave by that outlet, and names what is left out.
func withhold(file *domain.CaseFile, r *papers.Request, outlet domain.Outlet) (left []string, err error) {
	files := slices.Clone(r.Freeze.Request.Evidence)
	for _, step := range r.Steps {
		files = append(files, step.Movement.Evidence.File)
	}
	slices.Sort(files)
	out, err := leaving(file, slices.Compact(files), outlet)
	if err != nil {
		return nil, err
	}
	r.Steps = slices.DeleteFunc(r.Steps, func(step papers.Step) bool { return out[step.Movement.Evidence.File] != "" })
	for _, f := range slices.Sorted(maps.Keys(out)) {
		left = append(left, fmt.Sprintf("withheld: what was read from file %s: %s", f, out[f]))
	}
	return left, nil
}

func fiu(name string) (papers.FIU, error) {
	if name == "" {
		return papers.FIU{}, nil
	}
	return papers.StandardFIUs().Find(name)
}

// accountFacts says of every account what people have said of it. That a
// holder acts under force has no place in a paper.
func accountFacts(file *domain.CaseFile) map[domain.AccountID]papers.Account {
	facts := map[domain.AccountID]papers.Account{}
	for name, said := range file.Accounts {
		fact := papers.Account{Victim: said.Victim, Institution: said.Institution, Country: said.Country}
		if said.Holder != nil {
			fact.Holder = said.Holder.Clear
		}
		facts[name] = fact
	}
	return facts
}

// traceInto fills in whose the money at the account is, and the movements by
// which it came there, under the rule by which the request was drafted.
func (d *Desk) traceInto(ctx context.Context, file *domain.CaseFile, r *papers.Request) error {
	request := r.Freeze.Request
	ask := projections.Ask{Case: file.ID, Rule: tracing.Rule(request.Rule)}
	traced, err := d.Views.Trace(ctx, ask)
	if err != nil {
		return err
	}
	for _, pool := range traced.Answer.Accounts {
		if pool.Account == request.Account && pool.Asset.Code == request.Asset {
			r.Lots = pool.Traced
		}
	}
	for _, victim := range request.Victims {
		r.Victims = append(r.Victims, victimFacts(file, victim))
		if err := d.stepsInto(ctx, ask, victim, r); err != nil {
			return err
		}
	}
	return nil
}

func victimFacts(file *domain.CaseFile, id domain.VictimID) papers.Victim {
	known := file.Victims[id]
	fact := papers.Victim{ID: id, Country: known.Country}
	if known.Name != nil {
		fact.Name = known.Name.Clear
	}
	return fact
}

// stepsInto adds each movement that brought a victim's money, once.
func (d *Desk) stepsInto(ctx context.Context, ask projections.Ask, victim domain.VictimID, r *papers.Request) error {
	told, err := d.Views.Explain(ctx, ask, tracing.Ask{Victim: victim, Account: r.Freeze.Request.Account})
	if err != nil {
		return err
	}
	seen := map[domain.MovementID]bool{}
	for _, step := range r.Steps {
		seen[step.Movement.ID] = true
	}
	for _, sentence := range told.Sentences {
		if sentence.Movement == "" || seen[sentence.Movement] {
			continue
		}
		seen[sentence.Movement] = true
		movement, err := d.Views.MovementFile(ctx, ask.Case, sentence.Movement)
		if err != nil {
			if domain.ClassOf(err) == domain.ClassNotFound {
				continue // a step of a freeze, or of a linked case, which has papers of its own
			}
			return err
		}
		r.Steps = append(r.Steps, papers.Step{Movement: movement.Movement, Victim: victim, Text: sentence.Text})
	}
	return nil
}

// ReadAnswers reads a file of answers to recalls (camt.029, pacs.004) and finds
// the requests that they belong to. Where a match is sure, its step is taken
// unless this is a dry run; otherwise it is for a person to choose.
func (d *Desk) ReadAnswers(ctx context.Context, by By, c domain.CaseID, from AnswerFile) ([]Answered, error) {
	if err := d.Views.CatchUp(ctx); err != nil {
		return nil, err
	}
	file, err := d.Views.CaseFile(ctx, c, projections.Head)
	if err != nil {
		return nil, err
	}
	if err := file.Working(); err != nil {
		return nil, err
	}
	assets, err := d.Views.Assets(ctx, projections.Head)
	if err != nil {
		return nil, err
	}
	answers, err := importers.ReadAnswers(from.In, assets)
	if err != nil {
		return nil, err
	}
	var open []domain.OpenRecall
	for _, f := range file.Freezes {
		open = append(open, domain.OpenRecall{Case: c, Freeze: f})
	}
	var list []Answered
	for i, match := range domain.MatchRecalls(answers, open) {
		answered := Answered{RecallMatch: match}
		if match.Sure && !from.DryRun {
			if err := d.takeAnswer(ctx, by.part(i), c, match); err != nil {
				return list, fmt.Errorf("the answer at line %d: %w", match.Answer.Line, err)
			}
			answered.Taken = true
		}
		list = append(list, answered)
	}
	return list, nil
}

func (d *Desk) takeAnswer(ctx context.Context, by By, c domain.CaseID, match domain.RecallMatch) error {
	_, err := d.StepFreeze(ctx, by, c, match.Choices[0].Step)
	return err
}

// part is the key of one of several acts that one command carries out.
func (b By) part(i int) By {
	if b.Key != "" {
		b.Key = fmt.Sprintf("%s/%d", b.Key, i+1)
	}
	return b
}

// AnswerFile is a file of answers to recalls.
type AnswerFile struct {
	In     io.Reader
	DryRun bool // only say what each belongs to
}

// Answered is an answer, where it belongs, and whether its step was taken.
type Answered struct {
	domain.RecallMatch
	Taken bool `json:"taken"`
}
