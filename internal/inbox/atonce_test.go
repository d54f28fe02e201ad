package inbox_test

import (
	"context"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ponte-desk/ponte/internal/housetest"
	"github.com/ponte-desk/ponte/internal/inbox"
	"github.com/ponte-desk/ponte/internal/network"
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
