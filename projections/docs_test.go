package projections

import (
	"context"
	"os"
	"regexp"
	"strings"
	"testing"
)

// The reference names every projection and every table, and its example runs.
func TestTheReferenceNamesEveryProjection(t *testing.T) {
	page, err := os.ReadFile("../docs/reference/projections.md")
	if err != nil {
		t.Fatal(err)
	}
	views := see(t, newLog())
	numbered := regexp.MustCompile(`[12]$`)
	for _, p := range All() {
		if !strings.Contains(string(page), "\n| `"+p.Name+"` |") {
			t.Errorf("projection %s has no row in docs/reference/projections.md", p.Name)
		}
		tables, err := views.tables(views.writer, p.Name)
		if err != nil {
			t.Fatal(err)
		}
		for _, table := range tables {
			if !numbered.MatchString(table) && !strings.Contains(string(page), "`"+table+"`") {
				t.Errorf("table %s of projection %s is not named in docs/reference/projections.md", table, p.Name)
			}
		}
	}
	_, example, _ := strings.Cut(string(page), "```sql\n")
	example, _, _ = strings.Cut(example, ";")
	err = views.readers.use(context.Background(), func(c *conn) error {
		_, err := c.row(example)
		return err
	})
	if err != nil {
		t.Errorf("the example does not run: %v", err)
	}
}

// Tables are found by their projection's name, so no name may begin another.
func TestNamesOfProjectionsDoNotBeginOneAnother(t *testing.T) {
	for _, a := range All() {
		for _, b := range All() {
			if a.Name != b.Name && strings.HasPrefix(b.Name, a.Name+"_") {
				t.Errorf("the tables of %s would be taken for those of %s", b.Name, a.Name)
			}
		}
		if a.Version < 1 || len(a.Kinds) == 0 {
			t.Errorf("projection %s has version %d and takes %d kinds", a.Name, a.Version, len(a.Kinds))
		}
	}
}
