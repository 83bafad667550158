// Package lines reads the lines of a file, the records of a table in CSV and
// the members of a JSON object, with their numbers and within bounds: whatever the file is, no more than
// about two lines of the greatest length are in memory, a line beyond that
// length is named and passed over, and the next one is read as if nothing had
// been. It refuses nothing else; what a line means is for the formats to say.
//
//	in := lines.NewReader(file)
//	for line, err := in.Next(); err == nil; line, err = in.Next() {
//		fmt.Println(line.Number, string(line.Text))
//	}
package lines

import (
	"bufio"
	"bytes"
	"io"
)

// Limit is the most bytes that a line, or a record of a table, may have: eight
// times the longest bank statement line seen, and enough for the largest
// Bitcoin transaction on record (5,569 inputs) as one line of JSON.
const Limit = 1 << 20

// Line is one line of a file without its end (LF or CR LF).
type Line struct {
	Number  int    // from 1
	Text    []byte // valid until the next call of Next
	TooLong bool   // it has more than Limit bytes, and Text is only its beginning
	alone   bool   // it was read before as a part of a record that did not end
}

// Reader gives the lines of a file, one by one.
type Reader struct {
	in     *bufio.Reader
	number int
	joined []byte // a line that did not fit into the buffer of in
	again  []Line // lines given back, to be read next
}

// byteOrderMark is what some programs write before UTF-8. It says nothing.
var byteOrderMark = []byte("\xef\xbb\xbf")

// chunk is how much is read at once; most lines lie within one chunk.
const chunk = 64 << 10

// NewReader reads the lines of in.
func NewReader(in io.Reader) *Reader {
	return &Reader{in: bufio.NewReaderSize(in, chunk)}
}

// Head gives the first bytes of the file, as many as there are up to n (at
// most 64 KiB), without reading them away; a byte order mark is left out.
func (r *Reader) Head(n int) ([]byte, error) {
	head, err := r.in.Peek(min(n, chunk))
	if err == io.EOF {
		err = nil
	}
	return bytes.TrimPrefix(head, byteOrderMark), err
}

// Next gives the next line, or io.EOF after the last. A last line without an
// end counts; nothing after the last end does not. Any other error is the
// reader's own.
func (r *Reader) Next() (Line, error) {
	if len(r.again) > 0 {
		line := r.again[0]
		r.again = r.again[1:]
		return line, nil
	}
	text, tooLong, err := r.physical()
	if err != nil {
		return Line{}, err
	}
	r.number++
	if r.number == 1 {
		text = bytes.TrimPrefix(text, byteOrderMark)
	}
	return Line{Number: r.number, Text: text, TooLong: tooLong}, nil
}

// giveBack has lines read again, each on its own. Their texts must not belong
// to the reader.
func (r *Reader) giveBack(lines []Line) {
	r.again = append(append([]Line(nil), lines...), r.again...)
}

// physical reads up to the next end of line. Of a line beyond Limit it keeps
// the beginning and passes over the rest.
func (r *Reader) physical() (text []byte, tooLong bool, err error) {
	text, err = r.in.ReadSlice('\n')
	if err == nil {
		return cutEnd(text), false, nil
	}
	r.joined = r.joined[:0]
	for err == bufio.ErrBufferFull {
		if len(r.joined) <= Limit+len("\r\n") {
			r.joined = append(r.joined, text...)
		}
		text, err = r.in.ReadSlice('\n')
	}
	if len(r.joined) <= Limit+len("\r\n") {
		r.joined = append(r.joined, text...)
	}
	switch {
	case err != nil && err != io.EOF:
		return nil, false, err
	case err == io.EOF && len(r.joined) == 0:
		return nil, false, io.EOF
	}
	text = cutEnd(r.joined)
	if len(text) > Limit {
		return text[:Limit], true, nil
	}
	return text, false, nil
}

func cutEnd(text []byte) []byte {
	text, ended := bytes.CutSuffix(text, []byte("\n"))
	if !ended {
		return text
	}
	return bytes.TrimSuffix(text, []byte("\r"))
}
