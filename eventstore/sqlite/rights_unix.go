//go:build unix

package sqlite

import "golang.org/x/sys/unix"

// mayWrite asks the system instead of opening the file: closing a file drops
// every lock that this process holds on it, those of SQLite among them.
func mayWrite(path string) bool { return may(path, unix.W_OK) }

func mayRead(path string) bool { return may(path, unix.R_OK) }

func may(path string, right uint32) bool {
	return unix.Faccessat(unix.AT_FDCWD, path, right, unix.AT_EACCESS) == nil
}
