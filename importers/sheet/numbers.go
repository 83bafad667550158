package sheet

import (
	"fmt"
	"regexp"
	"strings"
	"unicode"

	"clew/domain"
)

// numbers is how a table writes amounts.
type numbers struct {
	decimal  rune
	grouping rune // 0: none
}

// plain turns a cell into a plain decimal: sign, digits, point. A minus may
// stand before or behind, be U+2212, or be written as brackets. Grouping is
// checked: thousands, or lakhs and crores. What is no number is given back as
// it stands, with what is wrong.
func (n numbers) plain(cell string) (string, error) {
	text, minus := unsigned(strings.TrimFunc(cell, isBlank))
	whole, fraction, pointed := strings.Cut(text, string(n.decimal))
	digits, err := n.ungroup(whole)
	if err != nil {
		return "", fmt.Errorf("%q %w", cell, err)
	}
	if digits == "" && fraction == "" || !isDigits(digits) || !isDigits(fraction) {
		return "", fmt.Errorf("%q is not a number as the mapping writes them (decimal %q): check decimal and grouping, or take letters out with clean", cell, n.decimal)
	}
	if pointed && fraction != "" {
		digits += "." + fraction
	}
	if minus {
		digits = "-" + digits
	}
	return digits, nil
}

// unsigned takes the sign off a number.
func unsigned(text string) (rest string, minus bool) {
	text = strings.ReplaceAll(text, "\u2212", "-")
	if inner, found := strings.CutPrefix(text, "("); found {
		if inner, found = strings.CutSuffix(inner, ")"); found {
			return strings.TrimFunc(inner, isBlank), true
		}
	}
	for _, sign := range []string{"-", "+"} {
		if inner, found := strings.CutPrefix(text, sign); found {
			return strings.TrimFunc(inner, isBlank), sign == "-"
		}
		if inner, found := strings.CutSuffix(text, sign); found {
			return strings.TrimFunc(inner, isBlank), sign == "-"
		}
	}
	return text, false
}

func isBlank(r rune) bool {
	return unicode.IsSpace(r) || r == '\u202f' || r == '\ufeff' || r == '\u200e'
}

func isDigits(text string) bool {
	for _, r := range text {
		if r < '0' || r > '9' {
			return false
		}
	}
	return true
}

// grouped is a whole number in groups of three, or of two before the last
// three, with a blank in place of the mark.
var grouped = regexp.MustCompile(`^(\d{1,3}( \d{3})+|\d{1,2}( \d{2})* \d{3})$`)

// ungroup takes the marks between groups of digits out.
func (n numbers) ungroup(whole string) (string, error) {
	if n.grouping == 0 {
		return whole, nil
	}
	blanked := strings.Map(func(r rune) rune {
		if r == n.grouping || n.grouping == ' ' && isBlank(r) || n.grouping == '\'' && r == '\u2019' {
			return ' '
		}
		return r
	}, whole)
	if !strings.Contains(blanked, " ") {
		return whole, nil
	}
	if !grouped.MatchString(blanked) {
		return "", fmt.Errorf("has %q where it does not part thousands: check decimal and grouping", n.grouping)
	}
	return strings.ReplaceAll(blanked, " ", ""), nil
}

// amount reads a cell as an amount with its sign.
func (n numbers) amount(cell string, asset domain.Asset) (domain.Amount, error) {
	text, err := n.plain(cell)
	if err != nil {
		return domain.Amount{}, err
	}
	return domain.ParseAmount(text, asset)
}
