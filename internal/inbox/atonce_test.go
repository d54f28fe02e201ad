package inbox_test

import (
	"context"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ponte-desk/ponte/internal/delivery"
	"github.com/ponte-desk/ponte/internal/housetest"
	"github.com/ponte-desk/ponte/internal/inbox"
	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/networktest"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/team"
)

// meanwhile has something done by another hand at the moment when a first query that begins so is about to run, and lets
// the query go on once that is done or stands in line behind it. The function it gives waits for the other hand.
func meanwhile(t *testing.T, h *housetest.House, begins string, other func(ctx context.Context) error) func() error {
	t.Helper()
	ctx := t.Context()
	done := make(chan error, 1)
	var met atomic.Bool
	h.Store.OnQuery(func(q string) {
		if !strings.HasPrefix(q, begins) || !met.CompareAndSwap(false, true) {
			return
		}
		over := make(chan struct{})
		go func() {
			done <- other(ctx)
			close(over)
		}()
		if h.Store.Dialect() == store.SQLite {
			return // there is one writer: the other stands in line, whatever happens
		}
		deadline := time.Now().Add(20 * time.Second)
		for time.Now().Before(deadline) {
			select {
			case <-over:
				return
			case <-time.After(5 * time.Millisecond):
			}
			var waits int
			if err := h.Store.WriteDB().QueryRowContext(ctx,
				"SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'").Scan(&waits); err != nil {
				t.Error(err)
				return
			}
			if waits > 0 {
				return
			}
		}
		t.Error("the other hand neither ends nor waits")
	})
	return func() error {
		t.Helper()
		if !met.Load() {
			t.Fatalf("no query begins with %s", begins)
		}
		return <-done
	}
}

// takeIn brings items in as the channel's watcher would.
func takeIn(ctx context.Context, h *housetest.House, items ...network.Item) error {
	_, err := h.Networks.Ingest(ctx, h.Channel, network.Page{Items: items, Cursor: "x"})
	return err
}

func question() network.Item {
	return network.Item{
		RemoteID: "1", Kind: network.KindMention, Author: network.Author{RemoteID: "ada", Handle: "ada@one.example", Name: "Ada"},
		Text: "Spedite in Sardegna?", At: time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC), Version: "1",
	}
}

// What a member decides while an edit of the same conversation comes in stays decided.
func TestWhatIsDecidedWhileSomethingComesInStays(t *testing.T) {
	decisions := map[string]struct {
		decide func(ctx context.Context, h *housetest.House, id inbox.ConversationID) error
		stands func(h *housetest.House, c inbox.Conversation) bool
	}{
		"assign": {
			func(ctx context.Context, h *housetest.House, id inbox.ConversationID) error {
				return h.Inbox.Assign(ctx, h.Actor(team.Owner), id, h.Members[team.Community].ID)
			},
			func(h *housetest.House, c inbox.Conversation) bool { return c.Assignee == h.Members[team.Community].ID },
		},
		"finish": {
			func(ctx context.Context, h *housetest.House, id inbox.ConversationID) error {
				return h.Inbox.Finish(ctx, h.Actor(team.Owner), id)
			},
			func(_ *housetest.House, c inbox.Conversation) bool {
				return c.State == inbox.Done && c.WaitingSince.IsZero()
			},
		},
		"snooze": {
			func(ctx context.Context, h *housetest.House, id inbox.ConversationID) error {
				return h.Inbox.Snooze(ctx, h.Actor(team.Owner), id, h.Clock.Now().Add(time.Hour))
			},
			func(_ *housetest.House, c inbox.Conversation) bool {
				return c.State == inbox.Snoozed && !c.SnoozedUntil.IsZero()
			},
		},
		"note": {
			func(ctx context.Context, h *housetest.House, id inbox.ConversationID) error {
				_, err := h.Inbox.AddNote(ctx, h.Actor(team.Owner), id, "La conosco.")
				return err
			},
			func(_ *housetest.House, c inbox.Conversation) bool { return c.Notes == 1 },
		},
	}
	for name, d := range decisions {
		t.Run(name, func(t *testing.T) {
			each(t, housetest.Options{}, func(t *testing.T, h *housetest.House) {
				ctx := t.Context()
				if err := takeIn(ctx, h, question()); err != nil {
					t.Fatal(err)
				}
				c := one(t, h, inbox.ViewTodo)
				wait := meanwhile(t, h, `INSERT INTO "conversation"`, func(ctx context.Context) error { return d.decide(ctx, h, c.ID) })
				edit := question()
				edit.Text, edit.Version = "Spedite anche in Sardegna?", "2"
				if err := takeIn(ctx, h, edit); err != nil {
					t.Fatal(err)
				}
				if err := wait(); err != nil {
					t.Fatal(err)
				}
				after := open(t, h, c.ID)
				if !d.stands(h, after.Conversation) || after.Interactions[0].Text != edit.Text {
					t.Fatalf("%+v", after.Conversation)
				}
			})
		})
	}
}

// Of two members who answer at the same moment one is told that the other does.
func TestTwoAnswersAtTheSameMomentAreOne(t *testing.T) {
	each(t, housetest.Options{}, func(t *testing.T, h *housetest.House) {
		ctx := t.Context()
		if err := takeIn(ctx, h, question()); err != nil {
			t.Fatal(err)
		}
		c := one(t, h, inbox.ViewTodo)
		reply := func(ctx context.Context, r team.Role) error {
			_, err := h.Inbox.Reply(ctx, h.Actor(r), inbox.ReplyIn{Conversation: c.ID, Text: "Certo, in quattro giorni."})
			return err
		}
		wait := meanwhile(t, h, `INSERT INTO "reply"`, func(ctx context.Context) error { return reply(ctx, team.Community) })
		if err := reply(ctx, team.Owner); err != nil {
			t.Fatal(err)
		}
		if err := wait(); key(err) != "inbox.reply.double" {
			t.Fatalf("the second answer: %v", err)
		}
	})
}

// Somebody who writes while we answer something else waits for us.
func TestWhoWritesWhileWeAnswerWaits(t *testing.T) {
	each(t, housetest.Options{}, func(t *testing.T, h *housetest.House) {
		ctx := t.Context()
		if err := takeIn(ctx, h, question()); err != nil {
			t.Fatal(err)
		}
		c := one(t, h, inbox.ViewTodo)
		more := question()
		more.RemoteID, more.ParentID, more.Kind, more.Text, more.At = "2", "1", network.KindReply, "E in Corsica?", more.At.Add(time.Minute)
		wait := meanwhile(t, h, `INSERT INTO "reply"`, func(ctx context.Context) error { return takeIn(ctx, h, more) })
		if _, err := h.Inbox.Reply(ctx, h.Actor(team.Owner), inbox.ReplyIn{Conversation: c.ID, Text: "Certo, in quattro giorni."}); err != nil {
			t.Fatal(err)
		}
		if err := wait(); err != nil {
			t.Fatal(err)
		}
		after := open(t, h, c.ID).Conversation
		if after.State != inbox.Open || !after.WaitingSince.Equal(more.At) || after.Incoming != 2 {
			t.Fatalf("%+v", after)
		}
	})
}

// A conversation that is settled at the moment when its snooze ends is settled.
func TestWhatIsFinishedWhileItWakesIsFinished(t *testing.T) {
	each(t, housetest.Options{}, func(t *testing.T, h *housetest.House) {
		ctx := t.Context()
		if err := takeIn(ctx, h, question()); err != nil {
			t.Fatal(err)
		}
		c := one(t, h, inbox.ViewTodo)
		if err := h.Inbox.Snooze(ctx, h.Actor(team.Owner), c.ID, h.Clock.Now().Add(time.Hour)); err != nil {
			t.Fatal(err)
		}
		h.Clock.Advance(2 * time.Hour)
		wait := meanwhile(t, h, `UPDATE "conversation"`, func(ctx context.Context) error { return h.Inbox.Finish(ctx, h.Actor(team.Owner), c.ID) })
		if err := h.Inbox.Wake(ctx); err != nil {
			t.Fatal(err)
		}
		if err := wait(); err != nil {
			t.Fatal(err)
		}
		if after := open(t, h, c.ID).Conversation; after.State != inbox.Done {
			t.Fatalf("%+v", after)
		}
	})
}

// The watcher may bring our answer back in the moment in which its receipt is written: it stands once, and neither of
// the two fails.
func TestOurAnswerComesBackWhileItIsSettled(t *testing.T) {
	for _, first := range []string{"receipt", "watcher"} {
		t.Run(first, func(t *testing.T) {
			each(t, housetest.Options{}, func(t *testing.T, h *housetest.House) {
				ctx := t.Context()
				must[string](t)(h.Stranger("ada@one.example").Mention(ctx, "Ci siete domenica?"))
				h.Read()
				c := one(t, h, inbox.ViewTodo)
				r := must[inbox.Reply](t)(h.Inbox.Reply(ctx, h.Actor(team.Owner), inbox.ReplyIn{Conversation: c.ID, Text: "Sì, dalle dieci."}))
				settle := func(ctx context.Context) error {
					_, err := h.Deliveries.Step(ctx, r.Delivery)
					return err
				}
				bring := func(ctx context.Context) error { return takeIn(ctx, h, h.Fake.Standing(housetest.Handle)...) }
				one, other := settle, bring
				if first == "watcher" {
					h.Fake.Inject(networktest.Fault{Call: networktest.CallPublish, Way: networktest.AcceptThenTimeout})
					if err := settle(ctx); err != nil {
						t.Fatal(err)
					}
					h.Clock.Advance(time.Minute)
					one, other = bring, settle
				}
				wait := meanwhile(t, h, `INSERT INTO "interaction"`, other)
				if err := one(ctx); err != nil {
					t.Fatal(err)
				}
				if err := wait(); err != nil {
					t.Fatal(err)
				}
				th := open(t, h, c.ID)
				if len(th.Interactions) != 2 || th.Conversation.Outgoing != 1 || len(th.Replies) != 0 || th.Interactions[1].Member != h.Actor(team.Owner).Member {
					t.Fatalf("%+v", th)
				}
			})
		})
	}
}

// An answer whose outcome nobody knows stays in sight when something else happens in its conversation.
func TestAnUnknownOutcomeStaysInSight(t *testing.T) {
	each(t, housetest.Options{}, func(t *testing.T, h *housetest.House) {
		ctx := t.Context()
		must[string](t)(h.Stranger("ada@one.example").Mention(ctx, "Spedite in Sardegna?"))
		h.Read()
		c := one(t, h, inbox.ViewTodo)
		h.Fake.Inject(networktest.Fault{Call: networktest.CallPublish, Way: networktest.AcceptThenTimeout})
		in := inbox.ReplyIn{Conversation: c.ID, Text: "Certo, in quattro giorni."}
		unknown := must[inbox.Reply](t)(h.Inbox.Reply(ctx, h.Actor(team.Community), in))
		if d := h.Deliver(unknown.Delivery, 0); d.State != delivery.Unconfirmed {
			t.Fatalf("%s", d.State)
		}
		in.Anyway, in.Text = true, "E senza spese."
		second := must[inbox.Reply](t)(h.Inbox.Reply(ctx, h.Actor(team.Owner), in))
		if d := h.Deliver(second.Delivery, 0); d.State != delivery.Sent {
			t.Fatalf("%s", d.State)
		}
		if !open(t, h, c.ID).Conversation.Trouble {
			t.Fatal("nobody sees any more that the outcome of the first is unknown")
		}
		h.Clock.Advance(time.Minute)
		if d := h.Deliver(unknown.Delivery, time.Hour); d.State != delivery.Sent {
			t.Fatalf("%s", d.State)
		}
		if open(t, h, c.ID).Conversation.Trouble {
			t.Fatal("what is settled still counts as trouble")
		}
	})
}

// What was taken back does not go out because somebody else still has the button in front of them.
func TestAWithdrawnAnswerIsNotTriedAgain(t *testing.T) {
	each(t, housetest.Options{}, func(t *testing.T, h *housetest.House) {
		ctx := t.Context()
		must[string](t)(h.Stranger("ada@one.example").Mention(ctx, "Rispondete al telefono?"))
		h.Read()
		c := one(t, h, inbox.ViewTodo)
		h.Fake.Inject(networktest.Fault{Call: networktest.CallPublish, Way: networktest.Refuse})
		actor := h.Actor(team.Community)
		r := must[inbox.Reply](t)(h.Inbox.Reply(ctx, actor, inbox.ReplyIn{Conversation: c.ID, Text: "Dalle nove alle sei."}))
		if d := h.Deliver(r.Delivery, time.Hour); d.State != delivery.Failed {
			t.Fatalf("%s", d.State)
		}
		if err := h.Inbox.Withdraw(ctx, actor, r.ID); err != nil {
			t.Fatal(err)
		}
		if err := h.Inbox.Retry(ctx, h.Actor(team.Owner), r.ID); key(err) != "inbox.reply.decided" {
			t.Fatalf("trying again: %v", err)
		}
		if err := h.Deliveries.Retry(ctx, h.Actor(team.Owner), r.Delivery); key(err) != "inbox.reply.decided" {
			t.Fatalf("trying the delivery again: %v", err)
		}
		if d := h.Deliver(r.Delivery, 0); d.State != delivery.Failed || len(h.Fake.Standing(housetest.Handle)) != 0 {
			t.Fatalf("%s", d.State)
		}
	})
}
