package main

import (
	"context"
	"html"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
)

// visitor follows the links of the site as the tab's person, without a
// browser: so every page is found, and no link leads nowhere.
type visitor struct {
	t      *testing.T
	site   *site
	cookie string
	pages  map[string]string // by shape: the first address of it
	files  map[string]string // what is no page, by shape
}

// visitor takes the tab's cookie.
func (b *tab) visitor() *visitor {
	b.t.Helper()
	answer, err := chromedp.Call(b.ctx, network.GetCookies, network.GetCookiesParams{URLs: []string{b.site.URL}})
	if err != nil {
		b.t.Fatal(err)
	}
	var cookies []string
	for _, c := range answer.Cookies {
		cookies = append(cookies, c.Name+"="+c.Value)
	}
	return &visitor{t: b.t, site: b.site, cookie: strings.Join(cookies, "; "), pages: map[string]string{}, files: map[string]string{}}
}

// get asks for an address.
func (v *visitor) get(path string) (status int, kind, body string) {
	v.t.Helper()
	ctx, cancel := context.WithTimeout(v.t.Context(), browserPatience)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, v.site.URL+path, nil)
	if err != nil {
		v.t.Fatalf("%s: %v", path, err)
	}
	request.Header.Set("Cookie", v.cookie)
	request.Header.Set("Accept", "text/html")
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		v.t.Fatalf("%s: %v", path, err)
	}
	defer answer.Body.Close()
	if kind = answer.Header.Get("Content-Type"); kind == "text/event-stream" { // it has no end
		return answer.StatusCode, kind, ""
	}
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		v.t.Fatalf("%s: %v", path, err)
	}
	kind, _, _ = strings.Cut(answer.Header.Get("Content-Type"), ";")
	if strings.HasPrefix(answer.Header.Get("Content-Disposition"), "attachment") {
		kind = "attachment"
	}
	return answer.StatusCode, kind, string(text)
}

// name stands for what differs from case to case: names in paths.
var (
	pathName = regexp.MustCompile(`^(/cases)/[^/]+|(/freezes)/(?:[A-Z][^/]*)|(/files)/[0-9a-f]{64}|(/import)/[^/]+`)
	links    = regexp.MustCompile(`\s(?:href|src)="([^"]*)"`)
)

// shape is an address without the names in it: one page of each shape is
// enough to look at.
func shape(at *url.URL) string {
	path := at.Path
	for {
		short := pathName.ReplaceAllString(path, "$1$2$3$4/*")
		rest := strings.TrimPrefix(path, "/cases/")
		if i := strings.Index(rest, "/"); strings.HasPrefix(path, "/cases/") && i > 0 {
			short = "/cases/*" + pathName.ReplaceAllString(rest[i:], "$1$2$3$4/*")
		}
		if short == path {
			break
		}
		path = short
	}
	var names []string
	for name := range at.Query() {
		if !slices.Contains([]string{"rule", "at", "known_at", "upto", "v", "now", "from", "fold", "unfold"}, name) { // the same page, seen otherwise
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return path + "?" + strings.Join(names, "&")
}

// walk follows all links from an address.
func (v *visitor) walk(from string) {
	v.t.Helper()
	waiting := []string{from}
	for len(waiting) > 0 {
		path := waiting[0]
		waiting = waiting[1:]
		status, kind, body := v.get(path)
		if status != http.StatusOK {
			v.t.Errorf("a link leads to %s, which answers %d: %.300s", path, status, body)
			continue
		}
		at, err := url.Parse(path)
		if err != nil {
			v.t.Fatal(err)
		}
		if kind != "text/html" {
			v.files[shape(at)] = path
			continue
		}
		v.pages[shape(at)] = path
		waiting = append(waiting, v.found(at, body)...)
	}
}

// most is how many shapes of addresses there may be: more means that links
// make links without end.
const most = 300

// found are the addresses that a page leads to and whose shape is new.
func (v *visitor) found(at *url.URL, body string) (list []string) {
	v.t.Helper()
	for _, match := range links.FindAllStringSubmatch(body, -1) {
		link, err := at.Parse(html.UnescapeString(match[1]))
		switch {
		case err != nil:
			v.t.Errorf("%s has the link %q: %v", at, match[1], err)
			continue
		case link.Host != "" && strings.HasPrefix(at.Path, "/help/"): // a source that the docs name; nobody follows it by himself
			continue
		case link.Scheme == "data": // an icon of nothing, in the page itself
			continue
		case link.Host != "" || link.Scheme != "":
			v.t.Errorf("%s leads away to %s", at, link)
			continue
		}
		link.Fragment = ""
		key := shape(link)
		if v.pages[key] != "" || v.files[key] != "" {
			continue
		}
		if len(v.pages) > most {
			v.t.Fatalf("there are more than %d shapes of addresses, the last %s", most, key)
		}
		v.pages[key] = link.String() // is known from now on
		list = append(list, link.String())
	}
	return list
}

// addresses are the pages that were found, one of each shape. The docs are many
// and look alike: a few stand for all.
func (v *visitor) addresses() (list []string) {
	docs := []string{"/help", "/help/tutorial.md", "/help/reference/mapping.md", "/help/trust/verify.md"}
	for key, path := range v.pages {
		if v.files[key] == "" && (!strings.HasPrefix(path, "/help") || slices.Contains(docs, path)) {
			list = append(list, path)
		}
	}
	slices.Sort(list)
	return list
}
