package domain

import (
	"slices"
	"strings"
	"time"
)

// WorkingDay says whether banks of a country (ISO 3166-1) work on a day, and
// whether its holidays are known; where they are not, weekends alone are
// looked at.
func WorkingDay(country string, day time.Time) (works, known bool) {
	business, known := workdays(country)
	if rested, ok := otherWeekends()[strings.ToUpper(country)]; ok {
		return !slices.Contains(rested, day.Weekday()), known
	}
	return business.IsWorkday(day), known
}

// otherWeekends are the countries whose weekend is not Saturday and Sunday.
func otherWeekends() map[string][]time.Weekday {
	friday := []time.Weekday{time.Friday, time.Saturday}
	return map[string][]time.Weekday{
		"BD": friday, "BH": friday, "DZ": friday, "EG": friday, "IL": friday, "IQ": friday, "JO": friday, "KW": friday,
		"LY": friday, "OM": friday, "QA": friday, "SA": friday, "SY": friday, "YE": friday,
		"NP": {time.Saturday}, "IR": {time.Thursday, time.Friday},
	}
}
