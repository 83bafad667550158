package main

import (
	"errors"
	"fmt"
	"os"
	"runtime"
	"runtime/pprof"
)

// profiled does a piece of work and writes down what it cost, where --cpuprofile
// or --memprofile ask for it: 'go tool pprof' reads both. A profile is written
// for work that failed or was interrupted as well.
func (p *program) profiled(do func() error) error {
	stop, err := p.profileCPU()
	if err != nil {
		return err
	}
	err = do()
	return errors.Join(err, stop(), p.profileMemory())
}

// profileCPU begins to write where the processors' time goes.
func (p *program) profileCPU() (stop func() error, err error) {
	if p.cpuProfile == "" {
		return func() error { return nil }, nil
	}
	file, err := p.profileFile("--cpuprofile", p.cpuProfile)
	if err != nil {
		return nil, err
	}
	if err := pprof.StartCPUProfile(file); err != nil {
		return nil, errors.Join(fmt.Errorf("--cpuprofile %s: %w", p.cpuProfile, err), file.Close())
	}
	return func() error {
		pprof.StopCPUProfile()
		return file.Close()
	}, nil
}

// profileMemory writes what is in memory at the end, and what was ever asked
// of it.
func (p *program) profileMemory() error {
	if p.memProfile == "" {
		return nil
	}
	file, err := p.profileFile("--memprofile", p.memProfile)
	if err != nil {
		return err
	}
	runtime.GC() // the profile is as of the last collection
	return errors.Join(pprof.WriteHeapProfile(file), file.Close())
}

func (p *program) profileFile(flag, path string) (*os.File, error) {
	file, err := os.Create(p.place(path))
	if err != nil {
		return nil, usage(fmt.Errorf("%s: the file cannot be made (%w): name one in a folder that can be written", flag, err))
	}
	return file, nil
}
