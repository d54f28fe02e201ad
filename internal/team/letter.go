package team

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/queue"
	"github.com/ponte-desk/ponte/internal/store"
)

// InvitationLetter is what the letter to an invited person needs. Link holds a secret.
type InvitationLetter struct {
	To      string
	Name    string // may be ""
	Company string
	Inviter string // "" when invited from the command line
	Role    Role
	Locale  string // the company's
	Link    string
	Expires time.Time
}

// Letters is how letters leave: the composition of the house fills it.
type Letters struct {
	Queue *queue.Queue
	// Ready tells whether mail is set up; while it is not, no letter is ordered.
	Ready func() bool
	// Link makes the address of the acceptance page from an invitation's token.
	Link func(token string) string
	// Send brings a letter out.
	Send func(ctx context.Context, l InvitationLetter) error
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
	if l == nil || !l.Ready() {
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
	err = t.letters.Send(ctx, InvitationLetter{
		To: i.Email, Name: i.Name, Company: c.Name, Inviter: inviter.Name, Role: i.Role, Locale: c.Locale,
		Link: t.letters.Link(token), Expires: i.ExpiresAt,
	})
	if err != nil {
		return fmt.Errorf("team.sendInvitation: %w", err)
	}
	return nil
}
