package importers

import (
	"strings"
	"testing"

	"clew/domain"
)

// One answer beyond the bound is refused, and says where.
func TestAFileHasAtMostSoManyAnswers(t *testing.T) {
	file := func(n int) *strings.Reader {
		return strings.NewReader("<PmtRtr>" + strings.Repeat("<TxInf/>\n", n) + "</PmtRtr>")
	}
	if list, err := ReadAnswers(file(MaxAnswers), domain.StandardAssets()); err != nil || len(list) != MaxAnswers {
		t.Errorf("%d answers, %v", len(list), err)
	}
	_, err := ReadAnswers(file(MaxAnswers+1), domain.StandardAssets())
	if err == nil || !strings.Contains(err.Error(), "line 20001: the file holds more than 20000 answers") || domain.ClassOf(err) != domain.ClassUsage {
		t.Error(err)
	}
}

// A file of answers is not imported as a statement, nor the other way round.
func TestAnswersAreNoStatement(t *testing.T) {
	head := []byte(`<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.029.001.09"><RsltnOfInvstgtn>`)
	if !HoldsAnswers(head, "answer.xml") {
		t.Error("an answer is not recognised")
	}
	if f, err := Detect(head, "answer.xml"); err == nil {
		t.Errorf("an answer is imported as %s", f.Name)
	}
	if HoldsAnswers([]byte(`<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"><BkToCstmrStmt>`), "statement.xml") {
		t.Error("a statement is taken for an answer")
	}
}
