package domain

import (
	"fmt"
	"slices"
	"strings"
)

// CaseFile is a case's small facts as they stand at one position of the log:
// everything but its movements, which are many and have a read model of their
// own. The zero value is a case that nobody has opened.
type CaseFile struct {
	ID       CaseID
	Title    string
	Currency AssetCode
	Opened   bool
	Closed   bool
	Links    []CaseID // cases it is walked as one with, in the order they were linked
	Notes    []Personal
	Victims  map[VictimID]VictimRegistered
	Accounts map[AccountID]AccountDescribed // all descriptions laid over one another
	SameAs   map[AccountID]AccountID        // account.identified: the name it is walked under
	Labels   map[AccountID][]LabelAttached
	Files    map[SHA256]EvidenceFiled
	Freezes  map[FreezeID]*Freeze
	Lock     *RuleLocked   // the last one, or nil
	Assigned *CaseAssigned // the last one, or nil

	// Reimbursed are the reimbursements that stand, in the order recorded.
	Reimbursed     []ReimbursementRecorded
	reimbursements int // ever recorded: a name is not used again

	Keeping // people, and how long and under which conditions their data is kept
	Larger  // what the case has to do with others: scams, operations, notices, centres, crimes
}

// NewCaseFile is a case before its first event.
func NewCaseFile(id CaseID) *CaseFile {
	return &CaseFile{
		ID: id, Victims: map[VictimID]VictimRegistered{}, Accounts: map[AccountID]AccountDescribed{},
		SameAs: map[AccountID]AccountID{}, Labels: map[AccountID][]LabelAttached{}, Files: map[SHA256]EvidenceFiled{},
		Freezes: map[FreezeID]*Freeze{}, Keeping: newKeeping(),
	}
}

// Evolve takes note of one event of the case, in the order of the log.
// Movements and what is said about them pass by: they change nothing here.
func (c *CaseFile) Evolve(event Event) {
	switch e := event.(type) {
	case CaseOpened:
		c.Opened, c.Title, c.Currency = true, e.Title, e.Currency
	case CaseNoted:
		c.Notes = append(c.Notes, e.Text)
	case CaseLinked:
		c.Links = append(c.Links, e.Other)
	case CaseClosed:
		c.Closed = true
	case EvidenceFiled:
		c.Files[e.File] = e
	case VictimRegistered:
		c.Victims[e.Victim] = e
	case AccountDescribed:
		c.Accounts[e.Account] = overlay(c.Accounts[e.Account], e)
	case AccountIdentified:
		c.SameAs[e.Account] = e.As
	case LabelAttached:
		c.Labels[e.Account] = append(c.Labels[e.Account], e)
	case LabelWithdrawn:
		c.Labels[e.Account] = slices.DeleteFunc(c.Labels[e.Account], func(l LabelAttached) bool { return l.Label == e.Label })
	case RuleLocked:
		c.Lock = &e
	case CaseAssigned:
		c.Assigned = &e
	case ReimbursementRecorded, ReimbursementWithdrawn:
		c.reimburse(e)
	case freezeEvent:
		c.freeze(e)
	default:
		c.keep(e)
		c.widen(e)
	}
}

// freeze takes note of a step of a freeze; news may be of one that nobody
// recorded a request of.
func (c *CaseFile) freeze(e freezeEvent) {
	_, news, _ := e.step()
	if c.Freezes[news.Freeze] == nil {
		c.Freezes[news.Freeze] = &Freeze{}
	}
	c.Freezes[news.Freeze].evolve(e)
}

// overlay lays a later description over what was said before: what it leaves
// out stays as it was.
func overlay(before, now AccountDescribed) AccountDescribed {
	sum := before
	sum.Account = now.Account
	sum.Holder = orBefore(now.Holder, before.Holder)
	sum.Shared = orBefore(now.Shared, before.Shared)
	sum.Innocent = orBefore(now.Innocent, before.Innocent)
	sum.Coerced = orBefore(now.Coerced, before.Coerced)
	for _, text := range []struct{ to, now *string }{{&sum.Institution, &now.Institution}, {&sum.Country, &now.Country}, {&sum.Basis, &now.Basis}} {
		if *text.now != "" {
			*text.to = *text.now
		}
	}
	if now.As != "" {
		sum.As = now.As
	}
	if !now.Opened.IsZero() {
		sum.Opened = now.Opened
	}
	return whose(sum, now)
}

// whose settles to which victim an account belongs: the last word counts.
func whose(sum, now AccountDescribed) AccountDescribed {
	if now.Victim != "" {
		sum.Victim = now.Victim
		if sum.NotVictim == now.Victim {
			sum.NotVictim = ""
		}
	}
	if now.NotVictim != "" {
		sum.NotVictim = now.NotVictim
		if sum.Victim == now.NotVictim {
			sum.Victim = ""
		}
	}
	return sum
}

func orBefore[T any](now, before *T) *T {
	if now != nil {
		return now
	}
	return before
}

// Resolve is the name under which an account is walked, after all that was
// identified. A circle ends at the name that comes first by code point, so
// that the answer never depends on where one starts.
func (c *CaseFile) Resolve(account AccountID) AccountID {
	seen := []AccountID{account}
	for {
		next, ok := c.SameAs[seen[len(seen)-1]]
		if !ok {
			return seen[len(seen)-1]
		}
		if at := slices.Index(seen, next); at >= 0 {
			return slices.Min(seen[at:])
		}
		seen = append(seen, next)
	}
}

// ParseCase checks a case's name. It becomes a part of file names, so it
// keeps to letters, digits, dot, dash and underscore.
func ParseCase(text string) (CaseID, error) {
	name := strings.TrimSpace(text)
	if err := checkName("case", name, 64); err != nil {
		return "", err
	}
	for i, r := range name {
		letter := r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9'
		if !letter && (i == 0 || !strings.ContainsRune("-_.", r)) {
			return "", fmt.Errorf("case %s: a case's name has letters, digits, dot, dash and underscore, and begins with a letter or digit", quoted(text))
		}
	}
	return CaseID(name), nil
}
