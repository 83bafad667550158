package tracing_test

import (
	"maps"
	"slices"

	"clew/domain"
	"clew/tracing"
)

// Rule poison marks everything that a touched pool pays. A mark names the
// victims whose money may have come there, so that it ends at their homes:
// what comes home is plain money from there on [6].

// pays is what a pool passes on: nothing, if it is an end's [7].
func (o *oracle) pays(account domain.AccountID, asset domain.Asset) victims {
	if o.end(account) {
		return victims{}
	}
	return maps.Clone(o.marked[oraclePlace{account, asset}])
}

// bears is what a movement passes on: what its payer's pool does, and the
// victim who reported it; a return paid by an end, what its movement bore.
func (o *oracle) bears(row tracing.Row) victims {
	passed := victims{}
	maps.Copy(passed, o.pays(row.From, row.Amount.Asset))
	if row.Kind == domain.Return && o.end(row.From) {
		maps.Copy(passed, o.bore[row.Of])
	}
	if row.Victim != "" && !o.homes[row.Victim][row.To] {
		passed[row.Victim] = true
	}
	return passed
}

func (o *oracle) mark(account domain.AccountID, asset domain.Asset, passed victims) {
	place := oraclePlace{account, asset}
	for victim := range passed {
		if o.homes[victim][account] {
			continue
		}
		if o.marked[place] == nil {
			o.marked[place] = victims{}
		}
		o.marked[place][victim] = true
	}
}

// backFrom lists the payers from which money that reaches a home is paid back:
// marked accounts that are no ends, or an end that returns what bore a mark.
func (o *oracle) backFrom(row tracing.Row, payers ...domain.AccountID) []domain.AccountID {
	var from []domain.AccountID
	for _, payer := range payers {
		returned := row.Kind == domain.Return && len(o.bore[row.Of]) > 0
		if o.end(payer) && returned || !o.end(payer) && o.markedAccount(payer) {
			from = append(from, payer)
		}
	}
	return from
}

func (o *oracle) markedAccount(account domain.AccountID) bool {
	for place := range o.marked {
		if place.account == account {
			return true
		}
	}
	return false
}

// payBack counts what reached a victim's homes after his first reported
// payment from such accounts; his own homes do not pay him back.
func (o *oracle) payBack(to domain.AccountID, amount domain.Amount, from []domain.AccountID) {
	for victim, homes := range o.homes {
		others := slices.ContainsFunc(from, func(payer domain.AccountID) bool { return !homes[payer] })
		if others && homes[to] && o.paying[victim] {
			loss := o.loss(victim, amount.Asset)
			loss.paidBack.Add(loss.paidBack, amount.Units.Big())
		}
	}
}

// exposed lists the accounts that bear a mark.
func (o *oracle) exposed() []domain.AccountID {
	accounts := map[domain.AccountID]bool{}
	for place := range o.marked {
		accounts[place.account] = true
	}
	return slices.Sorted(maps.Keys(accounts))
}
