package api

import (
	"encoding"
	"encoding/json"
	"reflect"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"clew/domain"
)

// schemas describes the types of answers as JSON Schema, by the rules by which
// package encoding/json writes them. Each structure gets a name once; others
// refer to it.
type schemas map[string]*huma.Schema

const schemaPrefix = "#/components/schemas/"

var (
	marshals = reflect.TypeFor[json.Marshaler]()
	texts    = reflect.TypeFor[encoding.TextMarshaler]()
)

// of describes a type. A pointer may be null.
func (s schemas) of(t reflect.Type) *huma.Schema {
	switch {
	case t.Kind() == reflect.Pointer:
		return orNull(s.of(t.Elem()))
	case t == reflect.TypeFor[time.Time]():
		return &huma.Schema{Type: huma.TypeString, Format: "date-time"}
	case t == reflect.TypeFor[domain.When]():
		return &huma.Schema{Type: huma.TypeString, Description: "RFC 3339, or a bare date"}
	case t == reflect.TypeFor[json.Number]():
		return &huma.Schema{Type: huma.TypeNumber}
	case t.Implements(marshals) || reflect.PointerTo(t).Implements(marshals):
		return &huma.Schema{}
	case t.Implements(texts):
		return &huma.Schema{Type: huma.TypeString}
	case t.Kind() == reflect.Struct:
		return s.named(t)
	}
	return s.plain(t)
}

// plain describes what is no structure.
func (s schemas) plain(t reflect.Type) *huma.Schema {
	switch t.Kind() {
	case reflect.Bool:
		return &huma.Schema{Type: huma.TypeBoolean}
	case reflect.String:
		return &huma.Schema{Type: huma.TypeString}
	case reflect.Map:
		return &huma.Schema{Type: huma.TypeObject, AdditionalProperties: s.of(t.Elem())}
	case reflect.Slice, reflect.Array:
		if t.Elem().Kind() == reflect.Uint8 {
			return &huma.Schema{Type: huma.TypeString}
		}
		return &huma.Schema{Type: huma.TypeArray, Items: s.of(t.Elem())}
	case reflect.Interface:
		return &huma.Schema{}
	}
	return &huma.Schema{Type: huma.TypeInteger}
}

// named describes a structure under its name and refers to it.
func (s schemas) named(t reflect.Type) *huma.Schema {
	name := nameOf(t)
	if s[name] == nil {
		whole := &huma.Schema{Type: huma.TypeObject, Properties: map[string]*huma.Schema{}, AdditionalProperties: true}
		s[name] = whole // before its fields: one of them may be of the same type
		s.fields(whole, t)
	}
	return &huma.Schema{Ref: schemaPrefix + name}
}

// nameOf is a structure's name without what only the code calls it.
func nameOf(t reflect.Type) string {
	name := strings.TrimSuffix(t.Name(), "Shape")
	return strings.ToUpper(name[:1]) + name[1:]
}

// fields adds the fields of a structure, and those of what is embedded in it.
func (s schemas) fields(to *huma.Schema, t reflect.Type) {
	for i := range t.NumField() {
		f := t.Field(i)
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		switch {
		case f.Anonymous && name == "":
			s.fields(to, pointed(f.Type))
			continue
		case !f.IsExported() || name == "-":
			continue
		case name == "":
			name = f.Name
		}
		to.Properties[name] = s.of(f.Type)
		if !strings.Contains(options, "omit") {
			to.Required = append(to.Required, name)
		}
	}
}

func pointed(t reflect.Type) reflect.Type {
	if t.Kind() == reflect.Pointer {
		return t.Elem()
	}
	return t
}

// orNull lets a value be absent.
func orNull(s *huma.Schema) *huma.Schema {
	switch {
	case s.Ref != "":
		return &huma.Schema{OneOf: []*huma.Schema{s, {Type: "null"}}}
	case s.Type != "":
		s.Nullable = true
	}
	return s
}
