package casework

import (
	"strings"
	"time"

	"clew/domain"
	"clew/eventstore/seal"
)

// Held is a head that somebody outside the log holds.
type Held struct {
	seal.Head
	Tree seal.Reader // the tree below it, where he holds that too: then a change is found to the position
}

// Outside is a head that somebody outside the log holds, as he hands it over.
type Outside struct {
	Held
	By string    // the witness whose signature fits; "" where none was named
	On time.Time // when he signed; zero where he has not
}

// ReadOutside reads a checkpoint that somebody kept, and, where public keys of
// witnesses are given, who of them has signed it. A head that none of the given
// witnesses has signed is refused: it would prove as much as its bearer's word.
func ReadOutside(checkpoint, witnesses string) (o Outside, err error) {
	var keys []seal.PublicKey
	for _, line := range strings.Fields(witnesses) {
		key, err := seal.ParsePublicKey(line)
		if err != nil {
			return o, domain.Usage("%.80q is no public key of a witness: %v", line, err)
		}
		keys = append(keys, key)
	}
	head, signed, err := seal.OpenHeld([]byte(strings.TrimSpace(strings.ReplaceAll(checkpoint, "\r\n", "\n"))+"\n"), keys...)
	if err != nil {
		return o, domain.Usage("the checkpoint: %v", err)
	}
	o.Head = head
	for _, s := range signed {
		o.By, o.On = s.Witness.Name(), s.At
	}
	if len(keys) > 0 && o.By == "" {
		return o, domain.Usage("none of the witnesses whose keys you gave has signed this checkpoint")
	}
	return o, nil
}
