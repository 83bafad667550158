package casework_test

import (
	"context"
	"fmt"
	"sync"
	"testing"

	"clew/domain"
)

// Many who write in one case at one desk all have their turn. Without a queue
// more than half of twenty were told that somebody else was faster.
func TestManyWriteInOneCaseAtOnce(t *testing.T) {
	d := desk(t)
	if _, err := d.Do(t.Context(), ina, "C1", domain.OpenCase{Case: "C1", Title: "One"}); err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	wrong := make(chan error, 200)
	for writer := range 20 {
		all.Go(func() {
			for i := range 5 {
				note := domain.NoteCase{Text: fmt.Sprintf("note %d of writer %d", i, writer)}
				if _, err := d.Do(context.Background(), ina, "C1", note); err != nil {
					wrong <- err
				}
			}
		})
	}
	all.Wait()
	close(wrong)
	for err := range wrong {
		t.Error(err)
	}
	if version, err := d.Store.Version(t.Context(), "case/C1"); err != nil || version != 101 {
		t.Errorf("the case has %d events (%v)", version, err)
	}
}
