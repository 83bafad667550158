//go:build !unix

package vault

import (
	"errors"
	"io/fs"
	"os"
	"time"
)

// lockWait is how long another process may hold the keys file before its lock
// is taken for left behind: a change of the file takes milliseconds.
const lockWait = 10 * time.Second

// lock keeps other processes from changing the keys file, by a file that only
// one of them can make.
func lock(path string) (unlock func(), err error) {
	name, since := path+".lock", time.Now()
	for {
		file, err := os.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o600)
		if err == nil {
			return func() { file.Close(); os.Remove(name) }, nil
		}
		if !errors.Is(err, fs.ErrExist) {
			return nil, err
		}
		if time.Since(since) > lockWait {
			os.Remove(name)
		}
		time.Sleep(10 * time.Millisecond)
	}
}

// syncFolder has nothing to do where folders cannot be synced.
func syncFolder(string) error { return nil }
