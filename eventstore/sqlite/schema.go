package sqlite

import (
	"context"
	"crypto/rand"
	"database/sql/driver"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"clew/eventstore"
)

const (
	// applicationID says "clew" in the file's header, where file(1) and
	// every SQLite tool show it.
	applicationID = 0x636c6577

	// schemaVersion is raised when the tables change, with a row in upgrades.
	// A file with a higher one was made by a newer clew.
	schemaVersion = 2
)

// table is one statement of the schema. Its text is compared with what the
// file says when it is opened, so that a trigger or an index that somebody
// added or dropped is found.
type table struct {
	name, sql string
	since     int64 // the first schemaVersion that has it
}

// schema is what a file of some version is made of.
//
// What all events of one append share stands once, in append. The rows of
// record are written in order of their position and have one index, which
// grows at the end of each stream: nothing on the log is random-keyed.
func schema(version int64) []table {
	t := []table{
		{"meta", `CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID`, 1},
		{"stream", `CREATE TABLE stream (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT`, 1},
		{"kind", `CREATE TABLE kind (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT`, 1},
		{"append", `CREATE TABLE append (
	first       INTEGER PRIMARY KEY, -- position of its first event
	last        INTEGER NOT NULL,    -- and of its last
	recorded_at INTEGER NOT NULL,    -- microseconds since 1970, UTC
	actor       TEXT NOT NULL,
	key         TEXT NOT NULL,       -- idempotency key, '' if none
	correlation TEXT NOT NULL,
	causation   TEXT NOT NULL,
	request     BLOB                 -- what the key stands for, kept for ever
) STRICT`, 1},
		{"append_key", `CREATE UNIQUE INDEX append_key ON append (key) WHERE key <> ''`, 1},
		{"record", `CREATE TABLE record (
	position INTEGER PRIMARY KEY, -- dense, from 1
	stream   INTEGER NOT NULL,    -- stream.id
	version  INTEGER NOT NULL,    -- dense within the stream, from 1
	kind     INTEGER NOT NULL,    -- kind.id
	id       BLOB NOT NULL,       -- ULID, 16 bytes
	append   INTEGER NOT NULL,    -- append.first
	body     BLOB NOT NULL,       -- canonical JSON
	fast     BLOB,                -- the same facts, typed
	leaf     BLOB NOT NULL        -- SHA-256 over all of the record, RFC 6962
) STRICT`, 1},
		{"record_stream", `CREATE UNIQUE INDEX record_stream ON record (stream, version)`, 1},
		{"evidence", `CREATE TABLE evidence (
	id       INTEGER PRIMARY KEY,
	sha256   BLOB NOT NULL UNIQUE,
	size     INTEGER NOT NULL,
	complete INTEGER NOT NULL     -- 0 until the last chunk is in
) STRICT`, 1},
		{"chunk", `CREATE TABLE chunk (
	file   INTEGER NOT NULL,      -- evidence.id
	number INTEGER NOT NULL,      -- from 0
	sha256 BLOB NOT NULL,
	bytes  BLOB NOT NULL,
	PRIMARY KEY (file, number)
) STRICT`, 1},
		{"node", `CREATE TABLE node (
	level  INTEGER NOT NULL,      -- 8, 16, 24 …; leaves, level 0, stand in record
	number INTEGER NOT NULL,      -- from 0 within the level
	hash   BLOB NOT NULL,         -- SHA-256 over the 256 nodes below, RFC 6962
	PRIMARY KEY (level, number)
) STRICT, WITHOUT ROWID`, 2},
		{"checkpoint", `CREATE TABLE checkpoint (
	size        INTEGER NOT NULL, -- how many records it speaks of
	number      INTEGER NOT NULL, -- from 1 among those of one size
	recorded_at INTEGER NOT NULL, -- microseconds since 1970, UTC
	note        BLOB NOT NULL,    -- the signed text
	PRIMARY KEY (size, number)
) STRICT, WITHOUT ROWID`, 2},
		{"segment", `CREATE TABLE segment (
	number INTEGER PRIMARY KEY,   -- n holds what Replay gives of records n*1024+1 to n*1024+1024
	bytes  BLOB NOT NULL
) STRICT`, 2},
	}
	for _, name := range []string{"meta", "stream", "kind", "append", "record", "chunk"} {
		t = append(t, keep(name, "UPDATE", "", 1), keep(name, "DELETE", "", 1))
	}
	for _, name := range []string{"node", "checkpoint", "segment"} {
		t = append(t, keep(name, "UPDATE", "", 2), keep(name, "DELETE", "", 2))
	}
	t = append(t, keep("evidence", "DELETE", "", 1),
		keep("evidence", "UPDATE", " WHEN OLD.complete = 1 OR NEW.sha256 <> OLD.sha256 OR NEW.size <> OLD.size OR NEW.id <> OLD.id", 1))
	return slices.DeleteFunc(t, func(t table) bool { return t.since > version })
}

// keep stops a person at a SQLite prompt from changing what was recorded by
// mistake. It stops nobody who wants to: for that there are the leaves.
func keep(name, verb, when string, since int64) table {
	trigger := name + "_no_" + strings.ToLower(verb)
	return table{trigger, fmt.Sprintf(`CREATE TRIGGER %s BEFORE %s ON %s%s BEGIN SELECT RAISE(ABORT, 'what was recorded is never changed'); END`,
		trigger, verb, name, when), since}
}

// create makes an empty log under another name and gives it its own when it
// is whole and synced: nobody ever sees half a log. If another process was
// faster, its log stays.
func create(ctx context.Context, path string) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	dir := filepath.Dir(path)
	if info, err := os.Stat(dir); err != nil || !info.IsDir() {
		return &eventstore.Fault{Kind: eventstore.ErrNotFound, Where: path, Why: "there is no directory " + dir, Next: "make it first", Cause: err}
	}
	draft := filepath.Join(dir, ".clew-new-"+rand.Text())
	defer os.Remove(draft)
	err := fill(path, draft)
	if err != nil {
		return err
	}
	err = os.Link(draft, path)
	if err != nil && !errors.Is(err, fs.ErrExist) {
		err = os.Rename(draft, path) // some file systems know no links
	}
	if err != nil && !errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("sqlite: make %s: %w", path, err)
	}
	return syncDir(dir)
}

// fill makes the file itself, for its owner's eyes only; SQLite gives the
// files beside it the same rights.
func fill(path, draft string) (err error) {
	f, err := os.OpenFile(draft, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("sqlite: make %s: %w", path, err)
	}
	if err := f.Close(); err != nil {
		return fmt.Errorf("sqlite: make %s: %w", path, err)
	}
	c, err := connect(draft, writing, defaultBusyTimeout)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, c.close()) }()
	script := []string{"BEGIN IMMEDIATE", fmt.Sprintf("PRAGMA application_id = %d", applicationID), fmt.Sprintf("PRAGMA user_version = %d", schemaVersion)}
	for _, t := range schema(schemaVersion) {
		script = append(script, t.sql)
	}
	for _, sql := range script {
		if err := c.script(sql); err != nil {
			return err
		}
	}
	if err := c.run(`INSERT INTO meta VALUES ('identity', ?)`, rand.Text()); err != nil {
		return err
	}
	return c.script("COMMIT")
}

// syncDir makes a new name in a directory survive a power cut.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return fmt.Errorf("sqlite: sync %s: %w", dir, err)
	}
	defer d.Close()
	if err := d.Sync(); err != nil && !errors.Is(err, errors.ErrUnsupported) {
		return fmt.Errorf("sqlite: sync %s: %w", dir, err)
	}
	return nil
}

// versionOf is the version of a file's tables. It refuses a file of another
// program and of a newer clew.
func versionOf(c *conn) (int64, error) {
	app, err := c.number(`PRAGMA application_id`)
	if err != nil {
		return 0, err
	}
	if app != applicationID {
		return 0, fault(eventstore.ErrForeign, c.path, "it is a SQLite file of another program", "give the path of a clew log")
	}
	version, err := c.number(`PRAGMA user_version`)
	if err != nil {
		return 0, err
	}
	switch {
	case version > schemaVersion:
		err = fault(eventstore.ErrTooNew, c.path, fmt.Sprintf("its tables have version %d, and this clew knows %d", version, schemaVersion), "update clew; the log is as it was")
	case version < 1:
		err = fault(eventstore.ErrDamaged, c.path, "it has no version", restore)
	}
	return version, err
}

// checkSchema refuses a file whose tables are not those that clew made.
func checkSchema(c *conn) error {
	version, err := versionOf(c)
	if err == nil {
		err = compareSchema(c, version)
	}
	return err
}

func compareSchema(c *conn, version int64) error {
	want := map[string]string{}
	for _, t := range schema(version) {
		want[t.name] = t.sql
	}
	err := c.each(context.Background(), func(row []driver.Value) error {
		name, _ := row[0].(string)
		if text, ok := want[name]; !ok || text != row[1] {
			return fault(eventstore.ErrDamaged, c.path, fmt.Sprintf("%s in its schema is not as clew made it", name), restore)
		}
		delete(want, name)
		return nil
	}, `SELECT name, sql FROM sqlite_schema WHERE name NOT LIKE 'sqlite\_%' ESCAPE '\'`)
	if err != nil {
		return err
	}
	for name := range want {
		return fault(eventstore.ErrDamaged, c.path, name+" is missing from its schema", restore)
	}
	return nil
}

// assertDurable reads back what makes an acknowledged append survive a power
// cut. A driver that ignored the DSN would lose events without a word.
func assertDurable(c *conn) error {
	for _, p := range []struct {
		pragma string
		want   driver.Value
	}{{"journal_mode", "wal"}, {"synchronous", int64(2)}, {"locking_mode", "normal"}} {
		row, err := c.row("PRAGMA " + p.pragma)
		if err != nil {
			return err
		}
		if row == nil || row[0] != p.want {
			return fault(eventstore.ErrDisk, c.path, fmt.Sprintf("SQLite stands at %s=%v and not %v, so appends would not be safe", p.pragma, row, p.want), "report this with the system's name and version")
		}
	}
	return nil
}
