package seal

import (
	"clew/testdata/torture"

	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

// mutations is how many changed proofs and checkpoints are tried: 20,000, or
// what CLEW_MUTATIONS says. CLEW_SEED repeats a run.
func mutations(t *testing.T) (int, *rand.Rand) {
	t.Helper()
	return torture.Often(t, "CLEW_MUTATIONS", 20_000), torture.Chance(t, torture.NewSeed())
}

// sample is what is mutated: proofs and checkpoints of one log, its keys, and
// the records as they are.
type sample struct {
	log     *memory
	ring    Keyring
	witness PublicKey
	proofs  []Proof
	cosigns []byte
}

func newSample(t *testing.T) *sample {
	t.Helper()
	key, witness := newKey(t, Log, testOrigin), newKey(t, Witness, "court.example/desk")
	s := &sample{log: logOf(257), ring: Keyring{{Key: key.Public()}}, witness: witness.Public()}
	for _, size := range []int{1, 2, 3, 64, 100, 255, 256, 257} {
		c := s.log.signed(t, key, size)
		cosigned, err := c.Cosign(witness, time.Unix(1_700_000_000, 0))
		must(t, err)
		s.cosigns = cosigned
		for _, index := range []int{0, size / 2, size - 1} {
			path, err := Prove(c.Size, uint64(index), s.log)
			must(t, err)
			s.proofs = append(s.proofs, Proof{uint64(index), s.log.records[index], path, cosigned})
		}
	}
	return s
}

// mutated changes a text: a bit, a byte, a piece lost, doubled or taken from
// another text.
func mutated(r *rand.Rand, text, other []byte) []byte {
	text = slices.Clone(text)
	at := r.IntN(len(text))
	to := min(len(text), at+1+r.IntN(60))
	switch r.IntN(6) {
	case 0:
		text[at] ^= 1 << r.IntN(8)
	case 1:
		text[at] = byte(r.IntN(256))
	case 2:
		return slices.Delete(text, at, to)
	case 3:
		return slices.Insert(text, at, text[at:to]...)
	case 4:
		copy(text[at:to], other[min(at, len(other)):])
	case 5:
		text[at], text[to-1] = text[to-1], text[at]
	}
	return text
}

// No change of a proof makes another record, or another place of a record,
// believed: what is still accepted says what the log says.
func TestNoMutatedProofIsBelieved(t *testing.T) {
	n, r := mutations(t)
	s, accepted := newSample(t), 0
	for i := range n {
		text := []byte(s.proofs[r.IntN(len(s.proofs))].Text())
		changed := mutated(r, text, []byte(s.proofs[r.IntN(len(s.proofs))].Text()))
		if p, err := ParseProof(string(changed)); err == nil {
			c, err := p.Check(s.ring, s.witness)
			if err != nil {
				continue
			}
			accepted++
			s.mustBeTrue(t, c, fmt.Sprintf("mutation %d", i))
			if !bytes.Equal(p.Record, s.log.records[p.Index]) {
				t.Fatalf("mutation %d: position %d is believed to hold %q", i, p.Index+1, p.Record)
			}
		}
	}
	t.Logf("%d mutations; %d were accepted and still said the truth", n, accepted)
}

// mustBeTrue fails where a head was believed that the log never had.
func (s *sample) mustBeTrue(t *testing.T, c Checkpoint, what string) {
	t.Helper()
	if c.Head != s.log.head(t, int(c.Size)) {
		t.Fatalf("%s: the head %s is believed, and the log never had it", what, c.Head)
	}
	for _, w := range c.Witness {
		if w.At.Unix() != 1_700_000_000 {
			t.Fatalf("%s: the witness is believed to have signed at %s", what, w.At)
		}
	}
}

// No change of a path, an index or a size in memory passes either: the text's
// own strictness is not what protects.
func TestNoMutatedPathIsBelieved(t *testing.T) {
	n, r := mutations(t)
	s := newSample(t)
	for i := range n {
		p := s.proofs[r.IntN(len(s.proofs))]
		c, err := Open(p.Signed, s.ring)
		must(t, err)
		p.Path = slices.Clone(p.Path)
		switch r.IntN(5) {
		case 0:
			p.Index = uint64(r.IntN(260))
		case 1:
			c.Size = uint64(r.IntN(260))
		case 2:
			p.Record = []byte(fmt.Sprintf("record %d", r.IntN(260)))
		case 3:
			if len(p.Path) > 0 {
				p.Path[r.IntN(len(p.Path))][r.IntN(32)] ^= 1 << r.IntN(8)
			}
		case 4:
			at := r.IntN(len(p.Path) + 1)
			p.Path = slices.Insert(p.Path, at, s.log.nodes[r.IntN(len(s.log.nodes))])
		}
		if CheckPath(c.Head, p.Index, p.Record, p.Path) != nil {
			continue
		}
		if !bytes.Equal(p.Record, s.log.records[p.Index]) {
			t.Fatalf("mutation %d: position %d is believed to hold %q under head %s", i, p.Index+1, p.Record, c.Head)
		}
	}
}

func TestNoMutatedConsistencyIsBelieved(t *testing.T) {
	n, r := mutations(t)
	s := newSample(t)
	for i := range n {
		size := 2 + r.IntN(256)
		before := 1 + r.IntN(size-1)
		head, earlier := s.log.head(t, size), s.log.head(t, before)
		_, path, err := Consistent(head, earlier.Size, s.log)
		must(t, err)
		switch r.IntN(4) {
		case 0:
			earlier.Root[r.IntN(32)] ^= 1 << r.IntN(8)
		case 1:
			earlier.Size = uint64(1 + r.IntN(260))
		case 2:
			head.Size = uint64(1 + r.IntN(260))
		case 3:
			path[r.IntN(len(path))][r.IntN(32)] ^= 1 << r.IntN(8)
		}
		if CheckConsistent(head, earlier, path) == nil && earlier != s.log.head(t, int(earlier.Size)) {
			t.Fatalf("mutation %d: head %s is believed to lie within head %s", i, earlier, head)
		}
	}
}

func TestNoMutatedCheckpointIsBelieved(t *testing.T) {
	n, r := mutations(t)
	s, accepted := newSample(t), 0
	for i := range n {
		other := s.proofs[r.IntN(len(s.proofs))].Signed
		c, err := Open(mutated(r, s.cosigns, other), s.ring, s.witness)
		if err == nil {
			accepted++
			s.mustBeTrue(t, c, fmt.Sprintf("mutation %d", i))
		}
	}
	t.Logf("%d mutations; %d were accepted and still said the truth", n, accepted)
}

func FuzzOpen(f *testing.F) {
	key, witness := keyOf(Log, testOrigin, make([]byte, 32)), keyOf(Witness, "court.example/desk", make([]byte, 32))
	head := Head{testOrigin, 0, emptyRoot}
	text, err := head.Sign(key)
	must(f, err)
	ring := Keyring{{Key: key.Public()}}
	c, err := Open(text, ring)
	must(f, err)
	cosigned, err := c.Cosign(witness, time.Unix(1, 0))
	must(f, err)
	f.Add(text)
	f.Add(cosigned)
	f.Add([]byte(head.Text()))
	f.Fuzz(func(t *testing.T, signed []byte) {
		c, err := Open(signed, ring, witness.Public())
		if err == nil && (c.Head != head || len(c.Witness) > 0 && c.Witness[0].At.Unix() != 1) {
			t.Fatalf("the head %v with %v is believed", c.Head, c.Witness)
		}
	})
}

func FuzzParseProof(f *testing.F) {
	f.Add(Proof{Index: 3, Record: []byte("r"), Path: []Hash{emptyRoot}, Signed: []byte("a\n1\nb\n\n— c d\n")}.Text())
	f.Add(Proof{}.Text())
	f.Fuzz(func(t *testing.T, text string) {
		p, err := ParseProof(text)
		if err == nil && p.Text() != text {
			t.Fatalf("it is read as %q", p.Text())
		}
	})
}

func FuzzParseKey(f *testing.F) {
	for _, role := range []Role{Log, Witness} {
		key := keyOf(role, "a/b", make([]byte, 32))
		f.Add(key.Secret())
		f.Add(key.Public().String())
	}
	f.Fuzz(func(t *testing.T, text string) {
		if k, err := ParseKey(text); err == nil && k.Secret() != text {
			t.Fatalf("it is read as the secret of %s", k.Public())
		}
		if p, err := ParsePublicKey(text); err == nil && p.String() != text {
			t.Fatalf("it is read as %s", p)
		}
	})
}

func FuzzParseAdoption(f *testing.F) {
	key := keyOf(Log, testOrigin, make([]byte, 32))
	text, err := Adopt(key, 3, nil)
	must(f, err)
	f.Add(text)
	f.Fuzz(func(t *testing.T, signed []byte) {
		a, err := ParseAdoption(signed)
		if err == nil && a.Key == key.Public() && a.From != 3 {
			t.Fatalf("a change of %q is believed", signed)
		}
	})
}
