package casework_test

import "os"

// tempDir is a folder that goes with the check.
func tempDir(t cleaner) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "clew-casework-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}
