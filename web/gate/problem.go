package gate

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"clew/casework"
	"clew/domain"
	"clew/eventstore"
	"clew/projections"
)

// Problem is an error as it is answered (RFC 9457). Code is stable: programs
// branch on it.
type Problem struct {
	Type   string `json:"type"`
	Title  string `json:"title"`
	Status int    `json:"status"`
	Detail string `json:"detail,omitempty"`
	Code   string `json:"code"`
	// Case is what a purpose must be given for, where Code is purpose_needed.
	Case domain.CaseID `json:"case,omitempty"`
}

// The errors of the gate itself.
var (
	errSignedOut = errors.New("sign in, or send a token: Authorization: Bearer …")
	errCrossSite = errors.New("the request came from another site, which may not act for you")
	errPanicked  = errors.New("this is a fault of clew: nothing was changed by halves; the server's log says where it happened")
	errNoRoute   = errors.New("there is nothing under this address")
)

// busy says that somebody asks more often than he may.
type busy struct{ wait time.Duration }

// Busy says that somebody asks more often than he may.
func Busy(wait time.Duration) error { return &busy{wait} }

func (b *busy) Error() string { return "too many requests: wait, and ask again" }

// away says that something outside does not answer at the moment.
type away struct {
	what  string
	cause error
}

// Away says that something outside does not answer at the moment. What is told
// to whoever asked; the cause is for the server's log alone.
func Away(what string, cause error) error { return &away{what, cause} }

func (a *away) Error() string { return a.what + ": " + a.cause.Error() }

// Unwrap gives the cause.
func (a *away) Unwrap() error { return a.cause }

// denied says that a person may not do something, and whether giving a purpose
// would help.
type denied struct {
	about   domain.CaseID
	purpose bool
	by      domain.CaseID // the case that he asked for, which is walked as one with about
}

func (d *denied) Error() string {
	switch {
	case d.by != "" && d.purpose:
		return fmt.Sprintf("case %s is linked with case %s and walked as one with it, which belongs to another team: say why you look into that; it is kept and shown to auditors", d.by, d.about)
	case d.by != "":
		return fmt.Sprintf("case %s is linked with case %s and walked as one with it, which is not for you: an administrator can put you on it; that you asked is logged", d.by, d.about)
	case d.purpose:
		return "this case belongs to another team: say why you look into it; that is kept and shown to auditors"
	case d.about != "":
		return "your role does not let you do this in this case: an administrator can put you on it; that you asked is logged"
	}
	return "your role does not let you do this; that you asked is logged"
}

// statuses are the codes with their statuses and titles, most special first.
type kind struct {
	code   string
	status int
	title  string
}

var (
	kindUsage       = kind{"usage", http.StatusBadRequest, "The request cannot be carried out as it stands"}
	kindSignedOut   = kind{"signed_out", http.StatusUnauthorized, "Nobody is signed in"}
	kindDenied      = kind{"denied", http.StatusForbidden, "Not for you"}
	kindPurpose     = kind{"purpose_needed", http.StatusForbidden, "A purpose is needed"}
	kindCrossSite   = kind{"cross_site", http.StatusForbidden, "From another site"}
	kindNotFound    = kind{"not_found", http.StatusNotFound, "Not found"}
	kindConflict    = kind{"conflict", http.StatusConflict, "What is recorded says otherwise"}
	kindVersion     = kind{"version_conflict", http.StatusConflict, "Somebody else was faster"}
	kindKey         = kind{"key_conflict", http.StatusConflict, "The idempotency key stands for another request"}
	kindTooLarge    = kind{"too_large", http.StatusRequestEntityTooLarge, "Too much at once"}
	kindMoved       = kind{"precondition_failed", http.StatusPreconditionFailed, "The case has changed since you looked"}
	kindBusy        = kind{"too_many_requests", http.StatusTooManyRequests, "Too many requests"}
	kindReadOnly    = kind{"read_only", http.StatusForbidden, "The log is open for reading only"}
	kindDiskFull    = kind{"disk_full", http.StatusInsufficientStorage, "The disk is full"}
	kindDamaged     = kind{"damaged", http.StatusInternalServerError, "The log is damaged, or a read model stands still"}
	kindUnavailable = kind{"unavailable", http.StatusServiceUnavailable, "The log cannot be used at the moment"}
	kindFailed      = kind{"failed", http.StatusInternalServerError, "This failed"}
)

// kindOf is the one place where errors become statuses.
func kindOf(err error) kind {
	var large *http.MaxBytesError
	var stale *casework.Moved
	var many *busy
	var no *denied
	var outside *away
	switch {
	case errors.As(err, &outside):
		return kindUnavailable
	case errors.Is(err, errSignedOut):
		return kindSignedOut
	case errors.Is(err, errCrossSite):
		return kindCrossSite
	case errors.As(err, &many):
		return kindBusy
	case errors.As(err, &no) && no.purpose:
		return kindPurpose
	case errors.As(err, &no):
		return kindDenied
	case errors.As(err, &large):
		return kindTooLarge
	case errors.As(err, &stale):
		return kindMoved
	case errors.Is(err, errNoRoute):
		return kindNotFound
	case errors.Is(err, errPanicked):
		return kindFailed
	}
	if k := kindOfLog(err); k.code != "" {
		return k
	}
	return kindOfClass(domain.ClassOf(err))
}

// kindOfLog sorts what the log and its read models say.
func kindOfLog(err error) kind {
	var version *eventstore.VersionConflict
	var key *eventstore.KeyConflict
	var parked *projections.Parked
	switch {
	case errors.As(err, &key):
		return kindKey
	case errors.As(err, &version):
		return kindVersion
	case errors.Is(err, eventstore.ErrDiskFull):
		return kindDiskFull
	case errors.Is(err, eventstore.ErrDamaged), errors.As(err, &parked):
		return kindDamaged
	case errors.Is(err, eventstore.ErrReadOnly):
		return kindReadOnly
	case errors.Is(err, eventstore.ErrBusy), errors.Is(err, eventstore.ErrClosed), errors.Is(err, context.Canceled):
		return kindUnavailable
	case errors.Is(err, eventstore.ErrNotFound):
		return kindNotFound
	case errors.Is(err, eventstore.ErrInvalid):
		return kindUsage
	}
	return kind{}
}

func kindOfClass(class domain.Class) kind {
	switch class {
	case domain.ClassUsage:
		return kindUsage
	case domain.ClassNotFound:
		return kindNotFound
	case domain.ClassConflict:
		return kindConflict
	case domain.ClassDenied:
		return kindDenied
	}
	return kindFailed
}

// ProblemOf says what an error is to whoever asked. What may speak of the
// inside of the machine stands in the server's log and not in the answer.
func ProblemOf(err error) Problem {
	k := kindOf(err)
	p := Problem{Type: "about:blank", Title: k.title, Status: k.status, Code: k.code, Detail: err.Error()}
	var no *denied
	if errors.As(err, &no) {
		p.Case = no.about
	}
	var fault *eventstore.Fault
	var outside *away
	switch {
	case errors.As(err, &outside):
		p.Detail = outside.what
	case k.status >= 500 && !errors.Is(err, errPanicked):
		p.Detail = "nothing was changed by halves; the server's log says why: ask whoever looks after the machine"
	case errors.As(err, &fault):
		p.Detail = (&eventstore.Fault{Kind: fault.Kind, Where: "log", Why: fault.Why, Next: fault.Next}).Error() // without the file's path
	}
	return p
}

type officeKey struct{}

// Fail answers with an error: a problem for programs, a page for browsers.
func Fail(w http.ResponseWriter, r *http.Request, err error) {
	office, _ := r.Context().Value(officeKey{}).(*Office)
	if office == nil {
		office = &Office{}
	}
	p := ProblemOf(err)
	if p.Status >= 500 {
		office.log().Error("a request failed", "method", r.Method, "path", r.URL.Path, "code", p.Code, "error", err)
	}
	var many *busy
	if errors.As(err, &many) {
		w.Header().Set("Retry-After", strconv.Itoa(int(math.Ceil(many.wait.Seconds()))))
	}
	if p.Status == http.StatusUnauthorized {
		w.Header().Set("WWW-Authenticate", `Bearer realm="clew"`)
	}
	if to := elsewhere(r, p); to != "" {
		http.Redirect(w, r, to, http.StatusSeeOther)
		return
	}
	if office.Page != nil && WantsPage(r) {
		office.Page(w, r, p)
		return
	}
	WriteProblem(w, p)
}

// elsewhere is where a browser goes that looks at what it may not see yet: to
// the sign-in, or to the question why.
func elsewhere(r *http.Request, p Problem) string {
	if !WantsPage(r) || !reads(r.Method) {
		return ""
	}
	next := url.Values{"next": {r.URL.RequestURI()}}
	switch p.Code {
	case kindSignedOut.code:
		return "/sign-in?" + next.Encode()
	case kindPurpose.code:
		next.Set("case", string(p.Case))
		return "/purpose?" + next.Encode()
	}
	return ""
}

// WriteProblem writes a problem as JSON.
func WriteProblem(w http.ResponseWriter, p Problem) {
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(p.Status)
	json.NewEncoder(w).Encode(p) // who has gone does not hear it
}

// APIPrefix is where programs ask.
const APIPrefix = "/api/"

// WantsPage says whether a browser asks, and not a program.
func WantsPage(r *http.Request) bool {
	return !strings.HasPrefix(r.URL.Path, APIPrefix) && strings.Contains(r.Header.Get("Accept"), "text/html")
}

func nothingHere(w http.ResponseWriter, r *http.Request) { Fail(w, r, errNoRoute) }
