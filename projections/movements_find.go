package projections

import (
	"context"
	"fmt"
	"strings"

	"clew/domain"
	"clew/eventstore"
)

const (
	// minPrefix is how much of a movement's name must be written: with four
	// letters of thirty-two a case of a few hundred movements is told apart.
	minPrefix = 4

	// nameLength is how many letters 128 bits take.
	nameLength = 26

	// maxCandidates bounds the list of those that a text could mean.
	maxCandidates = 8
)

// FindMovement gives the name of the movement that a text means in a case: its
// name, the source's own id, or the first four or more letters of its name.
func (v *Views) FindMovement(ctx context.Context, id domain.CaseID, text string) (found domain.MovementID, err error) {
	text = strings.TrimSpace(text)
	err = v.query(ctx, func(c *conn) error {
		candidates, err := movementsMeant(ctx, c, id, text)
		if err != nil {
			return err
		}
		found, err = theOne(id, text, candidates)
		return err
	}, Movements.Name)
	return found, err
}

func theOne(id domain.CaseID, text string, candidates []Version) (domain.MovementID, error) {
	switch len(candidates) {
	case 0:
		return "", domain.NotFound("case %s has no movement %q: give its name, the first %d or more letters of it, or the source's own id; 'clew timeline %s' lists them", id, text, minPrefix, id)
	case 1:
		return candidates[0].ID, nil
	}
	var list strings.Builder
	for i, m := range candidates {
		if i == maxCandidates {
			list.WriteString("; and more")
			break
		}
		fmt.Fprintf(&list, "; %s (%s, %s from %s to %s, told by %s)", m.ID, m.When, m.Amount.String()+" "+string(m.Amount.Asset.Code), m.From, m.To, m.Source)
	}
	return "", domain.Usage("movement %q could be several in case %s: write more of the name%s", text, id, list.String())
}

// movementsMeant lists what a text can mean: by name, else by the source's own
// id, else by the beginning of the name.
func movementsMeant(ctx context.Context, c *conn, id domain.CaseID, text string) ([]Version, error) {
	number, err := caseNumber(c, id)
	if err != nil || number == 0 {
		return nil, err
	}
	found, err := firstVersions(c, number, domain.MovementID(text), domain.MovementID(strings.ToLower(text)))
	if err != nil || len(found) > 0 {
		return found, err
	}
	sources, err := textsOf(ctx, c, `SELECT n.name FROM movements_source s JOIN movements_name n ON n.id = s.source WHERE s."case" = ? ORDER BY s.position`, number)
	if err != nil {
		return nil, err
	}
	var named []domain.MovementID
	for _, source := range sources {
		named = append(named, domain.Identify(id, source, text, [32]byte{}, 1))
	}
	found, err = firstVersions(c, number, named...)
	if err != nil || len(found) > 0 {
		return found, err
	}
	return beginning(ctx, c, number, strings.ToLower(text))
}

// beginning lists movements whose names begin with a text, one more than are
// shown at most.
func beginning(ctx context.Context, c *conn, number int64, text string) (found []Version, err error) {
	if len(text) < minPrefix || len(text) > 26 {
		return nil, nil
	}
	lowest, highest := text+strings.Repeat("0", nameLength-len(text)), text
	if rest := nameLength - len(text); rest > 0 {
		highest += strings.Repeat("z", rest-1) + "w" // the last letter bears three bits only
	}
	low, high := rawOf(domain.MovementID(lowest)), rawOf(domain.MovementID(highest))
	if !low.isRaw || !high.isRaw {
		return nil, nil // letters that no name has
	}
	positions, err := c.find.ids.between(c, low.key(), high.key())
	if err != nil {
		return nil, err
	}
	err = newVersions(c).at(positions, func(m Version) {
		if strings.HasPrefix(string(m.ID), text) && m.inCase == number && len(found) <= maxCandidates {
			found = append(found, m)
		}
	})
	return found, err
}

// MovementFile is what is known of one movement at the head of the log: with
// note, evidence and the source's own id, from the log itself.
func (v *Views) MovementFile(ctx context.Context, id domain.CaseID, name domain.MovementID) (file domain.MovementFile, err error) {
	head, err := v.store.Head(ctx)
	if err != nil {
		return file, err
	}
	var found traces
	err = v.queryAt(ctx, head, func(c *conn) error {
		found, err = tracesOf(ctx, c, id, movementAt{name, head})
		return err
	}, Movements.Name)
	if err != nil {
		return file, err
	}
	found.file.Movement, err = v.told(ctx, found.reads)
	found.file.Movement.ID = name
	return found.file, err
}

// told reads the whole movement that the event at a position tells, as it was
// recorded.
func (v *Views) told(ctx context.Context, at uint64) (domain.Movement, error) {
	record, err := v.record(ctx, at)
	if err != nil {
		return domain.Movement{}, err
	}
	event, err := domain.DecodeEvent(record.Kind, record.Body)
	if err != nil {
		return domain.Movement{}, fmt.Errorf("position %d: %w", at, err)
	}
	event = v.opened(caseOf(record), event)
	if correction, ok := event.(domain.MovementCorrected); ok {
		return correction.Now.Movement, nil
	}
	m, ok := domain.MovementOf(event)
	if !ok {
		return m, fmt.Errorf("position %d holds a %s, which tells no movement: run 'clew rebuild movements'", at, record.Kind)
	}
	return m, nil
}

// record reads one record of the log.
func (v *Views) record(ctx context.Context, at uint64) (eventstore.Record, error) {
	records, err := v.store.Read(ctx, at-1, 1)
	if err == nil && (len(records) != 1 || records[0].Position != at) {
		err = &eventstore.Fault{Kind: eventstore.ErrDamaged, Where: "log", Position: at, Why: "the position is missing", Next: "run 'clew verify'"}
	}
	if err != nil {
		return eventstore.Record{}, err
	}
	return records[0], nil
}
