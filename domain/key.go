package domain

// KeyAdopted is recorded when the log begins to sign its checkpoints with a
// key. The note is signed with that key and, but for the first, with the one
// before it, so that who trusts an older key can follow.
type KeyAdopted struct {
	Key    string `json:"key"`              // the public key, as C2SP's signed-note writes it
	Note   string `json:"note"`             // the signed words of the adoption, of which the key is a part
	Reason string `json:"reason,omitempty"` // why the key before was replaced
}

func (KeyAdopted) Kind() string { return "key.adopted.v1" }
