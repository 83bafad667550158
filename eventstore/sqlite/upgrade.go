package sqlite

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"clew/eventstore"
)

// upgrades are the ways from each version of the tables to the next: row 0
// leads from version 1 to 2. The tables that a version adds are made by then;
// what is in the row fills them. A row is never changed: files that were
// upgraded with it and files that were made anew are the same. For each row a
// file of the version before it lies in testdata/stores/, and a test opens it.
var upgrades = [schemaVersion - 1]func(*conn) error{
	fillNodes,
}

// fillNodes makes the nodes of the tree from the leaves.
func fillNodes(c *conn) error {
	head, err := c.number(`SELECT max(position) FROM record`)
	if err != nil {
		return err
	}
	var f forest
	nodes := inserter{c: c, table: "node", columns: 3}
	for f.size < uint64(head) {
		leaves, err := readLevel(c, 0, int64(f.size), min(head-int64(f.size), segmentSize))
		if err != nil {
			return err
		}
		var completed []node
		for _, leaf := range leaves {
			completed = f.grow(leaf, completed)
		}
		for _, n := range completed {
			if err := nodes.add(n.level, n.number, n.hash[:]); err != nil {
				return err
			}
		}
	}
	return nodes.flush()
}

// upgrade brings the tables of an older clew up to date, and gives the
// version that they had. It looks with a connection of its own and closes it:
// nobody may have the file open while it is upgraded, and least of all the
// older clew, which would go on appending as if nothing had happened.
func upgrade(ctx context.Context, path string, how access, o Options) (from int64, err error) {
	version, err := lookAt(path, max(how, reading), o)
	if err != nil || version == schemaVersion {
		return 0, err
	}
	if how != writing {
		return 0, fault(eventstore.ErrTooOld, path, fmt.Sprintf("its tables have version %d, and this clew reads version %d", version, schemaVersion),
			"let a user who may write the file and its directory run any clew command on it once, which upgrades it; or do so with a copy")
	}
	from, err = upgradeInTurn(ctx, path, o)
	if errors.Is(err, eventstore.ErrBusy) {
		err = fault(eventstore.ErrBusy, path, "it was made by an older clew and must be upgraded, and another program has it open", "close that and try again; nothing was changed")
	}
	return from, err
}

// upgradeInTurn tries until nobody else has the file open: SQLite does not
// wait for that. Those who want to upgrade it take turns, or each would find
// the file opened by the others' looking, again and again; and whose turn has
// come looks first, because another may have upgraded the file and may keep it
// open from then on.
func upgradeInTurn(ctx context.Context, path string, o Options) (from int64, err error) {
	for start := time.Now(); ; time.Sleep(shortWait / 10) {
		from, err = upgradeOnce(ctx, path, o)
		if !errors.Is(err, eventstore.ErrBusy) || time.Since(start) > o.BusyTimeout || ctx.Err() != nil {
			return from, err
		}
	}
}

// upgradeOnce gives the version that it has upgraded from, 0 if there was
// nothing to do, and ErrBusy if it is not its turn or the file is in use.
func upgradeOnce(ctx context.Context, path string, o Options) (from int64, err error) {
	give, err := takeTurn(filepath.Dir(path))
	if err != nil {
		return 0, err
	}
	defer give()
	version, err := lookAt(path, reading, o)
	if err != nil || version == schemaVersion {
		return 0, err
	}
	if from, err = upgradeAlone(ctx, path); err != nil || from == schemaVersion {
		return 0, err
	}
	return from, nil
}

func lookAt(path string, how access, o Options) (int64, error) {
	c, err := connect(path, how, o.BusyTimeout)
	if err != nil {
		return 0, err
	}
	defer c.close()
	return versionOf(c)
}

// upgradeAlone upgrades within one transaction: a process that is killed
// meanwhile leaves the file as it was.
func upgradeAlone(ctx context.Context, path string) (from int64, err error) {
	c, err := connect(path, alone, 0) // one that waits would hold a lock for which others wait
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, c.close()) }() // which takes an unfinished transaction back
	if err := c.script("BEGIN EXCLUSIVE"); err != nil {
		return 0, err
	}
	if from, err = versionOf(c); err != nil || from == schemaVersion {
		return from, err
	}
	if err := rebuildTables(ctx, c, from); err != nil {
		return from, err
	}
	return from, c.script("COMMIT")
}

// rebuildTables goes from version to version, and reads all that there is
// before it lets the result be committed: each record against its leaf, and
// the tree over them.
func rebuildTables(ctx context.Context, c *conn, version int64) error {
	if err := compareSchema(c, version); err != nil {
		return err
	}
	for ; version < schemaVersion; version++ {
		for _, t := range schema(version + 1) {
			if t.since == version+1 {
				if err := c.script(t.sql); err != nil {
					return err
				}
			}
		}
		if err := upgrades[version-1](c); err != nil {
			return err
		}
	}
	if err := c.script(fmt.Sprintf("PRAGMA user_version = %d", schemaVersion)); err != nil {
		return err
	}
	if err := checkSchema(c); err != nil {
		return err
	}
	return verifyRecords(ctx, func(do func(*conn) error) error { return do(c) })
}
