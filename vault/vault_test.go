package vault

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"clew/domain"
)

// counted is a source of bytes that are no secret: golden texts need it.
type counted byte

func (c *counted) Read(p []byte) (int, error) {
	for i := range p {
		*c++
		p[i] = byte(*c)
	}
	return len(p), nil
}

func testOptions() Options {
	return Options{Log: "LOG1", Random: new(counted), Now: func() time.Time { return time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC) }}
}

func create(t testing.TB, o Options) *Vault {
	t.Helper()
	v, err := Create(filepath.Join(t.TempDir(), "log.keys"), o)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func must[T any](t testing.TB) func(T, error) T {
	return func(value T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return value
	}
}

var namePlace = Place{"C1", "victim.registered.v1 name"}

// What lies in a log is read for ever: the layout of a sealed text and of the
// keys file never changes, it gets a new number.
func TestTheSealedTextAndTheKeysFileAreAsTheyWereFirstWritten(t *testing.T) {
	v := create(t, testOptions())
	key := must[string](t)(v.Key("person/C1/victim V1"))
	sealed := must[domain.Personal](t)(v.Seal(key, namePlace, "A. Example"))
	if err := v.Join(OfName, "A. Example", sealed); err != nil {
		t.Fatal(err)
	}
	golden := filepath.Join("testdata", "golden.keys")
	file := must[[]byte](t)(os.ReadFile(v.Path()))
	want := must[[]byte](t)(os.ReadFile(golden))
	if got := string(file) + sealed.InText() + "\n"; got != string(want) {
		t.Fatalf("%s has\n%s, and this clew writes\n%s", golden, want, got)
	}
	text, keys, _ := strings.Cut(string(want), "clew/sealed:")
	copied := filepath.Join(t.TempDir(), "copy.keys")
	if err := os.WriteFile(copied, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	old := must[*Vault](t)(Open(copied, Options{Log: "LOG1"}))
	if clear := must[string](t)(old.Open(namePlace, domain.ParsePersonal("clew/sealed:"+strings.TrimSpace(keys)))); clear != "A. Example" {
		t.Fatalf("it reads %q", clear)
	}
}

func TestASealedTextOpensAtItsPlaceOnly(t *testing.T) {
	v := create(t, Options{Log: "LOG1"})
	key, other := must[string](t)(v.Key("person/C1/P1")), must[string](t)(v.Key("person/C1/P2"))
	rapid.Check(t, func(r *rapid.T) {
		text := rapid.String().Draw(r, "text")
		sealed := must[domain.Personal](t)(v.Seal(key, namePlace, text))
		if strings.Contains(string(sealed.Sealed), text) && len(text) > 3 {
			r.Fatalf("%q stands in clear in what was sealed", text)
		}
		if back := domain.ParsePersonal(sealed.InText()); back.Key != key || !bytes.Equal(back.Sealed, sealed.Sealed) {
			r.Fatalf("in a text field it reads as %+v", back)
		}
		if clear, err := v.Open(namePlace, sealed); err != nil || clear != text {
			r.Fatalf("%q opens as %q (%v)", text, clear, err)
		}
		for _, place := range []Place{{"C2", namePlace.Field}, {"C1", "victim.registered.v1 contact"}, {"", glued(namePlace)}} {
			if clear, err := v.Open(place, sealed); err == nil {
				r.Fatalf("it opens at %+v as %q", place, clear)
			}
		}
		if clear, err := v.Open(namePlace, domain.Personal{Sealed: sealed.Sealed, Key: other}); err == nil {
			r.Fatalf("it opens under another person's key as %q", clear)
		}
		at := rapid.IntRange(0, len(sealed.Sealed)-1).Draw(r, "at")
		flipped := bytes.Clone(sealed.Sealed)
		flipped[at] ^= 1 << rapid.IntRange(0, 7).Draw(r, "bit")
		if clear, err := v.Open(namePlace, domain.Personal{Sealed: flipped, Key: key}); err == nil {
			r.Fatalf("with byte %d changed it opens as %q", at, clear)
		}
	})
}

// glued writes case and field together as one: a place must not be a mere joining of
// texts.
func glued(p Place) string { return string(p.Case) + p.Field }

func TestNoTwoTextsShareANonce(t *testing.T) {
	v := create(t, Options{Log: "LOG1"})
	key := must[string](t)(v.Key("file/ab"))
	seen := map[string]bool{}
	for range 20_000 {
		sealed := must[domain.Personal](t)(v.Seal(key, namePlace, "the same text"))
		nonce := string(sealed.Sealed[1 : 1+nonceSize])
		if seen[nonce] {
			t.Fatal("a nonce came twice")
		}
		seen[nonce] = true
	}
}

func TestADestroyedKeyIsGoneFromTheFileAndSaysWhy(t *testing.T) {
	v := create(t, Options{Log: "LOG1"})
	key, stays := must[string](t)(v.Key("person/C1/P1")), must[string](t)(v.Key("person/C1/P2"))
	sealed, kept := must[domain.Personal](t)(v.Seal(key, namePlace, "Canary")), must[domain.Personal](t)(v.Seal(stays, namePlace, "Robin"))
	if err := v.Join(OfName, "Canary", sealed); err != nil {
		t.Fatal(err)
	}
	before := must[[]byte](t)(os.ReadFile(v.Path()))
	old := must[*os.File](t)(os.Open(v.Path()))
	defer old.Close()
	if err := v.Destroy(Gone{Basis: "LED art. 16(2)"}, key); err != nil {
		t.Fatal(err)
	}
	reopened := must[*Vault](t)(Open(v.Path(), Options{Log: "LOG1"}))
	for _, v := range []*Vault{v, reopened} {
		var gone *Destroyed
		if _, err := v.Open(namePlace, sealed); !errors.As(err, &gone) || gone.Basis != "LED art. 16(2)" || !strings.HasPrefix(err.Error(), "erased on 20") {
			t.Fatalf("it says %v", err)
		}
		if text := must[string](t)(v.Open(namePlace, kept)); text != "Robin" {
			t.Fatalf("another person's text reads %q", text)
		}
		if found := must[[]string](t)(v.Named("canary")); len(found) > 0 {
			t.Fatalf("the name is still found: %v", found)
		}
	}
	after := must[[]byte](t)(os.ReadFile(v.Path()))
	for line := range strings.Lines(string(before)) {
		if strings.Contains(line, " "+key+" ") && strings.Contains(string(after), strings.TrimSpace(line)) {
			t.Errorf("%s is still in the file", line)
		}
	}
	if left := must[[]byte](t)(io.ReadAll(old)); len(bytes.Trim(left, "\x00")) > 0 {
		t.Errorf("the old file was not written over: %q", left)
	}
	again := must[string](t)(v.Key("person/C1/P1"))
	if again == key {
		t.Error("what is recorded after an erasure must have a new key")
	}
	if err := v.Destroy(Gone{Basis: "another"}, key); err != nil {
		t.Fatal(err)
	}
	if _, gone, _ := v.Standing(key); gone.Basis != "LED art. 16(2)" {
		t.Errorf("the second destruction changed the reason to %q", gone.Basis)
	}
}

func TestTwoProcessesShareTheKeysFile(t *testing.T) {
	one := create(t, Options{Log: "LOG1"})
	two := must[*Vault](t)(Open(one.Path(), Options{Log: "LOG1"}))
	var wait sync.WaitGroup
	keys := make([]map[string]string, 2)
	for i, v := range []*Vault{one, two} {
		keys[i] = map[string]string{}
		wait.Go(func() {
			for n := range 40 {
				subject := "person/C1/P" + string(rune('A'+n))
				key, err := v.Key(subject)
				if err != nil {
					t.Error(err)
				}
				keys[i][subject] = key
			}
		})
	}
	wait.Wait()
	for subject, key := range keys[0] {
		if keys[1][subject] != key {
			t.Errorf("%s has the keys %s and %s", subject, key, keys[1][subject])
		}
	}
	sealed := must[domain.Personal](t)(one.Seal(must[string](t)(one.Key("person/C1/new")), namePlace, "x"))
	if text := must[string](t)(two.Open(namePlace, sealed)); text != "x" {
		t.Errorf("the other process reads %q", text)
	}
}

// A write that broke off leaves a line without an end: it stands for nothing,
// and the next key takes its place.
func TestAnUnfinishedLineStandsForNothing(t *testing.T) {
	v := create(t, Options{Log: "LOG1"})
	key := must[string](t)(v.Key("person/C1/P1"))
	whole := must[[]byte](t)(os.ReadFile(v.Path()))
	for cut := 1; cut < 60; cut++ {
		if err := os.WriteFile(v.Path(), append(bytes.Clone(whole), whole[len(whole)-cut-20:len(whole)-20]...), 0o600); err != nil {
			t.Fatal(err)
		}
		torn := must[*Vault](t)(Open(v.Path(), Options{Log: "LOG1"}))
		if again := must[string](t)(torn.Key("person/C1/P1")); again != key {
			t.Fatalf("the key became %s", again)
		}
		must[string](t)(torn.Key("person/C1/P2"))
		must[*Vault](t)(Open(v.Path(), Options{Log: "LOG1"}))
	}
}

func TestProtection(t *testing.T) {
	v := create(t, Options{Log: "LOG1"})
	key := must[string](t)(v.Key("person/C1/P1"))
	sealed := must[domain.Personal](t)(v.Seal(key, namePlace, "Robin"))
	file := bytes.Repeat([]byte{7}, 32)
	for _, by := range []Protection{{Passphrase: "four unrelated words"}, {KeyFile: file}, {}} {
		if err := v.Protect(by); err != nil {
			t.Fatal(err)
		}
		again := must[*Vault](t)(Open(v.Path(), Options{Log: "LOG1", Protection: by}))
		if text := must[string](t)(again.Open(namePlace, sealed)); text != "Robin" {
			t.Errorf("it reads %q", text)
		}
		if len(by.KeyFile) == 0 && by.Passphrase == "" {
			continue
		}
		for _, wrong := range []Protection{{}, {Passphrase: "another"}, {KeyFile: bytes.Repeat([]byte{8}, 32)}} {
			if _, err := Open(v.Path(), Options{Log: "LOG1", Protection: wrong}); domain.ClassOf(err) != domain.ClassDenied {
				t.Errorf("%+v opens what %+v protects: %v", wrong, by, err)
			}
		}
		if text := string(must[[]byte](t)(os.ReadFile(v.Path()))); strings.Contains(text, "master none") {
			t.Error("the master key stands in the file as it is")
		}
	}
	if err := v.Protect(Protection{KeyFile: []byte("short")}); domain.ClassOf(err) != domain.ClassUsage {
		t.Errorf("a short key file is %v", err)
	}
}

func TestAForeignOrDamagedFileIsRefused(t *testing.T) {
	v := create(t, Options{Log: "LOG1"})
	must[string](t)(v.Key("person/C1/P1"))
	whole := string(must[[]byte](t)(os.ReadFile(v.Path())))
	for what, text := range map[string]string{
		"another log":     strings.Replace(whole, "LOG1", "LOG2", 1),
		"a newer clew":    strings.Replace(whole, "keys 1", "keys 2", 1),
		"a newer line":    whole + "ward a b\n",
		"no file of ours": "hello\n",
		"empty":           "",
		"no master":       "clew keys 1 LOG1\n",
		"an odd master":   strings.Replace(whole, "master none", "master moon", 1),
	} {
		if err := os.WriteFile(v.Path(), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := Open(v.Path(), Options{Log: "LOG1"}); err == nil {
			t.Errorf("%s was opened", what)
		}
	}
	if _, err := Open(filepath.Join(t.TempDir(), "none"), Options{}); domain.ClassOf(err) != domain.ClassNotFound {
		t.Errorf("a file that is not there: %v", err)
	}
	if _, err := Create(v.Path(), Options{Log: "LOG1"}); domain.ClassOf(err) != domain.ClassConflict {
		t.Errorf("a keys file was written over: %v", err)
	}
}

func TestTheFileIsForItsOwnersEyesOnly(t *testing.T) {
	v := create(t, Options{Log: "LOG1"})
	key := must[string](t)(v.Key("person/C1/P1"))
	if err := v.Destroy(Gone{Basis: "x"}, key); err != nil {
		t.Fatal(err)
	}
	if mode := must[os.FileInfo](t)(os.Stat(v.Path())).Mode().Perm(); mode != 0o600 {
		t.Errorf("its rights are %o", mode)
	}
}

func TestKeysThatAreNotHere(t *testing.T) {
	why := errors.New("they are in the safe")
	v := Absent("log.keys", why)
	var unknown *UnknownKey
	if _, err := v.Open(namePlace, domain.Personal{Sealed: []byte{1}, Key: "k"}); !errors.As(err, &unknown) {
		t.Errorf("opening says %v", err)
	}
	_, keyErr := v.Key("person/C1/P1")
	_, fileErr := v.NewFile([32]byte{})
	_, markErr := v.Mark("x")
	for _, err := range []error{keyErr, fileErr, markErr, v.Destroy(Gone{}, "k")} {
		if !errors.Is(err, why) {
			t.Errorf("it says %v", err)
		}
	}
}

func sealFile(t testing.TB, v *Vault, plain []byte) (sum [32]byte, sealed []byte) {
	t.Helper()
	sum = sha256.Sum256(plain)
	file := must[*File](t)(v.NewFile(sum))
	sealed = must[[]byte](t)(io.ReadAll(file.Seal(bytes.NewReader(plain))))
	if err := v.Keep(file, sha256.Sum256(sealed)); err != nil {
		t.Fatal(err)
	}
	return sum, sealed
}

func openFile(v *Vault, sum [32]byte, sealed []byte) ([]byte, error) {
	in, err := v.OpenFile(sum, io.NopCloser(bytes.NewReader(sealed)))
	if err != nil {
		return nil, err
	}
	return io.ReadAll(in)
}

func TestAFileComesBackWhole(t *testing.T) {
	v := create(t, Options{Log: "LOG1"})
	for _, size := range []int{0, 1, pieceSize - 1, pieceSize, pieceSize + 1, 3 * pieceSize, 3*pieceSize + 77} {
		plain := bytes.Repeat([]byte("canary, "), size/8+1)[:size]
		sum, sealed := sealFile(t, v, plain)
		if back, err := openFile(v, sum, sealed); err != nil || !bytes.Equal(back, plain) {
			t.Fatalf("%d bytes come back as %d (%v)", size, len(back), err)
		}
		if bytes.Contains(sealed, []byte("canary")) {
			t.Error("it stands there in clear")
		}
		if stored, is, err := v.Stored(sum); err != nil || !is || stored != sha256.Sum256(sealed) {
			t.Errorf("it is stored as %x (%v, %v)", stored, is, err)
		}
	}
}

func TestAChangedFileDoesNotOpen(t *testing.T) {
	v := create(t, Options{Log: "LOG1"})
	plain := bytes.Repeat([]byte("0123456789abcdef"), 2*pieceSize/16+9)
	sum, sealed := sealFile(t, v, plain)
	head, piece := len(fileHeader), pieceSize+16
	swapped := bytes.Clone(sealed)
	copy(swapped[head:], sealed[head+piece:head+2*piece])
	copy(swapped[head+piece:], sealed[head:head+piece])
	for what, changed := range map[string][]byte{
		"two pieces change places": swapped,
		"the last piece is gone":   sealed[:head+2*piece],
		"a piece is left out":      append(bytes.Clone(sealed[:head]), sealed[head+piece:]...),
		"a piece stands twice":     append(bytes.Clone(sealed[:head+piece]), sealed[head:]...),
		"bytes follow":             append(bytes.Clone(sealed), 0),
		"cut short":                sealed[:len(sealed)-1],
		"empty":                    {},
	} {
		if back, err := openFile(v, sum, changed); err == nil {
			t.Errorf("%s: it opens, with %d bytes", what, len(back))
		}
	}
	rapid.Check(t, func(r *rapid.T) {
		at := rapid.IntRange(0, len(sealed)-1).Draw(r, "at")
		flipped := bytes.Clone(sealed)
		flipped[at] ^= 1 << rapid.IntRange(0, 7).Draw(r, "bit")
		if _, err := openFile(v, sum, flipped); err == nil {
			r.Fatalf("with byte %d changed it opens", at)
		}
	})
}

func TestAFileThatChangesUnderwayIsNotKept(t *testing.T) {
	v := create(t, Options{Log: "LOG1"})
	file := must[*File](t)(v.NewFile(sha256.Sum256([]byte("before"))))
	if _, err := io.ReadAll(file.Seal(strings.NewReader("after!"))); err == nil || !strings.Contains(err.Error(), "changed while it was read") {
		t.Errorf("it was sealed: %v", err)
	}
}

func TestAnErasedFileIsGone(t *testing.T) {
	v := create(t, Options{Log: "LOG1"})
	sum, sealed := sealFile(t, v, []byte("canary"))
	if err := v.Destroy(Gone{Basis: "order 7"}, v.Has(FileSubject(sum))); err != nil {
		t.Fatal(err)
	}
	var gone *Destroyed
	if _, err := openFile(v, sum, sealed); !errors.As(err, &gone) {
		t.Errorf("it says %v", err)
	}
	if _, _, err := v.Stored(sum); !errors.As(err, &gone) {
		t.Errorf("it says %v", err)
	}
	if text := string(must[[]byte](t)(os.ReadFile(v.Path()))); strings.Contains(text, hex.EncodeToString(sealed[:4])) {
		t.Error("the keys file still names the stored bytes")
	}
}

func BenchmarkSealNote(b *testing.B) {
	v := create(b, Options{Log: "LOG1"})
	key := must[string](b)(v.Key("file/ab"))
	for b.Loop() {
		if _, err := v.Seal(key, namePlace, "Rent for March, flat 4, with thanks and greetings"); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkSealFile(b *testing.B) {
	v := create(b, Options{Log: "LOG1"})
	plain := make([]byte, 16<<20)
	file := must[*File](b)(v.NewFile(sha256.Sum256(plain)))
	b.SetBytes(int64(len(plain)))
	for b.Loop() {
		if _, err := io.Copy(io.Discard, file.Seal(bytes.NewReader(plain))); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkOpenFile(b *testing.B) {
	v := create(b, Options{Log: "LOG1"})
	plain := make([]byte, 16<<20)
	sum, sealed := sealFile(b, v, plain)
	b.SetBytes(int64(len(plain)))
	for b.Loop() {
		in := must[io.ReadCloser](b)(v.OpenFile(sum, io.NopCloser(bytes.NewReader(sealed))))
		if _, err := io.Copy(io.Discard, in); err != nil {
			b.Fatal(err)
		}
	}
}
