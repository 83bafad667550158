package picture_test

import (
	"bytes"
	"encoding/json"
	"math/big"
	"testing"
	"time"

	"pgregory.net/rapid"

	"clew/picture"
	"clew/tracing"
)

// shipped is the board as a browser reads it.
type shipped struct {
	Keys  []string `json:"keys"`
	Edges [][]any  `json:"edges"`
	Steps struct {
		At       []int64 `json:"at"`
		Edge     []int   `json:"edge"`
		From     []int   `json:"from"`
		To       []int   `json:"to"`
		Worth    []any   `json:"worth"`
		New      []any   `json:"new"`
		Returned []any   `json:"returned"`
		State    []int   `json:"state"`
	} `json:"steps"`
}

// fineOf reads an amount as JavaScript would: a number only where it is safe.
func fineOf(t *rapid.T, value any) *big.Rat {
	text, isText := value.(string)
	if number, ok := value.(json.Number); ok {
		text = number.String()
	}
	whole, ok := new(big.Int).SetString(text, 10)
	if !ok || !isText && whole.CmpAbs(big.NewInt(1<<53-1)) > 0 {
		t.Fatalf("%v is no amount that a browser reads exactly", value)
	}
	return new(big.Rat).SetFrac(whole, big.NewInt(tracing.Finer))
}

// What a browser adds up to any millisecond is what the walk answers as of it:
// at every account, and of it what is held.
func TestShippedStepsAddUpToTheTraceOfAnyMoment(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in := cases(t)
		text := must(json.Marshal(picture.Place(must(gather(in))).Board()))
		var board shipped
		if err := decodeNumbers(text, &board); err != nil {
			t.Fatal(err)
		}
		at := rapid.SampledFrom(in.Rows).Draw(t, "at").When.Time.Add(time.Duration(rapid.IntRange(-1, 86_400_000).Draw(t, "later")) * time.Millisecond).Truncate(time.Millisecond)
		in.At = at
		answer := must(tracing.Trace(in))
		there, held, parts := map[string]*big.Rat{}, map[string]*big.Rat{}, map[string]int64{}
		board.sum(t, at.UnixMilli(), there, held)
		for _, v := range answer.Victims {
			for _, p := range v.Places {
				parts[string(p.Account)]++
				plus(there, string(p.Account), new(big.Rat).Neg(new(big.Rat).SetInt(p.Claim.Big())))
				if p.State == tracing.Held {
					plus(held, string(p.Account), new(big.Rat).Neg(new(big.Rat).SetInt(p.Claim.Big())))
				}
			}
		}
		for _, sums := range []map[string]*big.Rat{there, held} {
			for account, rest := range sums {
				most := big.NewRat(0, 1)
				if in.Rule == tracing.ProRata || in.Rule == tracing.LIBR {
					most = big.NewRat(parts[account]+1, 1)
				}
				if new(big.Rat).Abs(rest).Cmp(most) > 0 {
					t.Fatalf("%s as of %s: the browser and the walk are %s units apart", account, at, rest.FloatString(3))
				}
			}
		}
	})
}

func plus(sums map[string]*big.Rat, key string, x *big.Rat) {
	if sums[key] == nil {
		sums[key] = new(big.Rat)
	}
	sums[key].Add(sums[key], x)
}

// sum adds up as the script does (web/assets/flow/board.ts).
func (b *shipped) sum(t *rapid.T, at int64, there, held map[string]*big.Rat) {
	s := &b.Steps
	for i := range s.At {
		if s.At[i] > at {
			continue
		}
		worth, fresh, home, to := fineOf(t, s.Worth[i]), fineOf(t, s.New[i]), fineOf(t, s.Returned[i]), b.Keys[s.To[i]]
		switch {
		case s.State[i] == 1:
			plus(held, to, worth)
			continue
		case s.State[i] > 1:
			continue
		case s.From[i] >= 0:
			plus(there, b.Keys[s.From[i]], fresh)
		}
		plus(there, to, home.Neg(home))
		if s.Edge[i] >= 0 {
			plus(there, to, worth)
			plus(there, b.Keys[s.From[i]], new(big.Rat).Neg(worth))
		}
	}
}

// decodeNumbers reads JSON and keeps numbers as they are written.
func decodeNumbers(text []byte, into any) error {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	return d.Decode(into)
}
