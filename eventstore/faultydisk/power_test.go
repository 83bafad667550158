package faultydisk_test

import (
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"clew/eventstore"
	"clew/eventstore/faultydisk"
	"clew/eventstore/sqlite"
	"clew/testdata/torture"
)

// acknowledged is what somebody was told that it is safe.
type acknowledged struct {
	head  uint64
	files [][32]byte
}

// workday opens a log several times, appends, files evidence and closes it,
// which moves the write-ahead log into the file. It marks every
// acknowledgement in the diary by its number.
func workday(t *testing.T, path string) (told []acknowledged) {
	t.Helper()
	var now acknowledged
	tell := func() {
		told = append(told, acknowledged{now.head, slices.Clone(now.files)})
		faultydisk.Mark(len(told) - 1)
	}
	for session := range 4 {
		s, err := sqlite.Open(t.Context(), path, sqlite.Options{})
		if err != nil {
			t.Fatal(err)
		}
		for i := range 12 {
			r, err := s.Append(t.Context(), batch(1+(session*12+i)%30))
			if err != nil {
				t.Fatal(err)
			}
			now.head = r.Last
			tell()
		}
		e, err := s.PutEvidence(t.Context(), bytes.NewReader(bytes.Repeat([]byte{byte(session)}, 300_000)))
		if err != nil {
			t.Fatal(err)
		}
		now.files = append(now.files, e.SHA256)
		tell()
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
	return told
}

func batch(n int) eventstore.Append {
	a := eventstore.Append{Actor: "insp.lind", Now: time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)}
	for i := range n {
		a.Events = append(a.Events, eventstore.Event{Stream: "case/C1", Kind: "case.noted.v1", Body: fmt.Appendf(nil, `{"text":"note %d of %d"}`, i, n)})
	}
	return a
}

// diaryOf records what happens on the disk while work is done on a log.
func diaryOf(t *testing.T, dir string, work func()) (faultydisk.Diary, map[string][]byte) {
	t.Helper()
	before := map[string][]byte{}
	names, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		if before[name], err = os.ReadFile(name); err != nil {
			t.Fatal(err)
		}
	}
	faultydisk.Record()
	work()
	return faultydisk.Stop(), before
}

// cuts takes the power at many random moments and looks each time at what is
// left, with the number of the last mark before the cut (-1: none).
func cuts(t *testing.T, disk *faultydisk.Disk, diary faultydisk.Diary, look func(dir string, mark int)) {
	t.Helper()
	someCuts(t, torture.Often(t, "CLEW_CUTS", 200), disk, diary, look)
}

func someCuts(t *testing.T, often int, disk *faultydisk.Disk, diary faultydisk.Diary, look func(dir string, mark int)) {
	t.Helper()
	random := torture.Chance(t, torture.SameSeed)
	moments := make([]int, often)
	for i := range moments {
		moments[i] = random.IntN(len(diary) + 1)
	}
	slices.Sort(moments)
	done, mark := 0, -1
	for i, moment := range moments {
		for ; done < moment; done++ {
			if diary[done].Kind == faultydisk.Marked {
				mark = int(diary[done].At)
			}
			disk.Follow(diary[done])
		}
		dir, err := os.MkdirTemp(t.TempDir(), "cut")
		if err != nil {
			t.Fatal(err)
		}
		if err := disk.Cut(dir, faultydisk.Loss(i)%faultydisk.Losses, random); err != nil {
			t.Fatal(err)
		}
		look(dir, mark)
		os.RemoveAll(dir)
	}
}

// after says what is wrong with a log after a power cut, or nil.
func after(path string, told acknowledged) error {
	ctx := context.Background()
	s, err := sqlite.Open(ctx, path, sqlite.Options{MustExist: true})
	if err != nil {
		return err
	}
	defer s.Close()
	if err := s.Verify(ctx); err != nil {
		return err
	}
	head, err := s.Head(ctx)
	if err != nil {
		return err
	}
	if head < told.head {
		return fmt.Errorf("events up to %d were acknowledged, and the log ends at %d", told.head, head)
	}
	for i, sum := range told.files {
		r, _, err := s.OpenEvidence(ctx, sum)
		if err != nil {
			return fmt.Errorf("acknowledged file %d: %w", i, err)
		}
		r.Close()
	}
	r, err := s.Append(ctx, batch(2))
	if err == nil && r.First != head+1 {
		err = fmt.Errorf("after a head of %d the next append begins at %d", head, r.First)
	}
	return err
}

func TestAPowerCutLosesNothingThatWasAcknowledged(t *testing.T) {
	path, diary, before, told := recordedWorkday(t)
	failed := 0
	cuts(t, faultydisk.NewDisk(before), diary, func(dir string, mark int) {
		state := acknowledged{}
		if mark >= 0 {
			state = told[mark]
		}
		if err := after(filepath.Join(dir, filepath.Base(path)), state); err != nil && failed < 5 {
			failed++
			t.Errorf("cut after acknowledgement %d: %v", mark, err)
		}
	})
}

// The test above would show nothing if the same cuts did no harm to a disk
// that says it has synced and has not.
func TestADiskThatLiesAboutSyncsLosesEvents(t *testing.T) {
	path, diary, before, told := recordedWorkday(t)
	disk := faultydisk.NewDisk(before)
	disk.Lies = true
	lost := 0
	cuts(t, disk, diary, func(dir string, mark int) {
		if mark >= 0 && after(filepath.Join(dir, filepath.Base(path)), told[mark]) != nil {
			lost++
		}
	})
	t.Logf("lost at %d cuts", lost)
	if lost == 0 {
		t.Error("no cut lost anything: the cuts prove nothing")
	}
}

func recordedWorkday(t *testing.T) (path string, diary faultydisk.Diary, before map[string][]byte, told []acknowledged) {
	t.Helper()
	if err := faultydisk.Install(); err != nil {
		t.Fatal(err)
	}
	path = filepath.Join(t.TempDir(), "clew.db")
	s, err := sqlite.Open(t.Context(), path, sqlite.Options{})
	if err == nil {
		err = s.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	diary, before = diaryOf(t, filepath.Dir(path), func() { told = workday(t, path) })
	return path, diary, before, told
}

// Why clew insists on synchronous=FULL: with NORMAL, which many programs use
// with a write-ahead log, SQLite itself loses what was committed.
func TestNormalSynchronousLosesWhatWasCommitted(t *testing.T) {
	for level, mayLose := range map[string]bool{"NORMAL": true, "FULL": false} {
		lost := cutsUnder(t, level)
		t.Logf("%s: lost at %d cuts", level, lost)
		if (lost > 0) != mayLose {
			t.Errorf("synchronous=%s lost commits at %d cuts", level, lost)
		}
	}
}

func cutsUnder(t *testing.T, level string) (lost int) {
	t.Helper()
	if err := faultydisk.Install(); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "plain.db")
	diary, before := diaryOf(t, filepath.Dir(path), func() {
		db := plain(t, path, level)
		for i := range 60 {
			if _, err := db.Exec("INSERT INTO n VALUES (?)", i); err != nil {
				t.Fatal(err)
			}
			faultydisk.Mark(i + 1)
		}
		db.Close()
	})
	cuts(t, faultydisk.NewDisk(before), diary, func(dir string, mark int) {
		if mark < 1 {
			return
		}
		db := plain(t, filepath.Join(dir, "plain.db"), level)
		defer db.Close()
		var there int
		if err := db.QueryRow("SELECT count(*) FROM n").Scan(&there); err != nil || there < mark {
			lost++
		}
	})
	return lost
}

func plain(t *testing.T, path, level string) *sql.DB {
	t.Helper()
	db, err := sql.Open("sqlite3", path+"?_journal_mode=WAL&_synchronous="+level)
	if err == nil {
		db.SetMaxOpenConns(1)
		_, err = db.Exec("CREATE TABLE IF NOT EXISTS n (n INTEGER)")
	}
	if err != nil {
		t.Fatal(err)
	}
	return db
}
