// Peers measures clew beside others that do the same work on the same rows,
// turn by turn in one run, and prints how many times faster clew is, or how
// many times slower. It is a module of its own, so that what it compares with
// never gets into clew's go.mod.
//
// The sides are: SQLite driven from C, an event store that works row by row, a
// slice of decimal lots for each account, recursive queries in SQLite and in
// Postgres (docs/performance.md says what each does). A ratio is of turns that
// were next to each other, never of two runs. What clew does that nobody else
// does beside it is measured alone (-goals), with processor time and memory.
//
//	peers -rows 100000 -turns 5
//	peers -rows 1000000 -turns 3 -goals
//	peers -growth bench.txt     # exponents from the output of go test -bench
package main

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"regexp"
	"runtime"
	"strings"
	"time"
)

func main() {
	var o options
	flag.IntVar(&o.turns, "turns", 5, "how often each side has its turn")
	flag.IntVar(&o.rows, "rows", 100_000, "how many events or transfers a turn is about")
	flag.StringVar(&o.only, "only", "", "a regular expression of what is measured")
	flag.BoolVar(&o.goals, "goals", false, "measure clew alone, for what has a goal and no peer")
	flag.StringVar(&o.growth, "growth", "", "print growth exponents of this output of go test -bench, and nothing else")
	flag.Parse()
	if err := run(o); err != nil {
		fmt.Fprintln(os.Stderr, "peers:", err)
		os.Exit(1)
	}
}

type options struct {
	turns, rows  int
	goals        bool
	only, growth string
}

func run(o options) error {
	if o.growth != "" {
		output, err := os.ReadFile(o.growth)
		if err != nil {
			return err
		}
		return printGrowth(os.Stdout, bytes.NewReader(output))
	}
	if o.goals {
		return printGoals(os.Stdout, o)
	}
	return hold(o)
}

// hold holds the contests that are wanted.
func hold(o options) error {
	wanted, err := regexp.Compile(o.only)
	if err != nil {
		return err
	}
	heading(o.turns)
	for _, c := range contests(o.rows) {
		if !wanted.MatchString(c.name) {
			continue
		}
		speeds, err := c.play(o.turns)
		if err != nil {
			return err
		}
		c.report(os.Stdout, speeds)
	}
	return nil
}

// logRows bounds the rows that a log is given in a turn: beyond it each turn
// only takes longer, as nothing in a log depends on its length.
const logRows = 200_000

// contests lists what is compared.
func contests(rows int) []contest {
	return append(logContests(min(rows, logRows)), append(walkContests(rows), reachContests(rows)...)...)
}

// heading says what a reader needs to judge the table: when, where, beside
// what load.
func heading(turns int) {
	fmt.Printf("%s, %s, %d processors, %s, load %s; medians and ranges of %d turns\n\n",
		time.Now().UTC().Format("2006-01-02 15:04"), model(), runtime.NumCPU(), runtime.Version(), load(), turns)
	fmt.Println("| work | who | speed | CPU each | clew is … times as fast | by CPU time |")
	fmt.Println("|---|---|---|---|---|---|")
}

// model is the processor as Linux names it.
func model() string {
	text, _ := os.ReadFile("/proc/cpuinfo")
	_, after, _ := strings.Cut(string(text), "model name\t: ")
	name, _, _ := strings.Cut(after, "\n")
	return name
}

// load is how many programs wanted a processor in the last minute.
func load() string {
	text, _ := os.ReadFile("/proc/loadavg")
	one, _, _ := strings.Cut(string(text), " ")
	return one
}
