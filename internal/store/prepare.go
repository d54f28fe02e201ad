package store

import (
	"context"
	"database/sql"
	"fmt"
	"strconv"
	"strings"
	"sync"
)

// Asked is a query that is asked so often that it is prepared once, on the side that reads: it sees what is committed. Its marks are "?",
// and none stands in a text. It is safe for use by several goroutines.
type Asked struct {
	store *Store
	query string

	mu   sync.Mutex
	stmt *sql.Stmt
}

// Asked makes such a query; it is prepared when it is asked first, and closed with the store.
func (s *Store) Asked(query string) *Asked {
	if s.dialect == Postgres {
		parts := strings.Split(query, "?")
		var b strings.Builder
		for i, part := range parts[:len(parts)-1] {
			b.WriteString(part + "$" + strconv.Itoa(i+1))
		}
		query = b.String() + parts[len(parts)-1]
	}
	return &Asked{store: s, query: query}
}

// Row asks for one row; ErrMissing when there is none.
func (a *Asked) Row(ctx context.Context, args []any, into ...any) error {
	stmt, err := a.prepared(ctx)
	if err != nil {
		return err
	}
	if a.store.dialect == SQLite {
		ctx = context.WithoutCancel(ctx) // a row by its key comes sooner than a watcher of the context is set up
	}
	return Fault(stmt.QueryRowContext(ctx, args...).Scan(into...))
}

func (a *Asked) prepared(ctx context.Context) (*sql.Stmt, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.stmt == nil {
		stmt, err := a.store.read.DB.PrepareContext(ctx, a.query)
		if err != nil {
			return nil, fmt.Errorf("store.Asked: %w", Fault(err))
		}
		a.stmt = stmt
	}
	return a.stmt, nil
}
