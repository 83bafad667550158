package main

import (
	"context"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"clew/casework"
	"clew/domain"
	"clew/projections"
)

// maxMechanismFile bounds an installation's own file: a thousand mechanisms of
// a page each.
const maxMechanismFile = 4 << 20

// readMechanisms are those that clew ships with, and the installation's own
// over them: of two with one name its own stands.
func (p *program) readMechanisms() (domain.Mechanisms, error) {
	standard := domain.StandardMechanisms()
	if p.mechanisms == "" {
		return standard, nil
	}
	path := p.mechanisms
	if p.dir != "" && !filepath.IsAbs(path) {
		path = filepath.Join(p.dir, path)
	}
	found, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("--mechanisms: %w", err)
	}
	if found.Size() > maxMechanismFile {
		return nil, domain.Usage("--mechanisms %s has %d bytes, more than %d: it is no list of mechanisms", p.mechanisms, found.Size(), maxMechanismFile)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("--mechanisms: %w", err)
	}
	own, err := domain.ParseMechanisms(text)
	if err != nil {
		return nil, flagError("--mechanisms "+p.mechanisms, err)
	}
	return standard.With(own), nil
}

// mechanismShape is a mechanism in JSON.
type mechanismShape struct {
	Mechanism string   `json:"mechanism"`
	Title     string   `json:"title"`
	Starts    string   `json:"starts"`
	Countries []string `json:"countries"`
	Criteria  []string `json:"criteria"`
	Clocks    []string `json:"clocks"`
	OrderDue  bool     `json:"order_due"`
	ValidFrom string   `json:"valid_from,omitempty"`
	ValidTo   string   `json:"valid_to,omitempty"`
	Papers    []string `json:"papers"`
	Note      string   `json:"note"`
	Source    string   `json:"source"`
}

func (p *program) freezeMechanisms() *cobra.Command {
	file := ""
	cmd := &cobra.Command{
		Use: "mechanisms", Short: "List the mechanisms by which money can be stopped",
		Long: `List the mechanisms: who starts them, what they ask for, by when. They are data: --file, or CLEW_MECHANISMS, adds
an installation's own (a file in the form of domain/mechanisms.yaml); of two with one name its own stands.
Criteria warn and never block.`,
		Example: "  clew freeze mechanisms\n  clew freeze mechanisms --file ours.yaml --json", Args: p.takes(),
	}
	cmd.Flags().StringVar(&file, "file", "", "the installation's own mechanisms (or set CLEW_MECHANISMS)")
	cmd.RunE = p.does(func(context.Context, []string) error {
		if file != "" {
			p.mechanisms = file
		}
		list, err := p.readMechanisms()
		if err != nil {
			return err
		}
		shapes, t := []mechanismShape{}, newTable("mechanism", "title", "who starts it", "asks for", "clocks")
		for _, m := range list {
			s := shapeOfMechanism(m)
			shapes = append(shapes, s)
			t.add(s.Mechanism, s.Title, s.Starts, strings.Join(s.Criteria, "; "), strings.Join(s.Clocks, "; "))
		}
		return p.say(reply{object: shapes, table: t})
	})
	return cmd
}

func shapeOfMechanism(m domain.Mechanism) mechanismShape {
	s := mechanismShape{m.Name, m.Title, m.Starts, listed(m.Countries), listed(m.Criteria.Words()), []string{}, m.OrderDue, m.ValidFrom, m.ValidTo,
		listed(m.Papers), m.Note, m.Source}
	for _, c := range m.Clocks {
		s.Clocks = append(s.Clocks, c.What+": "+c.Words())
	}
	return s
}

func (p *program) freezeLimit() *cobra.Command {
	return p.branch("limit", "Above which sum a request needs a second person's approval", p.freezeLimitSet(), p.freezeLimitShow())
}

func (p *program) freezeLimitSet() *cobra.Command {
	reason := ""
	cmd := &cobra.Command{
		Use: "set AMOUNT ASSET", Short: "Decide above which sum a request needs a second person",
		Long: `Decide above which sum a request in this asset needs the approval of somebody other than its drafter. Without a
limit every request does. The decision is recorded and holds from then on; a later one takes its place.`,
		Example: `  clew freeze limit set 10000.00 EUR --reason "standing order 7"`, Args: p.takes("AMOUNT", "ASSET"),
	}
	cmd.Flags().StringVar(&reason, "reason", "", "why (needed)")
	cmd.RunE = p.does(func(ctx context.Context, args []string) error {
		return p.act(ctx, mustExist, func(o *office, by casework.By) (act, error) {
			register, err := o.views.Assets(ctx, projections.Head)
			if err != nil {
				return act{}, err
			}
			asset, err := register.Find(args[1])
			if err != nil {
				return act{}, usage(err)
			}
			limit, err := domain.ParseAmount(args[0], asset)
			if err != nil {
				return act{}, usage(err)
			}
			outcome, err := o.desk.SetFreezeLimit(ctx, by, domain.FreezeLimitSet{Limit: limit, Reason: reason})
			return act{what: fmt.Sprintf("a request above %s %s needs a second person's approval", limit, asset.Code),
				fields: map[string]any{"limit": limit.String(), "asset": asset.Code}, outcome: outcome}, err
		})
	})
	return cmd
}

// limitShape is a limit in JSON.
type limitShape struct {
	Asset domain.AssetCode `json:"asset"`
	Limit string           `json:"limit"`
}

func (p *program) freezeLimitShow() *cobra.Command {
	cmd := &cobra.Command{
		Use: "show", Short: "Show the limits that hold now",
		Example: "  clew freeze limit show", Args: p.takes(),
	}
	cmd.RunE = p.does(func(ctx context.Context, _ []string) error {
		return p.with(ctx, mustExist, func(o *office) error {
			if err := o.catchUp(ctx); err != nil {
				return err
			}
			limits, err := o.views.FreezeLimits(ctx, projections.Head)
			if err != nil {
				return err
			}
			t, list := newTable("asset", "limit>"), []limitShape{}
			for _, code := range slices.Sorted(maps.Keys(limits)) {
				t.add(string(code), limits[code].String())
				list = append(list, limitShape{code, limits[code].String()})
			}
			return p.say(reply{object: list, table: t, text: func(w *page) {
				if len(list) == 0 {
					w.line("No limit is set: every request needs a second person's approval.")
					return
				}
				w.table(t)
				w.line("In every other asset each request needs a second person's approval.")
			}})
		})
	})
	return cmd
}
