package lines

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

func TestMembersAndElementsInOrder(t *testing.T) {
	object := []byte(`{ "a" : 1 , "b\n":"x,}\"" ,"c":[ {"d":[]} , "]" , -1.5e3 ,true ],"e":{}, "f":null }`)
	var told []string
	err := Members(object, func(key string, value []byte) error {
		told = append(told, fmt.Sprintf("%s=%s(%s)", key, value, KindOf(value)))
		if value[0] == '[' {
			return Elements(value, func(v []byte) error { told = append(told, string(v)); return nil })
		}
		return nil
	})
	want := "a=1(a number)|b\n=\"x,}\\\"\"(a string)|c=[ {\"d\":[]} , \"]\" , -1.5e3 ,true ](a list)|{\"d\":[]}|\"]\"|-1.5e3|true|e={}(an object)|f=null(null)"
	if got := strings.Join(told, "|"); err != nil || got != want {
		t.Errorf("%v\n%s\n%s", err, got, want)
	}
}

func TestJSONThatReadersDifferAboutIsNotSingle(t *testing.T) {
	for _, value := range []string{`{"a":1,"a":2}`, `{"a":1,"A":2}`, `{"x":[{"b":{"a":1,"\u0061":2}}]}`, `["\ud800"]`, `{"\udfff":1}`,
		"\"\xff\"", `{"a":01}`, `{"a":1}}`, ``, strings.Repeat("[", 20_000) + strings.Repeat("]", 20_000), manyKeys(MaxKeys + 1)} {
		if err := Single([]byte(value)); err == nil {
			t.Errorf("%.60q passed", value)
		}
	}
	for _, value := range []string{` {"a":{"a":1},"b":[{"a":1},{"a":1}]} `, `"\ud83d\ude00"`, `"\\ud800"`, `12`, `null`, `{}`, manyKeys(MaxKeys)} {
		if err := Single([]byte(value)); err != nil {
			t.Errorf("%.60q: %v", value, err)
		}
	}
}

func manyKeys(n int) string {
	var keys []string
	for i := range n {
		keys = append(keys, fmt.Sprintf(`"k%d":1`, i))
	}
	return "{" + strings.Join(keys, ",") + "}"
}

// What is single is read as encoding/json reads it, text by text.
func FuzzSingle(f *testing.F) {
	for _, seed := range []string{`{"a":[1,"x\u00e9",{"b":null}],"c":true}`, `"\ud83d\ude00\\"`, `["\ud800x"]`, "{\"a\":\"\xff\"}", ` [ ] `, `{"a":1,"A":1}`, `{"a":1e999}`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, value []byte) {
		if Single(value) != nil {
			return
		}
		var whole any
		reader := json.NewDecoder(bytes.NewReader(value))
		reader.UseNumber() // a number that no float64 holds is JSON all the same
		if err := reader.Decode(&whole); err != nil {
			t.Fatalf("%q passed, but %v", value, err)
		}
		object, ok := whole.(map[string]any)
		if !ok {
			return
		}
		count := 0
		err := Members(bytes.TrimSpace(value), func(key string, value []byte) error {
			count++
			text, isText := object[key].(string)
			if !isText {
				return nil
			}
			if mine, err := Text(value); err != nil || mine != text {
				t.Fatalf("%q is %q, encoding/json reads %q (%v)", value, mine, text, err)
			}
			return nil
		})
		if err != nil || count != len(object) {
			t.Fatalf("%d of %d members of %q (%v)", count, len(object), value, err)
		}
	})
}
