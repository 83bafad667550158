package network

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"time"

	"clew/domain"
)

// Transfer is a payment with what moved and who reports it.
type Transfer struct {
	Payment
	Amount domain.Amount   // that left
	Victim domain.VictimID // who reports it; "" for nobody
}

// Search is what unreported victims are looked for in.
type Search struct {
	Transfers  []Transfer
	Collecting map[domain.AccountID]bool           // hubs, and accounts that a reported payment went to
	Known      func(domain.AccountID) (why string) // why an account is nobody to ask about: a home, an end, an institution, a mule by findings; "" for others
}

// Sign is one reason to ask, with the movements that show it.
type Sign struct {
	Sign      string
	Says      string
	Movements []domain.MovementID
}

// The signs. None of them is proof, and two are the least that are told.
const (
	NothingBack  = "nothing_back"  // he paid, and nothing came back to him
	Payback      = "payback"       // little came back, and he paid again
	FirstPayment = "first_payment" // his account had other dealings before, and none with the collecting one
	AmountLike   = "amount_like"   // he paid about what a known victim paid there
	SameDays     = "same_days"     // he paid when known victims did
	Growing      = "growing"       // each payment was no less than the one before, and the last at least twice the first
	Several      = "several"       // he paid several collecting accounts
)

// What counts as alike, near and before. They are clew's own, and wide enough
// that a person decides.
const (
	alikeWithin  = 5  // amounts differ by no more than a fifth of the smaller
	nearDays     = 7  // payments lie no farther apart
	earlierDays  = 30 // who dealt with the account so long before the first victim has reasons of his own
	monthlyLeast = 3  // equal payments a month apart are rent, wages or a loan
	leastSigns   = 2
)

// Suggestion is an account whose holder may be a victim who has not reported.
type Suggestion struct {
	Account   domain.AccountID
	Paid      []domain.Amount    // to collecting accounts, by asset
	Collected []domain.AccountID // to which, by name
	Signs     []Sign
	Movements []domain.MovementID // all that he paid there, by time
}

// Suggest looks for payers of collecting accounts who look like victims: the
// most signs first.
func Suggest(s Search) []Suggestion {
	f := &finding{Search: s, paid: map[domain.AccountID][]Transfer{}, back: map[domain.AccountID][]Transfer{}, reported: map[domain.AccountID][]Transfer{}, earliest: map[domain.AccountID]time.Time{}, dealt: map[domain.AccountID][]Transfer{}}
	f.sort()
	var list []Suggestion
	for _, payer := range slices.Sorted(maps.Keys(f.paid)) {
		if s.Collecting[payer] || s.Known(payer) != "" || f.ownReasons(payer) {
			continue
		}
		if signs := f.signs(payer); enough(signs) {
			list = append(list, f.suggestion(payer, signs))
		}
	}
	slices.SortStableFunc(list, func(a, b Suggestion) int { return cmp.Compare(len(b.Signs), len(a.Signs)) })
	return list
}

// enough says whether the signs are worth a person's time: two, and one of
// them a likeness to victims. Many pay an account once and get nothing back.
func enough(signs []Sign) bool {
	return len(signs) >= leastSigns && slices.ContainsFunc(signs, func(s Sign) bool { return s.Sign != NothingBack && s.Sign != FirstPayment })
}

// finding sorts transfers by who paid, by what came back, by who reported.
type finding struct {
	Search
	paid     map[domain.AccountID][]Transfer // by payer: to collecting accounts
	back     map[domain.AccountID][]Transfer // by payee: from collecting accounts
	reported map[domain.AccountID][]Transfer // by collecting account: known victims' payments
	earliest map[domain.AccountID]time.Time  // by collecting account: of those
	dealt    map[domain.AccountID][]Transfer // by account: all its dealings
}

func (f *finding) sort() {
	all := slices.Clone(f.Transfers)
	slices.SortFunc(all, func(a, b Transfer) int { return a.compare(b.Payment) })
	for _, t := range all {
		f.dealt[t.From], f.dealt[t.To] = append(f.dealt[t.From], t), append(f.dealt[t.To], t)
		if f.Collecting[t.To] {
			f.paid[t.From] = append(f.paid[t.From], t)
			if t.Victim != "" {
				f.reported[t.To] = append(f.reported[t.To], t)
				if f.earliest[t.To].IsZero() {
					f.earliest[t.To] = t.When.Time
				}
			}
		}
		if f.Collecting[t.From] {
			f.back[t.To] = append(f.back[t.To], t)
		}
	}
}

// ownReasons says whether a payer has reasons of his own to pay: he reported,
// he dealt with the account long before any victim, he pays the same every
// month, or he got most of it back.
func (f *finding) ownReasons(payer domain.AccountID) bool {
	paid := f.paid[payer]
	for _, t := range paid {
		first := f.earliest[t.To]
		if t.Victim != "" || !first.IsZero() && first.Sub(t.When.Time) > earlierDays*24*time.Hour {
			return true
		}
	}
	return monthly(paid) || f.mostBack(payer)
}

// monthly says whether three equal payments or more go to one account a month
// apart.
func monthly(paid []Transfer) bool {
	for i, first := range paid {
		run, last := 1, first
		for _, t := range paid[i+1:] {
			gap := t.When.Time.Sub(last.When.Time)
			if t.To == first.To && t.Amount == first.Amount && gap >= 25*24*time.Hour && gap <= 35*24*time.Hour {
				run, last = run+1, t
			}
		}
		if run >= monthlyLeast {
			return true
		}
	}
	return false
}

// mostBack says whether half or more of what he paid in an asset came back.
func (f *finding) mostBack(payer domain.AccountID) bool {
	for _, sum := range sums(f.paid[payer]) {
		for _, back := range sums(f.back[payer]) {
			if twice, err := back.Units.Add(back.Units); back.Asset == sum.Asset && (err != nil || !twice.Less(sum.Units)) {
				return true
			}
		}
	}
	return false
}

// sums adds transfers up by asset; a sum that does not fit is left where it
// was.
func sums(list []Transfer) (amounts []domain.Amount) {
	for _, t := range list {
		at := slices.IndexFunc(amounts, func(a domain.Amount) bool { return a.Asset == t.Amount.Asset })
		if at < 0 {
			amounts = append(amounts, t.Amount)
			continue
		}
		if sum, err := amounts[at].Units.Add(t.Amount.Units); err == nil {
			amounts[at].Units = sum
		}
	}
	slices.SortFunc(amounts, func(a, b domain.Amount) int { return cmp.Compare(a.Asset.Code, b.Asset.Code) })
	return amounts
}

func (f *finding) signs(payer domain.AccountID) (signs []Sign) {
	for _, look := range []func(domain.AccountID) (Sign, bool){f.cameBack, f.firstPayment, f.amountLike, f.sameDays, f.growing, f.several} {
		if sign, is := look(payer); is {
			signs = append(signs, sign)
		}
	}
	return signs
}

func (f *finding) cameBack(payer domain.AccountID) (Sign, bool) {
	paid, back := f.paid[payer], f.back[payer]
	if len(back) == 0 {
		return Sign{NothingBack, "Nothing came back from the accounts that he paid.", ids(paid)}, true
	}
	for _, t := range paid {
		if back[0].compare(t.Payment) < 0 && t.Amount.Asset == back[0].Amount.Asset && back[0].Amount.Units.Less(t.Amount.Units) {
			return Sign{Payback, fmt.Sprintf("%s came back to him, and then he paid more.", told(back[0].Amount)), []domain.MovementID{back[0].Movement, t.Movement}}, true
		}
	}
	return Sign{}, false
}

func (f *finding) firstPayment(payer domain.AccountID) (Sign, bool) {
	first, before := f.paid[payer][0], 0
	for _, t := range f.dealt[payer] {
		if t.compare(first.Payment) < 0 {
			before++
		}
	}
	return Sign{FirstPayment, fmt.Sprintf("It is the first payment to %s, after other movements of his account that are known (%d).", first.To, before),
		[]domain.MovementID{first.Movement}}, before > 0
}

func (f *finding) amountLike(payer domain.AccountID) (Sign, bool) {
	for _, t := range f.paid[payer] {
		for _, known := range f.reported[t.To] {
			if t.Amount.Asset == known.Amount.Asset && alike(t.Amount.Units, known.Amount.Units) {
				return Sign{AmountLike, fmt.Sprintf("He paid %s, and %s paid %s to the same account.", told(t.Amount), known.Victim, told(known.Amount)),
					[]domain.MovementID{t.Movement, known.Movement}}, true
			}
		}
	}
	return Sign{}, false
}

// alike says whether two sums differ by no more than a fifth of the smaller.
func alike(a, b domain.Units) bool {
	small, large := a.Min(b), a
	if small == a {
		large = b
	}
	sum := domain.Units{}
	for range alikeWithin {
		next, err := sum.Add(large.Minus(small))
		if err != nil {
			return false
		}
		sum = next
	}
	return small.Sign() > 0 && !small.Less(sum)
}

func (f *finding) sameDays(payer domain.AccountID) (Sign, bool) {
	for _, t := range f.paid[payer] {
		for _, known := range f.reported[t.To] {
			if t.When.Time.Sub(known.When.Time).Abs() <= nearDays*24*time.Hour {
				return Sign{SameDays, fmt.Sprintf("He paid within %d days of %s.", nearDays, known.Victim), []domain.MovementID{t.Movement, known.Movement}}, true
			}
		}
	}
	return Sign{}, false
}

func (f *finding) growing(payer domain.AccountID) (Sign, bool) {
	paid := f.paid[payer]
	for i := 1; i < len(paid); i++ {
		if paid[i].Amount.Asset != paid[0].Amount.Asset || paid[i].Amount.Units.Less(paid[i-1].Amount.Units) {
			return Sign{}, false
		}
	}
	twice, err := paid[0].Amount.Units.Add(paid[0].Amount.Units)
	last := paid[len(paid)-1].Amount
	return Sign{Growing, fmt.Sprintf("He paid more each time, from %s to %s.", told(paid[0].Amount), told(last)), ids(paid)},
		err == nil && len(paid) > 1 && !last.Units.Less(twice)
}

func (f *finding) several(payer domain.AccountID) (Sign, bool) {
	to := f.collected(payer)
	return Sign{Several, fmt.Sprintf("He paid %d accounts at which victims' money was collected.", len(to)), ids(f.paid[payer])}, len(to) > 1
}

func (f *finding) collected(payer domain.AccountID) (to []domain.AccountID) {
	for _, t := range f.paid[payer] {
		to = append(to, t.To)
	}
	slices.Sort(to)
	return slices.Compact(to)
}

func (f *finding) suggestion(payer domain.AccountID, signs []Sign) Suggestion {
	return Suggestion{payer, sums(f.paid[payer]), f.collected(payer), signs, ids(f.paid[payer])}
}

func ids(list []Transfer) (names []domain.MovementID) {
	for _, t := range list {
		names = append(names, t.Movement)
	}
	return names
}

func told(a domain.Amount) string { return a.String() + " " + string(a.Asset.Code) }
