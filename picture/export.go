package picture

import (
	"encoding/csv"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"
	"time"

	"clew/domain"
)

// Format is a form in which a picture leaves clew.
type Format string

// The formats.
const (
	SVG     Format = "svg"
	CSV     Format = "csv"
	GraphML Format = "graphml"
	JSON    Format = "json"
)

// Formats lists them.
func Formats() []Format { return []Format{SVG, CSV, GraphML, JSON} }

// MediaType is what a browser is told of the format.
func (f Format) MediaType() string {
	return map[Format]string{SVG: "image/svg+xml", CSV: "text/csv; charset=utf-8", GraphML: "application/graphml+xml", JSON: "application/json"}[f]
}

// Write writes a view in a format.
func (v *View) Write(out io.Writer, f Format) error {
	switch f {
	case SVG:
		return v.SVG(out, Alone)
	case CSV:
		return v.CSV(out)
	case GraphML:
		return v.GraphML(out)
	case JSON:
		encoder := json.NewEncoder(out)
		encoder.SetEscapeHTML(false)
		encoder.SetIndent("", "  ")
		return encoder.Encode(v.Object())
	}
	return domain.Usage("--format %q is not one of svg, csv, graphml, json", f)
}

// FileName is a name for an exported file, with the case and the time of the
// export, which the caller knows.
func (g *Graph) FileName(f Format, now time.Time) string {
	return fmt.Sprintf("clew-%s-flow-%s.%s", unfit.ReplaceAllString(string(g.Case), "_"), now.UTC().Format("20060102T150405Z"), f)
}

// unfit is what has no business in a file's name.
var unfit = regexp.MustCompile(`[^A-Za-z0-9._-]+`)

// FlowObject is a view in JSON: every account and every edge, whatever is
// folded in the picture. Amounts are strings with exactly the asset's digits.
type FlowObject struct {
	Case     domain.CaseID    `json:"case"`
	Rule     string           `json:"rule"`
	Chosen   bool             `json:"chosen"`
	Position uint64           `json:"position"`
	Head     string           `json:"head"`
	At       *string          `json:"at"`
	KnownAt  *string          `json:"known_at"`
	Asset    domain.AssetCode `json:"asset"`
	Others   []string         `json:"other_assets"`
	Accounts []AccountObject  `json:"accounts"`
	Flows    []EdgeObject     `json:"flows"`
}

// AccountObject is what passed one account: came and lost are what left, came
// home (returned) and what is there; held, seized and restored are of that.
type AccountObject struct {
	Account  string            `json:"account"`
	Hop      int               `json:"hop"`
	Class    Class             `json:"class"`
	Victims  []domain.VictimID `json:"victims"`
	Lost     string            `json:"lost"`
	Came     string            `json:"came"`
	Left     string            `json:"left"`
	Returned string            `json:"returned"`
	There    string            `json:"there"`
	Held     string            `json:"held"`
	Seized   string            `json:"seized"`
	Restored string            `json:"restored"`
}

// EdgeObject is what one account passed to another.
type EdgeObject struct {
	From      string      `json:"from"`
	To        string      `json:"to"`
	Amount    string      `json:"amount"`
	Movements int         `json:"movements"`
	First     domain.When `json:"first"`
	Last      domain.When `json:"last"`
}

// Object is the view for programs.
func (v *View) Object() FlowObject {
	g := v.Graph
	o := FlowObject{Case: g.Case, Rule: string(g.Rule), Chosen: g.Chosen, Position: g.Position, Head: g.Root, KnownAt: given(g.KnownAt),
		Asset: g.Asset.Code, Others: []string{}, Accounts: []AccountObject{}, Flows: []EdgeObject{}}
	if !v.Shown.At.IsZero() {
		o.At = given(v.Shown.At.UTC().Format(time.RFC3339Nano))
	}
	for _, asset := range g.Others {
		o.Others = append(o.Others, string(asset.Code))
	}
	for i := range g.Nodes {
		if v.stocks[i].Size().Sign() > 0 {
			o.Accounts = append(o.Accounts, v.account(i))
		}
	}
	for i := range g.Edges {
		e := &g.Edges[i]
		if v.sums[i].Sign() > 0 {
			o.Flows = append(o.Flows, EdgeObject{g.Nodes[e.From].Key, g.Nodes[e.To].Key, g.Format(v.sums[i]), e.Movements, e.First, e.Last})
		}
	}
	return o
}

func given(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}

func (v *View) account(i int) AccountObject {
	g, n, s := v.Graph, &v.Graph.Nodes[i], &v.stocks[i]
	victims := n.Victims
	if victims == nil {
		victims = []domain.VictimID{}
	}
	return AccountObject{n.Key, n.Hop, n.Class, victims, g.Format(s.New), g.Format(s.In), g.Format(s.Out), g.Format(s.Returned),
		g.Format(s.There()), g.Format(s.Held), g.Format(s.Seized), g.Format(s.Restored)}
}

// CSV writes the edges, one a line.
func (v *View) CSV(out io.Writer) error {
	w, o, hops := csv.NewWriter(out), v.Object(), map[string]int{}
	for i := range v.Graph.Nodes {
		hops[v.Graph.Nodes[i].Key] = v.Graph.Nodes[i].Hop
	}
	rows := [][]string{{"from", "from_hop", "to", "to_hop", "amount", "asset", "movements", "first", "last", "case", "rule", "head"}}
	for _, e := range o.Flows {
		rows = append(rows, []string{harmless(e.From), strconv.Itoa(hops[e.From]), harmless(e.To), strconv.Itoa(hops[e.To]), e.Amount, harmless(string(o.Asset)),
			strconv.Itoa(e.Movements), e.First.String(), e.Last.String(), harmless(string(o.Case)), o.Rule, o.Head})
	}
	return w.WriteAll(rows)
}

// harmless puts an apostrophe before what a spreadsheet would run as a formula
// (OWASP, CSV Injection).
func harmless(cell string) string {
	if cell != "" && strings.ContainsRune("=+-@\t\r", rune(cell[0])) {
		return "'" + cell
	}
	return cell
}

// graphKey declares an attribute of GraphML.
type graphKey struct {
	ID   string `xml:"id,attr"`
	For  string `xml:"for,attr"`
	Name string `xml:"attr.name,attr"`
	Type string `xml:"attr.type,attr"`
}

// graphValue is one attribute of a node or an edge.
type graphValue struct {
	Key  string `xml:"key,attr"`
	Text string `xml:",chardata"`
}

type graphNode struct {
	ID     string       `xml:"id,attr"`
	Values []graphValue `xml:"data"`
}

type graphEdge struct {
	Source string       `xml:"source,attr"`
	Target string       `xml:"target,attr"`
	Values []graphValue `xml:"data"`
}

type graphFile struct {
	XMLName xml.Name   `xml:"http://graphml.graphdrawing.org/xmlns graphml"`
	Keys    []graphKey `xml:"key"`
	Graph   struct {
		ID      string       `xml:"id,attr"`
		Default string       `xml:"edgedefault,attr"`
		Values  []graphValue `xml:"data"`
		Nodes   []graphNode  `xml:"node"`
		Edges   []graphEdge  `xml:"edge"`
	} `xml:"graph"`
}

// GraphML writes accounts and edges for other programs that draw and count:
// yEd, Gephi, Cytoscape, igraph. Amounts are strings with all their digits,
// and once more as weight, a rounded number, for drawing alone.
func (v *View) GraphML(out io.Writer) error {
	o, f := v.Object(), graphFile{}
	f.declare("graph", "case", "rule", "head", "asset")
	f.declare("node", "account", "hop", "class", "lost", "came", "left", "returned", "there", "held", "seized", "restored")
	f.declare("edge", "amount", "movements", "first", "last")
	f.Keys = append(f.Keys, graphKey{"edge.weight", "edge", "weight", "double"})
	f.Graph.ID, f.Graph.Default = "flow", "directed"
	f.Graph.Values = values("graph", "case", string(o.Case), "rule", o.Rule, "head", o.Head, "asset", string(o.Asset))
	number := map[string]string{}
	for i, a := range o.Accounts {
		number[a.Account] = fmt.Sprintf("n%d", i)
		f.Graph.Nodes = append(f.Graph.Nodes, graphNode{number[a.Account], values("node", "account", a.Account, "hop", strconv.Itoa(a.Hop), "class", string(a.Class),
			"lost", a.Lost, "came", a.Came, "left", a.Left, "returned", a.Returned, "there", a.There, "held", a.Held, "seized", a.Seized, "restored", a.Restored)})
	}
	for _, e := range o.Flows {
		f.Graph.Edges = append(f.Graph.Edges, graphEdge{number[e.From], number[e.To], values("edge", "amount", e.Amount,
			"movements", strconv.Itoa(e.Movements), "first", e.First.String(), "last", e.Last.String(), "weight", weight(e.Amount))})
	}
	if _, err := io.WriteString(out, xml.Header); err != nil {
		return err
	}
	encoder := xml.NewEncoder(out)
	encoder.Indent("", " ")
	if err := encoder.Encode(f); err != nil {
		return err
	}
	_, err := io.WriteString(out, "\n")
	return err
}

func (f *graphFile) declare(of string, names ...string) {
	for _, name := range names {
		f.Keys = append(f.Keys, graphKey{of + "." + name, of, name, "string"})
	}
}

// values are pairs of a name and a text.
func values(of string, pairs ...string) (list []graphValue) {
	for i := 0; i+1 < len(pairs); i += 2 {
		list = append(list, graphValue{of + "." + pairs[i], pairs[i+1]})
	}
	return list
}

// weight is an amount as a number that other programs may draw by.
func weight(amount string) string {
	number, err := strconv.ParseFloat(amount, 64)
	if err != nil {
		return "0"
	}
	return strconv.FormatFloat(number, 'g', 8, 64)
}
