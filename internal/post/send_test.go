package post_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ponte-desk/ponte/internal/delivery"
	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/housetest"
	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/networktest"
	"github.com/ponte-desk/ponte/internal/post"
	"github.com/ponte-desk/ponte/internal/team"
)

// inOrder checks that a thread of n messages stands once, each an answer to the one before.
func inOrder(t testing.TB, h *housetest.House, n int) {
	t.Helper()
	items := h.Fake.Standing(housetest.Handle)
	if len(items) != n {
		t.Fatalf("%d messages stand, want %d: %q", len(items), n, standing(h))
	}
	for i, it := range items {
		want := "numero " + string(rune('a'+i))
		if !strings.Contains(it.Text, want) || i == 0 && it.ParentID != "" || i > 0 && (it.ParentID != items[i-1].RemoteID || it.RootID != items[0].RemoteID) {
			t.Fatalf("message %d: %q answers %q, root %q", i, it.Text, it.ParentID, it.RootID)
		}
	}
}

// Whatever the network does, and at whatever step the process is cut off, a thread stands once, whole and in order.
func TestAThreadSurvivesFaultsAndCrashes(t *testing.T) {
	t.Parallel()
	ways := []networktest.Way{"", networktest.AcceptThenTimeout, networktest.DropBefore, networktest.DropAfterSend, networktest.Broken, networktest.TooMany}
	steps := []string{"", "planned", "claimed", "intended", "called", "settled"}
	for _, way := range ways {
		for _, at := range steps {
			for skip := range 3 {
				if way == "" && at == "" && skip > 0 {
					continue
				}
				t.Run(fmt.Sprintf("%s/%s/%d", way, at, skip), func(t *testing.T) {
					left := skip
					armed := at != ""
					each(t, housetest.Options{
						Fake: networktest.FakeOptions{Safety: network.SafeByClientID},
						Delivery: delivery.Config{Trace: func(step string, _ delivery.ID) {
							if !armed || step != at {
								return
							}
							if left--; left < 0 {
								armed = false
								panic(crash{})
							}
						}},
					}, func(t *testing.T, h *housetest.House) {
						left, armed = skip, at != ""
						if way != "" {
							h.Fake.Inject(networktest.Fault{Call: networktest.CallPublish, Way: way, Skip: skip})
						}
						x := now(t, h, draft(t, h, team.Editor, long(3)))
						for range 4 {
							cut(func() { work(t, h, 30*time.Minute) })
							h.Clock.Advance(3 * time.Minute)
							ok(t, h.Deliveries.Recover(t.Context()))
						}
						if armed {
							t.Fatal("the step was never reached")
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
}

// A part that is refused stops the thread where it stands; tried again it goes on from there.
func TestAThreadGoesOnAfterAFailedPart(t *testing.T) {
	each(t, housetest.Options{}, func(t *testing.T, h *housetest.House) {
		ctx := t.Context()
		h.Fake.Inject(networktest.Fault{Call: networktest.CallPublish, Way: networktest.Refuse, Skip: 1})
		x := now(t, h, draft(t, h, team.Editor, long(3)))
		work(t, h, time.Hour)
		f := file(t, h, x.ID)
		if f.Post.State != post.Failed || !f.Post.Trouble || len(standing(h)) != 1 {
			t.Fatalf("%+v, %d stand", f.Post, len(standing(h)))
		}
		ts := must[[]post.Trouble](t)(h.Posts.Troubled(ctx, h.Actor(team.Marketing)))
		if len(ts) != 1 || ts[0].Kind != post.TroublePart || ts[0].Part.Number != 1 || ts[0].Cause.Key != network.ProblemRefused || ts[0].Cause.Verdict != network.Never {
			t.Fatalf("%+v", ts)
		}
		bad := part(t, h, x.ID, 1)
		fails(t, h.Posts.Retry(ctx, h.Actor(team.Guest), bad.ID), fault.Denied, "team.denied")
		ok(t, h.Posts.Retry(ctx, h.Actor(team.Editor), bad.ID))
		work(t, h, time.Hour)
		inOrder(t, h, 3)
		if f := file(t, h, x.ID); f.Post.State != post.Sent || f.Post.Trouble {
			t.Fatalf("%+v", f.Post)
		}
		if ts := must[[]post.Trouble](t)(h.Posts.Troubled(ctx, h.Actor(team.Marketing))); len(ts) != 0 {
			t.Fatalf("%+v", ts)
		}
	})
}

// A token that ends in the middle of a thread breaks the channel visibly; connected again, the thread goes on where it stood.
func TestATokenThatEndsInAThread(t *testing.T) {
	each(t, housetest.Options{}, func(t *testing.T, h *housetest.House) {
		ctx := t.Context()
		h.Fake.Inject(networktest.Fault{Call: networktest.CallPublish, Way: networktest.TokenRevoked, Skip: 2})
		x := now(t, h, draft(t, h, team.Editor, long(3)))
		work(t, h, time.Hour)
		if len(standing(h)) != 2 {
			t.Fatalf("%d stand", len(standing(h)))
		}
		last := part(t, h, x.ID, 2)
		if last.State != post.PartFailed || last.Trouble == nil || last.Trouble.Verdict != network.Reconnect {
			t.Fatalf("%+v %+v", last, last.Trouble)
		}
		must[network.Channel](t)(h.Networks.ConnectPassword(ctx, h.Actor(team.Owner), h.Fake.Server(), housetest.Handle, networktest.AppPassword))
		ok(t, h.Posts.Retry(ctx, h.Actor(team.Owner), last.ID))
		work(t, h, time.Hour)
		inOrder(t, h, 3)
	})
}

// What a server asks for with Retry-After is waited for; without it the pauses grow.
func TestA429IsWaitedFor(t *testing.T) {
	for _, after := range []time.Duration{0, 7 * time.Minute} {
		t.Run(after.String(), func(t *testing.T) {
			each(t, housetest.Options{}, func(t *testing.T, h *housetest.House) {
				h.Fake.Inject(networktest.Fault{Call: networktest.CallPublish, Way: networktest.TooMany, Times: 2, RetryAfter: after})
				began := h.Clock.Now()
				x := now(t, h, draft(t, h, team.Editor, words))
				work(t, h, time.Minute)
				if after > 0 && len(standing(h)) != 0 {
					t.Fatal("it went out before the server wanted it")
				}
				work(t, h, time.Hour)
				if len(standing(h)) != 1 || h.Clock.Now().Sub(began) < 2*after {
					t.Fatalf("%d stand after %s", len(standing(h)), h.Clock.Now().Sub(began))
				}
				if f := file(t, h, x.ID); f.Post.State != post.Sent {
					t.Fatalf("%+v", f.Post)
				}
			})
		})
	}
}

// Accepted and then no answer, where only reading back tells: it is read back and not sent again, and people see it meanwhile.
func TestAcceptedAndThenNoAnswer(t *testing.T) {
	each(t, housetest.Options{Fake: networktest.FakeOptions{Safety: network.SafeByReadBack}}, func(t *testing.T, h *housetest.House) {
		ctx := t.Context()
		h.Fake.Inject(
			networktest.Fault{Call: networktest.CallPublish, Way: networktest.AcceptThenTimeout},
			networktest.Fault{Call: networktest.CallFind, Way: networktest.FindUnsure, Times: 3},
		)
		x := now(t, h, draft(t, h, team.Editor, words))
		work(t, h, time.Second)
		f := file(t, h, x.ID)
		if f.Post.State != post.Sending || !f.Post.Trouble || f.Variants[0].Parts[0].State != post.PartUnconfirmed {
			t.Fatalf("%+v", f.Post)
		}
		ts := must[[]post.Trouble](t)(h.Posts.Troubled(ctx, h.Actor(team.Owner)))
		if len(ts) != 1 || ts[0].Cause.Key == "" {
			t.Fatalf("%+v", ts)
		}
		work(t, h, time.Hour)
		if f := file(t, h, x.ID); f.Post.State != post.Sent || f.Post.Trouble || len(standing(h)) != 1 || len(h.Fake.Attempts()) != 1 {
			t.Fatalf("%+v, %d stand, %d attempts", f.Post, len(standing(h)), len(h.Fake.Attempts()))
		}
	})
}

// What nobody knows the outcome of holds up the next post on its channel for two minutes, not for ever.
func TestADoubtHoldsUpOthersShortly(t *testing.T) {
	each(t, housetest.Options{Fake: networktest.FakeOptions{Safety: network.SafeByReadBack}}, func(t *testing.T, h *housetest.House) {
		h.Fake.Inject(
			networktest.Fault{Call: networktest.CallPublish, Way: networktest.DropAfterSend},
			networktest.Fault{Call: networktest.CallFind, Way: networktest.FindUnsure, Times: -1},
		)
		a := now(t, h, draft(t, h, team.Editor, "primo"))
		h.Clock.Advance(time.Second)
		b := now(t, h, draft(t, h, team.Editor, "secondo"))
		work(t, h, 30*time.Second)
		if len(standing(h)) != 0 {
			t.Fatal("the second did not wait for the first")
		}
		h.Clock.Advance(3 * time.Minute)
		work(t, h, time.Second)
		if got := standing(h); !slices.Equal(got, []string{"secondo"}) || file(t, h, b.ID).Post.State != post.Sent {
			t.Fatalf("%q", got)
		}
		// A person who has looked decides about the first.
		ok(t, h.Posts.SendAgain(t.Context(), h.Actor(team.Owner), part(t, h, a.ID, 0).ID))
		work(t, h, time.Second)
		if len(standing(h)) != 2 {
			t.Fatalf("%q", standing(h))
		}
	})
}

// The first comment is an answer to the post.
func TestTheFirstCommentAnswersThePost(t *testing.T) {
	each(t, housetest.Options{}, func(t *testing.T, h *housetest.House) {
		x := must[post.Post](t)(h.Posts.Create(t.Context(), h.Actor(team.Editor), post.CreateIn{
			Message: post.Message{Text: words, FirstComment: "Si entra da via del Forno 3."}, Channels: []network.ChannelID{h.Channel.ID},
		}))
		now(t, h, x)
		work(t, h, time.Minute)
		items := h.Fake.Standing(housetest.Handle)
		if len(items) != 2 || items[1].ParentID != items[0].RemoteID || items[1].Text != "Si entra da via del Forno 3." {
			t.Fatalf("%+v", items)
		}
	})
}

// Posts leave in the order of their times on a channel, even when the first has to be tried again.
func TestAChannelKeepsItsOrder(t *testing.T) {
	each(t, housetest.Options{}, func(t *testing.T, h *housetest.House) {
		h.Fake.Inject(networktest.Fault{Call: networktest.CallPublish, Way: networktest.TooMany, Times: 3})
		for _, name := range []string{"primo", "secondo", "terzo"} {
			now(t, h, draft(t, h, team.Editor, name))
		}
		work(t, h, time.Hour)
		if got := standing(h); !slices.Equal(got, []string{"primo", "secondo", "terzo"}) {
			t.Fatalf("%q", got)
		}
	})
}

// What failed and is given up is left as it stands: what is out stays, nothing follows, and it is no trouble any more.
func TestGivenUp(t *testing.T) {
	each(t, housetest.Options{}, func(t *testing.T, h *housetest.House) {
		ctx, who := t.Context(), h.Actor(team.Owner)
		h.Fake.Inject(networktest.Fault{Call: networktest.CallPublish, Way: networktest.Refuse, Skip: 1}, networktest.Fault{Call: networktest.CallPublish, Way: networktest.Refuse})
		x := now(t, h, draft(t, h, team.Editor, long(3)))
		work(t, h, time.Hour)
		y := now(t, h, draft(t, h, team.Editor, words))
		work(t, h, time.Hour)
		if n := must[post.Counts](t)(h.Posts.Counts(ctx, who)).Trouble; n != 2 {
			t.Fatalf("%d in trouble", n)
		}
		ok(t, h.Posts.GiveUp(ctx, who, part(t, h, x.ID, 1).ID))
		ok(t, h.Posts.GiveUp(ctx, who, part(t, h, y.ID, 0).ID))
		fails(t, h.Posts.GiveUp(ctx, who, part(t, h, y.ID, 0).ID), fault.Conflict, "delivery.moved")
		work(t, h, time.Hour)
		a, b := file(t, h, x.ID).Post, file(t, h, y.ID).Post
		if a.State != post.Sent || a.Trouble || b.State != post.Failed || b.Trouble || len(standing(h)) != 1 {
			t.Fatalf("%+v\n%+v\n%q", a, b, standing(h))
		}
		if ts := must[[]post.Trouble](t)(h.Posts.Troubled(ctx, who)); len(ts) != 0 {
			t.Fatalf("%+v", ts)
		}
	})
}
