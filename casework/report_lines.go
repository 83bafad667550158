package casework

import (
	"context"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"clew/domain"
	"clew/eventstore"
	"clew/papers"
	"clew/projections"
)

// lineBook is what was read from which file, from the log itself, and what of
// it must not leave the case.
type lineBook struct {
	files    map[domain.SHA256]*fileLines
	withheld map[domain.SHA256]string    // files, and why
	hidden   map[domain.MovementID]bool  // movements that only withheld files show
	masks    map[domain.AccountID]string // accounts that only withheld files name
}

// fileLines is what was taken from one file, by sheet or page.
type fileLines struct {
	rows  int
	lines map[string][]int
}

// told puts lines that follow one another into stretches.
func (f *fileLines) told() (list []papers.PageLines) {
	for _, page := range slices.Sorted(maps.Keys(f.lines)) {
		list = append(list, papers.PageLines{Page: page, Lines: ranges(f.lines[page])})
	}
	return list
}

func ranges(lines []int) (list []papers.Range) {
	slices.Sort(lines)
	for _, line := range lines {
		switch last := len(list) - 1; {
		case last >= 0 && line <= list[last].Last+1:
			list[last].Last = line
		default:
			list = append(list, papers.Range{First: line, Last: line})
		}
	}
	return list
}

// withholding reads which lines were taken from which file, and settles what
// must not leave: it stops the report, or is left out and named.
func (r *report) withholding(ctx context.Context) error {
	r.book = &lineBook{files: map[domain.SHA256]*fileLines{}, withheld: map[domain.SHA256]string{}, hidden: map[domain.MovementID]bool{}, masks: map[domain.AccountID]string{}}
	for _, c := range r.out.Cases {
		file, err := r.desk.Views.CaseFile(ctx, c, projections.Head) // conditions hold from when they are known
		if err != nil {
			return err
		}
		files := make([]domain.SHA256, 0, len(file.Files))
		for sum := range file.Files {
			files = append(files, sum)
		}
		slices.Sort(files)
		left, err := leaving(file, files, domain.OutletReport)
		if err != nil {
			return err
		}
		for sum, why := range left {
			r.book.withheld[sum] = why
		}
	}
	s := sightings{shut: map[domain.AccountID]bool{}, open: map[domain.AccountID]bool{}, shown: map[domain.MovementID]bool{}}
	for _, c := range r.out.Cases {
		if err := r.readLines(ctx, c, &s); err != nil {
			return err
		}
	}
	r.settle(&s)
	return nil
}

// sightings are the accounts and movements that files name which may leave,
// and those that others name.
type sightings struct {
	shut, open map[domain.AccountID]bool
	shown      map[domain.MovementID]bool
}

// readLines goes through a case's events for the places that they come from.
func (r *report) readLines(ctx context.Context, c domain.CaseID, s *sightings) error {
	for after := uint64(0); ; {
		page, err := r.desk.Store.ReadStream(ctx, caseStream(c), after, eventstore.MaxRead)
		if err != nil || len(page) == 0 {
			return err
		}
		for i := range page {
			if page[i].Position > r.ask.Upto {
				return nil
			}
			if len(page[i].Fast) == 0 { // no observation
				continue
			}
			event, err := domain.DecodeEvent(page[i].Kind, page[i].Body)
			if err != nil {
				return fmt.Errorf("position %d: %w", page[i].Position, err)
			}
			if m, is := domain.MovementOf(event); is {
				r.book.note(m, s)
			}
		}
		after = page[len(page)-1].Version
	}
}

// note takes down where a movement was read.
func (b *lineBook) note(m domain.Movement, s *sightings) {
	file := m.Evidence.File
	seen := s.open
	if b.withheld[file] != "" {
		seen, b.hidden[m.ID] = s.shut, true
	} else {
		s.shown[m.ID] = true
	}
	for _, account := range []domain.AccountID{m.From, m.To} {
		seen[account] = true
	}
	for _, leg := range slices.Concat(m.Inputs, m.Outputs) {
		seen[leg.Account] = true
	}
	if file == "" {
		return
	}
	if b.files[file] == nil {
		b.files[file] = &fileLines{lines: map[string][]int{}}
	}
	lines, page := b.files[file], m.Evidence.Page
	if withinLines.MatchString(page) {
		page = ""
	}
	lines.rows++
	lines.lines[page] = append(lines.lines[page], m.Evidence.Line)
}

// withinLines are places within a statement, whose lines tell them as well:
// camt's entries and balances, MT940's tags.
var withinLines = regexp.MustCompile(`^(entry |balance |:)`)

// settle names what is left out.
func (r *report) settle(s *sightings) {
	for id := range s.shown {
		delete(r.book.hidden, id)
	}
	shut := make([]domain.AccountID, 0, len(s.shut))
	for account := range s.shut {
		if account = r.t.Assembly.File.Resolve(account); account != "" && !s.open[account] {
			shut = append(shut, account)
		}
	}
	slices.Sort(shut)
	for i, account := range slices.Compact(shut) {
		r.book.masks[account] = fmt.Sprintf("[withheld account %d]", i+1)
	}
	sums := make([]domain.SHA256, 0, len(r.book.withheld))
	for sum := range r.book.withheld {
		sums = append(sums, sum)
	}
	slices.Sort(sums)
	for _, sum := range sums {
		part := papers.WithheldEvidence{File: sum, Why: r.book.withheld[sum]}
		if lines := r.book.files[sum]; lines != nil {
			part.Rows = lines.rows
		}
		r.out.Withheld = append(r.out.Withheld, part)
	}
}

// name is the name of an account as the report may say it.
func (r *report) name(account domain.AccountID) domain.AccountID {
	if mask, is := r.book.masks[account]; is {
		return domain.AccountID(mask)
	}
	return account
}

// words is a text without the names of accounts that must not leave.
func (r *report) words(text string) string {
	for account, mask := range r.book.masks {
		text = replaceName(text, string(account), mask)
	}
	return text
}

// replaceName puts another name where a name stands by itself, and not where
// it is a part of a longer one.
func replaceName(text, name, by string) string {
	var out strings.Builder
	for {
		at := strings.Index(text, name)
		if at < 0 || name == "" {
			return out.String() + text
		}
		end := at + len(name)
		before, _ := utf8.DecodeLastRuneInString(text[:at])
		after, _ := utf8.DecodeRuneInString(text[end:])
		if wordRune(before) || wordRune(after) {
			out.WriteString(text[:end])
		} else {
			out.WriteString(text[:at] + by)
		}
		text = text[end:]
	}
}

func wordRune(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }
