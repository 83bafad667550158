package domain

import (
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// drawMovement makes any movement that has a Fast block.
func drawMovement(t *rapid.T) Movement {
	text := rapid.StringMatching(`[a-zA-Z0-9:]{0,12}`)
	asset := Asset{AssetCode(rapid.SampledFrom([]string{"EUR", "ETH", "JPY", "eip155:1/erc20:0xab"}).Draw(t, "code")), uint8(rapid.IntRange(0, 18).Draw(t, "digits"))}
	amount := func(name string) Amount {
		return Amount{UnitsFromWords(rapid.Int64().Draw(t, name+" high"), rapid.Uint64().Draw(t, name+" low")), asset}
	}
	m := Movement{
		Kind: rapid.SampledFrom(fastKinds[:]).Draw(t, "kind"), Amount: amount("amount"),
		When: When{time.Unix(0, rapid.Int64().Draw(t, "time")).UTC(), rapid.Bool().Draw(t, "bare")},
		From: AccountID(text.Draw(t, "from")), To: AccountID(text.Draw(t, "to")),
		OfSource: text.Draw(t, "of"), Source: text.Draw(t, "source"), Ref: text.Draw(t, "ref"),
		Victim: VictimID(text.Draw(t, "victim")), Scam: Scam(text.Draw(t, "scam")),
	}
	m.ID = Identify("C1", m.Source, "", m.Content(), 1)
	return m
}

func TestFastBlockSaysTheSameAsTheBody(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := drawMovement(t)
		switch m.Kind {
		case Conversion:
			m.Received = m.Amount
		case Opening, Balance:
			m.From, m.Victim, m.Scam, m.OfSource = "", "", "", ""
			m.Opens = m.Kind == Balance && rapid.Bool().Draw(t, "opens")
		case Return:
			m.Of, m.Victim, m.Scam = m.ID, "", ""
		}
		if m.Kind != Return {
			m.OfSource = ""
		}
		if m.From != "" && rapid.Bool().Draw(t, "has fee") {
			m.Fee = m.Amount
		}
		event := Observe(m)
		read, err := DecodeFast(EncodeFast(event))
		if err != nil {
			t.Fatal(err)
		}
		want, _ := MovementOf(event)
		if Observe(read) == nil || read.Content() != want.Content() || read.ID != want.ID || read.Of != want.Of || read.Source != want.Source {
			t.Fatalf("the block says\n%+v\nthe event says\n%+v", read, want)
		}
	})
}

func FuzzFastBlockNeverPanics(f *testing.F) {
	m := Movement{Kind: Transfer, From: "A", To: "B", Amount: Amount{NewUnits(5), Asset{"EUR", 2}}, When: Date(2024, 1, 5)}
	m.ID = Identify("C1", "C1", "1", m.Content(), 1)
	f.Add(EncodeFast(Observe(m)))
	f.Fuzz(func(t *testing.T, block []byte) {
		read, err := DecodeFast(block)
		if err != nil {
			return
		}
		if again, err := DecodeFast(EncodeFast(Observe(read))); err == nil && again.ID != read.ID {
			t.Fatalf("%+v came back as %+v", read, again)
		}
	})
}

// A decoder numbers the accounts it reads: a number is one name for ever, a
// name has one number until the decoder has forgotten it.
func TestANameHasOneNumberUntilItIsForgotten(t *testing.T) {
	var d FastDecoder
	read := func(from, to AccountID) (NameNumber, NameNumber) {
		t.Helper()
		m := benchMovement()
		m.From, m.To = from, to
		var got Movement
		if err := d.Decode(AppendFast(nil, &m), &got); err != nil || got.From != from || got.To != to {
			t.Fatalf("%v to %v: %v", got.From, got.To, err)
		}
		return d.Parties()
	}
	a, b := read("bank:A", "bank:B")
	if b2, a2 := read("bank:B", "bank:A"); a == 0 || b == 0 || a == b || a2 != a || b2 != b {
		t.Errorf("A is %d and %d, B is %d and %d", a, a2, b, b2)
	}
	if none, unknown := read("", benchMovement().ID.Unknown()); none != 0 || unknown != 0 {
		t.Errorf("nobody is %d, whom nobody has named %d", none, unknown)
	}
	named := map[NameNumber]AccountID{a: "bank:A", b: "bank:B"}
	for i := range maxSeen {
		name := AccountID(fmt.Sprintf("bank:%d", i))
		number, _ := read(name, "bank:B")
		if other, taken := named[number]; taken {
			t.Fatalf("%s and %s are both %d", name, other, number)
		}
		named[number] = name
	}
	generation, _ := a.Place()
	if again, _ := read("bank:A", ""); again == a {
		t.Error("A was not forgotten")
	} else if later, _ := again.Place(); later == generation {
		t.Error("A is of the old generation still")
	}
}
