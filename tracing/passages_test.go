package tracing_test

import (
	"fmt"
	"math/big"
	"testing"

	"pgregory.net/rapid"

	"clew/domain"
	"clew/tracing"
)

// Whoever adds up the passages of a victim's money, hop by hop, comes to the
// places that the answer says: on random networks with returns, conversions,
// hops, overdrafts, homes and holds. It is what the verifier of bundles does.
func TestPassagesAddUpToTheAnswer(t *testing.T) {
	law := &law{breaks: passageDifference}
	rapid.Check(t, func(t *rapid.T) {
		in := network(t)
		if rapid.Bool().Draw(t, "holds") {
			in = freezes(t, in)
		}
		for _, rule := range []tracing.Rule{tracing.FIFO, tracing.LIFO, tracing.ProRata, tracing.LIBR, tracing.OwnFirst, tracing.ProceedsFirst} {
			in.Rule = rule
			law.check(t, in)
		}
	})
}

// ledger is a victim's worth in one asset by account, added up.
type ledger map[string]*big.Rat

func (l ledger) add(account domain.AccountID, asset domain.Asset, worth *big.Rat) {
	key := string(account) + " " + string(asset.Code)
	if l[key] == nil {
		l[key] = new(big.Rat)
	}
	l[key].Add(l[key], worth)
}

func passageDifference(in tracing.Input) string {
	answer, err := trace(in)
	if err != nil {
		return "the walk stopped: " + err.Error()
	}
	for _, v := range answer.Victims {
		list, err := tracing.Passages(in, v.Victim)
		if err != nil {
			return "its passages: " + err.Error()
		}
		if why := restsNowhere(in.Rule, v, list); why != "" {
			return fmt.Sprintf("%s under %s: %s\n%+v", v.Victim, in.Rule, why, list)
		}
	}
	return ""
}

// restsNowhere joins the accounts that pay together: of them only the sum is known.
func restsNowhere(rule tracing.Rule, v tracing.Victim, list []tracing.Passage) string {
	together := groups(list)
	sums, returned, own := ledger{}, new(big.Rat), new(big.Rat)
	for _, p := range list {
		for _, w := range p.Worth {
			if w.Asset != v.Asset {
				continue
			}
			worth, fresh := rat(w.Units), rat(w.New)
			own.Add(own, fresh)
			if old := new(big.Rat).Sub(worth, fresh); len(p.From) > 0 {
				sums.add(together.of(p.From[0]), w.Asset, old.Neg(old))
			}
			if p.Home {
				returned.Add(returned, worth)
				continue
			}
			sums.add(together.of(p.To), w.Asset, worth)
		}
	}
	for _, place := range v.Places {
		claim := rat(place.Claim.String())
		sums.add(together.of(place.Account), v.Asset, claim.Neg(claim))
	}
	sums.add("returned", v.Asset, returned.Sub(returned, rat(v.Returned.String())))
	sums.add("own", v.Asset, own.Sub(own, rat(v.Own.String())))
	return restOf(rule, sums, len(list)+len(v.Places))
}

func rat(text string) *big.Rat {
	number, ok := new(big.Rat).SetString(text)
	if !ok {
		panic("it is no number: " + text)
	}
	return number
}

// restOf says where something is left over. Whole units leave nothing; what
// is rounded for showing, no more than a unit for each place and passage.
func restOf(rule tracing.Rule, sums ledger, parts int) string {
	most := new(big.Rat)
	if rule == tracing.ProRata || rule == tracing.LIBR {
		most.SetInt64(int64(parts))
	}
	for key, rest := range sums {
		if new(big.Rat).Abs(rest).Cmp(most) > 0 {
			return fmt.Sprintf("%s: %s is left over", key, rest.FloatString(6))
		}
	}
	return ""
}

// pooled says which accounts have paid together.
type pooled map[domain.AccountID]domain.AccountID

func (g pooled) of(a domain.AccountID) domain.AccountID {
	for g[a] != "" && g[a] != a {
		a = g[a]
	}
	return a
}

func groups(list []tracing.Passage) pooled {
	g := pooled{}
	for _, p := range list {
		for i := 1; i < len(p.From); i++ {
			g[g.of(p.From[i])] = g.of(p.From[0])
		}
	}
	return g
}
