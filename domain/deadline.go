package domain

import (
	"slices"
	"strings"
	"time"

	"github.com/rickar/cal/v2"
	"github.com/rickar/cal/v2/at"
	"github.com/rickar/cal/v2/au"
	"github.com/rickar/cal/v2/be"
	"github.com/rickar/cal/v2/bg"
	"github.com/rickar/cal/v2/br"
	"github.com/rickar/cal/v2/ca"
	"github.com/rickar/cal/v2/ch"
	"github.com/rickar/cal/v2/cz"
	"github.com/rickar/cal/v2/de"
	"github.com/rickar/cal/v2/dk"
	"github.com/rickar/cal/v2/ecb"
	"github.com/rickar/cal/v2/es"
	"github.com/rickar/cal/v2/fr"
	"github.com/rickar/cal/v2/gb"
	"github.com/rickar/cal/v2/gr"
	"github.com/rickar/cal/v2/hr"
	"github.com/rickar/cal/v2/ie"
	"github.com/rickar/cal/v2/it"
	"github.com/rickar/cal/v2/jp"
	"github.com/rickar/cal/v2/lt"
	"github.com/rickar/cal/v2/lv"
	"github.com/rickar/cal/v2/nl"
	"github.com/rickar/cal/v2/no"
	"github.com/rickar/cal/v2/nz"
	"github.com/rickar/cal/v2/pl"
	"github.com/rickar/cal/v2/ro"
	"github.com/rickar/cal/v2/se"
	"github.com/rickar/cal/v2/si"
	"github.com/rickar/cal/v2/sk"
	"github.com/rickar/cal/v2/ua"
	"github.com/rickar/cal/v2/us"
	"github.com/rickar/cal/v2/za"
)

// Due is one thing that a freeze waits for, or that ends it.
type Due struct {
	What   string
	At     When   // the last moment
	Lapses bool   // the hold ends then by itself
	Basis  string // the clock in words
	Known  bool   // false: the holidays of that country are not known, weekends alone were counted
}

// Deadlines are a freeze's clocks under its mechanism, soonest first: what the
// mechanism sets, what the request and the hold say themselves. Whether one is
// overdue is for the caller to say, who has a clock.
func (m Mechanism) Deadlines(f *Freeze, reason string) []Due {
	var list []Due
	for _, c := range m.Clocks {
		if len(c.Reasons) > 0 && !slices.Contains(c.Reasons, reason) {
			continue
		}
		if from, ok := f.momentOf(c.From); ok {
			list = append(list, c.due(from, f.Request.Country))
		}
	}
	for _, stated := range []Due{
		{What: "deadline of the request", At: f.Request.Deadline, Basis: "stated in the request", Known: true},
		{What: "legal-assistance request or order is due", At: f.Request.OrderDue, Basis: "stated in the request", Known: true, Lapses: m.OrderDue},
		{What: "the hold lapses", At: f.Until, Basis: "stated with the hold", Known: true, Lapses: true},
	} {
		if !stated.At.IsZero() {
			list = append(list, stated)
		}
	}
	slices.SortStableFunc(list, func(a, b Due) int { return a.At.End().Compare(b.At.End()) })
	return list
}

// momentOf is the time of a freeze from which a clock counts.
func (f *Freeze) momentOf(from string) (When, bool) {
	at := When{}
	switch from {
	case "wire":
		if f.Request.Wire != nil {
			at = f.Request.Wire.SettledOn
		}
	case "requested":
		at = f.Request.At
	case "submitted":
		at = f.SubmittedAt
	case "acknowledged":
		at = f.AckedAt
	case "held":
		at = f.FirstHeldAt
	}
	return at, !at.IsZero()
}

// due counts a clock from a moment. Hours run through; days, months and
// working days end with the day (UTC), and the day of the moment itself does
// not count.
func (c Clock) due(from When, country string) Due {
	due := Due{What: c.What, Lapses: c.Lapses, Basis: c.Words(), Known: true}
	day := from.Day()
	switch {
	case c.Hours > 0:
		due.At = Instant(from.End().Add(time.Duration(c.Hours) * time.Hour))
	case c.Days > 0:
		due.At = When{day.AddDate(0, 0, c.Days), true}
	case c.Months > 0:
		due.At = When{addMonths(day, c.Months), true}
	default:
		calendar := c.Calendar
		if calendar == "country" {
			calendar = country
		}
		business, known := workdays(calendar)
		due.At, due.Known = When{business.WorkdaysFrom(day, c.WorkingDays), true}, known
	}
	return due
}

// Words are the clock in a few words: "15 working days from submitted".
func (c Clock) Words() string {
	for _, unit := range []struct {
		n    int
		name string
	}{{c.Hours, "hours"}, {c.Days, "days"}, {c.Months, "months"}, {c.WorkingDays, "working days"}} {
		if unit.n > 0 {
			return strings.TrimSpace(NewUnits(int64(unit.n)).String() + " " + unit.name + " from " + c.From)
		}
	}
	return ""
}

// addMonths keeps to the month's end where the day does not exist in it:
// 31 January and one month is the last of February.
func addMonths(day time.Time, months int) time.Time {
	first := time.Date(day.Year(), day.Month()+time.Month(months), 1, 0, 0, 0, 0, time.UTC)
	last := first.AddDate(0, 1, -1).Day()
	return first.AddDate(0, 0, min(day.Day(), last)-1)
}

// workdays gives the working days of a country (ISO 3166-1) or of TARGET, and
// whether its holidays are known. A calendar is made anew: the library's is
// not for sharing between goroutines.
func workdays(of string) (*cal.BusinessCalendar, bool) {
	business := cal.NewBusinessCalendar()
	holidays, known := holidaysOf()[strings.ToUpper(of)]
	business.AddHoliday(holidays...)
	return business, known
}

func holidaysOf() map[string][]*cal.Holiday {
	return map[string][]*cal.Holiday{
		"TARGET": ecb.Holidays, "AT": at.Holidays, "AU": au.HolidaysNSW, "BE": be.Holidays, "BG": bg.Holidays, "BR": br.Holidays,
		"CA": ca.Holidays, "CH": ch.Holidays, "CZ": cz.Holidays, "DE": de.Holidays, "DK": dk.Holidays, "ES": es.Holidays,
		"FR": fr.Holidays, "GB": gb.Holidays, "GR": gr.Holidays, "HR": hr.Holidays, "IE": ie.Holidays, "IT": it.Holidays,
		"JP": jp.Holidays, "LT": lt.Holidays, "LV": lv.Holidays, "NL": nl.Holidays, "NO": no.Holidays, "NZ": nz.Holidays,
		"PL": pl.Holidays, "RO": ro.Holidays, "SE": se.Holidays, "SI": si.Holidays, "SK": sk.Holidays, "UA": ua.Holidays,
		"US": us.Holidays, "ZA": za.Holidays,
	}
}
