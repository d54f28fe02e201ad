package demo_test

import (
	"slices"
	"testing"
	"time"

	"github.com/ponte-desk/ponte/internal/demo"
	"github.com/ponte-desk/ponte/internal/housetest"
	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/reach"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/storetest"
	"github.com/ponte-desk/ponte/internal/team"
)

// The sample company has circles, and people who lead to those it does not know.
func TestTheStoryHasTies(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		h := housetest.New(t, s, housetest.Options{Extra: []network.Name{network.Mastodon, network.Bluesky}})
		ctx, moment := t.Context(), time.Date(2026, 3, 12, 16, 20, 0, 0, time.UTC)
		h.Clock.Set(moment)
		company, owner, err := demo.Fill(ctx, demo.Rooms{
			Team: h.Team, Networks: h.Networks, Audience: h.Audience, Inbox: h.Inbox, Deliveries: h.Deliveries, Growth: h.Growth, Media: h.Media, Posts: h.Posts,
			Ties: h.Reach, Clock: h.Clock,
		}, h.Actor(team.Owner), moment)
		if err != nil {
			t.Fatal(err)
		}
		began := time.Now()
		if err := h.Reach.Draw(ctx, company.ID); err != nil {
			t.Fatal(err)
		}
		actor := owner.Actor(team.ViaScreen)
		l, err := h.Reach.Look(ctx, actor)
		if err != nil || l.Portrait == nil || l.Portrait.Short() {
			t.Fatalf("%+v, %v", l, err)
		}
		t.Logf("drawn in %s: %d people, %d events", time.Since(began).Round(time.Millisecond), l.Portrait.People, l.Portrait.Events)
		v, _ := l.Portrait.View(90)
		for _, c := range v.Circles {
			var names []string
			for _, x := range c.Carriers {
				names = append(names, l.Names[x.Person])
			}
			t.Logf("%d people, %d know, %v, carried by %v", c.People, c.Know, c.Words, names)
		}
		for _, x := range l.Involve {
			t.Logf("involve %s %+v", x.Name, x.Pick.Expected)
		}
		for _, name := range []string{"Elena Corsi", "Hanneke de Wit", "Piero Sabatini", "Nadia Bruni"} {
			if !slices.ContainsFunc(v.Circles, func(c reach.Circle) bool {
				return !c.Ours() && slices.ContainsFunc(c.Carriers, func(x reach.Carrier) bool { return l.Names[x.Person] == name })
			}) {
				t.Errorf("%s leads nowhere", name)
			}
		}
		if l.Last == nil || l.Last.Involved < 8 || l.Last.Reached == 0 {
			t.Errorf("what came of advice: %+v", l.Last)
		}
		lift, err := h.Reach.Lift(ctx, actor)
		t.Logf("lift %+v, last %+v", lift, l.Last)
		if err != nil || lift.Few {
			t.Errorf("%+v, %v", lift, err)
		}
	})
}
