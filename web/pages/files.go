package pages

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strconv"

	"clew/casework"
	"clew/domain"
	"clew/projections"
	"clew/vault"
	"clew/web/gate"
)

// disclosed logs that a paper leaves, to whom and on what basis.
func (s *screens) disclosed(r *http.Request, file *domain.CaseFile, id domain.FreezeID, kind string) error {
	read := casework.Read{Does: vault.Disclosed, Case: file.ID, What: "paper " + kind + " of freeze " + string(id)}
	if f := file.Freezes[id]; f != nil {
		read.To, read.Basis = cmp.Or(f.Request.Responding, string(f.Request.Account)), cmp.Or(f.Request.Basis, f.Request.Mechanism)
	}
	return s.Desk.Reading(gate.By(r), read)
}

// filesBody is what was filed in a case, and the way to bring more in.
type filesBody struct {
	Files   table
	Rejects string // address of all rejected lines; "" where there are none
	Import  *form  // nil: the case takes no files
}

func (s *screens) files(r *http.Request) (page, error) { return s.filesPage(r, nil, "") }

func (s *screens) filesPage(r *http.Request, typed typed, wrong string) (page, error) {
	a, file, err := s.caseOf(r)
	if err != nil {
		return page{}, err
	}
	filed, err := s.views(r).Files(r.Context(), a.Case, a.query.Upto)
	if err != nil {
		return page{}, err
	}
	t := table{ID: "files", Caption: "Files of this case", Says: "Each is kept as it came, under its SHA-256, and every line of it is accounted for.",
		Columns: columns("File", "Format", "Made by", "Bytes>", "Lines not taken>", "SHA-256"), Empty: "No file is filed yet. Bring in the complaints first: they say which payments are traced."}
	body := filesBody{}
	for _, f := range filed {
		rejected := number(f.Rejected)
		if f.Rejected > 0 {
			rejected.Link = a.To("rejects", "file", string(f.File))
			body.Rejects = a.To("rejects")
		}
		t.add(linked(f.Name, a.To("files/"+string(f.File))), cell{Text: f.Format}, text(f.Source), number(f.Size), rejected, cell{Text: string(f.File)[:16] + "…"})
	}
	body.Files = t
	if !file.Closed && !a.Past() {
		body.Import = importForm(a, file, typed, wrong)
	}
	return page{Name: "files", Title: "Files", Tab: "files", Asked: a, File: file, Body: body}, nil
}

func importForm(a asked, file *domain.CaseFile, typed typed, wrong string) *form {
	mappings := []option{{"", "none"}}
	for _, sum := range slices.Sorted(maps.Keys(file.Files)) {
		if f := file.Files[sum]; f.Map != "" {
			mappings = append(mappings, option{string(sum), f.Name})
		}
	}
	formats := []option{{"", "recognise it"}}
	for _, f := range casework.Formats() {
		formats = append(formats, option{f.Name, f.Name + ": " + f.Title})
	}
	return &form{Action: a.To("import"), Files: true, Submit: "Look at it first", MoreSays: "Write the mapping here", Wrong: wrong, Fields: []field{
		{Name: "file", Label: "The file", Hint: "A statement, an export, a complaint. Nothing is recorded before you have seen what would be.", Kind: "file", Needed: true},
		typed.field(field{Name: "format", Label: "Format", Kind: "select", Options: formats}),
		typed.field(field{Name: "source", Label: "Who made it", Hint: "A short name: police, nordbank. Its own references are unique within it."}),
		typed.field(field{Name: "account", Label: "Whose statement it is", Hint: "Where the file does not say it: the account's name."}),
		typed.field(field{Name: "sheet", Label: "Sheet", Hint: "Of a workbook with several."}),
		{Name: "map", Label: "A mapping file", Hint: "YAML that names the columns of a table clew does not know. It is kept with the file.", Kind: "file"},
		typed.field(field{Name: "mapping", Label: "Or the mapping itself", Kind: "area", More: true,
			Hint: "The lines of such a file. For a table that clew does not know it drafts them here, for you to check."}),
		typed.field(field{Name: "like", Label: "Or the mapping of a file before", Kind: "select", Options: mappings}),
	}}
}

func rejectsTable(result casework.Import) table {
	t := table{ID: "rejects", Caption: "Lines that cannot be taken", Says: "They are kept with their reason. Put them right in a file of their own and bring that in; what is recorded is not counted twice.",
		Columns: columns("Line>", "Page", "Field", "Why"), Empty: "None."}
	for _, x := range result.Rejects {
		t.add(number(x.Evidence.Line), orNone(x.Evidence.Page), orNone(x.Field), cell{Text: x.Reason, Wide: true})
	}
	return t.without("Page")
}

func warningsTable(result casework.Import) table {
	t := table{ID: "warnings", Caption: "To know before this is relied on", Columns: columns("Line>", "What"), Empty: "Nothing."}
	for _, x := range result.Warnings {
		t.add(number(x.Line), cell{Text: x.Reason, Wide: true})
	}
	return t
}

// fileBody is a kept file, read around a line.
type fileBody struct {
	domain.EvidenceFiled
	Line     int
	Text     string
	Whole    string
	Handling []string
}

// kept shows a file that was filed, at the line that shows something.
func (s *screens) kept(r *http.Request) (page, error) {
	a, file, err := s.caseOf(r)
	if err != nil {
		return page{}, err
	}
	sum := domain.SHA256(r.PathValue("file"))
	filed, known := file.Files[sum]
	if !known {
		return page{}, domain.NotFound("no file with the SHA-256 %s is filed in case %s", sum, a.Case)
	}
	body := fileBody{EvidenceFiled: filed, Whole: a.To("files/" + string(sum) + "/whole")}
	body.Line, _ = strconv.Atoi(r.URL.Query().Get("line"))
	if body.Text, err = s.passage(r, filed.Format, domain.Evidence{File: sum, Line: max(1, body.Line)}); err != nil {
		return page{}, err
	}
	for _, c := range file.Handling[sum].Conditions {
		body.Handling = append(body.Handling, string(c))
	}
	return page{Name: "kept", Title: filed.Name, Tab: "files", Asked: a, File: file, Body: body}, nil
}

// whole gives a kept file out as it came, to be saved and never to be run.
func (s *screens) whole(w http.ResponseWriter, r *http.Request) {
	a, file, err := s.caseOf(r)
	sum := domain.SHA256(r.PathValue("file"))
	filed, known := domain.EvidenceFiled{}, false
	if err == nil {
		if filed, known = file.Files[sum]; !known {
			err = domain.NotFound("no file with the SHA-256 %s is filed in case %s", sum, a.Case)
		}
	}
	if err == nil {
		err = s.takesAway()
	}
	if err == nil {
		err = s.Desk.Reading(gate.By(r), casework.Read{Does: vault.Exported, Case: a.Case, What: "file " + string(sum)})
	}
	var in io.ReadCloser
	if err == nil {
		in, err = s.Desk.OpenFile(r.Context(), sum)
	}
	if err != nil {
		gate.Fail(w, r, err)
		return
	}
	defer in.Close()
	w.Header().Set("Content-Type", "application/octet-stream")
	w.Header().Set("Content-Disposition", attachment(filed.Name))
	io.Copy(w, in) // a reader who has gone gets no more; a file that fails its hash breaks off
}

// timelineBody is a case told entry by entry.
type timelineBody struct {
	Entries  table
	Happened bool
	Other    link
}

func (s *screens) timeline(r *http.Request) (page, error) {
	a, file, err := s.caseOf(r)
	if err != nil {
		return page{}, err
	}
	known := r.URL.Query().Get("order") == "known"
	rows, all, from, err := s.entries(r, a, known)
	if err != nil {
		return page{}, err
	}
	t := table{ID: "timeline", Caption: "As it happened", Columns: columns("When", "What happened", "Movement", "Known since position>"), Empty: "Nothing has happened, as far as is recorded."}
	body := timelineBody{Happened: !known, Other: link{"As it became known", a.To("timeline", "order", "known")}}
	if known {
		t.Caption, t.Columns = "As it became known", columns("Position>", "Recorded", "By", "What became known")
		body.Other = link{"As it happened", a.To("timeline", "order", "")}
	}
	for _, e := range rows {
		if known {
			t.add(number(e.Position), at(instant(e.RecordedAt)), text(e.Actor), cell{Text: e.Text, Wide: true})
			continue
		}
		t.add(at(whenWords(e.When)), cell{Text: e.Text, Wide: true}, linked(shortName(string(e.Movement)), a.Movement(e.Movement)), number(e.Position))
	}
	t.More = a.onward(r, "timeline", from+len(rows), all)
	body.Entries = t
	return page{Name: "timeline", Title: "Timeline", Tab: "timeline", Asked: a, File: file, Body: body}, nil
}

// entries are the lines of a timeline that the address asks for, and how many
// there are in all.
func (s *screens) entries(r *http.Request, a asked, known bool) (rows []projections.Entry, all, from int, err error) {
	if _, err := fmt.Sscan(r.URL.Query().Get("from"), &from); err != nil || from < 0 {
		from = 0
	}
	order := projections.AsItHappened
	if known {
		order = projections.AsItBecameKnown
	}
	err = s.views(r).Timeline(r.Context(), a.query, order, func(e projections.Entry) error {
		if all >= from && len(rows) < pageRows {
			rows = append(rows, e)
		}
		all++
		return nil
	})
	return rows, all, from, err
}
