package eventstore

import (
	"fmt"
	"time"
	"unicode/utf8"
)

// Every limit has its reason. A store refuses one beyond with ErrInvalid.
const (
	// MaxName bounds stream, kind, actor, key, correlation and causation, in
	// bytes. The longest in use is a kind of record, a dash and two SHA-256
	// in hex: 150. Names are kept in indexes, where long ones cost.
	MaxName = 256

	// MaxBody bounds one event's body: a page of records is held in memory
	// at once. Whatever is larger is evidence, not a fact.
	MaxBody = 1 << 20

	// MaxFast bounds the typed block of the same facts, which is always
	// shorter than their JSON.
	MaxFast = 64 << 10

	// MaxRequest bounds the request that an idempotency key stands for. It
	// is kept for ever: a larger one is given by its hash.
	MaxRequest = 1 << 20

	// MaxEvents bounds one append. Longer ones are no faster, and nobody
	// else can append while one is being written.
	MaxEvents = 10_000

	// MaxAppend bounds the bytes of one append: it is held in memory while
	// it waits, and lies in the write-ahead log twice over.
	MaxAppend = 64 << 20

	// MaxExpect bounds the expectations of one append: each costs a lookup
	// while everybody else waits.
	MaxExpect = 10_000

	// MaxRead bounds one page of records, for the reader's memory.
	MaxRead = 100_000

	// MaxEvidence bounds one file: 64 GiB is twice the largest disk image of
	// a telephone. Beyond it an upload is a mistake or an attack.
	MaxEvidence = 64 << 30
)

// Check says why no store would record this append, or nil. The stores call
// it before they take the append up.
func (a *Append) Check() error {
	if err := a.checkSizes(); err != nil {
		return err
	}
	for _, f := range []struct {
		name, text string
		needed     bool
	}{{"actor", a.Actor, true}, {"key", a.Key, false}, {"correlation", a.Correlation, false}, {"causation", a.Causation, false}} {
		if why := checkName(f.text, f.needed); why != "" {
			return invalid(f.name, why)
		}
	}
	if why := checkTime(a.Now); why != "" {
		return invalid("now", why)
	}
	// Without a request any later append under the key would count as the
	// same, and its events would be lost without a word.
	if a.Key != "" && len(a.Request) == 0 {
		return invalid("request", "is empty, and a key must say what it stands for")
	}
	return a.checkParts()
}

func (a *Append) checkSizes() error {
	switch {
	case len(a.Events) == 0:
		return invalid("events", "are none, and an append records at least one")
	case len(a.Events) > MaxEvents:
		return invalid("events", fmt.Sprintf("are %d, and %d is the most", len(a.Events), MaxEvents))
	case len(a.Expect) > MaxExpect:
		return invalid("expectations", fmt.Sprintf("are %d, and %d is the most", len(a.Expect), MaxExpect))
	case len(a.Request) > MaxRequest:
		return invalid("request", fmt.Sprintf("is %d bytes long, and %d is the most", len(a.Request), MaxRequest))
	}
	return nil
}

func (a *Append) checkParts() error {
	total := len(a.Request)
	for i := range a.Events {
		if field, why := a.Events[i].check(); why != "" {
			return invalid(fmt.Sprintf("event %d, %s", i+1, field), why)
		}
		total += len(a.Events[i].Body) + len(a.Events[i].Fast)
	}
	if total > MaxAppend {
		return invalid("events", fmt.Sprintf("are %d bytes together, and %d is the most", total, MaxAppend))
	}
	for i, e := range a.Expect {
		if why := checkName(e.Stream, true); why != "" {
			return invalid(fmt.Sprintf("expectation %d, stream", i+1), why)
		}
	}
	return nil
}

func (e *Event) check() (field, why string) {
	if why = checkName(e.Stream, true); why != "" {
		return "stream", why
	}
	if why = checkName(e.Kind, true); why != "" {
		return "kind", why
	}
	switch {
	case len(e.Body) == 0:
		return "body", "is empty, and an event without facts says nothing"
	case len(e.Body) > MaxBody:
		return "body", fmt.Sprintf("is %d bytes long, and %d is the most", len(e.Body), MaxBody)
	case len(e.Fast) > MaxFast:
		return "fast", fmt.Sprintf("is %d bytes long, and %d is the most", len(e.Fast), MaxFast)
	}
	return "", ""
}

// CheckRead says why no store would read such a page, or nil.
func CheckRead(limit int) error {
	if limit < 1 || limit > MaxRead {
		return invalid("limit", fmt.Sprintf("is %d, and a page has 1 to %d records", limit, MaxRead))
	}
	return nil
}

// checkName keeps names printable in one line, on every screen, in every log.
func checkName(name string, needed bool) string {
	switch {
	case name == "" && needed:
		return "is empty"
	case len(name) > MaxName:
		return fmt.Sprintf("is %d bytes long, and %d is the most", len(name), MaxName)
	case !utf8.ValidString(name):
		return "is not valid UTF-8"
	}
	for _, r := range name {
		if r < ' ' || r == 0x7f {
			return fmt.Sprintf("has the control character %U", r)
		}
	}
	return ""
}

// checkTime keeps to the years that RFC 3339 and a ULID can both write.
func checkTime(at time.Time) string {
	if at.Before(time.Unix(0, 0)) || at.UTC().Year() > 9999 {
		return "lies outside the years 1970 to 9999: " + at.UTC().Format("2006-01-02")
	}
	return ""
}

func invalid(where, why string) error {
	return &Fault{Kind: ErrInvalid, Where: "append: " + where, Why: where + " " + why, Next: "nothing was recorded; correct it and try again"}
}
