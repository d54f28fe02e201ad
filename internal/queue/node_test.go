package queue_test

import (
	"context"
	"testing"
	"time"

	"github.com/ponte-desk/ponte/internal/queue"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/storetest"
)

// A process died while it was at a job: the next one does it at once. What another living process is at stays its own.
func TestADeadNodesJobsRunAgain(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		q := queue.New(s, storetest.Log(), queue.Config{Poll: 20 * time.Millisecond})
		got := make(chan string, 10)
		queue.Handle(q, 0, func(_ context.Context, j greet) error { got <- j.Name; return nil })
		if err := q.Open(); err != nil {
			t.Fatal(err)
		}
		ctx := t.Context()
		add := func(name string) {
			t.Helper()
			if err := s.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
				return q.Add(ctx, tx, greet{Name: name}, queue.Options{Unique: true, MaxAttempts: 1})
			}); err != nil {
				t.Fatal(err)
			}
		}
		add("dead")
		if s.Dialect() == store.SQLite {
			if _, err := s.WriteDB().ExecContext(ctx, "UPDATE river_job SET state = 'running', attempt = 1"); err != nil {
				t.Fatal(err)
			}
		} else {
			add("living")
			if _, err := s.Pool().Exec(ctx, "UPDATE river_job SET state = 'running', attempt = 1, attempted_by = ARRAY['before', args->>'name']"); err != nil {
				t.Fatal(err)
			}
			other, err := s.Pool().Acquire(ctx)
			if err != nil {
				t.Fatal(err)
			}
			defer other.Release()
			if _, err := other.Exec(ctx, "SELECT pg_advisory_lock(hashtextextended('living', 0))"); err != nil {
				t.Fatal(err)
			}
		}
		add("dead") // the same: it waits already
		if err := q.Start(context.WithoutCancel(ctx)); err != nil {
			t.Fatal(err)
		}
		add("after")
		seen := map[string]int{}
		for seen["dead"] == 0 || seen["after"] == 0 {
			select {
			case name := <-got:
				seen[name]++
			case <-time.After(20 * time.Second):
				t.Fatalf("waited in vain, got %v", seen)
			}
		}
		stop, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
		defer cancel()
		if err := q.Stop(stop); err != nil {
			t.Error(err)
		}
		if seen["dead"] != 1 || seen["living"] != 0 || seen["after"] != 1 {
			t.Fatalf("%v", seen)
		}
	})
}
