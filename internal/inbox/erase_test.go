package inbox_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ponte-desk/ponte/internal/audience"
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

// letters counts the words in which somebody is named, in every table.
func letters(t *testing.T, h *housetest.House, word string) map[string]int {
	t.Helper()
	out := map[string]int{}
	err := h.Store.Snapshot(t.Context(), func(ctx context.Context) error {
		tables, err := h.Store.Tables(ctx)
		for _, table := range tables {
			err = errors.Join(err, h.Store.Rows(ctx, table, func(row []any) error {
				for i, c := range table.Columns {
					if s, is := row[i].(string); is && strings.Contains(strings.ToLower(s), word) {
						out[table.Name+"."+c.Name]++
					}
				}
				return nil
			}))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// busy is a person of whom there is much, and who is named everywhere.
func busy(t *testing.T, h *housetest.House) audience.Person {
	t.Helper()
	zelda := network.Author{RemoteID: "did:plc:zelda", Handle: "zelda.one.example", Name: "Zelda Quaranta"}
	at := h.Clock.Now()
	var items []network.Item
	say := func(it network.Item) {
		at = at.Add(time.Second)
		it.RemoteID, it.At, it.Version, it.Visibility = fmt.Sprintf("at://%s/post/%d", it.Author.RemoteID, len(items)), at, "1", network.Public
		items = append(items, it)
	}
	for i := range 9 {
		say(network.Item{Author: zelda, Kind: network.KindMention, Text: fmt.Sprint("Zelda Quaranta scrive ", i)})
		say(network.Item{Author: zelda, Kind: network.KindLike, ParentID: "at://did:plc:us/post/1"})
		other := network.Author{RemoteID: fmt.Sprint("did:plc:other", i), Handle: fmt.Sprint("other", i, ".one.example"), Name: fmt.Sprint("Altra ", i)}
		say(network.Item{Author: other, Kind: network.KindMention, Text: "Ciao @zelda.one.example, come va?", Mentions: []network.Author{zelda}})
		say(network.Item{Author: other, Kind: network.KindMention, Text: "Senza di lei"})
	}
	if _, err := h.Networks.Ingest(t.Context(), h.Channel, network.Page{Items: items}); err != nil {
		t.Fatal(err)
	}
	ps, _, err := h.Audience.Find(t.Context(), h.Actor(team.Owner), "zelda", "", 10)
	if err != nil || len(ps) != 1 {
		t.Fatalf("%v, %v", ps, err)
	}
	return ps[0]
}

// Of whom there is much is erased step by step; meanwhile nothing of theirs comes in, and nothing more is done with them.
func TestErasingTakesSteps(t *testing.T) {
	each(t, housetest.Options{}, func(t *testing.T, h *housetest.House) {
		h.Inbox.EraseInSmallSteps()
		ctx, actor := t.Context(), h.Actor(team.Community)
		zelda := busy(t, h)
		c := must[audience.Certificate](t)(h.Audience.Erase(ctx, actor, zelda.ID, audience.EraseIn{Name: "zelda quaranta"}))
		if c.State != audience.ErasureRunning || !c.DoneAt.IsZero() {
			t.Fatalf("%+v", c)
		}
		if e, is, err := h.Audience.Erasing(ctx, actor, zelda.ID); err != nil || !is || e.Number != c.Number {
			t.Errorf("%+v, %v, %v", e, is, err)
		}
		ada := must[[]audience.Person](t)(people(h, "altra 1"))[0]
		for what, err := range map[string]error{
			"erase": errOf(h.Audience.Erase(ctx, actor, zelda.ID, audience.EraseIn{Name: "zelda quaranta"})),
			"note":  errOf(h.Audience.AddNote(ctx, actor, zelda.ID, "x")), "name": h.Audience.Rename(ctx, actor, zelda.ID, "x"),
			"merge": errOf(h.Audience.MergePeople(ctx, actor, ada.ID, zelda.ID)), "into": errOf(h.Audience.MergePeople(ctx, actor, zelda.ID, ada.ID)),
		} {
			if !errors.Is(err, audience.ErrErasing) {
				t.Errorf("%s: %v", what, err)
			}
		}
		if _, err := h.Networks.Ingest(ctx, h.Channel, network.Page{Items: []network.Item{{
			RemoteID: "at://did:plc:zelda/post/x", Kind: network.KindMention, Author: network.Author{RemoteID: "did:plc:zelda", Handle: "zelda.one.example"},
			Text: "Ancora", At: h.Clock.Now(), Version: "1",
		}}}); err != nil {
			t.Fatal(err)
		}
		steps := 1
		for more := true; more; steps++ {
			if more = must[bool](t)(h.Audience.Continue(ctx, c.ID)); steps > 500 {
				t.Fatal("it comes to no end")
			}
		}
		if steps < 8 {
			t.Errorf("only %d steps", steps)
		}
		if left := letters(t, h, "zelda"); len(left) > 0 {
			t.Errorf("%v", left)
		}
		c = must[audience.Certificate](t)(h.Audience.Certificate(ctx, actor, c.Number))
		if c.State != audience.ErasureDone || c.Erased[audience.ErasedItems] != 18 || c.Erased[audience.ErasedConversations] != 9 || c.Erased[audience.ErasedAccounts] != 1 {
			t.Errorf("%+v", c)
		}
		if n := len(must[inbox.List](t)(h.Inbox.List(ctx, actor, inbox.Filter{View: inbox.ViewAll, Query: "come va", Limit: 100})).Conversations); n != 9 {
			t.Errorf("%d conversations of others are found", n)
		}
		if more := must[bool](t)(h.Audience.Continue(ctx, c.ID)); more {
			t.Error("what is done goes on")
		}
	})
}

func people(h *housetest.House, q string) ([]audience.Person, error) {
	ps, _, err := h.Audience.Find(h.T.Context(), h.Actor(team.Owner), q, "", 100)
	return ps, err
}

// While an answer is going out the person is not erased: nobody could say what arrived. Erased, it is not sent later.
func TestErasingWaitsForWhatIsOnItsWay(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		var h *housetest.House
		var person audience.Person
		var during error
		tried := false
		h = housetest.New(t, s, housetest.Options{Delivery: delivery.Config{Trace: func(step string, _ delivery.ID) {
			if step == "intended" && !tried {
				tried = true
				_, during = h.Audience.Erase(t.Context(), h.Actor(team.Community), person.ID, audience.EraseIn{Name: person.Name})
			}
		}}})
		ctx, actor := t.Context(), h.Actor(team.Community)
		ada := h.Stranger("ada@one.example")
		must[string](t)(ada.Mention(ctx, "C’è posto?"))
		h.Read()
		person = must[[]audience.Person](t)(people(h, "ada"))[0]
		c := one(t, h, inbox.ViewTodo)
		first := must[inbox.Reply](t)(h.Inbox.Reply(ctx, actor, inbox.ReplyIn{Conversation: c.ID, Text: "Sì"}))
		if d := h.Deliver(first.Delivery, time.Hour); d.State != delivery.Sent || !tried {
			t.Fatalf("%+v, %v", d, tried)
		}
		if !errors.Is(during, audience.ErrAway) {
			t.Fatalf("%v", during)
		}
		second := must[inbox.Reply](t)(h.Inbox.Reply(ctx, actor, inbox.ReplyIn{Conversation: c.ID, Text: "A che ora?", Anyway: true}))
		must[audience.Certificate](t)(h.Audience.Erase(ctx, actor, person.ID, audience.EraseIn{Name: person.Name}))
		before := len(h.Fake.Attempts())
		if again := must[time.Duration](t)(h.Deliveries.Step(ctx, second.Delivery)); again != 0 || len(h.Fake.Attempts()) != before {
			t.Error("the second answer went out to somebody who was erased")
		}
		if _, err := h.Deliveries.Get(ctx, h.Company.ID, second.Delivery); fault.KindOf(err) != fault.NotFound {
			t.Errorf("%v", err)
		}
	})
}

// What comes in at the same moment does not slip through.
func TestErasingWhileTheyWrite(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		h := housetest.New(t, s, housetest.Options{})
		ctx, actor := t.Context(), h.Actor(team.Community)
		zelda := busy(t, h)
		var wg sync.WaitGroup
		begin := make(chan struct{})
		for w := range 4 {
			wg.Go(func() {
				<-begin
				for i := range 10 {
					_, err := h.Networks.Ingest(ctx, h.Channel, network.Page{Items: []network.Item{{
						RemoteID: fmt.Sprintf("at://did:plc:zelda/post/w%d-%d", w, i), Kind: network.KindMention, Text: "Zelda scrive in fretta", At: h.Clock.Now(), Version: "1",
						Author: network.Author{RemoteID: "did:plc:zelda", Handle: "zelda.one.example", Name: "Zelda Quaranta"},
					}}})
					if err != nil {
						t.Error(err)
						return
					}
				}
			})
		}
		var erased error
		wg.Go(func() {
			<-begin
			for range 20 { // two that want the same may have to try again
				if _, erased = h.Audience.Erase(ctx, actor, zelda.ID, audience.EraseIn{Name: "Zelda Quaranta"}); fault.KindOf(erased) != fault.Limited {
					return
				}
			}
		})
		close(begin)
		wg.Wait()
		if erased != nil {
			t.Fatal(erased)
		}
		if left := letters(t, h, "zelda"); len(left) > 0 {
			t.Errorf("%v", left)
		}
	})
}

// In a conversation that goes on without them nobody begins to wait because an answer to them is gone.
func TestErasingBringsNoWorkBack(t *testing.T) {
	each(t, housetest.Options{Fake: networktest.FakeOptions{Blind: true}}, func(t *testing.T, h *housetest.House) {
		ctx, actor := t.Context(), h.Actor(team.Community)
		says := func(who, id, to, text string) {
			t.Helper()
			h.Clock.Advance(time.Minute)
			must[network.IngestResult](t)(h.Networks.Ingest(ctx, h.Channel, network.Page{Items: []network.Item{{
				RemoteID: id, Kind: network.KindReply, ParentID: to, RootID: to, Author: network.Author{RemoteID: who, Handle: who, Name: who}, Text: text,
				At: h.Clock.Now(), Version: "1", Visibility: network.Public,
			}}}))
		}
		says("bob", "bob:1", "", "Siete aperti domenica?")
		says("ada", "ada:1", "bob:1", "Lo chiedo anche io")
		c := one(t, h, inbox.ViewTodo)
		h.Clock.Advance(time.Minute)
		r := must[inbox.Reply](t)(h.Inbox.Reply(ctx, actor, inbox.ReplyIn{Conversation: c.ID, Text: "Sì, fino alle otto", Anyway: true}))
		h.Deliver(r.Delivery, time.Hour)
		before := open(t, h, c.ID)
		if before.Conversation.State != inbox.Waiting || len(before.Interactions) != 3 {
			t.Fatalf("%+v", before.Conversation)
		}
		p := must[[]audience.Person](t)(people(h, "ada"))[0]
		must[audience.Certificate](t)(h.Audience.Erase(ctx, actor, p.ID, audience.EraseIn{Name: p.Name}))
		after := open(t, h, c.ID)
		if len(after.Interactions) != 1 || after.Conversation.State != inbox.Waiting || !after.Conversation.WaitingSince.IsZero() || after.Conversation.Incoming != 1 {
			t.Errorf("%+v with %d", after.Conversation, len(after.Interactions))
		}
		if !strings.Contains(after.Conversation.Preview, "domenica") || after.Conversation.Identity != before.Interactions[0].Identity {
			t.Errorf("%+v of %s, before %+v", after.Conversation, after.Conversation.Identity, before.Interactions)
		}
		// Bob goes on, in the same conversation.
		says("bob", "bob:2", "bob:1", "Bene, a domenica")
		if th := open(t, h, c.ID); len(th.Interactions) != 2 || !slices.ContainsFunc(th.Interactions, func(i inbox.Interaction) bool { return i.Text == "Bene, a domenica" }) {
			t.Errorf("%d interactions", len(th.Interactions))
		}
	})
}
