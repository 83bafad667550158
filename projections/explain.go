package projections

import (
	"context"

	"clew/domain"
	"clew/tracing"
)

// Explained is every step by which a victim's money came where it is.
type Explained struct {
	*Traced
	Victim    domain.VictimID
	Account   domain.AccountID // only how it came there; "": everywhere
	Sentences []tracing.Sentence

	// Evidence lists, by movement, all lines that tell it, the first of them in
	// the sentence.
	Evidence map[domain.MovementID][]domain.Evidence
}

// Explain tells how a victim's money came where it is, or to one account. The
// lines of the documents are looked up for what the explanation names, and
// for nothing else: the walk itself does not need them.
func (v *Views) Explain(ctx context.Context, a Ask, ask tracing.Ask) (*Explained, error) {
	traced, err := v.Trace(ctx, a)
	if err != nil {
		return nil, err
	}
	s := traced.Assembly
	if ask.Account != "" {
		ask.Account = s.File.Resolve(ask.Account)
	}
	in := s.input(traced.Rule, a)
	sentences, err := tracing.Explain(in, ask)
	if err != nil {
		return nil, err
	}
	var named []domain.MovementID
	for _, sentence := range sentences {
		if sentence.Movement != "" {
			named = append(named, sentence.Movement)
		}
	}
	evidence, err := v.EvidenceOf(ctx, s, named)
	if err != nil {
		return nil, err
	}
	ask.Evidence = func(id domain.MovementID) domain.Evidence {
		if lines := evidence[id]; len(lines) > 0 {
			return lines[0]
		}
		return domain.Evidence{}
	}
	sentences, err = tracing.Explain(in, ask)
	return &Explained{traced, ask.Victim, ask.Account, sentences, evidence}, err
}
