package main

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"image"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// pictures writes docs/pictures anew: go test ./cmd/clew -run Picture -pictures
var pictures = flag.Bool("pictures", false, "write the pictures of the screens into docs/pictures")

// pictured are the screens of which the docs have a picture, by its name.
func pictured() map[string]string {
	return map[string]string{
		"cases": "/cases", "case": "/cases/ROMANCE-1", "ledger": "/cases/ROMANCE-1/ledger", "where": "/cases/ROMANCE-1/where", "accounts": "/cases/ROMANCE-1/accounts",
		"account": "/cases/ROMANCE-1/account?name=iban%3ADE33900300300000889901", "explain": "/cases/ROMANCE-1/explain?victim=V2", "rules": "/cases/ROMANCE-1/rules",
		"timeline": "/cases/ROMANCE-1/timeline", "files": "/cases/ROMANCE-1/files", "freezes": "/freezes", "freeze": "/cases/ROMANCE-1/freezes/F1",
		"request": "/cases/ROMANCE-1/freezes/new", "totals": "/totals", "verify": "/verify", "audit": "/audit", "report": "/cases/ROMANCE-1/report", "help": "/help",
		"replay": "/cases/ROMANCE-1?at=2024-03-13#flow", "flow": "/cases/ROMANCE-1?rule=fifo#flow",
	}
}

// The docs have a picture of every screen in both themes, of the size of the
// window that it was taken in and with more than one colour; and the flow
// picture, which a script draws, is drawn in both. That every other page opens
// is another test's.
func TestEveryScreenHasItsPictureInABrowser(t *testing.T) {
	b := newTab(t, openSite(t, worked(t)))
	b.signIn()
	b.do(chromedp.EmulateViewport(1280, 800))
	for name, place := range pictured() {
		for _, theme := range []string{"light", "dark"} {
			kept := filepath.Join("..", "..", "docs", "pictures", name+"-"+theme+".png")
			if *pictures || name == "flow" {
				b.do(inTheme(theme))
				taken := b.pictureOf(place)
				looksDrawn(t, place+" in "+theme, taken)
				keepPicture(t, kept, taken)
			}
			looksDrawn(t, kept, keptPicture(t, kept))
		}
	}
	b.quiet("looking at the screens")
}

// pictureOf opens a place and takes its picture.
func (b *tab) pictureOf(place string) []byte {
	b.t.Helper()
	path, part, _ := strings.Cut(place, "#")
	if status := b.open(path); status != 200 {
		b.t.Errorf("%s answers %d", path, status)
	}
	b.waits("the picture is drawn, where there is one", `!document.querySelector('.flow-picture[data-board]') || !!document.querySelector('.flow-picture canvas')`, false)
	b.do(chromedp.Evaluate[chromedp.Void](fmt.Sprintf(`(document.getElementById(%q) || document.body).scrollIntoView()`, part)))
	return b.picture()
}

// keepPicture writes a picture into the docs, where that was asked for.
func keepPicture(t *testing.T, name string, body []byte) {
	t.Helper()
	if !*pictures {
		return
	}
	if err := os.WriteFile(name, body, 0o644); err != nil {
		t.Fatal(err)
	}
}

// looksDrawn says whether a picture has the window's size and shows something.
func looksDrawn(t *testing.T, what string, body []byte) {
	t.Helper()
	picture := drawn(t, what, body)
	if size := picture.Bounds().Size(); size != image.Pt(1280, 800) || colours(picture) < 4 {
		t.Errorf("%s: %v with %d colours", what, size, colours(picture))
	}
}

// picture is what the window shows.
func (b *tab) picture() []byte {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, browserPatience)
	defer cancel()
	taken, err := chromedp.Run(ctx, chromedp.CaptureScreenshot())
	if err != nil {
		b.fatal(err)
	}
	return taken
}

func keptPicture(t *testing.T, name string) []byte {
	t.Helper()
	body, err := os.ReadFile(name)
	if err != nil {
		t.Fatalf("%v: 'go test ./cmd/clew -run Picture -pictures' takes the pictures", err)
	}
	return body
}

func drawn(t *testing.T, what string, body []byte) image.Image {
	t.Helper()
	picture, err := png.Decode(bytes.NewReader(body))
	if err != nil {
		t.Fatalf("%s: %v", what, err)
	}
	return picture
}

// colours counts the colours of a picture, up to a few.
func colours(picture image.Image) int {
	seen := map[any]bool{}
	for y := picture.Bounds().Min.Y; y < picture.Bounds().Max.Y && len(seen) < 16; y += 3 {
		for x := picture.Bounds().Min.X; x < picture.Bounds().Max.X; x += 3 {
			seen[picture.At(x, y)] = true
		}
	}
	return len(seen)
}
