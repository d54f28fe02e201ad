package reach

import (
	"context"
	"log/slog"
	"time"

	"github.com/ponte-desk/ponte/internal/audience"
	"github.com/ponte-desk/ponte/internal/clock"
	"github.com/ponte-desk/ponte/internal/id"
	"github.com/ponte-desk/ponte/internal/inbox"
	"github.com/ponte-desk/ponte/internal/live"
	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/queue"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/team"
	"github.com/ponte-desk/ponte/internal/tie"
)

// Identifiers minted here.
type (
	ActorID      string // names an account round the company, known or not
	SuggestionID string // names a piece of advice
	SnapshotID   string // names a portrait that was kept
)

const (
	actorKind      id.Kind = "rac"
	suggestionKind id.Kind = "rsg"
	snapshotKind   id.Kind = "rsn"
)

// Rooms are the rooms below that reach is built on.
type Rooms struct {
	Store    *store.Store
	Clock    clock.Clock
	Team     *team.Team
	Queue    *queue.Queue
	Networks *network.Networks
	Audience *audience.Audience
	Inbox    *inbox.Inbox
	Live     *live.Hub
	Log      *slog.Logger
}

// Room knows ties.
type Room struct {
	rooms Rooms
	draw  func(*Material) (Drawn, error)
	kept  kept
}

// New makes the room and takes its places in the rooms below.
func New(r Rooms) *Room {
	x := &Room{rooms: r, draw: portray}
	r.Team.OnRemove(x.removeCompany)
	r.Inbox.Listen(inbox.Listeners{Came: x.came})
	r.Audience.OnErase("reach", x.erase)
	r.Audience.OnExport(x.export)
	return x
}

// Drawn is what was made of a Material.
type Drawn struct {
	Blob    []byte // the portrait as JSON
	Version int    // of its form
	Advised []Advised
}

// Advised is one person whom a portrait would involve, in the order of choice, before anybody is held back.
type Advised struct {
	Person   tie.Person
	Class    tie.Class    // of their tie with the company
	Expected tie.Interval // new people whom they would bring
	Until    time.Time    // by when
	Why      []byte       // what speaks for them, as JSON
}

// Snapshot is a portrait that was kept.
type Snapshot struct {
	ID      SnapshotID
	Company team.CompanyID
	At      time.Time // of the material
	Version int
	Blob    []byte // as Drawn had it
	People  int    // in the material, the company not counted
	Known   int    // of them the house knows
	Events  int
}

// State is what became of a piece of advice. It is stored in the database.
type State string

// The states of a piece of advice.
const (
	Offered   State = "offered"   // shown, and nobody has done anything
	Held      State = "held"      // held back: not shown, so that what advice is worth can be told
	Involved  State = "involved"  // a member thanked or involved them
	Dismissed State = "dismissed" // a member said no
	Lapsed    State = "lapsed"    // nobody did anything until its time was over
)

// Suggestion is a piece of advice: whom to involve, what was expected of it and what came.
type Suggestion struct {
	ID       SuggestionID
	Company  team.CompanyID
	Actor    ActorID
	Person   audience.PersonID // empty when they are known to nobody any more
	Rank     int               // from 1
	State    State
	Class    tie.Class    // frozen when it was made
	Expected tie.Interval // new people until Until
	At       time.Time
	Until    time.Time
	Why      []byte // as Advised had it
	DoneAt   time.Time
	DoneBy   team.MemberID
	Reply    inbox.ReplyID // by which they were thanked, "" otherwise
	Reached  int           // new people whom they brought so far
	Measured bool          // its time is over: Reached will not change
}

// Credit is by whom something was carried further after a post went out, by the class of the tie as it was when it went out.
type Credit struct {
	Class  tie.Class
	Shares int // of the post
	First  int // people who had never had to do with the company before
}

// Material gathers what was known round a company until a moment; the zero time is now. It is for the rooms above and for this one,
// which have checked who asks.
func (r *Room) Material(ctx context.Context, c team.CompanyID, until time.Time) (*Material, error) {
	return r.material(ctx, c, until)
}
