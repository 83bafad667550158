package main

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
)

// about is bundle.json.
type about struct {
	Format   string            `json:"format"`
	Origin   string            `json:"origin"`
	Size     uint64            `json:"size"`
	Case     string            `json:"case"`
	Cases    []string          `json:"cases"`
	Streams  map[string]uint64 `json:"streams"`
	Records  int               `json:"records"`
	Evidence []string          `json:"evidence"`
	Withheld []struct {
		SHA256 string `json:"sha256"`
		Reason string `json:"reason"`
	} `json:"withheld"`
	Rules []string `json:"rules"`
}

// checking is one bundle on its way through the checks.
type checking struct {
	*bundle
	*report
	ask    *asked
	about  about
	head   head
	keys   []adoption
	noted  []string             // adoptions as the records tell them
	files  map[string]bool      // that the records name
	tells  map[string][]telling // movements as the records tell them
	freeze bool
}

func checkBundle(file io.ReaderAt, ask *asked, r *report) error {
	b, err := openBundle(file)
	if err != nil {
		return err
	}
	c := &checking{bundle: b, report: r, ask: ask, files: map[string]bool{}, tells: map[string][]telling{}}
	for _, step := range []func() error{c.manifested, c.introduced, c.signed, c.recorded, c.rested, c.traced} {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

func (c *checking) manifested() error {
	if err := c.manifest(); err != nil {
		return err
	}
	c.ok("%d files, each as the manifest has it", len(c.names)-1)
	return nil
}

func (c *checking) introduced() error {
	text, err := c.read("bundle.json")
	if err == nil {
		err = json.Unmarshal(text, &c.about)
	}
	if err != nil {
		return fmt.Errorf("bundle.json: %w", err)
	}
	if c.about.Format != "clew/bundle/v1" {
		return fmt.Errorf("the bundle has the format %.40q, and this program knows clew/bundle/v1", c.about.Format)
	}
	return nil
}

// signed checks keys and checkpoint.
func (c *checking) signed() error {
	text, err := c.read("keys.txt")
	if err != nil {
		return err
	}
	if c.keys, err = parseAdoptions(text); err != nil {
		return err
	}
	if len(c.keys) == 0 {
		return errors.New("the bundle names no key of the log")
	}
	trusted := c.keys[0].key
	if c.ask.pinned {
		trusted = c.ask.key
	}
	ring, err := follow(trusted, c.keys)
	if err != nil {
		return err
	}
	note, err := c.read("checkpoint.txt")
	if err != nil {
		return err
	}
	if c.head, err = openHead(note, ring, c.ask, c.report); err != nil {
		return err
	}
	if c.head.origin != c.about.Origin || c.head.size != c.about.Size {
		return fmt.Errorf("bundle.json speaks of %d records of %s, and the checkpoint of %d of %s", c.about.Size, c.about.Origin, c.head.size, c.head.origin)
	}
	return nil
}

// recorded checks every record: its path, its place, and that its stream has
// no gap.
func (c *checking) recorded() error {
	text, err := c.read("records.jsonl")
	if err != nil {
		return err
	}
	last, versions, count := uint64(0), map[string]uint64{}, 0
	for line := range bytes.Lines(text) {
		r, err := c.record(line)
		if err != nil {
			return err
		}
		if r.position <= last {
			return fmt.Errorf("position %d follows position %d", r.position, last)
		}
		if r.version != versions[r.stream]+1 {
			return fmt.Errorf("position %d is version %d of %s, and version %d came before: records are left out", r.position, r.version, r.stream, versions[r.stream])
		}
		last, versions[r.stream] = r.position, r.version
		count++
		if err := c.learn(&r); err != nil {
			return fmt.Errorf("position %d: %w", r.position, err)
		}
	}
	if count != c.about.Records || !maps.Equal(versions, c.about.Streams) {
		return errors.New("the records are not those that bundle.json names")
	}
	if err := c.belong(versions); err != nil {
		return err
	}
	c.ok("%d records lead to its root, each at its place; of no stream is one left out", count)
	for _, stream := range slices.Sorted(maps.Keys(versions)) {
		c.ok("   %s, versions 1 to %d", stream, versions[stream])
	}
	return nil
}

func (c *checking) record(line []byte) (record, error) {
	var l struct {
		Position uint64   `json:"position"`
		Record   string   `json:"record"`
		Path     []string `json:"path"`
	}
	if err := json.Unmarshal(line, &l); err != nil {
		return record{}, fmt.Errorf("records.jsonl: %w", err)
	}
	raw, err := base64.StdEncoding.Strict().DecodeString(l.Record)
	if err != nil || l.Position == 0 {
		return record{}, fmt.Errorf("position %d: its bytes cannot be read", l.Position)
	}
	path, err := parsePath(l.Path)
	if err != nil {
		return record{}, fmt.Errorf("position %d: %w", l.Position, err)
	}
	if err := included(c.head, l.Position-1, leafOf(raw), path); err != nil {
		return record{}, err
	}
	r, err := parseRecord(raw)
	if err == nil && r.position != l.Position {
		err = fmt.Errorf("its bytes say position %d", r.position)
	}
	if err != nil {
		return record{}, fmt.Errorf("position %d: %w", l.Position, err)
	}
	return r, nil
}

// belong says whether the streams are those of the case's bundle: its own is
// there, and all that were walked with it.
func (c *checking) belong(versions map[string]uint64) error {
	if !slices.Contains(c.about.Cases, c.about.Case) {
		return fmt.Errorf("case %s is not among the cases of the bundle", plain(c.about.Case))
	}
	for _, name := range c.about.Cases {
		if versions["case/"+name] == 0 {
			return fmt.Errorf("the bundle has no record of case %s", plain(name))
		}
	}
	if len(c.noted) != len(c.keys) {
		return fmt.Errorf("the log has adopted %d keys, and keys.txt has %d", len(c.noted), len(c.keys))
	}
	for i, a := range c.keys {
		if c.noted[i] != string(a.note) {
			return fmt.Errorf("key %d of keys.txt is not the one that the records have", i+1)
		}
	}
	return nil
}

// learn notes what the other checks need of a record.
func (c *checking) learn(r *record) error {
	switch {
	case r.kind == "evidence.filed.v1":
		var filed struct{ File, Map string }
		if err := json.Unmarshal(r.body, &filed); err != nil {
			return err
		}
		c.files[filed.File] = true
		if filed.Map != "" {
			c.files[filed.Map] = true
		}
	case r.kind == "key.adopted.v1":
		var adopted struct{ Note string }
		if err := json.Unmarshal(r.body, &adopted); err != nil {
			return err
		}
		c.noted = append(c.noted, adopted.Note)
	case strings.HasPrefix(r.kind, "freeze."):
		c.freeze = true
	default:
		return c.learnMovement(r)
	}
	return nil
}

// rested checks that the evidence files are those that the records name.
func (c *checking) rested() error {
	there := map[string]bool{}
	for _, name := range c.names {
		hash, is := strings.CutPrefix(name, "evidence/")
		if !is {
			continue
		}
		if sum := c.place[name].sum; hash != hex.EncodeToString(sum[:]) {
			return fmt.Errorf("%s is not the file that has that SHA-256", plain(name))
		}
		there[hash] = true
	}
	withheld := map[string]bool{}
	for _, w := range c.about.Withheld {
		withheld[w.SHA256] = true
	}
	for hash := range c.files {
		if there[hash] == withheld[hash] {
			return fmt.Errorf("the evidence file %s, which the records name, is neither in the bundle nor said to be withheld", plain(hash))
		}
	}
	for hash := range there {
		if !c.files[hash] {
			return fmt.Errorf("no record names the evidence file %s", plain(hash))
		}
	}
	if len(there) != len(c.about.Evidence) {
		return errors.New("the evidence files are not those that bundle.json names")
	}
	c.ok("%d evidence files are those that the records name", len(there))
	for _, w := range c.about.Withheld {
		c.ok("   withheld: %s: %s", w.SHA256, w.Reason)
	}
	return nil
}
