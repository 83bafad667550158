package sheet

import "embed"

//go:embed layouts/*.yaml
var layouts embed.FS

// shippedMapping is a mapping in layouts/.
type shippedMapping struct{ name, title string }

// shipped lists the mappings that come with clew. A new one is a file in
// layouts/, a line here, one in docs/reference/mapping.md, and a sample with
// what it becomes in testdata/.
var shipped = []shippedMapping{
	{"bank-of-ireland", "Bank of Ireland, current account, CSV"},
	{"bunq", "bunq, statement, CSV"},
	{"cz-raiffeisenbank", "Raiffeisenbank (CZ), account movements, CSV"},
	{"at-raiffeisen", "Raiffeisen (AT), ELBA export without a header, CSV"},
	{"hu-erste", "Erste Bank (HU), account history, CSV"},
	{"john-lewis-card", "John Lewis Partnership Card (before 2022), CSV"},
	{"kbc", "KBC (BE), account export in Dutch, CSV"},
	{"n26", "N26, export in German, CSV"},
	{"ocbc", "OCBC (SG), transaction history, CSV"},
	{"sparkasse", "Sparkasse (DE), account export CSV-MT940 style, CSV"},
}
