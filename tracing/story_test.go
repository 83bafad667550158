package tracing_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"clew/domain"
	"clew/tracing"
)

// Stories are cases told in the domain's words (testdata/*.txt). A story has
// lines of what happened, and questions with the answers expected below a line
// of dashes, up to the next blank line. `go test ./tracing -run Stories
// -update` writes the answers that are given now.
//
//	case …                                   a new case begins
//	asset UNIT 18                            an asset that the register has not
//	time 2024-01-05 [+]                      when what follows happened; else each line a minute later
//	[name:] transfer A -> B 100 EUR [into 5 BTC] [fee 1 EUR]
//	[name:] claim V -> B 100 EUR [from A]    V pays from an account of his own, V or A, and reports it
//	[name:] return B -> A 5 EUR [of name]
//	opening A 5 EUR · balance A 5 EUR · statement A 5 EUR
//	hop A 5 BTC, B 3 BTC@label -> C 4 BTC, D 3 BTC [by V]
//	describe A innocent|coerced|shared|known|victim=V|not=V|as=mixer
//	at 2024-01-05                            walk what had happened by then
//	trace [rule=fifo,lifo] [missing] [warnings]     who holds what; without rule: under all
//	explain V [account=A] rule=fifo · rules
var update = flag.Bool("update", false, "write the answers that are given now into the stories")

func TestStories(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(files) < 10 {
		t.Fatalf("%d stories were found: %v", len(files), err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			told := newStory(t, file).tell(string(text))
			if told == string(text) {
				return
			}
			if *update {
				if err := os.WriteFile(file, []byte(told), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			t.Errorf("%s\n%s\n-update writes the new answers", file, firstDifference(string(text), told))
		})
	}
}

func firstDifference(want, got string) string {
	wanted, given := strings.Split(want, "\n"), strings.Split(got, "\n")
	for i := range min(len(wanted), len(given)) {
		if wanted[i] != given[i] {
			return fmt.Sprintf("line %d:\n  expected %s\n  answered %s", i+1, wanted[i], given[i])
		}
	}
	return fmt.Sprintf("expected %d lines, answered %d", len(wanted), len(given))
}

type story struct {
	t      *testing.T
	file   string
	line   int
	assets domain.Assets
	in     tracing.Input
	now    domain.When
	moves  bool // a minute a line
}

func newStory(t *testing.T, file string) *story {
	assets, err := domain.StandardAssets().With(domain.Asset{Code: "COIN"})
	if err != nil {
		t.Fatal(err)
	}
	start := domain.Instant(time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC))
	return &story{t: t, file: file, assets: assets, now: start, moves: true,
		in: tracing.Input{Accounts: map[domain.AccountID]tracing.Account{}}}
}

func (s *story) from(line int) *story {
	s.line = line
	return s
}

// tell gives the story back with the answers that are given now.
func (s *story) tell(text string) string {
	var out strings.Builder
	lines := strings.Split(strings.TrimRight(text, "\n"), "\n")
	for n := 0; n < len(lines); n++ {
		s.line = n + 1
		out.WriteString(lines[n] + "\n")
		words := strings.Fields(lines[n])
		if len(words) == 0 || strings.HasPrefix(words[0], "#") {
			continue
		}
		answer, asked := s.ask(words)
		if !asked {
			s.happen(words)
			continue
		}
		out.WriteString("----\n" + answer)
		if n+1 < len(lines) && lines[n+1] == "----" {
			for n++; n < len(lines) && lines[n] != ""; n++ {
			}
			n--
		}
		if n+1 < len(lines) && lines[n+1] != "" {
			out.WriteString("\n")
		}
	}
	return out.String()
}

func (s *story) fail(format string, args ...any) {
	s.t.Helper()
	s.t.Fatalf("%s:%d: %s", s.file, s.line, fmt.Sprintf(format, args...))
}

// happen reads a line of what happened.
func (s *story) happen(words []string) {
	name := ""
	if label, ok := strings.CutSuffix(words[0], ":"); ok {
		name, words = label, words[1:]
	}
	switch words[0] {
	case "case":
		*s = *newStory(s.t, s.file).from(s.line)
	case "asset":
		s.asset(words[1], words[2])
	case "time":
		s.time(words)
	case "at":
		when, err := domain.ParseWhen(words[1])
		s.must(err)
		s.in.At = when.End()
	case "describe":
		s.describe(words)
	default:
		s.row(name, words)
	}
}

func (s *story) must(err error) {
	s.t.Helper()
	if err != nil {
		s.fail("%v", err)
	}
}

func (s *story) asset(code, digits string) {
	var n int
	_, err := fmt.Sscan(digits, &n)
	s.must(err)
	assets, err := s.assets.With(domain.Asset{Code: domain.AssetCode(code), Digits: uint8(n)})
	s.must(err)
	s.assets = assets
}

func (s *story) time(words []string) {
	when, err := domain.ParseWhen(words[1])
	s.must(err)
	s.now, s.moves = when, !when.Bare
}

func (s *story) describe(words []string) {
	account, err := domain.ParseAccount(words[1])
	s.must(err)
	said := s.in.Accounts[account]
	for _, word := range words[2:] {
		key, value, _ := strings.Cut(word, "=")
		switch key {
		case "innocent":
			said.Innocent = true
		case "coerced":
			said.Coerced = true
		case "shared":
			said.Shared = true
		case "known":
			said.Described = true
		case "victim":
			said.Victim = domain.VictimID(value)
		case "not":
			said.NotVictim = domain.VictimID(value)
		case "as":
			said.As = domain.AccountKind(value)
		default:
			s.fail("nothing can be described as %q", word)
		}
	}
	s.in.Accounts[account] = said
}

// row reads a movement. Its position is its line.
func (s *story) row(name string, words []string) {
	row := tracing.Row{Position: uint64(s.line)}
	row.ID = domain.MovementID(name)
	if name == "" {
		row.ID = domain.MovementID(fmt.Sprintf("line%d", s.line))
	}
	row.Evidence.Line = s.line
	if s.moves {
		s.now.Time = s.now.Time.Add(time.Minute)
	}
	row.When = s.now
	switch verb := words[0]; verb {
	case "opening", "balance", "statement":
		row.Kind, row.Statement = domain.Balance, verb == "statement"
		if verb == "opening" {
			row.Kind = domain.Opening
		}
		row.To, row.Amount = s.account(words[1]), s.amount(words[2:])
	case "transfer", "claim", "return":
		s.payment(&row, words)
	case "hop":
		s.hop(&row, words[1:])
	default:
		s.fail("%q is nothing that can happen", verb)
	}
	s.in.Rows = append(s.in.Rows, row)
}

func (s *story) account(word string) domain.AccountID {
	account, err := domain.ParseAccount(word)
	s.must(err)
	return account
}

// amount reads "100 EUR", or "100" of whole units.
func (s *story) amount(words []string) domain.Amount {
	if len(words) == 0 {
		s.fail("an amount is missing")
	}
	code := "COIN"
	if len(words) > 1 && strings.ToUpper(words[1]) == words[1] {
		code = words[1]
	}
	asset, err := s.assets.Find(code)
	s.must(err)
	amount, err := domain.ParseAmount(strings.ReplaceAll(words[0], "_", ""), asset)
	s.must(err)
	return amount
}

// after is the words behind a word.
func after(words []string, word string) []string {
	if i := slices.Index(words, word); i >= 0 {
		return words[i+1:]
	}
	return nil
}

func (s *story) payment(row *tracing.Row, words []string) {
	row.Kind, row.From, row.To = domain.Transfer, s.account(words[1]), s.account(words[3])
	row.Amount = s.amount(words[4:])
	switch words[0] {
	case "claim":
		row.Victim = domain.VictimID(words[1])
		if from := after(words, "from"); from != nil {
			row.From = s.account(from[0])
		}
	case "return":
		row.Kind = domain.Return
		if of := after(words, "of"); of != nil {
			row.Of = domain.MovementID(of[0])
		}
	}
	if into := after(words, "into"); into != nil {
		row.Kind, row.Received = domain.Conversion, s.amount(into)
	}
	if fee := after(words, "fee"); fee != nil {
		row.Fee = s.amount(fee)
	}
	if scam := after(words, "scam"); scam != nil {
		row.Scam = domain.Scam(scam[0])
	}
}

func (s *story) hop(row *tracing.Row, words []string) {
	row.Kind = domain.Hop
	if by := after(words, "by"); by != nil {
		row.Victim = domain.VictimID(by[0])
		words = words[:slices.Index(words, "by")]
	}
	in, out, _ := strings.Cut(strings.Join(words, " "), "->")
	row.Inputs, row.Outputs = s.legs(in), s.legs(out)
}

func (s *story) legs(text string) []domain.Leg {
	var legs []domain.Leg
	for part := range strings.SplitSeq(text, ",") {
		words := strings.Fields(part)
		name, label, _ := strings.Cut(words[0], "@")
		legs = append(legs, domain.Leg{Account: s.account(name), Address: label, Amount: s.amount(words[1:])})
	}
	return legs
}

// ask answers a question.
func (s *story) ask(words []string) (answer string, asked bool) {
	switch words[0] {
	case "trace":
		return s.trace(words), true
	case "explain":
		return s.explain(words), true
	case "rules":
		return s.rules(), true
	}
	return "", false
}

func option(words []string, key string) string {
	for _, word := range words {
		if value, ok := strings.CutPrefix(word, key+"="); ok {
			return value
		}
	}
	return ""
}

// trace answers under the rules asked for; rules that give the same answer
// stand together.
func (s *story) trace(words []string) string {
	var names []tracing.Rule
	for _, rule := range tracing.Rules() {
		names = append(names, rule.Rule)
	}
	if asked := option(words, "rule"); asked != "" {
		names = nil
		for name := range strings.SplitSeq(asked, ",") {
			names = append(names, tracing.Rule(name))
		}
	}
	var answers []string
	by := map[string][]string{}
	for _, name := range names {
		s.in.Rule = name
		answer, err := tracing.Trace(s.in)
		text := ""
		if err != nil {
			text = "  error: " + err.Error() + "\n"
		} else {
			text = s.answer(answer, words)
		}
		if by[text] == nil {
			answers = append(answers, text)
		}
		by[text] = append(by[text], string(name))
	}
	var out strings.Builder
	for _, text := range answers {
		fmt.Fprintf(&out, "%s\n%s", strings.Join(by[text], ", "), text)
	}
	return out.String()
}

// answer tells an answer in short: who holds what, and where each victim's
// money is.
func (s *story) answer(a tracing.Answer, words []string) string {
	var out strings.Builder
	for _, pool := range a.Accounts {
		fmt.Fprintf(&out, "  %s: %s\n", pool.Account, s.owners(pool))
	}
	for _, v := range a.Victims {
		fmt.Fprintf(&out, "  %s %s\n", v.Victim, s.ledger(v))
	}
	for _, amount := range a.Presumed {
		fmt.Fprintf(&out, "  presumed %s\n", brief(amount.Asset, amount.Units))
	}
	for _, account := range a.Exposed {
		fmt.Fprintf(&out, "  exposed %s\n", account)
	}
	if slices.Contains(words, "missing") {
		for _, m := range a.Missing {
			fmt.Fprintf(&out, "  missing %s %s, %s to %s\n", m.Account, brief(m.Asset, m.Amount), m.First, m.Last)
		}
	}
	if slices.Contains(words, "warnings") {
		for _, w := range a.Warnings {
			fmt.Fprintf(&out, "  %s: %s\n", w.Code, w.Text)
		}
	}
	return out.String()
}

func (s *story) owners(pool tracing.Pool) string {
	var parts []string
	if !pool.Untraced.IsZero() {
		own := "own " + brief(pool.Asset, pool.Untraced)
		if !pool.Unexplained.IsZero() {
			own += fmt.Sprintf(" (unexplained %s)", brief(pool.Asset, pool.Unexplained))
		}
		parts = append(parts, own)
	}
	for _, owner := range pool.Traced {
		parts = append(parts, string(owner.Victim)+" "+brief(pool.Asset, owner.Units))
	}
	if !pool.Overdraft.IsZero() {
		parts = append(parts, "overdrawn by "+brief(pool.Asset, pool.Overdraft))
	}
	if pool.Frontier {
		parts = append(parts, "frontier")
	}
	return strings.Join(parts, ", ")
}

func (s *story) ledger(v tracing.Victim) string {
	parts := []string{"reported " + brief(v.Asset, v.Reported), "own " + brief(v.Asset, v.Own)}
	if !v.Returned.IsZero() {
		parts = append(parts, "returned "+brief(v.Asset, v.Returned))
	}
	if !v.PaidBack.IsZero() {
		parts = append(parts, "paid back "+brief(v.Asset, v.PaidBack))
	}
	for _, place := range v.Places {
		at := string(place.Account)
		if place.Asset != v.Asset {
			at += " " + string(place.Asset.Code)
		}
		parts = append(parts, fmt.Sprintf("%s %s %s", at, brief(v.Asset, place.Claim), place.State))
	}
	return strings.Join(parts, ", ")
}

// brief prints an amount; whole units without their name.
func brief(asset domain.Asset, units domain.Units) string {
	if asset.Code == "COIN" {
		return asset.Format(units)
	}
	return asset.Format(units) + " " + string(asset.Code)
}

func (s *story) explain(words []string) string {
	s.in.Rule = tracing.Rule(option(words, "rule"))
	ask := tracing.Ask{Victim: domain.VictimID(words[1]), Account: domain.AccountID(option(words, "account"))}
	sentences, err := tracing.Explain(s.in, ask)
	if err != nil {
		return "  error: " + err.Error() + "\n"
	}
	var out strings.Builder
	for _, sentence := range sentences {
		fmt.Fprintf(&out, "  %s\n", sentence.Text)
	}
	return out.String()
}

func (s *story) rules() string {
	c, err := tracing.Compare(s.in)
	s.must(err)
	var out strings.Builder
	for _, v := range c.Victims {
		fmt.Fprintf(&out, "  %s least %s, most %s:%s\n", v.Victim, brief(v.Asset, v.Least), brief(v.Asset, v.Most), underRules(v.Asset, v.Recoverable))
	}
	for _, a := range c.Accounts {
		fmt.Fprintf(&out, "  %s least %s, most %s:%s\n", a.Account, brief(a.Asset, a.Least), brief(a.Asset, a.Most), underRules(a.Asset, a.Traced))
	}
	return out.String()
}

func underRules(asset domain.Asset, list []tracing.UnderRule) string {
	text := ""
	for _, u := range list {
		text += fmt.Sprintf(" %s %s", u.Rule, asset.Format(u.Units))
	}
	return text
}
