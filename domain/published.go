package domain

import (
	_ "embed"
	"encoding/csv"
	"fmt"
	"strings"
)

// PublishedFigure is one number that somebody else has published about money
// that was stopped. It stands beside our own numbers and is never added to
// them, nor to another one: publishers count in different ways.
type PublishedFigure struct {
	Publisher string `json:"publisher"`
	Of        string `json:"of"` // the programme or the operation
	Period    string `json:"period"`
	Measure   string `json:"measure"` // in the publisher's sense: held, intercepted, success rate …
	Value     string `json:"value"`   // a plain number
	Unit      string `json:"unit"`    // an asset's code, "%" or "" for a count
	Source    string `json:"source"`  // where it was published or reported
}

// published holds figures that were found with a source; one without is not in
// it.
//
//go:embed published.csv
var published string

// Published lists the figures that clew ships with, as others published them.
func Published() []PublishedFigure {
	list, err := parsePublished(published)
	if err != nil {
		panic("domain: the embedded published figures cannot be read: " + err.Error())
	}
	return list
}

// PublishedOperations lists what was published of INTERPOL's operations.
func PublishedOperations() (list []PublishedFigure) {
	for _, f := range Published() {
		if f.Publisher == "INTERPOL" {
			list = append(list, f)
		}
	}
	return list
}

func parsePublished(text string) ([]PublishedFigure, error) {
	rows, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil {
		return nil, err
	}
	var list []PublishedFigure
	for i, r := range rows[1:] {
		f := PublishedFigure{r[0], r[1], r[2], r[3], r[4], r[5], r[6]}
		if reason := unplain(f.Value); reason != "" || f.Publisher == "" || f.Period == "" || !strings.HasPrefix(f.Source, "https://") {
			return nil, fmt.Errorf("line %d: a figure has a publisher, a period, a plain value and a source", i+2)
		}
		list = append(list, f)
	}
	return list, nil
}
