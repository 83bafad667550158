package casework

import (
	"bytes"
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"clew/domain"
	"clew/eventstore"
	"clew/projections"
	"clew/vault"
)

// subjectOf names the key of a personal text: a victim's, a person's, an
// account's holder's belong to their case, a file's to the file.
func subjectOf(c domain.CaseID, of domain.Whose) string {
	switch {
	case of.Victim != "":
		return "person/" + string(c) + "/victim " + string(of.Victim)
	case of.Person != "":
		return "person/" + string(c) + "/" + string(of.Person)
	case of.Account != "":
		return "account/" + string(c) + "/" + string(of.Account)
	case of.File != "":
		return "file/" + string(of.File)
	}
	return ""
}

// sealed is the event as it is recorded: every personal text of it encrypted.
// What belongs to nobody in particular is sealed under a key of its own, or,
// where it was read from a file, under the file's.
func (p *draft) sealed(c domain.CaseID, event domain.Event) (domain.Event, error) {
	if p.vault == nil {
		return event, nil
	}
	free := ""
	return domain.EachPersonal(event, func(of domain.Whose, field string, text domain.Personal) (domain.Personal, error) {
		if text.Key != "" || text.Clear == "" {
			return text, nil
		}
		if of.File == "" && p.file != "" && subjectOf(c, of) == "" {
			of = domain.Whose{File: p.file}
		}
		key, err := p.keyFor(c, of, &free)
		if err != nil {
			return text, err
		}
		sealed, err := p.vault.Seal(key, vault.Place{Case: c, Field: field}, text.Clear)
		if err != nil {
			return text, err
		}
		return sealed, p.join(event, field, text.Clear, sealed)
	})
}

// join remembers the keyed hash of what a person is met by in another case.
func (p *draft) join(event domain.Event, field, clear string, text domain.Personal) error {
	switch field {
	case nameOfVictim, nameOfPerson, nameOfHolder:
		return p.vault.Join(vault.OfName, clear, text)
	case valueOfIdentifier:
		sort := event.(domain.IdentifierNoted).Sort
		plain, err := domain.PlainIdentifier(sort, clear)
		if err != nil {
			return err
		}
		return p.vault.Join(string(sort), plain, text)
	}
	return nil
}

// noteKey is the key that notes were sealed under last: of the rows of one
// file it is the same.
type noteKey struct {
	file domain.SHA256
	key  string
}

// sealedNote is the movement with its note sealed, as sealed does it, for a
// million rows in a row.
func (p *draft) sealedNote(c domain.CaseID, m *domain.Movement) (*domain.Movement, error) {
	if p.vault == nil || m.Note == "" {
		return m, nil
	}
	of := domain.Whose{File: m.Evidence.File}
	if p.noteOf.key == "" || p.noteOf.file != of.File || of.File == "" {
		free := ""
		key, err := p.keyFor(c, of, &free)
		if err != nil {
			return m, err
		}
		p.noteOf = noteKey{of.File, key}
	}
	note, err := p.vault.Seal(p.noteOf.key, vault.Place{Case: c, Field: domain.ObservedKind(m.Kind) + " note"}, m.Note)
	if err != nil {
		return m, err
	}
	noted := *m
	noted.Note = note.InText()
	return &noted, nil
}

// The fields that are remembered by a keyed hash, so that one person in two
// cases is found.
const (
	nameOfVictim      = "victim.registered.v1 name"
	nameOfPerson      = "person.registered.v1 name"
	nameOfHolder      = "account.described.v1 holder"
	valueOfIdentifier = "identifier.noted.v1 value"
)

// keyFor is the key for a text. The free texts of one event share one.
func (p *draft) keyFor(c domain.CaseID, of domain.Whose, free *string) (key string, err error) {
	if subject := subjectOf(c, of); subject != "" {
		return p.vault.Key(subject)
	}
	if *free == "" {
		*free, err = p.vault.FreeText(string(c))
	}
	return *free, err
}

// Opened is an event as somebody who may read it reads it. What cannot be
// opened says why in its place: that it was erased, when and on what basis;
// that its use is restricted; that its key is not here.
func (d *Desk) Opened(c domain.CaseID, event domain.Event) domain.Event {
	if d.Vault == nil {
		return event
	}
	opened, err := domain.EachPersonal(event, func(of domain.Whose, field string, text domain.Personal) (domain.Personal, error) {
		if text.Key == "" {
			return text, nil
		}
		return domain.Personal{Clear: d.openText(vault.Place{Case: c, Field: field}, text)}, nil
	})
	if err != nil {
		return event
	}
	return opened
}

func (d *Desk) openText(place vault.Place, text domain.Personal) string {
	if why, restricted := d.restricted()[text.Key]; restricted {
		return "[" + why + "]"
	}
	clear, err := d.Vault.Open(place, text)
	var gone *vault.Destroyed
	var unknown *vault.UnknownKey
	switch {
	case err == nil:
		return clear
	case errors.As(err, &gone):
		return "[" + gone.Error() + "]"
	case errors.As(err, &unknown):
		return "[sealed; its key is not in " + unknown.Path + "]"
	}
	return "[" + err.Error() + "]"
}

// restricted says of keys that their use is restricted, and why.
func (d *Desk) restricted() map[string]string {
	d.keeping.Lock()
	defer d.keeping.Unlock()
	return d.closed
}

// LearnErasures makes the vault follow the log: a key that the log says is
// erased is destroyed, also where a backup of the keys file brought it back;
// and what is restricted is not opened. It is asked for before answers are.
func (d *Desk) LearnErasures(ctx context.Context) error {
	if d.Vault == nil || d.Vault.Absence() != nil {
		return nil
	}
	if err := d.finishErasures(ctx); err != nil {
		return err
	}
	closed := map[string]string{}
	err := d.Views.EachFact(ctx, domain.PersonalRestricted{}.Kind(), projections.Head, func(r projections.Fact) error {
		e := r.Event.(domain.PersonalRestricted)
		key := d.Vault.Has(subjectOf(r.Case, e.Of))
		if key == "" {
			return nil
		}
		closed[key] = fmt.Sprintf("restricted on %s, basis: %s", day(r.RecordedAt), e.Basis)
		if e.Lifted {
			delete(closed, key)
		}
		return nil
	})
	d.keeping.Lock()
	defer d.keeping.Unlock()
	d.closed = closed
	return err
}

func day(at time.Time) string { return at.UTC().Format(time.DateOnly) }

// finishErasures destroys the keys of every recorded erasure that are still,
// or again, there.
func (d *Desk) finishErasures(ctx context.Context) error {
	return d.Views.EachFact(ctx, domain.PersonalErased{}.Kind(), projections.Head, func(r projections.Fact) error {
		e := r.Event.(domain.PersonalErased)
		left := slices.DeleteFunc(slices.Clone(e.Keys), func(key string) bool {
			_, gone, _ := d.Vault.Standing(key)
			return gone != nil
		})
		if len(left) == 0 {
			return nil
		}
		return d.Vault.Destroy(vault.Gone{At: r.RecordedAt, Basis: e.Basis}, left...)
	})
}

// PutEvidence keeps a file, sealed where there is a vault, and says what its
// plain bytes are. A file that is kept already is not stored twice. It is read
// twice: a file's key goes by what is in it.
func (d *Desk) PutEvidence(ctx context.Context, open func() (io.ReadCloser, error)) (eventstore.Evidence, error) {
	if d.Vault == nil {
		return d.putClear(ctx, open)
	}
	kept, err := hashAll(open)
	if err != nil {
		return kept, err
	}
	known, err := d.hasEvidence(ctx, kept.SHA256)
	if known || err != nil {
		return kept, err
	}
	return kept, d.putSealed(ctx, kept.SHA256, open)
}

func (d *Desk) putClear(ctx context.Context, open func() (io.ReadCloser, error)) (eventstore.Evidence, error) {
	in, err := open()
	if err != nil {
		return eventstore.Evidence{}, err
	}
	defer in.Close()
	return d.Store.PutEvidence(ctx, in)
}

func hashAll(open func() (io.ReadCloser, error)) (eventstore.Evidence, error) {
	in, err := open()
	if err != nil {
		return eventstore.Evidence{}, err
	}
	defer in.Close()
	return hashOf(in)
}

// hasEvidence says whether a file is kept. One that was erased is not taken in
// again as if nothing had been.
func (d *Desk) hasEvidence(ctx context.Context, sum [32]byte) (bool, error) {
	in, err := d.OpenEvidence(ctx, sum)
	var gone *vault.Destroyed
	switch {
	case errors.As(err, &gone):
		return false, domain.Conflict("the file %x was %s: what was erased is not imported again", sum, gone.Error())
	case errors.Is(err, eventstore.ErrNotFound):
		return false, nil
	case err != nil:
		return false, err
	}
	return true, in.Close()
}

func (d *Desk) putSealed(ctx context.Context, sum [32]byte, open func() (io.ReadCloser, error)) error {
	file, err := d.Vault.NewFile(sum)
	if err != nil {
		return err
	}
	in, err := open()
	if err != nil {
		return err
	}
	defer in.Close()
	stored, err := d.Store.PutEvidence(ctx, file.Seal(in))
	if err != nil {
		return err
	}
	return d.Vault.Keep(file, stored.SHA256)
}

// OpenEvidence reads a kept file by the SHA-256 of its plain bytes, sealed or
// recorded in clear by an earlier clew. The bytes are checked on the way, and
// the hash at the end. eventstore.ErrNotFound: there is none such;
// *vault.Destroyed: it was erased.
func (d *Desk) OpenEvidence(ctx context.Context, sum [32]byte) (io.ReadCloser, error) {
	if d.Vault == nil {
		in, _, err := d.Store.OpenEvidence(ctx, sum)
		return in, err
	}
	stored, is, err := d.Vault.Stored(sum)
	if err != nil {
		return nil, err
	}
	if !is {
		in, _, err := d.Store.OpenEvidence(ctx, sum)
		if why := d.Vault.Absence(); why != nil && errors.Is(err, eventstore.ErrNotFound) {
			return nil, why
		}
		return in, err
	}
	in, _, err := d.Store.OpenEvidence(ctx, stored)
	if err != nil {
		return nil, err
	}
	return d.Vault.OpenFile(sum, in)
}

// OpenFile is OpenEvidence by the hash as it is written.
func (d *Desk) OpenFile(ctx context.Context, file domain.SHA256) (io.ReadCloser, error) {
	raw, err := hex.DecodeString(string(file))
	if err != nil || len(raw) != 32 {
		return nil, domain.Usage("%q is no SHA-256", file)
	}
	if err := d.LearnErasures(ctx); err != nil {
		return nil, err
	}
	if why, restricted := d.restricted()[d.keyOfFile(file)]; restricted {
		return nil, closedFile(domain.ClassDenied, file, why)
	}
	in, err := d.OpenEvidence(ctx, [32]byte(raw))
	var gone *vault.Destroyed
	switch {
	case errors.As(err, &gone):
		return nil, closedFile(domain.ClassNotFound, file, gone.Error())
	case err != nil && d.Vault != nil && err == d.Vault.Absence():
		return nil, closedFile(domain.ClassOf(err), file, err.Error())
	case errors.Is(err, eventstore.ErrNotFound):
		return nil, domain.NotFound("no file with the SHA-256 %s is kept: 'clew evidence list CASE' shows them", file)
	}
	return in, err
}

// FileClosed says why a file that is kept is not opened: it was erased, its
// use is restricted, its key is not here.
type FileClosed struct{ Why string }

func (f *FileClosed) Error() string { return f.Why }

func closedFile(class domain.Class, file domain.SHA256, why string) error {
	return &domain.Error{Class: class, Text: fmt.Sprintf("the file %s cannot be opened", file), Cause: &FileClosed{why}}
}

func (d *Desk) keyOfFile(file domain.SHA256) string {
	if d.Vault == nil {
		return ""
	}
	return d.Vault.Has(subjectOf("", domain.Whose{File: file}))
}

// inClear are the names of a command's fields that are compared as they are
// where an idempotency key comes again: references, amounts, times. Every
// other text is compared by its keyed hash, so that the request that is kept
// for ever says nothing about people.
var inClear = strings.Fields(`case does victim not_victim person account as movement one other kept from to asset base code kind
	category country currency rule scope step answer route mechanism freeze reimbursement hold file format map content at when
	time day due until amount digits fee received reference ref id source source_id scam of payment language priority deadline
	order_due settled_on recall_sent bic uetr end_to_end transaction_id message_id originator event conditions consent team sort identifier`)

// blind is a request as it is kept: canonical JSON without personal text.
func (d *Desk) blind(key string, request []byte) ([]byte, error) {
	if d.Vault == nil || key == "" {
		return request, nil
	}
	decoder := json.NewDecoder(bytes.NewReader(request))
	decoder.UseNumber()
	var content any
	if err := decoder.Decode(&content); err != nil {
		return nil, err
	}
	b := blinding{d.Vault, key, nil}
	content = b.value("", "", content)
	if b.err != nil {
		return nil, b.err
	}
	return json.Marshal(content)
}

// blinding puts keyed hashes in the place of texts.
type blinding struct {
	vault *vault.Vault
	key   string
	err   error
}

// value blinds what stands under a name, at a path within the request: the
// same word at two places, or under two keys, has two hashes.
func (b *blinding) value(path, name string, content any) any {
	switch content := content.(type) {
	case map[string]any:
		for inner, one := range content {
			content[inner] = b.value(path+"/"+inner, inner, one)
		}
	case []any:
		for i, one := range content {
			content[i] = b.value(fmt.Sprintf("%s/%d", path, i), name, one)
		}
	case string:
		if slices.Contains(inClear, name) || content == "" {
			return content
		}
		mark, err := b.vault.Mark("requests", b.key, path, content)
		b.err = errors.Join(b.err, err)
		return "keyed hash " + mark
	}
	return content
}

// told asks for an idempotency key, as requests are kept now, and as an
// earlier clew kept them.
func (d *Desk) told(ctx context.Context, a act) (eventstore.Receipt, bool, error) {
	receipt, known, err := d.Store.Told(ctx, a.by.Key, a.blind)
	var other *eventstore.KeyConflict
	if !errors.As(err, &other) || bytes.Equal(a.blind, a.request) {
		return receipt, known, err
	}
	if before, known, wrong := d.Store.Told(ctx, a.by.Key, a.request); known && wrong == nil {
		return before, true, nil
	}
	return receipt, known, err
}
