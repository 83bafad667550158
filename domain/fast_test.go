package domain

import (
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
