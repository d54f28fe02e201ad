package growth

import (
	"context"
	"time"

	"github.com/ponte-desk/ponte/internal/inbox"
	"github.com/ponte-desk/ponte/internal/record"
	"github.com/ponte-desk/ponte/internal/team"
)

// PromiseState is where a promise stands. It is stored in the database.
type PromiseState string

// The states of a promise.
const (
	PromiseWritten PromiseState = "written" // its reply has not gone out yet
	PromiseOpen    PromiseState = "open"
	PromiseKept    PromiseState = "kept"
	PromiseLate    PromiseState = "late"   // kept after its day
	PromiseBroken  PromiseState = "broken" // its day passed
	PromiseGone    PromiseState = "gone"   // its reply never went out
)

// Promise is something the company said that it would do.
type Promise struct {
	ID           PromiseID
	Company      team.CompanyID
	Handle       record.Handle
	Conversation inbox.ConversationID
	Reply        inbox.ReplyID
	Case         CaseID // "" none
	Text         string // the sentence
	Public       bool
	Owner        team.MemberID
	DueAt        time.Time // the end of its day in the company's zone
	State        PromiseState
	MadeBy       team.MemberID
	MadeAt       time.Time
	SettledAt    time.Time
	SettledBy    team.MemberID
	Note         string // how it was kept
	To           string // the name of who it was made to
}

// Noticed is a sentence in a text of ours that promises something.
type Noticed struct {
	From, To int // bytes of the text
	Text     string
	DueAt    time.Time // the end of the day that it names; zero: it names none
}

// Notice finds what a text of ours promises, read at this moment in the company's zone.
func (g *Growth) Notice(ctx context.Context, actor team.Actor, text string) ([]Noticed, error) {
	return nil, errSkeleton
}

// PromiseIn makes a noticed sentence a promise.
type PromiseIn struct {
	Text  string
	Owner team.MemberID // "" the actor
	DueAt time.Time     // any moment of its day
	Case  CaseID
}

// AnswerIn is an answer, with what it promises.
type AnswerIn struct {
	inbox.ReplyIn
	Promises  []PromiseIn
	NoPromise bool // the member has read what was noticed and says that it promises nothing
}

// Answer answers a conversation as inbox.Reply does, and keeps what it promises. A text that promises something without saying
// what becomes of it is refused with growth.promise.asked (a Conflict); Notice says what was noticed. It needs InboxReply.
func (g *Growth) Answer(ctx context.Context, actor team.Actor, in AnswerIn) (inbox.Reply, error) {
	return inbox.Reply{}, errSkeleton
}

// PromiseFilter narrows the list of promises.
type PromiseFilter struct {
	States []PromiseState // empty: open and broken
	Owner  team.MemberID
	Cursor string
	Limit  int // 1 to 100; 0 is 30
}

// PromisePage is a part of the list, what is due first first, settled ones newest first.
type PromisePage struct {
	Promises []Promise
	Next     string
	Counts   map[PromiseState]int
}

// Promises lists promises. Who has GrowthRead sees all, any other member those they own.
func (g *Growth) Promises(ctx context.Context, actor team.Actor, f PromiseFilter) (PromisePage, error) {
	return PromisePage{}, errSkeleton
}

// Keep says that a promise was kept, and how. Its owner may, and who has GrowthManage.
func (g *Growth) Keep(ctx context.Context, actor team.Actor, p PromiseID, note string) error {
	return errSkeleton
}

// Break says that a promise will not be kept. Its owner may, and who has GrowthManage.
func (g *Growth) Break(ctx context.Context, actor team.Actor, p PromiseID, note string) error {
	return errSkeleton
}

// HandPromise gives a promise another owner. Its day does not move: that was said in public. It needs GrowthManage.
func (g *Growth) HandPromise(ctx context.Context, actor team.Actor, p PromiseID, to team.MemberID) error {
	return errSkeleton
}
