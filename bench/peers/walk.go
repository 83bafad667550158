package main

import (
	"errors"
	"sync"

	"clew/domain"
	"clew/tracing"
)

// walkContests compare the walk of all victims' money.
func walkContests(rows int) []contest {
	made := sync.OnceValue(func() []domain.Movement { return movements(rows) })
	control := side{name: "decimal lots", prepare: func(string) (turn, error) { return decimalTurn(made()), nil }}
	return []contest{
		{"fifo, all victims", "transfers/s", rows, []side{
			{name: "clew, with plan and answer", prepare: func(string) (turn, error) { return traceTurn(made(), "fifo") }},
			control,
		}},
		{"fifo, the walk alone", "transfers/s", rows, []side{
			{name: "clew, neither plan nor answer", prepare: func(string) (turn, error) { return walkTurn(made(), "fifo") }},
			control,
		}},
	}
}

// traceTurn walks a case that is kept in memory, as decimalTurn does.
func traceTurn(all []domain.Movement, rule tracing.Rule) (turn, error) {
	kept, err := caseOf(all, everybody)
	return turn{run: func() error {
		answer, err := tracing.Trace(tracing.Input{Rule: rule, Case: kept})
		if err == nil && len(answer.Victims) == 0 {
			err = errors.New("no victim was traced")
		}
		return err
	}}, err
}

// walkTurn walks it and makes neither a plan nor an answer, as decimalTurn.
func walkTurn(all []domain.Movement, rule tracing.Rule) (turn, error) {
	kept, err := caseOf(all, everybody)
	if err != nil {
		return turn{}, err
	}
	ready, err := tracing.Prepare(tracing.Input{Case: kept})
	return turn{run: func() error {
		_, err := ready.Walk(rule)
		return err
	}}, err
}

func decimalTurn(all []domain.Movement) turn {
	payments := decimalPayments(all)
	return turn{run: func() error {
		_, err := walkDecimals(payments)
		return err
	}}
}
