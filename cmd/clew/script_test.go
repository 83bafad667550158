package main

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/base64"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf16"

	_ "github.com/mattn/go-sqlite3"
	"github.com/rogpeppe/go-internal/testscript"

	"clew/eventstore"
	"clew/eventstore/sqlite"
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

// forge changes a record as somebody would who knows how the log is made: the
// record's body, and its leaf with it: forge FILE POSITION TEXT OTHER.
func forge(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 4 {
		ts.Fatalf("usage: forge FILE POSITION TEXT OTHER")
	}
	position, err := strconv.ParseUint(args[1], 10, 62)
	ts.Check(err)
	ctx := context.Background()
	store, err := sqlite.Open(ctx, ts.MkAbs(args[0]), sqlite.Options{MustExist: true})
	ts.Check(err)
	page, err := store.Read(ctx, position-1, 1)
	ts.Check(err)
	ts.Check(store.Close())
	r := page[0]
	r.Body = bytes.ReplaceAll(r.Body, []byte(args[2]), []byte(args[3]))
	leaf := eventstore.Leaf(eventstore.Encode(r))
	file, err := sql.Open("sqlite3", ts.MkAbs(args[0]))
	ts.Check(err)
	defer file.Close()
	var trigger string
	ts.Check(file.QueryRow(`SELECT sql FROM sqlite_schema WHERE name = 'record_no_update'`).Scan(&trigger))
	_, err = file.Exec(`DROP TRIGGER record_no_update; UPDATE record SET body = ?, leaf = ? WHERE position = ?`, r.Body, leaf[:], position)
	ts.Check(err)
	_, err = file.Exec(trigger)
	ts.Check(err)
}

// pubkey takes the public key out of the last table that was written to
// standard output, into a file.
func pubkey(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: pubkey FILE")
	}
	rows := strings.Split(ts.ReadFile("stdout"), "\n")
	key, _, _ := strings.Cut(rows[1], ",")
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(key+"\n"), 0o600))
}

// nowhere looks for a text in files: nowhere TEXT FILE… fails where one of them
// has it, plain, escaped for JSON, in base64 at any place, or in UTF-16. A file
// that is not there has nothing.
func nowhere(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: nowhere TEXT FILE…")
	}
	read := 0
	for _, name := range args[1:] {
		content, err := os.ReadFile(ts.MkAbs(name))
		if errors.Is(err, os.ErrNotExist) {
			continue
		}
		ts.Check(err)
		read += len(content)
		for _, form := range formsOf(args[0]) {
			if n := bytes.Count(content, form); n > 0 {
				ts.Fatalf("%s has %q %d times, as %q", name, args[0], n, form)
			}
		}
	}
	if read == 0 {
		ts.Fatalf("none of the files has a byte: the test does not see them")
	}
}

func formsOf(text string) [][]byte {
	escaped, _ := json.Marshal(text)
	forms := [][]byte{[]byte(text), bytes.Trim(escaped, `"`)}
	for shift := range 3 {
		code := base64.StdEncoding.EncodeToString(append(make([]byte, shift), text...))
		if inner := code[4 : len(code)-4]; len(inner) >= 4 { // fewer letters stand in any file
			forms = append(forms, []byte(inner))
		}
	}
	var little, big []byte
	for _, unit := range utf16.Encode([]rune(text)) {
		little, big = append(little, byte(unit), byte(unit>>8)), append(big, byte(unit>>8), byte(unit))
	}
	return append(forms, little, big)
}

// filehash puts the first SHA-256 that was written to standard output into a
// variable.
func filehash(ts *testscript.TestScript, neg bool, args []string) {
	found := regexp.MustCompile(`[0-9a-f]{64}`).FindString(ts.ReadFile("stdout"))
	if neg || len(args) != 1 || found == "" {
		ts.Fatalf("usage: filehash VARIABLE, after a command that shows a file")
	}
	ts.Setenv(args[0], found)
}
