package projections

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"clew/domain"
	"clew/eventstore"
)

// standing gives every projection's position and fingerprint.
func standing(t testing.TB, v *Views) map[string]Status {
	t.Helper()
	s, err := v.Status(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]Status{}
	for _, p := range s.Projections {
		all[p.Name] = p
	}
	return all
}

// tester is a *testing.T or a *rapid.T.
type tester interface {
	Helper()
	Errorf(format string, args ...any)
}

func sameStanding(t tester, got, want map[string]Status, how string) {
	t.Helper()
	for name, w := range want {
		if g := got[name]; g.Fingerprint != w.Fingerprint || g.Position != w.Position {
			t.Errorf("%s: %s stands at %d with %.8s, want %d with %.8s", how, name, g.Position, g.Fingerprint, w.Position, w.Fingerprint)
		}
	}
}

// many records n movements of a case.
func many(t testing.TB, log *memoryLog, id domain.CaseID, n int) {
	t.Helper()
	for i := range n {
		log.tell(t, id, domain.Observe(paid(id, fmt.Sprintf("T%d", i), fmt.Sprintf("A%d", i%7), fmt.Sprintf("B%d", i%5), "10.00")))
	}
}

// broken is All with a projection that cannot apply one position.
func broken(at uint64, say error) []Projection {
	all := All()
	for i := range all {
		apply := all[i].Apply
		if all[i].Name != Movements.Name {
			continue
		}
		all[i].Apply = func(ctx context.Context, tx *Tx, e *Recorded) error {
			if err := apply(ctx, tx, e); err != nil || e.Position != at {
				return err
			}
			return say
		}
	}
	return all
}

func TestAProjectionParksAtAnEventItCannotApply(t *testing.T) {
	ctx, log := context.Background(), newLog()
	log.tell(t, "C1", domain.CaseOpened{Case: "C1", Title: "first"})
	many(t, log, "C1", 50)
	log.tell(t, "C1", domain.CaseOpened{Case: "C1", Title: "last"})
	path := filepath.Join(t.TempDir(), "views")
	views := seeAt(t, path, log, broken(21, errors.New("no such account")))

	_, err := views.Known(ctx, "C1", nil)
	var parked *Parked
	if !errors.As(err, &parked) || parked.Position != 21 || parked.Kind != "transfer.observed.v1" || !strings.Contains(err.Error(), "no such account") {
		t.Fatalf("an answer that rests on it says %v", err)
	}
	if !strings.Contains(err.Error(), "clew verify") {
		t.Errorf("it does not say what to do: %v", err)
	}
	file, err := views.CaseFile(ctx, "C1", Head)
	if err != nil || file.Title != "last" {
		t.Errorf("another projection did not go on: %+v, %v", file, err)
	}
	got := standing(t, views)
	if got["movements"].Parked == nil || got["movements"].Position != 20 {
		t.Errorf("status: %+v", got["movements"])
	}
	want := standing(t, see(t, log.prefix(20)))
	if got["movements"].Fingerprint != want["movements"].Fingerprint {
		t.Error("its rows are not those of the events before")
	}
	views.Close()
	sameStanding(t, standing(t, seeAt(t, path, log, All())), standing(t, see(t, log)), "after a clew came that can apply it")
}

// Where many events are taken in together nobody expects that one cannot be
// applied: all of them are taken back, and applied again with more care.
func TestParkingDoesNotDependOnHowMuchIsTakenAtOnce(t *testing.T) {
	log := newLog()
	many(t, log, "C1", 50)
	many(t, log, "C2", 10)
	want, before := standing(t, see(t, log)), standing(t, see(t, log.prefix(33)))
	for _, size := range []batch{{1, 1, 100}, {5, 3, 100}, {10, 100, 7}, usualBatch()} {
		views := seeAt(t, filepath.Join(t.TempDir(), "views"), log, broken(34, errors.New("no such account")))
		views.batch = size
		got := standing(t, views)
		if s := got[Movements.Name]; s.Parked == nil || s.Parked.Position != 34 || s.Fingerprint != before[Movements.Name].Fingerprint {
			t.Errorf("%+v: movements stand at %d, parked %v", size, s.Position, s.Parked)
		}
		for name, s := range got {
			if name != Movements.Name && (s.Parked != nil || s.Fingerprint != want[name].Fingerprint) {
				t.Errorf("%+v: %s was not taken to the end: %+v", size, name, s)
			}
		}
	}
}

func TestAKindThatNobodyKnowsParksAll(t *testing.T) {
	ctx, log := context.Background(), newLog()
	log.tell(t, "C1", domain.CaseOpened{Case: "C1", Title: "t"})
	log.records = append(log.records, log.record(eventstore.Event{Stream: "case/C1", Kind: "freeze.held.v9", Body: []byte("{}")}, eventstore.Append{Actor: "x"}, start))
	log.tell(t, "C1", domain.CaseClosed{})
	views := see(t, log)
	for name, s := range standing(t, views) {
		if s.Parked == nil || s.Position != 1 || s.Parked.Position != 2 {
			t.Errorf("%s went on: %+v", name, s)
		}
	}
	var parked *Parked
	if _, err := views.CaseFile(ctx, "C1", Head); !errors.As(err, &parked) || !strings.Contains(err.Error(), "freeze.held.v9") {
		t.Errorf("the answer: %v", err)
	}
	if file, err := views.CaseFile(ctx, "C1", 1); err != nil || !file.Opened {
		t.Errorf("as of before the event an answer is right: %+v, %v", file, err)
	}
}

func TestADamagedBodyParksOnlyWhomItConcerns(t *testing.T) {
	log := newLog()
	many(t, log, "C1", 3)
	log.records = append(log.records, log.record(eventstore.Event{Stream: "case/C1", Kind: "case.noted.v1", Body: []byte(`{"text":`)}, eventstore.Append{Actor: "x"}, start))
	many(t, log, "C2", 3)
	got := standing(t, see(t, log))
	if got["movements"].Position != 7 || got["movements"].Parked != nil {
		t.Errorf("movements: %+v", got["movements"])
	}
	if got["casefile"].Position != 3 || got["casefile"].Parked == nil {
		t.Errorf("casefile: %+v", got["casefile"])
	}
}

func TestARaisedVersionOrAChangedSchemaRebuilds(t *testing.T) {
	log := newLog()
	many(t, log, "C1", 30)
	path := filepath.Join(t.TempDir(), "views")
	seen := seeAt(t, path, log, All())
	want := standing(t, seen)
	seen.Close()

	raised := All()
	raised[0].Version++
	raised[1].Schema += "; CREATE INDEX casefile_more ON casefile (kind)"
	views := seeAt(t, path, log, raised)
	if n := views.Notices(); len(n) != 2 || !strings.Contains(n[0], "movements") || !strings.Contains(n[1], "casefile") {
		t.Errorf("the words on it: %q", n)
	}
	sameStanding(t, standing(t, views), want, "rebuilt")
}

func TestViewsOfAnotherLogAreThrownAway(t *testing.T) {
	one, other := newLog(), newLog()
	many(t, one, "C1", 30)
	many(t, other, "C2", 20)
	path := filepath.Join(t.TempDir(), "views")
	first := seeAt(t, path, one, All())
	standing(t, first)
	first.Close()

	views := seeAt(t, path, other, All())
	if n := views.Notices(); len(n) != 1 || !strings.Contains(n[0], "another log") {
		t.Errorf("the word on it: %q", n)
	}
	sameStanding(t, standing(t, views), standing(t, see(t, other)), "views of the other log")
}

// A log that was put back from a backup and went another way has the same
// name, and positions that say nothing.
func TestViewsOfALogThatWasPutBackAreBuiltAnew(t *testing.T) {
	for _, more := range []int{0, 5, 60} {
		log := newLog()
		many(t, log, "C1", 30)
		backup := log.prefix(20)
		path := filepath.Join(t.TempDir(), "views")
		seen := seeAt(t, path, log, All())
		standing(t, seen)
		seen.Close()

		backup.forked = true
		many(t, backup, "C7", more)
		views := seeAt(t, path, backup, All())
		sameStanding(t, standing(t, views), standing(t, see(t, backup)), fmt.Sprintf("%d events after the backup", more))
		if n := views.Notices(); len(n) != len(All()) || !strings.Contains(n[0], "backup") {
			t.Errorf("the words on it: %q", n)
		}
	}
}

func TestWhatWasNotCommittedIsAppliedAgain(t *testing.T) {
	log := newLog()
	many(t, log, "C1", 60)
	path := filepath.Join(t.TempDir(), "views")
	views := seeAt(t, path, log, broken(45, &FileError{"views", errors.New("disk full")}))
	views.batch = batch{events: 10, pages: 2, names: 3}

	if err := views.CatchUp(context.Background()); err == nil || !strings.Contains(err.Error(), "disk full") {
		t.Fatalf("the world's error: %v", err)
	}
	states, err := views.states(views.writer)
	if err != nil || states["movements"].position != 40 || states["casefile"].position != 40 || states["movements"].parked != nil {
		t.Errorf("after the failure: %+v, %v", states["movements"], err)
	}
	views.Close()
	sameStanding(t, standing(t, seeAt(t, path, log, All())), standing(t, see(t, log)), "after it")
}

func TestAStoreThatFailsIsToldAndNothingIsLost(t *testing.T) {
	log := newLog()
	many(t, log, "C1", 30)
	views := see(t, log)
	log.failing = errors.New("the disk failed")
	if err := views.CatchUp(context.Background()); !errors.Is(err, log.failing) {
		t.Errorf("got %v", err)
	}
	log.failing = nil
	sameStanding(t, standing(t, views), standing(t, see(t, log)), "afterwards")
}

func TestSeveralRunnersShareOneFile(t *testing.T) {
	ctx, log := context.Background(), newLog()
	path := filepath.Join(t.TempDir(), "views")
	var running group
	stop := make(chan struct{})
	for i := range 3 {
		views := seeAt(t, path, log, All())
		views.batch = batch{events: 3 + i, pages: 2}
		running.start(func() error {
			for {
				select {
				case <-stop:
					return views.CatchUp(ctx)
				default:
				}
				if err := views.CatchUp(ctx); err != nil {
					return err
				}
			}
		})
	}
	for i := range 40 {
		many(t, log, domain.CaseID(fmt.Sprint("C", i)), 5)
	}
	close(stop)
	if err := running.wait(); err != nil {
		t.Fatal(err)
	}
	sameStanding(t, standing(t, seeAt(t, path, log, All())), standing(t, see(t, log)), "three runners")
}

func TestOneRunnerRebuildsWhileAnotherFollows(t *testing.T) {
	ctx, log := context.Background(), newLog()
	many(t, log, "C1", 200)
	path := filepath.Join(t.TempDir(), "views")
	one, other := seeAt(t, path, log, All()), seeAt(t, path, log, All())
	one.batch, other.batch = batch{events: 7, pages: 1, names: 3}, batch{events: 11, pages: 2, names: 3}
	var running group
	running.start(func() error { return one.Rebuild(ctx, []string{"movements"}, nil) })
	running.start(func() error { return other.Rebuild(ctx, nil, nil) })
	for i := range 20 {
		if known, err := one.Known(ctx, "C1", []domain.MovementID{paid("C1", "T9", "A2", "B4", "10.00").ID}); err != nil || len(known) != 1 {
			t.Fatalf("asked for the %d. time amid a rebuild: %v, %v", i+1, known, err)
		}
	}
	if err := running.wait(); err != nil {
		t.Fatal(err)
	}
	sameStanding(t, standing(t, one), standing(t, see(t, log)), "two rebuilds at once")
}

func TestRebuildTellsItsProgress(t *testing.T) {
	ctx, log := context.Background(), newLog()
	many(t, log, "C1", 50)
	views := see(t, log)
	want := standing(t, views)
	views.batch = batch{events: 10, pages: 1, names: 3}
	var told []string
	err := views.Rebuild(ctx, []string{"movements"}, func(done, total uint64) { told = append(told, fmt.Sprint(done, "/", total)) })
	if err != nil || strings.Join(told, " ") != "10/50 20/50 30/50 40/50 50/50" {
		t.Errorf("progress %q, %v", told, err)
	}
	sameStanding(t, standing(t, views), want, "rebuilt")
	if err := views.Rebuild(ctx, []string{"nonsense"}, nil); domain.ClassOf(err) != domain.ClassNotFound {
		t.Errorf("a projection that is not there: %v", err)
	}
}

func TestAReadOnlyLogHasItsViewsInATemporaryFile(t *testing.T) {
	log := newLog()
	many(t, log, "C1", 10)
	log.readOnly = true
	path := filepath.Join(t.TempDir(), "views")
	views := seeAt(t, path, log, All())
	if n := views.Notices(); len(n) != 1 || !strings.Contains(n[0], "temporary") {
		t.Errorf("the word on it: %q", n)
	}
	standing(t, views)
	temporary := views.Path()
	views.Close()
	for _, p := range []string{path, temporary} {
		if _, err := os.Stat(p); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("%s is there: %v", p, err)
		}
	}
}

func TestAFolderThatCannotBeWrittenHasItsViewsElsewhere(t *testing.T) {
	log := newLog()
	many(t, log, "C1", 10)
	views := seeAt(t, filepath.Join(t.TempDir(), "no such folder", "views"), log, All())
	if n := views.Notices(); len(n) != 1 || !strings.Contains(n[0], "temporary") {
		t.Errorf("the word on it: %q", n)
	}
	sameStanding(t, standing(t, views), standing(t, see(t, log)), "in a temporary file")
}

func TestATornViewsFileIsBuiltAnew(t *testing.T) {
	log := newLog()
	many(t, log, "C1", 10)
	path := filepath.Join(t.TempDir(), "views")
	if err := os.WriteFile(path, []byte(strings.Repeat("not a database ", 1000)), 0o600); err != nil {
		t.Fatal(err)
	}
	views := seeAt(t, path, log, All())
	if n := views.Notices(); len(n) != 1 || !strings.Contains(n[0], "damaged") {
		t.Errorf("the word on it: %q", n)
	}
	sameStanding(t, standing(t, views), standing(t, see(t, log)), "built anew")
}

func TestOnlyTheOwnerMayReadTheViews(t *testing.T) {
	views := see(t, newLog())
	for _, suffix := range []string{"", "-wal"} {
		stat, err := os.Stat(views.Path() + suffix)
		if err != nil || stat.Mode().Perm() != 0o600 {
			t.Errorf("views%s: %v, %v", suffix, stat.Mode(), err)
		}
	}
}

func TestALogWithAHoleIsRefused(t *testing.T) {
	log := newLog()
	many(t, log, "C1", 10)
	log.records = append(log.records[:4:4], log.records[5:]...)
	var fault *eventstore.Fault
	if err := see(t, log).CatchUp(context.Background()); !errors.As(err, &fault) || fault.Position != 5 || !errors.Is(err, eventstore.ErrDamaged) {
		t.Errorf("got %v", err)
	}
}

func TestFollowSeesWhatIsAppended(t *testing.T) {
	ctx, stop := context.WithCancel(context.Background())
	log := newLog()
	views := see(t, log)
	doorbell := make(chan uint64)
	var following group
	following.start(func() error { return views.Follow(ctx, doorbell) })
	many(t, log, "C1", 10)
	doorbell <- 10
	close(doorbell) // from here on it polls
	many(t, log, "C2", 10)
	for at := uint64(0); at < 20; { // no deadline of its own: the test binary has one
		err := views.readers.use(ctx, func(c *conn) error {
			states, err := views.states(c)
			if err == nil {
				at = states["movements"].position
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	stop()
	if err := following.wait(); !errors.Is(err, context.Canceled) {
		t.Errorf("it ended with %v", err)
	}
}

// A log that others append to while it is opened is not taken for one that was
// put back from a backup.
func TestALogThatGrowsWhileItIsOpenedIsTheSameLog(t *testing.T) {
	log := newLog()
	many(t, log, "C1", 20)
	path := filepath.Join(t.TempDir(), "views")
	standing(t, seeAt(t, path, log, All()))

	late := &lateLog{memoryLog: log.prefix(len(log.records))}
	late.before = func() { late.memoryLog.records = log.records }
	many(t, log, "C1", 5)
	standing(t, seeAt(t, path, log, All())) // another process has applied them already
	views := seeAt(t, path, late, All())
	if err := views.CatchUp(context.Background()); err != nil || len(views.Notices()) != 0 {
		t.Errorf("%v, %q", err, views.Notices())
	}
}

// lateLog does something before its head is asked for.
type lateLog struct {
	*memoryLog
	before func()
}

func (l *lateLog) Head(ctx context.Context) (uint64, error) {
	l.before()
	return l.memoryLog.Head(ctx)
}

// Views can be opened, and what they have can be asked, while another process
// holds the file.
func TestViewsCanBeOpenedWhileAnotherProcessWritesThem(t *testing.T) {
	ctx, log := context.Background(), newLog()
	many(t, log, "C1", 20)
	path := filepath.Join(t.TempDir(), "views")
	one := seeAt(t, path, log, All())
	standing(t, one)
	if err := one.writer.script("BEGIN IMMEDIATE"); err != nil {
		t.Fatal(err)
	}
	other := seeAt(t, path, log, All())
	known, err := other.Known(ctx, "C1", []domain.MovementID{paid("C1", "T3", "A3", "B3", "10.00").ID})
	if err != nil || len(known) != 1 || other.Path() != path {
		t.Errorf("%v, %v, %q", known, err, other.Notices())
	}
	many(t, log, "C2", 1)
	other.writer.script("PRAGMA busy_timeout = 1")
	if err := other.CatchUp(ctx); !busy(err) || !strings.Contains(err.Error(), "try again") {
		t.Errorf("nothing moves, and it says %v", err)
	}
	if err := one.writer.script("ROLLBACK"); err != nil {
		t.Fatal(err)
	}
	sameStanding(t, standing(t, other), standing(t, see(t, log)), "afterwards")
}

func TestAFullDiskIsTheWorldsErrorAndNotTheEvents(t *testing.T) {
	ctx, log := context.Background(), newLog()
	views := see(t, log)
	standing(t, views)
	many(t, log, "C1", 300)
	if err := views.writer.script("PRAGMA max_page_count = 1"); err != nil { // SQLite takes the present size where that is larger
		t.Fatal(err)
	}
	var file *FileError
	if err := views.CatchUp(ctx); !errors.As(err, &file) || !strings.Contains(err.Error(), "full") {
		t.Errorf("a full disk: %v", err)
	}
	if err := views.writer.script("PRAGMA max_page_count = 100000"); err != nil {
		t.Fatal(err)
	}
	for name, s := range standing(t, views) {
		if s.Parked != nil {
			t.Errorf("%s was parked: %v", name, s.Parked)
		}
	}
	sameStanding(t, standing(t, views), standing(t, see(t, log)), "with room again")
}

// What is noted of a name goes when the decoder has forgotten the name.
func TestWhatIsNotedOfNamesGoesWithThem(t *testing.T) {
	var n noted
	names := []domain.NameNumber{1, 700, 1 << 18, 1<<18 + 1, 5 << 18}
	for _, name := range names {
		if *n.of(name) != 0 {
			t.Errorf("something is noted of name %d", name)
		}
		*n.of(name) = 1
		if *n.of(name) != 1 {
			t.Errorf("name %d was not noted", name)
		}
	}
	if *n.of(1) != 0 || *n.of(700) != 0 {
		t.Error("what was noted of an old name stands for another")
	}
}
