package main

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"net/url"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/audits"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	cdppage "github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// What people see is tried in a real browser, against `clew serve` as it is,
// with a real store: tests whose names end in InABrowser. One browser serves
// them all, a tab each. Nothing here waits for a time; it waits for what must
// come, up to a patience.

// browserPatience is how long something on a page may take on a machine that has much
// else to do.
const browserPatience = 45 * time.Second

// chromium is started by the first test that needs it, and ended by TestMain,
// which takes its profile away with it.
type chromium struct {
	once sync.Once
	ctx  context.Context
	err  error
}

var browser chromium

func (c *chromium) open() (context.Context, error) {
	c.once.Do(func() {
		path, err := findBrowser(os.Getenv("CLEW_BROWSER"))
		if err != nil {
			c.err = err
			return
		}
		flags := append(slices.Clone(chromedp.DefaultExecAllocatorOptions[:]), chromedp.ExecPath(path), chromedp.WindowSize(1280, 800))
		for _, flag := range []string{"no-sandbox", "disable-gpu", "disable-quic", "no-first-run", "disable-background-networking", "disable-component-update", "disable-sync"} {
			flags = append(flags, chromedp.Flag(flag, true))
		}
		allocated, _ := chromedp.NewExecAllocator(context.Background(), flags...)
		c.ctx, _ = chromedp.NewContext(allocated, chromedp.WithErrorf(func(string, ...any) {}))
		c.err = chromedp.Do(c.ctx)
	})
	return c.ctx, c.err
}

func (c *chromium) close() error {
	if c.ctx == nil {
		return nil
	}
	return chromedp.Cancel(c.ctx)
}

// closing runs the tests and ends the browser after them.
type closing struct{ *testing.M }

// Run answers with the exit code.
func (c closing) Run() int {
	code := c.M.Run()
	if err := browser.close(); err != nil {
		fmt.Fprintln(os.Stderr, "the browser did not end:", err)
		code = max(code, 1)
	}
	return code
}

// site is a running `clew serve`, with a store of its own.
type site struct {
	URL   string
	link  string // by which the owner signs in once
	store string
	stop  func()
}

// openSite runs the server in this process until the test ends or stop is
// called.
func openSite(t *testing.T, store string, flags ...string) *site {
	t.Helper()
	s := serve(t, store, append(flags, "--rate", "5000")...)
	stop := sync.OnceFunc(s.stop)
	t.Cleanup(stop)
	return &site{URL: s.address, link: s.address + "/sign-in?link=" + s.link, store: store, stop: stop}
}

// tab is a tab of the browser, with a cookie jar of its own, and what it has
// to complain of.
type tab struct {
	t    *testing.T
	ctx  context.Context
	site *site

	mu         sync.Mutex
	complaints []string
	bytes      int64 // that came over the wire since it was last asked
}

// newTab opens a tab and listens to everything that must not happen: errors on
// the console, dialogs, broken policies, requests that leave the host.
func newTab(t *testing.T, site *site) *tab {
	t.Helper()
	root, err := browser.open()
	if err != nil {
		t.Fatal(err)
	}
	b := &tab{t: t, site: site}
	var cancel context.CancelFunc
	b.ctx, cancel = chromedp.NewContext(root, chromedp.WithNewBrowserContext(), chromedp.WithListener(b.hear))
	t.Cleanup(cancel)
	if err := chromedp.Do(b.ctx, chromedp.Func(listens)); err != nil { // the first action makes the tab, and must not end with a wait
		t.Fatal(err)
	}
	go b.dismiss(chromedp.Events(b.ctx, cdppage.JavascriptDialogOpening))
	return b
}

// listens has the browser tell all that hear hears.
func listens(ctx context.Context, tab *chromedp.Target) error {
	_, network1 := cdp.Call(ctx, tab, network.Enable, network.EnableParams{})
	_, log1 := cdp.Call(ctx, tab, log.Enable, cdp.Empty{})
	_, audits1 := cdp.Call(ctx, tab, audits.Enable, cdp.Empty{})
	_, script := cdp.Call(ctx, tab, cdppage.AddScriptToEvaluateOnNewDocument, cdppage.AddScriptToEvaluateOnNewDocumentParams{Source: reportViolations})
	return errors.Join(network1, log1, audits1, script)
}

// dismiss closes dialogs, which would stop the page; hear complains of them.
func (b *tab) dismiss(dialogs iter.Seq2[cdppage.EventJavascriptDialogOpening, error]) {
	for _, err := range dialogs {
		if err != nil {
			return
		}
		chromedp.Call(b.ctx, cdppage.HandleJavaScriptDialog, cdppage.HandleJavaScriptDialogParams{Accept: false})
	}
}

// reportViolations has the page say on the console what its policy forbade.
const reportViolations = `document.addEventListener('securitypolicyviolation', e => console.error('POLICY ' + e.violatedDirective + ' ' + e.blockedURI + ' ' + e.sample))`

// hear takes down what the browser complains of.
func (b *tab) hear(event any) {
	switch e := event.(type) {
	case *runtime.EventExceptionThrown:
		b.complain("exception: %s", exceptionText(e.ExceptionDetails))
	case *runtime.EventConsoleAPICalled:
		if e.Type == runtime.ConsoleAPICalledTypeError || e.Type == runtime.ConsoleAPICalledTypeWarning {
			b.complain("console: %s", argumentsOf(e.Args))
		}
	case *log.EventEntryAdded:
		if e.Entry.Level == log.EntryLevelError || e.Entry.Source == log.EntrySourceSecurity {
			b.complain("log: %s %s", e.Entry.Text, e.Entry.URL)
		}
	case *audits.EventIssueAdded:
		if e.Issue.Code == audits.InspectorIssueCodeContentSecurityPolicyIssue {
			b.complain("policy: %+v", e.Issue.Details.ContentSecurityPolicyIssueDetails)
		}
	case *cdppage.EventJavascriptDialogOpening:
		b.complain("dialog: %s", e.Message)
	case *network.EventRequestWillBeSent:
		if at, err := url.Parse(e.Request.URL); err == nil && at.Host != "" && "http://"+at.Host != b.site.URL {
			b.complain("request to %s", e.Request.URL)
		}
	case *network.EventLoadingFinished:
		b.mu.Lock()
		b.bytes += int64(e.EncodedDataLength)
		b.mu.Unlock()
	}
}

func exceptionText(d *runtime.ExceptionDetails) string {
	if d.Exception != nil {
		return d.Text + " " + d.Exception.Description
	}
	return d.Text
}

func argumentsOf(list []*runtime.RemoteObject) string {
	var texts []string
	for _, one := range list {
		texts = append(texts, string(one.Value)+one.Description)
	}
	return strings.Join(texts, " ")
}

func (b *tab) complain(format string, args ...any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.complaints = append(b.complaints, fmt.Sprintf(format, args...))
}

// quiet fails the test where anything was complained of since it was last
// asked, and gives how many bytes came since then.
func (b *tab) quiet(where string) (bytes int64) {
	b.t.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, one := range b.complaints {
		b.t.Errorf("%s: %s", where, one)
	}
	b.complaints, bytes, b.bytes = nil, b.bytes, 0
	return bytes
}

// mute takes back complaints of one kind, which the test expects.
func (b *tab) mute(about string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.complaints = slices.DeleteFunc(b.complaints, func(one string) bool { return strings.Contains(one, about) })
}

// do does things in the tab, within patience.
func (b *tab) do(steps ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, browserPatience)
	defer cancel()
	if err := chromedp.Do(ctx, steps...); err != nil {
		b.fatal(err)
	}
}

// fatal ends the test, and shows where the browser stands.
func (b *tab) fatal(err error) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, 5*time.Second)
	defer cancel()
	at, _ := chromedp.Run(ctx, chromedp.Location())
	text, _ := chromedp.Run(ctx, chromedp.Evaluate[string](`document.body ? document.body.innerText.slice(0, 3000) : ''`))
	b.t.Fatalf("at %s: %v\n%s", at, err, text)
}

// follows does something that leads to another page, and waits for that.
func (b *tab) follows(steps ...chromedp.Action[chromedp.Void]) (status int64) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, browserPatience)
	defer cancel()
	answer, err := chromedp.RunResponse(ctx, steps...)
	if err != nil {
		b.fatal(err)
	}
	return answer.Status
}

// open goes to an address of the site.
func (b *tab) open(path string) (status int64) {
	b.t.Helper()
	return b.follows(chromedp.Navigate(b.site.URL + path))
}

// press clicks on what leads to another page.
func (b *tab) press(selector string) (status int64) {
	b.t.Helper()
	return b.follows(chromedp.Click(chromedp.CSS(selector), chromedp.NodeVisible))
}

// signIn signs in with the link that the server printed.
func (b *tab) signIn() {
	b.t.Helper()
	b.follows(chromedp.Navigate(b.site.link))
	if status := b.press("main form button, body > form button"); status != 200 {
		b.t.Fatalf("signing in answers %d", status)
	}
}

// ask evaluates an expression in the page.
func ask[T any](b *tab, expression string) T {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, browserPatience)
	defer cancel()
	value, err := chromedp.Run(ctx, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
	if err != nil {
		b.fatal(err)
	}
	return value
}

// inTheme has pages in one of the two themes.
func inTheme(name string) chromedp.Action[chromedp.Void] {
	return chromedp.Func(func(ctx context.Context, tab *chromedp.Target) error {
		_, err := cdp.Call(ctx, tab, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{
			{Name: "prefers-color-scheme", Value: name}, {Name: "prefers-reduced-motion", Value: "reduce"}}})
		return err
	})
}
