package inbox

import (
	"time"

	"github.com/ponte-desk/ponte/internal/audience"
	"github.com/ponte-desk/ponte/internal/id"
	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/team"
)

// ConversationID names a conversation.
type ConversationID string

// InteractionID names an interaction.
type InteractionID string

// Kinds of identifiers minted here.
const (
	conversationKind id.Kind = "cnv"
	interactionKind  id.Kind = "int"
	pastKind         id.Kind = "ipa"
	noteKind         id.Kind = "not"
	labelKind        id.Kind = "lab"
	savedKind        id.Kind = "sav"
	replyKind        id.Kind = "rep"
)

// State is where a conversation stands. It is stored in the database.
type State string

// The states of a conversation.
const (
	Open    State = "open"    // someone waits for us
	Waiting State = "waiting" // we answered and wait for them
	Snoozed State = "snoozed" // put aside until a moment, or until they write
	Done    State = "done"    // settled
)

// Conversation is interactions that belong together, with a state and someone in charge.
type Conversation struct {
	ID           ConversationID
	Company      team.CompanyID
	Channel      network.ChannelID
	Identity     audience.IdentityID // who started it outside
	Private      bool
	Kind         network.ItemKind // of the first interaction
	State        State
	Assignee     team.MemberID // "" nobody
	Preview      string        // the last thing they wrote, cut
	Incoming     int           // what they wrote
	Outgoing     int           // what we wrote
	Notes        int
	LastInAt     time.Time
	LastIn       InteractionID // the last thing they wrote; "" when they took everything back
	LastOutAt    time.Time     // zero: never answered
	LastAt       time.Time
	WaitingSince time.Time // since when someone waits for us; zero: nobody does
	DueAt        time.Time // until when the company wants to have answered; zero: nobody waits
	SnoozedUntil time.Time
	Pending      bool // a reply waits for a second person
	Trouble      bool // a reply could not be brought out, or nobody knows whether it was
	Revision     int  // grows with each change of what they or we wrote
	CreatedAt    time.Time
	DoneAt       time.Time

	// What they wrote is about, of what they did not take back.
	Criticism bool      // something is certainly a criticism
	Doubt     bool      // something may be a criticism: a person has to look
	Question  bool      // they ask something
	Praise    bool      // they praise something
	Urgency   int       // the highest, 0 to 3
	HurryAt   time.Time // by when the most urgent of what waits, or waited last, wants an answer; zero: nothing is urgent
}

// Late tells whether the moment by which we wanted to answer has passed.
func (c Conversation) Late(now time.Time) bool { return !c.DueAt.IsZero() && c.DueAt.Before(now) }

// Interaction is anything a person, or we ourselves, wrote or did.
type Interaction struct {
	ID           InteractionID
	Conversation ConversationID // "" for likes, shares, follows and posts of our own
	Channel      network.ChannelID
	RemoteID     string
	Identity     audience.IdentityID // "" when it is ours
	Kind         network.ItemKind
	Mine         bool
	Member       team.MemberID // who of us wrote it, when it went through Ponte
	ParentID     string        // remote id of what it answers
	RootID       string
	Text         string
	Warning      string
	Language     string
	Visibility   network.Visibility
	Media        []network.Media
	Mentions     []network.Author
	Stars        int
	URL          string
	At           time.Time
	EditedAt     time.Time
	DeletedAt    time.Time        // taken back on the network
	Standing     network.Standing // what became of it, where we have the say; else ""
	Past         []Past           // earlier texts, oldest first
}

// Past is an earlier text of an edited interaction.
type Past struct {
	Text    string
	Warning string
	Media   []network.Media
	Until   time.Time // when it was replaced
}

// Note is what a member wrote inside a conversation, for the team only.
type Note struct {
	ID       string
	Member   team.MemberID
	Text     string
	Mentions []team.MemberID
	At       time.Time
}

// Label is a word of the company's own on a conversation.
type Label struct {
	ID   string
	Name string
}
