package inbox

import (
	"context"
	"fmt"
	"time"

	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/team"
	"github.com/ponte-desk/ponte/internal/verdict"
)

// Heard is something that a person outside wrote, with what it was judged to be.
type Heard struct {
	Interaction Interaction
	Verdict     verdict.Verdict
	Past        bool // it waits for nobody: it was old when its channel was connected
	Again       bool // it was there before and was judged anew: it was edited, a member corrected the verdict, or a second opinion came
}

// Answered says that something of ours stands in a conversation now.
type Answered struct {
	Company      team.CompanyID
	Conversation ConversationID
	Private      bool
	At           time.Time // when it was written there
}

// Listeners are the rooms above that hear what happens here, each in the transaction in which it happens.
type Listeners struct {
	// Came is told what came in or was changed, with words and without, ours too.
	Came func(ctx context.Context, tx *store.Tx, c team.CompanyID, ids []InteractionID) error
	// Heard is told what was judged, in the order in which it was written.
	Heard func(ctx context.Context, tx *store.Tx, by team.Actor, ch network.Channel, hs []Heard) error
	// Answered is told that we answered, through Ponte or elsewhere.
	Answered func(ctx context.Context, tx *store.Tx, as []Answered) error
	// Replied is told when a reply is written and whenever it changes its state.
	Replied func(ctx context.Context, tx *store.Tx, r Reply) error
	// Taken is told what was taken back on the network.
	Taken func(ctx context.Context, tx *store.Tx, c team.CompanyID, ids []InteractionID) error
	// Joined is told that two conversations turned out to be one: what belonged to gone belongs to kept.
	Joined func(ctx context.Context, tx *store.Tx, c team.CompanyID, kept, gone ConversationID) error
}

// Listen adds a room above to those that hear. It is called while the house is built.
func (x *Inbox) Listen(l Listeners) { x.listeners = append(x.listeners, l) }

func (x *Inbox) tellCame(ctx context.Context, tx *store.Tx, c team.CompanyID, ids []InteractionID) error {
	for _, l := range x.listeners {
		if l.Came == nil || len(ids) == 0 {
			continue
		}
		if err := l.Came(ctx, tx, c, ids); err != nil {
			return err
		}
	}
	return nil
}

func (x *Inbox) tellHeard(ctx context.Context, tx *store.Tx, by team.Actor, ch network.Channel, hs []Heard) error {
	for _, l := range x.listeners {
		if l.Heard == nil || len(hs) == 0 {
			continue
		}
		if err := l.Heard(ctx, tx, by, ch, hs); err != nil {
			return err
		}
	}
	return nil
}

func (x *Inbox) tellAnswered(ctx context.Context, tx *store.Tx, as ...Answered) error {
	for _, l := range x.listeners {
		if l.Answered == nil || len(as) == 0 {
			continue
		}
		if err := l.Answered(ctx, tx, as); err != nil {
			return err
		}
	}
	return nil
}

func (x *Inbox) tellReplied(ctx context.Context, tx *store.Tx, r Reply) error {
	for _, l := range x.listeners {
		if l.Replied == nil {
			continue
		}
		if err := l.Replied(ctx, tx, r); err != nil {
			return err
		}
	}
	return nil
}

func (x *Inbox) tellTaken(ctx context.Context, tx *store.Tx, c team.CompanyID, ids []InteractionID) error {
	for _, l := range x.listeners {
		if l.Taken == nil || len(ids) == 0 {
			continue
		}
		if err := l.Taken(ctx, tx, c, ids); err != nil {
			return err
		}
	}
	return nil
}

func (x *Inbox) tellJoined(ctx context.Context, tx *store.Tx, c team.CompanyID, kept, gone ConversationID) error {
	for _, l := range x.listeners {
		if l.Joined == nil {
			continue
		}
		if err := l.Joined(ctx, tx, c, kept, gone); err != nil {
			return err
		}
	}
	return nil
}

// AnsweredInPublic gives, for interactions of theirs, when something of ours was first said after them in their conversation
// where not only they can read it. Those that wait are left out. It is for other rooms, which have checked who asks.
func (x *Inbox) AnsweredInPublic(ctx context.Context, c team.CompanyID, ids []InteractionID) (map[InteractionID]time.Time, error) {
	return x.answeredInPublic(ctx, c, ids)
}

// InteractionsByID gives interactions for other rooms, which have checked who asks. What is not there is left out.
func (x *Inbox) InteractionsByID(ctx context.Context, c team.CompanyID, ids []InteractionID) (map[InteractionID]Interaction, error) {
	rows, err := x.interactionRows(ctx, c, ids)
	out := make(map[InteractionID]Interaction, len(rows))
	for _, r := range rows {
		out[r.ID] = r.interaction()
	}
	return out, err
}

// InteractionOn gives what a channel knows under a remote id, for other rooms, which have checked who asks.
func (x *Inbox) InteractionOn(ctx context.Context, c team.CompanyID, ch network.ChannelID, remoteID string) (Interaction, error) {
	i, err := x.interactionOn(ctx, c, ch, remoteID)
	if err != nil {
		return Interaction{}, fmt.Errorf("inbox.InteractionOn: %w", err)
	}
	return i, nil
}

// InteractionsOn gives what a channel knows under some remote ids, by these, for other rooms, which have checked who asks. What is not
// there is left out.
func (x *Inbox) InteractionsOn(ctx context.Context, c team.CompanyID, ch network.ChannelID, remoteIDs []string) (map[string]Interaction, error) {
	out, err := x.interactionsOn(ctx, c, ch, remoteIDs)
	if err != nil {
		return nil, fmt.Errorf("inbox.InteractionsOn: %w", err)
	}
	return out, nil
}
