package pages_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"clew/casework"
	"clew/domain"
	"clew/projections"
	"clew/web/gate"
)

// pictured is a house whose cases have something to count in each table.
func pictured(t *testing.T) *house {
	h := open(t, "romance", "documented")
	by, desk := casework.By{Actor: "ina"}, h.office.Desk
	said := domain.ScamDescribed{Typology: "romance", Lures: []domain.Lure{"ai_profile"}, Country: "NL", RunFrom: "MM", Source: "interview"}
	_ = must(desk.DescribeScam(t.Context(), by, "ROMANCE-1", domain.DescribeScam{ScamDescribed: said}))
	_ = must(desk.DescribeOperation(t.Context(), by, domain.OperationDescribed{Operation: "HARBOUR", Title: "Operation Harbour", Lead: "police of A", Source: "order"}))
	_ = must(desk.DescribeCentre(t.Context(), by, domain.CentreDescribed{Centre: "SC-1", Place: "Exampletown", Country: "MM", Source: "report", Assessment: true}))
	for _, command := range []domain.Command{
		domain.JoinOperation{OperationJoined: domain.OperationJoined{Operation: "HARBOUR", Source: "list"}},
		domain.LinkCentre{CentreLinked: domain.CentreLinked{Centre: "SC-1", Of: domain.Whose{Victim: "V1"}, Source: "interview"}},
		domain.FlagCrime{CrimeFlagged: domain.CrimeFlagged{Crime: "trafficking", Source: "interview", Assessment: true}},
	} {
		_ = must(desk.Do(t.Context(), by, "ROMANCE-1", command))
	}
	return h
}

func TestTheLargerPictureIsTheProjections(t *testing.T) {
	h, ask := pictured(t), projections.StatsAsk{Per: "month", In: "EUR"}
	for _, of := range projections.LossTables() {
		page, found := text(h.get("/stats/"+of+"?by=month&in=EUR")), must(h.office.Views.LossStats(t.Context(), of, ask))
		if len(found.Rows) == 0 {
			t.Fatalf("%s: the samples have nothing to count", of)
		}
		for _, r := range found.Rows {
			row := fmt.Sprintf("| %s %s | %d | %d | %d", r.Asset.Format(r.Reported), r.Asset.Code, r.Victims, r.Payments, r.Cases)
			if !strings.Contains(page, row) || !strings.Contains(page, r.Period+" | ") {
				t.Errorf("%s: no row %q:\n%s", of, row, page)
			}
		}
		for _, r := range found.Worth {
			if row := fmt.Sprintf("| %s EUR | %d | %d", found.In.Format(r.Worth), r.Payments, r.Of); !strings.Contains(page, row) {
				t.Errorf("%s: no row %q", of, row)
			}
		}
		for _, s := range found.RestsOn {
			for _, a := range s.Amounts {
				if want := fmt.Sprintf("%d %% of the %s", a.Percent(), a.Asset.Code); !strings.Contains(page, want) {
					t.Errorf("%s does not say that it rests on %q", of, want)
				}
			}
		}
	}
	ask = projections.StatsAsk{}
	ledgers, sums := text(h.get("/stats/ledgers")), must(h.office.Views.LedgerStats(t.Context(), ask))
	for i := range sums.Rows {
		if row := &sums.Rows[i]; !strings.Contains(ledgers, row.Asset.Format(row.Own)+" "+string(row.Asset.Code)) {
			t.Errorf("own %s is not on the page", row.Asset.Format(row.Own))
		}
	}
	corridors, ways := text(h.get("/stats/corridors")), must(h.office.Views.CorridorStats(t.Context(), ask))
	for _, r := range ways.Rows {
		if row := fmt.Sprintf("| %s %s | %d", r.Asset.Format(r.Claim), r.Asset.Code, r.Victims); !strings.Contains(corridors, row) {
			t.Errorf("no way %q", row)
		}
	}
	for path, want := range map[string]string{
		"operations": "HARBOUROperation Harbour, police of A | ROMANCE-1", "centres": "SC-1 | Exampletown | MM | 1 | 1 | 0 | 0 | 0\n2500.00 EUR", "crimes": "trafficking | 1 | 1 | 1 | 0 | 0 | 0 | 1",
		"notices": "No notice is linked to a case",
	} {
		if page := text(h.get("/stats/" + path)); !strings.Contains(page, want) {
			t.Errorf("%s does not say %q:\n%s", path, want, page)
		}
	}
}

func TestTheLargerPictureTellsNobodyOfCasesThatHeMayNotRead(t *testing.T) {
	h := pictured(t)
	h.who = gate.Person{Name: "pia", Role: casework.Investigator, Cases: []domain.CaseID{"ROMANCE-1"}}
	for path, status := range map[string]int{"/stats": http.StatusOK, "/stats/losses": http.StatusForbidden, "/stats/losses?case=ROMANCE-1": http.StatusOK,
		"/stats/operations": http.StatusForbidden, "/stats/nothing?case=ROMANCE-1": http.StatusNotFound, "/stats/losses?case=ROMANCE-1&by=week": http.StatusBadRequest} {
		if answer := h.ask("GET", path, nil); answer.Code != status {
			t.Errorf("%s: %d, want %d", path, answer.Code, status)
		}
	}
	all := must(h.office.Views.Cases(t.Context(), projections.Head))
	for _, other := range all {
		if other.Case == "ROMANCE-1" {
			continue
		}
		if answer := h.ask("GET", "/stats/losses?case="+string(other.Case), nil); answer.Code != http.StatusForbidden {
			t.Errorf("%s: %d", other.Case, answer.Code)
		}
	}
}
