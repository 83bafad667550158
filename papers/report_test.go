package papers_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/xml"
	"fmt"
	"io"
	"math/big"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"clew/domain"
	"clew/papers"
	"clew/tracing"
)

// cellsOf reads a table of a page: its head and its rows.
func cellsOf(t interface{ Fatal(...any) }, page []byte, id string) (rows [][]string) {
	d := xml.NewDecoder(bytes.NewReader(page))
	d.Strict, d.AutoClose, d.Entity = false, xml.HTMLAutoClose, xml.HTMLEntity
	inside, cell := false, (*strings.Builder)(nil)
	for {
		token, err := d.Token()
		if err == io.EOF {
			return rows
		}
		if err != nil {
			t.Fatal(err)
		}
		switch x := token.(type) {
		case xml.StartElement:
			switch x.Name.Local {
			case "table":
				inside = slices.ContainsFunc(x.Attr, func(a xml.Attr) bool { return a.Name.Local == "id" && a.Value == id })
			case "tr":
				if inside {
					rows = append(rows, nil)
				}
			case "th", "td":
				cell = &strings.Builder{}
			}
		case xml.EndElement:
			switch {
			case x.Name.Local == "table":
				inside = false
			case inside && cell != nil && (x.Name.Local == "th" || x.Name.Local == "td"):
				rows[len(rows)-1] = append(rows[len(rows)-1], cell.String())
				cell = nil
			}
		case xml.CharData:
			if cell != nil {
				cell.Write(x)
			}
		}
	}
}

func pageOf(t interface{ Fatal(...any) }, r papers.Report) []byte {
	page, err := r.Page(papers.WithStyle())
	if err != nil {
		t.Fatal(err)
	}
	return page
}

// reported draws a report with some victims' ledgers.
func reported(t *rapid.T) papers.Report {
	r := papers.Report{Case: "C1", Title: "drawn", Made: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)}
	for i := range rapid.IntRange(1, 8).Draw(t, "victims") {
		asset := rapid.SampledFrom([]domain.Asset{{Code: "EUR", Digits: 2}, {Code: "BTC", Digits: 8}, {Code: "JPY"}}).Draw(t, "asset")
		l := papers.Loss{Victim: domain.VictimID(fmt.Sprint("V", i)), Asset: asset, States: map[tracing.State]domain.Units{}}
		unit := func(name string) domain.Units { return domain.NewUnits(rapid.Int64Range(0, 1<<50).Draw(t, name)) }
		l.Returned = unit("returned")
		l.Own = l.Returned
		for _, state := range []tracing.State{tracing.AtLarge, tracing.Held, tracing.Seized, tracing.Restored, tracing.CashedOut, tracing.AtService, tracing.Unaccounted, tracing.Fees} {
			if rapid.Bool().Draw(t, "there") {
				l.States[state] = unit(string(state))
				l.Own = l.Own.Plus(l.States[state])
			}
		}
		l.Reported = l.Own.Plus(unit("more"))
		l.PaidBack = unit("back")
		l.Net = l.Reported.Minus(l.PaidBack)
		r.Losses = append(r.Losses, l)
	}
	return r
}

// decimal reads an amount as a fraction: another arithmetic than the report's.
func decimal(t interface{ Fatal(...any) }, text string) *big.Rat {
	value, ok := new(big.Rat).SetString(text)
	if !ok {
		t.Fatal("no amount: " + text)
	}
	return value
}

// Whoever adds up the printed ledger by hand finds what it says: own is the sum
// of what stands after it, net is reported less paid back, and the last rows
// are the sums of those above.
func TestThePrintedLedgerAddsUp(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rows := cellsOf(t, pageOf(t, reported(t)), "ledger")
		head, sums := rows[0], map[string]*big.Rat{}
		first := slices.Index(head, "own") + 1
		for _, row := range rows[1:] {
			amount := func(c int) *big.Rat { return decimal(t, row[c]) }
			own := new(big.Rat)
			for c := first; c < len(head) && head[c] != "scam"; c++ {
				own.Add(own, amount(c))
			}
			if own.Cmp(amount(first-1)) != 0 {
				t.Fatalf("%v: the states sum to %s", row, own.FloatString(8))
			}
			back := new(big.Rat)
			if c := slices.Index(head, "paid back"); c >= 0 {
				back = amount(c)
			}
			if net := new(big.Rat).Sub(amount(slices.Index(head, "reported")), back); net.Cmp(amount(slices.Index(head, "net"))) != 0 {
				t.Fatalf("%v: net is %s", row, net.FloatString(8))
			}
			for c := 2; c < len(head) && head[c] != "scam"; c++ {
				key := row[1] + head[c]
				if sums[key] == nil {
					sums[key] = new(big.Rat)
				}
				if row[0] == "all" {
					if sums[key].Cmp(amount(c)) != 0 {
						t.Fatalf("all %s: %s, and the rows sum to %s", head[c], row[c], sums[key].FloatString(8))
					}
					continue
				}
				sums[key].Add(sums[key], amount(c))
			}
		}
	})
}

// The accounts that are folded into the last row are in its sums.
func TestFoldedAccountsAreInTheSum(t *testing.T) {
	r := papers.Report{Case: "C1"}
	want := new(big.Rat)
	for i := range 450 {
		pool := tracing.Pool{Account: domain.AccountID(fmt.Sprint("A", i)), Asset: euro(), Balance: domain.NewUnits(int64(i + 1)), Untraced: domain.NewUnits(1)}
		r.Holdings = append(r.Holdings, papers.Holding{Pool: pool})
		want.Add(want, big.NewRat(int64(i+1), 100))
	}
	rows := cellsOf(t, pageOf(t, r), "accounts")
	got := new(big.Rat)
	for _, row := range rows[1:] {
		got.Add(got, decimal(t, row[1]))
	}
	if last := rows[len(rows)-1]; got.Cmp(want) != 0 || last[0] != "250 more accounts" {
		t.Errorf("the balances sum to %s, and are %s; the last row is %v", got.FloatString(2), want.FloatString(2), last)
	}
}

// Whose steps are not told is said, and by what they are.
func TestAReportSaysWhoseStepsItLeavesOut(t *testing.T) {
	place := papers.VictimPlace{Place: tracing.Place{Account: "A", Asset: euro(), Claim: domain.NewUnits(5)}, Of: euro()}
	r := papers.Report{Case: "C1", Victims: []papers.VictimPart{
		{Victim: "V1", Places: []papers.VictimPlace{place}, Steps: []tracing.Sentence{{Text: "it went"}}},
		{Victim: "V41", Places: []papers.VictimPlace{place}},
	}}
	page := string(pageOf(t, r))
	if !strings.Contains(page, "--victim V41 tells it") || strings.Contains(page, "--victim V1 tells it") {
		t.Error("the steps of V41 are left out and those of V1 told: the page does not say so")
	}
}

func euro() domain.Asset { return domain.Asset{Code: "EUR", Digits: 2} }

// What people and files wrote is text on the page and nothing else, and the
// page's own policy lets no script run and nothing be loaded, but its style.
func TestAReportRunsNothing(t *testing.T) {
	const evil = `"><script>alert(1)</script><img src=x onerror=alert(1)>`
	r := papers.Report{Case: evil, Title: evil, By: evil, To: evil, Basis: evil, Clew: evil, Warnings: []string{evil},
		Victims:  []papers.VictimPart{{Victim: evil, Name: evil, Payments: []papers.Paid{{From: evil, To: evil, Amount: domain.Amount{Asset: euro()}, Scam: evil}}}},
		Files:    []papers.FilePart{{Name: evil, Source: evil}},
		Timeline: []papers.Happening{{Text: evil, Actor: evil}}, Log: papers.LogHead{Note: evil}}
	page := string(pageOf(t, r))
	if at := strings.Index(page, "<script"); at >= 0 || strings.Contains(page, "<img") {
		t.Errorf("a tag came through: %.200s", page[max(0, at):])
	}
	style := page[strings.Index(page, "<style>")+len("<style>") : strings.Index(page, "</style>")]
	sum := sha256.Sum256([]byte(style))
	policy := regexp.MustCompile(`content="(default-src[^"]*)"`).FindStringSubmatch(page)
	want := "default-src &#39;none&#39;; style-src &#39;sha256-" + strings.ReplaceAll(base64.StdEncoding.EncodeToString(sum[:]), "+", "&#43;") + "&#39;; base-uri &#39;none&#39;; form-action &#39;none&#39;"
	if policy == nil || policy[1] != want {
		t.Errorf("policy %v, want %s", policy, want)
	}
	linked, err := r.Page(papers.LinkedStyle("/assets/report.css"))
	if err != nil || bytes.Contains(linked, []byte("<style>")) || !bytes.Contains(linked, []byte(`<link rel="stylesheet" href="/assets/report.css">`)) {
		t.Errorf("the page for a server has its style in itself: %v", err)
	}
}

// Whom to ask for what is said so that a letter can be written from it.
func TestAnInquirySaysWhatFromWhomAndForWhichDays(t *testing.T) {
	jan := func(day int) domain.When { return domain.Date(2024, 1, day) }
	sum := domain.Amount{Units: domain.NewUnits(500), Asset: euro()}
	for _, test := range []struct {
		q    papers.Inquiry
		want string
	}{
		{papers.Inquiry{Why: papers.AskFrontier, Account: "iban:DE33900300300000889901", From: jan(3), Amount: sum},
			"iban:DE33900300300000889901|5.00|EUR|its statement, and whether the money is still there|from 2024-01-03 on|the bank of this IBAN|traced money is there, and nothing later is known"},
		{papers.Inquiry{Why: papers.AskMissing, Account: "M", Keeper: papers.Keeper{Institution: "Nordbank", Country: "NL"}, From: jan(3), To: jan(5), Amount: sum},
			"M|5.00|EUR|its statement: what came in|2024-01-03 to 2024-01-05|Nordbank (NL)|more was paid than was ever seen to come in"},
		{papers.Inquiry{Why: papers.AskFrontier, Account: "unknown:x1", Movement: "x1", From: jan(3), Amount: sum},
			"not named by any document|5.00|EUR|whom movement x1 paid, and whether the money is still there|from 2024-01-03 on|the institution of the payment's other side|traced money is there, and nothing later is known"},
		{papers.Inquiry{Why: papers.AskMissing, Account: "tron:T1", From: jan(3), To: jan(3), Amount: sum},
			"tron:T1|5.00|EUR|what the address received before|2024-01-03|any block explorer|more was paid than was ever seen to come in"},
		{papers.Inquiry{Why: papers.AskGap, Account: "vasp:tulipex:1", To: jan(9), Amount: sum},
			"vasp:tulipex:1|5.00|EUR|the whole statement: it does not add up there|up to 2024-01-09|the exchange tulipex|the document states another balance than the movements give"},
	} {
		rows := cellsOf(t, pageOf(t, papers.Report{Case: "C1", Inquiries: []papers.Inquiry{test.q}}), "inquiries")
		if got := strings.Join(rows[len(rows)-1], "|"); got != test.want {
			t.Errorf("got  %s\nwant %s", got, test.want)
		}
	}
}
