package tracing_test

import (
	"fmt"
	"hash/fnv"
	"math/big"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"clew/domain"
	"clew/tracing"

	"pgregory.net/rapid"
)

// network draws a random case: few accounts, so that money mixes, and several
// victims with many payments. rapid gives the seed (and prints it); the rows
// come from an even generator, because rapid's own numbers lean to small ones.
// What fails is made smaller by smallest, which leaves rows out.
func network(t *rapid.T) tracing.Input {
	h := fnv.New128a()
	for _, n := range rapid.SliceOfN(rapid.Uint64(), 4, 4).Draw(t, "network") {
		fmt.Fprintln(h, n)
	}
	seed := new(big.Int).SetBytes(h.Sum(nil))
	low := new(big.Int).And(seed, new(big.Int).SetUint64(^uint64(0)))
	g := &generator{Rand: rand.New(rand.NewPCG(seed.Rsh(seed, 64).Uint64(), low.Uint64())), held: map[oraclePlace]*big.Int{}}
	return g.network()
}

type generator struct {
	*rand.Rand
	in     tracing.Input
	now    time.Time
	mules  []domain.AccountID
	homes  []domain.AccountID
	ends   []domain.AccountID
	assets []domain.Asset
	scale  map[domain.Asset]*big.Int // the usual amounts
	held   map[oraclePlace]*big.Int  // about what lies where
	likes  []func() tracing.Row      // kinds of rows, as often as they come
	odd    int                       // how often, in a hundred, something unusual comes
	bare   int                       // how often, in a hundred, only the day is known
}

func some[T any](g *generator, list []T) T { return list[g.IntN(len(list))] }

// chance is true n times in a hundred.
func (g *generator) chance(n int) bool { return g.IntN(100) < n }

func (g *generator) network() tracing.Input {
	g.now = time.Date(2024, 2, 27, 22, 0, 0, 0, time.UTC)
	g.mules = []domain.AccountID{"M1", "M2", "iban:DE02120300000000202051", "vasp:v1", "eip155:1:0xab"}[:2+g.IntN(4)]
	g.homes = []domain.AccountID{"H1", "H2", "H3", "bank:h4"}[:some(g, []int{1, 2, 3, 3, 4})]
	g.ends = []domain.AccountID{"cash:a", "merchant:b", "service:c", "mixer:d", "gambling:e", "sink:f", domain.SinkFees, "K1"}
	if g.chance(40) { // a victim who is used as a mule
		g.mules = append(slices.Clip(g.mules), g.homes[0])
	}
	g.odd = some(g, []int{0, 3, 3, 15})
	g.bare = some(g, []int{0, 30, 30, 97})
	g.chooseAssets()
	g.describe()
	g.chooseKinds()
	for n := range some(g, []int{8, 20, 40, 80, 150, 300}) {
		g.pass()
		row := some(g, g.likes)()
		row.When, row.Position = g.when(), uint64(10*n+g.IntN(25))
		row.ID = domain.MovementID(fmt.Sprintf("m%03d", n))
		g.in.Rows = append(g.in.Rows, row)
	}
	g.settle()
	return g.in
}

// settle makes positions differ, mixes the rows' order (the walk must not
// depend on it) and sometimes asks for an earlier moment.
func (g *generator) settle() {
	rows := g.in.Rows
	slices.SortStableFunc(rows, func(a, b tracing.Row) int { return int(a.Position) - int(b.Position) })
	for i := range rows {
		rows[i].Position = uint64(i + 1)
	}
	g.Shuffle(len(rows), func(i, j int) { rows[i], rows[j] = rows[j], rows[i] })
	if g.chance(25) {
		g.in.At = some(g, rows).When.Time
	} else if g.chance(10) {
		g.in.At = some(g, rows).When.End()
	}
}

// chooseAssets: whole coins, cents and wei; small amounts, so that rounding
// and dust show, and huge ones, so that 64 bits do not do.
func (g *generator) chooseAssets() {
	all := []domain.Asset{coin, {Code: "EUR", Digits: 2}, {Code: "ETH", Digits: 18}}
	g.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	g.assets = all[:1+g.IntN(3)]
	g.scale = map[domain.Asset]*big.Int{}
	for _, asset := range g.assets {
		digits := some(g, []int64{1, 1, 2, 4, 6})
		if asset.Digits == 18 {
			digits = some(g, []int64{2, 19, 24, 33})
		}
		g.scale[asset] = new(big.Int).Exp(big.NewInt(10), big.NewInt(digits), nil)
	}
}

// describe: what people have said about the accounts.
func (g *generator) describe() {
	g.in.Accounts = map[domain.AccountID]tracing.Account{"K1": {As: domain.KindService}}
	for _, account := range slices.Concat(g.mules, g.homes, []domain.AccountID{"cash:a", "Q1", "T0:0"}) {
		if !g.chance(5 + 2*g.odd) {
			continue
		}
		said := tracing.Account{Described: g.chance(50), Shared: g.chance(20), Innocent: g.chance(35), Coerced: g.chance(20)}
		if g.chance(20) {
			said.Victim = g.victim()
		}
		if g.chance(20) {
			said.NotVictim = g.victim()
		}
		if strings.HasPrefix(string(account), "eip155:") && g.chance(40) {
			said.As = domain.KindMixer
		}
		g.in.Accounts[account] = said
	}
}

func (g *generator) victim() domain.VictimID {
	return domain.VictimID(fmt.Sprintf("V%d", 1+g.IntN(len(g.homes))))
}

// chooseKinds gives every network its own mixture of kinds.
func (g *generator) chooseKinds() {
	for _, kind := range []struct {
		row   func() tracing.Row
		usual int
	}{{g.transfer, 40}, {g.report, 16}, {g.opening, 4}, {g.balance, 6}, {g.conversion, 8}, {g.deduction, 6}, {g.giveBack, 8}, {g.hop, 5}} {
		often := kind.usual * g.IntN(3)
		for range often {
			g.likes = append(g.likes, kind.row)
		}
	}
	g.likes = append(g.likes, g.report, g.transfer)
}

// pass lets time pass: often none, sometimes to another day. Where mostly the
// day is known, days are long: their rows have to wait for one another.
func (g *generator) pass() {
	if g.bare > 50 && !g.chance(5) {
		return
	}
	switch g.IntN(6) {
	case 0, 1:
		g.now = g.now.Add(time.Duration(g.IntN(90)) * time.Minute)
	case 2:
		g.now = g.now.Add(time.Duration(g.IntN(30)) * time.Hour)
	}
}

func (g *generator) when() domain.When {
	if g.chance(g.bare) {
		return domain.Date(g.now.Date())
	}
	return domain.Instant(g.now)
}

// anywhere is an account money may go to or come from: mostly a mule's.
func (g *generator) anywhere() domain.AccountID {
	switch n := g.IntN(100); {
	case n < 3+g.odd/3:
		return some(g, g.ends)
	case n < 15:
		return some(g, g.homes)
	case n < 25:
		return some(g, []domain.AccountID{"Q1", "Q2", "T0:0", "T0:1"})
	}
	return some(g, g.mules)
}

func (g *generator) lies(account domain.AccountID, asset domain.Asset) *big.Int {
	place := oraclePlace{account, asset}
	if g.held[place] == nil {
		g.held[place] = new(big.Int)
	}
	return g.held[place]
}

func (g *generator) moved(from, to domain.AccountID, left, came domain.Amount) {
	payer, payee := g.lies(from, left.Asset), g.lies(to, came.Asset)
	payer.Sub(payer, left.Units.Big())
	if payer.Sign() < 0 {
		payer.SetInt64(0)
	}
	payee.Add(payee, came.Units.Big())
}

// upTo is a number from 1 to n, evenly; 1 where n is nothing.
func (g *generator) upTo(n *big.Int) *big.Int {
	if n.Sign() <= 0 {
		return big.NewInt(1)
	}
	words := make([]byte, len(n.Bytes())+8)
	for i := range words {
		words[i] = byte(g.Uint32())
	}
	drawn := new(big.Int).Mod(new(big.Int).SetBytes(words), n)
	return drawn.Add(drawn, big.NewInt(1))
}

// amount is more than nothing: all that lies there, half of it (exact halves
// are where rounding can go wrong), a part, a little more, or any amount.
func (g *generator) amount(from domain.AccountID, asset domain.Asset) domain.Amount {
	lies := g.lies(from, asset)
	switch n := g.IntN(100); {
	case n < 12 && lies.Sign() > 0:
		return amountOf(lies, asset)
	case n < 25 && lies.Sign() > 0 && lies.Bit(0) == 0:
		return amountOf(new(big.Int).Rsh(lies, 1), asset)
	case n < 85 && lies.Sign() > 0:
		return amountOf(g.upTo(lies), asset)
	case n < 85+g.odd:
		return amountOf(new(big.Int).Add(lies, g.upTo(big.NewInt(5))), asset)
	case n < 95:
		return amountOf(g.upTo(big.NewInt(12)), asset)
	}
	return amountOf(g.upTo(g.scale[asset]), asset)
}

func amountOf(n *big.Int, asset domain.Asset) domain.Amount {
	low := new(big.Int).And(n, new(big.Int).SetUint64(^uint64(0))).Uint64()
	high := new(big.Int).Rsh(n, 64).Int64()
	return domain.Amount{Units: domain.UnitsFromWords(high, low), Asset: asset}
}

func (g *generator) movement(kind domain.MovementKind) tracing.Row {
	var row tracing.Row
	row.Kind, row.From, row.To = kind, g.anywhere(), g.anywhere()
	row.Amount = g.amount(row.From, some(g, g.assets))
	return row
}

// feed pays the row's fee, in its own asset or in another.
func (g *generator) feed(row tracing.Row) tracing.Row {
	g.moved(row.From, row.To, row.Amount, row.Arrives())
	if g.chance(15) {
		row.Fee = amountOf(big.NewInt(g.Int64N(4)), some(g, g.assets))
		g.moved(row.From, domain.SinkFees, row.Fee, row.Fee)
	}
	return row
}

func (g *generator) transfer() tracing.Row {
	row := g.movement(domain.Transfer)
	if g.chance(4) {
		row.Amount = amountOf(new(big.Int), row.Amount.Asset)
	}
	return g.feed(row)
}

// report is a payment that a victim reports: mostly from his own home, but he
// may pay by cash, from a mule's account, or convert on the way.
func (g *generator) report() tracing.Row {
	row := g.movement(domain.Transfer)
	victim := g.IntN(len(g.homes))
	row.Victim = domain.VictimID(fmt.Sprintf("V%d", 1+victim))
	row.Scam = some(g, []domain.Scam{"", "romance", "job"})
	if !g.chance(g.odd) {
		row.From, row.To = g.homes[victim], some(g, g.mules)
		row.Amount = g.amount(row.From, row.Amount.Asset)
	}
	if g.chance(10) {
		row = g.received(row, some(g, g.assets))
	}
	return g.feed(row)
}

// received makes a row a conversion, or a deduction where the asset is the
// same. Little may arrive for much, so that some lots get nothing; but one
// unit buys no more than 2^56 (a cent, 7·10^16 wei), as fractions of 128 binary
// digits cannot be told from their neighbours when they are blown up further.
func (g *generator) received(row tracing.Row, asset domain.Asset) tracing.Row {
	row.Kind = domain.Conversion
	most := new(big.Int).Lsh(row.Amount.Units.Big(), 56)
	if most.Cmp(g.scale[asset]) > 0 {
		most = g.scale[asset]
	}
	row.Received = amountOf(g.upTo(some(g, []*big.Int{big.NewInt(3), most})), asset)
	if asset == row.Amount.Asset {
		row.Received = amountOf(g.upTo(row.Amount.Units.Big()), asset)
	}
	return row
}

func (g *generator) conversion() tracing.Row {
	row := g.movement(domain.Conversion)
	return g.feed(g.received(row, some(g, g.assets)))
}

func (g *generator) deduction() tracing.Row {
	row := g.movement(domain.Conversion)
	return g.feed(g.received(row, row.Amount.Asset))
}

func (g *generator) opening() tracing.Row {
	row := g.movement(domain.Opening)
	row.From = ""
	if g.chance(5) {
		row.Amount = amountOf(new(big.Int), row.Amount.Asset)
	}
	g.moved("", row.To, domain.Amount{Asset: row.Amount.Asset}, row.Amount)
	return row
}

// balance states what the account holds, a little more or less, nothing, or
// that it is overdrawn; sometimes it opens a statement.
func (g *generator) balance() tracing.Row {
	row := g.movement(domain.Balance)
	row.From = ""
	lies := g.lies(row.To, row.Amount.Asset)
	switch n := g.IntN(10); {
	case n < 3:
		row.Amount = amountOf(lies, row.Amount.Asset)
	case n < 4:
		row.Amount = amountOf(new(big.Int), row.Amount.Asset)
	case n < 6:
		row.Amount = amountOf(new(big.Int).Neg(g.upTo(g.scale[row.Amount.Asset])), row.Amount.Asset)
	case n < 7:
		row.Amount = amountOf(new(big.Int).Add(lies, g.upTo(big.NewInt(9))), row.Amount.Asset)
	}
	row.Statement = g.chance(25)
	lies.Set(row.Amount.Units.Big())
	if lies.Sign() < 0 {
		lies.SetInt64(0)
	}
	return row
}

// giveBack returns a part, all or more of an earlier movement, mostly by the
// way it came; or of one that is not known, or of another asset.
func (g *generator) giveBack() tracing.Row {
	row := g.movement(domain.Return)
	if len(g.in.Rows) == 0 || g.chance(g.odd/2) {
		row.Of = some(g, []domain.MovementID{"", "elsewhere", "m000", "m005"})
		return g.feed(row)
	}
	last := min(len(g.in.Rows), 12)
	of := g.in.Rows[len(g.in.Rows)-1-g.IntN(last)]
	if of.From == "" && !g.chance(g.odd) {
		return g.transfer()
	}
	row.Of = of.ID
	if !g.chance(g.odd) && of.From != "" && of.To != "" {
		row.From, row.To = of.To, of.From
		row.Amount = of.Arrives()
	}
	if g.chance(60) && !row.Amount.IsZero() {
		row.Amount = amountOf(g.upTo(row.Amount.Units.Big()), row.Amount.Asset)
	}
	if g.chance(g.odd) {
		row.Amount = g.amount(row.From, some(g, g.assets))
	}
	if row.Amount.IsZero() || row.Amount.Units.Sign() < 0 {
		row.Amount = amountOf(big.NewInt(1), row.Amount.Asset)
	}
	return g.feed(row)
}

// hop is a transaction of a few inputs and outputs; what is left is the fee.
func (g *generator) hop() tracing.Row {
	var row tracing.Row
	row.Kind = domain.Hop
	asset, total := some(g, g.assets), new(big.Int)
	for range 1 + g.IntN(3) {
		from := g.anywhere()
		leg := domain.Leg{Account: from, Amount: g.amount(from, asset), Address: some(g, []string{"", "x", "y"})}
		row.Inputs = append(row.Inputs, leg)
		total.Add(total, leg.Amount.Units.Big())
		g.moved(from, "", leg.Amount, leg.Amount)
	}
	for range 1 + g.IntN(3) {
		part := g.upTo(total)
		if g.chance(25) {
			part = new(big.Int).Set(total)
		}
		total.Sub(total, part)
		to := g.anywhere()
		leg := domain.Leg{Account: to, Amount: amountOf(part, asset), Address: some(g, []string{"", "x", "z"})}
		row.Outputs = append(row.Outputs, leg)
		g.moved("", to, leg.Amount, leg.Amount)
		if total.Sign() == 0 {
			break
		}
	}
	if g.chance(g.odd) {
		row.Victim = g.victim()
	}
	return row
}
