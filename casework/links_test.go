package casework_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"clew/casework"
	"clew/domain"
	"clew/network"
	"clew/projections"
	"clew/vault"
)

// teams are two cases of two teams and one that is nobody's.
func teams(t *testing.T) office {
	t.Helper()
	o := newOffice(t)
	for _, c := range []domain.CaseID{"C2", "C3"} {
		o.in(t, c, domain.OpenCase{Case: c, Title: "Case of " + canary})
	}
	o.in(t, "C1", domain.AssignCase{Team: "South", Contact: "desk 3"})
	o.in(t, "C2", domain.AssignCase{Team: "North", Contact: "extension 12"})
	return o
}

func (o office) in(t *testing.T, c domain.CaseID, commands ...domain.Command) casework.Outcome {
	t.Helper()
	var last casework.Outcome
	for _, command := range commands {
		last = must(o.Do(context.Background(), ina, c, command))(t)
	}
	return last
}

// linked tells the links of a case in short, and that no name is in them.
func (o office) linked(t *testing.T, a projections.Ask) (list []string) {
	t.Helper()
	links := must(o.Links(context.Background(), ina, a, "to test"))(t)
	text := string(must(json.Marshal(links))(t))
	if strings.Contains(strings.ToLower(text), "canary") || strings.Contains(text, "7946") {
		t.Errorf("a name or a number is in the answer: %s", text)
	}
	for _, h := range links.Hits {
		list = append(list, fmt.Sprintf("%s %s %s %s", h.Match, h.Here.What, h.There.Case, h.Team))
	}
	return list
}

func same(t *testing.T, what string, got []string, want ...string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s: %q, want %q", what, got, want)
	}
}

// A person is met under the name that he has then: as of an earlier day under
// the name of that day; not when he was erased, and not while he is kept for
// evidence alone.
func TestAPersonIsMetUnderTheNameOfTheDay(t *testing.T) {
	o := teams(t)
	o.in(t, "C2", domain.RegisterPerson{Person: "P7", Category: domain.Suspect, Name: canary})
	wrong := o.in(t, "C1", domain.RegisterPerson{Person: "P1", Category: domain.Suspect, Name: "Somebody Else"})
	right := o.in(t, "C1", domain.RegisterPerson{Person: "P1", Category: domain.Suspect, Name: strings.ToUpper(canary)})
	again := o.in(t, "C1", domain.RegisterPerson{Person: "P1", Category: domain.Suspect, Name: "Somebody Else", Basis: "an error"})
	person := "person person P1 C2 North"
	same(t, "under the first name", o.linked(t, projections.Ask{Case: "C1", Upto: wrong.Last}))
	same(t, "under the right name", o.linked(t, projections.Ask{Case: "C1", Upto: right.Last}), person)
	same(t, "under the first name again", o.linked(t, projections.Ask{Case: "C1", Upto: again.Last}))
	o.in(t, "C1", domain.RegisterPerson{Person: "P1", Category: domain.Witness, Name: canary})
	same(t, "now", o.linked(t, projections.Ask{Case: "C1"}), person)
	same(t, "from the other side", o.linked(t, projections.Ask{Case: "C2"}), "person person P7 C1 South")
	restrict := domain.Restrict{PersonalRestricted: domain.PersonalRestricted{Of: domain.Whose{Person: "P1"}, Basis: "LED art. 16(3)"}}
	o.in(t, "C1", restrict)
	if err := o.LearnErasures(context.Background()); err != nil {
		t.Fatal(err)
	}
	same(t, "kept for evidence alone", o.linked(t, projections.Ask{Case: "C2"}))
	restrict.Lifted = true
	o.in(t, "C1", restrict)
	must(o.Erase(context.Background(), ina, "C2", domain.Erase{Of: domain.Whose{Person: "P7"}, Basis: "LED art. 16(2)"}))(t)
	same(t, "erased", o.linked(t, projections.Ask{Case: "C1"}))
	same(t, "erased, as of before", o.linked(t, projections.Ask{Case: "C1", Upto: right.Last}))
}

// A holder, a telephone and a cluster are met; the twins that differ are not.
func TestHoldersNumbersAndClustersAreMet(t *testing.T) {
	o := teams(t)
	number := domain.NoteIdentifier{About: domain.Whose{Person: "P1"}, Sort: domain.Phone, Value: "+44 20 7946 0000", Source: "chat"}
	o.in(t, "C1", domain.DescribeAccount{Account: "bank:1", Holder: canary}, domain.DescribeAccount{Account: "bank:2", Holder: "A Twin"}, number)
	number.About, number.Value = domain.Whose{}, "0044 2079460000"
	o.in(t, "C2", domain.DescribeAccount{Account: "bank:3", Holder: canary}, domain.DescribeAccount{Account: "bank:4", Holder: "Another Twin"}, number)
	number.Sort, number.Value = domain.Device, "44207946 0000"
	o.in(t, "C3", number)
	same(t, "holder and telephone", o.linked(t, projections.Ask{Case: "C1"}), "person the holder of bank:1 C2 North", "phone person P1 C2 North")

	before := must(o.Store.Head(context.Background()))(t)
	o.in(t, "C3", domain.IdentifyAccounts{Account: "bank:2", As: "bank:4", Basis: "one customer"})
	same(t, "and a cluster", o.linked(t, projections.Ask{Case: "C1"})[:1], "cluster bank:2 C2 North")
	met := must(o.Met(context.Background(), ina, "C1", before))(t)
	if i := slices.IndexFunc(met, func(h casework.Hit) bool { return h.Match == network.ByCluster }); i < 0 || met[i].There.What != "" || met[i].Here.Since != before+1 {
		t.Errorf("the cluster is told as %+v", met)
	}
}

// What a case knows from a sealed file alone gives others no hit; where the
// originator consents, or an open file says so too, it does.
func TestASealedFileGivesNoHit(t *testing.T) {
	o, ctx := teams(t), context.Background()
	bring := func(c domain.CaseID, text string, handling *domain.HandlingSet) casework.Import {
		t.Helper()
		return must(o.Import(ctx, ina, casework.File{Case: c, Name: "n.csv", Handling: handling,
			Open: func() (io.ReadCloser, error) {
				return io.NopCloser(strings.NewReader(header + "\n" + text + "\n")), nil
			}}))(t)
	}
	sealed := bring("C2", "2024-01-02T10:00:00Z,A,bank:77,1.00,EUR,t1,UETR-1,", &domain.HandlingSet{Conditions: []domain.HandlingCondition{domain.CourtSeal}, Originator: "court"})
	ours := bring("C1", "2024-01-03T10:00:00Z,B,bank:77,2.00,EUR,t2,UETR-1,", nil)
	if len(ours.Also) != 0 {
		t.Errorf("a sealed file gave %+v", ours.Also)
	}
	same(t, "sealed", o.linked(t, projections.Ask{Case: "C1"}))
	same(t, "sealed, as of before", o.linked(t, projections.Ask{Case: "C1", Upto: must(o.Store.Head(ctx))(t)}))
	same(t, "its own team", o.linked(t, projections.Ask{Case: "C2"}), "payment UETR-1 C1 South", "account bank:77 C1 South")
	o.in(t, "C2", domain.SetHandling{HandlingSet: domain.HandlingSet{File: sealed.SHA256, Conditions: []domain.HandlingCondition{domain.CourtSeal}, Consent: []domain.Outlet{domain.OutletHit}, Reason: "order 7"}})
	same(t, "with consent", o.linked(t, projections.Ask{Case: "C1"}), "payment UETR-1 C2 North", "account bank:77 C2 North")
	o.in(t, "C2", domain.SetHandling{HandlingSet: domain.HandlingSet{File: sealed.SHA256, Conditions: []domain.HandlingCondition{domain.CourtSeal}, Reason: "withdrawn"}})
	same(t, "as of when he consented", o.linked(t, projections.Ask{Case: "C1", Upto: must(o.Store.Head(ctx))(t) - 1}))
	before := must(o.Store.Head(ctx))(t)
	bring("C2", "2024-01-05T10:00:00Z,bank:77,C,1.00,EUR,t9,,", nil)
	links := must(o.Links(ctx, ina, projections.Ask{Case: "C1"}, ""))(t)
	if len(links.Hits) != 1 || links.Hits[0].Match != network.ByAccount || links.Hits[0].There.Since <= before {
		t.Errorf("an open file as well: %+v", links.Hits)
	}
}

// A hit is logged for both cases, as combined; a silent case is told and gives
// none.
func TestAHitIsLoggedForBothAndASilentCaseGivesNone(t *testing.T) {
	o := teams(t)
	o.Reads = vault.NewReads(filepath.Join(t.TempDir(), "reads"), o.Vault)
	o.in(t, "C1", domain.DescribeAccount{Account: "bank:77", Institution: "Nordbank"})
	first := o.in(t, "C2", domain.DescribeAccount{Account: "bank:77", Institution: "Nordbank"})
	if met := must(o.Met(context.Background(), ina, "C2", first.First-1))(t); len(met) != 1 || met[0].Team != "South" || met[0].Contact != "desk 3" {
		t.Errorf("%+v", met)
	}
	logged := map[domain.CaseID]string{}
	must(o.Reads.Each(func(r vault.Read) error {
		if r.Does == vault.Combined {
			logged[r.Case] = r.What
		}
		return nil
	}))(t)
	if logged["C1"] != "hit with [C2]" || logged["C2"] != "hit with [C1]" {
		t.Errorf("logged: %v", logged)
	}
	o.in(t, "C2", domain.AssignCase{Team: "North", Contact: "extension 12", Silent: true})
	same(t, "of a silent case", o.linked(t, projections.Ask{Case: "C1"}))
	same(t, "of a silent case, as of before it was", o.linked(t, projections.Ask{Case: "C1", Upto: first.Last}))
	same(t, "over all", o.linked(t, projections.Ask{}))
	same(t, "its own", o.linked(t, projections.Ask{Case: "C2"}), "account bank:77 C1 South")
	o.in(t, "C1", domain.AssignCase{Team: "North", Contact: "desk 3"})
	same(t, "of its own team", o.linked(t, projections.Ask{Case: "C1"}), "account bank:77 C2 North")
}

// The lots of another case are added up where it is the same team's and open;
// else the answer says whom to ask.
func TestHubsOverCasesRespectTeamsAndSeals(t *testing.T) {
	o, ctx := teams(t), context.Background()
	bring := func(c domain.CaseID, text string, handling *domain.HandlingSet) {
		t.Helper()
		must(o.Import(ctx, ina, casework.File{Case: c, Name: string(c) + ".csv", Handling: handling,
			Open: func() (io.ReadCloser, error) {
				return io.NopCloser(strings.NewReader(header + "\n" + text + "\n")), nil
			}}))(t)
	}
	victims := func() (hubs, asks int) {
		found, ask, err := o.Hubs(ctx, ina, projections.Ask{Case: "C1"}, "to test")
		if err != nil {
			t.Fatal(err)
		}
		for _, h := range found.Hubs {
			hubs += len(h.Victims)
		}
		return hubs, len(ask)
	}
	bring("C1", "2024-01-02T10:00:00Z,A,H,1.00,EUR,t1,,V1\n2024-01-02T11:00:00Z,B,H,2.00,EUR,t2,,V2", nil)
	bring("C2", "2024-01-03T10:00:00Z,C,H,4.00,EUR,t3,,V1", nil)
	if hubs, asks := victims(); hubs != 2 || asks != 1 {
		t.Errorf("another team's case: %d victims, %d to ask", hubs, asks)
	}
	o.in(t, "C2", domain.AssignCase{Team: "South", Contact: "desk 4"})
	if hubs, asks := victims(); hubs != 3 || asks != 0 {
		t.Errorf("the same team's: %d victims, %d to ask", hubs, asks)
	}
	bring("C2", "2024-01-03T10:00:00Z,H,X,4.00,EUR,t4,,", &domain.HandlingSet{Conditions: []domain.HandlingCondition{domain.CourtSeal}})
	if hubs, asks := victims(); hubs != 2 || asks != 1 {
		t.Errorf("with a sealed file: %d victims, %d to ask", hubs, asks)
	}
}

// bring imports rows of the test's header into a case.
func (o office) bring(t *testing.T, c domain.CaseID, handling *domain.HandlingSet, rows ...string) {
	t.Helper()
	text := header + "\n" + strings.Join(rows, "\n") + "\n"
	must(o.Import(context.Background(), ina, casework.File{Case: c, Name: string(c) + ".csv", Handling: handling,
		Open: func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(text)), nil }}))(t)
}

// meeting are two victims of C1 and one of each other case at one account. All
// cases call their team South.
func meeting(t *testing.T) office {
	t.Helper()
	o := teams(t)
	o.bring(t, "C1", nil, "2024-01-02T10:00:00Z,A,H,1.00,EUR,t1,,V1", "2024-01-02T11:00:00Z,B,H,2.00,EUR,t2,,V2")
	o.bring(t, "C2", nil, "2024-01-03T10:00:00Z,C,H,4.00,EUR,t3,,V1")
	o.bring(t, "C3", nil, "2024-01-04T10:00:00Z,D,G,8.00,EUR,t4,,V1")
	for _, c := range []domain.CaseID{"C2", "C3"} {
		o.in(t, c, domain.AssignCase{Team: "South", Contact: "desk 4"})
	}
	return o
}

// met counts whose money has met in C1, as somebody is told who may look into
// some cases, and whom he is told to ask.
func (o office) met(t *testing.T, of domain.CaseID, sees ...domain.CaseID) (victims, asks, leftOut int) {
	t.Helper()
	by := casework.By{Actor: "ina", Sees: func(c domain.CaseID) bool { return slices.Contains(sees, c) }}
	found, ask, err := o.Hubs(context.Background(), by, projections.Ask{Case: of}, "to test")
	if err != nil {
		t.Fatal(err)
	}
	for _, h := range found.Hubs {
		victims += len(h.Victims)
	}
	return victims, len(ask), found.LeftOut
}

// A case of the same team is one that calls its team alike. Whoever is not on
// it is told whom to ask, and not whose money came there.
func TestTheLotsOfACaseAreAddedForWhoMayLookIntoIt(t *testing.T) {
	o := meeting(t)
	if victims, asks, _ := o.met(t, "C1", "C1", "C2"); victims != 3 || asks != 0 {
		t.Errorf("who is on both: %d victims, %d to ask", victims, asks)
	}
	if victims, asks, _ := o.met(t, "C1", "C1"); victims != 2 || asks != 1 {
		t.Errorf("who is on one: %d victims, %d to ask", victims, asks)
	}
	must(o.Link(context.Background(), ina, "C2", "C3", "one scheme"))(t)
	if victims, asks, _ := o.met(t, "C1", "C1", "C2"); victims != 2 || asks != 1 {
		t.Errorf("the other is walked as one with a third: %d victims, %d to ask", victims, asks)
	}
}

// Anybody can call his own case's team as he likes: that must not tell him of
// a case that another team keeps silent.
func TestASilentCaseIsToldToThoseWhoMayLookIntoIt(t *testing.T) {
	o := meeting(t)
	o.in(t, "C2", domain.AssignCase{Team: "South", Contact: "desk 4", Silent: true})
	for sees, want := range map[bool]int{true: 1, false: 0} {
		by := casework.By{Actor: "ina", Sees: func(c domain.CaseID) bool { return c == "C1" || sees }}
		links := must(o.Links(context.Background(), by, projections.Ask{Case: "C1"}, "to test"))(t)
		if len(links.Hits) != want {
			t.Errorf("who may look into it: %v; told: %+v", sees, links.Hits)
		}
	}
	if victims, asks, _ := o.met(t, "C1", "C1"); victims != 2 || asks != 0 {
		t.Errorf("hubs: %d victims, %d to ask", victims, asks)
	}
}

// An answer about all cases can be passed on: it leaves out what is silent or
// sealed, with what is walked as one with it, and says that it does.
func TestHubsOfAllCasesLeaveOutSilentAndSealedOnes(t *testing.T) {
	o := meeting(t)
	if victims, _, leftOut := o.met(t, ""); victims != 3 || leftOut != 0 {
		t.Errorf("all open: %d victims, %d left out", victims, leftOut)
	}
	o.in(t, "C2", domain.AssignCase{Team: "South", Contact: "desk 4", Silent: true})
	if victims, _, leftOut := o.met(t, ""); victims != 2 || leftOut != 1 {
		t.Errorf("one silent: %d victims, %d left out", victims, leftOut)
	}
	must(o.Link(context.Background(), ina, "C2", "C3", "one scheme"))(t)
	if victims, _, leftOut := o.met(t, ""); victims != 2 || leftOut != 2 {
		t.Errorf("one linked with it: %d victims, %d left out", victims, leftOut)
	}
	o.bring(t, "C1", &domain.HandlingSet{Conditions: []domain.HandlingCondition{domain.CourtSeal}}, "2024-01-03T10:00:00Z,H,X,1.00,EUR,t9,,")
	if victims, _, leftOut := o.met(t, ""); victims != 0 || leftOut != 3 {
		t.Errorf("one sealed: %d victims, %d left out", victims, leftOut)
	}
}

// A link is recorded in one case and holds in both, and over a third.
func TestCasesThatAreWalkedAsOneSayThatTheyAreLinked(t *testing.T) {
	o, ctx := meeting(t), context.Background()
	must(o.Link(ctx, ina, "C1", "C3", "one scheme"))(t)
	must(o.Link(ctx, ina, "C3", "C2", "one scheme"))(t)
	for _, c := range []domain.CaseID{"C1", "C2"} {
		links := must(o.Links(ctx, ina, projections.Ask{Case: c}, "to test"))(t)
		if len(links.Hits) != 1 || !links.Hits[0].Joined {
			t.Errorf("%s: %+v", c, links.Hits)
		}
	}
}

// BenchmarkMet asks what a case has come to have in common, after an import of
// 100,000 rows among accounts of which another case knows each.
func BenchmarkMet(b *testing.B) {
	text := csvMoves(benchRows)
	o := openOffice(b, filepath.Join(b.TempDir(), "clew.db"))
	after := uint64(0)
	for _, c := range []domain.CaseID{"C1", "C2"} {
		if _, err := o.Do(context.Background(), ina, c, domain.OpenCase{Case: c, Title: "t"}); err != nil {
			b.Fatal(err)
		}
		after, _ = o.Store.Head(context.Background())
		if _, err := o.Import(context.Background(), ina, casework.File{Case: c, Name: "rows", Open: func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(text)), nil }}); err != nil {
			b.Fatal(err)
		}
	}
	for what, ask := range map[string]func() (int, error){
		"an import": func() (int, error) { met, err := o.Met(context.Background(), ina, "C2", after); return len(met), err },
		"an act that brings nothing": func() (int, error) {
			met, err := o.Met(context.Background(), ina, "C2", after+benchRows)
			return len(met), err
		},
		"all links": func() (int, error) {
			l, err := o.Links(context.Background(), ina, projections.Ask{Case: "C2"}, "")
			return len(l.Hits), err
		},
	} {
		b.Run(what, func(b *testing.B) {
			before, found := spent(), 0
			for range b.N {
				var err error
				if found, err = ask(); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64((spent()-before)/time.Duration(b.N))/float64(time.Millisecond), "cpu-ms")
			b.ReportMetric(float64(found), "hits")
		})
	}
}
