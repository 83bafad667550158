package sqlite

import (
	"errors"
	"path/filepath"

	"github.com/mattn/go-sqlite3"

	"clew/eventstore"
)

// wayIn decides how a file can be opened: for writing if that is wanted and
// possible, else for reading beside its writers, else as a still image.
func wayIn(path string, o Options) (access, error) {
	network := networkOf(filepath.Dir(path)) != "" && !o.AnyFileSystem
	if !o.ReadOnly && mayWrite(path) && mayWrite(filepath.Dir(path)) {
		return writing, refuseNetwork(filepath.Dir(path), path, o)
	}
	if network {
		return stillImage(path)
	}
	c, err := connect(path, reading, o.BusyTimeout)
	if err == nil {
		_, err = c.number(`SELECT count(*) FROM sqlite_schema`)
	}
	defer c.close()
	if err != nil && needsFiles(err) {
		return stillImage(path)
	}
	return reading, err
}

// needsFiles says whether SQLite could not make or open the files that it
// keeps beside the log, as in a directory that cannot be written.
func needsFiles(err error) bool {
	var said sqlite3.Error
	return errors.As(err, &said) && (said.Code == sqlite3.ErrCantOpen || said.Code == sqlite3.ErrReadonly)
}

func stillImage(path string) (access, error) {
	if hasContent(path + "-wal") {
		return still, fault(eventstore.ErrReadOnly, path, "its write-ahead log "+path+"-wal holds events that cannot be read without writing beside it",
			"copy both files to a directory that you may write to, and open the copy")
	}
	return still, nil
}

func refuseNetwork(dir, path string, o Options) error {
	name := networkOf(dir)
	if name == "" || o.AnyFileSystem {
		return nil
	}
	return fault(eventstore.ErrNetwork, path, "it lies on "+name+", where locks and syncs do not hold and recorded events can be lost",
		"keep the log on a disk of this machine; if this is one, say so with the option for any file system")
}
