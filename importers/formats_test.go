package importers

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"clew/domain"
)

// beginning is what a format is recognised by.
func beginning(t *testing.T, path string) []byte {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return text[:min(len(text), 64<<10)]
}

// torn are samples of files that have lost their beginning; nobody can know
// what they were.
var torn = []string{"account_identification.sta", "empty_non_swift.sta", "invalid_statement.sta"}

// Every sample that the house has is recognised as what it is.
func TestSamplesAreRecognised(t *testing.T) {
	for pattern, want := range map[string]string{
		"../testdata/cases/romance/[1346]-*.csv":     "clew",
		"../testdata/cases/romance/2-*.xml":          "camt",
		"../testdata/cases/romance/5-*.json":         "trongrid",
		"../testdata/cases/documented/*.csv":         "clew",
		"../testdata/cases/chain/etherscan-*.csv":    "etherscan",
		"explorer/testdata/*.json":                   "trongrid",
		"camt/testdata/*.xml":                        "camt",
		"mt940/testdata/*/*.sta":                     "mt940",
		"../testdata/cases/chain/bitfinex2016_*.csv": "refused",
		"../testdata/cases/chain/etherscan-*.json":   "refused",
		"camt/testdata/*.json":                       "refused",
		"mt940/testdata/*/*.yml":                     "refused",
		"../testdata/cases/documented/*.md":          "refused",
	} {
		files, err := filepath.Glob(pattern)
		if err != nil || len(files) == 0 {
			t.Errorf("%s: there is no such sample (%v)", pattern, err)
		}
		for _, file := range files {
			want := want
			if slices.Contains(torn, filepath.Base(file)) {
				want = "refused"
			}
			format, err := Detect(beginning(t, file), filepath.Base(file))
			switch {
			case want == "refused" && err == nil:
				t.Errorf("%s is taken for %s", file, format.Name)
			case want == "refused" && (domain.ClassOf(err) != domain.ClassUsage || !strings.Contains(err.Error(), "--format")):
				t.Errorf("%s: the error does not say what to do: %v", file, err)
			case want != "refused" && format.Name != want:
				t.Errorf("%s is taken for %q (%v), want %s", file, format.Name, err, want)
			}
		}
	}
}

func TestWhatIsNotReadIsRefusedWithWhatItIs(t *testing.T) {
	for head, why := range map[string]string{
		"":                                    "empty",
		"\x1f\x8b\x08\x00":                    "compressed",
		"\xff\xfet\x00i\x00":                  "UTF-16",
		"\xfe\xff\x00t\x00i":                  "UTF-16",
		"\x89PNG\r\n\x1a\n":                   "picture",
		"\xff\xd8\xff\xe0":                    "picture",
		"II*\x00\x08":                         "picture",
		"PK\x03\x04 a.txt":                    "ZIP",
		"<!DOCTYPE html>\n<html>":             "web page",
		"Received: by x\nFrom: a@b.example\n": "attached",
		"<Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:camt.029.001.09\">":                 "freeze read",
		"<Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:camt.056.001.08\">":                 "freeze request",
		"<Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:pacs.002.001.10\">":                 "moves no money",
		"<Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:pacs.008.001.08\">":                 "ask the bank for the statement",
		"{1:F01AAAAUSLAAXXX0000000000}{2:O1031612170425BBBBUS33BXXX01613135551704260717N}{4:": "SWIFT payment",
		"{1500}30User ReqT \n{1510}1000\n":                                                    "Fedwire",
		"101 031300012 0313801041908161055A094101Bank":                                        "ACH",
		"01,0004,12345,060321,0829,001,80,1,2/\n":                                             "BAI2",
		"OFXHEADER:100\nDATA:OFXSGML\n":                                                       "OFX",
		"!Type:Bank\nD01/02/2024\n":                                                           "QIF",
		"\xf9\xbe\xb4\xd9\x1d\x01":                                                            "Bitcoin",
		"hello\n":                                                                             "not recognised",
		"\x00\x01\x02":                                                                        "not recognised",
		"Date;Amount;Payee\n":                                                                 "mapping file",
	} {
		format, err := Detect([]byte(head), "file")
		if err == nil || !strings.Contains(err.Error(), why) || domain.ClassOf(err) != domain.ClassUsage {
			t.Errorf("%q: %q, %v; want an error with %q", head, format.Name, err, why)
		}
	}
}

func TestAFormatIsFoundByItsName(t *testing.T) {
	var seen []string
	for _, format := range Formats() {
		if format.Name == "" || format.Title == "" || format.Detect == nil || format.Read == nil || slices.Contains(seen, format.Name) {
			t.Errorf("%+v is no whole row", format)
		}
		seen = append(seen, format.Name)
		if found, err := Find(format.Name); err != nil || found.Title != format.Title {
			t.Errorf("%s: %v", format.Name, err)
		}
	}
	_, err := Find("CLEW")
	if domain.ClassOf(err) != domain.ClassUsage || !strings.Contains(err.Error(), "clew, etherscan, trongrid") {
		t.Errorf("the error does not list the formats: %v", err)
	}
}

// Each format is asked about every file that comes, whatever it is.
func FuzzDetect(f *testing.F) {
	for _, seed := range []string{"time,from,to,amount,asset\n", `{"token_info":{},"transaction_id":""}`, "<?xml version=\"1.0\"?><Document>", ":20:X\n:25:Y", "%PDF-1.7", "PK\x03\x04", "\"\n\"", "{\"a\":"} {
		f.Add([]byte(seed), "name.csv")
	}
	f.Fuzz(func(t *testing.T, head []byte, name string) {
		for _, format := range Formats() {
			if sure := format.Detect(head, name); sure < 0 || sure > 100 {
				t.Fatalf("%s is %d sure", format.Name, sure)
			}
		}
		if format, err := Detect(head, name); (err == nil) == (format.Name == "") {
			t.Fatalf("%q, %v", format.Name, err)
		}
	})
}
