package casework_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"clew/casework"
	"clew/domain"
)

// benchRows is how many rows one run of an import takes: enough that opening
// the store and filing the evidence do not count.
const benchRows = 100_000

// move is one row of the benchmarks' network: a payment between two of a few
// thousand accounts, seconds after the one before.
type move struct {
	at       time.Time
	from, to string
	cents    int
	id       string
}

// moves makes the same payments every time: accounts by a small linear
// congruence, so that names repeat as they do in a mule network.
func moves(n int) []move {
	list, state, at := make([]move, n), uint32(1), time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)
	draw := func(most int) int {
		state = state*1664525 + 1013904223
		return int(state>>8) % most
	}
	for i := range list {
		at = at.Add(time.Duration(draw(60)) * time.Second)
		list[i] = move{at, fmt.Sprintf("bank:%05d", draw(5000)), fmt.Sprintf("bank:%05d", draw(5000)), 1 + draw(500_000), fmt.Sprintf("TX-%08d", i)}
	}
	return list
}

func (m move) amount() string { return fmt.Sprintf("%d.%02d", m.cents/100, m.cents%100) }

// csvMoves is the network as a canonical table.
func csvMoves(n int) []byte {
	var b bytes.Buffer
	b.WriteString("time,from,to,amount,asset,id\n")
	for _, m := range moves(n) {
		fmt.Fprintf(&b, "%s,%s,%s,%s,EUR,%s\n", m.at.Format(time.RFC3339), m.from, m.to, m.amount(), m.id)
	}
	return b.Bytes()
}

// jsonMoves is the network as JSON lines.
func jsonMoves(n int) []byte {
	var b bytes.Buffer
	for _, m := range moves(n) {
		fmt.Fprintf(&b, `{"time":%q,"from":%q,"to":%q,"amount":%q,"asset":"EUR","id":%q}`+"\n", m.at.Format(time.RFC3339), m.from, m.to, m.amount(), m.id)
	}
	return b.Bytes()
}

// camtMoves is a statement of one account with as many entries.
func camtMoves(n int) []byte {
	var b bytes.Buffer
	b.WriteString(`<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"><BkToCstmrStmt><GrpHdr><MsgId>M1</MsgId></GrpHdr>
<Stmt><Id>S1</Id><Acct><Id><Othr><Id>77-100</Id></Othr></Id></Acct>
`)
	for i, m := range moves(n) {
		side, party := "CRDT", "DbtrAcct"
		if i%2 == 1 {
			side, party = "DBIT", "CdtrAcct"
		}
		fmt.Fprintf(&b, `<Ntry><Amt Ccy="EUR">%s</Amt><CdtDbtInd>%s</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts><BookgDt><Dt>%s</Dt></BookgDt>
<NtryDtls><TxDtls><Refs><EndToEndId>%s</EndToEndId></Refs><RltdPties><%s><Id><Othr><Id>%s</Id></Othr></Id></%s></RltdPties></TxDtls></NtryDtls></Ntry>
`, m.amount(), side, m.at.Format(time.DateOnly), m.id, party, m.from[len("bank:"):], party)
	}
	b.WriteString("</Stmt></BkToCstmrStmt></Document>\n")
	return b.Bytes()
}

// BenchmarkImport takes files of 100,000 rows all the way: kept as evidence,
// stored with a sync to disk, and in every read model. "cpu-µs/row" counts
// both processors and the kernel, so that it holds on a busy machine.
func BenchmarkImport(b *testing.B) {
	for _, c := range []struct {
		name string
		make func(int) []byte
	}{{"csv", csvMoves}, {"jsonl", jsonMoves}, {"camt", camtMoves}} {
		b.Run(c.name, func(b *testing.B) { benchmarkImport(b, c.make(benchRows)) })
	}
}

func benchmarkImport(b *testing.B, text []byte) {
	ctx := context.Background()
	file := casework.File{Case: "C1", Name: "rows", Open: func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(text)), nil }}
	var cpu time.Duration
	b.SetBytes(int64(len(text)))
	b.StopTimer()
	for range b.N {
		o := openOffice(b, filepath.Join(b.TempDir(), "clew.db"))
		o.mustDo(b, domain.OpenCase{Case: "C1", Title: "A mule network"})
		before := spent()
		b.StartTimer()
		sum, err := o.Import(ctx, ina, file)
		if err == nil {
			err = o.Views.CatchUp(ctx)
		}
		b.StopTimer()
		cpu += spent() - before
		if err != nil || sum.Recorded != benchRows {
			b.Fatal(sum.Recorded, err)
		}
	}
	rows := float64(benchRows * b.N)
	b.ReportMetric(rows/b.Elapsed().Seconds(), "rows/s")
	b.ReportMetric(float64(cpu.Microseconds())/rows, "cpu-µs/row")
}

// spent is the processor time of this process so far, user and system.
func spent() time.Duration {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		panic(err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}
