package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"testing"

	"clew/web/api"
)

// apiPage is the page of the docs that is made from the API's own description.
const apiPage = "../../docs/reference/api.md"

// apiChapter is what holds for every operation; ´ stands for a backtick.
const apiChapter = `# The API

´clew serve´ answers programs under ´/api/v1´ with what the command line answers under ´--json´: the same words, the same parameters (´known_at´ is ´--known-at´), the same bytes. The description for programs, in OpenAPI 3.1, is at ´/api/openapi.json´. This page is made from it by ´go test ./cmd/clew -update´. Why it is the command line over HTTP: [0094](../adr/0094-the-api-is-the-command-line.md).

´´´
curl -H "Authorization: Bearer $TOKEN" "https://clew.example/api/v1/cases/ROMANCE-1/ledger?rule=fifo&at=2024-03-05"
´´´

- **What is asked** stands in the query, **what is recorded** in the body, a JSON object. Amounts are strings. What nobody reads is refused, so that a misspelt parameter does not change what an answer means.
- **Files** are sent as they are (´?name=statement.csv´), or in a form with the part ´file´ and, before it, the part ´map´. They are read while they come; of lines that were rejected the answer tells, as ´clew import´ does.
- **Tables**: ´.csv´ after an address that does not end in a name, or ´Accept: text/csv´ with any question. Cells that a spreadsheet would run as a formula begin with an apostrophe.
- **Problems** are ´application/problem+json´ (RFC 9457). ´code´ stays, words may change: ´usage´, ´signed_out´, ´denied´, ´purpose_needed´, ´cross_site´, ´not_found´, ´conflict´, ´version_conflict´, ´key_conflict´, ´precondition_failed´, ´too_large´, ´too_many_requests´, ´read_only´, ´disk_full´, ´damaged´, ´unavailable´, ´failed´.
- **Versions**: answers about a case bear its version as ´ETag´. An act with ´If-Match´ is carried out only if the case still has it; otherwise 412, with the events that have come since. An import is held so until its first batch is recorded; what follows is decided line by line.
- **´Idempotency-Key´**: the same act under the same key is carried out once, for ever; another act under it is 409, with the difference. Keys are a person's own.
- **Pages**: ´after´ and ´limit´; the ´Link´ header has the next page. What is recorded meanwhile comes after all that is there, so no page loses or repeats anything.
- **´Clew-Purpose´** says why somebody looks into a case that is not his own; it is kept in the log of reads.
- **Following the log**: ´GET /api/v1/events?after=N´ sends each event as it is recorded (server-sent events; the id is the position). A client that comes again with ´Last-Event-ID´ misses nothing. ´clew hook´ has a program told instead ([how](../how-to/serve.md)).

What holds when two people work on one case, a line breaks or a list grows: [0095](../adr/0095-versions-keys-and-pages.md).
`

// described is what the page needs of an OpenAPI document.
type described struct {
	Paths map[string]map[string]struct {
		Summary    string `json:"summary"`
		Parameters []struct {
			Name        string `json:"name"`
			In          string `json:"in"`
			Description string `json:"description"`
		} `json:"parameters"`
		RequestBody struct {
			Content map[string]struct {
				Schema struct {
					Properties map[string]struct {
						Description string `json:"description"`
					} `json:"properties"`
				} `json:"schema"`
			} `json:"content"`
		} `json:"requestBody"`
	} `json:"paths"`
}

// openAPI is the API's description of itself.
func openAPI(t *testing.T, l *line) []byte {
	t.Helper()
	answer := httptest.NewRecorder()
	l.site.ServeHTTP(answer, httptest.NewRequest("GET", "/api/openapi.json", nil))
	want(t, answer, http.StatusOK)
	return answer.Body.Bytes()
}

func TestThePageOfTheAPIIsItsDescription(t *testing.T) {
	l := apiOf(t)
	var d described
	if err := json.Unmarshal(openAPI(t, l), &d); err != nil {
		t.Fatal(err)
	}
	page := pageOf(d)
	if *update {
		if err := os.WriteFile(apiPage, []byte(page), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(apiPage)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != page {
		t.Errorf("%s is not what the API says of itself: run 'go test ./cmd/clew -update' and read what changed", apiPage)
	}
}

// pageOf writes the page: what holds for all, then one line an operation.
func pageOf(d described) string {
	var b strings.Builder
	b.WriteString(strings.ReplaceAll(apiChapter, "´", "`"))
	b.WriteString("\n## Operations\n\nUnder `/api/v1`:\n\n| operation | does | takes |\n|---|---|---|\n")
	for _, path := range slices.Sorted(maps.Keys(d.Paths)) {
		for _, method := range slices.Sorted(maps.Keys(d.Paths[path])) {
			op := d.Paths[path][method]
			var takes []string
			for _, p := range op.Parameters {
				if p.In == "query" {
					takes = append(takes, "`"+p.Name+"`")
				}
			}
			fields := op.RequestBody.Content["application/json"].Schema.Properties
			for _, name := range slices.Sorted(maps.Keys(fields)) {
				takes = append(takes, "`"+name+"`")
			}
			fmt.Fprintf(&b, "| `%s %s` | %s | %s |\n", strings.ToUpper(method), path, op.Summary, strings.Join(takes, ", "))
		}
	}
	b.WriteString("\n## Commands without an address\n\n| command | why |\n|---|---|\n")
	for _, name := range slices.Sorted(maps.Keys(api.Elsewhere())) {
		fmt.Fprintf(&b, "| `clew %s` | %s |\n", name, api.Elsewhere()[name])
	}
	return b.String()
}
