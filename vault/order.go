package vault

import (
	"cmp"
	"iter"
	"maps"
)

func values(keys map[string]*entry) iter.Seq[*entry] { return maps.Values(keys) }

// oldestFirst is the order of lines when the file is written anew: of one
// subject, the newest key comes last, and is the one in use.
func oldestFirst(a, b *entry) int {
	return cmp.Or(a.made.Compare(b.made), cmp.Compare(a.id, b.id))
}
