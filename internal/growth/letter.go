package growth

import (
	"context"
	"time"

	"github.com/ponte-desk/ponte/internal/audience"
	"github.com/ponte-desk/ponte/internal/inbox"
	"github.com/ponte-desk/ponte/internal/team"
)

// LetterState is where a letter stands. It is stored in the database.
type LetterState string

// The states of a letter.
const (
	LetterDraft    LetterState = "draft"    // waits for a person's yes
	LetterSent     LetterState = "sent"     // handed to the inbox as a reply; the reply says how it went
	LetterSkipped  LetterState = "skipped"  // a member decided not to write
	LetterAnswered LetterState = "answered" // they said whether it is better
)

// Letter is what goes back to a person who raised a case, where they wrote.
type Letter struct {
	ID           LetterID
	Case         CaseID
	Criticism    CriticismID
	Conversation inbox.ConversationID
	To           audience.Identity
	Text         string // with the personal link already in it
	State        LetterState
	Reply        inbox.ReplyID
	SentAt       time.Time
	SentBy       team.MemberID
	AnsweredAt   time.Time
	Better       bool
	Words        string // what they added
}

// ChangeLetter changes a draft. The personal link must stay in it. It needs InboxReply.
func (g *Growth) ChangeLetter(ctx context.Context, actor team.Actor, l LetterID, text string) error {
	return errSkeleton
}

// SendLetter says yes to a letter: it goes out as a reply, under the rules of the inbox. It needs InboxReply.
func (g *Growth) SendLetter(ctx context.Context, actor team.Actor, l LetterID) error {
	return errSkeleton
}

// SkipLetter decides not to write. It needs InboxReply.
func (g *Growth) SkipLetter(ctx context.Context, actor team.Actor, l LetterID) error {
	return errSkeleton
}

// Asked is what a person sees who opens their personal link.
type Asked struct {
	Company     team.Company
	Improvement *Improvement // nil: it is not published
	Case        Case
	AnsweredAt  time.Time // zero: not yet
	Better      bool
}

// ReadAsked gives what a personal link shows. An unknown, spent or erased link is NotFound.
func (g *Growth) ReadAsked(ctx context.Context, token string) (Asked, error) {
	return Asked{}, errSkeleton
}

// AnswerAsked keeps what the person says: whether it is better, and words of theirs (at most 500 characters, for the team only).
// The last word counts; the record gets a leaf for the first and for each change.
func (g *Growth) AnswerAsked(ctx context.Context, token string, better bool, words string) error {
	return errSkeleton
}
