package api

import (
	"fmt"
	"slices"
	"strings"

	"clew/web/gate"
)

// param is one thing that a caller may say: in the path, in the query of a
// question, in the body of an act.
type param struct {
	name string // "known_at"
	flag string // "known-at"; "": an argument
	kind string // as package pflag names it
	says string
	at   int  // which argument
	path bool // stands in the path
	rest bool // the last argument, which may stand several times
}

// several says whether a parameter may stand more than once.
func (p *param) several() bool {
	return p.rest || strings.HasSuffix(p.kind, "Array") || strings.HasSuffix(p.kind, "Slice")
}

// paramsOf lists what a row takes: the arguments of its command, and the flags
// but for those that the row sets or leaves out.
func paramsOf(r row, c gate.Command) ([]param, error) {
	var list []param
	for i, name := range names(r.args) {
		plain, rest := strings.CutSuffix(name, "…")
		if r.sends == file && plain == "file" {
			continue
		}
		list = append(list, param{name: plain, kind: "string", says: meaning(plain), at: i, rest: rest, path: strings.Contains(r.path, "{"+plain+"}")})
	}
	var taken []string
	for _, flag := range names(r.set) {
		name, _, _ := strings.Cut(flag, "=")
		taken = append(taken, name)
	}
	for _, f := range c.Flags {
		at := slices.Index(taken, f.Name)
		inPath := strings.Contains(r.path, "{"+f.Name+"}")
		switch {
		case has(r.without, f.Name):
		case at >= 0:
			taken = slices.Delete(taken, at, at+1)
		case f.Name == "case" && (has(r.args, "case") || !inPath && strings.Contains(r.path, "{case}")), f.Name == "help":
		default:
			list = append(list, param{name: strings.ReplaceAll(f.Name, "-", "_"), flag: f.Name, kind: f.Kind, says: f.Usage, path: inPath})
		}
	}
	if len(taken) > 0 {
		return nil, fmt.Errorf("%s %s sets %v, which are no flags of %q", r.method, r.path, taken, r.command)
	}
	return list, nil
}

// meaning says what an argument is.
func meaning(name string) string {
	if says := meanings()[name]; says != "" {
		return says
	}
	return "the " + name
}

func meanings() map[string]string {
	return map[string]string{
		"case": "the case", "victim": "a reference, never a name", "person": "a reference, never a name", "movement": "its name, the first letters of it, or the source's own id",
		"sha": "the SHA-256 of a kept file, 64 hexadecimal digits", "freeze": "the freeze's name within the case", "position": "a position of the log, from 1",
		"kind": "camt.056, ffkc, ffkc-html, goaml or letter", "rates": "each as USD=1.0873", "text": "what is to be written down", "name": "the name of a person",
		"answer": "matched, no_such_account, already_empty or out_of_scope", "code": "SYMBOL@chain, a CAIP-19 name or a symbol",
	}
}
