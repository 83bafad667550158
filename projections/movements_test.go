package projections

import (
	"context"
	"strings"
	"testing"

	"clew/domain"
)

func TestFindMovementByNameBeginningAndSourceID(t *testing.T) {
	ctx, log := context.Background(), newLog()
	a, b := paid("C1", "T1", "V1", "M", "100.00"), paid("C1", "T2", "V1", "M", "70.00")
	b.Source = "bank of examples"
	b.ID = domain.Identify("C1", b.Source, b.SourceID, b.Content(), 1)
	log.tell(t, "C1", domain.Observe(a), domain.Observe(b))
	views := see(t, log)

	for text, want := range map[string]domain.MovementID{
		string(a.ID): a.ID, strings.ToUpper(string(b.ID)): b.ID, string(a.ID[:6]): a.ID, " T1 ": a.ID, "T2": b.ID,
	} {
		if got, err := views.FindMovement(ctx, "C1", text); err != nil || got != want {
			t.Errorf("%q found %q, %v, want %q", text, got, err, want)
		}
	}
	for _, text := range []string{"T3", string(a.ID[:3]), "zzzz", "", "iiii"} {
		if got, err := views.FindMovement(ctx, "C1", text); domain.ClassOf(err) != domain.ClassNotFound {
			t.Errorf("%q found %q, %v, want not found", text, got, err)
		}
	}
	if _, err := views.FindMovement(ctx, "C2", string(a.ID)); domain.ClassOf(err) != domain.ClassNotFound {
		t.Errorf("another case's movement was found: %v", err)
	}
}

func TestFindMovementNamesThoseThatATextCouldMean(t *testing.T) {
	ctx, log := context.Background(), newLog()
	a, b := paid("C1", "T1", "V1", "M", "100.00"), paid("C1", "T1", "V1", "M2", "70.00")
	b.Source = "another bank"
	b.ID = domain.Identify("C1", b.Source, b.SourceID, b.Content(), 1)
	log.tell(t, "C1", domain.Observe(a), domain.Observe(b))

	_, err := see(t, log).FindMovement(ctx, "C1", "T1")
	if domain.ClassOf(err) != domain.ClassUsage || !strings.Contains(err.Error(), string(a.ID)) || !strings.Contains(err.Error(), "another bank") {
		t.Errorf("the two movements with the source's id T1 are not named: %v", err)
	}
}

func TestFindMovementNamesSoManyAndSaysThatThereAreMore(t *testing.T) {
	ctx, log := context.Background(), newLog()
	for i := range maxCandidates + 1 {
		m := paid("C1", "T1", "V1", "M", "100.00")
		m.ID = domain.MovementID("abcd0000000000000000000" + string(rune('0'+i)) + "00")
		log.tell(t, "C1", domain.Observe(m))
	}
	_, err := see(t, log).FindMovement(ctx, "C1", "ABCD")
	if domain.ClassOf(err) != domain.ClassUsage || strings.Count(err.Error(), "; abcd") != maxCandidates || !strings.HasSuffix(err.Error(), "; and more") {
		t.Errorf("one beyond: %v", err)
	}
	if found, err := see(t, log.prefix(1)).FindMovement(ctx, "C1", "abcd"); err != nil || found == "" {
		t.Errorf("the only one: %v", err)
	}
}

func TestMovementFileTellsTheMovementAsItReadsNow(t *testing.T) {
	ctx, log := context.Background(), newLog()
	m := paid("C1", "T1", "V1", "M", "100.00")
	m.Note, m.Victim, m.Scam = "urgent!", "V1", "romance"
	other := paid("C1", "T9", "V1", "M", "100.00")
	now := m
	now.Amount, now.Note = amount("90.00"), "as the bank says"
	log.tell(t, "C1", domain.Observe(m), domain.Observe(other),
		domain.MovementCorrected{Movement: m.ID, Now: domain.Observed{Movement: now}, Reason: "typing error"},
		domain.MovementJoined{Kept: m.ID, Other: other.ID, Basis: "by a person"})
	views := see(t, log)

	file, err := views.MovementFile(ctx, "C1", m.ID)
	if err != nil {
		t.Fatal(err)
	}
	if file.Movement.Amount != amount("90.00") || file.Movement.Note != "as the bank says" || file.Movement.Evidence.Line != 7 || file.Movement.SourceID != "T1" {
		t.Errorf("movement: %+v", file.Movement)
	}
	if file.Victim != "V1" || file.Scam != "romance" || file.Withdrawn || file.Joined != "" {
		t.Errorf("what is known of it: %+v", file)
	}
	joined, err := views.MovementFile(ctx, "C1", other.ID)
	if err != nil || joined.Joined != m.ID || joined.Victim != "V1" {
		t.Errorf("the telling that was joined: %+v, %v", joined, err)
	}
	log.tell(t, "C1", domain.ReportWithdrawn{Movement: other.ID, Victim: "V1", Reason: "mistaken"},
		domain.MovementWithdrawn{Movement: m.ID, Reason: "mistaken"})
	if file, err = views.MovementFile(ctx, "C1", m.ID); err != nil || file.Victim != "" || !file.Withdrawn || file.Movement.Amount != amount("90.00") {
		t.Errorf("after both withdrawals: %+v, %v", file, err)
	}
}
