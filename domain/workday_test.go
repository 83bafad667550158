package domain

import (
	"testing"
	"time"
)

func TestWorkingDays(t *testing.T) {
	for _, test := range []struct {
		country      string
		day          int // of December 2024: the 1st is a Sunday
		works, known bool
	}{
		{"DE", 2, true, true}, {"DE", 1, false, true}, {"DE", 25, false, true}, {"GB", 26, false, true},
		{"AE", 6, true, false}, {"SA", 6, false, false}, {"SA", 1, true, false}, {"", 7, false, false},
	} {
		works, known := WorkingDay(test.country, time.Date(2024, 12, test.day, 0, 0, 0, 0, time.UTC))
		if works != test.works || known != test.known {
			t.Errorf("%q on %d December: works %v, known %v", test.country, test.day, works, known)
		}
	}
}
