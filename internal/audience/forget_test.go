package audience_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/ponte-desk/ponte/internal/audience"
	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/growth"
	"github.com/ponte-desk/ponte/internal/housetest"
	"github.com/ponte-desk/ponte/internal/inbox"
	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/storetest"
	"github.com/ponte-desk/ponte/internal/team"
)

// crowd is a house with people who wrote long ago, and some who did lately.
type crowd struct {
	*housetest.House
	n int
}

func (c *crowd) says(t testing.TB, who, text string, at time.Time) {
	t.Helper()
	c.n++
	must[network.IngestResult](t)(c.Networks.Ingest(t.Context(), c.Channel, network.Page{Items: []network.Item{{
		RemoteID: fmt.Sprintf("%s:%d", who, c.n), Kind: network.KindMention, Author: network.Author{RemoteID: who, Handle: who, Name: who}, Text: text,
		At: at, Version: "1", Visibility: network.Public, URL: fmt.Sprintf("https://one.example/%s/%d", who, c.n),
	}}}))
}

func (c *crowd) person(t testing.TB, who string) (audience.Person, bool) {
	t.Helper()
	ps, _, err := c.Audience.Find(t.Context(), c.Actor(team.Owner), who, "", 10)
	ok(t, err)
	for _, p := range ps {
		if p.Name == who {
			return p, true
		}
	}
	return audience.Person{}, false
}

func (c *crowd) there(t testing.TB) []string {
	t.Helper()
	ps, _, err := c.Audience.Find(t.Context(), c.Actor(team.Owner), "", "", 100)
	ok(t, err)
	var out []string
	for _, p := range ps {
		out = append(out, p.Name)
	}
	slices.Sort(out)
	return out
}

func (c *crowd) talk(t testing.TB, who string) inbox.Conversation {
	t.Helper()
	p, _ := c.person(t, who)
	cs := must[[]inbox.Conversation](t)(c.Inbox.History(t.Context(), c.Actor(team.Owner), p.ID, 1))
	if len(cs) != 1 {
		t.Fatalf("%d conversations with %s", len(cs), who)
	}
	return cs[0]
}

// night is three in the morning in Rome, so many days from now.
func (c *crowd) night(days int) {
	rome, err := time.LoadLocation("Europe/Rome")
	if err != nil {
		panic(err)
	}
	d := c.Clock.Now().In(rome).AddDate(0, 0, days)
	c.Clock.Set(time.Date(d.Year(), d.Month(), d.Day(), 3, 0, 0, 0, rome))
}

func newCrowd(t *testing.T, s *store.Store) *crowd {
	c := &crowd{House: housetest.New(t, s, housetest.Options{Judge: judge})}
	ctx, owner := t.Context(), c.Actor(team.Owner)
	long := c.Clock.Now().AddDate(0, -25, 0)
	for i, who := range []string{"silent", "silenttoo", "waiting", "noted", "critic", "doubted"} {
		text := "Buongiorno"
		if who == "critic" {
			text = "Il piatto è rotto"
		}
		c.says(t, who, text, long.AddDate(0, 0, -i))
	}
	c.says(t, "lately", "Buongiorno", c.Clock.Now().AddDate(0, -12, 0))
	ok(t, c.Inbox.Reopen(ctx, owner, c.talk(t, "waiting").ID))
	noted, _ := c.person(t, "noted")
	n := must[audience.Note](t)(c.Audience.AddNote(ctx, owner, noted.ID, "Socia fondatrice"))
	ok(t, c.Audience.KeepNote(ctx, owner, n.ID, true))
	is := must[inbox.Thread](t)(c.Inbox.Open(ctx, owner, c.talk(t, "critic").ID)).Interactions
	must[growth.Case](t)(c.Growth.Open(ctx, owner, growth.OpenIn{Title: "Piatti", Interactions: []inbox.InteractionID{is[0].ID}}))
	return c
}

// Who has not written for long is forgotten, at night, after notice; not who waits, is noted to be kept, or has raised a case.
func TestForgetting(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		c := newCrowd(t, s)
		ctx, owner := t.Context(), c.Actor(team.Owner)
		everybody := c.there(t)
		long := c.Clock.Now().AddDate(0, -25, 0)
		due := func(want int) {
			t.Helper()
			r := must[audience.Retention](t)(c.Audience.Retention(ctx, owner))
			if r.Due != want || r.Items != want || r.Months != audience.DefaultMonths || r.Capped { // each wrote once
				t.Errorf("%+v, want %d due", r, want)
			}
			if r.Since.IsZero() != (want == 0) || want > 0 && !r.Since.Equal(long.AddDate(0, 0, -5)) || r.People != len(c.there(t)) {
				t.Errorf("%+v", r)
			}
		}
		goes := func(want ...string) {
			t.Helper()
			ok(t, c.Audience.Forget(ctx))
			if is := c.there(t); !slices.Equal(is, want) {
				t.Fatalf("%v are there, want %v", is, want)
			}
		}
		due(0) // they came in a moment ago: what an import brings stays for a month
		c.night(1)
		goes(everybody...) // the house learns that it forgets
		if r := must[audience.Retention](t)(c.Audience.Retention(ctx, owner)); r.BeginsAt.Sub(c.Clock.Now()) != 30*24*time.Hour {
			t.Errorf("%+v", r)
		}
		c.night(29)
		goes(everybody...)
		c.night(2)
		c.Clock.Advance(9 * time.Hour) // noon
		due(3)
		goes(everybody...)
		c.night(1)
		goes("critic", "lately", "noted", "waiting")
		due(0)
		certs := must[[]audience.Certificate](t)(c.Audience.Certificates(ctx, owner, 0, 10))
		if len(certs) != 1 || !certs[0].Aged || certs[0].People != 3 || certs[0].State != audience.ErasureDone || certs[0].Erased[audience.ErasedItems] != 3 {
			t.Fatalf("%+v", certs)
		}
		if len(certs[0].Stays) != 0 {
			t.Errorf("marks of people who did not ask for it: %+v", certs[0].Stays)
		}
		goes("critic", "lately", "noted", "waiting") // and nothing more
		if certs := must[[]audience.Certificate](t)(c.Audience.Certificates(ctx, owner, 0, 10)); len(certs) != 1 {
			t.Errorf("a certificate of nothing: %+v", certs)
		}
		// Who writes again is welcome.
		c.says(t, "silent", "Di nuovo io", c.Clock.Now())
		goes("critic", "lately", "noted", "silent", "waiting")
		// Once nothing keeps them, they go too; and it goes on with the next night.
		noted, _ := c.person(t, "noted")
		notes := must[[]audience.Note](t)(c.Audience.Notes(ctx, owner, noted.ID))
		if len(notes) != 1 || !notes[0].Keep {
			t.Fatalf("%+v", notes)
		}
		ok(t, c.Audience.KeepNote(ctx, owner, notes[0].ID, false))
		ok(t, c.Inbox.Finish(ctx, owner, c.talk(t, "waiting").ID))
		c.night(60)
		goes("critic", "lately", "silent")
	})
}

func TestRetentionIsDecided(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		c := newCrowd(t, s)
		ctx, owner := t.Context(), c.Actor(team.Owner)
		for _, wrong := range []int{-1, 1, 2, 121} {
			if err := c.Audience.SetRetention(ctx, owner, wrong); fault.KindOf(err) != fault.Invalid {
				t.Errorf("%d months: %v", wrong, err)
			}
			if _, err := c.Audience.Preview(ctx, owner, wrong); fault.KindOf(err) != fault.Invalid {
				t.Errorf("a look at %d months: %v", wrong, err)
			}
		}
		everybody := c.there(t)
		c.Clock.Advance(40 * 24 * time.Hour)
		soon := c.Clock.Now().Add(30 * 24 * time.Hour)
		if r := must[audience.Retention](t)(c.Audience.Preview(ctx, owner, 3)); r.Due != 4 || r.Items != 4 || !r.BeginsAt.Equal(soon) { // lately too
			t.Errorf("%+v", r)
		}
		if r := must[audience.Retention](t)(c.Audience.Preview(ctx, owner, 24)); r.Due != 3 || !r.BeginsAt.Equal(must[audience.Retention](t)(c.Audience.Retention(ctx, owner)).BeginsAt) {
			t.Errorf("%+v", r)
		}
		ok(t, c.Audience.SetRetention(ctx, owner, 0))
		c.night(100)
		ok(t, c.Audience.Forget(ctx))
		if is := c.there(t); !slices.Equal(is, everybody) {
			t.Fatalf("%v are there", is)
		}
		if r := must[audience.Retention](t)(c.Audience.Retention(ctx, owner)); r.Months != 0 || r.Due != 0 {
			t.Errorf("%+v", r)
		}
		// Begun again, and made shorter, it takes a month until the first go.
		ok(t, c.Audience.SetRetention(ctx, owner, 12))
		c.night(29)
		ok(t, c.Audience.Forget(ctx))
		if is := c.there(t); !slices.Equal(is, everybody) {
			t.Fatalf("%v are there", is)
		}
		c.night(2)
		ok(t, c.Audience.Forget(ctx))
		if is := c.there(t); !slices.Equal(is, []string{"critic", "noted", "waiting"}) {
			t.Fatalf("%v are there", is)
		}
		if r := must[audience.Retention](t)(c.Audience.Retention(ctx, c.Other(t).Actor(team.Owner))); r.Months != audience.DefaultMonths || r.Due != 0 {
			t.Errorf("another company: %+v", r)
		}
	})
}
