package importers

import (
	"io"

	"clew/domain"
	"clew/importers/recall"
)

// MaxAnswers bounds the answers of one file: a bulk of a clearing house has
// some thousands.
const MaxAnswers = 20_000

// HoldsAnswers says whether the beginning of a file shows answers to a recall
// (camt.029, pacs.004), which are read with ReadAnswers and not imported.
func HoldsAnswers(head []byte, name string) bool { return recall.Detect(head, name) > 0 }

// ReadAnswers reads the answers to recalls in a file, in order. Which requests
// they belong to is for domain.MatchRecalls to say.
func ReadAnswers(in io.Reader, assets domain.Assets) ([]domain.RecallAnswer, error) {
	var answers []domain.RecallAnswer
	err := recall.Read(in, assets, func(a domain.RecallAnswer) error {
		if len(answers) == MaxAnswers {
			return domain.Usage("line %d: the file holds more than %d answers, the most that clew reads at once: split it", a.Line, MaxAnswers)
		}
		answers = append(answers, a)
		return nil
	})
	return answers, err
}
