package growth_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ponte-desk/ponte/internal/delivery"
	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/growth"
	"github.com/ponte-desk/ponte/internal/housetest"
	"github.com/ponte-desk/ponte/internal/inbox"
	"github.com/ponte-desk/ponte/internal/networktest"
	"github.com/ponte-desk/ponte/internal/record"
	"github.com/ponte-desk/ponte/internal/team"
)

// told are the kinds of what the record says of a handle, in order.
func told(t testing.TB, h *housetest.House, of record.Handle) (out []record.Kind) {
	t.Helper()
	for _, l := range leaves(t, h) {
		if l.Subject == of {
			out = append(out, l.Kind)
		}
	}
	return out
}

// promises lists all promises, in whatever state.
func promises(t testing.TB, h *housetest.House) []growth.Promise {
	t.Helper()
	return must[growth.PromisePage](t)(h.Growth.Promises(t.Context(), h.Actor(team.Owner), growth.PromiseFilter{States: growth.PromiseStates})).Promises
}

// answer answers the one conversation with a promise for the Friday of the first week.
func answer(t testing.TB, h *housetest.House, as team.Actor, to inbox.Interaction) (inbox.Reply, growth.Promise) {
	t.Helper()
	r := must[inbox.Reply](t)(h.Growth.Answer(t.Context(), as, growth.AnswerIn{
		ReplyIn:  inbox.ReplyIn{Conversation: to.Conversation, Text: "Te ne mandiamo uno nuovo entro venerdì."},
		Promises: []growth.PromiseIn{{Text: "Te ne mandiamo uno nuovo entro venerdì.", DueAt: friday}},
	}))
	for _, p := range promises(t, h) {
		if p.Reply == r.ID {
			return r, p
		}
	}
	t.Fatal("the promise is not there")
	return r, growth.Promise{}
}

// friday is a moment of the Friday after the house's Monday.
var friday = time.Date(2026, 3, 6, 11, 0, 0, 0, time.UTC)

func state(t testing.TB, h *housetest.House, id growth.PromiseID) growth.PromiseState {
	t.Helper()
	for _, p := range promises(t, h) {
		if p.ID == id {
			return p.State
		}
	}
	t.Fatal("the promise is gone")
	return ""
}

func TestAPromiseCountsFromWhenItsAnswerStands(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *housetest.House) {
		owner := h.Actor(team.Owner)
		r, p := answer(t, h, owner, say(t, h, "ada@one.example", "Il piatto è arrivato rotto"))
		end := time.Date(2026, 3, 6, 22, 59, 59, 999999000, time.UTC) // the last moment of Friday in Rome
		if p.State != growth.PromiseWritten || p.Owner != owner.Member || p.MadeBy != owner.Member || !p.Public || !p.DueAt.Equal(end) || p.To != "ada" || p.SettledAt != (time.Time{}) {
			t.Fatalf("%+v", p)
		}
		if got := told(t, h, p.Handle); got != nil {
			t.Fatalf("%v before it stands anywhere", got)
		}
		if err := h.Growth.Keep(t.Context(), owner, p.ID, ""); key(err) != "growth.promise.unsent" {
			t.Fatalf("%v", err)
		}
		h.Deliver(r.Delivery, time.Hour)
		if s := state(t, h, p.ID); s != growth.PromiseOpen {
			t.Fatalf("%s", s)
		}
		all := leaves(t, h)
		i := slices.IndexFunc(all, func(l record.Leaf) bool { return l.Kind == record.Promised })
		if i < 0 || all[i].Subject != p.Handle || !all[i].Due.Equal(time.Date(2026, 3, 6, 0, 0, 0, 0, time.UTC)) {
			t.Fatalf("%+v", all)
		}
		if err := h.Growth.Keep(t.Context(), owner, p.ID, "Spedito con Paolo."); err != nil {
			t.Fatal(err)
		}
		got := promises(t, h)[0]
		if got.State != growth.PromiseKept || got.Note != "Spedito con Paolo." || got.SettledBy != owner.Member || !got.SettledAt.Equal(h.Clock.Now()) {
			t.Fatalf("%+v", got)
		}
		if diff := cmp.Diff([]record.Kind{record.Promised, record.Kept}, told(t, h, p.Handle)); diff != "" {
			t.Fatal(diff)
		}
		for name, err := range map[string]error{"kept": h.Growth.Keep(t.Context(), owner, p.ID, ""), "broken": h.Growth.Break(t.Context(), owner, p.ID, ""), "handed": h.Growth.HandPromise(t.Context(), owner, p.ID, h.Members[team.Editor].ID)} {
			if key(err) != "growth.promise.settled" {
				t.Errorf("%s after it was kept: %v", name, err)
			}
		}
	})
}

// A promise lives as long as its answer may still go out, through failures and second tries.
func TestAPromiseGoesTheWayOfItsAnswer(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *housetest.House) {
		ctx, owner, editor := t.Context(), h.Actor(team.Owner), h.Actor(team.Editor)
		i := say(t, h, "ada@one.example", "Il piatto è arrivato rotto")
		r, p := answer(t, h, editor, i) // whose answers a second person reads
		if r.State != inbox.ReplyPending || state(t, h, p.ID) != growth.PromiseWritten {
			t.Fatalf("%s, %s", r.State, state(t, h, p.ID))
		}
		if err := h.Inbox.Reject(ctx, owner, r.ID, "Venerdì non ce la facciamo."); err != nil {
			t.Fatal(err)
		}
		if s := state(t, h, p.ID); s != growth.PromiseGone {
			t.Fatalf("rejected, and %s", s)
		}
		h.Fake.Inject(networktest.Fault{Call: networktest.CallPublish, Way: networktest.Refuse})
		r, p = answer(t, h, owner, i)
		if d := h.Deliver(r.Delivery, time.Hour); d.State != delivery.Failed || state(t, h, p.ID) != growth.PromiseWritten {
			t.Fatalf("%s, %s", d.State, state(t, h, p.ID))
		}
		if err := h.Inbox.Retry(ctx, owner, r.ID); err != nil {
			t.Fatal(err)
		}
		h.Deliver(r.Delivery, time.Hour)
		if s := state(t, h, p.ID); s != growth.PromiseOpen {
			t.Fatalf("sent at the second try, and %s", s)
		}
		h.Fake.Inject(networktest.Fault{Call: networktest.CallPublish, Way: networktest.Refuse})
		r, p = answer(t, h, owner, i)
		h.Deliver(r.Delivery, time.Hour)
		if err := h.Inbox.Withdraw(ctx, owner, r.ID); err != nil {
			t.Fatal(err)
		}
		if s := state(t, h, p.ID); s != growth.PromiseGone {
			t.Fatalf("withdrawn, and %s", s)
		}
		made := 0
		for _, l := range leaves(t, h) {
			if l.Kind == record.Promised {
				made++
			}
		}
		if made != 1 {
			t.Fatalf("%d promises in the record", made)
		}
	})
}

// What is past is broken by itself, in the company's own night; keeping it late says so.
func TestWhatIsPastIsBroken(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *housetest.House) {
		ctx, owner := t.Context(), h.Actor(team.Owner)
		i := say(t, h, "ada@one.example", "Il piatto è arrivato rotto")
		r, p := answer(t, h, owner, i)
		h.Deliver(r.Delivery, time.Hour)
		h.Clock.Set(p.DueAt)
		if err := h.Growth.BreakPast(ctx); err != nil {
			t.Fatal(err)
		}
		if s := state(t, h, p.ID); s != growth.PromiseOpen {
			t.Fatalf("in the last moment of its day it is %s", s)
		}
		h.Clock.Advance(time.Minute)
		for range 2 { // jobs may run twice
			if err := h.Growth.BreakPast(ctx); err != nil {
				t.Fatal(err)
			}
		}
		if s := state(t, h, p.ID); s != growth.PromiseBroken {
			t.Fatalf("a minute later it is %s", s)
		}
		if err := h.Growth.Break(ctx, owner, p.ID, ""); key(err) != "growth.promise.settled" {
			t.Fatalf("%v", err)
		}
		h.Clock.Advance(48 * time.Hour)
		if err := h.Growth.Keep(ctx, owner, p.ID, ""); err != nil {
			t.Fatal(err)
		}
		if s := state(t, h, p.ID); s != growth.PromiseLate {
			t.Fatalf("kept after it was broken, and %s", s)
		}
		if diff := cmp.Diff([]record.Kind{record.Promised, record.Broken, record.Kept}, told(t, h, p.Handle)); diff != "" {
			t.Fatal(diff)
		}
		// Kept late before the job looked: the record says the same.
		r2, err := h.Growth.Answer(ctx, owner, growth.AnswerIn{
			ReplyIn:  inbox.ReplyIn{Conversation: i.Conversation, Text: "Lo mandiamo oggi."},
			Promises: []growth.PromiseIn{{Text: "Lo mandiamo oggi.", DueAt: h.Clock.Now()}},
		})
		if err != nil {
			t.Fatal(err)
		}
		h.Deliver(r2.Delivery, time.Hour)
		h.Clock.Advance(72 * time.Hour)
		open := must[growth.PromisePage](t)(h.Growth.Promises(ctx, owner, growth.PromiseFilter{})).Promises
		if len(open) != 1 || !open[0].Late(h.Clock.Now()) {
			t.Fatalf("%+v", open)
		}
		if err := h.Growth.Keep(ctx, owner, open[0].ID, ""); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]record.Kind{record.Promised, record.Broken, record.Kept}, told(t, h, open[0].Handle)); diff != "" {
			t.Fatal(diff)
		}
		f := must[growth.Public](t)(h.Growth.Page(ctx, h.Company.ID, "", 0, true)).Figures
		if f.Promised != 2 || f.Kept != 0 || f.KeptLate != 2 || f.Broken != 0 || f.Open != 0 {
			t.Fatalf("%+v", f)
		}
	})
}

// What is promised in private is kept and broken like any other, and stays out of the record.
func TestAPrivatePromiseStaysPrivate(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *housetest.House) {
		ctx, owner := t.Context(), h.Actor(team.Owner)
		must[string](t)(h.Stranger("ada@one.example").Message(ctx, "Il piatto è arrivato rotto"))
		h.Read()
		r, p := answer(t, h, owner, arrived(t, h, "rotto"))
		h.Deliver(r.Delivery, time.Hour)
		if p.Public || state(t, h, p.ID) != growth.PromiseOpen {
			t.Fatalf("%+v", p)
		}
		h.Clock.Advance(14 * 24 * time.Hour)
		if err := h.Growth.BreakPast(ctx); err != nil {
			t.Fatal(err)
		}
		if err := h.Growth.Keep(ctx, owner, p.ID, ""); err != nil {
			t.Fatal(err)
		}
		if state(t, h, p.ID) != growth.PromiseLate || told(t, h, p.Handle) != nil {
			t.Fatalf("%s, %v", state(t, h, p.ID), told(t, h, p.Handle))
		}
	})
}

// What cannot be promised is said field by field, and the answer does not go out either.
func TestAPromiseThatCannotBe(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *housetest.House) {
		ctx, owner := t.Context(), h.Actor(team.Owner)
		i := say(t, h, "ada@one.example", "Il piatto è arrivato rotto")
		gone := h.Add(t, team.Editor, "anna@example.it")
		if err := h.Team.Leave(ctx, owner, team.LeaveIn{Member: gone.ID}); err != nil {
			t.Fatal(err)
		}
		ok := growth.PromiseIn{Text: "Domani.", DueAt: friday}
		with := func(f func(*growth.PromiseIn)) []growth.PromiseIn {
			p := ok
			f(&p)
			return []growth.PromiseIn{ok, p}
		}
		for want, ps := range map[string][]growth.PromiseIn{
			"growth.promise.text":  with(func(p *growth.PromiseIn) { p.Text = " \n" }),
			"growth.promise.due":   with(func(p *growth.PromiseIn) { p.DueAt = time.Time{} }),
			"growth.promise.past":  with(func(p *growth.PromiseIn) { p.DueAt = h.Clock.Now().AddDate(0, 0, -1) }),
			"growth.promise.far":   with(func(p *growth.PromiseIn) { p.DueAt = h.Clock.Now().AddDate(3, 0, 0) }),
			"growth.promise.owner": with(func(p *growth.PromiseIn) { p.Owner = gone.ID }),
			"growth.promise.case":  with(func(p *growth.PromiseIn) { p.Case = "cas_01JZZZZZZZZZZZZZZZZZZZZZZZ" }),
			"growth.promise.many":  slices.Repeat([]growth.PromiseIn{ok}, 11),
		} {
			_, err := h.Growth.Answer(ctx, owner, growth.AnswerIn{ReplyIn: inbox.ReplyIn{Conversation: i.Conversation, Text: "Eccoci."}, Promises: ps})
			if fault.KindOf(err) != fault.Invalid || key(err) != want {
				t.Errorf("%s: %v", want, err)
			}
		}
		if th := must[inbox.Thread](t)(h.Inbox.Open(ctx, owner, i.Conversation)); len(th.Replies) != 0 || len(promises(t, h)) != 0 {
			t.Fatalf("%d replies, %d promises are left", len(th.Replies), len(promises(t, h)))
		}
		// Today is not past, however late in it.
		h.Clock.Set(time.Date(2026, 3, 2, 22, 50, 0, 0, time.UTC))
		if _, err := h.Growth.Answer(ctx, owner, growth.AnswerIn{
			ReplyIn: inbox.ReplyIn{Conversation: i.Conversation, Text: "Eccoci."}, Promises: []growth.PromiseIn{{Text: "Oggi.", DueAt: time.Date(2026, 3, 2, 0, 0, 0, 0, rome)}},
		}); err != nil {
			t.Fatal(err)
		}
	})
}

var rome = func() *time.Location {
	l, err := time.LoadLocation("Europe/Rome")
	if err != nil {
		panic(err)
	}
	return l
}()

// The list comes in parts: what is to be done by its day, then what is settled, newest first. Each promise comes once.
func TestTheListOfPromises(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *housetest.House) {
		ctx, owner := t.Context(), h.Actor(team.Owner)
		i := say(t, h, "ada@one.example", "Il piatto è arrivato rotto")
		var in []growth.PromiseIn
		for d := 9; d >= 0; d-- {
			p := growth.PromiseIn{Text: fmt.Sprintf("Promessa %d", d), DueAt: friday.AddDate(0, 0, d/2)}
			if d%3 == 0 {
				p.Owner = h.Members[team.Contributor].ID
			}
			in = append(in, p)
		}
		r := must[inbox.Reply](t)(h.Growth.Answer(ctx, owner, growth.AnswerIn{ReplyIn: inbox.ReplyIn{Conversation: i.Conversation, Text: "Tutto."}, Promises: in}))
		h.Deliver(r.Delivery, time.Hour)
		for _, p := range promises(t, h)[:4] {
			h.Clock.Advance(time.Minute)
			if err := h.Growth.Keep(ctx, owner, p.ID, ""); err != nil {
				t.Fatal(err)
			}
		}
		want := promises(t, h)
		if len(want) != 10 {
			t.Fatalf("%d", len(want))
		}
		for n := 1; n < len(want); n++ {
			a, b := want[n-1], want[n]
			if a.State.Settled() && !b.State.Settled() || !a.State.Settled() && !b.State.Settled() && a.DueAt.After(b.DueAt) ||
				a.State.Settled() && b.State.Settled() && a.SettledAt.Before(b.SettledAt) {
				t.Errorf("%d: %+v\n%+v", n, a, b)
			}
		}
		for limit := 1; limit <= 11; limit++ {
			var got []growth.Promise
			for cursor, first := "", true; first || cursor != ""; first = false {
				p := must[growth.PromisePage](t)(h.Growth.Promises(ctx, owner, growth.PromiseFilter{States: growth.PromiseStates, Cursor: cursor, Limit: limit}))
				if len(p.Promises) > limit || p.Counts[growth.PromiseOpen] != 6 || p.Counts[growth.PromiseKept] != 4 {
					t.Fatalf("%+v", p)
				}
				got, cursor = append(got, p.Promises...), p.Next
			}
			if diff := cmp.Diff(want, got, cmp.AllowUnexported(growth.Promise{})); diff != "" {
				t.Fatalf("limit %d: %s", limit, diff)
			}
		}
		for _, bad := range []string{"x", "todo", "todo.x", "other.", "settled.AAAA"} {
			if _, err := h.Growth.Promises(ctx, owner, growth.PromiseFilter{Cursor: bad, States: growth.PromiseStates}); fault.KindOf(err) != fault.Invalid {
				t.Errorf("cursor %q: %v", bad, err)
			}
		}
		if _, err := h.Growth.Promises(ctx, owner, growth.PromiseFilter{States: []growth.PromiseState{"lost"}}); key(err) != "growth.promise.state" {
			t.Errorf("%v", err)
		}
		// A contributor sees their own, and settles them.
		contributor := h.Actor(team.Contributor)
		mine := must[growth.PromisePage](t)(h.Growth.Promises(ctx, contributor, growth.PromiseFilter{States: growth.PromiseStates, Owner: owner.Member}))
		if len(mine.Promises) != 4 || mine.Counts[growth.PromiseOpen]+mine.Counts[growth.PromiseKept] != 4 {
			t.Fatalf("%+v", mine)
		}
		for _, p := range want {
			err := h.Growth.Break(ctx, contributor, p.ID, "")
			switch {
			case p.Owner != contributor.Member:
				if fault.KindOf(err) != fault.NotFound {
					t.Errorf("another's promise: %v", err)
				}
			case p.State == growth.PromiseOpen && err != nil:
				t.Errorf("their own: %v", err)
			}
		}
	})
}

// Who leaves hands on what is still to be kept.
func TestPromisesOfWhoLeaves(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *housetest.House) {
		ctx, owner := t.Context(), h.Actor(team.Owner)
		i := say(t, h, "ada@one.example", "Il piatto è arrivato rotto")
		r := must[inbox.Reply](t)(h.Growth.Answer(ctx, owner, growth.AnswerIn{ReplyIn: inbox.ReplyIn{Conversation: i.Conversation, Text: "Tutto."}, Promises: []growth.PromiseIn{
			{Text: "Una.", DueAt: friday, Owner: h.Members[team.Editor].ID}, {Text: "Due.", DueAt: friday, Owner: h.Members[team.Editor].ID},
		}}))
		h.Deliver(r.Delivery, time.Hour)
		if err := h.Growth.Keep(ctx, owner, promises(t, h)[0].ID, ""); err != nil {
			t.Fatal(err)
		}
		if err := h.Team.Leave(ctx, owner, team.LeaveIn{Member: h.Members[team.Editor].ID, Heir: h.Members[team.Marketing].ID}); err != nil {
			t.Fatal(err)
		}
		ps := promises(t, h)
		if ps[0].Owner != h.Members[team.Marketing].ID || ps[1].Owner != h.Members[team.Editor].ID || ps[1].State != growth.PromiseKept {
			t.Fatalf("%+v", ps)
		}
		if err := h.Growth.HandPromise(ctx, owner, ps[0].ID, h.Members[team.Editor].ID); key(err) != "growth.promise.owner" {
			t.Fatalf("handed to who left: %v", err)
		}
		if err := h.Growth.HandPromise(ctx, owner, ps[0].ID, h.Members[team.Contributor].ID); err != nil {
			t.Fatal(err)
		}
		if err := h.Team.Leave(ctx, owner, team.LeaveIn{Member: h.Members[team.Contributor].ID}); err != nil {
			t.Fatal(err)
		}
		if p := promises(t, h)[0]; p.Owner != "" {
			t.Fatalf("%+v", p)
		}
	})
}

// Of two members who settle a promise at the same moment one is told that it is settled, and the record says one thing.
func TestTwoSettleAtOnce(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *housetest.House) {
		ctx, owner := t.Context(), h.Actor(team.Owner)
		r, p := answer(t, h, owner, say(t, h, "ada@one.example", "Il piatto è arrivato rotto"))
		h.Deliver(r.Delivery, time.Hour)
		errs := atOnce(8, func(n int) error {
			if n%2 == 0 {
				return h.Growth.Keep(ctx, owner, p.ID, "")
			}
			return h.Growth.HandPromise(ctx, h.Actor(team.Community), p.ID, h.Members[team.Editor].ID)
		})
		kept := 0
		for n, err := range errs {
			if err == nil && n%2 == 0 {
				kept++
			}
			if err != nil && key(err) != "growth.promise.settled" {
				t.Errorf("%v", err)
			}
		}
		if diff := cmp.Diff([]record.Kind{record.Promised, record.Kept}, told(t, h, p.Handle)); diff != "" || kept != 1 {
			t.Fatalf("%d kept it: %s", kept, diff)
		}
	})
}

// atOnce does something several times at the same moment.
func atOnce(times int, f func(n int) error) []error {
	errs := make([]error, times)
	start, done := make(chan struct{}), make(chan struct{})
	for n := range times {
		go func() {
			<-start
			errs[n] = f(n)
			done <- struct{}{}
		}()
	}
	close(start)
	for range times {
		<-done
	}
	return errs
}
