package sqlite

import (
	"context"
	"database/sql/driver"
	"fmt"

	"golang.org/x/mod/sumdb/tlog"

	"clew/eventstore"
)

// tileHeight is how many levels of the tree lie between those that are
// stored. Leaves stand with their records; of the nodes above them only those
// of level 8, 16, 24 … are kept, one for every 256 below. All others are
// computed from at most 128 of a stored level: a proof takes a few hundred
// hashes, which is less than a millisecond, and the table stays at a
// thousandth of the log.
const tileHeight = 8

// maxLevel is more than a log of 2^63 records has.
const maxLevel = 64

// forest is the part of a Merkle tree that its next leaf needs: the roots of
// the complete subtrees that the records so far fall into, one for each bit
// of their number.
type forest struct {
	size  uint64
	roots [maxLevel]tlog.Hash
}

// node is one stored hash of the tree.
type node struct {
	level, number int64
	hash          tlog.Hash
}

// grow adds a leaf, and to completed each node that it completes and that is
// stored.
func (f *forest) grow(leaf tlog.Hash, completed []node) []node {
	hash, level := leaf, 0
	for ; f.size>>level&1 == 1; level++ {
		hash = tlog.NodeHash(f.roots[level], hash)
		if (level+1)%tileHeight == 0 {
			completed = append(completed, node{int64(level + 1), int64(f.size >> (level + 1)), hash})
		}
	}
	f.roots[level] = hash
	f.size++
	return completed
}

// plant makes the forest of a log with that many records.
func plant(c *conn, size uint64) (forest, error) {
	f := forest{size: size}
	for level := range maxLevel {
		if size>>level&1 == 0 {
			continue
		}
		var err error
		if f.roots[level], err = readNode(c, level, int64(size>>level)-1); err != nil {
			return f, err
		}
	}
	return f, nil
}

// Hashes gives hashes of the tree by tlog's indexes.
func (s *Store) Hashes(ctx context.Context, indexes []int64) (hashes []tlog.Hash, err error) {
	err = s.readers.use(ctx, func(c *conn) error {
		head, err := c.number(`SELECT max(position) FROM record`)
		for i := 0; i < len(indexes) && err == nil; i++ {
			var of eventstore.Subtree
			var hash tlog.Hash
			if of, err = eventstore.SubtreeAt(indexes[i], uint64(head)); err == nil {
				hash, err = readNode(c, of.Level, of.Number)
				hashes = append(hashes, hash)
			}
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return hashes, nil
}

// readNode reads a stored node, or computes one from the stored level below.
func readNode(c *conn, level int, number int64) (tlog.Hash, error) {
	above := level % tileHeight
	hashes, err := readLevel(c, level-above, number<<above, 1<<above)
	if err != nil {
		return tlog.Hash{}, err
	}
	return fold(hashes), nil
}

// fold is the root over a number of nodes that is a power of two.
func fold(hashes []tlog.Hash) tlog.Hash {
	for len(hashes) > 1 {
		half := hashes[:len(hashes)/2]
		for i := range half {
			half[i] = tlog.NodeHash(hashes[2*i], hashes[2*i+1])
		}
		hashes = half
	}
	return hashes[0]
}

// readLevel reads neighbours of a stored level: leaves, or nodes.
func readLevel(c *conn, level int, first, count int64) ([]tlog.Hash, error) {
	sql, args := `SELECT leaf FROM record WHERE position > ? AND position <= ? ORDER BY position`, []driver.Value{first, first + count}
	if level > 0 {
		sql, args = `SELECT hash FROM node WHERE level = ? AND number >= ? AND number < ? ORDER BY number`, []driver.Value{int64(level), first, first + count}
	}
	hashes := make([]tlog.Hash, 0, count)
	err := c.each(context.Background(), func(row []driver.Value) error {
		hash, _ := row[0].([]byte)
		if len(hash) != tlog.HashSize {
			return damagedTree(c.path, level, first+int64(len(hashes)), "is no hash")
		}
		hashes = append(hashes, tlog.Hash(hash))
		return nil
	}, sql, args...)
	if err == nil && int64(len(hashes)) != count {
		err = damagedTree(c.path, level, first, fmt.Sprintf("and its neighbours are %d and not %d", len(hashes), count))
	}
	return hashes, err
}

// damagedTree names a hash of the tree, and the first record below it.
func damagedTree(path string, level int, number int64, why string) error {
	first := uint64(number)<<level + 1
	return damagedAt(path, first, fmt.Sprintf("the tree's hash %d of level %d, which begins with this record, %s", number, level, why))
}

// checkTree compares the last stored nodes with what lies below them, and how
// many there are with the head. What is older, Verify reads.
func checkTree(c *conn, head uint64) error {
	for level := tileHeight; level < maxLevel; level += tileHeight {
		count, err := c.number(`SELECT max(number) + 1 FROM node WHERE level = ?`, int64(level))
		if err != nil {
			return err
		}
		if want := int64(head >> level); count != want {
			return damagedTree(c.path, level, min(want, count), fmt.Sprintf("should be one of %d of its level, and there are %d", want, count))
		}
		if count == 0 {
			return nil
		}
		if err := checkNode(c, level, count-1); err != nil {
			return err
		}
	}
	return nil
}

func checkNode(c *conn, level int, number int64) error {
	kept, err := readNode(c, level, number)
	if err != nil {
		return err
	}
	below, err := readLevel(c, level-tileHeight, number<<tileHeight, 1<<tileHeight)
	if err != nil {
		return err
	}
	if fold(below) != kept {
		return damagedTree(c.path, level, number, "does not fit what lies below it")
	}
	return nil
}

// follow lets a forest take in the records up to a head, which another
// process has appended, and sees that it has stored the nodes as well.
func (f *forest) follow(c *conn, head uint64) error {
	leaves, err := readLevel(c, 0, int64(f.size), int64(head-f.size))
	var completed []node
	for _, leaf := range leaves {
		completed = f.grow(leaf, completed)
	}
	for i := 0; i < len(completed) && err == nil; i++ {
		err = compareNode(c, completed[i])
	}
	return err
}

// compareNode compares a node, computed from the leaves, with the stored one.
func compareNode(c *conn, n node) error {
	kept, err := readNode(c, int(n.level), n.number)
	if err == nil && kept != n.hash {
		err = damagedTree(c.path, int(n.level), n.number, "does not fit what lies below it")
	}
	return err
}
