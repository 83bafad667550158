package tracing

import (
	"fmt"
	"runtime"
	"testing"

	"clew/testdata/networks"
)

// Which processor parts whose claims, and when, changes nothing: neither with
// plain claims, nor where money comes home and the tape alone knows what was a
// traced arrival.
func TestHoweverManyProcessorsPartTheClaimsTheAnswerIsTheSame(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	for _, paid := range []int{0, 300} {
		n := networks.Standard(6_000, 300)
		n.Paid = paid
		c := networkCase(t, n)
		for _, rule := range []Rule{ProRata, LIBR} {
			var answers []string
			for _, processors := range []int{1, 2, 7} {
				runtime.GOMAXPROCS(processors)
				answer, err := Trace(Input{Rule: rule, Case: c})
				if err != nil {
					t.Fatal(err)
				}
				answers = append(answers, fmt.Sprint(answer))
			}
			if answers[0] != answers[1] || answers[0] != answers[2] {
				t.Errorf("%s, %d paid back: another number of processors, another answer", rule, paid)
			}
		}
	}
}

// Every member is parted in one stint, whole blocks of them.
func TestStintsCoverEveryMemberOnce(t *testing.T) {
	for _, members := range []int32{1, 7, 8, 9, 63, 64, 65, 1_000, 10_001} {
		for _, abreast := range []int32{1, 8, 64} {
			next, list := int32(0), (&tape{losses: make([]int32, members)}).stints(abreast)
			for _, s := range list {
				if s.first != next || s.end <= s.first || s.first%abreast != 0 || len(s.home) != int(s.end-s.first) {
					t.Fatalf("%d members, %d abreast: a stint from %d to %d after %d", members, abreast, s.first, s.end, next)
				}
				next = s.end
			}
			if next != members || len(list) > mostStints {
				t.Errorf("%d members, %d abreast: %d stints reach %d", members, abreast, len(list), next)
			}
		}
	}
}
