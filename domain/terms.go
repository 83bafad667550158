package domain

import (
	"slices"
	"strings"
)

// Term is one word of a vocabulary: what it means, and who uses it so.
type Term struct {
	Name   string
	Means  string
	Source string
}

// otherTerm comes before a word of one's own, where a vocabulary has none that
// fits: "other: a false charity".
const otherTerm = "other: "

// maxTerm bounds a word of one's own: it heads a row of a table.
const maxTerm = 60

// Who uses the words. Each is a publication that can be read.
const (
	fromIC3    = "FBI IC3, Internet Crime Report"
	fromFinCEN = "FinCEN, FIN-2023-Alert005 (September 2023)"
	fromOHCHR  = "OHCHR, Online Scam Operations and Trafficking into Forced Criminality in Southeast Asia (August 2023)"
	fromFTC    = "FTC, Consumer Sentinel Network Data Book, contact methods"
	fromPSA    = "FBI IC3, public service announcement I-120324-PSA (December 2024)"
	fromFATF   = "FATF Recommendations, general glossary: designated categories of offences"
	fromNotice = "INTERPOL, About Notices (interpol.int)"
	fromClew   = "clew's table format"
)

// Typologies lists the kinds of scam. The first twelve, to other, are the ones
// that the table format began with.
func Typologies() []Term {
	return []Term{
		{"romance", "affection is feigned, then money is asked for", fromIC3},
		{"investment", "an investment that is none", fromIC3},
		{"crypto_investment", "an investment in virtual assets that is none, after a long courtship", fromFinCEN},
		{"job", "work that has to be paid for, or tasks that have to be topped up", fromIC3},
		{"lottery", "a prize or an inheritance, for a fee first", fromIC3},
		{"gambling", "a game that nobody can win, or that pays nothing out", fromClew},
		{"sextortion", "pictures, and money for not showing them", fromIC3},
		{"impersonation", "somebody poses as an authority, a bank, a relative", fromIC3},
		{"recovery", "lost money is to be brought back, for a fee first", fromClew},
		{string(ScamRansom), "paid so that a person who is held is let go", fromOHCHR},
		{string(ScamBondage), "paid off by a person who is held, or for him, as a debt that was put upon him", fromOHCHR},
		{"other", "none of these, and not said which", fromClew},
		{string(ScamRecruitment), "paid by a person, before he was held, for the work or the journey that he was promised", fromOHCHR},
		{"business_email", "a changed invoice, or an order in a superior's name", fromIC3},
		{"advance_fee", "a loan, a deal or a gift, for a fee first", fromIC3},
		{"purchase", "goods or a flat that do not exist", fromIC3},
		{"tech_support", "help with a computer that needed none", fromIC3},
	}
}

// Lures lists by what victims are reached and won.
func Lures() []Term {
	return []Term{
		{"ai_profile", "a person who does not exist, with pictures or talk that a machine makes", fromPSA},
		{"deepfake", "a real person's face or voice, made by a machine", fromPSA},
		{"job_advert", "an advertisement of work", fromOHCHR},
		{"platform", "a false site or app on which profits are shown", fromFinCEN},
		{"wrong_number", "a message that seems to be meant for another", fromFinCEN},
		{"dating_app", "an acquaintance made on a dating site or app", fromFinCEN},
		{"social_media", "a profile, a group or a message on social media", fromFTC},
		{"advert", "an advertisement or a pop-up online", fromFTC},
		{"website", "a site or an app", fromFTC},
		{"email", "a letter by e-mail", fromFTC},
		{"call", "a telephone call", fromFTC},
		{"text", "a text message", fromFTC},
	}
}

// NoticeColours lists what INTERPOL publishes; a diffusion, which a country
// sends by itself, has the same purposes.
func NoticeColours() []Term {
	return []Term{
		{"red", "to find and provisionally arrest a person who is wanted", fromNotice},
		{"yellow", "to find a missing person, or learn who somebody is", fromNotice},
		{"blue", "to learn more of a person's identity, whereabouts or doings in an inquiry", fromNotice},
		{"black", "to learn who a dead person was", fromNotice},
		{"green", "to warn of a person's criminal activities", fromNotice},
		{"orange", "to warn of an event, a person, an object or a process that is a serious and imminent threat", fromNotice},
		{"purple", "to ask or tell of modus operandi, objects, devices and hiding places", fromNotice},
		{"silver", "to find and learn of assets (pilot phase since January 2025)", fromNotice},
		{"un", "a special notice on one whom a sanctions committee of the UN Security Council has listed", fromNotice},
	}
}

// Crimes lists other crimes to which a case may lead.
func Crimes() []Term {
	return []Term{
		{"trafficking", "trafficking in persons", fromFATF},
		{"smuggling", "smuggling of migrants", fromFATF},
		{"sexual_exploitation", "sexual exploitation, of children too", fromFATF},
		{"drugs", "narcotic drugs", fromFATF},
		{"arms", "arms", fromFATF},
		{"wildlife", "protected animals and plants, and other crimes against the environment", fromFATF},
		{"corruption", "corruption and bribery", fromFATF},
		{"counterfeiting", "false money, false goods, false documents", fromFATF},
		{"kidnapping", "kidnapping, restraint, hostage-taking", fromFATF},
		{"violence", "murder, grievous bodily injury", fromFATF},
		{"terrorism", "terrorism and its financing", fromFATF},
		{"tax", "tax crimes", fromFATF},
	}
}

// Vocabulary is the words for one thing.
type Vocabulary struct {
	Of    string
	Terms []Term
}

// Vocabularies lists the words of the larger picture.
func Vocabularies() []Vocabulary {
	return []Vocabulary{{"typology", Typologies()}, {"lure", Lures()}, {"notice", NoticeColours()}, {"crime", Crimes()}}
}

// names lists the words of a vocabulary.
func names(list []Term) (names []string) {
	for _, term := range list {
		names = append(names, term.Name)
	}
	return names
}

// parseTerm reads a word of a vocabulary, or one's own after "other: ". What
// says of which vocabulary, for the error.
func parseTerm(what, text string, list []Term) (string, error) {
	word := strings.ToLower(strings.TrimSpace(text))
	if slices.Contains(names(list), word) {
		return word, nil
	}
	own := strings.Join(strings.Fields(strings.TrimSpace(text)), " ")
	if len(own) < len(otherTerm) || !strings.EqualFold(own[:len(otherTerm)], otherTerm) {
		return "", Usage("%s %s is not one of %s; where none fits, say it in your own words: \"other: …\"", what, quoted(text), strings.Join(names(list), ", "))
	}
	own = otherTerm + own[len(otherTerm):]
	if err := checkName(what, own, maxTerm); err != nil {
		return "", Usage("%v", err)
	}
	if strings.ContainsAny(own, ",;") {
		return "", Usage("%s %s has a comma: it stands in lists, so write it without", what, quoted(text))
	}
	return own, nil
}

// ParseTypology reads a kind of scam that somebody describes: one of the
// vocabulary, or one's own.
func ParseTypology(text string) (Scam, error) {
	word, err := parseTerm("typology", text, Typologies())
	return Scam(word), err
}

// ParseLure reads by what a victim was reached.
func ParseLure(text string) (Lure, error) {
	word, err := parseTerm("lure", text, Lures())
	return Lure(word), err
}

// ParseCrime reads another crime.
func ParseCrime(text string) (Crime, error) {
	word, err := parseTerm("crime", text, Crimes())
	return Crime(word), err
}

// ParseNoticeColour reads what a notice is for.
func ParseNoticeColour(text string) (NoticeColour, error) {
	colour := strings.ToLower(strings.TrimSpace(text))
	if !slices.Contains(names(NoticeColours()), colour) {
		return "", Usage("colour %s is not one of %s", quoted(text), strings.Join(names(NoticeColours()), ", "))
	}
	return NoticeColour(colour), nil
}

// ParseOperation reads an operation's code name, in capitals as such names are
// written. It stands in lists, so it has no comma.
func ParseOperation(text string) (OperationID, error) {
	name := strings.ToUpper(strings.Join(strings.Fields(text), " "))
	if err := checkName("operation", name, maxTerm); err != nil {
		return "", Usage("%v", err)
	}
	if strings.ContainsAny(name, ",;") {
		return "", Usage("operation %s has a comma: its code name stands in lists, so write it without", quoted(text))
	}
	return OperationID(name), nil
}

// ParseCentre reads the reference of a scam centre.
func ParseCentre(text string) (CentreID, error) {
	name := strings.TrimSpace(text)
	if err := checkName("centre", name, maxTerm); err != nil {
		return "", Usage("%v", err)
	}
	if strings.ContainsAny(name, ",;") {
		return "", Usage("centre %s has a comma: its reference stands in lists, so write it without", quoted(text))
	}
	return CentreID(name), nil
}
