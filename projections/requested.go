package projections

import (
	"context"
	"fmt"
	"slices"

	"clew/domain"
)

// asked remembers what was asked, so that one loss that is asked for through
// three mechanisms counts once in requested, for the request that went first.
type asked struct {
	looks *looks
	loss  map[string]domain.Units  // the most that was asked of one loss
	wide  map[poolKey]domain.Units // the most that was asked of all there is in a pool
	pool  map[poolKey]domain.Units // what counts as asked of a pool
}

// countRequested counts requests in the order in which they went out. Drafts
// and holds that nobody asked for are no requests.
func countRequested(ctx context.Context, looks *looks, list []*interception) error {
	sent := slices.DeleteFunc(slices.Clone(list), func(i *interception) bool { return !i.isRequest() })
	slices.SortStableFunc(sent, func(a, b *interception) int { return a.SubmittedAt.Time.Compare(b.SubmittedAt.Time) })
	known := asked{looks, map[string]domain.Units{}, map[poolKey]domain.Units{}, map[poolKey]domain.Units{}}
	for _, i := range sent {
		if err := known.request(ctx, i); err != nil {
			return err
		}
	}
	return nil
}

// isRequest says whether a request went out.
func (i *interception) isRequest() bool { return !i.SubmittedAt.IsZero() && !i.Request.Unasked }

func (k *asked) request(ctx context.Context, i *interception) (err error) {
	pool := poolKey{i.Account, i.Asset()}
	loss, err := k.lossKey(ctx, i)
	if err != nil {
		return err
	}
	if i.Request.Amount != nil {
		sum := i.Request.Amount.Units
		i.requested = less(less(sum, k.loss[loss]), less(k.wide[pool], k.loss[loss]))
		k.loss[loss] = most(k.loss[loss], sum)
	} else {
		there, err := k.looks.at(ctx, look{i.Case, i.SubmittedAt.Time.UTC()}, pool)
		if err != nil {
			return err
		}
		i.requested = less(there.balance, k.pool[pool])
		k.wide[pool] = most(k.wide[pool], there.balance)
	}
	k.pool[pool], err = k.pool[pool].Add(i.requested)
	return err
}

// lossKey names the loss that a request speaks of: the payment, else the
// victims' money on the account.
func (k *asked) lossKey(ctx context.Context, i *interception) (string, error) {
	assembly, err := k.looks.views.Assemble(ctx, i.Case, k.looks.ask.Upto)
	if err != nil {
		return "", err
	}
	if i.Request.Payment != "" {
		name := i.Request.Payment
		if row := lossOf(assembly, i.Request); row != nil {
			name = row.ID
		}
		return fmt.Sprintf("payment %s of %s", name, i.Asset().Code), nil
	}
	victims := slices.Sorted(slices.Values(i.Request.Victims))
	return fmt.Sprintf("%q on %q of %s", victims, i.Account, i.Asset().Code), nil
}

func most(a, b domain.Units) domain.Units {
	if a.Less(b) {
		return b
	}
	return a
}
