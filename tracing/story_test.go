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

var update = flag.Bool("update", false, "write what the walk answers into testdata/*.txt")

// A story is told in testdata/*.txt, one step a line, a minute apart:
//
//	opening  A 30 EUR               money that was there
//	transfer W1 -> A 30 EUR         may end in: fee 1 EUR, to 29 EUR, as NAME, on 2024-01-05, at 2024-01-05T10:00:00Z
//	claim    V1 -> A 100 EUR        V1 pays from an account of that name and reports it
//	claim    V1: M -> A 100 EUR     V1 pays from account M and reports it
//	return   A -> V1 10 EUR of NAME
//	balance  A 25 EUR               may end in: opens
//	hop      A 5 BTC, B@label 3 BTC -> C 7 BTC     may end in: by V1, who reports it
//	hold     F1 A 50 EUR            or: release, expire, giveback (to V1), seize, restore, transferred; without an
//	                                amount all that is there; may end in: first V1, payment NAME, scope account, shown NAME
//	describe A innocent             or shared, coerced, known, victim V1, not V1, kind mixer
//	trace                           under every rule; or: trace fifo lifo, trace fifo at 2024-01-05
//	explain V1 fifo                 or: explain V1 fifo B, how it came to B
//	rules                           side by side, with least and most
//
// What follows ---- up to the next blank line is the answer; -update writes it.
// Amounts without a currency are whole units. Everything after # is a remark.
func TestStories(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatal("no stories", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			told := retell(t, string(text))
			if told == string(text) {
				return
			}
			if *update {
				if err := os.WriteFile(file, []byte(told), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			t.Errorf("the walk answers otherwise (-update writes it):\n%s", firstDifference(string(text), told))
		})
	}
}

func firstDifference(want, got string) string {
	a, b := strings.Split(want, "\n"), strings.Split(got, "\n")
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			return fmt.Sprintf("line %d\nstory: %s\nwalk:  %s", i+1, a[i], b[i])
		}
	}
	return "one is longer than the other"
}

// story is a case while it is told. A blank line between stories of one file
// that begins with "case" starts a new one.
type story struct {
	in   tracing.Input
	now  time.Time
	line int
}

func newStory() *story {
	return &story{in: tracing.Input{Accounts: map[domain.AccountID]tracing.Account{}}, now: time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)}
}

func retell(t *testing.T, text string) string {
	t.Helper()
	s := newStory()
	var out []string
	answer := false // lines of an old answer are left out
	for line := range strings.SplitSeq(strings.TrimRight(text, "\n"), "\n") {
		if answer && line != "" {
			continue
		}
		answer = false
		out = append(out, line)
		told, _, _ := strings.Cut(line, "#")
		words := strings.Fields(told)
		switch {
		case len(words) == 0:
		case words[0] == "case":
			s = newStory()
		case words[0] == "trace", words[0] == "explain", words[0] == "rules":
			out = append(out, "----")
			out = append(out, s.answer(t, words)...)
			answer = true
		default:
			s.line++
			s.tell(t, words)
		}
	}
	return strings.Join(out, "\n") + "\n"
}

// tell reads one step.
func (s *story) tell(t *testing.T, words []string) {
	t.Helper()
	if words[0] == "describe" {
		s.describe(t, words[1:])
		return
	}
	s.now = s.now.Add(time.Minute)
	if s.hold(t, words) {
		return
	}
	row := tracing.Row{Position: uint64(s.line)}
	row.ID, row.When = domain.MovementID(fmt.Sprintf("m%d", s.line)), domain.Instant(s.now)
	r := reader{t: t, words: words[1:], line: strings.Join(words, " ")}
	switch words[0] {
	case "opening", "balance":
		row.Kind = domain.MovementKind(words[0])
		row.To, row.Amount = domain.AccountID(r.word()), r.amount()
	case "hop":
		row.Kind, row.Inputs = domain.Hop, r.legs()
		r.expect("->")
		row.Outputs = r.legs()
	case "transfer", "claim", "return":
		row.Kind = domain.Transfer
		if words[0] == "return" {
			row.Kind = domain.Return
		}
		r.payment(&row, words[0] == "claim")
	default:
		t.Fatalf("%q is no step of a story", r.line)
	}
	r.endings(&row)
	s.in.Rows = append(s.in.Rows, row)
}

type reader struct {
	t     *testing.T
	words []string
	line  string
}

func (r *reader) word() string {
	if len(r.words) == 0 {
		r.t.Fatalf("%q ends too early", r.line)
	}
	word := r.words[0]
	r.words = r.words[1:]
	return word
}

func (r *reader) expect(word string) {
	if got := r.word(); got != word {
		r.t.Fatalf("%q: %q where %q should be", r.line, got, word)
	}
}

func (r *reader) next(word string) bool {
	if len(r.words) == 0 || r.words[0] != word {
		return false
	}
	r.words = r.words[1:]
	return true
}

// digits of the currencies that stories use.
var digits = map[string]uint8{"EUR": 2, "GBP": 2, "USD": 2, "BTC": 8, "ETH": 18, "USDT": 6, "FINE": 18}

func (r *reader) amount() domain.Amount {
	text := r.word()
	asset := domain.Asset{Code: "unit"}
	if len(r.words) > 0 {
		code := strings.TrimSuffix(r.words[0], ",")
		if d, ok := digits[code]; ok {
			asset = domain.Asset{Code: domain.AssetCode(code), Digits: d}
			if code == r.words[0] {
				r.words = r.words[1:]
			} else {
				r.words[0] = ","
			}
		}
	}
	amount, err := domain.ParseAmount(strings.TrimSuffix(text, ","), asset)
	if err != nil {
		r.t.Fatalf("%q: %v", r.line, err)
	}
	if strings.HasSuffix(text, ",") {
		r.words = append([]string{","}, r.words...)
	}
	return amount
}

func (r *reader) legs() (legs []domain.Leg) {
	for {
		account, label, _ := strings.Cut(r.word(), "@")
		legs = append(legs, domain.Leg{Account: domain.AccountID(account), Address: label, Amount: r.amount()})
		if !r.next(",") {
			return legs
		}
	}
}

func (r *reader) payment(row *tracing.Row, reported bool) {
	payer := r.word()
	row.From = domain.AccountID(payer)
	if reported {
		row.Victim = domain.VictimID(strings.TrimSuffix(payer, ":"))
		if strings.HasSuffix(payer, ":") {
			row.From = domain.AccountID(r.word())
		}
	}
	r.expect("->")
	row.To, row.Amount = domain.AccountID(r.word()), r.amount()
}

func (r *reader) endings(row *tracing.Row) {
	for len(r.words) > 0 {
		switch ending := r.word(); ending {
		case "fee":
			row.Fee = r.amount()
		case "to":
			row.Received, row.Kind = r.amount(), domain.Conversion
		case "as":
			row.ID = domain.MovementID(r.word())
		case "of":
			row.Of = domain.MovementID(r.word())
		case "opens":
			row.Statement = true
		case "by":
			row.Victim = domain.VictimID(r.word())
		case "on", "at":
			when, err := domain.ParseWhen(r.word())
			if err != nil {
				r.t.Fatalf("%q: %v", r.line, err)
			}
			row.When = when
		default:
			r.t.Fatalf("%q: what does %q mean?", r.line, ending)
		}
	}
}

// hold reads a step of a freeze.
func (s *story) hold(t *testing.T, words []string) bool {
	t.Helper()
	steps := map[string]domain.FreezeStep{"hold": domain.StepHold, "release": domain.StepRelease, "expire": domain.StepExpire,
		"giveback": domain.StepReturn, "seize": domain.StepSeize, "restore": domain.StepRestore, "transferred": domain.StepTransfer}
	step, ok := steps[words[0]]
	if !ok {
		return false
	}
	r := reader{t: t, words: words[1:], line: strings.Join(words, " ")}
	h := tracing.HoldStep{Freeze: r.word(), Step: step, When: domain.Instant(s.now), Position: uint64(s.line), Scope: domain.ScopeAmount}
	h.Account, h.Asset = domain.AccountID(r.word()), domain.Asset{Code: "unit"}
	if len(r.words) > 0 && strings.ContainsAny(r.words[0][:1], "0123456789") {
		amount := r.amount()
		h.Amount, h.Asset = amount.Units, amount.Asset
	}
	for len(r.words) > 0 {
		switch ending := r.word(); ending {
		case "first":
			h.Victims = append(h.Victims, domain.VictimID(r.word()))
		case "payment":
			h.Claims = append(h.Claims, domain.MovementID(r.word()))
		case "to":
			h.To = domain.AccountID(r.word())
		case "scope":
			h.Scope = domain.FreezeScope(r.word())
		case "shown":
			h.Movement = domain.MovementID(r.word())
		default:
			t.Fatalf("%q: what does %q mean?", r.line, ending)
		}
	}
	s.in.Holds = append(s.in.Holds, h)
	return true
}

func (s *story) describe(t *testing.T, words []string) {
	t.Helper()
	name := domain.AccountID(words[0])
	said := s.in.Accounts[name]
	said.Described = true
	switch what := words[1]; what {
	case "innocent":
		said.Innocent = true
	case "shared":
		said.Shared = true
	case "coerced":
		said.Coerced = true
	case "known":
	case "victim":
		said.Victim = domain.VictimID(words[2])
	case "not":
		said.NotVictim = domain.VictimID(words[2])
	case "kind":
		said.As = domain.AccountKind(words[2])
	default:
		t.Fatalf("describe %s: what does %q mean?", name, what)
	}
	s.in.Accounts[name] = said
}

func (s *story) answer(t *testing.T, words []string) []string {
	t.Helper()
	in := s.in
	in.Rows = slices.Clone(s.in.Rows)
	switch words[0] {
	case "explain":
		in.Rule = tracing.Rule(words[2])
		ask := tracing.Ask{Victim: domain.VictimID(words[1])}
		if len(words) > 3 {
			ask.Account = domain.AccountID(words[3])
		}
		return explained(in, ask)
	case "rules":
		return compared(t, in)
	}
	return s.answers(t, words[1:])
}

func explained(in tracing.Input, ask tracing.Ask) (lines []string) {
	sentences, err := tracing.Explain(in, ask)
	if err != nil {
		return []string{"  " + err.Error()}
	}
	for _, sentence := range sentences {
		lines = append(lines, "  "+sentence.Text)
	}
	return lines
}

func compared(t *testing.T, in tracing.Input) (lines []string) {
	t.Helper()
	c, err := tracing.Compare(in)
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range c.Victims {
		lines = append(lines, fmt.Sprintf("  %s%s least %s, most %s:%s", v.Victim, named(v.Asset), v.Asset.Format(v.Least), v.Asset.Format(v.Most), under(v.Asset, v.Recoverable)))
	}
	for _, a := range c.Accounts {
		lines = append(lines, fmt.Sprintf("  %s%s least %s, most %s:%s", a.Account, named(a.Asset), a.Asset.Format(a.Least), a.Asset.Format(a.Most), under(a.Asset, a.Traced)))
	}
	return lines
}

func under(asset domain.Asset, list []tracing.UnderRule) (text string) {
	for _, u := range list {
		text += fmt.Sprintf(" %s %s", u.Rule, asset.Format(u.Units))
	}
	return text
}

// answers tells what the walk answers, under the rules asked for.
func (s *story) answers(t *testing.T, words []string) (lines []string) {
	t.Helper()
	in, rules := s.in, []tracing.Rule{}
	for i := 0; i < len(words); i++ {
		if words[i] == "at" {
			when, err := domain.ParseWhen(words[i+1])
			if err != nil {
				t.Fatal(err)
			}
			in.At = when.End()
			i++
			continue
		}
		rules = append(rules, tracing.Rule(words[i]))
	}
	if len(rules) == 0 {
		for _, rule := range tracing.Rules() {
			rules = append(rules, rule.Rule)
		}
	}
	for _, rule := range rules {
		in.Rule = rule
		in.Rows = slices.Clone(s.in.Rows)
		answer, err := tracing.Trace(in)
		if err != nil {
			t.Fatal(err)
		}
		compareStory(t, in, answer)
		lines = append(lines, string(rule))
		lines = append(lines, show(answer)...)
	}
	return lines
}

// show tells an answer: what the accounts hold, what became of each victim's
// money, what is missing and what is warned of.
func show(a tracing.Answer) (lines []string) {
	for _, p := range a.Accounts {
		lines = append(lines, "  "+pool(p))
	}
	for _, v := range a.Victims {
		line := fmt.Sprintf("  %s%s reported %s, own %s:", v.Victim, named(v.Asset), v.Asset.Format(v.Reported), v.Asset.Format(v.Own))
		if !v.Returned.IsZero() {
			line += " returned " + v.Asset.Format(v.Returned) + ","
		}
		for _, p := range v.Places {
			line += fmt.Sprintf(" %s%s %s %s,", p.Account, named(p.Asset), v.Asset.Format(p.Claim), p.State)
		}
		line = strings.TrimRight(line, ",:")
		if !v.PaidBack.IsZero() {
			line += "; paid back " + v.Asset.Format(v.PaidBack)
		}
		lines = append(lines, line)
	}
	for _, m := range a.Missing {
		lines = append(lines, fmt.Sprintf("  missing %s %s%s", m.Account, m.Asset.Format(m.Amount), named(m.Asset)))
	}
	for _, w := range a.Warnings {
		line := "  warned " + w.Code + " " + string(w.Movement)
		if w.Amount.Given() {
			line += " " + w.Amount.String()
		}
		lines = append(lines, line)
	}
	for _, p := range a.Presumed {
		lines = append(lines, "  presumed "+p.String()+named(p.Asset))
	}
	if len(a.Exposed) > 0 {
		lines = append(lines, fmt.Sprint("  exposed ", a.Exposed))
	}
	return lines
}

func named(asset domain.Asset) string {
	if asset.Code == "unit" {
		return ""
	}
	return " " + string(asset.Code)
}

func pool(p tracing.Pool) string {
	var parts []string
	if !p.Untraced.IsZero() {
		part := "own " + p.Asset.Format(p.Untraced)
		if !p.Unexplained.IsZero() {
			part += " (unexplained " + p.Asset.Format(p.Unexplained) + ")"
		}
		parts = append(parts, part)
	}
	for _, o := range p.Traced {
		parts = append(parts, fmt.Sprintf("%s %s", o.Victim, p.Asset.Format(o.Units)))
	}
	if !p.Overdraft.IsZero() {
		parts = append(parts, "owes "+p.Asset.Format(p.Overdraft))
	}
	line := fmt.Sprintf("%s%s: %s", p.Account, named(p.Asset), strings.Join(parts, ", "))
	if !p.Held.IsZero() {
		line += "; held " + p.Asset.Format(p.Held)
	}
	if p.Frontier {
		line += " (frontier)"
	}
	return line
}
