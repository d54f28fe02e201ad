package growth

import (
	"sync"

	"github.com/ponte-desk/ponte/internal/merkle"
	"github.com/ponte-desk/ponte/internal/team"
)

// cacheBytes bounds what is kept at hand of full tiles and bundles, which never change.
const cacheBytes = 8 << 20

type cacheKey struct {
	company team.CompanyID
	level   int // -1: a bundle of leaves
	n       int64
}

// tileCache keeps full tiles and bundles at hand. When it is full it forgets what it has and begins anew: readers of a record go through it
// from one end to the other, so that nothing cleverer helps.
type tileCache struct {
	mu    sync.Mutex
	kept  map[cacheKey][]byte
	bytes int
}

// get gives the beginning of a tile, read whole when it is full.
func (t *tileCache) get(k cacheKey, full bool, read func(width int) ([]byte, error), cut func([]byte) ([]byte, error), width int) ([]byte, error) {
	if !full {
		return read(width)
	}
	t.mu.Lock()
	b, ok := t.kept[k]
	t.mu.Unlock()
	if !ok {
		var err error
		if b, err = read(merkle.Width); err != nil {
			return nil, err
		}
		t.keep(k, b)
	}
	return cut(b)
}

func (t *tileCache) keep(k cacheKey, b []byte) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.kept == nil || t.bytes+len(b) > cacheBytes {
		t.kept, t.bytes = map[cacheKey][]byte{}, 0
	}
	if _, ok := t.kept[k]; !ok {
		t.kept[k] = b
		t.bytes += len(b)
	}
}
