package main

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"clew/domain"
	"clew/eventstore"
	"clew/projections"
)

// A spreadsheet must not run what a fraudster wrote into a payment's text.
func TestNoCellIsAFormula(t *testing.T) {
	for cell, want := range map[string]string{
		"":                   "",
		"V1":                 "V1",
		"-12.50":             "-12.50",
		"+49":                "+49",
		"=1+1":               "'=1+1",
		"@SUM(A1)":           "'@SUM(A1)",
		"+49 30 1234":        "'+49 30 1234",
		"-1+cmd|' /C calc'!": "'-1+cmd|' /C calc'!",
		"\t=1":               "'\t=1",
		"\r=1":               "'\r=1",
		"-":                  "'-",
		"-.5":                "'-.5",
	} {
		if got := harmless(cell); got != want {
			t.Errorf("the cell %q is written as %q, not as %q", cell, got, want)
		}
	}
}

// Whatever stands in a cell, a reader gets as many rows and columns as were
// written, and no cell that begins a formula.
func TestATableIsReadAsItWasWritten(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		written := newTable("a", "b>")
		for _, row := range rapid.SliceOf(rapid.SliceOfN(rapid.String(), 2, 2)).Draw(t, "rows") {
			written.add(row...)
		}
		var out bytes.Buffer
		if err := written.writeCSV(&out); err != nil {
			t.Fatal(err)
		}
		read, err := csv.NewReader(&out).ReadAll()
		if err != nil || len(read) != len(written.rows)+1 {
			t.Fatalf("%d rows were written and %d read: %v", len(written.rows)+1, len(read), err)
		}
		for _, row := range read[1:] {
			for _, cell := range row {
				if cell != "" && strings.ContainsRune("=+-@\t\r", rune(cell[0])) && !plainNumber.MatchString(cell) {
					t.Fatalf("the cell %q would be run by a spreadsheet", cell)
				}
			}
		}
	})
}

// A file's text must not be able to move the cursor, to turn the direction of
// writing or to add a line to a table.
func TestNothingFromAFileActsOnTheScreen(t *testing.T) {
	evil := newTable("account", "amount>")
	evil.add("M\x1b[2J\u202e\nV9 999.00", "1.00")
	evil.add("N", "10.00")
	var out bytes.Buffer
	(&page{out: &out}).table(evil)
	want := "account                amount\n" + `M\u001b[2J\u202e V9 999.00    1.00` + "\n"
	if got := out.String(); strings.Contains(got, "\x1b") || strings.Contains(got, "\u202e") || strings.Count(got, "\n") != 3 {
		t.Errorf("the table reads\n%s\nand should read like\n%s", got, want)
	}
}

// Amounts stand under one another, to the last digit.
func TestAmountsStandOnTheRight(t *testing.T) {
	sums := newTable("victim", "claim>", "asset")
	sums.add("V1", "5.00", "EUR")
	sums.add("Käthe", "1200.00", "EUR")
	var out bytes.Buffer
	(&page{out: &out}).table(sums)
	want := "victim    claim  asset\nV1         5.00  EUR\nKäthe   1200.00  EUR\n"
	if out.String() != want {
		t.Errorf("the table reads\n%s\nand should read\n%s", out.String(), want)
	}
}

// One function maps errors to exit codes (CONTRACT, Command line).
func TestEveryErrorHasItsExitCode(t *testing.T) {
	fault := func(kind error) error {
		return fmt.Errorf("reading: %w", &eventstore.Fault{Kind: kind, Where: "clew.db"})
	}
	for _, c := range []struct {
		err  error
		want int
	}{
		{nil, 0},
		{&incomplete{"3 lines rejected"}, 1},
		{&misused{errors.New("unknown flag")}, 2},
		{domain.Usage("x"), 2},
		{fault(eventstore.ErrInvalid), 2},
		{domain.NotFound("x"), 3},
		{fault(eventstore.ErrNotFound), 3},
		{&fs.PathError{Op: "open", Path: "x", Err: fs.ErrNotExist}, 3},
		{domain.Conflict("x"), 4},
		{&eventstore.VersionConflict{Stream: "case/C1"}, 4},
		{fmt.Errorf("x: %w", &eventstore.KeyConflict{Key: "k"}), 4},
		{&domain.Error{Class: domain.ClassDenied, Text: "x"}, 5},
		{fault(eventstore.ErrReadOnly), 5},
		{&fs.PathError{Op: "open", Path: "x", Err: fs.ErrPermission}, 5},
		{fault(eventstore.ErrDiskFull), 6},
		{fault(eventstore.ErrDisk), 6},
		{fault(eventstore.ErrBusy), 6},
		{fault(eventstore.ErrNetwork), 6},
		{fault(eventstore.ErrTooNew), 6},
		{errors.New("the world"), 6},
		{&projections.FileError{Path: "v", Cause: errors.New("x")}, 6},
		{fault(eventstore.ErrDamaged), 7},
		{fault(eventstore.ErrForeign), 7},
		{&projections.Parked{Projection: "movements", Position: 3}, 7},
		{fmt.Errorf("import: %w", context.Canceled), 130},
		{errors.Join(&incomplete{"x"}, fault(eventstore.ErrDamaged)), 7},
	} {
		if got := codeOf(c.err); got != c.want {
			t.Errorf("%v ends with %d, not with %d", c.err, got, c.want)
		}
	}
}
