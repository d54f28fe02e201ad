package inbox_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ponte-desk/ponte/internal/delivery"
	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/housetest"
	"github.com/ponte-desk/ponte/internal/inbox"
	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/networktest"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/storetest"
	"github.com/ponte-desk/ponte/internal/team"
)

// each runs a test in a house on both databases.
func each(t *testing.T, o housetest.Options, f func(t *testing.T, h *housetest.House)) {
	t.Helper()
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) { f(t, housetest.New(t, s, o)) })
}

func must[T any](t *testing.T) func(T, error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func list(t *testing.T, h *housetest.House, f inbox.Filter) inbox.List {
	t.Helper()
	l, err := h.Inbox.List(t.Context(), h.Actor(team.Community), f)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// one gives the only conversation of a view.
func one(t *testing.T, h *housetest.House, v inbox.View) inbox.Conversation {
	t.Helper()
	l := list(t, h, inbox.Filter{View: v})
	if len(l.Conversations) != 1 {
		t.Fatalf("%s holds %d conversations, want 1", v, len(l.Conversations))
	}
	return l.Conversations[0]
}

func open(t *testing.T, h *housetest.House, id inbox.ConversationID) inbox.Thread {
	t.Helper()
	th, err := h.Inbox.Open(t.Context(), h.Actor(team.Community), id)
	if err != nil {
		t.Fatal(err)
	}
	return th
}

func key(err error) string {
	if e := fault.Of(err); e != nil {
		if len(e.Fields) > 0 {
			return e.Fields[0].Key
		}
		return e.Key
	}
	return ""
}

func TestUnderAPostOfOursEachPersonIsAConversation(t *testing.T) {
	each(t, housetest.Options{}, func(t *testing.T, h *housetest.House) {
		ctx := t.Context()
		post := h.Post("Sabato apriamo il forno. Venite?")
		ada, bea := h.Stranger("ada@one.example"), h.Stranger("bea@two.example")
		fromAda := must[string](t)(ada.Reply(ctx, post, "A che ora?"))
		must[string](t)(bea.Reply(ctx, post, "Io vengo con mia madre"))
		must[string](t)(bea.Reply(ctx, fromAda, "Ada, alle dieci credo")) // a third party in Ada's thread
		if err := ada.Like(ctx, post); err != nil {
			t.Fatal(err)
		}
		h.Read()
		l := list(t, h, inbox.Filter{View: inbox.ViewTodo})
		if len(l.Conversations) != 2 {
			t.Fatalf("%d conversations, want 2", len(l.Conversations))
		}
		var adas inbox.Thread
		for _, c := range l.Conversations {
			if l.Identities[c.Identity].Handle == "ada@one.example" {
				adas = open(t, h, c.ID)
			}
		}
		if len(adas.Interactions) != 2 || adas.Interactions[0].Text != "A che ora?" {
			t.Fatalf("Ada's thread: %+v", adas.Interactions)
		}
		if adas.About == nil || !strings.HasPrefix(adas.About.Text, "Sabato") {
			t.Fatalf("the post it hangs on is missing: %+v", adas.About)
		}
		// Reading again, in any order, changes nothing.
		h.Read()
		if again := list(t, h, inbox.Filter{View: inbox.ViewAll}); len(again.Conversations) != 2 {
			t.Fatalf("%d conversations after reading twice", len(again.Conversations))
		}
	})
}

// Whatever order a thread arrives in, it ends as the same conversation.
func TestAThreadIsOneWhateverOrderItArrivesIn(t *testing.T) {
	at := func(min int) time.Time { return time.Date(2026, 3, 2, 8, min, 0, 0, time.UTC) }
	author := network.Author{RemoteID: "ada", Handle: "ada@one.example", Name: "Ada"}
	items := []network.Item{
		{RemoteID: "1", Kind: network.KindMention, Author: author, Text: "Ciao, spedite in Sardegna?", At: at(1), Version: "1"},
		{RemoteID: "2", Kind: network.KindReply, Mine: true, ParentID: "1", Text: "Certo, in quattro giorni.", At: at(2), Version: "1"},
		{RemoteID: "3", Kind: network.KindReply, Author: author, ParentID: "2", Text: "Grazie!", At: at(3), Version: "1"},
		{RemoteID: "4", Kind: network.KindReply, Author: author, ParentID: "3", Text: "E quanto costa?", At: at(4), Version: "1"},
	}
	orders := permutations(len(items))
	each(t, housetest.Options{}, func(t *testing.T, h *housetest.House) {
		for n, order := range orders {
			for i, k := range order {
				it := items[k]
				suffix := "-" + string(rune('a'+n))
				it.RemoteID += suffix
				if it.ParentID != "" {
					it.ParentID += suffix
				}
				if _, err := h.Networks.Ingest(t.Context(), h.Channel, network.Page{Items: []network.Item{it}, Cursor: "x"}); err != nil {
					t.Fatalf("order %v, step %d: %v", order, i, err)
				}
			}
		}
		l := list(t, h, inbox.Filter{View: inbox.ViewTodo, Limit: 100})
		if len(l.Conversations) != len(orders) {
			t.Fatalf("%d conversations, want one for each of %d orders", len(l.Conversations), len(orders))
		}
		for _, c := range l.Conversations {
			if c.Incoming != 3 || c.Outgoing != 1 || !c.WaitingSince.Equal(at(3)) || c.Preview != "E quanto costa?" || !c.LastOutAt.Equal(at(2)) {
				t.Fatalf("%+v", c)
			}
			if th := open(t, h, c.ID); len(th.Interactions) != 4 {
				t.Fatalf("%d interactions", len(th.Interactions))
			}
		}
	})
}

func permutations(n int) [][]int {
	if n == 0 {
		return [][]int{{}}
	}
	var out [][]int
	for _, p := range permutations(n - 1) {
		for i := range n {
			out = append(out, slices.Insert(slices.Clone(p), i, n-1))
		}
	}
	return out
}

func TestWhatIsOldArrivesAsPast(t *testing.T) {
	each(t, housetest.Options{}, func(t *testing.T, h *housetest.House) {
		old := network.Item{
			RemoteID: "old", Kind: network.KindMention, Author: network.Author{RemoteID: "ada", Handle: "ada@one.example"},
			Text: "due anni fa", At: h.Clock.Now().AddDate(-2, 0, 0), Version: "1",
		}
		if _, err := h.Networks.Ingest(t.Context(), h.Channel, network.Page{Items: []network.Item{old}, Cursor: "x"}); err != nil {
			t.Fatal(err)
		}
		if l := list(t, h, inbox.Filter{View: inbox.ViewTodo}); len(l.Conversations) != 0 {
			t.Fatal("a question of two years ago floods the inbox")
		}
		if c := one(t, h, inbox.ViewDone); c.Preview != "due anni fa" {
			t.Fatalf("%+v", c)
		}
		if l := list(t, h, inbox.Filter{View: inbox.ViewAll, Query: "anni"}); len(l.Conversations) != 1 {
			t.Fatal("the past is not found")
		}
	})
}

func TestAReplyGoesOutOnceAndMovesTheConversation(t *testing.T) {
	each(t, housetest.Options{Fake: networktest.FakeOptions{Address: true}}, func(t *testing.T, h *housetest.House) {
		ctx := t.Context()
		ada := h.Stranger("ada@one.example")
		must[string](t)(ada.Mention(ctx, "È la seconda volta che la tazza arriva scheggiata"))
		h.Clock.Advance(time.Minute)
		h.Read()
		c := one(t, h, inbox.ViewTodo)
		if want := c.WaitingSince.Add(24 * time.Hour); !c.DueAt.Equal(want) {
			t.Fatalf("due %v, want %v", c.DueAt, want)
		}
		actor := h.Actor(team.Community)
		if err := h.Inbox.SaveDraft(ctx, actor, c.ID, inbox.Draft{Text: "Ciao Ada, hai rag"}); err != nil {
			t.Fatal(err)
		}
		r, err := h.Inbox.Reply(ctx, actor, inbox.ReplyIn{Conversation: c.ID, Text: "Ciao Ada, hai ragione: ne parte una nuova domani.", Seen: c.Revision})
		if err != nil {
			t.Fatal(err)
		}
		if r.State != inbox.ReplySending || r.Delivery == "" {
			t.Fatalf("%+v", r)
		}
		if got := open(t, h, c.ID); got.Conversation.State != inbox.Waiting || !got.Conversation.DueAt.IsZero() || got.Draft.Text != "" || len(got.Replies) != 1 {
			t.Fatalf("while it is on its way: %+v", got)
		}
		d := h.Deliver(r.Delivery, time.Minute)
		if d.State != delivery.Sent {
			t.Fatalf("delivery %s: %+v", d.State, d.Trouble)
		}
		th := open(t, h, c.ID)
		last := th.Interactions[len(th.Interactions)-1]
		if len(th.Interactions) != 2 || !last.Mine || last.Member != actor.Member || len(th.Replies) != 0 {
			t.Fatalf("%+v", th.Interactions)
		}
		if !strings.HasPrefix(last.Text, "@ada@one.example ") {
			t.Fatalf("the person is not named: %q", last.Text)
		}
		// The channel brings our own answer back: it is the same one.
		h.Clock.Advance(time.Minute)
		h.Read()
		th = open(t, h, c.ID)
		if len(th.Interactions) != 2 || th.Conversation.Outgoing != 1 || th.Conversation.State != inbox.Waiting {
			t.Fatalf("after reading back: %d interactions, %+v", len(th.Interactions), th.Conversation)
		}
		if n := len(h.Fake.Standing(housetest.Handle)); n != 1 {
			t.Fatalf("it stands %d times", n)
		}
		// They answer: it is our turn again.
		h.Clock.Advance(time.Minute)
		must[string](t)(ada.Reply(ctx, d.Receipt.RemoteID, "Grazie, gentilissimi"))
		h.Read()
		if c := one(t, h, inbox.ViewTodo); c.Incoming != 2 || c.State != inbox.Open {
			t.Fatalf("%+v", c)
		}
	})
}

func TestOurAnswerReadBackBeforeItIsSettledIsOne(t *testing.T) {
	each(t, housetest.Options{}, func(t *testing.T, h *housetest.House) {
		ctx := t.Context()
		must[string](t)(h.Stranger("ada@one.example").Mention(ctx, "Ci siete domenica?"))
		h.Read()
		c := one(t, h, inbox.ViewTodo)
		h.Fake.Inject(networktest.Fault{Call: networktest.CallPublish, Way: networktest.AcceptThenTimeout})
		r, err := h.Inbox.Reply(ctx, h.Actor(team.Community), inbox.ReplyIn{Conversation: c.ID, Text: "Sì, dalle dieci."})
		if err != nil {
			t.Fatal(err)
		}
		if d := h.Deliver(r.Delivery, 0); d.State != delivery.Unconfirmed {
			t.Fatalf("%s", d.State)
		}
		if l := list(t, h, inbox.Filter{View: inbox.ViewTrouble}); len(l.Conversations) != 1 {
			t.Fatal("nobody sees that the outcome is unknown")
		}
		h.Clock.Advance(time.Minute)
		h.Read() // brings our own answer before the delivery is settled
		if d := h.Deliver(r.Delivery, time.Hour); d.State != delivery.Sent {
			t.Fatalf("%s %+v", d.State, d.Trouble)
		}
		th := open(t, h, c.ID)
		if len(th.Interactions) != 2 || th.Conversation.Outgoing != 1 || th.Conversation.Trouble || len(th.Replies) != 0 {
			t.Fatalf("%+v", th)
		}
		if th.Interactions[1].Member != h.Actor(team.Community).Member {
			t.Fatal("who wrote it is lost")
		}
		if n := len(h.Fake.Standing(housetest.Handle)); n != 1 {
			t.Fatalf("it stands %d times", n)
		}
	})
}

func TestAFailedReplyComesBackToThoseWhoWait(t *testing.T) {
	each(t, housetest.Options{}, func(t *testing.T, h *housetest.House) {
		ctx := t.Context()
		must[string](t)(h.Stranger("ada@one.example").Mention(ctx, "Rispondete al telefono?"))
		h.Read()
		c := one(t, h, inbox.ViewTodo)
		h.Fake.Inject(networktest.Fault{Call: networktest.CallPublish, Way: networktest.Refuse})
		actor := h.Actor(team.Community)
		r, err := h.Inbox.Reply(ctx, actor, inbox.ReplyIn{Conversation: c.ID, Text: "Dalle nove alle sei."})
		if err != nil {
			t.Fatal(err)
		}
		if d := h.Deliver(r.Delivery, time.Hour); d.State != delivery.Failed || d.Trouble == nil || d.Trouble.Key != network.ProblemRefused {
			t.Fatalf("%+v", d)
		}
		now := one(t, h, inbox.ViewTodo)
		if !now.Trouble || !now.WaitingSince.Equal(c.WaitingSince) || !now.DueAt.Equal(c.DueAt) {
			t.Fatalf("%+v", now)
		}
		if err := h.Inbox.Retry(ctx, actor, r.ID); err != nil {
			t.Fatal(err)
		}
		if d := h.Deliver(r.Delivery, time.Hour); d.State != delivery.Sent {
			t.Fatalf("%+v", d)
		}
		if th := open(t, h, c.ID); th.Conversation.Trouble || len(th.Interactions) != 2 {
			t.Fatalf("%+v", th.Conversation)
		}
	})
}

func TestAPrivateMessageIsAnsweredInPrivate(t *testing.T) {
	each(t, housetest.Options{}, func(t *testing.T, h *housetest.House) {
		ctx := t.Context()
		must[string](t)(h.Stranger("ada@one.example").Message(ctx, "Il mio ordine è il 4711"))
		h.Read()
		c := one(t, h, inbox.ViewTodo)
		if !c.Private {
			t.Fatal("a private message does not look private")
		}
		r, err := h.Inbox.Reply(ctx, h.Actor(team.Community), inbox.ReplyIn{Conversation: c.ID, Text: "Parte oggi."})
		if err != nil {
			t.Fatal(err)
		}
		h.Deliver(r.Delivery, time.Hour)
		for _, o := range h.Fake.Attempts() {
			if o.Visibility != network.Direct {
				t.Fatalf("answered as %q", o.Visibility)
			}
		}
	})
}

func TestWhatTheNetworkWouldRefuseIsRefusedBefore(t *testing.T) {
	each(t, housetest.Options{Fake: networktest.FakeOptions{Characters: 50, Address: true}}, func(t *testing.T, h *housetest.House) {
		ctx := t.Context()
		must[string](t)(h.Stranger("ada@one.example").Mention(ctx, "Quanto costa?"))
		h.Read()
		c := one(t, h, inbox.ViewTodo)
		for in, want := range map[*inbox.ReplyIn]string{
			{Text: " \n "}:                  "inbox.reply.empty",
			{Text: strings.Repeat("a", 45)}: "inbox.reply.long", // with the name in front
			{Text: "ok", Media: []delivery.Attachment{{MediaID: "m"}}}: "inbox.reply.alt",
		} {
			in.Conversation = c.ID
			_, err := h.Inbox.Reply(ctx, h.Actor(team.Community), *in)
			if got := key(err); got != want {
				t.Errorf("%q: %s (%v), want %s", in.Text, got, err, want)
			}
		}
		room, err := h.Inbox.RoomFor(open(t, h, c.ID))
		if err != nil || room.Prefix != "@ada@one.example " || room.Empty.Used == 0 || room.Limits.Characters != 50 {
			t.Fatalf("%+v, %v", room, err)
		}
	})
}

func TestTwoMembersAreWarned(t *testing.T) {
	each(t, housetest.Options{}, func(t *testing.T, h *housetest.House) {
		ctx := t.Context()
		ada := h.Stranger("ada@one.example")
		first := must[string](t)(ada.Mention(ctx, "Siete aperti?"))
		h.Read()
		c := one(t, h, inbox.ViewTodo)
		giulia, marta := h.Actor(team.Community), h.Actor(team.Owner)
		if others := must[[]team.MemberID](t)(h.Inbox.Touch(ctx, giulia, c.ID)); len(others) != 0 {
			t.Fatalf("%v", others)
		}
		if others := must[[]team.MemberID](t)(h.Inbox.Touch(ctx, marta, c.ID)); len(others) != 1 || others[0] != giulia.Member {
			t.Fatalf("%v", others)
		}
		if th := open(t, h, c.ID); len(th.Writing) != 1 || th.Writing[0] != marta.Member {
			t.Fatalf("%v", th.Writing)
		}
		h.Clock.Advance(time.Minute)
		if th := open(t, h, c.ID); len(th.Writing) != 0 {
			t.Fatal("who stopped writing still writes")
		}

		must[string](t)(ada.Reply(ctx, first, "@ceramichearno Ah no, ho visto: siete chiusi"))
		h.Read()
		in := inbox.ReplyIn{Conversation: c.ID, Text: "Sì!", Seen: c.Revision}
		if _, err := h.Inbox.Reply(ctx, giulia, in); key(err) != "inbox.reply.moved" {
			t.Fatalf("something came in meanwhile: %v", err)
		}
		in.Seen = open(t, h, c.ID).Conversation.Revision
		if _, err := h.Inbox.Reply(ctx, giulia, in); err != nil {
			t.Fatal(err)
		}
		if _, err := h.Inbox.Reply(ctx, marta, inbox.ReplyIn{Conversation: c.ID, Text: "Sì, certo"}); key(err) != "inbox.reply.double" {
			t.Fatalf("a colleague has answered: %v", err)
		}
		if _, err := h.Inbox.Reply(ctx, marta, inbox.ReplyIn{Conversation: c.ID, Text: "Sì, certo", Anyway: true}); err != nil {
			t.Fatal(err)
		}
	})
}

func TestApproval(t *testing.T) {
	each(t, housetest.Options{}, func(t *testing.T, h *housetest.House) {
		ctx := t.Context()
		must[string](t)(h.Stranger("ada@one.example").Mention(ctx, "Il manico si è staccato"))
		h.Read()
		c := one(t, h, inbox.ViewTodo)
		editor, boss := h.Actor(team.Editor), h.Actor(team.Owner)
		r, err := h.Inbox.Reply(ctx, editor, inbox.ReplyIn{Conversation: c.ID, Text: "Non è possibile."})
		if err != nil {
			t.Fatal(err)
		}
		if r.State != inbox.ReplyPending || len(h.Fake.Attempts()) != 0 {
			t.Fatalf("an editor's reply went out without a second person: %+v", r)
		}
		if w := one(t, h, inbox.ViewApprove); w.DueAt.IsZero() {
			t.Fatal("they still wait while a colleague reads")
		}
		if err := h.Inbox.Approve(ctx, editor, r.ID); fault.KindOf(err) != fault.Denied {
			t.Fatalf("an editor approved: %v", err)
		}
		if err := h.Inbox.Reject(ctx, boss, r.ID, " "); key(err) != "inbox.reject.reason" {
			t.Fatalf("sent back without a reason: %v", err)
		}
		if err := h.Inbox.Reject(ctx, boss, r.ID, "Chiediamo scusa prima."); err != nil {
			t.Fatal(err)
		}
		th := must[inbox.Thread](t)(h.Inbox.Open(ctx, editor, c.ID))
		if th.Conversation.Pending || th.Draft.Text != "Non è possibile." || th.Replies[0].Reason != "Chiediamo scusa prima." {
			t.Fatalf("%+v", th)
		}
		r2, err := h.Inbox.Reply(ctx, editor, inbox.ReplyIn{Conversation: c.ID, Text: "Scusaci, te la cambiamo."})
		if err != nil {
			t.Fatal(err)
		}
		if err := h.Inbox.Approve(ctx, boss, r2.ID); err != nil {
			t.Fatal(err)
		}
		if err := h.Inbox.Approve(ctx, boss, r2.ID); key(err) != "inbox.reply.decided" {
			t.Fatalf("approved twice: %v", err)
		}
		r2 = must[inbox.Reply](t)(h.Inbox.GetReply(ctx, boss, r2.ID))
		if d := h.Deliver(r2.Delivery, time.Hour); d.State != delivery.Sent {
			t.Fatalf("%+v", d)
		}
		if n := len(h.Fake.Standing(housetest.Handle)); n != 1 {
			t.Fatalf("it stands %d times", n)
		}
	})
}

func TestEditsAndDeletionsAreKept(t *testing.T) {
	each(t, housetest.Options{}, func(t *testing.T, h *housetest.House) {
		ctx := t.Context()
		ada := h.Stranger("ada@one.example")
		first := must[string](t)(ada.Mention(ctx, "Siete dei ladri"))
		h.Read()
		c := one(t, h, inbox.ViewTodo)
		h.Clock.Advance(time.Minute)
		if err := ada.Edit(ctx, first, "Il prezzo mi sembra alto"); err != nil {
			t.Fatal(err)
		}
		h.Refresh(first)
		th := open(t, h, c.ID)
		if i := th.Interactions[0]; i.Text != "Il prezzo mi sembra alto" || len(i.Past) != 1 || !strings.HasSuffix(i.Past[0].Text, "Siete dei ladri") || i.EditedAt.IsZero() {
			t.Fatalf("%+v", i)
		}
		if l := list(t, h, inbox.Filter{View: inbox.ViewAll, Query: "ladri"}); len(l.Conversations) != 0 {
			t.Fatal("the old words are still found")
		}
		if l := list(t, h, inbox.Filter{View: inbox.ViewAll, Query: "prezzo"}); len(l.Conversations) != 1 {
			t.Fatal("the new words are not found")
		}
		h.Clock.Advance(time.Minute)
		if err := ada.Delete(ctx, first); err != nil {
			t.Fatal(err)
		}
		h.Refresh(first)
		th = open(t, h, c.ID)
		if th.Interactions[0].DeletedAt.IsZero() || !th.Conversation.DueAt.IsZero() {
			t.Fatalf("they took it back and still wait: %+v", th.Conversation)
		}
		if _, err := h.Inbox.Reply(ctx, h.Actor(team.Community), inbox.ReplyIn{Conversation: c.ID, Text: "?"}); key(err) != "inbox.reply.gone" {
			t.Fatalf("answered what is gone: %v", err)
		}
	})
}

func TestOrganising(t *testing.T) {
	each(t, housetest.Options{}, func(t *testing.T, h *housetest.House) {
		ctx := t.Context()
		ada := h.Stranger("ada@one.example")
		first := must[string](t)(ada.Mention(ctx, "Avete il catalogo?"))
		h.Read()
		c := one(t, h, inbox.ViewUnassigned)
		giulia := h.Actor(team.Community)
		if err := h.Inbox.Assign(ctx, giulia, c.ID, giulia.Member); err != nil {
			t.Fatal(err)
		}
		if one(t, h, inbox.ViewMine).ID != c.ID || len(list(t, h, inbox.Filter{View: inbox.ViewUnassigned}).Conversations) != 0 {
			t.Fatal("assignment does not show")
		}
		if err := h.Inbox.Assign(ctx, giulia, c.ID, h.Members[team.Contributor].ID); key(err) != "inbox.assign.role" {
			t.Fatalf("given to someone who cannot see it: %v", err)
		}
		l, err := h.Inbox.AddLabel(ctx, giulia, c.ID, "Spedizioni")
		if err != nil {
			t.Fatal(err)
		}
		again, err := h.Inbox.AddLabel(ctx, giulia, c.ID, "spedizioni")
		if err != nil || again.ID != l.ID {
			t.Fatalf("%+v, %v", again, err)
		}
		if got := list(t, h, inbox.Filter{View: inbox.ViewAll, Label: l.ID}); len(got.Conversations) != 1 || len(got.Labels[c.ID]) != 1 {
			t.Fatalf("%+v", got)
		}
		n, err := h.Inbox.AddNote(ctx, giulia, c.ID, "@uno e @owner: chi ha il catalogo?")
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Contains(n.Mentions, h.Members[team.Owner].ID) {
			t.Fatalf("%v", n.Mentions)
		}
		if ms := must[[]inbox.Mention](t)(h.Inbox.Mentions(ctx, h.Actor(team.Owner))); len(ms) != 1 {
			t.Fatalf("%v", ms)
		}
		if err := h.Inbox.SeeMentions(ctx, h.Actor(team.Owner), c.ID); err != nil {
			t.Fatal(err)
		}
		if ms := must[[]inbox.Mention](t)(h.Inbox.Mentions(ctx, h.Actor(team.Owner))); len(ms) != 0 {
			t.Fatalf("%v", ms)
		}

		if err := h.Inbox.Snooze(ctx, giulia, c.ID, h.Clock.Now().Add(-time.Minute)); key(err) != "inbox.snooze.when" {
			t.Fatalf("snoozed into the past: %v", err)
		}
		if err := h.Inbox.Snooze(ctx, giulia, c.ID, h.Clock.Now().Add(time.Hour)); err != nil {
			t.Fatal(err)
		}
		if len(list(t, h, inbox.Filter{View: inbox.ViewTodo}).Conversations) != 0 {
			t.Fatal("what is put aside is still in front")
		}
		h.Clock.Advance(time.Hour)
		if err := h.Inbox.Wake(ctx); err != nil {
			t.Fatal(err)
		}
		if got := one(t, h, inbox.ViewTodo); !got.WaitingSince.Equal(c.WaitingSince) {
			t.Fatalf("%+v", got)
		}
		if err := h.Inbox.Snooze(ctx, giulia, c.ID, h.Clock.Now().Add(time.Hour)); err != nil {
			t.Fatal(err)
		}
		h.Clock.Advance(time.Minute)
		must[string](t)(ada.Reply(ctx, first, "@ceramichearno Allora?"))
		h.Read()
		one(t, h, inbox.ViewTodo) // they wrote: it comes back by itself

		if err := h.Inbox.Finish(ctx, giulia, c.ID); err != nil {
			t.Fatal(err)
		}
		if got := one(t, h, inbox.ViewDone); !got.DueAt.IsZero() {
			t.Fatalf("%+v", got)
		}
		if err := h.Inbox.Reopen(ctx, giulia, c.ID); err != nil {
			t.Fatal(err)
		}
		h.Clock.Advance(25 * time.Hour)
		if got := one(t, h, inbox.ViewLate); !got.Late(h.Clock.Now()) {
			t.Fatalf("%+v", got)
		}
		counts := must[inbox.Counts](t)(h.Inbox.Counts(ctx, giulia))
		if counts.Views[inbox.ViewLate] != 1 || counts.Views[inbox.ViewMine] != 1 || counts.Channels[h.Channel.ID] != 1 {
			t.Fatalf("%+v", counts)
		}
		if err := h.Team.Leave(ctx, h.Actor(team.Owner), team.LeaveIn{Member: giulia.Member, Heir: h.Members[team.Owner].ID}); err != nil {
			t.Fatal(err)
		}
		if got := must[inbox.Thread](t)(h.Inbox.Open(ctx, h.Actor(team.Owner), c.ID)); got.Conversation.Assignee != h.Members[team.Owner].ID {
			t.Fatalf("the work of who left is %q's", got.Conversation.Assignee)
		}
	})
}

func TestSavedReplies(t *testing.T) {
	each(t, housetest.Options{}, func(t *testing.T, h *housetest.House) {
		ctx := t.Context()
		must[string](t)(h.Stranger("ada@one.example").Mention(ctx, "Spedite?"))
		h.Read()
		c := one(t, h, inbox.ViewTodo)
		giulia := h.Actor(team.Community)
		if _, err := h.Inbox.SaveReply(ctx, giulia, inbox.SavedReply{Title: "x", Body: "Ciao {{cognome}}"}); key(err) != "inbox.saved.placeholder" {
			t.Fatalf("an unknown placeholder passed: %v", err)
		}
		s, err := h.Inbox.SaveReply(ctx, giulia, inbox.SavedReply{Title: "Spedizione", Body: "Ciao {{nome}}, spediamo da {{azienda}}. {{io}}"})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := h.Inbox.SaveReply(ctx, giulia, inbox.SavedReply{Title: "Spedizione", Body: "due"}); key(err) != "inbox.saved.taken" {
			t.Fatalf("%v", err)
		}
		got, err := h.Inbox.UseSavedReply(ctx, giulia, s.ID, c.ID)
		if err != nil || strings.Contains(got, "{") || !strings.Contains(got, "Ceramiche Arno") {
			t.Fatalf("%q, %v", got, err)
		}
		if _, err := h.Inbox.Reply(ctx, giulia, inbox.ReplyIn{Conversation: c.ID, Text: got, Saved: s.ID}); err != nil {
			t.Fatal(err)
		}
		if all := must[[]inbox.SavedReply](t)(h.Inbox.SavedReplies(ctx, giulia)); len(all) != 1 || all[0].Used != 2 {
			t.Fatalf("%+v", all)
		}
		if err := h.Inbox.DeleteSavedReply(ctx, giulia, s.ID); err != nil {
			t.Fatal(err)
		}
		if err := h.Inbox.DeleteSavedReply(ctx, giulia, s.ID); fault.KindOf(err) != fault.NotFound {
			t.Fatalf("%v", err)
		}
	})
}

func TestListsPageWithoutGapsOrDoubles(t *testing.T) {
	each(t, housetest.Options{}, func(t *testing.T, h *housetest.House) {
		at := h.Clock.Now().Add(-time.Hour)
		var items []network.Item
		for i := range 57 {
			name := "p" + string(rune('a'+i%26)) + string(rune('a'+i/26))
			items = append(items, network.Item{
				RemoteID: name, Kind: network.KindMention, Author: network.Author{RemoteID: name, Handle: name + "@one.example"},
				Text: "ciao", At: at.Add(time.Duration(i/10) * time.Second), Version: "1", // many share a moment
			})
		}
		if _, err := h.Networks.Ingest(t.Context(), h.Channel, network.Page{Items: items, Cursor: "x"}); err != nil {
			t.Fatal(err)
		}
		for _, v := range []inbox.View{inbox.ViewTodo, inbox.ViewAll} {
			seen := map[inbox.ConversationID]bool{}
			for cursor, pages := "", 0; ; pages++ {
				l := list(t, h, inbox.Filter{View: v, Cursor: cursor, Limit: 10})
				for _, c := range l.Conversations {
					if seen[c.ID] {
						t.Fatalf("%s: twice in the list", v)
					}
					seen[c.ID] = true
				}
				if cursor = l.Next; cursor == "" {
					break
				}
			}
			if len(seen) != 57 {
				t.Fatalf("%s: %d of 57", v, len(seen))
			}
		}
		if _, err := h.Inbox.List(t.Context(), h.Actor(team.Owner), inbox.Filter{Cursor: "not a cursor"}); fault.KindOf(err) != fault.Invalid {
			t.Fatalf("%v", err)
		}
	})
}

func TestOneCompanySeesNothingOfAnother(t *testing.T) {
	each(t, housetest.Options{}, func(t *testing.T, h *housetest.House) {
		ctx := t.Context()
		must[string](t)(h.Stranger("ada@one.example").Mention(ctx, "segreto"))
		h.Read()
		c := one(t, h, inbox.ViewTodo)
		stranger := h.Other(t).Actor(team.Owner)
		if l, err := h.Inbox.List(ctx, stranger, inbox.Filter{View: inbox.ViewAll}); err != nil || len(l.Conversations) != 0 {
			t.Fatalf("%v %v", l, err)
		}
		if l, err := h.Inbox.List(ctx, stranger, inbox.Filter{View: inbox.ViewAll, Query: "segreto"}); err != nil || len(l.Conversations) != 0 {
			t.Fatalf("%v %v", l, err)
		}
		for name, err := range map[string]error{
			"open":   errOf(h.Inbox.Open(ctx, stranger, c.ID)),
			"assign": h.Inbox.Assign(ctx, stranger, c.ID, ""),
			"note":   errOf(h.Inbox.AddNote(ctx, stranger, c.ID, "x")),
			"label":  errOf(h.Inbox.AddLabel(ctx, stranger, c.ID, "x")),
			"done":   h.Inbox.Finish(ctx, stranger, c.ID),
			"reply":  errOf(h.Inbox.Reply(ctx, stranger, inbox.ReplyIn{Conversation: c.ID, Text: "x"})),
			"draft":  h.Inbox.SaveDraft(ctx, stranger, c.ID, inbox.Draft{Text: "x"}),
			"touch":  errOf(h.Inbox.Touch(ctx, stranger, c.ID)),
		} {
			if fault.KindOf(err) != fault.NotFound {
				t.Errorf("%s: %v", name, err)
			}
		}
	})
}

func errOf[T any](_ T, err error) error { return err }

// Looking at a conversation shows what others wrote around it, and nobody new waits because of that.
func TestLookingShowsTheTalkAround(t *testing.T) {
	each(t, housetest.Options{}, func(t *testing.T, h *housetest.House) {
		ctx := t.Context()
		bea, ada := h.Stranger("bea@two.example"), h.Stranger("ada@one.example")
		root := must[string](t)(bea.Post(ctx, "Dove comprate i piatti?"))
		h.Clock.Advance(time.Minute)
		must[string](t)(ada.Reply(ctx, root, "Da @ceramichearno, e voi spedite?"))
		h.Read()
		c := one(t, h, inbox.ViewTodo)
		if c.Incoming != 1 {
			t.Fatalf("%+v", c)
		}
		if err := h.Inbox.Look(ctx, h.Actor(team.Community), c.ID); err != nil {
			t.Fatal(err)
		}
		now := one(t, h, inbox.ViewTodo)
		if now.ID != c.ID || now.Incoming != 1 || !now.WaitingSince.Equal(c.WaitingSince) {
			t.Fatalf("before %+v, after %+v", c, now)
		}
		th := open(t, h, c.ID)
		if len(th.Interactions) != 2 || th.Interactions[0].Text != "Dove comprate i piatti?" {
			t.Fatalf("%+v", th.Interactions)
		}
		if last, ok := th.Last(); !ok || last.Identity != c.Identity {
			t.Fatalf("the answer would go to %+v", last)
		}
		if l := list(t, h, inbox.Filter{View: inbox.ViewAll}); len(l.Conversations) != 1 {
			t.Fatalf("%d conversations", len(l.Conversations))
		}
	})
}

// A search inside a view shows just what the view shows.
func TestASearchKeepsToItsView(t *testing.T) {
	each(t, housetest.Options{}, func(t *testing.T, h *housetest.House) {
		ctx, giulia := t.Context(), h.Actor(team.Community)
		for _, who := range []string{"ada", "bea", "cleo", "dora", "emma"} {
			must[string](t)(h.Stranger(who+"@one.example").Mention(ctx, "tazza di "+who))
			h.Clock.Advance(time.Minute)
		}
		h.Read()
		todo := list(t, h, inbox.Filter{View: inbox.ViewTodo})
		by := func(i int) inbox.ConversationID { return todo.Conversations[i].ID }
		for _, err := range []error{
			h.Inbox.Finish(ctx, giulia, by(0)), h.Inbox.Snooze(ctx, giulia, by(1), h.Clock.Now().Add(time.Hour)),
			h.Inbox.Assign(ctx, giulia, by(2), giulia.Member), errOf(h.Inbox.Reply(ctx, h.Actor(team.Editor), inbox.ReplyIn{Conversation: by(3), Text: "eccoci"})),
			errOf(h.Inbox.Reply(ctx, giulia, inbox.ReplyIn{Conversation: by(4), Text: "eccoci"})),
		} {
			if err != nil {
				t.Fatal(err)
			}
		}
		h.Clock.Advance(25 * time.Hour)
		for _, v := range inbox.Views {
			plain, found := list(t, h, inbox.Filter{View: v}), list(t, h, inbox.Filter{View: v, Query: "tazza"})
			if len(plain.Conversations) != len(found.Conversations) {
				t.Errorf("%s shows %d, a search in it %d", v, len(plain.Conversations), len(found.Conversations))
				continue
			}
			for i := range plain.Conversations {
				if plain.Conversations[i].ID != found.Conversations[i].ID {
					t.Errorf("%s: another order", v)
				}
			}
		}
	})
}

func TestAPreviewDoesNotBeginWithOurOwnName(t *testing.T) {
	each(t, housetest.Options{}, func(t *testing.T, h *housetest.House) {
		must[string](t)(h.Stranger("ada@one.example").Post(t.Context(), "@Ceramichearno, @ceramichearno avete il blu? Lo chiede @ceramichearno"))
		h.Read()
		if c := one(t, h, inbox.ViewTodo); c.Preview != "avete il blu? Lo chiede @ceramichearno" {
			t.Fatalf("%q", c.Preview)
		}
	})
}
