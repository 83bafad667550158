package projections

import (
	"context"
	"database/sql/driver"
	"fmt"

	"clew/domain"
)

// numberedNames looks up the names behind numbers of movements_name, each
// once. Names that the log gave one after the other are often wanted together:
// each look reads further ahead than the one before.
type numberedNames struct {
	c     *conn
	pages []*[namesOfPage]string // by number; "" where it has not been read
	ahead uint64
}

const (
	namesOfPage = 1 << 10
	mostAhead   = 1 << 12
)

func (n *numberedNames) get(number uint64) (string, error) {
	if name := n.known(number); name != "" {
		return name, nil
	}
	n.ahead = min(max(2*n.ahead, 1), mostAhead)
	err := n.c.each(context.Background(), func(row []driver.Value) error {
		n.keep(uint64(asInt(row[0])), asText(row[1]))
		return nil
	}, "SELECT id, name FROM movements_name WHERE id >= ? AND id < ?", int64(number), int64(number+n.ahead))
	if name := n.known(number); name != "" || err != nil {
		return name, err
	}
	return "", fmt.Errorf("name %d is missing: run 'clew rebuild movements'", number)
}

func (n *numberedNames) known(number uint64) string {
	if at := number / namesOfPage; at < uint64(len(n.pages)) && n.pages[at] != nil {
		return n.pages[at][number%namesOfPage]
	}
	return ""
}

func (n *numberedNames) keep(number uint64, name string) {
	at := number / namesOfPage
	for uint64(len(n.pages)) <= at {
		n.pages = append(n.pages, nil)
	}
	if n.pages[at] == nil {
		n.pages[at] = new([namesOfPage]string)
	}
	n.pages[at][number%namesOfPage] = name
}

// noted is what is known of names by the numbers that the decoder of the log
// has given them; 0: nothing yet. With the decoder it forgets.
type noted struct {
	generation uint64
	known      []uint64
}

func (t *noted) of(n domain.NameNumber) *uint64 {
	generation, at := n.Place()
	if generation != t.generation {
		t.generation, t.known = generation, t.known[:0]
	}
	for len(t.known) <= at {
		t.known = append(t.known, 0)
	}
	return &t.known[at]
}
