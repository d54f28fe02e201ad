package delivery_test

import (
	"testing"
	"time"

	"github.com/ponte-desk/ponte/internal/delivery"
	"github.com/ponte-desk/ponte/internal/housetest"
	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/networktest"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/storetest"
)

// Certainty by reading back counts from the last attempt, not from when the trouble began.
func TestAnOldTroubleDoesNotHastenCertainty(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		n := 0
		h := housetest.New(t, s, housetest.Options{Fake: networktest.FakeOptions{Safety: network.SafeByReadBack}, Delivery: delivery.Config{Trace: func(at string, _ delivery.ID) {
			if at == "called" {
				if n++; n == 2 {
					panic("cut")
				}
			}
		}}})
		h.Fake.Inject(networktest.Fault{Call: networktest.CallPublish, Way: networktest.DropBefore})
		id := plan(t, h, "a")
		if _, err := h.Deliveries.Step(t.Context(), id); err != nil {
			t.Fatal(err)
		}
		h.Clock.Advance(15 * time.Minute)
		func() {
			defer func() { _ = recover() }()
			_, _ = h.Deliveries.Step(t.Context(), id) // cut off
		}()
		h.Fake.Inject(networktest.Fault{Call: networktest.CallFind, Way: networktest.FindStale, Times: 3})
		at := h.Clock.Now()
		h.Clock.Advance(2 * time.Minute)
		d := h.Deliver(id, 6*time.Minute)
		if standing(h) != 1 || d.State != delivery.Sent {
			t.Fatalf("%d stand there, %s %s after the attempt", standing(h), d.State, h.Clock.Now().Sub(at))
		}
	})
}
