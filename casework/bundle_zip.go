package casework

import (
	"archive/zip"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"math"
)

// maxBundle bounds a bundle: beyond it a zip needs its larger form, which not
// every reader knows.
const maxBundle = math.MaxUint32 - 1<<20

// writeZip writes parts as a zip that depends on nothing but them: stored
// without compression, no times, no rights, in the given order. A verifier
// makes the same bytes again and compares.
func writeZip(out io.Writer, parts []part) error {
	w := zip.NewWriter(out)
	total := uint64(0)
	for i := range parts {
		p := &parts[i]
		head := &zip.FileHeader{Name: p.name, Method: zip.Store, CreatorVersion: 20, ReaderVersion: 20}
		var err error
		if head.CRC32, head.UncompressedSize64, err = p.measure(); err != nil {
			return err
		}
		head.CompressedSize64 = head.UncompressedSize64
		if total += head.UncompressedSize64; total > maxBundle {
			return errors.New("the bundle would be larger than 4 GB: withhold the large evidence files, and send them beside it; their hashes are in the records")
		}
		to, err := w.CreateRaw(head)
		if err == nil {
			err = p.copy(to, head.CRC32)
		}
		if err != nil {
			return err
		}
	}
	return w.Close()
}

// measure reads a part once for what stands before it in the zip.
func (p *part) measure() (sum uint32, size uint64, err error) {
	in, err := p.reader()
	if err != nil {
		return 0, 0, err
	}
	defer in.Close()
	crc := crc32.NewIEEE()
	n, err := io.Copy(crc, in)
	return crc.Sum32(), uint64(n), err
}

func (p *part) copy(to io.Writer, want uint32) error {
	in, err := p.reader()
	if err != nil {
		return err
	}
	defer in.Close()
	crc := crc32.NewIEEE()
	if _, err = io.Copy(io.MultiWriter(to, crc), in); err == nil && crc.Sum32() != want {
		err = fmt.Errorf("%s was read twice and was not the same: look at the disk", p.name)
	}
	return err
}
