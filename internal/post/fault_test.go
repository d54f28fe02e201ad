package post_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/ponte-desk/ponte/internal/delivery"
	"github.com/ponte-desk/ponte/internal/housetest"
	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/networktest"
	"github.com/ponte-desk/ponte/internal/post"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/team"
)

// A network that will not have a picture is told with the picture's name; the others go out meanwhile, and tried again it goes out once.
func TestAPictureThatIsRefused(t *testing.T) {
	other := networktest.NewFake(networktest.FakeOptions{Network: "second", URL: "https://second.example"})
	each(t, housetest.Options{More: []network.Connector{other.Connector()}}, func(t *testing.T, h *housetest.House) {
		there := second(t, h, other)
		f := keep(t, h, "forno.jpg", jpegOf(t, halves(400, 300, 0), 80))
		before := len(other.Standing("ceramiche"))
		x := write(t, h, post.Message{Text: words, Media: []post.Media{{ID: f.ID, Alt: "Il forno"}}}, h.Channel.ID, there.ID)
		h.Fake.Inject(networktest.Fault{Call: networktest.CallPublish, Way: networktest.RefuseFile})
		now(t, h, x)
		work(t, h, time.Hour)
		if n := len(other.Standing("ceramiche")) - before; len(standing(h)) != 0 || n != 1 {
			t.Fatalf("%d here, %d there", len(standing(h)), n)
		}
		ts := must[[]post.Trouble](t)(h.Posts.Troubled(t.Context(), h.Actor(team.Marketing)))
		if len(ts) != 1 || ts[0].Channel != h.Channel.ID || ts[0].Cause.Key != network.ProblemMedia || ts[0].Cause.Args["name"] != "forno.jpg" {
			t.Fatalf("%+v", ts)
		}
		ok(t, h.Posts.Retry(t.Context(), h.Actor(team.Editor), ts[0].Part.ID))
		work(t, h, time.Hour)
		if n := len(other.Standing("ceramiche")) - before; len(standing(h)) != 1 || n != 1 {
			t.Errorf("tried again: %d here, %d there", len(standing(h)), n)
		}
	})
}

// A database that takes no writing for longer than a worker waits, at any step of a message in a thread, loses and doubles nothing.
func TestABusyDatabase(t *testing.T) {
	t.Parallel()
	for _, at := range []string{"claimed", "intended", "called"} {
		for skip := range 2 {
			t.Run(fmt.Sprintf("%s/%d", at, skip), func(t *testing.T) {
				var hold func()
				each(t, housetest.Options{
					Fake: networktest.FakeOptions{Safety: network.SafeByClientID},
					Delivery: delivery.Config{Trace: func(step string, _ delivery.ID) {
						if hold != nil && step == at {
							hold()
						}
					}},
				}, func(t *testing.T, h *housetest.House) {
					left, held, release, over := skip, false, make(chan struct{}), make(chan error, 1)
					hold = func() {
						if left--; left >= 0 || held {
							return
						}
						held = true
						begun := make(chan struct{})
						go func() {
							over <- h.Store.InTx(context.WithoutCancel(t.Context()), func(ctx context.Context, tx *store.Tx) error {
								if h.Store.Dialect() == store.Postgres { // SQLite has one who writes
									if _, err := tx.DB.NewRaw("LOCK TABLE delivery IN EXCLUSIVE MODE").Exec(ctx); err != nil {
										close(begun)
										return err
									}
								}
								close(begun)
								<-release
								return nil
							})
						}()
						<-begun
					}
					x := now(t, h, draft(t, h, team.Editor, long(3)))
					for tries := 0; !held; tries++ {
						ok(t, h.Posts.Due(t.Context()))
						ok(t, h.Posts.Tend(t.Context()))
						for _, id := range open(t, h) {
							short, cancel := context.WithTimeout(t.Context(), 400*time.Millisecond)
							done := make(chan struct{})
							go func() { step(short, h, id); close(done) }()
							select {
							case <-done:
							case <-short.Done(): // whoever waits on all the same is let go on
							}
							if held {
								close(release)
								<-done
								cancel()
								break
							}
							<-done
							cancel()
						}
						if tries == 10 {
							t.Fatal("the step was never reached")
						}
					}
					ok(t, <-over)
					hold = nil
					for range 4 {
						h.Clock.Advance(3 * time.Minute)
						ok(t, h.Deliveries.Recover(t.Context()))
						work(t, h, 30*time.Minute)
					}
					inOrder(t, h, 3)
					if f := file(t, h, x.ID); f.Post.State != post.Sent || f.Post.Trouble {
						t.Fatalf("%+v", f.Post)
					}
				})
			})
		}
	}
}
