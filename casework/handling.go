package casework

import (
	"fmt"

	"clew/domain"
)

// leaving says of the files that a paper rests on whether they may leave: the
// first that must not stops it, and those that are left out are named.
func leaving(file *domain.CaseFile, files []domain.SHA256, outlet domain.Outlet) (left map[domain.SHA256]string, err error) {
	left = map[domain.SHA256]string{}
	for _, f := range files {
		switch leave := file.MayLeave(f, outlet); leave.Verdict {
		case domain.Refuse:
			return nil, &domain.Error{Class: domain.ClassDenied, Text: fmt.Sprintf("this cannot leave the case: it rests on the file %s, and %s ('clew evidence handling' records a consent)", f, leave.Why)}
		case domain.Redact:
			left[f] = leave.Why
		}
	}
	return left, nil
}
