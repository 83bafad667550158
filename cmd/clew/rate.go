package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"clew/casework"
	"clew/domain"
)

func (p *program) rateCommands() *cobra.Command {
	return p.branch("rate", "Record published exchange rates for the marked column of a case", p.ratePublish())
}

func (p *program) ratePublish() *cobra.Command {
	var base, day, source string
	cmd := &cobra.Command{
		Use: "publish RATE…", Short: "Record what one unit of an asset was worth on a day",
		Long: `Record a day's published rates: one unit of --base was worth so much of each. They fill the marked column of
ledgers in a case that was opened with --currency, and change no amount and no trace. A case may be in any
currency that the rates reach, also by way of --base.`,
		Example: `  clew rate publish USD=1.0873 GBP=0.8551 --base EUR --day 2024-03-01 --source "European Central Bank"`, Args: p.takes("RATE…"),
	}
	flags := cmd.Flags()
	flags.StringVar(&base, "base", "", "the asset of which one unit is priced (needed)")
	flags.StringVar(&day, "day", "", "the day they were published for (needed)")
	flags.StringVar(&source, "source", "", "who published them (needed)")
	cmd.RunE = p.does(func(ctx context.Context, args []string) error {
		event, err := ratesOf(base, day, args)
		if err != nil {
			return err
		}
		event.Source = source
		return p.act(ctx, mustExist, func(o *office, by casework.By) (act, error) {
			outcome, err := o.desk.PublishRates(ctx, by, event)
			return act{fmt.Sprintf("rates of %s for %s are known from %s", event.Base, event.Day, source),
				map[string]any{"base": event.Base, "day": event.Day, "rates": event.Rates}, "", outcome}, err
		})
	})
	return cmd
}

// ratesOf reads a day's rates.
func ratesOf(base, day string, args []string) (domain.RatePublished, error) {
	event := domain.RatePublished{Rates: map[domain.AssetCode]string{}}
	var err error
	if event.Base, err = domain.ParseAssetCode(base); err != nil {
		return event, flagError("--base", err)
	}
	if event.Day, err = domain.ParseWhen(day); err != nil {
		return event, flagError("--day", err)
	}
	for _, arg := range args {
		name, rate, found := strings.Cut(arg, "=")
		if !found {
			return event, domain.Usage("rate %q is not of the form USD=1.0873", arg)
		}
		code, err := domain.ParseAssetCode(name)
		if err != nil {
			return event, usage(err)
		}
		event.Rates[code] = rate
	}
	return event, nil
}
