package signin

import (
	"context"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/team"
)

func TestPasswordRules(t *testing.T) {
	t.Parallel()
	m := team.Member{Email: "livia.bandini@example.it", Name: "Livia Bandini"}
	for password, key := range map[string]string{
		"":                             "signin.password.short",
		"ninechars":                    "signin.password.short",
		"èèèèèèèèè":                    "signin.password.short",
		strings.Repeat("lungo ", 40):   "signin.password.long",
		"Password123!":                 "signin.password.common",
		"p a s s w o r d 2026":         "signin.password.common",
		"Forza Napoli 1926":            "signin.password.common",
		"qwertyuiop":                   "signin.password.common",
		"1234567890":                   "signin.password.common",
		"9876543210":                   "signin.password.common",
		"abcdefghijkl":                 "signin.password.common",
		"aaaaaaaaaaaaaaa":              "signin.password.common",
		"ciaociaociaociao":             "signin.password.common",
		"!!!!!!!!!!!!":                 "signin.password.common",
		"livia.bandini@example.it":     "signin.password.known",
		"LiviaBandini1980":             "signin.password.known",
		"Ceramiche Arno 2026":          "signin.password.known",
		"ceramichearnoceramichearno!!": "signin.password.known",
		"abc\xff\xfedefghijklm":        "signin.password.unreadable",
		"lucciole nella nebbia 7":      "",
		"il gatto di Livia dorme":      "",
		"Ceramiche Arno cuoce lenta":   "",
		"x7#Kp2!mQz":                   "",
	} {
		err := CheckPassword(password, m, "Ceramiche Arno")
		got := ""
		if err != nil {
			got = fault.Of(err).Fields[0].Key
		}
		if got != key {
			t.Errorf("%q: %q, want %q", password, got, key)
		}
	}
	for i, a := range common {
		if a != letters(a) {
			t.Error(a, "is not written as it is compared")
		}
		for _, b := range common[:i] {
			if a == b {
				t.Error(a, "stands twice")
			}
		}
	}
}

func TestHashes(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	h := newHasher(cheap, 2)
	one, err := h.hash(ctx, secret)
	ok(t, "hashing", err)
	two, err := h.hash(ctx, secret)
	ok(t, "hashing", err)
	if one == two || !strings.HasPrefix(one, "$argon2id$v=19$m=64,t=1,p=1$") {
		t.Error(one, two)
	}
	check := func(h *hasher, hash, password string, wantOK, wantStale bool) {
		t.Helper()
		good, stale, err := h.check(ctx, hash, password)
		ok(t, "checking", err)
		if good != wantOK || stale != wantStale {
			t.Errorf("good %v, stale %v", good, stale)
		}
	}
	check(h, one, secret, true, false)
	check(h, one, secret+" ", false, false)
	check(h, "", secret, false, false)
	check(h, "", "", false, false)
	dearer := newHasher(Params{Memory: 128, Passes: 2, Threads: 1}, 2)
	check(dearer, one, secret, true, true)
	check(dearer, one, "wrong", false, false)
	// A vector of the reference implementation's own tests, with its own salt length and parameters.
	check(h, "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc", "password", true, true)
	for _, broken := range []string{"x", "$argon2i$v=19$m=64,t=1,p=1$AAAA$AAAA", "$argon2id$v=16$m=64,t=1,p=1$AAAA$AAAA", "$argon2id$v=19$m=64,t=0,p=1$AAAA$AAAA", "$argon2id$v=19$m=64,t=1,p=1$AAAA$"} {
		if good, _, err := h.check(ctx, broken, secret); err == nil || good {
			t.Errorf("%s passes", broken)
		}
	}
}

// watch counts how many hashes are made, and how many at most at the same time.
type watch struct{ now, most, all atomic.Int32 }

func (w *watch) running(n int) {
	if v := w.now.Add(int32(n)); n > 0 {
		w.all.Add(1)
		for m := w.most.Load(); v > m && !w.most.CompareAndSwap(m, v); m = w.most.Load() {
		}
	}
}

func TestHashesAreMadeAFewAtATime(t *testing.T) {
	t.Parallel()
	h := newHasher(Params{Memory: 1024, Passes: 1, Threads: 1}, 2)
	var w watch
	h.running = w.running
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() {
			if _, err := h.hash(context.Background(), secret); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if w.most.Load() > 2 || w.all.Load() != 20 {
		t.Errorf("%d at a time, %d in all", w.most.Load(), w.all.Load())
	}
	// Whoever gives up waiting is told so, and takes no room.
	if err := h.room.Acquire(t.Context(), 2); err != nil {
		t.Fatal(err)
	}
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := h.hash(gone, secret); fault.KindOf(err) != fault.Limited {
		t.Error(err)
	}
	h.room.Release(2)
	if _, err := h.hash(t.Context(), secret); err != nil {
		t.Error(err)
	}
}

// An unknown account costs what a known one costs: one hash with the same parameters, on the same path.
func TestAnUnknownAccountCostsTheSame(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, b *bed) {
		m := b.give(t, team.Editor)
		cost := func(m team.Member, password string, v Visitor) int32 {
			var w watch
			b.hasher.running = w.running
			if _, err := b.in(m, password, v); err == nil {
				t.Error("let in")
			}
			return w.all.Load()
		}
		known := cost(m, "not the password", address(1))
		unknown := cost(team.Member{Email: "nobody@example.it"}, "not the password", address(2))
		bare := cost(b.Members[team.Guest], "not the password", address(3))
		if known != 1 || unknown != 1 || bare != 1 {
			t.Errorf("hashes: %d for a member, %d for nobody, %d for a member without a password", known, unknown, bare)
		}
		p, _, _, err := decode(b.hasher.nobody)
		if err != nil || p != cheap {
			t.Error(p, err)
		}
	})
}

func TestOldHashesAreRenewed(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, b *bed) {
		m := b.give(t, team.Editor)
		dearer := New(b.Store, team.New(b.Store, b.Clock), b.keys, b.Clock, Options{Params: Params{Memory: 128, Passes: 2, Threads: 1}})
		before, err := b.readPassword(t.Context(), m.ID)
		ok(t, "reading", err)
		for range 2 {
			_, err = dearer.SignIn(t.Context(), SignInIn{Email: m.Email, Password: secret, Visitor: home})
			ok(t, "signing in", err)
		}
		after, err := b.readPassword(t.Context(), m.ID)
		ok(t, "reading", err)
		if before == after || !strings.Contains(after, "$m=128,t=2,p=1$") {
			t.Error(after)
		}
	})
}

func TestNewPasswords(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, b *bed) {
		ctx := t.Context()
		m := b.give(t, team.Editor)
		a := m.Actor(team.ViaScreen)
		here, there := b.mustIn(t, m, home), b.mustIn(t, m, afar)
		const next = "una barca di carta gialla"
		err := b.SetPassword(ctx, a, SetPasswordIn{Old: "not the password", New: next})
		want(t, "without the old one", err, ErrWrong)
		if err := b.SetPassword(ctx, a, SetPasswordIn{Old: secret, New: "short"}); fault.KindOf(err) != fault.Invalid {
			t.Error(err)
		}
		link, err := b.Reset(ctx, b.Actors[team.Owner], ResetIn{Member: m.ID})
		ok(t, "link", err)
		ok(t, "changing", b.SetPassword(ctx, a, SetPasswordIn{Old: secret, New: next, Keep: here.Session.ID}))
		_, err = b.LinkMember(ctx, link)
		want(t, "a link from before", err, ErrLink)
		_, _, err = b.ByToken(ctx, here.Token)
		ok(t, "the kept session", err)
		_, _, err = b.ByToken(ctx, there.Token)
		want(t, "another session", err, ErrSignedOut)
		_, err = b.in(m, secret, home)
		want(t, "the old password", err, ErrWrong)
		_, err = b.in(m, next, home)
		ok(t, "the new password", err)

		// By a link: once, within a day, and every session ends.
		old, err := b.Reset(ctx, b.Actors[team.Owner], ResetIn{Member: m.ID})
		ok(t, "link", err)
		link, err = b.Reset(ctx, b.Actors[team.Owner], ResetIn{Member: m.ID})
		ok(t, "link", err)
		_, err = b.UseLink(ctx, UseLinkIn{Token: old, Password: secret})
		want(t, "a link that was replaced", err, ErrLink)
		if who, err := b.LinkMember(ctx, link); err != nil || who.ID != m.ID {
			t.Error(who, err)
		}
		if _, err := b.UseLink(ctx, UseLinkIn{Token: link, Password: "short"}); fault.KindOf(err) != fault.Invalid {
			t.Error(err)
		}
		_, err = b.UseLink(ctx, UseLinkIn{Token: link, Password: secret})
		ok(t, "using the link", err)
		_, err = b.UseLink(ctx, UseLinkIn{Token: link, Password: next})
		want(t, "a used link", err, ErrLink)
		_, _, err = b.ByToken(ctx, here.Token)
		want(t, "a session from before", err, ErrSignedOut)
		b.mustIn(t, m, home)
		link, err = b.Reset(ctx, b.Actors[team.Owner], ResetIn{Member: m.ID})
		ok(t, "link", err)
		b.Clock.Advance(LinkLife)
		_, err = b.UseLink(ctx, UseLinkIn{Token: link, Password: next})
		want(t, "a link of yesterday", err, ErrLink)

		// The command line adds a member, who sets the password by a link.
		n, link, err := b.Signin.Add(ctx, team.Command(b.Company.ID), team.AddMemberIn{Email: "nives@example.it", Name: "Nives", Role: team.Guest})
		ok(t, "adding", err)
		_, err = b.UseLink(ctx, UseLinkIn{Token: link, Password: secret})
		ok(t, "using the link", err)
		b.mustIn(t, n, home)
	})
}
