package domain

import (
	"encoding/json"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestTimesAreReadAsRFC3339OrADate(t *testing.T) {
	for text, want := range map[string]string{
		"2024-01-05":                     "2024-01-05",
		"2024-02-29":                     "2024-02-29",
		"2024-01-05T10:00:00Z":           "2024-01-05T10:00:00Z",
		"2024-01-05t10:00:00z":           "2024-01-05T10:00:00Z",
		"2024-01-05T10:00:00.5Z":         "2024-01-05T10:00:00.5Z",
		"2024-01-05T10:00:00.123456789Z": "2024-01-05T10:00:00.123456789Z",
		"2024-01-05T10:00:00+05:30":      "2024-01-05T04:30:00Z",
		"2024-01-05T00:00:00Z":           "2024-01-05T00:00:00Z",
		"1700-01-01":                     "1700-01-01",
		"2199-12-31T23:59:59.999999999Z": "2199-12-31T23:59:59.999999999Z",
	} {
		w, err := ParseWhen(text)
		if err != nil || w.String() != want || w.Bare != (len(want) == 10) || w.Time.Location() != time.UTC {
			t.Errorf("%q is %s, bare %v (%v), want %s", text, w, w.Bare, err, want)
		}
	}
}

func TestTimesThatCannotBeAreRefused(t *testing.T) {
	for _, text := range []string{"", "2024", "2024-1-5", "05.01.2024", "01/05/2024", "2023-02-29", "2024-13-01", "2024-01-05 10:00:00",
		"2024-01-05T10:00:00", "2024-01-05T10:00Z", "2024-01-05T1:00:00Z", "2024-01-05T10:00:00,5Z", "2024-01-05T24:00:00Z",
		"2024-01-05T10:00:60Z", "2024-01-05T10:00:00+99:00", "2024-01-05Z", " 2024-01-05", "1699-12-31", "2200-01-01",
		"2200-01-01T00:00:00Z", "2199-12-31T23:59:59-01:00", "20240105", "-2024-01-05", "2024-01-05\x00", "٢٠٢٤-٠١-٠٥", "1e9999"} {
		if w, err := ParseWhen(text); err == nil {
			t.Errorf("%q was taken as %s", text, w)
		}
	}
}

func TestADateCoversItsDayAndAnInstantItself(t *testing.T) {
	day := Date(2024, time.January, 5)
	if got := day.End(); !got.Equal(time.Date(2024, 1, 5, 23, 59, 59, 999999999, time.UTC)) {
		t.Errorf("the day ends at %s", got)
	}
	noon := Instant(time.Date(2024, 1, 5, 12, 0, 0, 0, time.FixedZone("", 3600)))
	if !noon.End().Equal(noon.Time) || noon.Day() != day.Time || noon.String() != "2024-01-05T11:00:00Z" {
		t.Errorf("noon is %s, of the day %s, ends %s", noon, noon.Day(), noon.End())
	}
	if !(When{}).IsZero() || day.IsZero() {
		t.Error("no time is not told from a time")
	}
}

func TestTimesAreReadBackAsTheyWereWritten(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		nanos := rapid.Int64Range(firstMoment.UnixNano(), lastMoment.UnixNano()-1).Draw(t, "nanos")
		w := Instant(time.Unix(0, nanos))
		if rapid.Bool().Draw(t, "bare") {
			w = When{w.Day(), true}
		}
		body, err := json.Marshal(w)
		if err != nil {
			t.Fatal(err)
		}
		var again When
		if err := json.Unmarshal(body, &again); err != nil || again != w {
			t.Fatalf("%s is %s, read back as %s (%v)", w, body, again, err)
		}
	})
	var w When
	for _, body := range []string{`5`, `""`, `"yesterday"`, `{}`} {
		if err := json.Unmarshal([]byte(body), &w); err == nil {
			t.Errorf("%s was taken as %s", body, w)
		}
	}
}
