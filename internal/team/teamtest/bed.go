package teamtest

import (
	"testing"
	"time"

	"github.com/ponte-desk/ponte/internal/clock"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/team"
)

// Start is when a bed's clock stands: Monday, 2 March 2026, 10:00 in Rome.
var Start = time.Date(2026, time.March, 2, 9, 0, 0, 0, time.UTC)

// Bed is a founded company with one member in each role.
type Bed struct {
	Store   *store.Store
	Clock   *clock.Manual
	Team    *team.Team
	Company team.Company
	Members map[team.Role]team.Member
	Actors  map[team.Role]team.Actor // through the screen
}

// New founds a company in an empty store.
func New(t testing.TB, s *store.Store) *Bed {
	t.Helper()
	b := &Bed{Store: s, Clock: clock.NewManual(Start)}
	b.Team = team.New(s, b.Clock)
	c, owner, err := b.Team.Found(t.Context(), in("Ceramiche Arno", "example.it"))
	if err != nil {
		t.Fatal(err)
	}
	b.fill(t, c, owner, "example.it")
	return b
}

// Other founds a second company beside the bed's, for tests that one sees nothing of the other. It is the sample, so
// there is only one.
func (b *Bed) Other(t testing.TB) *Bed {
	t.Helper()
	o := &Bed{Store: b.Store, Clock: b.Clock, Team: b.Team}
	c, owner, err := b.Team.FoundSample(t.Context(), b.Actors[team.Owner], in("Vetri Lambro", "example.com"))
	if err != nil {
		t.Fatal(err)
	}
	o.fill(t, c, owner, "example.com")
	return o
}

// Actor gives the member in a role as the one who does something.
func (b *Bed) Actor(r team.Role) team.Actor { return b.Actors[r] }

// Token gives the member in a role as the owner of an API token with these scopes.
func (b *Bed) Token(r team.Role, scopes ...team.Permission) team.Actor {
	a := b.Actors[r]
	a.Via = team.ViaAPI
	a.Scopes = append([]team.Permission{}, scopes...)
	return a
}

func in(name, domain string) team.FoundIn {
	return team.FoundIn{Name: name, Zone: "Europe/Rome", Locale: "it", OwnerName: "Olga " + name, OwnerEmail: "owner@" + domain}
}

func (b *Bed) fill(t testing.TB, c team.Company, owner team.Member, domain string) {
	t.Helper()
	b.Company = c
	b.Members = map[team.Role]team.Member{team.Owner: owner}
	b.Actors = map[team.Role]team.Actor{team.Owner: owner.Actor(team.ViaScreen)}
	for _, r := range team.Roles[1:] {
		b.Add(t, r, string(r)+"@"+domain)
	}
}

// Add adds a member; the first in a role becomes the bed's.
func (b *Bed) Add(t testing.TB, r team.Role, email string) team.Member {
	t.Helper()
	m, err := b.Team.AddMember(t.Context(), b.Actors[team.Owner], team.AddMemberIn{Email: email, Name: "Uno " + string(r), Role: r})
	if err != nil {
		t.Fatal(err)
	}
	if _, there := b.Members[r]; !there {
		b.Members[r], b.Actors[r] = m, m.Actor(team.ViaScreen)
	}
	return m
}
