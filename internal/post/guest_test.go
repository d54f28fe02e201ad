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

func invite(t testing.TB, h *housetest.House, by team.Role, id post.ID) (post.Guest, string) {
	t.Helper()
	g, token, err := h.Posts.InviteGuest(t.Context(), h.Actor(by), id, post.GuestIn{Name: "Carla Moretti"})
	ok(t, err)
	if token == "" || g.ID == "" {
		t.Fatalf("%+v %q", g, token)
	}
	return g, token
}

// A guest reads one post by their link and says yes, in the place of the member who invited them; a link decides once.
func TestAGuestSaysYesOnce(t *testing.T) {
	each(t, housetest.Options{}, func(t *testing.T, h *housetest.House) {
		ctx := t.Context()
		wants(t, h, mode(post.ModeOne))
		x := ask(t, h, words)
		_, token := invite(t, h, team.Marketing, x.ID)
		v := must[post.GuestView](t)(h.Posts.ReadGuest(ctx, token))
		if !v.Waits || v.Hash != x.Hash || v.Guest.Name != "Carla Moretti" || len(v.Variants) != 1 || v.Variants[0].Contents[0].Text != words || v.Host == "" {
			t.Fatalf("%+v", v)
		}
		fails(t, h.Posts.DecideGuest(ctx, token, post.GuestDecision{Yes: true, Hash: "x"}), fault.Conflict, "post.approve.moved")
		ok(t, h.Posts.DecideGuest(ctx, token, post.GuestDecision{Yes: true, Hash: v.Hash}))
		if f := file(t, h, x.ID); f.Post.State != post.Planned || len(f.Decisions) != 1 || f.Decisions[0].Guest != "Carla Moretti" || !f.Decisions[0].Counts {
			t.Fatalf("%+v %+v", f.Post, f.Decisions)
		}
		fails(t, h.Posts.DecideGuest(ctx, token, post.GuestDecision{Words: "no", Hash: v.Hash}), fault.Conflict, "post.guest.used")
		// The link still shows what was said, and only that.
		v = must[post.GuestView](t)(h.Posts.ReadGuest(ctx, token))
		if v.Waits || v.Decision == nil || !v.Decision.Yes {
			t.Fatalf("%+v", v)
		}
		h.Clock.Set(utc(t, "2026-03-03T09:00"))
		work(t, h, time.Minute)
		if len(standing(h)) != 1 {
			t.Fatal("it did not go out")
		}
	})
}

// A link that is over, withdrawn or unknown is refused; who holds it learns which.
func TestALinkThatIsOver(t *testing.T) {
	each(t, housetest.Options{}, func(t *testing.T, h *housetest.House) {
		ctx := t.Context()
		wants(t, h, mode(post.ModeOne))
		x := ask(t, h, words)
		g, withdrawn := invite(t, h, team.Marketing, x.ID)
		fails(t, h.Posts.WithdrawGuest(ctx, h.Actor(team.Guest), g.ID), fault.Denied, "team.denied")
		ok(t, h.Posts.WithdrawGuest(ctx, h.Actor(team.Marketing), g.ID))
		_, late := invite(t, h, team.Marketing, x.ID)
		_, left := invite(t, h, team.Community, x.ID)
		ok(t, h.Team.Leave(ctx, h.Actor(team.Owner), team.LeaveIn{Member: h.Actor(team.Community).Member}))
		h.Clock.Advance(7*24*time.Hour + time.Second)
		why := map[string]string{"withdrawn": "withdrawn", "late": "over", "of one who left": "withdrawn", "unknown": "gone", "empty": "gone"}
		for name, token := range map[string]string{"withdrawn": withdrawn, "late": late, "of one who left": left, "unknown": "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "empty": ""} {
			_, err := h.Posts.ReadGuest(ctx, token)
			if fault.KindOf(err) != fault.NotFound || fault.Of(err).Key != "post.guest."+why[name] {
				t.Errorf("%s: %v", name, err)
			}
			if err := h.Posts.DecideGuest(ctx, token, post.GuestDecision{Yes: true, Hash: x.Hash}); fault.KindOf(err) != fault.NotFound {
				t.Errorf("%s decides: %v", name, err)
			}
		}
		if f := file(t, h, x.ID); f.Post.State != post.Pending || len(f.Decisions) != 0 {
			t.Fatalf("%+v", f.Post)
		}
	})
}

// Who wrote a post cannot say yes to it through a guest of their own: what that guest thinks is kept, and counts for nothing.
func TestAGuestOfTheAuthorsOwn(t *testing.T) {
	each(t, housetest.Options{}, func(t *testing.T, h *housetest.House) {
		ctx := t.Context()
		wants(t, h, mode(post.ModeOne))
		x := ask(t, h, words)
		_, token := invite(t, h, team.Editor, x.ID)
		ok(t, h.Posts.DecideGuest(ctx, token, post.GuestDecision{Yes: true, Words: "Bello", Hash: x.Hash}))
		f := file(t, h, x.ID)
		if f.Post.State != post.Pending || f.Given != 0 || len(f.Decisions) != 1 || f.Decisions[0].Counts || f.Decisions[0].Words != "Bello" {
			t.Fatalf("%+v %+v", f.Post, f.Decisions)
		}
	})
}

// A guest's no sends it back, with what should change; after a change the link shows the new words and asks again.
func TestAGuestSendsBack(t *testing.T) {
	each(t, housetest.Options{}, func(t *testing.T, h *housetest.House) {
		ctx := t.Context()
		wants(t, h, mode(post.ModeOne))
		x := ask(t, h, words)
		_, a := invite(t, h, team.Marketing, x.ID)
		_, b := invite(t, h, team.Marketing, x.ID)
		fails(t, h.Posts.DecideGuest(ctx, a, post.GuestDecision{Hash: x.Hash}), fault.Invalid, "post.back.why")
		ok(t, h.Posts.DecideGuest(ctx, a, post.GuestDecision{Words: "Manca l’ora.", Hash: x.Hash}))
		f := file(t, h, x.ID)
		if f.Post.State != post.Draft || f.Post.Back != "Manca l’ora." {
			t.Fatalf("%+v", f.Post)
		}
		y := must[post.Post](t)(h.Posts.SaveDraft(ctx, h.Actor(team.Editor), post.SaveIn{Post: x.ID, Version: f.Post.Version, Message: post.Message{Text: words + " Alle dieci."}, Channels: []network.ChannelID{h.Channel.ID}}))
		y = must[post.Post](t)(h.Posts.Ask(ctx, h.Actor(team.Editor), x.ID, post.AskIn{Version: y.Version}))
		fails(t, h.Posts.DecideGuest(ctx, b, post.GuestDecision{Yes: true, Hash: x.Hash}), fault.Conflict, "post.approve.moved")
		v := must[post.GuestView](t)(h.Posts.ReadGuest(ctx, b))
		if !v.Waits || v.Hash != y.Hash || v.Variants[0].Contents[0].Text != words+" Alle dieci." {
			t.Fatalf("%+v", v)
		}
		ok(t, h.Posts.DecideGuest(ctx, b, post.GuestDecision{Yes: true, Hash: v.Hash}))
	})
}
