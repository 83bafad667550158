package projections

import (
	"cmp"
	"context"
	"database/sql/driver"
	"fmt"
	"slices"
	"time"

	"clew/domain"
)

// CaseFiles keeps the small facts of each case as they were recorded, so that
// the case at any position of the log is a fold over them, and which cases are
// linked.
var CaseFiles = Projection{
	Name:    "casefile",
	Version: 6,
	Schema: `
CREATE TABLE casefile (
	position INTEGER PRIMARY KEY, -- of the event
	"case"   TEXT NOT NULL,       -- '' for the registers, which all cases share
	kind     TEXT NOT NULL,
	body     TEXT NOT NULL        -- as recorded
) STRICT;
CREATE INDEX casefile_case ON casefile ("case");
CREATE INDEX casefile_kind ON casefile (kind);
CREATE TABLE casefile_link (
	position INTEGER PRIMARY KEY,
	"case"   TEXT NOT NULL,
	other    TEXT NOT NULL
) STRICT;
CREATE INDEX casefile_link_case ON casefile_link ("case");
CREATE INDEX casefile_link_other ON casefile_link (other)`,
	Kinds: []string{
		domain.CaseOpened{}.Kind(), domain.CaseNoted{}.Kind(), domain.CaseLinked{}.Kind(), domain.CaseClosed{}.Kind(),
		domain.EvidenceFiled{}.Kind(), domain.AccountDescribed{}.Kind(), domain.AccountIdentified{}.Kind(),
		domain.VictimRegistered{}.Kind(), domain.LabelAttached{}.Kind(), domain.LabelWithdrawn{}.Kind(),
		domain.AssetRegistered{}.Kind(), domain.RuleLocked{}.Kind(), domain.RatePublished{}.Kind(),
		domain.FreezeLimitSet{}.Kind(), domain.IndicatorSet{}.Kind(), domain.FreezeRequested{}.Kind(), domain.FreezeApproved{}.Kind(), domain.FreezeSubmitted{}.Kind(),
		domain.FreezeWithdrawn{}.Kind(), domain.FreezeAcknowledged{}.Kind(), domain.FreezeAnswered{}.Kind(), domain.FreezeHeld{}.Kind(),
		domain.FreezeExtended{}.Kind(), domain.FreezeReleased{}.Kind(), domain.FreezeExpired{}.Kind(), domain.FreezeReturned{}.Kind(),
		domain.FreezeSeized{}.Kind(), domain.FreezeRestored{}.Kind(), domain.FreezeTransferred{}.Kind(), domain.FreezeRejected{}.Kind(),
		domain.FreezeContested{}.Kind(), domain.FreezeDecided{}.Kind(),
		domain.ReimbursementRecorded{}.Kind(), domain.ReimbursementWithdrawn{}.Kind(),
		domain.PersonRegistered{}.Kind(), domain.FindingNoted{}.Kind(), domain.ReviewSet{}.Kind(), domain.HandlingSet{}.Kind(),
		domain.LegalHoldPlaced{}.Kind(), domain.LegalHoldLifted{}.Kind(), domain.PersonalRestricted{}.Kind(), domain.PersonalErased{}.Kind(),
		domain.ScamDescribed{}.Kind(), domain.ScamWithdrawn{}.Kind(), domain.OperationDescribed{}.Kind(), domain.OperationJoined{}.Kind(), domain.OperationLeft{}.Kind(),
		domain.NoticeLinked{}.Kind(), domain.NoticeUnlinked{}.Kind(), domain.CentreDescribed{}.Kind(), domain.CentreWithdrawn{}.Kind(),
		domain.CentreLinked{}.Kind(), domain.CentreUnlinked{}.Kind(), domain.CrimeFlagged{}.Kind(), domain.CrimeUnflagged{}.Kind(),
		domain.CaseAssigned{}.Kind(), domain.IdentifierNoted{}.Kind(), domain.IdentifierWithdrawn{}.Kind(),
	},
	Apply: applyCaseFile,
}

func applyCaseFile(_ context.Context, tx *Tx, e *Recorded) error {
	if err := tx.Insert("casefile", position(e.Position), string(e.Case), e.Kind, string(e.Body)); err != nil {
		return err
	}
	if link, ok := e.Event.(domain.CaseLinked); ok {
		return tx.Insert("casefile_link", position(e.Position), string(e.Case), string(link.Other))
	}
	return nil
}

// CaseFile is a case as it stood at a position of the log: the zero case file
// (not Opened) where there was none such.
func (v *Views) CaseFile(ctx context.Context, id domain.CaseID, upto uint64) (file *domain.CaseFile, err error) {
	upto, err = v.position(ctx, upto)
	if err != nil {
		return nil, err
	}
	err = v.queryAt(ctx, upto, func(c *conn) error {
		file, err = caseFile(ctx, c, id, upto)
		return err
	}, CaseFiles.Name)
	return file, err
}

func caseFile(ctx context.Context, c *conn, id domain.CaseID, upto uint64) (*domain.CaseFile, error) {
	file := domain.NewCaseFile(id)
	err := c.each(ctx, func(row []driver.Value) error {
		event, err := smallFact(c, row)
		if err == nil {
			file.Evolve(event)
		}
		return err
	}, `SELECT position, kind, body, "case" FROM casefile WHERE "case" = ? AND position <= ? ORDER BY position`, string(id), position(upto))
	return file, err
}

// smallFact reads an event and opens what is sealed in it.
func smallFact(c *conn, row []driver.Value) (domain.Event, error) {
	event, err := domain.DecodeEvent(asText(row[1]), []byte(asText(row[2])))
	if err != nil {
		return nil, fmt.Errorf("position %d: %w", asInt(row[0]), err)
	}
	if c.opens != nil {
		event = c.opens(domain.CaseID(asText(row[3])), event)
	}
	return event, nil
}

// Assets is the asset register as it stood at a position of the log.
func (v *Views) Assets(ctx context.Context, upto uint64) (domain.Assets, error) {
	register := domain.StandardAssets()
	err := v.eachFact(ctx, upto, func(event domain.Event) (err error) {
		added := event.(domain.AssetRegistered)
		register, err = register.With(domain.Asset{Code: added.Asset, Digits: added.Digits})
		return err
	}, domain.AssetRegistered{}.Kind())
	return register, err
}

// Rates are the exchange rates as they had been published by a position of the
// log.
func (v *Views) Rates(ctx context.Context, upto uint64) (domain.Rates, error) {
	var rates domain.Rates
	err := v.eachFact(ctx, upto, func(event domain.Event) (err error) {
		rates, err = rates.With(event.(domain.RatePublished))
		return err
	}, domain.RatePublished{}.Kind())
	return rates, err
}

// eachFact gives the small facts of some kinds, of all streams, to a function
// in the order of the log.
func (v *Views) eachFact(ctx context.Context, upto uint64, do func(domain.Event) error, kinds ...string) error {
	upto, err := v.position(ctx, upto)
	if err != nil {
		return err
	}
	args := []driver.Value{position(upto)}
	for _, kind := range kinds {
		args = append(args, kind)
	}
	return v.queryAt(ctx, upto, func(c *conn) error {
		return c.each(ctx, func(row []driver.Value) error {
			event, err := smallFact(c, row)
			if err == nil {
				err = do(event)
			}
			if err != nil {
				err = fmt.Errorf("position %d: %w", asInt(row[0]), err)
			}
			return err
		}, `SELECT position, kind, body, "case" FROM casefile WHERE position <= ? AND kind IN `+marks(len(kinds))+` ORDER BY position`, args...)
	}, CaseFiles.Name)
}

// CaseRow is one line of the list of cases.
type CaseRow struct {
	Case     domain.CaseID    `json:"case"`
	Title    string           `json:"title"`
	Currency domain.AssetCode `json:"currency,omitempty"`
	Closed   bool             `json:"closed"`
	Links    []domain.CaseID  `json:"links,omitempty"`
	Victims  int              `json:"victims"` // registered
	Files    int              `json:"files"`
}

// Cases lists the cases that were open or closed at a position of the log, by
// name.
func (v *Views) Cases(ctx context.Context, upto uint64) (list []CaseRow, err error) {
	upto, err = v.position(ctx, upto)
	if err != nil {
		return nil, err
	}
	err = v.queryAt(ctx, upto, func(c *conn) error {
		names, err := textsOf(ctx, c, `SELECT DISTINCT "case" FROM casefile WHERE kind = ? AND position <= ?`, domain.CaseOpened{}.Kind(), position(upto))
		if err != nil {
			return err
		}
		slices.Sort(names)
		for _, name := range names {
			file, err := caseFile(ctx, c, domain.CaseID(name), upto)
			if err != nil {
				return err
			}
			list = append(list, CaseRow{file.ID, file.Title, file.Currency, file.Closed, file.Links, len(file.Victims), len(file.Files)})
		}
		return nil
	}, CaseFiles.Name)
	return list, err
}

// textsOf gives the first column of every row.
func textsOf(ctx context.Context, c *conn, sql string, args ...driver.Value) (list []string, err error) {
	err = c.each(ctx, func(row []driver.Value) error {
		list = append(list, asText(row[0]))
		return nil
	}, sql, args...)
	return list, err
}

// WalkedAsOne lists the cases that are walked as one with a case as of a
// position of the log, itself first.
func (v *Views) WalkedAsOne(ctx context.Context, id domain.CaseID, upto uint64) (cases []domain.CaseID, err error) {
	if upto, err = v.position(ctx, upto); err != nil {
		return nil, err
	}
	err = v.queryAt(ctx, upto, func(c *conn) (err error) {
		cases, err = linkedCases(ctx, c, id, upto)
		return err
	}, CaseFiles.Name)
	return cases, err
}

// linkedCases lists the cases that are walked as one with a case, itself
// first, the others by name. A link holds in both directions.
func linkedCases(ctx context.Context, c *conn, id domain.CaseID, upto uint64) ([]domain.CaseID, error) {
	all := []domain.CaseID{id}
	for i := 0; i < len(all); i++ {
		others, err := textsOf(ctx, c, `SELECT other FROM casefile_link WHERE "case" = ?1 AND position <= ?2
			UNION SELECT "case" FROM casefile_link WHERE other = ?1 AND position <= ?2`, string(all[i]), position(upto))
		if err != nil {
			return nil, err
		}
		for _, other := range others {
			if !slices.Contains(all, domain.CaseID(other)) {
				all = append(all, domain.CaseID(other))
			}
		}
	}
	slices.Sort(all[1:])
	return all, nil
}

// Fact is a small fact with its place in the log.
type Fact struct {
	Position   uint64
	Case       domain.CaseID
	RecordedAt time.Time
	Event      domain.Event // as it was recorded: sealed
}

// EachFact gives the small facts of one kind, of all cases, to a function, as
// they were recorded.
func (v *Views) EachFact(ctx context.Context, kind string, upto uint64, do func(Fact) error) error {
	upto, err := v.position(ctx, upto)
	if err != nil {
		return err
	}
	var facts []Fact
	err = v.queryAt(ctx, upto, func(c *conn) error {
		return c.each(ctx, func(row []driver.Value) error {
			event, err := domain.DecodeEvent(asText(row[1]), []byte(asText(row[2])))
			facts = append(facts, Fact{Position: uint64(asInt(row[0])), Case: domain.CaseID(asText(row[3])), Event: event})
			return err
		}, `SELECT position, kind, body, "case" FROM casefile WHERE kind = ? AND position <= ? ORDER BY position`, kind, position(upto))
	}, CaseFiles.Name)
	for _, fact := range facts {
		record, wrong := v.record(ctx, fact.Position)
		if err != nil || wrong != nil {
			return cmp.Or(err, wrong)
		}
		fact.RecordedAt = record.RecordedAt
		if err := do(fact); err != nil {
			return err
		}
	}
	return err
}
