package mastodon_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/network/mastodon/mastodontest"
)

// TestPeoplePages reads a list of more accounts than a page has, whose places are not the accounts' ids.
func TestPeoplePages(t *testing.T) {
	t.Parallel()
	o := mastodontest.Options{}
	s := mastodontest.Start(t, o)
	s.AddAccount("ponte", "secret")
	want := map[string]bool{}
	for i := range 205 {
		x := s.Stranger(fmt.Sprintf("fan%03d", i), "ponte")
		if err := x.Follow(t.Context()); err != nil {
			t.Fatal(err)
		}
		want[x.Handle()] = true
	}
	c := connector().Open(credentials(s, o, "ponte"), nil)
	read := func(of network.ListOf) (got []string, pages int) {
		t.Helper()
		for pages < 20 {
			p, err := c.People(t.Context(), of)
			if err != nil {
				t.Fatal(err)
			}
			pages++
			for _, x := range p.People {
				got = append(got, x.Author.Handle)
				if !x.Followers.Told {
					t.Errorf("%s: how many follow them is not told", x.Author.Handle)
				}
			}
			if of.Cursor = p.Cursor; p.Cursor == "" {
				return got, pages
			}
		}
		t.Fatal("no end")
		return nil, 0
	}
	got, pages := read(network.ListOf{Kind: network.ListFollowers, RemoteID: s.AccountID("ponte")})
	for _, h := range got {
		if !want[h] {
			t.Errorf("%s is listed and does not follow, or is listed twice", h)
		}
		delete(want, h)
	}
	if len(want) != 0 || pages < 3 {
		t.Errorf("%d are not listed, on %d pages", len(want), pages)
	}
	got, _ = read(network.ListOf{Kind: network.ListFollowing, RemoteID: s.AccountID("fan007")})
	if !slices.Equal(got, []string{s.Handle("ponte")}) {
		t.Errorf("fan007 follows %q", got)
	}
	s.Hide("ponte")
	if got, _ = read(network.ListOf{Kind: network.ListFollowers, RemoteID: s.AccountID("ponte")}); len(got) != 0 {
		t.Errorf("an account that hides its followers shows %d", len(got))
	}
	if p, err := c.People(t.Context(), network.ListOf{Kind: network.ListFollowers, RemoteID: "999"}); err != nil || !p.Hidden {
		t.Errorf("of nobody: %+v, %v", p, err)
	}
}
