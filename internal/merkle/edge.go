package merkle

// Edge is the right edge of a growing tree: the last tile of each level, and nothing else. It is what growing a log needs, and what
// going through one from its beginning needs. The zero value is the edge of an empty log.
type Edge struct {
	size   int64
	levels [][]byte // the hashes of the last tile of each level; never full
}

// Add adds a leaf by its hash. Each tile that becomes full by it is handed to full, lowest first; its body is the receiver's.
func (e *Edge) Add(leaf Hash, full func(Tile) error) error {
	e.size++
	return e.add(0, leaf, full)
}

func (e *Edge) add(level int, h Hash, full func(Tile) error) error {
	if level == len(e.levels) {
		e.levels = append(e.levels, nil)
	}
	tile := append(e.levels[level], h[:]...)
	if len(tile) < Width*hashSize {
		e.levels[level] = tile
		return nil
	}
	e.levels[level] = nil
	if full != nil {
		if err := full(Tile{Level: level, N: e.size>>(Height*(level+1)) - 1, Width: Width, Body: tile}); err != nil {
			return err
		}
	} else {
		e.levels[level] = tile[:0]
	}
	return e.add(level+1, perfect(tile), full)
}

// Partial gives the tiles that are not full, lowest first. Their bodies are the receiver's.
func (e *Edge) Partial() []Tile {
	var tiles []Tile
	for level, body := range e.levels {
		if len(body) > 0 {
			tiles = append(tiles, Tile{
				Level: level, N: e.size >> (Height * (level + 1)), Width: len(body) / hashSize, Body: append([]byte(nil), body...),
			})
		}
	}
	return tiles
}

// Head is the head of the log as far as it was added.
func (e *Edge) Head() Head {
	if e.size == 0 {
		return Empty()
	}
	var root Hash
	begun := false
	for _, tile := range e.levels {
		// From the right: the smallest perfect subtree comes first.
		for end, part := len(tile), hashSize; end > 0; part *= 2 {
			if end&part == 0 { // lengths are multiples of 32, so the bits of the width are those of the length
				continue
			}
			sub := perfect(tile[end-part : end])
			end -= part
			if begun {
				sub = nodeHash(sub[:], root[:])
			}
			root, begun = sub, true
		}
	}
	return Head{Size: e.size, Root: root}
}

// Clone gives a copy that grows by itself.
func (e *Edge) Clone() *Edge {
	c := &Edge{size: e.size, levels: make([][]byte, len(e.levels))}
	for i, l := range e.levels {
		c.levels[i] = append([]byte(nil), l...)
	}
	return c
}
