package post

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	"github.com/ponte-desk/ponte/internal/audience"
	"github.com/ponte-desk/ponte/internal/clock"
	"github.com/ponte-desk/ponte/internal/delivery"
	"github.com/ponte-desk/ponte/internal/id"
	"github.com/ponte-desk/ponte/internal/inbox"
	"github.com/ponte-desk/ponte/internal/live"
	"github.com/ponte-desk/ponte/internal/media"
	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/queue"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/team"
)

// Identifiers minted here.
type (
	ID           string // names a post
	VariantID    string // names a variant
	PartID       string // names one message of a variant on a network
	PastID       string // names an earlier state of a message
	CommentID    string // names a comment of a member on a post
	GuestID      string // names a personal link
	SnippetID    string // names a template, a signature or a set of tags
	SeriesID     string // names posts that come again
	CorrectionID string // names other words for what stands, or that it goes
)

const (
	postKind       id.Kind = "pst"
	variantKind    id.Kind = "pvr"
	partKind       id.Kind = "ppt"
	pastKind       id.Kind = "ppa"
	commentKind    id.Kind = "pcm"
	decisionKind   id.Kind = "pde"
	guestKind      id.Kind = "pgl"
	snippetKind    id.Kind = "psn"
	seriesKind     id.Kind = "pse"
	correctionKind id.Kind = "pco"
)

// ParseID checks outside text.
func ParseID(s string) (ID, error) {
	v, err := postKind.Parse(s)
	return ID(v), err
}

// State is where a post stands. It is stored in the database.
type State string

// The states of a post.
const (
	Draft    State = "draft"    // is being written
	Pending  State = "pending"  // waits for a yes over its exact bytes
	Approved State = "approved" // has every yes it needs, and no time
	Planned  State = "planned"  // goes out by itself at its time
	Held     State = "held"     // its time has come, and a person must say that it may go out all the same
	Sending  State = "sending"  // is on its way out on some channel
	Sent     State = "sent"     // stands on every channel it was meant for
	Failed   State = "failed"   // did not get out on some channel, and nothing goes on by itself
	Gone     State = "gone"     // was taken down everywhere
)

// States lists the states in the order in which lists show them.
var States = []State{Draft, Pending, Approved, Planned, Held, Sending, Sent, Failed, Gone}

// Message is what was written once. Text carries light marks: **bold**, *italic*, [words](https://...), @[Name](per_...), #tag.
type Message struct {
	Title        string // for networks that have one, and for the calendar
	Text         string
	Warning      string
	Language     string // "" is the company's
	Visibility   network.Visibility
	Media        []Media
	Tags         []string // added by each network's habit; without #
	Signature    SnippetID
	FirstComment string
	Campaign     string // in the addresses of links; "" does not mark them
	Numbering    bool   // parts of a thread are numbered
	Track        bool   // links are followed and counted under the company's own address
}

// Media is a file of the room media in a post.
type Media struct {
	ID     media.ID
	Alt    string
	FocusX float64 // the point that stays when it is cut, from -1 to 1
	FocusY float64
}

// Own is what was written by hand for one channel in place of the message.
type Own struct {
	Title        string
	Text         string
	Warning      string
	FirstComment string
	Media        []int // which files of the message, by number, in which order; nil: all
}

// Post is a message with where it stands.
type Post struct {
	ID         ID
	Company    team.CompanyID
	State      State
	Message    Message
	Version    int // grows with each save
	CreatedBy  team.MemberID
	CreatedAt  time.Time
	SavedBy    team.MemberID
	SavedAt    time.Time
	Hash       string // of the exact bytes that were asked about or planned; "" while it is a draft
	Wanted     []Step // the yeses it needs; nil: none
	AskedBy    team.MemberID
	AskedAt    time.Time
	Back       string // why it was sent back; "" when it was not
	When       When
	DueAt      time.Time // the first moment at which something of it goes out; zero: none
	At         time.Time // where it stands in lists and in the calendar
	Trouble    bool      // something of it did not get out, or nobody knows
	SentAt     time.Time // when the last of it went out
	Series     SeriesID
	Occurrence int // of the series, from 0

	round int
	zone  string
}

// Missed tells whether the time that was wished for has passed without the yes it needs.
func (p Post) Missed(now time.Time) bool {
	return (p.State == Draft || p.State == Pending || p.State == Approved) && !p.DueAt.IsZero() && p.DueAt.Before(now)
}

// Rooms are the rooms below that posts are built on.
type Rooms struct {
	Store      *store.Store
	Clock      clock.Clock
	Team       *team.Team
	Queue      *queue.Queue // nil: nothing goes out by itself
	Networks   *network.Networks
	Deliveries *delivery.Deliveries
	Audience   *audience.Audience
	Inbox      *inbox.Inbox
	Media      *media.Media
	Live       *live.Hub
	Tracks     Tracks        // nil: links are not counted
	HTTP       *http.Client  // fetches files from addresses in tables and what links lead to, guarded; nil: nothing is
	LinkWait   time.Duration // for the answer of a link; 0: 20 s
	Log        *slog.Logger
}

// Posts writes and delivers. It is safe for use by several goroutines.
type Posts struct {
	rooms   Rooms
	worries []func(ctx context.Context, tx *store.Tx, w Worry) error
}

// New makes the room and takes its places in the rooms below.
func New(r Rooms) *Posts {
	p := &Posts{rooms: r}
	if p.rooms.Log == nil {
		p.rooms.Log = slog.New(slog.DiscardHandler)
	}
	r.Deliveries.OnChange(delivery.ForPost, p.delivered)
	r.Deliveries.SetGate(delivery.ForPost, p.gate)
	r.Team.OnLeave(p.handOn)
	r.Team.OnRemove(p.removeCompany)
	r.Audience.OnErase("post", p.eraser)
	r.Audience.OnExport(p.export)
	return p
}

// zero is no moment at all.
var zero time.Time
