package projections

import (
	"context"
	"crypto/sha256"
	"database/sql/driver"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"hash"
	"math"
	"strings"
)

// Status is how one projection stands.
type Status struct {
	Name        string  `json:"name"`
	Version     int     `json:"version"`
	Position    uint64  `json:"position"` // of the last event applied
	Fingerprint string  `json:"fingerprint"`
	Parked      *Parked `json:"parked,omitempty"`
}

// Standing is how all projections stand towards the log.
type Standing struct {
	Head        uint64   `json:"head"`
	Projections []Status `json:"projections"`
}

// Status gives the state of every projection, in the order of All, after catching up. The
// fingerprint is a SHA-256 over all its rows, in the order of their keys: it
// depends on the log up to the position alone.
func (v *Views) Status(ctx context.Context) (s Standing, err error) {
	if err := v.CatchUp(ctx); err != nil {
		return s, err
	}
	if s.Head, err = v.store.Head(ctx); err != nil {
		return s, err
	}
	err = v.readers.use(ctx, func(c *conn) error {
		states, err := v.states(c)
		if err != nil {
			return err
		}
		for _, p := range v.all {
			print, err := v.fingerprint(ctx, c, p.Name)
			if err != nil {
				return err
			}
			s.Projections = append(s.Projections, Status{p.Name, p.Version, states[p.Name].position, print, states[p.Name].parked})
		}
		return nil
	})
	return s, err
}

// fingerprint hashes the projection's tables, by name, and in each the rows in
// the order of the primary key.
func (v *Views) fingerprint(ctx context.Context, c *conn, name string) (string, error) {
	tables, err := v.tables(c, name)
	if err != nil {
		return "", err
	}
	p := printer{sum: sha256.New()}
	for _, table := range tables {
		key, err := keyOf(ctx, c, table)
		if err != nil {
			return "", err
		}
		p.text('T', table)
		if err := c.each(ctx, p.row, fmt.Sprintf("SELECT * FROM %s ORDER BY %s", table, key)); err != nil {
			return "", err
		}
	}
	p.write()
	return hex.EncodeToString(p.sum.Sum(nil)), nil
}

// keyOf lists the columns of a table's primary key.
func keyOf(ctx context.Context, c *conn, table string) (string, error) {
	columns, err := textsOf(ctx, c, "SELECT name FROM pragma_table_info(?) WHERE pk > 0 ORDER BY pk", table)
	if err == nil && len(columns) == 0 {
		err = fmt.Errorf("table %s has no primary key, so its rows have no order", table)
	}
	return `"` + strings.Join(columns, `", "`) + `"`, err
}

// printer hashes values, each with its type and, where it has one, its length,
// so that no two different tables give the same bytes.
type printer struct {
	sum    hash.Hash
	buffer []byte
}

// bufferSize is when the collected bytes are hashed: a call for every value
// would cost more than the hashing.
const bufferSize = 32 << 10

func (p *printer) row(values []driver.Value) error {
	p.buffer = append(p.buffer, 'R')
	for _, v := range values {
		switch v := v.(type) {
		case nil:
			p.buffer = append(p.buffer, 'N')
		case int64:
			p.buffer = binary.BigEndian.AppendUint64(append(p.buffer, 'I'), uint64(v))
		case string:
			p.text('S', v)
		case []byte:
			p.text('B', string(v))
		case float64:
			p.buffer = binary.BigEndian.AppendUint64(append(p.buffer, 'F'), math.Float64bits(v))
		default:
			return fmt.Errorf("a column holds a %T, which has no fingerprint", v)
		}
	}
	if len(p.buffer) > bufferSize {
		p.write()
	}
	return nil
}

func (p *printer) text(mark byte, text string) {
	p.buffer = binary.BigEndian.AppendUint64(append(p.buffer, mark), uint64(len(text)))
	p.buffer = append(p.buffer, text...)
}

func (p *printer) write() {
	p.sum.Write(p.buffer)
	p.buffer = p.buffer[:0]
}
