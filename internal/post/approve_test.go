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

// ask plans a post as an editor in a company that wants a yes.
func ask(t testing.TB, h *housetest.House, text string) post.Post {
	t.Helper()
	x := draft(t, h, team.Editor, text)
	x = must[post.Post](t)(h.Posts.Schedule(t.Context(), h.Actor(team.Editor), x.ID, post.ScheduleIn{Version: x.Version, When: post.When{Kind: post.At, Wall: wallOf(t, "2026-03-03T10:00")}}))
	if x.State != post.Pending || x.Hash == "" {
		t.Fatalf("%+v", x)
	}
	return x
}

// Nothing goes out without the yes; a yes is over the exact bytes; with it the post goes out at its time.
func TestAYesIsOverTheExactBytes(t *testing.T) {
	each(t, housetest.Options{}, func(t *testing.T, h *housetest.House) {
		ctx := t.Context()
		wants(t, h, mode(post.ModeOne))
		x := ask(t, h, words)
		_, err := h.Posts.Approve(ctx, h.Actor(team.Marketing), x.ID, "another")
		fails(t, err, fault.Conflict, "post.approve.moved")
		_, err = h.Posts.Approve(ctx, h.Actor(team.Editor), x.ID, x.Hash)
		fails(t, err, fault.Denied, "team.denied")
		es := must[[]post.Entry](t)(h.Posts.ToApprove(ctx, h.Actor(team.Marketing)))
		if len(es) != 1 || es[0].Post.ID != x.ID {
			t.Fatalf("%+v", es)
		}
		y := must[post.Post](t)(h.Posts.Approve(ctx, h.Actor(team.Marketing), x.ID, x.Hash))
		if y.State != post.Planned {
			t.Fatal(y.State)
		}
		f := file(t, h, x.ID)
		if len(f.Decisions) != 1 || !f.Decisions[0].Yes || !f.Decisions[0].Valid || f.Decisions[0].Hash != x.Hash || f.Decisions[0].Member != h.Actor(team.Marketing).Member {
			t.Fatalf("%+v", f.Decisions)
		}
		if es := must[[]post.Entry](t)(h.Posts.ToApprove(ctx, h.Actor(team.Marketing))); len(es) != 0 {
			t.Fatalf("%+v", es)
		}
		h.Clock.Set(utc(t, "2026-03-03T09:00"))
		work(t, h, time.Minute)
		if got := standing(h); len(got) != 1 || got[0] != words {
			t.Fatalf("%q", got)
		}
	})
}

// Every change after the yes asks again, and what was approved before does not go out.
func TestEveryChangeAsksAgain(t *testing.T) {
	each(t, housetest.Options{}, func(t *testing.T, h *housetest.House) {
		ctx, editor, boss := t.Context(), h.Actor(team.Editor), h.Actor(team.Marketing)
		wants(t, h, mode(post.ModeOne))
		x := ask(t, h, words)
		x = must[post.Post](t)(h.Posts.Approve(ctx, boss, x.ID, x.Hash))
		old := x.Hash
		save := func(text string) post.Post {
			t.Helper()
			return must[post.Post](t)(h.Posts.SaveDraft(ctx, editor, post.SaveIn{Post: x.ID, Version: x.Version, Message: post.Message{Text: text}, Channels: []network.ChannelID{h.Channel.ID}}))
		}
		x = save(words + " Vieni!")
		if x.State != post.Draft || x.Hash != "" || x.When.Kind != post.At {
			t.Fatalf("%+v", x)
		}
		h.Clock.Set(utc(t, "2026-03-03T09:00"))
		work(t, h, time.Minute)
		if len(standing(h)) != 0 {
			t.Fatal("it went out without a yes")
		}
		if ts := must[[]post.Trouble](t)(h.Posts.Troubled(ctx, boss)); len(ts) != 0 {
			t.Fatalf("%+v", ts)
		}
		h.Clock.Advance(time.Minute)
		if ts := must[[]post.Trouble](t)(h.Posts.Troubled(ctx, boss)); len(ts) != 1 || ts[0].Kind != post.TroubleMissed {
			t.Fatalf("%+v", ts)
		}
		// Back to the very words that were approved: it is asked all the same.
		x = save(words)
		x = must[post.Post](t)(h.Posts.Schedule(ctx, editor, x.ID, post.ScheduleIn{Version: x.Version, When: post.When{Kind: post.Now}}))
		if x.State != post.Pending || x.Hash != old {
			t.Fatalf("%+v", x)
		}
		work(t, h, time.Minute)
		if len(standing(h)) != 0 {
			t.Fatal("an old yes counted")
		}
		must[post.Post](t)(h.Posts.Approve(ctx, boss, x.ID, x.Hash))
		work(t, h, time.Minute)
		if len(standing(h)) != 1 {
			t.Fatal("it did not go out")
		}
		// A description of a picture is among the bytes, a time is not.
		y := ask(t, h, "Altro")
		y = must[post.Post](t)(h.Posts.Approve(ctx, boss, y.ID, y.Hash))
		y = must[post.Post](t)(h.Posts.Move(ctx, editor, y.ID, wallOf(t, "2026-03-04T10:00"), false))
		if y.State != post.Planned {
			t.Fatal(y.State)
		}
	})
}

func TestTheModes(t *testing.T) {
	each(t, housetest.Options{}, func(t *testing.T, h *housetest.House) {
		ctx := t.Context()
		owner, marketing, community := h.Actor(team.Owner), h.Actor(team.Marketing), h.Actor(team.Community)
		yes := func(who team.Actor, x post.Post) (post.Post, error) { return h.Posts.Approve(ctx, who, x.ID, x.Hash) }

		// One in a role: not another who may approve, but an owner in their place.
		wants(t, h, func(s *post.Settings) { s.Approval, s.First = post.ModeRole, team.Community })
		x := ask(t, h, "ruolo")
		_, err := yes(marketing, x)
		fails(t, err, fault.Denied, "post.approve.role")
		if x = must[post.Post](t)(yes(community, x)); x.State != post.Planned {
			t.Fatal(x.State)
		}

		// Two, one after the other, and not the same.
		wants(t, h, func(s *post.Settings) { s.Approval, s.First, s.Second = post.ModeTwo, "", team.Owner })
		x = ask(t, h, "due")
		if x = must[post.Post](t)(yes(owner, x)); x.State != post.Pending {
			t.Fatal(x.State)
		}
		_, err = yes(owner, x)
		fails(t, err, fault.Denied, "post.approve.twice")
		_, err = yes(marketing, x)
		fails(t, err, fault.Denied, "post.approve.role")
		second := h.Add(t, team.Owner, "seconda@example.it").Actor(team.ViaScreen)
		if x = must[post.Post](t)(yes(second, x)); x.State != post.Planned {
			t.Fatal(x.State)
		}

		// The owner's: an owner who plans it has said it.
		wants(t, h, mode(post.ModeOwner))
		x = ask(t, h, "titolare")
		_, err = yes(marketing, x)
		fails(t, err, fault.Denied, "post.approve.role")
		must[post.Post](t)(yes(owner, x))
		y := draft(t, h, team.Editor, "del titolare")
		if y = at(t, h, y, "2026-03-05T10:00"); y.State != post.Planned {
			t.Fatal(y.State)
		}
		if ds := file(t, h, y.ID).Decisions; len(ds) != 1 || ds[0].Member != owner.Member {
			t.Fatalf("%+v", ds)
		}

		// Nobody's.
		wants(t, h, mode(post.ModeNone))
		z := draft(t, h, team.Editor, "nessuno")
		z = must[post.Post](t)(h.Posts.Schedule(ctx, h.Actor(team.Editor), z.ID, post.ScheduleIn{Version: z.Version, When: post.When{Kind: post.At, Wall: wallOf(t, "2026-03-03T10:00")}}))
		if z.State != post.Planned {
			t.Fatal(z.State)
		}
	})
}

// Nobody says the yes of another for what they wrote or asked, unless nobody else could.
func TestNobodyApprovesTheirOwn(t *testing.T) {
	each(t, housetest.Options{}, func(t *testing.T, h *housetest.House) {
		ctx, me := t.Context(), h.Actor(team.Marketing)
		wants(t, h, mode(post.ModeOne))
		x := draft(t, h, team.Marketing, words)
		x = must[post.Post](t)(h.Posts.Ask(ctx, me, x.ID, post.AskIn{Version: x.Version}))
		_, err := h.Posts.Approve(ctx, me, x.ID, x.Hash)
		fails(t, err, fault.Denied, "post.approve.own")
		// Nor does who wrote the last words when another asked.
		y := draft(t, h, team.Marketing, "altre parole")
		y = must[post.Post](t)(h.Posts.Ask(ctx, h.Actor(team.Editor), y.ID, post.AskIn{Version: y.Version}))
		_, err = h.Posts.Approve(ctx, me, y.ID, y.Hash)
		fails(t, err, fault.Denied, "post.approve.own")
		// Nor does who wrote before another changed a word.
		z := draft(t, h, team.Editor, "prima")
		z = must[post.Post](t)(h.Posts.SaveDraft(ctx, me, post.SaveIn{Post: z.ID, Version: z.Version, Message: post.Message{Text: "mie parole"}, Channels: []network.ChannelID{h.Channel.ID}}))
		z = must[post.Post](t)(h.Posts.SaveDraft(ctx, h.Actor(team.Editor), post.SaveIn{Post: z.ID, Version: z.Version, Message: post.Message{Text: "mie parole."}, Channels: []network.ChannelID{h.Channel.ID}}))
		z = must[post.Post](t)(h.Posts.Ask(ctx, h.Actor(team.Editor), z.ID, post.AskIn{Version: z.Version}))
		_, err = h.Posts.Approve(ctx, me, z.ID, z.Hash)
		fails(t, err, fault.Denied, "post.approve.own")
		must[post.Post](t)(h.Posts.Approve(ctx, h.Actor(team.Community), z.ID, z.Hash))
		if es := must[[]post.Entry](t)(h.Posts.ToApprove(ctx, me)); len(es) != 0 {
			t.Fatalf("%+v", es)
		}
		for _, r := range []team.Role{team.Community, team.Editor, team.Contributor, team.Guest} {
			ok(t, h.Team.Leave(ctx, h.Actor(team.Owner), team.LeaveIn{Member: h.Actor(r).Member}))
		}
		_, err = h.Posts.Approve(ctx, me, x.ID, x.Hash)
		fails(t, err, fault.Denied, "post.approve.own") // the owner could
		z = draft(t, h, team.Owner, "sola")
		z = must[post.Post](t)(h.Posts.Ask(ctx, h.Actor(team.Owner), z.ID, post.AskIn{Version: z.Version}))
		ok(t, h.Team.Leave(ctx, h.Actor(team.Owner), team.LeaveIn{Member: me.Member}))
		if z = must[post.Post](t)(h.Posts.Approve(ctx, h.Actor(team.Owner), z.ID, z.Hash)); z.State != post.Approved {
			t.Fatal(z.State)
		}
	})
}

// Who is asked by name may decide about that post and no other, whatever their role.
func TestAskedByName(t *testing.T) {
	each(t, housetest.Options{}, func(t *testing.T, h *housetest.House) {
		ctx, guest := t.Context(), h.Actor(team.Guest)
		wants(t, h, mode(post.ModeOne))
		x, y := draft(t, h, team.Editor, "uno"), draft(t, h, team.Editor, "due")
		x = must[post.Post](t)(h.Posts.Ask(ctx, h.Actor(team.Editor), x.ID, post.AskIn{Version: x.Version, Of: []team.MemberID{guest.Member}, Note: "Che ne dici?"}))
		y = must[post.Post](t)(h.Posts.Ask(ctx, h.Actor(team.Editor), y.ID, post.AskIn{Version: y.Version}))
		es := must[[]post.Entry](t)(h.Posts.ToApprove(ctx, guest))
		if len(es) != 1 || es[0].Post.ID != x.ID {
			t.Fatalf("%+v", es)
		}
		_, err := h.Posts.Approve(ctx, guest, y.ID, y.Hash)
		fails(t, err, fault.Denied, "team.denied")
		_, err = h.Posts.SaveDraft(ctx, guest, post.SaveIn{Post: x.ID, Version: x.Version, Message: post.Message{Text: "mio"}, Channels: []network.ChannelID{h.Channel.ID}})
		fails(t, err, fault.Denied, "team.denied")
		back := must[post.Post](t)(h.Posts.SendBack(ctx, guest, x.ID, "Manca il giorno."))
		if back.State != post.Draft || back.Back != "Manca il giorno." {
			t.Fatalf("%+v", back)
		}
		x = must[post.Post](t)(h.Posts.Ask(ctx, h.Actor(team.Editor), x.ID, post.AskIn{Version: back.Version, Of: []team.MemberID{guest.Member}}))
		if x = must[post.Post](t)(h.Posts.Approve(ctx, guest, x.ID, x.Hash)); x.State != post.Approved {
			t.Fatal(x.State)
		}
		if c := file(t, h, x.ID).Comments; len(c) != 1 || c[0].Text != "Che ne dici?" {
			t.Fatalf("%+v", c)
		}
	})
}

// What must be confirmed stands in the way until a member has confirmed it, and who did is kept.
func TestWhatMustBeConfirmed(t *testing.T) {
	each(t, housetest.Options{}, func(t *testing.T, h *housetest.House) {
		ctx, who := t.Context(), h.Actor(team.Editor)
		text := "Per prenotare il posto fai un bonifico su IT60X0542811101000000123456. Vieni?"
		x := draft(t, h, team.Editor, text)
		_, err := h.Posts.Schedule(ctx, who, x.ID, post.ScheduleIn{Version: x.Version, When: post.When{Kind: post.Now}})
		fails(t, err, fault.Invalid, "post.confirm.missing")
		f := file(t, h, x.ID)
		if len(f.Doubts) != 1 || f.Doubts[0].By != "" || f.Doubts[0].Shown == "" || f.Doubts[0].Shown == "IT60X0542811101000000123456" {
			t.Fatalf("%+v", f.Doubts)
		}
		fails(t, h.Posts.Confirm(ctx, who, x.ID, []string{"other"}), fault.Conflict, "post.confirm.moved")
		fails(t, h.Posts.Confirm(ctx, h.Actor(team.Guest), x.ID, []string{f.Doubts[0].Mark}), fault.Denied, "team.denied")
		ok(t, h.Posts.Confirm(ctx, who, x.ID, []string{f.Doubts[0].Mark}))
		if f = file(t, h, x.ID); f.Doubts[0].By != who.Member || f.Doubts[0].At.IsZero() {
			t.Fatalf("%+v", f.Doubts)
		}
		// Other words around the same are confirmed still; another one is not.
		x = must[post.Post](t)(h.Posts.SaveDraft(ctx, who, post.SaveIn{
			Post: x.ID, Version: x.Version, Channels: []network.ChannelID{h.Channel.ID},
			Message: post.Message{Text: "Il posto si prenota con un bonifico su IT60X0542811101000000123456. Vieni?", FirstComment: "Oppure su DE89370400440532013000."},
		}))
		_, err = h.Posts.Schedule(ctx, who, x.ID, post.ScheduleIn{Version: x.Version, When: post.When{Kind: post.Now}})
		fails(t, err, fault.Invalid, "post.confirm.missing")
		x = must[post.Post](t)(h.Posts.SaveDraft(ctx, who, post.SaveIn{
			Post: x.ID, Version: x.Version, Channels: []network.ChannelID{h.Channel.ID},
			Message: post.Message{Text: "Il posto si prenota con un bonifico su IT60X0542811101000000123456. Vieni?"},
		}))
		must[post.Post](t)(h.Posts.Schedule(ctx, who, x.ID, post.ScheduleIn{Version: x.Version, When: post.When{Kind: post.Now}}))
	})
}
