// Package hooks tells other programs that something was recorded: a bank's
// answer to a freeze, a hold, whatever kinds of event they asked for. What is
// sent says which kind, which case and where in the log, and nothing of what it
// holds: whoever is told asks the API, by his own token, for what he may see.
//
// Each message is signed as the standard webhooks are (HMAC-SHA256 over its id,
// its time and its body), so that a receiver knows who sent it, when, and that
// he has it already.
//
// It refuses to call addresses within the house: a name is resolved first, and
// what is dialled is judged, so that no name and no redirect leads there.
//
//	book := hooks.Book{Path: "clew.db.hooks.json"}
//	hook, err := book.Add(hooks.Hook{URL: "https://bank.example/clew", Kinds: []string{"freeze.*"}, After: head})
//	err = hooks.NewSender(false, time.Now).Send(ctx, hook, id, hooks.Body(…))
package hooks

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"clew/domain"
)

// Hook is a receiver, and what he is told.
type Hook struct {
	ID     string          `json:"hook"` // H1, H2 …
	URL    string          `json:"url"`
	Kinds  []string        `json:"kinds"` // "freeze.answered.v1", or "freeze.*"
	Cases  []domain.CaseID `json:"cases"` // none: every case
	After  uint64          `json:"after"` // only what is recorded after this position
	By     string          `json:"by"`
	Since  time.Time       `json:"since"`
	Secret string          `json:"secret"` // whsec_ and base64; shown when the hook is made
}

// Wants says whether a receiver is told of a record.
func (h *Hook) Wants(kind string, c domain.CaseID, position uint64) bool {
	if position <= h.After || c == "" || len(h.Cases) > 0 && !slices.Contains(h.Cases, c) {
		return false
	}
	return slices.ContainsFunc(h.Kinds, func(wanted string) bool { return matches(wanted, kind) })
}

func matches(wanted, kind string) bool {
	above, all := strings.CutSuffix(wanted, "*")
	return kind == wanted || all && strings.HasPrefix(kind, above)
}

// message is what is sent: that there is more, and where.
type message struct {
	Type      string    `json:"type"`
	Timestamp time.Time `json:"timestamp"`
	Data      where     `json:"data"`
}

type where struct {
	Case     domain.CaseID `json:"case"`
	Position uint64        `json:"position"`
}

// Body is what a receiver is told of a record.
func Body(kind string, at time.Time, c domain.CaseID, position uint64) []byte {
	text, err := json.Marshal(message{kind, at.UTC(), where{c, position}})
	if err != nil {
		panic(err) // of strings, numbers and a time of this century
	}
	return text
}

const secretPrefix = "whsec_"

// newSecret is 256 bits by chance.
func newSecret() string {
	raw := make([]byte, 32)
	rand.Read(raw) // never fails
	return secretPrefix + base64.StdEncoding.EncodeToString(raw)
}

// Sign signs a message as the standard webhooks are signed.
func Sign(secret, id string, at time.Time, body []byte) (string, error) {
	key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(secret, secretPrefix))
	if err != nil || len(key) < 24 {
		return "", errors.New("the hook's secret is no base64 of 24 bytes or more")
	}
	mac := hmac.New(sha256.New, key)
	fmt.Fprintf(mac, "%s.%d.%s", id, at.Unix(), body)
	return "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil)), nil
}

// Book is the file in which the hooks stand. It holds their secrets: nobody but
// its owner may read it.
type Book struct{ Path string }

// mostHooks bounds the book: each hook is a connection that is kept.
const mostHooks = 100

// Hooks lists them in the order in which they were made.
func (b Book) Hooks() ([]Hook, error) {
	text, err := os.ReadFile(b.Path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	list := []Hook{}
	if err == nil {
		err = json.Unmarshal(text, &list)
	}
	if err != nil {
		return nil, fmt.Errorf("the hooks cannot be read from %s: %w", b.Path, err)
	}
	return list, nil
}

// Hook finds one.
func (b Book) Hook(id string) (Hook, error) {
	list, err := b.Hooks()
	if err != nil {
		return Hook{}, err
	}
	at := slices.IndexFunc(list, func(h Hook) bool { return h.ID == id })
	if at < 0 {
		return Hook{}, domain.NotFound("there is no hook %s: 'clew hook list' shows them", id)
	}
	return list[at], nil
}

// Add writes a hook down, with a name and a secret.
func (b Book) Add(h Hook) (Hook, error) {
	if err := h.wrong(); err != nil {
		return h, err
	}
	list, err := b.Hooks()
	if err != nil {
		return h, err
	}
	if len(list) >= mostHooks {
		return h, domain.Conflict("there are %d hooks: remove one first", mostHooks)
	}
	last := 0
	for _, other := range list {
		if n, err := strconv.Atoi(strings.TrimPrefix(other.ID, "H")); err == nil {
			last = max(last, n)
		}
	}
	h.ID, h.Secret = fmt.Sprintf("H%d", last+1), newSecret()
	return h, b.write(append(list, h))
}

// wrong says why nobody can be told so.
func (h *Hook) wrong() error {
	to, err := url.Parse(h.URL)
	switch {
	case err != nil || to.Host == "" || to.Scheme != "https" && to.Scheme != "http":
		return domain.Usage("%q is no address that can be called: give https://…", h.URL)
	case to.User != nil:
		return domain.Usage("the address bears a password: what is sent is signed, and needs none")
	case len(h.Kinds) == 0:
		return domain.Usage("say of which kinds of event: for example freeze.*")
	}
	for _, wanted := range h.Kinds {
		if !slices.ContainsFunc(domain.Kinds(), func(kind string) bool { return matches(wanted, kind) }) {
			return domain.Usage("%q is no kind of event, nor the beginning of one with a star: docs/reference/events.md has them", wanted)
		}
	}
	return nil
}

// Remove takes a hook out of the book.
func (b Book) Remove(id string) error {
	if _, err := b.Hook(id); err != nil {
		return err
	}
	list, err := b.Hooks()
	if err != nil {
		return err
	}
	return b.write(slices.DeleteFunc(list, func(h Hook) bool { return h.ID == id }))
}

// write puts the whole book in its place at once.
func (b Book) write(list []Hook) error {
	text, err := json.MarshalIndent(list, "", "  ")
	if err != nil {
		return err
	}
	draft, err := os.CreateTemp(filepath.Dir(b.Path), ".clew-hooks-*") // nobody but its owner may read it
	if err != nil {
		return err
	}
	defer os.Remove(draft.Name())
	_, err = draft.Write(append(text, '\n'))
	if err = errors.Join(err, draft.Sync(), draft.Close()); err != nil {
		return err
	}
	return os.Rename(draft.Name(), b.Path)
}
