// Package assets is what browsers fetch beside the pages: one style sheet and
// the islands of script, embedded in the program, for users may be on closed
// networks. It refuses to fetch anything from anywhere else.
//
//	<link rel="stylesheet" href="{{asset "clew.css"}}"> // /assets/clew.css?v=4f1c…
package assets

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"net/http"
	"path"
	"time"
)

//go:embed clew.css clew.svg dist
var files embed.FS

// read finds a file that people write, or one that was bundled (bundle).
func read(name string) ([]byte, error) {
	body, err := files.ReadFile(name)
	if err != nil {
		return files.ReadFile("dist/" + name)
	}
	return body, nil
}

// Pattern is where the assets lie.
const Pattern = "/assets/{name}"

// Path is the address of a file. It changes with what is in it, so that a
// browser may keep it for ever and still never shows an old one.
func Path(name string) string {
	body, err := read(name)
	if err != nil {
		return "/assets/" + name // answers 404, which tests look for
	}
	sum := sha256.Sum256(body)
	return "/assets/" + name + "?v=" + hex.EncodeToString(sum[:4])
}

// Has says whether there is such a file.
func Has(name string) bool {
	_, err := read(name)
	return err == nil
}

// Handler serves the files.
func Handler() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		name := path.Base(r.PathValue("name"))
		body, err := read(name)
		if err != nil {
			http.NotFound(w, r)
			return
		}
		if r.URL.Query().Get("v") != "" {
			w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
		}
		http.ServeContent(w, r, name, time.Time{}, bytes.NewReader(body))
	})
}
