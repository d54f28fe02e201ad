package networktest

import (
	"slices"
	"strings"
	"testing"

	"github.com/ponte-desk/ponte/internal/network"
)

// name gives how a text names the stranger so that the network takes it for a mention.
func (s *suite) name(t *testing.T) string {
	t.Helper()
	to := network.Item{Author: network.Author{Handle: s.Stranger.Handle()}}
	if a := strings.TrimSpace(s.open(t).Address(to, s.self)); a != "" {
		return a
	}
	return "@" + s.Stranger.Handle()
}

func (s *suite) publishFacets(t *testing.T) {
	word, name := unique("see"), s.name(t)
	m := s.outgoing(word + " " + name + " our offer #bread")
	// All of it is ASCII: every unit counts the same.
	place := func(part string) (int, int) {
		i := strings.Index(m.Text, part)
		return i, i + len(part)
	}
	facet := func(k network.FacetKind, part, value string) network.Facet {
		from, to := place(part)
		return network.Facet{Kind: k, Start: from, End: to, Value: value}
	}
	m.Facets = []network.Facet{
		facet(network.FacetTag, "#bread", "bread"), // not in order
		facet(network.FacetMention, name, s.Stranger.Handle()),
		facet(network.FacetBold, "our", ""),
		facet(network.FacetLink, "our offer", "https://example.org/offer"),
		{Kind: network.FacetLink, Start: 2, End: 10_000, Value: "https://example.org/beside"},
	}
	img := Picture("card.png", "")
	m.Card = &network.Card{URL: "https://example.org/offer", Title: "Our offer", Description: "Bread, every day", Image: &img}
	got := s.mustPublish(t, m)
	items, err := s.open(t).Refresh(t.Context(), []string{got.RemoteID})
	if err != nil || len(items) != 1 {
		t.Fatalf("Refresh: %d items, %v", len(items), err)
	}
	it := items[0]
	if !strings.Contains(it.Text, word) || !strings.Contains(it.Text, "our offer") || strings.Contains(it.Text, "beside") {
		t.Errorf("text %q", it.Text)
	}
	if !s.Comments && !slices.ContainsFunc(it.Mentions, func(a network.Author) bool { return a.Handle == s.Stranger.Handle() }) {
		t.Errorf("mentions %+v do not name %s", it.Mentions, s.Stranger.Handle())
	}
	if len(it.Media) != 0 {
		t.Errorf("a card counts as a file: %+v", it.Media)
	}
	if r, p, err := s.open(t).Find(t.Context(), m); err != nil || p != network.Present || r.RemoteID != got.RemoteID {
		t.Errorf("Find: %+v, %q, %v", r, p, err)
	}
}

func (s *suite) counts(t *testing.T) {
	ctx, c := t.Context(), s.open(t)
	liked, quiet := s.mustPublish(t, s.outgoing(unique("countable"))), s.mustPublish(t, s.outgoing(unique("nobody cares")))
	gone := s.mustPublish(t, s.outgoing(unique("not for long")))
	ids := []string{liked.RemoteID, gone.RemoteID, quiet.RemoteID}
	read := func() map[string]network.Counts {
		t.Helper()
		got, err := c.Counts(ctx, ids)
		if err != nil {
			t.Fatalf("Counts: %v", err)
		}
		out := map[string]network.Counts{}
		for _, n := range got {
			if _, twice := out[n.RemoteID]; twice || !slices.Contains(ids, n.RemoteID) {
				t.Fatalf("Counts gave %q, which was not asked for or twice", n.RemoteID)
			}
			out[n.RemoteID] = n
		}
		return out
	}
	// Where the network has an index of its own it may know the posts a little later.
	s.eventually(t, "all three are counted", func() bool { return len(read()) == 3 })
	likes := network.Counted(0)
	if s.Comments {
		likes = network.Count{}
	} else if err := s.Stranger.Like(ctx, liked.RemoteID); err != nil {
		t.Fatalf("Like: %v", err)
	}
	for range 2 {
		if _, err := s.Stranger.Reply(ctx, liked.RemoteID, unique("indeed")); err != nil {
			t.Fatalf("Reply: %v", err)
		}
	}
	if err := c.Delete(ctx, gone.RemoteID); err != nil {
		t.Fatalf("Delete: %v", err)
	}
	var got map[string]network.Counts
	s.eventually(t, "a like, two replies and a deletion are counted", func() bool {
		got = read()
		return (s.Comments || got[liked.RemoteID].Reactions.N == 1) && got[liked.RemoteID].Replies.N == 2 && got[gone.RemoteID].Gone
	})
	if n := got[liked.RemoteID]; n.Reactions.Told == s.Comments || !n.Replies.Told || n.Shares.Told == s.Comments || n.Shares.N != 0 || n.Gone {
		t.Errorf("liked: %+v", n)
	}
	if n := got[quiet.RemoteID]; n != (network.Counts{
		RemoteID: quiet.RemoteID, Reactions: likes, Replies: network.Counted(0), Shares: likes, Quotes: n.Quotes, Views: n.Views,
	}) || n.Quotes.N != 0 || n.Views.N != 0 {
		t.Errorf("quiet: %+v", n)
	}
	if n := got[gone.RemoteID]; n != (network.Counts{RemoteID: gone.RemoteID, Gone: true}) {
		t.Errorf("what is gone has numbers: %+v", n)
	}
	if n, err := c.Counts(ctx, nil); err != nil || len(n) != 0 {
		t.Errorf("of nothing: %+v, %v", n, err)
	}
	if n, err := c.Counts(ctx, []string{"like:somebody:something"}); err != nil || len(n) != 0 {
		t.Errorf("of what is no post: %+v, %v", n, err)
	}
	_, err := c.Counts(ctx, slices.Repeat([]string{quiet.RemoteID}, network.MostCounts+1))
	isProblem(t, err, network.Never, network.ProblemRefused)
	// As many as are allowed, all different.
	many := []string{liked.RemoteID, quiet.RemoteID}
	for len(many) < network.MostCounts {
		many = append(many, s.mustPublish(t, s.outgoing(unique("one of many"))).RemoteID)
	}
	s.eventually(t, "as many as are allowed are counted", func() bool {
		n, err := c.Counts(ctx, many)
		if err != nil {
			t.Fatalf("Counts of %d: %v", len(many), err)
		}
		return len(n) == len(many)
	})
}

// edited is what stands at an id.
func (s *suite) edited(t *testing.T, id string) network.Item {
	t.Helper()
	items, err := s.open(t).Refresh(t.Context(), []string{id})
	if err != nil || len(items) != 1 || items[0].Deleted {
		t.Fatalf("Refresh: %+v, %v", items, err)
	}
	return items[0]
}

func (s *suite) edit(t *testing.T) {
	c := s.open(t)
	m := s.outgoing(unique("bread at six"))
	pictures := slices.Contains(c.Traits().Media, network.Image)
	if pictures {
		m.Media = []network.Upload{Picture("one.png", "A loaf"), Picture("two.png", "An oven")}
	}
	first := s.mustPublish(t, m)
	if !c.Traits().Edit {
		_, err := c.Edit(t.Context(), first.RemoteID, m)
		if p := isProblem(t, err, network.Never, network.ProblemUnsupported); p.Uncertain {
			t.Error("a refusal is not uncertain")
		}
		if it := s.edited(t, first.RemoteID); it.Version != first.Version {
			t.Errorf("it was changed all the same: %+v", it)
		}
		return
	}
	before := s.edited(t, first.RemoteID)
	if pictures && len(first.Media) != 2 {
		t.Fatalf("the receipt names %d files of 2", len(first.Media))
	}
	m.Text, m.Warning = unique("bread at seven"), "about food"
	if s.Comments {
		m.Warning = ""
	}
	if pictures {
		// The second goes first, with other words; the first is replaced.
		kept := network.Upload{RemoteID: first.Media[1], Alt: "An oven, open", FocusX: -0.5, FocusY: 0.25}
		m.Media = []network.Upload{kept, Picture("three.png", "A counter")}
	}
	second, err := c.Edit(t.Context(), first.RemoteID, m)
	if err != nil {
		t.Fatalf("Edit: %v", err)
	}
	after := s.edited(t, first.RemoteID)
	if second.RemoteID != first.RemoteID || second.Version != after.Version || after.Version == before.Version {
		t.Errorf("receipt %+v after %+v, now version %q", second, first, after.Version)
	}
	if after.Text != m.Text || after.Warning != m.Warning || after.EditedAt.IsZero() && !s.Comments || !after.At.Equal(before.At) || after.Visibility != before.Visibility {
		t.Errorf("after the edit: %+v", after)
	}
	if pictures {
		if len(after.Media) != 2 || after.Media[0].Alt != "An oven, open" || after.Media[1].Alt != "A counter" {
			t.Errorf("media %+v", after.Media)
		}
		if len(second.Media) != 2 || second.Media[0] != first.Media[1] || slices.Contains(first.Media, second.Media[1]) {
			t.Errorf("files %q, before %q", second.Media, first.Media)
		}
		// The same once more changes nothing.
		m.Media[1] = network.Upload{RemoteID: second.Media[1], Alt: "A counter"}
	}
	again, err := c.Edit(t.Context(), first.RemoteID, m)
	if it := s.edited(t, first.RemoteID); err != nil || again.Version != second.Version || it.Version != second.Version {
		t.Errorf("the same edit again: %+v, %v, version %q; before %+v", again, err, it.Version, second)
	}
	m.Media, m.Warning = nil, ""
	if _, err := c.Edit(t.Context(), first.RemoteID, m); err != nil {
		t.Errorf("Edit without files: %v", err)
	}
	if it := s.edited(t, first.RemoteID); len(it.Media) != 0 || it.Warning != "" || it.Text != m.Text {
		t.Errorf("after the files were taken off: %+v", it)
	}
}

func (s *suite) editRefused(t *testing.T) {
	c := s.open(t)
	if !c.Traits().Edit {
		t.Skip("the network has no edits")
	}
	never := func(id string, m network.Outgoing, keys ...string) {
		t.Helper()
		_, err := c.Edit(t.Context(), id, m)
		if p := isProblem(t, err, network.Never, keys...); p.Uncertain {
			t.Error("a refusal is not uncertain")
		}
	}
	stands := s.mustPublish(t, s.outgoing(unique("stays as it is")))
	l, err := c.Limits(t.Context())
	if err != nil {
		t.Fatalf("Limits: %v", err)
	}
	never(stands.RemoteID, s.outgoing(strings.Repeat("è ", l.Characters)), network.ProblemTooLong)
	foreign := s.outgoing(unique("with a file from elsewhere"))
	foreign.Media = []network.Upload{{RemoteID: "424242", Alt: "not ours"}}
	never(stands.RemoteID, foreign)
	theirs, err := s.Stranger.Mention(t.Context(), unique("mine"))
	if err != nil {
		t.Fatalf("Mention: %v", err)
	}
	never(theirs, s.outgoing(unique("yours no more")), network.ProblemRefused, network.ProblemGone)
	if it := s.edited(t, stands.RemoteID); it.Version != stands.Version {
		t.Errorf("what stood was changed: %+v", it)
	}
	if err := c.Delete(t.Context(), stands.RemoteID); err != nil {
		t.Fatalf("Delete: %v", err)
	}
	never(stands.RemoteID, s.outgoing(unique("too late")), network.ProblemGone)
}
