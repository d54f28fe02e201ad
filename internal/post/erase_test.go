package post_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ponte-desk/ponte/internal/audience"
	"github.com/ponte-desk/ponte/internal/fetch"
	"github.com/ponte-desk/ponte/internal/housetest"
	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/post"
	"github.com/ponte-desk/ponte/internal/schedule"
	"github.com/ponte-desk/ponte/internal/team"
)

// everything are all rows of this room as text, each behind the name of its table.
func everything(t testing.TB, h *housetest.House) (out []string) {
	t.Helper()
	seen := 0
	for _, table := range must2(h.Store.Tables(t.Context())) {
		if table.Name != "post" && !strings.HasPrefix(table.Name, "post_") {
			continue
		}
		seen++
		ok(t, h.Store.Rows(t.Context(), table, func(row []any) error {
			line := table.Name
			for n, v := range row {
				if b, is := v.([]byte); is {
					v = string(b)
				}
				line += fmt.Sprintf(" %s=%v", table.Columns[n].Name, v)
			}
			out = append(out, line)
			return nil
		}))
	}
	if seen != 16 {
		t.Fatalf("%d tables", seen)
	}
	return out
}

func must2[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// An erased person is in no post any more: not mentioned, not named, in what is written, frozen, out, kept as history or said about it. What
// was approved and named them asks again.
func TestErased(t *testing.T) {
	web := newSite(t)
	web.page("/intervista", "@adalgisa@one.example racconta", "", "")
	each(t, housetest.Options{Files: fetch.NewClient(fetch.Options{AllowNetworks: housetest.Loopback})}, func(t *testing.T, h *housetest.House) {
		ctx, owner, ch := t.Context(), h.Actor(team.Owner), []network.ChannelID{h.Channel.ID}
		draft(t, h, team.Owner, "Leggi "+web.URL+"/intervista")
		asked(t, h)
		must[string](t)(h.Stranger("adalgisa@one.example").Mention(ctx, "Bravi!"))
		must[string](t)(h.Stranger("ugolino@two.example").Mention(ctx, "Bravi!"))
		h.Read()
		people, _, err := h.Audience.Find(ctx, owner, "adalgisa", "", 5)
		ok(t, err)
		others, _, err := h.Audience.Find(ctx, owner, "ugolino", "", 5)
		ok(t, err)
		if len(people) != 1 || len(others) != 1 {
			t.Fatalf("%+v %+v", people, others)
		}
		mark := "@[Adalgisa](" + string(people[0].ID) + ")"
		m := post.Message{Text: "Grazie a " + mark + " e a @[Ugolino](" + string(others[0].ID) + ") per il piatto", FirstComment: "Lo dice adalgisa@one.example", Title: "Il piatto di Adalgisa"}
		create := func() post.Post {
			t.Helper()
			return must[post.Post](t)(h.Posts.Create(ctx, owner, post.CreateIn{Message: m, Channels: ch, Own: map[network.ChannelID]post.Own{ch[0]: {Text: "A mano: " + m.Text, FirstComment: m.FirstComment}}}))
		}
		out := create()
		f := file(t, h, out.ID)
		var marks []string
		for _, d := range f.Doubts {
			marks = append(marks, d.Mark)
		}
		ok(t, h.Posts.Confirm(ctx, owner, out.ID, marks))
		now(t, h, out)
		work(t, h, time.Minute)
		if got := standing(h); len(got) != 2 || !strings.Contains(got[0], "@adalgisa@one.example") {
			t.Fatalf("%q", got)
		}
		planned := create()
		for _, d := range file(t, h, planned.ID).Doubts {
			ok(t, h.Posts.Confirm(ctx, owner, planned.ID, []string{d.Mark}))
		}
		planned = must[post.Post](t)(h.Posts.Schedule(ctx, owner, planned.ID, post.ScheduleIn{Version: planned.Version, When: post.When{
			Kind: post.At, Wall: wallOf(t, "2026-03-20T10:00"), Repeat: &schedule.Rule{Every: schedule.Month, Count: 12},
		}}))
		must[post.Comment](t)(h.Posts.Comment(ctx, owner, planned.ID, "Chiediamo ad adalgisa@one.example"))
		must[post.Snippet](t)(h.Posts.SaveSnippet(ctx, owner, post.Snippet{Kind: post.Template, Name: "Grazie", Message: m}))
		kept := must[post.Post](t)(h.Posts.SaveDraft(ctx, owner, post.SaveIn{Post: create().ID, Version: 1, Message: post.Message{Text: "ripensato"}, Channels: ch}))
		if past := must[[]post.Past](t)(h.Posts.History(ctx, owner, kept.ID)); len(past) != 0 {
			t.Fatalf("%+v", past)
		}
		h.Clock.Advance(10 * time.Minute)
		late := must2(h.Posts.Create(ctx, owner, post.CreateIn{Message: m, Channels: ch}))
		_, err = h.Posts.SaveDraft(ctx, h.Actor(team.Editor), post.SaveIn{Post: late.ID, Version: 99, Message: post.Message{Text: m.Text + " tardi"}, Channels: ch})
		if err == nil {
			t.Fatal("no conflict")
		}
		person := must[audience.Person](t)(h.Audience.Person(ctx, owner, people[0].ID))
		// Before that, they can be told where they are mentioned.
		bundle := must[*audience.Bundle](t)(h.Audience.Export(ctx, owner, person.ID))
		told := ""
		ok(t, bundle.Each(ctx, func(e audience.Entry) error {
			if e.Section == audience.SectionPosts {
				told += e.Text + "\n"
			}
			return nil
		}))
		if !strings.Contains(told, "Grazie a Adalgisa e a Ugolino per il piatto") {
			t.Error("a post that mentions them is not told")
		}
		must[audience.Certificate](t)(h.Audience.Erase(ctx, owner, person.ID, audience.EraseIn{Name: person.Name}))
		for _, line := range everything(t, h) {
			if low := strings.ToLower(line); strings.Contains(low, "adalgisa") || strings.Contains(low, string(people[0].ID)) {
				t.Errorf("still there: %s", line)
			}
		}
		got := file(t, h, planned.ID).Post
		if got.State != post.Draft || got.Hash != "" || !strings.Contains(got.Message.Text, "@[Ugolino]") || !strings.Contains(got.Message.Text, audience.Masked) {
			t.Fatalf("%+v", got)
		}
		h.Clock.Set(utc(t, "2026-03-20T09:00"))
		work(t, h, time.Minute)
		if n := len(standing(h)); n != 2 {
			t.Fatalf("%d stand", n)
		}
		if !slices.ContainsFunc(must[post.Series](t)(h.Posts.SeriesOf(ctx, owner, planned.Series)).Posts, func(e post.Entry) bool { return e.Post.ID == planned.ID }) {
			t.Fatal("the series is lost")
		}
		if s := must[post.Series](t)(h.Posts.SeriesOf(ctx, owner, planned.Series)); !s.Ended {
			t.Fatal("a series that nobody approved goes on")
		}
	})
}
