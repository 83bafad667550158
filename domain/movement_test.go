package domain

import (
	"encoding/hex"
	"reflect"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// The names of movements are frozen: they stand in every log, and a log that
// is imported again must find them. These were made when the first was written.
func TestAMovementKeepsItsNameForEver(t *testing.T) {
	content := transferExample().Content()
	if got := hex.EncodeToString(content[:8]); got != goldenContent {
		t.Errorf("the content of the example is %s, it was %s", got, goldenContent)
	}
	if got := Identify("C1", "bank", "A-1", content, 1); got != goldenByID {
		t.Errorf("by its id it is named %s, it was %s", got, goldenByID)
	}
	if got := Identify("C1", "bank", "", content, 2); got != goldenByContent {
		t.Errorf("by its content it is named %s, it was %s", got, goldenByContent)
	}
}

const (
	goldenContent   = "1dba16db3986ebef"
	goldenByID      = MovementID("m97zvg8fh5a5vbnvzn28xdrm80")
	goldenByContent = MovementID("z1mw7bgzcycqvkhsw79x8neytg")
)

func TestNamesDifferWhereMovementsDo(t *testing.T) {
	content := transferExample().Content()
	other := content
	other[0]++
	names := map[MovementID]bool{}
	for _, name := range []MovementID{
		Identify("C1", "bank", "A-1", content, 1), Identify("C2", "bank", "A-1", content, 1), Identify("C1", "police", "A-1", content, 1),
		Identify("C1", "bank", "A-2", content, 1), Identify("C1", "bank", "", content, 1), Identify("C1", "bank", "", content, 2), Identify("C1", "bank", "", other, 1),
		Identify("C1b", "ank", "A-1", content, 1),
	} {
		names[name] = true
		if len(name) != 26 || strings.ToLower(string(name)) != string(name) {
			t.Errorf("%q is no name of 26 small letters and digits", name)
		}
	}
	if len(names) != 8 {
		t.Errorf("eight movements have %d names", len(names))
	}
	// With the source's own id the content does not matter: that would be a conflict.
	if Identify("C1", "bank", "A-1", content, 1) != Identify("C1", "bank", "A-1", other, 7) {
		t.Error("a known id has another name with other content")
	}
}

// What belongs to a movement's content, and what does not (CONTRACT, Same or
// not): each field is changed, and the content with it or not.
func TestContentIsTheParsedValuesWithoutTheNote(t *testing.T) {
	other := exampleAmount("1", "USD", 2)
	for name, c := range map[string]struct {
		change  func(*Movement)
		another bool
	}{
		"kind":      {func(m *Movement) { m.Kind = Conversion }, true},
		"time":      {func(m *Movement) { m.When = Instant(m.When.Time.Add(time.Nanosecond)) }, true},
		"bare":      {func(m *Movement) { m.When = Date(2024, 3, 4) }, true},
		"from":      {func(m *Movement) { m.From = "X" }, true},
		"to":        {func(m *Movement) { m.To = "X" }, true},
		"amount":    {func(m *Movement) { m.Amount = exampleAmount("500.01", "EUR", 2) }, true},
		"asset":     {func(m *Movement) { m.Amount = exampleAmount("500.00", "USD", 2) }, true},
		"received":  {func(m *Movement) { m.Received = other }, true},
		"fee":       {func(m *Movement) { m.Fee = Amount{} }, true},
		"of":        {func(m *Movement) { m.OfSource = "A-0" }, true},
		"ref":       {func(m *Movement) { m.Ref = "" }, true},
		"victim":    {func(m *Movement) { m.Victim = "V2" }, true},
		"scam":      {func(m *Movement) { m.Scam = "job" }, true},
		"opens":     {func(m *Movement) { m.Opens = true }, true},
		"inputs":    {func(m *Movement) { m.Inputs = []Leg{{Account: "a", Amount: other}} }, true},
		"outputs":   {func(m *Movement) { m.Outputs = []Leg{{Account: "a", Amount: other}} }, true},
		"note":      {func(m *Movement) { m.Note = "" }, false},
		"evidence":  {func(m *Movement) { m.Evidence = Evidence{} }, false},
		"its name":  {func(m *Movement) { m.ID = "x" }, false},
		"source id": {func(m *Movement) { m.SourceID = "x" }, false},
		"source":    {func(m *Movement) { m.Source = "x" }, false},
	} {
		m := transferExample()
		before := m.Content()
		c.change(&m)
		if (m.Content() != before) != c.another {
			t.Errorf("with another %s the content is another: %v", name, !c.another)
		}
	}
}

// A counterparty that the movement itself has named is not part of what it
// says: the same row is the same before and after it got its name.
func TestANameMadeForAnUnknownPayeeIsNotContent(t *testing.T) {
	m := transferExample()
	m.To = ""
	before := m.Content()
	m.To = m.ID.Unknown()
	if m.Content() != before {
		t.Error("the name that the movement gave its payee changed its content")
	}
	m.To = MovementID("7zzzzzzzzzzzzzzzzzzzzzzzzz").Unknown()
	if m.Content() == before {
		t.Error("another movement's unknown payee is content")
	}
}

// Two rows whose texts run together to the same letters are still two.
func TestNoTwoRowsShareTheirContent(t *testing.T) {
	text := rapid.StringOfN(rapid.SampledFrom([]rune("ab|\x00,")), 0, 3, -1)
	row := rapid.Custom(func(t *rapid.T) Movement {
		return Movement{Kind: Transfer, When: Date(2024, 1, 1), From: AccountID(text.Draw(t, "from")), To: AccountID(text.Draw(t, "to")),
			OfSource: text.Draw(t, "of"), Ref: text.Draw(t, "ref"), Victim: VictimID(text.Draw(t, "victim")), Scam: Scam(text.Draw(t, "scam"))}
	})
	rapid.Check(t, func(t *rapid.T) {
		a, b := row.Draw(t, "a"), row.Draw(t, "b")
		if same := reflect.DeepEqual(a, b); (a.Content() == b.Content()) != same {
			t.Fatalf("%+v and %+v: equal %v, content says otherwise", a, b, same)
		}
	})
}

func TestOnePaymentIsToldTheSameWithinTwoDays(t *testing.T) {
	a := transferExample()
	for name, c := range map[string]struct {
		change func(*Movement)
		same   bool
	}{
		"nothing":          {func(*Movement) {}, true},
		"two days later":   {func(m *Movement) { m.When = Instant(m.When.Time.Add(48 * time.Hour)) }, true},
		"two days earlier": {func(m *Movement) { m.When = Instant(m.When.Time.Add(-48 * time.Hour)) }, true},
		"a moment more":    {func(m *Movement) { m.When = Instant(m.When.Time.Add(48*time.Hour + 1)) }, false},
		"another payee":    {func(m *Movement) { m.To = "X" }, false},
		"another payer":    {func(m *Movement) { m.From = "X" }, false},
		"a cent more":      {func(m *Movement) { m.Amount = exampleAmount("500.01", "EUR", 2) }, false},
		"another asset":    {func(m *Movement) { m.Amount = exampleAmount("500.00", "USD", 2) }, false},
		"another kind":     {func(m *Movement) { m.Kind = Return }, false},
		"another note":     {func(m *Movement) { m.Note, m.Source, m.SourceID = "", "x", "y" }, true},
	} {
		b := transferExample()
		c.change(&b)
		if SamePayment(a, b) != c.same || SamePayment(b, a) != c.same {
			t.Errorf("%s: one payment %v", name, !c.same)
		}
	}
}

func TestAMovementIsReadBackFromItsEvent(t *testing.T) {
	for _, event := range observedExamples() {
		m, ok := MovementOf(event)
		if !ok {
			t.Fatalf("%s records no movement", event.Kind())
		}
		if again := Observe(m); !reflect.DeepEqual(again, event) {
			t.Errorf("%s\n%+v\nbecame\n%+v", event.Kind(), event, again)
		}
		if wrong := CheckMovement(m); wrong != nil && m.Kind != Return {
			t.Errorf("%s: %v", event.Kind(), wrong)
		}
	}
	if m, ok := MovementOf(CaseClosed{}); ok {
		t.Errorf("the end of a case is the movement %+v", m)
	}
}

func TestWhatNoEvidenceCanMakeRight(t *testing.T) {
	most := Amount{Units{1<<63 - 1, ^uint64(0)}, Asset{"BTC", 8}}
	one := exampleAmount("1", "BTC", 8)
	hop := func(in, out []Amount) Movement {
		m := Movement{Kind: Hop, When: Date(2024, 1, 1)}
		for _, a := range in {
			m.Inputs = append(m.Inputs, Leg{Account: "i", Amount: a})
		}
		for _, a := range out {
			m.Outputs = append(m.Outputs, Leg{Account: "o", Amount: a})
		}
		return m
	}
	for name, c := range map[string]struct {
		m     Movement
		field string
	}{
		"no time":                 {Movement{Kind: Transfer, From: "A", To: "B", Amount: one}, "time"},
		"a conversion of nothing": {Movement{Kind: Conversion, When: Date(2024, 1, 1), From: "A", To: "B", Amount: one}, "to_amount"},
		"a hop without inputs":    {hop(nil, []Amount{one}), "inputs"},
		"a hop that makes money":  {hop([]Amount{one}, []Amount{one, one}), "outputs"},
		"a hop of two assets":     {hop([]Amount{one}, []Amount{exampleAmount("0.1", "EUR", 2)}), "outputs"},
		"inputs of two assets":    {hop([]Amount{one, exampleAmount("0.1", "EUR", 2)}, []Amount{one}), "inputs"},
		"inputs beyond 128 bits":  {hop([]Amount{most, one}, []Amount{one}), "inputs"},
		"outputs beyond 128 bits": {hop([]Amount{most}, []Amount{most, one}), "outputs"},
		"an input below nothing":  {hop([]Amount{exampleAmount("-1", "BTC", 8)}, []Amount{one}), "inputs"},
		"an output below nothing": {hop([]Amount{one}, []Amount{exampleAmount("-1", "BTC", 8)}), "outputs"},
		"no payee":                {changedExample(func(m *Movement) { m.To = "" }), "to"},
		"no payer":                {changedExample(func(m *Movement) { m.From = "" }), "from"},
		"no amount":               {changedExample(func(m *Movement) { m.Amount = Amount{} }), "amount"},
		"less than nothing":       {changedExample(func(m *Movement) { m.Amount = exampleAmount("-0.01", "EUR", 2) }), "amount"},
		"a fee below nothing":     {changedExample(func(m *Movement) { m.Fee = exampleAmount("-0.01", "EUR", 2) }), "fee"},
		"a fee that nobody pays":  {changedExample(func(m *Movement) { m.Kind, m.From = Opening, "" }), "fee"},
		"a transfer of another":   {changedExample(func(m *Movement) { m.OfSource = "A-0" }), "of"},
		"a transfer of a known":   {changedExample(func(m *Movement) { m.Of = exampleID }), "of"},
		"a return that converts":  {changedExample(func(m *Movement) { m.Kind, m.Received = Return, one }), "to_amount"},
		"nothing arrives":         {changedExample(func(m *Movement) { m.Kind, m.Received = Conversion, Amount{Asset: one.Asset} }), "to_amount"},
		"something from nothing":  {changedExample(func(m *Movement) { m.Kind, m.Received, m.Amount.Units = Conversion, one, Units{} }), "to_amount"},
		"a deduction that adds":   {changedExample(func(m *Movement) { m.Kind, m.Received = Conversion, exampleAmount("500.01", "EUR", 2) }), "to_amount"},
	} {
		wrong := CheckMovement(c.m)
		if wrong == nil || wrong.Field != c.field {
			t.Errorf("%s: %v, want something wrong with %s", name, wrong, c.field)
		}
	}
	for name, m := range map[string]Movement{
		"a hop that pays a fee": hop([]Amount{one, one}, []Amount{one}),
		"an overdraft": changedExample(func(m *Movement) {
			m.Kind, m.From, m.Fee, m.Amount = Balance, "", Amount{}, exampleAmount("-5", "EUR", 2)
		}),
		"a fee for nothing moved": changedExample(func(m *Movement) { m.Amount.Units = Units{} }),
		"to himself":              changedExample(func(m *Movement) { m.To = m.From }),
		"a deduction of nothing":  changedExample(func(m *Movement) { m.Kind, m.Received = Conversion, m.Amount }),
	} {
		if wrong := CheckMovement(m); wrong != nil {
			t.Errorf("%s: %v", name, wrong)
		}
	}
}

func changedExample(change func(*Movement)) Movement {
	m := transferExample()
	change(&m)
	return m
}
