package reach_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/ponte-desk/ponte/internal/audience"
	"github.com/ponte-desk/ponte/internal/housetest"
	"github.com/ponte-desk/ponte/internal/networktest"
	"github.com/ponte-desk/ponte/internal/reach"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/team"
	"github.com/ponte-desk/ponte/internal/tie"
)

// bed is a house in which people do things towards the company and each other.
type bed struct {
	*housetest.House
	t testing.TB
}

func newBed(t testing.TB, s *store.Store) *bed {
	t.Helper()
	return &bed{House: housetest.New(t, s, housetest.Options{Fake: networktest.FakeOptions{PageSize: 50}}), t: t}
}

func must[T any](t testing.TB) func(T, error) T {
	t.Helper()
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func (b *bed) ok(err error) {
	b.t.Helper()
	if err != nil {
		b.t.Fatal(err)
	}
}

// later moves the clock by an hour, so that what follows stands apart.
func (b *bed) later() { b.Clock.Advance(time.Hour) }

// reply has somebody answer something and gives what they wrote.
func (b *bed) reply(who, to, text string) string {
	b.t.Helper()
	b.Clock.Advance(time.Minute)
	return must[string](b.t)(b.Stranger(who).Reply(b.t.Context(), to, text))
}

func (b *bed) mention(who, text string) string {
	b.t.Helper()
	b.Clock.Advance(time.Minute)
	return must[string](b.t)(b.Stranger(who).Mention(b.t.Context(), text))
}

func (b *bed) share(who, id string) {
	b.t.Helper()
	b.Clock.Advance(time.Minute)
	b.ok(b.Stranger(who).Share(b.t.Context(), id))
}

// fed reads the channel and goes through what it brought.
func (b *bed) fed() {
	b.t.Helper()
	b.Read()
	b.ok(b.Reach.Feed(b.t.Context(), b.Company.ID))
}

func (b *bed) collect() {
	b.t.Helper()
	for range 200 {
		wait := must[time.Duration](b.t)(b.Reach.Collect(b.t.Context(), b.Company.ID, b.Channel.ID))
		if wait == 0 {
			return
		}
		b.Clock.Advance(wait)
	}
	b.t.Fatal("collecting has no end")
}

func (b *bed) material() *reach.Material {
	b.t.Helper()
	return must[*reach.Material](b.t)(b.Reach.Material(b.t.Context(), b.Company.ID, time.Time{}))
}

// told describes a material without what is drawn by lot: the ids of accounts, and their order.
func told(m *reach.Material) []string {
	name := func(p tie.Person) string {
		switch {
		case p == reach.Us:
			return "us"
		case m.Actors[p].Handle != "":
			return m.Actors[p].Handle
		}
		return "somebody"
	}
	var out []string
	for _, e := range m.Log.Events {
		out = append(out, fmt.Sprintf("%s %s %s %d", name(e.Actor), m.Log.Kinds[e.Kind], name(e.Target), e.At))
	}
	for p, a := range m.Actors {
		out = append(out, fmt.Sprintf("actor %s %t %t %d %v", name(tie.Person(p)), a.Knows, a.Follows, a.Reached.Unix(), m.Words[p]))
	}
	slices.Sort(out)
	return out
}

func (b *bed) person(handle string) audience.Person {
	b.t.Helper()
	ps, _, err := b.Audience.Find(b.t.Context(), b.Actor(team.Owner), handle, "", 10)
	b.ok(err)
	for _, p := range ps {
		if slices.ContainsFunc(p.Identities, func(i audience.Identity) bool { return i.Handle == handle }) {
			return p
		}
	}
	b.t.Fatalf("nobody is %s", handle)
	return audience.Person{}
}

func (b *bed) actor(m *reach.Material, handle string) tie.Person {
	b.t.Helper()
	for p, a := range m.Actors {
		if a.Handle == handle {
			return tie.Person(p)
		}
	}
	b.t.Fatalf("%s is not in the material", handle)
	return 0
}
