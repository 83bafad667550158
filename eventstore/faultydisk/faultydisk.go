// Package faultydisk is a disk under SQLite that tests can take the power
// from, and that fails when it is told to. It lies between SQLite and the
// operating system as a VFS (https://sqlite.org/vfs.html) and is the default
// of the whole process from Install on, so that what is tested runs as it is:
// the real driver, the real store, the real files.
//
// While it records, it keeps a diary of every write, truncation, sync and
// deletion in the order in which they happened. From the diary, Cut gives the
// files as a disk could hold them if the power had gone at any moment: what
// was synced is there; of what was not, any part may be, torn between sectors.
// The directory's own entries are taken as kept, because clew syncs them
// itself (sqlite.syncDir), and so is a deletion, after which nothing of the
// file is asked again.
//
// Fail makes an operation fail as a broken or a full disk would.
//
// It is for tests only. No program imports it.
package faultydisk

/*
#cgo linux LDFLAGS: -Wl,--unresolved-symbols=ignore-all
#cgo darwin LDFLAGS: -Wl,-undefined,dynamic_lookup
#include "faultydisk.h"
*/
import "C"

import (
	"encoding/binary"
	"fmt"
	"unsafe"

	_ "github.com/mattn/go-sqlite3" // defines what the C part calls
)

// Install puts the disk under all files that SQLite opens from now on. It may
// be called again, which does nothing.
func Install() error {
	if rc := C.fd_install(); rc != 0 {
		return fmt.Errorf("faultydisk: SQLite refused the file system, code %d", int(rc))
	}
	return nil
}

// Record begins a new diary.
func Record() {
	C.fd_forget()
	C.fd_record(1)
}

// Mark notes in the diary that something was acknowledged: whatever happened
// before must survive a cut that comes after.
func Mark(number int) { C.fd_mark(C.int64_t(number)) }

// Stop ends recording and gives the diary. No file may be in use meanwhile.
func Stop() Diary {
	C.fd_record(0)
	var size C.int64_t
	bytes := C.fd_diary(&size)
	d := read(C.GoBytes(unsafe.Pointer(bytes), C.int(size)))
	C.fd_forget()
	return d
}

// Failure is how an operation fails.
type Failure int

const (
	Broken Failure = C.FD_EIO   // the disk answers with an input/output error
	Full   Failure = C.FD_FULL  // there is no room
	Short  Failure = C.FD_SHORT // half of a write is done, then there is no room
)

// Fail makes operation n from now fail (1 is the next), and all after it where
// it lasts. Mend ends it.
func Fail(n int, how Failure, lasting bool) {
	C.fd_fail(C.int64_t(n), C.int(how), C.int(map[bool]int{true: 1}[lasting]))
}

// Mend ends all failures.
func Mend() { C.fd_fail(0, 0, 0) }

// Count is how many operations there were since Install.
func Count() int { return int(C.fd_count()) }

// Kind is what an operation does.
type Kind uint8

const (
	Open     Kind = C.FD_OPEN
	Write    Kind = C.FD_WRITE
	Sync     Kind = C.FD_SYNC
	Truncate Kind = C.FD_TRUNCATE
	Delete   Kind = C.FD_DELETE
	Marked   Kind = C.FD_MARK
)

// Operation is one entry of the diary.
type Operation struct {
	Kind  Kind
	File  string
	At    int64 // offset of a write, size of a truncation, number of a mark
	Bytes []byte
}

// Diary is what happened, in its order.
type Diary []Operation

func read(raw []byte) (d Diary) {
	number := func() int64 {
		n := int64(binary.NativeEndian.Uint64(raw))
		raw = raw[8:]
		return n
	}
	text := func(n int64) []byte {
		t := raw[:n]
		raw = raw[n:]
		return t
	}
	for len(raw) > 0 {
		op := Operation{Kind: Kind(raw[0])}
		raw = raw[1:]
		op.File = string(text(number()))
		op.At = number()
		number()
		op.Bytes = text(number())
		d = append(d, op)
	}
	return d
}
