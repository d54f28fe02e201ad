package link_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/link"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/storetest"
	"github.com/ponte-desk/ponte/internal/team"
)

// A target says what opening it begins; numbers and addresses are kept in one way, however they are written.
func TestWhatALinkBegins(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		b := setup(t, s)
		for _, c := range []struct {
			in, target string
			action     link.Action
		}{
			{"tel:+39 055 12-34.56", "tel:+39055123456", link.Call},
			{"+39 055 123456", "tel:+39055123456", link.Call},
			{"TEL:0551234", "tel:0551234", link.Call},
			{"info@arno.example", "mailto:info@arno.example", link.Write},
			{"mailto:info@arno.example?subject=Visita alla bottega&cc=x@y.example", "mailto:info@arno.example?subject=Visita%20alla%20bottega", link.Write},
			{"https://wa.me/39055123456", "https://wa.me/39055123456", link.Chat},
			{"https://www.google.it/maps/dir//Arno", "https://www.google.it/maps/dir//Arno", link.Go},
			{"https://maps.app.goo.gl/abc", "https://maps.app.goo.gl/abc", link.Go},
			{"https://www.openstreetmap.org/directions?to=1", "https://www.openstreetmap.org/directions?to=1", link.Go},
			{"https://www.google.com/search?q=x", "https://www.google.com/search?q=x", ""},
			{"https://maps.example.org/", "https://maps.example.org/", ""},
			{"www.arno.example/@noi", "https://www.arno.example/@noi", ""},
		} {
			x := b.make(link.In{Target: c.in, Source: "volantino"})
			if x.Target != c.target || x.Action != c.action {
				t.Errorf("%q became %q, %q", c.in, x.Target, x.Action)
			}
			if !link.Web(x.Target) && x.Leads(x.Target) != x.Target {
				t.Errorf("%q leads to %q", c.in, x.Leads(x.Target))
			}
		}
		for _, bad := range []string{"tel:", "tel:pronto", "tel:+39", "tel:1;ext=2", "mailto:", "mailto:a", "mailto:a@b.it,c@d.it", "Ada <a@b.it>", "a@b.it\r\nBcc: c@d.it", "javascript:alert(1)", "sms:123", "geo:1,2"} {
			if _, err := b.links.Create(t.Context(), b.Actor(team.Marketing), link.In{Target: bad}); fault.KindOf(err) != fault.Invalid {
				t.Errorf("%q: %v", bad, err)
			}
		}
		// What a link begins never changes, for its past visits would be told as what they were not; nor does it differ by device.
		page, call := b.make(link.In{Target: "https://www.example.org/"}), b.make(link.In{Target: "tel:+39055123456"})
		for id, to := range map[link.ID]string{page.ID: "tel:+39055123456", call.ID: "https://www.example.org/"} {
			if _, err := b.links.Change(t.Context(), b.Actor(team.Marketing), id, link.In{Target: to}); fault.KindOf(err) != fault.Invalid || fault.Of(err).Fields[0].Key != "link.target.action" {
				t.Errorf("%s: %v", to, err)
			}
		}
		if x, err := b.links.Change(t.Context(), b.Actor(team.Marketing), call.ID, link.In{Target: "tel:+39055654321"}); err != nil || x.Action != link.Call {
			t.Errorf("another number: %v", err)
		}
		for _, in := range []link.In{
			{Target: "https://www.example.org/", Devices: link.Targets{"ios": "tel:+39055123456"}},
			{Target: "tel:+39055123456", Devices: link.Targets{"ios": "https://www.example.org/"}},
			{Target: "tel:+39055123456", Languages: link.Targets{"en": "https://www.example.org/"}},
		} {
			if _, err := b.links.Create(t.Context(), b.Actor(team.Marketing), in); fault.KindOf(err) != fault.Invalid {
				t.Errorf("%+v: %v", in, err)
			}
		}
	})
}

// Openings of such links are visits, and told beside by what they begin; a number is not looked at as if it were a page.
func TestActs(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		b := setup(t, s)
		call := b.make(link.In{Target: "tel:+39055123456", Channel: "print", Campaign: "Corsi"})
		way := b.make(link.In{Target: "https://wa.me/39055123456", Channel: "window"})
		page := b.make(link.In{Target: "https://www.example.org/", Channel: "print"})
		for i, x := range []link.Link{call, call, call, way, page, page} {
			b.open(x, string(rune('a'+i)), ask("GET", phone))
		}
		b.open(call, "z", ask("HEAD", phone)) // looks ahead: no opening
		if err := b.links.Flush(t.Context()); err != nil {
			t.Fatal(err)
		}
		today := link.DayOf(b.Clock.Now().In(b.Company.Location()))
		all, which, err := b.links.Acts(t.Context(), b.Actor(team.Owner), today, today)
		if err != nil {
			t.Fatal(err)
		}
		want := []link.Acted{{Channel: "print", Campaign: "Corsi", Action: link.Call, Visits: 3}, {Channel: "window", Action: link.Chat, Visits: 1}}
		if diff := cmp.Diff(want, all); diff != "" {
			t.Error(diff)
		}
		if len(which) != 2 || which[call.ID] != link.Call || which[way.ID] != link.Chat {
			t.Errorf("%v", which)
		}
		if all, _, err := b.links.Acts(t.Context(), b.Actor(team.Owner), today.Next(), today.Next()); err != nil || len(all) != 0 {
			t.Errorf("tomorrow: %v, %v", all, err)
		}
		if all, which, err := b.links.Acts(t.Context(), b.Other(t).Actor(team.Owner), today, today); err != nil || len(all) != 0 || len(which) != 0 {
			t.Errorf("another company: %v, %v, %v", all, which, err)
		}
		if x, err := b.links.Look(t.Context(), b.Actor(team.Marketing), call.ID); err != nil || x.Trouble != "" || !x.CheckedAt.IsZero() {
			t.Errorf("a number was looked at: %+v, %v", x, err)
		}
	})
}
