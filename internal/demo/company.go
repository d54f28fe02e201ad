package demo

import "time"

// Company is the sample company with everything that happened to it in the last three months.
// All times are UTC and none is later than Moment, except where a field says so.
type Company struct {
	Name        string
	About       string // one sentence about what it makes
	Zone        string // IANA name of the time zone, for example "Europe/Rome"
	Locale      string // BCP 47
	Moment      time.Time
	Hours       []Hours
	ReplyTarget time.Duration
	// ReplyInOpenHours tells how ReplyTarget runs: true while the company is open, false round the clock.
	ReplyInOpenHours bool

	Members       []Member
	Colleagues    []Colleague
	Channels      []Channel
	Labels        []Label
	People        []Person
	Merges        []Merge
	Posts         []Post         // oldest first
	Conversations []Conversation // by their first interaction, oldest first
	Reactions     []Interaction  // likes, shares and follows, oldest first
	SavedReplies  []SavedReply
}

// Hours is one opening time of the week, in the company's zone.
type Hours struct {
	Day      time.Weekday
	From, To time.Duration // since midnight
}

// Role is what a member may do; the words are those of the room team.
type Role string

// The roles.
const (
	Owner       Role = "owner"
	Community   Role = "community"
	Marketing   Role = "marketing"
	Editor      Role = "editor"
	Contributor Role = "contributor"
	Guest       Role = "guest"
)

// Member is a colleague who signs in.
type Member struct {
	Key   string // short name, also what @mentions in notes use
	Name  string
	Email string
	Role  Role
	Job   string
}

// Colleague is someone of the company who does not sign in.
type Colleague struct {
	Name string
	Job  string
}

// NetworkName is the kind of network a channel or an identity lives on; the words are those of the room network.
type NetworkName string

// The networks.
const (
	Mastodon NetworkName = "mastodon"
	Bluesky  NetworkName = "bluesky"
)

// Limit is how many characters a message may have on the network.
func (n NetworkName) Limit() int {
	if n == Bluesky {
		return 300
	}
	return 500
}

// Channel is an account of the company.
type Channel struct {
	Key     string // "m", "b", "w"
	Network NetworkName
	Handle  string // without a leading @
	Name    string
	Server  string // host of the server
}

// Label is a word the team sorts conversations by.
type Label struct {
	Key   string
	Name  string
	Color string // a tone of the look: "terra", "fiume", "oliva", "ocra", "vino", "pietra"
}

// Person is someone outside the company.
type Person struct {
	Key        string
	Name       string
	Place      string // "" when not known
	Language   string // BCP 47
	About      string // what the profile says
	Identities []Identity
	Notes      []Note // what the team wrote down about the person
}

// Identity is one account of a person.
type Identity struct {
	Network NetworkName
	Handle  string // without a leading @
}

// Merge names two people of the list who are one, each known from another network; nobody has joined them yet.
type Merge struct {
	Keep, Other string // keys of people
	Why         string // what shows that they are one
}

// Media is a picture. The picture itself is drawn by whoever loads the company, from Motif and Seed.
type Media struct {
	Motif         string // "ciotole", "piatto", "forno", "tazza", "pacco", "smalto" or "tornio"
	Seed          int    // tells pictures of one motif apart
	Width, Height int    // pixels
	Alt           string // "" where the author wrote none
}

// Post is something the company said by itself.
type Post struct {
	Key      string
	Channels []string // keys of channels; the same words stand on each
	At       time.Time
	By       string // key of the member who wrote it
	Text     string
	Media    []Media
}

// Kind is what was done; the words are those of the room network.
type Kind string

// The kinds.
const (
	Reply   Kind = "reply"
	Mention Kind = "mention"
	Message Kind = "message"
	Like    Kind = "like"
	Share   Kind = "share"
	Follow  Kind = "follow"
)

// Visibility is who may read something; the words are those of the room network.
type Visibility string

// The visibilities used here.
const (
	Public   Visibility = "public"
	Unlisted Visibility = "unlisted"
	Direct   Visibility = "direct"
)

// State is where a conversation stands; the words are those of the room inbox.
type State string

// The states.
const (
	Open    State = "open"    // someone waits for us
	Waiting State = "waiting" // we answered and wait for them
	Snoozed State = "snoozed" // put away until SnoozedUntil
	Done    State = "done"
)

// Conversation is what belongs together.
type Conversation struct {
	Key          string // "c001" ... in the order of the files
	Channel      string // key of the channel
	Post         string // key of the post it stands under; "" where the person began
	State        State
	SnoozedUntil time.Time // later than Moment; zero unless State is Snoozed
	Spam         bool
	Assignee     string        // key of a member; "" when nobody has it
	Labels       []string      // keys of labels
	Interactions []Interaction // oldest first; the first is by a person outside
	Notes        []Note        // oldest first
	Draft        *Draft        // nil: none
}

// Interaction is one thing somebody did.
type Interaction struct {
	Key     string // unique, for example "c017.2"
	Kind    Kind
	Channel string
	Person  string // key of the person; "" where the company speaks
	Parent  string // key of an interaction or of a post; "" where it begins something, and for follows

	Text       string
	Warning    string // content warning
	Language   string // BCP 47
	Visibility Visibility
	Media      []Media
	At         time.Time
	EditedAt   time.Time // zero: never
	Before     string    // the words before the edit
	DeletedAt  time.Time // zero: still there

	Answer *Answer // set where the company speaks
}

// AnswerState is how far an answer of the company came.
type AnswerState string

// The states of answers.
const (
	Sent     AnswerState = "sent"
	Pending  AnswerState = "pending"  // waits for approval
	Rejected AnswerState = "rejected" // sent back to its author
)

// Answer is what the team knows about words of its own.
type Answer struct {
	By        string // key of the member
	State     AnswerState
	Decider   string    // who approved or rejected; "" where no approval was asked
	DecidedAt time.Time // zero when not decided
	Reason    string    // why it was rejected
}

// Note is for the team's eyes.
type Note struct {
	By       string // key of the member
	At       time.Time
	Text     string
	Mentions []string // keys of the members named with @
}

// Draft is an answer somebody began.
type Draft struct {
	By   string
	At   time.Time
	Text string
}

// SavedReply is an answer kept for use again. Placeholders are those of the room inbox ({{nome}}, {{io}}); what a member fills in by hand stands in brackets.
type SavedReply struct {
	Key   string
	Title string
	Text  string
}
