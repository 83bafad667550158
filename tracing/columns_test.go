package tracing

import (
	"strconv"
	"strings"
	"testing"

	"clew/domain"

	"pgregory.net/rapid"
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

// A register finds what has been put there and nothing else, also where many
// hashes are alike.
func TestARegisterFindsWhatIsThere(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		things := rapid.SliceOfDistinct(rapid.Uint64Range(0, 500), rapid.ID[uint64]).Draw(t, "things")
		alike := rapid.SampledFrom([]uint64{1, 7, 1 << 40}).Draw(t, "hashes")
		hash := func(thing uint64) uint64 { return thing % alike }
		var r register
		for n, thing := range things {
			if _, known := r.find(hash(thing), func(n int32) bool { return things[n] == thing }); known {
				t.Fatalf("%d is found before it is put there", thing)
			}
			r.put(int32(n), func(n int32) uint64 { return hash(things[n]) })
		}
		for n, thing := range things {
			if found, known := r.find(hash(thing), func(n int32) bool { return things[n] == thing }); !known || found != int32(n) {
				t.Fatalf("%d is found as %d (%t), not as %d", thing, found, known, n)
			}
		}
	})
}

// Names lie in pieces, and stay what they were when others follow.
func TestNamesStayWhatTheyWere(t *testing.T) {
	var shelf shelfOfNames
	var kept []domain.AccountID
	name := func(i int) domain.AccountID {
		return domain.AccountID(strings.Repeat("a", i%7*i) + strconv.Itoa(i))
	}
	for i := range 400 {
		kept = append(kept, shelf.keep(name(i)))
	}
	for i, got := range kept {
		if got != name(i) {
			t.Fatalf("name %d is %q", i, got)
		}
	}
}
