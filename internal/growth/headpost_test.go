package growth_test

import (
	"encoding/base64"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/ponte-desk/ponte/internal/delivery"
	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/growth"
	"github.com/ponte-desk/ponte/internal/housetest"
	"github.com/ponte-desk/ponte/internal/merkle"
	"github.com/ponte-desk/ponte/internal/networktest"
	"github.com/ponte-desk/ponte/internal/team"
)

func heads(t testing.TB, h *housetest.House) []growth.HeadPost {
	t.Helper()
	return must[[]growth.HeadPost](t)(h.Growth.HeadPosts(t.Context(), h.Actor(team.Guest)))
}

// at moves the clock to an hour of a day of March in Rome and prepares what is to be prepared then.
func at(t testing.TB, h *housetest.House, day, hour int) {
	t.Helper()
	h.Clock.Set(time.Date(2026, 3, day, hour, 0, 0, 0, rome))
	for range 2 { // a second time changes nothing
		if err := h.Growth.PrepareHeads(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
}

func TestTheHeadIsPreparedOnceAWeek(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *housetest.House) {
		ctx := t.Context()
		at(t, h, 2, 11)
		if n := len(heads(t, h)); n != 0 {
			t.Fatalf("%d posts of a record that is empty", n)
		}
		say(t, h, "ada@one.example", "Il piatto è arrivato rotto")
		at(t, h, 4, 11) // Wednesday
		at(t, h, 9, 7)  // too early on Monday
		if n := len(heads(t, h)); n != 0 {
			t.Fatalf("%d posts out of their time", n)
		}
		at(t, h, 9, 8)
		ps := heads(t, h)
		if len(ps) != 1 || ps[0].State != growth.LetterDraft || ps[0].Size != 1 || !ps[0].MadeAt.Equal(h.Clock.Now()) || ps[0].URLs != nil {
			t.Fatalf("%+v", ps)
		}
		origin, head, err := merkle.Parse(must[[]byte](t)(h.Growth.Checkpoint(ctx, h.Company.ID)))
		if err != nil {
			t.Fatal(err)
		}
		if want := fmt.Sprintf("\n%s\n1\n%s", origin, base64.StdEncoding.EncodeToString(head.Root[:])); !strings.HasSuffix(ps[0].Text, want) {
			t.Fatalf("%q does not end with %q", ps[0].Text, want)
		}
		// Nothing has been added: there is nothing to say.
		at(t, h, 16, 9)
		if n := len(heads(t, h)); n != 1 {
			t.Fatalf("%d posts", n)
		}
		// The house stood still on Monday. The new post says all that the old one did, which waits no more.
		say(t, h, "bruno@one.example", "Anche il mio è rotto")
		at(t, h, 24, 18)
		ps = heads(t, h)
		if len(ps) != 2 || ps[0].Size != 2 || ps[0].State != growth.LetterDraft || ps[1].State != growth.LetterSkipped {
			t.Fatalf("%+v", ps)
		}
	})
}

func TestTheHeadGoesOutOnAPersonsYes(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *housetest.House) {
		ctx, owner := t.Context(), h.Actor(team.Owner)
		say(t, h, "ada@one.example", "Il piatto è arrivato rotto")
		at(t, h, 9, 9)
		p := heads(t, h)[0]
		other := h.Other(t)
		for name, channels := range map[string][]string{"none": nil, "unknown": {"chn_01JZZZZZZZZZZZZZZZZZZZZZZZ"}, "one of two": {string(h.Channel.ID), "x"}} {
			if err := h.Growth.SendHead(ctx, owner, p.ID, channels); key(err) != "growth.head.channels" {
				t.Errorf("%s: %v", name, err)
			}
		}
		if err := h.Growth.SendHead(ctx, other.Actor(team.Owner), p.ID, []string{string(h.Channel.ID)}); fault.KindOf(err) != fault.NotFound {
			t.Errorf("%v", err)
		}
		if err := h.Growth.SkipHead(ctx, other.Actor(team.Owner), p.ID); fault.KindOf(err) != fault.NotFound {
			t.Errorf("%v", err)
		}
		before := h.Fake.Calls(networktest.CallPublish)
		sent := 0
		for _, err := range atOnce(4, func(int) error {
			return h.Growth.SendHead(ctx, owner, p.ID, []string{string(h.Channel.ID), string(h.Channel.ID)})
		}) {
			if err == nil {
				sent++
			} else if key(err) != "growth.head.settled" {
				t.Errorf("%v", err)
			}
		}
		h.Clock.Advance(3 * time.Minute)
		late := must[[]delivery.Delivery](t)(h.Deliveries.Troubled(ctx, owner))
		if sent != 1 || len(late) != 1 || late[0].Source != (delivery.Source{Kind: delivery.ForRecord, ID: p.ID}) {
			t.Fatalf("sent %d times: %+v", sent, late)
		}
		h.Fake.Inject(networktest.Fault{Call: networktest.CallPublish, Way: networktest.AcceptThenTimeout})
		d := h.Deliver(late[0].ID, time.Hour)
		if d.State != delivery.Sent || d.Message.Text != p.Text || d.Message.ReplyTo != "" || d.Message.Language != "it" {
			t.Fatalf("%+v", d)
		}
		stands := 0
		for _, i := range h.Fake.Standing(housetest.Handle) {
			if i.Text == p.Text {
				stands++
			}
		}
		if stands != 1 || h.Fake.Calls(networktest.CallPublish) != before+1 {
			t.Fatalf("it stands there %d times after %d calls", stands, h.Fake.Calls(networktest.CallPublish)-before)
		}
		if got := heads(t, h)[0]; got.State != growth.LetterSent || len(got.URLs) != 1 || got.URLs[0] != d.Receipt.URL {
			t.Fatalf("%+v", got)
		}
		// It comes back with what the channel reads, as a post of ours: nobody waits because of it.
		h.Read()
		if err := h.Growth.SkipHead(ctx, owner, p.ID); key(err) != "growth.head.settled" {
			t.Fatalf("%v", err)
		}
		say(t, h, "bruno@one.example", "Anche il mio è rotto")
		at(t, h, 16, 9)
		if _, err := h.Networks.Pause(ctx, owner, h.Channel.ID); err != nil {
			t.Fatal(err)
		}
		q := heads(t, h)[0]
		if err := h.Growth.SendHead(ctx, owner, q.ID, []string{string(h.Channel.ID)}); key(err) != "growth.head.channels" {
			t.Fatalf("on a paused channel: %v", err)
		}
		if err := h.Growth.SkipHead(ctx, owner, q.ID); err != nil {
			t.Fatal(err)
		}
		if got := heads(t, h)[0]; got.State != growth.LetterSkipped {
			t.Fatalf("%+v", got)
		}
	})
}
