package main

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"hash/crc32"
	"io"
	"maps"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// The kept bundle was written once and must verify for ever: with it the
// format is frozen.
func kept(t testing.TB) []byte {
	t.Helper()
	content, err := os.ReadFile("testdata/bundle.zip")
	if err != nil {
		t.Fatal(err)
	}
	return content
}

func askedFor(t testing.TB, args ...string) *asked {
	t.Helper()
	ask, err := read(append(args, "x"), io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	return ask
}

func verify(content []byte, ask *asked) error {
	return check(bytes.NewReader(content), ask, &report{out: io.Discard})
}

func TestTheKeptBundleVerifies(t *testing.T) {
	for name, c := range map[string]struct {
		args []string
		code int
		says string
	}{
		"alone":              {nil, verified, "VERIFIED WITH ITSELF ALONE"},
		"with the log's key": {[]string{"--key", "testdata/log.pub"}, verified, "which the log with the key you gave has signed"},
		"with its later key": {[]string{"--key", "testdata/log2.pub"}, verified, "which the log with the key you gave has signed"},
		"with a witness":     {[]string{"--key", "testdata/log.pub", "--witness", "testdata/court.pub"}, verified, "held by court.example/desk-4 on 20"},
		"with another key":   {[]string{"--key", "other/log+4a8b1c44+AWqYm2uxNVwNzuwwWvvY0zlUHQcj5mmTNNDNEFwiUIQZ"}, misused, "copied wrongly"},
		"two keys":           {[]string{"--key", "testdata/log.pub", "--key", "testdata/log2.pub"}, misused, "at most one --key"},
		"two files":          {[]string{"testdata/log.pub"}, misused, "one is checked at a time"},
		"a flag nobody has":  {[]string{"--frobnicate"}, misused, "clew-verify FILE"},
	} {
		t.Run(name, func(t *testing.T) {
			var out, complaints strings.Builder
			code := run(append([]string{"testdata/bundle.zip"}, c.args...), &out, &complaints)
			if code != c.code || !strings.Contains(out.String()+complaints.String(), c.says) {
				t.Errorf("it ends with %d and says:\n%s%s", code, &out, &complaints)
			}
		})
	}
	var out strings.Builder
	if code := run([]string{"testdata/nothing.zip"}, &out, &out); code != misused {
		t.Errorf("a file that is not there ends with %d", code)
	}
	if code := run([]string{"testdata/log.pub"}, &out, &out); code != refuted {
		t.Errorf("a file that is no bundle ends with %d", code)
	}
}

func TestTheKeptProofVerifies(t *testing.T) {
	proof, err := os.ReadFile("testdata/record.tlog-proof")
	if err != nil {
		t.Fatal(err)
	}
	ask := askedFor(t, "--key", "testdata/log2.pub", "--witness", "testdata/court.pub")
	if err := verify(proof, ask); err != nil {
		t.Fatal(err)
	}
	for name, changed := range map[string][]byte{
		"another index":  bytes.Replace(proof, []byte("index 2\n"), []byte("index 3\n"), 1),
		"another record": bytes.Replace(proof, []byte("extra Y2xld"), []byte("extra Y2xle"), 1),
		"a path less":    dropLine(proof, 3),
		"another size":   bytes.Replace(proof, []byte("\n19\n"), []byte("\n18\n"), 1),
		"cut off":        proof[:len(proof)-40],
	} {
		if bytes.Equal(changed, proof) || verify(changed, ask) == nil {
			t.Errorf("%s was believed", name)
		}
	}
	if err := verify(proof, askedFor(t)); err == nil || !strings.Contains(err.Error(), "--key") {
		t.Errorf("without a key it says %v", err)
	}
}

func dropLine(text []byte, n int) []byte {
	lines := bytes.SplitAfter(text, []byte("\n"))
	return bytes.Join(slices.Delete(lines, n, n+1), nil)
}

// Every bit counts: 100,000 flips, or as many as CLEW_FLIPS says; "all" flips
// each once. CLEW_SEED repeats a run.
func TestEveryBitFlipIsSeen(t *testing.T) {
	content, ask := kept(t), askedFor(t, "--key", "testdata/log.pub", "--witness", "testdata/court.pub")
	if err := verify(content, ask); err != nil {
		t.Fatalf("whole it is not believed, so this shows nothing: %v", err)
	}
	flip := func(bit int) {
		content[bit/8] ^= 1 << (bit % 8)
		if verify(content, ask) == nil {
			t.Errorf("bit %d of byte %d was changed, and nobody saw it", bit%8, bit/8)
		}
		content[bit/8] ^= 1 << (bit % 8)
	}
	if os.Getenv("CLEW_FLIPS") == "all" {
		for bit := range 8 * len(content) {
			flip(bit)
		}
		t.Logf("all %d bits", 8*len(content))
		return
	}
	n := 100_000
	if text := os.Getenv("CLEW_FLIPS"); text != "" {
		var err error
		if n, err = strconv.Atoi(text); err != nil {
			t.Fatal(err)
		}
	}
	seed := uint64(time.Now().UnixNano())
	if text := os.Getenv("CLEW_SEED"); text != "" {
		var err error
		if seed, err = strconv.ParseUint(text, 10, 64); err != nil {
			t.Fatal(err)
		}
	}
	t.Logf("seed: CLEW_SEED=%d", seed)
	r := rand.New(rand.NewPCG(seed, 0))
	for range n {
		flip(r.IntN(8 * len(content)))
	}
}

// unpacked is a bundle's files; packed makes a bundle of them as clew does,
// with a manifest that fits: what somebody would do who knows the format.
func unpacked(t testing.TB) map[string]string {
	t.Helper()
	content := kept(t)
	r, err := zip.NewReader(bytes.NewReader(content), int64(len(content)))
	if err != nil {
		t.Fatal(err)
	}
	files := map[string]string{}
	for _, f := range r.File {
		in, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(in)
		if err != nil {
			t.Fatal(err)
		}
		files[f.Name] = string(text)
	}
	return files
}

func packed(t testing.TB, files map[string]string) []byte {
	t.Helper()
	delete(files, "manifest.txt")
	manifest := ""
	for _, name := range slices.Sorted(maps.Keys(files)) {
		manifest += fmt.Sprintf("%x  %s\n", sha256.Sum256([]byte(files[name])), name)
	}
	files["manifest.txt"] = manifest
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	for _, name := range slices.Sorted(maps.Keys(files)) {
		size := uint64(len(files[name]))
		to, err := w.CreateRaw(&zip.FileHeader{Name: name, CreatorVersion: 20, ReaderVersion: 20, CRC32: crc32.ChecksumIEEE([]byte(files[name])), CompressedSize64: size, UncompressedSize64: size})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(to, files[name]); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// swap puts one text in the place of another, which must be there.
func swap(name, old, with string) func(testing.TB, map[string]string) {
	return func(t testing.TB, files map[string]string) {
		t.Helper()
		changed := strings.Replace(files[name], old, with, 1)
		if changed == files[name] {
			t.Fatalf("%s has no %q", name, old)
		}
		files[name] = changed
	}
}

// lines changes the lines of a file.
func lines(name string, change func([]string) []string) func(testing.TB, map[string]string) {
	return func(_ testing.TB, files map[string]string) {
		all := strings.SplitAfter(strings.TrimSuffix(files[name], "\n"), "\n")
		all[len(all)-1] += "\n"
		files[name] = strings.Join(change(all), "")
	}
}

// A bundle that was tampered with by somebody who knows the format, and makes
// the manifest anew, is refused, and the reason names what he did.
func TestEveryTamperingOfABundleIsNamed(t *testing.T) {
	ask := askedFor(t, "--key", "testdata/log.pub", "--witness", "testdata/court.pub")
	if err := verify(packed(t, unpacked(t)), ask); err != nil {
		t.Fatalf("packed again and unchanged it is not believed, so this shows nothing: %v", err)
	}
	for name, c := range map[string]struct {
		change func(testing.TB, map[string]string)
		says   string
	}{
		"a record left out":     {lines("records.jsonl", func(l []string) []string { return slices.Delete(l, 4, 5) }), "records are left out"},
		"the last record out":   {lines("records.jsonl", func(l []string) []string { return l[:len(l)-1] }), "not those that bundle.json names"},
		"two records exchanged": {lines("records.jsonl", func(l []string) []string { l[4], l[5] = l[5], l[4]; return l }), "left out"},
		"a record twice":        {lines("records.jsonl", func(l []string) []string { return slices.Insert(l, 4, l[4]) }), "follows position"},
		"a record's bytes":      {swap("records.jsonl", `"record":"Y2xldy9yZWNvcmQvdjEK`, `"record":"Y2xldy9yZWNvcmQvdjIK`), "does not lead to the root"},
		"a record's place":      {swap("records.jsonl", `{"position":4,`, `{"position":5,`), "does not lead to the root"},
		"the checkpoint's size": {swap("checkpoint.txt", "\n19\n", "\n18\n"), "the checkpoint"},
		"the checkpoint's log":  {swap("bundle.json", `"origin": "clew/`, `"origin": "clew/X`), "speaks of"},
		"a witness less":        {lines("checkpoint.txt", func(l []string) []string { return l[:5] }), "has not signed the checkpoint"},
		"a key less": {func(_ testing.TB, f map[string]string) {
			f["keys.txt"] = f["keys.txt"][:strings.LastIndex(f["keys.txt"], "\n"+adoptionLine)]
		}, "no key of the log"},
		"no key":            {func(_ testing.TB, f map[string]string) { f["keys.txt"] = "" }, "does not begin with"},
		"evidence changed":  {func(_ testing.TB, f map[string]string) { f[evidenceOf(f)] += "x" }, "is not the file that has that SHA-256"},
		"evidence left out": {func(_ testing.TB, f map[string]string) { delete(f, evidenceOf(f)) }, "is neither in the bundle nor said to be withheld"},
		"evidence put in": {func(_ testing.TB, f map[string]string) {
			f[fmt.Sprintf("evidence/%x", sha256.Sum256([]byte("x")))] = "x"
		}, "no record names the evidence"},
		"a ledger's number":        {swap("trace/fifo.json", `"own": "10000"`, `"own": "10001"`), "does not come to what was his"},
		"a ledger's state":         {swap("trace/fifo.json", `"cashed_out": "0"`, `"cashed_out": "1"`), "does not come to"},
		"a hop's worth":            {firstHop(func(h map[string]any) { h["worth"], h["new"] = "9999", "9999" }), "left over"},
		"a hop's account":          {firstHop(func(h map[string]any) { h["to"] = "M9" }), "left over"},
		"a hop's amount":           {firstHop(func(h map[string]any) { h["units"] = "10001" }), "its hop"},
		"a hop too rich":           {firstHop(func(h map[string]any) { h["his"] = "10001" }), "more of the victims' money than it moves"},
		"a hop of nothing":         {firstHop(func(h map[string]any) { h["units"], h["his"] = "1e3", "1e3" }), "more of the victims' money than it moves"},
		"a hop left out":           {inTrace(func(v map[string]any) { v["hops"] = v["hops"].([]any)[1:] }), "left over"},
		"a place's account":        {inTrace(func(v map[string]any) { v["places"].([]any)[0].(map[string]any)["account"] = "M9" }), "left over"},
		"a movement's amount":      {swap("trace/fifo.json", `"units": "3000"`, `"units": "3001"`), "walked as no record has it"},
		"a trace under false name": {swap("trace/fifo.json", `"rule": "fifo"`, `"rule": "lifo"`), "of another rule"},
		"a trace not named":        {func(_ testing.TB, f map[string]string) { f["trace/lifo.json"] = f["trace/fifo.json"] }, "bundle.json does not name"},
		"another format":           {swap("bundle.json", "clew/bundle/v1", "clew/bundle/v2"), "this program knows"},
		"another case":             {swap("bundle.json", `"case": "C1"`, `"case": "C2"`), "is not among the cases"},
	} {
		t.Run(name, func(t *testing.T) {
			files := unpacked(t)
			c.change(t, files)
			if err := verify(packed(t, files), ask); err == nil || !strings.Contains(err.Error(), c.says) {
				t.Errorf("it says: %v", err)
			}
		})
	}
}

func evidenceOf(files map[string]string) string {
	for name := range files {
		if strings.HasPrefix(name, "evidence/") {
			return name
		}
	}
	return ""
}

// inTrace changes the first ledger of a trace.
func inTrace(change func(map[string]any)) func(testing.TB, map[string]string) {
	return func(t testing.TB, files map[string]string) {
		t.Helper()
		var trace map[string]any
		if err := json.Unmarshal([]byte(files["trace/fifo.json"]), &trace); err != nil {
			t.Fatal(err)
		}
		change(trace["victims"].([]any)[0].(map[string]any))
		text, err := json.Marshal(trace)
		if err != nil {
			t.Fatal(err)
		}
		files["trace/fifo.json"] = string(text)
	}
}

func firstHop(change func(map[string]any)) func(testing.TB, map[string]string) {
	return inTrace(func(v map[string]any) { change(v["hops"].([]any)[0].(map[string]any)) })
}

// What a file says cannot act on the reader's terminal.
func TestWordsOfAFileAreShownPlainly(t *testing.T) {
	if got := plain("a\x1b[2Jb\u202ec\nd"); got != "a?[2Jb?c?d" {
		t.Errorf("it is shown as %q", got)
	}
}

func FuzzCheck(f *testing.F) {
	ask := askedFor(f, "--key", "testdata/log2.pub")
	whole := kept(f)
	proof, err := os.ReadFile("testdata/record.tlog-proof")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(whole)
	f.Add(proof)
	f.Add([]byte("PK\x03\x04"))
	f.Fuzz(func(t *testing.T, content []byte) {
		if bytes.Equal(content, whole) {
			return
		}
		err := verify(content, ask)
		if err == nil && bytes.HasPrefix(content, []byte("PK")) {
			t.Fatal("a changed bundle was believed")
		}
	})
}

func FuzzParseRecord(f *testing.F) {
	f.Add([]byte(recordDomain))
	f.Add(append([]byte(recordDomain), make([]byte, 8+8+8+16+8*4)...))
	f.Fuzz(func(t *testing.T, content []byte) {
		r, err := parseRecord(content)
		if err == nil && len(r.body) > len(content) {
			t.Fatal("a body that is longer than its record")
		}
	})
}
