package search

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/text"
)

// chunk bounds the rows of one statement.
const chunk = 250

// Index adds or replaces documents in a transaction.
func (s *Search) Index(ctx context.Context, tx *store.Tx, docs []Doc) error {
	lite := s.store.Dialect() == store.SQLite
	if lite {
		// FTS5 flushes whenever a rowid is lower than the one before.
		slices.SortFunc(docs, func(a, b Doc) int { return cmp.Compare(rowid(a.At, a.Ref), rowid(b.At, b.Ref)) })
	}
	for part := range slices.Chunk(docs, chunk) {
		var b strings.Builder
		args := make([]any, 0, len(part)*5)
		for i, d := range part {
			if i > 0 {
				b.WriteString(", ")
			}
			body := strings.Join(text.Words(text.Fold(d.Text)), " ")
			if lite {
				b.WriteString("(?, ?, ?, ?, ?)")
				args = append(args, rowid(d.At, d.Ref), d.Company, d.Kind, d.Ref, body)
			} else {
				b.WriteString("(?, ?, ?, ?, to_tsvector('simple', ?))")
				args = append(args, d.Company, d.Kind, d.Ref, d.At, body)
			}
		}
		query := "INSERT OR REPLACE INTO search_doc (rowid, company_id, kind, ref, body) VALUES " + b.String()
		if !lite {
			query = "INSERT INTO search_doc (company_id, kind, ref, at, body) VALUES " + b.String() +
				" ON CONFLICT (company_id, kind, ref) DO UPDATE SET at = excluded.at, body = excluded.body"
		}
		if _, err := tx.DB.NewRaw(query, args...).Exec(ctx); err != nil {
			return fmt.Errorf("search.Index: %w", store.Fault(err))
		}
	}
	return nil
}

// Remove takes a document out. at must be what it was indexed with.
func (s *Search) Remove(ctx context.Context, tx *store.Tx, company, kind, ref string, at time.Time) error {
	var err error
	if s.store.Dialect() == store.SQLite {
		_, err = tx.DB.NewRaw("DELETE FROM search_doc WHERE rowid = ? AND ref = ?", rowid(at, ref), ref).Exec(ctx)
	} else {
		_, err = tx.DB.NewRaw("DELETE FROM search_doc WHERE company_id = ? AND kind = ? AND ref = ?", company, kind, ref).Exec(ctx)
	}
	if err != nil {
		return fmt.Errorf("search.Remove: %w", store.Fault(err))
	}
	return nil
}

// RemoveCompany takes out everything of a company.
func (s *Search) RemoveCompany(ctx context.Context, tx *store.Tx, company string) error {
	if _, err := tx.DB.NewRaw("DELETE FROM search_doc WHERE company_id = ?", company).Exec(ctx); err != nil {
		return fmt.Errorf("search.RemoveCompany: %w", store.Fault(err))
	}
	return nil
}

func (s *Search) find(ctx context.Context, q Query, ws []string, whole bool) ([]string, error) {
	var raw *bun.RawQuery
	db := s.store.Read(ctx)
	if s.store.Dialect() == store.SQLite {
		terms := make([]string, len(ws))
		for i, w := range ws {
			terms[i] = `"` + w + `"`
		}
		if !whole {
			terms[len(terms)-1] += "*"
		}
		raw = db.NewRaw("SELECT ref FROM search_doc WHERE search_doc MATCH ? AND company_id = ? AND kind = ? ORDER BY rowid DESC LIMIT ?",
			"body: ("+strings.Join(terms, " AND ")+")", q.Company, q.Kind, q.Limit)
	} else {
		terms := make([]string, len(ws))
		for i, w := range ws {
			terms[i] = "'" + w + "'"
		}
		if !whole {
			terms[len(terms)-1] += ":*"
		}
		raw = db.NewRaw("SELECT ref FROM search_doc WHERE company_id = ? AND kind = ? AND body @@ to_tsquery('simple', ?) ORDER BY at DESC LIMIT ?",
			q.Company, q.Kind, strings.Join(terms, " & "), q.Limit)
	}
	var refs []string
	if err := raw.Scan(ctx, &refs); err != nil {
		return nil, fmt.Errorf("search.Find: %w", store.Fault(err))
	}
	return refs, nil
}
