package main

import (
	"encoding/csv"
	"fmt"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// vectors are texts that would run as a program if a page took them for more
// than text: each calls alert, the way by which the test hears of it.
func vectors() []string {
	return []string{
		`<script>alert(1)</script>`, `"><script>alert(1)</script>`, `'><script>alert(1)</script>`, `</title><script>alert(1)</script>`,
		`</script><script>alert(1)</script>`, `</textarea><script>alert(1)</script>`, `</style><script>alert(1)</script>`, `--><script>alert(1)</script>`,
		`<img src=x onerror=alert(1)>`, `"><img src=x onerror=alert(1)>`, `" onmouseover="alert(1)`, `' onfocus='alert(1)' autofocus='`,
		`" autofocus onfocus=alert(1) x="`, `<svg onload=alert(1)>`, `<svg><script>alert(1)</script></svg>`, `<svg><animate onbegin=alert(1) attributeName=x dur=1s>`,
		`<body onload=alert(1)>`, `<iframe srcdoc="<script>alert(1)</script>">`, `<iframe src="javascript:alert(1)">`, `<a href="javascript:alert(1)">x</a>`,
		`javascript:alert(1)`, `data:text/html,<script>alert(1)</script>`, `<details open ontoggle=alert(1)>`, `<video><source onerror=alert(1)></video>`,
		`<math><mtext></table><img src=x onerror=alert(1)></mtext></math>`, `<form action="javascript:alert(1)"><button>x</button></form>`,
		`<meta http-equiv="refresh" content="0;url=javascript:alert(1)">`, `<base href="//evil.example/">`, "{{constructor.constructor('alert(1)')()}}", `${alert(1)}`,
	}
}

// dressed are variants of a vector: in other letters, in other marks, broken
// up.
func dressed(vector string) []string {
	return []string{vector, strings.ToUpper(vector), strings.ReplaceAll(vector, "alert(1)", "alert`1`"), strings.ReplaceAll(vector, " ", "/"),
		strings.ReplaceAll(vector, "<", "<\u00ad<")}
}

// payloads are as many texts as are asked for: 30 unless CLEW_XSS says 150.
func payloads(t *testing.T) (list []string) {
	n := 30
	if text := os.Getenv("CLEW_XSS"); text != "" {
		var err error
		if n, err = strconv.Atoi(text); err != nil {
			t.Fatalf("CLEW_XSS=%s is no number", text)
		}
	}
	for variant := range 5 {
		for _, vector := range vectors() {
			if len(list) < n {
				list = append(list, dressed(vector)[variant])
			}
		}
	}
	return list
}

// poisoned is a store in which every text that a person or a file can give is
// such a vector.
func poisoned(t *testing.T, texts []string) (store string) {
	t.Helper()
	dir := t.TempDir()
	store = "sqlite:" + filepath.Join(dir, "clew.db")
	rows := filepath.Join(dir, "<img src=x onerror=alert(1)>.csv")
	file, err := os.Create(rows)
	if err != nil {
		t.Fatal(err)
	}
	w := csv.NewWriter(file)
	w.Write([]string{"time", "from", "to", "amount", "asset", "id", "ref", "victim", "note"})
	for i, text := range texts {
		w.Write([]string{"2024-01-02T10:00:00Z", "V bank", "bank:" + text, "100.00", "EUR", fmt.Sprint(i), text, "V1", text})
		w.Write([]string{"2024-01-03T10:00:00Z", "bank:" + text, "M", "90.00", "EUR", fmt.Sprint("out", i), "", "", text})
	}
	w.Write([]string{"no time", texts[0], texts[1], "1", "EUR", "bad", "", "", texts[2]})
	if w.Flush(); w.Error() != nil || file.Close() != nil {
		t.Fatal(w.Error())
	}
	at := func(i int) string { return texts[i%len(texts)] }
	commands := [][]string{
		{"case", "open", "X", "--title", at(0)}, {"import", rows, "--case", "X", "--source", "police"},
		{"case", "note", "X", "note: " + at(1)}, {"victim", "add", "X", "V1", "--name", at(2), "--contact", at(3), "--country", "NL"},
		{"rule", "lock", "X", "fifo", "--authority", at(4), "--reason", at(5)},
		{"freeze", "request", "X", "--account", "bank:" + at(6), "--amount", "10.00", "--asset", "EUR", "--mechanism", "bank", "--responding", at(7), "--contact", at(8), "--basis", at(9), "--requesting", at(10), "--reference", at(11)},
		{"freeze", "submit", "X", "F1", "--urgent", "--note", at(12)},
	}
	for i, text := range texts {
		commands = append(commands, []string{"account", "describe", "bank:" + text, "--case", "X", "--holder", at(i + 1), "--institution", at(i + 2), "--basis", at(i + 3)},
			[]string{"label", "attach", "X", "bank:" + text, "known as " + at(i+4), "--source", at(i + 5)})
	}
	for _, args := range commands {
		if err := clewIn(io.Discard, append(args, "--store", store)...); err != nil && codeOf(err) != exitIncomplete {
			t.Fatalf("%q: %v", args, err)
		}
	}
	return store
}

// Whatever people and files wrote is text on every page and nothing else: no
// dialog, no policy that had to forbid anything, no element of theirs.
func TestStoredTextRunsNowhereInABrowser(t *testing.T) {
	texts := payloads(t)
	b := newTab(t, openSite(t, poisoned(t, texts)))
	b.signIn()
	visitor := b.visitor()
	visitor.walk("/cases/X")
	visitor.walk("/cases")
	paths := visitor.addresses()
	for i, text := range texts {
		paths = append(paths, "/cases/X/account?name="+url.QueryEscape("bank:"+text))
		if i%4 == 0 { // the same template shows each
			paths = append(paths, "/find?q="+url.QueryEscape(text))
		}
	}
	paths = append(paths, "/cases/X/explain?victim="+url.QueryEscape(texts[0]), "/cases/"+url.PathEscape(texts[0]), "/cases/X?at="+url.QueryEscape(texts[0])+"&rule="+url.QueryEscape(texts[1]))
	b.quiet("signing in")
	seen := 0
	for _, path := range paths {
		b.open(path)
		if ask[bool](b, `document.body.innerText.toLowerCase().includes('alert')`) {
			seen++
		}
		if foreign := ask[string](b, foreignElements); foreign != "" {
			t.Errorf("%s has elements that are not its own: %s", path, foreign)
		}
		b.mute("the server responded with a status of 40")
		b.quiet(path)
	}
	if seen < len(texts) {
		t.Errorf("only %d of %d pages show such a text: the test looks at the wrong pages", seen, len(paths))
	}
}

// foreignElements are those that no page of clew has.
const foreignElements = `[...document.querySelectorAll('script:not([src]), iframe, video, math, base, object, embed, [onerror], [onload], [onfocus], [onmouseover], [onbegin], [ontoggle], a[href^="javascript:" i], a[href^="data:" i], form[action^="javascript:" i], img[src="x"], meta[http-equiv]')].map(e => e.outerHTML.slice(0, 200)).join('\n')`
