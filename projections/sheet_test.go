package projections

import (
	"context"
	"fmt"
	"reflect"
	"testing"

	"pgregory.net/rapid"

	"clew/domain"
)

// drawPacked draws a version of a movement with any numbers.
func drawPacked(r *rapid.T, after uint64) packed {
	number := rapid.OneOf(rapid.Just(uint64(0)), rapid.Uint64Range(1, 3), rapid.Uint64Range(0, 1<<40))
	units := rapid.Custom(func(r *rapid.T) domain.Units {
		return domain.UnitsFromWords(rapid.OneOf(rapid.Just(int64(0)), rapid.Just(int64(-1)), rapid.Int64()).Draw(r, "high"), rapid.Uint64().Draw(r, "low"))
	})
	amount := rapid.Custom(func(r *rapid.T) counted128 {
		if asset := number.Draw(r, "asset"); asset != 0 {
			return counted128{units.Draw(r, "units"), asset}
		}
		return counted128{}
	})
	name := rapid.Custom(func(r *rapid.T) rawName {
		return rawOf(domain.MovementID(rapid.OneOf(rapid.Just(""), rapid.StringN(0, 30, 30), rapid.StringMatching("[0-7][0-9a-hjkmnp-tv-z]{24}[048cgmrw]")).Draw(r, "name")))
	})
	p := packed{position: after + rapid.Uint64Range(1, 300).Draw(r, "step"), first: number.Draw(r, "first"), inCase: number.Draw(r, "case"), source: number.Draw(r, "source"),
		kind: uint8(rapid.IntRange(0, len(sheetKinds)).Draw(r, "kind")), bare: rapid.Bool().Draw(r, "bare"), opens: rapid.Bool().Draw(r, "opens"),
		id: name.Draw(r, "id"), of: name.Draw(r, "of"), second: rapid.Int64().Draw(r, "second"), nanos: uint32(rapid.IntRange(0, 999_999_999).Draw(r, "nanos")),
		from: number.Draw(r, "from"), to: number.Draw(r, "to"), amount: amount.Draw(r, "amount"), received: amount.Draw(r, "received"), fee: amount.Draw(r, "fee"),
		ofSource: rapid.StringN(0, 9, 9).Draw(r, "of source"), ref: rapid.StringN(0, 9, 9).Draw(r, "ref"), victim: number.Draw(r, "victim"), scam: number.Draw(r, "scam")}
	if int(p.kind) == len(sheetKinds) {
		p.kindName = number.Draw(r, "kind's name")
	}
	for range rapid.IntRange(0, 3).Draw(r, "legs") {
		p.legs = append(p.legs, numberedLeg{number.Draw(r, "account"), number.Draw(r, "address"), amount.Draw(r, "leg")})
	}
	p.inputs = rapid.IntRange(0, len(p.legs)).Draw(r, "inputs")
	return p
}

// What was put on a sheet is read off it again, and a sheet that is taken up
// where it ended goes on with the same bytes.
func TestASheetGivesBackWhatWasPutOnIt(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		var s sheet
		var all []packed
		for range rapid.IntRange(1, 8).Draw(r, "rows") {
			p := drawPacked(r, s.before.position)
			s.add(&p)
			all = append(all, p)
			if rapid.Bool().Draw(r, "taken up") {
				s = takenUp(r, s)
			}
		}
		reader := readSheet(s.position, s.bytes)
		var got packed
		for i, want := range all {
			if !reader.next(&got) {
				r.Fatalf("movement %d of %d cannot be read", i, len(all))
			}
			if !reflect.DeepEqual(got, want) {
				r.Fatalf("movement %d: %+v\nwant %+v", i, got, want)
			}
		}
		if reader.next(&got) || reader.torn {
			r.Fatalf("after the last: %+v", got)
		}
	})
}

func takenUp(r *rapid.T, s sheet) sheet {
	reader, rows, got := readSheet(s.position, s.bytes), 0, packed{}
	for ; reader.next(&got); rows++ {
	}
	if reader.torn || rows != s.rows {
		r.Fatalf("%d of %d rows were read, torn %v", rows, s.rows, reader.torn)
	}
	return sheet{position: s.position, rows: rows, bytes: s.bytes, before: reader.before}
}

// A sheet that was damaged is read as something or refused; it breaks nothing.
func FuzzSheet(f *testing.F) {
	var s sheet
	leg := numberedLeg{3, 4, counted128{domain.NewUnits(5), 1}}
	s.add(&packed{position: 7, id: rawName{text: "m1"}, from: 2, to: 9, amount: counted128{domain.NewUnits(-1), 2}})
	s.add(&packed{position: 9, kind: 5, legs: []numberedLeg{leg, leg}, inputs: 1, ref: "R1", first: 7, victim: 3})
	f.Add(s.bytes)
	f.Add([]byte{0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff})
	f.Add([]byte{0, 0x80, 0x80, 2, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0x0f})
	f.Fuzz(func(t *testing.T, raw []byte) {
		reader, n, rows := readSheet(1, raw), packed{}, 0
		for reader.next(&n) {
			if rows++; rows > len(raw) {
				t.Fatal("more movements than bytes")
			}
		}
	})
}

// Several sheets, of several cases side by side, with corrections, withdrawals
// and reports all over: they depend on the log alone, and any part of the log
// gives what a log that ends there gives.
func TestManySheetsDependOnTheLogAlone(t *testing.T) {
	ctx := context.Background()
	log := manySheets(t, 3*sheetRows)
	want := standing(t, see(t, log))
	for _, size := range []batch{{events: 7, pages: 3, names: 5}, {events: sheetRows, pages: 2, names: 100}, {events: 1, pages: 1, names: 1 << 18}} {
		v := see(t, log)
		v.batch = size
		sameStanding(t, standing(t, v), want, fmt.Sprintf("in batches of %+v", size))
		if err := v.Rebuild(ctx, []string{"movements"}, nil); err != nil {
			t.Fatal(err)
		}
		sameStanding(t, standing(t, v), want, fmt.Sprintf("rebuilt in batches of %+v", size))
		v.Close()
	}
	whole := see(t, log)
	for _, upto := range []int{3, sheetRows, sheetRows + 1, sheetRows + 2, 2*sheetRows + 40, len(log.records) - 1} {
		for _, id := range []domain.CaseID{"C1", "C2"} {
			then, err := whole.Assemble(ctx, id, uint64(upto))
			if err != nil {
				t.Fatal(err)
			}
			ended, err := see(t, log.prefix(upto)).Assemble(ctx, id, uint64(upto))
			if err != nil {
				t.Fatal(err)
			}
			if !reflect.DeepEqual(then, ended) {
				t.Errorf("case %s as of %d: %d rows; a log that ends there: %d", id, upto, then.Len(), ended.Len())
			}
		}
	}
}

func manySheets(t *testing.T, n int) *memoryLog {
	log := newLog()
	log.tell(t, "C1", domain.CaseOpened{Case: "C1", Title: "one"})
	log.tell(t, "C2", domain.CaseOpened{Case: "C2", Title: "two"})
	for i := range n {
		id := domain.CaseID(fmt.Sprint("C", 1+i/5%2))
		m := paid(id, fmt.Sprint("T", i), fmt.Sprint("A", i%17), fmt.Sprint("B", i%13), fmt.Sprint(i+1, ".00"))
		m.Ref = fmt.Sprint("R", i/2)
		if i%4 == 0 {
			m.Victim, m.Scam = domain.VictimID(fmt.Sprint("V", i%3)), "romance"
		}
		log.tell(t, id, domain.Observe(m))
		now := m
		now.Amount = amount("0.50")
		switch i % 24 {
		case 1:
			log.tell(t, id, domain.MovementCorrected{Movement: m.ID, Now: domain.Observed{Movement: now}, Reason: "r"})
		case 5:
			log.tell(t, id, domain.MovementWithdrawn{Movement: m.ID, Reason: "r"})
		case 9, 13:
			log.tell(t, id, domain.PaymentReported{Movement: m.ID, Victim: "V9", Scam: "job"})
		case 12:
			log.tell(t, id, domain.ReportWithdrawn{Movement: m.ID, Victim: m.Victim, Reason: "r"},
				domain.MovementCorrected{Movement: m.ID, Now: domain.Observed{Movement: now}, Reason: "r"})
		}
	}
	return log
}
