package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"strconv"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
)

// exitsWith runs a command that must end with an exit code: code 3 clew trace X.
func exitsWith(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: code N COMMAND…")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	err = ts.Exec(args[1], args[2:]...)
	got := 0
	var ended *exec.ExitError
	if errors.As(err, &ended) {
		got = ended.ExitCode()
	} else if err != nil {
		ts.Fatalf("%v", err)
	}
	if got != want {
		ts.Fatalf("'%s' ended with %d, and %d was expected", strings.Join(args[1:], " "), got, want)
	}
}

// jsonAt compares a place in a JSON file with a value, both as compact JSON:
// json stdout victims.0.own "500.00". A last value of - says that the place is
// not there.
func jsonAt(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: json FILE PLACE VALUE")
	}
	var found any
	ts.Check(json.Unmarshal([]byte(ts.ReadFile(args[0])), &found))
	there := true
	if args[1] != "." {
		for _, step := range strings.Split(args[1], ".") {
			found, there = into(found, step)
			if !there {
				break
			}
		}
	}
	got := "-"
	if there {
		text, err := json.Marshal(found)
		ts.Check(err)
		got = string(text)
	}
	if got != args[2] && got != strconv.Quote(args[2]) {
		ts.Fatalf("%s is %s, and %s was expected", args[1], got, args[2])
	}
}

func into(value any, step string) (any, bool) {
	switch value := value.(type) {
	case map[string]any:
		inner, ok := value[step]
		return inner, ok
	case []any:
		at, err := strconv.Atoi(step)
		if step == "len" {
			return len(value), true
		}
		if err != nil || at < 0 || at >= len(value) {
			return nil, false
		}
		return value[at], true
	}
	return nil, false
}

// overwrite damages a file: overwrite FILE TEXT OTHER puts OTHER, as long as
// TEXT, in the place of TEXT wherever it stands.
func overwrite(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 || len(args[1]) != len(args[2]) {
		ts.Fatalf("usage: overwrite FILE TEXT OTHER, both as long as each other")
	}
	path := ts.MkAbs(args[0])
	content, err := os.ReadFile(path)
	ts.Check(err)
	damaged := bytes.ReplaceAll(content, []byte(args[1]), []byte(args[2]))
	if bytes.Equal(content, damaged) {
		ts.Fatalf("%q does not stand in %s", args[1], args[0])
	}
	ts.Check(os.WriteFile(path, damaged, 0o600))
}
