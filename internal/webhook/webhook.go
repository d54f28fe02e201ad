package webhook

import (
	"log/slog"
	"net/http"
	"net/netip"
	"slices"
	"time"

	"github.com/ponte-desk/ponte/internal/audience"
	"github.com/ponte-desk/ponte/internal/clock"
	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/id"
	"github.com/ponte-desk/ponte/internal/queue"
	"github.com/ponte-desk/ponte/internal/seal"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/team"
)

// Identifiers minted here.
type (
	ID        string // names a webhook
	MessageID string // names what a program is told; every attempt has the same
)

const (
	hookKind    id.Kind = "whk"
	messageKind id.Kind = "whm"
	attemptKind id.Kind = "wha"
)

// ParseID checks outside text.
func ParseID(s string) (ID, error) {
	v, err := hookKind.Parse(s)
	return ID(v), err
}

// Type is what happened. It is stored in the database and stands in what programs are told.
type Type string

// What programs can be told.
const (
	DeliveryFailed      Type = "delivery.failed"      // a message is not there, and nothing goes on by itself
	DeliveryUnconfirmed Type = "delivery.unconfirmed" // nobody knows whether a message arrived
	DeliverySettled     Type = "delivery.settled"     // a message stands on its network
	LeadCreated         Type = "lead.created"         // somebody left a way to be reached
	LeadChanged         Type = "lead.changed"         // the state, the worth or the keeper of a lead is another
	Trial               Type = "webhook.test"         // a member asked for it; nobody subscribes to it
)

// Types are those that a webhook can want, in the order in which they are shown.
var Types = []Type{DeliveryFailed, DeliveryUnconfirmed, DeliverySettled, LeadCreated, LeadChanged}

// State is whether a webhook is told anything. It is stored in the database.
type State string

// The states of a webhook.
const (
	Active State = "active"
	Off    State = "off"
)

// Webhook is a program of the company's own.
type Webhook struct {
	ID        ID
	Company   team.CompanyID
	URL       string
	Name      string // what the company calls it; "" for none
	Events    []Type
	State     State
	CreatedBy team.MemberID
	CreatedAt time.Time

	SucceededAt  time.Time // zero: never
	FailingSince time.Time // zero: it does not fail
	Failures     int       // in a row
	OffAt        time.Time // when Ponte turned it off by itself; zero: it did not
	Problem      *Problem  // the latest; nil after a good answer
	BeforeUntil  time.Time // until when what is sent carries the signature of the secret before, too; zero: it does not

	secret, secretBefore string // sealed
	restUntil            time.Time
}

// Problem is why a program could not be told, in words of the catalog; the remedy stands at Key + ".remedy". It is stored as JSON.
type Problem struct {
	Key  string
	Args map[string]any `json:",omitempty"`
}

// Attempt is one call of a program.
type Attempt struct {
	ID      string
	Message MessageID
	Type    Type
	At      time.Time
	Took    time.Duration
	Status  int      // of the answer; 0: there was none
	Answer  string   // how it begins
	Problem *Problem // nil: the program has heard it
}

// Event is what happened, for every webhook of the company that wants to hear it.
type Event struct {
	Type Type
	Key  string // the same event is told once
	Data any    // becomes JSON
}

// Bounds.
const (
	mostHooks   = 10
	maxURL      = 500 // bytes
	maxName     = 80  // graphemes
	maxAnswer   = 500 // bytes of an answer that are kept
	shown       = 50  // attempts
	callTime    = 15 * time.Second
	tellFor     = 24 * time.Hour     // how long it is tried to tell something
	failFor     = 3 * 24 * time.Hour // without one good answer, and it is turned off
	failLeast   = 5                  // failures in a row, below which nothing is turned off
	keepSecret  = 24 * time.Hour     // the one before, after it was renewed
	keepMessage = 8 * 24 * time.Hour
	keepAttempt = 30 * 24 * time.Hour
)

// pauses are those before the second call, the third, and so on; the last is for all further ones, until tellFor is over.
var pauses = []time.Duration{
	5 * time.Second, 30 * time.Second, 2 * time.Minute, 10 * time.Minute, 30 * time.Minute, time.Hour, 2 * time.Hour, 4 * time.Hour,
}

// Rooms are the rooms below.
type Rooms struct {
	Store    *store.Store
	Clock    clock.Clock
	Team     *team.Team
	Audience *audience.Audience // nil: nobody is erased, as where only secrets are sealed anew
	Queue    *queue.Queue       // nil: nothing is told
	Seal     *seal.Keyring
	HTTP     *http.Client   // guarded, follows no redirects; nil: nobody is called
	Allow    []netip.Prefix // networks that the client may reach though they lie inside
	Log      *slog.Logger
}

// Webhooks tells programs. It is safe for use by several goroutines.
type Webhooks struct{ rooms Rooms }

// New makes the room.
func New(r Rooms) *Webhooks {
	if r.Log == nil {
		r.Log = slog.New(slog.DiscardHandler)
	}
	w := &Webhooks{rooms: r}
	r.Team.OnRemove(w.removeCompany)
	if r.Audience != nil {
		r.Audience.OnErase("webhook", w.erase)
	}
	return w
}

func missing() error { return fault.New(fault.NotFound, "webhook.missing") }

// wants tells whether a webhook is told of a kind of event.
func (w Webhook) wants(t Type) bool { return w.State == Active && slices.Contains(w.Events, t) }

func (w Webhook) place(purpose string) seal.Place {
	return seal.Place{Company: string(w.Company), Row: string(w.ID), Purpose: purpose}
}

// The purposes under which secrets are sealed.
const (
	purposeNow    = "webhook.secret"
	purposeBefore = "webhook.secret.before"
)
