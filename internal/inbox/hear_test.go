package inbox_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ponte-desk/ponte/internal/housetest"
	"github.com/ponte-desk/ponte/internal/inbox"
	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/networktest"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/team"
	"github.com/ponte-desk/ponte/internal/triage"
	"github.com/ponte-desk/ponte/internal/verdict"
)

// hear keeps what is heard.
func hear(into *[]inbox.Heard) func(context.Context, *store.Tx, team.Actor, network.Channel, []inbox.Heard) error {
	return func(_ context.Context, _ *store.Tx, _ team.Actor, _ network.Channel, hs []inbox.Heard) error {
		*into = append(*into, hs...)
		return nil
	}
}

// diary writes down all that the rooms above are told, one line each, and forgets it when it is read.
type diary struct{ lines []string }

func (d *diary) read() string {
	s := strings.Join(d.lines, "; ")
	d.lines = nil
	return s
}

func (d *diary) listen(x *inbox.Inbox) {
	x.Listen(inbox.Listeners{
		Heard: func(ctx context.Context, tx *store.Tx, by team.Actor, ch network.Channel, hs []inbox.Heard) error {
			for _, h := range hs {
				line := fmt.Sprintf("heard %s %s", strings.TrimPrefix(h.Interaction.Text, "@ceramichearno "), h.Verdict.Criticism)
				if h.Again {
					line += " again"
				}
				if h.Past {
					line += " past"
				}
				if by.Member != "" {
					line += " by " + string(by.Role)
				}
				// The rows are there, in this transaction.
				is, err := x.InteractionsByID(ctx, by.Company, []inbox.InteractionID{h.Interaction.ID})
				if err != nil || is[h.Interaction.ID].Text != h.Interaction.Text || ch.ID != h.Interaction.Channel {
					return fmt.Errorf("heard too early: %v", err)
				}
				d.lines = append(d.lines, line)
			}
			return nil
		},
		Answered: func(_ context.Context, _ *store.Tx, as []inbox.Answered) error {
			for _, a := range as {
				line := "answered"
				if a.Private {
					line += " privately"
				}
				if a.At.IsZero() || a.Conversation == "" || a.Company == "" {
					line += fmt.Sprintf(" %+v", a)
				}
				d.lines = append(d.lines, line)
			}
			return nil
		},
		Replied: func(_ context.Context, _ *store.Tx, r inbox.Reply) error {
			line := "reply " + string(r.State)
			if (r.State == inbox.ReplySent) != (r.Interaction != "") || r.State == inbox.ReplySending && r.Delivery == "" {
				line += fmt.Sprintf(" %+v", r)
			}
			d.lines = append(d.lines, line)
			return nil
		},
		Taken: func(_ context.Context, _ *store.Tx, _ team.CompanyID, ids []inbox.InteractionID) error {
			d.lines = append(d.lines, fmt.Sprintf("taken %d", len(ids)))
			return nil
		},
	})
}

func (d *diary) want(t *testing.T, want string) {
	t.Helper()
	if got := d.read(); got != want {
		t.Fatalf("the rooms above were told\n  %s\nwant\n  %s", got, want)
	}
}

func TestRoomsAboveHearOfWords(t *testing.T) {
	each(t, judging, func(t *testing.T, h *housetest.House) {
		ctx := t.Context()
		d := &diary{}
		d.listen(h.Inbox)
		ada := h.Stranger("ada@one.example")
		first := must[string](t)(ada.Mention(ctx, "La tazza è rotta"))
		h.Clock.Advance(time.Minute)
		must[string](t)(ada.Reply(ctx, first, "@ceramichearno forse è colpa mia"))
		if err := ada.Like(ctx, first); err != nil {
			t.Fatal(err)
		}
		h.Read()
		d.want(t, "heard La tazza è rotta yes; heard forse è colpa mia check")
		h.Read()
		d.want(t, "")
		h.Clock.Advance(time.Minute)
		if err := ada.Edit(ctx, first, "La tazza è integra"); err != nil {
			t.Fatal(err)
		}
		h.Refresh(first)
		d.want(t, "heard La tazza è integra no again")
		th := open(t, h, one(t, h, inbox.ViewTodo).ID)
		if err := h.Inbox.Correct(ctx, h.Actor(team.Editor), th.Interactions[1].ID, verdict.Correction{Criticism: yes()}); err != nil {
			t.Fatal(err)
		}
		d.want(t, "heard forse è colpa mia yes again by editor")
		// Saying the same again is nothing new.
		if err := h.Inbox.Correct(ctx, h.Actor(team.Editor), th.Interactions[1].ID, verdict.Correction{Criticism: yes()}); err != nil {
			t.Fatal(err)
		}
		d.want(t, "")
		h.Clock.Advance(time.Minute)
		if err := ada.Delete(ctx, first); err != nil {
			t.Fatal(err)
		}
		h.Refresh(first)
		d.want(t, "taken 1")
		// What was taken back can be corrected, and is not heard again.
		if err := h.Inbox.Correct(ctx, h.Actor(team.Editor), th.Interactions[0].ID, verdict.Correction{Criticism: yes()}); err != nil {
			t.Fatal(err)
		}
		d.want(t, "")
	})
}

func TestRoomsAboveHearWhatIsPast(t *testing.T) {
	each(t, judging, func(t *testing.T, h *housetest.House) {
		d := &diary{}
		d.listen(h.Inbox)
		old, young, talk := question(), question(), question()
		old.Text, old.At = "Era rotta allora", h.Channel.ConnectedAt.Add(-14*24*time.Hour)
		young.RemoteID, young.Text, young.At = "2", "È rotta", h.Channel.ConnectedAt.Add(-14*24*time.Hour+time.Second)
		// What others talk about around it is judged, and heard once a member says what it is.
		talk.RemoteID, talk.ParentID, talk.Kind, talk.Text, talk.At = "3", "2", network.KindPost, "Anche la mia è rotta", young.At.Add(time.Minute)
		if err := takeIn(t.Context(), h, old, young, talk); err != nil {
			t.Fatal(err)
		}
		d.want(t, "heard Era rotta allora yes past; heard È rotta yes")
		var spoke inbox.Interaction
		for _, c := range list(t, h, inbox.Filter{View: inbox.ViewAll}).Conversations {
			th := open(t, h, c.ID)
			for _, i := range th.Interactions {
				if i.RemoteID == "3" {
					spoke = i
					if th.Verdicts[i.ID].Criticism != triage.Yes {
						t.Fatalf("%+v", th.Verdicts)
					}
				}
			}
		}
		if err := h.Inbox.Correct(t.Context(), h.Actor(team.Owner), spoke.ID, verdict.Correction{Criticism: yes()}); err != nil {
			t.Fatal(err)
		}
		d.want(t, "heard Anche la mia è rotta yes again by owner")
	})
}

func TestRoomsAboveHearOfAnswers(t *testing.T) {
	each(t, judging, func(t *testing.T, h *housetest.House) {
		ctx := t.Context()
		d := &diary{}
		d.listen(h.Inbox)
		ada := h.Stranger("ada@one.example")
		first := must[string](t)(ada.Mention(ctx, "Siete aperti?"))
		h.Read()
		d.want(t, "heard Siete aperti? no")
		c := one(t, h, inbox.ViewTodo)
		actor := h.Actor(team.Community)
		r := must[inbox.Reply](t)(h.Inbox.Reply(ctx, actor, inbox.ReplyIn{Conversation: c.ID, Text: "Sì"}))
		d.want(t, "reply sending")
		h.Deliver(r.Delivery, time.Hour)
		d.want(t, "reply sent; answered")
		h.Read() // the watcher brings the same answer
		d.want(t, "")
		// From a phone, outside Ponte.
		must[string](t)(h.Fake.Stranger(housetest.Handle, housetest.Handle).Reply(ctx, first, "Anche domani"))
		h.Read()
		d.want(t, "answered")
		h.Read()
		d.want(t, "")
		// Refused by the network, then tried again.
		h.Fake.Inject(networktest.Fault{Call: networktest.CallPublish, Way: networktest.Refuse})
		r = must[inbox.Reply](t)(h.Inbox.Reply(ctx, actor, inbox.ReplyIn{Conversation: c.ID, Text: "E dopodomani", Anyway: true}))
		h.Deliver(r.Delivery, time.Hour)
		d.want(t, "reply sending; reply failed")
		if err := h.Inbox.Retry(ctx, actor, r.ID); err != nil {
			t.Fatal(err)
		}
		d.want(t, "reply sending")
		h.Deliver(r.Delivery, time.Hour)
		d.want(t, "reply sent; answered")
		h.Fake.Inject(networktest.Fault{Call: networktest.CallPublish, Way: networktest.Refuse})
		r = must[inbox.Reply](t)(h.Inbox.Reply(ctx, actor, inbox.ReplyIn{Conversation: c.ID, Text: "Mai", Anyway: true}))
		h.Deliver(r.Delivery, time.Hour)
		d.read()
		if err := h.Inbox.Withdraw(ctx, actor, r.ID); err != nil {
			t.Fatal(err)
		}
		d.want(t, "reply withdrawn")
		// In private.
		must[string](t)(ada.Message(ctx, "Vi scrivo qui"))
		h.Read()
		d.read()
		var private inbox.Conversation
		for _, c := range list(t, h, inbox.Filter{View: inbox.ViewTodo}).Conversations {
			if c.Private {
				private = c
			}
		}
		r = must[inbox.Reply](t)(h.Inbox.Reply(ctx, actor, inbox.ReplyIn{Conversation: private.ID, Text: "Eccoci"}))
		h.Deliver(r.Delivery, time.Hour)
		d.want(t, "reply sending; reply sent; answered privately")
	})
}

// An answer that the watcher brings before its receipt is written is told once.
func TestRoomsAboveHearOfAnAnswerOnce(t *testing.T) {
	each(t, judging, func(t *testing.T, h *housetest.House) {
		ctx := t.Context()
		d := &diary{}
		d.listen(h.Inbox)
		must[string](t)(h.Stranger("ada@one.example").Mention(ctx, "Siete aperti?"))
		h.Read()
		c := one(t, h, inbox.ViewTodo)
		h.Fake.Inject(networktest.Fault{Call: networktest.CallPublish, Way: networktest.AcceptThenTimeout})
		r := must[inbox.Reply](t)(h.Inbox.Reply(ctx, h.Actor(team.Owner), inbox.ReplyIn{Conversation: c.ID, Text: "Sì"}))
		h.Deliver(r.Delivery, 0)
		d.want(t, "heard Siete aperti? no; reply sending")
		h.Read()
		d.want(t, "answered")
		h.Clock.Advance(time.Minute)
		h.Deliver(r.Delivery, time.Hour)
		d.want(t, "reply sent")
	})
}

func TestRoomsAboveHearOfApproval(t *testing.T) {
	each(t, judging, func(t *testing.T, h *housetest.House) {
		ctx := t.Context()
		must[string](t)(h.Stranger("ada@one.example").Mention(ctx, "Siete aperti?"))
		h.Read()
		d := &diary{}
		d.listen(h.Inbox)
		c := one(t, h, inbox.ViewTodo)
		in := inbox.ReplyIn{Conversation: c.ID, Text: "Sì"}
		r := must[inbox.Reply](t)(h.Inbox.Reply(ctx, h.Actor(team.Editor), in))
		d.want(t, "reply pending")
		if err := h.Inbox.Reject(ctx, h.Actor(team.Owner), r.ID, "Troppo corta"); err != nil {
			t.Fatal(err)
		}
		d.want(t, "reply rejected")
		r = must[inbox.Reply](t)(h.Inbox.Reply(ctx, h.Actor(team.Editor), in))
		if err := h.Inbox.Approve(ctx, h.Actor(team.Owner), r.ID); err != nil {
			t.Fatal(err)
		}
		d.want(t, "reply pending; reply sending")
	})
}

// When a room above cannot take something in, nothing of it has happened.
func TestARoomAboveThatFailsKeepsEverythingBack(t *testing.T) {
	each(t, judging, func(t *testing.T, h *housetest.House) {
		ctx := t.Context()
		broken := errors.New("broken")
		h.Inbox.Listen(inbox.Listeners{
			Heard: func(context.Context, *store.Tx, team.Actor, network.Channel, []inbox.Heard) error { return broken },
		})
		if err := takeIn(ctx, h, question()); !errors.Is(err, broken) {
			t.Fatalf("%v", err)
		}
		if l := list(t, h, inbox.Filter{View: inbox.ViewAll}); len(l.Conversations) != 0 {
			t.Fatalf("%+v", l.Conversations)
		}
		var verdicts []string
		if err := h.Store.Read(ctx).NewRaw("SELECT subject FROM verdict").Scan(ctx, &verdicts); err != nil || len(slices.Clip(verdicts)) != 0 {
			t.Fatalf("%v, %v", verdicts, err)
		}
	})
}

func TestWhenSomethingWasAnsweredInPublic(t *testing.T) {
	each(t, judging, func(t *testing.T, h *housetest.House) {
		ctx := t.Context()
		first := question()
		items := []network.Item{first}
		for n, it := range []network.Item{
			{Text: "Sì", Mine: true},
			{Text: "E in Corsica?"},
			{Text: "Glielo dico a voce", Mine: true, Visibility: network.Direct},
			{Text: "Sì, anche lì", Mine: true},
			{Text: "E a Malta?"},
		} {
			it.RemoteID, it.ParentID, it.Kind, it.Version = fmt.Sprint(n+2), fmt.Sprint(n+1), network.KindReply, "1"
			it.At = first.At.Add(time.Duration(n+1) * time.Minute)
			if !it.Mine {
				it.Author = first.Author
			}
			items = append(items, it)
		}
		if err := takeIn(ctx, h, items...); err != nil {
			t.Fatal(err)
		}
		th := open(t, h, one(t, h, inbox.ViewAll).ID)
		var ids []inbox.InteractionID
		for _, i := range th.Interactions {
			ids = append(ids, i.ID)
		}
		theirs := []inbox.InteractionID{ids[0], ids[2], ids[5]}
		got := must[map[inbox.InteractionID]time.Time](t)(h.Inbox.AnsweredInPublic(ctx, h.Company.ID, theirs))
		if len(got) != 2 || !got[ids[0]].Equal(first.At.Add(time.Minute)) || !got[ids[2]].Equal(first.At.Add(4*time.Minute)) {
			t.Fatalf("%v", got)
		}
		other := h.Other(t).Company.ID
		if got := must[map[inbox.InteractionID]time.Time](t)(h.Inbox.AnsweredInPublic(ctx, other, theirs)); len(got) != 0 {
			t.Fatalf("another company sees %v", got)
		}
	})
}
