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
	events   []domain.Event // for the case's stream
	assets   []domain.Event // for the register
	register domain.Assets  // as it is once they are recorded

	in      *intake
	known   map[domain.MovementID]projections.Known
	byRef   map[string][]domain.Movement
	fresh   map[domain.MovementID]domain.Movement // recorded in this very batch
	victims map[domain.VictimID]bool              // introduced in this very batch
}

// sift decides for every entry of the batch whether it is new, repeated or in
// conflict with what is recorded (CONTRACT, Same or not).
func (in *intake) sift(ctx context.Context) (sifted, error) {
	s := sifted{in: in, register: in.known.assets, fresh: map[domain.MovementID]domain.Movement{}, victims: map[domain.VictimID]bool{}}
	if err := s.lookUp(ctx); err != nil {
		return s, err
	}
	s.fileEvidence()
	for _, e := range in.batch {
		if err := s.decide(ctx, e); err != nil {
			return s, err
		}
	}
	return s, nil
}

// lookUp asks the read models once for all names and references of the batch.
func (s *sifted) lookUp(ctx context.Context) (err error) {
	var ids []domain.MovementID
	var refs []string
	for _, e := range s.in.batch {
		row, ok := e.item.(domain.Row)
		if !ok {
			continue
		}
		ids = append(ids, row.Movement.ID)
		if row.Movement.Ref != "" {
			refs = append(refs, row.Movement.Ref)
		}
	}
	views, c := s.in.desk.Views, s.in.file.Case
	if s.known, err = views.Known(ctx, c, ids); err != nil {
		return err
	}
	s.byRef = map[string][]domain.Movement{}
	if len(refs) > 0 {
		s.byRef, err = views.ByRef(ctx, c, refs)
	}
	return err
}

// fileEvidence records the file before its first row.
func (s *sifted) fileEvidence() {
	if _, filed := s.in.known.file.Files[s.in.sum.SHA256]; filed || s.in.byHand {
		return
	}
	f, sum := s.in.file, s.in.sum
	s.events = append(s.events, domain.EvidenceFiled{File: sum.SHA256, Name: baseName(f.Name), Size: s.in.size,
		Format: sum.Format, Source: f.Source, Map: mapHash(f.Map)})
}

func (s *sifted) decide(ctx context.Context, e entry) error {
	switch item := e.item.(type) {
	case domain.NewAsset:
		s.registerAsset(item)
	case domain.Reject:
		s.reject(item)
	case domain.FreezeNews:
		return s.freezeNews(item)
	case domain.Row:
		if e.refused != nil {
			s.reject(*e.refused)
			return nil
		}
		return s.row(ctx, item.Movement, e.content)
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
		s.events = append(s.events, domain.LineRejected(r))
	}
}

// row records a movement, unless it is recorded already.
func (s *sifted) row(ctx context.Context, m domain.Movement, content [32]byte) error {
	known, same := s.before(m.ID, content)
	switch {
	case !known:
		return s.isNew(m, content)
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
		m.SourceID, domain.Differences(recorded, m), s.in.file.Case, m.ID)})
	return nil
}

// before says whether a row of that name was recorded, and with this content.
func (s *sifted) before(id domain.MovementID, content [32]byte) (known, same bool) {
	if recorded, ok := s.known[id]; ok {
		return true, recorded.Content == content
	}
	recorded, ok := s.fresh[id]
	return ok, ok && recorded.Content() == content
}

// firstRecord is the movement as it was first recorded, before any correction.
func (s *sifted) firstRecord(ctx context.Context, id domain.MovementID) (domain.Movement, error) {
	if m, ok := s.fresh[id]; ok {
		return m, nil
	}
	records, err := s.in.desk.Store.Read(ctx, s.known[id].Position-1, 1)
	if err != nil || len(records) == 0 {
		return domain.Movement{}, fmt.Errorf("movement %s was recorded at position %d, which cannot be read: run 'clew verify': %w", id, s.known[id].Position, err)
	}
	event, err := domain.DecodeEvent(records[0].Kind, records[0].Body)
	if err != nil {
		return domain.Movement{}, err
	}
	m, _ := domain.MovementOf(event)
	return m, nil
}

func (s *sifted) isNew(m domain.Movement, content [32]byte) error {
	if s.in.rehearsal != nil {
		known, same, err := s.in.rehearsal.before(m.ID, content)
		if err != nil {
			return err
		}
		if known {
			s.rehearsed(m, same)
			return nil
		}
	}
	s.introduce(m.Victim, m.Scam)
	s.events = append(s.events, domain.Observe(m))
	s.recorded++
	s.fresh[m.ID] = m
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
	s.events = append(s.events, events...)
	s.recorded++
	return nil
}

func (s *sifted) rehearsed(m domain.Movement, same bool) {
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
	s.events = append(s.events, s.in.known.file.Introduce(victim, scam)...)
}

// joinTwin finds the same payment told by another source under the same
// reference and joins the two. Where they share the reference but not the
// content, a person must look.
func (s *sifted) joinTwin(m domain.Movement) {
	if m.Ref == "" {
		return
	}
	for _, twin := range s.byRef[m.Ref] {
		if twin.Source == m.Source || twin.ID == m.ID {
			continue
		}
		if domain.SamePayment(s.resolved(twin), s.resolved(m)) {
			s.events = append(s.events, domain.MovementJoined{Kept: twin.ID, Other: m.ID,
				Basis: fmt.Sprintf("reference %s, told by %s and by %s", m.Ref, twin.Source, m.Source)})
			return
		}
		s.warnings = append(s.warnings, domain.Warning{Line: m.Evidence.Line, Reason: fmt.Sprintf(
			"reference %s is also borne by movement %s of %s, which differs (%s): not joined; see 'clew match %s'",
			m.Ref, twin.ID, twin.Source, domain.Differences(twin, m), s.in.file.Case)})
	}
	s.byRef[m.Ref] = append(s.byRef[m.Ref], m)
}

// resolved is the movement with its accounts under the names they are walked.
func (s *sifted) resolved(m domain.Movement) domain.Movement {
	m.From, m.To = s.in.known.file.Resolve(m.From), s.in.known.file.Resolve(m.To)
	return m
}
