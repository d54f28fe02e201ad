package bluesky

import (
	"context"
	"errors"
	"net/http"
	"net/url"

	"github.com/ponte-desk/ponte/internal/network"
)

// peoplePerCall is how many accounts a list gives at once.
const peoplePerCall = "100"

// People implements network.Client. The index of the network has the lists; it does not tell how many follow the people on them.
func (cl *client) People(ctx context.Context, of network.ListOf) (network.PeoplePage, error) {
	page := network.PeoplePage{Rate: network.Rate{Remaining: -1}}
	q := url.Values{"limit": {peoplePerCall}}
	r := request{query: q}
	post := false
	switch of.Kind {
	case network.ListFollowers:
		r.nsid = "app.bsky.graph.getFollowers"
	case network.ListFollowing:
		r.nsid = "app.bsky.graph.getFollows"
	case network.ListSharers:
		r.nsid, post = "app.bsky.feed.getRepostedBy", true
	case network.ListLikers:
		r.nsid, post = "app.bsky.feed.getLikes", true
	default:
		return page, unsupported(cl.cred.ServerURL)
	}
	u, isURI := parseURI(of.RemoteID)
	if post && (!isURI || u.Collection != collectionPost) || !post && !isDID(of.RemoteID) {
		page.Hidden = true
		return page, nil
	}
	if post {
		q.Set("uri", of.RemoteID)
	} else {
		q.Set("actor", of.RemoteID)
	}
	if of.Cursor != "" {
		q.Set("cursor", of.Cursor)
	}
	var told struct {
		Followers  []profileView
		Follows    []profileView
		RepostedBy []profileView
		Likes      []struct{ Actor profileView }
		Cursor     string
	}
	rate, err := cl.do(ctx, r, &told)
	page.Rate = rate
	if e, ok := errors.AsType[*serverError](err); ok && (e.Status == http.StatusBadRequest || e.Status == http.StatusNotFound) &&
		e.Name != "ExpiredToken" && e.Name != "InvalidToken" { // blocked, taken down, or not there
		page.Hidden = true
		return page, nil
	}
	if err != nil {
		return page, err
	}
	all := append(append(told.Followers, told.Follows...), told.RepostedBy...)
	for _, l := range told.Likes {
		all = append(all, l.Actor)
	}
	for _, v := range all {
		if isDID(v.DID) {
			page.People = append(page.People, network.Listed{Author: cl.c.author(v)})
		}
	}
	if told.Cursor != of.Cursor {
		page.Cursor = told.Cursor
	}
	return page, nil
}
