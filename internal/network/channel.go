package network

import (
	"time"

	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/id"
	"github.com/ponte-desk/ponte/internal/team"
)

// ChannelID names a channel.
type ChannelID string

const channelKind id.Kind = "chn"

// ParseChannelID checks outside text.
func ParseChannelID(s string) (ChannelID, error) {
	c, err := channelKind.Parse(s)
	return ChannelID(c), err
}

// State is where a channel stands. It is stored in the database.
type State string

// The states of a channel.
const (
	Active State = "active" // is watched and can send
	Paused State = "paused" // a member stopped it: nothing is read, nothing sent
	Broken State = "broken" // a person must connect the account again
	Gone   State = "gone"   // disconnected: what was received stays, the credentials are forgotten
)

// Channel is one account of a company on a network.
type Channel struct {
	ID        ChannelID
	Company   team.CompanyID
	Network   Name
	ServerURL string // scheme and host without a slash at the end
	RemoteID  string // stable: an account id or a DID
	Handle    string // as written there, without a leading @
	Name      string // the account's own, until a member renames the channel
	URL       string
	AvatarURL string
	Locked    bool // followers must be let in by hand
	// DefaultVisibility is what the account uses when nothing is said; "" when not told.
	DefaultVisibility Visibility
	State             State
	ConnectedBy       team.MemberID
	ConnectedAt       time.Time // the last time a person connected it
	Scopes            []string  // truly granted; nil when the server does not tell
	Expires           time.Time // when a person must connect again; zero: not foreseen
	Limits            Limits
	Traits            Traits
	Sample            bool // of the sample company: nothing is read, nothing goes out
	Archive           bool // filled from exports alone and never connected, or no longer: everything in it is past
	Health            Health

	// grant counts the times a person connected the account, renewal the times the server renewed the credentials of
	// this grant: what an older client reports must not count against newer credentials.
	grant, renewal int
	// watch is the generation of the watcher that reads; 0 for everyone else.
	watch int
}

// Health is how a channel does.
type Health struct {
	LastSuccess  time.Time // when the network last answered as it should; zero: never
	LastAttempt  time.Time
	NextLook     time.Time // when account and rights are looked at next
	Problem      *Trouble  // nil: none
	BackfillDone bool      // what the server still had from before was read
	Items        int       // received so far
	Hub          HubHealth // of a feed that names one
}

// Trouble is what stands in the way, in words of the catalog.
type Trouble struct {
	Key     string // remedy under Key + ".remedy"
	Args    map[string]any
	Verdict Verdict
	Since   time.Time
}

// Sends tells whether anything can be published on the channel at all, now or later.
func (c Channel) Sends() bool { return !c.Archive && !c.Traits.ReadOnly }

// Account gives who we are there, for Client.Address.
func (c Channel) Account() Account {
	return Account{
		RemoteID: c.RemoteID, Handle: c.Handle, Name: c.Name, URL: c.URL, AvatarURL: c.AvatarURL, Scopes: c.Scopes,
		Expires: c.Expires, Locked: c.Locked, DefaultVisibility: c.DefaultVisibility,
	}
}

// Faults of the room, to compare with errors.Is.
var (
	ErrNoChannel   = fault.New(fault.NotFound, "channel.missing")
	ErrGone        = fault.New(fault.Conflict, "channel.gone")           // it was disconnected
	ErrBroken      = fault.New(fault.Conflict, "channel.broken")         // it must be connected again first
	ErrNotPaused   = fault.New(fault.Conflict, "channel.not_paused")     // there is nothing to resume
	ErrJoin        = fault.New(fault.Invalid, "channel.join")            // this server is joined in another way
	ErrJoinMissing = fault.New(fault.Invalid, "channel.joining.missing") // no such way under way for this member
	ErrJoinLate    = fault.New(fault.Invalid, "channel.joining.late")    // the quarter of an hour is over
	ErrProbeSoon   = fault.New(fault.Limited, "channel.probe.soon")      // looked at a moment ago
	ErrCalm        = fault.New(fault.Limited, "channel.calm")            // asked too often for now
	ErrArchive     = fault.New(fault.Conflict, "channel.archive")        // filled from exports alone: nothing goes out
	ErrSampleOnly  = fault.New(fault.Conflict, "channel.sample.only")    // only the sample company has sample channels
	errName        = fault.Field{Name: "name", Key: "channel.name.length"}
)

// Keys of problems that this room itself sees; connectors use those of problem.go.
const (
	ProblemUnknown = "network.problem.unknown" // an error that no connector explained
	ProblemPaused  = "channel.problem.paused"  // the channel is paused
	ProblemGoneCh  = "channel.problem.gone"    // the channel was disconnected
	ProblemSample  = "channel.problem.sample"  // a channel of the sample company
	ProblemStoring = "channel.problem.storing" // what arrived could not be stored: our own trouble
	ProblemSecrets = "channel.problem.secrets" // the stored credentials cannot be opened
	ProblemSwapped = "channel.problem.swapped" // the credentials belong to another account; args: handle
)
