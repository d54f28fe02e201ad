package post_test

import (
	"testing"
	"time"

	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/housetest"
	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/post"
	"github.com/ponte-desk/ponte/internal/team"
)

func TestAPostGoesOutOnce(t *testing.T) {
	each(t, housetest.Options{}, func(t *testing.T, h *housetest.House) {
		x := draft(t, h, team.Editor, words)
		if x.State != post.Draft {
			t.Fatal(x.State)
		}
		x = now(t, h, x)
		if x.State != post.Planned {
			t.Fatal(x.State)
		}
		work(t, h, time.Minute)
		f := file(t, h, x.ID)
		if f.Post.State != post.Sent || len(standing(h)) != 1 || standing(h)[0] != words || f.Variants[0].Parts[0].URL == "" || f.Post.SentAt.IsZero() {
			t.Fatalf("%+v\n%+v", f.Post, f.Variants)
		}
		work(t, h, time.Hour)
		if n := len(standing(h)); n != 1 {
			t.Fatalf("%d stand", n)
		}
	})
}

// A save that came too late is a conflict that says who saved, and what it brought is kept.
func TestAStaleSaveLosesNothing(t *testing.T) {
	each(t, housetest.Options{}, func(t *testing.T, h *housetest.House) {
		ctx := t.Context()
		x := draft(t, h, team.Editor, "Uno")
		ch := []network.ChannelID{h.Channel.ID}
		y := must[post.Post](t)(h.Posts.SaveDraft(ctx, h.Actor(team.Marketing), post.SaveIn{Post: x.ID, Version: x.Version, Message: post.Message{Text: "Due"}, Channels: ch}))
		if y.Version != x.Version+1 {
			t.Fatalf("version %d", y.Version)
		}
		_, err := h.Posts.SaveDraft(ctx, h.Actor(team.Editor), post.SaveIn{Post: x.ID, Version: x.Version, Message: post.Message{Text: "Tre"}, Channels: ch})
		fails(t, err, fault.Conflict, "post.stale")
		args := fault.Of(err).Args
		if args["member"] != string(h.Actor(team.Marketing).Member) || args["kept"] == "" {
			t.Fatalf("%v", args)
		}
		past := must[[]post.Past](t)(h.Posts.History(ctx, h.Actor(team.Editor), x.ID))
		if len(past) != 2 || !past[0].Aside || past[0].Written.Message.Text != "Tre" || past[0].Member != h.Actor(team.Editor).Member ||
			past[1].Aside || past[1].Written.Message.Text != "Uno" {
			t.Fatalf("%+v", past)
		}
		// What stands is what was saved in time, and what was kept aside can be taken from there.
		if got := file(t, h, x.ID).Post.Message.Text; got != "Due" {
			t.Fatal(got)
		}
		z := must[post.Post](t)(h.Posts.Restore(ctx, h.Actor(team.Editor), x.ID, past[0].ID, y.Version))
		if z.Message.Text != "Tre" || z.Version != y.Version+1 {
			t.Fatalf("%+v", z)
		}
		// The same again is no conflict and no version.
		again := must[post.Post](t)(h.Posts.SaveDraft(ctx, h.Actor(team.Editor), post.SaveIn{Post: x.ID, Version: 1, Message: post.Message{Text: "Tre"}, Channels: ch}))
		if again.Version != z.Version {
			t.Fatalf("%+v", again)
		}
	})
}

// The saves of one sitting are one place in the history.
func TestASittingIsOnePlaceInTheHistory(t *testing.T) {
	each(t, housetest.Options{}, func(t *testing.T, h *housetest.House) {
		ctx, who := t.Context(), h.Actor(team.Editor)
		x := draft(t, h, team.Editor, "0")
		for i := range 10 {
			h.Clock.Advance(2 * time.Second)
			x = must[post.Post](t)(h.Posts.SaveDraft(ctx, who, post.SaveIn{Post: x.ID, Version: x.Version, Message: post.Message{Text: "testo " + string(rune('a'+i))}, Channels: []network.ChannelID{h.Channel.ID}}))
		}
		if past := must[[]post.Past](t)(h.Posts.History(ctx, who, x.ID)); len(past) != 0 {
			t.Fatalf("%d places for one sitting", len(past))
		}
		h.Clock.Advance(10 * time.Minute)
		x = must[post.Post](t)(h.Posts.SaveDraft(ctx, who, post.SaveIn{Post: x.ID, Version: x.Version, Message: post.Message{Text: "dopo"}, Channels: []network.ChannelID{h.Channel.ID}}))
		past := must[[]post.Past](t)(h.Posts.History(ctx, who, x.ID))
		if len(past) != 1 || past[0].Written.Message.Text != "testo j" {
			t.Fatalf("%+v", past)
		}
	})
}

// A variant follows the message until somebody writes it by hand, and may follow again.
func TestAVariantFollowsUntilWrittenByHand(t *testing.T) {
	each(t, housetest.Options{}, func(t *testing.T, h *housetest.House) {
		ctx, who, ch := t.Context(), h.Actor(team.Editor), h.Channel.ID
		x := draft(t, h, team.Editor, "Messaggio")
		save := func(text string, own map[network.ChannelID]post.Own) {
			t.Helper()
			x = must[post.Post](t)(h.Posts.SaveDraft(ctx, who, post.SaveIn{Post: x.ID, Version: x.Version, Message: post.Message{Text: text}, Channels: []network.ChannelID{ch}, Own: own}))
		}
		says := func() string {
			t.Helper()
			return file(t, h, x.ID).Variants[0].Contents[0].Text
		}
		own := map[network.ChannelID]post.Own{ch: {Text: "A mano"}}
		save("Messaggio", own)
		save("Cambiato", own)
		if got := says(); got != "A mano" {
			t.Fatal(got)
		}
		x = must[post.Post](t)(h.Posts.Follow(ctx, who, x.ID, ch))
		if got := says(); got != "Cambiato" {
			t.Fatal(got)
		}
		past := must[[]post.Past](t)(h.Posts.History(ctx, who, x.ID))
		if len(past) == 0 || past[0].Written.Own[ch].Text != "A mano" {
			t.Fatalf("what was written by hand is lost: %+v", past)
		}
	})
}

func TestWhoIsInIt(t *testing.T) {
	each(t, housetest.Options{}, func(t *testing.T, h *housetest.House) {
		ctx := t.Context()
		x := draft(t, h, team.Editor, "Uno")
		if others := must[[]team.MemberID](t)(h.Posts.Touch(ctx, h.Actor(team.Editor), x.ID)); len(others) != 0 {
			t.Fatal(others)
		}
		if others := must[[]team.MemberID](t)(h.Posts.Touch(ctx, h.Actor(team.Marketing), x.ID)); len(others) != 1 || others[0] != h.Actor(team.Editor).Member {
			t.Fatal(others)
		}
		if p := file(t, h, x.ID).Present; len(p) != 2 {
			t.Fatal(p)
		}
		h.Clock.Advance(31 * time.Second)
		if p := file(t, h, x.ID).Present; len(p) != 0 {
			t.Fatal(p)
		}
	})
}
