package projections

import (
	"cmp"
	"context"
	"database/sql/driver"
	"fmt"
	"iter"
	"slices"
	"time"

	"clew/domain"
	"clew/tracing"
)

// Assembly is a case made ready for walking as it was known at a position of
// the log: movements as corrected by then, tellings of one payment joined,
// accounts under the names that people have found to be one, with the cases
// that are linked.
type Assembly struct {
	File     *domain.CaseFile // of the case; accounts, victims, names of all that are walked with it
	Cases    []domain.CaseID  // itself first
	Position uint64
	walked   *tracing.Case // its movements, in the order of the log
	unfit    []unfitRow    // and those among them that cannot be walked
	Accounts map[domain.AccountID]tracing.Account
	Holds    []tracing.HoldStep
	Warnings []tracing.Warning // of Doubles
	Doubles  []Double

	// Tellings are the other names of a payment, by the name it is walked
	// under: more evidence for the same movement.
	Tellings map[domain.MovementID][]domain.MovementID
}

// Input gives what the walk needs, and the case file. The rule is the one that
// was asked for, else the one locked by then, else fifo.
func (v *Views) Input(ctx context.Context, a Ask) (tracing.Input, *domain.CaseFile, error) {
	assembly, err := v.assembled(ctx, a)
	if err != nil {
		return tracing.Input{}, nil, err
	}
	rule, _ := chosenRule(a.Rule, assembly.File)
	return assembly.input(rule, a), assembly.File, nil
}

// unfitRow is a movement that no rule can walk, such as two tellings that should
// not have been joined, and how many movements come before it.
type unfitRow struct {
	before int
	row    tracing.Row
}

// Len is how many movements there are.
func (s *Assembly) Len() int { return s.walked.Len() + len(s.unfit) }

// Row is the movement that so many come before, in the order of the log.
func (s *Assembly) Row(n int) tracing.Row {
	i, unfit := slices.BinarySearchFunc(s.unfit, n, func(u unfitRow, n int) int { return cmp.Compare(u.before, n) })
	if unfit {
		return s.unfit[i].row
	}
	return s.walked.Row(n - i)
}

// Rows gives the movements in the order of the log. The row is overwritten by
// the next.
func (s *Assembly) Rows() iter.Seq[*tracing.Row] {
	return func(yield func(*tracing.Row) bool) {
		var row tracing.Row
		for n := range s.Len() {
			if row = s.Row(n); !yield(&row) {
				return
			}
		}
	}
}

// rowsBy gives the movements that had happened by a time; zero: all have.
func (s *Assembly) rowsBy(at time.Time) iter.Seq[*tracing.Row] {
	return func(yield func(*tracing.Row) bool) {
		for row := range s.Rows() {
			if happened(row, at) && !yield(row) {
				return
			}
		}
	}
}

// happened says whether a row had happened by a time; zero: all has.
func happened(r *tracing.Row, at time.Time) bool { return at.IsZero() || !r.When.Time.After(at) }

func (s *Assembly) add(row *tracing.Row) {
	if err := s.walked.Add(row); err != nil {
		s.unfit = append(s.unfit, unfitRow{s.Len(), *row})
	}
}

func (s *Assembly) input(rule tracing.Rule, a Ask) tracing.Input {
	in := tracing.Input{Rule: rule, Case: s.walked, Accounts: s.Accounts, Holds: s.Holds, At: a.At}
	if len(s.unfit) > 0 { // the walk says why it cannot be made
		in.Case, in.Rows = nil, []tracing.Row{s.unfit[0].row}
	}
	return in
}

// chosenRule is the rule of a walk, and whether somebody chose it on record.
func chosenRule(asked tracing.Rule, file *domain.CaseFile) (rule tracing.Rule, locked bool) {
	switch {
	case asked != "":
		return asked, file.Lock != nil && tracing.Rule(file.Lock.Rule) == asked
	case file.Lock != nil:
		return tracing.Rule(file.Lock.Rule), true
	}
	return tracing.FIFO, false
}

// Assemble makes a case ready for walking as it was known at a position of the
// log, which must not lie beyond its end. The last one made is kept.
func (v *Views) Assemble(ctx context.Context, id domain.CaseID, upto uint64) (*Assembly, error) {
	return v.assemblies.get(ctx, assemblyKey{id, upto}, func() (assembly *Assembly, err error) {
		err = v.queryAt(ctx, upto, func(c *conn) error {
			assembly, err = assemble(ctx, c, id, upto)
			return err
		}, Movements.Name, CaseFiles.Name)
		return assembly, err
	})
}

// assembled is the case of a question, as it was known at the question's time.
func (v *Views) assembled(ctx context.Context, a Ask) (*Assembly, error) {
	upto, err := v.resolve(ctx, a)
	if err != nil {
		return nil, err
	}
	return v.Assemble(ctx, a.Case, upto)
}

type assemblyKey struct {
	id   domain.CaseID
	upto uint64
}

func assemble(ctx context.Context, c *conn, id domain.CaseID, upto uint64) (*Assembly, error) {
	own, err := caseFile(ctx, c, id, upto)
	if err != nil {
		return nil, err
	}
	if !own.Opened {
		return nil, domain.NotFound("there is no case %s at position %d of the log: 'clew case list' shows those there are", id, upto)
	}
	s := &Assembly{Position: upto, walked: tracing.NewCase(0), Tellings: map[domain.MovementID][]domain.MovementID{}}
	if s.Cases, err = linkedCases(ctx, c, id, upto); err != nil {
		return nil, err
	}
	facts, err := factsOf(ctx, c, s.Cases, upto)
	if err != nil {
		return nil, err
	}
	s.File = readAsOne(own, facts)
	s.Accounts = describe(s.File, facts)
	if err := s.gatherHolds(ctx, c, upto); err != nil {
		return nil, err
	}
	g := gathering{ctx: ctx, c: c, upto: upto, assembly: s}
	return s, g.all()
}

// factsOf gives the small facts of several cases in the order of the log.
func factsOf(ctx context.Context, c *conn, cases []domain.CaseID, upto uint64) (facts []domain.Event, err error) {
	args := []driver.Value{position(upto)}
	for _, id := range cases {
		args = append(args, string(id))
	}
	err = c.each(ctx, func(row []driver.Value) error {
		event, err := smallFact(c, row)
		facts = append(facts, event)
		return err
	}, `SELECT position, kind, body, "case" FROM casefile WHERE position <= ? AND "case" IN `+marks(len(cases))+` ORDER BY position`, args...)
	return facts, err
}

// readAsOne reads the files of linked cases as one, in the order of the log.
// What is the case's alone (its name, title, lock) stays its own.
func readAsOne(own *domain.CaseFile, facts []domain.Event) *domain.CaseFile {
	file := domain.NewCaseFile(own.ID)
	for _, fact := range facts {
		file.Evolve(fact)
	}
	file.Title, file.Currency, file.Opened, file.Closed = own.Title, own.Currency, own.Opened, own.Closed
	file.Links, file.Notes, file.Lock, file.Freezes = own.Links, own.Notes, own.Lock, own.Freezes
	return file
}

// describe says of every account, under the name it is walked by, what people
// have said of any of its names, in the order in which they said it.
func describe(file *domain.CaseFile, facts []domain.Event) map[domain.AccountID]tracing.Account {
	said := domain.NewCaseFile(file.ID)
	for _, fact := range facts {
		if d, ok := fact.(domain.AccountDescribed); ok {
			d.Account = file.Resolve(d.Account)
			said.Evolve(d)
		}
	}
	accounts := map[domain.AccountID]tracing.Account{}
	for name, d := range said.Accounts {
		accounts[name] = tracing.Account{
			As: d.As, Victim: d.Victim, NotVictim: d.NotVictim, Shared: isSet(d.Shared), Innocent: isSet(d.Innocent), Coerced: isSet(d.Coerced),
			Described: d.Holder != nil || d.Victim != "" || d.NotVictim != "" || d.Shared != nil || d.Innocent != nil || d.Coerced != nil,
		}
	}
	return accounts
}

func isSet(flag *bool) bool { return flag != nil && *flag }

// gathering collects the movements of an assembly.
type gathering struct {
	ctx      context.Context
	c        *conn
	upto     uint64
	assembly *Assembly

	cases             []driver.Value // numbers
	tellers           map[teller]bool
	caseOf            map[uint64]int64                        // by first position, where there are several cases
	reports           map[uint64]report                       // by first position
	ended, unreported map[uint64]bool                         // positions of versions that have ended, and whose own report has
	early             map[uint64]bool                         // positions of versions that are read before the others
	merged            []tracing.Row                           // what they come to, in the order of the log
	keptAs            map[domain.MovementID]domain.MovementID // the name under which a telling is walked
	lastTeller        teller
	groups            map[uint64]*telling // by first position: payments told more than once
	resolve           map[domain.AccountID]domain.AccountID
}

type report struct {
	victim domain.VictimID
	scam   domain.Scam
}

func (g *gathering) all() error {
	g.resolve, g.tellers, g.caseOf = map[domain.AccountID]domain.AccountID{}, map[teller]bool{}, map[uint64]int64{}
	for _, id := range g.assembly.Cases {
		number, err := caseNumber(g.c, id)
		if err != nil {
			return err
		}
		if number != 0 {
			g.cases = append(g.cases, number)
		}
	}
	if len(g.cases) == 0 {
		return nil
	}
	for _, step := range []func() error{g.readReports, g.readJoins, g.readEarly, g.merge, g.readMovements, g.findDoubles} {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

// where limits a query on a table with position and until to what stands at
// the position, in these cases.
func (g *gathering) where() (string, []driver.Value) {
	return fmt.Sprintf(`position <= %[1]d AND (until IS NULL OR until > %[1]d) AND "case" IN %[2]s`, g.upto, marks(len(g.cases))), g.cases
}

func (g *gathering) readReports() error {
	g.reports = map[uint64]report{}
	where, args := g.where()
	names := newVersions(g.c)
	return g.c.each(g.ctx, func(row []driver.Value) error {
		g.reports[uint64(asInt(row[0]))] = report{domain.VictimID(names.name(uint64(asInt(row[1])))), domain.Scam(names.name(uint64(asInt(row[2]))))}
		return names.err
	}, "SELECT movement, victim, scam FROM movements_report WHERE "+where+" ORDER BY position", args...)
}

// readMovements takes the versions that stand, in the order in
// which their movements were first recorded. They go there one by one, as the
// sheets have them; only those that others speak of are read before.
func (g *gathering) readMovements() (err error) {
	count, err := g.c.row(`SELECT sum(rows) FROM movements_case WHERE position <= ? AND "case" IN `+marks(len(g.cases)), append([]driver.Value{position(g.upto)}, g.cases...)...)
	if err != nil {
		return err
	}
	g.assembly.walked = tracing.NewCase(int(asInt(count[0])))
	versions, v := newVersions(g.c), Version{}
	err = g.eachPacked(func(n *packed) error {
		if g.early[n.position] {
			return nil
		}
		if err := versions.read(n, &v); err != nil {
			return err
		}
		g.noteReport(&v)
		if g.ended[v.Position] {
			return nil
		}
		g.noteTeller(&v)
		row := g.row(&v)
		g.walk(&row)
		return nil
	})
	for _, row := range g.merged {
		g.assembly.add(&row)
	}
	return err
}

// walk adds a row, and before it those that were read before and come first.
func (g *gathering) walk(row *tracing.Row) {
	for len(g.merged) > 0 && g.merged[0].Position < row.Position {
		g.assembly.add(&g.merged[0])
		g.merged = g.merged[1:]
	}
	if name, ok := g.keptAs[row.Of]; ok { // what a return gives back is walked under that name
		row.Of = name
	}
	g.assembly.add(row)
}

// readEarly reads the versions that correct others, and those of payments told
// more than once. Rows of these are not where the log has them first.
func (g *gathering) readEarly() (err error) {
	if g.ended, err = endedBy(g.ctx, g.c, "movements_ended", g.cases, g.upto); err != nil {
		return err
	}
	if g.unreported, err = endedBy(g.ctx, g.c, "movements_unreported", g.cases, g.upto); err != nil {
		return err
	}
	g.early = map[uint64]bool{}
	for first := range g.groups {
		g.early[first] = true
	}
	err = g.c.each(g.ctx, func(row []driver.Value) error {
		g.early[uint64(asInt(row[0]))], g.early[uint64(asInt(row[1]))] = true, true
		return nil
	}, "SELECT first, position FROM movements_later WHERE position <= ?", position(g.upto))
	if err != nil {
		return err
	}
	positions := make([]int64, 0, len(g.early))
	for at := range g.early {
		positions = append(positions, int64(at))
	}
	slices.Sort(positions)
	return newVersions(g.c).at(positions, g.takeEarly)
}

// takeEarly puts a version that stands among the rows that were read before,
// or with the other tellings of its payment.
func (g *gathering) takeEarly(v Version) {
	if !slices.Contains(g.cases, driver.Value(v.inCase)) {
		return
	}
	g.noteReport(&v)
	if g.ended[v.Position] {
		return
	}
	row, told := g.row(&v), g.noteTeller(&v)
	if t := g.groups[v.First]; t != nil {
		t.rows, t.tellers = append(t.rows, row), append(t.tellers, told)
		return
	}
	g.merged = append(g.merged, row)
}

// eachPacked gives the versions of these cases that had been recorded by the
// position, those that have ended too.
func (g *gathering) eachPacked(do func(*packed) error) error {
	wanted := map[uint64]bool{}
	for _, number := range g.cases {
		wanted[uint64(asInt(number))] = true
	}
	var n packed
	return g.c.each(g.ctx, func(row []driver.Value) error {
		bytes, _ := row[1].([]byte)
		r := readSheet(uint64(asInt(row[0])), bytes)
		for r.next(&n) && n.position <= g.upto {
			if !wanted[n.inCase] {
				continue
			}
			if err := do(&n); err != nil {
				return err
			}
		}
		if r.torn {
			return errSheet
		}
		return nil
	}, fmt.Sprintf(`SELECT position, sheet FROM movements WHERE position IN (SELECT position FROM movements_case WHERE "case" IN %s AND position <= %d) ORDER BY position`, marks(len(g.cases)), g.upto), g.cases...)
}

// noteTeller remembers who tells a version. With one case there is no need to
// remember of each row in which case it is told.
func (g *gathering) noteTeller(v *Version) teller {
	told := teller{source: v.Source}
	if len(g.cases) > 1 {
		told.inCase, g.caseOf[v.First] = v.inCase, v.inCase
	}
	if told != g.lastTeller {
		g.tellers[told], g.lastTeller = true, told
	}
	return told
}

// row makes a row of a version: with the names that its accounts are walked
// by, and with who reports it.
func (g *gathering) row(v *Version) tracing.Row {
	r := tracing.Row{Movement: v.Movement, Position: v.First, Statement: v.Opens}
	r.Movement.Victim, r.Movement.Scam = "", ""
	r.From, r.To = g.name(v.From), g.name(v.To)
	for _, legs := range [][]domain.Leg{r.Inputs, r.Outputs} {
		for i := range legs {
			legs[i].Account = g.name(legs[i].Account)
		}
	}
	reported := g.reports[v.First]
	r.Victim, r.Scam = reported.victim, reported.scam
	return r
}

// noteReport remembers who reports a payment where the very row that first
// told it says so, nobody has taken that back, and no event of its own says
// otherwise. A correction, which comes later, does not touch it.
func (g *gathering) noteReport(v *Version) {
	if v.First != v.Position || v.Victim == "" || g.unreported[v.Position] {
		return
	}
	if _, told := g.reports[v.First]; !told {
		g.reports[v.First] = report{v.Victim, v.Scam}
	}
}

// name is the name that an account is walked by.
func (g *gathering) name(account domain.AccountID) domain.AccountID {
	if len(g.assembly.File.SameAs) == 0 {
		return account
	}
	if name, ok := g.resolve[account]; ok {
		return name
	}
	name := g.assembly.File.Resolve(account)
	g.resolve[account] = name
	return name
}
