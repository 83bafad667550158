package main

import (
	"bufio"
	"fmt"
	"io"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// sized is the part of a benchmark's name that says how much work it does:
// transfers=100k, rows=1M, events=10k; the first one in a name counts. Of
// several victims=… within one size, each is a benchmark of its own, unless
// victims=grow, which grow along.
var sized = regexp.MustCompile(`(transfers|rows|events|movements)=(\d+)([kM]?)`)

// measured is one line of go test -bench.
type measured struct {
	size float64
	ns   float64
}

// printGrowth gives for every benchmark that was run in several sizes the
// slope of time over size, both as logarithms: 1 is proportional, 2 quadratic.
func printGrowth(to io.Writer, output io.Reader) error {
	found, err := readBenchmarks(output)
	if err != nil {
		return err
	}
	fmt.Fprintln(to, "| benchmark | sizes | growth exponent |")
	fmt.Fprintln(to, "|---|---|---|")
	for _, name := range slices.Sorted(keys(found)) {
		if sizes := distinct(found[name]); len(sizes) > 1 {
			fmt.Fprintf(to, "| %s | %s | %.2f |\n", name, strings.Join(sizes, ", "), slope(found[name]))
		}
	}
	return nil
}

func keys(found map[string][]measured) func(func(string) bool) {
	return func(yield func(string) bool) {
		for name := range found {
			if !yield(name) {
				return
			}
		}
	}
}

// readBenchmarks takes the time of one operation of every benchmark whose name
// has a size, under its name without that size.
func readBenchmarks(output io.Reader) (map[string][]measured, error) {
	found := map[string][]measured{}
	lines := bufio.NewScanner(output)
	for lines.Scan() {
		fields := strings.Fields(lines.Text())
		if len(fields) < 4 || !strings.HasPrefix(fields[0], "Benchmark") || fields[3] != "ns/op" {
			continue
		}
		size := sized.FindStringSubmatch(fields[0])
		ns, err := strconv.ParseFloat(fields[2], 64)
		if size == nil || err != nil {
			continue
		}
		name := strings.Replace(fields[0], size[0], size[1]+"=*", 1)
		found[name] = append(found[name], measured{count(size[2], size[3]), ns})
	}
	return found, lines.Err()
}

func count(digits, unit string) float64 {
	n, _ := strconv.ParseFloat(digits, 64) // of digits only, by the expression
	return n * map[string]float64{"": 1, "k": 1e3, "M": 1e6}[unit]
}

func distinct(list []measured) []string {
	var sizes []float64
	for _, m := range list {
		sizes = append(sizes, m.size)
	}
	slices.Sort(sizes)
	var names []string
	for _, size := range slices.Compact(sizes) {
		names = append(names, short(size))
	}
	return names
}

// slope is that of the line with the least squares through all measurements.
func slope(list []measured) float64 {
	var x, y, xx, xy float64
	for _, m := range list {
		size, ns := math.Log(m.size), math.Log(m.ns)
		x, y, xx, xy = x+size, y+ns, xx+size*size, xy+size*ns
	}
	n := float64(len(list))
	return (n*xy - x*y) / (n*xx - x*x)
}
