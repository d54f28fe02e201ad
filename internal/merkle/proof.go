package merkle

import (
	"context"
	"errors"
	"fmt"

	"golang.org/x/mod/sumdb/tlog"

	"github.com/ponte-desk/ponte/internal/fault"
)

var (
	// ErrProof says that a proof does not show what it should.
	ErrProof = fault.New(fault.Invalid, "merkle.proof")
	// ErrRange says that a log has no such leaf, or never had that size.
	ErrRange = fault.New(fault.NotFound, "merkle.range")
)

// ProveInclusion gives the way from leaf index to the root of a log (RFC 6962 section 2.1.1). Tiles that do not add up to head give ErrBroken.
func ProveInclusion(ctx context.Context, r Reader, head Head, index int64) ([]Hash, error) {
	if index < 0 || index >= head.Size {
		return nil, fmt.Errorf("merkle.ProveInclusion: %w", ErrRange)
	}
	p, err := tlog.ProveRecord(head.Size, index, hashes(ctx, r, head))
	if err != nil {
		return nil, fmt.Errorf("merkle.ProveInclusion: %w", unsound(err))
	}
	return out(p), nil
}

// CheckInclusion tells whether a proof shows that a leaf stands at index in the log with this head.
func CheckInclusion(head Head, index int64, leaf []byte, proof []Hash) error {
	if index < 0 || index >= head.Size {
		return fmt.Errorf("merkle.CheckInclusion: %w", ErrRange)
	}
	if err := tlog.CheckRecord(in(proof), head.Size, tlog.Hash(head.Root), index, tlog.Hash(LeafHash(leaf))); err != nil {
		return fmt.Errorf("merkle.CheckInclusion: %w", ErrProof.Because(err))
	}
	return nil
}

// ProveConsistency gives the proof that a log grew out of what it was at an earlier size (RFC 6962 section 2.1.2): nothing for size 0 and for
// the size it has now. Tiles that do not add up to head give ErrBroken.
func ProveConsistency(ctx context.Context, r Reader, head Head, old int64) ([]Hash, error) {
	if old < 0 || old > head.Size {
		return nil, fmt.Errorf("merkle.ProveConsistency: %w", ErrRange)
	}
	if old == 0 || old == head.Size {
		return nil, nil
	}
	p, err := tlog.ProveTree(head.Size, old, hashes(ctx, r, head))
	if err != nil {
		return nil, fmt.Errorf("merkle.ProveConsistency: %w", unsound(err))
	}
	return out(p), nil
}

// CheckConsistency tells whether a proof shows that the log with head grew out of the one with old.
func CheckConsistency(old, head Head, proof []Hash) error {
	switch {
	case old.Size < 0 || old.Size > head.Size:
		return fmt.Errorf("merkle.CheckConsistency: %w", ErrRange)
	case old.Size == 0:
		if len(proof) > 0 || old.Root != EmptyRoot() || head.Size == 0 && head != old {
			return fmt.Errorf("merkle.CheckConsistency: %w", ErrProof)
		}
		return nil
	}
	if err := tlog.CheckTree(in(proof), head.Size, tlog.Hash(head.Root), old.Size, tlog.Hash(old.Root)); err != nil {
		return fmt.Errorf("merkle.CheckConsistency: %w", ErrProof.Because(err))
	}
	return nil
}

func out[P ~[]tlog.Hash](p P) []Hash {
	hs := make([]Hash, len(p))
	for i, h := range p {
		hs[i] = Hash(h)
	}
	return hs
}

func in(p []Hash) []tlog.Hash {
	hs := make([]tlog.Hash, len(p))
	for i, h := range p {
		hs[i] = tlog.Hash(h)
	}
	return hs
}

// hashes reads hashes of a tree out of its tiles, each shown to belong to the tree.
func hashes(ctx context.Context, r Reader, head Head) tlog.HashReader {
	return tlog.TileHashReader(tlog.Tree{N: head.Size, Hash: tlog.Hash(head.Root)}, &tiles{ctx: ctx, from: r})
}

// readError is a failure of the reader, to be told apart from hashes that do not add up.
type readError struct{ error }

func (e readError) Unwrap() error { return e.error }

func unsound(err error) error {
	if e, ok := errors.AsType[readError](err); ok {
		return e.error
	}
	return ErrBroken.Because(err)
}

// tiles is a Reader as tlog reads it.
type tiles struct {
	ctx  context.Context
	from Reader
}

// Height implements tlog.TileReader.
func (t *tiles) Height() int { return Height }

// SaveTiles implements tlog.TileReader: the reader keeps what it wants itself.
func (t *tiles) SaveTiles([]tlog.Tile, [][]byte) {}

// ReadTiles implements tlog.TileReader.
func (t *tiles) ReadTiles(ts []tlog.Tile) ([][]byte, error) {
	data := make([][]byte, len(ts))
	for i, tile := range ts {
		b, err := t.from.Tile(t.ctx, tile.L, tile.N, tile.W)
		if err != nil {
			return nil, readError{err}
		}
		if len(b) != tile.W*hashSize {
			return nil, ErrShape
		}
		data[i] = b
	}
	return data, nil
}
