package vault

import (
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"clew/domain"
)

func newReads(t *testing.T) (*Reads, string) {
	t.Helper()
	v := create(t, Options{Log: "LOG1"})
	path := filepath.Join(filepath.Dir(v.Path()), "log.reads")
	return NewReads(path, v), path
}

func look(by, why string) Read {
	return Read{At: time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC), By: by, Does: Consulted, Case: "C1", What: "clew trace", Why: domain.Personal{Clear: why}}
}

func all(t *testing.T, r *Reads) (list []Read, head string) {
	t.Helper()
	head, err := r.Each(func(read Read) error { list = append(list, read); return nil })
	if err != nil {
		t.Fatal(err)
	}
	return list, head
}

func TestReadsAreKeptInOrderWithTheirPurpose(t *testing.T) {
	r, path := newReads(t)
	if list, head := all(t, r); len(list) > 0 || head != "" {
		t.Errorf("before the first read: %v, %s", list, head)
	}
	var wait sync.WaitGroup
	for range 20 {
		wait.Go(func() {
			if err := r.Note(look("ina", "the canary's file")); err != nil {
				t.Error(err)
			}
		})
	}
	wait.Wait()
	list, head := all(t, r)
	if len(list) != 20 || list[19].Number != 20 || list[7].Why.Clear != "the canary's file" || len(head) != 64 {
		t.Errorf("%d reads, head %s, %+v", len(list), head, list)
	}
	if text := string(must[[]byte](t)(os.ReadFile(path))); strings.Contains(text, "canary") {
		t.Error("the purpose stands in clear")
	}
}

func TestAChangedLogOfReadsIsNoticed(t *testing.T) {
	r, path := newReads(t)
	for _, by := range []string{"ina", "ivo", "ida"} {
		if err := r.Note(look(by, "")); err != nil {
			t.Fatal(err)
		}
	}
	whole := string(must[[]byte](t)(os.ReadFile(path)))
	lines := strings.SplitAfter(whole, "\n")
	for what, text := range map[string]string{
		"a changed entry": strings.Replace(whole, "ina", "eva", 1), "one taken out": lines[0] + lines[2], "one twice": lines[0] + whole,
		"two change places": lines[1] + lines[0] + lines[2], "the first gone": lines[1] + lines[2],
	} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := r.Each(func(Read) error { return nil }); err == nil {
			t.Errorf("%s was not noticed", what)
		}
	}
}

// A line that was not finished was never answered for: the next one takes its
// place.
func TestAnUnfinishedReadIsWrittenOver(t *testing.T) {
	r, path := newReads(t)
	for range 2 {
		if err := r.Note(look("ina", "")); err != nil {
			t.Fatal(err)
		}
	}
	whole := must[[]byte](t)(os.ReadFile(path))
	if err := os.WriteFile(path, whole[:len(whole)-9], 0o600); err != nil {
		t.Fatal(err)
	}
	if err := r.Note(look("ivo", "")); err != nil {
		t.Fatal(err)
	}
	if list, _ := all(t, r); len(list) != 2 || list[1].By != "ivo" {
		t.Errorf("%+v", list)
	}
}

func TestAReadWithoutKeysKeepsNoPurposeInClear(t *testing.T) {
	path := filepath.Join(t.TempDir(), "log.reads")
	r := NewReads(path, Absent("away", os.ErrNotExist))
	if err := r.Note(look("ina", "the canary's file")); err != nil {
		t.Fatal(err)
	}
	if list, _ := all(t, r); !strings.HasPrefix(list[0].Why.Clear, "given, but not kept") {
		t.Errorf("%+v", list)
	}
}

func TestAPurposeIsASentence(t *testing.T) {
	r, _ := newReads(t)
	if err := r.Note(look("ina", strings.Repeat("x", maxRead))); err == nil {
		t.Error("a purpose of 64 KiB was taken")
	}
}

// FuzzKeysFile: whatever lies in the keys file is read as keys or refused; what
// is read is written as the same lines again.
func FuzzKeysFile(f *testing.F) {
	f.Add("key 4142434445464748494a person%2FC1%2Fvictim+V1 2026-11-22T09:00:00Z AUtM\njoin 4142434445464748494a Uv1B\n")
	f.Add("gone ab person%2FC1%2FP1 2026-11-22T09:00:00Z 2026-11-23T09:00:00Z LED+art.+16\n")
	f.Add("key ab file%2Fcd 2026-11-22T09:00:00Z AUtM\nfile ab 00\n")
	f.Fuzz(func(t *testing.T, text string) {
		first := &Vault{keys: map[string]*entry{}}
		if err := first.take(append([]string{"", ""}, strings.Split(strings.TrimSuffix(text, "\n"), "\n")...)); err != nil {
			return
		}
		for id, e := range first.keys {
			again := &Vault{keys: map[string]*entry{}}
			if err := again.take(append([]string{"", ""}, strings.Split(strings.TrimSuffix(e.lines(), "\n"), "\n")...)); err != nil || again.keys[id] == nil || again.keys[id].lines() != e.lines() {
				t.Fatalf("%q is written as %q (%v)", text, e.lines(), err)
			}
		}
	})
}
