package casework

import (
	"context"
	"fmt"

	"clew/domain"
	"clew/projections"
)

// tally counts what became of a batch.
type tally struct {
	recorded, repeated int
	rejects            []domain.Reject
	warnings           []domain.Warning
}

func (sum *Import) add(t tally) {
	sum.Recorded += t.recorded
	sum.Repeated += t.repeated
	sum.Rejected += len(t.rejects)
	for _, r := range t.rejects {
		if len(sum.Rejects) == maxListed {
			sum.Unlisted++
			continue
		}
		sum.Rejects = append(sum.Rejects, r)
	}
	for _, w := range t.warnings {
		if len(sum.Warnings) == maxListed {
			sum.Unlisted++
			continue
		}
		sum.Warnings = append(sum.Warnings, w)
	}
}

// sifted is a batch after the decision: what is new, and what became of all.
type sifted struct {
	tally
	facts    []fact         // for the case's stream
	assets   []domain.Event // for the register
	register domain.Assets  // as it is once they are recorded

	in        *intake
	seen      projections.Sight
	fresh     map[domain.MovementID]*entry  // recorded in this very batch
	freshRefs map[string][]*domain.Movement // and what of it bears a reference
	victims   map[domain.VictimID]bool      // introduced in this very batch
}

// fact is one event to be recorded: a movement that was observed, which is
// nearly every one, or any other event.
type fact struct {
	observed *domain.Movement
	event    domain.Event // nil where observed is set
}

func (s *sifted) add(events ...domain.Event) {
	for _, e := range events {
		s.facts = append(s.facts, fact{event: e})
	}
}

// sift decides for every entry of the batch whether it is new, repeated or in
// conflict with what is recorded (CONTRACT, Same or not).
func (in *intake) sift(ctx context.Context, entries []entry) (sifted, error) {
	s := sifted{in: in, register: in.known.assets, facts: make([]fact, 0, len(entries)+1),
		fresh: make(map[domain.MovementID]*entry, len(entries)), freshRefs: map[string][]*domain.Movement{}, victims: map[domain.VictimID]bool{}}
	if err := s.lookUp(ctx, entries); err != nil {
		return s, err
	}
	s.fileEvidence()
	for i := range entries {
		if err := s.decide(ctx, &entries[i]); err != nil {
			return s, err
		}
	}
	return s, nil
}

// lookUp asks the read models once for those names and references of the batch
// that the case may have. They need not have what the trail has.
func (s *sifted) lookUp(ctx context.Context, entries []entry) (err error) {
	in := s.in
	if len(entries) == 0 {
		return nil
	}
	ids, refs := in.unsure(entries)
	if s.seen, err = in.desk.Views.See(ctx, in.file.Case, in.trail.least(in.known.position), ids, refs); err != nil {
		return err
	}
	in.trail.forget(s.seen.Upto)
	if s.seen.Blank && len(in.trail.batches) == 0 { // whatever the case will have, this import records
		in.sieve = newSieve(in.size)
	}
	return nil
}

// unsure are the names and references of a batch that the case may have.
func (in *intake) unsure(entries []entry) (ids []domain.MovementID, refs []string) {
	for i := range entries {
		e := &entries[i]
		if !e.isRow() {
			continue
		}
		if in.sieve.mayHave(string(e.movement.ID)) {
			ids = append(ids, e.movement.ID)
		}
		if e.movement.Ref != "" && in.sieve.mayHave(e.movement.Ref) {
			refs = append(refs, e.movement.Ref)
		}
	}
	return ids, refs
}

// fileEvidence records the file before its first row.
func (s *sifted) fileEvidence() {
	if _, filed := s.in.known.file.Files[s.in.sum.SHA256]; filed || s.in.byHand {
		return
	}
	f, sum := s.in.file, s.in.sum
	s.add(domain.EvidenceFiled{File: sum.SHA256, Name: baseName(f.Name), Size: s.in.size,
		Format: sum.Format, Source: f.Source, Map: mapHash(f.Map)})
	if f.Handling != nil {
		set := *f.Handling
		set.File = sum.SHA256
		s.add(set)
	}
}

func (s *sifted) decide(ctx context.Context, e *entry) error {
	switch item := e.item.(type) {
	case domain.NewAsset:
		s.registerAsset(item)
	case domain.Reject:
		s.reject(item)
	case domain.FreezeNews:
		return s.freezeNews(item)
	case nil:
		if wrong := s.wrong(&e.movement); wrong != nil {
			s.reject(domain.Reject{Evidence: e.movement.Evidence, Field: wrong.Field, Reason: wrong.Reason})
			return nil
		}
		return s.row(ctx, e)
	}
	return nil
}

// wrong says what no evidence can make right in a row, or nil.
func (s *sifted) wrong(m *domain.Movement) *domain.FieldError {
	if wrong := domain.CheckMovement(*m); wrong != nil {
		return wrong
	}
	for _, asset := range [...]domain.Asset{m.Amount.Asset, m.Received.Asset, m.Fee.Asset} {
		if asset.Code == "" || s.register.Has(asset) {
			continue
		}
		registered, err := s.register.Find(string(asset.Code))
		if err == nil && registered != asset {
			return &domain.FieldError{Field: "asset", Reason: fmt.Sprintf("%s is registered with %d decimals, and the file counts it with %d: amounts would not add up; ask who is right", registered.Code, registered.Digits, asset.Digits)}
		}
	}
	return nil
}

// registerAsset adds a token that the file names with its contract. Where the
// register counts it otherwise, its rows are rejected one by one (wrong).
func (s *sifted) registerAsset(n domain.NewAsset) {
	event := domain.AssetRegistered{Asset: n.Asset.Code, Digits: n.Asset.Digits, Name: n.Name, Basis: string(s.in.sum.SHA256), Assumed: n.Assumed}
	events, err := domain.RegisterAsset(s.register, event)
	if err != nil || len(events) == 0 {
		return
	}
	larger, err := s.register.With(n.Asset)
	if err != nil {
		return
	}
	s.register, s.assets = larger, append(s.assets, events...)
}

// reject counts a line that cannot be taken, and records it unless an earlier
// import of the same file did.
func (s *sifted) reject(r domain.Reject) {
	s.rejects = append(s.rejects, r)
	if !s.in.rejected[projections.RejectKey(r.Evidence)] {
		s.add(domain.LineRejected(r))
	}
}

// row records a movement, unless it is recorded already.
func (s *sifted) row(ctx context.Context, e *entry) error {
	m := &e.movement
	known, same := s.before(e)
	switch {
	case !known:
		return s.isNew(e)
	case same:
		s.repeated++
		return nil
	}
	recorded, err := s.firstRecord(ctx, m.ID)
	if err != nil {
		return err
	}
	s.reject(domain.Reject{Evidence: m.Evidence, Field: "id", Reason: fmt.Sprintf(
		"%s was recorded before with other content: %s; if the earlier row is wrong, correct it with 'clew movement correct %s %s'",
		m.SourceID, domain.Differences(recorded, *m), s.in.file.Case, m.ID)})
	return nil
}

// before says whether a row of that name was recorded, and with this content.
func (s *sifted) before(e *entry) (known, same bool) {
	if recorded, ok := s.seen.Known[e.movement.ID]; ok {
		return true, recorded.Content == e.movement.Content()
	}
	recorded := s.own(e.movement.ID)
	return recorded != nil, recorded != nil && recorded.movement.Content() == e.movement.Content()
}

// own is the row of that name that this import has recorded itself, in this
// batch or shortly before.
func (s *sifted) own(id domain.MovementID) *entry {
	if e := s.fresh[id]; e != nil {
		return e
	}
	return s.in.trail.row(id)
}

// firstRecord is the movement as it was first recorded, before any correction.
func (s *sifted) firstRecord(ctx context.Context, id domain.MovementID) (domain.Movement, error) {
	if e := s.own(id); e != nil {
		return e.movement, nil
	}
	at := s.seen.Known[id].Position
	records, err := s.in.desk.Store.Read(ctx, at-1, 1)
	if err != nil || len(records) == 0 {
		return domain.Movement{}, fmt.Errorf("movement %s was recorded at position %d, which cannot be read: run 'clew verify': %w", id, at, err)
	}
	event, err := domain.DecodeEvent(records[0].Kind, records[0].Body)
	if err != nil {
		return domain.Movement{}, err
	}
	m, _ := domain.MovementOf(event)
	return m, nil
}

func (s *sifted) isNew(e *entry) error {
	m := &e.movement
	if s.in.rehearsal != nil {
		known, same, err := s.in.rehearsal.before(m.ID, m.Content())
		if err != nil {
			return err
		}
		if known {
			s.rehearsed(m, same)
			return nil
		}
	}
	s.introduce(m.Victim, m.Scam)
	s.facts = append(s.facts, fact{observed: m})
	s.recorded++
	s.fresh[m.ID] = e
	s.joinTwin(m)
	return nil
}

// freezeNews records a step of a freeze that the file tells, once. It is tried
// on a copy of the case, so that later lines of the file follow on it, also
// where nothing is recorded.
func (s *sifted) freezeNews(n domain.FreezeNews) error {
	if s.in.freezes == nil {
		s.in.freezes = s.in.known.file.Rehearse()
	}
	events, err := n.Decide(s.in.freezes)
	switch {
	case err != nil && domain.ClassOf(err) == domain.ClassWorld:
		return err
	case err != nil:
		s.reject(domain.Reject{Evidence: n.Evidence, Reason: err.Error()})
		return nil
	case len(events) == 0:
		s.repeated++
		return nil
	}
	for _, e := range events {
		s.in.freezes.Evolve(e)
	}
	s.add(events...)
	s.recorded++
	return nil
}

func (s *sifted) rehearsed(m *domain.Movement, same bool) {
	if same {
		s.repeated++
		return
	}
	s.reject(domain.Reject{Evidence: m.Evidence, Field: "id", Reason: m.SourceID + " stands in this file before, with other content"})
}

// introduce registers a victim whom neither the case nor this batch knows.
func (s *sifted) introduce(victim domain.VictimID, scam domain.Scam) {
	if victim == "" || s.victims[victim] {
		return
	}
	s.victims[victim] = true
	s.add(s.in.known.file.Introduce(victim, scam)...)
}

// joinTwin finds the same payment told by another source under the same
// reference and joins the two. Where they share the reference but not the
// content, a person must look.
func (s *sifted) joinTwin(m *domain.Movement) {
	if m.Ref == "" {
		return
	}
	for _, twin := range s.bearers(m.Ref) {
		if twin.Source == m.Source || twin.ID == m.ID {
			continue
		}
		if domain.SamePayment(s.resolved(*twin), s.resolved(*m)) {
			s.add(domain.MovementJoined{Kept: twin.ID, Other: m.ID,
				Basis: fmt.Sprintf("reference %s, told by %s and by %s", m.Ref, twin.Source, m.Source)})
			return
		}
		s.warnings = append(s.warnings, domain.Warning{Line: m.Evidence.Line, Reason: fmt.Sprintf(
			"reference %s is also borne by movement %s of %s, which differs (%s): not joined; see 'clew match %s'",
			m.Ref, twin.ID, twin.Source, domain.Differences(*twin, *m), s.in.file.Case)})
	}
	s.freshRefs[m.Ref] = append(s.freshRefs[m.Ref], m)
}

// bearers are the movements that bear a reference, in the order in which they
// were recorded: those that the read models have seen, and this import's own.
func (s *sifted) bearers(ref string) (list []*domain.Movement) {
	for i := range s.seen.ByRef[ref] {
		list = append(list, &s.seen.ByRef[ref][i])
	}
	return append(append(list, s.in.trail.byRef(ref)...), s.freshRefs[ref]...)
}

// resolved is the movement with its accounts under the names they are walked.
func (s *sifted) resolved(m domain.Movement) domain.Movement {
	m.From, m.To = s.in.known.file.Resolve(m.From), s.in.known.file.Resolve(m.To)
	return m
}
