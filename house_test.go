// Package clew_test holds the rules of the whole house: which room may use
// which, what the pure rooms must not touch, how long a function may be, and
// that the docs name everything a reader can meet. The reasons stand in
// docs/adr/ and docs/README.md; here they are checked, so that nobody has to
// remember them. A rule that is in the way is changed here, in the open, with
// its reason beside it.
package clew_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
)

// module is the first line of go.mod.
const module = "clew"

// arrows says which rooms of ours a room may use. A name that ends in /* is
// every room below. What is not listed is not allowed.
var arrows = map[string][]string{
	// cases is the embedded sample that `clew demo` imports.
	"cmd/clew":        {"web", "web/access", "web/gate", "web/hooks", "picture", "papers", "network", "casework", "vault", "projections", "indicators", "tracing", "eventstore", "eventstore/*", "domain", "testdata/cases"},
	"cmd/clew-verify": {}, // a second opinion shares no code with the first
	// Of the web only the gate decides who comes in; pages and operations ask it.
	"web":        {"web/*", "casework", "projections", "tracing", "domain"},
	"web/gate":   {"casework", "projections", "eventstore", "vault", "domain"}, // eventstore: its errors have statuses
	"web/access": {"web/gate", "casework", "projections", "domain"},
	"docs":       {}, // the pages themselves, embedded
	"web/pages":  {"docs", "web/gate", "web/assets", "casework", "projections", "indicators", "network", "tracing", "picture", "papers", "vault", "domain"},
	"web/hooks":  {"domain"}, // a client of others: it knows nothing of the rooms beside it
	"web/api":    {"web/gate", "casework", "projections", "indicators", "network", "tracing", "picture", "papers", "vault", "domain"},
	"web/assets": {},
	// bundle makes what browsers fetch from what people write; it is in no binary.
	"web/assets/bundle": {},
	// providertest is a module of its own that signs in at a real identity provider.
	"web/access/providertest": {"web", "web/access", "web/gate", "casework", "projections", "eventstore/relay", "eventstore/sqlite", "domain"},
	// picture turns a traced case into places and an SVG; network joins cases. Both are pure.
	"picture":               {"tracing", "domain"},
	"network":               {"indicators", "tracing", "domain"},
	"casework":              {"projections", "picture", "papers", "importers", "vault", "network", "tracing", "eventstore", "eventstore/seal", "domain"},
	"papers":                {"picture", "tracing", "domain"},
	"vault":                 {"domain"},
	"projections":           {"indicators", "network", "tracing", "eventstore", "domain"},
	"indicators":            {"tracing", "domain"},
	"tracing":               {"domain"},
	"importers":             {"importers/*", "domain"},
	"importers/*":           {"domain", "importers/lines", "importers/statement", "importers/tokens"},
	"importers/lines":       {},
	"importers/statement":   {"domain"},
	"importers/tokens":      {"domain"},
	"eventstore/sqlite":     {"eventstore", "eventstore/seal"},
	"eventstore/postgres":   {"eventstore", "eventstore/seal"},
	"eventstore/relay":      {"eventstore"},
	"eventstore/storetest":  {"eventstore"},
	"eventstore/faultydisk": {},
	"eventstore/seal":       {},
	"eventstore":            {},
	"domain":                {},
	"testdata/cases":        {},
	// networks makes movements from a seed, for tests and benchmarks of any room.
	"testdata/networks": {"domain"},
	// torture says how often a test tries; tests anywhere may ask it.
	"testdata/torture": {},
	".":                {},
	// peers is a module of its own that measures clew beside others: it drives the log and the walk as a program would.
	"bench/peers": {"domain", "tracing", "eventstore", "eventstore/sqlite", "projections", "casework", "testdata/networks"},
}

// arrowsInTests says what a room's tests may use on top: a real store where
// the room itself knows only the promise, and the shared cases.
var arrowsInTests = map[string][]string{
	"eventstore/sqlite": {"eventstore/storetest"},
	"eventstore/relay":  {"eventstore/sqlite", "eventstore/storetest"},
	// the broken disk is tried on the real store, and by whoever writes files
	"eventstore/faultydisk": {"eventstore", "eventstore/sqlite"},
	"indicators":            {"testdata/networks"},
	"tracing":               {"testdata/networks"},
	"projections":           {"eventstore/sqlite", "testdata/networks"},
	"casework":              {"eventstore/sqlite", "eventstore/faultydisk", "testdata/cases", "testdata/networks"},
	"cmd/clew":              {"web/api", "testdata/networks"},
	"web":                   {"eventstore", "eventstore/sqlite", "eventstore/relay", "vault", "testdata/cases", "testdata/networks"},
	"web/*":                 {"web", "web/*", "eventstore", "eventstore/sqlite", "eventstore/relay", "vault", "testdata/cases", "testdata/networks"},
	"picture":               {"testdata/networks", "testdata/cases", "importers"},
	"network":               {"testdata/networks"},
	"importers":             {"testdata/cases", "testdata/networks"},
	"importers/*":           {"testdata/networks"},
	"testdata/networks":     {"importers/canonical"},
	".":                     {"domain", "indicators", "tracing", "importers", "projections", "testdata/cases", "testdata/networks"},
}

// dependencies says which rooms may use a module that is not ours. Each has a
// line in docs/adr/0010-dependencies.md: what it saves, what it costs.
// "tests" stands for test files anywhere.
var dependencies = map[string][]string{
	"github.com/ThreeDotsLabs/watermill": {"eventstore/relay"},
	"github.com/mattn/go-sqlite3":        {"eventstore/sqlite", "eventstore/faultydisk", "projections", "bench/peers"},
	"github.com/shopspring/decimal":      {"domain", "bench/peers"},
	"github.com/evanw/esbuild":           {"web/assets/bundle"}, // it is in no binary: make assets and its test alone
	"github.com/jackc/pgx/v5":            {"bench/peers"},       // of that module only: it is not in clew's go.mod
	"github.com/holiman/uint256":         {"domain", "tracing"},
	"golang.org/x/text":                  {"importers/*"},
	"github.com/oklog/ulid/v2":           {"eventstore"},
	"golang.org/x/sys":                   {"eventstore/sqlite"},
	"github.com/spf13/cobra":             {"cmd/clew"},
	"github.com/spf13/pflag":             {"cmd/clew"},
	"github.com/vbauerster/mpb/v8":       {"cmd/clew"},
	"golang.org/x/time":                  {"web/gate"},
	"github.com/yuin/goldmark":           {"web/pages"},
	"golang.org/x/sync":                  {"cmd/clew"},
	"github.com/VictoriaMetrics/metrics": {"web/gate"},
	"github.com/coreos/go-oidc/v3":       {"web/access"},
	"golang.org/x/oauth2":                {"web/access"},
	"github.com/zitadel/oidc/v3":         {"tests"}, // of web/access/providertest only: it is not in clew's go.mod
	"github.com/danielgtaylor/huma/v2":   {"web/api"},
	"gopkg.in/yaml.v3":                   {"domain", "indicators", "importers/*", "papers"},
	"github.com/rickar/cal/v2":           {"domain"},
	"github.com/xuri/excelize/v2":        {"tests"},
	"github.com/btcsuite/btcd/btcutil":   {"importers/*"},
	"pgregory.net/rapid":                 {"tests"},
	"golang.org/x/mod":                   {"eventstore", "eventstore/sqlite", "eventstore/storetest", "eventstore/seal", "cmd/clew-verify"},
	"github.com/transparency-dev/merkle": {"tests"},
	"github.com/google/go-cmp":           {"tests"},
	"golang.org/x/net":                   {"tests"},
	"github.com/anishathalye/porcupine":  {"tests"},
	"github.com/rogpeppe/go-internal":    {"tests"},
	"go.uber.org/goleak":                 {"tests"},
	"github.com/chromedp/chromedp":       {"tests"},
	"github.com/chromedp/cdproto":        {"tests"},

	"github.com/santhosh-tekuri/jsonschema/v6": {"tests"},
}

// pure lists the rooms that must answer the same on any machine at any time,
// and is their promise in HOUSE's words: no clock, disk, network or logger.
// A room under a listed one is pure as well.
var pure = []string{"domain", "tracing", "indicators", "importers", "papers", "picture", "network", "eventstore/seal"}

// impure are the packages that reach out of a pure room.
var impure = []string{
	"os", "os/*", "net", "net/*", "syscall", "os/exec", "database/*", "log", "log/*", "math/rand", "math/rand/*",
	"crypto/rand", "sync/atomic", "runtime", "runtime/*", "unsafe", "plugin", "testing", "io/ioutil", "path/filepath",
}

// harmless are the packages below an impure one that only reckon.
var harmless = []string{"net/netip"} // an address of the net as a value

// impureCalls are the functions that reach out of a pure room through a
// package that is otherwise harmless: the clock and the machine's own zone.
var impureCalls = []string{
	"time.Now", "time.Since", "time.Until", "time.Sleep", "time.After", "time.AfterFunc", "time.Tick",
	"time.NewTimer", "time.NewTicker", "time.LoadLocation", "time.Local", "fmt.Print", "fmt.Printf", "fmt.Println",
}

// strictlyPure are the rooms whose answers go to court: not even a float
// may be in them.
var strictlyPure = []string{"domain", "tracing", "indicators", "network"}

// longest is a ratchet: the most lines that a function may have. It is only
// ever lowered.
const longest = 70

// widest is the most parameters that a function may take, beside a context or
// a test; what needs more has a struct that wants a name.
const widest = 4

// wide are the functions that may take more, and why.
var wide = map[string]string{
	"domain/movement.go Identify": "its five values are what names a row; the name is frozen in every log",
}

// vague are words that say nothing about what a thing is.
var vague = regexp.MustCompile(`(Manager|Helper|Util|Utils|Data|Info)$`)

// source is one Go file of the house.
type source struct {
	path string // from the top of the house
	room string // its folder
	test bool
	file *ast.File
	set  *token.FileSet
}

// at says where in the house a node stands.
func (s source) at(node ast.Node) string {
	return fmt.Sprintf("%s:%d", s.path, s.set.Position(node.Pos()).Line)
}

// imports gives the import paths of a file with their nodes.
func (s source) imports() map[string]ast.Node {
	paths := map[string]ast.Node{}
	for _, spec := range s.file.Imports {
		name, _ := strconv.Unquote(spec.Path.Value)
		paths[name] = spec
	}
	return paths
}

// below lists every file of the house whose name ends so.
func below(t *testing.T, suffix string) []string {
	t.Helper()
	found, err := files(suffix)
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// files leaves out what is not ours to judge: git's own files and what a build
// leaves behind.
func files(suffix string) ([]string, error) {
	var found []string
	err := filepath.WalkDir(".", func(name string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && (entry.Name() == ".git" || entry.Name() == ".cache" || entry.Name() == "bin"):
			return filepath.SkipDir
		case entry.Name() == ".git": // of a second working tree: a file that says where the first one is
		case !entry.IsDir() && strings.HasSuffix(name, suffix):
			found = append(found, filepath.ToSlash(name))
		}
		return nil
	})
	return found, err
}

// house is every Go file there is.
func house(t *testing.T) []source {
	t.Helper()
	sources, err := parsed()
	if err != nil {
		t.Fatal(err)
	}
	if len(sources) < 10 {
		t.Fatalf("only %d Go files were found: the test does not see the house", len(sources))
	}
	return sources
}

// parsed reads the house once for all rules.
var parsed = sync.OnceValues(func() ([]source, error) {
	names, err := files(".go")
	if err != nil {
		return nil, err
	}
	set := token.NewFileSet()
	var sources []source
	for _, name := range names {
		file, err := parser.ParseFile(set, name, nil, parser.ParseComments)
		if err != nil {
			return nil, err
		}
		sources = append(sources, source{name, path.Dir(name), strings.HasSuffix(name, "_test.go"), file, set})
	}
	return sources, nil
})

// matches says whether a name is one of the patterns; "a/*" is all below a.
func matches(name string, patterns []string) bool {
	return slices.ContainsFunc(patterns, func(p string) bool {
		above, deep := strings.CutSuffix(p, "/*")
		return name == p || deep && strings.HasPrefix(name, above+"/")
	})
}

// allowed gives the arrows of a room, by its own name or by the pattern of
// the room above it.
func allowed(table map[string][]string, room string) ([]string, bool) {
	if list, ok := table[room]; ok {
		return list, true
	}
	for above := path.Dir(room); above != "."; above = path.Dir(above) {
		if list, ok := table[above+"/*"]; ok {
			return list, true
		}
	}
	return nil, false
}

func TestEveryArrowBetweenRoomsIsDrawn(t *testing.T) {
	for _, s := range house(t) {
		list, known := allowed(arrows, s.room)
		if !known {
			t.Errorf("%s: %s is a room that nobody has drawn: add it to arrows in house_test.go and say in docs/adr/ why the house is simpler with it", s.path, s.room)
			continue
		}
		more, _ := allowed(arrowsInTests, s.room)
		for name, node := range s.imports() {
			room, ours := strings.CutPrefix(name, module+"/")
			if !ours || room == s.room || matches(room, list) || s.test && (room == "testdata/torture" || matches(room, more)) {
				continue
			}
			t.Errorf("%s: %s → %s is no arrow of the house (%s may use %v): hand the value in from above, or move the code to the room that may", s.at(node), s.room, room, s.room, list)
		}
	}
}

func TestEveryDependencyHasItsOneRoom(t *testing.T) {
	for _, s := range house(t) {
		for name, node := range s.imports() {
			if !strings.Contains(strings.Split(name, "/")[0], ".") {
				continue
			}
			dependency, rooms := moduleOf(name)
			switch {
			case dependency == "":
				t.Errorf("%s: %s is a dependency that nobody has accepted: add it to dependencies in house_test.go and to docs/adr/0010-dependencies.md", s.at(node), name)
			case !matches(s.room, rooms) && !s.test:
				t.Errorf("%s: %s belongs to %v alone: go through that room", s.at(node), dependency, rooms)
			}
		}
	}
}

// The verifier of bundles is a second opinion: it may use nothing of ours, not
// even in its tests, and of others only the notes that checkpoints are.
func TestTheVerifierStandsAlone(t *testing.T) {
	seen := false
	for _, s := range house(t) {
		if s.room != "cmd/clew-verify" {
			continue
		}
		seen = true
		for name, node := range s.imports() {
			foreign := strings.Contains(strings.Split(name, "/")[0], ".") && name != "golang.org/x/mod/sumdb/note"
			if foreign || name == module || strings.HasPrefix(name, module+"/") {
				t.Errorf("%s: the verifier imports %s: it stands on the standard library and golang.org/x/mod/sumdb/note alone", s.at(node), name)
			}
		}
	}
	if !seen {
		t.Error("there is no cmd/clew-verify to look at")
	}
}

// A dependency that a room may use and does not, or that nobody uses, is
// weight without a reason.
func TestNoDependencyIsIdle(t *testing.T) {
	sources := house(t)
	for dependency, rooms := range dependencies {
		for _, room := range rooms {
			used := slices.ContainsFunc(sources, func(s source) bool {
				return (matches(s.room, []string{room}) && !s.test || room == "tests" && s.test) && uses(s, dependency)
			})
			if !used {
				t.Errorf("%s is not used in %s any more: take the room off its row in house_test.go and in docs/adr/0010-dependencies.md, or the module out of go.mod", dependency, room)
			}
		}
	}
}

func uses(s source, dependency string) bool {
	for name := range s.imports() {
		if found, _ := moduleOf(name); found == dependency {
			return true
		}
	}
	return false
}

// moduleOf finds the dependency that a package belongs to and its rooms.
func moduleOf(name string) (string, []string) {
	longest := ""
	for dependency := range dependencies {
		if (name == dependency || strings.HasPrefix(name, dependency+"/")) && len(dependency) > len(longest) {
			longest = dependency
		}
	}
	return longest, dependencies[longest]
}

func TestPureRoomsReachNothing(t *testing.T) {
	for _, s := range house(t) {
		if s.test || !within(s.room, pure) {
			continue
		}
		for name, node := range s.imports() {
			if matches(name, impure) && !matches(name, harmless) {
				t.Errorf("%s: %s is pure and must not import %s: take what you need as an argument", s.at(node), s.room, name)
			}
		}
		ast.Inspect(s.file, func(node ast.Node) bool {
			if name := qualified(node); slices.Contains(impureCalls, name) {
				t.Errorf("%s: %s is pure and must not use %s: a command carries its own Now", s.at(node), s.room, name)
			}
			return true
		})
	}
}

func within(room string, rooms []string) bool {
	return slices.ContainsFunc(rooms, func(r string) bool { return room == r || strings.HasPrefix(room, r+"/") })
}

// qualified is "pkg.Name" for a selector on a plain name, else nothing.
func qualified(node ast.Node) string {
	selector, ok := node.(*ast.SelectorExpr)
	if !ok {
		return ""
	}
	left, ok := selector.X.(*ast.Ident)
	if !ok {
		return ""
	}
	return left.Name + "." + selector.Sel.Name
}

func TestMoneyIsNeverAFloat(t *testing.T) {
	for _, s := range house(t) {
		if s.test || !within(s.room, strictlyPure) {
			continue
		}
		ast.Inspect(s.file, func(node ast.Node) bool {
			if name, ok := node.(*ast.Ident); ok && (name.Name == "float64" || name.Name == "float32") {
				t.Errorf("%s: %s in %s: money is exact; use domain.Units or a fraction", s.at(node), name.Name, s.room)
			}
			return true
		})
	}
}

func TestNothingRunsBeforeMain(t *testing.T) {
	for _, s := range house(t) {
		for _, f := range functions(s) {
			if f.Recv == nil && f.Name.Name == "init" {
				t.Errorf("%s: init() hides an order that nobody can read: write an explicit table", s.at(f))
			}
		}
	}
}

// functions gives the functions and methods of a file.
func functions(s source) []*ast.FuncDecl {
	var list []*ast.FuncDecl
	for _, d := range s.file.Decls {
		if f, ok := d.(*ast.FuncDecl); ok {
			list = append(list, f)
		}
	}
	return list
}

func TestFunctionsStayShort(t *testing.T) {
	for _, s := range house(t) {
		for _, f := range functions(s) {
			lines := s.set.Position(f.End()).Line - s.set.Position(f.Pos()).Line + 1
			if lines > longest {
				t.Errorf("%s: %s has %d lines, more than %d: give its parts names", s.at(f), f.Name.Name, lines, longest)
			}
			if n := parameters(f); n > widest && !s.test && wide[s.path+" "+f.Name.Name] == "" {
				t.Errorf("%s: %s takes %d parameters, more than %d: give what belongs together a struct", s.at(f), f.Name.Name, n, widest)
			}
		}
	}
}

// parameters counts what a function is told, not the context it runs in, and
// a text with its arguments as one.
func parameters(f *ast.FuncDecl) int {
	count := f.Type.Params.NumFields()
	for _, field := range f.Type.Params.List {
		of := field.Type
		if _, variadic := of.(*ast.Ellipsis); variadic && count > 1 {
			count--
		}
		if star, ok := of.(*ast.StarExpr); ok {
			of = star.X
		}
		if slices.Contains([]string{"context.Context", "testing.T", "testing.B", "testing.TB", "testing.F", "rapid.T"}, qualified(of)) {
			count--
		}
	}
	return count
}

// A package variable that changes is state that no argument shows. Tables,
// errors and compiled patterns are set once, where they are declared.
func TestNoPackageVariableChanges(t *testing.T) {
	sources := house(t)
	for _, s := range sources {
		globals := packageVariables(sources, s.room)
		for _, f := range functions(s) {
			local := localNames(f)
			ast.Inspect(f, func(node ast.Node) bool {
				for _, name := range assigned(node) {
					if globals[name.Name] && !local[name.Name] {
						t.Errorf("%s: %s changes the package variable %s: hand the state in and out", s.at(name), f.Name.Name, name.Name)
					}
				}
				return true
			})
		}
	}
}

func packageVariables(sources []source, room string) map[string]bool {
	names := map[string]bool{}
	for _, s := range sources {
		if s.room != room {
			continue
		}
		for _, d := range s.file.Decls {
			if g, ok := d.(*ast.GenDecl); ok && g.Tok == token.VAR {
				for _, spec := range g.Specs {
					for _, name := range spec.(*ast.ValueSpec).Names {
						names[name.Name] = true
					}
				}
			}
		}
	}
	return names
}

// localNames gives the names that a function declares itself, anywhere in it.
func localNames(f *ast.FuncDecl) map[string]bool {
	names := map[string]bool{}
	note := func(list ...*ast.Ident) {
		for _, name := range list {
			names[name.Name] = true
		}
	}
	ast.Inspect(f, func(node ast.Node) bool {
		switch node := node.(type) {
		case *ast.Field:
			note(node.Names...)
		case *ast.ValueSpec:
			note(node.Names...)
		case *ast.AssignStmt:
			if node.Tok == token.DEFINE {
				note(roots(node.Lhs...)...)
			}
		case *ast.RangeStmt:
			note(roots(node.Key, node.Value)...)
		}
		return true
	})
	return names
}

// assigned gives the variables that a statement changes.
func assigned(node ast.Node) []*ast.Ident {
	switch node := node.(type) {
	case *ast.AssignStmt:
		if node.Tok != token.DEFINE {
			return roots(node.Lhs...)
		}
	case *ast.IncDecStmt:
		return roots(node.X)
	}
	return nil
}

// roots gives the name at the left of each expression: m in m.f[k].
func roots(list ...ast.Expr) []*ast.Ident {
	var names []*ast.Ident
	for _, e := range list {
		for e != nil {
			switch x := e.(type) {
			case *ast.Ident:
				if x.Name != "_" {
					names = append(names, x)
				}
				e = nil
			case *ast.SelectorExpr:
				e = x.X
			case *ast.IndexExpr:
				e = x.X
			case *ast.StarExpr:
				e = x.X
			default:
				e = nil
			}
		}
	}
	return names
}

func TestNamesSayWhatAThingIs(t *testing.T) {
	for _, s := range house(t) {
		ast.Inspect(s.file, func(node ast.Node) bool {
			name := declared(node)
			if name != nil && vague.MatchString(name.Name) {
				t.Errorf("%s: %s says nothing: name it after what it is in the case file", s.at(name), name.Name)
			}
			return true
		})
	}
}

func declared(node ast.Node) *ast.Ident {
	switch node := node.(type) {
	case *ast.FuncDecl:
		return node.Name
	case *ast.TypeSpec:
		return node.Name
	}
	return nil
}

func TestEveryRoomAndEveryExportedNameIsExplained(t *testing.T) {
	explained := map[string]bool{}
	for _, s := range house(t) {
		explained[s.room] = explained[s.room] || s.file.Doc != nil
		if s.test {
			continue
		}
		for _, d := range s.file.Decls {
			if name := unexplained(d); name != "" {
				t.Errorf("%s: %s has no comment: say what it is, in which unit, where it comes from", s.at(d), name)
			}
		}
	}
	for room, ok := range explained {
		if !ok {
			t.Errorf("%s has no package comment: say what the room is, what it refuses, and show one worked example", room)
		}
	}
}

// unexplained is the exported name that a declaration makes without a word.
// Kind methods stand in one table under one comment (domain/events.go).
func unexplained(d ast.Decl) string {
	switch d := d.(type) {
	case *ast.FuncDecl:
		if d.Name.IsExported() && d.Doc == nil && !ofPrivateType(d) && !slices.Contains(speakForThemselves, d.Name.Name) {
			return d.Name.Name
		}
	case *ast.GenDecl:
		for _, spec := range d.Specs {
			if spec, ok := spec.(*ast.TypeSpec); ok && spec.Name.IsExported() && d.Doc == nil && spec.Doc == nil {
				return spec.Name.Name
			}
		}
	}
	return ""
}

// speakForThemselves are methods whose interface says what they do.
var speakForThemselves = []string{"Error", "Unwrap", "Kind", "String", "Len", "Less", "Swap", "Push", "Pop", "Close", "Read", "Write"}

func ofPrivateType(f *ast.FuncDecl) bool {
	if f.Recv == nil {
		return false
	}
	receiver := f.Recv.List[0].Type
	if star, ok := receiver.(*ast.StarExpr); ok {
		receiver = star.X
	}
	if generic, ok := receiver.(*ast.IndexExpr); ok {
		receiver = generic.X
	}
	name, ok := receiver.(*ast.Ident)
	return ok && !name.IsExported()
}

// skips is a call that skips, on what tests, benchmarks and properties call
// themselves.
var skips = regexp.MustCompile(`^(t|b|f|tb|rt|m)\.(Skip|Skipf|SkipNow)$`)

// A test that is skipped passes without having shown anything. What a test
// needs is listed in scripts/need; what cannot run there is named as not run.
func TestNoTestIsSkipped(t *testing.T) {
	for _, s := range house(t) {
		if !s.test {
			continue
		}
		ast.Inspect(s.file, func(node ast.Node) bool {
			call, ok := node.(*ast.CallExpr)
			if !ok {
				return true
			}
			if skips.MatchString(qualified(call.Fun)) {
				t.Errorf("%s: a skipped test proves nothing: let it run, or list what it needs in scripts/need", s.at(node))
			}
			return true
		})
	}
}

// unfinished are words that mark what is not done. They are put together
// here so that this file does not find itself.
var unfinished = regexp.MustCompile(`\b(TO` + `DO|FIX` + `ME)\b|XX` + `X:|simplified` + ` for now|not ` + `implemented`)

// outside are the ways in which a file could reach beyond the house.
var outside = []string{"/wo" + "rk/", "../sha" + "red", "sha" + "red/samples", "sha" + "red/design", "/ro" + "ot/"}

func TestTheHouseIsWholeInItself(t *testing.T) {
	for _, name := range below(t, "") {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, place := range outside {
			if strings.Contains(string(text), place) {
				t.Errorf("%s reaches out of the house (%q): copy what it needs into testdata/ and name its source in testdata/SOURCES.md", name, place)
			}
		}
		if path.Ext(name) == ".go" || path.Ext(name) == ".md" || path.Ext(name) == ".sh" {
			if word := unfinished.Find(text); word != nil {
				t.Errorf("%s says %q: do it, or say in docs/ what clew does not do", name, word)
			}
		}
	}
}

// rooms are the folders that stand at the top. A new one is a decision.
var rooms = []string{"cmd", "domain", "tracing", "indicators", "importers", "casework", "eventstore", "projections", "papers",
	"vault", "web", "picture", "network", "deploy", "testdata", "docs", "scripts", ".ci", "bench"}

// Who opens the house for the first time has the README in his hand.
func TestTheReadmeShowsEveryRoom(t *testing.T) {
	_, house, _ := strings.Cut(page(t, "README.md"), "## The house\n")
	for _, room := range rooms {
		if !strings.Contains(house, room+"/") {
			t.Errorf("README.md, The house, does not show %s/", room)
		}
	}
}

func TestNoRoomWasAddedInPassing(t *testing.T) {
	for _, name := range below(t, "") {
		top, _, deep := strings.Cut(name, "/")
		if deep && !slices.Contains(rooms, top) {
			t.Errorf("%s lies in %s/, which is no room of the house: put it where it belongs, or draw the room in house_test.go and docs/adr/", name, top)
		}
	}
}
