package tracing_test

import (
	"flag"
	"fmt"
	"os"
	"testing"
)

// In CI the random networks are the same at every run, so that a build that
// was green stays green until the code changes; everywhere else they are new
// ones each time, and a failure prints its seed.
func TestMain(m *testing.M) {
	flag.Parse()
	if seed := flag.Lookup("rapid.seed"); os.Getenv("CI") != "" && seed.Value.String() == "0" {
		if err := flag.Set("rapid.seed", "20261122"); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(2)
		}
	}
	os.Exit(m.Run())
}
