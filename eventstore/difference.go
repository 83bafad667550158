package eventstore

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
)

// maxDifferences bounds what Difference names: a person corrects the first
// few, and a log line stays a line.
const maxDifferences = 5

// maxShown bounds how much of a value is printed, in bytes.
const maxShown = 60

// Difference says in one line where two requests differ, first the kept one:
//
//	amount: kept "10.00", given "11.00"
//
// Requests are canonical JSON; bytes that are not are compared by offset.
// It is empty if the bytes are the same.
func Difference(kept, given []byte) string {
	if bytes.Equal(kept, given) {
		return ""
	}
	var a, b any
	if parse(kept, &a) == nil && parse(given, &b) == nil {
		if found := differences("", a, b); len(found) > 0 {
			return join(found)
		}
	}
	at := 0
	for at < len(kept) && at < len(given) && kept[at] == given[at] {
		at++
	}
	return fmt.Sprintf("byte %d: kept %s, given %s", at, show(string(kept[at:])), show(string(given[at:])))
}

func parse(text []byte, to *any) error {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	return d.Decode(to)
}

func join(found []string) string {
	more := len(found) - maxDifferences
	if more <= 0 {
		return strings.Join(found, "; ")
	}
	return strings.Join(found[:maxDifferences], "; ") + fmt.Sprintf("; and %d more", more)
}

func differences(path string, a, b any) []string {
	if fieldsA, ok := a.(map[string]any); ok {
		if fieldsB, ok := b.(map[string]any); ok {
			return fieldDifferences(path, fieldsA, fieldsB)
		}
	}
	if itemsA, ok := a.([]any); ok {
		if itemsB, ok := b.([]any); ok && len(itemsA) == len(itemsB) {
			return itemDifferences(path, itemsA, itemsB)
		}
	}
	if reflect.DeepEqual(a, b) {
		return nil
	}
	if path == "" {
		path = "the request"
	}
	return []string{fmt.Sprintf("%s: kept %s, given %s", path, showJSON(a), showJSON(b))}
}

// absent stands for a field that one of the two requests does not have.
type absent struct{}

func fieldDifferences(path string, a, b map[string]any) (found []string) {
	var names []string
	for name := range a {
		names = append(names, name)
	}
	for name := range b {
		if _, ok := a[name]; !ok {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	if path != "" {
		path += "."
	}
	for _, name := range names {
		found = append(found, differences(path+name, field(a, name), field(b, name))...)
	}
	return found
}

func field(fields map[string]any, name string) any {
	if value, ok := fields[name]; ok {
		return value
	}
	return absent{}
}

func itemDifferences(path string, a, b []any) (found []string) {
	for i := range a {
		found = append(found, differences(fmt.Sprintf("%s[%d]", path, i), a[i], b[i])...)
	}
	return found
}

func showJSON(value any) string {
	if _, ok := value.(absent); ok {
		return "nothing"
	}
	text, err := json.Marshal(value)
	if err != nil {
		return show(fmt.Sprint(value))
	}
	return cut(string(text))
}

func show(text string) string { return fmt.Sprintf("%q", cut(text)) }

func cut(text string) string {
	if len(text) <= maxShown {
		return text
	}
	return strings.ToValidUTF8(text[:maxShown], "") + "…"
}
