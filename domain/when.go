package domain

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"
)

// When is the time at which the evidence says that something happened: an
// instant, or a bare date whose order within the day is not known.
type When struct {
	Time time.Time // UTC; midnight for a bare date
	Bare bool
}

// The first and the last moment that clew records: what lies outside is a
// typing error, and 64 bits of nanoseconds hold all of it.
var (
	firstMoment = time.Date(1700, 1, 1, 0, 0, 0, 0, time.UTC)
	lastMoment  = time.Date(2200, 1, 1, 0, 0, 0, 0, time.UTC)
)

// ParseWhen reads RFC 3339 ("2024-01-05T10:00:00Z") or a bare date.
func ParseWhen(text string) (When, error) {
	if len(text) == len(time.DateOnly) {
		if t, err := time.Parse(time.DateOnly, text); err == nil {
			return checkedWhen(When{t, true}, text)
		}
	}
	t, err := parseRFC3339(strings.ToUpper(text))
	if err != nil {
		return When{}, fmt.Errorf("time %s is neither RFC 3339 (2024-01-05T10:00:00Z) nor a date (2024-01-05)", quoted(text))
	}
	return checkedWhen(When{t.UTC(), false}, text)
}

// parseRFC3339 keeps to RFC 3339 section 5.6, where package time alone also
// takes hours of one digit and decimal commas.
func parseRFC3339(text string) (t time.Time, err error) {
	if len(text) > 13 && text[13] != ':' || strings.Contains(text, ",") {
		return t, errors.New("not RFC 3339")
	}
	err = t.UnmarshalText([]byte(text))
	return t, err
}

func checkedWhen(w When, text string) (When, error) {
	if w.Time.Before(firstMoment) || !w.Time.Before(lastMoment) {
		return When{}, fmt.Errorf("time %s lies outside 1700 to 2199: check the year", quoted(text))
	}
	return w, nil
}

// Instant makes a When that is known to the instant.
func Instant(t time.Time) When { return When{t.UTC(), false} }

// Date makes a When of which only the day is known.
func Date(year int, month time.Month, day int) When {
	return When{time.Date(year, month, day, 0, 0, 0, 0, time.UTC), true}
}

// Day is the midnight (UTC) at which the day begins.
func (w When) Day() time.Time { return w.Time.Truncate(24 * time.Hour) }

// IsZero says whether no time was given.
func (w When) IsZero() bool { return w.Time.IsZero() }

// End is the last moment that w covers: for a bare date the end of its day.
func (w When) End() time.Time {
	if w.Bare {
		return w.Time.Add(24*time.Hour - time.Nanosecond)
	}
	return w.Time
}

// whenRoom is enough for what append writes.
const whenRoom = 40

// String is RFC 3339 in UTC, or the bare date.
func (w When) String() string {
	var room [whenRoom]byte
	return string(w.append(room[:0]))
}

func (w When) append(text []byte) []byte {
	if w.Bare {
		return w.Time.AppendFormat(text, time.DateOnly)
	}
	return w.Time.UTC().AppendFormat(text, time.RFC3339Nano)
}

// MarshalJSON writes String.
func (w When) MarshalJSON() ([]byte, error) { return json.Marshal(w.String()) }

// UnmarshalJSON reads what MarshalJSON wrote.
func (w *When) UnmarshalJSON(data []byte) error {
	var text string
	if err := json.Unmarshal(data, &text); err != nil {
		return fmt.Errorf("time: %w", err)
	}
	parsed, err := ParseWhen(text)
	*w = parsed
	return err
}
