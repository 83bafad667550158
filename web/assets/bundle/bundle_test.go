package main

import (
	"bytes"
	"compress/gzip"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// The most that all islands together may weigh, as a browser fetches them.
const (
	mostScript = 60 << 10
	mostStyle  = 12 << 10
)

// What is committed is what the sources make: somebody who reads them reads
// what runs.
func TestWhatIsCommittedIsWhatTheSourcesMake(t *testing.T) {
	made, err := bundles("..")
	if err != nil {
		t.Fatal(err)
	}
	kept, err := os.ReadDir("../dist")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range kept {
		if made[file.Name()] == nil {
			t.Errorf("dist/%s comes from no island: remove it", file.Name())
		}
	}
	for name, body := range made {
		committed, err := os.ReadFile(filepath.Join("../dist", name))
		if err != nil || !bytes.Equal(committed, body) {
			t.Errorf("dist/%s is not what its sources make (%v): run 'make assets'", name, err)
		}
	}
}

func TestIslandsAreLight(t *testing.T) {
	made, err := bundles("..")
	if err != nil {
		t.Fatal(err)
	}
	sizes := map[string]int{}
	for name, body := range made {
		var out bytes.Buffer
		w := gzip.NewWriter(&out)
		w.Write(body)
		w.Close()
		sizes[filepath.Ext(name)] += out.Len()
	}
	if sizes[".js"] == 0 || sizes[".js"] > mostScript || sizes[".css"] > mostStyle {
		t.Errorf("islands weigh %v bytes, gzipped; the budgets are %d and %d", sizes, mostScript, mostStyle)
	}
}

// A strict content security policy forbids these anyway; here the person who
// writes one is told at once. Nothing is fetched from another host.
var forbidden = regexp.MustCompile(`\b(innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval|new Function|setTimeout\(['"]|https?://)`)

func TestIslandsKeepThePolicy(t *testing.T) {
	sources, err := filepath.Glob("../*/*.ts")
	if err != nil || len(sources) == 0 {
		t.Fatalf("%d sources (%v)", len(sources), err)
	}
	for _, name := range sources {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if found := forbidden.Find(text); found != nil {
			t.Errorf("%s says %s", name, found)
		}
		if strings.Contains(string(text), "from '") && regexp.MustCompile(`from '[^.]`).Match(text) {
			t.Errorf("%s imports a package: islands stand on what browsers bring", name)
		}
	}
}
