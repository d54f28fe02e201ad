package mastodon

import (
	"context"
	"net/http"
	"net/url"

	"github.com/ponte-desk/ponte/internal/network"
)

// listedAtOnce is how many accounts of a list are asked for at once: as many as Mastodon gives.
const listedAtOnce = "80"

// lists are where the lists stand.
var lists = map[network.ListKind]struct{ before, after string }{
	network.ListFollowers: {"/api/v1/accounts/", "/followers"},
	network.ListFollowing: {"/api/v1/accounts/", "/following"},
	network.ListSharers:   {"/api/v1/statuses/", "/reblogged_by"},
	network.ListLikers:    {"/api/v1/statuses/", "/favourited_by"},
}

// People implements network.Client. An account that does not show its lists has empty ones: servers do not tell that apart.
func (c *client) People(ctx context.Context, of network.ListOf) (network.PeoplePage, error) {
	none := network.PeoplePage{Rate: network.Rate{Remaining: -1}}
	l, ok := lists[of.Kind]
	if !ok {
		return none, c.srv.problem(network.Never, network.ProblemUnsupported, nil)
	}
	if !isStatus(of.RemoteID) {
		none.Hidden = true
		return none, nil
	}
	m, err := c.me(ctx)
	if err != nil {
		return none, err
	}
	q := url.Values{"limit": {listedAtOnce}}
	if of.Cursor != "" {
		q.Set("max_id", of.Cursor)
	}
	var some []account
	a, err := c.get(ctx, l.before+url.PathEscape(of.RemoteID)+l.after, q, &some)
	switch statusOf(err) {
	case http.StatusForbidden, http.StatusNotFound, http.StatusGone: // they do not want to be seen by us, or are not there
		none.Hidden, none.Rate = true, a.rate
		return none, nil
	}
	if err != nil {
		return none, err
	}
	page := network.PeoplePage{Rate: a.rate}
	for _, x := range some {
		if x.ID == "" || x.Suspended {
			continue
		}
		page.People = append(page.People, network.Listed{Author: m.author(x), Followers: network.CountedOr(x.Followers)})
	}
	// Where the list goes on is told beside it: the ids there are not those of the accounts.
	if _, older := pages(a); len(some) > 0 && older != of.Cursor {
		page.Cursor = older
	}
	return page, nil
}
