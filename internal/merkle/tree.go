package merkle

import (
	"context"
	"crypto/sha256"

	"github.com/ponte-desk/ponte/internal/fault"
)

// Hash is a SHA-256 hash of the tree.
type Hash = [sha256.Size]byte

// Sizes of the format (C2SP tlog-tiles). They stand in public logs.
const (
	Height   = 8             // a tile spans this many levels of the tree
	Width    = 1 << Height   // hashes in a full tile, leaves in a full bundle
	MaxLeaf  = 1<<16 - 1     // bytes of a leaf: a bundle keeps lengths in two
	MaxLevel = 63            // of a path; a log of 2^63 leaves has 8
	hashSize = sha256.Size   // bytes
	topLevel = 64/Height - 1 // the highest level that a tree of an int64 of leaves can have
)

// Head is the state of a log: how many leaves it has and what they hash to.
type Head struct {
	Size int64
	Root Hash // of RFC 6962 section 2.1
}

// EmptyRoot is the root of a log without leaves (RFC 6962 section 2.1).
func EmptyRoot() Hash { return sha256.Sum256(nil) }

// Empty is the head of a log without leaves.
func Empty() Head { return Head{Root: EmptyRoot()} }

// LeafHash is what a leaf hashes to (RFC 6962 section 2.1). It differs from every hash of two hashes.
func LeafHash(leaf []byte) Hash {
	if len(leaf) < 512 { // without a detour through the heap
		var b [513]byte
		return sha256.Sum256(b[:1+copy(b[1:], leaf)])
	}
	h := sha256.New()
	h.Write([]byte{0})
	h.Write(leaf)
	return Hash(h.Sum(nil))
}

// nodeHash is what two neighbours hash to (RFC 6962 section 2.1).
func nodeHash(left, right []byte) Hash {
	var b [1 + 2*hashSize]byte
	b[0] = 1
	copy(b[1:], left)
	copy(b[1+hashSize:], right)
	return sha256.Sum256(b[:])
}

// perfect is the root over a number of hashes that is a power of two.
func perfect(hashes []byte) Hash {
	if len(hashes) == hashSize {
		return Hash(hashes)
	}
	var level [Width / 2 * hashSize]byte
	n := len(pairs(level[:0], hashes))
	for n > hashSize {
		n = len(pairs(level[:0], level[:n]))
	}
	return Hash(level[:hashSize])
}

// pairs appends the hash of each pair of neighbours to out, which may begin where hashes does: a pair is read before its hash is written.
func pairs(out, hashes []byte) []byte {
	for ; len(hashes) >= 2*hashSize; hashes = hashes[2*hashSize:] {
		h := nodeHash(hashes[:hashSize], hashes[hashSize:2*hashSize])
		out = append(out, h[:]...)
	}
	return out
}

// Reader reads the tiles and bundles of a log where they are kept.
type Reader interface {
	// Tile gives the first width hashes (1 to 256) of a tile.
	Tile(ctx context.Context, level int, n int64, width int) ([]byte, error)
	// Entries gives the first width leaves (1 to 256) of a bundle, each behind its length in two bytes.
	Entries(ctx context.Context, n int64, width int) ([]byte, error)
}

// Tile is a row of up to 256 hashes of the tree: those of leaves at level 0, at level 1 and above each the root of a full tile below.
// The last tile of a level is rewritten until it is full; a narrower one is its beginning (CutTile).
type Tile struct {
	Level int
	N     int64 // its place in the level
	Width int   // hashes in it, 1 to 256
	Body  []byte
}

// Bundle is a row of up to 256 leaves. The last one is rewritten until it is full; a narrower one is its beginning (CutBundle).
type Bundle struct {
	N     int64
	Width int // leaves in it, 1 to 256
	Body  []byte
}

// ErrBroken says that what is kept of a log does not add up to its head.
var ErrBroken = fault.New(fault.Internal, "merkle.broken")

// WidthAt is how many hashes tile n of a level has in a log of some size, 0 when it is not there. Bundles are as wide as the tiles of
// level 0.
func WidthAt(size int64, level int, n int64) int {
	if level < 0 || level > topLevel || n < 0 || size < 0 {
		return 0
	}
	rest := size >> (Height * level) // hashes of the level
	if n >= rest>>Height+1 {
		return 0
	}
	return int(min(rest-n<<Height, Width))
}
