package pages

import (
	"bytes"
	"fmt"
	"html/template"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"clew/domain"
	"clew/picture"
	"clew/web/gate"
)

// flowBody is the flow picture on a page: drawn on the server, with its words
// for who cannot see it, and in rows beside it.
type flowBody struct {
	SVG     template.HTML // "" where there is nothing to draw
	Why     string        // why there is no picture
	Folds   []link        // hops whose folded accounts can be drawn each by itself
	Others  []link        // pictures of other assets that were lost
	Exports []link
	Island  *island // what a browser needs to explore and replay it
}

// flowGraph is the graph that an address asks for.
func (s *screens) flowGraph(r *http.Request, a asked) (*picture.Graph, error) {
	graph, err := s.Desk.Flow(r.Context(), a.query, domain.AssetCode(r.URL.Query().Get("asset")))
	if err != nil {
		return nil, err
	}
	graph.KnownAt = a.KnownAt
	if s.hides(r) {
		graph.Hide(func(id domain.AccountID) string { return maskAccount(string(id)) })
	}
	return graph, nil
}

// flowView is the picture as an address asks for it: as of a moment, with some
// hops unfolded, with one account's money lit.
func (s *screens) flowView(r *http.Request, a asked) (*picture.View, error) {
	graph, err := s.flowGraph(r, a)
	if err != nil {
		return nil, err
	}
	shown := picture.Shown{At: a.query.At}
	for _, text := range strings.Split(r.URL.Query().Get("unfold"), ",") {
		if hop, err := strconv.Atoi(text); err == nil {
			shown.Unfolded = append(shown.Unfolded, hop)
		}
	}
	if node := graph.Find(r.URL.Query().Get("account")); node >= 0 {
		shown.Pass = graph.Pass(node)
	}
	return picture.Place(graph).View(shown), nil
}

// flow draws the picture for a page. What cannot be drawn keeps nobody from
// the numbers beside it.
func (s *screens) flow(r *http.Request, a asked) (flowBody, error) {
	view, err := s.flowView(r, a)
	if domain.ClassOf(err) == domain.ClassNotFound || domain.ClassOf(err) == domain.ClassUsage {
		return flowBody{Why: sentence(err.Error())}, nil
	}
	if err != nil {
		return flowBody{}, err
	}
	var out bytes.Buffer
	if err := view.SVG(&out, picture.InPage); err != nil {
		return flowBody{}, err
	}
	body := flowBody{SVG: template.HTML(out.String()), Folds: a.folds(view), Island: a.island(view)} // escaped by package picture
	for _, asset := range view.Graph.Others {
		body.Others = append(body.Others, link{string(asset.Code), a.To("", "asset", string(asset.Code))})
	}
	for _, format := range picture.Formats() {
		if s.hides(r) {
			break // what is taken away would name them
		}
		body.Exports = append(body.Exports, link{strings.ToUpper(string(format)), a.To("flow/"+string(format), "asset", string(view.Graph.Asset.Code), "unfold", unfolded(view.Shown.Unfolded))})
	}
	return body, nil
}

// folds lead to the picture with one hop's fold open, or closed again.
func (a asked) folds(view *picture.View) []link {
	var list []link
	for _, column := range view.Columns {
		if column.Fold < 0 {
			continue
		}
		hops, text := append(slices.Clone(view.Shown.Unfolded), column.Hop), "draw all of hop %d"
		if slices.Contains(view.Shown.Unfolded, column.Hop) {
			hops, text = slices.DeleteFunc(hops, func(n int) bool { return n == column.Hop }), "fold hop %d"
		}
		list = append(list, link{fmt.Sprintf(text, column.Hop), a.To("", "unfold", unfolded(hops))})
	}
	return list
}

func unfolded(hops []int) string {
	var list []string
	for _, hop := range hops {
		list = append(list, strconv.Itoa(hop))
	}
	return strings.Join(list, ",")
}

// exportFlow writes the picture, or the graph behind it, to take elsewhere.
func (s *screens) exportFlow(w http.ResponseWriter, r *http.Request) {
	if err := s.writeFlow(w, r); err != nil {
		gate.Fail(w, r, err)
	}
}

func (s *screens) writeFlow(w http.ResponseWriter, r *http.Request) error {
	a, _, err := s.caseOf(r)
	if err != nil {
		return err
	}
	format := picture.Format(r.PathValue("format"))
	if !slices.Contains(picture.Formats(), format) {
		return domain.NotFound("a flow picture is not written as %q: choose svg, csv, graphml or json", r.PathValue("format"))
	}
	if err := s.takesAway(); err != nil {
		return err
	}
	view, err := s.flowView(r, a)
	if err != nil {
		return err
	}
	var out bytes.Buffer
	if err := view.Write(&out, format); err != nil {
		return err
	}
	w.Header().Set("Content-Type", format.MediaType())
	w.Header().Set("Content-Disposition", attachment(view.Graph.FileName(format, s.Now())))
	w.Write(out.Bytes()) // who has gone does not read it
	return nil
}
