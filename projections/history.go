package projections

import (
	"context"
	"database/sql/driver"
	"slices"

	"clew/domain"
)

// History is all that was ever recorded of one movement.
type History struct {
	File     domain.MovementFile // as it reads at the position asked for
	Position uint64              // of its first event
	Events   []Told              // every event that told or touched it, in the order of the log
	Evidence []domain.Evidence   // the lines that show it, of all tellings of the payment
	Tellings []domain.MovementID // the other tellings of the payment, by joins that stand
}

// Told is an event with what it says and who recorded it when.
type Told struct {
	Entry
	Event domain.Event
}

// MovementHistory gives all that was recorded of a movement up to a position
// of the log.
func (v *Views) MovementHistory(ctx context.Context, id domain.CaseID, name domain.MovementID, upto uint64) (*History, error) {
	upto, err := v.position(ctx, upto)
	if err != nil {
		return nil, err
	}
	var found traces
	err = v.queryAt(ctx, upto, func(c *conn) error {
		found, err = tracesOf(ctx, c, id, movementAt{name, upto})
		return err
	}, Movements.Name)
	if err != nil {
		return nil, err
	}
	h := &History{File: found.file, Position: uint64(found.group.order[0]), Tellings: found.names}
	if h.File.Movement, err = v.told(ctx, found.reads); err != nil {
		return nil, err
	}
	h.File.Movement.ID = name
	if err := v.tellEvents(ctx, h, found.positions); err != nil {
		return nil, err
	}
	return h, v.gatherEvidence(ctx, h, found.group)
}

func (v *Views) tellEvents(ctx context.Context, h *History, positions []uint64) error {
	for _, at := range positions {
		record, err := v.record(ctx, at)
		if err != nil {
			return err
		}
		event, err := domain.DecodeEvent(record.Kind, record.Body)
		if err != nil {
			return err
		}
		h.Events = append(h.Events, Told{v.entryOf(record), v.opened(caseOf(record), event)})
	}
	return nil
}

// gatherEvidence lists where each telling of the payment stands.
func (v *Views) gatherEvidence(ctx context.Context, h *History, group joinedGroup) error {
	for _, first := range group.order {
		m, err := v.told(ctx, uint64(first))
		if err != nil {
			return err
		}
		if !slices.Contains(h.Evidence, m.Evidence) {
			h.Evidence = append(h.Evidence, m.Evidence)
		}
	}
	return nil
}

// movementAt is a movement as it was known at a position of the log.
type movementAt struct {
	name domain.MovementID
	upto uint64
}

// traces is where the rows say that a movement was spoken of.
type traces struct {
	file      domain.MovementFile // without the movement itself
	reads     uint64              // position of the event that holds the movement as it reads
	positions []uint64            // of all events that concern it
	group     joinedGroup         // itself first
	tellings  []Version           // of the group, each as it was first recorded
	names     []domain.MovementID // of the others in the group
}

func tracesOf(ctx context.Context, c *conn, id domain.CaseID, m movementAt) (t traces, err error) {
	number, err := caseNumber(c, id)
	if err != nil {
		return t, err
	}
	first, err := firstVersions(c, number, m.name)
	if err != nil {
		return t, err
	}
	if len(first) == 0 || first[0].Position > m.upto {
		return t, domain.NotFound("case %s has no movement %s at position %d of the log: 'clew timeline %s' lists them", id, m.name, m.upto, id)
	}
	at := first[0].Position
	if t.group, err = joinedWith(ctx, c, int64(at), m.upto); err != nil {
		return t, err
	}
	if t.tellings, err = versionsAt(c, t.group.order); err != nil {
		return t, err
	}
	for _, step := range []func(*conn, uint64, uint64) error{t.version, t.report, t.join, t.events(ctx), t.others} {
		if err := step(c, at, m.upto); err != nil {
			return t, err
		}
	}
	return t, nil
}

// version finds the event that holds the movement as it reads at a position.
func (t *traces) version(c *conn, first, upto uint64) error {
	row, err := c.row("SELECT v.position, e.until FROM "+versionsOf("?1")+" v LEFT JOIN movements_ended e ON e.position = v.position WHERE v.position <= ?2 ORDER BY v.position DESC LIMIT 1", position(first), position(upto))
	if err != nil {
		return err
	}
	t.reads = uint64(asInt(row[0]))
	t.file.Withdrawn = row[1] != nil && uint64(asInt(row[1])) <= upto
	return nil
}

// report finds who reports the movement, or a telling joined with it.
func (t *traces) report(c *conn, _, upto uint64) error {
	for i, member := range t.group.order {
		row, err := c.row(`SELECT v.name, s.name FROM movements_report r
			JOIN movements_name v ON v.id = r.victim LEFT JOIN movements_name s ON s.id = r.scam
			WHERE r.movement = ?1 AND r.position <= ?2 AND (r.until IS NULL OR r.until > ?2)`, member, position(upto))
		if err != nil {
			return err
		}
		if row != nil {
			t.file.Victim, t.file.Scam = domain.VictimID(asText(row[0])), domain.Scam(asText(row[1]))
			return nil
		}
		if t.tellings[i].Victim == "" {
			continue
		}
		if row, err = c.row("SELECT 1 FROM movements_unreported WHERE position = ?1 AND until <= ?2", member, position(upto)); err != nil {
			return err
		}
		if row == nil {
			t.file.Victim, t.file.Scam = t.tellings[i].Victim, t.tellings[i].Scam
			return nil
		}
	}
	return nil
}

func (t *traces) join(c *conn, first, upto uint64) error {
	row, err := c.row(`SELECT kept FROM movements_join WHERE other = ?1 AND position <= ?2 AND (until IS NULL OR until > ?2) ORDER BY position LIMIT 1`, position(first), position(upto))
	if err != nil || row == nil {
		return err
	}
	kept, err := versionsAt(c, []int64{asInt(row[0])})
	if err == nil {
		t.file.Joined = kept[0].ID
	}
	return err
}

// events lists the positions of all events that told or touched the movement.
func (t *traces) events(ctx context.Context) func(*conn, uint64, uint64) error {
	return func(c *conn, first, upto uint64) error {
		return c.each(ctx, func(row []driver.Value) error {
			t.positions = append(t.positions, uint64(asInt(row[0])))
			return nil
		}, `SELECT at FROM (
				SELECT position AS at FROM `+versionsOf("?1")+`
				UNION SELECT until FROM movements_ended WHERE position IN `+versionsOf("?1")+`
				UNION SELECT until FROM movements_unreported WHERE position = ?1
				UNION SELECT position FROM movements_report WHERE movement = ?1 UNION SELECT until FROM movements_report WHERE movement = ?1
				UNION SELECT position FROM movements_join WHERE kept = ?1 OR other = ?1 UNION SELECT until FROM movements_join WHERE kept = ?1 OR other = ?1
				UNION SELECT position FROM movements_apart WHERE one = ?1 OR other = ?1 UNION SELECT until FROM movements_apart WHERE one = ?1 OR other = ?1)
			WHERE at <= ?2 ORDER BY at`, position(first), position(upto))
	}
}

// others names the other tellings of the payment.
func (t *traces) others(*conn, uint64, uint64) error {
	for _, telling := range t.tellings[1:] {
		t.names = append(t.names, telling.ID)
	}
	return nil
}
