package papers

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"clew/domain"
	"clew/tracing"
)

// fate is what may have become of a claim, in the words of the summary.
type fate struct {
	state  tracing.State
	column string
	words  string
}

// fates are the states in the order of the ledger.
func fates() []fate {
	return []fate{
		{tracing.AtLarge, "at large", "is at large and can still be reached"}, {tracing.Held, "held", "is held"}, {tracing.Seized, "seized", "is seized"},
		{tracing.Restored, "restored", "was given back to victims"}, {"", "returned", "came back to the victims' own accounts"},
		{tracing.CashedOut, "cashed out", "was cashed out"}, {tracing.AtService, "at service", "lies at pooled services, where it can no longer be told apart"},
		{tracing.Unaccounted, "unaccounted", "cannot be accounted for"}, {tracing.Fees, "fees", "went in fees"},
	}
}

// of is what a loss has under a fate.
func (l Loss) of(f fate) domain.Units {
	if f.state == "" {
		return l.Returned
	}
	return l.States[f.state]
}

func spoken(units domain.Units, asset domain.Asset) string {
	return asset.Format(units) + " " + string(asset.Code)
}

// summary is the paragraph that somebody reads who reads nothing else.
func (r Report) summary(totals []Loss) (text []string) {
	if len(totals) == 0 {
		return append([]string{"No payment to a scam is reported in this case yet, so there is nothing to trace."}, r.summaryOfGaps()...)
	}
	for _, total := range totals {
		text = append(text, r.summaryOf(total))
	}
	return append(append(text, r.summaryOfStops()), r.summaryOfGaps()...)
}

// summaryOf tells one asset: lost, traced, held, still reachable.
func (r Report) summaryOf(t Loss) string {
	text := fmt.Sprintf("%s reported payments of %s to the scam.", r.reporters(t.Asset), spoken(t.Reported, t.Asset))
	if t.Own != t.Reported {
		text += fmt.Sprintf(" %s of that was their own money; the rest was other victims' that passed through their accounts, or is told more than once.", spoken(t.Own, t.Asset))
	}
	if !t.PaidBack.IsZero() {
		text += fmt.Sprintf(" %s was paid back to them, so that their net loss is %s.", spoken(t.PaidBack, t.Asset), spoken(t.Net, t.Asset))
	}
	var parts []string
	for _, f := range fates() {
		if units := t.of(f); !units.IsZero() {
			parts = append(parts, spoken(units, t.Asset)+" "+f.words)
		}
	}
	text += fmt.Sprintf(" Traced by the rule %s, of their own %s: %s.", r.Choice.Rule, spoken(t.Own, t.Asset), strings.Join(parts, "; "))
	if least, most, known := r.span(t.Asset); known {
		text += " " + spanWords(least, most, t.Asset)
	}
	return text
}

func (r Report) reporters(asset domain.Asset) string {
	n := 0
	for _, l := range r.Losses {
		if l.Asset == asset {
			n++
		}
	}
	if n == 1 {
		return "One victim"
	}
	return fmt.Sprintf("%d victims", n)
}

func spanWords(least, most UnderRule, asset domain.Asset) string {
	if least.Units == most.Units {
		return fmt.Sprintf("What of it can still be stopped, or has been, comes to %s under every rule.", spoken(least.Units, asset))
	}
	return fmt.Sprintf("What of it can still be stopped, or has been, depends on the rule: it is between %s (%s) and %s (%s).",
		spoken(least.Units, asset), least.Rule, spoken(most.Units, asset), most.Rule)
}

// span is the least and the most of an asset, over all victims together, that
// one rule finds stoppable.
func (r Report) span(asset domain.Asset) (least, most UnderRule, known bool) {
	sums := r.underEach(asset)
	if len(sums) == 0 {
		return least, most, false
	}
	smaller := func(a, b UnderRule) int { return a.Units.Cmp(b.Units) }
	return slices.MinFunc(sums, smaller), slices.MaxFunc(sums, smaller), true
}

// underEach adds up over the victims what each rule finds stoppable.
func (r Report) underEach(asset domain.Asset) (sums []UnderRule) {
	for _, s := range r.Spreads {
		if s.Asset != asset {
			continue
		}
		if sums == nil {
			sums = make([]UnderRule, len(s.Under))
		}
		for i, under := range s.Under {
			sums[i].Rule, sums[i].Units = under.Rule, sums[i].Units.Plus(under.Units)
		}
	}
	return sums
}

// mostNamed is how many accounts of one asset the summary names; the table has
// all.
const mostNamed = 3

// summaryOfStops says who can still stop it, where most of an asset lies first.
func (r Report) summaryOfStops() string {
	targets := slices.DeleteFunc(slices.Clone(r.Targets), func(t StopTarget) bool { return t.Traced.Sign() <= 0 })
	if len(targets) == 0 {
		return "Nobody can stop anything more, as far as is known: no account holds victims' money that is at large. " + r.freezesInWords()
	}
	slices.SortStableFunc(targets, func(a, b StopTarget) int {
		return cmp.Or(cmp.Compare(a.Asset.Code, b.Asset.Code), b.Traced.Cmp(a.Traced))
	})
	var parts []string
	named := map[domain.Asset]int{}
	for _, t := range targets {
		if named[t.Asset]++; named[t.Asset] <= mostNamed {
			parts = append(parts, fmt.Sprintf("%s, for %s on account %s", t.Keeper.stopper(t.Account, t.Asset), spoken(t.Traced, t.Asset), t.Account))
		}
	}
	text := "Who can still stop it: " + strings.Join(parts, "; ")
	if more := len(targets) - len(parts); more > 0 {
		text += fmt.Sprintf("; and %s in the chapter “Who can still stop it”", count(more, "account more", "accounts more"))
	}
	return text + ". " + r.freezesInWords()
}

func (r Report) freezesInWords() string {
	open := 0
	for _, f := range r.Freezes {
		if f.Next != "" {
			open++
		}
	}
	if len(r.Freezes) == 0 {
		return "No freeze has been asked for."
	}
	return fmt.Sprintf("%s asked for; of them %d still wait for something.", count(len(r.Freezes), "freeze has been", "freezes have been"), open)
}

// summaryOfGaps says what is not known.
func (r Report) summaryOfGaps() (text []string) {
	var asks []string
	for _, why := range []struct{ why, words string }{
		{AskFrontier, "lies on accounts of which nothing later is known"}, {AskMissing, "was paid that nobody saw come in"}, {AskGap, "is the gap in statements that do not add up"},
	} {
		for _, sum := range r.sumsOf(why.why) {
			asks = append(asks, sum.String()+" "+string(sum.Asset.Code)+" "+why.words)
		}
	}
	if len(asks) > 0 {
		text = append(text, "Not known: "+strings.Join(asks, "; ")+". The chapter “What to ask next” says whom to ask for what.")
	}
	if n := r.rejected(); n > 0 {
		text = append(text, fmt.Sprintf("%s of the files could not be read and stand in no sum of this report.", count(int(n), "line", "lines")))
	}
	if len(r.Withheld) > 0 {
		text = append(text, fmt.Sprintf("What was read from %s must not leave the case and is left out here; the sums rest on it all the same.", count(len(r.Withheld), "file", "files")))
	}
	return text
}

// sumsOf adds up what is asked for one reason, by asset.
func (r Report) sumsOf(why string) (sums []domain.Amount) {
	for _, q := range r.Inquiries {
		if q.Why != why {
			continue
		}
		at := slices.IndexFunc(sums, func(a domain.Amount) bool { return a.Asset == q.Amount.Asset })
		if at < 0 {
			sums = append(sums, domain.Amount{Asset: q.Amount.Asset})
			at = len(sums) - 1
		}
		sums[at].Units = sums[at].Units.Plus(q.Amount.Units)
	}
	return sums
}

func (r Report) rejected() (n uint64) {
	for _, f := range r.Files {
		n += f.Rejected
	}
	return n
}

func count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

// stopper says in words who could stop money at an account.
func (k Keeper) stopper(account domain.AccountID, asset domain.Asset) string {
	switch {
	case k.Institution != "" || !onChain(account):
		return k.teller(account)
	case slices.Contains([]domain.AssetCode{"BTC", "ETH", "TRX"}, asset.Code):
		return "nobody while it lies at the address: only an exchange or a service that it reaches"
	}
	return "the issuer of " + string(asset.Code)
}

// teller says in words who could tell what passed through an account.
func (k Keeper) teller(account domain.AccountID) string {
	name := cmp.Or(k.Institution, keeperByName(account))
	if k.Country != "" {
		name += " (" + k.Country + ")"
	}
	return name
}

// keeperByName is what the name of an account tells.
func keeperByName(account domain.AccountID) string {
	_, rest, _ := strings.Cut(string(account), ":")
	switch account.Kind() {
	case domain.KindIBAN:
		return "the bank of this IBAN"
	case domain.KindBank, domain.KindCard, domain.KindWallet:
		return "the institution that keeps it"
	case domain.KindVASP:
		name, _, _ := strings.Cut(rest, ":")
		return "the exchange " + name
	case domain.KindService, domain.KindMerchant, domain.KindGambling:
		return "the service " + rest
	case domain.KindEVM, domain.KindBitcoin, domain.KindTron:
		return "any block explorer"
	}
	if _, unnamed := account.Unnamed(); unnamed {
		return "the institution of the payment's other side"
	}
	return "whoever keeps it"
}

// wanted says what to ask for.
func (q Inquiry) wanted() string {
	onChain := onChain(q.Account)
	switch {
	case q.Movement != "" && q.Why == AskFrontier:
		return fmt.Sprintf("whom movement %s paid, and whether the money is still there", q.Movement)
	case q.Movement != "":
		return fmt.Sprintf("from whom movement %s came", q.Movement)
	case q.Why == AskFrontier && onChain:
		return "what the address has paid since, and whether the money is still there"
	case q.Why == AskFrontier:
		return "its statement, and whether the money is still there"
	case q.Why == AskMissing && onChain:
		return "what the address received before"
	case q.Why == AskMissing:
		return "its statement: what came in"
	}
	return "the whole statement: it does not add up there"
}

// days says for which days.
func (q Inquiry) days() string {
	switch {
	case q.From.IsZero() && q.To.IsZero():
		return ""
	case q.From.IsZero():
		return "up to " + day(q.To)
	case q.To.IsZero():
		return "from " + day(q.From) + " on"
	case day(q.From) == day(q.To):
		return day(q.From)
	}
	return day(q.From) + " to " + day(q.To)
}

// reason says why it is asked.
func (q Inquiry) reason() string {
	return map[string]string{AskFrontier: "traced money is there, and nothing later is known", AskMissing: "more was paid than was ever seen to come in",
		AskGap: "the document states another balance than the movements give"}[q.Why]
}

// linesText says which lines of a file were taken.
func (f FilePart) linesText() string {
	var parts []string
	for _, p := range f.Lines[:min(mostPages, len(f.Lines))] {
		parts = append(parts, join(" ", p.Page, rangesText(p.Lines)))
	}
	if more := len(f.Lines) - len(parts); more > 0 {
		parts = append(parts, count(more, "more page", "more pages"))
	}
	return strings.Join(parts, "; ")
}

// The most pages and stretches of lines that a cell shows: a person wants to
// find the lines, and the bundle has each.
const (
	mostPages  = 6
	mostRanges = 12
)

// rangesText writes ranges as a person would: 2–14, 16.
func rangesText(list []Range) string {
	var parts []string
	for _, r := range list {
		if r.First == r.Last {
			parts = append(parts, fmt.Sprint(r.First))
			continue
		}
		parts = append(parts, fmt.Sprintf("%d–%d", r.First, r.Last))
	}
	if len(parts) > mostRanges {
		return fmt.Sprintf("%s … %s", strings.Join(parts[:mostRanges-1], ", "), parts[len(parts)-1])
	}
	return strings.Join(parts, ", ")
}
