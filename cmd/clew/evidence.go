package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"clew/casework"
	"clew/domain"
	"clew/projections"
)

func (p *program) evidenceCommands() *cobra.Command {
	return p.branch("evidence", "Show the files that the records rest on", p.evidenceShow(), p.evidenceList(), p.evidenceHandling())
}

func (p *program) evidenceShow() *cobra.Command {
	line := 0
	cmd := &cobra.Command{
		Use: "show SHA", Short: "Write out a kept file, or one line of it",
		Long: `Write out a file that was kept as evidence, byte for byte; its hash is checked on the way. SHA is its SHA-256,
or the first eight or more digits of it. With --line only that line; with --json where the file was filed.`,
		Example: "  clew evidence show 3f1a0c9b --line 12\n  clew evidence show 3f1a0c9b > statement.xml", Args: p.takes("SHA"),
	}
	cmd.Flags().IntVar(&line, "line", 0, "only this line, from 1")
	cmd.RunE = p.does(func(ctx context.Context, args []string) error {
		if line < 0 {
			return domain.Usage("--line %d: lines are counted from 1", line)
		}
		return p.with(ctx, mustExist, func(o *office) error {
			file, err := findFile(ctx, o, args[0])
			if err != nil {
				return err
			}
			if err := o.consultedFile(file); err != nil {
				return err
			}
			return p.showEvidence(ctx, o, file, line)
		})
	})
	return cmd
}

// minHash is how many digits of a hash tell a file: eight of hex make a chance
// match between a thousand files less than one in eight thousand.
const minHash = 8

// findFile finds a filed file by its hash or the beginning of it.
func findFile(ctx context.Context, o *office, text string) (domain.SHA256, error) {
	text = strings.ToLower(strings.TrimSpace(text))
	if len(text) < minHash || len(text) > 64 || strings.Trim(text, "0123456789abcdef") != "" {
		return "", domain.Usage("%q is no SHA-256: give 64 hexadecimal digits, or the first %d or more; 'clew evidence list CASE' shows them", text, minHash)
	}
	if len(text) == 64 {
		return domain.SHA256(text), nil
	}
	found := map[domain.SHA256]bool{}
	cases, err := o.views.Cases(ctx, projections.Head)
	if err != nil {
		return "", err
	}
	for _, c := range cases {
		files, err := filesOf(ctx, o, c.Case, projections.Head)
		if err != nil {
			return "", err
		}
		for _, f := range files {
			if strings.HasPrefix(string(f.SHA256), text) {
				found[f.SHA256] = true
			}
		}
	}
	switch len(found) {
	case 0:
		return "", domain.NotFound("no file is kept whose SHA-256 begins with %s: 'clew evidence list CASE' shows them", text)
	case 1:
		for one := range found {
			return one, nil
		}
	}
	return "", domain.Usage("%d files have a SHA-256 that begins with %s: give more of it", len(found), text)
}

func (p *program) showEvidence(ctx context.Context, o *office, file domain.SHA256, line int) error {
	if err := isKept(ctx, o, file); err != nil {
		return err
	}
	filed, err := o.views.FiledIn(ctx, file, projections.Head)
	if err != nil {
		return err
	}
	text, err := evidenceLine(ctx, o, file, line)
	if err != nil {
		return err
	}
	if p.form() == asTable && line == 0 {
		return p.copyEvidence(ctx, o, file)
	}
	shape := evidenceShape{SHA256: file, Line: line, Text: text, Filed: []filedShape{}}
	t := newTable("case", "file", "format", "position>", "line>", "text")
	for _, f := range filed {
		if !p.sees(f.Case) {
			continue
		}
		shape.Filed = append(shape.Filed, filedShape{f.Case, f.Name, f.Format, f.Position})
		t.add(string(f.Case), f.Name, f.Format, number(f.Position), number(line), text)
	}
	return p.say(reply{object: shape, table: t, text: func(w *page) { w.line("%s", text) }})
}

// evidenceShape is a kept file in JSON.
type evidenceShape struct {
	SHA256 domain.SHA256 `json:"sha256"`
	Line   int           `json:"line,omitempty"`
	Text   string        `json:"text,omitempty"`
	Filed  []filedShape  `json:"filed"`
}

type filedShape struct {
	Case     domain.CaseID `json:"case"`
	File     string        `json:"file"`
	Format   string        `json:"format"`
	Position uint64        `json:"position"`
}

func openEvidence(ctx context.Context, o *office, file domain.SHA256) (io.ReadCloser, error) {
	return o.desk.OpenFile(ctx, file)
}

// isKept says that a file is there, or not.
func isKept(ctx context.Context, o *office, file domain.SHA256) error {
	kept, err := openEvidence(ctx, o, file)
	if err != nil {
		return err
	}
	return kept.Close()
}

func (p *program) copyEvidence(ctx context.Context, o *office, file domain.SHA256) error {
	kept, err := openEvidence(ctx, o, file)
	if err != nil {
		return err
	}
	_, err = io.Copy(p.out, kept)
	return errors.Join(err, kept.Close())
}

// evidenceLine gives one line of a kept file; "" for line 0.
func evidenceLine(ctx context.Context, o *office, file domain.SHA256, line int) (string, error) {
	if line == 0 {
		return "", nil
	}
	kept, err := openEvidence(ctx, o, file)
	if err != nil {
		return "", err
	}
	defer kept.Close()
	lines := bufio.NewScanner(kept)
	lines.Buffer(make([]byte, 0, 64<<10), casework.MaxLine)
	for n := 1; lines.Scan(); n++ {
		if n == line {
			return casework.Readable(lines.Bytes()), nil
		}
	}
	if err := lines.Err(); err != nil {
		return "", fmt.Errorf("line %d of %s cannot be shown: %w; write the file out with 'clew evidence show %s > FILE'", line, file, err, file)
	}
	return "", domain.NotFound("the file %s has no line %d", file, line)
}

func (p *program) evidenceList() *cobra.Command {
	var ask asking
	rejects := false
	cmd := &cobra.Command{
		Use: "list CASE", Short: "List the files of a case, or the lines of them that were rejected",
		Example: "  clew evidence list C1\n  clew evidence list C1 --rejects -o csv", Args: p.takes("CASE"),
	}
	cmd.Flags().BoolVar(&rejects, "rejects", false, "the rejected lines instead of the files")
	cmd.RunE = p.doesAbout(func(ctx context.Context, id domain.CaseID, _ []string) error {
		return p.withCase(ctx, id, &ask, func(o *office, _ *domain.CaseFile, upto uint64) error {
			if rejects {
				return p.listRejects(ctx, o, id, upto)
			}
			files, err := filesOf(ctx, o, id, upto)
			if err != nil {
				return err
			}
			return p.say(reply{object: listed(files), table: filesTable(files)})
		})
	})
	return ask.times(p.caseFlag(cmd))
}

// rejectedShape is a recorded rejection in JSON.
type rejectedShape struct {
	SHA256   domain.SHA256 `json:"sha256"`
	Line     int           `json:"line"`
	Page     string        `json:"page"`
	Field    string        `json:"field"`
	Reason   string        `json:"reason"`
	Position uint64        `json:"position"`
}

func (p *program) listRejects(ctx context.Context, o *office, id domain.CaseID, upto uint64) error {
	list := []rejectedShape{}
	t := newTable("position>", "sha256", "line>", "page", "field", "reason")
	err := o.views.Rejects(ctx, id, "", func(position uint64, r domain.LineRejected) error {
		if position <= upto {
			list = append(list, rejectedShape{r.Evidence.File, r.Evidence.Line, r.Evidence.Page, r.Field, r.Reason, position})
			t.add(number(position), string(r.Evidence.File), number(r.Evidence.Line), r.Evidence.Page, r.Field, r.Reason)
		}
		return nil
	})
	if err != nil {
		return err
	}
	return p.say(reply{object: list, table: t})
}
