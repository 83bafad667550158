package projections

import (
	"context"

	"clew/domain"
)

// Opening makes an event readable for somebody who may read it: what is sealed
// in it is opened, or says why it is not. Rows hold events as they were
// recorded, sealed; only answers are opened, so no file of the read models and
// no fingerprint ever has personal text in it.
type Opening func(domain.CaseID, domain.Event) domain.Event

// OpenWith sets how answers are opened from now on.
func (v *Views) OpenWith(opens Opening) { v.opening.Store(&opens) }

func (v *Views) opened(c domain.CaseID, event domain.Event) domain.Event {
	if opens := v.opening.Load(); opens != nil {
		return (*opens)(c, event)
	}
	return event
}

// Sealed lists which keys the event at a position was sealed under, and its
// case.
func (v *Views) Sealed(ctx context.Context, at uint64) (domain.CaseID, []string, error) {
	record, err := v.record(ctx, at)
	if err != nil {
		return "", nil, err
	}
	event, err := domain.DecodeEvent(record.Kind, record.Body)
	if err != nil {
		return "", nil, err
	}
	var keys []string
	_, err = domain.EachPersonal(event, func(_ domain.Whose, _ string, text domain.Personal) (domain.Personal, error) {
		if text.Key != "" {
			keys = append(keys, text.Key)
		}
		return text, nil
	})
	return caseOf(record), keys, err
}

// IsSealed says whether anything in the log was sealed.
func (v *Views) IsSealed(ctx context.Context) (is bool, err error) {
	err = v.queryAt(ctx, 0, func(c *conn) error {
		row, err := c.row(`SELECT 1 FROM casefile WHERE body LIKE '%clew/sealed:%' OR body LIKE '%"sealed":%' LIMIT 1`)
		is = row != nil
		return err
	}, CaseFiles.Name)
	return is, err
}
