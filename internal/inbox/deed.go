package inbox

import (
	"context"
	"fmt"
	"time"

	"github.com/ponte-desk/ponte/internal/audience"
	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/team"
)

// Deed is what was done on a network, for rooms that look at who does what towards whom.
type Deed struct {
	ID       InteractionID
	Channel  network.ChannelID
	RemoteID string
	Kind     network.ItemKind
	Mine     bool
	Identity audience.IdentityID // who did it; "" for us
	ParentID string              // remote id of what it answers or is about
	RootID   string
	Parent   Whose // who wrote what it answers
	Root     Whose // who began the thread
	Mentions []network.Author
	Text     string // "" where not everybody may read it
	At       time.Time
	Deleted  bool
}

// Whose says who wrote something.
type Whose struct {
	Known    bool // it is stored
	Mine     bool
	Identity audience.IdentityID // "" for us
}

// Deeds gives what was done after something, in the order in which it came in; "" begins. It is for other rooms, which have checked
// who asks.
func (x *Inbox) Deeds(ctx context.Context, c team.CompanyID, after InteractionID, limit int) ([]Deed, error) {
	ds, err := x.deeds(ctx, c, after, limit)
	if err != nil {
		return nil, fmt.Errorf("inbox.Deeds: %w", err)
	}
	return ds, nil
}

// DeedsByID gives some of what was done, and what was there before and answers it, whose parent may not have been known when it came.
// What is not there is left out. It is for other rooms, which have checked who asks.
func (x *Inbox) DeedsByID(ctx context.Context, c team.CompanyID, ids []InteractionID) ([]Deed, error) {
	ds, err := x.deedsByID(ctx, c, ids)
	if err != nil {
		return nil, fmt.Errorf("inbox.DeedsByID: %w", err)
	}
	return ds, nil
}
