package sheet

import (
	"archive/zip"
	"bytes"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"
	"time"

	"clew/domain"
)

// layout is one way to write a day, or a time.
type layout struct {
	pattern string // as in the mapping file
	format  string // as Go writes it
	timed   bool
	zoned   bool
}

// marks are the parts of a pattern, the longer before the shorter.
var marks = []struct{ pattern, format string }{
	{"YYYY", "2006"}, {"YY", "06"}, {"MMMM", "January"}, {"MMM", "Jan"}, {"MM", "01"}, {"M", "1"}, {"DD", "02"}, {"D", "2"},
	{"hh", "15"}, {"h", "15"}, {"mm", "04"}, {"ss", "05"}, {"AM", "PM"}, {"ZZ", "-0700"}, {"Z", "Z07:00"}, {"T", "T"},
}

// parseLayout reads a pattern like DD.MM.YYYY hh:mm.
func parseLayout(pattern string) (layout, error) {
	l := layout{pattern: pattern}
	for rest := pattern; rest != ""; {
		token, format := nextToken(rest)
		if token == "" && strings.ContainsAny(rest[:1], "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_") {
			return l, fmt.Errorf("the pattern %q has %q: use YYYY YY MMMM MMM MM M DD D hh mm ss AM Z ZZ and the marks between them", pattern, rest[:1])
		}
		if token == "" {
			token, format = rest[:1], rest[:1]
		}
		l.timed = l.timed || token == "hh" || token == "h"
		l.zoned = l.zoned || token == "Z" || token == "ZZ"
		l.format += format
		rest = rest[len(token):]
	}
	if strings.Contains(l.format, "PM") {
		l.format = strings.ReplaceAll(l.format, "15", "3")
	}
	return l, nil
}

func nextToken(text string) (pattern, format string) {
	for _, t := range marks {
		if strings.HasPrefix(text, t.pattern) {
			return t.pattern, t.format
		}
	}
	return "", ""
}

var offset = regexp.MustCompile(`^[+-]\d{2}:\d{2}$`)

// zones are the rules of local times all over the world, as the IANA keeps
// them: a time means the same on every machine, whatever rules it has.
//
//go:embed zoneinfo.zip
var zones []byte

// parseZone reads UTC, an offset (+01:00) or a name (Europe/Amsterdam).
func parseZone(text string) (*time.Location, error) {
	if offset.MatchString(text) {
		at, err := time.Parse("-07:00", text)
		if err != nil {
			return nil, fmt.Errorf("%q is no offset", text)
		}
		_, seconds := at.Zone()
		return time.FixedZone(text, seconds), nil
	}
	if text == "UTC" || text == "Z" {
		return time.UTC, nil
	}
	rules, err := zoneRules(text)
	if err != nil {
		return nil, fmt.Errorf("%q is no time zone: write UTC, an offset like +01:00, or a name like Europe/Amsterdam", text)
	}
	return time.LoadLocationFromTZData(text, rules)
}

func zoneRules(name string) ([]byte, error) {
	archive, err := zip.NewReader(bytes.NewReader(zones), int64(len(zones)))
	if err != nil {
		return nil, err
	}
	for _, entry := range archive.File {
		if entry.Name == name && !strings.HasSuffix(name, "/") {
			file, err := entry.Open()
			if err != nil {
				return nil, err
			}
			rules, err := io.ReadAll(file)
			return rules, errors.Join(err, file.Close())
		}
	}
	return nil, fmt.Errorf("no zone %q", name)
}

// clock says when a row was: to the instant where its time and zone are known,
// else to the day. Vague says why a stated time could not be used.
type clock struct {
	when  domain.When
	vague string
}

// The reasons why a stated time is known to the day only.
const (
	noZone   = "the mapping says no zone: only the days of its times are recorded, in the order of the table; add zone: UTC, an offset, or a name like Europe/Amsterdam"
	twice    = "clocks were turned: this local time was there twice or never, so only its day is recorded"
	midnight = "" // many tables write a day as midnight: it says nothing about the time
)

// read reads a day, and a time that stands in a column of its own.
func (m *mapping) read(day, hour string) (clock, error) {
	for _, l := range m.dates {
		at, err := time.Parse(l.format, day)
		if err != nil {
			continue
		}
		if l.timed || hour == "" {
			return m.place(at, l)
		}
		return m.readHour(at, day, hour)
	}
	return clock{}, fmt.Errorf("%q is not written as the mapping says (%s)", day, patterns(m.dates))
}

func (m *mapping) readHour(day time.Time, dayText, hour string) (clock, error) {
	for _, l := range m.hours() {
		at, err := time.Parse(l.format, hour)
		if err != nil {
			continue
		}
		y, month, d := day.Date()
		whole := time.Date(y, month, d, at.Hour(), at.Minute(), at.Second(), at.Nanosecond(), at.Location())
		return m.place(whole, layout{timed: true, zoned: l.zoned})
	}
	return clock{}, fmt.Errorf("%q (on %s) is no time as the mapping writes it (%s)", hour, dayText, patterns(m.hours()))
}

// hours are the patterns of a time in a column of its own.
func (m *mapping) hours() []layout {
	if len(m.times) > 0 {
		return m.times
	}
	return []layout{{pattern: "hh:mm:ss", format: "15:04:05", timed: true}, {pattern: "hh:mm", format: "15:04", timed: true}}
}

func patterns(list []layout) string {
	var texts []string
	for _, l := range list {
		texts = append(texts, l.pattern)
	}
	return strings.Join(texts, ", ")
}

// place turns what the table's clock showed into an instant or a day.
func (m *mapping) place(at time.Time, l layout) (clock, error) {
	day, err := domain.ParseWhen(at.Format(time.DateOnly))
	switch {
	case err != nil:
		return clock{}, err
	case !l.timed || !l.zoned && at.Equal(at.Truncate(24*time.Hour)):
		return clock{when: day, vague: midnight}, nil
	case l.zoned:
		return clock{when: domain.Instant(at)}, nil
	case m.zone == nil:
		return clock{when: day, vague: noZone}, nil
	}
	local := time.Date(at.Year(), at.Month(), at.Day(), at.Hour(), at.Minute(), at.Second(), at.Nanosecond(), m.zone)
	if local.Format(time.DateTime) != at.Format(time.DateTime) || turned(local) {
		return clock{when: day, vague: twice}, nil
	}
	return clock{when: domain.Instant(local)}, nil
}

// turned says whether the same wall clock shows twice around an instant.
func turned(at time.Time) bool {
	_, here := at.Zone()
	for _, apart := range []time.Duration{-3 * time.Hour, 3 * time.Hour} {
		_, there := at.Add(apart).Zone()
		if shift := time.Duration(here-there) * time.Second; shift != 0 {
			other := at.Add(shift)
			if other.Format(time.DateTime) == at.Format(time.DateTime) && !other.Equal(at) {
				return true
			}
		}
	}
	return false
}
