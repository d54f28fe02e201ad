package search

import (
	"context"
	"fmt"
	"time"

	"github.com/ponte-desk/ponte/internal/store"
)

// Each gives every document of the index, of every company, for a copy of the house. Its text is folded already, and
// indexing it again gives the same index on either database.
func (s *Search) Each(ctx context.Context, f func(Doc) error) (err error) {
	// The number of a row holds its time; see rowid.
	query := "SELECT company_id, kind, ref, rowid >> 30, body FROM search_doc"
	if s.store.Dialect() == store.Postgres {
		query = `SELECT company_id, kind, ref, CAST(floor(extract(epoch FROM at)) AS BIGINT), coalesce((SELECT string_agg(lexeme, ' ' ORDER BY p)
			FROM unnest(body) AS u (lexeme, positions, weights), unnest(positions) AS p), '') FROM search_doc`
	}
	rows, err := s.store.Read(ctx).QueryContext(ctx, query)
	if err != nil {
		return fmt.Errorf("search.Each: %w", store.Fault(err))
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var d Doc
		var at int64
		if err := rows.Scan(&d.Company, &d.Kind, &d.Ref, &at, &d.Text); err != nil {
			return fmt.Errorf("search.Each: %w", store.Fault(err))
		}
		d.At = time.Unix(at, 0).UTC()
		if err := f(d); err != nil {
			return err
		}
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("search.Each: %w", store.Fault(err))
	}
	return nil
}
