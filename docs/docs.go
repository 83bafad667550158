// Package docs embeds these pages, so that a server on a closed network shows
// its users the docs of the very version that it runs. It has no code of its
// own, and refuses to be a place for any.
//
//	text, err := docs.Pages.ReadFile("how-to/freeze.md")
package docs

import "embed"

// Pages are the docs, as they lie here.
//
//go:embed *.md adr how-to reference trust
var Pages embed.FS
