package domain

// IndicatorSet is recorded when an installation decides that an indicator of
// mule accounts shall fire at another threshold. It holds from then on; what
// was found before is found again as of its own day. Who decided and when
// stands with the record.
type IndicatorSet struct {
	Indicator string `json:"indicator"`
	Threshold string `json:"threshold"`
	Was       int64  `json:"was"`
	Now       int64  `json:"now"`
	Reason    string `json:"reason"`
}

// Kind is the name on disk.
func (IndicatorSet) Kind() string { return "indicator.set.v1" }

// SetIndicator checks a change of a threshold before it is recorded. The caller
// has checked that there is such a threshold, and what it was.
func SetIndicator(set IndicatorSet) ([]Event, error) {
	if err := checkText("why", set.Reason); err != nil {
		return nil, err
	}
	if set.Was == set.Now {
		return nil, nil
	}
	return []Event{set}, nil
}
