package main

import (
	"context"

	"github.com/spf13/cobra"

	"clew/casework"
)

// templateShape is the typing template in JSON.
type templateShape struct {
	File string `json:"file"` // the name under which it is best kept
	Text string `json:"text"`
}

func (p *program) templateCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use: "template", Short: "Print the table into which paper statements are typed",
		Long: `Print an empty table for statements that exist on paper only: page by page, row by row, with the balances that
the paper states, so that each page is checked against itself when it is imported (format typed).`,
		Example: "  clew template > typed.csv", Args: p.takes(),
	}
	cmd.RunE = p.does(func(context.Context, []string) error {
		name, body := casework.Template()
		if p.form() == asJSON {
			return p.say(reply{object: templateShape{name, string(body)}})
		}
		_, err := p.out.Write(body)
		p.next("clew import %s --case ID", name)
		return err
	})
	return cmd
}
