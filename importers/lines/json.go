package lines

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// MaxKeys bounds the keys of one object: the widest row that a format knows
// has 30, and keys are compared each with each.
const MaxKeys = 64

// Objection is what is wrong with a JSON text, and under which key, where it
// is under one.
type Objection struct{ Key, Reason string }

func (o *Objection) Error() string { return o.Reason }

// Members visits every key of a JSON object with its raw value, in order. The
// text must be valid JSON. A key that stands twice is an objection: which of
// the two was meant nobody can know, and readers differ in which they take.
func Members(object []byte, visit func(key string, value []byte) error) error {
	var seen []string
	at := skipBlank(object, 1)
	for object[at] != '}' {
		end := skipValue(object, at)
		key, err := Text(object[at:end])
		switch {
		case err != nil:
			return err
		case slices.Contains(seen, key):
			return &Objection{key, fmt.Sprintf("key %.60q stands twice in the object: keep one of the two", key)}
		case len(seen) == MaxKeys:
			return &Objection{"", fmt.Sprintf("the object has more than %d keys", MaxKeys)}
		}
		seen = append(seen, key)
		at = skipBlank(object, skipBlank(object, end)+1)
		end = skipValue(object, at)
		if err := visit(key, object[at:end]); err != nil {
			return err
		}
		at = skipComma(object, end)
	}
	return nil
}

// Elements visits every element of a JSON array, in order. The text must be
// valid JSON.
func Elements(array []byte, visit func(value []byte) error) error {
	at := skipBlank(array, 1)
	for array[at] != ']' {
		end := skipValue(array, at)
		if err := visit(array[at:end]); err != nil {
			return err
		}
		at = skipComma(array, end)
	}
	return nil
}

// skipBlank gives the place of the next byte that is not white space.
func skipBlank(text []byte, at int) int {
	for at < len(text) && (text[at] == ' ' || text[at] == '\t' || text[at] == '\r' || text[at] == '\n') {
		at++
	}
	return at
}

// skipComma goes from the end of one member to the next, or to the closing
// bracket.
func skipComma(text []byte, at int) int {
	if at = skipBlank(text, at); text[at] == ',' {
		at = skipBlank(text, at+1)
	}
	return at
}

// skipValue gives the place behind a value of valid JSON.
func skipValue(text []byte, at int) int {
	depth := 0
	for {
		switch text[at] {
		case '"':
			at = skipString(text, at)
		case '{', '[':
			depth++
			at++
		case '}', ']':
			depth--
			at++
		case ',', ':', ' ', '\t', '\r', '\n':
			at++
		default:
			at = skipWord(text, at)
		}
		if depth == 0 {
			return at
		}
	}
}

func skipString(text []byte, at int) int {
	for at++; text[at] != '"'; at++ {
		if text[at] == '\\' {
			at++
		}
	}
	return at + 1
}

// skipWord goes behind a number, true, false or null.
func skipWord(text []byte, at int) int {
	for at < len(text) && !bytes.ContainsRune([]byte(",:]} \t\r\n"), rune(text[at])) {
		at++
	}
	return at
}

// Text reads a JSON string. Half of a surrogate pair is an objection: it
// stands for no character, and readers differ in what they make of it.
func Text(value []byte) (string, error) {
	inside := value[1 : len(value)-1]
	if bytes.IndexByte(inside, '\\') < 0 {
		return string(inside), nil
	}
	if halfPair(inside) {
		return "", &Objection{"", "a text has half of a surrogate pair (\\ud800 to \\udfff alone), which is no character"}
	}
	var decoded string
	err := json.Unmarshal(value, &decoded)
	return decoded, err
}

// halfPair says whether one of the escapes is half of a surrogate pair.
func halfPair(inside []byte) bool {
	for at := bytes.IndexByte(inside, '\\'); at >= 0; at = bytes.IndexByte(inside, '\\') {
		unit, long := escaped(inside[at:])
		inside = inside[at+long:]
		if !utf16.IsSurrogate(unit) {
			continue
		}
		next, long := escaped(inside)
		if utf16.DecodeRune(unit, next) == utf8.RuneError {
			return true
		}
		inside = inside[long:]
	}
	return false
}

// escaped gives the UTF-16 unit of a \u escape at the beginning of a text, and
// how many bytes it takes; 0 where there is another escape, or none.
func escaped(text []byte) (unit rune, long int) {
	if len(text) < 6 || text[0] != '\\' || text[1] != 'u' {
		return 0, min(2, len(text))
	}
	n, _ := strconv.ParseUint(string(text[2:6]), 16, 16) // json.Valid has seen four hex digits
	return rune(n), 6
}

// KindOf names what a JSON value is, for people.
func KindOf(value []byte) string {
	switch value[0] {
	case '"':
		return "a string"
	case '{':
		return "an object"
	case '[':
		return "a list"
	case 't', 'f':
		return "true or false"
	case 'n':
		return "null"
	}
	return "a number"
}

// Single says whether a JSON value can be read in one way only: it is valid
// JSON in valid UTF-8, no object in it has a key twice (not even once in small
// and once in capital letters), and no text has half of a surrogate pair. What
// package encoding/json makes of such a value, any other reader makes of it.
func Single(value []byte) error {
	switch {
	case !utf8.Valid(value):
		return &Objection{"", "it is not valid UTF-8"}
	case !json.Valid(value):
		return &Objection{"", "it is not valid JSON"}
	}
	return single(bytes.TrimSpace(value))
}

func single(value []byte) error {
	switch value[0] {
	case '{':
		var seen []string
		return Members(value, func(key string, value []byte) error {
			folded := strings.ToLower(key)
			if slices.Contains(seen, folded) {
				return &Objection{key, fmt.Sprintf("key %.60q stands twice in the object, in capital and small letters", key)}
			}
			seen = append(seen, folded)
			return single(value)
		})
	case '[':
		return Elements(value, single)
	case '"':
		_, err := Text(value)
		return err
	}
	return nil
}
