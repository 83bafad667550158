package casework_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"path/filepath"
	"reflect"
	"runtime"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"clew/casework"
	"clew/domain"
	"clew/eventstore"
	"clew/projections"
)

// outcome is all that an import leaves behind: what it says, and the log.
type outcome struct {
	sum    casework.Import
	kinds  []string
	bodies []string
}

// importedIn imports a file into a fresh case, so many rows at a time.
func importedIn(t cleaner, rows int, files ...casework.File) outcome {
	o := openOffice(t, filepath.Join(tempDir(t), "clew.db"))
	o.InBatchesOf(rows)
	o.mustDo(t, domain.OpenCase{Case: "C1", Title: "The lost savings"})
	var sum casework.Import
	for _, f := range files {
		sum = o.mustImport(t, f)
	}
	out := o.left(t)
	out.sum = sum
	return out
}

// left is what stands in the log.
func (o office) left(t cleaner) (out outcome) {
	t.Helper()
	records, err := o.Store.Read(context.Background(), 0, 10_000)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range records {
		out.kinds, out.bodies = append(out.kinds, r.Kind), append(out.bodies, o.body(t, r))
	}
	return out
}

// body is what an event says, opened: sealed, no two are the same.
func (o office) body(t cleaner, r eventstore.Record) string {
	t.Helper()
	event, err := domain.DecodeEvent(r.Kind, r.Body)
	if err != nil {
		t.Fatal(err)
	}
	body, err := domain.EncodeEvent(o.Opened(projections.CaseOfStream(r.Stream), event))
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

// drawRows draws lines of a table in which names, references and contents come
// again and again, near and far from one another.
func drawRows(t *rapid.T) []string {
	pick := func(name string, of ...string) string { return rapid.SampledFrom(of).Draw(t, name) }
	lines := []string{header}
	for range rapid.IntRange(1, 15).Draw(t, "rows") {
		lines = append(lines, strings.Join([]string{
			pick("time", "2024-01-05", "2024-01-06T10:00:00Z", "soon"), pick("from", "A", "B", "unknown"), pick("to", "C", "D"),
			pick("amount", "1", "2", "0"), pick("asset", "EUR", "USD"), pick("id", "", "", "p1", "p2", "p3"), pick("ref", "", "", "R1", "R2"), pick("victim", "", "", "V1", "V2"),
		}, ","))
	}
	return lines
}

// How many rows are decided together, and so how far the read models are
// behind what is recorded, changes nothing of what is recorded.
func TestTheSizeOfABatchChangesNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		first, second := table(drawRows(t)...), table(drawRows(t)...)
		first.Source = "first bank"
		second.Source = rapid.SampledFrom([]string{"first bank", "second bank"}).Draw(t, "source")
		want := importedIn(t, 1000, first, second)
		rows := rapid.SampledFrom([]int{1, 2, 5}).Draw(t, "rows at a time")
		if got := importedIn(t, rows, first, second); !reflect.DeepEqual(got, want) {
			t.Fatalf("%d rows at a time leave\n%+v\nall at once\n%+v", rows, got, want)
		}
	})
}

// twoSides is one file with the statements of both sides of some payments, as
// a bank gives them that keeps both accounts.
func twoSides(payments int) casework.File {
	var b bytes.Buffer
	b.WriteString(`<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"><BkToCstmrStmt>`)
	for _, side := range [][4]string{{"77-1", "DBIT", "CdtrAcct", "77-2"}, {"77-2", "CRDT", "DbtrAcct", "77-1"}} {
		fmt.Fprintf(&b, `<Stmt><Id>S</Id><Acct><Id><Othr><Id>%s</Id></Othr></Id></Acct>`, side[0])
		for i := range payments {
			fmt.Fprintf(&b, `<Ntry><Amt Ccy="EUR">%d.00</Amt><CdtDbtInd>%s</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts><BookgDt><Dt>2024-01-05</Dt></BookgDt>
<NtryDtls><TxDtls><Refs><EndToEndId>E2E-%d</EndToEndId></Refs><RltdPties><%s><Id><Othr><Id>%s</Id></Othr></Id></%s></RltdPties></TxDtls></NtryDtls></Ntry>
`, i+1, side[1], i, side[2], side[3], side[2])
		}
		b.WriteString(`</Stmt>`)
	}
	b.WriteString(`</BkToCstmrStmt></Document>`)
	return casework.File{Case: "C1", Name: "both.xml", Open: func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(b.Bytes())), nil }}
}

// The two tellings of a payment are joined whether they are decided together,
// one shortly after the other, or long after.
func TestTwinsAreJoinedAcrossBatches(t *testing.T) {
	const payments = 30
	for _, rows := range []int{1, 4, 12, 25, 1000} {
		got := importedIn(t, rows, twoSides(payments))
		joined := 0
		for _, kind := range got.kinds {
			if kind == (domain.MovementJoined{}).Kind() {
				joined++
			}
		}
		if joined != payments || got.sum.Recorded != 2*payments {
			t.Errorf("%d rows at a time: %d of %d twins joined, %d rows recorded", rows, joined, payments, got.sum.Recorded)
		}
	}
}

// endless makes a table while it is read, so that no part of it is in memory.
type endless struct{ row, rows int }

func (e *endless) Read(p []byte) (n int, err error) {
	for e.row < e.rows && len(p)-n > 100 {
		if e.row == 0 {
			n += copy(p[n:], "time,from,to,amount,asset,id\n")
		}
		n += copy(p[n:], fmt.Sprintf("2024-01-05,bank:%d,bank:%d,%d.00,EUR,TX-%d\n", e.row%500, e.row%300, e.row%900+1, e.row))
		e.row++
	}
	if n == 0 {
		return 0, io.EOF
	}
	return n, nil
}

func (e *endless) Close() error { return nil }

// What an import keeps in memory does not grow with the file, once it is long
// enough to fill what is kept of the newest rows (16,384 keys, pages that wait).
func TestAnImportKeepsMemoryFlat(t *testing.T) {
	small, large := held(t, 30_000), held(t, 120_000)
	if large > small+8<<20 {
		t.Errorf("%d MB are held while a file of 120,000 rows is read, and %d MB for one of 30,000", large>>20, small>>20)
	}
}

// held is the most that is in use at any look during an import.
func held(t *testing.T, rows int) (most uint64) {
	o := newOffice(t)
	o.InBatchesOf(1000) // so that every stage is full soon
	o.Vault = nil       // a sealed file is read in smaller pieces: other looks at other moments
	looks := 0
	f := casework.File{Case: "C1", Name: "rows.csv", Format: "clew", Open: func() (io.ReadCloser, error) { return &endless{rows: rows}, nil }}
	f.Progress = func(int64) {
		if looks++; looks%4 == 0 {
			most = max(most, inUse())
		}
	}
	if sum := o.mustImport(t, f); sum.Recorded != rows {
		t.Fatalf("%d rows were recorded", sum.Recorded)
	}
	return most
}

func inUse() uint64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// disturbed is a log in which somebody else does something just before some of
// the appends.
type disturbed struct {
	eventstore.Store
	before func()
}

func (d *disturbed) Append(ctx context.Context, a eventstore.Append) (eventstore.Receipt, error) {
	d.before()
	return d.Store.Append(ctx, a)
}

// Somebody else imports a file of the same bank while a batch is written and
// the next one is decided already: both are decided again. Every movement is
// recorded once, every row is accounted for, and nothing is left to import.
func TestWhoImportsInBetweenIsNotOverlooked(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		mine, others := table(drawRows(t)...), table(drawRows(t)...)
		mine.Source, others.Source = "bank", "bank"
		others.Name = "others.csv"
		calm := observedIn(t, importedIn(t, 1000, mine, others))
		o := openOffice(t, filepath.Join(tempDir(t), "clew.db"))
		o.InBatchesOf(rapid.SampledFrom([]int{1, 2, 5}).Draw(t, "rows at a time"))
		o.mustDo(t, domain.OpenCase{Case: "C1", Title: "The lost savings"})
		other := &casework.Desk{Store: o.Store, Views: o.Views, Clock: o.Clock, Vault: o.Vault}
		appends, at := 0, rapid.IntRange(0, 8).Draw(t, "append that is disturbed")
		o.Store = &disturbed{o.Store, func() {
			if appends++; appends-1 == at {
				office{other, o.path}.mustImport(t, others)
			}
		}}
		sum := o.mustImport(t, mine)
		if sum.Read != sum.Recorded+sum.Repeated+sum.Rejected+sum.Noise {
			t.Fatalf("%+v", sum)
		}
		office{other, o.path}.mustImport(t, others)
		if again := o.mustImport(t, mine); again.Recorded != 0 || again.Rejected != sum.Rejected {
			t.Fatalf("again %+v, at first %+v", again, sum)
		}
		if got := observedIn(t, o.left(t)); !reflect.DeepEqual(got, calm) {
			t.Fatalf("recorded %v, one after the other %v", got, calm)
		}
	})
}

// observedIn counts how often each movement was observed.
func observedIn(t cleaner, left outcome) map[domain.MovementID]int {
	t.Helper()
	counts := map[domain.MovementID]int{}
	for i, body := range left.bodies {
		event, err := domain.DecodeEvent(left.kinds[i], []byte(body))
		if err != nil {
			t.Fatal(err)
		}
		if m, ok := domain.MovementOf(event); ok {
			counts[m.ID]++
		}
	}
	return counts
}
