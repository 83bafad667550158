package pages

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"clew/casework"
	"clew/domain"
	"clew/web/gate"
)

// A file is looked at before it is recorded, and brought in once. In between it
// lies in a folder that only the server can read, for an hour at most; the
// browser holds nothing but its number.

// Limits of an upload. The importers read a file as a stream and bound what
// they keep in memory; this bounds the disk.
const (
	maxUpload  = 4 << 30
	maxMap     = 1 << 20
	inMemory   = 4 << 20
	waits      = time.Hour
	maxWaiting = 32 // files, of all people
)

// stage is where files wait.
type stage struct {
	mu      sync.Mutex
	waiting map[string]*intake
}

// intake is one file on its way in.
type intake struct {
	by      string
	path    string
	file    casework.File
	size    int64
	since   time.Time
	preview casework.Import

	begun bool // it is being recorded, or was
	read  atomic.Int64
	done  chan struct{} // closed when it was recorded, or failed
	was   casework.Import
	err   error
}

func newStage(stopping context.Context) *stage {
	s := &stage{waiting: map[string]*intake{}}
	if stopping != nil {
		context.AfterFunc(stopping, func() { s.clear(time.Time{}) })
	}
	return s
}

// clear removes what came before a moment; the zero moment stands for all.
func (s *stage) clear(before time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for number, in := range s.waiting {
		if before.IsZero() || in.since.Before(before) && (!in.begun || in.ended()) {
			os.Remove(in.path) // what cannot be removed is the temporary folder's
			delete(s.waiting, number)
		}
	}
}

func (in *intake) ended() bool {
	select {
	case <-in.done:
		return true
	default:
		return false
	}
}

// keep takes a file in.
func (s *stage) keep(in *intake) (number string, err error) {
	s.clear(in.since.Add(-waits))
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.waiting) >= maxWaiting {
		return "", &domain.Error{Class: domain.ClassConflict, Text: "too many files wait to be recorded: record or leave those that were looked at, or try again in an hour"}
	}
	number = rand.Text()
	s.waiting[number] = in
	return number, nil
}

// find gives a file that waits, to whoever brought it.
func (s *stage) find(number, by string) (*intake, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	in := s.waiting[number]
	if in == nil || in.by != by {
		return nil, domain.NotFound("this file does not wait any more: it is kept for an hour, until the server stops; bring it in again")
	}
	return in, nil
}

// lookAt reads a file that came with a form and says what would be recorded.
func (s *screens) lookAt(w http.ResponseWriter, r *http.Request) {
	if err := r.ParseMultipartForm(inMemory); err != nil {
		gate.Fail(w, r, uploadError(err))
		return
	}
	defer r.MultipartForm.RemoveAll() // the system removes what is left
	to, err := s.lookedAt(r)
	if err != nil {
		s.again(w, r, err, func(wrong string) (page, error) { return s.filesPage(r, typed(r.MultipartForm.Value), wrong) })
		return
	}
	http.Redirect(w, r, to, http.StatusSeeOther)
}

func uploadError(err error) error {
	var large *http.MaxBytesError
	if errors.As(err, &large) {
		return err
	}
	return domain.Usage("the form could not be read: %v; choose the file and send it again", err)
}

func (s *screens) lookedAt(r *http.Request) (to string, err error) {
	a, file, err := s.caseOf(r)
	if err != nil {
		return "", err
	}
	if err := file.Working(); err != nil {
		return "", err
	}
	in, err := s.received(r, file)
	if err != nil {
		return "", err
	}
	if in.preview, err = s.Desk.Import(r.Context(), gate.By(r), in.file); err != nil {
		return "", errors.Join(in.drafted(r, err), os.Remove(in.path))
	}
	number, err := s.stage.keep(in)
	if err != nil {
		return "", errors.Join(err, os.Remove(in.path))
	}
	return a.To("import/" + number), nil
}

// drafted puts the draft of a mapping into the form where a table came without
// one and nobody knows its columns; other errors stay as they are.
func (in *intake) drafted(r *http.Request, wrong error) error {
	unmapped := len(in.file.Map) == 0 && (in.file.Format == "" || in.file.Format == "mapped")
	if !unmapped || domain.ClassOf(wrong) != domain.ClassUsage {
		return wrong
	}
	file, err := in.file.Open()
	if err != nil {
		return wrong
	}
	defer file.Close()
	draft, likely, err := casework.DraftMapping(file, in.file.Name, in.file.Sheet)
	if err != nil || !likely {
		return wrong
	}
	r.MultipartForm.Value["mapping"] = []string{draft}
	return domain.Usage("Or the mapping itself: %s is a table that clew does not know. What its first rows show is filled in here: check every line, answer what begins with '# ?', choose the file again and look at it", in.file.Name)
}

// received puts an upload aside, with what the form says of it.
func (s *screens) received(r *http.Request, file *domain.CaseFile) (*intake, error) {
	heads := r.MultipartForm.File["file"]
	if len(heads) == 0 || heads[0].Size == 0 {
		return nil, domain.Usage("The file: none came with the form, or it is empty; choose one and send it again")
	}
	said, err := s.said(r, file)
	if err != nil {
		return nil, err
	}
	in := &intake{by: gate.Who(r.Context()).Name, size: heads[0].Size, since: s.Now(), done: make(chan struct{}), file: said}
	in.file.Case, in.file.Name, in.file.DryRun = file.ID, heads[0].Filename, true
	if in.path, err = putAside(heads[0]); err != nil {
		return nil, err
	}
	in.file.Open = func() (io.ReadCloser, error) { return os.Open(in.path) }
	return in, nil
}

// said is what the form says of a file.
func (s *screens) said(r *http.Request, file *domain.CaseFile) (f casework.File, err error) {
	sent := typed(r.MultipartForm.Value)
	f = casework.File{Format: sent.get("format"), Sheet: sent.get("sheet")}
	if f.Source, err = domain.ParseReference("source", sent.get("source")); err != nil {
		return f, domain.Usage("Who made it: %v", err)
	}
	if name := sent.get("account"); name != "" {
		if f.Account, err = domain.ParseAccount(name); err != nil {
			return f, domain.Usage("Whose statement it is: %v", err)
		}
	}
	if lines := sent.get("mapping"); lines != "" {
		f.Map = []byte(lines)
	}
	if like := sent.get("like"); like != "" {
		if f.Map, err = s.mapping(r, file.Files[domain.SHA256(like)].Map); err != nil {
			return f, err
		}
	}
	if maps := r.MultipartForm.File["map"]; len(maps) > 0 && maps[0].Size > 0 {
		f.Map, err = readSmall(maps[0])
	}
	return f, err
}

// mapping is the mapping that a file before was read by: it was kept with it.
func (s *screens) mapping(r *http.Request, sum domain.SHA256) ([]byte, error) {
	in, err := s.Desk.OpenFile(r.Context(), sum)
	if err != nil {
		return nil, err
	}
	defer in.Close()
	return io.ReadAll(io.LimitReader(in, maxMap))
}

// putAside copies an upload to a file that only the server can read.
func putAside(head *multipart.FileHeader) (path string, err error) {
	in, err := head.Open()
	if err != nil {
		return "", err
	}
	defer in.Close()
	out, err := os.CreateTemp("", "clew-upload-") // mode 0600
	if err != nil {
		return "", err
	}
	_, err = io.Copy(out, in)
	if err = errors.Join(err, out.Close()); err != nil {
		err = errors.Join(err, os.Remove(out.Name()))
	}
	return out.Name(), err
}

func readSmall(head *multipart.FileHeader) ([]byte, error) {
	if head.Size > maxMap {
		return nil, domain.Usage("A mapping file: %s has more than a megabyte; it names columns and is a page long at most", head.Filename)
	}
	in, err := head.Open()
	if err != nil {
		return nil, err
	}
	defer in.Close()
	var text bytes.Buffer
	_, err = text.ReadFrom(in)
	return text.Bytes(), err
}

// importBody is what would become of a file, what is becoming of it, or what
// has.
type importBody struct {
	Result   casework.Import
	Stands   string // looked at, running, recorded, failed
	Percent  int
	Why      string
	Rejects  table
	Warnings table
	Form     *form
}

// intakePage shows how a file stands.
func (s *screens) intakePage(w http.ResponseWriter, r *http.Request) {
	p, err := s.intake(r)
	if err != nil {
		gate.Fail(w, r, err)
		return
	}
	if p.Body.(importBody).Stands == "running" {
		w.Header().Set("Refresh", "2") // without a script, too
	}
	s.draw(w, r, http.StatusOK, p)
}

func (s *screens) intake(r *http.Request) (page, error) {
	a, file, err := s.caseOf(r)
	if err != nil {
		return page{}, err
	}
	in, err := s.stage.find(r.PathValue("intake"), gate.Who(r.Context()).Name)
	if err != nil {
		return page{}, err
	}
	body := importBody{Result: in.preview, Stands: "looked at"}
	switch {
	case !in.started(&s.stage.mu):
		body.Form = &form{Action: a.To("import/" + r.PathValue("intake")), Submit: "Record it"}
	case !in.ended():
		body.Stands, body.Percent = "running", int(100*in.read.Load()/max(1, in.size))
	case in.err != nil:
		body.Stands, body.Why, body.Result = "failed", in.err.Error(), in.was
	default:
		body.Stands, body.Result = "recorded", in.was
	}
	body.Rejects, body.Warnings = rejectsTable(body.Result), warningsTable(body.Result)
	return page{Name: "import", Title: "Bring in " + in.file.Name, Tab: "files", Asked: a, File: file, Body: body}, nil
}

func (in *intake) started(mu *sync.Mutex) bool {
	mu.Lock()
	defer mu.Unlock()
	return in.begun
}

// recordFile records a file that was looked at. It goes on when the person goes
// away, and ends with the server: what was recorded by then stays, and the same
// file brought in again goes on from there.
func (s *screens) recordFile(r *http.Request, typed typed) (to, notice string, err error) {
	a, file, err := s.caseOf(r)
	if err == nil {
		err = file.Working()
	}
	if err != nil {
		return "", "", err
	}
	number, by := r.PathValue("intake"), typed.by(r)
	in, err := s.stage.find(number, by.Actor)
	if err != nil {
		return "", "", err
	}
	s.stage.mu.Lock()
	first := !in.begun
	in.begun = true
	s.stage.mu.Unlock()
	if first {
		go s.work(context.WithoutCancel(r.Context()), in, by)
	}
	return a.To("import/" + number), fmt.Sprintf("%s is being recorded. Every line is accounted for below.", in.file.Name), nil
}

func (s *screens) work(ctx context.Context, in *intake, by casework.By) {
	defer close(in.done)
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	if s.Stopping != nil {
		defer context.AfterFunc(s.Stopping, cancel)()
	}
	f := in.file
	f.DryRun, f.Progress = false, func(read int64) { in.read.Store(read) }
	in.was, in.err = s.Desk.Import(ctx, by, f)
	os.Remove(in.path) // it is kept as evidence now
}
