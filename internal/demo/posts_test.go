package demo_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ponte-desk/ponte/internal/demo"
	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/housetest"
	"github.com/ponte-desk/ponte/internal/media"
	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/post"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/storetest"
	"github.com/ponte-desk/ponte/internal/team"
)

// told is a house in which the sample was told until a moment, with its owner and its posts.
type told struct {
	*housetest.House
	sample  team.Company
	owner   team.Actor
	entries map[string]post.Entry // by how they begin
	all     []post.Entry
}

func tellPosts(t *testing.T, s *store.Store, moment time.Time) *told {
	t.Helper()
	h := &told{House: housetest.New(t, s, housetest.Options{Extra: []network.Name{network.Mastodon, network.Bluesky}}), entries: map[string]post.Entry{}}
	h.Clock.Set(moment)
	c, owner, err := demo.Fill(t.Context(), demo.Rooms{
		Team: h.Team, Networks: h.Networks, Audience: h.Audience, Inbox: h.Inbox, Deliveries: h.Deliveries, Growth: h.Growth, Media: h.Media, Posts: h.Posts, Clock: h.Clock,
	}, h.Actor(team.Owner), moment)
	if err != nil {
		t.Fatal(err)
	}
	h.sample, h.owner = c, owner.Actor(team.ViaScreen)
	for cursor := ""; ; {
		l, err := h.Posts.List(t.Context(), h.owner, post.Filter{Cursor: cursor, Limit: 100})
		if err != nil {
			t.Fatal(err)
		}
		h.all = append(h.all, l.Entries...)
		if cursor = l.Next; cursor == "" {
			break
		}
	}
	for _, e := range h.all {
		h.entries[e.Preview] = e
	}
	return h
}

// open gives the post whose title or words begin so.
func (h *told) open(t *testing.T, begin string) post.File {
	t.Helper()
	for p, e := range h.entries {
		if strings.HasPrefix(p, begin) {
			f, err := h.Posts.Open(t.Context(), h.owner, e.Post.ID)
			if err != nil {
				t.Fatal(err)
			}
			return f
		}
	}
	t.Fatalf("no post begins with %q", begin)
	return post.File{}
}

// The month of posts shows everything that may become of one.
func TestAMonthOfPosts(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		moment := time.Date(2026, 3, 12, 16, 20, 0, 0, time.UTC)
		h := tellPosts(t, s, moment)
		ctx := t.Context()
		states := map[post.State]int{}
		soon := 0
		for _, e := range h.all {
			x := e.Post
			states[x.State]++
			if x.State == post.Planned && x.DueAt.Before(moment.AddDate(0, 0, 7)) {
				soon++
			}
			if x.State == post.Sent && (x.SentAt.Before(moment.AddDate(0, 0, -28)) || x.SentAt.After(moment)) {
				t.Errorf("%q went out at %s", e.Preview, x.SentAt)
			}
			if x.State == post.Planned && !x.DueAt.After(moment) {
				t.Errorf("%q is planned for %s", e.Preview, x.DueAt)
			}
		}
		if n := states[post.Sent]; n < 14 || n > 18 {
			t.Errorf("%d sent", n)
		}
		delete(states, post.Sent)
		if planned := states[post.Planned]; soon != 3 || planned < 3 || planned > 5 {
			t.Errorf("%d planned, %d of them next week", planned, soon)
		}
		delete(states, post.Planned)
		// Sent back is a draft again.
		if diff := cmp.Diff(map[post.State]int{post.Draft: 3, post.Pending: 1, post.Held: 1, post.Failed: 1}, states); diff != "" {
			t.Error(diff)
		}

		thread := h.open(t, "Una notte di forno")
		for _, v := range thread.Variants {
			if len(v.Parts) < 2 || v.State != post.VarSent || !strings.Contains(v.Parts[1].Content.Text, "(2/") {
				t.Errorf("no thread: %+v", v)
			}
		}
		if first := h.open(t, "La ciotola nata"); len(first.Variants) != 2 || !first.Variants[0].Parts[len(first.Variants[0].Parts)-1].Content.Comment {
			t.Errorf("no first comment: %+v", first.Variants)
		}
		byHand := 0
		for _, v := range h.open(t, "Regali").Variants {
			if v.Own != nil {
				byHand++
			}
		}
		if byHand != 1 {
			t.Errorf("%d written by hand", byHand)
		}
		if f := h.open(t, "Sessantacinque"); len(f.Advice) < 2 || f.Advice[0].Kind != "self" {
			t.Errorf("nothing is said about it: %+v", f.Advice)
		}
		if f := h.open(t, "La colletta"); len(f.Doubts) != 1 || f.Doubts[0].Kind != "iban" || f.Doubts[0].By != "" {
			t.Errorf("%+v", f.Doubts)
		}
		if f := h.open(t, "Il venerdì"); len(f.Comments) != 1 || f.Post.Wanted[0].Role != team.Owner {
			t.Errorf("%+v", f.Post)
		}
		if waits, err := h.Posts.ToApprove(ctx, h.owner); err != nil || len(waits) != 1 {
			t.Errorf("%d wait for the owner, %v", len(waits), err)
		}
		if f := h.open(t, "Gli alberghi"); f.Post.Back == "" {
			t.Error("it was not sent back")
		}

		// What came of them is what people did in the story: under one of them they talk, and the numbers grow.
		votes := h.open(t, "Quattro colori")
		if votes.Said.Interactions < 8 || len(votes.Said.Talks) < 8 {
			t.Errorf("%+v", votes.Said)
		}
		boxes, seven := h.open(t, "Dal separatore"), 0
		for _, v := range boxes.Variants {
			last := -1
			for _, r := range boxes.Results {
				if r.Variant != v.ID {
					continue
				}
				if n := *r.Counted.Reactions; n < last {
					t.Errorf("%s brought less: %d, %d", r.Age, last, n)
				} else {
					last = n
				}
				if r.Age == "7d" {
					seven++
				}
			}
			if last < 3 {
				t.Errorf("hardly anybody liked it: %d", last)
			}
		}
		if seven != 2 || len(boxes.Results) != 6 {
			t.Errorf("%+v", boxes.Results)
		}

		// What is in the way says why, and ends by hand: it goes out without a call.
		keys := map[string]post.Trouble{}
		troubles, err := h.Posts.Troubled(ctx, h.owner)
		if err != nil {
			t.Fatal(err)
		}
		for _, x := range troubles {
			keys[x.Cause.Key] = x
		}
		failed, ok := keys[network.ProblemMedia]
		if _, late := keys["post.held.late"]; len(keys) != 2 || !ok || !late {
			t.Fatalf("%+v", troubles)
		}
		if err := h.Posts.Retry(ctx, h.owner, failed.Part.ID); err != nil {
			t.Fatal(err)
		}
		ids, err := h.Deliveries.Waiting(ctx, h.sample.ID)
		if err != nil || len(ids) == 0 {
			t.Fatal(ids, err)
		}
		for _, id := range ids {
			if _, err := h.Deliveries.Step(ctx, id); err != nil {
				t.Fatal(err)
			}
		}
		if f := h.open(t, "Da oggi il coperchio"); f.Post.State != post.Sent || f.Post.Trouble {
			t.Errorf("tried again it is %s", f.Post.State)
		}

		pictures := map[media.ID]bool{}
		for _, e := range h.all {
			for _, m := range e.Post.Message.Media {
				if m.Alt == "" {
					t.Errorf("a picture of %q has no description", e.Preview)
				}
				pictures[m.ID] = true
			}
		}
		if len(pictures) != 7 {
			t.Errorf("%d pictures", len(pictures))
		}
		if err := h.Team.RemoveSample(ctx, h.Actor(team.Owner)); err != nil {
			t.Fatal(err)
		}
		for _, table := range tables(t, s) {
			var n int
			if err := s.Read(ctx).NewRaw("SELECT count(*) FROM "+table+" WHERE company_id = ?", h.sample.ID).Scan(ctx, &n); err != nil || n != 0 {
				t.Errorf("%d rows of the sample are left in %s (%v)", n, table, err)
			}
		}
	})
}

// The same moment gives the same posts and numbers, but for the names that are new each time; on other days and at other hours they are all there too.
func TestPostsAtOtherMoments(t *testing.T) {
	t.Parallel()
	type line struct {
		Preview string
		State   post.State
		At      time.Time
		Results string
	}
	lines := func(h *told) (out []line) {
		for _, e := range h.all {
			f, err := h.Posts.Open(t.Context(), h.owner, e.Post.ID)
			if err != nil {
				t.Fatal(err)
			}
			var counted []string
			for _, ch := range []network.Name{network.Mastodon, network.Bluesky} {
				for _, r := range f.Results {
					if f.Channels[r.Channel].Network == ch {
						b, err := json.Marshal(r.Counted)
						if err != nil {
							t.Fatal(err)
						}
						counted = append(counted, string(ch)+string(r.Age)+string(b))
					}
				}
			}
			out = append(out, line{e.Preview, e.Post.State, e.Post.At, strings.Join(counted, " ")})
		}
		return out
	}
	midnight := time.Date(2026, 10, 25, 22, 1, 0, 0, time.UTC)
	a, b := lines(tellPosts(t, storetest.SQLite(t), midnight)), lines(tellPosts(t, storetest.SQLite(t), midnight))
	if diff := cmp.Diff(a, b); diff != "" {
		t.Error(diff)
	}
	for d := range 5 {
		h := tellPosts(t, storetest.SQLite(t), time.Date(2026, 3, 27, 3, 5, 0, 0, time.UTC).Add(time.Duration(d)*29*time.Hour))
		if n := len(h.all); n != 27 {
			t.Errorf("%d posts", n)
		}
	}
}

// Only of a sample is told what became of a post.
func TestOnlyASampleIsTold(t *testing.T) {
	t.Parallel()
	h := housetest.New(t, storetest.SQLite(t), housetest.Options{})
	for _, s := range []post.Staged{{}, {Variants: []post.StagedVariant{{Channel: h.Channel.ID, Late: true}}}} {
		if err := h.Posts.Stage(t.Context(), h.Actor(team.Owner), s); fault.KindOf(err) != fault.Denied {
			t.Errorf("%v", err)
		}
	}
}
