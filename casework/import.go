package casework

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"path/filepath"

	"clew/domain"
	"clew/eventstore"
	"clew/importers"
	"clew/projections"
)

// File is what a person imports, and what he says about it.
type File struct {
	Case    domain.CaseID
	Name    string // as the person's machine calls it
	Open    func() (io.ReadCloser, error)
	Format  string           // empty: recognised from the bytes
	Source  string           // who made the file; empty: as the format says
	Account domain.AccountID // whose statement it is, where the file does not say
	Sheet   string
	Map     []byte // a mapping file
	DryRun  bool   // read and say, record nothing
	// Handling is under which conditions the file was given; nil: none said.
	Handling *domain.HandlingSet
	// Progress is told how many bytes were read; nil: nobody listens.
	Progress func(read int64)
}

// Import says what became of a file: Read = Recorded + Repeated + Rejected +
// Noise, always.
type Import struct {
	File     string
	SHA256   domain.SHA256
	Format   string
	Read     int
	Recorded int
	Repeated int
	Rejected int
	Noise    int
	Rejects  []domain.Reject
	Warnings []domain.Warning
	// Unlisted is how many rejects and warnings are not in the lists, which
	// hold maxListed each; all rejects are in the log.
	Unlisted int
	// Also is what the case has in common with others since this file.
	Also []Hit
}

// maxListed bounds the lists of an Import: memory does not grow with a file
// in which every line is wrong. All of them are recorded as line.rejected.
const maxListed = 100_000

// headBytes is how much of a file is looked at to recognise its format.
const headBytes = 64 << 10

// Import keeps a file as evidence, reads it and records what is new. The file
// is stored and hashed before its first row is recorded, and read from the
// stored bytes, so that what was read is what was kept.
func (d *Desk) Import(ctx context.Context, by By, f File) (Import, error) {
	format, err := recognise(f)
	if err != nil {
		return Import{}, err
	}
	if err := d.caseTakes(ctx, f.Case); err != nil {
		return Import{}, err
	}
	kept, err := d.keep(ctx, f)
	if err != nil {
		return Import{}, err
	}
	in, err := newIntake(ctx, d, by, f)
	if err != nil {
		return Import{}, err
	}
	defer in.close()
	before, err := d.Store.Head(ctx)
	if err != nil {
		return Import{}, err
	}
	in.format, in.size = format, kept.Size
	in.sum.SHA256, in.sum.Format = hexHash(kept.SHA256), format.Name
	if err := cmp.Or(in.unlock(ctx), in.fits()); err != nil {
		return Import{}, err
	}
	sum, err := in.run(ctx)
	if err == nil && f.Handling != nil && !f.DryRun {
		err = d.handledAgain(ctx, by, f, sum.SHA256)
	}
	if err == nil && sum.Recorded > 0 && !f.DryRun {
		sum.Also, err = d.Met(ctx, by, f.Case, before)
	}
	return sum, err
}

// handledAgain records the conditions of a file that the case had filed
// before; those of a new one stand beside its filing already.
func (d *Desk) handledAgain(ctx context.Context, by By, f File, file domain.SHA256) error {
	set := *f.Handling
	set.File, set.Reason = file, firstOf(set.Reason, "said when the file was imported again")
	_, err := d.Do(ctx, By{Actor: by.Actor}, f.Case, domain.SetHandling{HandlingSet: set})
	return err
}

// caseTakes says why the case takes no files, before anything is read.
func (d *Desk) caseTakes(ctx context.Context, c domain.CaseID) error {
	if err := d.Views.CatchUp(ctx); err != nil {
		return err
	}
	file, err := d.Views.CaseFile(ctx, c, projections.Head)
	if err != nil {
		return err
	}
	return file.Working()
}

// recognise finds the format, named or from the file's first bytes.
func recognise(f File) (importers.Format, error) {
	switch {
	case f.Format != "":
		return importers.Find(f.Format)
	case len(f.Map) > 0:
		return importers.Find("mapped")
	}
	in, err := f.Open()
	if err != nil {
		return importers.Format{}, err
	}
	defer in.Close()
	head, err := bufio.NewReaderSize(in, headBytes).Peek(headBytes)
	if err != nil && !errors.Is(err, io.EOF) {
		return importers.Format{}, err
	}
	return importers.Detect(head, f.Name)
}

// keep stores the file, and the mapping by which it is read, as evidence. A
// dry run only hashes.
func (d *Desk) keep(ctx context.Context, f File) (eventstore.Evidence, error) {
	if f.DryRun {
		return hashAll(f.Open)
	}
	if err := d.keepMap(ctx, f.Map); err != nil {
		return eventstore.Evidence{}, err
	}
	return d.PutEvidence(ctx, f.Open)
}

// mapHash is the name under which a mapping file is kept; none: "".
func mapHash(mapping []byte) domain.SHA256 {
	if len(mapping) == 0 {
		return ""
	}
	return hexHash(sha256.Sum256(mapping))
}

func hexHash(sum [32]byte) domain.SHA256 { return domain.SHA256(hex.EncodeToString(sum[:])) }

// baseName leaves out folders: they say something of the person's machine,
// nothing of the file.
func baseName(name string) string { return filepath.Base(filepath.ToSlash(name)) }

func (d *Desk) keepMap(ctx context.Context, mapping []byte) error {
	if len(mapping) == 0 {
		return nil
	}
	_, err := d.PutEvidence(ctx, func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(mapping)), nil })
	return err
}

func hashOf(in io.Reader) (eventstore.Evidence, error) {
	h := sha256.New()
	size, err := io.Copy(h, in)
	return eventstore.Evidence{SHA256: [32]byte(h.Sum(nil)), Size: size}, err
}
