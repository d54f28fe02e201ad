package presence

import (
	"context"
	"fmt"
	"log/slog"

	"github.com/ponte-desk/ponte/internal/audience"
	"github.com/ponte-desk/ponte/internal/clock"
	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/inbox"
	"github.com/ponte-desk/ponte/internal/live"
	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/queue"
	"github.com/ponte-desk/ponte/internal/reach"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/team"
	"github.com/ponte-desk/ponte/internal/verdict"
	"github.com/ponte-desk/ponte/internal/writing"
)

// Rooms are the rooms below that presence is built on.
type Rooms struct {
	Store    *store.Store
	Clock    clock.Clock
	Team     *team.Team
	Queue    *queue.Queue // nil: nothing is drawn by itself
	Networks *network.Networks
	Audience *audience.Audience
	Verdicts *verdict.Verdicts
	Inbox    *inbox.Inbox
	Reach    *reach.Room
	Live     *live.Hub
	Log      *slog.Logger
}

// Room draws portraits.
type Room struct{ rooms Rooms }

// New makes the room and takes its places in the rooms below.
func New(r Rooms) *Room {
	x := &Room{rooms: r}
	r.Team.OnRemove(x.removeCompany)
	r.Inbox.Listen(inbox.Listeners{Came: x.came})
	r.Audience.OnErase("presence", x.erase)
	return x
}

// Faults of presence.
var (
	ErrNone = fault.New(fault.NotFound, "presence.none")    // there is no such example
	ErrOver = fault.New(fault.Invalid, "presence.weeks.no") // no such period
)

// Portrait gives the last portrait that was drawn of the actor's company; nil when there is none of the form of today. It needs InboxRead.
func (r *Room) Portrait(ctx context.Context, actor team.Actor) (*Portrait, error) {
	if err := actor.May(team.InboxRead); err != nil {
		return nil, err
	}
	p, err := r.portrait(ctx, actor.Company)
	if err != nil {
		return nil, fmt.Errorf("presence.Portrait: %w", err)
	}
	return p, nil
}

// Said is something that was said, with what was found in it.
type Said struct {
	Interaction inbox.Interaction
	Sentences   []writing.Sentence // of words that everybody may read; none of others
	Language    string
}

// Open gives what an example points at, read now. It needs InboxRead; what was erased is not there.
func (r *Room) Open(ctx context.Context, actor team.Actor, id inbox.InteractionID) (Said, error) {
	all, err := r.OpenAll(ctx, actor, []inbox.InteractionID{id})
	if err != nil {
		return Said{}, err
	}
	s, ok := all[id]
	if !ok {
		return Said{}, ErrNone
	}
	return s, nil
}

// OpenAll gives what examples point at; what is not there any more is left out.
func (r *Room) OpenAll(ctx context.Context, actor team.Actor, ids []inbox.InteractionID) (map[inbox.InteractionID]Said, error) {
	if err := actor.May(team.InboxRead); err != nil {
		return nil, err
	}
	found, err := r.rooms.Inbox.InteractionsByID(ctx, actor.Company, ids)
	if err != nil {
		return nil, fmt.Errorf("presence.OpenAll: %w", err)
	}
	company, err := r.rooms.Team.Company(ctx, actor.Company)
	if err != nil {
		return nil, fmt.Errorf("presence.OpenAll: %w", err)
	}
	channels, err := r.rooms.Networks.ChannelsByID(ctx, actor.Company)
	if err != nil {
		return nil, fmt.Errorf("presence.OpenAll: %w", err)
	}
	var m material
	m.names(company, channels)
	out := make(map[inbox.InteractionID]Said, len(found))
	for id, i := range found {
		s := Said{Interaction: i}
		if !i.Visibility.Private() {
			g := writing.Measure(writing.Text{Body: i.Text, Language: i.Language, Own: m.own})
			s.Sentences, s.Language = g.Sentences, g.Language
		}
		out[id] = s
	}
	return out, nil
}
