package papers

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"clew/domain"
)

// side is one side of a movement: what left there or arrived.
type side struct {
	movement domain.Movement
	amount   domain.Amount
}

// side writes t_from or t_to.
func (g *report) side(which string, id domain.AccountID, s side) {
	g.need(field{which + "_funds_code", "FIU's code for funds: " + means(s.movement), g.fiu.Funds[means(s.movement)], shape{}})
	g.foreign(which+"_foreign_currency", s.amount)
	g.in(which+"_account", func() { g.account(id, s.amount.Asset) })
	g.country(which+"_country", id)
}

// parties writes the inputs and outputs of a hop.
func (g *report) parties(m domain.Movement) {
	for _, end := range []struct {
		role, what string
		legs       []domain.Leg
	}{{g.fiu.Payer, "payer", m.Inputs}, {g.fiu.Payee, "payee", m.Outputs}} {
		for _, leg := range end.legs {
			g.in("party", func() {
				g.need(field{"role", "FIU's code for the role of a " + end.what, end.role, shape{}})
				g.in("account", func() { g.account(leg.Account, leg.Amount.Asset) })
				g.need(field{"funds_code", "FIU's code for funds: crypto", g.fiu.Funds["crypto"], shape{}})
				g.foreign("foreign_currency", leg.Amount)
				g.country("country", leg.Account)
			})
		}
	}
	if len(m.Inputs)+len(m.Outputs) == 0 {
		g.lack("party", fmt.Sprintf("the parties of movement %s are not known", m.ID))
	}
}

func (g *report) country(name string, id domain.AccountID) {
	g.need(field{name, "country of account " + nameOf(id), g.request.countryOf(id), country2})
}

// foreign writes an amount that is not in the FIU's currency.
func (g *report) foreign(name string, a domain.Amount) {
	if !a.Given() || string(a.Asset.Code) == g.local() {
		return
	}
	code, amount := first(g.fiu.Currencies[string(a.Asset.Code)], string(a.Asset.Code)), exact(a)
	if isoCode.refuses(code) != "" || decimal13.refuses(amount) != "" {
		g.lack(name, fmt.Sprintf("%s has no code or no room in the FIU's lookups", money(&a)))
		return
	}
	g.in(name, func() {
		g.text("foreign_currency_code", code)
		g.text("foreign_amount", amount)
	})
}

// account writes t_account, in the order of the schema.
func (g *report) account(id domain.AccountID, asset domain.Asset) {
	known, b := g.request.Accounts[id], g.bank(id)
	of := " of account " + nameOf(id)
	g.may(field{"institution_name", "name of the institution" + of, b.name, text255})
	g.institution(b, known, of)
	g.may(field{"institution_country", "country of the institution" + of, g.request.countryOf(id), country2})
	g.may(field{"branch", "branch" + of, known.Branch, text255})
	g.need(field{"account", "number of the account", knownNumber(id), text255})
	if isoCode.refuses(string(asset.Code)) == "" {
		g.text("currency_code", first(g.fiu.Currencies[string(asset.Code)], string(asset.Code)))
	}
	if known.Holder != "" && known.Victim != "" && !slices.Contains(g.discloses, known.Victim) {
		g.discloses = append(g.discloses, known.Victim)
	}
	g.need(field{"account_name", "name of the holder" + of, known.Holder, g.name(255)})
	if id.Kind() == domain.KindIBAN {
		g.need(field{"iban", "IBAN" + of, number(id), max34})
	}
	g.may(field{"account_type", "type" + of, g.fiu.AccountTypes[string(id.Kind())], text50})
	g.status(id, known)
}

// bank is the institution of an account: of the two ends of the recalled
// payment, as the request knows it.
func (g *report) bank(id domain.AccountID) bank {
	switch id {
	case g.request.Freeze.Request.Account:
		return g.request.beneficiary()
	case g.request.wire().Originator:
		return g.request.originating()
	}
	return bankOf(g.request.Accounts[id])
}

// institution writes the institution by BIC, or by its code at home.
func (g *report) institution(b bank, known Account, of string) {
	if b.bic == "" && known.Code != "" {
		g.need(field{"institution_code", "code of the institution" + of, known.Code, text50})
		return
	}
	g.need(field{"swift", "BIC or code of the institution" + of, b.bic, bic})
}

// status writes how the account stands: as it is known, or frozen where the
// freeze is held.
func (g *report) status(id domain.AccountID, known Account) {
	status, at := known.Status, known.StatusAt
	f := g.request.Freeze
	if status == "" && id == f.Request.Account && f.State == domain.StateHeld {
		status, at = AccountFrozen, f.FirstHeldAt
	}
	if status == "" {
		return
	}
	if g.need(field{"status_code", fmt.Sprintf("FIU's code for the status %s", status), g.fiu.AccountStatus[status], shape{}}) {
		g.may(field{"status_date", "date of the status", g.time(at), shape{}})
	}
}

// unknownAccount is the name that a movement gives a counterparty whom its
// source does not name (domain.MovementID.Unknown).
var unknownAccount = regexp.MustCompile(`^unknown:`)

// knownNumber is the account's number, if somebody has named it.
func knownNumber(id domain.AccountID) string {
	if unknownAccount.MatchString(string(id)) {
		return ""
	}
	return number(id)
}

// nameOf is an account in a sentence.
func nameOf(id domain.AccountID) string {
	return strings.TrimSpace(first(number(id), "that nobody has named"))
}
