package casework

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"clew/domain"
	"clew/projections"
	"clew/tracing"
)

// The ways to share a recovered sum among victims.
const (
	ByTrace      = "trace"                  // by whose lots the sum is, under the case's rule
	ByGross      = "pari-passu-gross"       // in proportion to what each has lost in all
	ByNet        = "pari-passu-net"         // in proportion to what each has not got back
	ByRisingTide = "pari-passu-rising-tide" // who has got least of his loss first
	ByCourt      = "court"                  // as a court's list says
)

// RestitutionMethods lists them.
func RestitutionMethods() []string {
	return []string{ByTrace, ByGross, ByNet, ByRisingTide, ByCourt}
}

// Restitution asks to share what a freeze has seized among the victims.
type Restitution struct {
	domain.News
	Amount domain.Amount        `json:"amount"`
	Method string               `json:"method"`
	Rule   tracing.Rule         `json:"rule,omitempty"`   // of ByTrace; "": the case's
	Shares []domain.VictimShare `json:"shares,omitempty"` // of ByCourt
}

// Division is how a sum is shared. Nobody receives above his loss: what
// nobody may receive is Left, and stays where it is.
type Division struct {
	Shares []domain.VictimShare
	Left   domain.Amount
	Rule   tracing.Rule // of ByTrace; else ""
}

// Sum is what is shared out.
func (d Division) Sum() domain.Amount {
	sum := domain.Amount{Asset: d.Left.Asset}
	for _, share := range d.Shares {
		sum.Units = sum.Units.Plus(share.Amount.Units) // parts of a sum that fits
	}
	return sum
}

// Divide works out a restitution and records nothing.
func (d *Desk) Divide(ctx context.Context, c domain.CaseID, r Restitution) (Division, error) {
	if err := d.Views.CatchUp(ctx); err != nil {
		return Division{}, err
	}
	file, err := d.Views.CaseFile(ctx, c, projections.Head)
	if err != nil {
		return Division{}, err
	}
	return d.divide(ctx, file, r)
}

// Restitute shares a recovered sum among victims, and those who reimbursed
// them, and records the restoration. It is one act: what somebody else has
// restored meanwhile is seen.
func (d *Desk) Restitute(ctx context.Context, by By, c domain.CaseID, r Restitution) (Division, Outcome, error) {
	var division Division
	outcome, err := d.onCase(ctx, by, c, r, func(file *domain.CaseFile) (_ []domain.Event, err error) {
		if division, err = d.divide(ctx, file, r); err != nil {
			return nil, err
		}
		sum := division.Sum()
		if sum.IsZero() {
			return nil, domain.Conflict("freeze %s: nobody may receive anything of the %s %s: all losses are made good, or none is traced to it", r.Freeze, r.Amount, r.Amount.Asset.Code)
		}
		step := domain.StepFreeze{Step: domain.StepRestore, News: r.News, Amount: &sum, Shares: division.Shares, Method: r.Method}
		step.At = d.orNow(r.At)
		if step.By == "" {
			step.By = by.Actor
		}
		return step.Decide(file)
	})
	if err == nil && outcome.repeated() {
		division, err = d.dividedThen(ctx, c, r, outcome)
	}
	return division, outcome, err
}

// dividedThen is who received what when the key of a restitution first came.
func (d *Desk) dividedThen(ctx context.Context, c domain.CaseID, r Restitution, o Outcome) (Division, error) {
	told, err := firstTold[domain.FreezeRestored](ctx, d, o)
	if err != nil {
		return Division{}, err
	}
	left := domain.Amount{Asset: r.Amount.Asset, Units: r.Amount.Units.Minus(told.Amount.Units)}
	division := Division{Shares: told.Shares, Left: left}
	if r.Method == ByTrace {
		file, err := d.Views.CaseFile(ctx, c, o.First)
		if err != nil {
			return Division{}, err
		}
		division.Rule = cmp.Or(r.Rule, lockedRule(file), tracing.FIFO)
	}
	return division, nil
}

func lockedRule(file *domain.CaseFile) tracing.Rule {
	if file.Lock == nil {
		return ""
	}
	return tracing.Rule(file.Lock.Rule)
}

// divide shares out no more than is seized and not yet given away, to nobody
// more than he has lost.
func (d *Desk) divide(ctx context.Context, file *domain.CaseFile, r Restitution) (Division, error) {
	f, known := file.Freezes[r.Freeze]
	if !known {
		return Division{}, domain.NotFound("case %s has no freeze %s: see 'clew freeze list --case %s'", file.ID, r.Freeze, file.ID)
	}
	if err := r.wrong(f); err != nil {
		return Division{}, err
	}
	ask := projections.Ask{Case: file.ID, Rule: r.Rule}
	losses, err := d.Views.Losses(ctx, ask)
	if err != nil {
		return Division{}, err
	}
	claimants, err := d.claimants(ctx, losses, r)
	if err != nil {
		return Division{}, err
	}
	switch r.Method {
	case ByCourt:
		return r.asListed(claimants)
	case ByTrace:
		traced, err := d.Views.Trace(ctx, ask)
		if err != nil {
			return Division{}, err
		}
		return d.byTrace(ctx, traced, sharing{r, f, claimants})
	}
	return r.pariPassu(claimants)
}

func (r Restitution) wrong(f *domain.Freeze) error {
	asset := domain.Asset{Code: f.Request.Asset, Digits: f.Request.Digits}
	gone, err := f.Sums.Restored.Add(f.Sums.Transferred)
	if err != nil {
		return err
	}
	left := domain.Amount{Units: f.Sums.Seized.Minus(gone.Min(f.Sums.Seized)), Asset: asset}
	switch {
	case !slices.Contains(RestitutionMethods(), r.Method):
		return domain.Usage("method %q is not one of %v", r.Method, RestitutionMethods())
	case r.Amount.Asset != asset || r.Amount.Units.Sign() <= 0:
		return domain.Usage("freeze %s: say how much %s is shared out, above 0", r.Freeze, asset.Code)
	case left.Units.Less(r.Amount.Units):
		return domain.Conflict("freeze %s: %s %s is more than the %s that is seized and not yet given away: record the seizure first ('clew freeze seize')", r.Freeze, r.Amount, asset.Code, left)
	case r.Method == ByCourt && len(r.Shares) == 0:
		return domain.Usage("freeze %s: the court's list of shares is missing", r.Freeze)
	case r.Method != ByCourt && len(r.Shares) > 0:
		return domain.Usage("freeze %s: shares are given with method %s only; %s works them out", r.Freeze, ByCourt, r.Method)
	}
	return nil
}

// claimant is a victim, or one who reimbursed him and stands in his place.
type claimant struct {
	victim domain.VictimID
	payer  string
	asset  domain.Asset // of the loss
	tracing.Contribution
}

// lost is what he has not got back.
func (c claimant) lost() domain.Units { return c.Paid.Minus(c.Back.Min(c.Paid)) }

// claimants lists who has lost what, by victim, each followed by those who
// reimbursed him, in units of the sum that is shared.
func (d *Desk) claimants(ctx context.Context, losses []projections.Loss, r Restitution) ([]claimant, error) {
	into, err := d.converter(ctx, r)
	if err != nil {
		return nil, err
	}
	var list []claimant
	for _, l := range losses {
		parts, err := l.Parts()
		if err != nil {
			return nil, err
		}
		for _, part := range parts {
			if part.Paid.IsZero() {
				continue
			}
			c := claimant{victim: l.Victim, payer: part.Payer, asset: l.Asset}
			if c.Paid, err = into(part.Paid, l); err != nil {
				return nil, err
			}
			if c.Back, err = into(part.Back, l); err != nil {
				return nil, err
			}
			list = append(list, c)
		}
	}
	return list, nil
}

// converter prices losses of another asset at the published rate of the day on
// which the sum is shared.
func (d *Desk) converter(ctx context.Context, r Restitution) (func(domain.Units, projections.Loss) (domain.Units, error), error) {
	rates, err := d.Views.Rates(ctx, projections.Head)
	if err != nil {
		return nil, err
	}
	day := d.orNow(r.At).Day()
	return func(u domain.Units, l projections.Loss) (domain.Units, error) {
		worth, known := rates.Convert(domain.Amount{Units: u, Asset: l.Asset}, r.Amount.Asset, day)
		if !known {
			return u, domain.Usage("the loss of %s is in %s and the sum in %s, and no rate is recorded for %s: record one ('clew rate'), or give the court's list", l.Victim, l.Asset.Code, r.Amount.Asset.Code, day.Format(time.DateOnly))
		}
		return worth.Units, nil
	}, nil
}

func (r Restitution) pariPassu(claimants []claimant) (Division, error) {
	basis := map[string]tracing.Basis{ByGross: tracing.Gross, ByNet: tracing.Net, ByRisingTide: tracing.RisingTide}[r.Method]
	return r.share(r.Amount.Units, basis, claimants)
}

func (r Restitution) share(sum domain.Units, basis tracing.Basis, claimants []claimant) (Division, error) {
	var contributions []tracing.Contribution
	for _, c := range claimants {
		contributions = append(contributions, c.Contribution)
	}
	shares, left, err := tracing.PariPassu(sum, basis, contributions)
	division := Division{Left: domain.Amount{Units: left, Asset: r.Amount.Asset}}
	for i, units := range shares {
		if units.Sign() > 0 {
			division.Shares = append(division.Shares, domain.VictimShare{Victim: claimants[i].victim, Payer: claimants[i].payer, Amount: domain.Amount{Units: units, Asset: r.Amount.Asset}})
		}
	}
	return division, err
}

// sharing is a restitution with those it may go to.
type sharing struct {
	Restitution
	freeze    *domain.Freeze
	claimants []claimant
}

// byTrace shares by whose claims were seized on the account; each claim's part
// then goes to the victim and to who reimbursed him, in proportion to what
// each of them bears of it.
func (d *Desk) byTrace(ctx context.Context, t *projections.Traced, s sharing) (Division, error) {
	into, err := d.converter(ctx, s.Restitution)
	if err != nil {
		return Division{}, err
	}
	account := t.Assembly.File.Resolve(s.freeze.Request.Account)
	var claims []claimant
	for _, v := range t.Answer.Victims {
		for _, place := range v.Places {
			if place.State != tracing.Seized || place.Account != account || place.Asset != s.Amount.Asset {
				continue
			}
			units, err := into(place.Claim, projections.Loss{Victim: v.Victim, Asset: v.Asset})
			if err != nil {
				return Division{}, err
			}
			claims = append(claims, claimant{v.Victim, "", v.Asset, tracing.Contribution{Paid: units}})
		}
	}
	outer, err := s.share(s.Amount.Units, tracing.Gross, claims)
	if err != nil {
		return outer, err
	}
	division := Division{Left: outer.Left, Rule: t.Rule}
	for _, c := range claims {
		at := slices.IndexFunc(outer.Shares, func(share domain.VictimShare) bool { return share.Victim == c.victim })
		if at < 0 {
			continue
		}
		part := outer.Shares[at]
		outer.Shares = slices.Delete(outer.Shares, at, at+1)
		inner, err := s.share(part.Amount.Units, tracing.Gross, bearing(s.claimants, c))
		if err != nil {
			return inner, err
		}
		division.Shares = append(division.Shares, inner.Shares...)
		division.Left.Units = division.Left.Units.Plus(inner.Left.Units) // parts of the sum
	}
	return division, nil
}

// bearing are those who bear a claim: its victim and who reimbursed him.
func bearing(all []claimant, claim claimant) (list []claimant) {
	for _, c := range all {
		if c.victim == claim.victim && c.asset == claim.asset {
			list = append(list, c)
		}
	}
	return list
}

// asListed takes a court's list as it is, if nobody on it receives above his
// loss and all together no more than the sum.
func (r Restitution) asListed(claimants []claimant) (Division, error) {
	left := r.Amount
	given := map[[2]string]domain.Units{}
	for _, share := range r.Shares {
		lost, known, err := lostBy(claimants, share)
		switch who := [2]string{string(share.Victim), share.Payer}; {
		case err != nil:
			return Division{}, err
		case !known:
			return Division{}, domain.Conflict("%s has lost nothing that is recorded, and can receive nothing: report the payment first, or record who reimbursed whom", whom(share))
		case lost.Minus(given[who]).Less(share.Amount.Units):
			return Division{}, domain.Conflict("%s would receive %s, above the %s that is not made good yet: nobody receives above his loss", whom(share), share.Amount, r.Amount.Asset.Format(lost.Minus(given[who])))
		default:
			given[who] = given[who].Plus(share.Amount.Units) // no more than was lost
		}
		rest, err := left.Sub(share.Amount)
		if err != nil {
			return Division{}, err
		}
		if left = rest; left.Units.Sign() < 0 {
			return Division{}, domain.Usage("the shares sum to more than the %s %s that are shared out", r.Amount, r.Amount.Asset.Code)
		}
	}
	return Division{Shares: r.Shares, Left: left}, nil
}

// lostBy is what somebody on a list has not got back, in all assets.
func lostBy(claimants []claimant, share domain.VictimShare) (lost domain.Units, known bool, err error) {
	for _, c := range claimants {
		if c.victim == share.Victim && c.payer == share.Payer {
			known = true
			if lost, err = lost.Add(c.lost()); err != nil {
				return lost, known, err
			}
		}
	}
	return lost, known, nil
}

func whom(share domain.VictimShare) string {
	if share.Payer == "" {
		return string(share.Victim)
	}
	return fmt.Sprintf("%s in the place of %s", share.Payer, share.Victim)
}
