package projections

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"clew/eventstore"
	"clew/tracing"
)

// Views are the read models of one log.
type Views struct {
	store       eventstore.Store
	path        string
	folder      string // to be removed at Close; "" where the file stays
	all         []projection
	batch       batch
	writer      *conn
	writing     chan struct{} // holds one token: whoever has it may use writer
	readers     *readers
	blank       chan page // to be filled from the log
	decoder     decoder   // of whoever has the right to write
	wary        bool      // his too: an event may not fit, so that there are savepoints
	noticing    sync.Mutex
	notices     []string
	recalled    map[string]recalled
	assemblies  *cache[assemblyKey, *Assembly]
	answers     *cache[traceKey, *tracing.Answer]
	indexes     *cache[traceKey, *tracing.Index] // as of no moment
	courses     *cache[traceKey, *tracing.Course]
	comparisons *cache[traceKey, *tracing.Comparison]
	dwelling    *cache[assemblyMoment, *dwells]
	opening     atomic.Pointer[Opening]
	compared    atomic.Bool // the log was found to be the one that the rows came from
}

// projection is a Projection with what the runner asks of it for every record.
type projection struct {
	Projection
	concerned map[string]bool
}

// keptAssemblies is how many cases ready for walking are kept in memory: each
// takes some sixty bytes for every movement.
const keptAssemblies = 8

// keptComparisons is how many walks under all rules are kept.
const keptComparisons = 2

// keptAnswers is how many walks are kept in memory: every rule at two moments.
const keptAnswers = 16

// keptIndexes is how many are kept in memory: each takes some seventy bytes for
// every movement.
const keptIndexes = 4

// keptCourses is how many courses are kept in memory: those of two cases that
// are looked at by two rules. Each takes some three hundred bytes for every
// movement that carried a victim's money.
const keptCourses = 4

// keptDwells is how many lists of stays are kept in memory: now, and as of one
// other moment.
const keptDwells = 2

// fileLayout is raised when the runner's own two tables change.
const fileLayout = 1

const runnerSchema = `
CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE view (
	name     TEXT PRIMARY KEY,
	version  INTEGER NOT NULL,
	schema   TEXT NOT NULL,    -- SHA-256 of its CREATE statements
	position INTEGER NOT NULL, -- of the last event applied
	last     BLOB NOT NULL,    -- and that event's id: another log has another
	parked   INTEGER,          -- position of the event that cannot be applied
	kind     TEXT,             -- and its kind
	why      TEXT              -- and why
) STRICT, WITHOUT ROWID`

// Open opens the read models of a log, and makes their file if there is none.
// Rows of another log, and of projections that have changed since, are thrown
// away with a word on it (Notices); CatchUp fills them again. Where the store
// is open for reading only, or the file cannot be made, the views lie in a
// temporary file, and Notices say so.
func Open(ctx context.Context, viewsPath string, store eventstore.Store) (*Views, error) {
	return open(ctx, viewsPath, store, All())
}

func open(ctx context.Context, path string, store eventstore.Store, all []Projection) (*Views, error) {
	v := &Views{store: store, path: path, batch: usualBatch(), writing: make(chan struct{}, 1), blank: blankPages(), recalled: map[string]recalled{},
		assemblies: newCache[assemblyKey, *Assembly](keptAssemblies), answers: newCache[traceKey, *tracing.Answer](keptAnswers),
		indexes:     newCache[traceKey, *tracing.Index](keptIndexes),
		courses:     newCache[traceKey, *tracing.Course](keptCourses),
		comparisons: newCache[traceKey, *tracing.Comparison](keptComparisons), dwelling: newCache[assemblyMoment, *dwells](keptDwells)}
	for _, p := range all {
		concerned := map[string]bool{}
		for _, kind := range p.Kinds {
			concerned[kind] = true
		}
		v.all = append(v.all, projection{p, concerned})
	}
	v.writing <- struct{}{}
	if err := v.openFile(ctx); err != nil {
		return nil, errors.Join(err, v.Close())
	}
	v.readers = newReaders(v.path, v.opened)
	return v, nil
}

// openFile opens the file beside the store, or a temporary one.
func (v *Views) openFile(ctx context.Context) error {
	if v.store.ReadOnly() {
		return v.openTemporary(ctx, "the log is open for reading only")
	}
	err := v.settle(ctx)
	if err == nil || ctx.Err() != nil {
		return err
	}
	if damaged(err) {
		v.notice("the read models in %s were damaged and are built anew from the log", v.path)
		return v.afresh(ctx)
	}
	return v.openTemporary(ctx, err.Error())
}

// afresh removes a file that SQLite cannot read and makes a new one.
func (v *Views) afresh(ctx context.Context) error {
	v.writer.close()
	v.writer = nil
	for _, suffix := range []string{"", "-wal", "-shm"} {
		if err := os.Remove(v.path + suffix); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return &FileError{v.path, err}
		}
	}
	return v.settle(ctx)
}

func (v *Views) openTemporary(ctx context.Context, why string) error {
	v.writer.close()
	v.writer = nil
	folder, err := os.MkdirTemp("", "clew-views-")
	if err != nil {
		return &FileError{os.TempDir(), err}
	}
	v.notice("%s: the read models are built in a temporary file and removed afterwards", why)
	v.folder, v.path = folder, filepath.Join(folder, "views")
	return v.settle(ctx)
}

// settle leaves a file that belongs to this log and these projections.
func (v *Views) settle(ctx context.Context) (err error) {
	if err := ownersOnly(v.path); err != nil {
		return err
	}
	if v.writer, err = connect(v.path, false); err != nil {
		return err
	}
	if fits, err := v.fits(); fits || err != nil {
		return err
	}
	return v.transaction(func() error {
		if err := v.claim(); err != nil {
			return err
		}
		for _, p := range v.all {
			if err := v.enrol(p); err != nil {
				return err
			}
		}
		return ctx.Err()
	})
}

// ownersOnly makes the file before SQLite does, because it repeats what the log
// says about people: nobody but its owner may read it.
func ownersOnly(path string) error {
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err == nil {
		err = errors.Join(file.Chmod(0o600), file.Close())
	}
	if err != nil {
		return &FileError{path, err}
	}
	return nil
}

// transaction commits what a function does to the file, or nothing of it.
func (v *Views) transaction(do func() error) error {
	if err := v.writer.script("BEGIN IMMEDIATE"); err != nil {
		return err
	}
	err := do()
	if err == nil {
		err = v.writer.script("COMMIT")
	}
	if err != nil {
		clear(v.recalled)
		v.writer.script("ROLLBACK") // an error here says only that it is rolled back already
	}
	return err
}

// own is what the file says of the log that it belongs to.
func (v *Views) own() string { return fmt.Sprintf("%d %s", fileLayout, v.store.Identity()) }

// fits says whether the file is this log's, with these projections: then it
// can be opened while another process is writing it.
func (v *Views) fits() (bool, error) {
	row, err := v.writer.row("SELECT count(*) FROM sqlite_schema WHERE name IN ('meta', 'view')")
	if err != nil || asInt(row[0]) != 2 {
		return false, err
	}
	if row, err = v.writer.row("SELECT value FROM meta WHERE name = 'log'"); err != nil || row == nil || row[0] != v.own() {
		return false, err
	}
	for _, p := range v.all {
		row, err := v.writer.row("SELECT version, schema FROM view WHERE name = ?", p.Name)
		if err != nil || !p.made(row) {
			return false, err
		}
	}
	return true, nil
}

// made says whether a row of the table view is that of the projection as it
// is now.
func (p projection) made(row []driver.Value) bool {
	return row != nil && asInt(row[0]) == int64(p.Version) && row[1] == p.schemaHash()
}

// claim makes the file this log's own, and empties it if it was another's.
func (v *Views) claim() error {
	found, err := v.writer.row("SELECT 1 FROM sqlite_schema WHERE name = 'meta'")
	if err != nil {
		return err
	}
	own := v.own()
	if found != nil {
		row, err := v.writer.row("SELECT value FROM meta WHERE name = 'log'")
		if err != nil || row != nil && row[0] == own {
			return err
		}
		v.notice("%s held the read models of another log or another clew; they are built anew", v.path)
		if err := v.empty(); err != nil {
			return err
		}
	}
	if err := v.writer.script(runnerSchema); err != nil {
		return err
	}
	return v.writer.run("INSERT INTO meta VALUES ('log', ?)", own)
}

func (v *Views) empty() error {
	var tables []string
	err := v.writer.each(context.Background(), func(row []driver.Value) error {
		tables = append(tables, asText(row[0]))
		return nil
	}, "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite!_%' ESCAPE '!'")
	for _, table := range tables {
		err = errors.Join(err, v.writer.script(`DROP TABLE "`+strings.ReplaceAll(table, `"`, `""`)+`"`))
	}
	return err
}

// enrol gives a projection its tables, and empties them if it has changed.
func (v *Views) enrol(p projection) error {
	row, err := v.writer.row("SELECT version, schema FROM view WHERE name = ?", p.Name)
	if err != nil {
		return err
	}
	if p.made(row) {
		return nil
	}
	if row != nil {
		v.notice("projection %s has changed since its rows were made; it is built anew", p.Name)
	}
	return v.reset(p)
}

// reset empties a projection, so that it is filled again from event 1.
func (v *Views) reset(p projection) error {
	tables, err := v.tables(v.writer, p.Name)
	if err != nil {
		return err
	}
	for _, table := range tables {
		if err := v.writer.script("DROP TABLE " + table); err != nil {
			return err
		}
	}
	delete(v.recalled, p.Name)
	if err := v.writer.script(p.Schema); err != nil {
		return err
	}
	return v.writer.run(`INSERT OR REPLACE INTO view VALUES (?, ?, ?, 0, x'', NULL, NULL, NULL)`, p.Name, int64(p.Version), p.schemaHash())
}

// tables lists a projection's tables by name.
func (v *Views) tables(c *conn, name string) (tables []string, err error) {
	err = c.each(context.Background(), func(row []driver.Value) error {
		tables = append(tables, asText(row[0]))
		return nil
	}, `SELECT name FROM sqlite_schema WHERE type = 'table' AND (name = ?1 OR substr(name, 1, length(?1) + 1) = ?1 || '_') ORDER BY name`, name)
	return tables, err
}

func (v *Views) notice(format string, args ...any) {
	v.noticing.Lock()
	defer v.noticing.Unlock()
	v.notices = append(v.notices, fmt.Sprintf(format, args...))
}

// Notices are words that whoever opened the views should pass on: that rows
// were thrown away, or that they lie in a temporary file.
func (v *Views) Notices() []string {
	v.noticing.Lock()
	defer v.noticing.Unlock()
	return slices.Clone(v.notices)
}

// Path is where the views' file is.
func (v *Views) Path() string { return v.path }

// Close gives the file back, and removes it if it was a temporary one.
func (v *Views) Close() error {
	var err error
	if v.readers != nil {
		err = v.readers.close()
	}
	<-v.writing
	defer func() { v.writing <- struct{}{} }()
	err = errors.Join(err, v.writer.close())
	v.writer = nil
	if v.folder != "" {
		err = errors.Join(err, os.RemoveAll(v.folder))
	}
	return err
}
