package record

import (
	"bytes"
	"context"
	"errors"
	"slices"

	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/merkle"
)

// row is a bundle with the hash tile over it.
type row struct {
	n            int64
	width        int
	bundle, tile []byte
	bundleErr    error
	tileErr      error
}

// ahead is how many rows are read ahead of the one that is looked at.
const ahead = 8

// leaves goes through the whole record. whole is false when it had to stop because neither a bundle nor its tile could be read.
func (v *verifier) leaves(ctx context.Context) (whole bool, err error) {
	ctx, cancel := context.WithCancel(ctx)
	rows := make(chan chan row, ahead)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		v.fetch(ctx, rows)
	}()
	defer func() {
		cancel()
		<-ended
	}()
	for c := range rows {
		r := <-c
		if err := v.part(r.bundleErr); err != nil {
			return false, err
		}
		if err := v.part(r.tileErr); err != nil {
			return false, err
		}
		if whole, err := v.row(ctx, r); err != nil || !whole {
			return whole, err
		}
	}
	if ctx.Err() != nil {
		return false, ErrUnreachable.Because(ctx.Err())
	}
	return true, nil
}

// fetch reads all rows, some at a time, and hands them on in order.
func (v *verifier) fetch(ctx context.Context, rows chan<- chan row) {
	defer close(rows)
	left := make(chan struct{}, ahead+2)
	defer func() {
		for range cap(left) {
			left <- struct{}{} // until all have ended
		}
	}()
	for n := int64(0); n<<merkle.Height < v.r.Head.Size; n++ {
		c := make(chan row, 1)
		select {
		case left <- struct{}{}:
		case <-ctx.Done():
			return
		}
		go func() {
			defer func() { <-left }()
			r := row{n: n, width: merkle.WidthAt(v.r.Head.Size, 0, n)}
			r.bundle, r.bundleErr = v.get(ctx, merkle.Path{Entries: true, N: n, Width: r.width})
			r.tile, r.tileErr = v.get(ctx, merkle.Path{N: n, Width: r.width})
			c <- r
		}()
		select {
		case rows <- c:
		case <-ctx.Done():
			return
		}
	}
}

// get reads a tile or bundle; one that has become full since is cut.
func (v *verifier) get(ctx context.Context, p merkle.Path) ([]byte, error) {
	most := int64(merkle.Width * 32)
	cut := merkle.CutTile
	if p.Entries {
		most = merkle.Width * (2 + MaxLeaf)
		cut = merkle.CutBundle
	}
	b, err := v.from.Get(ctx, p.String(), most)
	if p.Width == merkle.Width || !errors.Is(err, ErrMissing) {
		return b, err
	}
	full := p
	full.Width = merkle.Width
	b, err2 := v.from.Get(ctx, full.String(), most)
	if errors.Is(err2, ErrMissing) {
		return nil, err
	}
	if err2 == nil {
		b, err2 = cut(b, p.Width)
		if err2 != nil {
			err2 = ErrLong.With("path", full.String()).Because(err2) // of another length than it must be
		}
	}
	return b, err2
}

// row looks at up to 256 leaves.
func (v *verifier) row(ctx context.Context, r row) (whole bool, err error) {
	first := r.n << merkle.Height
	last := first + int64(r.width) - 1
	var leaves [][]byte
	if errors.Is(r.bundleErr, ErrMissing) {
		v.r.wrong("record.finding.bundle_missing", first, "last", last)
	} else if leaves, err = merkle.ParseBundle(r.bundle, r.width); err != nil || r.bundleErr != nil {
		v.r.wrong("record.finding.bundle_shape", first, "last", last)
		leaves = nil
	}
	switch {
	case errors.Is(r.tileErr, ErrMissing):
		v.r.wrong("record.finding.tile_missing", first, "level", 0, "number", r.n, "last", last)
	case r.tileErr != nil || len(r.tile) != r.width*32:
		v.r.wrong("record.finding.tile_shape", first, "level", 0, "number", r.n, "last", last)
		r.tile = nil
	default:
		v.r.Tiles++
	}
	if leaves == nil {
		v.unread += int64(r.width)
		if r.tile == nil {
			return false, nil
		}
	}
	for i := range r.width {
		if err := v.leaf(ctx, first+int64(i), i, leaves, r.tile); err != nil {
			return false, err
		}
	}
	return true, nil
}

// leaf looks at one leaf, place i of its row.
func (v *verifier) leaf(ctx context.Context, at int64, i int, leaves [][]byte, tile []byte) error {
	var said merkle.Hash // what the tile says
	if tile != nil {
		said = merkle.Hash(tile[i*32 : (i+1)*32])
	}
	h := said
	if leaves != nil {
		if h = merkle.LeafHash(leaves[i]); tile == nil {
			said = h
		}
	}
	if h != said {
		v.differ(at, i, h, tile)
	}
	if err := v.grow(ctx, h, said); err != nil {
		return err
	}
	if leaves != nil {
		if err := v.read(ctx, at, leaves[i]); err != nil {
			return err
		}
	}
	v.past(at + 1)
	v.published(at + 1)
	return nil
}

// differ notes a leaf that is not what its tile says.
func (v *verifier) differ(at int64, i int, h merkle.Hash, tile []byte) {
	if v.fork == nil {
		v.fork = v.edge.Clone()
	}
	if len(v.odd) >= mostFindings {
		v.oddMore++
		return
	}
	o := oddLeaf{leaf: at, moved: -1}
	for j := 0; j < len(tile); j += 32 {
		if bytes.Equal(tile[j:j+32], h[:]) {
			o.moved = at - int64(i) + int64(j/32)
		}
	}
	v.odd = append(v.odd, o)
}

// grow adds a leaf to both edges and compares the tiles that become full by it.
func (v *verifier) grow(ctx context.Context, h, said merkle.Hash) error {
	var now []merkle.Tile
	note := func(t merkle.Tile) error {
		if t.Level > 0 {
			now = append(now, t)
		}
		return nil
	}
	if err := v.edge.Add(h, note); err != nil {
		return err
	}
	if v.fork == nil {
		return v.compare(ctx, now, now)
	}
	mine := now
	now = nil
	if err := v.fork.Add(said, note); err != nil {
		return err
	}
	return v.compare(ctx, mine, now)
}

// partial compares the tiles above the leaves that are not full.
func (v *verifier) partial(ctx context.Context) error {
	above := func(ts []merkle.Tile) []merkle.Tile {
		return slices.DeleteFunc(ts, func(t merkle.Tile) bool { return t.Level == 0 })
	}
	mine := above(v.edge.Partial())
	if v.fork == nil {
		return v.compare(ctx, mine, mine)
	}
	return v.compare(ctx, mine, above(v.fork.Partial()))
}

// compare reads tiles and holds them against what follows from the leaves and from the tiles below.
func (v *verifier) compare(ctx context.Context, mine, theirs []merkle.Tile) error {
	for i, t := range mine {
		b, err := v.get(ctx, merkle.Path{Level: t.Level, N: t.N, Width: t.Width})
		if err := v.part(err); err != nil {
			return err
		}
		v.r.Tiles++
		span := int64(1) << (merkle.Height * t.Level)
		o := oddTile{level: t.Level, n: t.N, missing: errors.Is(err, ErrMissing), first: t.N * merkle.Width * span}
		o.after = o.first + int64(t.Width)*span
		o.edge = err != nil || !bytes.Equal(b, t.Body)
		o.fork = err != nil || !bytes.Equal(b, theirs[i].Body)
		if o.edge || o.fork {
			v.tiles = append(v.tiles, o)
		}
	}
	return nil
}

// read decodes a leaf and counts it.
func (v *verifier) read(ctx context.Context, at int64, b []byte) error {
	l, err := Decode(b)
	if err != nil {
		v.r.wrong("record.finding.leaf_form", at, "field", fault.Of(err).Args["field"])
		return nil
	}
	v.r.Read++
	if v.r.Since.IsZero() {
		v.r.Since = l.At
	}
	err = v.tally.Add(ctx, v.memory, l)
	if b, ok := errors.AsType[*Breach](err); ok {
		switch {
		case v.unread > 0: // what it lacks may stand in what could not be read
		case v.fork != nil: // or in what stands there instead
			if len(v.breaches) < mostFindings {
				v.breaches = append(v.breaches, breach{at, b.Rule, l.Subject})
			}
		default:
			v.r.wrong("record.rule."+string(b.Rule), at, "subject", string(l.Subject))
		}
		return nil
	}
	if err != nil {
		return err
	}
	switch l.Kind {
	case Promised:
		v.promises[l.Subject] = promised{leaf: at, due: l.Due}
	case Kept, Broken:
		delete(v.promises, l.Subject)
	}
	return nil
}
