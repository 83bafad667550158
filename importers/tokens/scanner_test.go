package tokens

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"golang.org/x/text/encoding/unicode"
)

// scanned tells every token of a file with its line and depth, and what
// stopped it.
func scanned(in io.Reader) (said []string, err error) {
	s := NewScanner(in)
	for {
		token, err := s.Next()
		if err != nil {
			return said, err
		}
		line := fmt.Sprintf("%d %d ", s.Line(), s.Depth())
		switch token.Kind {
		case Start:
			line += "<" + token.Name
			for _, a := range token.Attrs {
				line += fmt.Sprintf(" %s=%q", a.Name, a.Value)
			}
		case End:
			line += ">" + token.Name
		case Text:
			line += fmt.Sprintf("%q", token.Text)
		}
		said = append(said, line)
	}
}

// reread tells the same by a Reader.
func reread(in io.Reader) (said []string, err error) {
	r := NewReader(in)
	for {
		token, err := r.Next()
		if err != nil {
			return said, err
		}
		line := fmt.Sprintf("%d %d ", r.Line(), r.Depth())
		switch t := token.(type) {
		case xml.StartElement:
			line += "<" + t.Name.Local
			for _, a := range t.Attr {
				line += fmt.Sprintf(" %s=%q", a.Name.Local, a.Value)
			}
		case xml.EndElement:
			line += ">" + t.Name.Local
		case xml.CharData:
			line += fmt.Sprintf("%q", string(t))
		}
		said = append(said, line)
	}
}

// samples are files that are plain, odd and damaged in many ways.
func samples() []string {
	wide, _ := unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewEncoder().String("<?xml version='1.0' encoding='UTF-16'?><a>grün</a>")
	return []string{
		"", "text", "<a/>", "<a></a>", "<a>text</a>\n", "<a b='1' c=\"2\">\n<b/>\r\n<c >x\ry</c ></a\t>", "\xef\xbb\xbf<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<a>grün €</a>",
		"<?xml version='1.0' encoding='ISO-8859-1'?>\n<a>gr\xfcn</a>", wide, "<?xml version='1.1'?><a/>", "<?xml version='1.0' encoding='klingon'?><a/>", "<?xml encoding='utf8'?><a/>",
		"<a>&lt;&amp;&#65;&#x20ac;</a>", "<a>&b;</a>", "<a>& b</a>", "<a b='&amp;'/>", "<a b='<'/>", "<a b='x>y'/>", "<a b = '1'/>", "<a b='1'c='2'/>", "<a b/>", "<a b=1/>", "<a 'b'/>", "<a / >",
		"<!-- c --><a><!-- d -- e --></a>", "<a><![CDATA[<x>&]]></a>", "<a>]]></a>", "<a><![CDATA[", "<a><?pi x?></a>", "<!DOCTYPE a><a/>", "<a><!x></a>", "<a",
		"<a>", "<a><b></a></b>", "</a>", "<x:a></a>", "<a></x:a>", "<x:a></y:a>", "<x:a xmlns:x='u' x:b='1'/>", "<:a/>", "<a:/>", "<a:b:c/>", "<a:></a:>", "<ä>ö</ä>", "<1a/>", "<>", "< a/>", "<a>\x00</a>", "<a>\xff</a>",
		"<a>\ufffe</a>", "<a>\ufffd</a>", "<a>\uffff</a>", "<a b='\x01'/>", "<a b='\r\n'/>", "<a>\n\n</b>", "<a\nb='1'\n>\n<c></a>", "<a/><b/>", "a<b>c</b>d", "<a>x", "<a></a", "<a></a x>", "<a b='1' b='2'/>", "<a>\n<?xml encoding='utf-8'?></a>",
	}
}

func checkSame(t *testing.T, file string) {
	t.Helper()
	want, wantErr := reread(strings.NewReader(file))
	for _, in := range []io.Reader{strings.NewReader(file), iotest.OneByteReader(strings.NewReader(file))} {
		got, err := scanned(in)
		if strings.Join(got, "\n") != strings.Join(want, "\n") || err.Error() != wantErr.Error() {
			t.Fatalf("%q is scanned as\n%s\n%v\nand read as\n%s\n%v", file, strings.Join(got, "\n"), err, strings.Join(want, "\n"), wantErr)
		}
	}
}

func TestAScannerGivesTheTokensOfAReader(t *testing.T) {
	for _, file := range samples() {
		checkSame(t, file)
	}
}

func FuzzScannerGivesTheTokensOfAReader(f *testing.F) {
	for _, file := range samples() {
		f.Add(file)
	}
	f.Fuzz(func(t *testing.T, file string) {
		if strings.LastIndex(file, "<?xml") > 0 && strings.Contains(file, "encoding") {
			return // a second declaration may name another encoding, which a Scanner refuses
		}
		checkSame(t, file)
	})
}

func TestAScannerKeepsTheBounds(t *testing.T) {
	long := strings.Repeat("x", MaxToken-8192)
	attributes := ""
	for i := range MaxAttributes {
		attributes += fmt.Sprintf(" a%d='1'", i)
	}
	deep := strings.Repeat("<a>", MaxDepth)
	for _, file := range []string{
		deep + strings.Repeat("</a>", MaxDepth), deep + "<a>", "<a" + attributes + "/>", "<a b='1'" + attributes + "/>",
		"<a>" + long + "</a>", "<a b='" + long + "'/>",
	} {
		checkSame(t, file)
	}
	for _, file := range []string{"<a>" + long + long + "</a>", "<a b='" + long + long + "'/>", "<!--" + long + long + "-->", long + long, "<a" + long + long, "<a>&amp;" + long + long} {
		if _, err := scanned(strings.NewReader(file)); err == nil || !strings.Contains(err.Error(), "more than 1048576 bytes") {
			t.Errorf("a token of %d bytes: %v", len(file), err)
		}
	}
}

func TestAScannerSkipsAndPassesErrorsOn(t *testing.T) {
	s := NewScanner(strings.NewReader("<a><b><c>no</c><c/></b><d/></a>"))
	for range 2 {
		if _, err := s.Next(); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Skip(); err != nil {
		t.Fatal(err)
	}
	if token, err := s.Next(); err != nil || token.Kind != Start || token.Name != "d" {
		t.Errorf("%+v %v", token, err)
	}
	broken := errors.New("the disk is gone")
	for _, file := range []string{"<a>", "", "<a", "<a>text", "<?xml version='1.0' encoding='latin1'?><a>"} {
		if _, err := scanned(io.MultiReader(strings.NewReader(file), failing{broken})); !errors.Is(err, broken) {
			t.Errorf("%q: %v", file, err)
		}
	}
	if _, err := scanned(strings.NewReader("<a>\n<?xml encoding='latin1'?></a>")); err == nil || !strings.Contains(err.Error(), "line 2") {
		t.Errorf("another encoding in the middle: %v", err)
	}
}

func BenchmarkTokens(b *testing.B) {
	file := strings.Repeat(`<Ntry><Amt Ccy="EUR">12.50</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts></Ntry>`+"\n", 1000)
	for name, read := range map[string]func(io.Reader) error{
		"scanner": func(in io.Reader) (err error) {
			for s := NewScanner(in); err == nil; _, err = s.Next() {
			}
			return err
		},
		"reader": func(in io.Reader) (err error) {
			for r := NewReader(in); err == nil; _, err = r.Next() {
			}
			return err
		},
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(len(file)))
			for b.Loop() {
				if err := read(strings.NewReader(file)); err != io.EOF {
					b.Fatal(err)
				}
			}
		})
	}
}
