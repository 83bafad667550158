package main

import (
	"context"
	"fmt"
	"strconv"

	"github.com/spf13/cobra"

	"clew/casework"
	"clew/domain"
	"clew/indicators"
)

func (p *program) mulesSet() *cobra.Command {
	var set domain.IndicatorSet
	cmd := &cobra.Command{
		Use: "set INDICATOR THRESHOLD VALUE", Short: "Decide at which threshold an indicator fires",
		Long: `Decide at which threshold an indicator of mule accounts fires, in every case. Who decided it, when, why, and what it was
before are recorded, and it holds from then on. A finding says which thresholds it used; as of an earlier day
(--known-at) they are those of that day.`,
		Example: `  clew mules set fan-in payers 8 --why "too many clubs in our district"`, Args: p.takes("INDICATOR", "THRESHOLD", "VALUE"),
	}
	cmd.Flags().StringVar(&set.Reason, "why", "", "the reason, which is kept with it (needed)")
	cmd.RunE = p.does(func(ctx context.Context, args []string) error {
		value, err := strconv.ParseInt(args[2], 10, 64)
		if err != nil {
			return domain.Usage("value %q is no whole number: shares are in thousandths, times in hundredths, amounts in whole units", args[2])
		}
		set.Indicator, set.Threshold, set.Now = args[0], args[1], value
		return p.act(ctx, mustExist, func(o *office, by casework.By) (act, error) {
			outcome, err := o.desk.SetIndicator(ctx, by, set)
			return act{what: fmt.Sprintf("the indicator %s fires at %s %d", set.Indicator, set.Threshold, set.Now),
				fields: map[string]any{"indicator": set.Indicator, "threshold": set.Threshold, "value": set.Now}, outcome: outcome,
				next: "clew mules thresholds " + set.Indicator}, err
		})
	})
	return cmd
}

// thresholdShape is a threshold in JSON.
type thresholdShape struct {
	Indicator string `json:"indicator"`
	Threshold string `json:"threshold"`
	Value     int64  `json:"value"`
	Standard  int64  `json:"standard"` // as clew ships it
	Source    string `json:"source"`   // who says so, or why it was set
}

func (p *program) mulesThresholds() *cobra.Command {
	var ask asking
	cmd := &cobra.Command{
		Use: "thresholds [INDICATOR]", Short: "Show at which thresholds the indicators fire, and who says so",
		Example: "  clew mules thresholds\n  clew mules thresholds fan-in --known-at 2024-03-05", Args: p.takes("[INDICATOR]"),
	}
	cmd.RunE = p.does(func(ctx context.Context, args []string) error {
		return p.with(ctx, mustExist, func(o *office) error {
			upto, err := ask.known(ctx, o)
			if err != nil {
				return err
			}
			list, err := o.views.Thresholds(ctx, upto)
			if err != nil {
				return err
			}
			if len(args) == 1 {
				if _, err := indicators.Find(args[0]); err != nil {
					return err
				}
			}
			shapes := thresholdShapes(list, args)
			return p.say(reply{object: shapes, table: thresholdsTable(shapes)})
		})
	})
	return ask.times(cmd)
}

func thresholdShapes(list indicators.Thresholds, only []string) []thresholdShape {
	shapes, standard := []thresholdShape{}, indicators.Standard()
	for i, t := range list {
		if len(only) == 0 || only[0] == t.Indicator {
			shapes = append(shapes, thresholdShape{t.Indicator, t.Name, t.Value, standard[i].Value, t.Source})
		}
	}
	return shapes
}

func thresholdsTable(list []thresholdShape) *table {
	t := newTable("indicator", "threshold", "value>", "standard>", "source or reason")
	for _, one := range list {
		t.add(one.Indicator, one.Threshold, fmt.Sprint(one.Value), fmt.Sprint(one.Standard), one.Source)
	}
	return t
}
