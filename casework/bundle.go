package casework

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"clew/domain"
	"clew/eventstore"
	"clew/eventstore/seal"
	"clew/projections"
	"clew/tracing"
	"clew/vault"
)

// BundleAsked says what a bundle is to hold (docs/trust/bundle.md).
type BundleAsked struct {
	Case       domain.CaseID
	Checkpoint seal.Checkpoint // up to which everything is taken
	Rules      []tracing.Rule  // none: the case's own
	At         time.Time       // trace what had happened by then; zero: all
	By         string          // who makes it
}

// Bundled is what went into a bundle.
type Bundled struct {
	Records  int
	Files    int
	Withheld []WithheldFile
	Rules    []tracing.Rule
	SHA256   [32]byte // of the whole file
}

// WithheldFile is an evidence file that stayed behind.
type WithheldFile struct {
	SHA256 domain.SHA256 `json:"sha256"`
	Reason string        `json:"reason"`
}

// bundle is one bundle in the making.
type bundle struct {
	desk    *Desk
	ask     BundleAsked
	parts   []part
	about   bundleShape
	custody []custody
	files   []*domain.CaseFile // of the cases that are walked as one
	cases   map[string]bool    // streams that are taken whole
	hashes  seal.Reader
}

// part is one file of a bundle: its bytes, or how to read them again.
type part struct {
	name    string
	content []byte
	open    func() (io.ReadCloser, error) // where content is nil
}

// bundleShape is bundle.json: what the bundle says about itself.
type bundleShape struct {
	Format   string            `json:"format"`
	Origin   string            `json:"origin"`
	Size     uint64            `json:"size"`
	Case     domain.CaseID     `json:"case"`
	Title    string            `json:"title"`
	Cases    []domain.CaseID   `json:"cases"` // walked as one with it, itself first
	MadeAt   time.Time         `json:"made_at"`
	MadeBy   string            `json:"made_by"`
	Streams  map[string]uint64 `json:"streams"` // the last version of each that is in here
	Records  int               `json:"records"`
	Evidence []domain.SHA256   `json:"evidence"`
	Withheld []WithheldFile    `json:"withheld"`
	Rules    []tracing.Rule    `json:"rules"`
}

// bundleFormat is frozen: another layout gets another name.
const bundleFormat = "clew/bundle/v1"

// custody is what is known of one evidence file's way into the log.
type custody struct {
	record eventstore.Record
	filed  domain.EvidenceFiled
}

// Bundle writes all that an outsider needs to check a case without clew and
// without the log: its records as they are, their proofs, the checkpoint, the
// keys, the evidence files, and the traces with every hop.
func (d *Desk) Bundle(ctx context.Context, ask BundleAsked, out io.Writer) (Bundled, error) {
	if err := d.Views.CatchUp(ctx); err != nil {
		return Bundled{}, err
	}
	b := &bundle{desk: d, ask: ask, hashes: eventstore.HashReader(ctx, d.Store)}
	for _, step := range []func(context.Context) error{b.begin, b.records, b.evidence, b.traces, b.papers} {
		if err := step(ctx); err != nil {
			return Bundled{}, err
		}
	}
	sum := sha256.New()
	err := writeZip(io.MultiWriter(out, sum), b.parts)
	done := Bundled{Records: b.about.Records, Files: len(b.about.Evidence), Withheld: b.about.Withheld, Rules: b.about.Rules}
	sum.Sum(done.SHA256[:0])
	return done, err
}

func (b *bundle) add(name string, content []byte) {
	b.parts = append(b.parts, part{name: name, content: content})
}

func (b *bundle) addJSON(name string, value any) error {
	text, err := json.MarshalIndent(value, "", " ")
	b.add(name, append(text, '\n'))
	return err
}

// begin says what the bundle is of, and by whose signatures.
func (b *bundle) begin(ctx context.Context) error {
	upto := b.ask.Checkpoint.Size
	file, err := b.desk.Views.CaseFile(ctx, b.ask.Case, upto)
	if err != nil {
		return err
	}
	if !file.Opened {
		return domain.NotFound("the checkpoint %s knows no case %s: 'clew case list' shows the cases, 'clew checkpoint' signs what is new", b.ask.Checkpoint.Head, b.ask.Case)
	}
	traced, err := b.desk.Views.Trace(ctx, projections.Ask{Case: b.ask.Case, Upto: upto})
	if err != nil {
		return err
	}
	b.about = bundleShape{Format: bundleFormat, Origin: b.ask.Checkpoint.Origin, Size: upto, Case: b.ask.Case, Title: file.Title,
		Cases: traced.Assembly.Cases, MadeAt: b.desk.Clock().UTC().Truncate(time.Second), MadeBy: b.ask.By,
		Streams: map[string]uint64{}, Evidence: []domain.SHA256{}, Withheld: []WithheldFile{}, Rules: b.ask.Rules}
	if len(b.about.Rules) == 0 {
		b.about.Rules = []tracing.Rule{traced.Rule}
	}
	b.cases = map[string]bool{keyStream: true, projections.AssetStream: true, projections.SettingStream: true}
	for _, c := range b.about.Cases {
		b.cases[caseStream(c)] = true
		file, err := b.desk.Views.CaseFile(ctx, c, projections.Head) // conditions hold from when they are known
		if err != nil {
			return err
		}
		b.files = append(b.files, file)
	}
	adopted, err := b.desk.Keys(ctx)
	if err != nil {
		return err
	}
	var keys []string
	for _, a := range adopted {
		if a.From < upto {
			keys = append(keys, string(a.Note))
		}
	}
	b.add("checkpoint.txt", b.ask.Checkpoint.Note)
	b.add("keys.txt", []byte(strings.Join(keys, "\n")))
	return nil
}

// recordLine is one line of records.jsonl: the record's very bytes, and the
// path from its leaf to the root.
type recordLine struct {
	Position uint64   `json:"position"`
	Record   string   `json:"record"`
	Path     []string `json:"path"`
}

// records takes every record of the streams that belong to the case.
func (b *bundle) records(ctx context.Context) error {
	var lines bytes.Buffer
	for after := uint64(0); after < b.ask.Checkpoint.Size; {
		page, err := b.desk.Store.Read(ctx, after, int(min(verifyPage, b.ask.Checkpoint.Size-after)))
		if err != nil {
			return err
		}
		if len(page) == 0 {
			return errors.New("the log ended while it was read")
		}
		for i := range page {
			if err := b.record(&lines, &page[i]); err != nil {
				return err
			}
		}
		after = page[len(page)-1].Position
	}
	b.add("records.jsonl", lines.Bytes())
	return nil
}

func (b *bundle) record(lines *bytes.Buffer, r *eventstore.Record) error {
	if !b.cases[r.Stream] {
		return nil
	}
	path, err := seal.Prove(b.ask.Checkpoint.Size, r.Position-1, b.hashes)
	if err != nil {
		return err
	}
	line := recordLine{Position: r.Position, Path: []string{}}
	encoded := eventstore.Encode(*r)
	if err := seal.CheckPath(b.ask.Checkpoint.Head, r.Position-1, encoded, path); err != nil {
		return b.desk.damagedAt(r.Position, err)
	}
	line.Record = base64.StdEncoding.EncodeToString(encoded)
	for _, h := range path {
		line.Path = append(line.Path, h.String())
	}
	text, err := json.Marshal(line)
	lines.Write(append(text, '\n'))
	b.about.Records++
	b.about.Streams[r.Stream] = r.Version
	if r.Kind == (domain.EvidenceFiled{}).Kind() && err == nil {
		err = b.filed(r)
	}
	return err
}

func (b *bundle) filed(r *eventstore.Record) error {
	event, err := domain.DecodeEvent(r.Kind, r.Body)
	if err != nil {
		return err
	}
	b.custody = append(b.custody, custody{*r, event.(domain.EvidenceFiled)})
	return nil
}

// evidence takes the files that the records name, each once. A file that must
// not leave stops the bundle, because what was read from it stands in the
// records; one that may be left out stays behind, named.
func (b *bundle) evidence(ctx context.Context) error {
	wanted := map[domain.SHA256]bool{}
	for _, c := range b.custody {
		wanted[c.filed.File] = true
		if c.filed.Map != "" {
			wanted[c.filed.Map] = true
		}
	}
	if err := b.desk.LearnErasures(ctx); err != nil {
		return err
	}
	for _, file := range slices.Sorted(maps.Keys(wanted)) {
		reason, err := b.keptBack(ctx, file)
		if err != nil {
			return err
		}
		if reason != "" {
			b.about.Withheld = append(b.about.Withheld, WithheldFile{file, reason})
			continue
		}
		b.about.Evidence = append(b.about.Evidence, file)
		b.parts = append(b.parts, part{name: "evidence/" + string(file), open: func() (io.ReadCloser, error) { return b.desk.evidenceFile(ctx, file) }})
	}
	return nil
}

// keptBack says why a file stays behind, or nothing.
func (b *bundle) keptBack(ctx context.Context, file domain.SHA256) (string, error) {
	for _, c := range b.files {
		left, err := leaving(c, []domain.SHA256{file}, domain.OutletBundle)
		if err != nil || left[file] != "" {
			return left[file], err
		}
	}
	in, err := b.desk.evidenceFile(ctx, file)
	var gone *vault.Destroyed
	if errors.As(err, &gone) {
		return "it was " + gone.Error(), nil
	}
	if err != nil {
		return "", err
	}
	return "", in.Close()
}

// evidenceFile opens a kept file as it was when it was filed.
func (d *Desk) evidenceFile(ctx context.Context, file domain.SHA256) (io.ReadCloser, error) {
	raw, err := hex.DecodeString(string(file))
	if err != nil || len(raw) != sha256.Size {
		return nil, fmt.Errorf("%q is no SHA-256", file)
	}
	return d.OpenEvidence(ctx, [32]byte(raw))
}

// traces takes what was walked, and the answer under each rule.
func (b *bundle) traces(ctx context.Context) error {
	for _, rule := range b.about.Rules {
		ask := projections.Ask{Case: b.ask.Case, Rule: rule, At: b.ask.At, Upto: b.ask.Checkpoint.Size}
		shape, err := b.desk.bundledTrace(ctx, ask)
		if err != nil {
			return err
		}
		if err := b.addJSON("trace/"+string(rule)+".json", shape); err != nil {
			return err
		}
	}
	return nil
}

// papers writes what the bundle says of itself, and the manifest over all.
func (b *bundle) papers(context.Context) error {
	if err := b.addJSON("bundle.json", b.about); err != nil {
		return err
	}
	b.add("README.txt", []byte(bundleReadme(&b.about)))
	b.add("certification.txt", []byte(certification(b)))
	slices.SortFunc(b.parts, func(x, y part) int { return strings.Compare(x.name, y.name) })
	var manifest bytes.Buffer
	for i := range b.parts {
		sum, err := b.parts[i].sum()
		if err != nil {
			return err
		}
		fmt.Fprintf(&manifest, "%x  %s\n", sum, b.parts[i].name)
	}
	b.parts = append(b.parts, part{name: "manifest.txt", content: manifest.Bytes()})
	slices.SortFunc(b.parts, func(x, y part) int { return strings.Compare(x.name, y.name) })
	return nil
}

func (p *part) reader() (io.ReadCloser, error) {
	if p.open == nil {
		return io.NopCloser(bytes.NewReader(p.content)), nil
	}
	return p.open()
}

func (p *part) sum() ([]byte, error) {
	in, err := p.reader()
	if err != nil {
		return nil, err
	}
	defer in.Close()
	sum := sha256.New()
	_, err = io.Copy(sum, in)
	return sum.Sum(nil), err
}
