package casework_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"clew/casework"
	"clew/domain"
	"clew/eventstore"
	"clew/eventstore/sqlite"
	"clew/projections"
	"clew/vault"
)

// office is a desk with its own files, as a person would have it.
type office struct {
	*casework.Desk
	path string
}

var ina = casework.By{Actor: "ina"}

// cleaner is what both *testing.T and *rapid.T can do.
type cleaner interface {
	Helper()
	Fatal(args ...any)
	Cleanup(func())
}

func openOffice(t cleaner, path string) office {
	t.Helper()
	ctx := context.Background()
	store, err := sqlite.Open(ctx, path, sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	views, err := projections.Open(ctx, path+".views", store)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := errors.Join(views.Close(), store.Close()); err != nil {
			t.Fatal(err)
		}
	})
	var minute sync.Mutex
	now := time.Date(2024, 3, 1, 8, 0, 0, 0, time.UTC)
	clock := func() time.Time {
		minute.Lock()
		defer minute.Unlock()
		now = now.Add(time.Minute)
		return now
	}
	desk := &casework.Desk{Store: store, Views: views, Clock: clock, Vault: openVault(t, path, store)}
	views.OpenWith(desk.Opened)
	return office{desk, path}
}

// openVault opens the log's keys, or makes them.
func openVault(t cleaner, path string, store eventstore.Store) *vault.Vault {
	t.Helper()
	options := vault.Options{Log: store.Identity()}
	keys, err := vault.Open(path+".keys", options)
	if errors.Is(err, fs.ErrNotExist) {
		keys, err = vault.Create(path+".keys", options)
	}
	if err != nil {
		t.Fatal(err)
	}
	return keys
}

func newOffice(t *testing.T) office {
	t.Helper()
	o := openOffice(t, filepath.Join(t.TempDir(), "clew.db"))
	o.mustDo(t, domain.OpenCase{Case: "C1", Title: "The lost savings"})
	return o
}

func (o office) mustDo(t cleaner, command domain.Command) casework.Outcome {
	t.Helper()
	outcome, err := o.Do(context.Background(), ina, "C1", command)
	if err != nil {
		t.Fatal(err)
	}
	return outcome
}

// table is a canonical table as a file.
func table(lines ...string) casework.File {
	text := strings.Join(lines, "\n") + "\n"
	return casework.File{Case: "C1", Name: "folder/rows.csv", Open: func() (io.ReadCloser, error) {
		return io.NopCloser(strings.NewReader(text)), nil
	}}
}

const header = "time,from,to,amount,asset,id,ref,victim"

func (o office) mustImport(t cleaner, f casework.File) casework.Import {
	t.Helper()
	sum, err := o.Import(context.Background(), ina, f)
	if err != nil {
		t.Fatal(err)
	}
	if sum.Read != sum.Recorded+sum.Repeated+sum.Rejected+sum.Noise {
		t.Fatal(fmt.Sprintf("read %d is not recorded %d + repeated %d + rejected %d + noise %d", sum.Read, sum.Recorded, sum.Repeated, sum.Rejected, sum.Noise))
	}
	return sum
}

func (o office) head(t cleaner) uint64 {
	t.Helper()
	head, err := o.Store.Head(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return head
}

// kinds lists what stands in the log after a position.
func (o office) kinds(t cleaner, after uint64) []string {
	t.Helper()
	records, err := o.Store.Read(context.Background(), after, 1000)
	if err != nil {
		t.Fatal(err)
	}
	var kinds []string
	for _, r := range records {
		kinds = append(kinds, r.Kind)
	}
	return kinds
}

func wantCounts(t *testing.T, sum casework.Import, recorded, repeated, rejected int) {
	t.Helper()
	if sum.Recorded != recorded || sum.Repeated != repeated || sum.Rejected != rejected {
		t.Errorf("recorded %d, repeated %d, rejected %d, want %d, %d, %d: %+v", sum.Recorded, sum.Repeated, sum.Rejected, recorded, repeated, rejected, sum.Rejects)
	}
}

// A second import of the same file records nothing.
func TestSecondImportRecordsNothing(t *testing.T) {
	o := newOffice(t)
	rows := table(header,
		"2024-01-05T10:00:00Z,iban:DE89370400440532013000,M1,500.00,EUR,p1,,V1",
		"2024-01-06,M1,cash:machine,120.00,EUR,,,",
		"2024-01-06,M1,cash:machine,120.00,EUR,,,",
		"2024-01-07,M1,M2,1.234,EUR,,,")
	wantCounts(t, o.mustImport(t, rows), 3, 0, 1)
	head := o.head(t)
	wantCounts(t, o.mustImport(t, rows), 0, 3, 1)
	if got := o.head(t); got != head {
		t.Errorf("the second import recorded %v", o.kinds(t, head))
	}
}

// A file's first import files the evidence, then introduces the victim, then
// records the rows and the rejected line, in the order of the file.
func TestWhatAnImportRecords(t *testing.T) {
	o := newOffice(t)
	head := o.head(t)
	o.mustImport(t, table(header, "2024-01-05,A,B,5,EUR,,,V1", "2024-01-05,A,B,x,EUR,,,"))
	want := "evidence.filed.v1 victim.registered.v1 transfer.observed.v1 line.rejected.v1"
	if got := strings.Join(o.kinds(t, head), " "); got != want {
		t.Errorf("recorded %s, want %s", got, want)
	}
}

// Statements overlap: what both tell is repeated, and two equal withdrawals
// stay two.
func TestOverlappingFilesRepeatWhatBothTell(t *testing.T) {
	o := newOffice(t)
	same := "2024-01-05,A,cash:x,20,EUR,,,"
	wantCounts(t, o.mustImport(t, table(header, same, same)), 2, 0, 0)
	wantCounts(t, o.mustImport(t, table(header, same, same, same, "2024-01-06,A,B,1,EUR,,,")), 2, 2, 0)
}

// A known id with other content is a conflict, which counts as rejected and
// says what differs; so it is within one file.
func TestKnownIDWithOtherContentIsRejected(t *testing.T) {
	o := newOffice(t)
	o.mustImport(t, table(header, "2024-01-05,A,B,5.00,EUR,p1,,"))
	sum := o.mustImport(t, table(header, "2024-01-05,A,B,6.00,EUR,p1,,", "2024-01-05,A,B,7.00,EUR,p2,,", "2024-01-05,A,B,8.00,EUR,p2,,", "2024-01-05,A,B,7.00,EUR,p2,,"))
	wantCounts(t, sum, 1, 1, 2)
	for i, want := range []string{"amount was 5.00 EUR and is now 6.00 EUR", "amount was 7.00 EUR and is now 8.00 EUR"} {
		if got := sum.Rejects[i]; got.Field != "id" || !strings.Contains(got.Reason, want) {
			t.Errorf("rejected for %q, want %q", got.Reason, want)
		}
	}
}

// The comparison is with what was first recorded, not with its correction.
func TestRepeatedIsComparedWithTheFirstRecord(t *testing.T) {
	o := newOffice(t)
	rows := table(header, "2024-01-05,A,B,5.00,EUR,p1,,")
	o.mustImport(t, rows)
	id := domain.Identify("C1", "C1", "p1", [32]byte{}, 0)
	file, err := o.Views.MovementFile(context.Background(), "C1", id)
	if err != nil {
		t.Fatal(err)
	}
	file.Movement.Amount.Units = domain.NewUnits(600)
	_, err = o.About(context.Background(), ina, "C1", domain.CorrectMovement{Movement: id, Now: domain.Observed{Movement: file.Movement}, Reason: "typing error"})
	if err != nil {
		t.Fatal(err)
	}
	wantCounts(t, o.mustImport(t, rows), 0, 1, 0)
}

// A payment that two institutions tell under one reference is one movement;
// where they share the reference but not the amount, a person must look.
func TestOnePaymentToldTwiceIsJoined(t *testing.T) {
	o := newOffice(t)
	bank := table(header, "2024-01-05,A,B,5.00,EUR,,E2E-1,")
	bank.Source = "first bank"
	o.mustImport(t, bank)
	head := o.head(t)
	other := table(header, "2024-01-06,A,B,5.00,EUR,,E2E-1,", "2024-01-06,A,B,5.50,EUR,,E2E-1,")
	other.Source = "second bank"
	sum := o.mustImport(t, other)
	if got := strings.Join(o.kinds(t, head), " "); got != "evidence.filed.v1 transfer.observed.v1 movement.joined.v1 transfer.observed.v1" {
		t.Errorf("recorded %s", got)
	}
	if len(sum.Warnings) != 1 || !strings.Contains(sum.Warnings[0].Reason, "not joined") {
		t.Errorf("warnings: %+v", sum.Warnings)
	}
}

// A dry run counts as the import would, and records nothing.
func TestDryRunRecordsNothing(t *testing.T) {
	o := newOffice(t)
	rows := table(header, "2024-01-05,A,B,5,EUR,p1,,V1", "2024-01-05,A,B,5,EUR,p1,,V1", "2024-01-05,A,B,6,EUR,p1,,V1", "x,A,B,6,EUR,,,")
	head := o.head(t)
	rows.DryRun = true
	dry := o.mustImport(t, rows)
	if got := o.head(t); got != head {
		t.Errorf("the dry run recorded %v", o.kinds(t, head))
	}
	rows.DryRun = false
	real := o.mustImport(t, rows)
	wantCounts(t, dry, real.Recorded, real.Repeated, real.Rejected)
	wantCounts(t, real, 1, 1, 2)
}

// The same file told by another source may count its money twice: it is
// warned of.
func TestSameFileFromAnotherSourceIsWarnedOf(t *testing.T) {
	o := newOffice(t)
	rows := table(header, "2024-01-05,A,B,5,EUR,p1,,")
	o.mustImport(t, rows)
	rows.Source = "somebody else"
	sum := o.mustImport(t, rows)
	if len(sum.Warnings) == 0 || !strings.Contains(sum.Warnings[0].Reason, "imported before") {
		t.Errorf("warnings: %+v", sum.Warnings)
	}
}

// No case, closed case, unknown format: refused before anything is kept.
func TestImportIsRefusedBeforeAnythingIsKept(t *testing.T) {
	o := newOffice(t)
	rows := table(header, "2024-01-05,A,B,5,EUR,p1,,")
	rows.Case = "C9"
	if _, err := o.Import(context.Background(), ina, rows); domain.ClassOf(err) != domain.ClassNotFound {
		t.Errorf("no such case: %v", err)
	}
	rows.Case, rows.Format = "C1", "papyrus"
	if _, err := o.Import(context.Background(), ina, rows); err == nil || !strings.Contains(err.Error(), "papyrus") {
		t.Errorf("no such format: %v", err)
	}
	o.mustDo(t, domain.CloseCase{})
	rows.Format = ""
	if _, err := o.Import(context.Background(), ina, rows); domain.ClassOf(err) != domain.ClassConflict {
		t.Errorf("closed case: %v", err)
	}
}

// The same act under the same key is carried out once; another act under the
// key is a conflict.
func TestKeyIsForOneActForEver(t *testing.T) {
	o := newOffice(t)
	ctx, by := context.Background(), casework.By{Actor: "ina", Key: "k1"}
	first, err := o.Do(ctx, by, "C1", domain.NoteCase{Text: "called the bank"})
	if err != nil {
		t.Fatal(err)
	}
	o.mustDo(t, domain.CloseCase{}) // the decider would refuse the note now
	again, err := o.Do(ctx, by, "C1", domain.NoteCase{Text: "called the bank"})
	if err != nil || again.First != first.First || !again.Nothing {
		t.Errorf("told again: %+v, %v; first %+v", again, err, first)
	}
	var conflict *eventstore.KeyConflict
	if _, err := o.Do(ctx, by, "C1", domain.NoteCase{Text: "called the police"}); !errors.As(err, &conflict) {
		t.Errorf("another act under the key: %v", err)
	}
}

// An import's key is for one file: another under it is a conflict, the same
// one again records what is still missing.
func TestImportKeyIsForOneFile(t *testing.T) {
	o := newOffice(t)
	ctx, by := context.Background(), casework.By{Actor: "ina", Key: "k1"}
	rows := table(header, "2024-01-05,A,B,5,EUR,,,", "2024-01-05,A,B,5,ODD,,,")
	if _, err := o.Import(ctx, by, rows); err != nil {
		t.Fatal(err)
	}
	var conflict *eventstore.KeyConflict
	if _, err := o.Import(ctx, by, table(header, "2024-01-05,A,B,6,EUR,,,")); !errors.As(err, &conflict) {
		t.Errorf("another file under the key: %v", err)
	}
	if _, err := o.AddAsset(ctx, ina, domain.AssetRegistered{Asset: "ODD", Digits: 2}); err != nil {
		t.Fatal(err)
	}
	sum, err := o.Import(ctx, by, rows)
	if err != nil || sum.Recorded != 1 || sum.Repeated != 1 {
		t.Errorf("the same file again: %+v, %v", sum, err)
	}
}

// A link stands in both cases, or in neither.
func TestLinkStandsInBothCases(t *testing.T) {
	o := newOffice(t)
	ctx := context.Background()
	if _, err := o.Link(ctx, ina, "C1", "C2", "same mule"); domain.ClassOf(err) != domain.ClassNotFound {
		t.Fatalf("link with a case that is not there: %v", err)
	}
	if _, err := o.Do(ctx, ina, "C2", domain.OpenCase{Case: "C2", Title: "Another"}); err != nil {
		t.Fatal(err)
	}
	head := o.head(t)
	if _, err := o.Link(ctx, ina, "C1", "C2", "same mule"); err != nil {
		t.Fatal(err)
	}
	if _, err := o.Link(ctx, ina, "C2", "C1", "same mule"); err != nil {
		t.Fatal(err)
	}
	if got := o.kinds(t, head); len(got) != 2 {
		t.Errorf("recorded %v", got)
	}
}

// A payment reported by hand and the bank's telling of it under the same
// reference are one; told again by hand it is recorded once.
func TestPaymentReportedByHand(t *testing.T) {
	o := newOffice(t)
	ctx := context.Background()
	m := domain.Movement{Kind: domain.Transfer, From: "A", To: "B", When: domain.Date(2024, 1, 5), Ref: "E2E-1",
		Amount: domain.Amount{Units: domain.NewUnits(500), Asset: domain.Asset{Code: "EUR", Digits: 2}}, Victim: "V1", Scam: "romance"}
	id, _, err := o.Pay(ctx, ina, "C1", m)
	if err != nil {
		t.Fatal(err)
	}
	head := o.head(t)
	again, outcome, err := o.Pay(ctx, ina, "C1", m)
	if err != nil || again != id || !outcome.Nothing {
		t.Errorf("told again: %s, %+v, %v", again, outcome, err)
	}
	o.mustImport(t, table(header, "2024-01-05,A,B,5.00,EUR,,E2E-1,"))
	if got := strings.Join(o.kinds(t, head), " "); got != "evidence.filed.v1 transfer.observed.v1 movement.joined.v1" {
		t.Errorf("recorded %s", got)
	}
}

// Two people import the same file at once: every row is recorded once.
func TestTwoImportsAtOnceRecordEveryRowOnce(t *testing.T) {
	o := newOffice(t)
	lines := []string{header}
	for i := range 20_000 {
		lines = append(lines, fmt.Sprintf("2024-01-05,A,B,%d,EUR,p%d,,", i%7+1, i))
	}
	rows := table(lines...)
	sums, errs := make([]casework.Import, 2), make([]error, 2)
	var both sync.WaitGroup
	for i := range 2 {
		desk := openOffice(t, o.path)
		both.Go(func() { sums[i], errs[i] = desk.Import(context.Background(), ina, rows) })
	}
	both.Wait()
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
	if got := sums[0].Recorded + sums[1].Recorded; got != 20_000 {
		t.Errorf("recorded %d and %d", sums[0].Recorded, sums[1].Recorded)
	}
}

// An import that is stopped half-way is finished by running it again. Reading
// is no more than three batches ahead of what is recorded, so it has not ended
// when the first is.
func TestStoppedImportGoesOn(t *testing.T) {
	const count = 40_000
	o := newOffice(t)
	lines := []string{header}
	for i := range count {
		lines = append(lines, fmt.Sprintf("2024-01-05,A,B,%d,EUR,,,", i%3+1))
	}
	rows := table(lines...)
	ctx, stop := context.WithCancel(context.Background())
	rows.Progress = func(read int64) {
		if head, err := o.Store.Head(ctx); err == nil && head > 8000 {
			stop()
		}
	}
	if _, err := o.Import(ctx, ina, rows); !errors.Is(err, context.Canceled) {
		t.Fatalf("stopped with %v", err)
	}
	rows.Progress = nil
	sum := o.mustImport(t, rows)
	if sum.Recorded == 0 || sum.Repeated == 0 || sum.Recorded+sum.Repeated != count {
		t.Errorf("%+v", sum)
	}
}

// Whatever stands in the rows: read is the sum of its parts, a second import
// records nothing, and a file in two halves gives the movements of the whole.
func TestImportAddsUp(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		row := rapid.Custom(func(t *rapid.T) string {
			return strings.Join([]string{
				rapid.SampledFrom([]string{"2024-01-05", "2024-01-05T10:00:00Z", "5.1.2024"}).Draw(t, "time"),
				rapid.SampledFrom([]string{"A", "B", ""}).Draw(t, "from"), "B",
				rapid.SampledFrom([]string{"1", "2.50", "0", "-1", "1e9"}).Draw(t, "amount"),
				rapid.SampledFrom([]string{"EUR", "BTC", "NOPE"}).Draw(t, "asset"),
				rapid.SampledFrom([]string{"", "", "p1", "p2"}).Draw(t, "id"), "",
				rapid.SampledFrom([]string{"", "V1"}).Draw(t, "victim")}, ",")
		})
		lines := rapid.SliceOfN(row, 1, 30).Draw(t, "rows")
		o := openOffice(t, filepath.Join(tempDir(t), "clew.db"))
		o.mustDo(t, domain.OpenCase{Case: "C1", Title: "Any"})
		whole := table(append([]string{header}, lines...)...)
		first := o.mustImport(t, whole)
		head := o.head(t)
		second := o.mustImport(t, whole)
		if o.head(t) != head || second.Recorded != 0 || second.Rejected != first.Rejected {
			t.Fatalf("first %+v, second %+v", first, second)
		}
	})
}
