package assets_test

import (
	"bytes"
	"compress/gzip"
	"math"
	"os"
	"regexp"
	"strconv"
	"testing"
)

func sheet(t *testing.T) []byte {
	t.Helper()
	css, err := os.ReadFile("clew.css")
	if err != nil {
		t.Fatal(err)
	}
	return css
}

func TestTheStyleSheetIsLight(t *testing.T) {
	var packed bytes.Buffer
	out, _ := gzip.NewWriterLevel(&packed, gzip.BestCompression)
	out.Write(sheet(t))
	out.Close()
	if packed.Len() > 12_000 {
		t.Errorf("clew.css has %d bytes when packed, more than 12,000", packed.Len())
	}
	if found := regexp.MustCompile(`@import|url\(|//`).Find(sheet(t)); found != nil {
		t.Errorf("clew.css reaches elsewhere: %s", found)
	}
}

// token is a colour of the sheet in both themes.
var token = regexp.MustCompile(`--([a-z-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\);`)

// Text must be read by tired eyes (WCAG 2.2, 1.4.3: 4.5 to 1), and what marks
// something seen (1.4.11: 3 to 1), in both themes.
func TestEveryColourStandsOutInBothThemes(t *testing.T) {
	colours := map[string][2]float64{}
	for _, found := range token.FindAllSubmatch(sheet(t), -1) {
		colours[string(found[1])] = [2]float64{luminance(t, string(found[2])), luminance(t, string(found[3]))}
	}
	texts := []string{"ink", "quiet", "link", "warn", "bad", "good", "held"}
	for _, pair := range []struct {
		least  float64
		marks  []string
		ground []string
	}{
		{4.5, texts, []string{"ground", "sheet", "raised"}},
		{4.5, []string{"ink", "warn", "link"}, []string{"warn-ground"}},
		{4.5, []string{"ink", "bad", "link"}, []string{"bad-ground"}},
		{4.5, []string{"on-act"}, []string{"act"}},
		{3, []string{"edge", "act", "focus", "victim", "bank", "exchange", "chain", "out"}, []string{"ground", "sheet"}},
	} {
		for _, mark := range pair.marks {
			for _, ground := range pair.ground {
				for theme, name := range []string{"light", "dark"} {
					if ratio := contrast(colours[mark][theme], colours[ground][theme]); ratio < pair.least {
						t.Errorf("%s on %s, %s: %.2f to 1, less than %.1f", mark, ground, name, ratio, pair.least)
					}
				}
			}
		}
	}
	if len(colours) < 20 {
		t.Errorf("only %d colours were found", len(colours))
	}
}

// luminance is a colour's relative luminance, as WCAG 2.2 defines it.
func luminance(t *testing.T, colour string) float64 {
	t.Helper()
	sum := 0.0
	for i, weight := range []float64{0.2126, 0.7152, 0.0722} {
		n, err := strconv.ParseUint(colour[1+2*i:3+2*i], 16, 8)
		if err != nil {
			t.Fatal(err)
		}
		c := float64(n) / 255
		if c <= 0.04045 {
			c /= 12.92
		} else {
			c = math.Pow((c+0.055)/1.055, 2.4)
		}
		sum += weight * c
	}
	return sum
}

func contrast(a, b float64) float64 { return (max(a, b) + 0.05) / (min(a, b) + 0.05) }
