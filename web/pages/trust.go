package pages

import (
	"errors"
	"fmt"
	"net/http"
	"slices"

	"clew/casework"
	"clew/domain"
	"clew/projections"
	"clew/vault"
	"clew/web/gate"
)

// verifyBody is how the log stands and what came of verifying it.
type verifyBody struct {
	Head        uint64
	Checkpoints table
	Done        *casework.Inspected // nil: it was not verified now
	Words       string              // the verdict, in the only words that it bears
	Held        uint64              // up to which position somebody outside vouches for it
	Refuted     string
	Models      table // only after it was verified: their fingerprints are over all rows
	Form        *form
}

// maxCheckpoints is how many checkpoints a page lists, the newest first.
const maxCheckpoints = 50

func (s *screens) verify(r *http.Request) (page, error) {
	body, err := s.standing(r)
	return page{Name: "verify", Title: "Verify", Tab: "verify", Body: body}, err
}

func (s *screens) standing(r *http.Request) (verifyBody, error) {
	body := verifyBody{Checkpoints: table{ID: "checkpoints", Caption: "Signed checkpoints", Says: "What was signed cannot be changed unseen by anybody who lacks the key. A head that somebody else holds proves more.",
		Columns: columns("Up to position>", "Root", "Signed by"), Empty: "No head of this log is signed yet: 'clew checkpoint' makes the first, and 'clew key create' the key for it."}}
	if err := s.catchUp(r); err != nil {
		return body, err
	}
	var err error
	if body.Head, err = s.Desk.Store.Head(r.Context()); err != nil {
		return body, err
	}
	body.Form = heldForm(nil, "")
	return body, s.signed(r, &body)
}

func (s *screens) signed(r *http.Request, body *verifyBody) error {
	ring, err := s.Desk.Keyring(r.Context(), nil)
	if domain.ClassOf(err) == domain.ClassNotFound {
		return nil // no key yet: nothing is signed
	}
	if err != nil {
		return err
	}
	list, err := s.Desk.Signed(r.Context(), ring)
	if err != nil {
		return err
	}
	slices.Reverse(list)
	for i, c := range list {
		if i == maxCheckpoints {
			break
		}
		body.Checkpoints.add(number(c.Size), cell{Text: c.Root.String()}, text(c.Origin))
	}
	return nil
}

func modelsTable(s projections.Standing) table {
	t := table{ID: "models", Caption: "Read models", Says: "Tables made from the log alone; they can be thrown away and made again.", Columns: columns("Name", "Version>", "Up to position>", "Stands", "Fingerprint"), Dense: true}
	for _, p := range s.Projections {
		stands := cell{Text: "whole", Chip: "good"}
		if p.Parked != nil {
			stands = cell{Text: "stands still: " + p.Parked.Why, Chip: "bad"}
		}
		t.add(cell{Text: p.Name}, number(p.Version), number(p.Position), stands, cell{Text: fmt.Sprintf("%.16s…", p.Fingerprint)})
	}
	return t
}

// verifyNow reads the whole log again, against a head that somebody outside
// holds where one came with the form.
func (s *screens) verifyNow(r *http.Request) (page, error) {
	body, err := s.standing(r)
	if err != nil {
		return page{}, err
	}
	if err := r.ParseForm(); err != nil {
		return page{}, domain.Usage("the form could not be read: %v", err)
	}
	if err := s.inspect(r, typed(r.PostForm), &body); err != nil {
		return page{}, err
	}
	standing, err := s.views(r).Status(r.Context())
	body.Models = modelsTable(standing)
	return page{Name: "verify", Title: "Verify", Tab: "verify", Body: body}, err
}

// inspect verifies and says what was found, in the only words that it bears. A
// checkpoint that cannot be read comes back in its form.
func (s *screens) inspect(r *http.Request, sent typed, body *verifyBody) error {
	body.Form = heldForm(sent, "")
	in, by, on := casework.Inspection{}, "", ""
	if text := sent.get("head"); text != "" {
		held, err := casework.ReadOutside(text, sent.get("witness"))
		if err != nil {
			body.Form = heldForm(sent, err.Error())
			return nil
		}
		in.Held, by, on = []casework.Held{held.Held}, held.By, instant(held.On)
		if by == "" {
			by, on = "whoever gave it to you", "a day that nobody vouches for"
		}
	}
	found, err := s.Desk.Verify(r.Context(), in)
	var refuted *casework.Refuted
	switch {
	case errors.As(err, &refuted):
		body.Refuted = err.Error()
	case err != nil:
		return err
	case len(in.Held) > 0:
		body.Done, body.Held = &found, in.Held[0].Size
		body.Words = fmt.Sprintf("The log is consistent with head %s held by %s on %s.", in.Held[0].Head, by, on)
	default:
		body.Done, body.Words = &found, fmt.Sprintf("The log is consistent with itself, up to head %s.", found.Head)
	}
	return nil
}

// heldForm takes a head that somebody outside holds.
func heldForm(sent typed, wrong string) *form {
	return &form{Action: "/verify", Submit: "Verify now", Wrong: wrong, MoreSays: "Against a head that somebody else holds", Fields: []field{
		sent.field(field{Name: "head", Label: "The checkpoint", Kind: "area", More: true, Hint: "The whole text, as he kept it or signed it."}),
		sent.field(field{Name: "witness", Label: "Public keys of witnesses", Kind: "area", More: true, Hint: "One a line. Without one, nobody vouches for when the checkpoint was kept."}),
	}}
}

// auditBody is who did and who read what.
type auditBody struct {
	Reads, Acts table
	Case, By    string
	Head        string
	Denied      bool
}

// maxAudit is how many entries of each log a page has, the newest first.
const maxAudit = 200

func (s *screens) audit(r *http.Request) (page, error) {
	if err := s.catchUp(r); err != nil {
		return page{}, err
	}
	form := r.URL.Query()
	body := auditBody{Case: form.Get("case"), By: form.Get("by"), Denied: form.Get("denied") != ""}
	err := s.readsInto(&body)
	if err == nil && body.Case != "" {
		err = s.actsInto(r, &body)
	}
	return page{Name: "audit", Title: "Audit", Tab: "audit", Body: body}, err
}

// readsInto lists who consulted, combined, exported or disclosed what, when
// and why, and who was denied.
func (s *screens) readsInto(body *auditBody) error {
	t := table{ID: "reads", Caption: "Who read what", Says: "Each entry bears the hash of the one before it, which is checked on the way. The newest come first.",
		Columns: columns("Number>", "When", "Who", "Did", "Case", "What", "To", "Basis", "Why"), Empty: "Nobody has read anything that fits."}
	if s.Desk.Reads == nil {
		t.Empty = "This server keeps no log of reads."
		body.Reads = t
		return nil
	}
	var list []vault.Read
	head, err := s.Desk.Reads.Each(func(x vault.Read) error {
		if body.Case != "" && string(x.Case) != body.Case || body.By != "" && x.By != body.By || body.Denied && x.Does != vault.Denied {
			return nil
		}
		if list = append(list, x); len(list) > maxAudit {
			list = list[1:]
		}
		return nil
	})
	if err != nil {
		return err
	}
	for _, x := range slices.Backward(list) {
		did := cell{Text: string(x.Does)}
		if x.Does == vault.Denied {
			did.Chip = "bad"
		}
		about := cell{Text: "every case"}
		if x.Case != "" {
			about = linked(string(x.Case), casePath(x.Case, ""))
		}
		t.add(number(x.Number), at(instant(x.At)), cell{Text: x.By}, did, about, cell{Text: x.What, Wide: true}, orNone(x.To.Clear), orNone(x.Basis.Clear), orNone(x.Why.Clear))
	}
	body.Reads, body.Head = t.without("To", "Basis", "Why"), head
	return nil
}

// actsInto lists who recorded what in a case.
func (s *screens) actsInto(r *http.Request, body *auditBody) error {
	id, err := domain.ParseCase(body.Case)
	if err != nil {
		return domain.Usage("Case: %v", err)
	}
	file, err := s.views(r).CaseFile(r.Context(), id, projections.Head)
	if err != nil || !file.Opened {
		return errors.Join(err, noCase(id, file))
	}
	t := table{ID: "acts", Caption: "Who recorded what", Says: "The newest come first.", Columns: columns("Position>", "When", "Who", "What"), Empty: "Nothing that fits."}
	var list []projections.Entry
	err = s.views(r).Timeline(r.Context(), projections.Ask{Case: id}, projections.AsItBecameKnown, func(e projections.Entry) error {
		if body.By != "" && e.Actor != body.By {
			return nil
		}
		if list = append(list, e); len(list) > maxAudit {
			list = list[1:]
		}
		return nil
	})
	for _, e := range slices.Backward(list) {
		t.add(number(e.Position), at(instant(e.RecordedAt)), text(e.Actor), cell{Text: e.Text, Wide: true})
	}
	body.Acts = t
	return err
}

func noCase(id domain.CaseID, file *domain.CaseFile) error {
	if file != nil && file.Opened {
		return nil
	}
	return domain.NotFound("there is no case %s", id)
}

// findBody is where something was found.
type findBody struct {
	Asked string
	Found table
}

// find looks for a case, or for the cases that name an account.
func (s *screens) find(r *http.Request) (page, error) {
	if err := s.catchUp(r); err != nil {
		return page{}, err
	}
	asks, who := typed(r.URL.Query()).get("q"), gate.Who(r.Context())
	t := table{ID: "found", Caption: "Found", Columns: columns("What", "Case"), Empty: "Nothing that you may see bears this name. An account is looked for by its whole name; within a case, Accounts finds a part of it."}
	if id, err := domain.ParseCase(asks); err == nil && who.May("Reading", id) {
		file, err := s.views(r).CaseFile(r.Context(), id, projections.Head)
		if err != nil {
			return page{}, err
		}
		if file.Opened {
			t.add(cell{Text: "the case " + file.Title}, linked(string(id), casePath(id, "")))
		}
	}
	if name, err := domain.ParseAccount(asks); err == nil {
		cases, err := s.views(r).CasesOf(r.Context(), name, projections.Head)
		if err != nil {
			return page{}, err
		}
		for _, id := range cases {
			if who.May("Reading", id) {
				t.add(asked{Case: id}.account(name), linked(string(id), casePath(id, "")))
			}
		}
	}
	return page{Name: "find", Title: "Find", Body: findBody{asks, t}}, nil
}
