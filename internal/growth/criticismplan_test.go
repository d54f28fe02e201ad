package growth_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/storetest"
)

// What is kept about interactions is found by its own index on both databases: it holds only what has an interaction, and a question that
// does not say so goes through the whole company.
func TestCriticismsAreFoundByTheirInteractions(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		h := house(t, s)
		ctx, at := t.Context(), h.Clock.Now().Add(-time.Hour)
		var crowd []network.Item
		for n := range 300 {
			crowd = append(crowd, item(fmt.Sprint("c", n), fmt.Sprint("q", n), fmt.Sprintf("%d: in ritardo", n), at))
		}
		take(t, h, crowd...)
		var mu sync.Mutex
		asked := map[string]bool{}
		s.OnQuery(func(q string) {
			mu.Lock()
			defer mu.Unlock()
			if strings.HasPrefix(q, "SELECT") && strings.Contains(q, `"criticism"`) && strings.Contains(q, "interaction_id IN") {
				asked[q] = true
			}
		})
		take(t, h, item("again", "ada", "in ritardo di nuovo", at))
		mu.Lock()
		found := asked
		asked = map[string]bool{}
		mu.Unlock()
		if len(found) == 0 {
			t.Fatal("nothing was asked")
		}
		explain := "EXPLAIN QUERY PLAN "
		if s.Dialect() == store.Postgres {
			explain = "EXPLAIN "
		}
		for q := range found {
			err := s.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
				if s.Dialect() == store.Postgres { // so few rows are read whole even with an index
					for _, set := range []string{"enable_seqscan", "enable_bitmapscan"} {
						if _, err := tx.DB.ExecContext(ctx, "SET LOCAL "+set+" = off"); err != nil {
							return err
						}
					}
				}
				rows, err := tx.DB.QueryContext(ctx, explain+q)
				if err != nil {
					return err
				}
				defer func() { _ = rows.Close() }()
				columns, err := rows.Columns()
				if err != nil {
					return err
				}
				var plan []string
				for rows.Next() {
					step, into := make([]any, len(columns)), make([]any, len(columns))
					for i := range step {
						into[i] = &step[i]
					}
					if err := rows.Scan(into...); err != nil {
						return err
					}
					plan = append(plan, fmt.Sprint(step...))
				}
				if all := strings.Join(plan, "; "); !strings.Contains(all, "criticism_interaction") {
					t.Errorf("%s\n    %s", q, all)
				}
				return rows.Err()
			})
			if err != nil {
				t.Fatal(err)
			}
		}
	})
}
