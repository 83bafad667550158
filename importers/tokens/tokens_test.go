package tokens

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"golang.org/x/text/encoding/unicode"

	"clew/domain"
)

// all gives the names and texts of a file, and what stopped it.
func all(in io.Reader) (said []string, err error) {
	r := NewReader(in)
	for {
		token, err := r.Next()
		if err != nil {
			return said, err
		}
		switch t := token.(type) {
		case xml.StartElement:
			said = append(said, fmt.Sprintf("%d<%s", r.Depth(), t.Name.Local))
		case xml.CharData:
			said = append(said, string(t))
		}
	}
}

func TestTokensComeOneByOne(t *testing.T) {
	said, err := all(strings.NewReader("<?xml version='1.0'?><!-- hello --><a><b x='1'>text</b><b/></a>"))
	if err != io.EOF || strings.Join(said, " ") != "1<a 2<b text 2<b" {
		t.Errorf("%q %v", said, err)
	}
}

func TestSkipPassesOverAnElement(t *testing.T) {
	r := NewReader(strings.NewReader("<a><b><c>no</c><c/></b><d/></a>"))
	for range 2 {
		if _, err := r.Next(); err != nil {
			t.Fatal(err)
		}
	}
	if err := r.Skip(); err != nil {
		t.Fatal(err)
	}
	token, err := r.Next()
	if start, ok := token.(xml.StartElement); err != nil || !ok || start.Name.Local != "d" || r.Line() != 1 {
		t.Errorf("%v %v", token, err)
	}
}

func TestWhatIsBeyondTheBoundsIsRefused(t *testing.T) {
	deep := strings.Repeat("<a>", MaxDepth)
	wide := strings.Repeat(" a='1'", 1) // one attribute; the names below differ
	for i := 1; i < MaxAttributes; i++ {
		wide += fmt.Sprintf(" a%d='1'", i)
	}
	long := strings.Repeat("x", MaxToken-8192)
	for name, c := range map[string]struct {
		text string
		want string // empty: it is read
	}{
		"deep":            {deep + strings.Repeat("</a>", MaxDepth), ""},
		"deeper":          {deep + "<a>", "more than 64 deep"},
		"wide":            {"<a" + wide + "/>", ""},
		"wider":           {"<a b='1'" + wide + "/>", "more than 32 attributes"},
		"long":            {"<a>" + long + "</a>", ""},
		"longer":          {"<a>" + long + long + "</a>", "more than 1048576 bytes"},
		"a long comment":  {"<!--" + long + long + "--><a/>", "more than 1048576 bytes"},
		"a declaration":   {"<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>", "document type declaration"},
		"an entity":       {"<a>&b;</a>", "damaged"},
		"a torn file":     {"<a><b>", "damaged"},
		"crossed tags":    {"<a><b></a></b>", "damaged"},
		"an odd encoding": {"<?xml version='1.0' encoding='klingon'?><a/>", "klingon"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := all(strings.NewReader(c.text))
			if c.want == "" && err != io.EOF || c.want != "" && (!strings.Contains(err.Error(), c.want) || domain.ClassOf(err) != domain.ClassUsage) {
				t.Errorf("%v, want %q", err, c.want)
			}
		})
	}
}

func TestErrorsOfTheWorldArePassedOn(t *testing.T) {
	broken := errors.New("the disk is gone")
	if _, err := all(io.MultiReader(strings.NewReader("<a>"), failing{broken})); !errors.Is(err, broken) {
		t.Error(err)
	}
	if err := NewReader(strings.NewReader("")).Torn(broken); !errors.Is(err, broken) {
		t.Error(err)
	}
	if err := NewReader(strings.NewReader("")).Torn(io.EOF); err == nil || !strings.Contains(err.Error(), "cut off") {
		t.Error(err)
	}
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

func TestEncodings(t *testing.T) {
	wide, err := unicode.UTF16(unicode.BigEndian, unicode.UseBOM).NewEncoder().String("<?xml version='1.0' encoding='UTF-16'?><a>grün</a>")
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"none":   "<a>grün</a>",
		"marked": "\xef\xbb\xbf<a>grün</a>",
		"latin":  "<?xml version='1.0' encoding='ISO-8859-1'?><a>gr\xfcn</a>",
		"wide":   wide,
	} {
		said, err := all(strings.NewReader(text))
		if err != io.EOF || !strings.Contains(strings.Join(said, ""), "1<agrün") {
			t.Errorf("%s: %q %v", name, said, err)
		}
	}
}

func FuzzReader(f *testing.F) {
	for _, seed := range []string{"<a b='1'>text</a>", "<!DOCTYPE a>", "<a>&lt;&#65;</a>", "<?xml version='1.0' encoding='utf-16'?><a/>", "\xff\xfe<\x00a\x00"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if _, err := all(strings.NewReader(text)); err == nil {
			t.Error("a file has no end")
		}
	})
}
