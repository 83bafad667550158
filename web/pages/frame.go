package pages

import (
	"fmt"
	"html"
	"html/template"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"clew/domain"
	"clew/projections"
	"clew/web/gate"
)

// The cookies of a screen hold no data of a case: how somebody likes to look,
// and what his last act did, for the one page that follows it.
const (
	themeCookie  = "clew-theme"
	maskCookie   = "clew-mask"
	noticeCookie = "clew-notice"
)

func themeOf(r *http.Request) string {
	cookie, err := r.Cookie(themeCookie)
	if err != nil || cookie.Value != "light" && cookie.Value != "dark" {
		return ""
	}
	return cookie.Value
}

func masked(r *http.Request) bool {
	cookie, err := r.Cookie(maskCookie)
	return err == nil && cookie.Value == "on"
}

// noticeOf gives what the last act said, once.
func noticeOf(w http.ResponseWriter, r *http.Request) string {
	cookie, err := r.Cookie(noticeCookie)
	if err != nil || r.Method != http.MethodGet {
		return ""
	}
	http.SetCookie(w, &http.Cookie{Name: noticeCookie, Path: "/", MaxAge: -1})
	text, err := url.QueryUnescape(cookie.Value)
	if err != nil {
		return ""
	}
	return text
}

// maxNotice keeps what a cookie bears short.
const maxNotice = 1000

// done leads on to a page after an act, with a word of what it did.
func (s *screens) done(w http.ResponseWriter, r *http.Request, to, format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	if len(text) > maxNotice {
		text = strings.ToValidUTF8(text[:maxNotice], "") + "…"
	}
	http.SetCookie(w, &http.Cookie{Name: noticeCookie, Value: url.QueryEscape(text), Path: "/", MaxAge: 60, HttpOnly: true,
		SameSite: http.SameSiteLaxMode, Secure: s.Secure})
	http.Redirect(w, r, to, http.StatusSeeOther)
}

// look keeps how somebody likes to look: light or dark, masked or not.
func (s *screens) look(w http.ResponseWriter, r *http.Request) {
	if err := r.ParseForm(); err != nil {
		gate.Fail(w, r, err)
		return
	}
	for field, name := range map[string]string{"theme": themeCookie, "mask": maskCookie} {
		if !r.PostForm.Has(field) {
			continue
		}
		http.SetCookie(w, &http.Cookie{Name: name, Value: onlyLetters(r.PostForm.Get(field)), Path: "/", MaxAge: 365 * 24 * 3600,
			HttpOnly: true, SameSite: http.SameSiteLaxMode, Secure: s.Secure})
	}
	http.Redirect(w, r, here(r.PostForm.Get("back")), http.StatusSeeOther)
}

func onlyLetters(text string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' {
			return r
		}
		return -1
	}, text)
}

// here keeps a way back on this server.
func here(path string) string {
	at, err := url.Parse(path)
	if err != nil || at.Host != "" || at.Scheme != "" || !strings.HasPrefix(at.Path, "/") || strings.HasPrefix(path, "//") || strings.Contains(path, "\\") {
		return "/"
	}
	return at.RequestURI()
}

// plain makes a drawn page harmless to the eye: characters that do not show, or
// that turn the direction of writing, stand there by their code, so that a name
// in a file cannot fake another.
func plain(page []byte) []byte {
	text := string(page)
	if strings.ContainsFunc(text, acts) || !utf8.ValidString(text) {
		var b strings.Builder
		for _, r := range text {
			if acts(r) {
				fmt.Fprintf(&b, `\u%04x`, r)
				continue
			}
			b.WriteRune(r) // a byte that is not UTF-8 becomes U+FFFD
		}
		text = b.String()
	}
	return []byte(text)
}

func acts(r rune) bool {
	return unicode.IsControl(r) && r != '\n' && r != '\t' || unicode.Is(unicode.Bidi_Control, r) || r == '\u200b' || r == '\ufeff'
}

// accountName is a name of an account in a text: what it leads to stays, so
// that links and forms work.
var accountName = regexp.MustCompile(`\b(iban|bank|card|wallet|vasp|eip155|bip122|tron):[^\s<>&,;"]{5,}`)

// accountCell is an account in a table or a heading, behind the dot of its
// kind: there a name without a prefix is known to be one.
var accountCell = regexp.MustCompile(`(<span class="dot (?:bank|exchange|chain|out|unknown)"></span>(?:<a [^>]*>)?)([^<]+)`)

// maskTexts masks account names between the tags of a page: those that are
// known by their prefix or by their place, and those of a list.
func maskTexts(page string, names []string) string {
	page = accountCell.ReplaceAllStringFunc(page, func(found string) string {
		parts := accountCell.FindStringSubmatch(found)
		return parts[1] + maskAccount(html.UnescapeString(parts[2]))
	})
	var pairs []string
	for _, name := range names {
		pairs = append(pairs, strings.ReplaceAll(template.HTMLEscapeString(name), "+", "&#43;"), maskAccount(name))
	}
	listed := strings.NewReplacer(pairs...)
	var b strings.Builder
	for len(page) > 0 {
		open := strings.IndexByte(page, '<')
		if open < 0 {
			open = len(page)
		}
		b.WriteString(listed.Replace(accountName.ReplaceAllStringFunc(page[:open], maskAccount)))
		page = page[open:]
		end := strings.IndexByte(page, '>') + 1
		if end == 0 {
			end = len(page)
		}
		b.WriteString(page[:end])
		page = page[end:]
	}
	return b.String()
}

// unprefixed are the accounts of a page's case whose names no prefix tells: they
// may be somebody's name, and stand in sentences too.
func (s *screens) unprefixed(r *http.Request, p page) ([]string, error) {
	if p.File == nil {
		return nil, nil
	}
	rows, err := s.views(r).AccountRows(r.Context(), p.Asked.query)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, row := range rows {
		if row.Account.Kind() == domain.KindUnknown && len(row.Account) > 2 {
			names = append(names, string(row.Account))
		}
	}
	slices.SortFunc(names, func(x, y string) int { return len(y) - len(x) }) // the longest first, for one may begin another
	return names, nil
}

// maskAccount keeps what sort of account it is and the last four letters.
func maskAccount(name string) string {
	kind, rest, found := strings.Cut(name, ":")
	if !found || domain.AccountID(name).Kind() == domain.KindUnknown {
		return "····" // a name without a prefix may be a person's
	}
	rest = strings.TrimRight(rest, ".)")
	if len(rest) < 5 || domain.AccountID(name).Kind() == domain.KindSink {
		return kind + ":" + strings.Repeat("·", 4)
	}
	return kind + ":····" + rest[len(rest)-4:]
}

// hides says whether nothing personal is shown to whoever asks.
func (s *screens) hides(r *http.Request) bool { return s.Incognito || s.Masked != nil && masked(r) }

// views are the answers for a request: those in which nothing personal is
// opened, where the server or the person wants it so.
func (s *screens) views(r *http.Request) *projections.Views {
	if !s.Incognito && s.hides(r) {
		return s.Masked
	}
	return s.Views
}

// whoIs is the signed-in person.
func whoIs(r *http.Request) *gate.Person {
	who := gate.Who(r.Context())
	return &who
}

// mayDo checks the act of a form that shares its address with others: the gate
// has let the person in for the address's own act, which "" stands for.
func mayDo(r *http.Request, act string, id domain.CaseID) error {
	if act == "" || whoIs(r).May(act, id) {
		return nil
	}
	return &domain.Error{Class: domain.ClassDenied, Text: "your role does not let you do this in this case"}
}

// takesAway refuses what would carry names out of a server that shows none.
func (s *screens) takesAway() error {
	if !s.Incognito {
		return nil
	}
	return &domain.Error{Class: domain.ClassDenied, Text: "this server shows nothing that names anybody, and files do: ask at a server without --incognito"}
}
