package main

import (
	"fmt"
	"io"
	"os"
	"slices"
	"syscall"
	"time"
)

// contest is one piece of work that clew and others do on the same rows.
type contest struct {
	name  string
	unit  string
	work  int    // how many units a turn does
	sides []side // clew first
}

// side is one that does the work. It prepares its turn in an empty folder;
// only what it gives back is timed, and stop clears up.
type side struct {
	name      string
	prepare   func(dir string) (turn, error)
	elsewhere bool // a server does the work: its processor time is not seen
}

// turn is prepared work.
type turn struct {
	run  func() error
	stop func() error // may be nil
}

// speed is what one turn of one side came to.
type speed struct {
	perSecond float64
	cpu       time.Duration // for one unit, of all threads of this process
}

// play lets the sides take turns, in alternating order, so that an hour's
// drift of the machine falls on all of them alike.
func (c contest) play(turns int) ([][]speed, error) {
	speeds := make([][]speed, len(c.sides))
	for n := range turns {
		for i := range c.sides {
			if n%2 == 1 {
				i = len(c.sides) - 1 - i
			}
			s, err := c.sides[i].measure(c.work)
			if err != nil {
				return nil, fmt.Errorf("%s, %s: %w", c.name, c.sides[i].name, err)
			}
			speeds[i] = append(speeds[i], s)
		}
	}
	return speeds, nil
}

func (s side) measure(work int) (speed, error) {
	dir, err := os.MkdirTemp("", "peers-")
	if err != nil {
		return speed{}, err
	}
	defer os.RemoveAll(dir)
	t, err := s.prepare(dir)
	if err != nil {
		return speed{}, err
	}
	cpu, began := processor(), time.Now()
	err = t.run()
	took, used := time.Since(began), processor()-cpu
	if t.stop != nil {
		if stopped := t.stop(); err == nil {
			err = stopped
		}
	}
	return speed{float64(work) / took.Seconds(), used / time.Duration(work)}, err
}

// processor is the time that this process has used on all processors.
func processor() time.Duration {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// report writes a contest's rows of the table: every side's median and range,
// and how many times faster clew was, turn by turn: on the clock, and by the
// processors' time, which other programs on the machine disturb less.
func (c contest) report(to io.Writer, speeds [][]speed) {
	for i, side := range c.sides {
		clock, cpu := each(speeds[i], onClock), each(speeds[i], byProcessor)
		ratios := " | "
		if i > 0 {
			ratios = spread(over(each(speeds[0], onClock), clock)) + " | " + spread(over(cpu, each(speeds[0], byProcessor)))
		}
		if side.elsewhere {
			cpu, ratios = nil, spread(over(each(speeds[0], onClock), clock))+" | "
		}
		fmt.Fprintf(to, "| %s, %s | %s | %s %s (%s to %s) | %s | %s |\n", c.name, short(float64(c.work)), side.name,
			short(median(clock)), c.unit, short(slices.Min(clock)), short(slices.Max(clock)), microseconds(cpu), ratios)
	}
}

func onClock(s speed) float64     { return s.perSecond }
func byProcessor(s speed) float64 { return float64(s.cpu.Nanoseconds()) }

// over divides turn by turn.
func over(a, b []float64) []float64 {
	list := make([]float64, len(a))
	for i := range a {
		list[i] = a[i] / b[i]
	}
	return list
}

func spread(list []float64) string {
	return fmt.Sprintf("%.3g (%.3g to %.3g)", median(list), slices.Min(list), slices.Max(list))
}

func microseconds(cpu []float64) string {
	if len(cpu) == 0 {
		return ""
	}
	return fmt.Sprintf("%.3g µs", median(cpu)/1000)
}

func each(speeds []speed, of func(speed) float64) []float64 {
	list := make([]float64, len(speeds))
	for i, s := range speeds {
		list[i] = of(s)
	}
	return list
}

// median is the middle value; of an even number, the mean of the middle two.
func median(list []float64) float64 {
	sorted := slices.Sorted(slices.Values(list))
	n := len(sorted)
	return (sorted[(n-1)/2] + sorted[n/2]) / 2
}

// short writes a number to three digits: 1.23 M, 456 k, 7.89.
func short(n float64) string {
	switch {
	case n >= 1e6:
		return fmt.Sprintf("%.3g M", n/1e6)
	case n >= 1e3:
		return fmt.Sprintf("%.3g k", n/1e3)
	}
	return fmt.Sprintf("%.3g", n)
}
