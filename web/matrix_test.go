package web_test

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"clew/casework"
	"clew/domain"
	"clew/web"
	"clew/web/gate"
)

// The matrix of TRUST ("Who may do what"), told once more and in other words
// than casework/roles.go tells it: for each act a letter for each role, in the
// order of the line below. N never, O in his own cases, P in others' with a
// purpose too, E everywhere.
const matrix = `
investigator fiu police auditor admin owner
O N N N N E  NoteCase LinkCase CloseCase AddVictim DescribeAccount IdentifyAccounts AttachLabel WithdrawLabel LockRule OpenCase
O N N N N E  RegisterPerson NoteFinding ReportMovement WithdrawReport CorrectMovement WithdrawMovement JoinMovements
O N N N N E  SeparateMovements RecordReimbursement WithdrawReimbursement SetHandling Do About AboutTwo Import Link Pay PutEvidence FreezeNews
O N N N N E  DescribeScam WithdrawScam JoinOperation LeaveOperation AssignCase NoteIdentifier WithdrawIdentifier LinkNotice UnlinkNotice LinkCentre UnlinkCentre FlagCrime UnflagCrime
O N N N N E  PlaceLegalHold LiftLegalHold Restrict Erase SetReview
O P N N N E  RequestFreeze StepFreeze RecordHold ReadAnswers Restitute Paper
N P O N N E  submit
P P O E N E  Opened OpenEvidence OpenFile Reading LearnErasures Divide Flow
P P N E N E  Namesakes Links Hubs AccountLinks
O P N E N E  Bundle Report
E E N N N E  AddAsset PublishRates SetFreezeLimit DescribeOperation SetIndicator DescribeCentre WithdrawCentre
E E E E E E  Verify Prove Keyring Keys LastSigned Signed SignHead AddSignatures registers account
N N N E E E  metrics Access AccessAt AccessHistory
N N N E N E  audit
N N N N E E  AdoptKey people hooks Grant AdmitUser GiveRole RemoveUser JoinCase LeaveCase
E E E E E E  SignIn SignOut IssueToken RevokeToken IssueLink
`

// reachOf reads the matrix: by act, then by role.
func reachOf(t *testing.T) map[string]map[casework.Role]string {
	t.Helper()
	lines := strings.Split(strings.TrimSpace(matrix), "\n")
	roles := strings.Fields(lines[0])
	if len(roles) != len(casework.Roles()) {
		t.Fatalf("the matrix has the roles %v, and there are %v", roles, casework.Roles())
	}
	table := map[string]map[casework.Role]string{}
	for _, line := range lines[1:] {
		fields := strings.Fields(line)
		for _, act := range fields[len(roles):] {
			table[act] = map[casework.Role]string{}
			for i, role := range roles {
				table[act][casework.Role(role)] = fields[i]
			}
		}
	}
	return table
}

// situation is one cell's: whose case, and whether a purpose is given.
type situation struct {
	name     string
	own, why bool
}

var situations = []situation{{"his own case", true, false}, {"another's", false, false}, {"another's, with a purpose", false, true}}

// passes says what the matrix says.
func (s situation) passes(reach string) bool {
	return reach == "E" || reach != "N" && s.own || reach == "P" && s.why
}

// Every route of the table is asked for by every role, in his own and in
// another's case, with and without a purpose. The handlers are replaced: what
// is tried is who gets to them.
func TestTheMatrixOfRoutesAndRoles(t *testing.T) {
	s := newServer(t)
	s.office.Desk.Reads = nil // thousands of entries that nobody reads
	s.office.PerSecond = 1 << 20
	s.opened(t, "OWN", "OTHER")
	tokens := map[casework.Role]string{}
	for _, role := range casework.Roles() {
		user := domain.UserID("a-" + role)
		s.grant(t, domain.AdmitUser{User: user, Role: string(role)}, domain.JoinCase{User: user, Case: "OWN"})
		tokens[role] = s.token(t, domain.IssueToken{Token: "t", User: user})
	}
	routes := web.Routes(s.office, s.people, gate.New(s.office, s.people))
	probed := slices.Clone(routes)
	for i := range probed {
		probed[i].Handler = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) })
	}
	site, err := gate.New(s.office, s.people).Handler(probed)
	if err != nil {
		t.Fatal(err)
	}
	s.site = site
	table, cells := reachOf(t), 0
	for _, route := range routes {
		if !route.Public && table[route.Act] == nil {
			t.Errorf("%s %s: the matrix has no line for %s", route.Method, route.Pattern, route.Act)
			continue
		}
		if got := s.probe(route, situations[0], ""); got != route.Public {
			t.Errorf("%s %s: nobody in particular gets in: %v", route.Method, route.Pattern, got)
		}
		for _, role := range casework.Roles() {
			for _, at := range situations {
				want := route.Public || wanted(route, at, table[route.Act][role])
				if got := s.probe(route, at, tokens[role]); got != want {
					t.Errorf("%s %s (%s): %s in %s: got in %v, want %v", route.Method, route.Pattern, route.Act, role, at.name, got, want)
				}
				cells++
			}
		}
	}
	t.Logf("%d routes, %d cells", len(routes), cells)
	if cells < 100 {
		t.Errorf("only %d cells were tried", cells)
	}
}

// wanted is what the matrix says of a route: where it concerns no case, only
// who may do it everywhere gets in; where it goes across cases, whoever may do
// it somewhere.
func wanted(route gate.Route, at situation, reach string) bool {
	switch {
	case route.Case != nil:
		return at.passes(reach)
	case route.Across:
		return reach != "N"
	}
	return reach == "E"
}

// probe says whether a request gets to its handler.
func (s *server) probe(route gate.Route, at situation, token string) bool {
	id := "OTHER"
	if at.own {
		id = "OWN"
	}
	request := httptest.NewRequest(route.Method, pathOf(route.Pattern, id), nil)
	request.RemoteAddr = s.address
	if token != "" {
		request.Header.Set("Authorization", token)
	}
	if at.why {
		request.Header.Set(gate.PurposeHeader, "the same wallet turns up in ours")
	}
	answer := httptest.NewRecorder()
	s.site.ServeHTTP(answer, request)
	return answer.Code == http.StatusNoContent
}

// pathOf fills a pattern in.
func pathOf(pattern, id string) string {
	parts := strings.Split(strings.TrimSuffix(pattern, "{$}"), "/")
	for i, part := range parts {
		if strings.HasPrefix(part, "{case}") {
			parts[i] = id + strings.TrimPrefix(part, "{case}")
		} else if strings.HasPrefix(part, "{") {
			parts[i] = "x"
		}
	}
	return strings.Join(parts, "/") + "?case=" + id
}

// The two tellings agree, also where no route asks yet.
func TestTheMatrixIsTheTableOfRoles(t *testing.T) {
	words := map[casework.Reach]string{casework.Nowhere: "N", casework.OwnCases: "O", casework.AnyPurpose: "P", casework.Everywhere: "E"}
	for act, line := range reachOf(t) {
		if !casework.Known(act) {
			t.Errorf("the matrix has the act %s, and casework/roles.go has it not", act)
		}
		for role, want := range line {
			if got := words[casework.May(role, act)]; got != want {
				t.Errorf("%s of %s: the table says %s, the matrix %s", act, role, got, want)
			}
		}
	}
}
