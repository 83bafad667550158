package tracing_test

import (
	"strings"
	"testing"

	"clew/domain"
	"clew/tracing"
)

// Every sentence names the movement and the very line of the very file.
func TestASentenceShowsItsEvidence(t *testing.T) {
	paid := tracing.Row{Position: 1, Victim: "V"}
	paid.ID, paid.Kind, paid.When = "m001", domain.Transfer, domain.Date(2024, 1, 5)
	paid.From, paid.To = "V", "A"
	paid.Amount = domain.Amount{Units: domain.NewUnits(100), Asset: domain.Asset{Code: "EUR", Digits: 2}}
	paid.Evidence = domain.Evidence{File: "3f2a91c84e17aa00", Line: 7, Page: "sheet 2"}
	rows := []tracing.Row{paid}
	sentences, err := tracing.Explain(tracing.Input{Rule: tracing.FIFO, Rows: rows}, tracing.Ask{Victim: "V"})
	if err != nil {
		t.Fatal(err)
	}
	first := sentences[0]
	if first.Movement != paid.ID || first.Evidence != paid.Evidence || first.When != paid.When {
		t.Errorf("%+v", first)
	}
	if want := "(m001, file 3f2a91c84e17, sheet 2, line 7)"; !strings.HasSuffix(first.Text, want) {
		t.Errorf("%q does not end in %q", first.Text, want)
	}
}

// A report of what is no payment is left aside, and said to be.
func TestAReportOfAnOpeningIsLeftAsideWithAWarning(t *testing.T) {
	row := tracing.Row{Position: 1, Victim: "V"}
	row.ID, row.Kind, row.When, row.To = "m1", domain.Opening, domain.Date(2024, 1, 5), "A"
	row.Amount = domain.Amount{Units: domain.NewUnits(100), Asset: domain.Asset{Code: "EUR", Digits: 2}}
	answer, err := tracing.Trace(tracing.Input{Rule: tracing.FIFO, Rows: []tracing.Row{row}})
	if err != nil || len(answer.Victims) != 0 || len(answer.Warnings) != 1 || answer.Warnings[0].Code != tracing.WarnReport {
		t.Errorf("%+v %v", answer, err)
	}
}
