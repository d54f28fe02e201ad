package store_test

import (
	"errors"
	"testing"

	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/storetest"
)

func TestAsked(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		q := s.Asked("SELECT version_id FROM goose_db_version WHERE version_id = ? AND version_id < ?")
		for range 3 { // prepared once, asked often
			var got int64
			if err := q.Row(t.Context(), []any{int64(1), int64(2)}, &got); err != nil || got != 1 {
				t.Fatal(got, err)
			}
			if err := q.Row(t.Context(), []any{int64(1), int64(1)}, &got); !errors.Is(err, store.ErrMissing) {
				t.Fatal(err)
			}
		}
		if err := s.Asked("SELECT nothing FROM nowhere").Row(t.Context(), nil); err == nil {
			t.Fatal("a query that cannot be prepared is answered")
		}
	})
}
