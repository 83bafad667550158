package projections

import (
	"context"
	"fmt"
	"reflect"
	"testing"
	"time"

	"pgregory.net/rapid"

	"clew/domain"
	"clew/eventstore"
)

// story draws a random log: what two or three cases could record, in any
// order, with all that can be said about a movement afterwards.
type story struct {
	t         *rapid.T
	log       *memoryLog
	tb        testing.TB
	clock     time.Time
	movements map[domain.CaseID][]domain.Movement
}

func drawLog(tb testing.TB, t *rapid.T, events int) *memoryLog {
	s := &story{t, &memoryLog{identity: "drawn"}, tb, start, map[domain.CaseID][]domain.Movement{}}
	for _, id := range []domain.CaseID{"C1", "C2", "C3"} {
		s.tell(id, domain.CaseOpened{Case: id, Title: "drawn"})
	}
	for range rapid.IntRange(0, events).Draw(t, "events") {
		s.next(rapid.SampledFrom([]domain.CaseID{"C1", "C1", "C1", "C2", "C3"}).Draw(t, "case"))
	}
	return s.log
}

func (s *story) tell(id domain.CaseID, events ...domain.Event) {
	s.clock = s.clock.Add(time.Duration(rapid.IntRange(0, 3).Draw(s.t, "minutes")) * time.Minute)
	who := rapid.SampledFrom([]string{"ina", "ben"}).Draw(s.t, "actor")
	s.log.tellAs(s.tb, eventstore.Append{Actor: who, Now: s.clock}, id, events...)
}

func (s *story) account(name string) domain.AccountID {
	return domain.AccountID(rapid.SampledFrom([]string{"A", "B", "M", "M2", "cash:ATM", "vasp:X", "V1", "V2"}).Draw(s.t, name))
}

func (s *story) victim() domain.VictimID {
	return domain.VictimID(rapid.SampledFrom([]string{"V1", "V2"}).Draw(s.t, "victim"))
}

// movement draws one that is well formed, and often like one told before.
func (s *story) movement(id domain.CaseID) domain.Movement {
	day := rapid.IntRange(1, 4).Draw(s.t, "day")
	m := domain.Movement{Kind: domain.Transfer, From: s.account("from"), To: s.account("to"), When: domain.Date(2024, 2, day),
		Amount: amount(rapid.SampledFrom([]string{"10.00", "25.50", "0.00", "92233720368547758079.01"}).Draw(s.t, "amount")),
		Source: rapid.SampledFrom([]string{string(id), "bank", "explorer"}).Draw(s.t, "source"),
		Ref:    rapid.SampledFrom([]string{"", "", "R1", "R2"}).Draw(s.t, "ref"), Note: "n", Evidence: domain.Evidence{File: "f", Line: day}}
	if rapid.Bool().Draw(s.t, "timed") {
		m.When = domain.Instant(m.When.Time.Add(time.Duration(rapid.IntRange(0, 86399).Draw(s.t, "second")) * time.Second))
	}
	s.shape(&m)
	return m
}

func (s *story) shape(m *domain.Movement) {
	switch rapid.IntRange(0, 8).Draw(s.t, "shape") {
	case 0:
		m.Kind, m.From = domain.Balance, ""
		m.Opens = rapid.Bool().Draw(s.t, "opens")
	case 1:
		m.Kind, m.From = domain.Opening, ""
	case 2:
		m.Kind, m.Amount, m.Received = domain.Conversion, amount("10.00"), amount("9.50")
	case 3:
		m.Fee = amount("1.00")
	case 4:
		m.Kind, m.From, m.To, m.Amount = domain.Hop, "", "", domain.Amount{}
		m.Inputs = []domain.Leg{{Account: "tx:0", Address: "addr", Amount: amount("10.00")}}
		m.Outputs = []domain.Leg{{Account: s.account("output"), Amount: amount("9.00")}}
	case 5:
		m.Victim, m.Scam, m.Amount = s.victim(), "romance", amount("10.00")
	}
}

// next records one more thing about a case.
func (s *story) next(id domain.CaseID) {
	known := s.movements[id]
	if len(known) < 2 || rapid.IntRange(0, 2).Draw(s.t, "new") > 0 {
		s.observe(id)
		return
	}
	m := rapid.SampledFrom(known).Draw(s.t, "movement")
	other := rapid.SampledFrom(known).Draw(s.t, "other")
	switch rapid.IntRange(0, 12).Draw(s.t, "event") {
	case 0, 1:
		now := s.movement(id)
		now.ID, now.Source, now.SourceID = m.ID, m.Source, m.SourceID
		s.tell(id, domain.MovementCorrected{Movement: m.ID, Now: domain.Observed{Movement: now}, Reason: "r"})
	case 2:
		s.tell(id, domain.MovementWithdrawn{Movement: m.ID, Reason: "r"})
	case 3:
		s.tell(id, domain.PaymentReported{Movement: m.ID, Victim: s.victim(), Scam: "job"})
	case 4:
		s.tell(id, domain.ReportWithdrawn{Movement: m.ID, Victim: s.victim(), Reason: "r"})
	case 5, 6:
		if m.ID != other.ID {
			s.tell(id, domain.MovementJoined{Kept: m.ID, Other: other.ID, Basis: "b"})
		}
	case 7:
		if m.ID != other.ID {
			s.tell(id, domain.MovementSeparated{One: m.ID, Other: other.ID, Basis: "b"})
		}
	default:
		s.smallFact(id)
	}
}

func (s *story) observe(id domain.CaseID) {
	m := s.movement(id)
	m.SourceID = fmt.Sprint("T", len(s.movements[id]))
	m.ID = domain.Identify(id, m.Source, m.SourceID, m.Content(), 1)
	if m.Kind == domain.Transfer && m.To == "B" {
		m.To = m.ID.Unknown()
	}
	if known := s.movements[id]; m.Kind == domain.Transfer && len(known) > 0 && rapid.IntRange(0, 5).Draw(s.t, "return") == 0 {
		m.Kind, m.Victim, m.Scam = domain.Return, "", ""
		m.Of, m.OfSource = known[0].ID, known[0].SourceID
	}
	s.movements[id] = append(s.movements[id], m)
	s.tell(id, domain.Observe(m))
}

func (s *story) smallFact(id domain.CaseID) {
	yes := true
	facts := []domain.Event{
		domain.CaseNoted{Text: domain.Personal{Clear: "note"}},
		domain.CaseLinked{Other: "C2"},
		domain.AccountDescribed{Account: s.account("described"), Innocent: &yes},
		domain.AccountDescribed{Account: s.account("home"), Victim: s.victim()},
		domain.AccountIdentified{Account: s.account("one"), As: s.account("as")},
		domain.LabelAttached{Account: s.account("labelled"), Label: "exchange", Source: "x"},
		domain.RuleLocked{Rule: "lifo", Authority: "court", Reason: "r"},
		domain.EvidenceFiled{File: "f", Name: "a.csv", Size: 3, Format: "clew"},
		domain.LineRejected{Evidence: domain.Evidence{File: "f", Line: 9}, Field: "amount", Reason: "is no number"},
	}
	s.tell(id, rapid.SampledFrom(facts).Draw(s.t, "fact"))
}

// A fingerprint depends on the log alone: followed event by event, at once, in
// other batches, rebuilt, all rows are the same.
func TestFingerprintsDependOnTheLogAlone(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		log := drawLog(t, r, 60)
		atOnce := see(t, log)
		want := standing(t, atOnce)

		part := log.prefix(rapid.IntRange(0, len(log.records)).Draw(r, "part"))
		live := see(t, part)
		live.batch = batch{rapid.IntRange(1, 9).Draw(r, "page"), rapid.IntRange(1, 3).Draw(r, "pages"), rapid.IntRange(1, 20).Draw(r, "names")}
		if err := live.CatchUp(context.Background()); err != nil {
			t.Fatal(err)
		}
		for len(part.records) < len(log.records) {
			part.records = log.records[:len(part.records)+1]
			if err := live.CatchUp(context.Background()); err != nil {
				t.Fatal(err)
			}
		}
		sameStanding(r, standing(t, live), want, "followed")
		if err := atOnce.Rebuild(context.Background(), nil, nil); err != nil {
			t.Fatal(err)
		}
		sameStanding(r, standing(t, atOnce), want, "rebuilt")
		live.Close()
		atOnce.Close()
	})
}

// As of a position of the log, an answer is that of a log that ends there.
func TestAPrefixOfTheLogGivesTheAnswerOfALogThatEndsThere(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		log := drawLog(t, r, 60)
		upto := rapid.IntRange(3, len(log.records)).Draw(r, "upto")
		whole, part := see(t, log), see(t, log.prefix(upto))
		for _, id := range []domain.CaseID{"C1", "C2"} {
			then, err := whole.Assemble(context.Background(), id, uint64(upto))
			if err != nil {
				r.Fatal(err)
			}
			ended, err := part.Assemble(context.Background(), id, uint64(upto))
			if err != nil {
				r.Fatal(err)
			}
			if !reflect.DeepEqual(then, ended) {
				r.Fatalf("case %s as of %d: %+v\na log that ends there: %+v", id, upto, then, ended)
			}
		}
		whole.Close()
		part.Close()
	})
}
