package gate

import (
	"context"
	"fmt"
	"net/http"
	"runtime/debug"
	"strings"
)

// policy is what a page may do (SCREENS, How it was found to work well).
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; connect-src 'self'; font-src 'self'; " +
	"form-action 'self'; base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'"

// writeHeaders puts on an answer what every answer bears. What may be kept by
// a browser says so itself.
func (g *Gate) writeHeaders(h http.Header) {
	h.Set("Content-Security-Policy", policy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Cache-Control", "no-store")
	if g.office.Secure {
		h.Set("Strict-Transport-Security", "max-age=31536000")
	}
}

// outer is what stands around the whole table: headers, panics, and other
// sites that would have a signed-in browser act for them.
func (g *Gate) outer(inner http.Handler) http.Handler {
	crossing := http.NewCrossOriginProtection()
	crossing.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { Fail(w, r, errCrossSite) }))
	guarded := crossing.Handler(inner)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		g.writeHeaders(w.Header())
		seen := &watched{ResponseWriter: w}
		r = r.WithContext(context.WithValue(r.Context(), officeKey{}, g.office))
		defer g.calm(seen, r)
		guarded.ServeHTTP(seen, r)
	})
}

// calm turns a panic into an answer that says nothing of it; the log has it.
func (g *Gate) calm(w *watched, r *http.Request) {
	what := recover()
	switch {
	case what == nil:
		return
	case what == http.ErrAbortHandler:
		panic(what)
	}
	g.office.log().Error("a handler panicked", "method", r.Method, "path", r.URL.Path, "panic", fmt.Sprint(what), "stack", string(debug.Stack()))
	if w.status != 0 {
		panic(http.ErrAbortHandler) // half an answer must not look like a whole one
	}
	for name := range w.Header() {
		if strings.HasPrefix(name, "Content-") && name != "Content-Security-Policy" {
			w.Header().Del(name)
		}
	}
	Fail(w, r, errPanicked)
}

// watched remembers whether an answer has begun, and how.
type watched struct {
	http.ResponseWriter
	status int
}

// WriteHeader begins the answer.
func (w *watched) WriteHeader(status int) {
	if w.status == 0 && status >= 200 {
		w.status = status
	}
	w.ResponseWriter.WriteHeader(status)
}

func (w *watched) Write(p []byte) (int, error) {
	if w.status == 0 {
		w.status = http.StatusOK
	}
	return w.ResponseWriter.Write(p)
}

// Unwrap gives http.ResponseController the writer below, for flushing and for
// deadlines.
func (w *watched) Unwrap() http.ResponseWriter { return w.ResponseWriter }
