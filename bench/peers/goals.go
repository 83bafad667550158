package main

import (
	"fmt"
	"io"
	"iter"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"time"

	"clew/domain"
	"clew/testdata/networks"
	"clew/tracing"
)

// cost is what one piece of clew's own work came to.
type cost struct {
	took   time.Duration
	cpu    time.Duration
	memory uint64 // bytes: the most that a program held, or what a case keeps
	allocs uint64 // while it worked
}

// printGoals measures what docs/performance.md has goals for and nobody else
// does beside clew: the program from file to ledger, and walks by size and rule.
func printGoals(to io.Writer, o options) error {
	wanted, err := regexp.Compile(o.only)
	if err != nil {
		return err
	}
	g := goals{to, wanted, o.turns, o.rows}
	fmt.Fprintf(to, "%s, %s, load %s; medians of %d turns\n\n", time.Now().UTC().Format("2006-01-02 15:04"), model(), load(), o.turns)
	fmt.Fprintln(to, "| work | size | time | a second | CPU each | memory | allocations each |")
	fmt.Fprintln(to, "|---|---|---|---|---|---|---|")
	if err := g.program(); err != nil {
		return err
	}
	return g.walks()
}

// goals are measured for one table.
type goals struct {
	to          io.Writer
	wanted      *regexp.Regexp
	turns, rows int
}

// tell writes one row of the table.
func (g goals) tell(work string, size int, costs []cost) {
	took := median(of(costs, func(c cost) float64 { return c.took.Seconds() }))
	cpu := median(of(costs, func(c cost) float64 { return c.cpu.Seconds() }))
	memory := median(of(costs, func(c cost) float64 { return float64(c.memory) }))
	allocs := median(of(costs, func(c cost) float64 { return float64(c.allocs) }))
	fmt.Fprintf(g.to, "| %s | %s | %.3g s | %s | %.3g µs | %s | %.3g |\n", work, short(float64(size)), took, short(float64(size)/took),
		cpu*1e6/float64(size), held(memory, size), allocs/float64(size))
}

func of(costs []cost, what func(cost) float64) []float64 {
	var list []float64
	for _, c := range costs {
		list = append(list, what(c))
	}
	return list
}

// held is memory in all, and for each.
func held(bytes float64, size int) string {
	return fmt.Sprintf("%.0f MB, %.3g B each", bytes/1e6, bytes/float64(size))
}

// several does work so often.
func several(turns int, work func() (cost, error)) ([]cost, error) {
	var costs []cost
	for range turns {
		c, err := work()
		if err != nil {
			return nil, err
		}
		costs = append(costs, c)
	}
	return costs, nil
}

// program runs the program itself, as a person would: its start, the sync of
// every append and all read models are in the figures.
func (g goals) program() error {
	if !g.wanted.MatchString(importing) {
		return nil
	}
	dir, err := os.MkdirTemp("", "goals-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	clew := filepath.Join(dir, "clew")
	build := exec.Command("go", "build", "-o", clew, "./cmd/clew")
	build.Dir = filepath.Join("..", "..") // the program is of the module above, and built by its go.mod
	if said, err := build.CombinedOutput(); err != nil {
		return fmt.Errorf("go build: %w: %s", err, said)
	}
	for _, size := range []int{g.rows / 10, g.rows} {
		for _, format := range []string{"csv", "jsonl"} {
			if err := g.imports(program{clew, dir, format, size}); err != nil {
				return err
			}
		}
	}
	return nil
}

const importing = "import to every ledger, "

// program is clew with a file to import.
type program struct {
	path   string
	dir    string
	format string
	size   int
}

func (g goals) imports(p program) error {
	file := filepath.Join(p.dir, "rows."+p.format)
	if err := p.write(file); err != nil {
		return err
	}
	imports, rebuilds := []cost{}, []cost{}
	for n := range g.turns {
		store := filepath.Join(p.dir, fmt.Sprintf("%s-%d-%d.db", p.format, p.size, n))
		if _, err := p.run(store, "case", "open", string(networks.Case), "--title", "A network"); err != nil {
			return err
		}
		imported, err := p.run(store, "import", file, "--case", string(networks.Case))
		if err != nil {
			return err
		}
		rebuilt, err := p.run(store, "rebuild")
		if err != nil {
			return err
		}
		imports, rebuilds = append(imports, imported), append(rebuilds, rebuilt)
		if err := removeAll(store + "*"); err != nil {
			return err
		}
	}
	g.tell(importing+p.format, p.size, imports)
	if p.format == "csv" {
		g.tell("rebuild of all projections", p.size, rebuilds)
	}
	return os.Remove(file)
}

func removeAll(pattern string) error {
	names, err := filepath.Glob(pattern)
	for _, name := range names {
		if err == nil {
			err = os.RemoveAll(name)
		}
	}
	return err
}

func (p program) write(name string) error {
	file, err := os.Create(name)
	if err != nil {
		return err
	}
	defer file.Close()
	rows := networks.Standard(p.size, victimsOf(p.size)).Movements()
	if p.format == "csv" {
		return networks.WriteCSV(file, rows)
	}
	return networks.WriteJSONLines(file, rows)
}

// run runs one command to its end, without a terminal.
func (p program) run(store string, args ...string) (cost, error) {
	command := exec.Command(p.path, append([]string{"--store", "sqlite:" + store, "--actor", "insp.lind"}, args...)...)
	began := time.Now()
	said, err := command.CombinedOutput()
	took := time.Since(began)
	if err != nil {
		return cost{}, fmt.Errorf("clew %s: %w: %s", strings.Join(args, " "), err, said)
	}
	state := command.ProcessState
	c := cost{took: took, cpu: state.UserTime() + state.SystemTime()}
	if usage, ok := state.SysUsage().(*syscall.Rusage); ok {
		c.memory = uint64(usage.Maxrss) << 10 // Linux counts in KiB
	}
	return c, nil
}

// walks walks cases that are kept in memory: by size for growth, by the
// number of victims, wide amounts, and the large shape under every rule.
func (g goals) walks() error {
	many, wide := networks.Standard(g.rows, g.rows/100), networks.Standard(g.rows, victimsOf(g.rows))
	wide.Wide = true
	for _, shape := range []struct {
		name    string
		network networks.Network
	}{
		{"standard, 0.1 % victims", networks.Standard(g.rows/10, victimsOf(g.rows/10))},
		{"standard, 0.1 % victims", networks.Standard(g.rows, victimsOf(g.rows))},
		{"standard, 1 % victims", many},
		{"wide amounts, 0.1 % victims", wide},
		{"225 million USDT shape", networks.USDT225()},
	} {
		if err := g.rules(shape.name, shape.network); err != nil {
			return err
		}
	}
	return nil
}

// rules walks a network under every rule that is wanted.
func (g goals) rules(name string, network networks.Network) error {
	var kept *tracing.Case
	var size uint64
	for _, rule := range tracing.Rules() {
		work := name + ", " + string(rule.Rule)
		if !g.wanted.MatchString(work) {
			continue
		}
		if kept == nil {
			before := inUse()
			made, err := keep(network.Movements())
			if err != nil {
				return err
			}
			kept, size = made, inUse()-before
		}
		costs, err := several(g.turns, func() (cost, error) { return walk(kept, rule.Rule, size) })
		if err != nil {
			return fmt.Errorf("%s: %w", work, err)
		}
		g.tell(work, kept.Len(), costs)
	}
	if kept == nil {
		return nil
	}
	return g.index(name, kept)
}

// index asks a kept index for every victim, up to a thousand: the one in the
// middle, and the one who took longest.
func (g goals) index(name string, kept *tracing.Case) error {
	before, began := inUse(), time.Now()
	index, err := tracing.NewIndex(tracing.Input{Rule: tracing.FIFO, Case: kept})
	if err != nil {
		return err
	}
	g.tell(name+", index made", kept.Len(), []cost{{took: time.Since(began), memory: inUse() - before}})
	var each []cost
	for n := range 1_000 {
		cpu, began := processor(), time.Now()
		if len(index.Victim(numberedVictim(n), time.Time{})) == 0 {
			break
		}
		each = append(each, cost{took: time.Since(began), cpu: processor() - cpu})
	}
	if len(each) == 0 {
		return fmt.Errorf("%s: the index knows no victim", name)
	}
	slices.SortFunc(each, func(a, b cost) int { return int(a.cpu - b.cpu) })
	g.tell(name+", one victim of the index, median", 1, each[len(each)/2:len(each)/2+1])
	g.tell(name+", one victim of the index, the longest", 1, each[len(each)-1:])
	return nil
}

func keep(movements iter.Seq[domain.Movement]) (*tracing.Case, error) {
	kept := tracing.NewCase(0)
	for m := range movements {
		row := tracing.Row{Movement: m, Position: uint64(kept.Len() + 1), Victim: m.Victim, Scam: m.Scam}
		if err := kept.Add(&row); err != nil {
			return nil, err
		}
	}
	return kept, nil
}

func walk(kept *tracing.Case, rule tracing.Rule, size uint64) (cost, error) {
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	cpu, began := processor(), time.Now()
	_, err := tracing.Trace(tracing.Input{Rule: rule, Case: kept})
	c := cost{took: time.Since(began), cpu: processor() - cpu, memory: size}
	runtime.ReadMemStats(&after)
	c.allocs = after.Mallocs - before.Mallocs
	return c, err
}

// inUse is how much memory is held.
func inUse() uint64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}
