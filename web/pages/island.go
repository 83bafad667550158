package pages

import (
	"encoding/json"
	"net/http"
	"strconv"
	"strings"

	"clew/domain"
	"clew/picture"
	"clew/web/gate"
)

// island is where the script of the flow picture finds what it needs.
type island struct {
	Board   string
	Pass    string
	Export  string // a format is put behind it, and the page's own state
	Account string // an account's name is put behind it
	Explain string // a victim's name is put behind it
	At      string // milliseconds since 1970; "" for all that happened
	Known   string // the same of what was recorded; the board is of all, so that nothing moves
}

func (a asked) island(view *picture.View) *island {
	asset := string(view.Graph.Asset.Code)
	i := &island{Board: a.To("flow/board", "at", "", "known_at", "", "asset", asset), Pass: a.To("flow/pass", "at", "", "known_at", "", "asset", asset), Export: casePath(a.Case, "flow") + "/",
		Account: ending(a.To("account"), "name"), Explain: ending(a.To("explain"), "victim")}
	if at := a.query.At; !at.IsZero() {
		i.At = strconv.FormatInt(picture.Millisecond(at), 10)
	}
	if known, err := when("known_at", a.KnownAt); err == nil && !known.IsZero() {
		i.Known = strconv.FormatInt(picture.Millisecond(known.End()), 10)
	}
	return i
}

// ending is an address that lacks one value at its end.
func ending(address, name string) string {
	if strings.Contains(address, "?") {
		return address + "&" + name + "="
	}
	return address + "?" + name + "="
}

// asksFlow answers a script that asks about the flow.
func (s *screens) asksFlow(w http.ResponseWriter, r *http.Request, answer func(a asked, graph *picture.Graph) (any, error)) {
	a, _, err := s.caseOf(r)
	var graph *picture.Graph
	if err == nil {
		graph, err = s.flowGraph(r, a)
	}
	var value any
	if err == nil {
		value, err = answer(a, graph)
	}
	var body []byte
	if err == nil {
		body, err = json.Marshal(value)
	}
	if err != nil {
		gate.Fail(w, r, err)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.Write(body) // who has gone does not read it
}

// board gives every place and every step of the picture.
func (s *screens) board(w http.ResponseWriter, r *http.Request) {
	s.asksFlow(w, r, func(a asked, graph *picture.Graph) (any, error) {
		board := picture.Place(graph).Board()
		known, err := s.Views.RecordedMoments(r.Context(), a.query)
		for _, k := range known {
			board.Known = append(board.Known, [2]int64{picture.Millisecond(k.At), int64(k.Events)})
		}
		return board, err
	})
}

// passing is what of every step passes an account.
type passing struct {
	Worth []picture.Number `json:"worth"`
	New   []picture.Number `json:"new"`
	Exact bool             `json:"exact"`
	// Turned: holds or returns took money out of the order in which it stood.
	Turned bool `json:"turned"`
}

func (s *screens) pass(w http.ResponseWriter, r *http.Request) {
	s.asksFlow(w, r, func(_ asked, graph *picture.Graph) (any, error) {
		key := r.URL.Query().Get("key")
		node := graph.Find(key)
		if node < 0 {
			return nil, domain.NotFound("no account %q is in the picture of this case", key)
		}
		pass := graph.Pass(node)
		p := passing{Exact: pass.Exact, Turned: pass.Turned, Worth: make([]picture.Number, len(pass.Steps)), New: make([]picture.Number, len(pass.New))}
		for i := range pass.Steps {
			p.Worth[i], p.New[i] = picture.Number(pass.Steps[i]), picture.Number(pass.New[i])
		}
		return p, nil
	})
}
