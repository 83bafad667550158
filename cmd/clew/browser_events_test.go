package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"
)

// Who follows the log in a browser misses nothing and hears nothing twice when
// the server is started anew, and what was recorded meanwhile comes first.
func TestEventsGoOnAfterARestartInABrowser(t *testing.T) {
	store := "sqlite:" + filepath.Join(t.TempDir(), "clew.db")
	note := func(n int) {
		t.Helper()
		if err := clewIn(io.Discard, "case", "note", "C1", fmt.Sprint("note ", n), "--store", store); err != nil {
			t.Fatal(err)
		}
	}
	if err := clewIn(io.Discard, "case", "open", "C1", "--title", "Followed", "--store", store); err != nil {
		t.Fatal(err)
	}
	site := openSite(t, store)
	b := newTab(t, site)
	b.signIn()
	ask[bool](b, `window.heard = [], window.opened = 0, window.events = new EventSource('/api/v1/events?case=C1'),
		events.onopen = () => opened++, events.addEventListener('case.noted.v1', e => heard.push(e.lastEventId)), true`)
	b.waits("the stream is open", `opened === 1`, false)
	note(1)
	b.waits("the first note comes", `heard.length === 1`, false)
	b.quiet("following")

	site.stop()
	note(2)
	again(t, site)
	b.waits("the note of the meantime comes", `heard.length === 2`, false)
	note(3)
	b.waits("the next note comes", `heard.length === 3`, false)
	if heard := ask[[]string](b, `heard`); heard[0] == heard[1] || heard[1] == heard[2] {
		t.Errorf("something was heard twice: %v", heard)
	}
	b.mute("net::ERR_")
	b.quiet("after the restart")
	if status := b.open("/cases"); status != 200 {
		t.Errorf("who was signed in is so no more: %d", status)
	}
}

// What is recorded while somebody looks at the flow picture is told beside it
// and moves nothing; it is drawn when he asks, where he looks at.
func TestTheFlowPictureFollowsTheLogInABrowser(t *testing.T) {
	store := worked(t)
	b := newTab(t, openSite(t, store))
	b.signIn()
	b.open("/cases/ROMANCE-1")
	b.waits("the picture is drawn", `!!document.querySelector('.flow-picture canvas')`, false)
	press := func(words string) string {
		return fmt.Sprintf(`[...document.querySelectorAll('.flow-picture button')].find(b => !b.hidden && b.textContent.startsWith(%q))`, words)
	}
	const position = `Number([...document.querySelectorAll('.flow-inspector dt')].find(d => d.textContent === 'Position').nextSibling.textContent)`
	b.waits("the picture's position is told", position+` > 0`, false)
	before := ask[int](b, position)
	if err := clewIn(io.Discard, "payment", "report", "ROMANCE-1", "--victim", "V1", "--from", "iban:DE40900100100000204101", "--to", "iban:DE33900300300000889901",
		"--amount", "10.00", "--asset", "EUR", "--time", "2024-03-20", "--store", store); err != nil {
		t.Fatal(err)
	}
	b.waits("the new movement is told", `!!`+press("1 new movement"), false)
	if now := ask[int](b, position); now != before {
		t.Errorf("the picture went from %d to %d by itself", before, now)
	}
	b.accessible("news beside the picture", allRules)
	ask[bool](b, press("1 new movement")+`.click(), true`)
	b.waits("the picture has it", position+fmt.Sprint(` > `, before), false)
	if ask[bool](b, `!!`+press("1 new movement")) {
		t.Error("what is drawn is still told as new")
	}
	b.says("the figures beside it are older")
	b.quiet("following the log in the picture")
}

// again starts the server of a site anew, at the same address. It prints no
// link: whoever has signed in is known to the log.
func again(t *testing.T, s *site) {
	t.Helper()
	p := &program{args: []string{"serve", "--store", s.store, "--actor", "ina", "--listen", strings.TrimPrefix(s.URL, "http://")}, in: strings.NewReader(""),
		out: io.Discard, err: io.Discard, getenv: func(string) string { return "" }, now: time.Now}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- p.carryOut(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("serve ended with %v", err)
		}
	})
	for {
		answer, err := http.Get(s.URL + "/readyz")
		if err == nil {
			answer.Body.Close()
			return
		}
		select {
		case err := <-ended:
			t.Fatalf("serve ended with %v", err)
		default:
			runtime.Gosched()
		}
	}
}

// The tab hears what the other tests rely on never to hear.
func TestATabComplainsInABrowser(t *testing.T) {
	for what, page := range map[string]string{
		"dialog: 1":                  `<script>alert(1)</script>`,
		"console: \"oh\"":            `<script>console.error("oh")</script>`,
		"exception: Uncaught":        `<script>nothing.here()</script>`,
		"POLICY script-src":          `<meta http-equiv="Content-Security-Policy" content="script-src 'none'"><script>alert(1)</script>`,
		"request to http://evil.ex":  `<img src="http://evil.example/x">`,
		"axe: image-alt":             `<html lang="en"><title>t</title><main><h1>t</h1><img src="data:,"></main>`,
		"axe: color-contrast (Elem":  `<html lang="en"><title>t</title><main><h1>t</h1><p style="color:#ccc;background:#fff">pale</p></main>`,
		"elements that are not its ": `<p onfocus="x">`,
	} {
		other := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			io.WriteString(w, page)
		}))
		b := newTab(t, &site{URL: other.URL})
		b.open("/")
		for _, found := range b.axe(allRules) {
			b.complain("axe: %s (%s)", found.ID, found.Help)
		}
		if ask[string](b, foreignElements) != "" {
			b.complain("elements that are not its own")
		}
		b.mu.Lock()
		if heard := strings.Join(b.complaints, "\n"); !strings.Contains(heard, what) {
			t.Errorf("%s: heard\n%s\nand not %s", page, heard, what)
		}
		b.mu.Unlock()
		other.Close()
	}
}
