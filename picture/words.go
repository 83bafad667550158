package picture

import (
	"strings"
	"unicode"

	"clew/domain"
)

// How wide a label may be, and how large its letters are, in pixels.
const (
	labelWidth = columnWidth - barWidth - 16
	nameSize   = 12.0 // semibold
	amountSize = 11.0
)

// Wide is about how wide a text is in a common sans-serif face, in pixels, and
// rather too wide than too narrow: a picture is laid out where no face is at
// hand.
func Wide(text string, size float64) float64 {
	sum := 0.0
	for _, r := range text {
		sum += widthOf(r)
	}
	return sum * size
}

func widthOf(r rune) float64 {
	switch {
	case strings.ContainsRune("ilj.,:;|'!·\u202f", r):
		return 0.36
	case strings.ContainsRune("ftr()[]/-I ", r):
		return 0.45
	case strings.ContainsRune("mwMW@%", r):
		return 1
	case unicode.IsUpper(r):
		return 0.76
	case r < 0x2e80:
		return 0.65
	}
	return 1.05 // a letter of East Asia
}

// Short is an account's name without a prefix that its colour tells.
func Short(account domain.AccountID) string {
	switch account {
	case domain.SinkFees:
		return "fees"
	case domain.SinkUnrecorded:
		return "where no document shows"
	case domain.SinkOverdraft:
		return "overdrafts repaid"
	}
	switch _, rest, _ := strings.Cut(string(account), ":"); account.Kind() {
	case domain.KindIBAN, domain.KindBank, domain.KindCard, domain.KindWallet, domain.KindVASP:
		return rest
	}
	return string(account)
}

// Fit shortens a text in its middle, where account numbers say least, until it
// is no wider than asked.
func Fit(text string, width, size float64) string {
	if Wide(text, size) <= width {
		return text
	}
	runes := []rune(text)
	for keep := len(runes) - 1; keep > 2; keep-- {
		tail := keep / 2
		short := string(runes[:keep-tail]) + "…" + string(runes[len(runes)-tail:])
		if Wide(short, size) <= width {
			return short
		}
	}
	return "…"
}

// Group parts the digits before the point by threes, with a narrow blank that
// does not break.
func Group(number string) string {
	whole, rest, _ := strings.Cut(number, ".")
	sign := strings.TrimLeft(whole, "-")
	var b strings.Builder
	b.WriteString(whole[:len(whole)-len(sign)])
	for i, digit := range sign {
		if i > 0 && (len(sign)-i)%3 == 0 {
			b.WriteRune('\u202f')
		}
		b.WriteRune(digit)
	}
	if rest != "" {
		b.WriteString("." + rest)
	}
	return b.String()
}
