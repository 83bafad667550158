package main

import (
	"fmt"
	"strings"

	"clew/casework"
	"clew/domain"
)

// importShape is what became of a file, in JSON (CONTRACT, JSON).
type importShape struct {
	File     string         `json:"file"`
	SHA256   domain.SHA256  `json:"sha256"`
	Format   string         `json:"format"`
	Read     int            `json:"read"`
	Recorded int            `json:"recorded"`
	Repeated int            `json:"repeated"`
	Rejected int            `json:"rejected"`
	Noise    int            `json:"noise"`
	Rejects  []rejectShape  `json:"rejects"`
	Warnings []warningShape `json:"warnings"`
	Unlisted int            `json:"unlisted"` // rejects and warnings beyond those in the lists
	DryRun   bool           `json:"dry_run"`
	Also     []hitShape     `json:"also"` // what the case has in common with others since this file
}

type rejectShape struct {
	Line   int    `json:"line"`
	Page   string `json:"page,omitempty"`
	Field  string `json:"field"`
	Reason string `json:"reason"`
}

type warningShape struct {
	Line   int    `json:"line"`
	Reason string `json:"reason"`
}

func importReply(base casework.File, results []casework.Import, several bool) reply {
	shapes := []importShape{}
	t := newTable("file", "line>", "page", "field", "reason")
	for _, r := range results {
		shapes = append(shapes, shapeOfImport(r, base.DryRun))
		for _, reject := range r.Rejects {
			t.add(r.File, number(reject.Evidence.Line), reject.Evidence.Page, reject.Field, reject.Reason)
		}
	}
	answer := reply{object: shapes, table: t, text: func(w *page) {
		for _, shape := range shapes {
			importText(w, shape, base.Case)
		}
	}}
	if !several {
		answer.object = shapes[0]
	}
	return answer
}

func shapeOfImport(r casework.Import, dry bool) importShape {
	shape := importShape{r.File, r.SHA256, r.Format, r.Read, r.Recorded, r.Repeated, r.Rejected, r.Noise,
		[]rejectShape{}, []warningShape{}, r.Unlisted, dry, hitShapes(r.Also)}
	for _, reject := range r.Rejects {
		shape.Rejects = append(shape.Rejects, rejectShape{reject.Evidence.Line, reject.Evidence.Page, reject.Field, reject.Reason})
	}
	for _, warning := range r.Warnings {
		shape.Warnings = append(shape.Warnings, warningShape(warning))
	}
	return shape
}

func importText(w *page, r importShape, id domain.CaseID) {
	dry, kept := "", "kept"
	if r.DryRun {
		dry, kept = " (dry run: nothing was recorded)", "would be kept"
	}
	w.head("%s: format %s%s", r.File, r.Format, dry)
	w.line("  read %d = recorded %d + repeated %d + rejected %d + noise %d", r.Read, r.Recorded, r.Repeated, r.Rejected, r.Noise)
	w.line("  %s as evidence %s", kept, r.SHA256)
	for i, reject := range r.Rejects {
		if i == maxShown {
			w.line("  … and %d more rejected lines: all are in --json and in 'clew evidence list %s --rejects'", r.Rejected-maxShown, id)
			break
		}
		w.line("  rejected %s: %s", place(reject), reasonOf(reject))
	}
	for i, warning := range r.Warnings {
		if i == maxShown {
			w.line("  … and %d more warnings: all are in --json", len(r.Warnings)-maxShown)
			break
		}
		w.line("  warning%s: %s", atLine(warning.Line), warning.Reason)
	}
	hitsText(w, r.Also)
}

func place(r rejectShape) string {
	if r.Page != "" {
		return fmt.Sprintf("%s line %d", r.Page, r.Line)
	}
	return fmt.Sprintf("line %d", r.Line)
}

func reasonOf(r rejectShape) string {
	if r.Field == "" || strings.HasPrefix(r.Reason, r.Field+" ") {
		return r.Reason
	}
	return r.Field + ": " + r.Reason
}

func atLine(line int) string {
	if line == 0 {
		return ""
	}
	return fmt.Sprintf(" at line %d", line)
}
