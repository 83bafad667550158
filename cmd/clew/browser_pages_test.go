package main

import (
	"io"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// worked is a store in which everything has happened once, so that every
// screen has something to show: the sample cases, and in one of them a freeze,
// a rule, labels, people and conditions.
func worked(t *testing.T) (store string) {
	t.Helper()
	store = "sqlite:" + filepath.Join(t.TempDir(), "clew.db")
	for _, args := range [][]string{
		{"demo"},
		{"victim", "add", "ROMANCE-1", "V1", "--name", "Avery Sample", "--country", "NL"},
		{"account", "describe", "iban:DE33900300300000889901", "--case", "ROMANCE-1", "--holder", "Mull Sample", "--institution", "Nordbank", "--country", "DE"},
		{"rule", "lock", "ROMANCE-1", "fifo", "--authority", "order of 4 June", "--reason", "agreed between the parties"},
		{"freeze", "request", "ROMANCE-1", "--account", "iban:DE33900300300000889901", "--amount", "1445.00", "--asset", "EUR", "--mechanism", "bank", "--responding", "Nordbank"},
		{"freeze", "submit", "ROMANCE-1", "F1", "--urgent"},
		{"freeze", "hold", "ROMANCE-1", "F1", "--amount", "1000.00"},
		{"freeze", "request", "ROMANCE-1", "--account", "tron:TRKN6UJJnLYYZNH22xm6XzFB4nxTdJUwaK", "--amount", "2700.00", "--asset", "USDT", "--mechanism", "stablecoin-issuer"},
		{"scam", "describe", "ROMANCE-1", "--typology", "romance", "--lure", "ai_profile", "--country", "NL", "--source", "interview of 4 March"},
		{"operation", "describe", "HARBOUR", "--title", "Operation Harbour", "--lead", "police of A", "--source", "order of 1 March"},
		{"operation", "join", "ROMANCE-1", "HARBOUR", "--source", "list of 4 March"},
	} {
		if err := clewIn(io.Discard, append(args, "--store", store)...); err != nil {
			t.Fatalf("%v: %v", args, err)
		}
	}
	return store
}

// Every page that a link leads to opens without a complaint in both themes:
// nothing on the console, nothing that its policy forbids, nothing from another
// host, nothing that axe finds. A case's page weighs no more than was promised.
func TestEveryPageIsSoundInABrowser(t *testing.T) {
	b := newTab(t, openSite(t, worked(t)))
	b.signIn()
	visitor := b.visitor()
	visitor.walk("/cases/ROMANCE-1")
	visitor.walk("/cases")
	b.quiet("signing in")
	for _, path := range visitor.addresses() {
		b.do(inTheme("light"))
		if status := b.open(path); status != 200 {
			t.Errorf("%s answers %d", path, status)
		}
		b.accessible(path+" in light", allRules)
		b.do(inTheme("dark"))
		b.accessible(path+" in dark", colourRules)
		if weight := b.quiet(path); weight > maxPage && strings.Count(path, "/") == 2 {
			t.Errorf("%s weighs %d bytes with all it needs, more than %d", path, weight, maxPage)
		}
	}
	for _, screen := range []string{"ledger", "where", "accounts", "rules", "timeline", "files", "freezes", "mules"} {
		if !slices.ContainsFunc(visitor.addresses(), func(path string) bool {
			return strings.Contains(path, "/cases/ROMANCE-1/"+screen) || strings.Contains(path, "/"+screen+"?")
		}) {
			t.Errorf("no link leads to the screen %s", screen)
		}
	}
}

// maxPage is how much the page of a case may weigh on the wire, with style and
// scripts (SCREENS, budgets). A table of all accounts may weigh more.
const maxPage = 120 << 10
