package signin

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/ponte-desk/ponte/internal/clock"
	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/seal"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/team"
)

// Errors to compare with errors.Is.
var (
	ErrWrong     = fault.New(fault.Denied, "signin.wrong")         // e-mail address or password, and it does not say which
	ErrCode      = fault.New(fault.Denied, "signin.code.wrong")    // the code of the second factor
	ErrSignedOut = fault.New(fault.Denied, "signin.signed_out")    // no session, or one that has ended
	ErrBearer    = fault.New(fault.Denied, "signin.token.wrong")   // no such API token, or one that has ended
	ErrLink      = fault.New(fault.NotFound, "signin.link.closed") // a one-time link that opens nothing
	ErrSetup     = fault.New(fault.Denied, "signin.setup.wrong")   // not the one-time address of the first run
	ErrFactorOn  = fault.New(fault.Conflict, "signin.factor.on")   // a second factor is on already
	ErrFactorOff = fault.New(fault.Conflict, "signin.factor.off")  // no second factor is on, or being set up
)

// Options tune the room. The zero value is right for a running house.
type Options struct {
	Params   Params // of password hashes; zero: DefaultParams
	Parallel int    // password hashes made at the same time; 0: 2
	Issuer   string // shown by authenticator apps; "" is Ponte
}

// Signin is the room.
type Signin struct {
	store  *store.Store
	team   *team.Team
	keys   *seal.Keyring
	clock  clock.Clock
	hasher *hasher
	issuer string
}

// New makes the room and registers it with the team: who leaves is signed out everywhere in the same transaction.
func New(s *store.Store, t *team.Team, k *seal.Keyring, c clock.Clock, o Options) *Signin {
	if o.Params == (Params{}) {
		o.Params = DefaultParams
	}
	if o.Parallel == 0 {
		o.Parallel = 2
	}
	if o.Issuer == "" {
		o.Issuer = "Ponte"
	}
	d := &Signin{store: s, team: t, keys: k, clock: c, hasher: newHasher(o.Params, int64(o.Parallel)), issuer: o.Issuer}
	t.OnLeave(func(ctx context.Context, tx *store.Tx, c team.CompanyID, leaver, _ team.MemberID) error {
		return d.endMember(ctx, tx, c, leaver)
	})
	t.OnRemove(d.erase)
	return d
}

// Visitor is what the door sees of who knocks.
type Visitor struct {
	RemoteAddr string // with or without a port; behind a proxy, what the proxy says
	UserAgent  string
	RequestID  string
}

// SignInIn is what someone shows at the door: first e-mail address and password; then, when a code is asked for, the
// ticket of the first step and the code. Code may come with the password at once.
type SignInIn struct {
	Email    string
	Password string
	Ticket   string
	Code     string // of the authenticator app, or a recovery code
	Visitor
}

// SignInOut is the door's answer.
type SignInOut struct {
	NeedsCode bool   // the password is right, and a second factor is on: come again with Ticket and a code
	Ticket    string // good for ten minutes
	Token     string // of the session, for a cookie; kept as a hash only
	Session   Session
}

const ticketLife = 10 * time.Minute

// SignIn lets a member in. Errors: ErrWrong, ErrCode, ErrSignedOut (the ticket is too old), signin.limited with RetryAfter,
// signin.busy.
func (s *Signin) SignIn(ctx context.Context, in SignInIn) (SignInOut, error) {
	var out SignInOut
	var err error
	if in.Ticket != "" {
		out, err = s.secondStep(ctx, in)
	} else {
		out, err = s.firstStep(ctx, in)
	}
	if err != nil {
		return SignInOut{}, fmt.Errorf("signin.SignIn: %w", err)
	}
	return out, nil
}

func (s *Signin) firstStep(ctx context.Context, in SignInIn) (SignInOut, error) {
	email := strings.ToLower(strings.TrimSpace(in.Email))
	m, err := s.team.MemberByEmail(ctx, email)
	if err != nil && fault.KindOf(err) != fault.NotFound {
		return SignInOut{}, err
	}
	// From here on the same is done for everybody; for an unknown address the member is empty, and nothing fits it.
	t, err := s.enterFrom(ctx, m.ID, email, in.Visitor)
	if err != nil {
		return SignInOut{}, err
	}
	hash, err := s.readPassword(ctx, m.ID)
	if err != nil {
		return SignInOut{}, err
	}
	ok, stale, err := s.hasher.check(ctx, hash, in.Password)
	if err != nil {
		return SignInOut{}, errors.Join(err, s.takeBack(ctx, t))
	}
	if !ok || m.ID == "" {
		return SignInOut{}, s.refuse(ctx, m, in.Visitor, ErrWrong)
	}
	if stale {
		if err := s.rehash(ctx, m, in.Password); err != nil {
			return SignInOut{}, err
		}
	}
	f, err := s.readFactor(ctx, m.Company, m.ID)
	if err != nil {
		return SignInOut{}, err
	}
	switch {
	case !f.on():
		return s.open(ctx, m, t, in.Visitor, "")
	case in.Code == "":
		return s.ticket(ctx, m, t)
	}
	return s.withCode(ctx, m, t, in, "")
}

// ticket remembers that the password was right, and takes the try back without forgetting earlier failures.
func (s *Signin) ticket(ctx context.Context, m team.Member, t try) (SignInOut, error) {
	token, hash := newToken("")
	err := s.store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		if err := s.leave(ctx, tx, t, false); err != nil {
			return err
		}
		return s.insertTicket(ctx, tx, m, hash, s.clock.Now().Add(ticketLife))
	})
	return SignInOut{NeedsCode: true, Ticket: token}, err
}

func (s *Signin) secondStep(ctx context.Context, in SignInIn) (SignInOut, error) {
	hash := hashToken(in.Ticket)
	c, id, err := s.readTicket(ctx, hash, s.clock.Now())
	if errors.Is(err, store.ErrMissing) {
		return SignInOut{}, ErrSignedOut
	}
	if err != nil {
		return SignInOut{}, err
	}
	m, err := s.team.Member(ctx, team.System(c), id)
	if err != nil {
		return SignInOut{}, err
	}
	t, err := s.enterFrom(ctx, m.ID, m.Email, in.Visitor)
	if err != nil {
		return SignInOut{}, err
	}
	return s.withCode(ctx, m, t, in, hash)
}

// withCode checks the second factor and opens the session in one transaction, so that a code is used up only by who
// gets in.
func (s *Signin) withCode(ctx context.Context, m team.Member, t try, in SignInIn, ticket string) (out SignInOut, err error) {
	err = s.store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		how, err := s.useCode(ctx, tx, m, in.Code)
		if err != nil {
			return err
		}
		if how == codeRecovery {
			e := team.Entry{Verb: "signin.recovery.used", ObjectKind: "member", ObjectID: string(m.ID)}
			if err := s.team.Audit(ctx, tx, s.as(m, in.Visitor), e); err != nil {
				return err
			}
		}
		out, err = s.open(ctx, m, t, in.Visitor, ticket)
		return err
	})
	if errors.Is(err, ErrCode) {
		return SignInOut{}, s.refuse(ctx, m, in.Visitor, ErrCode)
	}
	return out, err
}

// open makes the session of someone who has proved who they are.
func (s *Signin) open(ctx context.Context, m team.Member, t try, v Visitor, ticket string) (out SignInOut, err error) {
	err = s.store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		// The member may have left while the password was being checked.
		now, err := s.team.Member(ctx, team.System(m.Company), m.ID)
		if err != nil {
			return err
		}
		if now.State != team.MemberActive {
			return ErrWrong
		}
		if err := s.leave(ctx, tx, t, true); err != nil {
			return err
		}
		if ticket != "" {
			done, err := s.takeTicket(ctx, tx, ticket)
			if err != nil {
				return err
			}
			if !done {
				return ErrSignedOut
			}
		}
		if out.Token, out.Session, err = s.newSession(ctx, tx, m, v); err != nil {
			return err
		}
		return s.team.Audit(ctx, tx, s.as(m, v), team.Entry{
			Verb: "signin.entered", ObjectKind: "session", ObjectID: string(out.Session.ID),
			Detail: map[string]string{"address": out.Session.Address, "agent": out.Session.Agent},
		})
	})
	return out, err
}

// enterFrom counts a try of a member, or of nobody, from where the visitor stands.
func (s *Signin) enterFrom(ctx context.Context, m team.MemberID, email string, v Visitor) (try, error) {
	from := prefix(v.RemoteAddr)
	known, err := s.knownAddress(ctx, m, key("at", string(m), from.String()))
	if err != nil {
		return try{}, err
	}
	return s.enter(ctx, buckets(email, from, known))
}

// takeBack undoes the counting of a try that our own trouble cut short.
func (s *Signin) takeBack(ctx context.Context, t try) error {
	ctx = context.WithoutCancel(ctx)
	return s.store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error { return s.leave(ctx, tx, t, false) })
}

// refuse writes a failed try into the audit trail and gives the error. What was typed is not kept: people type
// passwords into the wrong field. A try at an unknown account is told to the house's own company.
func (s *Signin) refuse(ctx context.Context, m team.Member, v Visitor, why *fault.Error) error {
	e := team.Entry{Verb: "signin.failed", ObjectKind: "member", ObjectID: string(m.ID), Detail: map[string]string{
		"address": mask(v.RemoteAddr), "agent": agent(v.UserAgent), "why": why.Key,
	}}
	a := team.Actor{Company: m.Company, Via: team.ViaScreen, RequestID: v.RequestID}
	cs, err := s.team.Companies(ctx) // read for members too: the same work for everybody
	if err != nil {
		return err
	}
	if m.ID == "" {
		if len(cs) == 0 {
			return why
		}
		a.Company, e.ObjectKind = cs[0].ID, "door"
	}
	if err := s.store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error { return s.team.Audit(ctx, tx, a, e) }); err != nil {
		return err
	}
	return why
}

// as makes a member at the door the actor of an audit entry.
func (s *Signin) as(m team.Member, v Visitor) team.Actor {
	a := m.Actor(team.ViaScreen)
	a.RequestID = v.RequestID
	return a
}

// newToken makes a secret of 256 bits and the hash under which it is kept: a random secret needs no slow hash.
func newToken(mark string) (token, hash string) {
	token = mark + base64.RawURLEncoding.EncodeToString(random(32))
	return token, hashToken(token)
}

func hashToken(token string) string {
	h := sha256.Sum256([]byte(token))
	return hex.EncodeToString(h[:])
}
