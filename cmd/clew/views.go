package main

import (
	"cmp"
	"context"
	"slices"

	"github.com/spf13/cobra"

	"clew/projections"
)

func (p *program) rebuildCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use: "rebuild [PROJECTION]…", Short: "Build the read models anew from the log",
		Long: `Empty the named projections, or all, and fill them again from the first event. Answers are the same before and
after: 'clew projections' shows fingerprints that say so.`,
		Example: "  clew rebuild\n  clew rebuild movements",
	}
	cmd.RunE = p.does(func(ctx context.Context, names []string) error {
		return p.with(ctx, mustExist, func(o *office) error {
			progress := p.bar(ctx, "rebuild", events)
			err := o.views.Rebuild(ctx, names, func(done, all uint64) { progress.reached(int64(done), int64(all)) })
			progress.done()
			if err != nil {
				return err
			}
			return p.sayProjections(ctx, o)
		})
	})
	return cmd
}

func (p *program) projectionsCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use: "projections", Short: "Show the read models: versions, positions, fingerprints",
		Long: `Show every projection with the position that it has reached and a fingerprint over its rows. A fingerprint
depends on the log alone: it is the same after a rebuild, on another machine, in another store.`,
		Example: "  clew projections --json", Args: p.takes(),
	}
	cmd.RunE = p.does(func(ctx context.Context, _ []string) error {
		return p.with(ctx, mustExist, func(o *office) error { return p.sayProjections(ctx, o) })
	})
	return cmd
}

func (p *program) sayProjections(ctx context.Context, o *office) error {
	standing, err := o.views.Status(ctx)
	if err != nil {
		return err
	}
	slices.SortFunc(standing.Projections, func(a, b projections.Status) int { return cmp.Compare(a.Name, b.Name) })
	t := newTable("projection", "version>", "position>", "fingerprint", "state")
	var parked error
	for _, s := range standing.Projections {
		state := "follows the log"
		if s.Parked != nil {
			state, parked = "parked: "+s.Parked.Why, s.Parked
		}
		t.add(s.Name, number(s.Version), number(s.Position), s.Fingerprint, state)
	}
	err = p.say(reply{object: standing, table: t, text: func(w *page) {
		w.head("The log ends at position %d.", standing.Head)
		w.table(t)
	}})
	return cmp.Or(err, parked)
}
