package networks

import (
	"fmt"
	"iter"

	"clew/domain"
)

// section is a number of accounts of one truth, which stand together.
type section struct {
	truth Truth
	count int
	name  func(i int) domain.AccountID // by its number among all accounts
}

// account is one of a network while it is made.
type account struct {
	name   domain.AccountID
	truth  Truth
	holds  int64 // about what lies there: nothing is paid from an empty account, but for overdrafts
	opened bool  // its opening balance, or that it has none, is decided
}

// spell numbers the accounts of all sections.
func spell(sections []section) []account {
	var accounts []account
	for _, s := range sections {
		for range s.count {
			accounts = append(accounts, account{name: s.name(len(accounts)), truth: s.truth})
		}
	}
	return accounts
}

// told gives the accounts of all sections with their truth.
func told(sections []section) iter.Seq2[domain.AccountID, Truth] {
	return func(yield func(domain.AccountID, Truth) bool) {
		number := 0
		for _, s := range sections {
			for range s.count {
				if !yield(s.name(number), s.truth) {
					return
				}
				number++
			}
		}
	}
}

// span is where a section's accounts stand among all: n of them from first on.
type span struct{ first, n int }

func (s span) at(i int) int { return s.first + i }

// spans finds the sections of a role, in their order.
func spans(sections []section, role Role) []span {
	var list []span
	first := 0
	for _, s := range sections {
		if s.truth.Role == role {
			list = append(list, span{first, s.count})
		}
		first += s.count
	}
	return list
}

// iban is the account's number at the bank code 99999999, which no bank has,
// with true check digits (ISO 13616: 98 less the remainder by 97, where D and E
// stand for 13 and 14).
func iban(i int) domain.AccountID {
	number := 99_999_999*10_000_000_000 + uint64(i)
	check := 98 - (number%97*1_000_000+131_400)%97
	return domain.AccountID(fmt.Sprintf("iban:DE%02d%018d", check, number))
}

// wallet is an address that nobody has the key of: a counter in its last digits.
func wallet(i int) domain.AccountID {
	return domain.AccountID(fmt.Sprintf("eip155:1:0xc1e3%036x", i))
}

// named gives accounts that are no bank's: "merchant:m-17".
func named(pattern string) func(int) domain.AccountID {
	return func(i int) domain.AccountID { return domain.AccountID(fmt.Sprintf(pattern, i)) }
}
