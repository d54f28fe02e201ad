package audience_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/ponte-desk/ponte/internal/audience"
	"github.com/ponte-desk/ponte/internal/housetest"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/storetest"
	"github.com/ponte-desk/ponte/internal/team"
)

// What is too much for one transaction is erased by a job, and another rewrites the file behind it.
func TestErasingGoesOnByItself(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		c := &crowd{House: housetest.New(t, s, housetest.Options{Judge: judge})}
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		actor := c.Actor(team.Community)
		for i := range 60 {
			c.says(t, "prolific", fmt.Sprint("Messaggio ", i), c.Clock.Now())
		}
		p, _ := c.person(t, "prolific")
		if f := must[audience.Forecast](t)(c.Audience.PreviewErase(ctx, actor, p.ID)); !f.Part || f.Erased[audience.ErasedItems] == 0 || f.Erased[audience.ErasedItems] >= 60 {
			t.Errorf("%+v", f)
		}
		cert := must[audience.Certificate](t)(c.Audience.Erase(ctx, actor, p.ID, audience.EraseIn{Name: "prolific"}))
		if cert.State != audience.ErasureRunning {
			t.Fatalf("%+v", cert)
		}
		ok(t, c.Queue.Start(ctx))
		t.Cleanup(func() {
			stop, done := context.WithTimeout(context.WithoutCancel(ctx), 20*time.Second)
			defer done()
			if err := c.Queue.Stop(stop); err != nil && !errors.Is(err, context.Canceled) {
				t.Error(err)
			}
		})
		deadline := time.After(time.Minute)
		for cert.State != audience.ErasureDone || s.Dialect() == store.SQLite && cert.CleanedAt.IsZero() {
			select {
			case <-deadline:
				t.Fatalf("nobody goes on: %+v", cert)
			case <-time.After(20 * time.Millisecond):
			}
			cert = must[audience.Certificate](t)(c.Audience.Certificate(ctx, actor, cert.Number))
		}
		if cert.Erased[audience.ErasedItems] != 60 {
			t.Errorf("%+v", cert)
		}
	})
}
