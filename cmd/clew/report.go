package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"clew/casework"
	"clew/domain"
	"clew/tracing"
	"clew/vault"
)

// reporting is what report's flags say.
type reporting struct {
	ask                             asking
	format, file, to, basis, browse string
	names                           bool
}

// reportedReply is `report --json`.
type reportedReply struct {
	Case     domain.CaseID `json:"case"`
	Rule     tracing.Rule  `json:"rule"`
	Position uint64        `json:"position"`
	Root     string        `json:"root"`
	Format   string        `json:"format"`
	File     string        `json:"file"`
	SHA256   string        `json:"sha256"`
	Names    bool          `json:"names"`
	Withheld []string      `json:"withheld"`
	Asks     int           `json:"inquiries"`
}

func (p *program) reportCommand() *cobra.Command {
	var f reporting
	cmd := &cobra.Command{
		Use: "report CASE", Short: "Write a report of a case that a prosecutor can read and anybody can check",
		Long: `Write a report: a summary, the rule and what would differ under the others, each victim's ledger and how his money
went, freezes, who can still stop it, which statement to ask for next and how much money that would explain, the
timeline, the evidence files with their SHA-256 and lines, the log's head, and how to check all of it. Victims are
references; --names prints their names, for a recipient (--to) with a basis (--basis), and that is kept in the log of
reads. What was read from a file that must not leave is left out and named, or stops the report ('clew evidence
handling'). An HTML page is whole in itself, without scripts; a PDF is that page, printed by Chromium.`,
		Example: "  clew report C1 -o C1.html\n  clew report C1 --rule libr --at 2024-03-31 --format pdf -o C1.pdf --names --to 'district court' --basis 'order of 4 June'", Args: p.takes("CASE"),
	}
	flags := cmd.Flags()
	flags.StringVar(&f.format, "format", "html", "html or pdf")
	flags.StringVarP(&f.file, "output", "o", "", "the file to write; one that is there already is not written over (default: standard output, as html)")
	flags.BoolVar(&f.names, "names", false, "print the victims' names")
	flags.StringVar(&f.to, "to", "", "who receives it: kept in the log of reads")
	flags.StringVar(&f.basis, "basis", "", "on what basis he may: kept in the log of reads")
	flags.StringVar(&f.browse, "browser", p.getenv("CLEW_BROWSER"), "the Chromium that prints the PDF (or set CLEW_BROWSER; default: the one in PATH)")
	flags.Lookup("browser").DefValue = ""
	cmd.RunE = p.doesAbout(func(ctx context.Context, id domain.CaseID, _ []string) error {
		if err := f.wrong(); err != nil {
			return err
		}
		return p.with(ctx, mustExist, func(o *office) error { return p.report(ctx, o, id, &f) })
	})
	return f.ask.rules(p.caseFlag(cmd))
}

func (f *reporting) wrong() error {
	switch {
	case f.format != "html" && f.format != "pdf":
		return domain.Usage("--format %q is not one of html, pdf", f.format)
	case f.format == "pdf" && f.file == "":
		return domain.Usage("say with --output where the PDF shall lie")
	}
	if f.file == "" {
		return nil
	}
	if _, err := os.Stat(f.file); err == nil {
		return &domain.Error{Class: domain.ClassConflict, Text: f.file + " is there already: give another name, or move it away"}
	}
	return nil
}

// report signs what is recorded, logs that the report goes out, and writes it.
func (p *program) report(ctx context.Context, o *office, id domain.CaseID, f *reporting) error {
	question, err := f.ask.question(ctx, o, id)
	if err != nil {
		return err
	}
	by, err := p.by()
	if err == nil {
		err = p.signNow(ctx, o)
	}
	if err != nil {
		return err
	}
	purpose := casework.Purpose{To: f.to, Basis: f.basis}
	made, err := o.desk.Report(ctx, casework.ReportAsked{Ask: question, Purpose: purpose, Names: f.names, By: by.Actor, Clew: version().told()})
	if err != nil {
		return err
	}
	page := made.HTML
	if f.format == "pdf" {
		if page, err = printed(ctx, f.browse, page); err != nil {
			return err
		}
	}
	if err := o.reads(by, casework.Read{Does: f.does(), Case: id, What: "report " + filepath.Base(f.file), Purpose: purpose}); err != nil {
		return err
	}
	return p.giveReport(f, made, page)
}

// signNow has a checkpoint cover all that a report rests on, where a key is at
// hand.
func (p *program) signNow(ctx context.Context, o *office) error {
	if o.store.ReadOnly() {
		return nil
	}
	head, err := o.store.Head(ctx)
	if err != nil {
		return err
	}
	p.sealNow = true
	return p.signIfDue(ctx, o, head)
}

// does is what the log of reads calls it: given to somebody, or only written
// out.
func (f *reporting) does() vault.Does {
	if f.to != "" {
		return vault.Disclosed
	}
	return vault.Exported
}

func (p *program) giveReport(f *reporting, made casework.Reported, bytes []byte) error {
	if f.file == "" && p.form() == asTable {
		_, err := p.out.Write(bytes)
		return err
	}
	if f.file != "" {
		if err := newFile(f.file, func(out io.Writer) error { _, err := out.Write(bytes); return err }); err != nil {
			return err
		}
	}
	sum := sha256.Sum256(bytes)
	shape := reportedReply{made.Case, made.Choice.Rule, made.Position, made.Log.Root, f.format, f.file, hex.EncodeToString(sum[:]), f.names, []string{}, len(made.Inquiries)}
	for _, w := range made.Withheld {
		shape.Withheld = append(shape.Withheld, string(w.File))
	}
	t := newTable("case", "rule", "position>", "format", "file", "sha256", "withheld>")
	t.add(string(shape.Case), string(shape.Rule), number(shape.Position), shape.Format, shape.File, shape.SHA256, number(len(shape.Withheld)))
	return p.say(reply{object: shape, table: t, text: func(w *page) { reportText(w, &shape) }})
}

func reportText(w *page, shape *reportedReply) {
	w.head("%s is a report of case %s by the rule %s, as of position %d of the log.", shape.File, shape.Case, shape.Rule, shape.Position)
	w.line("SHA-256 %s", shape.SHA256)
	for _, file := range shape.Withheld {
		w.line("Withheld: what was read from file %s; see 'clew evidence list %s'", file, shape.Case)
	}
}
