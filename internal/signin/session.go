package signin

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/id"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/team"
)

// Kinds of identifiers minted here.
const (
	sessionKind id.Kind = "ses"
	tokenKind   id.Kind = "tok"
	linkKind    id.Kind = "pwl"
	setupKind   id.Kind = "set"
)

// SessionID names a session.
type SessionID string

// ParseSessionID checks an identifier from outside.
func ParseSessionID(s string) (SessionID, error) {
	v, err := sessionKind.Parse(s)
	return SessionID(v), err
}

// ParseTokenID checks an identifier from outside.
func ParseTokenID(s string) (TokenID, error) {
	v, err := tokenKind.Parse(s)
	return TokenID(v), err
}

// How long sessions live.
const (
	SessionLife = 30 * 24 * time.Hour
	SessionIdle = 7 * 24 * time.Hour
	seenEvery   = 5 * time.Minute // how coarsely the last use is kept
)

// Session is one browser in which a member is signed in.
type Session struct {
	ID        SessionID
	Company   team.CompanyID
	Member    team.MemberID
	Agent     string // "Firefox · Linux"
	Address   string // masked
	CreatedAt time.Time
	SeenAt    time.Time // to five minutes
	ExpiresAt time.Time
	Visiting  team.CompanyID // the sample company that is being looked round, or ""
	// Person is the member in their own company, also while they look round the sample: settings about oneself (own
	// password, sessions, tokens) take this actor. Set by ByToken.
	Person team.Actor
	// NeedsFactor tells that the company wants a second factor and the member has none yet: the door leads there
	// before anything else. Set by ByToken.
	NeedsFactor bool
}

// ends is when the session ends if it is not used again.
func (s Session) ends() time.Time {
	if idle := s.SeenAt.Add(SessionIdle); idle.Before(s.ExpiresAt) {
		return idle
	}
	return s.ExpiresAt
}

func (s *Signin) newSession(ctx context.Context, tx *store.Tx, m team.Member, v Visitor) (string, Session, error) {
	now := s.clock.Now()
	token, hash := newToken("")
	out := Session{
		ID: SessionID(sessionKind.New(now)), Company: m.Company, Member: m.ID, Agent: agent(v.UserAgent), Address: mask(v.RemoteAddr),
		CreatedAt: now, SeenAt: now, ExpiresAt: now.Add(SessionLife), Person: m.Actor(team.ViaScreen),
	}
	if err := s.insertSession(ctx, tx, out, hash); err != nil {
		return "", Session{}, err
	}
	return token, out, s.rememberAddress(ctx, tx, m, key("at", string(m.ID), prefix(v.RemoteAddr).String()), now)
}

// ByToken gives who stands behind a session's token, or ErrSignedOut. The member is looked up on every call, so
// leaving and a new role count at once. While the sample is being looked round the actor belongs to the sample.
func (s *Signin) ByToken(ctx context.Context, token string) (team.Actor, Session, error) {
	a, ses, err := s.byToken(ctx, token)
	if err != nil {
		return team.Actor{}, Session{}, fmt.Errorf("signin.ByToken: %w", err)
	}
	return a, ses, nil
}

func (s *Signin) byToken(ctx context.Context, token string) (team.Actor, Session, error) {
	if token == "" {
		return team.Actor{}, Session{}, ErrSignedOut
	}
	ses, err := s.readSession(ctx, hashToken(token))
	if errors.Is(err, store.ErrMissing) {
		return team.Actor{}, Session{}, ErrSignedOut
	}
	if err != nil {
		return team.Actor{}, Session{}, err
	}
	now := s.clock.Now()
	if !now.Before(ses.ends()) {
		return team.Actor{}, Session{}, ErrSignedOut
	}
	m, err := s.team.Member(ctx, team.System(ses.Company), ses.Member)
	if err != nil && fault.KindOf(err) != fault.NotFound {
		return team.Actor{}, Session{}, err
	}
	if err != nil || m.State != team.MemberActive {
		return team.Actor{}, Session{}, ErrSignedOut
	}
	c, err := s.team.Company(ctx, ses.Company)
	if err != nil {
		return team.Actor{}, Session{}, err
	}
	ses.Person = m.Actor(team.ViaScreen)
	if c.Settings.TwoFactor {
		f, err := s.readFactor(ctx, m.Company, m.ID)
		if err != nil {
			return team.Actor{}, Session{}, err
		}
		ses.NeedsFactor = !f.on()
	}
	a := ses.Person
	if ses.Visiting != "" {
		if a, err = s.guise(ctx, ses); err != nil {
			return team.Actor{}, Session{}, err
		}
	}
	if now.Sub(ses.SeenAt) >= seenEvery {
		if err := s.touchSession(ctx, ses, now); err != nil {
			return team.Actor{}, Session{}, err
		}
		ses.SeenAt = now
	}
	return a, ses, nil
}

// guise is the member of the sample as whom a person looks round it: one in the person's own role, else any, and
// never with more rights than the person has at home.
func (s *Signin) guise(ctx context.Context, ses Session) (team.Actor, error) {
	ms, err := s.team.Members(ctx, team.System(ses.Visiting), team.MemberFilter{State: team.MemberActive})
	if err != nil || len(ms) == 0 {
		return ses.Person, err
	}
	at := ms[0]
	for _, m := range ms {
		if m.Role == ses.Person.Role {
			at = m
			break
		}
	}
	a := at.Actor(team.ViaScreen)
	a.Role = ses.Person.Role
	return a, nil
}

// Visit makes a session look round the sample company, or, with "", come home. The person needs to be signed in.
func (s *Signin) Visit(ctx context.Context, ses Session, sample team.CompanyID) error {
	err := s.store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		if sample != "" {
			c, err := s.team.Company(ctx, sample)
			if err != nil {
				return err
			}
			if !c.Sample {
				return fault.New(fault.Denied, "signin.visit.real")
			}
			if c.Filling {
				return fault.New(fault.Conflict, "signin.visit.filling")
			}
			if c.ID == ses.Company {
				sample = ""
			}
		}
		return s.setVisiting(ctx, tx, ses, sample)
	})
	if err != nil {
		return fmt.Errorf("signin.Visit: %w", err)
	}
	return nil
}

// SignOut ends a session. A token that is none is signed out already.
func (s *Signin) SignOut(ctx context.Context, token string) error {
	ses, err := s.readSession(ctx, hashToken(token))
	if errors.Is(err, store.ErrMissing) {
		return nil
	}
	if err == nil {
		err = s.store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
			if _, err := s.deleteSessions(ctx, tx, ses.Company, ses.Member, ses.ID, ""); err != nil {
				return err
			}
			a := team.Actor{Company: ses.Company, Member: ses.Member, Via: team.ViaScreen}
			return s.team.Audit(ctx, tx, a, team.Entry{Verb: "signin.left", ObjectKind: "session", ObjectID: string(ses.ID)})
		})
	}
	if err != nil {
		return fmt.Errorf("signin.SignOut: %w", err)
	}
	return nil
}

// Sessions lists the actor's own open sessions, the last used first.
func (s *Signin) Sessions(ctx context.Context, a team.Actor) ([]Session, error) {
	if err := a.Self(); err != nil {
		return nil, fmt.Errorf("signin.Sessions: %w", err)
	}
	all, err := s.readSessions(ctx, a.Company, a.Member)
	if err != nil {
		return nil, fmt.Errorf("signin.Sessions: %w", err)
	}
	now := s.clock.Now()
	var out []Session
	for _, ses := range all {
		if now.Before(ses.ends()) {
			out = append(out, ses)
		}
	}
	return out, nil
}

// RevokeSession ends one of the actor's own sessions.
func (s *Signin) RevokeSession(ctx context.Context, a team.Actor, which SessionID) error {
	err := s.store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		if err := a.Self(); err != nil {
			return err
		}
		n, err := s.deleteSessions(ctx, tx, a.Company, a.Member, which, "")
		if err != nil {
			return err
		}
		if n == 0 {
			return store.ErrMissing
		}
		return s.team.Audit(ctx, tx, a, team.Entry{Verb: "signin.session.revoked", ObjectKind: "session", ObjectID: string(which)})
	})
	if err != nil {
		return fmt.Errorf("signin.RevokeSession: %w", err)
	}
	return nil
}

// RevokeOtherSessions ends all of the actor's own sessions but one.
func (s *Signin) RevokeOtherSessions(ctx context.Context, a team.Actor, keep SessionID) error {
	err := s.store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		if err := a.Self(); err != nil {
			return err
		}
		n, err := s.deleteSessions(ctx, tx, a.Company, a.Member, "", keep)
		if err != nil {
			return err
		}
		return s.team.Audit(ctx, tx, a, team.Entry{
			Verb: "signin.sessions.revoked", ObjectKind: "member", ObjectID: string(a.Member), Detail: map[string]string{"sessions": fmt.Sprint(n)},
		})
	})
	if err != nil {
		return fmt.Errorf("signin.RevokeOtherSessions: %w", err)
	}
	return nil
}

// agent says in a few words what browser it is; it decides nothing.
func agent(ua string) string {
	pick := func(marks ...[2]string) string {
		for _, m := range marks {
			if strings.Contains(ua, m[0]) {
				return m[1]
			}
		}
		return ""
	}
	browser := pick([2]string{"Edg", "Edge"}, [2]string{"OPR/", "Opera"}, [2]string{"Vivaldi", "Vivaldi"}, [2]string{"SamsungBrowser", "Samsung Internet"},
		[2]string{"Firefox/", "Firefox"}, [2]string{"FxiOS", "Firefox"}, [2]string{"CriOS", "Chrome"}, [2]string{"Chrome/", "Chrome"},
		[2]string{"Safari/", "Safari"}, [2]string{"curl/", "curl"})
	system := pick([2]string{"iPhone", "iPhone"}, [2]string{"iPad", "iPad"}, [2]string{"Android", "Android"}, [2]string{"Windows", "Windows"},
		[2]string{"Mac OS X", "macOS"}, [2]string{"CrOS", "ChromeOS"}, [2]string{"Linux", "Linux"})
	switch {
	case browser == "":
		return system
	case system == "":
		return browser
	}
	return browser + " · " + system
}
