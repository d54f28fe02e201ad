package post_test

import (
	"strings"
	"testing"
	"time"

	"github.com/ponte-desk/ponte/internal/housetest"
	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/networktest"
	"github.com/ponte-desk/ponte/internal/post"
	"github.com/ponte-desk/ponte/internal/team"
)

// What a post brings is read at its ages and kept as a series, with when it was read; what people said is found by where the post
// stands.
func TestWhatAPostBrings(t *testing.T) {
	each(t, housetest.Options{}, func(t *testing.T, h *housetest.House) {
		ctx := t.Context()
		x := sent(t, h, words)
		at := h.Clock.Now()
		id := part(t, h, x.ID, 0).RemoteID
		ada, ugo := h.Stranger("ada"), h.Stranger("ugo")
		ok(t, ada.Like(ctx, id))
		must[string](t)(ada.Reply(ctx, id, "Vengo con mia sorella!"))
		h.Clock.Advance(time.Hour)
		ok(t, h.Posts.Count(ctx))
		ok(t, ugo.Share(ctx, id))
		r := must[string](t)(ugo.Reply(ctx, id, "A che ora?"))
		must[string](t)(ada.Reply(ctx, r, "Alle dieci"))
		h.Clock.Advance(23 * time.Hour)
		ok(t, h.Posts.Count(ctx))
		ok(t, h.Posts.Count(ctx)) // nothing is due any more
		h.Read()
		f := file(t, h, x.ID)
		if len(f.Results) != 2 {
			t.Fatalf("%+v", f.Results)
		}
		a, b := f.Results[0], f.Results[1]
		if a.Age != "1h" || *a.Counted.Reactions != 1 || *a.Counted.Replies != 1 || *a.Counted.Shares != 0 || a.Counted.Views != nil || a.ReadAt.Sub(at) < time.Hour {
			t.Fatalf("%+v", a)
		}
		if b.Age != "1d" || *b.Counted.Replies != 2 || *b.Counted.Shares != 1 {
			t.Fatalf("%+v", b)
		}
		if f.Said.Interactions != 3 || len(f.Said.Talks) == 0 || f.Said.Talks[0].Conversation == "" || f.Said.Talks[0].RemoteID != id {
			t.Fatalf("%+v", f.Said)
		}
		// Who may not read conversations is not told them.
		ok(t, h.Posts.Share(ctx, h.Actor(team.Editor), x.ID, []team.MemberID{h.Actor(team.Contributor).Member}))
		if mine := must[post.File](t)(h.Posts.Open(ctx, h.Actor(team.Contributor), x.ID)); len(mine.Said.Talks) != 0 {
			t.Fatalf("%+v", mine.Said)
		}
		best := must[post.Best](t)(h.Posts.BestHours(ctx, h.Actor(team.Guest), ""))
		if best.Posts != 1 || best.Wrote != 3 || best.Answers != 2 || len(best.Hours) == 0 || best.Hours[0].Cases == 0 || !best.Hours[0].Few {
			t.Fatalf("%+v", best)
		}
	})
}

// What we go on saying under our own message is not counted as an answer of those who read it; the first comment is ours too.
func TestOurOwnThreadIsNoAnswer(t *testing.T) {
	each(t, housetest.Options{}, func(t *testing.T, h *housetest.House) {
		ctx := t.Context()
		x := must[post.Post](t)(h.Posts.Create(ctx, h.Actor(team.Owner), post.CreateIn{
			Message: post.Message{Text: strings.Repeat(words+" ", 6), FirstComment: "Si arriva con il 14."}, Channels: []network.ChannelID{h.Channel.ID},
		}))
		now(t, h, x)
		work(t, h, time.Minute)
		parts := file(t, h, x.ID).Variants[0].Parts
		if len(parts) < 3 {
			t.Fatalf("%d messages", len(parts))
		}
		h.Clock.Advance(time.Hour)
		must[string](t)(h.Stranger("ada").Reply(ctx, parts[0].RemoteID, "Vengo!"))
		ok(t, h.Posts.Count(ctx))
		f := file(t, h, x.ID)
		if len(f.Results) != 1 || f.Results[0].Parts != len(parts) || *f.Results[0].Counted.Replies != 1 {
			t.Fatalf("%+v, of which %d answers", f.Results, *f.Results[0].Counted.Replies)
		}
	})
}

// A channel that cannot be read now is read later; a number that would no longer be of its age is left out.
func TestANumberIsOfItsAge(t *testing.T) {
	each(t, housetest.Options{}, func(t *testing.T, h *housetest.House) {
		ctx := t.Context()
		x := sent(t, h, words)
		h.Clock.Advance(time.Hour)
		h.Fake.Inject(networktest.Fault{Call: networktest.CallCounts, Way: networktest.Broken, Times: 2})
		for range 3 {
			ok(t, h.Posts.Count(ctx))
			h.Clock.Advance(11 * time.Minute)
		}
		if f := file(t, h, x.ID); len(f.Results) != 1 || f.Results[0].Age != "1h" {
			t.Fatalf("%+v", f.Results)
		}
		// The house stands still for five days: the number of a day is not read on the fifth.
		h.Clock.Advance(5 * 24 * time.Hour)
		h.Fake.Inject(networktest.Fault{Call: networktest.CallCounts, Way: networktest.Broken})
		ok(t, h.Posts.Count(ctx))
		h.Clock.Advance(3 * 24 * time.Hour)
		ok(t, h.Posts.Count(ctx))
		f := file(t, h, x.ID)
		if len(f.Results) != 2 || f.Results[1].Age != "7d" {
			t.Fatalf("%+v", f.Results)
		}
	})
}
