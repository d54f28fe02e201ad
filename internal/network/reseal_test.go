package network_test

import (
	"testing"

	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/networktest"
	"github.com/ponte-desk/ponte/internal/seal"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/storetest"
	"github.com/ponte-desk/ponte/internal/team"
)

func TestSecretsMoveToANewKey(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		b := newBed(t, s, networktest.FakeOptions{Join: network.JoinOAuth})
		if found, err := network.Sealed(ctx, s); err != nil || found {
			t.Error(found, err)
		}
		dir := t.TempDir()
		keys, err := seal.Open(seal.Options{Dir: dir})
		if err != nil {
			t.Fatal(err)
		}
		b.keys = keys
		old := b.room(b.Clock)
		owner := b.Actor(team.Owner)
		begin := func() string {
			t.Helper()
			address, err := old.Begin(ctx, owner, b.fake.Server(), back)
			if err != nil {
				t.Fatal(err)
			}
			return state(t, address)
		}
		ch, err := old.Finish(ctx, owner, begin(), b.fake.Code(us), "")
		if err != nil {
			t.Fatal(err)
		}
		under := begin()
		if found, err := network.Sealed(ctx, s); err != nil || !found {
			t.Error(found, err)
		}
		if b.keys, err = seal.Rotate(dir); err != nil {
			t.Fatal(err)
		}
		young := b.room(b.Clock)
		if moved, err := young.Reseal(ctx); err != nil || moved != 3 {
			t.Fatal(moved, err)
		}
		if moved, err := young.Reseal(ctx); err != nil || moved != 0 {
			t.Error(moved, err)
		}
		secrets, err := young.RawSecrets(ctx)
		if err != nil || len(secrets) != 3 {
			t.Fatal(secrets, err)
		}
		for _, e := range secrets {
			if b.keys.Stale(e) {
				t.Error("sealed with the old key")
			}
		}
		if got, err := young.Finish(ctx, owner, under, b.fake.Code(us), ""); err != nil || got.ID != ch.ID {
			t.Error(got, err)
		}
	})
}
