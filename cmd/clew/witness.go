package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"clew/domain"
	"clew/eventstore/seal"
)

// watching is what a witness's flags say.
type watching struct {
	from, state string
	logKeys     []string
}

func (p *program) witnessCommand() *cobra.Command {
	var w watching
	cmd := &cobra.Command{
		Use: "witness", Short: "Check as an outsider that a log kept all it had, and sign that",
		Long: `Read the checkpoint that another log gives out ('clew checkpoint --export', from the folder or through any web
server), check that it contains all that the last one you signed did, sign it with your own key and print it. The
log's keeper takes it back with 'clew checkpoint --add'. A log that was rolled back or forked is refused with exit
code 1, and the proof of it, which the log itself has signed, is written beside the state. The state is the last
checkpoint you signed: keep it where the log's keeper cannot reach it. No store is needed.`,
		Example: "  clew witness --from public --log-key log.pub --state seen.txt --seal-key witness.key > cosigned.txt\n" +
			"  clew witness --from https://clew.example/log --log-key log.pub --state seen.txt --seal-key witness.key", Args: p.takes(),
	}
	flags := cmd.Flags()
	flags.StringVar(&w.from, "from", "", "the folder or web address that the log is given out at (needed)")
	flags.StringVar(&w.state, "state", "", "the file that remembers what you signed last (needed)")
	flags.StringArrayVar(&w.logKeys, "log-key", nil, "the log's public key as its keeper told you, or a file with it (needed)")
	cmd.RunE = p.does(func(ctx context.Context, _ []string) error {
		keys, err := publicKeys("--log-key", w.logKeys)
		if err != nil {
			return err
		}
		if len(keys) != 1 || w.from == "" || w.state == "" {
			return domain.Usage("a witness needs --from, --state and one --log-key: see 'clew witness --help'")
		}
		key, err := p.witnessKey()
		if err != nil {
			return err
		}
		c, err := p.watch(ctx, w, keys[0], *key)
		if err != nil {
			return err
		}
		return p.sayCheckpoint(c)
	})
	return cmd
}

func (p *program) witnessKey() (*seal.Key, error) {
	if p.sealKeyFile == "" {
		return nil, domain.Usage("name your own key with --seal-key: 'clew key create --witness NAME --seal-key FILE' makes one")
	}
	key, err := readKey(p.sealKeyFile)
	if isMissing(err) {
		return nil, domain.NotFound("there is no key %s: 'clew key create --witness NAME --seal-key FILE' makes one", p.sealKeyFile)
	}
	if err == nil && key.Public().Role() != seal.Witness {
		return nil, domain.Usage("the key in %s is a log's: a witness signs with a key of his own, or he proves nothing", p.sealKeyFile)
	}
	return key, err
}

// watch looks at a log once and signs what it shows, or refuses.
func (p *program) watch(ctx context.Context, w watching, trusted seal.PublicKey, key seal.Key) (seal.Checkpoint, error) {
	free, err := lockState(w.state)
	if err != nil {
		return seal.Checkpoint{}, err
	}
	defer free()
	shown, ring, err := shownBy(ctx, w.from, trusted)
	if err != nil {
		return shown, err
	}
	held, err := readState(w.state, ring, key.Public())
	if err != nil {
		return shown, err
	}
	tree := seal.TreeOf(shown.Head, func(path string) ([]byte, error) { return fetch(ctx, w.from, path) })
	if held == nil {
		_, _, err = seal.Consistent(shown.Head, shown.Size, tree)
		p.tell("first sight of %s: nothing is known of what it was before head %s", shown.Origin, shown.Head)
	} else {
		err = seal.Follows(*held, shown, tree)
	}
	if err != nil {
		return shown, p.refuse(w.state, err)
	}
	cosigned, err := shown.Cosign(key, p.now())
	if err != nil {
		return shown, err
	}
	// What is signed is remembered first: a signature that nobody remembers
	// would let the log take another way.
	if err := writeWhole(w.state, cosigned); err != nil {
		return shown, err
	}
	return seal.Open(cosigned, ring, key.Public())
}

// lockState keeps two runs from signing two ways at once.
func lockState(state string) (free func(), err error) {
	lock := state + ".lock"
	if err := writeNew(lock, ""); err != nil {
		return nil, fmt.Errorf("another run of this witness is at work, or one was cut off: if none is, remove %s: %w", lock, err)
	}
	return func() { os.Remove(lock) }, nil
}

// readState reads the last checkpoint that this witness has signed, and sees
// that it has: a state that somebody changed is no state.
func readState(state string, ring seal.Keyring, own seal.PublicKey) (*seal.Checkpoint, error) {
	text, err := os.ReadFile(state)
	if isMissing(err) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	held, err := seal.Open(text, ring, own)
	if err == nil && len(held.Witness) == 0 {
		err = errors.New("your key has not signed it")
	}
	if err != nil {
		return nil, &unverified{fmt.Errorf("the state %s cannot be believed: %w: it was changed, or is another log's or witness's", state, err)}
	}
	return &held, nil
}

// shownBy reads what a log gives out: its keys from the trusted one on, and
// its checkpoint.
func shownBy(ctx context.Context, from string, trusted seal.PublicKey) (seal.Checkpoint, seal.Keyring, error) {
	text, err := fetch(ctx, from, "keys")
	if err != nil {
		return seal.Checkpoint{}, nil, err
	}
	adoptions, err := seal.ParseAdoptions(string(text))
	if err != nil {
		return seal.Checkpoint{}, nil, &unverified{err}
	}
	ring, err := seal.NewKeyring(trusted, adoptions)
	if err != nil {
		return seal.Checkpoint{}, nil, &unverified{err}
	}
	note, err := fetch(ctx, from, "checkpoint")
	if err != nil {
		return seal.Checkpoint{}, nil, err
	}
	c, err := seal.Open(note, ring)
	if err != nil {
		return c, nil, &unverified{err}
	}
	return c, ring, nil
}

// refuse keeps the proof of what a log has done wrong.
func (p *program) refuse(state string, why error) error {
	var fork *seal.Fork
	var back *seal.Rollback
	evidence := ""
	switch {
	case errors.As(why, &fork):
		evidence = fork.Evidence()
	case errors.As(why, &back):
		evidence = back.Evidence()
	default:
		return &unverified{fmt.Errorf("nothing was signed: %w", why)}
	}
	name := fmt.Sprintf("%s.refused-%s.txt", state, p.now().UTC().Format("20060102T150405Z"))
	if err := writeWhole(name, []byte(evidence)); err != nil {
		return errors.Join(&unverified{why}, err)
	}
	return &unverified{fmt.Errorf("nothing was signed: %w; the proof, signed by the log itself, is in %s", why, name)}
}

// maxFetch bounds what is taken from a log that may be hostile: a tile has
// 8 kB, keys and checkpoints less than this.
const maxFetch = 1 << 20

// fetch reads a file of a log from a folder or a web server.
func fetch(ctx context.Context, from, path string) ([]byte, error) {
	if !strings.Contains(from, "://") {
		file, err := os.Open(filepath.Join(from, filepath.FromSlash(path)))
		if err != nil {
			return nil, err
		}
		defer file.Close()
		return bounded(file, path)
	}
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, strings.TrimSuffix(from, "/")+"/"+path, nil)
	if err != nil {
		return nil, flagError("--from", err)
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s answers %s for %s: is this where 'clew checkpoint --export' writes to?", from, answer.Status, path)
	}
	return bounded(answer.Body, path)
}

func bounded(in io.Reader, path string) ([]byte, error) {
	content, err := io.ReadAll(io.LimitReader(in, maxFetch+1))
	if err == nil && len(content) > maxFetch {
		err = fmt.Errorf("%s is longer than %d bytes: nothing that a log gives out is", path, maxFetch)
	}
	return content, err
}
