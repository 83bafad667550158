package main

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// hands are the two ways in which somebody works a page: with a mouse, and
// with nothing but the keys.
type hands interface {
	press(selector string) // follow a link, send a form
	write(selector, text string)
	choose(selector, value string)
	click(selector string) // something that leads nowhere
	open(selector string)  // a part that is folded
}

// mouse clicks.
type mouse struct{ *tab }

func (m mouse) press(selector string) {
	m.t.Helper()
	m.tab.press(selector)
}

func (m mouse) write(selector, text string) {
	m.t.Helper()
	m.do(chromedp.Click(chromedp.CSS(selector), chromedp.NodeVisible), chromedp.KeyEvent("a", chromedp.KeyModifiers(chromedp.ModifierCtrl)), chromedp.KeyEvent(text))
}

func (m mouse) choose(selector, value string) {
	m.t.Helper()
	m.do(chromedp.SetValue(chromedp.CSS(selector), value))
}

func (m mouse) click(selector string) {
	m.t.Helper()
	m.do(chromedp.Click(chromedp.CSS(selector), chromedp.NodeVisible))
}

func (m mouse) open(selector string) {
	m.t.Helper()
	if !ask[bool](m.tab, fmt.Sprintf(`document.querySelector(%q).open`, selector)) {
		m.do(chromedp.Click(chromedp.CSS(selector + " > summary")))
	}
}

// keys goes from one thing to the next with Tab, and never touches a mouse.
type keys struct{ *tab }

// mostTabs is how often Tab is pressed before something counts as out of
// reach.
const mostTabs = 400

// reach presses Tab until what is looked for has the focus.
func (k keys) reach(selector string) {
	k.t.Helper()
	here := fmt.Sprintf(`!!document.activeElement && document.activeElement.matches(%q)`, selector)
	for range mostTabs {
		if ask[bool](k.tab, here) {
			return
		}
		k.do(chromedp.KeyEvent(kb.Tab))
	}
	k.fatal(fmt.Errorf("Tab never comes to %s", selector))
}

func (k keys) press(selector string) {
	k.t.Helper()
	k.reach(selector)
	k.follows(chromedp.KeyEvent(kb.Enter))
}

func (k keys) click(selector string) {
	k.t.Helper()
	k.reach(selector)
	k.do(chromedp.KeyEvent(kb.Enter))
}

func (k keys) write(selector, text string) {
	k.t.Helper()
	k.reach(selector)
	k.do(chromedp.KeyEvent("a", chromedp.KeyModifiers(chromedp.ModifierCtrl)), chromedp.KeyEvent(text))
}

// choose types the beginning of what stands in the list.
func (k keys) choose(selector, value string) {
	k.t.Helper()
	k.reach(selector)
	k.do(chromedp.KeyEvent(ask[string](k.tab, fmt.Sprintf(`[...document.querySelector(%q).options].find(o => o.value === %q).text`, selector, value))))
	if got := ask[string](k.tab, fmt.Sprintf(`document.querySelector(%q).value`, selector)); got != value {
		k.fatal(fmt.Errorf("typing chose %q in %s, and not %q", got, selector, value))
	}
}

func (k keys) open(selector string) {
	k.t.Helper()
	if !ask[bool](k.tab, fmt.Sprintf(`document.querySelector(%q).open`, selector)) {
		k.reach(selector + " > summary")
		k.do(chromedp.KeyEvent(kb.Enter))
	}
}

// A case from the first file to the freeze and the verified log: once with the
// mouse, once by the keys alone.
func TestACaseIsWorkedInABrowser(t *testing.T) {
	for name, with := range map[string]func(*tab) hands{"mouse": func(b *tab) hands { return mouse{b} }, "keyboard": func(b *tab) hands { return keys{b} }} {
		t.Run(name, func(t *testing.T) {
			b := newTab(t, openSite(t, "sqlite:"+filepath.Join(t.TempDir(), "clew.db")))
			b.signIn()
			workACase(b, with(b))
			b.quiet("working a case")
		})
	}
}

func workACase(b *tab, h hands) {
	b.t.Helper()
	b.open("/cases")
	h.open("main details:has(form[action='/cases'])")
	h.write("form[action='/cases'] [name=case]", "C1")
	h.write("form[action='/cases'] [name=title]", "The lost savings")
	h.press("form[action='/cases'] button")
	for _, file := range []string{"1-complaints.csv", "2-mule-statement.xml"} {
		bringIn(b, h, file)
	}
	b.open("/cases/C1/ledger")
	b.says("V1", "2500.00", "V2", "3000.00")

	b.open("/cases/C1") // replay: back by two events; the address follows
	for _, n := range []string{"", "at="} {
		b.waits("the picture stands at "+n, fmt.Sprintf(`location.search.includes(%q)`, n), false)
		h.click(`button[title^="One event back"]`)
	}
	b.do(chromedp.Reload())
	b.says("Not now", "Back to now")

	b.open("/cases/C1/freezes/new?account=iban%3ADE33900500500000077410&asset=EUR&amount=4500.00")
	h.write("[name=account]", "iban:DE33900500500000077410")
	h.write("[name=asset]", "EUR")
	h.write("[name=amount]", "4500.00")
	h.choose("[name=mechanism]", "bank")
	h.press("main form button.main")
	b.says("draft")
	b.open("/freezes")
	b.says("C1", "4500.00")

	b.open("/verify")
	h.press("form[action='/verify'] button")
	b.says("consistent with itself")
}

// bringIn uploads a file, looks at what would be recorded, and records it. The
// file is handed to the field: the window in which one is picked belongs to
// the system and not to the page.
func bringIn(b *tab, h hands, file string) {
	b.t.Helper()
	path, err := filepath.Abs(filepath.Join("..", "..", "testdata", "cases", "romance", file))
	if err != nil {
		b.t.Fatal(err)
	}
	b.open("/cases/C1/files")
	b.do(chromedp.SetUploadFiles(chromedp.CSS("main form [name=file]"), []string{path}))
	h.press("main form button.main")
	b.says("Nothing is recorded yet")
	h.press("main form button.main")
	b.waits("the file is recorded", `document.body.innerText.includes('It is recorded')`, true)
}

// says waits until the page says all of it.
func (b *tab) says(words ...string) {
	b.t.Helper()
	for _, word := range words {
		b.waits("the page says "+word, fmt.Sprintf(`document.body.innerText.replace(/[\s\u00a0\u202f]+/g, ' ').includes(%q) || document.body.innerText.replace(/[\s\u00a0\u202f]+/g, '').includes(%q)`, word, strings.ReplaceAll(word, " ", "")), false)
	}
}

// waits until an expression holds; a page that renews itself by being loaded
// again is loaded again.
func (b *tab) waits(what, expression string, again bool) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, browserPatience)
	defer cancel()
	for ctx.Err() == nil {
		holds, err := chromedp.Run(ctx, chromedp.Evaluate[bool](expression))
		if err == nil && holds {
			return
		}
		if again {
			err = chromedp.Do(ctx, chromedp.Reload())
		} else {
			_, err = chromedp.Run(ctx, chromedp.Evaluate[bool](`new Promise(done => requestAnimationFrame(() => done(true)))`, chromedp.EvalAwaitPromise))
		}
		if err != nil && ctx.Err() == nil {
			b.fatal(fmt.Errorf("waiting until %s: %w", what, err))
		}
	}
	b.fatal(fmt.Errorf("it never came: %s", what))
}

// The address is the whole state: loaded again, and opened by somebody else
// who is signed in, it shows the same; and what it shows as of a time is what
// `clew trace --at` answers.
func TestTheAddressIsTheStateInABrowser(t *testing.T) {
	site := openSite(t, worked(t))
	b := newTab(t, site)
	b.signIn()
	for _, at := range []string{"2024-03-07", "2024-03-11", "2024-03-13T12:00:00Z", "2024-03-16"} {
		path := "/cases/ROMANCE-1/where?rule=libr&at=" + at
		b.open(path)
		first := b.table("pools")
		b.do(chromedp.Reload())
		if again := b.table("pools"); again != first {
			t.Errorf("%s says after it is loaded again\n%s\nand before\n%s", path, again, first)
		}
		if want := tracedAt(t, site.store, at); first != want {
			t.Errorf("at %s the browser shows\n%s\nand clew trace answers\n%s", at, first, want)
		}
	}
	b.quiet("as of a time")
}

// table is an account and its balance for each row of a table.
func (b *tab) table(id string) string {
	b.t.Helper()
	return ask[string](b, fmt.Sprintf(`[...document.querySelectorAll('#%s tbody tr')].map(r => r.cells[0].innerText.split('\n')[0].trim() + ' ' + r.cells[1].innerText.replace(/[^0-9.]/g, '')).sort().join('\n')`, id))
}

// tracedAt is the same from the command line.
func tracedAt(t *testing.T, store, at string) string {
	t.Helper()
	answer := samples(store).answer(t, "trace", "ROMANCE-1", "--rule", "libr", "--at", at)
	var lines []string
	for _, one := range answer["accounts"].([]any) {
		account := one.(map[string]any)
		lines = append(lines, fmt.Sprint(account["account"], " ", account["balance"]))
	}
	return strings.Join(lines, "\n")
}
