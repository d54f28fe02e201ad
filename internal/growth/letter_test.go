package growth_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ponte-desk/ponte/internal/delivery"
	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/growth"
	"github.com/ponte-desk/ponte/internal/housetest"
	"github.com/ponte-desk/ponte/internal/inbox"
	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/networktest"
	"github.com/ponte-desk/ponte/internal/record"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/team"
	"github.com/ponte-desk/ponte/internal/text"
)

// links finds the personal link in a letter that went out.
var links = regexp.MustCompile(`/c/([A-Za-z0-9_-]{22})\b`)

// to gives the letter to somebody.
func to(t testing.TB, f growth.File, handle string) growth.Letter {
	t.Helper()
	for _, l := range f.Letters {
		if l.To.Handle == handle {
			return l
		}
	}
	t.Fatalf("no letter to %s", handle)
	return growth.Letter{}
}

// post sends a letter and brings it out; it gives the message as it stands and the token in it.
func post(t testing.TB, h *housetest.House, as team.Actor, c growth.CaseID, l growth.LetterID) (delivery.Delivery, string) {
	t.Helper()
	if err := h.Growth.SendLetter(t.Context(), as, l, growth.Said{}); err != nil {
		t.Fatal(err)
	}
	for _, x := range whole(t, h, c).Letters {
		if x.ID == l {
			r := must[inbox.Reply](t)(h.Inbox.GetReply(t.Context(), h.Actor(team.Owner), x.Reply))
			d := h.Deliver(r.Delivery, time.Hour)
			m := links.FindStringSubmatch(d.Message.Text)
			if d.State != delivery.Sent || m == nil {
				t.Fatalf("%s: %s", d.State, d.Message.Text)
			}
			return d, m[1]
		}
	}
	t.Fatal("the letter is gone")
	return delivery.Delivery{}, ""
}

func TestEachWhoRaisedACaseGetsOneLetter(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *housetest.House) {
		ctx, owner := t.Context(), h.Actor(team.Owner)
		c := opened(t, h, "ada@one.example", "bruno@two.example", "ada@one.example", "carla@one.example")
		must[string](t)(h.Stranger("dario@one.example").Message(ctx, "In privato: il piatto era rotto"))
		h.Read()
		private := arrived(t, h, "In privato")
		if err := h.Growth.Join(ctx, owner, c.ID, []inbox.InteractionID{private.ID}); err != nil {
			t.Fatal(err)
		}
		// Who took it back is left in peace.
		carla := arrived(t, h, "numero 3")
		if err := h.Stranger("carla@one.example").Delete(ctx, carla.RemoteID); err != nil {
			t.Fatal(err)
		}
		h.Refresh(carla.RemoteID)
		f := changed(t, h, c)
		var who []string
		for _, l := range f.Letters {
			who = append(who, l.To.Handle)
			if l.State != growth.LetterDraft || !strings.Contains(l.Text, did.IT+". ") || !strings.Contains(l.Text, housetest.BaseURL+"/c/") || l.Reply != "" || !l.SentAt.IsZero() {
				t.Errorf("%+v", l)
			}
		}
		if diff := cmp.Diff([]string{"bruno@two.example", "ada@one.example", "dario@one.example"}, who); diff != "" {
			t.Fatal(diff)
		}
		if l := to(t, f, "ada@one.example"); l.Criticism != f.Voices[2].ID || l.Conversation != f.Voices[2].Conversation {
			t.Errorf("the letter does not answer what she wrote last: %+v", l)
		}
		// Who complains after the change is not told that it was changed; who complained before and is found only later is.
		joins(t, h, f.Case.ID, "elio@one.example", "Piatto rotto il giorno stesso")
		h.Clock.Advance(48 * time.Hour)
		joins(t, h, f.Case.ID, "fabio@one.example", "Piatto rotto due giorni dopo")
		if err := h.Growth.Publish(ctx, owner, f.Improvement.ID); err != nil {
			t.Fatal(err)
		}
		f = whole(t, h, c.ID)
		if len(f.Letters) != 4 {
			t.Fatalf("%d letters", len(f.Letters))
		}
		to(t, f, "elio@one.example")
		// Where they wrote: in public what was public, in private what was private.
		d, _ := post(t, h, owner, c.ID, to(t, f, "dario@one.example").ID)
		if d.Message.Visibility != network.Direct || d.Message.ReplyTo != private.RemoteID {
			t.Errorf("%+v", d.Message)
		}
		d, _ = post(t, h, owner, c.ID, to(t, f, "ada@one.example").ID)
		if d.Message.Visibility != network.Public || d.Message.ReplyTo != arrived(t, h, "numero 2").RemoteID || !strings.HasPrefix(d.Message.Text, "Ciao ada, il 4 marzo 2026") {
			t.Errorf("%+v", d.Message)
		}
	})
}

// A letter is written in the reader's language and fits the network.
func TestLettersFitWhoReadsThem(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *housetest.House) {
		ctx, owner := t.Context(), h.Actor(team.Owner)
		open := func(who, what string, done growth.Words) growth.Letter {
			c := must[growth.Case](t)(h.Growth.Open(ctx, owner, growth.OpenIn{Title: "Piatti", Interactions: []inbox.InteractionID{say(t, h, who, what).ID}}))
			if err := h.Growth.Advance(ctx, owner, c.ID, growth.AdvanceIn{To: growth.CaseChanged, Did: done}); err != nil {
				t.Fatal(err)
			}
			return whole(t, h, c.ID).Letters[0]
		}
		if l := open("sue@one.example", "The plate was broken, in english: rotto", did); !strings.HasPrefix(l.Text, "Hello sue, on 2 March 2026 ") || !strings.Contains(l.Text, did.EN) || strings.Contains(l.Text, did.IT) {
			t.Errorf("%s", l.Text)
		}
		if l := open("tim@one.example", "Broken too, in english: rotto", growth.Words{IT: did.IT}); strings.Contains(l.Text, did.IT) || !strings.Contains(l.Text, "we have changed something") {
			t.Errorf("%s", l.Text)
		}
		limit := h.Channel.Limits.Characters
		for n := 50; n < limit+100; n += 50 {
			said := strings.TrimSpace(strings.Repeat("abbiamo ", n/8))
			l := open("leo@one.example", "Anche il mio è rotto", growth.Words{IT: said})
			if size := text.Graphemes(l.Text); size > limit {
				t.Errorf("%d of %d characters", size, limit)
			}
			if full := strings.Contains(l.Text, said+"."); full != (n < limit-150) && n < limit-200 {
				t.Errorf("%d characters of what was done: %s", n, l.Text)
			}
		}
	})
}

func TestALetterIsChangedSkippedAndSentOnce(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *housetest.House) {
		ctx, owner := t.Context(), h.Actor(team.Owner)
		f := three(t, h)
		l := to(t, f, "ada@one.example")
		link := strings.TrimSpace(l.Text[strings.Index(l.Text, housetest.BaseURL):])
		if err := h.Growth.ChangeLetter(ctx, owner, l.ID, "Grazie, abbiamo rimediato."); key(err) != "growth.letter.link" {
			t.Fatalf("without its link: %v", err)
		}
		if err := h.Growth.ChangeLetter(ctx, owner, l.ID, strings.Repeat("a", 5000)+link); key(err) != "growth.words.long" {
			t.Fatalf("too long: %v", err)
		}
		if err := h.Growth.ChangeLetter(ctx, owner, l.ID, "  Grazie, abbiamo rimediato.\r\nGuarda: "+link+"\n"); err != nil {
			t.Fatal(err)
		}
		if got := to(t, whole(t, h, f.Case.ID), "ada@one.example").Text; got != "Grazie, abbiamo rimediato.\nGuarda: "+link {
			t.Fatalf("%q", got)
		}
		d, token := post(t, h, owner, f.Case.ID, l.ID)
		if d.Message.Text != "Grazie, abbiamo rimediato.\nGuarda: "+housetest.BaseURL+"/c/"+token {
			t.Fatalf("%q", d.Message.Text)
		}
		got := to(t, whole(t, h, f.Case.ID), "ada@one.example")
		if got.State != growth.LetterSent || got.SentBy != owner.Member || got.SentAt.IsZero() || strings.Contains(got.Text, token) {
			t.Fatalf("%+v", got)
		}
		b := to(t, f, "bruno@two.example").ID
		if err := h.Growth.SkipLetter(ctx, owner, b); err != nil {
			t.Fatal(err)
		}
		for name, err := range map[string]error{
			"send": h.Growth.SendLetter(ctx, owner, l.ID, growth.Said{}), "change": h.Growth.ChangeLetter(ctx, owner, l.ID, link), "skip": h.Growth.SkipLetter(ctx, owner, l.ID),
			"send a skipped one": h.Growth.SendLetter(ctx, owner, b, growth.Said{}),
		} {
			if key(err) != "growth.letter.settled" {
				t.Errorf("%s: %v", name, err)
			}
		}
		// Pressed at the same moment, it goes out once.
		c := to(t, f, "carla@one.example").ID
		sent := 0
		for _, err := range atOnce(6, func(int) error { return h.Growth.SendLetter(ctx, owner, c, growth.Said{}) }) {
			if err == nil {
				sent++
			} else if k := key(err); k != "growth.letter.settled" {
				t.Errorf("%v", err)
			}
		}
		th := must[inbox.Thread](t)(h.Inbox.Open(ctx, owner, to(t, f, "carla@one.example").Conversation))
		if sent != 1 || len(th.Replies) != 1 {
			t.Fatalf("sent %d times, %d replies", sent, len(th.Replies))
		}
	})
}

// A letter whose reply was sent back is a draft again; the rules of the inbox hold.
func TestALetterFollowsTheRulesOfTheInbox(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *housetest.House) {
		ctx, owner, editor := t.Context(), h.Actor(team.Owner), h.Actor(team.Editor)
		f := three(t, h)
		l := to(t, f, "ada@one.example")
		if err := h.Growth.SendLetter(ctx, editor, l.ID, growth.Said{}); err != nil {
			t.Fatal(err)
		}
		got := to(t, whole(t, h, f.Case.ID), "ada@one.example")
		r := must[inbox.Reply](t)(h.Inbox.GetReply(ctx, owner, got.Reply))
		if r.State != inbox.ReplyPending || r.Member != editor.Member {
			t.Fatalf("%+v", r)
		}
		if err := h.Inbox.Reject(ctx, owner, r.ID, "Non così."); err != nil {
			t.Fatal(err)
		}
		if got := to(t, whole(t, h, f.Case.ID), "ada@one.example"); got.State != growth.LetterDraft || got.Reply != "" || !got.SentAt.IsZero() {
			t.Fatalf("%+v", got)
		}
		_, token := post(t, h, owner, f.Case.ID, l.ID)
		must[growth.Asked](t)(h.Growth.ReadAsked(ctx, token))
		// One that the network refuses stays sent: the reply is in trouble, where everybody sees it, and is tried again there.
		b := to(t, f, "bruno@two.example")
		h.Fake.Inject(networktest.Fault{Call: networktest.CallPublish, Way: networktest.Refuse})
		if err := h.Growth.SendLetter(ctx, owner, b.ID, growth.Said{}); err != nil {
			t.Fatal(err)
		}
		b = to(t, whole(t, h, f.Case.ID), "bruno@two.example")
		if d := h.Deliver(must[inbox.Reply](t)(h.Inbox.GetReply(ctx, owner, b.Reply)).Delivery, time.Hour); d.State != delivery.Failed || b.State != growth.LetterSent {
			t.Fatalf("%s, %s", d.State, b.State)
		}
		if err := h.Inbox.Withdraw(ctx, owner, b.Reply); err != nil {
			t.Fatal(err)
		}
		if b = to(t, whole(t, h, f.Case.ID), "bruno@two.example"); b.State != growth.LetterDraft {
			t.Fatalf("%+v", b)
		}
		// A settled conversation stays settled.
		c := to(t, f, "carla@one.example")
		if err := h.Inbox.Finish(ctx, owner, c.Conversation); err != nil {
			t.Fatal(err)
		}
		post(t, h, owner, f.Case.ID, c.ID)
		if th := must[inbox.Thread](t)(h.Inbox.Open(ctx, owner, c.Conversation)); th.Conversation.State != inbox.Done {
			t.Fatalf("%s", th.Conversation.State)
		}
	})
}

func TestAPersonSaysWhetherItIsBetter(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *housetest.House) {
		ctx, owner := t.Context(), h.Actor(team.Owner)
		f := three(t, h)
		_, token := post(t, h, owner, f.Case.ID, to(t, f, "ada@one.example").ID)
		a := must[growth.Asked](t)(h.Growth.ReadAsked(ctx, token))
		if !a.Public || !to(t, f, "ada@one.example").Public || a.Improvement != nil || a.Case.Shown != (growth.Words{IT: f.Case.Title}) || a.Case.Title != "" || a.Case.Owner != "" || a.Case.OpenedBy != "" || a.Case.Cause != "" || !a.AnsweredAt.IsZero() || a.Company.ID != h.Company.ID {
			t.Fatalf("%+v", a)
		}
		if err := h.Growth.Publish(ctx, owner, f.Improvement.ID); err != nil {
			t.Fatal(err)
		}
		if a = must[growth.Asked](t)(h.Growth.ReadAsked(ctx, token)); a.Improvement == nil || a.Improvement.Number != 1 {
			t.Fatalf("%+v", a)
		}
		before := len(leaves(t, h))
		if err := h.Growth.AnswerAsked(ctx, token, true, strings.Repeat("a", 501)); key(err) != "growth.words.long" {
			t.Errorf("%v", err)
		}
		// The link stands in public: of many who answer at the same moment one is heard, and nobody after.
		won := 0
		for _, err := range atOnce(6, func(n int) error { return h.Growth.AnswerAsked(ctx, token, true, " Tutto bene \x00, grazie ") }) {
			switch {
			case err == nil:
				won++
			case key(err) != "growth.letter.once" || fault.KindOf(err) != fault.Conflict:
				t.Error(err)
			}
		}
		if err := h.Growth.AnswerAsked(ctx, token, false, "No!"); key(err) != "growth.letter.once" || won != 1 {
			t.Fatalf("%d were heard, then %v", won, err)
		}
		if i := must[growth.Improvement](t)(h.Growth.Entry(ctx, h.Company.ID, 1, true)); i.Better != 1 || i.NotBetter != 0 {
			t.Errorf("%d better, %d not", i.Better, i.NotBetter)
		}
		l := to(t, whole(t, h, f.Case.ID), "ada@one.example")
		if l.State != growth.LetterAnswered || !l.Better || l.Words != "Tutto bene , grazie" || !l.AnsweredAt.Equal(h.Clock.Now()) {
			t.Fatalf("%+v", l)
		}
		v := whole(t, h, f.Case.ID).Voices[0]
		if !v.Better || v.ConfirmedAt.IsZero() {
			t.Fatalf("%+v", v.Criticism)
		}
		var said []record.Outcome
		for _, leaf := range leaves(t, h)[before:] {
			if leaf.Kind != record.Confirmed || leaf.Subject != v.Handle {
				t.Fatalf("%+v", leaf)
			}
			said = append(said, leaf.Outcome)
		}
		if diff := cmp.Diff([]record.Outcome{record.Worked}, said); diff != "" {
			t.Fatal(diff)
		}
		if fig := must[growth.Public](t)(h.Growth.Page(ctx, h.Company.ID, "", 0, true)).Figures; fig.Confirmed != 1 || fig.NotConfirmed != 0 {
			t.Fatalf("%+v", fig)
		}
		// Links that are none, and one that is spent.
		h.Clock.Advance(366 * 24 * time.Hour)
		for name, bad := range map[string]string{"spent": token, "unknown": strings.Repeat("a", 22), "short": "x", "the stand-in": "personale-personal-url", "long": strings.Repeat("a", 10_000), "empty": ""} {
			if _, err := h.Growth.ReadAsked(ctx, bad); fault.KindOf(err) != fault.NotFound {
				t.Errorf("%s: %v", name, err)
			}
			if err := h.Growth.AnswerAsked(ctx, bad, true, ""); fault.KindOf(err) != fault.NotFound {
				t.Errorf("%s: %v", name, err)
			}
		}
	})
}

// A letter that promises something says what becomes of it, as an answer does; the promise is kept with the reply that it becomes.
func TestALetterThatPromisesIsAsked(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *housetest.House) {
		ctx, owner := t.Context(), h.Actor(team.Owner)
		f := three(t, h)
		l := to(t, f, "ada@one.example")
		const one, two = "Ti mandiamo un piatto nuovo entro venerdì.", "Ti richiamiamo domani."
		if err := h.Growth.ChangeLetter(ctx, owner, l.ID, one+" "+two+" "+l.Text); err != nil {
			t.Fatal(err)
		}
		for name, of := range map[string]growth.Said{"nothing": {}, "half": {Promises: []growth.PromiseIn{{Text: one, DueAt: friday}}}, "another": {Promises: []growth.PromiseIn{{Text: "Altro.", DueAt: friday}}}} {
			if err := h.Growth.SendLetter(ctx, owner, l.ID, of); key(err) != growth.ErrAsked.Key {
				t.Errorf("%s is said of it: %v", name, err)
			}
		}
		if err := h.Growth.SendLetter(ctx, owner, l.ID, growth.Said{Promises: []growth.PromiseIn{{Text: one}}}); key(err) != "growth.promise.due" {
			t.Errorf("%v", err)
		}
		if got := to(t, whole(t, h, f.Case.ID), "ada@one.example"); got.State != growth.LetterDraft || len(promises(t, h)) != 0 {
			t.Fatalf("%+v", got)
		}
		if err := h.Growth.SendLetter(ctx, owner, l.ID, growth.Said{Promises: []growth.PromiseIn{{Text: one, DueAt: friday, Owner: h.Members[team.Editor].ID}, {Text: two, DueAt: h.Clock.Now().Add(24 * time.Hour)}}}); err != nil {
			t.Fatal(err)
		}
		got := to(t, whole(t, h, f.Case.ID), "ada@one.example")
		ps := promises(t, h)
		if len(ps) != 2 || ps[0].Reply != got.Reply || ps[0].State != growth.PromiseWritten {
			t.Fatalf("%+v", ps)
		}
		h.Deliver(must[inbox.Reply](t)(h.Inbox.GetReply(ctx, owner, got.Reply)).Delivery, time.Hour)
		if s := state(t, h, ps[0].ID); s != growth.PromiseOpen {
			t.Errorf("%s", s)
		}
		// What promises nothing is asked nothing.
		if err := h.Growth.SendLetter(ctx, owner, to(t, f, "bruno@two.example").ID, growth.Said{}); err != nil {
			t.Error(err)
		}
	})
}

// Who answers at the same moment from two windows has said one thing; what is private stays out of the record.
func TestAnswersAtOnceAndInPrivate(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *housetest.House) {
		ctx, owner := t.Context(), h.Actor(team.Owner)
		must[string](t)(h.Stranger("dario@one.example").Message(ctx, "In privato: il piatto era rotto"))
		h.Read()
		f := changed(t, h, must[growth.Case](t)(h.Growth.Open(ctx, owner, growth.OpenIn{Title: "Piatti", Interactions: []inbox.InteractionID{arrived(t, h, "In privato").ID}})))
		_, token := post(t, h, owner, f.Case.ID, f.Letters[0].ID)
		before := len(leaves(t, h))
		if a := must[growth.Asked](t)(h.Growth.ReadAsked(ctx, token)); a.Public || f.Letters[0].Public {
			t.Errorf("%+v", a)
		}
		for _, err := range atOnce(2, func(int) error { return h.Growth.AnswerAsked(ctx, token, true, "") }) {
			if err != nil {
				t.Error(err)
			}
		}
		g := whole(t, h, f.Case.ID)
		if len(leaves(t, h)) != before || g.Letters[0].State != growth.LetterAnswered || g.Improvement.Better != 1 {
			t.Fatalf("%+v, %+v", g.Letters[0], g.Improvement)
		}
		// Only they have the link: they may change their mind, five times in an hour; the sixth waits.
		for n, better := range []bool{false, true, false} {
			if err := h.Growth.AnswerAsked(ctx, token, better, fmt.Sprint(n)); err != nil {
				t.Fatal(err)
			}
			g = whole(t, h, f.Case.ID)
			if want := map[bool][2]int{true: {1, 0}, false: {0, 1}}[better]; g.Improvement.Better != want[0] || g.Improvement.NotBetter != want[1] || g.Letters[0].Words != fmt.Sprint(n) {
				t.Errorf("%d: %+v", n, g.Improvement)
			}
		}
		err := h.Growth.AnswerAsked(ctx, token, true, "")
		if fault.KindOf(err) != fault.Limited || fault.Of(err).RetryAfter != time.Hour {
			t.Fatalf("%v after %s", err, fault.Of(err).RetryAfter)
		}
		h.Clock.Advance(time.Hour)
		if err := h.Growth.AnswerAsked(ctx, token, true, ""); err != nil {
			t.Fatal(err)
		}
	})
}

// Nothing in the database opens a link: there is its hash, and in the letter a mark in its place.
func TestTheTokenIsKeptNowhere(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *housetest.House) {
		f := three(t, h)
		_, token := post(t, h, h.Actor(team.Owner), f.Case.ID, f.Letters[0].ID)
		ctx := t.Context()
		for _, table := range must[[]store.Table](t)(h.Store.Tables(ctx)) {
			switch table.Name { // the letter as it went out, which everybody reads who was meant to
			case "reply", "delivery", "interaction":
				continue
			}
			if err := h.Store.Rows(ctx, table, func(row []any) error {
				for n, v := range row {
					if strings.Contains(fmt.Sprint(v), token) {
						t.Errorf("%s.%s holds it", table.Name, table.Columns[n].Name)
					}
				}
				return nil
			}); err != nil {
				t.Fatal(err)
			}
		}
	})
}
