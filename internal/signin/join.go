package signin

import (
	"context"
	"crypto/subtle"
	"errors"
	"fmt"
	"time"

	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/team"
)

// Lives of one-time addresses.
const (
	LinkLife  = 24 * time.Hour     // to set a new password
	setupLife = 7 * 24 * time.Hour // of the first run
)

// OpenSetup makes a one-time address for the first run and gives its token, or "" when a company is there already.
// Each start makes one of its own, so that every node prints one that works.
func (s *Signin) OpenSetup(ctx context.Context) (token string, err error) {
	err = s.store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		empty, err := s.team.Empty(ctx)
		if err != nil || !empty {
			return err
		}
		var hash string
		token, hash = newToken("")
		now := s.clock.Now()
		if err := s.dropSetups(ctx, tx, now.Add(-setupLife)); err != nil {
			return err
		}
		return s.insertSetup(ctx, tx, setupKind.New(now), hash, now)
	})
	if err != nil {
		return "", fmt.Errorf("signin.OpenSetup: %w", err)
	}
	return token, nil
}

// VerifySetup is nil when a token is one of the first run's, while no company exists. Error: ErrSetup.
func (s *Signin) VerifySetup(ctx context.Context, token string) error {
	if err := s.verifySetup(ctx, token); err != nil {
		return fmt.Errorf("signin.VerifySetup: %w", err)
	}
	return nil
}

func (s *Signin) verifySetup(ctx context.Context, token string) error {
	empty, err := s.team.Empty(ctx)
	if err != nil {
		return err
	}
	hashes, err := s.readSetups(ctx, s.clock.Now().Add(-setupLife))
	if err != nil {
		return err
	}
	got, ok := []byte(hashToken(token)), 0
	for _, h := range hashes {
		ok |= subtle.ConstantTimeCompare(got, []byte(h))
	}
	if !empty || ok != 1 {
		return ErrSetup
	}
	return nil
}

// FoundIn is the first run: the company, its owner with a password, and the token of the one-time address.
type FoundIn struct {
	team.FoundIn
	Password string
	Setup    string
	Visitor
}

// Found makes the company and its owner and signs the owner in, in one transaction. Errors: ErrSetup, team.ErrFounded,
// and all fields that are wrong.
func (s *Signin) Found(ctx context.Context, in FoundIn) (out SignInOut, err error) {
	if err := s.verifySetup(ctx, in.Setup); err != nil {
		return SignInOut{}, fmt.Errorf("signin.Found: %w", err)
	}
	weak := CheckPassword(in.Password, team.Member{Email: in.OwnerEmail, Name: in.OwnerName}, in.Name)
	hash := ""
	if weak == nil {
		if hash, err = s.hasher.hash(ctx, in.Password); err != nil {
			return SignInOut{}, fmt.Errorf("signin.Found: %w", err)
		}
	}
	err = s.store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		_, m, err := s.team.Found(ctx, in.FoundIn)
		if err := allFields(err, weak); err != nil {
			return err
		}
		if err := s.dropSetups(ctx, tx, s.clock.Now().Add(time.Hour)); err != nil {
			return err
		}
		out, err = s.first(ctx, tx, m, hash, in.Visitor)
		return err
	})
	if err != nil {
		return SignInOut{}, fmt.Errorf("signin.Found: %w", err)
	}
	return out, nil
}

// JoinIn accepts an invitation.
type JoinIn struct {
	team.AcceptIn
	Password string
	Visitor  Visitor
}

// Join makes the invited member, sets the password and signs them in, in one transaction. Errors: team.ErrInvitation,
// and all fields that are wrong.
func (s *Signin) Join(ctx context.Context, in JoinIn) (out SignInOut, err error) {
	i, c, err := s.team.InvitationByToken(ctx, in.Token)
	if err != nil {
		return SignInOut{}, fmt.Errorf("signin.Join: %w", err)
	}
	weak := CheckPassword(in.Password, team.Member{Email: i.Email, Name: in.Name}, c.Name)
	hash := ""
	if weak == nil {
		if hash, err = s.hasher.hash(ctx, in.Password); err != nil {
			return SignInOut{}, fmt.Errorf("signin.Join: %w", err)
		}
	}
	err = s.store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		m, err := s.team.AcceptInvitation(ctx, in.AcceptIn)
		if err := allFields(err, weak); err != nil {
			return err
		}
		out, err = s.first(ctx, tx, m, hash, in.Visitor)
		return err
	})
	if err != nil {
		return SignInOut{}, fmt.Errorf("signin.Join: %w", err)
	}
	return out, nil
}

// allFields makes one error of two about fields; another kind of error wins.
func allFields(err, weak error) error {
	if weak == nil || err == nil {
		return errors.Join(err, weak)
	}
	if e := fault.Of(err); e.Kind == fault.Invalid && len(e.Fields) > 0 {
		return fault.InvalidFields(append(append([]fault.Field{}, e.Fields...), fault.Of(weak).Fields...)...)
	}
	return err
}

// first sets the first password of a new member and opens their first session.
func (s *Signin) first(ctx context.Context, tx *store.Tx, m team.Member, hash string, v Visitor) (out SignInOut, err error) {
	if err := s.putPassword(ctx, tx, m, hash, s.clock.Now()); err != nil {
		return out, err
	}
	if out.Token, out.Session, err = s.newSession(ctx, tx, m, v); err != nil {
		return out, err
	}
	return out, s.team.Audit(ctx, tx, s.as(m, v), team.Entry{
		Verb: "signin.entered", ObjectKind: "session", ObjectID: string(out.Session.ID),
		Detail: map[string]string{"address": out.Session.Address, "agent": out.Session.Agent},
	})
}

// SetPasswordIn changes one's own password.
type SetPasswordIn struct {
	Old  string
	New  string
	Keep SessionID // the session that stays open; all others end
}

// SetPassword changes the actor's own password and ends their other sessions. Errors: ErrWrong, signin.limited, and
// what is wrong with the new one.
func (s *Signin) SetPassword(ctx context.Context, a team.Actor, in SetPasswordIn) error {
	if err := s.setOwnPassword(ctx, a, in); err != nil {
		return fmt.Errorf("signin.SetPassword: %w", err)
	}
	return nil
}

func (s *Signin) setOwnPassword(ctx context.Context, a team.Actor, in SetPasswordIn) error {
	if err := a.Self(); err != nil {
		return err
	}
	m, hash, err := s.prepare(ctx, a.Company, a.Member, in.New)
	if err != nil {
		return err
	}
	return s.withPassword(ctx, a, in.Old, func(ctx context.Context, tx *store.Tx) error {
		if err := s.putPassword(ctx, tx, m, hash, s.clock.Now()); err != nil {
			return err
		}
		if err := s.dropLinks(ctx, tx, m.Company, m.ID); err != nil {
			return err
		}
		if _, err := s.deleteSessions(ctx, tx, m.Company, m.ID, "", in.Keep); err != nil {
			return err
		}
		return s.team.Audit(ctx, tx, a, team.Entry{Verb: "signin.password.changed", ObjectKind: "member", ObjectID: string(m.ID)})
	})
}

// prepare checks a new password for a member and hashes it, outside of any transaction.
func (s *Signin) prepare(ctx context.Context, c team.CompanyID, id team.MemberID, password string) (team.Member, string, error) {
	m, err := s.team.Member(ctx, team.System(c), id)
	if err != nil {
		return m, "", err
	}
	if m.State != team.MemberActive {
		return m, "", team.ErrMemberGone
	}
	company, err := s.team.Company(ctx, c)
	if err != nil {
		return m, "", err
	}
	if err := CheckPassword(password, m, company.Name); err != nil {
		return m, "", err
	}
	hash, err := s.hasher.hash(ctx, password)
	return m, hash, err
}

// ResetIn asks for a link with which a member sets a new password.
type ResetIn struct {
	Member     team.MemberID
	DropFactor bool // the link also turns the second factor off, for who has lost the phone and the recovery codes
}

// Reset makes a one-time link for a member and gives its token, shown this once. Until it is used nothing changes;
// an earlier link ends. It needs MembersManage.
func (s *Signin) Reset(ctx context.Context, a team.Actor, in ResetIn) (token string, err error) {
	err = s.store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		if err := a.May(team.MembersManage); err != nil {
			return err
		}
		m, err := s.team.Member(ctx, team.System(a.Company), in.Member)
		if err != nil {
			return err
		}
		if m.State != team.MemberActive {
			return team.ErrMemberGone
		}
		if token, err = s.newLink(ctx, tx, m, in.DropFactor); err != nil {
			return err
		}
		return s.team.Audit(ctx, tx, a, team.Entry{
			Verb: "signin.password.link", ObjectKind: "member", ObjectID: string(m.ID), Detail: map[string]string{"factor": fmt.Sprint(in.DropFactor)},
		})
	})
	if err != nil {
		return "", fmt.Errorf("signin.Reset: %w", err)
	}
	return token, nil
}

func (s *Signin) newLink(ctx context.Context, tx *store.Tx, m team.Member, dropFactor bool) (string, error) {
	if err := s.dropLinks(ctx, tx, m.Company, m.ID); err != nil {
		return "", err
	}
	token, hash := newToken("")
	now := s.clock.Now()
	return token, s.insertLink(ctx, tx, m, linkKind.New(now), hash, dropFactor, now, now.Add(LinkLife))
}

// Add makes a member without an invitation and gives the token of the link with which they set their password. It
// needs MembersManage; it is there for the command line.
func (s *Signin) Add(ctx context.Context, a team.Actor, in team.AddMemberIn) (m team.Member, token string, err error) {
	err = s.store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		if m, err = s.team.AddMember(ctx, a, in); err != nil {
			return err
		}
		token, err = s.newLink(ctx, tx, m, false)
		return err
	})
	if err != nil {
		return team.Member{}, "", fmt.Errorf("signin.Add: %w", err)
	}
	return m, token, nil
}

// LinkMember tells whose password a one-time link sets, for its page. Error: ErrLink.
func (s *Signin) LinkMember(ctx context.Context, token string) (team.Member, error) {
	l, err := s.findLink(ctx, token)
	if err != nil {
		return team.Member{}, fmt.Errorf("signin.LinkMember: %w", err)
	}
	return l.member, nil
}

// link is an open one-time link.
type link struct {
	id         string
	company    team.CompanyID
	memberID   team.MemberID
	dropFactor bool
	expires    time.Time
	member     team.Member
}

func (s *Signin) findLink(ctx context.Context, token string) (link, error) {
	l, err := s.readLink(ctx, hashToken(token))
	if errors.Is(err, store.ErrMissing) || err == nil && !s.clock.Now().Before(l.expires) {
		return link{}, ErrLink
	}
	if err != nil {
		return link{}, err
	}
	l.member, err = s.team.Member(ctx, team.System(l.company), l.memberID)
	if err == nil && l.member.State != team.MemberActive {
		err = ErrLink
	}
	return l, err
}

// UseLinkIn sets a new password by a one-time link.
type UseLinkIn struct {
	Token    string
	Password string
	Visitor
}

// UseLink sets a new password by a one-time link and ends all sessions of the member, who then signs in as always.
// Errors: ErrLink, and what is wrong with the password.
func (s *Signin) UseLink(ctx context.Context, in UseLinkIn) (team.Member, error) {
	m, err := s.useLink(ctx, in)
	if err != nil {
		return team.Member{}, fmt.Errorf("signin.UseLink: %w", err)
	}
	return m, nil
}

func (s *Signin) useLink(ctx context.Context, in UseLinkIn) (team.Member, error) {
	l, err := s.findLink(ctx, in.Token)
	if err != nil {
		return team.Member{}, err
	}
	m, hash, err := s.prepare(ctx, l.company, l.memberID, in.Password)
	if err != nil {
		return m, err
	}
	return m, s.store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		done, err := s.takeLink(ctx, tx, l)
		if err != nil {
			return err
		}
		if !done {
			return ErrLink
		}
		if err := s.putPassword(ctx, tx, m, hash, s.clock.Now()); err != nil {
			return err
		}
		if l.dropFactor {
			if err := s.dropFactor(ctx, tx, m.Company, m.ID); err != nil {
				return err
			}
		}
		if _, err := s.deleteSessions(ctx, tx, m.Company, m.ID, "", ""); err != nil {
			return err
		}
		if err := s.dropTickets(ctx, tx, m.Company, m.ID); err != nil {
			return err
		}
		// The member proved who they are another way, so earlier failures of theirs at the door count no longer.
		for _, b := range []string{
			key("account", m.Email), key("known", m.Email, prefix(in.RemoteAddr).String()), key("inside", string(m.ID)),
		} {
			if err := s.dropAttempt(ctx, tx, b); err != nil {
				return err
			}
		}
		return s.team.Audit(ctx, tx, s.as(m, in.Visitor), team.Entry{
			Verb: "signin.password.reset", ObjectKind: "member", ObjectID: string(m.ID), Detail: map[string]string{"address": mask(in.RemoteAddr)},
		})
	})
}

// rehash renews the hash of a password that is right, with the parameters of today.
func (s *Signin) rehash(ctx context.Context, m team.Member, password string) error {
	hash, err := s.hasher.hash(ctx, password)
	if err != nil {
		return err
	}
	return s.store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		return s.putPassword(ctx, tx, m, hash, s.clock.Now())
	})
}

// Sweep deletes what has ended and helps nobody any more. It may run at any time, on any node.
func (s *Signin) Sweep(ctx context.Context) error {
	now := s.clock.Now()
	err := s.store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error { return s.sweep(ctx, tx, now) })
	if err != nil {
		return fmt.Errorf("signin.Sweep: %w", err)
	}
	return nil
}
