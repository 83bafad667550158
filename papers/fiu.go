package papers

import (
	"bytes"
	_ "embed"
	"regexp"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"clew/domain"
)

// FIU is what one FIU calls things in goAML: its lookups.
type FIU struct {
	Name          string                   `yaml:"name"`
	Title         string                   `yaml:"title"`
	Currency      string                   `yaml:"currency"` // in which reports count
	Submission    string                   `yaml:"submission"`
	Report        string                   `yaml:"report"`
	AccountStatus map[AccountStatus]string `yaml:"account_status"`
	Funds         map[string]string        `yaml:"funds"`
	Modes         map[string]string        `yaml:"modes"`
	ModeComment   string                   `yaml:"mode_comment"`
	AccountTypes  map[string]string        `yaml:"account_types"`
	Payer         string                   `yaml:"payer"`
	Payee         string                   `yaml:"payee"`
	Currencies    map[string]string        `yaml:"currencies"`
	Indicators    map[string]string        `yaml:"indicators"`
	Names         string                   `yaml:"names"`
	Source        string                   `yaml:"source"`

	names *regexp.Regexp
}

// AccountStatus says how an account stands at its institution.
type AccountStatus string

// The ways an account may stand. What is not known is empty.
const (
	AccountActive              AccountStatus = "active"
	AccountClosedByCustomer    AccountStatus = "closed_by_customer"
	AccountClosedByInstitution AccountStatus = "closed_by_institution"
	AccountClosed              AccountStatus = "closed"
	AccountDormant             AccountStatus = "dormant"
	AccountFrozen              AccountStatus = "frozen"
	AccountInactive            AccountStatus = "inactive"
	AccountOther               AccountStatus = "other"
)

// AccountStatuses lists every way an account may stand.
func AccountStatuses() []AccountStatus {
	return []AccountStatus{AccountActive, AccountClosedByCustomer, AccountClosedByInstitution, AccountClosed, AccountDormant, AccountFrozen, AccountInactive, AccountOther}
}

// FIUs is a list of FIUs by name.
type FIUs []FIU

//go:embed fiu.yaml
var fiuYAML []byte

// StandardFIUs are those that clew ships with; the first is the generic one.
func StandardFIUs() FIUs {
	list, err := ParseFIUs(fiuYAML)
	if err != nil {
		panic("papers: the embedded lookups cannot be read: " + err.Error())
	}
	return list
}

// The bounds of a file of lookups: about 200 FIUs exist, and names fit a line.
const (
	maxFIUs       = 1000
	maxFIUFile    = 1 << 20
	maxNameFilter = 200
)

// ParseFIUs reads a file of lookups; an unknown key is refused, because it
// would be a code that nobody uses.
func ParseFIUs(data []byte) (FIUs, error) {
	if len(data) > maxFIUFile {
		return nil, domain.Usage("lookups: the file has more than %d bytes", maxFIUFile)
	}
	strict := yaml.NewDecoder(bytes.NewReader(data))
	strict.KnownFields(true)
	var list FIUs
	if err := strict.Decode(&list); err != nil {
		return nil, domain.Usage("lookups: %v", err)
	}
	if len(list) > maxFIUs {
		return nil, domain.Usage("lookups: %d FIUs are more than %d", len(list), maxFIUs)
	}
	for i := range list {
		if err := list[i].settle(); err != nil {
			return nil, domain.Usage("lookups of FIU %d (%.40s): %v", i+1, list[i].Name, err)
		}
	}
	return list, nil
}

// settle checks the keys and makes the filter of names ready.
func (f *FIU) settle() error {
	means := []string{"transfer", "crypto", "card", "cash"}
	for _, table := range []map[string]string{f.Funds, f.Modes} {
		for key := range table {
			if !slices.Contains(means, key) {
				return domain.Usage("%.40q is not how money moves: use one of %s", key, strings.Join(means, ", "))
			}
		}
	}
	for status := range f.AccountStatus {
		if !slices.Contains(AccountStatuses(), status) {
			return domain.Usage("account status %.40q is none of %v", string(status), AccountStatuses())
		}
	}
	if f.Name == "" || len(f.Names) > maxNameFilter {
		return domain.Usage("it needs a name, and a filter of names of at most %d characters", maxNameFilter)
	}
	if f.Names == "" {
		return nil
	}
	names, err := regexp.Compile("^(?:" + f.Names + ")$")
	f.names = names
	return err
}

// Find gives the FIU of a name.
func (l FIUs) Find(name string) (FIU, error) {
	var names []string
	for _, f := range l {
		if strings.EqualFold(f.Name, name) {
			return f, nil
		}
		names = append(names, f.Name)
	}
	return FIU{}, domain.Usage("FIU %.40q is not known: use one of %s, or add it to a file of your own", name, strings.Join(names, ", "))
}
