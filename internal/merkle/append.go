package merkle

import (
	"context"
	"encoding/binary"
	"fmt"

	"github.com/ponte-desk/ponte/internal/fault"
)

// Append adds leaves to a log and gives its new head with the tiles and bundles that changed, for the caller to store in one transaction:
// a tile or bundle with the place of one that is there replaces it. It reads the right edge of the log (one tile a level, one bundle),
// and refuses with ErrBroken when that is not what head says, so that nothing is ever signed on top of something else.
func Append(ctx context.Context, head Head, r Reader, leaves [][]byte) (Head, []Tile, []Bundle, error) {
	for i, leaf := range leaves {
		if len(leaf) > MaxLeaf {
			return Head{}, nil, nil, fmt.Errorf("merkle.Append: leaf %d: %w", i, fault.New(fault.Invalid, "merkle.leaf_long").With("max", MaxLeaf))
		}
	}
	edge, err := edgeOf(ctx, head, r)
	if err != nil {
		return Head{}, nil, nil, fmt.Errorf("merkle.Append: %w", err)
	}
	if len(leaves) == 0 {
		return head, nil, nil, nil
	}
	bundles, err := bundlesOf(ctx, edge, r, leaves)
	if err != nil {
		return Head{}, nil, nil, fmt.Errorf("merkle.Append: %w", err)
	}
	var tiles []Tile
	touched := 0 // levels that got a hash
	for _, leaf := range leaves {
		touched = max(touched, 1)
		err := edge.Add(LeafHash(leaf), func(t Tile) error {
			tiles = append(tiles, t)
			touched = max(touched, t.Level+2)
			return nil
		})
		if err != nil {
			return Head{}, nil, nil, fmt.Errorf("merkle.Append: %w", err)
		}
	}
	for _, t := range edge.Partial() {
		if t.Level < touched {
			tiles = append(tiles, t)
		}
	}
	return edge.Head(), tiles, bundles, nil
}

// edgeOf reads the right edge of a log and checks that it adds up to its head.
func edgeOf(ctx context.Context, head Head, r Reader) (*Edge, error) {
	if head.Size < 0 {
		return nil, ErrBroken
	}
	edge := &Edge{size: head.Size}
	for level := 0; head.Size>>(Height*level) > 0; level++ {
		n := head.Size >> (Height * (level + 1))
		var body []byte
		if width := WidthAt(head.Size, level, n); width > 0 {
			b, err := r.Tile(ctx, level, n, width)
			if err != nil {
				return nil, err
			}
			if len(b) != width*hashSize {
				return nil, ErrBroken
			}
			body = append(make([]byte, 0, Width*hashSize), b...)
		}
		edge.levels = append(edge.levels, body)
	}
	if edge.Head() != head {
		return nil, ErrBroken
	}
	return edge, nil
}

// bundlesOf writes leaves into bundles, the first of which goes on where the last one of the log ends.
func bundlesOf(ctx context.Context, edge *Edge, r Reader, leaves [][]byte) ([]Bundle, error) {
	b := Bundle{N: edge.size >> Height, Width: int(edge.size % Width)}
	if b.Width > 0 {
		body, err := r.Entries(ctx, b.N, b.Width)
		if err != nil {
			return nil, err
		}
		old, err := ParseBundle(body, b.Width)
		if err != nil {
			return nil, ErrBroken.Because(err)
		}
		for i, leaf := range old {
			if LeafHash(leaf) != Hash(edge.levels[0][i*hashSize:(i+1)*hashSize]) {
				return nil, ErrBroken
			}
		}
		b.Body = append(b.Body, body...)
	}
	var all []Bundle
	for _, leaf := range leaves {
		b.Body = binary.BigEndian.AppendUint16(b.Body, uint16(len(leaf)))
		b.Body = append(b.Body, leaf...)
		if b.Width++; b.Width == Width {
			all = append(all, b)
			b = Bundle{N: b.N + 1}
		}
	}
	if b.Width > 0 {
		all = append(all, b)
	}
	return all, nil
}
