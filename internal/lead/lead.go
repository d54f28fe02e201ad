package lead

import (
	"context"
	"log/slog"
	"time"

	"github.com/ponte-desk/ponte/internal/audience"
	"github.com/ponte-desk/ponte/internal/clock"
	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/i18n"
	"github.com/ponte-desk/ponte/internal/id"
	"github.com/ponte-desk/ponte/internal/inbox"
	"github.com/ponte-desk/ponte/internal/live"
	"github.com/ponte-desk/ponte/internal/mail"
	"github.com/ponte-desk/ponte/internal/media"
	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/queue"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/team"
	"github.com/ponte-desk/ponte/internal/webhook"
)

// Identifiers minted here.
type (
	ID        string // names a lead
	FormID    string // names a form
	ConsentID string // names one version of a text that people agree to
	RuleID    string // names a rule about quality
)

const (
	leadKind    id.Kind = "led"
	formKind    id.Kind = "frm"
	consentKind id.Kind = "cst"
	eventKind   id.Kind = "lev"
	waitingKind id.Kind = "lwt"
	letterKind  id.Kind = "llt"
	ruleKind    id.Kind = "lrl"
)

// ParseID checks outside text.
func ParseID(s string) (ID, error) {
	v, err := leadKind.Parse(s)
	return ID(v), err
}

// ParseFormID checks outside text.
func ParseFormID(s string) (FormID, error) {
	v, err := formKind.Parse(s)
	return FormID(v), err
}

// Source is how a lead came in. It is stored in the database.
type Source string

// The ways in.
const (
	FromForm  Source = "form"  // a form was filled in
	FromTalk  Source = "talk"  // a member saw it in a conversation
	FromTable Source = "table" // a CSV
	FromAPI   Source = "api"   // a program of the company's
	FromHand  Source = "hand"  // a member wrote it down
)

// Sources lists the ways in.
var Sources = []Source{FromForm, FromTalk, FromTable, FromAPI, FromHand}

// State is where a lead stands. It is stored in the database.
type State string

// The states of a lead.
const (
	Fresh     State = "new"
	Contacted State = "contacted"
	Qualified State = "qualified"
	Won       State = "won"
	Lost      State = "lost"
)

// States lists the states in the order in which a lead goes through them.
var States = []State{Fresh, Contacted, Qualified, Won, Lost}

// Open tells whether something can still become of it.
func (s State) Open() bool { return s == Fresh || s == Contacted || s == Qualified }

// Quality is what the company's rules say of a lead. It is stored in the database.
type Quality string

// The qualities; without rules there is none.
const (
	Good Quality = "good"
	Fair Quality = "fair"
	Poor Quality = "poor"
)

// Qualities lists them.
var Qualities = []Quality{Good, Fair, Poor}

// Lead is somebody who left a way to be reached.
type Lead struct {
	ID           ID
	Company      team.CompanyID
	Source       Source
	Form         FormID               // "" it came in another way
	Conversation inbox.ConversationID // "" it came in another way
	State        State
	Reason       string // why it was lost
	Score        int    // the points of the rules
	Quality      Quality
	Name         string
	Email        string
	Phone        string
	Identity     audience.IdentityID // "" once the person was erased
	Answers      []Answer
	Cents        int64  // what it is worth
	Currency     string // ISO 4217
	SoldOn       string // a day, 2026-03-12; "" it is not sold
	Member       team.MemberID
	ConfirmedAt  time.Time // when the address was proved; zero: it was not
	CreatedAt    time.Time
	ChangedAt    time.Time
	ErasedAt     time.Time // when what leads to the person was taken out
	Version      int
	First, Last  Touch
}

// Answer is what somebody said to one field of a form. It is stored as JSON.
type Answer struct {
	Key    string
	Kind   Kind
	Label  string // as it was asked
	Values []string
	File   media.ID `json:",omitempty"` // of a file, whose name is the value
}

// Touch is one thing that brought somebody to the company.
type Touch struct {
	At       time.Time // zero: nothing is known
	Link     string    // the tracked link
	Post     string    // the post in which it stood
	Channel  string    // "mastodon", "volantino"
	Campaign string
	Source   string
	Medium   string
	Carrier  audience.IdentityID // who carried it; "" nobody, or it is not known
}

// Known tells whether anything of a touch is known.
func (t Touch) Known() bool { return !t.At.IsZero() }

// Tracks is what the room asks of the one that knows tracked links.
type Tracks interface {
	// Touches tells what links brought somebody, the first and the last of them, by the mark that one put on the address; ok is false for a mark of
	// nobody's.
	Touches(ctx context.Context, c team.CompanyID, mark string) (first, last Touch, ok bool, err error)
	// TouchOf gives what the code of a link stands for; NotFound when the company has none.
	TouchOf(ctx context.Context, c team.CompanyID, code string) (Touch, error)
}

// Rooms are the rooms below.
type Rooms struct {
	Store    *store.Store
	Clock    clock.Clock
	Team     *team.Team
	Queue    *queue.Queue // nil: no letters go out, and nothing is done later
	Audience *audience.Audience
	Inbox    *inbox.Inbox
	Media    *media.Media
	Live     *live.Hub
	Webhooks *webhook.Webhooks // nil: no program is told
	Mail     mail.Sender       // nil: none
	Tracks   Tracks            // nil: links are not known
	Words    *i18n.Catalog
	BaseURL  func() string
	Log      *slog.Logger
}

// Leads is the room. It is safe for use by several goroutines.
type Leads struct{ rooms Rooms }

// New makes the room and takes its places in the rooms below.
func New(r Rooms) *Leads {
	if r.Log == nil {
		r.Log = slog.New(slog.DiscardHandler)
	}
	if r.Mail == nil {
		r.Mail = mail.Off{}
	}
	x := &Leads{rooms: r}
	r.Team.OnRemove(x.removeCompany)
	r.Team.OnLeave(func(ctx context.Context, tx *store.Tx, c team.CompanyID, leaver, heir team.MemberID) error {
		return x.hand(ctx, tx, c, leaver, heir)
	})
	r.Audience.OnErase("lead", x.erase)
	r.Audience.OnExport(x.export)
	r.Audience.OnKeep(x.keep)
	return x
}

// The networks under which people are known who are on none: by their address, by their number.
const (
	ByEmail network.Name = "email"
	ByPhone network.Name = "phone"
)

// The faults of the room.
var (
	errGone    = fault.New(fault.NotFound, "lead.gone")
	errForm    = fault.New(fault.NotFound, "lead.form.gone")
	errVersion = fault.New(fault.Conflict, "lead.version")
)

// tell rings for open browsers.
func (x *Leads) tell(ctx context.Context, tx *store.Tx, c team.CompanyID, ref string) error {
	return x.rooms.Live.Tell(ctx, tx, live.Event{Company: string(c), Topic: live.Leads, Ref: ref})
}

// told is what programs hear of a lead: what it is, and never who. They ask for the rest with their key.
type told struct {
	Lead     ID        `json:"lead"`
	State    State     `json:"state"`
	Source   Source    `json:"source"`
	Form     FormID    `json:"form,omitempty"`
	Quality  Quality   `json:"quality,omitempty"`
	Cents    int64     `json:"value_cents"`
	Currency string    `json:"currency"`
	SoldOn   string    `json:"sold_on,omitempty"`
	Version  int       `json:"version"`
	Changed  time.Time `json:"changed_at"`
	Channel  string    `json:"channel,omitempty"`
	Campaign string    `json:"campaign,omitempty"`
}

// changed rings and tells programs, in the transaction that changed a lead.
func (x *Leads) changed(ctx context.Context, tx *store.Tx, l Lead, t webhook.Type) error {
	if err := x.tell(ctx, tx, l.Company, string(l.ID)); err != nil {
		return err
	}
	if x.rooms.Webhooks == nil {
		return nil
	}
	return x.rooms.Webhooks.Tell(ctx, tx, l.Company, webhook.Event{
		Type: t, Key: string(t) + ":" + string(l.ID) + ":" + itoa(l.Version),
		Data: told{
			Lead: l.ID, State: l.State, Source: l.Source, Form: l.Form, Quality: l.Quality, Cents: l.Cents, Currency: l.Currency, SoldOn: l.SoldOn,
			Version: l.Version, Changed: l.ChangedAt, Channel: l.Last.Channel, Campaign: l.Last.Campaign,
		},
	})
}
