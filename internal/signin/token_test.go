package signin

import (
	"strings"
	"testing"
	"time"

	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/team"
	"github.com/ponte-desk/ponte/internal/team/teamtest"
)

func TestTokens(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, b *bed) {
		ctx := t.Context()
		editor, owner := b.Actors[team.Editor], b.Actors[team.Owner]
		in := CreateTokenIn{Name: " The  till ", Scopes: []team.Permission{team.InboxReply, team.InboxRead, team.InboxRead}}
		tok, secret, err := b.CreateToken(ctx, editor, in)
		ok(t, "making", err)
		if !strings.HasPrefix(secret, "pnt_") || len(secret) != 47 || tok.Name != "The till" || len(tok.Scopes) != 2 || !tok.ExpiresAt.Equal(teamtest.Start.Add(TokenLife)) {
			t.Errorf("%q %+v", secret, tok)
		}
		a, _, err := b.ByBearer(ctx, secret)
		ok(t, "using", err)
		if a.Member != editor.Member || a.Via != team.ViaAPI || !a.Can(team.InboxReply) || a.Can(team.CompanyRead) || a.Can(team.CompanyChange) {
			t.Errorf("%+v", a)
		}
		for _, bad := range []string{"", "pnt_", secret + "x", strings.TrimPrefix(secret, "pnt_"), hashToken(secret)} {
			_, _, err := b.ByBearer(ctx, bad)
			want(t, bad, err, ErrBearer)
		}
		used := b.Clock.Now()
		b.Clock.Advance(usedEvery - time.Second)
		_, _, err = b.ByBearer(ctx, secret)
		ok(t, "using", err)
		if ts, err := b.Tokens(ctx, editor); err != nil || len(ts) != 1 || !ts[0].UsedAt.Equal(used) {
			t.Error(ts, err)
		}
		b.Clock.Advance(time.Second)
		_, _, err = b.ByBearer(ctx, secret)
		ok(t, "using", err)
		if ts, err := b.Tokens(ctx, editor); err != nil || !ts[0].UsedAt.Equal(b.Clock.Now()) {
			t.Error(ts, err)
		}

		for name, wrong := range map[string]CreateTokenIn{
			"no name":      {Scopes: in.Scopes},
			"no scope":     {Name: "x"},
			"a scope more": {Name: "x", Scopes: []team.Permission{team.InboxRead, team.MembersManage}},
			"unknown":      {Name: "x", Scopes: []team.Permission{"everything"}},
			"past":         {Name: "x", Scopes: in.Scopes, Expires: b.Clock.Now()},
			"for ever":     {Name: "x", Scopes: in.Scopes, Expires: b.Clock.Now().Add(TokenLifeMax + time.Second)},
		} {
			if _, _, err := b.CreateToken(ctx, editor, wrong); len(fault.Of(err).Fields) != 1 {
				t.Errorf("%s: %v", name, err)
			}
		}
		// A token makes no tokens, whatever its scopes; and for another only the command line does.
		if _, _, err := b.CreateToken(ctx, a, in); fault.KindOf(err) != fault.Denied {
			t.Error(err)
		}
		forOther := in
		forOther.Member = b.Members[team.Community].ID
		if tok, _, err := b.CreateToken(ctx, editor, forOther); err != nil || tok.Member != editor.Member {
			t.Error("a token for another:", tok, err)
		}
		mine, _, err := b.CreateToken(ctx, team.Command(b.Company.ID), forOther)
		ok(t, "the command line", err)
		if mine.Member != forOther.Member {
			t.Error(mine)
		}

		// Everybody sees and revokes their own; an owner all.
		if ts, err := b.Tokens(ctx, editor); err != nil || len(ts) != 2 {
			t.Error(len(ts), err)
		}
		if ts, err := b.Tokens(ctx, owner); err != nil || len(ts) != 3 {
			t.Error(len(ts), err)
		}
		if err := b.RevokeToken(ctx, b.Actors[team.Guest], tok.ID); fault.KindOf(err) != fault.NotFound {
			t.Error("a guest revokes:", err)
		}
		ok(t, "an owner revokes", b.RevokeToken(ctx, owner, tok.ID))
		_, _, err = b.ByBearer(ctx, secret)
		want(t, "revoked", err, ErrBearer)
		_, short, err := b.CreateToken(ctx, editor, CreateTokenIn{Name: "x", Scopes: in.Scopes, Expires: b.Clock.Now().Add(time.Hour)})
		ok(t, "making", err)
		b.Clock.Advance(time.Hour)
		_, _, err = b.ByBearer(ctx, short)
		want(t, "too old", err, ErrBearer)
	})
}

func TestWhoMayDoWhat(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, b *bed) {
		// Wrong passwords and codes are limited, and not Denied then: each try of the matrix starts in peace.
		calm := func() { b.Clock.Advance(2 * time.Minute) }
		person := func(name string, try func(t *testing.T, a team.Actor) error) teamtest.Case {
			return teamtest.Case{Name: name, Roles: team.Roles, NoToken: true, Try: try}
		}
		inner := func(err error) error {
			// The rule refuses the password, not the actor.
			if f := fault.Of(err); f != nil && (f.Key == ErrWrong.Key || f.Key == ErrCode.Key) {
				return nil
			}
			return err
		}
		teamtest.Matrix(t, b.Bed, []teamtest.Case{
			person("Sessions", func(t *testing.T, a team.Actor) error { _, err := b.Sessions(t.Context(), a); return err }),
			person("RevokeSession", func(t *testing.T, a team.Actor) error { return b.RevokeSession(t.Context(), a, "ses_none") }),
			person("RevokeOtherSessions", func(t *testing.T, a team.Actor) error { return b.RevokeOtherSessions(t.Context(), a, "ses_none") }),
			person("Factor", func(t *testing.T, a team.Actor) error { _, err := b.Factor(t.Context(), a); return err }),
			person("BeginTOTP", func(t *testing.T, a team.Actor) error { _, err := b.BeginTOTP(t.Context(), a); return err }),
			person("ConfirmTOTP", func(t *testing.T, a team.Actor) error {
				calm()
				_, err := b.ConfirmTOTP(t.Context(), a, "x")
				return inner(err)
			}),
			person("DisableTOTP", func(t *testing.T, a team.Actor) error { calm(); return inner(b.DisableTOTP(t.Context(), a, "x")) }),
			person("NewRecoveryCodes", func(t *testing.T, a team.Actor) error {
				calm()
				_, err := b.NewRecoveryCodes(t.Context(), a, "x")
				return inner(err)
			}),
			person("SetPassword", func(t *testing.T, a team.Actor) error {
				calm()
				return inner(b.SetPassword(t.Context(), a, SetPasswordIn{Old: "x", New: secret}))
			}),
			person("CreateToken", func(t *testing.T, a team.Actor) error {
				_, _, err := b.CreateToken(t.Context(), a, CreateTokenIn{Name: "x", Scopes: []team.Permission{team.CompanyRead}})
				return err
			}),
			{Name: "Reset", Needs: team.MembersManage, Try: func(t *testing.T, a team.Actor) error {
				_, err := b.Reset(t.Context(), a, ResetIn{Member: b.Members[team.Guest].ID})
				return err
			}},
			{Name: "Add", Needs: team.MembersManage, Try: func(t *testing.T, a team.Actor) error {
				_, _, err := b.Signin.Add(t.Context(), a, team.AddMemberIn{Email: "owner@example.it", Name: "X", Role: team.Guest})
				return err
			}},
			{Name: "Tokens, of all", Needs: team.MembersManage, Roles: team.Roles, Try: func(t *testing.T, a team.Actor) error {
				ts, err := b.Tokens(t.Context(), a)
				for _, tok := range ts {
					if tok.Member != a.Member && !a.Can(team.MembersManage) {
						t.Error(a.Role, "sees another's token")
					}
				}
				return err
			}},
			{Name: "RevokeToken", Needs: team.MembersManage, Roles: team.Roles, Try: func(t *testing.T, a team.Actor) error {
				return b.RevokeToken(t.Context(), a, "tok_none")
			}},
		})
	})
}
