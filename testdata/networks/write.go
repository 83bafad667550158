package networks

import (
	"bufio"
	"encoding/csv"
	"encoding/json"
	"io"
	"iter"
	"time"

	"clew/domain"
)

// header names the columns of the canonical table that networks use
// (docs/how-to/import.md).
var header = []string{"time", "from", "to", "amount", "asset", "id", "kind", "victim", "scam"}

// WriteCSV writes movements as clew's canonical table, a row each.
func WriteCSV(to io.Writer, movements iter.Seq[domain.Movement]) error {
	table := csv.NewWriter(to)
	if err := table.Write(header); err != nil {
		return err
	}
	for m := range movements {
		if err := table.Write(cells(m)); err != nil {
			return err
		}
	}
	table.Flush()
	return table.Error()
}

// WriteJSONLines writes the same table as JSON lines, an object each; what a
// movement has not is left out.
func WriteJSONLines(to io.Writer, movements iter.Seq[domain.Movement]) error {
	buffered := bufio.NewWriterSize(to, 1<<16)
	lines := json.NewEncoder(buffered)
	for m := range movements {
		object := map[string]string{}
		for i, cell := range cells(m) {
			if cell != "" {
				object[header[i]] = cell
			}
		}
		if err := lines.Encode(object); err != nil {
			return err
		}
	}
	return buffered.Flush()
}

// cells are a movement's values in the order of header.
func cells(m domain.Movement) []string {
	return []string{spelled(m.When), string(m.From), string(m.To), m.Amount.String(), string(m.Amount.Asset.Code),
		m.SourceID, string(m.Kind), string(m.Victim), string(m.Scam)}
}

func spelled(when domain.When) string {
	if when.Bare {
		return when.Time.Format(time.DateOnly)
	}
	return when.Time.Format(time.RFC3339)
}
