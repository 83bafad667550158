package main

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"

	"github.com/spf13/cobra"

	"clew/casework"
	"clew/domain"
	"clew/picture"
	"clew/vault"
)

// exporting is what export's flags say.
type exporting struct {
	ask      asking
	format   string
	file     string
	asset    string
	unfolded []int
}

func (p *program) exportCommand() *cobra.Command {
	var f exporting
	cmd := &cobra.Command{
		Use: "export CASE", Short: "Write the flow picture, or the graph behind it, to take elsewhere",
		Long: `Write where the victims' money went, for a report or for another program: svg is the flow picture, csv one line
for each pair of accounts, graphml the same for yEd, Gephi and Cytoscape, json all of it. Bars and ribbons measure what victims
lost, by the case's rule or the one asked for; the columns are the fewest payments between a victim and an account. The eight
largest accounts of a column are drawn and the rest is folded into one: --unfold draws them too. Where losses are in several
assets each makes a picture of its own (--asset). Without --output it goes to standard output; a folder gets a file with a name
of its own, from the case and the time. What is exported is kept in the log of reads.`,
		Example: "  clew export C1 --format svg -o C1.svg\n  clew export C1 --format graphml --rule libr --at 2024-03-05 -o .", Args: p.takes("CASE"),
	}
	flags := cmd.Flags()
	flags.StringVar(&f.format, "format", string(picture.SVG), "svg, csv, graphml or json")
	flags.StringVarP(&f.file, "output", "o", "", "the file to write, or the folder it shall lie in; one that is there already is not written over")
	flags.StringVar(&f.asset, "asset", "", "of several lost assets the one to draw (default: the one most payments were in)")
	flags.IntSliceVar(&f.unfolded, "unfold", nil, "the hops whose folded accounts are drawn each by itself, as in 1,2")
	cmd.RunE = p.doesAbout(func(ctx context.Context, id domain.CaseID, _ []string) error {
		format, err := f.form(p)
		if err != nil {
			return err
		}
		return p.with(ctx, mustExist, func(o *office) error { return p.export(ctx, o, id, &f, format) })
	})
	return f.ask.rules(p.caseFlag(cmd))
}

func (f *exporting) form(p *program) (picture.Format, error) {
	format := picture.Format(f.format)
	if p.json {
		format = picture.JSON
	}
	if !slices.Contains(picture.Formats(), format) {
		return "", domain.Usage("--format %q is not one of svg, csv, graphml, json", f.format)
	}
	return format, nil
}

func (p *program) export(ctx context.Context, o *office, id domain.CaseID, f *exporting, format picture.Format) error {
	question, err := f.ask.question(ctx, o, id)
	if err != nil {
		return err
	}
	graph, err := o.desk.Flow(ctx, question, domain.AssetCode(f.asset))
	if err != nil {
		return err
	}
	if _, told := f.ask.told(); told != nil {
		graph.KnownAt = *told
	}
	by, err := p.by()
	if err != nil {
		return err
	}
	if err := o.reads(by, casework.Read{Does: vault.Exported, Case: id, What: "flow " + string(format)}); err != nil {
		return err
	}
	view := picture.Place(graph).View(picture.Shown{At: question.At, Unfolded: f.unfolded})
	if f.file == "" {
		return view.Write(p.out, format)
	}
	path := f.file
	if found, err := os.Stat(path); err == nil && found.IsDir() {
		path = filepath.Join(path, graph.FileName(format, p.now()))
	}
	if err := newFile(path, func(out io.Writer) error { return view.Write(out, format) }); err != nil {
		return err
	}
	p.tell("%s is written", path)
	return nil
}

// newFile writes beside the file and puts the whole into its place: half of it
// is never there, and nothing is written over.
func newFile(path string, write func(io.Writer) error) error {
	if _, err := os.Stat(path); err == nil {
		return &domain.Error{Class: domain.ClassConflict, Text: path + " is there already: give another name, or move it away"}
	}
	draft, err := os.CreateTemp(filepath.Dir(path), ".clew-export-*")
	if err != nil {
		return err
	}
	defer os.Remove(draft.Name())
	err = write(draft)
	if err = errors.Join(err, draft.Sync(), draft.Close()); err != nil {
		return err
	}
	return os.Rename(draft.Name(), path)
}
