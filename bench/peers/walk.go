package main

import (
	"fmt"
	"sync"

	"clew/domain"
	"clew/tracing"
)

// walkContests compare the walk of all victims' money.
func walkContests(rows int) []contest {
	made := sync.OnceValue(func() []domain.Movement { return movements(rows) })
	return []contest{{"fifo, all victims", "transfers/s", rows, []side{
		{name: "clew", prepare: func(string) (turn, error) { return traceTurn(made(), "fifo"), nil }},
		{name: "decimal lots", prepare: func(string) (turn, error) { return decimalTurn(made()), nil }},
	}}}
}

func traceTurn(all []domain.Movement, rule tracing.Rule) turn {
	rows := rowsOf(all)
	return turn{run: func() error {
		answer, err := tracing.Trace(tracing.Input{Rule: rule, Rows: rows})
		if err == nil && len(answer.Victims) == 0 {
			err = fmt.Errorf("no victim was traced")
		}
		return err
	}}
}

func decimalTurn(all []domain.Movement) turn {
	payments := decimalPayments(all)
	return turn{run: func() error {
		_, err := walkDecimals(payments)
		return err
	}}
}
