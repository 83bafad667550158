package pages

import (
	"bytes"
	"html/template"
	"io/fs"
	"net/http"
	"net/url"
	"path"
	"slices"
	"strings"
	"sync"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/parser"
	source "github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"

	"clew/docs"
	"clew/domain"
)

// helpBody is a page of the docs, or the list of all that fit what was asked.
type helpBody struct {
	Text  template.HTML // "" for the list
	Start []link
	Asked string
	Pages table
}

// docPage is a page of the docs by its title.
type docPage struct{ path, title string }

// docPages lists the docs, in the order of their paths.
var docPages = sync.OnceValues(func() ([]docPage, error) {
	var list []docPage
	err := fs.WalkDir(docs.Pages, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || path.Ext(name) != ".md" {
			return err
		}
		body, err := docs.Pages.ReadFile(name)
		first, _, _ := strings.Cut(string(body), "\n")
		list = append(list, docPage{name, strings.ReplaceAll(strings.TrimLeft(first, "# "), "`", "")})
		return err
	})
	return list, err
})

// starts are the pages by who reads them.
var starts = []link{
	{"An investigator: what to click, from the first file to the freeze", "/help/how-to/screens-investigator.md"},
	{"An officer of an FIU: the queue, the clocks and the papers", "/help/how-to/screens-fiu.md"},
	{"An auditor: who did what, who read what, and whether the log can be believed", "/help/how-to/screens-auditor.md"},
	{"The words, the same as on every screen", "/help/words.md"},
	{"The rules, with one example for all", "/help/rules.md"},
}

// helpList finds pages by their titles; the words of a page find it as well.
func (s *screens) helpList(r *http.Request) (page, error) {
	list, err := docPages()
	if err != nil {
		return page{}, err
	}
	asks := typed(r.URL.Query()).get("q")
	t := table{ID: "pages", Caption: "Pages", Columns: columns("Title", "Where"), Empty: "No page has these words. Try fewer of them."}
	for _, heading := range []bool{true, false} {
		for _, p := range list {
			if fits(p, asks, heading) {
				t.add(cell{Text: p.title, Link: "/help/" + p.path, Wide: true}, cell{Text: p.path})
			}
		}
	}
	return page{Name: "help", Title: "Help", Tab: "help", Body: helpBody{Start: starts, Asked: asks, Pages: t}}, nil
}

// fits says whether a page has all the words: in its title, or only in its
// text. Those that have them in their titles come first.
func fits(p docPage, asks string, heading bool) bool {
	body, err := docs.Pages.ReadFile(p.path)
	if err != nil {
		return false
	}
	inTitle, inText := hasWords(p.title, asks), hasWords(string(body), asks)
	if heading {
		return inTitle
	}
	return inText && !inTitle
}

func hasWords(text, asks string) bool {
	text = strings.ToLower(text)
	for _, word := range strings.Fields(strings.ToLower(asks)) {
		if !strings.Contains(text, word) {
			return false
		}
	}
	return true
}

// help shows a page of the docs.
func (s *screens) help(r *http.Request) (page, error) {
	name := path.Clean(r.PathValue("page"))
	list, err := docPages()
	if err != nil {
		return page{}, err
	}
	at := slices.IndexFunc(list, func(p docPage) bool { return p.path == name })
	if at < 0 {
		return page{}, domain.NotFound("the docs have no page %s: look through their list under Help", name)
	}
	body, err := docs.Pages.ReadFile(name)
	if err != nil {
		return page{}, err
	}
	var out bytes.Buffer
	if err := markdown(name).Convert(body, &out); err != nil {
		return page{}, err
	}
	return page{Name: "help", Title: list[at].title, Tab: "help", Body: helpBody{Text: template.HTML(reachable.Replace(out.String()))}}, nil // goldmark escapes what is no markdown
}

// reachable lets the keys scroll what is wider than the page, and makes no
// heading of a cell that says nothing.
var reachable = strings.NewReplacer("<pre>", `<pre tabindex="0">`, "<th></th>", "<td></td>")

// markdown reads pages as the docs are written. The title is on the page
// already; a link to another page leads to it here.
func markdown(name string) goldmark.Markdown {
	within := parser.WithASTTransformers(util.Prioritized(relinked{path.Dir(name)}, 100))
	return goldmark.New(goldmark.WithExtensions(extension.Table), goldmark.WithParserOptions(parser.WithAutoHeadingID(), within))
}

// relinked makes the links of a page work where pages are served.
type relinked struct{ folder string }

// Transform changes the page's tree before it is written.
func (l relinked) Transform(document *ast.Document, _ source.Reader, _ parser.Context) {
	if first, ok := document.FirstChild().(*ast.Heading); ok && first.Level == 1 {
		document.RemoveChild(document, first)
	}
	var astray []*ast.Link
	_ = ast.Walk(document, func(node ast.Node, entering bool) (ast.WalkStatus, error) {
		if to, ok := node.(*ast.Link); ok && entering {
			to.Destination = []byte(l.destination(string(to.Destination)))
			if at, err := url.Parse(string(to.Destination)); err == nil && !at.IsAbs() && at.Path != "" && !strings.HasPrefix(at.Path, "/help/") {
				astray = append(astray, to)
			}
		}
		return ast.WalkContinue, nil
	}) // the walk itself never fails
	for _, link := range astray {
		unlink(link)
	}
}

// unlink leaves a link's words where it leads out of the docs, to a file of the
// source: there is no such file here.
func unlink(link *ast.Link) {
	for child := link.FirstChild(); child != nil; child = link.FirstChild() {
		link.Parent().InsertBefore(link.Parent(), link, child)
	}
	link.Parent().RemoveChild(link.Parent(), link)
}

func (l relinked) destination(to string) string {
	at, err := url.Parse(to)
	if err != nil || at.IsAbs() || at.Path == "" || path.Ext(at.Path) != ".md" {
		return to
	}
	at.Path = path.Join("/help", l.folder, at.Path)
	return at.String()
}
