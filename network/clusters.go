package network

import (
	"cmp"
	"maps"
	"slices"

	"clew/domain"
)

// Identity is a decision of a person, in one case, that two names are one
// account.
type Identity struct {
	Case        domain.CaseID
	Account, As domain.AccountID
	Since       uint64 // position of the log
}

// Naming is that a case names an account.
type Naming struct {
	Account domain.AccountID
	Case    domain.CaseID
	Since   uint64
	First   domain.When
}

// Clusters gives for every name that somebody has identified with another the
// name that stands for all of them: the first by code point.
func Clusters(identities []Identity) map[domain.AccountID]domain.AccountID {
	root, join := union()
	for _, i := range identities {
		join(i)
	}
	cluster := map[domain.AccountID]domain.AccountID{}
	for _, i := range identities {
		if i.Account != i.As {
			cluster[i.Account], cluster[i.As] = root(i.Account), root(i.As)
		}
	}
	return cluster
}

// union keeps sets of names: root gives the first by code point of the set that
// a name is in, join makes one of two.
func union() (root func(domain.AccountID) domain.AccountID, join func(Identity)) {
	above := map[domain.AccountID]domain.AccountID{}
	root = func(a domain.AccountID) domain.AccountID {
		for above[a] != "" {
			a = above[a]
		}
		return a
	}
	return root, func(i Identity) {
		if a, b := root(i.Account), root(i.As); a != b {
			above[max(a, b)] = min(a, b)
		}
	}
}

// SinceFound says of links by cluster since when the two names were known to
// be one account: it may be later than that each case knew its own.
func SinceFound(links []Link, identities []Identity) []Link {
	identities = slices.Clone(identities)
	slices.SortFunc(identities, func(a, b Identity) int { return cmp.Compare(a.Since, b.Since) })
	for i := range links {
		if l := &links[i]; l.Match == ByCluster {
			at := connected(identities, domain.AccountID(l.Here.What), domain.AccountID(l.There.What))
			l.Here.Since, l.There.Since = max(l.Here.Since, at), max(l.There.Since, at)
		}
	}
	return links
}

// connected is the position of the decision by which two names became one
// account.
func connected(identities []Identity, a, b domain.AccountID) uint64 {
	root, join := union()
	for _, i := range identities {
		if join(i); root(a) == root(b) {
			return i.Since
		}
	}
	return 0
}

// ClusterSightings are the namings of accounts that were found to be one. Two
// cases that name the very same account have a better link than that, so what
// every case of a cluster names under one name is left out.
func ClusterSightings(namings []Naming, identities []Identity) (list []Sighting) {
	cluster := Clusters(identities)
	members := map[domain.AccountID][]Naming{}
	for _, n := range namings {
		if of := cluster[n.Account]; of != "" {
			members[of] = append(members[of], n)
		}
	}
	for _, of := range slices.Sorted(maps.Keys(members)) {
		for _, n := range members[of] {
			list = append(list, Sighting{ByCluster, string(of), n.Case, string(n.Account), n.Since, n.First})
		}
	}
	return list
}

// WithoutPlainer leaves out links by cluster between two cases that name an
// account of that cluster in common: the link by account says it better.
func WithoutPlainer(links []Link, cluster map[domain.AccountID]domain.AccountID) []Link {
	type pair struct {
		here, there domain.CaseID
		key         string
	}
	plain := map[pair]bool{}
	for _, l := range links {
		if of := cluster[domain.AccountID(l.Here.Key)]; l.Match == ByAccount && of != "" {
			plain[pair{l.Here.Case, l.There.Case, string(of)}] = true
		}
	}
	return slices.DeleteFunc(links, func(l Link) bool {
		return l.Match == ByCluster && plain[pair{l.Here.Case, l.There.Case, l.Here.Key}]
	})
}
