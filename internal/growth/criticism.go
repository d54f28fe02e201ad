package growth

import (
	"context"
	"time"

	"github.com/ponte-desk/ponte/internal/audience"
	"github.com/ponte-desk/ponte/internal/inbox"
	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/record"
	"github.com/ponte-desk/ponte/internal/team"
	"github.com/ponte-desk/ponte/internal/triage"
)

// CriticismState is where a criticism stands before it belongs to a case. It is stored in the database.
type CriticismState string

// The states of a criticism.
const (
	ToDecide  CriticismState = "to_decide" // triage is in doubt: a member decides
	Counted   CriticismState = "counted"   // it is one
	Dismissed CriticismState = "dismissed" // it was judged to be none, with a reason
	Erased    CriticismState = "erased"    // nothing of it is left but its handle
)

// Criticism is an interaction in which a person says that something is wrong.
type Criticism struct {
	ID           CriticismID
	Company      team.CompanyID
	Interaction  inbox.InteractionID
	Conversation inbox.ConversationID
	Identity     audience.IdentityID
	Channel      network.ChannelID
	Handle       record.Handle
	Public       bool  // everybody could read it: it stands in the record
	Leaf         int64 // its place in the record; -1: it has none
	State        CriticismState
	Theme        triage.Theme // the first of its themes; "" none
	URL          string       // where it stands; "" unknown
	SaidAt       time.Time
	HeardAt      time.Time
	DecideBy     time.Time // ToDecide: until when a member should decide
	Overdue      bool      // that time has passed and the record says so
	AnsweredAt   time.Time // zero: not answered
	Reason       record.Reason
	DecidedBy    team.MemberID
	DecidedAt    time.Time
	Case         CaseID // "" none
	Named        bool   // quoted with the person's first name and initial; else without a name
	Quote        string // what is quoted of it in public; "" all of it
	ConfirmedAt  time.Time
	Better       bool // what they confirmed
}

// Voice is a criticism with the words and the person behind it, for the team.
type Voice struct {
	Criticism
	Text  string // "" when it was taken back or erased
	Stars int
	From  audience.Identity
}

// DecideIn is a member's word on whether something is criticism.
type DecideIn struct {
	Interaction inbox.InteractionID
	Criticism   bool
	Theme       triage.Theme  // when it is; "" leaves what triage says
	Reason      record.Reason // when it is not
}

// Decide says whether an interaction is criticism. The word teaches triage. What stands in the record as heard gets a leaf
// that says that it was dismissed, with the reason. It needs GrowthManage. What is in a case must be taken out of it first.
func (g *Growth) Decide(ctx context.Context, actor team.Actor, in DecideIn) (Criticism, error) {
	return Criticism{}, errSkeleton
}

// Undecided lists what waits for a member's word, what is due first first, at most limit (1 to 100; 0 is 30). It needs GrowthRead.
func (g *Growth) Undecided(ctx context.Context, actor team.Actor, limit int) ([]Voice, error) {
	return nil, errSkeleton
}

// OfConversation gives the criticisms of a conversation by interaction. It needs InboxRead.
func (g *Growth) OfConversation(ctx context.Context, actor team.Actor, c inbox.ConversationID) (map[inbox.InteractionID]Criticism, error) {
	return nil, errSkeleton
}

// Same are the criticisms that say the same as some interaction.
type Same struct {
	Voices []Voice   // others that say the same and are in no case, newest first
	People int       // different people among them
	Since  time.Time // when the first of them was written
	Cases  []Likely  // open cases about the same, likeliest first
}

// Likely is an open case that something may belong to.
type Likely struct {
	Case  Case
	Score float64  // 0 to 1, of triage's similarity
	Words []string // what they have in common
}

// SaySame finds who says the same as these interactions, in the last year. It needs GrowthRead.
func (g *Growth) SaySame(ctx context.Context, actor team.Actor, is []inbox.InteractionID) (Same, error) {
	return Same{}, errSkeleton
}
