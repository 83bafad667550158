package casework

import (
	"fmt"
	"testing"

	"pgregory.net/rapid"
)

// A name that was put in is always found: a row that stands in the log must
// never pass for new.
func TestASieveLosesNoName(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := newSieve(rapid.Int64Range(0, 1<<20).Draw(t, "file size"))
		names := rapid.SliceOf(rapid.String()).Draw(t, "names")
		for _, name := range names {
			s.add(name)
		}
		for _, name := range names {
			if !s.mayHave(name) {
				t.Fatalf("%q was put in and is not found", name)
			}
		}
	})
}

// With as many names as it is made for, it mistakes few for others.
func TestASieveTellsMostNewNamesApart(t *testing.T) {
	const rows = 20_000
	s, mistaken := newSieve(rows*60), 0
	for i := range rows {
		s.add(fmt.Sprintf("old %d", i))
		if s.mayHave(fmt.Sprintf("new %d", i)) {
			mistaken++
		}
	}
	if mistaken > rows/50 {
		t.Errorf("%d of %d new names pass for old ones", mistaken, rows)
	}
	if none := (*sieve)(nil); !none.mayHave("x") {
		t.Error("no sieve says that a name is new")
	}
}
