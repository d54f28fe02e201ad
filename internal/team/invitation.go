package team

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/store"
)

// InvitationID names an invitation.
type InvitationID string

// InvitationLife is how long an invitation can be accepted.
const InvitationLife = 7 * 24 * time.Hour

// Invitation asks a person to become a member.
type Invitation struct {
	ID         InvitationID
	Company    CompanyID
	Email      string
	Name       string // as the inviter knows it; may be ""
	Role       Role
	InvitedBy  MemberID // "" for the command line
	CreatedAt  time.Time
	ExpiresAt  time.Time
	AcceptedAt time.Time // zero until accepted
	RevokedAt  time.Time // zero unless revoked
	Member     MemberID  // who came of it
}

// Open tells whether the invitation can be accepted at a moment.
func (i Invitation) Open(now time.Time) bool {
	return i.AcceptedAt.IsZero() && i.RevokedAt.IsZero() && now.Before(i.ExpiresAt)
}

// ErrInvitation says that an invitation's link opens nothing: unknown, revoked, accepted or too old.
var ErrInvitation = fault.New(fault.NotFound, "team.invitation.closed")

// InviteIn says who is invited, and for what.
type InviteIn struct {
	Email string
	Name  string
	Role  Role
}

// Invite makes an invitation and gives the token of its link, which is shown this once and kept as a hash only. An
// earlier open invitation to the same address ends. Where mail is set up, a letter with a link of its own goes out
// too. It needs MembersManage.
func (t *Team) Invite(ctx context.Context, a Actor, in InviteIn) (inv Invitation, token string, err error) {
	err = t.store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		if err := a.May(MembersManage); err != nil {
			return err
		}
		now := t.clock.Now()
		email, emailOK := tidyEmail(in.Email)
		inv = Invitation{
			ID: InvitationID(invitationKind.New(now)), Company: a.Company, Email: email, Name: tidy(in.Name), Role: in.Role,
			InvitedBy: a.Member, CreatedAt: now, ExpiresAt: now.Add(InvitationLife),
		}
		fields := wrongText("name", inv.Name, 0, maxName)
		if !emailOK {
			fields = append(fields, fault.Field{Name: "email", Key: "team.email.wrong"})
		}
		if _, err := ParseRole(string(in.Role)); err != nil {
			fields = append(fields, fault.Field{Name: "role", Key: "team.role.unknown", Args: map[string]any{"role": string(in.Role)}})
		}
		if err := fault.InvalidFields(fields...); err != nil {
			return err
		}
		switch _, err := t.readMemberByEmail(ctx, email); {
		case err == nil:
			return ErrMemberThere
		case fault.KindOf(err) != fault.NotFound:
			return err
		}
		if err := t.revokeInvitationsTo(ctx, tx, a.Company, email, now); err != nil {
			return err
		}
		var hash string
		token, hash = newToken()
		if err := t.insertInvitation(ctx, tx, inv, hash); err != nil {
			return err
		}
		if err := t.letters.order(ctx, tx, inv); err != nil {
			return err
		}
		return t.Audit(ctx, tx, a, Entry{
			Verb: "team.member.invited", ObjectKind: "invitation", ObjectID: string(inv.ID),
			Detail: map[string]string{"email": email, "role": string(inv.Role)},
		})
	})
	if err != nil {
		return Invitation{}, "", fmt.Errorf("team.Invite: %w", err)
	}
	return inv, token, nil
}

// Invitations lists the invitations of the actor's company that are still open, newest first. It needs MembersManage.
func (t *Team) Invitations(ctx context.Context, a Actor) ([]Invitation, error) {
	if err := a.May(MembersManage); err != nil {
		return nil, fmt.Errorf("team.Invitations: %w", err)
	}
	out, err := t.readInvitations(ctx, a.Company, t.clock.Now())
	if err != nil {
		return nil, fmt.Errorf("team.Invitations: %w", err)
	}
	return out, nil
}

// RevokeInvitation ends an open invitation. It needs MembersManage.
func (t *Team) RevokeInvitation(ctx context.Context, a Actor, i InvitationID) error {
	err := t.store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		if err := a.May(MembersManage); err != nil {
			return err
		}
		done, err := t.closeInvitation(ctx, tx, a.Company, i, t.clock.Now())
		if err != nil {
			return err
		}
		if !done {
			return ErrInvitation
		}
		return t.Audit(ctx, tx, a, Entry{Verb: "team.invitation.revoked", ObjectKind: "invitation", ObjectID: string(i)})
	})
	if err != nil {
		return fmt.Errorf("team.RevokeInvitation: %w", err)
	}
	return nil
}

// InvitationByToken gives the open invitation behind a link and its company, for the page that accepts it.
// Error: ErrInvitation.
func (t *Team) InvitationByToken(ctx context.Context, token string) (Invitation, Company, error) {
	i, err := t.readInvitationByHash(ctx, hashToken(token))
	if errors.Is(err, store.ErrMissing) || err == nil && !i.Open(t.clock.Now()) {
		err = ErrInvitation
	}
	var c Company
	if err == nil {
		c, err = t.readCompany(ctx, i.Company)
	}
	if err != nil {
		return Invitation{}, Company{}, fmt.Errorf("team.InvitationByToken: %w", err)
	}
	return i, c, nil
}

// AcceptIn is what a person says who accepts an invitation.
type AcceptIn struct {
	Token     string
	Name      string
	Job       string
	Locale    string // "" follows the company
	RequestID string
}

// AcceptInvitation makes the member whom an open invitation asks for. An invitation is accepted once, whoever else
// holds the link. The room signin calls it together with setting the password. Error: ErrInvitation.
func (t *Team) AcceptInvitation(ctx context.Context, in AcceptIn) (m Member, err error) {
	err = t.store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		i, _, err := t.InvitationByToken(ctx, in.Token)
		if err != nil {
			return err
		}
		m, err = t.newMember(ctx, tx, i.Company, AddMemberIn{Email: i.Email, Name: in.Name, Job: in.Job, Role: i.Role, Locale: in.Locale})
		if err != nil {
			return err
		}
		done, err := t.takeInvitation(ctx, tx, i, m.ID, t.clock.Now())
		if err != nil {
			return err
		}
		if !done {
			return ErrInvitation
		}
		by := m.Actor(ViaScreen)
		by.RequestID = in.RequestID
		return t.Audit(ctx, tx, by, Entry{
			Verb: "team.invitation.accepted", ObjectKind: "member", ObjectID: string(m.ID),
			Detail: map[string]string{"invitation": string(i.ID), "role": string(m.Role)},
		})
	})
	if err != nil {
		return Member{}, fmt.Errorf("team.AcceptInvitation: %w", err)
	}
	return m, nil
}
