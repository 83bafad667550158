package projections

import (
	"cmp"
	"context"
	"maps"
	"slices"

	"clew/domain"
	"clew/tracing"
)

// VictimFile is what a case knows of one victim, without any trace.
type VictimFile struct {
	Victim     domain.VictimID
	Registered domain.VictimRegistered // the zero value where he was only named by a report
	Payments   []tracing.Row           // that he reports, in the order of the log
	Homes      []domain.AccountID      // accounts described as his, by name
}

// Victims lists the victims of a case, registered or named by a report, by
// name.
func (v *Views) Victims(ctx context.Context, a Ask) ([]VictimFile, error) {
	s, err := v.assembled(ctx, a)
	if err != nil {
		return nil, err
	}
	files := map[domain.VictimID]*VictimFile{}
	file := func(victim domain.VictimID) *VictimFile {
		if files[victim] == nil {
			files[victim] = &VictimFile{Victim: victim, Registered: s.File.Victims[victim]}
		}
		return files[victim]
	}
	for victim := range s.File.Victims {
		file(victim)
	}
	for r := range s.rowsBy(a.At) {
		if r.Victim != "" {
			f := file(r.Victim)
			f.Payments = append(f.Payments, *r)
		}
	}
	for _, account := range slices.Sorted(maps.Keys(s.Accounts)) {
		if victim := s.Accounts[account].Victim; victim != "" {
			f := file(victim)
			f.Homes = append(f.Homes, account)
		}
	}
	list := make([]VictimFile, 0, len(files))
	for _, f := range files {
		list = append(list, *f)
	}
	slices.SortFunc(list, func(a, b VictimFile) int { return cmp.Compare(a.Victim, b.Victim) })
	return list, nil
}
