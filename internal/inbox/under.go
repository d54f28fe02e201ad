package inbox

import (
	"context"
	"fmt"
	"time"

	"github.com/ponte-desk/ponte/internal/audience"
	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/team"
)

// Under is a conversation in which people spoke under something of ours.
type Under struct {
	Conversation ConversationID
	Channel      network.ChannelID
	Identity     audience.IdentityID // who started it
	RemoteID     string              // of ours
	Said         int                 // what they wrote
	Last         time.Time
	Preview      string
	State        State
}

// UnderOurs gives the conversations under things of ours that stand on a channel, for the rooms that sent them and have
// checked who asks. What was taken back counts for nothing.
func (x *Inbox) UnderOurs(ctx context.Context, c team.CompanyID, ch network.ChannelID, remoteIDs []string) ([]Under, error) {
	if len(remoteIDs) == 0 {
		return nil, nil
	}
	out, err := x.underOurs(ctx, c, ch, remoteIDs)
	if err != nil {
		return nil, fmt.Errorf("inbox.UnderOurs: %w", err)
	}
	return out, nil
}

// CameSince gives when people outside wrote, on a channel or, with "", on all, since a moment, oldest first, at most so many. It is for
// rooms that find good hours and have checked who asks.
func (x *Inbox) CameSince(ctx context.Context, c team.CompanyID, ch network.ChannelID, since time.Time, most int) ([]time.Time, error) {
	out, err := x.cameSince(ctx, c, ch, since, most)
	if err != nil {
		return nil, fmt.Errorf("inbox.CameSince: %w", err)
	}
	return out, nil
}
