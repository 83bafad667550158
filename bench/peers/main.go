// Peers measures clew beside others that do the same work on the same rows,
// turn by turn in one run, and prints how many times faster clew is, or how
// many times slower. It is a module of its own, so that what it compares with
// never gets into clew's go.mod.
//
// The sides are: SQLite driven from C, an event store that works row by row, a
// slice of decimal lots for each account, recursive queries in SQLite and in
// Postgres (docs/performance.md says what each does). It refuses to give a
// figure of one side alone: a ratio is of turns that were next to each other.
//
//	peers -rows 100000 -turns 5
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
	turns := flag.Int("turns", 5, "how often each side has its turn")
	rows := flag.Int("rows", 100_000, "how many events or transfers a turn is about")
	only := flag.String("only", "", "a regular expression of the contests to hold")
	growth := flag.String("growth", "", "print growth exponents of this output of go test -bench, and nothing else")
	flag.Parse()
	if err := run(*turns, *rows, *only, *growth); err != nil {
		fmt.Fprintln(os.Stderr, "peers:", err)
		os.Exit(1)
	}
}

func run(turns, rows int, only, growth string) error {
	if growth != "" {
		output, err := os.ReadFile(growth)
		if err != nil {
			return err
		}
		return printGrowth(os.Stdout, bytes.NewReader(output))
	}
	wanted, err := regexp.Compile(only)
	if err != nil {
		return err
	}
	heading(turns)
	for _, c := range contests(rows) {
		if !wanted.MatchString(c.name) {
			continue
		}
		speeds, err := c.play(turns)
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
