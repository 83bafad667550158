package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"

	"github.com/spf13/cobra"

	"clew/casework"
	"clew/domain"
	"clew/projections"
)

// maxShown is how many rejects and warnings a person is shown: a screenful.
// All of them are in --json and in the log.
const maxShown = 20

// maxMap bounds a mapping file: it names columns and is a page long at most.
const maxMap = 1 << 20

// intake is what the flags of import say.
type intake struct {
	format, mapping, source, account, sheet string
	dryRun                                  bool
	handling                                handlingFlags
}

func (p *program) importCommand() *cobra.Command {
	var in intake
	cmd := &cobra.Command{
		Use: "import FILE…", Short: "Record what statements, exports and tables say",
		Long: `Read files, keep them as evidence and record what is new in them. Every line is accounted for:
read = recorded + repeated + rejected + noise. What was recorded before is repeated and changes nothing, so an
interrupted import is simply run again. A line that cannot be taken is rejected with its reason, and all others
are recorded; the exit code is then 1. FILE may be - for standard input.`,
		Example: `  clew import statement.xml --case C1
  clew import export.csv --case C1 --map mybank.yaml --account bank:77-100
  clew import table.csv --case C1 --dry-run --json`,
		Args: p.takes("FILE…"),
	}
	flags := cmd.Flags()
	flags.StringVar(&p.caseID, "case", "", "the case (needed)")
	flags.StringVar(&in.format, "format", "", "the file's format (default: recognised; 'clew formats' lists them)")
	flags.StringVar(&in.mapping, "map", "", "a mapping file that names the columns of a bank's or exchange's table")
	flags.StringVar(&in.source, "source", "", "who made the file; the source's own ids are unique within it")
	flags.StringVar(&in.account, "account", "", "whose statement it is, where the file does not say")
	flags.StringVar(&in.sheet, "sheet", "", "which sheet of a workbook")
	flags.BoolVar(&in.dryRun, "dry-run", false, "read and say what would happen, record nothing")
	in.handling.on(cmd)
	cmd.RunE = p.does(func(ctx context.Context, files []string) error { return p.importFiles(ctx, in, files) })
	return cmd
}

func (p *program) importFiles(ctx context.Context, in intake, names []string) error {
	base, err := p.importBase(in)
	if err != nil {
		return err
	}
	by, err := p.by()
	if err != nil {
		return err
	}
	defer p.collectRarely()()
	var results []casework.Import
	err = p.with(ctx, mustExist, func(o *office) error {
		if err := o.takesFiles(ctx, base.Case); err != nil {
			return err
		}
		results, err = p.importEach(ctx, o, by, base, names)
		return err
	})
	if len(results) > 0 {
		err = errors.Join(p.say(importReply(base, results, len(names) > 1)), err)
	}
	if err != nil {
		return err
	}
	if err = p.wanting(results); err != nil {
		p.next("put right what was not taken, in a file of its own, and import that; what is recorded is not counted twice")
		return err
	}
	if base.DryRun {
		p.next("give the same command without --dry-run to record it")
		return nil
	}
	p.next("clew trace %s", base.Case)
	return nil
}

// rarely is the growth of memory, in percent of what is in use, after which an
// import collects what it no longer needs. It has some tens of megabytes in
// use, so twice as much room costs little and saves a tenth of its time.
const rarely = 200

// collectRarely sets that, unless the person has chosen (GOGC), and gives the
// way back.
func (p *program) collectRarely() (back func()) {
	if p.getenv("GOGC") != "" {
		return func() {}
	}
	before := debug.SetGCPercent(rarely)
	return func() { debug.SetGCPercent(before) }
}

// takesFiles says why a case takes no files, before any is read.
func (o *office) takesFiles(ctx context.Context, id domain.CaseID) error {
	file, err := o.views.CaseFile(ctx, id, projections.Head)
	if err != nil {
		return err
	}
	return file.Working()
}

// importEach imports file by file. One that cannot be read does not keep the
// others out; where the world or the person stops it, it ends.
func (p *program) importEach(ctx context.Context, o *office, by casework.By, base casework.File, names []string) ([]casework.Import, error) {
	var results []casework.Import
	var failures []error
	for i, name := range names {
		result, err := p.importFile(ctx, o, by, named{base, name})
		if err != nil && !concernsTheFile(err) {
			return results, stopped(name, result, names[i+1:], err)
		}
		if err == nil || taken(result) > 0 {
			results = append(results, result)
		}
		if err != nil && taken(result) > 0 {
			err = &incomplete{fmt.Sprintf("only a part of %s could be read (%s), and what could is recorded: %v", name, count(result.Read, "line"), err)}
		}
		if err != nil {
			failures = append(failures, err)
		}
	}
	return results, errors.Join(failures...)
}

// taken is how many lines of a file were recorded, repeated or rejected.
func taken(r casework.Import) int { return r.Recorded + r.Repeated + r.Rejected }

// concernsTheFile says whether another file may still be imported.
func concernsTheFile(err error) bool {
	class := domain.ClassOf(err)
	return class == domain.ClassUsage || class == domain.ClassNotFound
}

// importBase is what the flags say about every file.
func (p *program) importBase(in intake) (casework.File, error) {
	if p.caseID == "" {
		return casework.File{}, domain.Usage("say which case the files belong to: --case ID")
	}
	id, err := domain.ParseCase(p.caseID)
	if err != nil {
		return casework.File{}, usage(err)
	}
	base := casework.File{Case: id, Format: in.format, Source: in.source, Sheet: in.sheet, DryRun: in.dryRun}
	if base.Handling, err = in.handling.given(); err != nil {
		return base, err
	}
	if in.account != "" {
		if base.Account, err = domain.ParseAccount(in.account); err != nil {
			return base, flagError("--account", err)
		}
	}
	if base.Source, err = domain.ParseReference("source", in.source); err != nil {
		return base, flagError("--source", err)
	}
	switch {
	case p.errand != nil:
		base.Map = p.errand.Mapping
	case in.mapping != "":
		base.Map, err = readMap(p.place(in.mapping))
	}
	return base, err
}

func readMap(path string) ([]byte, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, unreadable(path, err)
	}
	defer file.Close()
	text, err := io.ReadAll(io.LimitReader(file, maxMap+1))
	if err != nil {
		return nil, unreadable(path, err)
	}
	if len(text) > maxMap {
		return nil, domain.Usage("--map %s has more than %d bytes: a mapping names columns and is short", path, maxMap)
	}
	if len(text) == 0 {
		return nil, domain.Usage("--map %s is empty: a mapping names the columns; 'clew formats' lists the tables that need none", path)
	}
	return text, nil
}

// unreadable says which of a person's files could not be read.
func unreadable(path string, err error) error {
	if errors.Is(err, os.ErrNotExist) {
		return domain.NotFound("there is no file %s: check the path", path)
	}
	return fmt.Errorf("%s cannot be read: %w", path, err)
}

// named is one file of an import.
type named struct {
	casework.File
	path string
}

func (p *program) importFile(ctx context.Context, o *office, by casework.By, f named) (casework.Import, error) {
	from, err := p.onDisk(ctx, f.path)
	if err != nil {
		return casework.Import{}, err
	}
	defer from.close()
	f.Name, f.Open = from.shown, from.open
	progress := p.bar(ctx, filepath.Base(from.shown), bytesRead)
	defer progress.done()
	f.Progress = func(read int64) { progress.reached(read, from.size) }
	return o.desk.Import(ctx, by, f.File)
}

// place is where a file that a person named lies.
func (p *program) place(path string) string {
	if p.dir == "" || filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(p.dir, path)
}

// onDisk is a file that can be read more than once.
type onDisk struct {
	shown string // as the person calls it
	size  int64
	open  func() (io.ReadCloser, error)
	close func() error
}

// onDisk finds a file. Standard input is copied first: it is hashed and kept
// before its first row is recorded. The copy is in clear; it has no name, so
// that not even a kill leaves it behind.
func (p *program) onDisk(ctx context.Context, name string) (onDisk, error) {
	if name == "-" {
		return p.standardInput(ctx)
	}
	path := p.place(name)
	found, err := os.Stat(path)
	if err != nil {
		return onDisk{}, unreadable(name, err)
	}
	if found.IsDir() {
		return onDisk{}, domain.Usage("%s is a directory: name the files in it", name)
	}
	return onDisk{name, found.Size(), func() (io.ReadCloser, error) { return os.Open(path) }, func() error { return nil }}, nil
}

func (p *program) standardInput(ctx context.Context) (onDisk, error) {
	spool, err := os.CreateTemp("", "clew-stdin-")
	if err != nil {
		return onDisk{}, err
	}
	os.Remove(spool.Name()) // where the system allows it; else it is removed when it is closed
	if terminal(p.in) {
		p.tell("reading what you type; end with Ctrl-D on a line of its own")
	}
	remove := func() error { return errors.Join(spool.Close(), ignoreGone(os.Remove(spool.Name()))) }
	size := int64(0)
	if err = copyUntil(ctx, spool, p.in); err == nil {
		size, err = spool.Seek(0, io.SeekCurrent)
	}
	if err != nil {
		return onDisk{}, errors.Join(fmt.Errorf("standard input cannot be copied to %s: %w", spool.Name(), err), remove())
	}
	return onDisk{p.sentAs(), size, func() (io.ReadCloser, error) { return io.NopCloser(io.NewSectionReader(spool, 0, size)), nil }, remove}, nil
}

// sentAs is what standard input is called: somebody who sends a file from
// another machine says its name.
func (p *program) sentAs() string {
	if p.errand != nil && p.errand.Name != "" {
		return p.errand.Name
	}
	return "stdin"
}

func ignoreGone(err error) error {
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	return err
}

// copyUntil copies to the end, or until the person interrupts: reading from a
// terminal or a pipe does not end by itself.
func copyUntil(ctx context.Context, to io.Writer, from io.Reader) error {
	ended := make(chan error, 1)
	go func() {
		_, err := io.Copy(to, from)
		ended <- err
	}()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case err := <-ended:
		return err
	}
}

// stopped says how far an import came that ended before its files did.
func stopped(name string, done casework.Import, left []string, err error) error {
	text := ""
	if taken(done) > 0 {
		text = fmt.Sprintf("import of %s stopped after %d lines (%d recorded, %d repeated, %d rejected); what was recorded stays, and the same import run again goes on from there",
			name, taken(done)+done.Noise, done.Recorded, done.Repeated, done.Rejected)
	}
	if len(left) > 0 {
		text = strings.TrimPrefix(text+"; not begun: "+strings.Join(left, ", "), "; ")
	}
	if text == "" {
		return err
	}
	return fmt.Errorf("%s: %w", text, err)
}

// wanting says what keeps an import from being whole: exit code 1.
func (p *program) wanting(results []casework.Import) error {
	rejected, warnings := 0, 0
	for _, r := range results {
		rejected, warnings = rejected+r.Rejected, warnings+len(r.Warnings)
	}
	switch {
	case rejected > 0:
		return &incomplete{count(rejected, "line") + " rejected; all others are recorded"}
	case p.strict && warnings > 0:
		return &incomplete{count(warnings, "warning") + ", and --strict does not let that pass"}
	}
	return nil
}
