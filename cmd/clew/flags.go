package main

import (
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"clew/domain"
)

// caseFlag lets a command take its case as a flag, as import does.
func (p *program) caseFlag(cmd *cobra.Command) *cobra.Command {
	cmd.Flags().StringVar(&p.caseID, "case", "", "the case, instead of the first argument")
	return cmd
}

// allCases lets a command that is about every case be about one.
func (p *program) allCases(cmd *cobra.Command) *cobra.Command {
	cmd.Flags().StringVar(&p.caseID, "case", "", "of one case only")
	return cmd
}

// usage makes an error of what a person typed.
func usage(err error) error {
	if err == nil {
		return nil
	}
	return &domain.Error{Class: domain.ClassUsage, Text: err.Error()}
}

// flagError says at which flag a text went wrong.
func flagError(flag string, err error) error {
	if err == nil {
		return nil
	}
	return domain.Usage("%s: %v", flag, err)
}

// whenOf reads a time; it stays zero where none was given.
func whenOf(flag, text string, to *domain.When) (err error) {
	if text == "" {
		return nil
	}
	*to, err = domain.ParseWhen(text)
	return flagError(flag, err)
}

// timeFlag reads the time of a flag; zero where none was given.
func timeFlag(flag, text string) (time.Time, error) {
	var when domain.When
	err := whenOf(flag, text, &when)
	return timeOrZero(when), err
}

// timeOrZero is the last moment that a time covers; zero where none was given.
func timeOrZero(w domain.When) time.Time {
	if w.IsZero() {
		return time.Time{}
	}
	return w.End()
}

// positionOf reads a position of the log.
func positionOf(flag, text string) (uint64, error) {
	if text == "" {
		return 0, domain.Usage("%s is needed: a position of the log, as 'clew timeline' shows it", flag)
	}
	position, err := strconv.ParseUint(text, 10, 63)
	if err != nil {
		return 0, domain.Usage("%s %q is not a position of the log: it is a whole number", flag, text)
	}
	return position, nil
}
