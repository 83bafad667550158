package seal

import (
	"fmt"
	"strings"

	"golang.org/x/mod/sumdb/tlog"
)

// tileHeight is C2SP's: a full tile has 256 hashes.
const tileHeight = 8

// Tile is a piece of a tree as it is given to others (C2SP tlog-tiles). Its
// hashes stand in a file of their own, which never changes once it is full.
type Tile struct{ tile tlog.Tile }

// Tiles are the pieces that the tree of size has and that of before had not.
func Tiles(before, size uint64) []Tile {
	var list []Tile
	for _, t := range tlog.NewTiles(tileHeight, int64(before), int64(size)) {
		list = append(list, Tile{t})
	}
	return list
}

// Path is where a tile lies, below the folder or address of the log.
func (t Tile) Path() string {
	rest, _ := strings.CutPrefix(t.tile.Path(), fmt.Sprintf("tile/%d/", tileHeight))
	return "tile/" + rest
}

// Bytes are the tile's hashes.
func (t Tile) Bytes(r Reader) ([]byte, error) { return tlog.ReadTileData(t.tile, r) }

// TreeOf reads a tree from its tiles, which fetch gives by their paths. Every
// hash that it gives is checked against the root of the head.
func TreeOf(h Head, fetch func(path string) ([]byte, error)) Reader {
	return tlog.TileHashReader(tlog.Tree{N: int64(h.Size), Hash: h.Root}, tiles{fetch})
}

type tiles struct {
	fetch func(path string) ([]byte, error)
}

func (tiles) Height() int { return tileHeight }

// SaveTiles keeps nothing: each walk reads what it needs.
func (tiles) SaveTiles([]tlog.Tile, [][]byte) {}

func (t tiles) ReadTiles(list []tlog.Tile) ([][]byte, error) {
	var all [][]byte
	for _, tile := range list {
		path := Tile{tile}.Path()
		bytes, err := t.fetch(path)
		if err != nil {
			return nil, err
		}
		if len(bytes) != tile.W*len(Hash{}) {
			return nil, fmt.Errorf("%s has %d bytes, and %d are needed: it was cut off or changed", path, len(bytes), tile.W*len(Hash{}))
		}
		all = append(all, bytes)
	}
	return all, nil
}

// FirstDifference finds the first leaf that differs between two trees of at
// least size leaves; ok is false where all are the same. It asks for few
// hashes: half of the tree is left aside at each step.
func FirstDifference(size uint64, one, other Reader) (index uint64, ok bool, err error) {
	start := uint64(0)
	for level := 62; level >= 0; level-- {
		width := uint64(1) << level
		if size&width == 0 {
			continue
		}
		index, ok, err = differs(level, start>>level, one, other)
		if ok || err != nil {
			return index, ok, err
		}
		start += width
	}
	return 0, false, nil
}

// differs looks below one complete subtree.
func differs(level int, n uint64, one, other Reader) (uint64, bool, error) {
	same, err := sameNode(level, n, one, other)
	if same || err != nil {
		return 0, false, err
	}
	for ; level > 0; level-- {
		n *= 2
		same, err := sameNode(level-1, n, one, other)
		if err != nil {
			return 0, false, err
		}
		if same {
			n++
		}
	}
	return n, true, nil
}

func sameNode(level int, n uint64, one, other Reader) (bool, error) {
	at := []int64{tlog.StoredHashIndex(level, int64(n))}
	a, err := one.ReadHashes(at)
	if err != nil {
		return false, err
	}
	b, err := other.ReadHashes(at)
	if err != nil {
		return false, err
	}
	return a[0] == b[0], nil
}
