package network_test

import (
	"errors"
	"testing"
	"time"

	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/networktest"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/storetest"
)

func TestListsArePaced(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		b := newBed(t, s, networktest.FakeOptions{PageSize: 2})
		ch := b.connect(t)
		for _, who := range []string{"ada@fake.example", "bob@fake.example", "carla@fake.example"} {
			if err := b.fake.Stranger(who, us).Follow(ctx); err != nil {
				t.Fatal(err)
			}
		}
		of := network.ListOf{Kind: network.ListFollowers, RemoteID: ch.RemoteID}
		first, err := b.n.People(ctx, ch.Company, ch.ID, of)
		if err != nil || len(first.People) != 2 || first.Cursor == "" {
			t.Fatalf("%+v, %v", first, err)
		}
		of.Cursor = first.Cursor
		second, err := b.n.People(ctx, ch.Company, ch.ID, of)
		if err != nil || len(second.People) != 1 || second.Cursor != "" {
			t.Fatalf("%+v, %v", second, err)
		}
		for range 10 {
			if _, err := b.n.People(ctx, ch.Company, ch.ID, of); err != nil {
				t.Fatal(err)
			}
		}
		_, err = b.n.People(ctx, ch.Company, ch.ID, of)
		if f := fault.Of(err); !errors.Is(err, network.ErrCalm) || f.RetryAfter <= 0 || f.RetryAfter > time.Minute {
			t.Fatalf("a thirteenth page in a minute: %v", err)
		}
		b.Clock.Advance(2 * time.Minute)
		b.fake.Inject(networktest.Fault{Call: networktest.CallPeople, Way: networktest.TooMany, RetryAfter: 5 * time.Minute})
		if _, err := b.n.People(ctx, ch.Company, ch.ID, of); err == nil {
			t.Fatal("a server that has had enough gave a page")
		}
		calls := b.fake.Calls(networktest.CallPeople)
		b.Clock.Advance(2 * time.Minute)
		_, err = b.n.People(ctx, ch.Company, ch.ID, of)
		if f := fault.Of(err); !errors.Is(err, network.ErrCalm) || f.RetryAfter > 3*time.Minute || b.fake.Calls(networktest.CallPeople) != calls {
			t.Fatalf("while it asks to be left alone: %v", err)
		}
		b.Clock.Advance(4 * time.Minute)
		if _, err := b.n.People(ctx, ch.Company, ch.ID, of); err != nil {
			t.Fatal(err)
		}
	})
}
