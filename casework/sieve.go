package casework

import "hash/maphash"

// sieve remembers which names and references were put in: of one that was it
// always says so, of one that was not nearly always (a Bloom filter). Looking
// a million new names up in the read models' index takes longer than reading
// their file; a sieve tells the most of them apart in a few bytes each.
type sieve struct {
	seed maphash.Seed
	bits []uint64
}

// The size of a sieve: ten bits for each row of about sixty bytes, within
// bounds. Beyond the upper one, some ten million rows, it tells fewer apart
// and the read models are asked more often.
const (
	bytesPerSieved = 48
	leastSieve     = 1 << 10
	mostSieve      = 16 << 20
)

// newSieve makes an empty one for a file of a size.
func newSieve(fileSize int64) *sieve {
	size := min(max(fileSize/bytesPerSieved, leastSieve), mostSieve)
	return &sieve{maphash.MakeSeed(), make([]uint64, size/8)}
}

// sieveProbes is how many bits stand for one name.
const sieveProbes = 4

func (s *sieve) add(name string) {
	for bit, step := s.begin(name); step.left > 0; bit, step = step.next(bit) {
		at := bit % uint64(len(s.bits)*64)
		s.bits[at/64] |= 1 << (at % 64)
	}
}

// mayHave says whether a name may have been added; false: it was not. A nil
// sieve knows nothing.
func (s *sieve) mayHave(name string) bool {
	if s == nil {
		return true
	}
	for bit, step := s.begin(name); step.left > 0; bit, step = step.next(bit) {
		at := bit % uint64(len(s.bits)*64)
		if s.bits[at/64]&(1<<(at%64)) == 0 {
			return false
		}
	}
	return true
}

// stride goes from one bit of a name to the next.
type stride struct {
	by   uint64
	left int
}

func (s *sieve) begin(name string) (uint64, stride) {
	h := maphash.String(s.seed, name)
	return h, stride{h>>32 | h<<32 | 1, sieveProbes}
}

func (s stride) next(bit uint64) (uint64, stride) { return bit + s.by, stride{s.by, s.left - 1} }
