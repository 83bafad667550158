package pages

import (
	"fmt"
	"slices"
	"time"

	"clew/domain"
	"clew/projections"
	"clew/tracing"
)

// replay is the way through a case's time: when how much happened, and the
// step before and after the moment that the address asks for.
type replay struct {
	Bars         []bar
	First, Last  domain.When
	Before, Then *stepInTime // nil: there is none
	Start        string
	Count        int
	Upto, Head   uint64 // positions: what was recorded by then
	Known        *stepInTime
	KnownBack    *stepInTime
	At, KnownAt  string // as the address has them, for the form
	Rule         string
	Rules        []option
}

// stepInTime leads to the state at another moment.
type stepInTime struct {
	Text, To string
}

// bar is the movements of one stretch of time.
type bar struct {
	X, Y, Width, Height string // in a picture 1000 wide and 60 high
	To, Says            string
	After               bool // it lies after the moment that is asked for
}

// bars is how many stretches the picture has.
const bars = 80

// replay draws the histogram and finds the steps before and after.
func (a asked) replay(walked *projections.Assembly) *replay {
	var times []time.Time
	for row := range walked.Rows() {
		if !row.When.IsZero() {
			times = append(times, row.When.End())
		}
	}
	slices.SortFunc(times, time.Time.Compare)
	r := &replay{Count: len(times), At: a.At, KnownAt: a.KnownAt, Rule: string(a.Rule), Upto: walked.Position, Start: a.To("", "at", "")}
	r.Rules = []option{{"", "the case's own"}}
	for _, rule := range tracing.Rules() {
		r.Rules = append(r.Rules, option{string(rule.Rule), string(rule.Rule)})
	}
	a.positions(r)
	if len(times) == 0 {
		return r
	}
	r.First, r.Last = domain.Instant(times[0]), domain.Instant(times[len(times)-1])
	r.Before, r.Then = a.around(times)
	r.Bars = a.histogram(times)
	return r
}

// positions are the steps through what was recorded, one event at a time.
func (a asked) positions(r *replay) {
	if r.Upto > 1 {
		r.KnownBack = &stepInTime{fmt.Sprintf("as known at position %d", r.Upto-1), a.To("", "known_at", "", "upto", fmt.Sprint(r.Upto-1))}
	}
	if a.KnownAt != "" || a.Upto != "" {
		r.Known = &stepInTime{fmt.Sprintf("as known at position %d", r.Upto+1), a.To("", "known_at", "", "upto", fmt.Sprint(r.Upto+1))}
	}
}

// around finds the movements before and after the moment asked for; without
// one, the last that happened is the one stood at.
func (a asked) around(times []time.Time) (before, then *stepInTime) {
	at := a.query.At
	if at.IsZero() {
		at = times[len(times)-1]
	}
	first, _ := slices.BinarySearchFunc(times, at, time.Time.Compare)
	if first > 0 {
		before = a.step("to the movement before, ", times[first-1])
	}
	next, _ := slices.BinarySearchFunc(times, at.Add(1), time.Time.Compare)
	if next < len(times) {
		then = a.step("to the next movement, ", times[next])
	}
	return before, then
}

func (a asked) step(says string, t time.Time) *stepInTime {
	text := t.UTC().Format(time.RFC3339Nano)
	if t.Equal(t.Truncate(24 * time.Hour).Add(24*time.Hour - 1)) {
		text = t.UTC().Format(time.DateOnly) // the end of a bare day
	}
	return &stepInTime{says + text, a.To("", "at", text)}
}

// histogram counts the movements of each stretch. Amounts of several assets
// cannot stand on one scale; how much was going on can.
func (a asked) histogram(times []time.Time) []bar {
	first, span := times[0], times[len(times)-1].Sub(times[0])
	width := span/bars + 1
	var counts [bars]int
	most := 0
	for _, t := range times {
		n := int(t.Sub(first) / width)
		counts[n]++
		most = max(most, counts[n])
	}
	var list []bar
	for i, n := range counts {
		if n == 0 {
			continue
		}
		end := first.Add(time.Duration(i+1)*width - 1)
		height := max(2, 56*n/most)
		text := end.UTC().Format(time.RFC3339)
		list = append(list, bar{X: fmt.Sprint(i * 1000 / bars), Y: fmt.Sprint(58 - height), Width: fmt.Sprint(1000/bars - 2), Height: fmt.Sprint(height),
			To: a.To("", "at", text), Says: count(n, "movement") + " until " + instant(end), After: !a.query.At.IsZero() && end.After(a.query.At)})
	}
	return list
}
