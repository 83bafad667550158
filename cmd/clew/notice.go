package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"clew/domain"
)

func (p *program) noticeCommands() *cobra.Command {
	return p.branch("notice", "Link INTERPOL's notices and diffusions to persons, accounts and ways of working", p.noticeLink(), p.noticeUnlink(), p.noticeShow())
}

func (p *program) noticeLink() *cobra.Command {
	var of whoseFlags
	var link domain.LinkNotice
	var colour, issued string
	cmd := &cobra.Command{
		Use: "link CASE NOTICE", Short: "Say that a notice or a diffusion concerns somebody or something of the case",
		Long: `Link a notice to a person, an account, a victim or a file of the case, or to the case as a whole. NOTICE is its reference.
A notice has a colour: red, yellow, blue, black, green, orange, purple, silver, or un; a diffusion, which a country sends by
itself, has the same purposes. A modus operandi is sealed like other personal text. The conditions under which INTERPOL gave a
file are set with 'clew evidence handling'.`,
		Example: `  clew notice link C1 A-1234/5-2026 --colour silver --issued 2026-03-04 --account bank:77-100 --by "NCB A" --source I-24/7
  clew notice link C1 A-7/1-2026 --colour purple --diffusion --issued 2026-03-04 --modus "false trading platform" --source I-24/7`, Args: p.takes("CASE", "NOTICE"),
	}
	flags := cmd.Flags()
	flags.StringVar(&colour, "colour", "", "what it is for: 'clew scam words' lists them (needed)")
	flags.BoolVar(&link.Diffusion, "diffusion", false, "a diffusion, not a notice")
	flags.StringVar(&issued, "issued", "", "when it was issued: a date (needed)")
	flags.StringVar(&link.By, "by", "", "the bureau that asked for it")
	flags.StringVar(&link.Modus, "modus", "", "the way of working that it describes")
	flags.StringVar(&link.Source, "source", "", "where it was read (needed)")
	cmd.RunE = p.doesAbout(func(ctx context.Context, id domain.CaseID, rest []string) error {
		if err := whenOf("--issued", issued, &link.Issued); err != nil {
			return err
		}
		link.Notice, link.Colour = rest[0], domain.NoticeColour(colour)
		return p.doAbout(ctx, id, &of, func(whose domain.Whose) (domain.Command, string) {
			link.Of = whose
			return link, fmt.Sprintf("%s concerns %s", rest[0], whose.Tied())
		})
	})
	return of.target(p.caseFlag(cmd))
}

func (p *program) noticeUnlink() *cobra.Command {
	var of whoseFlags
	reason := ""
	cmd := &cobra.Command{
		Use: "unlink CASE NOTICE", Short: "Take the link to a notice back: it was cancelled, or concerns somebody else",
		Example: `  clew notice unlink C1 A-1234/5-2026 --account bank:77-100 --reason "it was cancelled"`, Args: p.takes("CASE", "NOTICE"),
	}
	cmd.Flags().StringVar(&reason, "reason", "", "why (needed)")
	cmd.RunE = p.doesAbout(func(ctx context.Context, id domain.CaseID, rest []string) error {
		return p.doAbout(ctx, id, &of, func(whose domain.Whose) (domain.Command, string) {
			return domain.UnlinkNotice{Notice: rest[0], Of: whose, Reason: reason}, fmt.Sprintf("%s does not concern %s any more", rest[0], whose.Tied())
		})
	})
	return of.target(p.caseFlag(cmd))
}

// noticeShape is one link to a notice, in JSON.
type noticeShape struct {
	Notice    string              `json:"notice"`
	Colour    domain.NoticeColour `json:"colour"`
	Diffusion bool                `json:"diffusion"`
	Issued    domain.When         `json:"issued"`
	By        string              `json:"by"`
	Of        domain.Whose        `json:"of"`
	Modus     string              `json:"modus_operandi"`
	Source    string              `json:"source"`
}

func (p *program) noticeShow() *cobra.Command {
	var ask asking
	cmd := &cobra.Command{
		Use: "show CASE", Short: "Show the notices and diffusions that concern the case",
		Example: "  clew notice show C1", Args: p.takes("CASE"),
	}
	cmd.RunE = p.doesAbout(func(ctx context.Context, id domain.CaseID, _ []string) error {
		return p.withCase(ctx, id, &ask, func(_ *office, file *domain.CaseFile, _ uint64) error {
			list, t := noticesOf(file)
			return p.say(reply{object: list, table: t})
		})
	})
	return ask.times(p.caseFlag(cmd))
}

func noticesOf(file *domain.CaseFile) ([]noticeShape, *table) {
	list, t := []noticeShape{}, newTable("notice", "colour", "form", "issued", "by", "of", "modus operandi", "source")
	for _, n := range file.Notices {
		form := "notice"
		if n.Diffusion {
			form = "diffusion"
		}
		list = append(list, noticeShape{n.Notice, n.Colour, n.Diffusion, n.Issued, n.By, n.Of, inClear(n.ModusOperandi), n.Source})
		t.add(n.Notice, string(n.Colour), form, n.Issued.String(), n.By, n.Of.Tied(), inClear(n.ModusOperandi), n.Source)
	}
	return list, t
}
