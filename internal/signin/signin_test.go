package signin

import (
	"strings"
	"testing"
	"time"

	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/storetest"
	"github.com/ponte-desk/ponte/internal/team"
	"github.com/ponte-desk/ponte/internal/team/teamtest"
)

func TestSignInAndOut(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, b *bed) {
		ctx := t.Context()
		m := b.give(t, team.Community)
		_, err := b.in(m, "not the password", home)
		want(t, "a wrong password", err, ErrWrong)
		_, err = b.in(team.Member{Email: "nobody@example.it"}, secret, home)
		want(t, "nobody", err, ErrWrong)
		_, err = b.in(team.Member{Email: ""}, "", home)
		want(t, "nothing", err, ErrWrong)
		_, err = b.in(team.Member{Email: "a\x00\xff@example.it"}, "\x00\xff", home)
		want(t, "what is no text", err, ErrWrong)
		_, err = b.in(b.Members[team.Editor], "", home)
		want(t, "a member without a password", err, ErrWrong)

		out, err := b.in(team.Member{Email: " " + strings.ToUpper(m.Email)}, secret, home)
		ok(t, "signing in", err)
		if out.NeedsCode || out.Session.Address != "192.0.2.x" || out.Session.Agent != "Firefox · Linux" {
			t.Errorf("%+v", out)
		}
		a, ses, err := b.ByToken(ctx, out.Token)
		ok(t, "the session", err)
		if a.Member != m.ID || a.Role != team.Community || a.Via != team.ViaScreen || a.Scopes != nil || ses.ID != out.Session.ID || ses.NeedsFactor {
			t.Errorf("%+v %+v", a, ses)
		}
		for _, bad := range []string{"", "x", out.Token + "x", hashToken(out.Token)} {
			_, _, err := b.ByToken(ctx, bad)
			want(t, "token "+bad, err, ErrSignedOut)
		}
		ok(t, "signing out", b.SignOut(ctx, out.Token))
		ok(t, "signing out twice", b.SignOut(ctx, out.Token))
		_, _, err = b.ByToken(ctx, out.Token)
		want(t, "after signing out", err, ErrSignedOut)

		v := b.verbs(t)
		if v["signin.entered"] != 1 || v["signin.left"] != 1 || v["signin.failed"] != 5 || v["signin.password.reset"] != 1 {
			t.Error(v)
		}
	})
}

func TestSessionsEnd(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, b *bed) {
		ctx := t.Context()
		m := b.give(t, team.Editor)
		a := m.Actor(team.ViaScreen)
		one, two, three := b.mustIn(t, m, home), b.mustIn(t, m, afar), b.mustIn(t, m, other)
		list, err := b.Sessions(ctx, a)
		ok(t, "list", err)
		if len(list) != 3 || list[0].Address != "2001:db8:1::x" {
			t.Errorf("%+v", list)
		}
		// Another member cannot end it.
		if err := b.RevokeSession(ctx, b.Actors[team.Owner], two.Session.ID); fault.KindOf(err) != fault.NotFound {
			t.Error(err)
		}
		ok(t, "ending one", b.RevokeSession(ctx, a, two.Session.ID))
		_, _, err = b.ByToken(ctx, two.Token)
		want(t, "the ended one", err, ErrSignedOut)
		ok(t, "ending the others", b.RevokeOtherSessions(ctx, a, one.Session.ID))
		_, _, err = b.ByToken(ctx, three.Token)
		want(t, "another", err, ErrSignedOut)
		_, _, err = b.ByToken(ctx, one.Token)
		ok(t, "this one", err)

		// Used every six days it lives for thirty, and not a moment longer.
		for range 4 {
			b.Clock.Advance(6 * 24 * time.Hour)
			_, _, err = b.ByToken(ctx, one.Token)
			ok(t, "in use", err)
		}
		b.Clock.Advance(6*24*time.Hour - time.Second)
		_, _, err = b.ByToken(ctx, one.Token)
		ok(t, "just before its end", err)
		b.Clock.Advance(time.Second)
		_, _, err = b.ByToken(ctx, one.Token)
		want(t, "after thirty days", err, ErrSignedOut)

		idle := b.mustIn(t, m, home)
		b.Clock.Advance(SessionIdle - time.Second)
		if list, err := b.Sessions(ctx, a); err != nil || len(list) != 1 {
			t.Error(list, err)
		}
		b.Clock.Advance(time.Second)
		_, _, err = b.ByToken(ctx, idle.Token)
		want(t, "unused for seven days", err, ErrSignedOut)
		if list, err := b.Sessions(ctx, a); err != nil || len(list) != 0 {
			t.Error(list, err)
		}
		ok(t, "sweeping", b.Sweep(ctx))
		if n := teamtest.Rows(t, b.Store, b.Company.ID)["session"]; n != 0 {
			t.Error(n, "sessions after sweeping")
		}
	})
}

// Journey 6: access ends everywhere at once.
func TestLeavingEndsEverything(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, b *bed) {
		ctx := t.Context()
		m := b.give(t, team.Community)
		a := m.Actor(team.ViaScreen)
		out := b.mustIn(t, m, home)
		_, bearer, err := b.CreateToken(ctx, a, CreateTokenIn{Name: "Till", Scopes: []team.Permission{team.InboxRead}})
		ok(t, "token", err)
		link, err := b.Reset(ctx, b.Actors[team.Owner], ResetIn{Member: m.ID})
		ok(t, "link", err)
		_, _, err = b.ByBearer(ctx, bearer)
		ok(t, "bearer", err)

		ok(t, "leaving", b.Team.Leave(ctx, b.Actors[team.Owner], team.LeaveIn{Member: m.ID, Heir: b.Members[team.Editor].ID}))
		_, _, err = b.ByToken(ctx, out.Token)
		want(t, "session", err, ErrSignedOut)
		_, _, err = b.ByBearer(ctx, bearer)
		want(t, "API token", err, ErrBearer)
		_, err = b.LinkMember(ctx, link)
		want(t, "link", err, ErrLink)
		_, err = b.UseLink(ctx, UseLinkIn{Token: link, Password: secret, Visitor: home})
		want(t, "using the link", err, ErrLink)
		_, err = b.in(m, secret, home)
		want(t, "password", err, ErrWrong)
		_, err = b.Reset(ctx, b.Actors[team.Owner], ResetIn{Member: m.ID})
		want(t, "a new link", err, team.ErrMemberGone)
		if ts, err := b.Tokens(ctx, b.Actors[team.Owner]); err != nil || len(ts) != 0 {
			t.Error(ts, err)
		}
		left := teamtest.Rows(t, b.Store, b.Company.ID)
		for _, table := range []string{"session", "password", "known_address", "password_link", "signin_ticket", "second_factor", "recovery_code"} {
			if left[table] != 0 {
				t.Errorf("%d rows left in %s", left[table], table)
			}
		}
	})
}

// Even if a hook were forgotten, the member is looked up each time.
func TestTheMemberIsLookedUpEachTime(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, b *bed) {
		ctx := t.Context()
		m := b.give(t, team.Editor)
		out := b.mustIn(t, m, home)
		_, bearer, err := b.CreateToken(ctx, m.Actor(team.ViaScreen), CreateTokenIn{Name: "x", Scopes: []team.Permission{team.InboxReply, team.CompanyRead}})
		ok(t, "token", err)
		_, err = b.Team.ChangeMember(ctx, b.Actors[team.Owner], team.ChangeMemberIn{Member: m.ID, Name: m.Name, Role: team.Guest})
		ok(t, "a new role", err)
		a, _, err := b.ByToken(ctx, out.Token)
		ok(t, "session", err)
		if a.Role != team.Guest {
			t.Error(a.Role)
		}
		a, _, err = b.ByBearer(ctx, bearer)
		ok(t, "bearer", err)
		if a.Can(team.InboxReply) || !a.Can(team.CompanyRead) || len(a.Scopes) != 1 {
			t.Error(a.Scopes)
		}
		// A role that has nothing of the token's scopes leaves it with nothing, not with everything.
		_, err = b.Team.ChangeMember(ctx, b.Actors[team.Owner], team.ChangeMemberIn{Member: m.ID, Name: m.Name, Role: team.Editor})
		ok(t, "the old role", err)
		_, narrow, err := b.CreateToken(ctx, m.Actor(team.ViaScreen), CreateTokenIn{Name: "y", Scopes: []team.Permission{team.InboxReply}})
		ok(t, "token", err)
		_, err = b.Team.ChangeMember(ctx, b.Actors[team.Owner], team.ChangeMemberIn{Member: m.ID, Name: m.Name, Role: team.Guest})
		ok(t, "a new role", err)
		if a, _, err := b.ByBearer(ctx, narrow); err != nil || a.Can(team.CompanyRead) || a.Self() == nil {
			t.Error("an empty token may something:", a.Scopes, err)
		}
		bare := team.New(b.Store, b.Clock) // knows no hooks
		ok(t, "leaving", bare.Leave(ctx, team.System(b.Company.ID), team.LeaveIn{Member: m.ID}))
		_, _, err = b.ByToken(ctx, out.Token)
		want(t, "session", err, ErrSignedOut)
		_, _, err = b.ByBearer(ctx, bearer)
		want(t, "bearer", err, ErrBearer)
		_, err = b.in(m, secret, home)
		want(t, "password", err, ErrWrong)
	})
}

func TestTheFirstRun(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		k := keyring(t)
		b := fresh(s, k)
		token, err := b.OpenSetup(ctx)
		ok(t, "opening", err)
		second, err := b.OpenSetup(ctx) // another node, or another start
		ok(t, "opening again", err)
		for _, good := range []string{token, second} {
			ok(t, "verifying", b.VerifySetup(ctx, good))
		}
		for _, bad := range []string{"", "x", token + "x", hashToken(token)} {
			want(t, bad, b.VerifySetup(ctx, bad), ErrSetup)
		}
		in := FoundIn{
			FoundIn:  team.FoundIn{Name: "Ceramiche Arno", OwnerName: "Livia Bandini", OwnerEmail: "livia@example.it"},
			Password: secret, Setup: "guess", Visitor: home,
		}
		_, err = b.Found(ctx, in)
		want(t, "a guess", err, ErrSetup)
		in.Setup = token
		bad := in
		bad.Password, bad.OwnerName = "ceramiche arno 1", ""
		_, err = b.Found(ctx, bad)
		if fs := fault.Of(err).Fields; len(fs) != 2 || fs[0].Name != "owner_name" || fs[1].Key != "signin.password.known" {
			t.Errorf("not all that is wrong is told: %v", err)
		}
		out, err := b.Found(ctx, in)
		ok(t, "founding", err)
		a, _, err := b.ByToken(ctx, out.Token)
		ok(t, "session", err)
		if a.Role != team.Owner {
			t.Error(a)
		}
		_, err = b.SignIn(ctx, SignInIn{Email: "livia@example.it", Password: secret, Visitor: home})
		ok(t, "signing in", err)
		want(t, "afterwards", b.VerifySetup(ctx, second), ErrSetup)
		in.Setup = second
		_, err = b.Found(ctx, in)
		want(t, "founding twice", err, ErrSetup)
		if again, err := b.OpenSetup(ctx); err != nil || again != "" {
			t.Error("a setup address beside a company", err)
		}
	})
}

func TestTheFirstRunsAddressGrowsOld(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		b := fresh(s, keyring(t))
		token, err := b.OpenSetup(t.Context())
		ok(t, "opening", err)
		b.clock.(interface{ Advance(time.Duration) }).Advance(setupLife)
		want(t, "after a week", b.VerifySetup(t.Context(), token), ErrSetup)
	})
}

func TestJoin(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, b *bed) {
		ctx := t.Context()
		_, token, err := b.Team.Invite(ctx, b.Actors[team.Owner], team.InviteIn{Email: "nives@example.it", Role: team.Editor})
		ok(t, "inviting", err)
		in := JoinIn{AcceptIn: team.AcceptIn{Token: token, Name: "Nives Po"}, Password: "nives", Visitor: home}
		_, err = b.Join(ctx, in)
		if fs := fault.Of(err).Fields; len(fs) != 1 || fs[0].Key != "signin.password.short" {
			t.Fatal("a short password:", err)
		}
		in.Password = secret
		out, err := b.Join(ctx, in)
		ok(t, "joining", err)
		a, _, err := b.ByToken(ctx, out.Token)
		ok(t, "session", err)
		if a.Role != team.Editor || a.Name != "Nives Po" {
			t.Error(a)
		}
		_, err = b.Join(ctx, in)
		want(t, "joining twice", err, team.ErrInvitation)
		b.mustIn(t, team.Member{Email: "nives@example.it"}, home)
	})
}

// Nobody walks into a sample whose story is still being told.
func TestHalfAStoryIsNotVisited(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, b *bed) {
		ctx := t.Context()
		out := b.mustIn(t, b.give(t, team.Guest), home)
		c, owner, err := b.Team.FoundSample(ctx, b.Actors[team.Owner], team.FoundIn{Name: "Vetri Lambro", OwnerName: "Olga", OwnerEmail: "olga@example.com", Filling: true})
		ok(t, "founding", err)
		if err := b.Visit(ctx, out.Session, c.ID); fault.Of(err).Key != "signin.visit.filling" {
			t.Errorf("%v", err)
		}
		ok(t, "telling it to its end", b.Team.Filled(ctx, owner.Actor(team.ViaSystem)))
		ok(t, "visiting", b.Visit(ctx, out.Session, c.ID))
	})
}

func TestLookingRoundTheSample(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, b *bed) {
		ctx := t.Context()
		m := b.give(t, team.Guest)
		out := b.mustIn(t, m, home)
		want(t, "a company that is none", b.Visit(ctx, out.Session, "cmp_none"), store.ErrMissing)
		if err := b.Visit(ctx, out.Session, b.Company.ID); fault.KindOf(err) != fault.Denied {
			t.Error("a real company", err)
		}
		o := b.Other(t)
		ok(t, "visiting", b.Visit(ctx, out.Session, o.Company.ID))
		a, ses, err := b.ByToken(ctx, out.Token)
		ok(t, "session", err)
		if a.Company != o.Company.ID || a.Member != o.Members[team.Guest].ID || a.Role != team.Guest || ses.Visiting != o.Company.ID || ses.Person.Member != m.ID {
			t.Errorf("%+v %+v", a, ses)
		}
		if err := b.Team.RemoveSample(ctx, a); fault.KindOf(err) != fault.Denied {
			t.Error("a guest removes the sample:", err)
		}
		ok(t, "coming home", b.Visit(ctx, ses, ""))
		if a, _, err := b.ByToken(ctx, out.Token); err != nil || a.Company != b.Company.ID {
			t.Error(a, err)
		}
		ok(t, "visiting", b.Visit(ctx, ses, o.Company.ID))
		// A password, a session and a key of the sample's own go with it.
		link, err := b.Reset(ctx, team.Command(o.Company.ID), ResetIn{Member: o.Members[team.Owner].ID})
		ok(t, "link", err)
		_, err = b.UseLink(ctx, UseLinkIn{Token: link, Password: secret, Visitor: home})
		ok(t, "using it", err)
		b.mustIn(t, o.Members[team.Owner], home)
		_, _, err = b.CreateToken(ctx, o.Actors[team.Owner], CreateTokenIn{Name: "x", Scopes: []team.Permission{team.CompanyRead}})
		ok(t, "key", err)
		ok(t, "removing", b.Team.RemoveSample(ctx, b.Actors[team.Owner]))
		if left := teamtest.Rows(t, b.Store, o.Company.ID); len(left) != 0 {
			t.Error(left)
		}
		if a, _, err := b.ByToken(ctx, out.Token); err != nil || a.Company != b.Company.ID || a.Member != m.ID {
			t.Error("the visitor is not home:", a, err)
		}
	})
}

// Checking a password takes a while, and the member may leave in it.
func TestLeavingWhileSigningIn(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, b *bed) {
		m := b.give(t, team.Editor)
		b.hasher.running = func(n int) {
			if n < 0 {
				ok(t, "leaving", b.Team.Leave(t.Context(), b.Actors[team.Owner], team.LeaveIn{Member: m.ID}))
			}
		}
		_, err := b.in(m, secret, home)
		want(t, "signing in", err, ErrWrong)
		if n := teamtest.Rows(t, b.Store, b.Company.ID)["session"]; n != 0 {
			t.Error(n, "sessions")
		}
	})
}
