package casework_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"

	"clew/casework"
	"clew/domain"
	"clew/eventstore"
	"clew/projections"
	"clew/vault"
)

// canary is a name that stands nowhere else. It has a quote and a letter
// beyond ASCII, so that its escaped forms differ from the plain one.
const canary = `Žofie "Canary" Quux`

// forms are the ways in which the canary could lie in a file.
func forms() map[string][]byte {
	wide := utf16.Encode([]rune(canary))
	little, big := []byte{}, []byte{}
	for _, unit := range wide {
		little = append(little, byte(unit), byte(unit>>8))
		big = append(big, byte(unit>>8), byte(unit))
	}
	found := map[string][]byte{
		"plain": []byte(canary), "escaped": []byte(`Žofie \"Canary\" Quux`), "escaped to ASCII": []byte(`\u017dofie \"Canary\" Quux`),
		"UTF-16LE": little, "UTF-16BE": big, "a part": []byte(`Canary`), "the rest": []byte(`ofie`),
	}
	for shift := range 3 { // base64 of it at any place in a longer text
		padded := append(bytes.Repeat([]byte{'x'}, shift), canary...)
		code := base64.StdEncoding.EncodeToString(padded)
		found["base64, shifted"+strings.Repeat(" ", shift)] = []byte(code[4 : len(code)-4])
	}
	return found
}

// occurrences looks for the canary in every file of a folder.
func occurrences(t *testing.T, folder string) (found []string, size int) {
	t.Helper()
	for _, name := range must(filepath.Glob(filepath.Join(folder, "*")))(t) {
		text := must(os.ReadFile(name))(t)
		size += len(text)
		for form, bytes := range forms() {
			if n := strings.Count(string(text), string(bytes)); n > 0 {
				found = append(found, fmt.Sprintf("%s has it %d times, %s", filepath.Base(name), n, form))
			}
		}
	}
	return found, size
}

// searched demands that the canary is nowhere.
func searched(t *testing.T, folder string) {
	t.Helper()
	found, size := occurrences(t, folder)
	for _, where := range found {
		t.Error(where)
	}
	if size < 100_000 {
		t.Errorf("only %d bytes were searched: the test does not see the files", size)
	}
}

// The search finds the canary in a log that is not sealed: it would in one
// that is.
func TestTheSearchFindsACanary(t *testing.T) {
	o := newOffice(t)
	o.Vault = nil
	o.canaries(t)
	found, _ := occurrences(t, filepath.Dir(o.path))
	for _, where := range []string{"clew.db-wal", "clew.db.views"} {
		if !slices.ContainsFunc(found, func(f string) bool { return strings.HasPrefix(f, where) }) {
			t.Errorf("%s has no canary, though nothing was sealed: %v", where, found)
		}
	}
}

func must[T any](value T, err error) func(*testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return value
	}
}

// statement is a file whose notes, names and one bad line have the canary.
func (o office) statement() casework.File {
	const text = "time,id,from,to,amount,asset,note\n" +
		"2024-01-02T10:00:00Z,t1,V1 bank,M,100.00,EUR,for Žofie \"\"Canary\"\" Quux\n" +
		"2024-01-03T10:00:00Z,t2,M,N,Žofie Canary Quux,EUR,\n"
	return casework.File{Case: "C1", Name: "Žofie Canary Quux.csv", Source: "bank", Open: func() (io.ReadCloser, error) {
		return io.NopCloser(strings.NewReader(text)), nil
	}}
}

// canaries records the canary wherever a person or a file can put a name.
func (o office) canaries(t *testing.T) (file domain.SHA256) {
	t.Helper()
	by := casework.By{Actor: "ina", Key: "k1"}
	for _, command := range []domain.Command{
		domain.OpenCase{Case: "C2", Title: "Case of " + canary}, domain.AddVictim{Victim: "V1", Category: domain.ScamTarget, Name: canary, Contact: canary},
		domain.DescribeAccount{Account: "V1 bank", Holder: canary, Victim: "V1", Basis: canary}, domain.DescribeAccount{Account: "M", Holder: canary},
		domain.RegisterPerson{Person: "P1", Category: domain.Suspect, Name: canary, Contact: canary, Basis: canary},
		domain.NoteFinding{About: domain.Whose{Person: "P1"}, Text: canary, Source: "camera"}, domain.NoteCase{Text: canary},
		domain.SetReview{Due: domain.Date(2027, 1, 1), Reason: canary}, domain.LockRule{Rule: "fifo", Authority: "court", Reason: canary},
		domain.IdentifyAccounts{Account: "M", As: "M2", Basis: canary},
		domain.AssignCase{Team: "North", Contact: canary, Reason: canary},
		domain.NoteIdentifier{About: domain.Whose{Person: "P1"}, Sort: domain.Handle, Value: canary, Source: "chat"},
		domain.WithdrawIdentifier{Identifier: "I1", Reason: canary},
	} {
		c := domain.CaseID("C1")
		if _, opens := command.(domain.OpenCase); opens {
			c = "C2"
		}
		must(o.Do(context.Background(), by, c, command))(t)
		must(o.Do(context.Background(), by, c, command))(t) // told again under its key
		by.Key += "k"
	}
	sum := must(o.Import(context.Background(), ina, o.statement()))(t)
	if sum.Recorded != 1 || sum.Rejected != 1 {
		t.Fatalf("%+v", sum)
	}
	o.mustDo(t, domain.SetHandling{HandlingSet: domain.HandlingSet{File: sum.SHA256, Conditions: []domain.HandlingCondition{domain.Egmont}, Reason: canary}})
	return sum.SHA256
}

// Nothing that a person or a file says of people is ever in clear in the log,
// its write-ahead log, the read models, the keys file or a spool, before and
// after it is erased.
func TestNoFileEverHasTheCanary(t *testing.T) {
	o := newOffice(t)
	o.canaries(t)
	searched(t, filepath.Dir(o.path))
	before := must(o.Views.CaseFile(context.Background(), "C1", projections.Head))(t)
	if before.Victims["V1"].Name.Clear != canary || before.Accounts["M"].Holder.Clear != canary || before.Notes[0].Clear != canary || before.Findings[0].Text.Clear != canary {
		t.Errorf("what is shown is not what was recorded: %+v", before.Victims)
	}
}

// What was erased is gone from every answer, and each says since when and on
// what basis; nothing in the log has changed.
func TestWhatWasErasedSaysSo(t *testing.T) {
	o, ctx := newOffice(t), context.Background()
	file := o.canaries(t)
	head := must(o.Store.Head(ctx))(t)
	leaves := allLeaves(t, o.Store, head)
	for _, of := range []domain.Whose{{Victim: "V1"}, {Person: "P1"}, {Account: "M"}, {File: file}, {Event: positionOf(t, o, domain.CaseNoted{}.Kind())}} {
		outcome := must(o.Erase(ctx, ina, "C1", domain.Erase{Of: of, Basis: "LED art. 16(2)"}))(t)
		if outcome.Nothing {
			t.Errorf("nothing was erased of %s", of)
		}
		if again := must(o.Erase(ctx, ina, "C1", domain.Erase{Of: of, Basis: "LED art. 16(2)"}))(t); !again.Nothing && of.Event == 0 {
			t.Errorf("%s was erased twice", of)
		}
	}
	now := must(o.Views.CaseFile(ctx, "C1", projections.Head))(t)
	for what, text := range map[string]string{
		"victim": now.Victims["V1"].Name.Clear, "contact": now.Victims["V1"].Contact.Clear, "home": now.Accounts["V1 bank"].Holder.Clear,
		"holder": now.Accounts["M"].Holder.Clear, "person": now.Persons["P1"].Name.Clear, "finding": now.Findings[0].Text.Clear, "note": now.Notes[0].Clear,
		"file's name": now.Files[file].Name,
	} {
		if !strings.HasPrefix(text, "[erased on 2024-03-01, basis: LED art. 16(2)]") {
			t.Errorf("%s reads %q", what, text)
		}
	}
	if now.Lock.Reason != canary {
		t.Errorf("a text that nobody erased reads %q", now.Lock.Reason)
	}
	var closed *casework.FileClosed
	if _, err := o.OpenFile(ctx, file); !errors.As(err, &closed) || !strings.HasPrefix(closed.Why, "erased on") {
		t.Errorf("the file: %v", err)
	}
	if _, err := o.Import(ctx, ina, o.statement()); domain.ClassOf(err) != domain.ClassConflict {
		t.Errorf("an erased file is imported again: %v", err)
	}
	if !bytes.Equal(leaves, allLeaves(t, o.Store, head)) {
		t.Error("the log changed")
	}
	searched(t, filepath.Dir(o.path))
}

func allLeaves(t *testing.T, store eventstore.Store, head uint64) (leaves []byte) {
	t.Helper()
	for _, r := range must(store.Read(context.Background(), 0, int(head)))(t) {
		leaf := eventstore.Leaf(eventstore.Encode(r))
		leaves = append(leaves, leaf[:]...)
	}
	return leaves
}

func positionOf(t *testing.T, o office, kind string) uint64 {
	t.Helper()
	for _, r := range must(o.Store.Read(context.Background(), 0, 1000))(t) {
		if r.Kind == kind {
			return r.Position
		}
	}
	t.Fatalf("no %s is recorded", kind)
	return 0
}

// A keys file that came back from an old copy opens nothing that was erased:
// the log says so, and the keys go again. So does a program that ended between
// the record and the keys.
func TestAnErasureIsFinishedByTheNextCommand(t *testing.T) {
	o, ctx := newOffice(t), context.Background()
	o.mustDo(t, domain.AddVictim{Victim: "V1", Category: domain.ScamTarget, Name: canary})
	old := must(os.ReadFile(o.path + ".keys"))(t)
	must(o.Erase(ctx, ina, "C1", domain.Erase{Of: domain.Whose{Victim: "V1"}, Basis: "order 7"}))(t)
	if err := os.WriteFile(o.path+".keys", old, 0o600); err != nil {
		t.Fatal(err)
	}
	again := openOffice(t, o.path)
	if err := again.LearnErasures(ctx); err != nil {
		t.Fatal(err)
	}
	file := must(again.Views.CaseFile(ctx, "C1", projections.Head))(t)
	if name := file.Victims["V1"].Name.Clear; !strings.Contains(name, "order 7") {
		t.Errorf("it reads %q", name)
	}
	for line := range strings.Lines(string(old)) {
		if strings.HasPrefix(line, "key ") && strings.Contains(line, "victim+V1") && strings.Contains(string(must(os.ReadFile(o.path+".keys"))(t)), line) {
			t.Error("the key is still there")
		}
	}
}

func TestALegalHoldRefusesErasure(t *testing.T) {
	o, ctx := newOffice(t), context.Background()
	file := o.canaries(t)
	erase := func(of domain.Whose) error {
		_, err := o.Erase(ctx, ina, "C1", domain.Erase{Of: of, Basis: "order 7"})
		return err
	}
	for held, wanted := range map[domain.Whose]domain.Whose{{Victim: "V1"}: {Account: "V1 bank"}, {File: file}: {File: file}, {}: {Person: "P1"}} {
		o.mustDo(t, domain.PlaceLegalHold{Of: held, Authority: "Court of A", Reason: "trial"})
		name := must(o.Views.CaseFile(ctx, "C1", projections.Head))(t).Holds[0].Hold
		if err := erase(wanted); domain.ClassOf(err) != domain.ClassConflict || !strings.Contains(err.Error(), "Court of A (trial)") {
			t.Errorf("%s is held, and erasing %s says %v", held, wanted, err)
		}
		o.mustDo(t, domain.LiftLegalHold{Hold: name, Authority: "Court of A", Reason: "final"})
	}
	for _, of := range []domain.Whose{{}, {Victim: "V9"}, {Event: 1 << 40}} {
		if err := erase(of); err == nil {
			t.Errorf("%s was erased", of)
		}
	}
	if err := erase(domain.Whose{Event: 1}); err != nil {
		t.Errorf("the title of the case: %v", err)
	}
}

// A file that two cases have filed is erased in both, or in none.
func TestAFileOfTwoCasesIsErasedInBoth(t *testing.T) {
	o, ctx := newOffice(t), context.Background()
	file := o.canaries(t)
	other := o.statement()
	other.Case = "C2"
	must(o.Import(ctx, ina, other))(t)
	erase := domain.Erase{Of: domain.Whose{File: file}, Basis: "order 7"}
	hold := domain.PlaceLegalHold{Authority: "Court of B", Reason: "appeal"}
	must(o.Do(ctx, ina, "C2", hold))(t)
	if _, err := o.Erase(ctx, ina, "C1", erase); err == nil || !strings.Contains(err.Error(), "Court of B") {
		t.Fatalf("C2 must keep it, and it says %v", err)
	}
	must(o.OpenFile(ctx, file))(t).Close()
	must(o.Do(ctx, ina, "C2", domain.LiftLegalHold{Hold: "L1", Authority: "Court of B", Reason: "done"}))(t)
	must(o.Erase(ctx, ina, "C1", erase))(t)
	for _, c := range []domain.CaseID{"C1", "C2"} {
		if erased := must(o.Views.CaseFile(ctx, c, projections.Head))(t).Erased; len(erased) != 1 || erased[0].Of != erase.Of {
			t.Errorf("%s says %+v", c, erased)
		}
	}
}

func TestWhatIsRestrictedIsNotShown(t *testing.T) {
	o, ctx := newOffice(t), context.Background()
	file := o.canaries(t)
	name := func() string {
		t.Helper()
		if err := o.LearnErasures(ctx); err != nil {
			t.Fatal(err)
		}
		return must(o.Views.CaseFile(ctx, "C1", projections.Head))(t).Persons["P1"].Name.Clear
	}
	person, kept := domain.Whose{Person: "P1"}, domain.Whose{File: file}
	for _, of := range []domain.Whose{person, kept} {
		o.mustDo(t, domain.Restrict{PersonalRestricted: domain.PersonalRestricted{Of: of, Basis: "LED art. 16(3)"}})
	}
	if text := name(); !strings.HasPrefix(text, "[restricted on 2024-03-01, basis: LED art. 16(3)]") {
		t.Errorf("it reads %q", text)
	}
	if _, err := o.OpenFile(ctx, file); domain.ClassOf(err) != domain.ClassDenied {
		t.Errorf("the file: %v", err)
	}
	for _, of := range []domain.Whose{person, kept} {
		o.mustDo(t, domain.Restrict{PersonalRestricted: domain.PersonalRestricted{Of: of, Basis: "LED art. 16(3)", Lifted: true}})
	}
	if text := name(); text != canary {
		t.Errorf("it reads %q", text)
	}
	must(o.OpenFile(ctx, file))(t).Close()
}

// A key that is used again with another text about a person is a conflict, as
// ever; neither text is kept with it.
func TestAKeyIsComparedWithoutItsTexts(t *testing.T) {
	o, ctx := newOffice(t), context.Background()
	by := casework.By{Actor: "ina", Key: "k1"}
	first := must(o.Do(ctx, by, "C1", domain.NoteCase{Text: canary}))(t)
	if again := must(o.Do(ctx, by, "C1", domain.NoteCase{Text: canary}))(t); again.First != first.First || !again.Nothing {
		t.Errorf("%+v", again)
	}
	var other *eventstore.KeyConflict
	_, err := o.Do(ctx, by, "C1", domain.NoteCase{Text: "another"})
	if !errors.As(err, &other) || strings.Contains(err.Error(), "Canary") || strings.Contains(err.Error(), "another\"") || !strings.Contains(err.Error(), "command.text") {
		t.Errorf("it says %v", err)
	}
}

// A log that an earlier clew made in clear stays readable, its keys of
// idempotency hold, and what is recorded from now on is sealed.
func TestALogFromBeforeStaysReadable(t *testing.T) {
	path, ctx := filepath.Join(t.TempDir(), "clew.db"), context.Background()
	before := openOffice(t, path)
	before.Vault = nil
	before.mustDo(t, domain.OpenCase{Case: "C1", Title: "t"})
	by := casework.By{Actor: "ina", Key: "k1"}
	first := must(before.Do(ctx, by, "C1", domain.NoteCase{Text: "an old note"}))(t)
	sum := must(before.Import(ctx, ina, before.statement()))(t)

	now := openOffice(t, path)
	if again := must(now.Do(ctx, by, "C1", domain.NoteCase{Text: "an old note"}))(t); again.First != first.First || !again.Nothing {
		t.Errorf("the old key stands for something else now: %+v", again)
	}
	in := must(now.OpenFile(ctx, sum.SHA256))(t)
	if text := string(must(io.ReadAll(in))(t)); !strings.Contains(text, "Canary") {
		t.Errorf("the old file reads %q", text)
	}
	now.mustDo(t, domain.NoteCase{Text: "a new note"})
	file := must(now.Views.CaseFile(ctx, "C1", projections.Head))(t)
	if file.Notes[0].Clear != "an old note" || file.Notes[1].Clear != "a new note" {
		t.Errorf("%+v", file.Notes)
	}
	if text := string(must(os.ReadFile(path))(t)) + string(must(os.ReadFile(path+"-wal"))(t)); strings.Contains(text, "a new note") {
		t.Error("the new note stands in clear")
	}
	if _, err := now.Erase(ctx, ina, "C1", domain.Erase{Of: domain.Whose{File: sum.SHA256}, Basis: "x"}); domain.ClassOf(err) != domain.ClassNotFound || !strings.Contains(err.Error(), "in clear") {
		t.Errorf("erasing what is in clear says %v", err)
	}
}

// Without the keys a log can be read, but for what is sealed, and takes
// nothing that would have to be sealed.
func TestALogWithoutItsKeys(t *testing.T) {
	o, ctx := newOffice(t), context.Background()
	o.canaries(t)
	why := errors.New("the keys are in the safe")
	o.Vault = vault.Absent("away.keys", why)
	file := must(o.Views.CaseFile(ctx, "C1", projections.Head))(t)
	if name := file.Victims["V1"].Name.Clear; !strings.HasPrefix(name, "[sealed; its key is not in away.keys") {
		t.Errorf("it reads %q", name)
	}
	if _, err := o.Do(ctx, ina, "C1", domain.NoteCase{Text: "x"}); !errors.Is(err, why) {
		t.Errorf("a note was taken: %v", err)
	}
	if _, err := o.Import(ctx, ina, casework.File{Case: "C1", Name: "n.csv", Open: func() (io.ReadCloser, error) {
		return io.NopCloser(strings.NewReader("time,from,to,amount,asset\n2024-01-02T10:00:00Z,A,B,1.00,EUR\n")), nil
	}}); !errors.Is(err, why) {
		t.Errorf("a file was taken: %v", err)
	}
}

func TestNamesakesAreFoundWithoutOpeningNames(t *testing.T) {
	o := newOffice(t)
	o.canaries(t)
	must(o.Do(context.Background(), ina, "C2", domain.AddVictim{Victim: "V7", Category: domain.ScamTarget, Name: `žofie  "canary" quux`}))(t)
	found := must(o.Namesakes(canary))(t)
	if len(found) != 4 {
		t.Errorf("%+v", found)
	}
	must(o.Erase(context.Background(), ina, "C2", domain.Erase{Of: domain.Whose{Victim: "V7"}, Basis: "x"}))(t)
	if found := must(o.Namesakes(canary))(t); len(found) != 3 {
		t.Errorf("after the erasure: %+v", found)
	}
}

// A paper that rests on a file which must not leave is refused, or leaves the
// file's movements out and says so.
func TestAPaperRespectsHowItsEvidenceIsHandled(t *testing.T) {
	o, ctx := newOffice(t), context.Background()
	const text = "time,id,from,to,amount,asset,victim\n2024-01-02T10:00:00Z,t1,V1 bank,M,100.00,EUR,V1\n"
	sum := must(o.Import(ctx, ina, casework.File{Case: "C1", Name: "n.csv", Handling: &domain.HandlingSet{Conditions: []domain.HandlingCondition{domain.Intelligence}},
		Open: func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(text)), nil }}))(t)
	amount := must(domain.ParseAmount("100.00", domain.Asset{Code: "EUR", Digits: 2}))(t)
	request, _, err := o.RequestFreeze(ctx, ina, "C1", casework.Asked{Request: domain.FreezeRequested{Account: "M", Asset: "EUR", Digits: 2,
		Scope: domain.ScopeAmount, Amount: &amount, Mechanism: "ic3-rat", Responding: "Example Bank"}})
	if err != nil {
		t.Fatal(err)
	}
	paper := must(o.Paper(ctx, "C1", request.Freeze, casework.PaperAsked{Kind: "ffkc"}))(t)
	if at := slices.IndexFunc(paper.Missing, func(m string) bool {
		return strings.HasPrefix(m, "withheld: what was read from file "+string(sum.SHA256))
	}); at < 0 {
		t.Errorf("it does not say what was left out: %v", paper.Missing)
	}
	must(o.Import(ctx, ina, casework.File{Case: "C1", Name: "n.csv", Handling: &domain.HandlingSet{Conditions: []domain.HandlingCondition{domain.CourtSeal}},
		Open: func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(text)), nil }}))(t)
	if _, err := o.Paper(ctx, "C1", request.Freeze, casework.PaperAsked{Kind: "ffkc"}); domain.ClassOf(err) != domain.ClassDenied || !strings.Contains(err.Error(), "court_seal") {
		t.Errorf("what a court has sealed leaves: %v", err)
	}
}
