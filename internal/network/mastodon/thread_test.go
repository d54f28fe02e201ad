package mastodon_test

import (
	"fmt"
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ponte-desk/ponte/internal/delivery"
	"github.com/ponte-desk/ponte/internal/housetest"
	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/network/mastodon"
	"github.com/ponte-desk/ponte/internal/network/mastodon/mastodontest"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/storetest"
	"github.com/ponte-desk/ponte/internal/team"
)

var fiveParts = []string{
	"1/5 Il forno apre alle sei.", "2/5 Il lunedì siamo chiusi.", "3/5 Il martedì c'è il pane nero.", "4/5 Il venerdì la focaccia.", "5/5 Il sabato tutto.",
}

// threaded is a house with a channel on a server, connected as a person does.
type threaded struct {
	*housetest.House
	s  *mastodontest.Server
	ch network.Channel
}

func newThreaded(t *testing.T, st *store.Store, o mastodontest.Options, d delivery.Config) *threaded {
	t.Helper()
	var clock atomic.Pointer[func() time.Time] // of the house, which comes later
	now := func() time.Time {
		if f := clock.Load(); f != nil {
			return (*f)()
		}
		return time.Now()
	}
	o.Now = now
	s := mastodontest.Start(t, o)
	con := mastodon.NewAt(&http.Client{Timeout: 10 * time.Second, Transport: &http.Transport{}}, agent, now)
	x := &threaded{s: s, House: housetest.New(t, st, housetest.Options{More: []network.Connector{con}, Delivery: d})}
	f := x.Clock.Now
	clock.Store(&f)
	s.AddAccount("ponte", "secret")
	x.connect(t)
	return x
}

// connect connects the account, or connects it again.
func (x *threaded) connect(t *testing.T) {
	t.Helper()
	a := x.Actor(team.Owner)
	found, err := x.Networks.Look(t.Context(), a, network.Mastodon, x.s.URL())
	if err != nil {
		t.Fatal(err)
	}
	start, err := x.Networks.Begin(t.Context(), a, found, redirect)
	if err != nil {
		t.Fatal(err)
	}
	back := browse(t, x.s, start, "allow").Query()
	if x.ch, err = x.Networks.Finish(t.Context(), a, back.Get("state"), back.Get("code"), ""); err != nil {
		t.Fatal(err)
	}
}

// stands checks that the first n parts stand, each once, in order, each as an answer to the one before.
func (x *threaded) stands(t *testing.T, n int) {
	t.Helper()
	got := x.s.Standing("ponte")
	if len(got) != n {
		t.Fatalf("%d parts stand, want %d: %+v", len(got), n, got)
	}
	before := ""
	for i, st := range got {
		if st.Text != fiveParts[i] || st.ReplyTo != before {
			t.Errorf("part %d: %q as an answer to %q, want %q to %q", i+1, st.Text, st.ReplyTo, fiveParts[i], before)
		}
		before = st.ID
	}
}

func (x *threaded) state(t *testing.T) network.State {
	t.Helper()
	ch, err := x.Networks.Channel(t.Context(), x.Actor(team.Owner), x.ch.ID)
	if err != nil {
		t.Fatal(err)
	}
	return ch.State
}

var threadServers = map[string]mastodontest.Options{
	"mastodon": {TokenLife: 2 * time.Hour}, "gotosocial": {GoToSocial: true, TokenLife: 2 * time.Hour},
	"says it is mastodon and ignores the key": {IgnoreKey: true, TokenLife: 2 * time.Hour},
}

// The third of five parts meets whatever a network can do; the thread stands whole, once and in order.
func TestAThreadWhoseThirdPartIsUncertain(t *testing.T) {
	t.Parallel()
	for server, o := range threadServers {
		for name, f := range map[string]mastodontest.Fault{
			"accepted and hung up":           {Way: mastodontest.HangUp},
			"accepted and 504":               {Way: mastodontest.FailAfter},
			"accepted and a page for people": {Way: mastodontest.Garbage},
			"hung up before":                 {Way: mastodontest.HangUpBefore},
			"500":                            {Way: mastodontest.Fail},
			"429":                            {Way: mastodontest.TooMany, RetryAfter: 5 * time.Minute},
		} {
			t.Run(server+"/"+name, func(t *testing.T) {
				t.Parallel()
				storetest.Each(t, func(t *testing.T, st *store.Store) {
					x := newThreaded(t, st, o, delivery.Config{})
					f.Endpoint, f.Skip = posting, 2
					x.s.Inject(f)
					th := x.Thread(x.ch, fiveParts...)
					if part, d := th.Deliver(0, time.Hour); part != 4 || d.State != delivery.Sent {
						t.Fatalf("part %d: %+v", part+1, d)
					}
					x.stands(t, 5)
				})
			})
		}
	}
}

// The server has the third part and takes longer than anybody waits: nothing goes out before it is known what came of
// it, however the moment falls.
func TestAThreadWhoseThirdPartTimesOut(t *testing.T) {
	t.Parallel()
	for server, o := range threadServers {
		t.Run(server, func(t *testing.T) {
			t.Parallel()
			storetest.Each(t, func(t *testing.T, st *store.Store) {
				x := newThreaded(t, st, o, delivery.Config{CallTimeout: 2 * time.Second})
				until, accepted := make(chan struct{}), make(chan struct{})
				x.s.Inject(mastodontest.Fault{Endpoint: posting, Way: mastodontest.Slow, Skip: 2, Until: until, Accepted: func() { close(accepted) }})
				th := x.Thread(x.ch, fiveParts...)
				part, d := th.Deliver(0, 0)
				if part != 2 || d.State != delivery.Unconfirmed || th.Planned() != 3 {
					t.Fatalf("part %d of %d: %+v", part+1, th.Planned(), d)
				}
				close(until)
				<-accepted
				if part, d = th.Deliver(2, time.Hour); part != 4 || d.State != delivery.Sent {
					t.Fatalf("part %d: %+v", part+1, d)
				}
				x.stands(t, 5)
				if n := x.s.Calls(posting); n != 5 {
					t.Errorf("%d calls for five parts", n)
				}
			})
		})
	}
}

// The token ends between two parts. Renewed by itself, nobody notices; taken back, the thread waits for a person and
// goes on where it was.
func TestAThreadWhoseTokenEnds(t *testing.T) {
	t.Parallel()
	for server, o := range threadServers {
		for _, how := range []string{"expired", "expired early", "revoked", "revoked with the third part in doubt"} {
			t.Run(server+"/"+how, func(t *testing.T) {
				t.Parallel()
				storetest.Each(t, func(t *testing.T, st *store.Store) {
					x := newThreaded(t, st, o, delivery.Config{})
					th := x.Thread(x.ch, fiveParts...)
					for part := range 3 {
						if part == 2 && how == "revoked with the third part in doubt" {
							x.s.Inject(mastodontest.Fault{Endpoint: posting, Way: mastodontest.HangUp})
							if _, d := th.Deliver(2, 0); d.State != delivery.Unconfirmed {
								t.Fatalf("%+v", d)
							}
							break
						}
						if d := x.Deliver(th.ID(part), 0); d.State != delivery.Sent {
							t.Fatalf("part %d: %+v", part+1, d)
						}
					}
					switch how {
					case "expired":
						x.Clock.Advance(3 * time.Hour) // both know
					case "expired early":
						x.s.ExpireTokens("ponte") // only the server knows
					default:
						x.s.Revoke("ponte")
						part, d := th.Deliver(2, 30*time.Minute)
						if d.State == delivery.Sent || x.state(t) != network.Broken || d.Trouble == nil || d.Trouble.Verdict != network.Reconnect {
							t.Fatalf("part %d on a channel that is %s: %+v", part+1, x.state(t), d)
						}
						x.stands(t, 3)
						was := x.ch.ID
						if x.connect(t); x.ch.ID != was || x.state(t) != network.Active {
							t.Fatalf("connected again as %s, %s", x.ch.ID, x.state(t))
						}
						if d.State == delivery.Failed {
							if err := x.Deliveries.Retry(t.Context(), x.Actor(team.Owner), d.ID); err != nil {
								t.Fatal(err)
							}
						}
					}
					if part, d := th.Deliver(2, time.Hour); part != 4 || d.State != delivery.Sent {
						t.Fatalf("part %d: %+v", part+1, d)
					}
					x.stands(t, 5)
					if x.state(t) != network.Active {
						t.Errorf("the channel is %s", x.state(t))
					}
				})
			})
		}
	}
}

// A process that is killed at any step of the third part, while the server hangs up on it, leaves the thread whole.
func TestAThreadThatIsKilled(t *testing.T) {
	t.Parallel()
	for server, o := range threadServers {
		for _, step := range []string{"claimed", "intended", "called", "settled"} {
			t.Run(server+"/"+step, func(t *testing.T) {
				t.Parallel()
				storetest.Each(t, func(t *testing.T, st *store.Store) {
					armed := false
					x := newThreaded(t, st, o, delivery.Config{Trace: func(at string, _ delivery.ID) {
						if armed && at == step {
							armed = false
							panic(fmt.Sprint("killed when ", at))
						}
					}})
					th := x.Thread(x.ch, fiveParts...)
					for part := range 2 {
						x.Deliver(th.ID(part), 0)
					}
					x.s.Inject(mastodontest.Fault{Endpoint: posting, Way: mastodontest.HangUp})
					armed = true
					func() {
						defer func() { _ = recover() }()
						_, _ = x.Deliveries.Step(t.Context(), th.ID(2))
					}()
					if armed {
						t.Fatal("never got there")
					}
					x.Clock.Advance(3 * time.Minute)
					if err := x.Deliveries.Recover(t.Context()); err != nil {
						t.Fatal(err)
					}
					if part, d := th.Deliver(2, time.Hour); part != 4 || d.State != delivery.Sent {
						t.Fatalf("part %d: %+v", part+1, d)
					}
					x.stands(t, 5)
				})
			})
		}
	}
}
