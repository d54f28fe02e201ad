package delivery_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/ponte-desk/ponte/internal/delivery"
	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/housetest"
	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/networktest"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/storetest"
	"github.com/ponte-desk/ponte/internal/team"
)

// crash is what a Trace panics with to cut a step off, as kill -9 does: nothing after it runs, deferred work included.
type crash struct{ step string }

// plan plans a post of its own for the house's channel.
func plan(t *testing.T, h *housetest.House, source string) delivery.ID {
	t.Helper()
	var id delivery.ID
	err := h.Store.InTx(t.Context(), func(ctx context.Context, tx *store.Tx) (err error) {
		id, err = h.Deliveries.Plan(ctx, tx, h.Actor(team.Owner), delivery.Plan{
			Channel: h.Channel.ID, Source: delivery.Source{Kind: delivery.ForPost, ID: source},
			Message: delivery.Message{Text: "Sabato apriamo il forno. " + source, Visibility: network.Public},
		})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func standing(h *housetest.House) int { return len(h.Fake.Standing(housetest.Handle)) }

var safeties = []networktest.FakeOptions{
	{Safety: network.SafeByClientID},
	{Safety: network.SafeByKey},
	{Safety: network.SafeByReadBack},
}

// A process cut off at any step, or a network that misbehaves in any way at any attempt, leaves exactly one message.
func TestExactlyOnceThroughCrashesAndFaults(t *testing.T) {
	t.Parallel()
	faults := []networktest.Way{"", networktest.AcceptThenTimeout, networktest.DropBefore, networktest.DropAfterSend, networktest.Broken, networktest.TooMany}
	steps := []string{"", "claimed", "intended", "called", "settled"}
	for _, o := range safeties {
		for _, way := range faults {
			for _, step := range steps {
				t.Run(fmt.Sprintf("%s/%s/%s", o.Safety, way, step), func(t *testing.T) {
					t.Parallel()
					storetest.Each(t, func(t *testing.T, s *store.Store) {
						armed := step != ""
						h := housetest.New(t, s, housetest.Options{Fake: o, Delivery: delivery.Config{Trace: func(at string, _ delivery.ID) {
							if armed && at == step {
								armed = false
								panic(crash{at})
							}
						}}})
						if way != "" {
							h.Fake.Inject(networktest.Fault{Call: networktest.CallPublish, Way: way})
						}
						id := plan(t, h, "a")
						func() {
							defer func() {
								if r := recover(); r != nil {
									if _, ok := r.(crash); !ok {
										panic(r)
									}
								}
							}()
							_, _ = h.Deliveries.Step(t.Context(), id)
						}()
						if armed {
							t.Fatalf("the step %q was never reached", step)
						}
						// The next process starts: what the dead one held is taken up again.
						h.Clock.Advance(3 * time.Minute)
						if err := h.Deliveries.Recover(t.Context()); err != nil {
							t.Fatal(err)
						}
						d := h.Deliver(id, time.Hour)
						if d.State != delivery.Sent || standing(h) != 1 {
							t.Fatalf("%s, standing %d times: %+v", d.State, standing(h), d.Trouble)
						}
						if d.Receipt.RemoteID == "" || d.Trouble != nil || d.SettledAt.IsZero() {
							t.Fatalf("%+v", d)
						}
						if again, err := h.Deliveries.Step(t.Context(), id); again != 0 || err != nil || standing(h) != 1 {
							t.Fatalf("a settled delivery moves on: %v %v", again, err)
						}
					})
				})
			}
		}
	}
}

// Where only reading back tells, nothing is sent again until it is certain, and people see it meanwhile.
func TestAnUnknownOutcomeIsReadBackAndSeen(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		h := housetest.New(t, s, housetest.Options{Fake: networktest.FakeOptions{Safety: network.SafeByReadBack}})
		h.Fake.Inject(networktest.Fault{Call: networktest.CallPublish, Way: networktest.DropAfterSend})
		id := plan(t, h, "a")
		h.Deliver(id, 9*time.Minute)
		if n := len(h.Fake.Attempts()); n != 1 {
			t.Fatalf("%d attempts within ten minutes of an unknown outcome", n)
		}
		list, err := h.Deliveries.Troubled(t.Context(), h.Actor(team.Owner))
		if err != nil || len(list) != 1 || list[0].State != delivery.Unconfirmed || list[0].Trouble == nil {
			t.Fatalf("%+v, %v", list, err)
		}
		if err := h.Deliveries.SendAgain(t.Context(), h.Actor(team.Guest), id); fault.KindOf(err) != fault.Denied {
			t.Fatalf("a guest sent again: %v", err)
		}
		if err := h.Deliveries.SendAgain(t.Context(), h.Actor(team.Owner), id); err != nil {
			t.Fatal(err)
		}
		if d := h.Deliver(id, time.Minute); d.State != delivery.Sent || standing(h) != 1 {
			t.Fatalf("%+v", d)
		}
	})
}

// A lagging server that first says "not there" and then shows it never makes a double.
func TestALaggingServerMakesNoDouble(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		h := housetest.New(t, s, housetest.Options{Fake: networktest.FakeOptions{Safety: network.SafeByReadBack}})
		h.Fake.Inject(
			networktest.Fault{Call: networktest.CallPublish, Way: networktest.AcceptThenTimeout},
			networktest.Fault{Call: networktest.CallFind, Way: networktest.FindStale, Times: 3},
			networktest.Fault{Call: networktest.CallFind, Way: networktest.FindUnsure, Times: 1},
		)
		id := plan(t, h, "a")
		if d := h.Deliver(id, 2*time.Hour); d.State != delivery.Sent || standing(h) != 1 || len(h.Fake.Attempts()) != 1 {
			t.Fatalf("%+v, standing %d, attempts %d", d, standing(h), len(h.Fake.Attempts()))
		}
	})
}

func TestARefusalIsShownWithItsCause(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		h := housetest.New(t, s, housetest.Options{})
		h.Fake.Inject(networktest.Fault{Call: networktest.CallPublish, Way: networktest.Refuse})
		id := plan(t, h, "a")
		d := h.Deliver(id, time.Hour)
		if d.State != delivery.Failed || d.Trouble == nil || d.Trouble.Verdict != network.Never || standing(h) != 0 {
			t.Fatalf("%+v", d)
		}
		if err := h.Deliveries.Retry(t.Context(), h.Actor(team.Owner), id); err != nil {
			t.Fatal(err)
		}
		if err := h.Deliveries.Retry(t.Context(), h.Actor(team.Owner), id); fault.KindOf(err) != fault.Conflict {
			t.Fatalf("retried twice: %v", err)
		}
		if d := h.Deliver(id, time.Hour); d.State != delivery.Sent || standing(h) != 1 {
			t.Fatalf("%+v", d)
		}
	})
}

func TestARevokedTokenWaitsForAPerson(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		h := housetest.New(t, s, housetest.Options{})
		h.Fake.Revoke(housetest.Handle)
		id := plan(t, h, "a")
		if d := h.Deliver(id, time.Hour); d.State != delivery.Failed || d.Trouble.Verdict != network.Reconnect {
			t.Fatalf("%+v", d)
		}
		ch, err := h.Networks.Channel(t.Context(), h.Actor(team.Owner), h.Channel.ID)
		if err != nil || ch.State != network.Broken || ch.Health.Problem == nil {
			t.Fatalf("the channel does not say so: %+v %v", ch, err)
		}
	})
}

// A network that is down is tried again with growing pauses, for a day; then people decide.
func TestANetworkThatIsDownIsTriedAgainForADay(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		h := housetest.New(t, s, housetest.Options{})
		h.Fake.Inject(networktest.Fault{Call: networktest.CallPublish, Way: networktest.DropBefore, Times: -1})
		id := plan(t, h, "a")
		start := h.Clock.Now()
		d := h.Deliver(id, 48*time.Hour)
		if d.State != delivery.Failed || d.Attempts < 100 || d.Attempts > 200 {
			t.Fatalf("%s after %d attempts", d.State, d.Attempts)
		}
		if gone := h.Clock.Now().Sub(start); gone < 24*time.Hour || gone > 25*time.Hour {
			t.Fatalf("given up after %s", gone)
		}
		if !d.Trouble.Since.Equal(start) {
			t.Fatalf("in trouble since %v, not since %v", d.Trouble.Since, start)
		}
	})
}

func TestRetryAfterIsObeyed(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		h := housetest.New(t, s, housetest.Options{})
		h.Fake.Inject(networktest.Fault{Call: networktest.CallPublish, Way: networktest.TooMany, RetryAfter: 7 * time.Minute})
		id := plan(t, h, "a")
		again, err := h.Deliveries.Step(t.Context(), id)
		if err != nil || again < 7*time.Minute {
			t.Fatalf("again after %s, %v", again, err)
		}
		// A second job of the same delivery, as a restart makes one, obeys too.
		h.Clock.Advance(time.Minute)
		again, err = h.Deliveries.Step(t.Context(), id)
		if n := h.Fake.Calls(networktest.CallPublish); err != nil || n != 1 || again < 6*time.Minute || again > 7*time.Minute {
			t.Fatalf("%d calls, again after %s, %v", n, again, err)
		}
		h.Clock.Advance(again)
		if _, err = h.Deliveries.Step(t.Context(), id); err != nil || standing(h) != 1 {
			t.Fatalf("%d stand, %v", standing(h), err)
		}
	})
}

func TestAFutureMomentIsWaitedFor(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		h := housetest.New(t, s, housetest.Options{})
		var id delivery.ID
		err := s.InTx(t.Context(), func(ctx context.Context, tx *store.Tx) (err error) {
			id, err = h.Deliveries.Plan(ctx, tx, h.Actor(team.Owner), delivery.Plan{
				Channel: h.Channel.ID, Source: delivery.Source{Kind: delivery.ForPost, ID: "x"},
				Message: delivery.Message{Text: "domani"}, NotBefore: h.Clock.Now().Add(time.Hour),
			})
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		if again, err := h.Deliveries.Step(t.Context(), id); err != nil || again != time.Hour || standing(h) != 0 {
			t.Fatalf("again %s, %v, standing %d", again, err, standing(h))
		}
		h.Clock.Advance(time.Hour)
		if d := h.Deliver(id, 0); d.State != delivery.Sent || standing(h) != 1 {
			t.Fatalf("%+v", d)
		}
	})
}

// Two processes that step the same delivery at once make one attempt.
func TestALeaseLetsOneWork(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		h := housetest.New(t, s, housetest.Options{Fake: networktest.FakeOptions{Safety: network.SafeByReadBack}})
		entered, until := make(chan struct{}, 1), make(chan struct{})
		h.Fake.Inject(networktest.Fault{Call: networktest.CallPublish, Way: networktest.Slow, Entered: entered, Until: until})
		id := plan(t, h, "a")
		done := make(chan error, 1)
		go func() {
			_, err := h.Deliveries.Step(context.WithoutCancel(t.Context()), id)
			done <- err
		}()
		<-entered
		for range 5 {
			if again, err := h.Deliveries.Step(t.Context(), id); again != 0 || err != nil {
				t.Errorf("a second process works: %v, %v", again, err)
			}
		}
		close(until)
		if err := <-done; err != nil {
			t.Fatal(err)
		}
		if n := len(h.Fake.Attempts()); n != 1 || standing(h) != 1 {
			t.Fatalf("%d attempts, standing %d", n, standing(h))
		}
	})
}

func TestTheWatchFindsWhatWasLost(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		h := housetest.New(t, s, housetest.Options{})
		id := plan(t, h, "a")
		jobs := func() (n int) {
			t.Helper()
			if err := s.Read(t.Context()).NewRaw("SELECT count(*) FROM river_job WHERE kind = 'delivery.attempt'").Scan(t.Context(), &n); err != nil {
				t.Fatal(err)
			}
			return n
		}
		if err := h.Deliveries.Watch(t.Context()); err != nil || jobs() != 1 {
			t.Fatalf("%v, %d jobs for a delivery that is on time", err, jobs())
		}
		h.Clock.Advance(time.Minute)
		if err := h.Deliveries.Watch(t.Context()); err != nil || jobs() != 2 {
			t.Fatalf("%v, %d jobs for a delivery that is overdue", err, jobs())
		}
		_ = id
	})
}

func TestOneSourceIsDeliveredOnceToAChannel(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		h := housetest.New(t, s, housetest.Options{})
		plan(t, h, "a")
		err := s.InTx(t.Context(), func(ctx context.Context, tx *store.Tx) error {
			_, err := h.Deliveries.Plan(ctx, tx, h.Actor(team.Owner), delivery.Plan{
				Channel: h.Channel.ID, Source: delivery.Source{Kind: delivery.ForPost, ID: "a"}, Message: delivery.Message{Text: "due volte"},
			})
			return err
		})
		if fault.KindOf(err) != fault.Conflict {
			t.Fatalf("%v", err)
		}
	})
}
