package pages_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"clew/picture"
)

// The script of the flow picture gets every place, every step and every moment
// at which something was recorded; and a page says where.
func TestTheFlowPictureCanBeExplored(t *testing.T) {
	h := open(t, "romance")
	page := h.get("/cases/ROMANCE-1?at=2024-03-06&rule=lifo")
	for _, want := range []string{`data-board="/cases/ROMANCE-1/flow/board?asset=EUR&amp;rule=lifo"`, `data-at="1709769600000"`, `data-account="/cases/ROMANCE-1/account?at=2024-03-06&amp;rule=lifo&amp;name="`} {
		if !strings.Contains(page, want) {
			t.Errorf("the page does not say %s", want)
		}
	}
	var board picture.Board
	if err := json.Unmarshal([]byte(h.get("/cases/ROMANCE-1/flow/board?asset=EUR")), &board); err != nil {
		t.Fatal(err)
	}
	if len(board.Keys) != 10 || len(board.Columns) != 6 || len(board.Steps.At) == 0 || board.Head == "" {
		t.Errorf("the board has %d accounts in %d columns and %d steps, at head %q", len(board.Keys), len(board.Columns), len(board.Steps.At), board.Head)
	}
	events := int64(0)
	for i, k := range board.Known {
		if events += k[1]; i > 0 && k[0] < board.Known[i-1][0] {
			t.Error("what was recorded runs backwards")
		}
	}
	if events == 0 || uint64(events) > board.Position {
		t.Errorf("%d events of the case are recorded up to position %d", events, board.Position)
	}
	var pass struct {
		Worth []picture.Number
		Exact bool
	}
	key := board.Keys[slices.IndexFunc(board.Keys, func(k string) bool { return strings.HasPrefix(k, "vasp:") })]
	if err := json.Unmarshal([]byte(h.get("/cases/ROMANCE-1/flow/pass?key="+url.QueryEscape(key))), &pass); err != nil {
		t.Fatal(err)
	}
	if len(pass.Worth) != len(board.Steps.At) || !pass.Exact {
		t.Errorf("of %d steps %d are told (exact: %v)", len(board.Steps.At), len(pass.Worth), pass.Exact)
	}
	for path, want := range map[string]int{
		"/cases/ROMANCE-1/flow/pass?key=nobody": http.StatusNotFound, "/cases/ROMANCE-1/flow/board?rule=poison": http.StatusBadRequest,
		"/cases/ROMANCE-1/flow/board?asset=XAU": http.StatusNotFound, "/cases/ROMANCE-1/flow/svg?unfold=1&account=" + url.QueryEscape(key): http.StatusOK,
	} {
		if got := h.ask("GET", path, nil).Code; got != want {
			t.Errorf("%s: %d, and %d was expected", path, got, want)
		}
	}
}
