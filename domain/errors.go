package domain

import (
	"errors"
	"fmt"
)

// FieldError is one thing that is wrong with one field of one row.
type FieldError struct {
	Field  string
	Reason string
}

func (e *FieldError) Error() string { return e.Field + " " + e.Reason }

// Class sorts errors by what the reader can do about them. One function maps
// classes to exit codes, one to HTTP statuses.
type Class int

// The classes.
const (
	ClassWorld    Class = iota // disk, network: try again
	ClassUsage                 // the command itself is wrong
	ClassNotFound              // there is no such case, movement, victim …
	ClassConflict              // what is recorded says otherwise
	ClassDenied                // not for this person
)

// Error is an error with a class. Its text says what, where, why and what to
// do next.
type Error struct {
	Class Class
	Text  string
	Cause error
}

func (e *Error) Error() string {
	if e.Cause != nil {
		return e.Text + ": " + e.Cause.Error()
	}
	return e.Text
}

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Cause }

// NotFound says that something is not there, and what to do.
func NotFound(format string, args ...any) error {
	return &Error{Class: ClassNotFound, Text: fmt.Sprintf(format, args...)}
}

// Conflict says that what is recorded stands against the command.
func Conflict(format string, args ...any) error {
	return &Error{Class: ClassConflict, Text: fmt.Sprintf(format, args...)}
}

// Usage says that the command itself cannot be carried out as written.
func Usage(format string, args ...any) error {
	return &Error{Class: ClassUsage, Text: fmt.Sprintf(format, args...)}
}

// ClassOf is the class of the outermost error that has one.
func ClassOf(err error) Class {
	if classed := (*Error)(nil); errors.As(err, &classed) {
		return classed.Class
	}
	return ClassWorld
}
