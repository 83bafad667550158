package main

import (
	"database/sql"
	"fmt"
	"path/filepath"
	"sync"
	"time"

	"clew/domain"
	"clew/tracing"
)

// reachContests compare the answer for one victim: clew says to the cent where
// his money went; the recursive queries say only which accounts it can have
// reached, whatever the order of time.
func reachContests(rows int) []contest {
	made := sync.OnceValue(func() []domain.Movement { return movements(rows) })
	sides := []side{
		{name: "clew, index kept, fifo with amounts", prepare: func(string) (turn, error) { return indexed(made()) }},
		{name: "clew, a walk for each, fifo with amounts", prepare: func(string) (turn, error) { return oneVictim(made()) }},
		{name: "SQLite, recursive, no amounts", prepare: func(dir string) (turn, error) { return reachSQLite(dir, made()) }},
	}
	if bin, err := postgresPrograms(); err == nil {
		sides = append(sides, side{"Postgres, recursive, no amounts", func(dir string) (turn, error) { return reachPostgres(bin, dir, made()) }, true})
	} else {
		fmt.Println("Postgres is not compared:", err)
	}
	return []contest{{"one victim's money", "victims/s", asked, sides}}
}

// asked is how many victims are asked for, one after the other: from all over
// the list, as the first ones paid much more often than the others.
const asked = 10

func victim(i, of int) domain.VictimID {
	return numberedVictim((2*i + 1) * of / (2 * asked))
}

func numberedVictim(i int) domain.VictimID { return domain.VictimID(fmt.Sprintf("V%05d", i+1)) }

// indexed asks a kept index for one victim after the other.
func indexed(all []domain.Movement) (turn, error) {
	victims := victimsOf(len(all))
	kept, err := caseOf(all, everybody)
	if err != nil {
		return turn{}, err
	}
	index, err := tracing.NewIndex(tracing.Input{Rule: tracing.FIFO, Case: kept})
	return turn{run: func() error {
		for i := range asked {
			if len(index.Victim(victim(i, victims), time.Time{})) == 0 {
				return fmt.Errorf("the index does not know %s", victim(i, victims))
			}
		}
		return nil
	}}, err
}

// oneVictim traces the case for one victim after the other.
func oneVictim(all []domain.Movement) (turn, error) {
	victims := victimsOf(len(all))
	var cases []*tracing.Case
	for i := range asked {
		kept, err := caseOf(all, func(v domain.VictimID) bool { return v == victim(i, victims) })
		if err != nil {
			return turn{}, err
		}
		cases = append(cases, kept)
	}
	return turn{run: func() error {
		for _, kept := range cases {
			answer, err := tracing.Trace(tracing.Input{Rule: "fifo", Case: kept})
			if err != nil || len(answer.Victims) != 1 {
				return fmt.Errorf("%d victims: %w", len(answer.Victims), err)
			}
		}
		return nil
	}}, nil
}

// reachQuery is SQL's own way: accounts that can be reached from a victim's
// reported payments, each once.
const reachQuery = `WITH RECURSIVE reached(account) AS (
	SELECT payee FROM transfer WHERE victim = $1
	UNION
	SELECT t.payee FROM transfer t JOIN reached r ON t.payer = r.account)
SELECT count(*) FROM reached`

const transferTable = `CREATE TABLE transfer (payer INTEGER NOT NULL, payee INTEGER NOT NULL, victim TEXT)`

var transferIndexes = []string{`CREATE INDEX transfer_payer ON transfer (payer, payee)`, `CREATE INDEX transfer_victim ON transfer (victim)`, `ANALYZE`}

// numbered gives accounts small numbers, which is the best a table can do.
func numbered(all []domain.Movement) [][3]any {
	numbers := map[domain.AccountID]int64{}
	number := func(a domain.AccountID) int64 {
		if _, known := numbers[a]; !known {
			numbers[a] = int64(len(numbers))
		}
		return numbers[a]
	}
	var rows [][3]any
	for _, m := range all {
		var victim any
		if m.Victim != "" {
			victim = string(m.Victim)
		}
		rows = append(rows, [3]any{number(m.From), number(m.To), victim})
	}
	return rows
}

func reachSQLite(dir string, all []domain.Movement) (turn, error) {
	db, err := sql.Open("sqlite3", "file:"+filepath.Join(dir, "reach.db")+"?_synchronous=OFF")
	if err != nil {
		return turn{}, err
	}
	if err := fillSQLite(db, all); err != nil {
		return turn{}, err
	}
	victims := victimsOf(len(all))
	return turn{func() error {
		for i := range asked {
			var count int
			if err := db.QueryRow(reachQuery, victim(i, victims)).Scan(&count); err != nil || count == 0 {
				return fmt.Errorf("%d accounts: %w", count, err)
			}
		}
		return nil
	}, db.Close}, nil
}

func fillSQLite(db *sql.DB, all []domain.Movement) error {
	if _, err := db.Exec(transferTable); err != nil {
		return err
	}
	tx, err := db.Begin()
	if err != nil {
		return err
	}
	defer tx.Rollback()
	insert, err := tx.Prepare(`INSERT INTO transfer VALUES (?, ?, ?)`)
	if err != nil {
		return err
	}
	for _, row := range numbered(all) {
		if _, err := insert.Exec(row[0], row[1], row[2]); err != nil {
			return err
		}
	}
	if err := tx.Commit(); err != nil {
		return err
	}
	for _, index := range transferIndexes {
		if _, err := db.Exec(index); err != nil {
			return err
		}
	}
	return nil
}
