package storetest

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"testing/iotest"

	"clew/eventstore"
)

func evidence() []Guarantee {
	return []Guarantee{
		{"evidence of any size comes back byte for byte", evidenceRoundTrip},
		{"evidence that is known is kept once", evidenceOnce},
		{"evidence is not there before all of it is", evidenceWhole},
		{"evidence that was changed is not handed out", evidenceChanged},
	}
}

// file makes bytes that do not repeat themselves, the same for the same seed.
func file(size int, seed uint64) []byte {
	made := make([]byte, size)
	random := rand.NewChaCha8([32]byte{byte(seed)})
	random.Read(made)
	return made
}

// wanted sizes lie around the chunks that a store may cut a file into.
func sizes() []int { return []int{0, 1, 1000, 256<<10 - 1, 256 << 10, 256<<10 + 1, 5<<20 + 3} }

func evidenceRoundTrip(t T, h Harness) {
	s := h.open(t)
	for i, size := range sizes() {
		want := file(size, uint64(i))
		e, err := s.PutEvidence(context.Background(), iotest.HalfReader(bytes.NewReader(want)))
		if err != nil || e.Size != int64(size) || e.SHA256 != sha256.Sum256(want) {
			t.Fatalf("%d bytes were kept as %+v: %v", size, e, err)
		}
	}
	s = h.again(t, s)
	for i, size := range sizes() {
		want := file(size, uint64(i))
		if got, err := whole(s, sha256.Sum256(want)); err != nil || !bytes.Equal(got, want) {
			t.Errorf("%d bytes came back as %d: %v", size, len(got), err)
		}
	}
	if _, err := whole(s, [32]byte{1}); !errors.Is(err, eventstore.ErrNotFound) {
		t.Errorf("a file that nobody filed: %v", err)
	}
}

func whole(s eventstore.Store, sum [32]byte) ([]byte, error) {
	r, e, err := s.OpenEvidence(context.Background(), sum)
	if err != nil {
		return nil, err
	}
	got, err := io.ReadAll(r)
	if err == nil && (e.SHA256 != sum || e.Size != int64(len(got))) {
		err = fmt.Errorf("%d bytes are said to be %+v", len(got), e)
	}
	return got, errors.Join(err, r.Close())
}

func evidenceOnce(t T, h Harness) {
	s, want := h.open(t), file(1<<20, 1)
	for range 2 {
		together(t, 4, func(int) error {
			e, err := s.PutEvidence(context.Background(), bytes.NewReader(want))
			if err == nil && e != (eventstore.Evidence{SHA256: sha256.Sum256(want), Size: 1 << 20}) {
				err = fmt.Errorf("it was kept as %+v", e)
			}
			return err
		})
		s = h.again(t, s)
	}
	if got, err := whole(s, sha256.Sum256(want)); err != nil || !bytes.Equal(got, want) {
		t.Errorf("it came back as %d bytes: %v", len(got), err)
	}
}

func evidenceWhole(t T, h Harness) {
	s, want := h.open(t), file(6<<20, 2)
	broken := errors.New("the cable was pulled")
	if _, err := s.PutEvidence(context.Background(), io.MultiReader(bytes.NewReader(want[:5<<20]), iotest.ErrReader(broken))); !errors.Is(err, broken) {
		t.Errorf("a file that broke off: %v", err)
	}
	ctx, end := context.WithCancel(context.Background())
	more := 1000 // for a store that does not notice
	half := io.MultiReader(bytes.NewReader(want[:5<<20]), readerFunc(func([]byte) (int, error) {
		end()
		if more--; more == 0 {
			return 0, io.EOF
		}
		return 1, nil
	}))
	if _, err := s.PutEvidence(ctx, half); !errors.Is(err, context.Canceled) {
		t.Errorf("a caller that ended: %v", err)
	}
	for _, part := range [][]byte{want, want[:5<<20], nil} {
		if _, err := whole(s, sha256.Sum256(part)); !errors.Is(err, eventstore.ErrNotFound) {
			t.Errorf("%d bytes of it can be opened: %v", len(part), err)
		}
	}
	if _, err := s.PutEvidence(context.Background(), bytes.NewReader(want)); err != nil {
		t.Errorf("the whole file after that: %v", err)
	}
	if got, err := whole(s, sha256.Sum256(want)); err != nil || !bytes.Equal(got, want) {
		t.Errorf("it came back as %d bytes: %v", len(got), err)
	}
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

func evidenceChanged(t T, h Harness) {
	s, want := h.open(t), file(1<<20, 3)
	e, err := s.PutEvidence(context.Background(), bytes.NewReader(want))
	if err != nil {
		t.Fatalf("%v", err)
	}
	if err := errors.Join(s.Close(), h.ChangeEvidence(e.SHA256)); err != nil {
		t.Fatalf("%v", err)
	}
	got, err := whole(h.open(t), e.SHA256)
	if !errors.Is(err, eventstore.ErrDamaged) {
		t.Errorf("a changed file was handed out: %v", err)
	}
	if !bytes.HasPrefix(want, got) {
		t.Errorf("%d bytes were handed out, and some of them are changed", len(got))
	}
}
