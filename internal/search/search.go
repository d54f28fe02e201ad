package search

import (
	"context"
	"hash/fnv"
	"slices"
	"strings"
	"time"

	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/text"
)

// Doc is a text to be found. Ref names it within its kind and company.
type Doc struct {
	Company string
	Kind    string
	Ref     string
	At      time.Time // newer ones are found first
	Text    string    // as written; it is folded here
}

// Query is what to look for. Every word must be there; the last one may be the beginning of a word, which counts where
// whole words bring fewer than 50 matches.
type Query struct {
	Company string
	Kind    string
	Text    string
	Limit   int // 0: 50
}

// Search indexes and finds.
type Search struct{ store *store.Store }

// New makes a search over a store.
func New(s *store.Store) *Search { return &Search{store: s} }

// maxWords bounds a query: more words find nothing more and cost time.
const maxWords = 12

// words cuts a query into folded words that are safe in both query languages: letters and digits only. A word that comes
// again says nothing more: PostgreSQL would take it for a second, rarer condition and gather every match to sort them. The
// last word stays last, because it may be a beginning.
func words(q string) []string {
	ws := text.Words(text.Fold(q))
	for i := len(ws) - 2; i >= 0; i-- {
		if slices.Contains(ws[i+1:], ws[i]) {
			ws = slices.Delete(ws, i, i+1)
		}
	}
	if len(ws) > maxWords {
		ws = ws[:maxWords]
	}
	return ws
}

// Find gives the refs of matching documents, newest first. A query without any word finds nothing.
func (s *Search) Find(ctx context.Context, q Query) ([]string, error) {
	ws := words(q.Text)
	if len(ws) == 0 {
		return nil, nil
	}
	if q.Limit <= 0 {
		q.Limit = 50
	}
	refs, err := s.find(ctx, q, ws, true)
	// A trailing space says that the last word is whole. Looking for beginnings gathers every word that begins so before
	// it can tell the newest, so it is done only where whole words bring little.
	if err != nil || strings.HasSuffix(q.Text, " ") || len(refs) >= min(q.Limit, plenty) {
		return refs, err
	}
	return s.find(ctx, q, ws, false)
}

// plenty is how many matches of whole words are enough.
const plenty = 50

// rowid places a document by its time, so that the newest are met first without sorting: 33 bits of seconds and 30
// bits of the ref's hash. Two documents of the same second and hash would fold into one; at a thousand documents in
// one second the chance is about 1 in 2000.
func rowid(at time.Time, ref string) int64 {
	h := fnv.New64a()
	_, _ = h.Write([]byte(ref))
	sec := min(max(at.Unix(), 0), 1<<33-1)
	return sec<<30 | int64(h.Sum64()>>34)
}
