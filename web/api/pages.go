package api

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"

	"clew/web/gate"
)

// paged says whether an answer comes in pages: its command takes where a page
// begins and how long it is.
func (o *operation) paged() bool {
	return slices.ContainsFunc(o.params, func(p param) bool { return p.flag == "after" })
}

// servePage answers with one page, and says where the next one is.
func (a *API) servePage(w *answer, errand gate.Errand) error {
	var page bytes.Buffer // bounded by the longest page that the command gives
	errand.Out = &page
	if err := a.office.Counter.Carry(w.request.Context(), errand); err != nil {
		return err
	}
	var last struct {
		Next *uint64 `json:"next"`
	}
	if err := json.Unmarshal(page.Bytes(), &last); err != nil {
		return fmt.Errorf("the page cannot be read: %w", err)
	}
	if last.Next != nil {
		address := *w.request.URL
		query := address.Query()
		query.Set("after", strconv.FormatUint(*last.Next, 10))
		address.RawQuery = query.Encode()
		w.Header().Set("Link", fmt.Sprintf(`<%s>; rel="next"`, address.RequestURI()))
	}
	w.Write(page.Bytes()) // who has gone does not hear it
	return nil
}
