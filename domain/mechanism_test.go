package domain

import (
	"strings"
	"testing"
	"time"
)

// Each mechanism's clocks, counted by hand.
func TestDeadlines(t *testing.T) {
	friday := Instant(time.Date(2026, 4, 3, 9, 30, 0, 0, time.UTC)) // Good Friday; Easter Monday is a TARGET holiday as well
	for _, tc := range []struct {
		name, mechanism, country, reason string
		freeze                           Freeze
		want                             string
	}{
		{"72 hours of the wire", "ic3-rat", "HK", "", Freeze{Request: FreezeRequested{Wire: &Wire{SettledOn: friday}}},
			"2026-04-06T09:30:00Z request within 72 hours of the wire"},
		{"a wire of which only the day is known", "ic3-rat", "HK", "", Freeze{Request: FreezeRequested{Wire: &Wire{SettledOn: Date(2026, 4, 3)}}},
			"2026-04-06T23:59:59.999999999Z request within 72 hours of the wire"},
		{"ten banking days over Easter", "sepa-recall", "DE", "TECH", Freeze{Request: FreezeRequested{Wire: &Wire{SettledOn: Date(2026, 4, 2)}}},
			"2026-04-20 recall for DUPL or TECH"},
		{"thirteen months", "sepa-recall", "DE", "FRAD", Freeze{Request: FreezeRequested{Wire: &Wire{SettledOn: Date(2026, 1, 31)}}},
			"2027-02-28 recall for FRAD"},
		{"fifteen banking days to answer", "sepa-recall", "DE", "", Freeze{SubmittedAt: friday}, "2026-04-27 answer of the beneficiary's bank"},
		{"ninety days", "india-cfcfrms", "IN", "", Freeze{FirstHeldAt: friday}, "2026-07-02 a small hold lapses without an order"},
		{"what the hold says", "bank", "DE", "", Freeze{Until: Date(2026, 5, 1)}, "2026-05-01 the hold lapses"},
		{"nothing happened yet", "india-cfcfrms", "IN", "", Freeze{}, ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			m, err := StandardMechanisms().Find(tc.mechanism)
			if err != nil {
				t.Fatal(err)
			}
			tc.freeze.Request.Country = tc.country
			var got []string
			for _, d := range m.Deadlines(&tc.freeze, tc.reason) {
				got = append(got, d.At.String()+" "+d.What)
			}
			if strings.Join(got, "\n") != tc.want {
				t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), tc.want)
			}
		})
	}
}

// Where a country's holidays are not known, the deadline says so.
func TestUnknownHolidaysAreSaid(t *testing.T) {
	c := Clock{What: "x", From: "held", WorkingDays: 5, Calendar: "country"}
	if due := c.due(Date(2026, 11, 20), "XX"); due.Known || due.At != Date(2026, 11, 27) {
		t.Errorf("%+v", due)
	}
}

// A warning for each criterion that is not met, and for what is not stated.
func TestCriteriaWarn(t *testing.T) {
	kill, err := StandardMechanisms().Find("ic3-rat")
	if err != nil {
		t.Fatal(err)
	}
	usd := func(n int64) *Amount { return &Amount{NewUnits(n * 100), Asset{"USD", 2}} }
	settled := Instant(time.Date(2026, 4, 3, 9, 30, 0, 0, time.UTC))
	full := Wire{OriginatingBank: "INVNUS33", SettledOn: settled, RecallSent: settled, Amount: usd(50_000)}
	at := func(hours int) When { return Instant(settled.Time.Add(time.Duration(hours) * time.Hour)) }
	for _, tc := range []struct {
		name string
		edit func(*FreezeRequested)
		want string
	}{
		{"all met", func(*FreezeRequested) {}, ""},
		{"one dollar short", func(r *FreezeRequested) { r.Wire.Amount = usd(49_999) }, "is below 50000.00 USD"},
		{"in another currency", func(r *FreezeRequested) { r.Wire.Amount = &Amount{NewUnits(1), Asset{"EUR", 2}} }, "The payment is in EUR"},
		{"an hour late", func(r *FreezeRequested) { r.At = at(73) }, "more than 72 hours"},
		{"no time of the wire", func(r *FreezeRequested) { r.Wire.SettledOn = When{} }, "is not stated"},
		{"at home", func(r *FreezeRequested) { r.Country = "US" }, "stayed in US"},
		{"no country", func(r *FreezeRequested) { r.Country = "" }, "Whether the payment went abroad"},
		{"no recall", func(r *FreezeRequested) { r.Wire.RecallSent = When{} }, "No recall"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			wire := full
			r := FreezeRequested{At: at(72), Country: "HK", Amount: usd(50_000), Wire: &wire}
			tc.edit(&r)
			got := strings.Join(kill.Unmet(r, ""), " ")
			if (tc.want == "") != (got == "") || !strings.Contains(got, tc.want) {
				t.Errorf("warned %q, want %q", got, tc.want)
			}
		})
	}
}

// A user's file is read strictly: what clew would not follow is refused.
func TestMechanismsAreReadStrictly(t *testing.T) {
	for text, want := range map[string]string{
		"- {name: x, unknown: 1}": "unknown",
		"- {name: ''}":            "name is empty",
		"- {name: x, criteria: {min_amount: '1e9', asset: USD}}":           "min_amount",
		"- {name: x, criteria: {min_amount: '5'}}":                         "min_amount",
		"- {name: x, valid_from: 5.1.2026}":                                "no date",
		"- {name: x, clocks: [{what: y, from: held}]}":                     "one of hours",
		"- {name: x, clocks: [{what: y, from: held, hours: 1, days: 1}]}":  "one of hours",
		"- {name: x, clocks: [{what: y, from: moon, hours: 1}]}":           "from what",
		"- {name: x, clocks: [{what: y, from: held, hours: -1, days: 1}]}": "below nothing",
		strings.Repeat("- {name: x}\n", maxMechanisms+1):                   "more than 1000",
	} {
		if _, err := ParseMechanisms([]byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.60s: got %v, want %q", text, err, want)
		}
	}
}
