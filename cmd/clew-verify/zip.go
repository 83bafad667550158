package main

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"slices"
	"strings"
)

// bundle is a file that was found to be laid out as a bundle has to be: every
// one of its bytes is either in a file that the manifest covers, or could not
// be any other.
type bundle struct {
	file  io.ReaderAt
	names []string
	place map[string]place
}

// place is where one file of the bundle lies, and what it hashes to.
type place struct {
	offset, size int64
	sum          [32]byte
}

// maxName bounds a name in the zip; the longest is evidence/ and a SHA-256.
const maxName = 100

var errLayout = errors.New("the file is not laid out as a bundle has to be: it was changed, cut off or put together by another program")

// localHead is what stands before each file: stored, no time, no extras.
func localHead(name string, sum, size uint32) []byte {
	h := []byte("PK\x03\x04\x14\x00\x00\x00\x00\x00\x00\x00\x00\x00")
	h = binary.LittleEndian.AppendUint32(h, sum)
	h = binary.LittleEndian.AppendUint32(h, size)
	h = binary.LittleEndian.AppendUint32(h, size)
	h = binary.LittleEndian.AppendUint16(h, uint16(len(name)))
	return append(append(h, 0, 0), name...)
}

// centralHead is the file's line in the directory at the end.
func centralHead(name string, sum, size, offset uint32) []byte {
	h := append([]byte("PK\x01\x02\x14\x00"), localHead(name, sum, size)[4:30]...)
	h = append(h, make([]byte, 10)...)
	return append(binary.LittleEndian.AppendUint32(h, offset), name...)
}

// zipEnd closes the file.
func zipEnd(count int, size, offset uint32) []byte {
	h := []byte("PK\x05\x06\x00\x00\x00\x00")
	h = binary.LittleEndian.AppendUint16(h, uint16(count))
	h = binary.LittleEndian.AppendUint16(h, uint16(count))
	h = binary.LittleEndian.AppendUint32(h, size)
	h = binary.LittleEndian.AppendUint32(h, offset)
	return append(h, 0, 0)
}

// openBundle reads the files one after the other, makes the directory that
// they must have, and compares it with the one that is there.
func openBundle(file io.ReaderAt) (*bundle, error) {
	b := &bundle{file: file, place: map[string]place{}}
	var directory []byte
	offset := int64(0)
	for {
		head := make([]byte, 30)
		if _, err := file.ReadAt(head, offset); err != nil && err != io.EOF || string(head[:4]) != "PK\x03\x04" {
			break
		}
		line, next, err := b.entry(head, offset)
		if err != nil {
			return nil, err
		}
		directory, offset = append(directory, line...), next
	}
	want := append(directory, zipEnd(len(b.names), uint32(len(directory)), uint32(offset))...)
	have, err := io.ReadAll(io.NewSectionReader(file, offset, int64(len(want))+1))
	if err != nil || string(have) != string(want) {
		return nil, errLayout
	}
	if !slices.IsSorted(b.names) {
		return nil, errLayout
	}
	return b, nil
}

// entry reads one file of the zip and gives its line of the directory.
func (b *bundle) entry(head []byte, offset int64) (line []byte, next int64, err error) {
	sum, size := binary.LittleEndian.Uint32(head[14:]), binary.LittleEndian.Uint32(head[18:])
	length := int(binary.LittleEndian.Uint16(head[26:]))
	if length == 0 || length > maxName {
		return nil, 0, errLayout
	}
	whole := make([]byte, 30+length)
	if _, err := b.file.ReadAt(whole, offset); err != nil {
		return nil, 0, errLayout
	}
	name := string(whole[30:])
	if string(whole) != string(localHead(name, sum, size)) {
		return nil, 0, errLayout
	}
	at := place{offset: offset + int64(len(whole)), size: int64(size)}
	crc, hash := crc32.NewIEEE(), sha256.New()
	n, err := io.Copy(io.MultiWriter(crc, hash), b.reader(at))
	if err != nil || n != at.size || crc.Sum32() != sum {
		return nil, 0, fmt.Errorf("%s was changed or cut off on its way", plain(name))
	}
	hash.Sum(at.sum[:0])
	if _, twice := b.place[name]; twice || strings.ContainsAny(name, "\\\n") {
		return nil, 0, errLayout
	}
	b.names, b.place[name] = append(b.names, name), at
	return centralHead(name, sum, size, uint32(offset)), at.offset + at.size, nil
}

func (b *bundle) reader(at place) io.Reader { return io.NewSectionReader(b.file, at.offset, at.size) }

// maxText bounds the files that are read into memory: all but evidence.
const maxText = 1 << 31

func (b *bundle) read(name string) ([]byte, error) {
	at, ok := b.place[name]
	if !ok || at.size > maxText {
		return nil, fmt.Errorf("the bundle has no %s", name)
	}
	return io.ReadAll(b.reader(at))
}

// manifest makes the manifest that the files must have.
func (b *bundle) manifest() error {
	have, err := b.read("manifest.txt")
	if err != nil {
		return err
	}
	want := ""
	for _, name := range b.names {
		if name != "manifest.txt" {
			sum := b.place[name].sum
			want += hex.EncodeToString(sum[:]) + "  " + name + "\n"
		}
	}
	if string(have) != want {
		return errors.New("the files are not those of the manifest: one was changed, added or taken out")
	}
	return nil
}
