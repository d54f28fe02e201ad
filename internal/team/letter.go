package team

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/i18n"
	"github.com/ponte-desk/ponte/internal/mail"
	"github.com/ponte-desk/ponte/internal/queue"
	"github.com/ponte-desk/ponte/internal/store"
)

// Letters is how letters leave.
type Letters struct {
	Queue *queue.Queue
	Mail  mail.Sender // while it is not configured no letter is ordered
	Words *i18n.Catalog
	// Link makes the address of the acceptance page from an invitation's token.
	Link func(token string) string
}

type letters struct{ Letters }

// SendLetters makes Invite send letters. It is called before the queue is opened.
func (t *Team) SendLetters(l Letters) {
	t.letters = &letters{l}
	queue.Handle(l.Queue, 2*time.Minute, t.sendInvitation)
}

// invitationLetter is the job that sends one letter; the token is made when it runs.
type invitationLetter struct {
	Company    CompanyID    `json:"company" river:"unique"`
	Invitation InvitationID `json:"invitation" river:"unique"`
}

// Kind implements queue.Job.
func (invitationLetter) Kind() string { return "team.invitation" }

func (l *letters) order(ctx context.Context, tx *store.Tx, i Invitation) error {
	if l == nil || !l.Mail.Configured() {
		return nil
	}
	return l.Queue.Add(ctx, tx, invitationLetter{Company: i.Company, Invitation: i.ID}, queue.Options{Line: queue.Slow, Unique: true})
}

// sendInvitation makes a fresh token for the letter and sends it. A second run makes another token, so only the last
// letter's link works, and the link on the inviter's screen.
func (t *Team) sendInvitation(ctx context.Context, job invitationLetter) error {
	i, err := t.readInvitation(ctx, job.Company, job.Invitation)
	if errors.Is(err, store.ErrMissing) || err == nil && !i.Open(t.clock.Now()) {
		return queue.Drop(fmt.Errorf("team: %w", ErrInvitation))
	}
	if err != nil {
		return fmt.Errorf("team.sendInvitation: %w", err)
	}
	c, err := t.readCompany(ctx, i.Company)
	if err != nil {
		return fmt.Errorf("team.sendInvitation: %w", err)
	}
	inviter, err := t.readMember(ctx, i.Company, i.InvitedBy)
	if err != nil && fault.KindOf(err) != fault.NotFound {
		return fmt.Errorf("team.sendInvitation: %w", err)
	}
	token, hash := newToken()
	if err := t.store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error { return t.setLetterHash(ctx, tx, i, hash) }); err != nil {
		return fmt.Errorf("team.sendInvitation: %w", err)
	}
	err = t.letters.Mail.Send(ctx, t.letters.invitation(i, c, inviter, t.letters.Link(token)))
	if f := fault.Of(err); f != nil && (f.Kind == fault.Invalid || f.Key == mail.ErrOff.Key) {
		return queue.Drop(fmt.Errorf("team.sendInvitation: %w", err)) // no second try makes it right
	}
	if err != nil {
		return fmt.Errorf("team.sendInvitation: %w", err)
	}
	return nil
}

// invitation writes the letter in the company's language.
func (l *letters) invitation(i Invitation, c Company, inviter Member, link string) mail.Letter {
	w := l.Words.For(c.Locale)
	about := map[string]any{"company": c.Name, "name": i.Name, "inviter": inviter.Name, "link": link, "until": w.Day(i.ExpiresAt.In(c.Location()))}
	hello, asks := "team.letter.invitation.hello", "team.letter.invitation.asks"
	if i.Name == "" {
		hello = "team.letter.invitation.hello_nameless"
	}
	if inviter.Name == "" {
		asks = "team.letter.invitation.asks_nameless"
	}
	var b strings.Builder
	for _, key := range []string{hello, asks, "team.letter.invitation.link", "team.letter.invitation.until", "team.letter.invitation.ignore"} {
		b.WriteString(w.T(key, about) + "\n\n")
	}
	return mail.Letter{To: i.Email, Subject: w.T("team.letter.invitation.subject", about), Text: b.String()}
}
