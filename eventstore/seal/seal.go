// Package seal makes a log provable to outsiders. It knows leaves, trees and
// signatures; what a record means, and where it lies, is not its business.
//
// Every record is a leaf of the Merkle tree of RFC 6962. A checkpoint is the
// tree's size and root in the text of C2SP's tlog-checkpoint, signed with the
// log's key; a witness, who holds the last checkpoint that he saw, signs the
// next one only if the log has kept all that it had (tlog-cosignature). An
// inclusion proof shows that a record is in the tree of a checkpoint, and is
// written as a C2SP tlog-proof.
//
// It refuses: a checkpoint that no known key of the log has signed, or whose
// key had been replaced by then; text that could be read in two ways; a
// proof that fits another record, place or tree; a log that has been rolled
// back or forked (*Rollback, *Fork, which bear the proof of it).
//
// What it cannot show: that a log nobody outside has ever seen a head of was
// not rewritten from its start by whoever holds its key.
//
//	key, err := seal.NewKey(seal.Log, seal.Origin(identity), rand.Reader)
//	signed, err := seal.Head{Origin: key.Name(), Size: 3, Root: root}.Sign(key)
//	checkpoint, err := seal.Open(signed, seal.Keyring{{Key: key.Public()}})
package seal

import (
	"fmt"

	"golang.org/x/mod/sumdb/tlog"
)

// Hash is a leaf, a node or a root of the tree: 32 bytes of SHA-256.
type Hash = tlog.Hash

// Reader gives the hashes of a stored tree.
type Reader = tlog.HashReader

// Origin is the name of a log in its checkpoints and keys, from the random
// identity that the store was given when it was made.
func Origin(identity string) string { return "clew/" + identity }

// Short is the beginning of a hash, for people.
func Short(h Hash) string { return fmt.Sprintf("%x", h[:6]) }

// Tree grows leaf by leaf and keeps its right edge alone: 64 hashes at most,
// however long the log.
type Tree struct {
	size uint64
	edge [64]Hash // by level: the root of the complete subtree that waits there
}

// Add appends a leaf. It gives the nodes that the leaf completes, itself
// first, in the order in which tlog numbers them (tlog.StoredHashes).
func (t *Tree) Add(leaf Hash) []Hash {
	nodes := []Hash{leaf}
	level := 0
	for ; t.size>>level&1 == 1; level++ {
		leaf = tlog.NodeHash(t.edge[level], leaf)
		nodes = append(nodes, leaf)
	}
	t.edge[level] = leaf
	t.size++
	return nodes
}

// Size is the number of leaves.
func (t *Tree) Size() uint64 { return t.size }

// Root is the hash of the whole tree; of an empty one it is the hash of
// nothing, as RFC 6962 has it.
func (t *Tree) Root() Hash {
	var root Hash
	begun := false
	for level := range t.edge {
		switch {
		case t.size>>level&1 == 0:
		case !begun:
			root, begun = t.edge[level], true
		default:
			root = tlog.NodeHash(t.edge[level], root)
		}
	}
	if !begun {
		return emptyRoot
	}
	return root
}

// emptyRoot is SHA-256 of no bytes.
var emptyRoot = Hash{
	0xe3, 0xb0, 0xc4, 0x42, 0x98, 0xfc, 0x1c, 0x14, 0x9a, 0xfb, 0xf4, 0xc8, 0x99, 0x6f, 0xb9, 0x24,
	0x27, 0xae, 0x41, 0xe4, 0x64, 0x9b, 0x93, 0x4c, 0xa4, 0x95, 0x99, 0x1b, 0x78, 0x52, 0xb8, 0x55,
}

// RootOf is the root of the first leaves of a stored tree.
func RootOf(size uint64, r Reader) (Hash, error) {
	if size == 0 {
		return emptyRoot, nil
	}
	return tlog.TreeHash(int64(size), r)
}

// TreeAt is the tree of the first size leaves of a stored one, ready to grow.
func TreeAt(size uint64, r Reader) (*Tree, error) {
	t := &Tree{size: size}
	for level := range t.edge {
		if size>>level&1 == 0 {
			continue
		}
		found, err := r.ReadHashes([]int64{tlog.StoredHashIndex(level, int64(size>>level)-1)})
		if err != nil {
			return nil, err
		}
		t.edge[level] = found[0]
	}
	return t, nil
}
