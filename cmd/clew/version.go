package main

import (
	"context"
	"runtime"
	"runtime/debug"
	"strings"

	"github.com/spf13/cobra"
)

func (p *program) versionCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use: "version", Short: "Say which clew this is", Example: "  clew version --json", Args: p.takes(),
	}
	cmd.RunE = p.does(func(context.Context, []string) error {
		v := version()
		t := newTable("version", "revision", "go")
		t.add(v.Version, v.Revision, v.Go)
		return p.say(reply{object: v, table: t, text: func(w *page) { w.line("clew %s %s %s", v.Version, v.Revision, v.Go) }})
	})
	return cmd
}

// versionShape is which clew this is, in JSON.
type versionShape struct {
	Version  string `json:"version"`
	Revision string `json:"revision"` // of the source; "" where it was built outside of a checkout
	Go       string `json:"go"`
}

// version is which clew this is.
func version() versionShape {
	v := versionShape{Version: "(devel)", Go: runtime.Version()}
	if build, ok := debug.ReadBuildInfo(); ok {
		v.Version = build.Main.Version
		for _, setting := range build.Settings {
			if setting.Key == "vcs.revision" {
				v.Revision = setting.Value
			}
		}
	}
	return v
}

// told is the version as a report says it.
func (v versionShape) told() string { return strings.TrimSpace(v.Version + " " + v.Revision) }
