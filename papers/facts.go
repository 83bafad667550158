package papers

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	"clew/domain"
)

// A fact is one thing that sheets and letters may say, by a key that templates
// use. Its text is empty where it is not known; of is whose part of it is not.
type fact struct{ key, title, text, of string }

// lacks says what of the fact is not known, or nothing.
func (f fact) lacks() string {
	switch {
	case f.of != "":
		return fmt.Sprintf("%s: the %s of %s is not known", f.key, f.title, f.of)
	case f.text == "":
		return fmt.Sprintf("%s: the %s is not known", f.key, f.title)
	}
	return ""
}

// facts are all things that a sheet or a letter may say of a request.
// docs/reference/papers.md lists the keys.
func facts(r Request) []fact {
	var list []fact
	for _, row := range append(append(ofTheRequest(r), ofTheMoney(r)...), ofThePayment(r)...) {
		text := shown(row[2])
		if !slices.Contains(severalLines, row[0]) {
			text = oneLine(text)
		}
		list = append(list, fact{key: row[0], title: row[1], text: text})
	}
	name := named(r, "victim_names", "name of the victim", func(v Victim) string { return v.Name })
	place := named(r, "victim_places", "location of the victim", func(v Victim) string { return join(", ", v.City, v.State, v.Country) })
	return append(list, name, place)
}

// shown is a text without control characters, which could drive a terminal;
// only the ends of lines stay.
func shown(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) && r != '\n' {
			return ' '
		}
		return r
	}, text)
}

// severalLines are the facts that may run over lines. No other may: what people
// wrote must not pass for a line of the form.
var severalLines = []string{"summary", "criteria", "evidence", "contact", "requesting_contact", "lots", "victim_names", "victim_places"}

func ofTheRequest(r Request) [][3]string {
	asked := r.Freeze.Request
	return [][3]string{
		{"reference", "reference of the request", reference(r)},
		{"case", "case", string(r.Case)},
		{"title", "title of the case", r.Title},
		{"made", "date of the paper", date(r)},
		{"mechanism", "mechanism", first(r.Mechanism, asked.Mechanism)},
		{"summary", "summary of the incident", r.Summary},
		{"basis", "legal basis", asked.Basis},
		{"priority", "priority", asked.Priority},
		{"deadline", "deadline", when(asked.Deadline)},
		{"order_due", "date by which an order is due", when(asked.OrderDue)},
		{"language", "language", asked.Language},
		{"operation", "operation", asked.Operation},
		{"disclosure", "disclosure class", asked.Disclosure},
		{"other_reference", "reference of the other side", asked.Reference},
		{"evidence", "SHA-256 of the evidence", evidence(asked.Evidence)},
		{"requesting", "requesting agency", first(r.From.Name, asked.Requesting)},
		{"requesting_contact", "contact of the requesting agency", r.From.contact()},
		{"responding", "responding agency", first(r.To.Name, asked.Responding)},
		{"contact", "contact of the responding agency", lines(asked.Contact, r.To.contact())},
		{"country", "country of the account", r.countryOf(asked.Account)},
		{"criteria", "criteria of the mechanism that are not met", strings.Join(asked.Warnings, "\n")},
	}
}

func ofTheMoney(r Request) [][3]string {
	asked := r.Freeze.Request
	account := r.Accounts[asked.Account]
	return [][3]string{
		{"account", "account", number(asked.Account)},
		{"holder", "name of the beneficiary", account.Holder},
		{"bank", "beneficiary bank", r.beneficiary().name},
		{"bank_bic", "SWIFT number (BIC) of the beneficiary bank", r.beneficiary().bic},
		{"bank_place", "location of the beneficiary bank", join(", ", account.Branch, account.City, r.countryOf(asked.Account))},
		{"asset", "asset", string(asked.Asset)},
		{"scope", "scope of the hold", string(asked.Scope)},
		{"amount", "amount asked", money(asked.Amount)},
		{"traced", "traced amount", money(asked.Traced)},
		{"rule", "tracing rule", asked.Rule},
		{"lots", "lot of each victim", lots(r)},
		{"transactions", "references of the payments to the account", arrivals(r)},
		{"held", "held so far", held(r)},
		{"victims", "reference of the victim", victims(r)},
	}
}

func ofThePayment(r Request) [][3]string {
	wire := r.wire()
	return [][3]string{
		{"originating_bank", "originating bank", r.originating().String()},
		{"originating_account", "originating account", number(wire.Originator)},
		{"intermediary", "intermediary bank", wire.Intermediary},
		{"payment_date", "date of the payment", when(wire.SettledOn)},
		{"payment_amount", "amount of the payment", money(wire.Amount)},
		{"uetr", "UETR of the payment", wire.UETR},
		{"end_to_end", "end-to-end id of the payment", wire.EndToEnd},
		{"transaction_id", "transaction id of the payment", wire.TransactionID},
		{"message_id", "message id of the payment", wire.MessageID},
		{"further_credit", "for further credit to", wire.FurtherCredit},
		{"recall_sent", "time at which the recall was sent", when(wire.RecallSent)},
	}
}

// reference is the name of the request between the two sides, if it has one.
func reference(r Request) string {
	if r.Case == "" || r.Freeze.Request.Freeze == "" {
		return ""
	}
	return domain.CancellationID(r.Case, r.Freeze.Request.Freeze)
}

func date(r Request) string {
	if r.Made.IsZero() {
		return ""
	}
	return r.Made.UTC().Format("2006-01-02 15:04 UTC")
}

func evidence(files []domain.SHA256) string {
	var names []string
	for _, file := range files {
		names = append(names, string(file))
	}
	return strings.Join(names, "\n")
}

// lots says whose the traced money is.
func lots(r Request) string {
	var parts []string
	for _, lot := range r.Lots {
		parts = append(parts, fmt.Sprintf("%s: %s %s", lot.Victim, r.asset().Format(lot.Units), r.Freeze.Request.Asset))
	}
	return strings.Join(parts, "\n")
}

// arrivals are the references of the payments that brought traced money to the
// account itself: what an issuer or a bank looks them up by.
func arrivals(r Request) string {
	g := gaps{}
	for _, step := range r.Steps {
		if step.Movement.To == r.Freeze.Request.Account && step.Movement.Ref != "" {
			g.add(step.Movement.Ref)
		}
	}
	return strings.Join(g, ", ")
}

// held is what the freeze holds now, where news of it was recorded.
func held(r Request) string {
	if r.Freeze.FirstHeldAt.IsZero() {
		return ""
	}
	return money(&domain.Amount{Units: r.Freeze.Sums.HeldNow, Asset: r.asset()})
}

// victims are their references: those whom the request names, or all that the
// caller resolved.
func victims(r Request) string {
	var names []string
	for _, id := range r.Freeze.Request.Victims {
		names = append(names, string(id))
	}
	if len(names) == 0 {
		for _, v := range r.Victims {
			names = append(names, string(v.ID))
		}
	}
	return strings.Join(names, ", ")
}

// named gives something of each victim. Of several each stands behind his
// reference, also one of whom it is not known: half a list would pass for all.
func named(r Request, key, title string, of func(Victim) string) fact {
	f, parts, unknown := fact{key: key, title: title}, []string{}, []string{}
	for _, v := range r.Victims {
		text := oneLine(shown(of(v)))
		if text == "" {
			unknown = append(unknown, string(v.ID))
			text = "not known"
		}
		if len(r.Victims) > 1 {
			text = string(v.ID) + ": " + text
		}
		parts = append(parts, text)
	}
	if len(unknown) < len(parts) {
		f.text, f.of = strings.Join(parts, "\n"), strings.Join(unknown, ", ")
	}
	return f
}

// disclosed lists the victims whose names a paper bears.
func disclosed(r Request) []domain.VictimID {
	var list []domain.VictimID
	for _, v := range r.Victims {
		if v.Name != "" {
			list = append(list, v.ID)
		}
	}
	return list
}

func first(texts ...string) string {
	for _, text := range texts {
		if text != "" {
			return text
		}
	}
	return ""
}
