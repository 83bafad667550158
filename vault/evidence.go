package vault

import (
	"bufio"
	"bytes"
	"crypto/cipher"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"

	"clew/domain"
)

// A sealed file is the line below and then pieces of 64 KiB, each with a tag
// of 16 bytes. A piece's nonce is its number and whether it is the last; a
// key seals one file once, so no nonce comes twice, and pieces cannot change
// places, be left out or be added. Each is bound to the SHA-256 of the file.
const fileHeader = "clew/evidence/v1\n"

const pieceSize = 64 << 10

// File is a file that is to be sealed, and the key that was drawn for it. The
// key is not in the keys file before Keep: a file whose sealing broke off
// leaves bytes that nobody can read, and is sealed anew under another key.
type File struct {
	sum   [32]byte
	line  string
	id    string
	piece cipher.AEAD
}

// FileSubject names the subject of an evidence file's key.
func FileSubject(sum [32]byte) string { return "file/" + hex.EncodeToString(sum[:]) }

// NewFile draws a key for a file that is known by the SHA-256 of its bytes.
func (v *Vault) NewFile(sum [32]byte) (*File, error) {
	if v.absent != nil {
		return nil, v.absent
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	subject := FileSubject(sum)
	line, id, err := v.newKey(subject)
	if err != nil {
		return nil, err
	}
	return v.fileOf(sum, line, id)
}

func (v *Vault) fileOf(sum [32]byte, line, id string) (*File, error) {
	wrapped := &Vault{keys: map[string]*entry{}, whose: map[string]string{}, master: v.master}
	if err := wrapped.line(splitLine(line)); err != nil {
		return nil, err
	}
	e, err := wrapped.use(id)
	if err != nil {
		return nil, err
	}
	piece, err := subkey(e.ready.secret, "evidence")
	return &File{sum: sum, line: line, id: id, piece: piece}, err
}

func splitLine(line string) []string {
	var words []string
	for _, word := range bytes.Fields([]byte(line)) {
		words = append(words, string(word))
	}
	return words
}

// Seal reads the plain bytes and gives the sealed ones. It fails at the end
// where the bytes are not those of the SHA-256.
func (f *File) Seal(plain io.Reader) io.Reader {
	sum := sha256.New()
	return &sealing{file: f, sum: sum, from: bufio.NewReaderSize(io.TeeReader(plain, sum), pieceSize+1), out: *bytes.NewBufferString(fileHeader), piece: make([]byte, pieceSize)}
}

// sealing turns one piece after another.
type sealing struct {
	file  *File
	sum   hash.Hash
	from  *bufio.Reader
	piece []byte
	out   bytes.Buffer
	n     uint64
	done  bool
}

func (s *sealing) Read(p []byte) (int, error) {
	for s.out.Len() == 0 {
		if s.done {
			return 0, io.EOF
		}
		if err := s.next(); err != nil {
			return 0, err
		}
	}
	return s.out.Read(p)
}

func (s *sealing) next() error {
	n, last, err := nextPiece(s.from, s.piece)
	if err != nil {
		return err
	}
	if last && !bytes.Equal(s.sum.Sum(nil), s.file.sum[:]) {
		return errors.New("the file changed while it was read: import it again")
	}
	s.out.Reset()
	s.out.Write(s.file.piece.Seal(s.out.AvailableBuffer(), nonceOf(s.n, last), s.piece[:n], s.file.sum[:]))
	s.n, s.done = s.n+1, last
	return nil
}

// nextPiece fills a piece and says whether it is the last. An empty file has
// one empty piece.
func nextPiece(from *bufio.Reader, piece []byte) (n int, last bool, err error) {
	n, err = io.ReadFull(from, piece)
	switch {
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return n, true, nil
	case err != nil:
		return n, false, err
	}
	if _, err = from.Peek(1); errors.Is(err, io.EOF) {
		return n, true, nil
	}
	return n, false, err
}

func nonceOf(n uint64, last bool) []byte {
	nonce := binary.BigEndian.AppendUint64(make([]byte, 3, nonceSize), n)
	if last {
		return append(nonce, 1)
	}
	return append(nonce, 0)
}

// Keep puts the file's key into the keys file, with the SHA-256 under which
// its sealed bytes are kept. It is synced when this returns.
func (v *Vault) Keep(f *File, stored [32]byte) error {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.change(func() (string, error) {
		return f.line + "file " + f.id + " " + hex.EncodeToString(stored[:]) + "\n", nil
	})
}

// Stored says under which SHA-256 the sealed bytes of a file are kept. None:
// the file is not sealed. *Destroyed: its key is gone.
func (v *Vault) Stored(sum [32]byte) (stored [32]byte, found bool, err error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if err := v.refresh(); err != nil {
		return stored, false, err
	}
	e := v.keys[v.whose[FileSubject(sum)]]
	switch {
	case e == nil:
		return stored, false, nil
	case e.gone != nil:
		return stored, false, &Destroyed{e.id, *e.gone}
	case e.stored == "":
		return stored, false, nil
	}
	raw, err := hex.DecodeString(e.stored)
	if err != nil || len(raw) != len(stored) {
		return stored, false, damaged(v.path, "the key "+e.id+" names no file")
	}
	return [32]byte(raw), true, nil
}

// OpenFile gives the plain bytes of a sealed file. It checks each piece, and
// the SHA-256 of all of it at the end; Close closes what is read from.
func (v *Vault) OpenFile(sum [32]byte, sealed io.ReadCloser) (io.ReadCloser, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	e, err := v.use(v.whose[FileSubject(sum)])
	if err != nil {
		return nil, err
	}
	piece, err := subkey(e.ready.secret, "evidence")
	if err != nil {
		return nil, err
	}
	return &opening{sum: sum, aead: piece, kept: sealed, from: bufio.NewReaderSize(sealed, pieceSize+piece.Overhead()+1),
		piece: make([]byte, pieceSize+piece.Overhead()), hash: sha256.New()}, nil
}

// opening reads a sealed file.
type opening struct {
	sum   [32]byte
	aead  cipher.AEAD
	kept  io.Closer
	from  *bufio.Reader
	piece []byte
	left  []byte // of the piece that was opened last
	hash  hash.Hash
	n     uint64
	begun bool
	done  bool
	err   error
}

func (o *opening) Read(p []byte) (int, error) {
	for len(o.left) == 0 && o.err == nil {
		o.err = o.next()
	}
	if len(o.left) == 0 {
		return 0, o.err
	}
	n := copy(p, o.left)
	o.left = o.left[n:]
	return n, nil
}

func (o *opening) next() error {
	if o.done {
		return o.finish()
	}
	if !o.begun {
		head := make([]byte, len(fileHeader))
		if _, err := io.ReadFull(o.from, head); err != nil || string(head) != fileHeader {
			return o.damaged("it does not begin as a sealed file does", err)
		}
		o.begun = true
	}
	n, last, err := nextPiece(o.from, o.piece)
	if err != nil {
		return err
	}
	clear, err := o.aead.Open(o.piece[:0], nonceOf(o.n, last), o.piece[:n], o.sum[:])
	if err != nil {
		return o.damaged(fmt.Sprintf("piece %d does not open", o.n), nil)
	}
	o.hash.Write(clear)
	o.left, o.n, o.done = clear, o.n+1, last
	return nil
}

func (o *opening) finish() error {
	if !bytes.Equal(o.hash.Sum(nil), o.sum[:]) {
		return o.damaged("its bytes are not those that it was filed for", nil)
	}
	return io.EOF
}

func (o *opening) damaged(why string, cause error) error {
	return &domain.Error{Class: domain.ClassWorld, Cause: cause,
		Text: fmt.Sprintf("the evidence file %x was changed after it was sealed (%s): run 'clew verify', and bring the store back from a backup", o.sum, why)}
}

// Close ends reading.
func (o *opening) Close() error { return o.kept.Close() }
