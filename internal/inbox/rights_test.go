package inbox_test

import (
	"context"
	"reflect"
	"testing"
	"time"

	"github.com/ponte-desk/ponte/internal/delivery"
	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/housetest"
	"github.com/ponte-desk/ponte/internal/inbox"
	"github.com/ponte-desk/ponte/internal/networktest"
	"github.com/ponte-desk/ponte/internal/storetest"
	"github.com/ponte-desk/ponte/internal/team"
	"github.com/ponte-desk/ponte/internal/verdict"
)

// Every use case of the rooms that a conversation goes through, the ones that are still to be written too, does nothing
// for an actor without a company and a role.
func TestNoUseCaseWorksForNobody(t *testing.T) {
	t.Parallel()
	h := housetest.New(t, storetest.SQLite(t), housetest.Options{})
	actor, fails := reflect.TypeFor[team.Actor](), reflect.TypeFor[error]()
	tried := 0
	for _, room := range []any{h.Inbox, h.Deliveries, h.Audience, h.Verdicts} {
		v := reflect.ValueOf(room)
		for i := range v.NumMethod() {
			m, name := v.Method(i).Type(), v.Type().String()+"."+v.Type().Method(i).Name
			if m.NumIn() < 2 || m.In(1) != actor || m.NumOut() == 0 || m.Out(m.NumOut()-1) != fails {
				continue
			}
			args := []reflect.Value{reflect.ValueOf(context.Context(t.Context()))}
			for a := 1; a < m.NumIn(); a++ {
				args = append(args, reflect.Zero(m.In(a)))
			}
			out := v.Method(i).Call(args)
			tried++
			if out[len(out)-1].IsNil() && name != "*inbox.Inbox.MayDecide" { // it says no
				t.Errorf("%s does not refuse", name)
			}
		}
	}
	if tried < 40 {
		t.Fatalf("only %d use cases were found", tried)
	}
}

// No list and no change reaches what belongs to another company.
func TestNothingReachesAnotherCompany(t *testing.T) {
	each(t, housetest.Options{}, func(t *testing.T, h *housetest.House) {
		ctx, owner := t.Context(), h.Actor(team.Owner)
		must[string](t)(h.Stranger("ada@one.example").Mention(ctx, "segreto"))
		h.Read()
		c := one(t, h, inbox.ViewTodo)
		label := must[inbox.Label](t)(h.Inbox.AddLabel(ctx, owner, c.ID, "Urgente"))
		saved := must[inbox.SavedReply](t)(h.Inbox.SaveReply(ctx, owner, inbox.SavedReply{Title: "Orari", Body: "Dalle nove alle sei."}))
		must[inbox.Note](t)(h.Inbox.AddNote(ctx, h.Actor(team.Community), c.ID, "@owner guarda"))
		h.Fake.Inject(networktest.Fault{Call: networktest.CallPublish, Way: networktest.Refuse})
		r := must[inbox.Reply](t)(h.Inbox.Reply(ctx, owner, inbox.ReplyIn{Conversation: c.ID, Text: "Eccoci."}))
		if d := h.Deliver(r.Delivery, time.Hour); d.State != delivery.Failed {
			t.Fatalf("%s", d.State)
		}
		th := open(t, h, c.ID)
		before := th.Conversation
		other := h.Other(t)
		stranger := other.Actor(team.Owner)
		for name, err := range map[string]error{
			"snooze":         h.Inbox.Snooze(ctx, stranger, c.ID, h.Clock.Now().Add(time.Hour)),
			"reopen":         h.Inbox.Reopen(ctx, stranger, c.ID),
			"unlabel":        h.Inbox.RemoveLabel(ctx, stranger, c.ID, label.ID),
			"delete label":   h.Inbox.DeleteLabel(ctx, stranger, label.ID),
			"change saved":   errOf(h.Inbox.SaveReply(ctx, stranger, saved)),
			"delete saved":   h.Inbox.DeleteSavedReply(ctx, stranger, saved.ID),
			"use saved":      errOf(h.Inbox.UseSavedReply(ctx, stranger, saved.ID, c.ID)),
			"reply":          errOf(h.Inbox.GetReply(ctx, stranger, r.ID)),
			"approve":        h.Inbox.Approve(ctx, stranger, r.ID),
			"reject":         h.Inbox.Reject(ctx, stranger, r.ID, "no"),
			"withdraw":       h.Inbox.Withdraw(ctx, stranger, r.ID),
			"retry":          h.Inbox.Retry(ctx, stranger, r.ID),
			"send again":     h.Inbox.SendAgain(ctx, stranger, r.ID),
			"correct":        h.Inbox.Correct(ctx, stranger, th.Interactions[0].ID, verdict.Correction{Criticism: yes()}),
			"picture":        errOf(h.Inbox.Picture(ctx, stranger, th.Interactions[0].ID, 0)),
			"history":        errOf(h.Inbox.History(ctx, stranger, th.Person(), 10)),
			"delivery":       errOf(h.Deliveries.Get(ctx, stranger.Company, r.Delivery)),
			"retry delivery": h.Deliveries.Retry(ctx, stranger, r.Delivery),
			"give up":        h.Deliveries.GiveUp(ctx, stranger, r.Delivery),
		} {
			if fault.KindOf(err) != fault.NotFound {
				t.Errorf("%s: %v", name, err)
			}
		}
		counts := must[inbox.Counts](t)(h.Inbox.Counts(ctx, stranger))
		for v, n := range counts.Views {
			if n != 0 {
				t.Errorf("%s counts %d", v, n)
			}
		}
		ours := must[[]inbox.Mention](t)(h.Inbox.Mentions(ctx, owner))
		if len(ours) != 1 {
			t.Fatalf("%d mentions of the owner", len(ours))
		}
		for name, n := range map[string]int{
			"channels": len(counts.Channels),
			"labels":   len(must[[]inbox.Label](t)(h.Inbox.Labels(ctx, stranger))),
			"saved":    len(must[[]inbox.SavedReply](t)(h.Inbox.SavedReplies(ctx, stranger))),
			"mentions": len(must[[]inbox.Mention](t)(h.Inbox.Mentions(ctx, stranger))),
			"troubled": len(must[[]delivery.Delivery](t)(h.Deliveries.Troubled(ctx, stranger))),
			"week":     must[inbox.Week](t)(h.Inbox.Week(ctx, stranger, h.Clock.Now().AddDate(0, 0, -7))).Received,
			"labelled": len(must[inbox.List](t)(h.Inbox.List(ctx, stranger, inbox.Filter{View: inbox.ViewAll, Label: label.ID})).Conversations),
			"channel":  len(must[inbox.List](t)(h.Inbox.List(ctx, stranger, inbox.Filter{View: inbox.ViewAll, Channel: c.Channel})).Conversations),
		} {
			if n != 0 {
				t.Errorf("%s: a stranger finds %d", name, n)
			}
		}
		// Neither does seeing another company's notes or looking at its conversation change anything.
		if err := h.Inbox.SeeMentions(ctx, stranger, c.ID); err != nil {
			t.Fatal(err)
		}
		if err := h.Inbox.Look(ctx, stranger, c.ID); err != nil {
			t.Fatal(err)
		}
		if still := must[[]inbox.Mention](t)(h.Inbox.Mentions(ctx, owner)); len(still) != 1 {
			t.Error("a stranger has seen a note for the owner")
		}
		if after := open(t, h, c.ID).Conversation; after != before {
			t.Errorf("%+v, before %+v", after, before)
		}
	})
}
