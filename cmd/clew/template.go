package main

import (
	"context"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"clew/casework"
)

// templateShape is the typing template, or a drafted mapping file, in JSON.
type templateShape struct {
	File string `json:"file"` // the name under which it is best kept
	Text string `json:"text"`
}

func (p *program) templateCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use: "template [FILE]", Short: "Print the table into which paper statements are typed, or draft the mapping file of a table",
		Long: `Print an empty table for statements that exist on paper only: page by page, row by row, with the balances that
the paper states, so that each page is checked against itself when it is imported (format typed).

With a FILE, a table in CSV or XLSX that nobody has mapped yet, print a draft of its mapping file instead: what its
headings and first rows show is filled in, and what they do not show stands there as a question. Check every line,
answer the questions, and import the table with --map.`,
		Example: "  clew template > typed.csv\n  clew template statement.csv > mybank.yaml", Args: p.takes("[FILE]"),
	}
	sheet := cmd.Flags().String("sheet", "", "which sheet of a workbook")
	cmd.RunE = p.does(func(_ context.Context, args []string) error {
		name, body := casework.Template()
		if len(args) > 0 {
			var err error
			if name, body, err = p.draft(args[0], *sheet); err != nil {
				return err
			}
		}
		if p.form() == asJSON {
			return p.say(reply{object: templateShape{name, string(body)}})
		}
		_, err := p.out.Write(body)
		if len(args) > 0 {
			p.next("keep it as %s, answer its questions, then: clew import %s --case ID --map %s --dry-run", name, args[0], name)
			return err
		}
		p.next("clew import %s --case ID", name)
		return err
	})
	return cmd
}

// draft drafts the mapping file of a table.
func (p *program) draft(table, sheet string) (name string, body []byte, err error) {
	in, err := os.Open(table)
	if err != nil {
		return "", nil, unreadable(table, err)
	}
	defer func() { _ = in.Close() }()
	base := filepath.Base(table)
	text, _, err := casework.DraftMapping(in, base, sheet)
	return strings.TrimSuffix(base, filepath.Ext(base)) + ".yaml", []byte(text), err
}
