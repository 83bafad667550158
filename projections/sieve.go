package projections

// sieve says of a key that it surely is in no run, or that it may be in one: a
// Bloom filter, whose bits for one key lie within 64 bytes, so that it costs
// one access to memory. An import asks for a million names that nobody knows.
type sieve struct {
	blocks [][8]uint64
	room   int // how many keys it is meant for: about one in a hundred others passes then
}

const (
	// sieveFrom is from how many names on a sieve is worth making.
	sieveFrom = 256

	// sieveBits is how many bits there are for each key.
	sieveBits = 12

	// maxSieves bounds the keys of all sieves of a finder, and their memory to
	// about 100 MB.
	maxSieves = 1 << 26
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

// add keeps a key.
func (s *sieve) add(key int64) {
	h := mix(key)
	b := s.block(h)
	for range sieveBitsSet {
		b[h>>6&7] |= 1 << (h & 63)
		h >>= 9
	}
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

// sifted leaves out keys that do not stand in a run. The writer of runs, who
// asks for few, has no sieves.
func (f *finder) sifted(c *conn, run uint64, wanted []int64) ([]int64, error) {
	s := f.sieves[run]
	if s == nil && len(wanted) >= sieveFrom && !f.writes {
		var err error
		if s, err = f.makeSieve(c, run); err != nil {
			return nil, err
		}
	}
	if s == nil {
		return wanted, nil
	}
	var left []int64
	for _, key := range wanted {
		if s.mayHave(key) {
			left = append(left, key)
		}
	}
	return left, nil
}

// makeSieve reads a run once; nil where there is no room for its sieve.
func (f *finder) makeSieve(c *conn, run uint64) (*sieve, error) {
	row, err := c.row("SELECT count(*) FROM "+f.table+" WHERE run = ?", position(run))
	if err != nil {
		return nil, err
	}
	room := int(asInt(row[0])) * blockEntries
	for _, other := range f.sieves {
		room += other.room
	}
	if room > maxSieves {
		return nil, nil
	}
	made := newSieve(int(asInt(row[0])) * blockEntries)
	f.sieves[run] = made
	return made, f.eachEntry(c, run, func(e keyed) error { made.add(e.key); return nil })
}
