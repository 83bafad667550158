package projections

import (
	"context"
	"database/sql/driver"
	"errors"
	"strconv"

	"clew/domain"
	"clew/network"
)

// Meeting asks what cases have in common.
type Meeting struct {
	Ask          // Case "": of all cases; its rule is not looked at
	After uint64 // only what came into common after this position of the log; then nobody looks when it happened
}

// Common is what cases have in common, by accounts, addresses, names found to
// be one account and references of payments. Persons, whose names the read
// models do not have, are asked of the vault.
type Common struct {
	Position   uint64
	At         func(uint64) Stretch // when a position was recorded
	Sightings  []network.Sighting
	Identities []network.Identity
	Assigned   map[domain.CaseID]domain.CaseAssigned // as recorded: sealed
	Hidden     map[domain.CaseID]bool                // silent cases of other teams
}

// Common finds by what a case meets others. What another case knows from closed
// files alone (domain.OutletHit) is left out, and so is a silent case.
func (v *Views) Common(ctx context.Context, m Meeting) (*Common, error) {
	upto, err := v.resolve(ctx, m.Ask)
	if err != nil {
		return nil, err
	}
	head, err := v.position(ctx, Head)
	if err != nil {
		return nil, err
	}
	s := &meeting{Meeting: m, ctx: ctx, v: v, upto: upto, head: head, common: &Common{Position: upto, Assigned: map[domain.CaseID]domain.CaseAssigned{}, Hidden: map[domain.CaseID]bool{}},
		closed: map[domain.CaseID]map[domain.SHA256]bool{}, named: map[naming]*network.Naming{}, wanted: map[domain.CaseID]map[domain.AccountID]bool{}, addresses: map[domain.AccountID]bool{}}
	err = v.queryAt(ctx, head, func(c *conn) error {
		s.c = c
		for _, step := range []func() error{s.findTeams, s.findClosed, s.findIdentities, s.findAccounts, s.lookThrough, s.findRefs} {
			if err := step(); err != nil {
				return err
			}
		}
		return nil
	}, Accounts.Name, Movements.Name, CaseFiles.Name)
	if err != nil {
		return nil, err
	}
	s.sayAccounts()
	recorded, err := v.stretches(ctx)
	s.common.At = recorded.at
	return s.common, err
}

// meeting looks for what cases have in common.
type meeting struct {
	Meeting
	ctx       context.Context
	v         *Views
	c         *conn
	upto      uint64
	head      uint64 // what protects a case is asked as of now, whatever is asked about
	common    *Common
	closed    map[domain.CaseID]map[domain.SHA256]bool // files that give no hit
	named     map[naming]*network.Naming
	wanted    map[domain.CaseID]map[domain.AccountID]bool // to be looked for in each case
	addresses map[domain.AccountID]bool                   // that a case has as the address of an output
}

// naming is an account in a case.
type naming struct {
	account domain.AccountID
	in      domain.CaseID
}

// facts gives the small facts of some kinds, as they were recorded.
func (s *meeting) facts(do func(Fact), kinds ...string) error {
	return sealedFacts(s.ctx, s.c, do, stretchOfKinds{0, s.upto, kinds})
}

// stretchOfKinds are the small facts of some kinds in a stretch of the log.
type stretchOfKinds struct {
	after, upto uint64
	kinds       []string
}

func sealedFacts(ctx context.Context, c *conn, do func(Fact), of stretchOfKinds) error {
	args := []driver.Value{position(of.after), position(of.upto)}
	for _, kind := range of.kinds {
		args = append(args, kind)
	}
	return c.each(ctx, func(row []driver.Value) error {
		event, err := domain.DecodeEvent(asText(row[2]), []byte(asText(row[3])))
		if err == nil {
			do(Fact{Position: uint64(asInt(row[0])), Case: domain.CaseID(asText(row[1])), Event: event})
		}
		return err
	}, `SELECT position, "case", kind, body FROM casefile WHERE position > ? AND position <= ? AND kind IN `+marks(len(of.kinds))+` ORDER BY position`, args...)
}

// SealedFacts lists the small facts of some kinds, of all cases, as they were
// recorded after one position of the log and by another, without the time.
func (v *Views) SealedFacts(ctx context.Context, after, upto uint64, kinds ...string) (facts []Fact, err error) {
	if upto, err = v.position(ctx, upto); err != nil {
		return nil, err
	}
	err = v.queryAt(ctx, upto, func(c *conn) error {
		facts = nil
		return sealedFacts(ctx, c, func(f Fact) { facts = append(facts, f) }, stretchOfKinds{after, upto, kinds})
	}, CaseFiles.Name)
	return facts, err
}

// findTeams reads whose each case is. A silent one is told to its own team
// alone.
func (s *meeting) findTeams() error {
	err := sealedFacts(s.ctx, s.c, func(f Fact) { s.common.Assigned[f.Case] = f.Event.(domain.CaseAssigned) },
		stretchOfKinds{0, s.head, []string{domain.CaseAssigned{}.Kind()}})
	own, known := s.common.Assigned[s.Case]
	for of, said := range s.common.Assigned {
		if said.Silent && of != s.Case && (!known || said.Team != own.Team) {
			s.common.Hidden[of] = true
		}
	}
	return err
}

// findClosed reads which files of other cases give no hit.
func (s *meeting) findClosed() error {
	with := map[domain.CaseID]bool{}
	err := sealedFacts(s.ctx, s.c, func(f Fact) { with[f.Case] = f.Case != s.Case },
		stretchOfKinds{0, s.head, []string{domain.HandlingSet{}.Kind(), domain.PersonalRestricted{}.Kind()}})
	for of := range with {
		if err != nil || !with[of] {
			continue
		}
		var file *domain.CaseFile
		if file, err = caseFile(s.ctx, s.c, of, s.head); err != nil {
			return err
		}
		for name := range file.Files {
			if file.MayLeave(name, domain.OutletHit).Verdict != domain.Allowed {
				if s.closed[of] == nil {
					s.closed[of] = map[domain.SHA256]bool{}
				}
				s.closed[of][name] = true
			}
		}
	}
	return err
}

// findIdentities reads which names people have found to be one account, in
// every case: a later decision about a name takes the place of an earlier one.
func (s *meeting) findIdentities() error {
	last := map[naming]network.Identity{}
	err := s.facts(func(f Fact) {
		said := f.Event.(domain.AccountIdentified)
		last[naming{said.Account, f.Case}] = network.Identity{Case: f.Case, Account: said.Account, As: said.As, Since: f.Position}
	}, domain.AccountIdentified{}.Kind())
	for _, i := range last {
		if i.Account != i.As && !s.common.Hidden[i.Case] {
			s.common.Identities = append(s.common.Identities, i)
		}
	}
	return err
}

// meets says whether an account tells two cases to be about the same money:
// behind an end it can no longer be told whose it is.
func meets(account domain.AccountID) bool { return account != "" && !account.Kind().End() }

// findAccounts reads which accounts several cases name, and which of them name
// one of a cluster.
func (s *meeting) findAccounts() error {
	shared := `a.account IN (SELECT account FROM accounts_shared WHERE position <= ?1 AND met > ` + strconv.FormatUint(s.After, 10)
	if s.Case != "" {
		shared += ` AND "case" = (SELECT id FROM accounts_name WHERE name = ?2)`
	}
	if err := s.eachNaming(shared+")", string(s.Case)); err != nil {
		return err
	}
	for name := range network.Clusters(s.common.Identities) {
		if err := s.eachNaming("a.account = (SELECT id FROM accounts_name WHERE name = ?2)", string(name)); err != nil {
			return err
		}
	}
	return nil
}

// eachNaming takes note of which cases name some accounts, and since when.
func (s *meeting) eachNaming(where, argument string) error {
	return s.c.each(s.ctx, func(row []driver.Value) error {
		name := naming{domain.AccountID(asText(row[0])), domain.CaseID(asText(row[1]))}
		if !meets(name.account) || s.common.Hidden[name.in] {
			return nil
		}
		s.named[name] = &network.Naming{Account: name.account, Case: name.in, Since: uint64(asInt(row[2]))}
		if s.After == 0 || s.closed[name.in] != nil {
			if s.wanted[name.in] == nil {
				s.wanted[name.in] = map[domain.AccountID]bool{}
			}
			s.wanted[name.in][name.account] = true
		}
		return nil
	}, `SELECT n.name, c.name, a.position FROM accounts a JOIN accounts_name n ON n.id = a.account JOIN accounts_name c ON c.id = a."case"
		WHERE a.position <= ?1 AND ?2 IS NOT NULL AND `+where, position(s.upto), argument)
}

// lookThrough looks in each case when what it names happened, and leaves out
// what no movement that stands and no word of a person names there.
func (s *meeting) lookThrough() error {
	for of, wanted := range s.wanted {
		l := &looking{meeting: s, of: of, wanted: wanted, found: map[domain.AccountID]*network.Naming{}}
		if err := l.all(); err != nil {
			return err
		}
		for account := range wanted {
			s.settle(naming{account, of}, l.found[account])
		}
	}
	return nil
}

func (s *meeting) settle(name naming, found *network.Naming) {
	if found == nil {
		delete(s.named, name)
		return
	}
	if s.closed[name.in] == nil {
		found.Since = s.named[name].Since
	}
	s.named[name] = found
}

// sayAccounts makes sightings of what was found. What any case has as the
// address of an output is met by address.
func (s *meeting) sayAccounts() {
	var namings []network.Naming
	for _, n := range s.named {
		namings = append(namings, *n)
		match := network.ByAccount
		if s.addresses[n.Account] {
			match = network.ByAddress
		}
		s.common.Sightings = append(s.common.Sightings, network.Sighting{Match: match, Key: string(n.Account), Case: n.Case, What: string(n.Account), Since: n.Since, First: n.First})
	}
	s.common.Sightings = append(s.common.Sightings, network.ClusterSightings(namings, s.common.Identities)...)
}

// looking goes through one case for some accounts.
type looking struct {
	*meeting
	of     domain.CaseID
	wanted map[domain.AccountID]bool
	found  map[domain.AccountID]*network.Naming
}

func (l *looking) all() error {
	if err := l.words(); err != nil {
		return err
	}
	number, err := caseNumber(l.c, l.of)
	if err != nil || number == 0 {
		return err
	}
	g := gathering{ctx: l.ctx, c: l.c, upto: l.upto, cases: []driver.Value{number}}
	if g.ended, err = endedBy(l.ctx, l.c, "movements_ended", g.cases, l.upto); err != nil {
		return err
	}
	versions, v := newVersions(l.c), Version{}
	return g.eachPacked(func(n *packed) error {
		if g.ended[n.position] {
			return nil
		}
		if err := versions.read(n, &v); err != nil {
			return err
		}
		return l.version(&v)
	})
}

// words are what people have said of accounts: no file stands behind it.
func (l *looking) words() error {
	return l.facts(func(f Fact) {
		for _, account := range accountsNamed(&Recorded{Event: f.Event}) {
			if f.Case == l.of && l.wanted[account] && l.found[account] == nil {
				l.found[account] = &network.Naming{Account: account, Case: l.of, Since: f.Position}
			}
		}
	}, wordKinds()...)
}

// version takes note of the accounts of a movement that stands.
func (l *looking) version(v *Version) error {
	if !l.At.IsZero() && v.When.Time.After(l.At) {
		return nil
	}
	addresses := addressesOf(&v.Movement)
	for i, account := range append(addresses, accountsOf(&v.Movement)...) {
		if !l.wanted[account] {
			continue
		}
		if open, err := l.open(l.of, v.Position); err != nil || !open {
			return err
		}
		l.addresses[account] = l.addresses[account] || i < len(addresses)
		l.saw(account, v)
	}
	return nil
}

func (l *looking) saw(account domain.AccountID, v *Version) {
	known := l.found[account]
	if known == nil {
		known = &network.Naming{Account: account, Case: l.of, Since: v.Position}
		l.found[account] = known
	}
	known.Since = min(known.Since, v.Position)
	if known.First.IsZero() || v.When.Time.Before(known.First.Time) {
		known.First = v.When
	}
}

// open says whether what a position tells in a case may give a hit.
func (s *meeting) open(of domain.CaseID, at uint64) (bool, error) {
	if s.closed[of] == nil {
		return true, nil
	}
	m, err := s.v.told(s.ctx, at)
	return !s.closed[of][m.Evidence.File], err
}

// findRefs finds the references of payments that several cases bear.
func (s *meeting) findRefs() error {
	positions, err := s.refPositions()
	if err != nil {
		return err
	}
	ended, err := s.endedAmong(positions)
	if err != nil {
		return err
	}
	borne := map[network.Sighting]*network.Sighting{}
	names, wrong := newVersions(s.c), error(nil)
	err = names.at(positions, func(v Version) {
		if wrong != nil || v.Ref == "" || v.Position > s.upto || ended[v.Position] || !s.At.IsZero() && v.When.Time.After(s.At) {
			return
		}
		of := domain.CaseID(names.name(uint64(v.inCase)))
		open, err := s.open(of, v.Position)
		if wrong = err; err != nil || !open || s.common.Hidden[of] {
			return
		}
		s.bears(borne, network.Sighting{Match: network.ByPayment, Key: v.Ref, Case: of, What: v.Ref}, &v)
	})
	for _, sighting := range borne {
		s.common.Sightings = append(s.common.Sightings, *sighting)
	}
	return errors.Join(err, wrong, names.err)
}

func (s *meeting) bears(borne map[network.Sighting]*network.Sighting, one network.Sighting, v *Version) {
	known := borne[one]
	if known == nil {
		sighting := one
		sighting.Since, sighting.First = v.Position, v.When
		borne[one] = &sighting
		return
	}
	known.Since = min(known.Since, v.Position)
	if v.When.Time.Before(known.First.Time) {
		known.First = v.When
	}
}

// endedAmong says which of some versions had ended by the position asked for.
func (s *meeting) endedAmong(positions []int64) (map[uint64]bool, error) {
	ended := map[uint64]bool{}
	err := inChunks(positions, func(chunk []driver.Value) error {
		return s.c.each(s.ctx, func(row []driver.Value) error {
			if uint64(asInt(row[1])) <= s.upto {
				ended[uint64(asInt(row[0]))] = true
			}
			return nil
		}, "SELECT position, until FROM movements_ended WHERE position IN "+chunkMarks, chunk...)
	})
	return ended, err
}

// refPositions are the positions of movements whose reference another one may
// bear as well.
func (s *meeting) refPositions() ([]int64, error) {
	row, err := s.c.row(`SELECT count(DISTINCT "case") FROM movements_case`)
	if err != nil || asInt(row[0]) < 2 {
		return nil, err
	}
	if s.After == 0 {
		return s.c.find.refs.repeated(s.c)
	}
	number, err := caseNumber(s.c, s.Case)
	if err != nil {
		return nil, err
	}
	keys := map[int64]bool{}
	_, err = eachSince(s.c, s.After, func(n *packed) {
		if n.ref != "" && n.inCase == uint64(number) {
			keys[textKey(n.ref)] = true
		}
	})
	if err != nil || len(keys) == 0 {
		return nil, err
	}
	return s.c.find.refs.among(s.c, keys)
}
