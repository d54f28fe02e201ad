package signin

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/team"
)

// TokenID names an API token.
type TokenID string

// Bounds of an API token.
const (
	TokenLife    = 365 * 24 * time.Hour     // when nothing else is asked
	TokenLifeMax = 2 * 365 * 24 * time.Hour // never longer
	usedEvery    = 10 * time.Minute         // how coarsely the last use is kept
	tokenMark    = "pnt_"                   // begins every secret, so that scanners find lost ones
)

// Token is a key with which a program acts for a member.
type Token struct {
	ID        TokenID
	Company   team.CompanyID
	Member    team.MemberID
	Name      string
	Scopes    []team.Permission
	CreatedAt time.Time
	ExpiresAt time.Time
	UsedAt    time.Time // to ten minutes; zero: never
	RevokedAt time.Time // zero unless revoked
}

// CreateTokenIn says what a token is for.
type CreateTokenIn struct {
	Name    string
	Scopes  []team.Permission
	Expires time.Time     // zero: in a year; at most in two
	Member  team.MemberID // for whom; only the command line says it, everybody else makes their own
}

// CreateToken makes an API token and gives its secret, shown this once. Its scopes are some of what the member may, also of what they may with
// their own alone.
// Everybody makes their own, in person; the command line makes one for a member it names.
func (s *Signin) CreateToken(ctx context.Context, a team.Actor, in CreateTokenIn) (t Token, secret string, err error) {
	err = s.store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		who := a.Member
		if a.Via == team.ViaCommand && a.Member == "" {
			if err := a.May(team.MembersManage); err != nil {
				return err
			}
			who = in.Member
		} else if err := a.Self(); err != nil {
			return err
		}
		m, err := s.team.Member(ctx, team.System(a.Company), who)
		if err != nil {
			return err
		}
		if m.State != team.MemberActive {
			return team.ErrMemberGone
		}
		now := s.clock.Now()
		if in.Expires.IsZero() {
			in.Expires = now.Add(TokenLife)
		}
		scopes := slices.Clone(in.Scopes)
		slices.Sort(scopes)
		t = Token{
			ID: TokenID(tokenKind.New(now)), Company: m.Company, Member: m.ID, Name: strings.Join(strings.Fields(in.Name), " "),
			Scopes: slices.Compact(scopes), CreatedAt: now, ExpiresAt: in.Expires.UTC().Truncate(time.Microsecond),
		}
		if err := t.check(m.Role, now); err != nil {
			return err
		}
		var hash string
		secret, hash = newToken(tokenMark)
		if err := s.insertToken(ctx, tx, t, hash); err != nil {
			return err
		}
		return s.team.Audit(ctx, tx, a, team.Entry{
			Verb: "signin.token.created", ObjectKind: "token", ObjectID: string(t.ID),
			Detail: map[string]string{"name": t.Name, "member": string(m.ID), "scopes": joinScopes(t.Scopes)},
		})
	})
	if err != nil {
		return Token{}, "", fmt.Errorf("signin.CreateToken: %w", err)
	}
	return t, secret, nil
}

func (t Token) check(r team.Role, now time.Time) error {
	var fields []fault.Field
	if t.Name == "" || utf8.RuneCountInString(t.Name) > 120 || !utf8.ValidString(t.Name) || strings.ContainsFunc(t.Name, unicode.IsControl) {
		fields = append(fields, fault.Field{Name: "name", Key: "signin.token.name"})
	}
	if len(t.Scopes) == 0 {
		fields = append(fields, fault.Field{Name: "scopes", Key: "signin.token.scopes"})
	}
	for _, p := range t.Scopes {
		if !r.CanOwn(p) {
			fields = append(fields, fault.Field{Name: "scopes", Key: "signin.token.scope", Args: map[string]any{"scope": string(p)}})
		}
	}
	if !t.ExpiresAt.After(now) || t.ExpiresAt.After(now.Add(TokenLifeMax)) {
		fields = append(fields, fault.Field{Name: "expires", Key: "signin.token.expires"})
	}
	return fault.InvalidFields(fields...)
}

func joinScopes(ps []team.Permission) string {
	var ss []string
	for _, p := range ps {
		ss = append(ss, string(p))
	}
	return strings.Join(ss, " ")
}

// Tokens lists the API tokens that still work, newest first: one's own, and with MembersManage everybody's.
func (s *Signin) Tokens(ctx context.Context, a team.Actor) ([]Token, error) {
	who := a.Member
	if a.Can(team.MembersManage) {
		who = ""
	} else if err := a.Self(); err != nil {
		return nil, fmt.Errorf("signin.Tokens: %w", err)
	}
	ts, err := s.readTokens(ctx, a.Company, who, s.clock.Now())
	if err != nil {
		return nil, fmt.Errorf("signin.Tokens: %w", err)
	}
	return ts, nil
}

// RevokeToken ends an API token: one's own, or with MembersManage anybody's.
func (s *Signin) RevokeToken(ctx context.Context, a team.Actor, which TokenID) error {
	err := s.store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		who := a.Member
		if a.Can(team.MembersManage) {
			who = ""
		} else if err := a.Self(); err != nil {
			return err
		}
		done, err := s.revokeToken(ctx, tx, a.Company, who, which, s.clock.Now())
		if err != nil {
			return err
		}
		if !done {
			return store.ErrMissing
		}
		return s.team.Audit(ctx, tx, a, team.Entry{Verb: "signin.token.revoked", ObjectKind: "token", ObjectID: string(which)})
	})
	if err != nil {
		return fmt.Errorf("signin.RevokeToken: %w", err)
	}
	return nil
}

// ByBearer gives who stands behind an API token's secret, or ErrBearer. The scopes are those of the token that the
// member's role of today still has.
func (s *Signin) ByBearer(ctx context.Context, secret string) (team.Actor, Token, error) {
	a, t, err := s.byBearer(ctx, secret)
	if err != nil {
		return team.Actor{}, Token{}, fmt.Errorf("signin.ByBearer: %w", err)
	}
	return a, t, nil
}

func (s *Signin) byBearer(ctx context.Context, secret string) (team.Actor, Token, error) {
	if !strings.HasPrefix(secret, tokenMark) {
		return team.Actor{}, Token{}, ErrBearer
	}
	t, err := s.readToken(ctx, hashToken(secret))
	if errors.Is(err, store.ErrMissing) {
		return team.Actor{}, Token{}, ErrBearer
	}
	if err != nil {
		return team.Actor{}, Token{}, err
	}
	now := s.clock.Now()
	m, err := s.team.Member(ctx, team.System(t.Company), t.Member)
	if err != nil {
		return team.Actor{}, Token{}, err
	}
	if m.State != team.MemberActive || !t.RevokedAt.IsZero() || !now.Before(t.ExpiresAt) {
		return team.Actor{}, Token{}, ErrBearer
	}
	a := m.Actor(team.ViaAPI)
	a.Scopes = []team.Permission{} // not nil: that would be no narrowing at all
	for _, p := range t.Scopes {
		if m.Role.CanOwn(p) {
			a.Scopes = append(a.Scopes, p)
		}
	}
	if now.Sub(t.UsedAt) >= usedEvery {
		if err := s.touchToken(ctx, t, now); err != nil {
			return team.Actor{}, Token{}, err
		}
		t.UsedAt = now
	}
	return a, t, nil
}
