package canonical

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
)

// maxKeys bounds the keys of one object: there are 17 columns, and what is
// more than three times that is no row.
const maxKeys = 64

// objection is what is wrong with a JSON text, and under which key.
type objection struct{ key, reason string }

func (o *objection) Error() string { return o.reason }

// members visits every key of a JSON object with its raw value, in order. The
// text must be valid JSON. A key that stands twice is an objection: which of
// the two was meant nobody can know, and readers differ in which they take.
func members(object []byte, visit func(key string, value []byte) error) error {
	var seen []string
	at := skipBlank(object, 1)
	for object[at] != '}' {
		end := skipValue(object, at)
		key, err := text(object[at:end])
		switch {
		case err != nil:
			return err
		case slices.Contains(seen, key):
			return &objection{key, fmt.Sprintf("key %q stands twice in the object: keep one of the two", shown(key))}
		case len(seen) == maxKeys:
			return &objection{"", fmt.Sprintf("the object has more than %d keys", maxKeys)}
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

// elements visits every element of a JSON array, in order. The text must be
// valid JSON.
func elements(array []byte, visit func(value []byte) error) error {
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

// text reads a JSON string. Half of a surrogate pair is an objection: it
// stands for no character, and readers differ in what they make of it.
func text(value []byte) (string, error) {
	inside := value[1 : len(value)-1]
	if bytes.IndexByte(inside, '\\') < 0 {
		return string(inside), nil
	}
	if halfPair(inside) {
		return "", &objection{"", "a text has half of a surrogate pair (\\ud800 to \\udfff alone), which is no character"}
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

// kindOf names what a JSON value is, for people.
func kindOf(value []byte) string {
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
