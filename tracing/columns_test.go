package tracing

import (
	"strings"
	"testing"

	"clew/domain"
)

// A name is read as a number only where the number writes the same name again:
// every byte is tried at the first, a middle and the last place.
func TestANameIsReadOnlyAsItIsWritten(t *testing.T) {
	const whole = "0123456789abcdefghjkmnpqrw"
	for _, place := range []int{0, 13, nameLength - 1} {
		read := 0
		for letter := range 256 {
			id := []byte(whole)
			id[place] = byte(letter)
			n, ok := parseName(domain.MovementID(id))
			digit := strings.IndexByte(crockford, byte(letter))
			if want := digit >= 0 && (place < nameLength-1 || digit%4 == 0); ok != want {
				t.Errorf("%q is read: %t, want %t", id, ok, want)
			}
			if ok && n.id() != domain.MovementID(id) {
				t.Errorf("%q is written again as %q", id, n.id())
			}
			if ok {
				read++
			}
		}
		if want := map[bool]int{true: 8, false: 32}[place == nameLength-1]; read != want {
			t.Errorf("%d letters are read at place %d, want %d", read, place, want)
		}
	}
	for _, id := range []string{"", whole[1:], whole + "0"} {
		if _, ok := parseName(domain.MovementID(id)); ok {
			t.Errorf("%q is read, though it has not %d letters", id, nameLength)
		}
	}
}
