package merkle

import (
	"encoding/binary"

	"github.com/ponte-desk/ponte/internal/fault"
)

// ErrShape says that a tile or a bundle is not as long as its width says.
var ErrShape = fault.New(fault.Invalid, "merkle.shape")

// ParseBundle gives the leaves of a bundle, which must hold exactly width of them (1 to 256) and nothing behind. They are parts of body.
func ParseBundle(body []byte, width int) ([][]byte, error) {
	if width < 1 || width > Width {
		return nil, ErrShape
	}
	leaves := make([][]byte, 0, width)
	rest := body
	for range width {
		leaf, after, ok := cutLeaf(rest)
		if !ok {
			return nil, ErrShape
		}
		leaves, rest = append(leaves, leaf), after
	}
	if len(rest) > 0 {
		return nil, ErrShape
	}
	return leaves, nil
}

// CutBundle gives the first width leaves of a wider bundle: what it was when the log was smaller.
func CutBundle(body []byte, width int) ([]byte, error) {
	if width < 1 || width > Width {
		return nil, ErrShape
	}
	rest := body
	for range width {
		_, after, ok := cutLeaf(rest)
		if !ok {
			return nil, ErrShape
		}
		rest = after
	}
	return body[:len(body)-len(rest)], nil
}

// CutTile gives the first width hashes of a wider tile: what it was when the log was smaller.
func CutTile(body []byte, width int) ([]byte, error) {
	if width < 1 || width > Width || len(body) < width*hashSize {
		return nil, ErrShape
	}
	return body[:width*hashSize], nil
}

func cutLeaf(b []byte) (leaf, rest []byte, ok bool) {
	if len(b) < 2 {
		return nil, nil, false
	}
	n := int(binary.BigEndian.Uint16(b))
	if len(b) < 2+n {
		return nil, nil, false
	}
	return b[2 : 2+n : 2+n], b[2+n:], true
}
