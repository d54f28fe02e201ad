package delivery

import (
	"context"
	"time"

	"github.com/ponte-desk/ponte/internal/id"
	"github.com/ponte-desk/ponte/internal/media"
	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/team"
)

// ID names a delivery.
type ID string

const (
	deliveryKind id.Kind = "dlv"
	leaseKind    id.Kind = "lse"
)

// State is where a delivery stands. It is stored in the database.
type State string

// The states of a delivery.
const (
	Planned     State = "planned"     // waits for its moment; nothing was tried, or what was tried certainly did not arrive
	Sending     State = "sending"     // the intent is stored, a call is under way or was cut off
	Sent        State = "sent"        // it stands on the network: proved by the receipt
	Unconfirmed State = "unconfirmed" // a call was made and nobody knows whether it arrived: being read back
	Failed      State = "failed"      // it is not there and will not be tried again by itself
)

// SourceKind is which room asked for a delivery. It is stored in the database.
type SourceKind string

// The rooms that deliver.
const (
	ForReply SourceKind = "reply"
	ForPost  SourceKind = "post"
	// ForRecord is the weekly post of the public record's head.
	ForRecord SourceKind = "record"
)

// permission is what somebody needs who sends again or gives up a delivery of a kind.
func (k SourceKind) permission() team.Permission {
	if k == ForPost {
		return team.PostsPublish
	}
	return team.InboxReply
}

// Source is what a delivery brings out.
type Source struct {
	Kind SourceKind
	ID   string
}

// Message is what goes out. It is kept as it is for every attempt. It is stored as JSON: a new field must be right when
// it is missing, as it is in old rows.
type Message struct {
	Text       string
	ReplyTo    string // remote id
	ReplyRoot  string // remote id
	Visibility network.Visibility
	Warning    string
	Language   string
	Media      []Attachment
	// Facets say what ranges of Text are; nil leaves finding them to the connector. See network.Outgoing.
	Facets []network.Facet
	Card   *Card `json:",omitempty"`
	// Article is what an article has beside its text; see network.Outgoing.
	Article *network.Article `json:",omitempty"`
}

// Attachment is a file of the room media, with its description.
type Attachment struct {
	MediaID string
	Alt     string
	// FocusX and FocusY are the point that stays in sight, from -1 to 1; see network.Upload.
	FocusX float64 `json:",omitempty"`
	FocusY float64 `json:",omitempty"`
	// Form is what the picture must become for its network; nil: it goes as it is kept. The focus is that of the result.
	Form *media.Form `json:",omitempty"`
	// RemoteID is for an edit: the file stands there already (see network.Receipt) and stays.
	RemoteID string `json:",omitempty"`
}

// Card shows what a link leads to, on networks that make no card by themselves.
type Card struct {
	URL         string
	Title       string
	Description string
	MediaID     string      // of its picture in the room media; "" without
	Form        *media.Form `json:",omitempty"` // of the picture, as in Attachment
}

// Plan asks for a delivery.
type Plan struct {
	Channel   network.ChannelID
	Source    Source
	Message   Message
	NotBefore time.Time // zero: now
}

// Trouble is what stands in the way, in words of the catalog.
type Trouble struct {
	Key     string
	Args    map[string]any
	Verdict network.Verdict
	Since   time.Time
}

// GivenUp is the trouble of what a member did not want to wait for any longer.
const GivenUp = "delivery.trouble.given_up"

// Delivery is one message's way out.
type Delivery struct {
	ID         ID
	Company    team.CompanyID
	Channel    network.ChannelID
	Source     Source
	State      State
	Message    Message
	NotBefore  time.Time
	PlannedAt  time.Time
	PlannedBy  team.MemberID
	PreparedAt time.Time // when the intent of the first attempt was stored; zero before
	TriedAt    time.Time // when the intent of the last attempt was stored; zero before
	Attempts   int
	LookAt     time.Time // when something happens next by itself; zero: nothing will
	Trouble    *Trouble
	Receipt    network.Receipt // filled when Sent
	SettledAt  time.Time

	lease       string    // of the process that is at it
	leasedUntil time.Time // after which the lease counts for nothing
	absences    int       // how many readings in a row found nothing
	doubt       bool      // some attempt may have arrived
}

// Late tells whether a delivery should have been settled by now and why people must see it.
func (d Delivery) Late(now time.Time) bool {
	return d.State != Sent && d.State != Failed && now.Sub(d.NotBefore) > lateAfter
}

// lateAfter is when a delivery under way becomes visible as late.
const lateAfter = 2 * time.Minute

// Settled is told, in the transaction that changes it, whenever a delivery of its kind becomes sent, unconfirmed,
// failed or planned again.
type Settled func(ctx context.Context, tx *store.Tx, d Delivery) error

// Gate says, in the transaction that stores the intent of an attempt, whether a delivery may go out now. A no drops it in that
// transaction: whoever planned it plans it anew when it may. It is not asked about what may have arrived.
type Gate func(ctx context.Context, tx *store.Tx, d Delivery) (bool, error)
