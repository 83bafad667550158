package explorer

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"clew/domain"
	"clew/importers/lines"
)

// maxEntry bounds one entry: a TRON transaction has at most 500 KB, written in
// hexadecimal digits and as JSON.
const maxEntry = 4 << 20

// DetectTronGrid says how sure it is that a file which begins so was
// downloaded from TronGrid: 90 by the keys of its first entry.
func DetectTronGrid(head []byte, _ string) int {
	head = bytes.TrimSpace(bytes.TrimPrefix(head, []byte("\xef\xbb\xbf")))
	if len(head) == 0 || head[0] != '{' && head[0] != '[' {
		return 0
	}
	for _, keys := range [][]string{{`"token_info"`, `"transaction_id"`}, {`"raw_data"`, `"txID"`}, {`"raw_data"`, `"contract"`, `"owner_address"`}, {`"coin": 195`, `"metadata"`}, {`"coin":195`, `"metadata"`}} {
		if hasAll(head, keys) {
			return 90
		}
	}
	return 0
}

func hasAll(head []byte, keys []string) bool {
	for _, key := range keys {
		if !bytes.Contains(head, []byte(key)) {
			return false
		}
	}
	return true
}

// ReadTronGrid reads answers of TronGrid to their end: one page, several one
// after another, a bare list of entries, or a single entry. The line of the
// evidence is the entry's number in the file.
func ReadTronGrid(in io.Reader, options domain.ReadOptions, out func(domain.Item) error) error {
	t := &trongrid{file: newFile(options, out), wrongSums: map[string]bool{}}
	t.meter = &meter{in: withoutMark(in)}
	t.json = json.NewDecoder(t.meter)
	t.json.UseNumber()
	for pages := 0; ; pages++ {
		more, err := t.page()
		switch {
		case err != nil:
			return t.explain(err)
		case !more && pages == 0:
			return domain.Usage("the file is empty: download it again")
		case !more:
			return nil
		}
	}
}

// withoutMark leaves out the byte order mark that some programs write first.
func withoutMark(in io.Reader) io.Reader {
	buffered := bufio.NewReader(in)
	if begin, _ := buffered.Peek(3); string(begin) == "\xef\xbb\xbf" {
		buffered.Discard(len(begin))
	}
	return buffered
}

// trongrid is a file of TronGrid's while it is read.
type trongrid struct {
	*file
	meter     *meter
	json      *json.Decoder
	entries   int
	wrongSums map[string]bool // addresses whose checksum was warned of
}

// errTooLong stops at an entry that is longer than any can be.
var errTooLong = fmt.Errorf("an entry has more than %d bytes: this is no answer of TronGrid", maxEntry)

// meter lets through so many bytes and no more, so that one value without end
// cannot fill the memory.
type meter struct {
	in      io.Reader
	read    int64
	allowed int64
}

func (m *meter) Read(p []byte) (int, error) {
	if m.read >= m.allowed {
		return 0, errTooLong
	}
	n, err := m.in.Read(p[:min(int64(len(p)), m.allowed-m.read)])
	m.read += int64(n)
	return n, err
}

// allow lets one more value be read.
func (t *trongrid) allow() { t.meter.allowed = t.json.InputOffset() + maxEntry }

// explain makes a fault of the JSON something a person can act on; an error of
// the receiver or of the world stays as it is.
func (t *trongrid) explain(err error) error {
	var syntax *json.SyntaxError
	if errors.As(err, &syntax) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, errTooLong) || errors.Is(err, errShape) {
		return domain.Usage("after entry %d, at byte %d, the file cannot be read any more (%s): it is torn or no answer of TronGrid; download it again", t.entries, t.json.InputOffset(), err)
	}
	return err
}

// errShape says that the JSON is not laid out as any answer is.
var errShape = errors.New("a page is an object with a list named data, a list of entries, or one entry")

// page reads one top-level value, if there is one more.
func (t *trongrid) page() (more bool, err error) {
	t.allow()
	token, err := t.json.Token()
	switch {
	case err == io.EOF:
		return false, nil
	case err != nil:
		return false, err
	case token == json.Delim('['):
		return true, t.list()
	case token == json.Delim('{'):
		return true, t.object()
	}
	return false, errShape
}

// torn makes the end of the file within a value an error.
func torn(err error) error {
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}

// list reads entries up to the end of their list.
func (t *trongrid) list() error {
	for t.json.More() {
		t.allow()
		var entry json.RawMessage
		if err := t.json.Decode(&entry); err != nil {
			return torn(err)
		}
		if err := t.entry(entry); err != nil {
			return err
		}
	}
	t.allow()
	_, err := t.json.Token()
	return torn(err)
}

// object reads a page up to its end: what stands in the list named data are
// entries. An object without such a list is an entry itself.
func (t *trongrid) object() error {
	whole, paged := []byte{'{'}, false
	for t.json.More() {
		t.allow()
		key, err := t.json.Token()
		if err != nil {
			return torn(err)
		}
		name, _ := json.Marshal(key)
		if key == "data" {
			paged = true
			if err := t.data(); err != nil {
				return err
			}
			continue
		}
		var value json.RawMessage
		if err := t.json.Decode(&value); err != nil {
			return torn(err)
		}
		if len(whole) > 1 {
			whole = append(whole, ',')
		}
		whole = append(append(append(whole, name...), ':'), value...)
		if len(whole) > maxEntry {
			return errTooLong
		}
	}
	t.allow()
	if _, err := t.json.Token(); err != nil || paged {
		return torn(err)
	}
	return t.entry(append(whole, '}'))
}

// data reads the list of a page.
func (t *trongrid) data() error {
	token, err := t.json.Token()
	if err == nil && token != json.Delim('[') {
		err = errShape
	}
	if err != nil {
		return torn(err)
	}
	return t.list()
}

// entry reads one entry, whatever kind it is.
func (t *trongrid) entry(raw []byte) error {
	t.entries++
	if err := t.count(); err != nil {
		return err
	}
	if err := lines.Single(raw); err != nil {
		t.reject(t.entries, bad("", "the entry can be read in more than one way: %s", err))
		return t.failed
	}
	var e tronEntry
	if err := json.Unmarshal(raw, &e); err != nil {
		t.reject(t.entries, bad("", "the entry is not laid out as TronGrid's are: %s", err))
		return t.failed
	}
	switch {
	case e.TokenInfo != nil:
		t.tokenTransfer(e)
	case e.RawData != nil:
		t.transaction(e)
	case e.Metadata != nil:
		t.walletTransfer(e)
	default:
		t.reject(t.entries, bad("", "the entry is neither a TRC-20 transfer (token_info) nor a transaction (raw_data)"))
	}
	return t.failed
}
