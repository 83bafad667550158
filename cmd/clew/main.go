// Command clew says where the money of a scam's victims is, and who can still
// stop it. It is the one binary: commands, flags and wiring. What may be
// recorded is decided in casework and domain, what the answer is in
// projections and tracing; here it is only asked for and written out.
//
// Standard output is what was asked for, standard error is talk. It refuses to
// guess: a command that is not understood, a store that is not there and a
// case that nobody opened are errors that say what to do next.
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
