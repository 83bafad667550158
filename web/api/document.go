package api

import (
	"encoding/json"
	"fmt"
	"net/http"
	"reflect"
	"strings"
	"sync"

	"github.com/danielgtaylor/huma/v2"

	"clew/projections"
	"clew/web/gate"
)

// documentRoute is the description of the API, made from the table and the
// commands when it is first asked for.
func (a *API) documentRoute() gate.Route {
	made := sync.OnceValues(func() ([]byte, error) { return json.Marshal(a.document()) })
	return gate.Route{Method: "GET", Pattern: gate.APIPrefix + "openapi.json", Act: "registers",
		Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			text, err := made()
			if err != nil {
				gate.Fail(w, r, err)
				return
			}
			w.Header().Set("Content-Type", "application/vnd.oai.openapi+json;version=3.1")
			w.Write(text) // who has gone does not hear it
		})}
}

// document describes every operation in OpenAPI 3.1.
func (a *API) document() *huma.OpenAPI {
	all := schemas{}
	d := &huma.OpenAPI{
		OpenAPI: "3.1.0",
		Info: &huma.Info{Title: "clew", Version: "1", Description: "Where a scam victim's money is, and who can still stop it. " +
			"Words, parameters and answers are those of the command line; amounts are strings, so that no digit is lost."},
		Servers: []*huma.Server{{URL: prefix}},
		Paths:   map[string]*huma.PathItem{},
		Components: &huma.Components{SecuritySchemes: map[string]*huma.SecurityScheme{
			"token": {Type: "http", Scheme: "bearer", Description: "clew token create makes one"},
		}},
		Security: []map[string][]string{{"token": {}}},
	}
	problem := all.of(reflect.TypeFor[moved]())
	for i := range a.list {
		if op := &a.list[i]; op.does.Name != "" {
			d.AddOperation(op.described(all, problem))
		}
	}
	d.AddOperation(followed(all, problem))
	d.Components.Schemas = registry{all}
	return d
}

// registry gives the document our own schemas.
type registry struct{ schemas }

// Schema describes a type.
func (r registry) Schema(t reflect.Type, _ bool, _ string) *huma.Schema { return r.of(t) }

// SchemaFromRef finds what a reference names.
func (r registry) SchemaFromRef(ref string) *huma.Schema {
	return r.schemas[strings.TrimPrefix(ref, schemaPrefix)]
}

// TypeFromRef is not kept: the names are for readers.
func (r registry) TypeFromRef(string) reflect.Type { return nil }

// Map gives all of them.
func (r registry) Map() map[string]*huma.Schema { return r.schemas }

// RegisterTypeAlias is for types that package huma describes.
func (r registry) RegisterTypeAlias(reflect.Type, reflect.Type) {}

// MarshalJSON writes the schemas alone.
func (r registry) MarshalJSON() ([]byte, error) { return json.Marshal(r.schemas) }

// described is an operation in the words of its command.
func (o *operation) described(all schemas, problem *huma.Schema) *huma.Operation {
	d := &huma.Operation{
		Method: o.method, Path: o.path, OperationID: o.id(), Summary: o.does.Short, Description: o.does.Long, Tags: []string{names(o.command)[0]},
		Responses: map[string]*huma.Response{
			"200":     {Description: "The answer of clew " + o.command, Content: o.content(all), Headers: o.headers()},
			"default": {Description: "A problem: its code stays, its words may change", Content: map[string]*huma.MediaType{"application/problem+json": {Schema: problem}}},
		},
	}
	for i := range o.params {
		if p := &o.params[i]; p.path || o.method == http.MethodGet || o.sends == file {
			d.Parameters = append(d.Parameters, p.described())
		}
	}
	d.Parameters = append(d.Parameters, o.headerParams()...)
	switch {
	case o.sends == file:
		d.RequestBody = upload()
	case o.method != http.MethodGet:
		d.RequestBody = o.bodyDescribed()
	}
	return d
}

// id names an operation for programs that are made from the document.
func (o *operation) id() string {
	name := strings.NewReplacer("/", "-", "{", "", "}", "").Replace(strings.TrimPrefix(o.path, "/"))
	return strings.ToLower(o.method) + "-" + name
}

// content is what the answer consists of.
func (o *operation) content(all schemas) map[string]*huma.MediaType {
	if o.gives != "" {
		whole := &huma.Schema{Type: huma.TypeString, Format: "binary"}
		if o.gives == plain {
			whole = &huma.Schema{Type: huma.TypeObject, AdditionalProperties: true}
		}
		return map[string]*huma.MediaType{string(o.gives): {Schema: whole}}
	}
	content := map[string]*huma.MediaType{}
	if of := o.does.Answers[o.answer]; of != nil {
		content["application/json"] = &huma.MediaType{Schema: all.of(reflect.TypeOf(of))}
	}
	if o.method == http.MethodGet {
		content["text/csv"] = &huma.MediaType{Schema: &huma.Schema{Type: huma.TypeString}}
	}
	return content
}

func (o *operation) headers() map[string]*huma.Param {
	if !strings.Contains(o.path, "{case}") {
		return nil
	}
	return map[string]*huma.Param{"ETag": {Description: "the case's version, for If-Match", Schema: &huma.Schema{Type: huma.TypeString}}}
}

// headerParams are what an act may say about itself.
func (o *operation) headerParams() []*huma.Param {
	text := &huma.Schema{Type: huma.TypeString}
	list := []*huma.Param{{Name: gate.PurposeHeader, In: "header", Description: "why somebody looks into a case that is not his own", Schema: text}}
	if o.method == http.MethodGet {
		return list
	}
	list = append(list, &huma.Param{Name: gate.KeyHeader, In: "header", Schema: text,
		Description: "the same request under the same key is carried out once, for ever; another under it is a conflict"})
	if strings.Contains(o.path, "{case}") {
		list = append(list, &huma.Param{Name: "If-Match", In: "header", Schema: text, Description: "the ETag of the case as the caller saw it: 412 where it has changed since"})
	}
	return list
}

func (p *param) described() *huma.Param {
	in := "query"
	if p.path {
		in = "path"
	}
	return &huma.Param{Name: p.name, In: in, Required: p.path || p.flag == "", Description: p.says, Schema: p.schema()}
}

// schema is what a parameter may be.
func (p *param) schema() *huma.Schema {
	switch {
	case p.several():
		return &huma.Schema{Type: huma.TypeArray, Items: &huma.Schema{Type: huma.TypeString}}
	case p.kind == "bool":
		return &huma.Schema{Type: huma.TypeBoolean}
	case strings.Contains(p.kind, "int"):
		return &huma.Schema{Type: huma.TypeInteger}
	}
	return &huma.Schema{Type: huma.TypeString}
}

// bodyDescribed is the object of an act.
func (o *operation) bodyDescribed() *huma.RequestBody {
	object := &huma.Schema{Type: huma.TypeObject, Properties: map[string]*huma.Schema{}, AdditionalProperties: false}
	for i := range o.params {
		p := &o.params[i]
		if p.path {
			continue
		}
		s := p.schema()
		s.Description = p.says
		object.Properties[p.name] = s
		if p.flag == "" {
			object.Required = append(object.Required, p.name)
		}
	}
	return &huma.RequestBody{Required: len(object.Required) > 0, Content: map[string]*huma.MediaType{"application/json": {Schema: object}}}
}

// upload is a file that is sent as it is, or in a form.
func upload() *huma.RequestBody {
	bytes := &huma.Schema{Type: huma.TypeString, Format: "binary"}
	form := &huma.Schema{Type: huma.TypeObject, Properties: map[string]*huma.Schema{"map": bytes, "file": bytes}, Required: []string{"file"}}
	return &huma.RequestBody{Required: true, Description: fmt.Sprintf("the file, up to %d bytes; in a form a mapping stands before it", int64(mostFile)),
		Content: map[string]*huma.MediaType{"application/octet-stream": {Schema: bytes}, "multipart/form-data": {Schema: form}}}
}

// followed describes the stream of events.
func followed(all schemas, problem *huma.Schema) *huma.Operation {
	text := &huma.Schema{Type: huma.TypeString}
	all.of(reflect.TypeFor[projections.EntryShape]())
	return &huma.Operation{
		Method: http.MethodGet, Path: "/events", OperationID: "get-events", Tags: []string{"events"}, Summary: "Follow the log: every event as it is recorded",
		Description: "Server-sent events: the id is the position of the log, the data an Entry. A comment comes every few seconds, so that a dead line shows. " +
			"Events of cases that the reader may not see are left out.",
		Parameters: []*huma.Param{
			{Name: "after", In: "query", Description: "only events after this position (default: 0, all)", Schema: &huma.Schema{Type: huma.TypeInteger}},
			{Name: "case", In: "query", Description: "only events of this case", Schema: text},
			{Name: "Last-Event-ID", In: "header", Description: "the last position that was seen: goes before after", Schema: text},
		},
		Responses: map[string]*huma.Response{
			"200":     {Description: "Events, until one side ends it", Content: map[string]*huma.MediaType{"text/event-stream": {Schema: text}}},
			"default": {Description: "A problem", Content: map[string]*huma.MediaType{"application/problem+json": {Schema: problem}}},
		},
	}
}
