package main

import (
	"encoding/json"
	"fmt"
	"math/big"
	"strings"
)

// value is an amount as records write it: with the asset's own digits.
type value struct {
	Value string `json:"value"`
	Asset string `json:"asset"`
}

// observed is what a record says of a movement.
type observed struct {
	ID       string `json:"id"`
	Amount   *value `json:"amount"`
	Received *value `json:"received"`
	Fee      *value `json:"fee"`
	Inputs   []struct {
		Amount value `json:"amount"`
	} `json:"inputs"`
	Outputs []struct {
		Amount value `json:"amount"`
	} `json:"outputs"`
}

// telling is the newest that one stream says of a movement.
type telling struct {
	stream string
	says   observed
	gone   bool // withdrawn
}

// learnMovement notes a movement as it was observed, corrected or withdrawn.
func (c *checking) learnMovement(r *record) error {
	switch r.kind {
	case "movement.corrected.v1":
		var corrected struct {
			Movement string
			Now      struct{ Event observed }
		}
		if err := json.Unmarshal(r.body, &corrected); err != nil {
			return err
		}
		c.tell(corrected.Movement, telling{stream: r.stream, says: corrected.Now.Event})
	case "movement.withdrawn.v1":
		var withdrawn struct{ Movement string }
		if err := json.Unmarshal(r.body, &withdrawn); err != nil {
			return err
		}
		c.tell(withdrawn.Movement, telling{stream: r.stream, gone: true})
	default:
		if !strings.HasSuffix(r.kind, ".observed.v1") {
			return nil
		}
		var o observed
		if err := json.Unmarshal(r.body, &o); err != nil {
			return err
		}
		c.tell(o.ID, telling{stream: r.stream, says: o})
	}
	return nil
}

// tell puts what a stream says last in the place of what it said before.
func (c *checking) tell(id string, now telling) {
	list := c.tells[id]
	for i := range list {
		if list[i].stream == now.stream {
			list[i] = now
			return
		}
	}
	c.tells[id] = append(list, now)
}

// shown sees that every movement that was walked says what a record says, as
// it was last corrected.
func (c *checking) shown(t *traced) error {
	for i := range t.Movements {
		m := &t.Movements[i]
		found := false
		for _, told := range c.tells[m.Movement] {
			found = found || !told.gone && m.says(&told.says, t.Assets)
		}
		if !found {
			return fmt.Errorf("movement %s was walked as no record has it", plain(m.Movement))
		}
	}
	return nil
}

// says compares the amounts; accounts may have been found to be one since.
func (m *movement) says(o *observed, digits map[string]int) bool {
	if len(m.Inputs) != len(o.Inputs) || len(m.Outputs) != len(o.Outputs) {
		return false
	}
	for i := range m.Inputs {
		if !m.Inputs[i].units.equal(&o.Inputs[i].Amount, digits) {
			return false
		}
	}
	for i := range m.Outputs {
		if !m.Outputs[i].units.equal(&o.Outputs[i].Amount, digits) {
			return false
		}
	}
	return m.Amount.equal(o.Amount, digits) && m.Received.equal(o.Received, digits) && m.Fee.equal(o.Fee, digits)
}

// equal says whether whole smallest units are a written value.
func (u *units) equal(v *value, digits map[string]int) bool {
	if u == nil || v == nil {
		return (u == nil) == (v == nil)
	}
	places, known := digits[u.Asset]
	if !known || places < 0 || places > 100 {
		return false
	}
	scaled := new(sum).add(v.Value)
	scaled.Mul(&scaled.Rat, new(big.Rat).SetInt(new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(places)), nil)))
	return u.Asset == v.Asset && scaled.is(u.Units)
}
