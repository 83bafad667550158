package seal

import (
	"crypto/rand"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/transparency-dev/merkle/proof"
	"github.com/transparency-dev/merkle/rfc6962"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// memory is a log in memory: its records, and every node of its tree.
type memory struct {
	records [][]byte
	nodes   []Hash
	tree    Tree
}

func logOf(n int) *memory {
	m := &memory{}
	for i := range n {
		m.add([]byte(fmt.Sprintf("record %d", i+1)))
	}
	return m
}

func (m *memory) add(record []byte) {
	m.records = append(m.records, record)
	m.nodes = append(m.nodes, m.tree.Add(tlog.RecordHash(record))...)
}

func (m *memory) ReadHashes(indexes []int64) ([]Hash, error) {
	var list []Hash
	for _, i := range indexes {
		if i >= int64(len(m.nodes)) {
			return nil, fmt.Errorf("the tree has %d nodes, and no number %d", len(m.nodes), i)
		}
		list = append(list, m.nodes[i])
	}
	return list, nil
}

func (m *memory) head(t testing.TB, size int) Head {
	root, err := RootOf(uint64(size), m)
	must(t, err)
	return Head{testOrigin, uint64(size), root}
}

const testOrigin = "clew/TESTLOG"

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func newKey(t testing.TB, role Role, name string) Key {
	t.Helper()
	key, err := NewKey(role, name, rand.Reader)
	must(t, err)
	return key
}

// signed makes and opens a checkpoint.
func (m *memory) signed(t testing.TB, key Key, size int) Checkpoint {
	t.Helper()
	text, err := m.head(t, size).Sign(key)
	must(t, err)
	c, err := Open(text, Keyring{{Key: key.Public()}})
	must(t, err)
	return c
}

// The tree that grows is the one that tlog and transparency-dev know, at
// every size.
func TestTheTreeIsRFC6962s(t *testing.T) {
	m := &memory{}
	if m.tree.Root() != Hash(rfc6962.DefaultHasher.EmptyRoot()) {
		t.Error("the empty tree has another root than RFC 6962's")
	}
	stored := []Hash{}
	reader := tlog.HashReaderFunc(func(at []int64) (list []Hash, err error) {
		for _, i := range at {
			list = append(list, stored[i])
		}
		return list, nil
	})
	for n := range 600 {
		record := []byte(fmt.Sprint("r", n))
		hashes, err := tlog.StoredHashes(int64(n), record, reader)
		must(t, err)
		stored = append(stored, hashes...)
		m.add(record)
		if got, want := m.nodes, stored; len(got) != len(want) || got[len(got)-1] != want[len(want)-1] {
			t.Fatalf("record %d completes other nodes than tlog says", n+1)
		}
		want, err := tlog.TreeHash(int64(n+1), reader)
		must(t, err)
		if m.tree.Root() != want {
			t.Fatalf("the root over %d records is %s, and tlog says %s", n+1, m.tree.Root(), want)
		}
	}
}

func bytesOf(path []Hash) [][]byte {
	var list [][]byte
	for _, h := range path {
		list = append(list, h[:])
	}
	return list
}

// Every proof that is made here convinces another implementation as well.
func TestASecondOpinionOnEveryProof(t *testing.T) {
	m := logOf(130)
	for size := 1; size <= 130; size++ {
		head := m.head(t, size)
		for index := range size {
			path, err := Prove(head.Size, uint64(index), m)
			must(t, err)
			must(t, CheckPath(head, uint64(index), m.records[index], path))
			leaf := rfc6962.DefaultHasher.HashLeaf(m.records[index])
			if err := proof.VerifyInclusion(rfc6962.DefaultHasher, uint64(index), head.Size, leaf, bytesOf(path), head.Root[:]); err != nil {
				t.Fatalf("record %d of %d: transparency-dev/merkle says: %v", index+1, size, err)
			}
		}
		for before := 1; before < size; before++ {
			there, path, err := Consistent(head, uint64(before), m)
			must(t, err)
			earlier := m.head(t, before)
			if there != earlier.Root {
				t.Fatalf("the first %d of %d have root %s, and it was %s", before, size, there, earlier.Root)
			}
			if err := proof.VerifyConsistency(rfc6962.DefaultHasher, earlier.Size, head.Size, bytesOf(path), earlier.Root[:], head.Root[:]); err != nil {
				t.Fatalf("%d in %d: transparency-dev/merkle says: %v", before, size, err)
			}
		}
	}
}

// The keys are those of C2SP's signed-note, and package note reads them.
func TestPackageNoteReadsTheKeys(t *testing.T) {
	key := newKey(t, Log, testOrigin)
	theirs, err := note.NewVerifier(key.Public().String())
	must(t, err)
	text, err := logOf(3).head(t, 3).Sign(key)
	must(t, err)
	opened, err := note.Open(text, note.VerifierList(theirs))
	must(t, err)
	if len(opened.Sigs) != 1 || opened.Sigs[0].Hash != key.Public().KeyHash() {
		t.Errorf("package note sees the signatures %v", opened.Sigs)
	}
	signs, err := note.NewSigner(key.Secret())
	must(t, err)
	again, err := note.Sign(&note.Note{Text: opened.Text}, signs)
	must(t, err)
	if string(again) != string(text) {
		t.Errorf("package note signs otherwise:\n%s\n%s", again, text)
	}
	for _, role := range []Role{Log, Witness} {
		key := newKey(t, role, "w.example.org/1")
		back, err := ParseKey(key.Secret())
		must(t, err)
		public, err := ParsePublicKey(key.Public().String())
		must(t, err)
		if back.Public() != key.Public() || public != key.Public() {
			t.Errorf("a key of role %d is read back as another", role)
		}
	}
}

// The example of C2SP's tlog-cosignature is signed by keys that it does not
// give; its form, the names and the time can be read all the same.
func TestTheExampleOfTheSpecificationReads(t *testing.T) {
	const signed = "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n" +
		"— example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n" +
		"— witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==\n"
	must(t, strict([]byte(signed)))
	text, signatures, _ := strings.Cut(signed, "\n\n")
	head, err := ParseHead(text + "\n")
	must(t, err)
	if head.Size != 20852163 {
		t.Errorf("the size is %d", head.Size)
	}
	at, err := timeOf(strings.Fields(signatures)[5])
	must(t, err)
	if at.Unix() != 1679315147 {
		t.Errorf("the witness signed at %d, and the specification says 1679315147", at.Unix())
	}
	if _, err := Open([]byte(signed), Keyring{{Key: newKey(t, Log, "example.com/behind-the-sofa").Public()}}); err == nil {
		t.Error("a checkpoint that no known key has signed was believed")
	}
}

func TestACosignatureBearsItsTimeAndCountsOnlyForItsWitness(t *testing.T) {
	m, key, witness := logOf(5), newKey(t, Log, testOrigin), newKey(t, Witness, "court.example/desk")
	at := time.Date(2024, 3, 1, 9, 0, 0, 0, time.UTC)
	cosigned, err := m.signed(t, key, 5).Cosign(witness, at)
	must(t, err)
	ring := Keyring{{Key: key.Public()}}
	c, err := Open(cosigned, ring, witness.Public())
	must(t, err)
	if len(c.Witness) != 1 || !c.Witness[0].At.Equal(at) || c.Witness[0].Witness != witness.Public() {
		t.Errorf("the cosignatures are %v", c.Witness)
	}
	stranger := newKey(t, Witness, "court.example/desk")
	c, err = Open(cosigned, ring, stranger.Public())
	must(t, err)
	if len(c.Witness) != 0 {
		t.Error("a witness who has not signed is taken for one who has")
	}
	if _, err := m.signed(t, key, 5).Cosign(newKey(t, Log, "x"), at); err == nil {
		t.Error("a log's key has cosigned")
	}
	if _, err := m.head(t, 5).Sign(newKey(t, Witness, testOrigin)); err == nil {
		t.Error("a witness's key has signed a checkpoint")
	}
}

func TestSignaturesOfOneHeadAreMerged(t *testing.T) {
	m, key := logOf(5), newKey(t, Log, testOrigin)
	ring, bare := Keyring{{Key: key.Public()}}, m.signed(t, key, 5)
	one, other := newKey(t, Witness, "w/1"), newKey(t, Witness, "w/2")
	keys := []PublicKey{one.Public(), other.Public()}
	open := func(text []byte, err error) Checkpoint {
		t.Helper()
		must(t, err)
		c, err := Open(text, ring, keys...)
		must(t, err)
		return c
	}
	early, late := time.Unix(1000, 0), time.Unix(2000, 0)
	first := open(bare.Cosign(one, late))
	second := open(open(bare.Cosign(one, early)).Cosign(other, early))
	for _, merged := range []Checkpoint{open(Merge(first, second)), open(Merge(second, first))} {
		if len(merged.Witness) != 2 || !merged.Witness[1].At.Equal(late) || merged.Witness[1].Witness != one.Public() {
			t.Errorf("the merged cosignatures are %v", merged.Witness)
		}
	}
	if _, err := Merge(bare, m.signed(t, key, 4)); err == nil {
		t.Error("signatures of two heads were merged")
	}
}

func TestAReplacedKeySignsNoNewHeads(t *testing.T) {
	m, old, young := logOf(9), newKey(t, Log, testOrigin), newKey(t, Log, testOrigin)
	adoption := func(key Key, from uint64, before *Key) Adoption {
		t.Helper()
		text, err := Adopt(key, from, before)
		must(t, err)
		a, err := ParseAdoption(text)
		must(t, err)
		return a
	}
	all := []Adoption{adoption(old, 0, nil), adoption(young, 5, &old)}
	ring, err := NewKeyring(old.Public(), all)
	must(t, err)
	if ring.Current() != young.Public() {
		t.Error("the new key is not the current one")
	}
	for _, c := range []struct {
		key   Key
		size  int
		works bool
	}{{old, 4, true}, {old, 5, true}, {old, 6, false}, {young, 6, true}, {young, 5, true}} {
		text, err := m.head(t, c.size).Sign(c.key)
		must(t, err)
		if _, err := Open(text, ring); (err == nil) != c.works {
			t.Errorf("a head of %d by key %08x: %v", c.size, c.key.Public().KeyHash(), err)
		}
	}
	if ring, err := NewKeyring(young.Public(), all); err != nil || len(ring) != 1 {
		t.Errorf("who trusts the second key needs the first: %v, %v", ring, err)
	}
	thief := newKey(t, Log, testOrigin)
	if _, err := NewKeyring(old.Public(), []Adoption{all[0], adoption(thief, 5, nil)}); err == nil {
		t.Error("a key that the one before has not signed was adopted")
	}
	if _, err := NewKeyring(thief.Public(), all); err == nil {
		t.Error("a key that the log never adopted was trusted")
	}
}

// shownTree is the tree as its tiles give it.
func (m *memory) shownTree(t *testing.T, h Head) Reader {
	t.Helper()
	files := map[string][]byte{}
	for _, tile := range Tiles(0, h.Size) {
		bytes, err := tile.Bytes(m)
		must(t, err)
		files[tile.Path()] = bytes
	}
	return TreeOf(h, func(path string) ([]byte, error) {
		bytes, ok := files[path]
		if !ok {
			return nil, fmt.Errorf("there is no tile %s", path)
		}
		return bytes, nil
	})
}

func TestAWitnessRefusesForksAndRollbacksWithTheProof(t *testing.T) {
	m, key := logOf(700), newKey(t, Log, testOrigin)
	held := m.signed(t, key, 300)
	must(t, Follows(held, m.signed(t, key, 700), m.shownTree(t, m.head(t, 700))))
	must(t, Follows(held, held, m))

	var back *Rollback
	if err := Follows(held, m.signed(t, key, 299), m); !asError(err, &back) || !strings.Contains(back.Evidence(), "299\n") {
		t.Errorf("a rolled back log: %v", err)
	}
	other := logOf(0)
	for i, record := range m.records {
		if i == 123 {
			record = []byte("rewritten")
		}
		other.add(record)
	}
	for _, size := range []int{300, 301, 700} {
		shown := other.signed(t, key, size)
		var fork *Fork
		if err := Follows(held, shown, other.shownTree(t, shown.Head)); !asError(err, &fork) {
			t.Errorf("a forked log of %d: %v", size, err)
			continue
		}
		if size > 300 {
			must(t, CheckConsistent(shown.Head, Head{testOrigin, 300, fork.There}, fork.Path))
		}
		if fork.There == held.Root || !strings.Contains(fork.Evidence(), held.Root.String()) {
			t.Errorf("the proof of the fork shows nothing:\n%s", fork.Evidence())
		}
	}
	index, differs, err := FirstDifference(700, m, other)
	if err != nil || !differs || index != 123 {
		t.Errorf("the first difference is at leaf %d (%v, %v), not 123", index, differs, err)
	}
	if _, differs, err = FirstDifference(123, m, other); differs || err != nil {
		t.Errorf("the first 123 leaves differ: %v", err)
	}
}

func asError[E error](err error, to *E) bool {
	found, ok := err.(E)
	*to = found
	return ok
}

// A tile that was changed is an error, never another tree.
func TestALyingTileIsNoticed(t *testing.T) {
	m := logOf(700)
	h := m.head(t, 700)
	lying := TreeOf(h, func(path string) ([]byte, error) {
		for _, tile := range Tiles(0, 700) {
			if tile.Path() == path {
				bytes, err := tile.Bytes(m)
				if path == "tile/0/001" {
					bytes[77] ^= 1
				}
				return bytes, err
			}
		}
		return nil, fmt.Errorf("there is no tile %s", path)
	})
	if _, _, err := Consistent(h, 300, lying); err == nil {
		t.Error("a changed tile was believed")
	}
}
