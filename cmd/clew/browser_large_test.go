package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"clew/testdata/networks"
)

// A case of two thousand accounts and five thousand payments draws its picture,
// folded and unfolded, and replays, without a complaint. How long that takes is
// told, and stands in docs/performance.md with its day.
func TestALargeCaseDrawsInABrowser(t *testing.T) {
	dir := t.TempDir()
	store, rows := "sqlite:"+filepath.Join(dir, "clew.db"), filepath.Join(dir, "network.csv")
	var csv bytes.Buffer
	if err := networks.WriteCSV(&csv, networks.Standard(5_000, 600).Movements()); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(rows, csv.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{{"case", "open", "BIG", "--title", "Six hundred victims"}, {"import", rows, "--case", "BIG", "--source", "police"}} {
		if err := clewIn(io.Discard, append(args, "--store", store)...); err != nil {
			t.Fatal(err)
		}
	}
	b := newTab(t, openSite(t, store))
	b.signIn()
	b.open("/cases")
	var took []string
	for _, turn := range []string{"first", "second"} {
		began := time.Now()
		b.open("/cases/BIG")
		b.waits("the picture is drawn", `!!document.querySelector('.flow-picture canvas')`, false)
		took = append(took, fmt.Sprintf("%s time drawn after %v", turn, time.Since(began).Round(time.Millisecond)))
	}
	began := time.Now()
	b.do(chromedp.Click(chromedp.Search(`//button[.='Unfold all']`), chromedp.NodeVisible))
	ask[bool](b, `new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => done(true))))`)
	took = append(took, fmt.Sprintf("unfolded after %v", time.Since(began).Round(time.Millisecond)))
	frames := ask[float64](b, `(async () => {
		const back = document.querySelector('button[title^="One event back"]'), began = performance.now();
		for (let n = 0; n < 40; n++) { back.click(); await new Promise(done => requestAnimationFrame(done)); }
		return (performance.now() - began) / 40;
	})()`)
	t.Logf("%s; one step of the replay, drawn whole, %.0f ms", took, frames)
	b.waits("the address has followed the replay", `location.search.includes('at=')`, false)
	b.quiet("a large case")
}
