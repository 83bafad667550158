package papers

import (
	"fmt"
	"time"
)

// timeline tells the case by its dates.
func (r Report) timeline() chapter {
	g := newGrid("timeline", "When it happened, and when it became known", "when", "what", "recorded", "by", "position>")
	for _, h := range r.Timeline {
		g.add(h.When.String(), h.Text, h.RecordedAt.UTC().Format(time.DateOnly), h.Actor, fmt.Sprint(h.Position))
	}
	if r.Untold > 0 {
		g.Rest = fmt.Sprintf("%s left out here: 'clew timeline %s' tells them all.", count(r.Untold, "line is", "lines are"), r.Case)
	}
	return chapter{ID: "timeline", Title: "Timeline", Grids: filled(g),
		Text: []string{"Payments that victims reported, steps of freezes, and what was filed and decided. Payments between other accounts stand in the chapters of the victims whose money they carried."}}
}

// evidence lists the files.
func (r Report) evidence() chapter {
	g := newGrid("files", "Evidence files", "file", "SHA-256", "bytes>", "format", "from", "rows taken>", "lines", "lines not read>", "position>")
	for _, f := range r.Files {
		g.add(f.Name, string(f.SHA256), fmt.Sprint(f.Size), f.Format, f.Source, fmt.Sprint(f.Taken), f.linesText(), fmt.Sprint(f.Rejected), fmt.Sprint(f.Position))
	}
	c := chapter{ID: "evidence", Title: "Evidence", Grids: filled(g)}
	c.Text = []string{"Each file is kept under its SHA-256, as it was when it was filed. Lines are counted from 1, as the file has them."}
	if len(r.Files) == 0 {
		c.Text = []string{"No file was filed: everything here was told by persons."}
	}
	return c
}

// limits says what must be known before this is relied on.
func (r Report) limits() chapter {
	c := chapter{ID: "limits", Title: "To know before this is relied on", List: r.Warnings}
	c.Text = []string{"This report says what the files and persons named in it say, and what follows from that by the rule. It does not say that what they told is true."}
	withheld := newGrid("withheld", "Files that must not leave the case: what was read from them is left out", "SHA-256", "rows>", "why")
	for _, w := range r.Withheld {
		withheld.add(string(w.File), fmt.Sprint(w.Rows), w.Why)
	}
	c.Grids = filled(withheld)
	return c
}

// check says how anybody can check the report.
func (r Report) check() chapter {
	c := chapter{ID: "check", Title: "How to check this report", Code: r.Log.Note}
	c.List = []string{
		fmt.Sprintf("The log that it was made from has %d records and the root %s (RFC 6962, SHA-256). 'clew verify' reads all of it again and says whether it is consistent with a head that somebody else holds.", r.Log.Size, r.Log.Root),
		fmt.Sprintf("The same numbers come out of 'clew report %s --upto %d --rule %s%s' on that log, on any machine.", r.Case, r.Position, r.Choice.Rule, atFlag(r.At)),
		fmt.Sprintf("Without the log and without clew: ask for the bundle ('clew bundle %s --rule %s'), a file with the records, their proofs, the evidence files and every step of the trace. The separate program clew-verify checks it offline, with the log's public key.", r.Case, r.Choice.Rule),
		"Each evidence file can be compared with its SHA-256 by any program, such as 'sha256sum'.",
	}
	c.Text = r.signed()
	return c
}

func atFlag(at time.Time) string {
	if at.IsZero() {
		return ""
	}
	return " --at " + at.UTC().Format(time.RFC3339Nano)
}

func (r Report) signed() []string {
	if r.Log.Note == "" {
		return []string{"The log has no signed checkpoint: nothing here is signed, and only a head that somebody outside holds shows that the log was not rewritten."}
	}
	text := []string{fmt.Sprintf("The last signed checkpoint covers %d records; it stands below as it was signed.", r.Log.Signed)}
	for _, key := range r.Log.Keys {
		text = append(text, "The log's key is "+key+". Compare it with the key that the log's keeper told you before there was any dispute.")
	}
	for _, seen := range r.Log.Seen {
		text = append(text, "Seen by the witness "+seen+".")
	}
	return text
}
