package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"clew/casework"
	"clew/domain"
)

func (p *program) assetCommands() *cobra.Command {
	return p.branch("asset", "Register and list assets with their smallest units", p.assetAdd(), p.assetList())
}

func (p *program) assetAdd() *cobra.Command {
	var name, basis string
	decimals := -1
	cmd := &cobra.Command{
		Use: "add CODE", Short: "Register an asset with its decimals",
		Long: `Register an asset: SYMBOL@chain, a CAIP-19 name or a symbol, with the number of its decimals, which says what
its smallest unit is. An asset keeps its decimals for ever: amounts that were recorded would change otherwise.`,
		Example: `  clew asset add WBTC@ethereum --decimals 8 --basis "the contract's decimals()"`, Args: p.takes("CODE"),
	}
	flags := cmd.Flags()
	flags.IntVar(&decimals, "decimals", -1, "digits after the point, 0 to 36 (needed)")
	flags.StringVar(&name, "name", "", "what it is called")
	flags.StringVar(&basis, "basis", "", "who says so")
	cmd.RunE = p.does(func(ctx context.Context, args []string) error {
		code, err := domain.ParseAssetCode(args[0])
		if err != nil {
			return usage(err)
		}
		if decimals < 0 || decimals > domain.MaxDigits {
			return domain.Usage("asset %s: --decimals is needed, 0 to %d: it says what the smallest unit is", code, domain.MaxDigits)
		}
		return p.act(ctx, mayMake, func(o *office, by casework.By) (act, error) {
			outcome, err := o.desk.AddAsset(ctx, by, domain.AssetRegistered{Asset: code, Digits: uint8(decimals), Name: name, Basis: basis})
			return act{fmt.Sprintf("asset %s has %d decimals", code, decimals), map[string]any{"asset": code, "decimals": decimals}, "", outcome}, err
		})
	})
	return cmd
}

// assetShape is an asset of the register in JSON.
type assetShape struct {
	Asset    domain.AssetCode `json:"asset"`
	Decimals uint8            `json:"decimals"`
}

func (p *program) assetList() *cobra.Command {
	var ask asking
	cmd := &cobra.Command{
		Use: "list", Short: "List the asset register", Example: "  clew asset list --json", Args: p.takes(),
	}
	cmd.RunE = p.does(func(ctx context.Context, _ []string) error {
		return p.with(ctx, mustExist, func(o *office) error {
			upto, err := ask.known(ctx, o)
			if err != nil {
				return err
			}
			register, err := o.views.Assets(ctx, upto)
			if err != nil {
				return err
			}
			t, list := newTable("asset", "decimals>"), []assetShape{}
			for _, a := range register.List() {
				t.add(string(a.Code), number(int(a.Digits)))
				list = append(list, assetShape{a.Code, a.Digits})
			}
			return p.say(reply{object: list, table: t})
		})
	})
	return ask.times(cmd)
}
