package network

import (
	"context"
	"fmt"
	"slices"

	"github.com/ponte-desk/ponte/internal/team"
)

// ListKind is what a public list of accounts is of. It is stored in the database.
type ListKind string

// The lists.
const (
	ListFollowers ListKind = "followers" // who follows an account
	ListFollowing ListKind = "following" // whom an account follows
	ListSharers   ListKind = "sharers"   // who shared a post of ours
	ListLikers    ListKind = "likers"    // who liked a post of ours
)

// ListOf says which list.
type ListOf struct {
	Kind     ListKind
	RemoteID string // of the account, or of the post
	Cursor   string // what the last page gave; "" begins
}

// Listed is an account on a list.
type Listed struct {
	Author    Author
	Followers Count // how many follow them, where the list tells
}

// PeoplePage is one reading of a list.
type PeoplePage struct {
	People []Listed
	Cursor string // where the next page goes on; "" when this was the last
	// Hidden says that who the list is of does not show it, or is not there any more: nobody is on it.
	Hidden bool
	Rate   Rate
}

// Gives tells whether a client reads such lists.
func (t Traits) Gives(k ListKind) bool { return slices.Contains(t.Lists, k) }

// peopleMost is how many pages of lists a channel bears in a minute.
const peopleMost = 12

// People reads a page of a list that the network shows to everybody. It is for other rooms, which have checked who asks. A channel
// bears 12 such pages a minute; beyond that, when its server has few requests left, and while it asks to be left alone, it gives
// ErrCalm, which says after how long to come back. A channel that cannot be used gives the fault that says why.
func (n *Networks) People(ctx context.Context, c team.CompanyID, id ChannelID, of ListOf) (PeoplePage, error) {
	client, ch, err := n.Client(ctx, c, id)
	if err != nil {
		return PeoplePage{}, fmt.Errorf("network.People: %w", upstream(err))
	}
	now := n.clock.Now()
	if wait := n.calm.wait(bucket{id, "people"}, "", peopleMost, now); wait > 0 {
		return PeoplePage{}, fmt.Errorf("network.People: %w", ErrCalm.After(wait))
	}
	call, cancel := context.WithTimeout(ctx, callFor)
	defer cancel()
	page, err := client.People(call, of)
	if err != nil {
		return PeoplePage{}, fmt.Errorf("network.People: %w", n.unable(ctx, ch, err, false))
	}
	if r := page.Rate; r.Remaining >= 0 && r.Remaining <= 2*spare && r.Reset.After(now) {
		n.calm.hush(bucket{id, "people"}, min(r.Reset.Sub(now), longest), now)
	}
	return page, nil
}
