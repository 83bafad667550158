package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"testing"
)

// statement is a table of many rows that is made while it is read, and says
// how much memory is in use meanwhile.
type statement struct {
	rows, next int
	left       []byte
	most       uint64
}

func (s *statement) Read(p []byte) (int, error) {
	if len(s.left) == 0 {
		switch {
		case s.next > s.rows:
			return 0, io.EOF
		case s.next == 0:
			s.left = []byte("id,time,from,to,amount,asset\n")
		default:
			s.left = fmt.Appendf(nil, "t%d,2024-03-01T10:00:00Z,bank:%d,bank:%d,1.00,EUR\n", s.next, s.next%100, s.next%101)
		}
		if s.next++; s.next%5000 == 0 {
			var now runtime.MemStats
			runtime.ReadMemStats(&now)
			s.most = max(s.most, now.HeapInuse)
		}
	}
	n := copy(p, s.left)
	s.left = s.left[n:]
	return n, nil
}

// sends sends a file to the API.
func (l *line) sends(path, kind string, body io.Reader) *httptest.ResponseRecorder {
	r := httptest.NewRequest("POST", "/api/v1"+path, body)
	r.Header.Set("Content-Type", kind)
	answer := httptest.NewRecorder()
	l.site.ServeHTTP(answer, r)
	return answer
}

// A file that is brought in for a case as somebody has seen it is refused where
// the case has moved on since, with what has come.
func TestAFileForAnOldVersionIsRefusedWithWhatChanged(t *testing.T) {
	l := apiOf(t, "romance")
	seen := l.asks("GET", "/cases/ROMANCE-1", "").Header().Get("ETag")
	want(t, l.asks("POST", "/cases/ROMANCE-1/notes", `{"text": "the bank called"}`), http.StatusOK)
	r := httptest.NewRequest("POST", "/api/v1/cases/ROMANCE-1/imports?name=t.csv", strings.NewReader("id,time,from,to,amount,asset\nt1,2024-03-01,bank:1,bank:2,1.00,EUR\n"))
	r.Header.Set("Content-Type", "text/csv")
	r.Header.Set("If-Match", seen)
	answer := httptest.NewRecorder()
	l.site.ServeHTTP(answer, r)
	want(t, answer, http.StatusPreconditionFailed)
	if !strings.Contains(answer.Body.String(), `"kind":"case.noted.v1"`) {
		t.Errorf("what changed is not told: %s", answer.Body)
	}
}

// importOf is what became of a file.
func importOf(t *testing.T, answer *httptest.ResponseRecorder) (i importShape) {
	t.Helper()
	want(t, answer, http.StatusOK)
	if err := json.Unmarshal(answer.Body.Bytes(), &i); err != nil {
		t.Fatal(err)
	}
	return i
}

// A file is taken while it comes: none of it lies in memory, however long it
// is.
func TestAnUploadIsReadWhileItComes(t *testing.T) {
	l := apiOf(t)
	short, long := &statement{rows: 20_000}, &statement{rows: 100_000}
	runtime.GC()
	first := importOf(t, l.sends("/cases/EMPTY/imports?name=short.csv", "text/csv", short))
	if first.File != "short.csv" || first.Recorded != short.rows || first.Read != first.Recorded {
		t.Fatalf("%+v", first)
	}
	second := importOf(t, l.sends("/cases/EMPTY/imports?name=long.csv&source=another", "text/csv", long))
	if second.Recorded != long.rows {
		t.Fatalf("%+v", second)
	}
	if second.SHA256 == first.SHA256 || long.most > short.most+64<<20 {
		t.Errorf("of a file five times as long %d MB lie in memory while it comes, of the short one %d MB", long.most>>20, short.most>>20)
	}
}

func TestAFileThatIsSentTwiceIsCountedOnce(t *testing.T) {
	l := apiOf(t)
	table := "id,time,from,to,amount,asset\nt1,2024-03-01,bank:1,bank:2,5.00,EUR\nt2,2024-03-01,bank:1,bank:2,x,EUR\n"
	rehearsed := importOf(t, l.sends("/cases/EMPTY/imports?name=a.csv&dry_run=true", "text/csv", strings.NewReader(table)))
	if !rehearsed.DryRun || rehearsed.Recorded != 1 || rehearsed.Rejected != 1 {
		t.Fatalf("rehearsed: %+v", rehearsed)
	}
	for n, want := range []importShape{{Recorded: 1, Rejected: 1}, {Repeated: 1, Rejected: 1}} {
		got := importOf(t, l.sends("/cases/EMPTY/imports?name=a.csv", "application/octet-stream", strings.NewReader(table)))
		if got.Recorded != want.Recorded || got.Repeated != want.Repeated || got.Rejected != want.Rejected || len(got.Rejects) != 1 || got.Rejects[0].Line != 3 {
			t.Errorf("time %d: %+v", n+1, got)
		}
		kept := l.asks("GET", "/cases/EMPTY/evidence/"+string(got.SHA256)+"/content", "")
		if want := table; kept.Code != http.StatusOK || kept.Body.String() != want {
			t.Errorf("what is kept is %d %s", kept.Code, kept.Body)
		}
	}
}

// formOf is a form with parts in an order.
func formOf(t *testing.T, parts ...[3]string) (string, *bytes.Buffer) {
	t.Helper()
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	for _, part := range parts {
		field, err := w.CreateFormFile(part[0], part[1])
		if err == nil {
			_, err = io.WriteString(field, part[2])
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return w.FormDataContentType(), &body
}

func TestAFormBringsAMappingAndAFile(t *testing.T) {
	l := apiOf(t)
	mapping := "columns: {date: Booked, amount: Sum, counterparty: Other}\ndates: YYYY-MM-DD\nasset: EUR\n"
	table := "Booked,Sum,Other\n2024-03-01,-5.00,bank:2\n"
	kind, body := formOf(t, [3]string{"map", "m.yaml", mapping}, [3]string{"file", "mine.csv", table})
	got := importOf(t, l.sends("/cases/EMPTY/imports?account=bank:1", kind, body))
	if got.File != "mine.csv" || got.Format != "mapped" || got.Recorded != 1 {
		t.Errorf("%+v", got)
	}
	for _, parts := range [][][3]string{
		{{"map", "m.yaml", mapping}},
		{{"other", "x", "y"}, {"file", "mine.csv", table}},
		{{"map", "m.yaml", strings.Repeat("#", mostMappingSent)}, {"file", "mine.csv", table}},
	} {
		kind, body := formOf(t, parts...)
		if answer := l.sends("/cases/EMPTY/imports", kind, body); answer.Code != http.StatusBadRequest {
			t.Errorf("%s: %d %s", parts[0][0], answer.Code, answer.Body)
		}
	}
}

// mostMappingSent is one byte more than a mapping may have.
const mostMappingSent = 1<<20 + 1

// What is hostile is turned away with a reason, and the case stays as it was.
func TestHostileUploadsAreTurnedAway(t *testing.T) {
	l := apiOf(t)
	before := l.asks("GET", "/cases/EMPTY/movements", "").Body.String()
	for name, body := range map[string]string{
		"nothing": "", "bytes": "\x00\x01\x02\xff", "not a form": "--x\r\n\r\n", "entities": `<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>`,
		"a long line": strings.Repeat("a", 3<<20), "a bomb": "PK\x03\x04" + strings.Repeat("\x00", 100),
	} {
		answer := l.sends("/cases/EMPTY/imports?name=x", "application/octet-stream", strings.NewReader(body))
		if answer.Code != http.StatusBadRequest && answer.Code != http.StatusOK {
			t.Errorf("%s: %d %s", name, answer.Code, answer.Body)
		}
		problem := l.sends("/cases/EMPTY/imports", "multipart/form-data; boundary=y", strings.NewReader(body))
		if problem.Code != http.StatusBadRequest {
			t.Errorf("%s as a form: %d %s", name, problem.Code, problem.Body)
		}
	}
	if after := l.asks("GET", "/cases/EMPTY/movements", "").Body.String(); !strings.Contains(after, `"movements": []`) {
		t.Errorf("the movements were %s and are %s", before, after)
	}
	large := strings.Repeat(" ", 1<<20) + `{"text": "x"}`
	want(t, l.asks("POST", "/cases/EMPTY/notes", large), http.StatusRequestEntityTooLarge)
}
