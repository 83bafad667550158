package projections

import (
	"strings"
	"time"
	_ "time/tzdata" // the zones must be the same on every machine

	"clew/domain"
)

// LocalTime is what the clock says where an account is held, and whether an
// office there is likely to be open.
type LocalTime struct {
	Time         time.Time // in the zone of the country's capital or financial centre
	Open         bool      // 09:00 to 17:00 on a working day
	HolidayKnown bool      // false: weekends alone were looked at
}

// The hours of an office. Banks differ; a police desk may work all night. It
// says whether a call will be taken, no more.
const (
	opens  = 9
	closes = 17
)

// localTime says what time it is in a country (ISO 3166-1); nil where the
// country or its zone is not known.
func localTime(country string, now time.Time) *LocalTime {
	zone, err := time.LoadLocation(zones()[strings.ToUpper(country)])
	if err != nil || zones()[strings.ToUpper(country)] == "" {
		return nil
	}
	there := now.In(zone)
	day := time.Date(there.Year(), there.Month(), there.Day(), 0, 0, 0, 0, time.UTC)
	works, known := domain.WorkingDay(country, day)
	return &LocalTime{there, works && there.Hour() >= opens && there.Hour() < closes, known}
}

// zones are the IANA zones of the places where a country's banks sit. A
// country of several zones stands for its financial centre.
func zones() map[string]string {
	return map[string]string{
		"AE": "Asia/Dubai", "AR": "America/Argentina/Buenos_Aires", "AT": "Europe/Vienna", "AU": "Australia/Sydney", "BD": "Asia/Dhaka",
		"BE": "Europe/Brussels", "BG": "Europe/Sofia", "BH": "Asia/Bahrain", "BR": "America/Sao_Paulo", "BY": "Europe/Minsk", "CA": "America/Toronto",
		"CH": "Europe/Zurich", "CL": "America/Santiago", "CN": "Asia/Shanghai", "CO": "America/Bogota", "CY": "Asia/Nicosia", "CZ": "Europe/Prague",
		"DE": "Europe/Berlin", "DK": "Europe/Copenhagen", "EE": "Europe/Tallinn", "EG": "Africa/Cairo", "ES": "Europe/Madrid", "FI": "Europe/Helsinki",
		"FR": "Europe/Paris", "GB": "Europe/London", "GE": "Asia/Tbilisi", "GH": "Africa/Accra", "GR": "Europe/Athens", "HK": "Asia/Hong_Kong",
		"HR": "Europe/Zagreb", "HU": "Europe/Budapest", "ID": "Asia/Jakarta", "IE": "Europe/Dublin", "IL": "Asia/Jerusalem", "IN": "Asia/Kolkata",
		"IS": "Atlantic/Reykjavik", "IT": "Europe/Rome", "JP": "Asia/Tokyo", "KE": "Africa/Nairobi", "KH": "Asia/Phnom_Penh", "KR": "Asia/Seoul",
		"KW": "Asia/Kuwait", "KZ": "Asia/Almaty", "LA": "Asia/Vientiane", "LI": "Europe/Vaduz", "LK": "Asia/Colombo", "LT": "Europe/Vilnius",
		"LU": "Europe/Luxembourg", "LV": "Europe/Riga", "MA": "Africa/Casablanca", "MC": "Europe/Monaco", "MM": "Asia/Yangon", "MT": "Europe/Malta",
		"MX": "America/Mexico_City", "MY": "Asia/Kuala_Lumpur", "NG": "Africa/Lagos", "NL": "Europe/Amsterdam", "NO": "Europe/Oslo", "NP": "Asia/Kathmandu",
		"NZ": "Pacific/Auckland", "PE": "America/Lima", "PH": "Asia/Manila", "PK": "Asia/Karachi", "PL": "Europe/Warsaw", "PT": "Europe/Lisbon",
		"QA": "Asia/Qatar", "RO": "Europe/Bucharest", "RS": "Europe/Belgrade", "RU": "Europe/Moscow", "SA": "Asia/Riyadh", "SE": "Europe/Stockholm",
		"SG": "Asia/Singapore", "SI": "Europe/Ljubljana", "SK": "Europe/Bratislava", "TH": "Asia/Bangkok", "TR": "Europe/Istanbul", "TW": "Asia/Taipei",
		"TZ": "Africa/Dar_es_Salaam", "UA": "Europe/Kyiv", "US": "America/New_York", "UY": "America/Montevideo", "VG": "America/Tortola",
		"VN": "Asia/Ho_Chi_Minh", "ZA": "Africa/Johannesburg",
	}
}
