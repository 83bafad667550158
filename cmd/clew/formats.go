package main

import (
	"context"

	"github.com/spf13/cobra"

	"clew/casework"
)

// formatShape is a format in JSON.
type formatShape struct {
	Format string `json:"format"`
	Title  string `json:"title"`
}

func (p *program) formatsCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use: "formats", Short: "List the formats that import can read",
		Example: "  clew formats", Args: p.takes(),
	}
	cmd.RunE = p.does(func(context.Context, []string) error {
		t, list := newTable("format", "title"), []formatShape{}
		for _, f := range casework.Formats() {
			t.add(f.Name, f.Title)
			list = append(list, formatShape{f.Name, f.Title})
		}
		return p.say(reply{object: list, table: t})
	})
	return cmd
}
