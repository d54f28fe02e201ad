package growth_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/growth"
	"github.com/ponte-desk/ponte/internal/housetest"
	"github.com/ponte-desk/ponte/internal/inbox"
	"github.com/ponte-desk/ponte/internal/storetest"
	"github.com/ponte-desk/ponte/internal/team"
)

// What is promised is found in either language, in its order, with the last moment of the day that it names in the company's zone.
func TestNotice(t *testing.T) {
	t.Parallel()
	h := house(t, storetest.SQLite(t))
	h.Clock.Set(time.Date(2026, 3, 2, 23, 30, 0, 0, time.UTC)) // half past midnight, Tuesday, in Rome
	day := func(d int) time.Time { return time.Date(2026, 3, d+1, 0, 0, 0, 0, rome).Add(-time.Microsecond).UTC() }
	for text, want := range map[string][]growth.Noticed{
		"Ci dispiace molto. Te ne mandiamo uno nuovo entro venerdì, gratis.": {{From: 19, To: 58, Text: "Te ne mandiamo uno nuovo entro venerdì", DueAt: day(6)}},
		"We'll fix it by Monday. Sorry.":                                     {{From: 0, To: 22, Text: "We'll fix it by Monday", DueAt: day(9)}},
		"Ti rimborsiamo domani. We'll call you by Friday.": {
			{From: 0, To: 21, Text: "Ti rimborsiamo domani", DueAt: day(4)}, {From: 23, To: 47, Text: "We'll call you by Friday", DueAt: day(6)},
		},
		"Provvederemo al più presto.":     {{From: 0, To: 27, Text: "Provvederemo al più presto"}},
		"Non possiamo promettere niente.": nil,
		"Grazie mille, a presto.":         nil,
		"":                                nil,
	} {
		got := must[[]growth.Noticed](t)(h.Growth.Notice(t.Context(), h.Actor(team.Editor), text))
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s\n%s", text, diff)
		}
	}
}

// An answer that promises something and says no more is not sent; nothing of it is lost.
func TestAnAnswerThatPromisesIsAsked(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *housetest.House) {
		ctx, owner := t.Context(), h.Actor(team.Owner)
		i := say(t, h, "ada@one.example", "Il piatto è arrivato rotto")
		in := growth.AnswerIn{ReplyIn: inbox.ReplyIn{Conversation: i.Conversation, Text: "Te ne mandiamo uno nuovo entro venerdì."}}
		if err := h.Inbox.SaveDraft(ctx, owner, i.Conversation, inbox.Draft{Text: in.Text}); err != nil {
			t.Fatal(err)
		}
		_, err := h.Growth.Answer(ctx, owner, in)
		if fault.KindOf(err) != fault.Conflict || key(err) != growth.ErrAsked.Key {
			t.Fatalf("%v", err)
		}
		if th := must[inbox.Thread](t)(h.Inbox.Open(ctx, owner, i.Conversation)); len(th.Replies) != 0 || th.Draft.Text != in.Text {
			t.Fatalf("%+v", th)
		}
		in.NoPromise = true
		must[inbox.Reply](t)(h.Growth.Answer(ctx, owner, in))
		if len(promises(t, h)) != 0 {
			t.Fatal("a promise was kept that is said to be none")
		}
		// Of several promises each is said what becomes of it.
		const one, two = "Te ne mandiamo uno nuovo entro venerdì.", "Domani ti chiamiamo noi."
		in = growth.AnswerIn{ReplyIn: inbox.ReplyIn{Conversation: i.Conversation, Text: one + " " + two, Anyway: true}}
		if n := must[[]growth.Noticed](t)(h.Growth.Notice(ctx, owner, in.Text)); len(n) != 2 {
			t.Fatalf("%+v", n)
		}
		in.Promises = []growth.PromiseIn{{Text: two, DueAt: friday}}
		if _, err := h.Growth.Answer(ctx, owner, in); key(err) != growth.ErrAsked.Key {
			t.Errorf("one of two: %v", err)
		}
		in.Promises = append(in.Promises, growth.PromiseIn{Text: "nuovo entro venerdì", DueAt: friday}) // a part of it will do
		must[inbox.Reply](t)(h.Growth.Answer(ctx, owner, in))
		in.Promises, in.NoPromise = in.Promises[:1], true // and nothing more
		must[inbox.Reply](t)(h.Growth.Answer(ctx, owner, in))
		if ps := promises(t, h); len(ps) != 3 {
			t.Errorf("%d promises", len(ps))
		}
		// What promises nothing is asked nothing.
		must[inbox.Reply](t)(h.Growth.Answer(ctx, owner, growth.AnswerIn{ReplyIn: inbox.ReplyIn{Conversation: i.Conversation, Text: "Grazie di averlo scritto.", Anyway: true}}))
	})
}

// A promise may belong to a case: it stands in its file and in its diary.
func TestAPromiseOfACase(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *housetest.House) {
		ctx, owner := t.Context(), h.Actor(team.Owner)
		i := say(t, h, "ada@one.example", "Il piatto è arrivato rotto")
		c := must[growth.Case](t)(h.Growth.Open(ctx, owner, growth.OpenIn{Title: "Piatti", Interactions: []inbox.InteractionID{i.ID}}))
		r := must[inbox.Reply](t)(h.Growth.Answer(ctx, owner, growth.AnswerIn{
			ReplyIn:  inbox.ReplyIn{Conversation: i.Conversation, Text: "Te ne mandiamo uno nuovo entro venerdì."},
			Promises: []growth.PromiseIn{{Text: "Te ne mandiamo uno nuovo entro venerdì", DueAt: friday, Case: c.ID, Owner: h.Members[team.Editor].ID}},
		}))
		h.Deliver(r.Delivery, time.Hour)
		h.Clock.Advance(time.Hour)
		p := promises(t, h)[0]
		if err := h.Growth.Keep(ctx, h.Actor(team.Editor), p.ID, "Fatto."); err != nil {
			t.Fatal(err)
		}
		f := whole(t, h, c.ID)
		if len(f.Promises) != 1 || f.Promises[0].ID != p.ID || f.Promises[0].To != "ada" || f.Promises[0].State != growth.PromiseKept {
			t.Fatalf("%+v", f.Promises)
		}
		if f.Diary[0].Key != "promise_kept" || f.Diary[0].Member != h.Members[team.Editor].ID || f.Diary[1].Key != "promised" || f.Diary[1].Member != owner.Member {
			t.Fatalf("%+v", f.Diary)
		}
	})
}
