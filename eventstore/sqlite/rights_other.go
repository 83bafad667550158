//go:build !unix

package sqlite

import "os"

// mayWrite goes by the read-only mark, which is all that the mode tells here.
func mayWrite(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().Perm()&0o200 != 0
}

// mayRead leaves it to SQLite to find out.
func mayRead(string) bool { return true }
