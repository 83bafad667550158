package casework

import (
	"cmp"
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"clew/domain"
	"clew/eventstore"
	"clew/importers"
	"clew/projections"
)

// intake takes one file in, batch by batch. Between batches it knows the case
// as far as it has recorded it itself; where somebody else records meanwhile,
// the append fails and the batch is decided again on what is known then.
//
// Four things go on at once: the file is read and its rows are named
// (reading), a batch is decided (here), the one before it is written into the
// log (underway), and the read models take in what was written (follower).
// What is recorded, and in which order, does not depend on how far any of them
// is ahead.
type intake struct {
	desk   *Desk
	by     By
	file   File
	format importers.Format
	size   int64
	key    string // of the first append that records something; "" once it is used
	asked  []byte // what the key stands for
	byHand bool   // no file: a person tells one payment
	sum    Import

	known     knowledge
	trail     trail            // what was recorded since the case was learnt
	sieve     *sieve           // all names and references of the case; nil: not known
	follower  *follower        // nil where nothing is recorded
	rehearsal *rehearsal       // of a dry run: what would have been recorded so far
	freezes   *domain.CaseFile // the case's freezes with what this file has told of them so far
	rejected  map[string]bool  // lines of this file that were rejected at an earlier import
	sent      *underway        // the batch that is on its way into the log; nil: none is
}

// knowledge is what the intake decides on.
type knowledge struct {
	position              uint64 // what was recorded up to here is known
	version, assetVersion uint64
	file                  *domain.CaseFile
	assets                domain.Assets
}

func newIntake(ctx context.Context, d *Desk, by By, f File) (*intake, error) {
	in := &intake{desk: d, by: by, file: f}
	in.sum.File = f.Name
	if f.DryRun {
		var err error
		if in.rehearsal, err = newRehearsal(); err != nil {
			return nil, err
		}
	}
	return in, in.learn(ctx)
}

func (in *intake) close() {
	if in.rehearsal != nil {
		in.rehearsal.close()
	}
}

// learn loads what is known of the case and of the asset register. Versions
// are read first, so that what is newer than they are fails at the append.
func (in *intake) learn(ctx context.Context) (err error) {
	d := in.desk
	if in.known.version, err = d.Store.Version(ctx, caseStream(in.file.Case)); err != nil {
		return err
	}
	if in.known.assetVersion, err = d.Store.Version(ctx, projections.AssetStream); err != nil {
		return err
	}
	if in.known.position, err = d.Store.Head(ctx); err != nil {
		return err
	}
	if err = d.Views.CatchUp(ctx); err != nil {
		return err
	}
	in.trail.batches, in.sieve = nil, nil
	if in.known.file, err = d.Views.CaseFile(ctx, in.file.Case, projections.Head); err != nil {
		return err
	}
	if in.known.assets, err = d.Views.Assets(ctx, projections.Head); err != nil {
		return err
	}
	in.freezes = nil
	return in.known.file.Working()
}

// unlock asks whether the key was used before: for another file it is a
// conflict; for this one the import goes on without it, for there may be rows
// that it could not take the first time.
func (in *intake) unlock(ctx context.Context) (err error) {
	if in.by.Key == "" || in.file.DryRun {
		return nil
	}
	in.asked, err = json.Marshal(struct {
		Case   domain.CaseID `json:"case"`
		Does   string        `json:"does"`
		File   domain.SHA256 `json:"file"`
		Format string        `json:"format"`
		Source string        `json:"source"`
		Map    domain.SHA256 `json:"map"`
	}{in.file.Case, "import", in.sum.SHA256, in.sum.Format, in.file.Source, mapHash(in.file.Map)})
	if err != nil {
		return err
	}
	_, told, err := in.desk.Store.Told(ctx, in.by.Key, in.asked)
	if told {
		in.by.Version = 0 // it has moved the case itself
		return err
	}
	in.key = in.by.Key
	return err
}

// fits says whether the case stands where whoever brings the file saw it. What
// the file itself records moves it on: then nothing is asked any more.
func (in *intake) fits() error {
	return in.by.fits([]eventstore.Expectation{{Stream: caseStream(in.file.Case), Version: in.known.version}})
}

// run reads the file to its end and records it.
func (in *intake) run(ctx context.Context) (Import, error) {
	if err := in.begin(ctx); err != nil {
		return in.sum, err
	}
	source, err := in.reread(ctx)
	if err != nil {
		return in.sum, err
	}
	defer source.Close()
	in.follower = follow(ctx, in.desk.Views)
	err = in.recordAll(ctx, source)
	return in.sum, errors.Join(err, in.follower.end())
}

// recordAll records batch by batch while the next one is read. Where the file
// cannot be read to its end, what could be is recorded.
func (in *intake) recordAll(ctx context.Context, source io.Reader) error {
	occurrences, err := projections.NewOccurrences()
	if err != nil {
		return err
	}
	defer occurrences.Close()
	reads, stop := context.WithCancel(ctx)
	r := &reading{file: in.file, format: in.format, rows: cmp.Or(in.desk.rows, batchRows), sum: in.sum.SHA256, occurrences: occurrences, stop: reads}
	r.spare = make(chan []entry, maxTrail)
	in.trail.spare = r.spare
	batches := r.start(source, in.readOptions())
	defer func() { // it has ended before what it reads is closed
		stop()
		for range batches {
		}
	}()
	for next := range batches {
		if err := in.flush(ctx, next); err != nil {
			return err
		}
	}
	if _, err := in.settle(ctx); err != nil {
		return err
	}
	return errors.Join(r.err, in.fileEvidence(ctx))
}

func (in *intake) readOptions() domain.ReadOptions {
	return domain.ReadOptions{Assets: in.known.assets, Source: in.file.Source, Account: in.file.Account, Sheet: in.file.Sheet, Map: in.file.Map}
}

// begin notes which lines were rejected before, and files the evidence where
// the case does not have it yet.
func (in *intake) begin(ctx context.Context) (err error) {
	filed, before := in.known.file.Files[in.sum.SHA256]
	if !before {
		return nil
	}
	if filed.Source != in.file.Source || filed.Map != mapHash(in.file.Map) || filed.Format != in.format.Name {
		in.warn(domain.Warning{Reason: fmt.Sprintf("this file was imported before, as format %s%s: rows told by another source or read in another way count as other movements; see 'clew match %s', and withdraw what stands twice",
			filed.Format, bySource(filed.Source), in.file.Case)})
	}
	in.rejected, err = in.desk.Views.RejectedLines(ctx, in.file.Case, in.sum.SHA256)
	return err
}

func bySource(source string) string {
	if source == "" {
		return ""
	}
	return " from source " + source
}

// reread opens the bytes that were kept; of a dry run, the file itself.
func (in *intake) reread(ctx context.Context) (io.ReadCloser, error) {
	if in.file.DryRun {
		return in.file.Open()
	}
	raw, err := hex.DecodeString(string(in.sum.SHA256))
	if err != nil {
		return nil, err
	}
	return in.desk.OpenEvidence(ctx, [32]byte(raw))
}

func (in *intake) warn(w domain.Warning) {
	if len(in.sum.Warnings) == maxListed {
		in.sum.Unlisted++
		return
	}
	in.sum.Warnings = append(in.sum.Warnings, w)
}

// giveName fills in what depends on the case: the movement's name, the name of
// what it returns, and accounts for counterparties that nobody has named.
func giveName(m *domain.Movement, c domain.CaseID, content [32]byte, nth int) {
	m.ID = domain.Identify(c, m.Source, m.SourceID, content, nth)
	if m.OfSource != "" {
		m.Of = domain.Identify(c, m.Source, m.OfSource, [32]byte{}, 0)
	}
	if m.Kind == domain.Hop {
		return
	}
	if m.To == "" {
		m.To = m.ID.Unknown()
	}
	if m.From == "" && m.Kind != domain.Opening && m.Kind != domain.Balance {
		m.From = m.ID.Unknown()
	}
}

func firstOf(texts ...string) string {
	for _, text := range texts {
		if text != "" {
			return text
		}
	}
	return ""
}

// fileEvidence files a file that no batch has filed: one without any row.
func (in *intake) fileEvidence(ctx context.Context) error {
	if _, filed := in.known.file.Files[in.sum.SHA256]; filed || in.file.DryRun {
		return nil
	}
	if err := in.flush(ctx, batch{}); err != nil {
		return err
	}
	_, err := in.settle(ctx)
	return err
}
