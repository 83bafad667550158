package sqlite_test

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"go.uber.org/goleak"

	_ "github.com/mattn/go-sqlite3" // to do from outside what the store does not do

	"clew/eventstore"
	"clew/eventstore/sqlite"
	"clew/eventstore/storetest"
	"clew/testdata/torture"
)

// TestMain is also the main of the processes that the tests start.
func TestMain(m *testing.M) {
	if role := os.Getenv("CLEW_TEST_ROLE"); role != "" {
		play(role, os.Getenv("CLEW_TEST_LOG"))
	}
	goleak.VerifyTestMain(m)
}

// process is this test binary in one of the roles that play knows.
func process(role, path string) *exec.Cmd {
	c := exec.Command(os.Args[0])
	c.Env = append(os.Environ(), "CLEW_TEST_ROLE="+role, "CLEW_TEST_LOG="+path)
	c.Stderr = os.Stderr
	return c
}

func play(role, path string) {
	var err error
	switch role {
	case "append":
		err = appendUntilKilled(path)
	case "fill":
		err = fill(path, os.Stdout)
	case "look":
		err = look(path)
	case "tell":
		err = tellEverything(path, os.Stdout)
	case "back up":
		err = backUpOnAFullDisk(path)
	default:
		err = fmt.Errorf("nobody plays %q", role)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(0)
}

func appendUntilKilled(path string) error {
	s, err := sqlite.Open(context.Background(), path, sqlite.Options{})
	if err != nil {
		return err
	}
	return storetest.AppendUntilKilled(s, fmt.Sprint("process-", os.Getpid()), os.Stdout)
}

// TestStore asks for every guarantee. CLEW_KILLS raises the number of kill -9
// for a long run.
func TestStore(t *testing.T) {
	kills := torture.Often(t, "CLEW_KILLS", 50)
	storetest.Run(t, func(t storetest.T) storetest.Harness {
		path := filepath.Join(t.TempDir(), "clew.db")
		open := func(o sqlite.Options) (eventstore.Store, error) {
			s, err := sqlite.Open(context.Background(), path, o)
			if err != nil {
				return nil, err
			}
			return s, nil
		}
		return storetest.Harness{
			Open:         func() (eventstore.Store, error) { return open(sqlite.Options{}) },
			OpenReadOnly: func() (eventstore.Store, error) { return open(sqlite.Options{ReadOnly: true}) },
			Change: func(position uint64) error {
				return spoil(path, "record_no_update", `UPDATE record SET body = CAST(replace(body, '"n"', '"m"') AS BLOB) WHERE position = ?`, position)
			},
			Remove: func(position uint64) error {
				return spoil(path, "record_no_delete", `DELETE FROM record WHERE position = ?`, position)
			},
			ChangeEvidence: func(sum [32]byte) error {
				return spoil(path, "chunk_no_update", `UPDATE chunk SET bytes = CAST(x'00' || substr(bytes, 2) AS BLOB)
					WHERE number = 2 AND file = (SELECT id FROM evidence WHERE sha256 = ?)`, sum[:])
			},
			Appender: func() *exec.Cmd { return process("append", path) },
			Kills:    kills,
		}
	})
}

// spoil changes one row from outside: without the trigger that forbids it,
// and with the trigger back in its place, as a careful forger would.
func spoil(path, trigger, change string, arg any) error {
	db, err := sql.Open("sqlite3", path)
	if err != nil {
		return err
	}
	defer db.Close()
	var guard string
	if err := db.QueryRow(`SELECT sql FROM sqlite_schema WHERE name = ?`, trigger).Scan(&guard); err != nil {
		return err
	}
	if _, err := db.Exec(`DROP TRIGGER ` + trigger); err != nil {
		return err
	}
	r, err := db.Exec(change, arg)
	if err != nil {
		return err
	}
	if n, err := r.RowsAffected(); err != nil || n != 1 {
		return fmt.Errorf("%d rows were changed: %v", n, err)
	}
	_, err = db.Exec(guard)
	return err
}
