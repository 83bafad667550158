// Command clew says where the money of a scam's victims is, and who can still
// stop it. It is the one binary: commands, flags and wiring. What may be
// recorded is decided in casework and domain, what the answer is in
// projections and tracing; here it is only asked for and written out.
//
// Standard output is what was asked for, standard error is talk. It refuses to
// guess: a command that is not understood, a store that is not there and a
// case that nobody opened are errors that say what to do next.
//
// A command lies in the file of its noun (freeze.go), a verb that has grown in
// noun_verb.go (freeze_show.go). What they share:
//
//	program.go   one run: the body of a command, its arguments, its errors
//	root.go      the tree of commands, and the flags that all of them have
//	flags.go     reading flags; whose.go those that name somebody or something
//	asking.go    a question: by which rule, as of when, about which case
//	act.go       recording, and saying what was recorded
//	store.go     the log, its read models and the desk, opened and closed
//	output.go    an answer as table, CSV or JSON; words.go the words in cells
//	errand.go    the same commands carried out for the API; answers.go their shapes
//	exit.go      the exit code of an error
//
//	clew case open C1 --title "The lost savings"
//	clew import statement.csv --case C1
//	clew trace C1 --rule fifo --json
package main

import (
	"os"
	"time"
)

func main() {
	os.Exit(run(&program{
		args: os.Args[1:], in: os.Stdin, out: os.Stdout, err: os.Stderr, getenv: os.Getenv, now: time.Now,
	}))
}
