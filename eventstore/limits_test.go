package eventstore_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"clew/eventstore"
)

func TestDifference(t *testing.T) {
	for _, c := range []struct{ kept, given, want string }{
		{`{"a":1}`, `{"a":1}`, ``},
		{`{"amount":"10.00"}`, `{"amount":"11.00"}`, `amount: kept "10.00", given "11.00"`},
		{`{"a":{"b":[1,2]}}`, `{"a":{"b":[1,3]}}`, `a.b[1]: kept 2, given 3`},
		{`{"a":1}`, `{"a":1,"b":null}`, `b: kept nothing, given null`},
		{`[1]`, `[1,2]`, `the request: kept [1], given [1,2]`},
		{`{"a":1}`, `{ "a":1}`, `byte 1: kept "\"a\":1}", given " \"a\":1}"`},
		{`not JSON`, `not json`, `byte 4: kept "JSON", given "json"`},
		{`{"a":12345678901234567890}`, `{"a":12345678901234567891}`, `a: kept 12345678901234567890, given 12345678901234567891`},
		{`{"a":1,"b":1,"c":1,"d":1,"e":1,"f":1,"g":1}`, `{}`, `a: kept 1, given nothing; b: kept 1, given nothing; c: kept 1, given nothing; d: kept 1, given nothing; e: kept 1, given nothing; and 2 more`},
		{`"` + strings.Repeat("é", 40) + `"`, `1`, `the request: kept "` + strings.Repeat("é", 29) + `…, given 1`},
	} {
		if got := eventstore.Difference([]byte(c.kept), []byte(c.given)); got != c.want {
			t.Errorf("%s and %s:\n%s, not\n%s", c.kept, c.given, got, c.want)
		}
	}
}

func TestErrorsSayWhatWhereWhyAndWhatNext(t *testing.T) {
	cause := errors.New("errno 28")
	var err error = &eventstore.Fault{Kind: eventstore.ErrDiskFull, Where: "clew.db", Why: "nothing was recorded", Next: "make room", Cause: cause}
	if got, want := err.Error(), "clew.db: the disk is full: nothing was recorded (errno 28); make room"; got != want {
		t.Errorf("%q, not %q", got, want)
	}
	if err = fmt.Errorf("import: %w", err); !errors.Is(err, eventstore.ErrDiskFull) || !errors.Is(err, cause) {
		t.Error("the kind and the cause are not found in it")
	}
	conflict := (&eventstore.VersionConflict{Stream: "case/C1", Expected: 3, Actual: 5}).Error()
	if !strings.Contains(conflict, "case/C1") || !strings.Contains(conflict, "5") || !strings.Contains(conflict, "load it again") {
		t.Error(conflict)
	}
}
