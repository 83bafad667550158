package main

import (
	"context"
	"errors"
	"io/fs"

	"clew/domain"
	"clew/eventstore"
	"clew/projections"
)

// The exit codes (CONTRACT, Command line). Scripts branch on them.
const (
	exitDone        = 0
	exitIncomplete  = 1 // rows were rejected or in conflict; all others are recorded
	exitUsage       = 2
	exitNotFound    = 3
	exitConflict    = 4
	exitDenied      = 5
	exitFailed      = 6 // input and output, disk full
	exitDamaged     = 7
	exitInterrupted = 130 // 128 and the number of SIGINT, as shells have it
)

// incomplete is an answer that was given and recorded, and that a script must
// not take for a whole one.
type incomplete struct{ why string }

func (i *incomplete) Error() string { return i.why }

// misused says that cobra did not understand the command line.
type misused struct{ error }

// codeOf is the one place where errors become exit codes.
func codeOf(err error) int {
	var short *incomplete
	var wrong *misused
	var untrue *unverified
	switch {
	case err == nil:
		return exitDone
	case errors.As(err, &untrue):
		return exitIncomplete
	case errors.Is(err, context.Canceled):
		return exitInterrupted
	case errors.As(err, &wrong):
		return exitUsage
	case damaged(err):
		return exitDamaged
	case domain.ClassOf(err) != domain.ClassWorld:
		return codeOfClass(domain.ClassOf(err))
	case errors.As(err, &short):
		return exitIncomplete
	}
	return codeOfStore(err)
}

// damaged says that the log cannot be believed. A file that is no log at all
// counts: from outside, a log whose first bytes are lost looks the same. So
// does a record that a projection cannot apply.
func damaged(err error) bool {
	var parked *projections.Parked
	return errors.Is(err, eventstore.ErrDamaged) || errors.Is(err, eventstore.ErrForeign) || errors.As(err, &parked)
}

func codeOfClass(class domain.Class) int {
	switch class {
	case domain.ClassUsage:
		return exitUsage
	case domain.ClassNotFound:
		return exitNotFound
	case domain.ClassConflict:
		return exitConflict
	case domain.ClassDenied:
		return exitDenied
	}
	return exitFailed
}

// codeOfStore sorts what the store and the operating system say.
func codeOfStore(err error) int {
	var version *eventstore.VersionConflict
	var key *eventstore.KeyConflict
	switch {
	case errors.As(err, &version), errors.As(err, &key), errors.Is(err, fs.ErrExist):
		return exitConflict
	case errors.Is(err, eventstore.ErrNotFound), errors.Is(err, fs.ErrNotExist):
		return exitNotFound
	case errors.Is(err, eventstore.ErrReadOnly), errors.Is(err, eventstore.ErrTooOld), errors.Is(err, fs.ErrPermission):
		return exitDenied
	case errors.Is(err, eventstore.ErrInvalid):
		return exitUsage
	}
	return exitFailed
}
