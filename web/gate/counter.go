package gate

import (
	"context"
	"io"

	"clew/casework"
	"clew/domain"
)

// Counter is where commands of clew are handed in and carried out. The menu of
// commands is given once, in package main: what stands there is what the API
// has, under the same words.
type Counter interface {
	// Commands lists what may be asked of it.
	Commands() []Command
	// Carry carries a command out and writes its answer. An error has a class
	// of package domain where its reader can do something about it.
	Carry(ctx context.Context, e Errand) error
	// Version is how many events a case has: 0 where there is no such case.
	Version(ctx context.Context, id domain.CaseID) (uint64, error)
}

// Command is one command as its help describes it.
type Command struct {
	Name  string // "freeze request"
	Short string
	Long  string
	Flags []Flag
	// Answers are values of the types that its JSON is made of: under "" the
	// usual one, under other names what some of its flags turn it into.
	Answers map[string]any
}

// Flag is a parameter of a command.
type Flag struct {
	Name  string // "known-at"
	Kind  string // as package pflag names it: string, bool, stringArray …
	Usage string
}

// Form is how an answer is written.
type Form string

// The forms. As it is, is what the command writes by itself: a file.
const (
	JSON Form = "json"
	CSV  Form = "csv"
	AsIs Form = ""
)

// Errand is one command that somebody wants carried out.
type Errand struct {
	Command string
	Args    []string            // as on the command line
	Flags   map[string][]string // by name, without dashes
	Form    Form
	By      casework.By
	Why     string                   // the purpose; kept in the log of reads
	Sees    func(domain.CaseID) bool // of which cases lists may speak
	In      io.Reader                // the file that was sent; nil: none
	Name    string                   // what that file is called
	Mapping []byte                   // by which it is read
	Out     io.Writer
}
