package api

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"clew/domain"
	"clew/web/gate"
)

// mostFile bounds an upload: a bank's statement of a year has some hundred
// megabytes; what is larger is imported at the machine.
const mostFile = 4 << 30

// errand makes of a request what is to be carried out. What end does must be
// done when that is over.
func (a *API) errand(op *operation, r *http.Request) (e gate.Errand, end func(), err error) {
	end = func() {}
	who := gate.Who(r.Context())
	e = gate.Errand{Command: op.command, Flags: map[string][]string{}, By: gate.By(r), Sees: allowed(r)}
	e.Why = who.Purpose(gate.CaseInPath(r))
	for _, flag := range names(op.set) {
		name, value, _ := strings.Cut(flag, "=")
		e.Flags[name] = []string{cmp.Or(value, "true")}
	}
	said, err := op.said(r)
	if err == nil {
		err = op.take(said, r, &e)
	}
	if err == nil {
		e.By.Version, err = versionAsked(r)
	}
	if err == nil && op.sends == file {
		end, err = op.takeFile(r, &e)
	}
	return e, end, err
}

// said is what stands in the query of a question or a file, or in the body of
// an act.
func (o *operation) said(r *http.Request) (map[string][]string, error) {
	query, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return nil, domain.Usage("the query cannot be read: %v", err)
	}
	if o.method == http.MethodGet || o.sends == file {
		return query, nil
	}
	if len(query) > 0 {
		return nil, domain.Usage("%s: what is to be recorded stands in the body, as a JSON object", slices.Sorted(maps.Keys(query))[0])
	}
	return o.body(r)
}

// take puts what was said into an errand. What nobody reads is refused: a
// misspelt parameter must not change what an answer means.
func (o *operation) take(said map[string][]string, r *http.Request, e *gate.Errand) error {
	for i := range o.params {
		p := &o.params[i]
		values, given := said[p.name], said[p.name] != nil
		if p.path {
			if given {
				return domain.Usage("%s stands in the path", p.name)
			}
			values, given = []string{r.PathValue(p.name)}, true
		}
		delete(said, p.name)
		if len(values) > 1 && !p.several() {
			return domain.Usage("%s stands %d times: say it once", p.name, len(values))
		}
		if err := p.put(e, values, given); err != nil {
			return err
		}
	}
	for _, name := range slices.Sorted(maps.Keys(said)) {
		if o.sends != file || name != "name" {
			return domain.Usage("%s is nothing that this takes: it takes %s", name, strings.Join(o.taken(), ", "))
		}
	}
	return nil
}

// put puts the values of one parameter in their place.
func (p *param) put(e *gate.Errand, values []string, given bool) error {
	switch {
	case p.flag != "":
		if given {
			e.Flags[p.flag] = values
		}
		return nil
	case !given || len(values) == 0 || !p.rest && values[0] == "":
		return domain.Usage("%s is needed: %s", p.name, p.says)
	}
	e.Args = append(e.Args, values...)
	return nil
}

// taken lists what may be said.
func (o *operation) taken() []string {
	list := []string{}
	for _, p := range o.params {
		if !p.path {
			list = append(list, p.name)
		}
	}
	if len(list) == 0 {
		return []string{"nothing"}
	}
	return list
}

// body reads a JSON object: each of its values is a string, a truth value, a
// whole number or a list of strings, as the parameter has it. Amounts are
// strings; a number in their place is refused.
func (o *operation) body(r *http.Request) (map[string][]string, error) {
	text, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	said := map[string][]string{}
	if len(bytes.TrimSpace(text)) == 0 {
		return said, nil
	}
	if kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")); kind != "application/json" {
		return nil, domain.Usage("the body is %q: it must be application/json", r.Header.Get("Content-Type"))
	}
	fields := map[string]json.RawMessage{}
	if err := json.Unmarshal(text, &fields); err != nil {
		return nil, domain.Usage("the body is no JSON object: %v", err)
	}
	for name, value := range fields {
		at := slices.IndexFunc(o.params, func(p param) bool { return p.name == name })
		if at < 0 {
			said[name] = []string{} // is refused by its name
			continue
		}
		values, err := o.params[at].read(value)
		if err != nil {
			return nil, domain.Usage("%s: %v", name, err)
		}
		if values != nil {
			said[name] = values
		}
	}
	return said, nil
}

// read reads one value of a JSON object; null is nothing said.
func (p *param) read(value json.RawMessage) ([]string, error) {
	if string(value) == "null" {
		return nil, nil
	}
	switch {
	case p.several():
		list := []string{}
		if err := json.Unmarshal(value, &list); err != nil {
			return nil, errors.New("it must be a list of strings")
		}
		return list, nil
	case p.kind == "bool":
		var yes bool
		if err := json.Unmarshal(value, &yes); err != nil {
			return nil, errors.New("it must be true or false")
		}
		return []string{strconv.FormatBool(yes)}, nil
	case strings.Contains(p.kind, "int"):
		var n json.Number
		if err := json.Unmarshal(value, &n); err != nil || strings.ContainsAny(n.String(), ".eE") {
			return nil, errors.New("it must be a whole number")
		}
		return []string{n.String()}, nil
	}
	var one string
	if err := json.Unmarshal(value, &one); err != nil {
		return nil, errors.New("it must be a string; amounts too, so that no digit is lost")
	}
	return []string{one}, nil
}

// ETags of a case are its name and its version: "C1.17".

// versionAsked is the version at which the caller has seen the case; 0: he
// does not say.
func versionAsked(r *http.Request) (uint64, error) {
	tag := r.Header.Get("If-Match")
	if tag == "" || tag == "*" {
		return 0, nil
	}
	plain, quoted := strings.CutPrefix(tag, `"`+string(gate.CaseInPath(r))+".")
	number, ended := strings.CutSuffix(plain, `"`)
	version, err := strconv.ParseUint(number, 10, 63)
	if !quoted || !ended || err != nil || version == 0 {
		return 0, domain.Usage("If-Match %s is no ETag of this case: it is given as it came with the answer, for example \"C1.17\"", tag)
	}
	return version, nil
}

func tagOf(id domain.CaseID, version uint64) string { return fmt.Sprintf(`"%s.%d"`, id, version) }
