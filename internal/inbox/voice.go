package inbox

import (
	"context"
	"fmt"
	"time"

	"github.com/ponte-desk/ponte/internal/audience"
	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/team"
)

// Voice is what somebody said, for rooms that look at how a company speaks and listens.
type Voice struct {
	ID           InteractionID
	Channel      network.ChannelID
	Conversation ConversationID // "" for a post of ours
	RemoteID     string
	ParentID     string // remote id of what it answers
	RootID       string
	Identity     audience.IdentityID // who said it; "" for us
	Kind         network.ItemKind
	Mine         bool
	Public       bool // everybody may read it
	Language     string
	Text         string
	At           time.Time
	Deleted      bool // taken back on the network
}

// Voices gives what was said after something, in the order in which it came in, ours too; "" begins. Likes, shares and follows, which have no
// words, are left out: fewer than limit does not mean that there is no more, last does. It is for other rooms, which have checked who asks.
func (x *Inbox) Voices(ctx context.Context, c team.CompanyID, after InteractionID, limit int) (vs []Voice, last InteractionID, err error) {
	vs, last, err = x.voices(ctx, c, after, limit)
	if err != nil {
		return nil, "", fmt.Errorf("inbox.Voices: %w", err)
	}
	return vs, last, nil
}
