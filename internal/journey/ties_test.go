package journey_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/ponte-desk/ponte/internal/app"
	"github.com/ponte-desk/ponte/internal/apptest"
	"github.com/ponte-desk/ponte/internal/config"
	"github.com/ponte-desk/ponte/internal/network/bluesky/blueskytest"
	"github.com/ponte-desk/ponte/internal/reach"
	"github.com/ponte-desk/ponte/internal/storetest"
)

// Whom do we know who knows others? Circles planted on a real PDS: the one who leads to people that the company does not know is
// found, named with why, thanked by name from the inbox, and a month later what she brought stands beside what was expected.
func TestWhomDoWeKnowWhoKnowsOthers(t *testing.T) {
	t.Run("sqlite", func(t *testing.T) { whoKnowsOthers(t, "") })
	t.Run("postgres", func(t *testing.T) { whoKnowsOthers(t, storetest.FreshPostgres(t)) })
}

// round has people join the network and follow each other.
func round(t *testing.T, n blueskytest.Network, name string, many int) []*blueskytest.Person {
	t.Helper()
	var out []*blueskytest.Person
	for i := range many {
		p, err := n.Join(t.Context(), fmt.Sprintf("%s%d", name, i))
		must(t, err)
		out = append(out, p)
	}
	for i, p := range out {
		for _, step := range []int{1, 2, 5} {
			if q := out[(i+step)%len(out)]; q != p {
				_, err := p.Follow(t.Context(), q.DID)
				must(t, err)
			}
		}
	}
	return out
}

func whoKnowsOthers(t *testing.T, database string) {
	ctx := t.Context()
	now := &later{}
	b := newBluesky(t)
	home, lake := round(t, b.net, "casa", 4), round(t, b.net, "lago", 9)
	nora := b.them // she knows those at home and those on the lake
	must(t, nora.Name(ctx, "Nora Lago"))
	for i, p := range append(home[:2:2], lake...) {
		_, err := p.Follow(ctx, nora.DID)
		must(t, err)
		if i%2 == 0 {
			_, err = nora.Follow(ctx, p.DID)
			must(t, err)
		}
	}
	h := apptest.Start(t, apptest.Options{Database: database, Deps: app.Deps{Clock: now}, Config: func(c *config.Config) { b.settings(c) }})
	b.join(t, h)
	// Every fifth piece of advice is held back by lot; here all of it is to be seen.
	must(t, h.Reach.ChangeSettings(ctx, h.Owner.Actor(), reach.Settings{Collect: true, Hold: 0}))
	for i, p := range home {
		_, err := p.Reply(ctx, b.ours, fmt.Sprintf("Ci vediamo sabato al forno, porto il numero %d.", i))
		must(t, err)
		_, err = p.Like(ctx, b.ours)
		must(t, err)
	}
	const praise = "Che belle, le faccio vedere alle osterie del lago."
	said, err := nora.Reply(ctx, b.ours, praise)
	must(t, err)
	id := arrives(t, h, praise)
	eventually(t, "those at home arrive", soon, func() bool { return len(all(t, h)) == 5 })

	// Who follows her is read from a list that the network shows to everybody.
	channels, err := h.Networks.ChannelsByID(ctx, h.Company.ID)
	must(t, err)
	// A channel bears a dozen pages a minute, and the house's own job reads at the same time: what is beyond waits for the next minute.
	eventually(t, "the lists are read", 4*soon, func() bool {
		must(t, h.Reach.Feed(ctx, h.Company.ID))
		for ch := range channels {
			_, err := h.Reach.Collect(ctx, h.Company.ID, ch)
			must(t, err)
		}
		m, err := h.Reach.Material(ctx, h.Company.ID, time.Time{})
		must(t, err)
		strangers := 0
		for _, a := range m.Actors[1:] {
			if !a.Known() {
				if a.Name != "" || a.Handle != "" {
					t.Fatalf("a stranger has a name: %+v", a)
				}
				strangers++
			}
		}
		return strangers >= len(lake)
	})

	// The page names her, with why and what is expected, before anybody else.
	w := newWindow(t, h, "it", desktop)
	w.signIn(apptest.OwnerEmail, apptest.Password)
	first := `document.querySelector(".tie-row")`
	named := `(` + first + `?.innerText.includes("Nora Lago") ?? false)`
	compute := `document.querySelector("form[action$='/refresh'] button")` // a first portrait, or one more
	// A portrait that the house drew by itself may be older than the lists: one more is drawn, as a person would.
	eventually(t, "the page names her first", 4*soon, func() bool {
		w.open("/ties")
		w.within(soon, named+` || !!`+compute)
		if w.is(named) {
			return true
		}
		w.click("draw the portrait", compute)
		for range 40 {
			// The page may be coming anew at this very moment.
			if ok, err := chromedp.Run(w.ctx, chromedp.Evaluate[bool]("!!("+named+")")); err == nil && ok {
				return true
			}
			<-time.After(250 * time.Millisecond)
		}
		return false
	})
	w.look("ties")
	if why := w.text(first + `.innerText`); len(why) < 60 {
		t.Errorf("nothing speaks for her: %q", why)
	}
	w.fits("the ties")
	var advised reach.Suggestion
	list, err := h.Reach.Suggestions(ctx, h.Owner.Actor(), reach.SuggestionsIn{Open: true})
	must(t, err)
	for _, x := range list {
		if x.Rank == 1 {
			advised = x
		}
	}
	if advised.ID == "" || advised.Expected.Expected <= 0 {
		t.Fatalf("%+v", list)
	}

	// She is thanked by name, in the conversation that the row leads to.
	w.click("what to do", first+`.querySelector(".keys a")`)
	w.at("/inbox/" + string(id))
	const thanks = "Grazie Nora, che gentile: le osterie del lago ci stanno a cuore."
	w.fill("#reply-text", thanks)
	w.pressKey("inboxpage.send", "name", "Nora")
	eventually(t, "the thanks stand on the PDS", soon, func() bool { return len(holding(b.standing(t), thanks)) == 1 })
	if got := holding(b.standing(t), thanks); got[0].Parent != said {
		t.Errorf("they answer %s, not her", got[0].Parent)
	}
	eventually(t, "she counts as involved", soon, func() bool {
		must(t, h.Reach.Feed(ctx, h.Company.ID))
		list, err := h.Reach.Suggestions(ctx, h.Owner.Actor(), reach.SuggestionsIn{})
		must(t, err)
		for _, x := range list {
			if x.ID == advised.ID {
				return x.State == reach.Involved && !x.DoneAt.IsZero()
			}
		}
		return false
	})

	// Three from the lake answer her, where the company sees it.
	for i, p := range lake[:3] {
		_, err := p.Reply(ctx, said, fmt.Sprintf("Le voglio anche io per il ristorante, siamo in %d.", i+2))
		must(t, err)
	}
	eventually(t, "those from the lake arrive", soon, func() bool {
		must(t, h.Reach.Feed(ctx, h.Company.ID))
		m, err := h.Reach.Material(ctx, h.Company.ID, time.Time{})
		must(t, err)
		replies := 0
		for _, e := range m.Log.Events {
			if e.Target != reach.Us && m.Log.Kinds[e.Kind] == "reply" && e.Actor != reach.Us && m.Actors[e.Target].Name == "Nora Lago" {
				replies++
			}
		}
		return replies == 3
	})

	// A month later what she brought stands beside what was expected.
	now.advance(31 * 24 * time.Hour)
	must(t, h.Reach.Draw(ctx, h.Company.ID))
	list, err = h.Reach.Suggestions(ctx, h.Owner.Actor(), reach.SuggestionsIn{})
	must(t, err)
	found := false
	for _, x := range list {
		if x.ID == advised.ID {
			found = true
			if x.Reached != 3 || !x.Measured || x.State != reach.Involved || x.Expected != advised.Expected {
				t.Errorf("she reached %d of an expected %+v: %+v", x.Reached, x.Expected, x)
			}
		}
	}
	if !found {
		t.Error("the advice is gone")
	}
	again := newWindow(t, h, "it", phone)
	again.signIn(apptest.OwnerEmail, apptest.Password)
	again.open("/ties")
	again.until(`document.querySelector("#ties")?.innerText.includes(` + quote("arrivate: 3.") + `)`)
	again.look("after")
	again.fits("the ties on a phone")
}
