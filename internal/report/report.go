package report

import (
	"fmt"
	"log/slog"

	"github.com/ponte-desk/ponte/internal/audience"
	"github.com/ponte-desk/ponte/internal/clock"
	"github.com/ponte-desk/ponte/internal/growth"
	"github.com/ponte-desk/ponte/internal/i18n"
	"github.com/ponte-desk/ponte/internal/inbox"
	"github.com/ponte-desk/ponte/internal/lead"
	"github.com/ponte-desk/ponte/internal/link"
	"github.com/ponte-desk/ponte/internal/mail"
	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/post"
	"github.com/ponte-desk/ponte/internal/queue"
	"github.com/ponte-desk/ponte/internal/reach"
	"github.com/ponte-desk/ponte/internal/signin"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/team"
)

// Rooms are the rooms below.
type Rooms struct {
	Store    *store.Store
	Clock    clock.Clock
	Team     *team.Team
	Queue    *queue.Queue // nil: no letters go out
	Mail     mail.Sender  // nil: none
	Signin   *signin.Signin
	Networks *network.Networks
	Audience *audience.Audience
	Inbox    *inbox.Inbox
	Growth   *growth.Growth
	Posts    *post.Posts
	Links    *link.Links
	Leads    *lead.Leads
	Reach    *reach.Room
	House    func() (House, error) // what is known of the machine; nil: nothing
	Words    *i18n.Catalog
	BaseURL  func() string
	Log      *slog.Logger
}

// Room reckons. It is safe for use by several goroutines.
type Room struct {
	rooms  Rooms
	pulses pulses
}

// New makes the room and takes its places in the rooms below.
func New(r Rooms) *Room {
	if r.Log == nil {
		r.Log = slog.New(slog.DiscardHandler)
	}
	if r.BaseURL == nil {
		r.BaseURL = func() string { return "" }
	}
	x := &Room{rooms: r}
	r.Team.OnRemove(x.removeCompany)
	r.Team.OnLeave(x.leave)
	r.Team.OnLeave(x.leaveLetters)
	r.Audience.OnErase("report", x.erase)
	return x
}

// Register adds the room's jobs to the queue.
func (x *Room) Register(q *queue.Queue) { x.registerLetters(q) }

func wrap(method string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("report.%s: %w", method, err)
}
