package casework

import (
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

	known       knowledge
	occurrences *projections.Occurrences // which of several equal rows of the file this is
	rehearsal   *rehearsal               // of a dry run: what would have been recorded so far
	freezes     *domain.CaseFile         // the case's freezes with what this file has told of them so far
	rejected    map[string]bool          // lines of this file that were rejected at an earlier import
	batch       []entry
}

// knowledge is what the intake decides on.
type knowledge struct {
	version, assetVersion uint64
	file                  *domain.CaseFile
	assets                domain.Assets
}

// entry is one piece of the file that waits for its batch.
type entry struct {
	item    domain.Item
	content [32]byte // of a row
	refused *domain.Reject
}

func newIntake(ctx context.Context, d *Desk, by By, f File) (*intake, error) {
	occurrences, err := projections.NewOccurrences()
	if err != nil {
		return nil, err
	}
	in := &intake{desk: d, by: by, file: f, occurrences: occurrences}
	in.sum.File = f.Name
	if f.DryRun {
		if in.rehearsal, err = newRehearsal(); err != nil {
			return nil, errors.Join(err, occurrences.Close())
		}
	}
	return in, in.learn(ctx)
}

func (in *intake) close() {
	in.occurrences.Close()
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
	if err = d.Views.CatchUp(ctx); err != nil {
		return err
	}
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
	if !told {
		in.key = in.by.Key
	}
	return err
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
	options := domain.ReadOptions{Assets: in.known.assets, Source: in.file.Source, Account: in.file.Account, Sheet: in.file.Sheet, Map: in.file.Map}
	err = in.format.Read(&counting{in: source, told: in.file.Progress}, options, func(item domain.Item) error {
		return in.take(ctx, item)
	})
	if err != nil {
		return in.sum, errors.Join(err, in.flush(ctx))
	}
	return in.sum, in.flush(ctx)
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
	kept, _, err := in.desk.Store.OpenEvidence(ctx, [32]byte(raw))
	return kept, err
}

// counting tells how many bytes went by.
type counting struct {
	in   io.Reader
	read int64
	told func(int64)
}

func (c *counting) Read(p []byte) (int, error) {
	n, err := c.in.Read(p)
	c.read += int64(n)
	if c.told != nil {
		c.told(c.read)
	}
	return n, err
}

// take puts one piece of the file into the batch.
func (in *intake) take(ctx context.Context, item domain.Item) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	waiting := entry{item: item}
	switch piece := item.(type) {
	case domain.Noise:
		in.sum.Read++
		in.sum.Noise++
		return nil
	case domain.Warning:
		in.warn(piece)
		return nil
	case domain.Row:
		in.sum.Read++
		row, err := in.name(piece)
		if err != nil {
			return err
		}
		waiting = row
	case domain.FreezeNews:
		in.sum.Read++
		piece.Evidence.File = in.sum.SHA256
		waiting.item = piece
	case domain.Reject:
		in.sum.Read++
		piece.Evidence.File = in.sum.SHA256
		waiting.item = piece
	}
	in.batch = append(in.batch, waiting)
	if len(in.batch) < batchRows {
		return nil
	}
	return in.flush(ctx)
}

func (in *intake) warn(w domain.Warning) {
	if len(in.sum.Warnings) == maxListed {
		in.sum.Unlisted++
		return
	}
	in.sum.Warnings = append(in.sum.Warnings, w)
}

// name gives a row its source, its name for ever, and an account of its own
// to a counterparty that the file does not name.
func (in *intake) name(row domain.Row) (entry, error) {
	m := row.Movement
	m.Source = firstOf(in.file.Source, m.Source, in.format.Source, string(in.file.Case))
	m.Evidence.File = in.sum.SHA256
	content, nth := m.Content(), 0
	if m.SourceID == "" {
		var err error
		if nth, err = in.occurrences.Next(content); err != nil {
			return entry{}, err
		}
	}
	m = named(m, in.file.Case, content, nth)
	waiting := entry{item: domain.Row{Movement: m}, content: content}
	if wrong := in.wrong(m); wrong != nil {
		waiting.refused = &domain.Reject{Evidence: m.Evidence, Field: wrong.Field, Reason: wrong.Reason}
	}
	return waiting, nil
}

// named fills in what depends on the case: the movement's name, the name of
// what it returns, and accounts for counterparties that nobody has named.
func named(m domain.Movement, c domain.CaseID, content [32]byte, nth int) domain.Movement {
	m.ID = domain.Identify(c, m.Source, m.SourceID, content, nth)
	if m.OfSource != "" {
		m.Of = domain.Identify(c, m.Source, m.OfSource, [32]byte{}, 0)
	}
	if m.Kind == domain.Hop {
		return m
	}
	if m.To == "" {
		m.To = m.ID.Unknown()
	}
	if m.From == "" && m.Kind != domain.Opening && m.Kind != domain.Balance {
		m.From = m.ID.Unknown()
	}
	return m
}

// wrong says what no evidence can make right in a row, or nil.
func (in *intake) wrong(m domain.Movement) *domain.FieldError {
	if wrong := domain.CheckMovement(m); wrong != nil {
		return wrong
	}
	for _, amount := range []domain.Amount{m.Amount, m.Received, m.Fee} {
		registered, err := in.known.assets.Find(string(amount.Asset.Code))
		if amount.Given() && err == nil && registered != amount.Asset {
			return &domain.FieldError{Field: "asset", Reason: fmt.Sprintf("%s is registered with %d decimals, and the file counts it with %d: amounts would not add up; ask who is right", registered.Code, registered.Digits, amount.Asset.Digits)}
		}
	}
	return nil
}

func firstOf(texts ...string) string {
	for _, text := range texts {
		if text != "" {
			return text
		}
	}
	return ""
}

// flush records the batch.
func (in *intake) flush(ctx context.Context) error {
	if len(in.batch) == 0 {
		return in.fileEvidence(ctx)
	}
	for try := 1; ; try++ {
		counts, err := in.attempt(ctx)
		var stale *eventstore.VersionConflict
		switch {
		case err == nil:
			in.sum.add(counts)
			in.batch = in.batch[:0]
			return nil
		case !errors.As(err, &stale) || try == maxTries:
			return err
		}
		if err := in.learn(ctx); err != nil {
			return err
		}
	}
}

// fileEvidence files a file of which no row waits: an empty one, or one whose
// last batch was recorded already.
func (in *intake) fileEvidence(ctx context.Context) error {
	if _, filed := in.known.file.Files[in.sum.SHA256]; filed || in.file.DryRun {
		return nil
	}
	in.batch = append(in.batch, entry{})
	return in.flush(ctx)
}

// attempt decides the batch on what is known and appends it.
func (in *intake) attempt(ctx context.Context) (tally, error) {
	s, err := in.sift(ctx)
	if err != nil || in.file.DryRun {
		return s.tally, err
	}
	if len(s.events) == 0 && len(s.assets) == 0 {
		return s.tally, nil
	}
	plan := draft{expect: []eventstore.Expectation{{Stream: caseStream(in.file.Case), Version: in.known.version}}}
	if len(s.assets) > 0 {
		plan.expect = append(plan.expect, eventstore.Expectation{Stream: projections.AssetStream, Version: in.known.assetVersion})
	}
	if err := errors.Join(plan.add(projections.AssetStream, s.assets...), plan.add(caseStream(in.file.Case), s.events...)); err != nil {
		return s.tally, err
	}
	unit := eventstore.Append{Events: plan.events, Expect: plan.expect, Actor: in.by.Actor, Correlation: string(in.sum.SHA256), Now: in.desk.Clock()}
	if in.key != "" {
		unit.Key, unit.Request = in.key, in.asked
	}
	if _, err = in.desk.Store.Append(ctx, unit); err != nil {
		return s.tally, err
	}
	in.key = ""
	in.noteRecorded(s)
	return s.tally, in.desk.Views.CatchUp(ctx)
}

// noteRecorded keeps what the intake knows in step with what it recorded.
func (in *intake) noteRecorded(s sifted) {
	in.known.version += uint64(len(s.events))
	in.known.assetVersion += uint64(len(s.assets))
	in.known.assets = s.register
	for _, event := range s.events {
		in.known.file.Evolve(event)
	}
}
