package main

import (
	"cmp"
	"fmt"
	"strings"

	"clew/domain"
)

// count writes a number of things: "1 line", "2 lines".
func count(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
}

// nothing says whether a cell holds no amount but zeros.
func nothing(cell string) bool { return strings.Trim(cell, "0.") == "" }

// number writes a position or a count.
func number[N int | int64 | uint64](n N) string { return fmt.Sprint(n) }

// joined writes names behind one another.
func joined[T ~string](names []T) string {
	var texts []string
	for _, n := range names {
		texts = append(texts, string(n))
	}
	return strings.Join(texts, ", ")
}

// listed is a list that is [] and not null where it is empty.
func listed[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}

// yesOrNo writes a truth in a cell.
func yesOrNo(is bool) string {
	if is {
		return "yes"
	}
	return "no"
}

func blank(cell string) bool { return cell == "" }

// unknown is what a cell says where nobody knows.
const unknown = "not known"

func orUnknown(text string) string { return cmp.Or(text, unknown) }

// capital begins a sentence with a word.
func capital(text string) string { return strings.ToUpper(text[:1]) + text[1:] }

func factOr(assessment bool) string {
	if assessment {
		return "assessment"
	}
	return "fact"
}

// inClear is personal text that may be read.
func inClear(text *domain.Personal) string {
	if text == nil {
		return ""
	}
	return text.Clear
}

// whenOrNull is a time in JSON; null where there is none.
func whenOrNull(w domain.When) *domain.When {
	if w.IsZero() {
		return nil
	}
	return &w
}

// shown writes an amount and its asset; nothing where none was stated.
func shown(a domain.Amount) (string, domain.AssetCode) {
	if !a.Given() {
		return "", ""
	}
	return a.String(), a.Asset.Code
}
