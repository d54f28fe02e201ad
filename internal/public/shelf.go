package public

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"sync"
	"time"
)

// copied is a page as it was drawn for a version of what it shows.
type copied struct {
	version string
	kind    string // content type
	body    []byte
	etag    string
}

// shelf keeps drawn pages until what they show changes. It is safe for use by several goroutines.
type shelf struct {
	mu    sync.Mutex
	pages map[string]copied
	bytes int
}

// What the shelf holds at most. Addresses are made by whoever asks: when it is full it is cleared.
const (
	shelfMost  = 512
	shelfBytes = 16 << 20
)

func newShelf() *shelf { return &shelf{pages: map[string]copied{}} }

// take gives the page under a key, drawn by draw unless it is there in this version.
func (s *shelf) take(key, version, kind string, draw func() ([]byte, error)) (copied, error) {
	s.mu.Lock()
	c, ok := s.pages[key]
	s.mu.Unlock()
	if ok && version != "" && c.version == version {
		return c, nil
	}
	body, err := draw()
	if err != nil {
		return copied{}, err
	}
	sum := sha256.Sum256(body)
	c = copied{version: version, kind: kind, body: body, etag: `"` + hex.EncodeToString(sum[:12]) + `"`}
	if version == "" {
		return c, nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.bytes += len(body) - len(s.pages[key].body)
	if len(s.pages) >= shelfMost || s.bytes > shelfBytes {
		clear(s.pages)
		s.bytes = len(body)
	}
	s.pages[key] = c
	return c, nil
}

// hand answers with a page: HEAD, ranges and If-None-Match are the standard library's.
func (c copied) hand(rw http.ResponseWriter, r *http.Request, cache string) {
	h := rw.Header()
	h.Set("Content-Type", c.kind)
	h.Set("Cache-Control", cache)
	h.Set("ETag", c.etag)
	http.ServeContent(rw, r, "", time.Time{}, bytes.NewReader(c.body))
}
