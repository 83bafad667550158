package main

/*
#cgo LDFLAGS: -Wl,--unresolved-symbols=ignore-all
#include <stdlib.h>
#include "native.h"
*/
import "C"

import (
	"encoding/binary"
	"fmt"
	"unsafe"

	_ "github.com/mattn/go-sqlite3" // brings SQLite itself, which native.c calls
)

// packed are rows as native.c reads them.
func packed(events []event) []byte {
	var rows []byte
	for i, e := range events {
		rows = binary.NativeEndian.AppendUint32(rows, uint32(len(e.body)))
		rows = binary.NativeEndian.AppendUint32(rows, uint32(len(e.fast)))
		rows = binary.BigEndian.AppendUint64(rows, 0x0190_0000_0000_0000)
		rows = binary.BigEndian.AppendUint64(rows, uint64(i))
		for word := range uint64(4) {
			rows = binary.BigEndian.AppendUint64(rows, (uint64(i)+1)*0x9e37_79b9_7f4a_7c15+word)
		}
		rows = append(append(rows, e.body...), e.fast...)
	}
	return rows
}

func nativeInsert(path string, rows []byte, count, batch int) error {
	name := C.CString(path)
	defer C.free(unsafe.Pointer(name))
	if code := C.native_insert(name, (*C.uint8_t)(unsafe.Pointer(&rows[0])), C.size_t(count), C.size_t(batch)); code != 0 {
		return fmt.Errorf("SQLite refused the rows with code %d: is there room in %s?", code, path)
	}
	return nil
}

func nativeScan(path string, want int) error {
	name := C.CString(path)
	defer C.free(unsafe.Pointer(name))
	var count, sum C.uint64_t
	if code := C.native_scan(name, &count, &sum); code != 0 || int(count) != want {
		return fmt.Errorf("SQLite gave %d rows of %d, code %d", count, want, code)
	}
	return nil
}
