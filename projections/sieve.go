package projections

// sieve says of a key that it surely is in no run, or that it may be in one: a
// Bloom filter, whose bits for one key lie within 64 bytes, so that it costs
// one access to memory. An import asks for a million names that nobody knows.
type sieve struct {
	blocks [][8]uint64
	kept   int // how many keys
	room   int // how many it is meant for: about one in a hundred others passes then
}

const (
	// sieveFrom is from how many names on a sieve is worth making.
	sieveFrom = 256

	// sieveBits is how many bits there are for each key.
	sieveBits = 12

	// sieveSpare is for how many keys more there is room at least.
	sieveSpare = 1 << 14

	// maxSieve bounds the keys of a sieve, and its memory to about 100 MB.
	maxSieve = 1 << 26
)

func newSieve(room int) *sieve {
	return &sieve{blocks: make([][8]uint64, room*sieveBits/512+1), room: room}
}

// mix spreads a key's bits: those of a name are spread already, those of
// others may not be.
func mix(key int64) uint64 {
	h := uint64(key) * 0x9e3779b97f4a7c15
	h ^= h >> 32
	h *= 0xd6e8feb86659fd93
	return h ^ h>>29
}

// sieveBitsSet is how many of its bits each key sets.
const sieveBitsSet = 5

func (s *sieve) block(h uint64) *[8]uint64 {
	return &s.blocks[(h>>32)*uint64(len(s.blocks))>>32]
}

// add keeps a key. A sieve that is none keeps nothing.
func (s *sieve) add(key int64) {
	if s == nil {
		return
	}
	h := mix(key)
	b := s.block(h)
	for range sieveBitsSet {
		b[h>>6&7] |= 1 << (h & 63)
		h >>= 9
	}
	s.kept++
}

// mayHave says whether a key may have been kept.
func (s *sieve) mayHave(key int64) bool {
	h := mix(key)
	b := s.block(h)
	for range sieveBitsSet {
		if b[h>>6&7]&(1<<(h&63)) == 0 {
			return false
		}
		h >>= 9
	}
	return true
}

// sifted leaves out keys that stand in no run.
func (f *finder) sifted(c *conn, runs []uint64, wanted []int64) ([]int64, error) {
	if f.sieve != nil && f.sieve.kept > f.sieve.room {
		f.sieve = nil
	}
	if f.sieve == nil {
		if len(wanted) < sieveFrom {
			return wanted, nil
		}
		if err := f.makeSieve(c, runs); err != nil || f.sieve == nil {
			return wanted, err
		}
	}
	var left []int64
	for _, key := range wanted {
		if f.sieve.mayHave(key) {
			left = append(left, key)
		}
	}
	return left, nil
}

// makeSieve reads all runs once. It leaves room for as many keys again.
func (f *finder) makeSieve(c *conn, runs []uint64) error {
	row, err := c.row("SELECT count(*) FROM " + f.table)
	if err != nil {
		return err
	}
	room := 2*int(asInt(row[0]))*blockEntries + sieveSpare
	if room > maxSieve {
		return nil
	}
	made := newSieve(room)
	for _, run := range runs {
		if err := f.eachEntry(c, run, func(e keyed) error { made.add(e.key); return nil }); err != nil {
			return err
		}
	}
	f.sieve = made
	return nil
}
