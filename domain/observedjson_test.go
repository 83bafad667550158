package domain

import (
	"bytes"
	"crypto/sha256"
	"encoding/base32"
	"fmt"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// drawObserved makes any movement, of any kind, with whatever in its texts.
func drawObserved(t *rapid.T) Movement {
	text := rapid.OneOf(rapid.String(), rapid.StringOf(rapid.SampledFrom([]rune("ab<>&\"\\/\x00\x1f\t\n\r\b\f\u2028\u2029\ufffdé€"))),
		rapid.Map(rapid.SliceOf(rapid.Byte()), func(b []byte) string { return string(b) }))
	amount := func(name string) Amount {
		code := rapid.SampledFrom([]string{"EUR", "ETH", "eip155:1/erc20:0xab", "<&>\u2028\xff"}).Draw(t, name+" code")
		return Amount{UnitsFromWords(rapid.Int64().Draw(t, name+" high"), rapid.Uint64().Draw(t, name+" low")), Asset{AssetCode(code), rapid.Uint8().Draw(t, name+" digits")}}
	}
	draw := func(name string) string { return text.Draw(t, name) }
	m := Movement{
		ID: MovementID(draw("id")), Kind: rapid.SampledFrom([]MovementKind{Opening, Balance, Transfer, Conversion, Return, Hop}).Draw(t, "kind"),
		When: When{time.Unix(rapid.Int64Range(-1<<36, 1<<36).Draw(t, "seconds"), rapid.Int64Range(0, 999_999_999).Draw(t, "nanos")), rapid.Bool().Draw(t, "bare")},
		From: AccountID(draw("from")), To: AccountID(draw("to")), Amount: amount("amount"), Of: MovementID(draw("of")), OfSource: draw("of source"),
		Source: draw("source"), SourceID: draw("source id"), Victim: VictimID(draw("victim")), Scam: Scam(draw("scam")),
		Opens: rapid.Bool().Draw(t, "opens"), Ref: draw("ref"), Note: draw("note"),
		Evidence: Evidence{SHA256(draw("file")), rapid.IntRange(-1, 3).Draw(t, "line"), draw("page")},
	}
	if rapid.Bool().Draw(t, "more") {
		m.Received, m.Fee = amount("received"), amount("fee")
	}
	for range rapid.IntRange(0, 2).Draw(t, "legs") {
		m.Inputs = append(m.Inputs, Leg{AccountID(draw("in")), draw("in address"), amount("in")})
		m.Outputs = append(m.Outputs, Leg{AccountID(draw("out")), "", amount("out")})
	}
	return m
}

// What is written by hand is what encoding/json writes, byte for byte.
func TestObservationsAreWrittenAsEncodingJSONDoes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) { checkWritten(t, drawObserved(t)) })
}

func checkWritten(t interface{ Fatalf(string, ...any) }, m Movement) {
	event := Observe(m)
	want, err := plainJSON(event)
	if err != nil {
		t.Fatalf("encoding/json: %v", err)
	}
	if got := AppendObserved([]byte("before"), &m); string(got) != "before"+string(want) {
		t.Fatalf("written\n%s\nand encoding/json writes\n%s", got, want)
	}
	if got, err := EncodeEvent(event); err != nil || !bytes.Equal(got, want) {
		t.Fatalf("encoded\n%s (%v)\nand encoding/json writes\n%s", got, err, want)
	}
	if ObservedKind(m.Kind) != event.Kind() {
		t.Fatalf("a %s is recorded as %s, not as %s", m.Kind, event.Kind(), ObservedKind(m.Kind))
	}
}

// A fee of no asset is nothing a movement can have, and is kept all the same.
func TestAFeeOfNothingIsWrittenAsItStands(t *testing.T) {
	for _, e := range []Event{TransferObserved{Fee: &Amount{}}, ConversionObserved{Fee: &Amount{}}, ReturnObserved{Fee: &Amount{}}} {
		want, _ := plainJSON(e)
		if got, err := EncodeEvent(e); err != nil || !bytes.Equal(got, want) {
			t.Errorf("encoded %s (%v), want %s", got, err, want)
		}
	}
}

func FuzzObservationsAreWrittenAsEncodingJSONDoes(f *testing.F) {
	m := transferExample()
	f.Add(uint8(2), m.When.Time.Unix(), int64(5), uint8(2), string(m.From), m.Note, "EUR", 7)
	f.Add(uint8(5), int64(-1), int64(-1<<62), uint8(18), "<a>&\u2028", "\xff\x00\x1f\"\\", "<", 0)
	f.Fuzz(func(t *testing.T, kind uint8, seconds, units int64, digits uint8, name, note, code string, line int) {
		kinds := []MovementKind{Opening, Balance, Transfer, Conversion, Return, Hop}
		amount := Amount{UnitsFromWords(units, uint64(seconds)), Asset{AssetCode(code), digits}}
		when := When{time.Unix(seconds%(1<<36), units&0xfffffff), digits%2 == 0}
		m := Movement{Kind: kinds[int(kind)%len(kinds)], ID: MovementID(name), When: when, From: AccountID(name), To: AccountID(note), Amount: amount,
			Fee: amount, Received: amount, Of: MovementID(note), OfSource: name, Source: note, SourceID: name, Ref: name, Note: note, Victim: VictimID(name),
			Scam: Scam(note), Opens: digits%3 == 0, Evidence: Evidence{SHA256(name), line, note}}
		if digits%5 > 0 {
			m.Inputs, m.Outputs = []Leg{{AccountID(name), note, amount}, {}}, []Leg{}
		}
		checkWritten(t, m)
	})
}

// crockford32 spells names by the rule of package base32.
var crockford32 = base32.NewEncoding(nameLetters).WithPadding(base32.NoPadding)

func TestANameSpellsItsDigestAndNoOtherDoes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := Digest(rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(t, "digest"))
		name := d.Name()
		if string(name) != crockford32.EncodeToString(d[:]) {
			t.Fatalf("%x is spelt %s", d, name)
		}
		if back, ok := name.Digest(); !ok || back != d {
			t.Fatalf("%s stands for %x, %v and not for %x", name, back, ok, d)
		}
		at, letter := rapid.IntRange(0, 25).Draw(t, "place"), rapid.Byte().Draw(t, "letter")
		other := MovementID(name[:at]) + MovementID([]byte{letter}) + name[at+1:]
		if back, ok := other.Digest(); ok && back.Name() != other {
			t.Fatalf("%q stands for %x, which is spelt %s", other, back, back.Name())
		}
	})
	for _, no := range []MovementID{"", "0", "0123456789abcdefghjkmnpqr", "0123456789abcdefghjkmnpqrst", "0123456789ABCDEFGHJKMNPQRS", "0000000000000000000000000l"} {
		if _, ok := no.Digest(); ok {
			t.Errorf("%q passes for the name of a movement", no)
		}
	}
}

// slowContent is Content as it was first written: names that stand in logs
// were made by it.
func slowContent(m Movement) [32]byte {
	var b []byte
	put := func(texts ...string) {
		for _, text := range texts {
			for n := uint64(len(text)); ; n >>= 7 {
				if n < 0x80 {
					b = append(b, byte(n))
					break
				}
				b = append(b, byte(n)|0x80)
			}
			b = append(b, text...)
		}
	}
	amounts := func(list ...Amount) {
		for _, a := range list {
			put(string(a.Asset.Code), slowFormat(a))
		}
	}
	account := func(a AccountID) string {
		if m.ID != "" && string(a) == "unknown:"+string(m.ID) {
			return ""
		}
		return string(a)
	}
	when := m.When.Time.UTC().Format(time.RFC3339Nano)
	if m.When.Bare {
		when = m.When.Time.Format(time.DateOnly)
	}
	put(string(m.Kind), when, account(m.From), account(m.To))
	amounts(m.Amount, m.Received, m.Fee)
	put(m.OfSource, m.Ref, string(m.Victim), string(m.Scam))
	if m.Opens {
		put("opens")
	}
	for _, legs := range [][]Leg{m.Inputs, m.Outputs} {
		put(fmt.Sprint(len(legs)))
		for _, leg := range legs {
			put(string(leg.Account))
			amounts(leg.Amount)
		}
	}
	return sha256.Sum256(b)
}

// slowFormat writes an amount by way of math/big.
func slowFormat(a Amount) string {
	text, digits := a.Units.Big().String(), int(a.Asset.Digits)
	if digits == 0 {
		return text
	}
	sign := ""
	if text[0] == '-' {
		sign, text = "-", text[1:]
	}
	if short := digits + 1 - len(text); short > 0 {
		text = strings.Repeat("0", short) + text
	}
	return sign + text[:len(text)-digits] + "." + text[len(text)-digits:]
}

func TestContentIsHashedAsItWasFirst(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := drawObserved(t)
		if rapid.Bool().Draw(t, "unknown") {
			m.To = m.ID.Unknown()
		}
		if m.Content() != slowContent(m) {
			t.Fatalf("the content of %+v has another hash", m)
		}
		if got := m.Amount.String(); got != slowFormat(m.Amount) {
			t.Fatalf("%s, want %s", got, slowFormat(m.Amount))
		}
	})
}

// A million rows are written, hashed and read back by these; what they ask of
// the memory is counted, for it is paid a second time when it is collected.
func TestMovementsCostFewAllocations(t *testing.T) {
	m := transferExample()
	text, block, read, names := make([]byte, 0, 1024), make([]byte, 0, 1024), Movement{}, &FastDecoder{}
	m.Ref = ""
	m.ID = Identify("C1", "bank", "A-1", m.Content(), 1)
	for what, c := range map[string]struct {
		most float64
		do   func()
	}{
		"writing":         {0, func() { text = AppendObserved(text[:0], &m) }},
		"the fast block":  {0, func() { block = AppendFast(block[:0], &m) }},
		"its content":     {0, func() { m.Content() }},
		"its name":        {1, func() { Identify("C1", "bank", "A-1", [32]byte{}, 1) }},
		"a name by place": {1, func() { Identify("C1", "bank", "", [32]byte{}, 12) }},
		"reading it back": {1, func() { names.Decode(block, &read) }},
	} {
		AppendFast(block[:0], &m)
		if got := testing.AllocsPerRun(100, c.do); got > c.most {
			t.Errorf("%s takes %v allocations, more than %v", what, got, c.most)
		}
	}
}

func benchMovement() Movement {
	m := transferExample()
	m.Fee, m.Note, m.Ref, m.Victim, m.Scam = Amount{}, "", "", "", ""
	m.ID = Identify("C1", "bank", "A-1", m.Content(), 1)
	return m
}

func BenchmarkObserved(b *testing.B) {
	m, text := benchMovement(), []byte(nil)
	event := Observe(m)
	block, names, read := EncodeFast(event), &FastDecoder{}, Movement{}
	for _, c := range []struct {
		name string
		do   func()
	}{
		{"json", func() { text = AppendObserved(text[:0], &m) }},
		{"encoding-json", func() { plainJSON(event) }},
		{"fast", func() { text = AppendFast(text[:0], &m) }},
		{"content", func() { m.Content() }},
		{"identify", func() { Identify("C1", "bank", "A-1", [32]byte{}, 1) }},
		{"decode", func() { names.Decode(block, &read) }},
		{"decode-once", func() { DecodeFast(block) }},
	} {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				c.do()
			}
		})
	}
}
