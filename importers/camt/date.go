package camt

import (
	"strings"

	"clew/domain"
)

// date reads a day or a time. A day may bear a zone, which says nothing of the
// day; a time without a zone is known to the day only; and midnight sharp is
// how many banks write a day in a field for times.
func (m *message) date(e *element) (domain.When, error) {
	if e == nil {
		return domain.When{}, nil
	}
	text := firstText(e.says("Dt"), e.says("DtTm"), e.text)
	day, clock, timed := strings.Cut(text, "T")
	if !timed {
		return parsedDay(text), nil
	}
	if isMidnight(clock) {
		return parsedDay(day), nil
	}
	if when, err := domain.ParseWhen(text); err == nil {
		return when, nil
	}
	when := parsedDay(day)
	if m.zoneless || when.IsZero() {
		return when, nil
	}
	m.zoneless = true
	return when, m.warn(e.line, "times have no zone (%.40q): only their days are recorded", text)
}

// parsedDay reads a bare date, with or without a zone behind it; zero if it is
// none.
func parsedDay(text string) domain.When {
	if len(text) > len("2006-01-02") {
		text = text[:len("2006-01-02")]
	}
	when, err := domain.ParseWhen(text)
	if err != nil {
		return domain.When{}
	}
	return when
}

// isMidnight says whether a clock shows 00:00:00, in whatever zone.
func isMidnight(clock string) bool {
	rest, ok := strings.CutPrefix(clock, "00:00:00")
	rest = strings.TrimLeft(strings.TrimPrefix(rest, "."), "0")
	return ok && (rest == "" || strings.ContainsAny(rest[:1], "Z+-"))
}

func firstText(texts ...string) string {
	for _, text := range texts {
		if text != "" {
			return text
		}
	}
	return ""
}
