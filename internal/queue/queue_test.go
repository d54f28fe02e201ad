package queue_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ponte-desk/ponte/internal/queue"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/storetest"
)

type greet struct {
	Name string `json:"name" river:"unique"`
	Note string `json:"note"`
}

func (greet) Kind() string { return "test.greet" }

func TestAJobLivesAndDiesWithItsTransaction(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		q := queue.New(s, storetest.Log(), queue.Config{Poll: 20 * time.Millisecond})
		got := make(chan greet, 10)
		var failures atomic.Int32
		queue.Handle(q, 0, func(_ context.Context, j greet) error {
			if j.Note == "fail" && failures.Add(1) == 1 {
				return queue.Again(time.Millisecond)
			}
			got <- j
			return nil
		})
		if err := q.Open(); err != nil {
			t.Fatal(err)
		}
		ctx := t.Context()
		boom := errors.New("boom")
		if err := s.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
			if err := q.Add(ctx, tx, greet{Name: "never"}, queue.Options{}); err != nil {
				t.Error(err)
			}
			return boom
		}); !errors.Is(err, boom) {
			t.Fatal(err)
		}
		if err := s.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
			for _, j := range []greet{{Name: "Ada"}, {Name: "Ada", Note: "the same"}, {Name: "Bea", Note: "fail"}} {
				if err := q.Add(ctx, tx, j, queue.Options{Unique: true}); err != nil {
					return err
				}
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		if err := q.Start(context.WithoutCancel(ctx)); err != nil {
			t.Fatal(err)
		}
		defer func() {
			stop, cancel := context.WithTimeout(context.Background(), 10*time.Second)
			defer cancel()
			if err := q.Stop(stop); err != nil {
				t.Error(err)
			}
		}()
		seen := map[string]int{}
		for len(seen) < 2 {
			select {
			case j := <-got:
				seen[j.Name]++
			case <-time.After(20 * time.Second):
				t.Fatalf("waited in vain, got %v", seen)
			}
		}
		if seen["Ada"] != 1 || seen["Bea"] != 1 || seen["never"] != 0 {
			t.Fatalf("%v", seen)
		}
	})
}
