package casework_test

import (
	"errors"
	"io"
	"path/filepath"
	"strings"
	"testing"

	"clew/casework"
	"clew/domain"
)

// Who brings a file in for a case as he has seen it is told when it has moved
// on, and nothing of the file is recorded; what the file records itself, in
// several batches, does not stand in its own way, nor does its repetition.
func TestAnImportHoldsTheVersionThatSomebodyHasSeen(t *testing.T) {
	o := openOffice(t, filepath.Join(tempDir(t), "clew.db"))
	o.InBatchesOf(1)
	o.mustDo(t, domain.OpenCase{Case: "C1", Title: "The lost savings"})
	const rows = "id,time,from,to,amount,asset\nt1,2024-03-01T10:00:00Z,bank:1,bank:2,1.00,EUR\nt2,2024-03-01T11:00:00Z,bank:1,bank:2,2.00,EUR\nt3,2024-03-01T12:00:00Z,bank:1,bank:2,3.00,EUR\n"
	file := casework.File{Case: "C1", Name: "t.csv", Source: "police", Open: func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(rows)), nil }}
	bring := func(key string, version uint64) (casework.Import, error) {
		return o.Import(t.Context(), casework.By{Actor: "ina", Key: key, Version: version}, file)
	}
	o.mustDo(t, domain.NoteCase{Text: "somebody was faster"})
	var moved *casework.Moved
	if sum, err := bring("", 1); !errors.As(err, &moved) || moved.Now != 2 || sum.Recorded != 0 {
		t.Fatalf("at the old version: %+v, %v", sum, err)
	}
	if left := o.left(t); len(left.kinds) != 2 {
		t.Fatalf("the refused file has left %v", left.kinds)
	}
	if sum, err := bring("k1", 2); err != nil || sum.Recorded != 3 {
		t.Fatalf("at the version that stands: %+v, %v", sum, err)
	}
	if sum, err := bring("k1", 2); err != nil || sum.Recorded != 0 || sum.Repeated != 3 {
		t.Errorf("the same again: %+v, %v", sum, err)
	}
}
