package inbox

import (
	"context"
	"fmt"
	"time"

	"github.com/ponte-desk/ponte/internal/audience"
	"github.com/ponte-desk/ponte/internal/delivery"
	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/team"
	"github.com/ponte-desk/ponte/internal/verdict"
)

// Thread is a conversation with everything that belongs to it.
type Thread struct {
	Conversation Conversation
	Channel      network.Channel
	About        *Interaction  // our own post that it hangs on, when there is one
	Interactions []Interaction // oldest first
	Notes        []Note        // oldest first
	Replies      []Reply       // those that do not stand on the network: pending, rejected, on their way, failed
	Labels       []Label
	Identities   map[audience.IdentityID]audience.Identity
	Draft        Draft
	Writing      []team.MemberID                   // others who write an answer right now
	Deliveries   map[delivery.ID]delivery.Delivery // of the replies
	Verdicts     map[InteractionID]verdict.Verdict // of what they wrote, the words that weighed marked
}

// Person is the id of the person outside, "" when not known.
func (t Thread) Person() audience.PersonID {
	return t.Identities[t.Conversation.Identity].Person
}

// Last is the interaction of theirs that an answer goes to: the latest that was not taken back. ok is false when
// they took everything back.
func (t Thread) Last() (last Interaction, ok bool) {
	for _, i := range t.Interactions {
		if !i.Mine && i.DeletedAt.IsZero() && i.Standing != network.Spam && i.Kind.Speaks() && i.Kind != network.KindPost {
			last, ok = i, true
		}
	}
	return last, ok
}

// Open gives a conversation with everything that belongs to it.
func (x *Inbox) Open(ctx context.Context, actor team.Actor, id ConversationID) (Thread, error) {
	if err := actor.May(team.InboxRead); err != nil {
		return Thread{}, err
	}
	if _, err := conversationKind.Parse(string(id)); err != nil {
		return Thread{}, err
	}
	t, err := x.thread(ctx, actor, id)
	if err != nil {
		return Thread{}, fmt.Errorf("inbox.Open: %w", err)
	}
	return t, nil
}

func (x *Inbox) thread(ctx context.Context, actor team.Actor, id ConversationID) (t Thread, err error) {
	if t.Conversation, err = x.conversation(ctx, actor.Company, id); err != nil {
		return t, err
	}
	channels, err := x.networks.ChannelsByID(ctx, actor.Company)
	if err != nil {
		return t, err
	}
	t.Channel = channels[t.Conversation.Channel]
	if t.Interactions, err = x.interactions(ctx, actor.Company, id); err != nil {
		return t, err
	}
	if t.Verdicts, err = x.marked(ctx, actor.Company, t.Interactions); err != nil {
		return t, err
	}
	if t.About, err = x.about(ctx, actor.Company, t.Conversation.Channel, t.Interactions); err != nil {
		return t, err
	}
	if t.Notes, err = x.notes(ctx, actor.Company, id); err != nil {
		return t, err
	}
	if t.Replies, err = x.openReplies(ctx, actor.Company, id); err != nil {
		return t, err
	}
	t.Deliveries = map[delivery.ID]delivery.Delivery{}
	for _, r := range t.Replies {
		if r.Delivery == "" {
			continue
		}
		d, err := x.deliveries.Get(ctx, actor.Company, r.Delivery)
		if err != nil {
			return t, err
		}
		t.Deliveries[d.ID] = d
	}
	labels, err := x.labelsOf(ctx, actor.Company, []ConversationID{id})
	if err != nil {
		return t, err
	}
	t.Labels = labels[id]
	who := []audience.IdentityID{t.Conversation.Identity}
	for _, i := range t.Interactions {
		who = append(who, i.Identity)
	}
	if t.Identities, err = x.audience.IdentitiesByID(ctx, actor.Company, who); err != nil {
		return t, err
	}
	if actor.Member == "" {
		return t, nil
	}
	if t.Draft, err = x.draft(ctx, actor, id); err != nil {
		return t, err
	}
	t.Writing, err = x.writers(ctx, actor, id, x.clock.Now())
	return t, err
}

// Picture gives one of the pictures that an interaction carries, by its number from 0.
func (x *Inbox) Picture(ctx context.Context, actor team.Actor, id InteractionID, n int) (network.Media, error) {
	if err := actor.May(team.InboxRead); err != nil {
		return network.Media{}, err
	}
	media, err := x.mediaOf(ctx, actor.Company, id)
	if err != nil {
		return network.Media{}, fmt.Errorf("inbox.Picture: %w", err)
	}
	if n < 0 || n >= len(media) || media[n].Kind != network.Image {
		return network.Media{}, fault.New(fault.NotFound, "inbox.picture.missing")
	}
	return media[n], nil
}

// lookAt bounds how many interactions of a conversation are read again when someone looks at it.
const lookAt = 40

// Look reads a conversation again where it stands, because someone looks at it: edits, deletions, and what others
// wrote around it without naming us. What is new shows by itself. It calls the network, so it belongs after the page.
func (x *Inbox) Look(ctx context.Context, actor team.Actor, id ConversationID) error {
	if err := actor.May(team.InboxRead); err != nil {
		return err
	}
	is, err := x.interactions(ctx, actor.Company, id)
	if err != nil || len(is) == 0 {
		return err
	}
	var ids []string
	for _, i := range is[max(0, len(is)-lookAt):] {
		if i.DeletedAt.IsZero() {
			ids = append(ids, i.RemoteID)
		}
	}
	if _, err := x.networks.RefreshNow(ctx, actor.Company, is[0].Channel, ids); err != nil {
		return fmt.Errorf("inbox.Look: %w", err)
	}
	last := is[len(is)-1]
	if last.Visibility.Private() || !last.DeletedAt.IsZero() {
		return nil
	}
	if _, err := x.networks.ReadThread(ctx, actor.Company, last.Channel, last.RemoteID); err != nil {
		return fmt.Errorf("inbox.Look: %w", err)
	}
	return nil
}

// History lists the conversations with a person, newest first, at most limit.
func (x *Inbox) History(ctx context.Context, actor team.Actor, p audience.PersonID, limit int) ([]Conversation, error) {
	l, err := x.List(ctx, actor, Filter{View: ViewAll, Person: p, Limit: limit})
	return l.Conversations, err
}

// writingFor is how long someone counts as writing after the last key.
const writingFor = 20 * time.Second

// Touch says that the actor is writing an answer, and gives the others who are.
func (x *Inbox) Touch(ctx context.Context, actor team.Actor, id ConversationID) ([]team.MemberID, error) {
	if err := actor.May(team.InboxReply); err != nil {
		return nil, err
	}
	return x.touchWriting(ctx, actor, id)
}
