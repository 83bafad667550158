package casework_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"clew/casework"
)

// An act without a row is one that nobody has thought about: nobody may do it,
// and this test says so.
func TestEveryActHasARowInTheTableOfRoles(t *testing.T) {
	var acts, rows []string
	desk := reflect.TypeFor[*casework.Desk]()
	for i := range desk.NumMethod() {
		if name := desk.Method(i).Name; name != "InBatchesOf" { // is the tests' own
			acts = append(acts, name)
		}
	}
	acts = append(acts, deciders(t)...)
	for _, row := range casework.Permissions() {
		if slices.Contains(rows, row.Act) {
			t.Errorf("%s has two rows", row.Act)
		}
		rows = append(rows, row.Act)
		if !slices.Contains(casework.OfTheServer(), row.Act) && !slices.Contains(acts, row.Act) {
			t.Errorf("%s has a row and is no act", row.Act)
		}
	}
	for _, act := range acts {
		if !slices.Contains(rows, act) {
			t.Errorf("%s has no row in casework/roles.go: say who may do it", act)
		}
	}
}

// deciders are the commands of package domain: what has a method Decide.
func deciders(t *testing.T) (names []string) {
	t.Helper()
	files, err := filepath.Glob("../domain/*.go")
	if err != nil || len(files) < 20 {
		t.Fatalf("%d files of package domain (%v)", len(files), err)
	}
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, text, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range file.Decls {
			if f, ok := d.(*ast.FuncDecl); ok && f.Recv != nil && f.Name.Name == "Decide" {
				if of, ok := f.Recv.List[0].Type.(*ast.Ident); ok && of.IsExported() {
					names = append(names, of.Name)
				}
			}
		}
	}
	return names
}

// aboutPeople are the commands about who may come in: they change no case.
var aboutPeople = []string{"AdmitUser", "GiveRole", "RemoveUser", "JoinCase", "LeaveCase", "SignIn", "SignOut", "IssueToken", "RevokeToken", "IssueLink"}

func TestWhoMayDoWhat(t *testing.T) {
	for _, c := range []struct {
		role         casework.Role
		act          string
		own, purpose bool
		may          bool
	}{
		{casework.Investigator, "Import", true, false, true},
		{casework.Investigator, "Import", false, true, false},
		{casework.Investigator, "OpenFile", false, false, false},
		{casework.Investigator, "OpenFile", false, true, true},
		{casework.Auditor, "OpenFile", false, false, true},
		{casework.Auditor, "NoteCase", true, true, false},
		{casework.Admin, "OpenFile", true, true, false},
		{casework.Admin, "AdoptKey", false, false, true},
		{casework.Police, "submit", true, false, true},
		{casework.FIU, "StepFreeze", false, true, true},
		{casework.FIU, "Erase", true, true, false},
		{casework.Investigator, "no such act", true, true, false},
	} {
		if may := casework.May(c.role, c.act).Allows(c.own, c.purpose); may != c.may {
			t.Errorf("%s may %s (own %v, purpose %v): %v", c.role, c.act, c.own, c.purpose, may)
		}
	}
	for _, act := range casework.Permissions() {
		if strings.HasPrefix(act.Act, "Open") && act.Reach[casework.Admin] != casework.Nowhere {
			t.Errorf("an admin may %s: he has no case data", act.Act)
		}
		if changes := slices.Contains(deciders(t), act.Act) && !slices.Contains(aboutPeople, act.Act); changes && act.Act != "AdoptKey" && act.Reach[casework.Auditor]+act.Reach[casework.Admin] != casework.Nowhere {
			t.Errorf("an auditor or an admin may %s", act.Act)
		}
	}
}
