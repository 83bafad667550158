package domain

import (
	"errors"
	"flag"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
)

// writeMissing writes the golden JSON of events that have none yet. It never
// writes one that is there: what is on disk somewhere must be read for ever.
var writeMissing = flag.Bool("write-missing", false, "write golden events that are not there yet; never change one")

const goldenEvents = "../testdata/events/"

// examples has one event of every kind, with every field filled in, so that
// its golden JSON shows every name on disk.
func examples() []Event {
	yes, no := true, false
	return append(slices.Concat(observedExamples(), freezeExamples(), keepingExamples(), largerExamples(), accessExamples()),
		CaseOpened{"ROMANCE-1", "Two victims, one mule", "EUR"},
		CaseNoted{Personal{Clear: "The second victim will call back on Monday."}},
		CaseLinked{"ROMANCE-2", "the same wallet T3"},
		CaseClosed{"handed over to the prosecutor"},
		EvidenceFiled{exampleFile, "statement.csv", 20480, "mapped", exampleMap, "bank"},
		LineRejected{Evidence{exampleFile, 5, "March"}, "to", "account \"DE00\" is no valid IBAN"},
		AccountDescribed{"bank:77-100", &Personal{Sealed: []byte{1, 2, 3}, Key: "person-7"}, "Example Bank", "NL", KindService, "V1", "V2", &yes, &no, &yes, "letter of 18 March", When{}},
		AccountIdentified{"iban:DE89370400440532013000", "vasp:tulipex:77410", "letter of the exchange"},
		VictimRegistered{"V1", ScamTarget, &Personal{Clear: "A. Example"}, &Personal{Sealed: []byte{255, 0}, Key: "person-1"}, "DE"},
		MovementCorrected{exampleID, Observed{transferExample()}, "two digits were swapped"},
		MovementWithdrawn{exampleID, "entered twice"},
		MovementJoined{exampleID, "7zzzzzzzzzzzzzzzzzzzzzzzzz", "the same end-to-end id"},
		MovementSeparated{exampleID, "7zzzzzzzzzzzzzzzzzzzzzzzzz", "two purchases on one day"},
		PaymentReported{exampleID, "V1", "romance", Evidence{exampleFile, 7, "1"}},
		ReportWithdrawn{exampleID, "V1", "it was her rent"},
		LabelAttached{"tron:TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t", "USDT contract", "explorer", "high", true},
		LabelWithdrawn{"tron:TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t", "USDT contract", "not needed"},
		AssetRegistered{"INSP@ethereum", 18, "INS Promo", "etherscan.csv", true},
		RuleLocked{"fifo", "Clayton's Case (1816)", "one account, two victims"},
		RatePublished{"EUR", Date(2024, time.March, 4), map[AssetCode]string{"USD": "1.0846", "INR": "89.8905"}, "European Central Bank"},
		IndicatorSet{"fan-in", "payers", 5, 8, "too many clubs in our district"},
		KeyAdopted{"clew/ABC+0f0e0d0c+AQEB", "clew/key/v1\nclew/ABC\n7\nclew/ABC+0f0e0d0c+AQEB\n\n— clew/ABC AAAA\n", "the yearly change"},
	)
}

// accessExamples are the events about who may come in.
func accessExamples() []Event {
	at := Instant(time.Date(2026, 11, 23, 21, 0, 0, 0, time.UTC))
	hash := SecretHash(strings.Repeat("5e", 32))
	return []Event{
		UserAdmitted{"insp.lind", "investigator", "lind@fiu.example"},
		UserRoleGiven{"insp.lind", "fiu"},
		UserRemoved{"insp.lind"},
		UserJoinedCase{"insp.lind", "ROMANCE-1"},
		UserLeftCase{"insp.lind", "ROMANCE-1"},
		TokenIssued{"nightly", "insp.lind", hash, at, true, []CaseID{"ROMANCE-1"}},
		TokenRevoked{"nightly", "insp.lind"},
		LinkIssued{"insp.lind", hash, at},
		UserSignedIn{"insp.lind", ByLink, hash, hash, at},
		UserSignedOut{"insp.lind", hash, SignedOutIdle},
	}
}

// freezeExamples are the events of a freeze and of what comes after it.
func freezeExamples() []Event {
	sum, at := exampleAmount("500.000000", "USDT", 6), Instant(time.Date(2024, 3, 4, 9, 30, 0, 0, time.UTC))
	wire := Wire{"INVNDEFFXXX", "iban:DE89370400440532013000", "Tulip Bank", "TULPNL2A", "INVNUS33", "97ed4827-7b6f-4491-a06f-b548d5a7512d",
		"E2E-1001", "TX-1", "MSG-1", Date(2024, time.March, 4), &sum, "for F. Example", at}
	news := News{"F1", at, "insp.lind", "the issuer's letter", "REF-7", "by telephone first", "the freeze was draft when this was learnt"}
	return []Event{
		FreezeLimitSet{exampleAmount("10000.00", "EUR", 2), "decision of the board"},
		FreezeRequested{"F1", at, "insp.lind", true, "tron:TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t", "USDT", 6, ScopePayment, &sum, &sum, "fifo",
			[]VictimID{"V1"}, exampleID, "stablecoin-issuer", "section 111b", "police of A", "the issuer", "law enforcement desk", "VG", "urgent",
			at, Date(2024, time.April, 4), "en", "REF-1", "FRAD", "HARBOUR", "restricted", []SHA256{exampleFile}, &wire, []string{"No recall is recorded."}},
		FreezeApproved{news},
		FreezeSubmitted{news, true},
		FreezeWithdrawn{news, "the account was another one"},
		FreezeAcknowledged{news, AckIndemnity},
		FreezeAnswered{news, AnswerAlreadyEmpty, []MovementID{exampleID}},
		FreezeHeld{news, &sum, ScopeAccount, Date(2024, time.June, 2)},
		FreezeExtended{news, Date(2024, time.July, 2)},
		FreezeReleased{news, &sum},
		FreezeExpired{news},
		FreezeReturned{news, sum, RouteRecall, "iban:DE89370400440532013000", exampleID},
		FreezeSeized{news, sum, true, exampleID},
		FreezeRestored{news, sum, []VictimShare{{"V1", sum, "Example Bank"}}, "pari-passu-net"},
		FreezeTransferred{news, sum, "NL"},
		FreezeRejected{news, "no order"},
		FreezeContested{news, "the holder says that it is his wage"},
		FreezeDecided{news, "the freeze stands", true},
		ReimbursementRecorded{"R1", "Example Bank", "V1", sum, at, "CLAIM-9", "reimbursement code"},
		ReimbursementWithdrawn{"R1", "it was paid to another"},
	}
}

// keepingExamples are the events about people and about keeping their data.
func keepingExamples() []Event {
	day := Date(2027, time.March, 4)
	whose := Whose{"V1", "P1", "bank:77-100", exampleFile, 17} // at most one is set; here all, to pin their names
	return []Event{
		PersonRegistered{"P1", Suspect, &Personal{Clear: "A. Example"}, &Personal{Sealed: []byte{1, 255}, Key: "person-9"}, "V1", "bank:77-100", true, "interview of 4 March"},
		FindingNoted{whose, Personal{Clear: "He withdrew the money himself."}, "camera 4", true},
		CaseAssigned{"North", Personal{Clear: "desk 4, extension 12"}, true, "handed over"},
		IdentifierNoted{"I1", whose, Phone, Personal{Clear: "+44 20 7946 0000"}, "the phone's memory", true},
		IdentifierWithdrawn{"I1", "misread"},
		ReviewSet{day, "the proceedings go on"},
		HandlingSet{exampleFile, []HandlingCondition{Egmont, CourtSeal}, "FIU of B", []Outlet{OutletBundle}, "letter of 18 March"},
		LegalHoldPlaced{"L1", whose, "Court of A", "file 12 Js 7/24", day},
		LegalHoldLifted{"L1", "Court of A", "the judgment is final"},
		PersonalRestricted{whose, "LED art. 16(3)(b)", "needed for evidence", true},
		PersonalErased{whose, []string{"0f1e2d3c4b5a69788796"}, "LED art. 16(2)", "the case was closed without charges"},
	}
}

// largerExamples are the events about the larger picture.
func largerExamples() []Event {
	day := Date(2024, time.March, 4)
	whose := Whose{"V1", "P1", "bank:77-100", exampleFile, 17} // at most one is set; here all, to pin their names
	return []Event{
		ScamDescribed{"V1", exampleID, "other: a false charity", []Lure{"ai_profile", "platform"}, "DE", "MM", "interview of 4 March", true},
		ScamWithdrawn{"V1", exampleID, "he meant another"},
		OperationDescribed{"HARBOUR", "Operation Harbour", "police of A", day, Date(2024, time.June, 30), "order of 1 March"},
		OperationJoined{"HARBOUR", "list of 4 March"},
		OperationLeft{"HARBOUR", "another case was meant"},
		NoticeLinked{"A-1/3-2024", "purple", true, day, "NCB A", whose, &Personal{Sealed: []byte{1, 2}, Key: "person-9"}, "I-24/7"},
		NoticeUnlinked{"A-1/3-2024", whose, "it was cancelled"},
		CentreDescribed{"SC-1", "Exampletown, east compound", "MM", "report of 4 March", true},
		CentreWithdrawn{"SC-1", "it is an hotel"},
		CentreLinked{"SC-1", whose, "interview of 4 March", true},
		CentreUnlinked{"SC-1", whose, "he was held elsewhere"},
		CrimeFlagged{"trafficking", whose, "interview of 4 March", true},
		CrimeUnflagged{"trafficking", whose, "the witness took it back"},
	}
}

const (
	exampleID   = MovementID("0123456789abcdefghjkmnpqrs")
	exampleFile = SHA256("9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08")
	exampleMap  = SHA256("60303ae22b998861bce3b28f33eec1be758a213c86c93c076dbe9f558c11c752")
)

func exampleAmount(text, code string, digits uint8) Amount {
	amount, err := ParseAmount(text, Asset{AssetCode(code), digits})
	if err != nil {
		panic(err)
	}
	return amount
}

func transferExample() Movement {
	return Movement{
		ID: exampleID, Kind: Transfer, When: Instant(time.Date(2024, 3, 4, 9, 12, 0, 5, time.UTC)),
		From: "iban:DE89370400440532013000", To: "M1", Amount: exampleAmount("500.00", "EUR", 2), Fee: exampleAmount("0.30", "EUR", 2),
		Source: "police", SourceID: "A-1", Ref: "E2E-1001", Note: "for the <flight> & hotel", Victim: "V1", Scam: "romance",
		Evidence: Evidence{File: exampleFile, Line: 2, Page: "1"},
	}
}

// observedExamples are the events that record a movement.
func observedExamples() []Event {
	opening, balance, conversion, returned, hop := transferExample(), transferExample(), transferExample(), transferExample(), transferExample()
	opening.Kind, opening.When = Opening, Date(2024, time.March, 1)
	balance.Kind, balance.Amount, balance.Opens = Balance, exampleAmount("-1445.00", "EUR", 2), true
	conversion.Kind, conversion.Received = Conversion, exampleAmount("540.000000", "USDT", 6)
	returned.Kind, returned.Of, returned.OfSource = Return, "7zzzzzzzzzzzzzzzzzzzzzzzzz", "A-0"
	hop.Kind = Hop
	hop.Inputs = []Leg{{"9b0c:1", "bc1qexample", exampleAmount("0.50000000", "BTC", 8)}}
	hop.Outputs = []Leg{{"f1a3:0", "bc1qother", exampleAmount("0.30000000", "BTC", 8)}, {"f1a3:1", "bc1qexample", exampleAmount("0.19990000", "BTC", 8)}}
	var events []Event
	for _, m := range []Movement{opening, balance, transferExample(), conversion, returned, hop} {
		events = append(events, Observe(m))
	}
	return events
}

func goldenPath(kind string) string { return filepath.Join(goldenEvents, kind+".json") }

func TestEveryEventIsReadAsItWasFirstWritten(t *testing.T) {
	byKind := map[string]Event{}
	for _, event := range examples() {
		byKind[event.Kind()] = event
	}
	for _, kind := range Kinds() {
		example, ok := byKind[kind]
		if !ok {
			t.Errorf("%s has no example: add one with every field filled in", kind)
			continue
		}
		golden := goldenOf(t, example)
		if golden == "" {
			continue
		}
		read, err := DecodeEvent(kind, []byte(golden))
		if err != nil || !reflect.DeepEqual(read, example) {
			t.Errorf("%s: what is on disk now reads as\n%+v (%v), it was\n%+v: give the new shape a new kind, and upcast the old one", kind, read, err, example)
			continue
		}
		written, err := EncodeEvent(read)
		if err != nil || string(written) != golden {
			t.Errorf("%s: it is now written as\n%s (%v), on disk it is\n%s", kind, written, err, golden)
		}
	}
}

// goldenOf is an event's JSON as it was first written, without the line end.
func goldenOf(t *testing.T, example Event) string {
	t.Helper()
	path := goldenPath(example.Kind())
	text, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) && *writeMissing {
		body, err := EncodeEvent(example)
		if err == nil {
			err = os.WriteFile(path, append(body, '\n'), 0o644)
		}
		if err != nil {
			t.Fatal(err)
		}
		return string(body)
	}
	if err != nil {
		t.Errorf("%s has no golden JSON (%v): run go test ./domain -write-missing", example.Kind(), err)
		return ""
	}
	return strings.TrimSuffix(string(text), "\n")
}

// A file that no kind reads any more is a log that nobody can read any more.
func TestNoGoldenEventIsLeftBehind(t *testing.T) {
	files, err := os.ReadDir(goldenEvents)
	if err != nil {
		t.Fatal(err)
	}
	kinds := Kinds()
	if len(files) != len(kinds) {
		t.Errorf("%d golden events, %d kinds", len(files), len(kinds))
	}
	for _, file := range files {
		kind := strings.TrimSuffix(file.Name(), ".json")
		text, err := os.ReadFile(goldenPath(kind))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := DecodeEvent(kind, text); err != nil {
			t.Errorf("%s can no longer be read: %v", file.Name(), err)
		}
	}
}

// An example that leaves a field empty would not pin that field's name.
func TestExamplesLeaveNoFieldEmpty(t *testing.T) {
	for _, event := range examples() {
		filled(t, event.Kind(), reflect.ValueOf(event))
	}
}

// either are types of which only some fields may be filled at once.
var either = []reflect.Type{reflect.TypeFor[Personal](), reflect.TypeFor[Observed](), reflect.TypeFor[When](), reflect.TypeFor[Amount](), reflect.TypeFor[time.Time]()}

// later are fields that came after their event's golden JSON was written, and
// how they look on disk.
var later = map[string]struct {
	event Event
	json  string
}{
	"account.described.v1.Opened": {AccountDescribed{Account: "A", Opened: Date(2024, time.March, 4)}, `{"account":"A","opened":"2024-03-04"}`},
}

func TestFieldsThatCameLaterKeepTheirNames(t *testing.T) {
	for name, want := range later {
		text, err := EncodeEvent(want.event)
		if err != nil || string(text) != want.json {
			t.Errorf("%s is %s on disk, and was %s: %v", name, text, want.json, err)
		}
		back, err := DecodeEvent(want.event.Kind(), text)
		if err != nil || !reflect.DeepEqual(back, want.event) {
			t.Errorf("%s reads as %+v: %v", name, back, err)
		}
	}
}

func filled(t *testing.T, name string, value reflect.Value) {
	t.Helper()
	if _, added := later[name]; added {
		return
	}
	if value.Kind() == reflect.Pointer {
		if value.IsNil() {
			t.Errorf("%s is empty", name)
			return
		}
		if value.Elem().Kind() == reflect.Bool {
			return // a stated "no" is a value
		}
		value = value.Elem()
	}
	if value.IsZero() {
		t.Errorf("%s is empty", name)
	}
	if value.Kind() != reflect.Struct {
		return
	}
	for _, kind := range either {
		if value.Type() == kind {
			return
		}
	}
	for i := range value.NumField() {
		filled(t, name+"."+value.Type().Field(i).Name, value.Field(i))
	}
}

func TestEventsThatNobodyKnowsAreRefused(t *testing.T) {
	var unknown *UnknownKind
	if _, err := DecodeEvent("transfer.observed.v9", []byte("{}")); !errors.As(err, &unknown) || !strings.Contains(err.Error(), "newer") {
		t.Errorf("%v", err)
	}
	for _, body := range []string{`{"reason":"x","more":1}`, `{"reason":5}`, `{"reason":"x"}{}`, `{"reason":"x"`, ``, `[]`} {
		if event, err := DecodeEvent("case.closed.v1", []byte(body)); err == nil {
			t.Errorf("%s was read as %+v", body, event)
		}
	}
	for _, kind := range []string{"transfer.observed.v1", "balance.observed.v1", "hop.observed.v1", "movement.corrected.v1", "rate.published.v1"} {
		if event, err := DecodeEvent(kind, []byte("{}")); err == nil {
			t.Errorf("an empty %s was read as %+v", kind, event)
		}
	}
}

// FuzzDecodeEvent: what can be read is written, and read again, as the same.
func FuzzDecodeEvent(f *testing.F) {
	for _, event := range examples() {
		body, err := EncodeEvent(event)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(event.Kind(), body)
	}
	f.Fuzz(func(t *testing.T, kind string, body []byte) {
		event, err := DecodeEvent(kind, body)
		if err != nil {
			return
		}
		once, err := EncodeEvent(event)
		if err != nil {
			t.Fatalf("%+v cannot be written: %v", event, err)
		}
		again, err := DecodeEvent(kind, once)
		if err != nil {
			t.Fatalf("%s cannot be read again: %v", once, err)
		}
		if twice, err := EncodeEvent(again); err != nil || string(twice) != string(once) {
			t.Fatalf("first %s\nthen  %s (%v)", once, twice, err)
		}
	})
}
