//go:build unix

package sqlite

import (
	"errors"
	"fmt"
	"os"

	"golang.org/x/sys/unix"

	"clew/eventstore"
)

// takeTurn locks a directory against others who take turns there, or says
// that it is somebody else's. The directory and not a file in it: nothing is
// left behind, and closing a second handle on SQLite's file would drop the
// locks that SQLite has on it (https://sqlite.org/howtocorrupt.html, 2.2). The
// lock ends with the process, however that ends.
func takeTurn(dir string) (give func(), err error) {
	d, err := os.Open(dir)
	if err != nil {
		return nil, fmt.Errorf("sqlite: %s: %w", dir, err)
	}
	err = unix.Flock(int(d.Fd()), unix.LOCK_EX|unix.LOCK_NB)
	if errors.Is(err, unix.EWOULDBLOCK) {
		d.Close()
		return nil, fault(eventstore.ErrBusy, dir, "another process upgrades a log there", "try again")
	}
	return func() { d.Close() }, nil // a file system without such locks has turns for everybody
}
