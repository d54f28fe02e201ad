package link

import (
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/ponte-desk/ponte/internal/clock"
	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/id"
	"github.com/ponte-desk/ponte/internal/queue"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/team"
)

// ID names a link.
type ID string

const kind id.Kind = "lnk"

// ParseID checks outside text.
func ParseID(s string) (ID, error) {
	v, err := kind.Parse(s)
	return ID(v), err
}

// State is whether a link leads anywhere. It is stored in the database.
type State string

// The states of a link.
const (
	Active State = "active"
	Off    State = "off" // put away: it says that it has ended, and its visits stay
)

// Channels are the uses that Ponte knows a word for; a link may have another, such as the name of a network.
var Channels = []string{"mastodon", "bluesky", "facebook", "instagram", "linkedin", "newsletter", "site", "print", "radio", "window", "parcel", "fair"}

// Targets are other targets by a key: the device, or the language.
type Targets map[string]string

// Link is a tracked link: an address of the company's own that leads on.
type Link struct {
	ID      ID
	Company team.CompanyID
	Code    string // what stands in the address
	Title   string // what the company calls it
	Target  string // where it leads, without what UTM adds
	Action  Action // what opening it begins; "" reading a page

	Campaign, Channel             string
	Source, Medium, Term, Content string // utm_source and so on; campaign is utm_campaign
	Tags                          []string
	Devices                       Targets // by ios, android, desktop
	Languages                     Targets // by it, en and others
	ExpiresAt                     time.Time
	State                         State
	Post                          string // the post it was made for; "" none
	Place                         string // the channel on which that goes out; "" none
	CreatedBy                     team.MemberID
	CreatedAt, ChangedAt          time.Time

	CheckedAt time.Time // when its target was looked at; zero: not yet
	Trouble   Trouble   // why the target does not answer; "" it does
	DeadSince time.Time // zero: it is not dead

	password string // a hash; "" none
	mark     int64
}

// Locked tells whether a link asks for a password.
func (x Link) Locked() bool { return x.password != "" }

// Past is where a link led until it was changed.
type Past struct {
	At     time.Time
	Member team.MemberID // who changed it; "" nobody in person
	Target string
}

// Bounds.
const (
	maxTitle   = 120 // graphemes
	maxTarget  = 2000
	maxWord    = 80 // graphemes of campaign, channel, source ...
	mostTags   = 12
	maxTag     = 40
	mostLinks  = 2_000_000 // of a company
	mostOthers = 20        // targets by language
)

// Rooms are the rooms below.
type Rooms struct {
	Store *store.Store
	Clock clock.Clock
	Team  *team.Team
	Queue *queue.Queue // nil: targets are not watched
	HTTP  *http.Client // guarded; nil: targets are not watched
	Log   *slog.Logger
	// BaseURL is the address of the house, without a slash at its end.
	BaseURL func() string
}

// Links is the room. It is safe for use by several goroutines.
type Links struct {
	rooms    Rooms
	ways     *ways
	recorder *recorder
	wayOf    *store.Asked
	agents   *agents
	hashing  sync.Mutex // passwords one at a time: each takes much memory on purpose
}

// New makes the room. Visits are written once Run runs, or Flush is called.
func New(r Rooms) *Links {
	if r.Log == nil {
		r.Log = slog.New(slog.DiscardHandler)
	}
	if r.BaseURL == nil {
		r.BaseURL = func() string { return "" }
	}
	l := &Links{rooms: r, ways: newWays(r.Store.Dialect() == store.SQLite), agents: newAgents(), wayOf: r.Store.Asked(wayQuery)}
	l.recorder = newRecorder(r.Clock)
	r.Team.OnRemove(l.removeCompany)
	return l
}

func missing() error { return fault.New(fault.NotFound, "link.missing") }
