package signin

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/ponte-desk/ponte/internal/clock"
	"github.com/ponte-desk/ponte/internal/seal"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/storetest"
	"github.com/ponte-desk/ponte/internal/team"
	"github.com/ponte-desk/ponte/internal/team/teamtest"
)

// cheap keeps tests quick; the rules do not depend on the cost.
var cheap = Params{Memory: 64, Passes: 1, Threads: 1}

const secret = "lucciole nella nebbia 7"

var (
	home  = Visitor{RemoteAddr: "192.0.2.10:5123", UserAgent: "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"}
	afar  = Visitor{RemoteAddr: "203.0.113.66:1"}
	other = Visitor{RemoteAddr: "[2001:db8:1:2::7]:443"}
)

type bed struct {
	*teamtest.Bed
	*Signin
}

func each(t *testing.T, f func(t *testing.T, b *bed)) {
	t.Helper()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		tb := teamtest.New(t, s)
		f(t, &bed{Bed: tb, Signin: New(s, tb.Team, keyring(t), tb.Clock, Options{Params: cheap})})
	})
}

func keyring(t *testing.T) *seal.Keyring {
	t.Helper()
	k, err := seal.Open(seal.Options{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// give sets a member's password the way the command line does.
func (b *bed) give(t *testing.T, r team.Role) team.Member {
	t.Helper()
	m := b.Members[r]
	token, err := b.Reset(t.Context(), team.Command(b.Company.ID), ResetIn{Member: m.ID})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := b.UseLink(t.Context(), UseLinkIn{Token: token, Password: secret, Visitor: home}); err != nil {
		t.Fatal(err)
	}
	return m
}

func (b *bed) in(m team.Member, password string, v Visitor) (SignInOut, error) {
	return b.SignIn(context.Background(), SignInIn{Email: m.Email, Password: password, Visitor: v})
}

func (b *bed) mustIn(t *testing.T, m team.Member, v Visitor) SignInOut {
	t.Helper()
	out, err := b.in(m, secret, v)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// verbs counts the entries of the audit trail by verb.
func (b *bed) verbs(t *testing.T) map[string]int {
	t.Helper()
	p, err := b.Team.AuditTrail(t.Context(), b.Actors[team.Owner], team.AuditFilter{Limit: 200})
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]int{}
	for _, e := range p.Entries {
		out[e.Verb]++
		for k, v := range e.Detail {
			if v == secret {
				t.Errorf("%s tells the password as %s", e.Verb, k)
			}
		}
	}
	return out
}

func want(t *testing.T, what string, err, target error) {
	t.Helper()
	if !errors.Is(err, target) {
		t.Errorf("%s: %v, want %v", what, err, target)
	}
}

func ok(t *testing.T, what string, err error) {
	t.Helper()
	if err != nil {
		t.Fatalf("%s: %v", what, err)
	}
}

func address(n int) Visitor { return Visitor{RemoteAddr: fmt.Sprintf("198.51.100.%d", n)} }

// fresh is the room in a house without a company.
func fresh(s *store.Store, k *seal.Keyring) *Signin {
	c := clock.NewManual(teamtest.Start)
	return New(s, team.New(s, c), k, c, Options{Params: cheap})
}
