package networktest

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/ponte-desk/ponte/internal/network"
)

// People implements network.Client. A page has FakeOptions.PageSize accounts, those who came last first.
func (c *fakeClient) People(ctx context.Context, of network.ListOf) (network.PeoplePage, error) {
	if !c.Traits().Gives(of.Kind) {
		c.f.enter(CallPeople)
		return network.PeoplePage{}, c.f.problem(network.Never, network.ProblemUnsupported, nil)
	}
	if _, _, err := c.start(ctx, CallPeople); err != nil {
		return network.PeoplePage{}, err
	}
	c.f.mu.Lock()
	defer c.f.mu.Unlock()
	page := network.PeoplePage{Rate: network.Rate{Remaining: -1}}
	who, isAccount := strings.CutPrefix(of.RemoteID, "account:")
	d := c.f.byID[of.RemoteID]
	ofAccount := of.Kind == network.ListFollowers || of.Kind == network.ListFollowing
	if ofAccount && (!isAccount || c.f.accounts[who] == nil) || !ofAccount && (d == nil || d.gone) {
		page.Hidden = true
		return page, nil
	}
	var all []string
	for _, x := range slices.Backward(c.f.deeds) {
		switch {
		case x.gone:
		case of.Kind == network.ListFollowers && x.what == "follow" && slices.Contains(x.to, who):
			all = append(all, x.author)
		case of.Kind == network.ListFollowing && x.what == "follow" && x.author == who:
			all = append(all, x.to...)
		case of.Kind == network.ListSharers && x.what == "share" && x.parent == of.RemoteID,
			of.Kind == network.ListLikers && x.what == "like" && x.parent == of.RemoteID:
			all = append(all, x.author)
		}
	}
	from, _ := strconv.Atoi(of.Cursor)
	from = min(max(from, 0), len(all))
	to := min(from+c.f.opts.PageSize, len(all))
	for _, h := range all[from:to] {
		page.People = append(page.People, network.Listed{Author: c.f.author(h)})
	}
	if to < len(all) {
		page.Cursor = strconv.Itoa(to)
	}
	return page, nil
}

// listed reads a whole list, page by page with a fresh client each time.
func (s *suite) listed(t *testing.T, k network.ListKind, id string) (handles []string, hidden bool) {
	t.Helper()
	of := network.ListOf{Kind: k, RemoteID: id}
	for range 100 {
		p, err := s.open(t).People(t.Context(), of)
		if err != nil {
			t.Fatalf("People %s of %s: %v", k, id, err)
		}
		for _, x := range p.People {
			if x.Author.RemoteID == "" || x.Author.Handle == "" || x.Followers.N < 0 {
				t.Errorf("on the list %s: %+v", k, x)
			}
			handles = append(handles, x.Author.Handle)
		}
		if p.Cursor == "" {
			return handles, p.Hidden
		}
		of.Cursor = p.Cursor
	}
	t.Fatalf("the list %s has no end", k)
	return nil, false
}

// people checks the lists that the network shows to everybody.
func (s *suite) people(t *testing.T) {
	c := s.open(t)
	for _, k := range []network.ListKind{network.ListFollowers, network.ListFollowing, network.ListSharers, network.ListLikers} {
		if !c.Traits().Gives(k) {
			_, err := c.People(t.Context(), network.ListOf{Kind: k, RemoteID: s.self.RemoteID})
			isProblem(t, err, network.Never, network.ProblemUnsupported)
		}
	}
	_, err := c.People(t.Context(), network.ListOf{Kind: "enemies", RemoteID: s.self.RemoteID})
	isProblem(t, err, network.Never, network.ProblemUnsupported)
	if c.Traits().Gives(network.ListFollowers) {
		if err := s.Stranger.Follow(t.Context()); err != nil {
			t.Fatalf("Follow: %v", err)
		}
		s.eventually(t, "who follows us is listed", func() bool {
			who, _ := s.listed(t, network.ListFollowers, s.self.RemoteID)
			return slices.Contains(who, s.Stranger.Handle()) || s.self.Locked
		})
	}
	if c.Traits().Gives(network.ListLikers) && c.Traits().Gives(network.ListSharers) {
		liked, quiet := s.mustPublish(t, s.outgoing(unique("to be liked"))), s.mustPublish(t, s.outgoing(unique("liked by nobody")))
		if err := s.Stranger.Like(t.Context(), liked.RemoteID); err != nil {
			t.Fatalf("Like: %v", err)
		}
		s.eventually(t, "who liked is listed", func() bool {
			who, _ := s.listed(t, network.ListLikers, liked.RemoteID)
			return slices.Equal(who, []string{s.Stranger.Handle()})
		})
		if who, _ := s.listed(t, network.ListLikers, quiet.RemoteID); len(who) != 0 {
			t.Errorf("nobody liked it, and %q are listed", who)
		}
		if who, _ := s.listed(t, network.ListSharers, liked.RemoteID); len(who) != 0 {
			t.Errorf("nobody shared it, and %q are listed", who)
		}
		if share, ok := s.Stranger.(interface {
			Share(context.Context, string) error
		}); ok {
			if err := share.Share(t.Context(), liked.RemoteID); err != nil {
				t.Fatalf("Share: %v", err)
			}
			s.eventually(t, "who shared is listed", func() bool {
				who, _ := s.listed(t, network.ListSharers, liked.RemoteID)
				return slices.Equal(who, []string{s.Stranger.Handle()})
			})
		}
	}
	for _, k := range c.Traits().Lists {
		if who, _ := s.listed(t, k, "like:somebody:something"); len(who) != 0 {
			t.Errorf("%s of nothing are %q", k, who)
		}
	}
}
