package tracing_test

import (
	"fmt"
	"math/big"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"clew/domain"
	"clew/tracing"
)

// Whoever adds up the streams of a whole case to any moment comes to the places
// of the answer as of that moment, state by state: on random networks with
// returns, conversions, hops, overdrafts, homes and holds. It is what the flow
// picture does when it is replayed.
func TestStreamsAddUpToTheAnswerOfAnyMoment(t *testing.T) {
	law := &law{breaks: streamDifference}
	rapid.Check(t, func(t *rapid.T) {
		in := network(t)
		if rapid.Bool().Draw(t, "holds") {
			in = freezes(t, in)
		}
		in.At = time.Time{}
		for _, rule := range []tracing.Rule{tracing.FIFO, tracing.LIFO, tracing.ProRata, tracing.LIBR, tracing.OwnFirst, tracing.ProceedsFirst} {
			in.Rule = rule
			law.check(t, in)
		}
	})
}

func streamDifference(in tracing.Input) string {
	course, err := tracing.Streams(in)
	if err != nil {
		return "its streams: " + err.Error()
	}
	moments := []time.Time{{}}
	for i, row := range in.Rows {
		if i%(1+len(in.Rows)/3) == 0 {
			moments = append(moments, row.When.Time)
		}
	}
	for _, in.At = range moments {
		answer, err := trace(in)
		if err != nil {
			return "the walk stopped: " + err.Error()
		}
		if why := flowsElsewhere(course, answer, in.At); why != "" {
			return fmt.Sprintf("%s as of %s: %s", in.Rule, in.At, why)
		}
	}
	return ""
}

func flowsElsewhere(course tracing.Course, answer tracing.Answer, at time.Time) string {
	sums, parts := ledger{}, len(answer.Victims)
	add := func(what string, account domain.AccountID, lost domain.Asset, worth *big.Rat) {
		sums.add(domain.AccountID(what)+" "+account, lost, worth)
	}
	for _, s := range course.Streams {
		if !at.IsZero() && s.At.After(at) {
			continue
		}
		left := new(big.Rat).Sub(fine(s.New), fine(s.Worth))
		if s.From != "" {
			add("lies", s.From, s.Lost, left)
		}
		add("lies", s.To, s.Lost, new(big.Rat).Sub(fine(s.Worth), fine(s.Returned)))
		add("returned", "", s.Lost, fine(s.Returned))
		add("own", "", s.Lost, fine(s.New))
		parts++
	}
	for _, s := range course.Stays {
		if at.IsZero() || !s.At.After(at) {
			add(string(s.State), s.Account, s.Lost, fine(s.Worth))
		}
	}
	for _, v := range answer.Victims {
		add("own", "", v.Asset, new(big.Rat).Neg(rat(v.Own.String())))
		add("returned", "", v.Asset, new(big.Rat).Neg(rat(v.Returned.String())))
		for _, p := range v.Places {
			claim := new(big.Rat).Neg(rat(p.Claim.String()))
			add("lies", p.Account, v.Asset, claim)
			if slices.Contains([]tracing.State{tracing.Held, tracing.Seized, tracing.Restored}, p.State) {
				add(string(p.State), p.Account, v.Asset, claim)
			}
		}
		parts += len(v.Places)
	}
	return restOf(answer.Rule, sums, parts)
}

// fine is an amount of a course in smallest units.
func fine(u domain.Units) *big.Rat { return new(big.Rat).SetFrac(u.Big(), big.NewInt(tracing.Finer)) }
