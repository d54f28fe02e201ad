package link_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/fetch"
	"github.com/ponte-desk/ponte/internal/link"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/storetest"
	"github.com/ponte-desk/ponte/internal/team"
	"github.com/ponte-desk/ponte/internal/team/teamtest"
)

const house = "https://ponte.example"

type bed struct {
	*teamtest.Bed
	t     testing.TB
	links *link.Links
}

func setup(t testing.TB, s *store.Store) *bed {
	b := &bed{Bed: teamtest.New(t, s), t: t}
	b.links = link.New(link.Rooms{
		Store: s, Clock: b.Clock, Team: b.Team, BaseURL: func() string { return house },
		HTTP: fetch.NewClient(fetch.Options{AllowNetworks: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}}),
	})
	return b
}

func (b *bed) make(in link.In) link.Link {
	b.t.Helper()
	x, err := b.links.Create(b.t.Context(), b.Actor(team.Marketing), in)
	if err != nil {
		b.t.Fatal(err)
	}
	return x
}

func must[T any](t testing.TB) func(v T, err error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

const (
	phone   = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Mobile/15E148 Safari/604.1"
	desktop = "Mozilla/5.0 (X11; Linux x86_64; rv:132.0) Gecko/20100101 Firefox/132.0"
)

// ask makes a request for a link as the door gets it.
func ask(method, agent string, head ...string) *http.Request {
	r := httptest.NewRequest(method, house+"/l/x", nil)
	r.Header.Set("User-Agent", agent)
	for i := 0; i+1 < len(head); i += 2 {
		r.Header.Set(head[i], head[i+1])
	}
	return r
}

// open opens a link as somebody at an address.
func (b *bed) open(x link.Link, address string, r *http.Request) link.Token {
	b.t.Helper()
	w := must[*link.Way](b.t)(b.links.Find(b.t.Context(), x.Code))
	return b.links.Note(w, b.links.Recognise(r, address))
}

func (b *bed) flush() {
	b.t.Helper()
	if err := b.links.Flush(b.t.Context()); err != nil {
		b.t.Fatal(err)
	}
}

func TestALinkIsMadeChangedAndRemembered(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		b := setup(t, s)
		a := b.Actor(team.Editor)
		x := b.make(link.In{Target: "www.example.org/offerta?id=7&utm_source=volantino&UTM_Campaign=Primavera#giù", Channel: "Print", Tags: []string{"#carta", "carta", "2026"}})
		if x.Target != "https://www.example.org/offerta?id=7#gi%C3%B9" || x.Source != "volantino" || x.Campaign != "Primavera" || x.Channel != "print" || x.Title != "example.org/offerta" {
			t.Fatalf("%+v", x)
		}
		if diff := cmp.Diff([]string{"carta", "2026"}, x.Tags); diff != "" {
			t.Error(diff)
		}
		w := must[*link.Way](t)(b.links.Find(t.Context(), strings.ToUpper(x.Code)))
		if got := w.Leads(link.Seen{}); got != "https://www.example.org/offerta?id=7&utm_source=volantino&utm_campaign=Primavera#gi%C3%B9" {
			t.Error(got)
		}
		b.Clock.Advance(time.Hour)
		y := must[link.Link](t)(b.links.Change(t.Context(), a, x.ID, link.In{Target: "https://example.org/nuova", Title: "Nuova"}))
		w = must[*link.Way](t)(b.links.Find(t.Context(), x.Code)) // what was at hand is read again
		if y.Code != x.Code || w.Leads(link.Seen{}) != "https://example.org/nuova" {
			t.Fatalf("%+v leads to %s", y, w.Leads(link.Seen{}))
		}
		past := must[[]link.Past](t)(b.links.History(t.Context(), a, x.ID))
		if len(past) != 1 || past[0].Target != x.Target || past[0].Member != a.Member || !past[0].At.Equal(b.Clock.Now()) {
			t.Errorf("%+v", past)
		}
		must[link.Link](t)(b.links.PutAway(t.Context(), a, x.ID))
		if w = must[*link.Way](t)(b.links.Find(t.Context(), x.Code)); !w.Ended(b.Clock.Now()) {
			t.Error("it leads on")
		}
		must[link.Link](t)(b.links.TakeBack(t.Context(), a, x.ID))
		if w = must[*link.Way](t)(b.links.Find(t.Context(), x.Code)); w.Ended(b.Clock.Now()) {
			t.Error("it has ended")
		}
		e := b.make(link.In{Target: "https://example.org/fair", ExpiresAt: b.Clock.Now().Add(time.Hour), Password: "ciao", Devices: link.Targets{"ios": "https://apps.example.org/a", "android": ""}, Languages: link.Targets{"EN": "https://example.org/en"}, Source: "fiera"})
		w = must[*link.Way](t)(b.links.Find(t.Context(), e.Code))
		if !w.Locked() || b.links.Opens(w, "ciaoo") || b.links.Opens(w, "") || !b.links.Opens(w, "ciao") {
			t.Error("the password")
		}
		for _, try := range []struct {
			seen link.Seen
			want string
		}{
			{link.Seen{Device: link.DeviceIOS, Language: "en"}, "https://apps.example.org/a?utm_source=fiera"},
			{link.Seen{Device: link.DeviceAndroid, Language: "en"}, "https://example.org/en?utm_source=fiera"},
			{link.Seen{Device: link.DeviceDesktop, Language: "it"}, "https://example.org/fair?utm_source=fiera"},
		} {
			if got := w.Leads(try.seen); got != try.want {
				t.Errorf("%+v leads to %s", try.seen, got)
			}
		}
		if w.Ended(b.Clock.Now()) || !w.Ended(b.Clock.Now().Add(time.Hour)) {
			t.Error("its end")
		}
		_, err := b.links.Create(t.Context(), a, link.In{Target: "javascript:alert(1)", Code: "No Spaces", Title: strings.Repeat("x", 200), Password: "x", ExpiresAt: b.Clock.Now(), Devices: link.Targets{"toaster": "https://example.org"}})
		got := map[string]string{}
		for _, f := range fault.Of(err).Fields {
			got[f.Name] = f.Key
		}
		if diff := cmp.Diff(map[string]string{"target": "link.target.wrong", "code": "link.code.wrong", "title": "link.word.long", "password": "link.password.length", "expires": "link.expires.past", "devices": "link.others.unknown"}, got); diff != "" {
			t.Error(diff)
		}
		b.make(link.In{Target: "https://example.org", Code: "Primavera"})
		if _, err := b.links.Create(t.Context(), a, link.In{Target: "https://example.org", Code: "primavera"}); fault.KindOf(err) != fault.Invalid {
			t.Error(err)
		}
		said := b.make(link.In{Target: "https://example.org/radio", Say: true, Channel: "radio"})
		if len(said.Code) != 6 || strings.ContainsAny(said.Code, "0123456789") {
			t.Error(said.Code)
		}
		list, next, err := b.links.List(t.Context(), a, link.Filter{Limit: 2})
		if err != nil || len(list) != 2 || next == "" || list[0].ID != said.ID {
			t.Fatalf("%v %q %v", list, next, err)
		}
		more, next, err := b.links.List(t.Context(), a, link.Filter{Limit: 2, Cursor: next})
		if err != nil || len(more) != 2 || next != "" || more[1].ID != x.ID {
			t.Fatalf("%v %q %v", more, next, err)
		}
		for f, want := range map[*link.Filter]int{{Search: "PRIMAVERA"}: 1, {Search: "example.org/rad"}: 1, {Channel: "radio"}: 1, {State: link.Off}: 0, {Tag: "2026"}: 0, {Search: "100%"}: 0} {
			if got, _, err := b.links.List(t.Context(), a, *f); err != nil || len(got) != want {
				t.Errorf("%+v: %d, %v", *f, len(got), err)
			}
		}
	})
}

func TestOneSeesNothingOfAnother(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		b := setup(t, s)
		x := b.make(link.In{Target: "https://example.org"})
		b.open(x, "198.51.100.7", ask("GET", desktop))
		b.flush()
		o := b.Other(t).Actor(team.Owner)
		if _, err := b.links.Get(t.Context(), o, x.ID); fault.KindOf(err) != fault.NotFound {
			t.Error(err)
		}
		if _, err := b.links.Change(t.Context(), o, x.ID, link.In{Target: "https://example.com"}); fault.KindOf(err) != fault.NotFound {
			t.Error(err)
		}
		if list, _, err := b.links.List(t.Context(), o, link.Filter{}); err != nil || len(list) != 0 {
			t.Error(list, err)
		}
		if all, err := b.links.Tallies(t.Context(), o, 0, 99999999); err != nil || len(all) != 0 {
			t.Error(all, err)
		}
		if _, err := b.links.TouchOf(t.Context(), o.Company, x.Code); fault.KindOf(err) != fault.NotFound {
			t.Error(err)
		}
		if err := b.Team.RemoveSample(t.Context(), b.Actor(team.Owner)); err != nil {
			t.Fatal(err)
		}
	})
}

func TestWhoMay(t *testing.T) {
	t.Parallel()
	b := setup(t, storetest.SQLite(t))
	x := b.make(link.In{Target: "https://example.org"})
	read := func(f func(ctx context.Context, a team.Actor) error) func(*testing.T, team.Actor) error {
		return func(t *testing.T, a team.Actor) error { return f(t.Context(), a) }
	}
	teamtest.Matrix(t, b.Bed, []teamtest.Case{
		{Name: "List", Needs: team.LinksRead, Try: read(func(ctx context.Context, a team.Actor) error {
			_, _, err := b.links.List(ctx, a, link.Filter{})
			return err
		})},
		{Name: "Visits", Needs: team.LinksRead, Try: read(func(ctx context.Context, a team.Actor) error { _, err := b.links.Visits(ctx, a, x.ID, 7); return err })},
		{Name: "Rows", Needs: team.LinksRead, Try: read(func(ctx context.Context, a team.Actor) error {
			_, err := b.links.Rows(ctx, a, x.ID, time.Time{}, 7)
			return err
		})},
		{Name: "History", Needs: team.LinksRead, Try: read(func(ctx context.Context, a team.Actor) error { _, err := b.links.History(ctx, a, x.ID); return err })},
		{Name: "Tallies", Needs: team.LinksRead, Try: read(func(ctx context.Context, a team.Actor) error { _, err := b.links.Tallies(ctx, a, 0, 1); return err })},
		{Name: "Words", Needs: team.LinksRead, Try: read(func(ctx context.Context, a team.Actor) error { _, _, err := b.links.Words(ctx, a); return err })},
		{Name: "Settings", Needs: team.LinksRead, Try: read(func(ctx context.Context, a team.Actor) error { _, err := b.links.Settings(ctx, a); return err })},
		{Name: "Create", Needs: team.LinksManage, Try: read(func(ctx context.Context, a team.Actor) error { _, err := b.links.Create(ctx, a, link.In{}); return err })},
		{Name: "Change", Needs: team.LinksManage, Try: read(func(ctx context.Context, a team.Actor) error {
			_, err := b.links.Change(ctx, a, x.ID, link.In{Target: "https://example.org"})
			return err
		})},
		{Name: "PutAway", Needs: team.LinksManage, Try: read(func(ctx context.Context, a team.Actor) error { _, err := b.links.PutAway(ctx, a, x.ID); return err })},
		{Name: "TakeBack", Needs: team.LinksManage, Try: read(func(ctx context.Context, a team.Actor) error { _, err := b.links.TakeBack(ctx, a, x.ID); return err })},
		{Name: "ImportCSV", Needs: team.LinksManage, Try: read(func(ctx context.Context, a team.Actor) error {
			_, err := b.links.ImportCSV(ctx, a, strings.NewReader("target\n"), true)
			return err
		})},
		{Name: "ChangeSettings", Needs: team.LinksManage, Try: read(func(ctx context.Context, a team.Actor) error {
			_, err := b.links.ChangeSettings(ctx, a, link.SettingsIn{KeepDays: 400})
			return err
		})},
		{Name: "Look", Needs: team.LinksManage, Try: read(func(ctx context.Context, a team.Actor) error { _, err := b.links.Look(ctx, a, "lnk_none"); return err })},
		{Name: "DeadLinks", Needs: team.LinksManage, Try: read(func(ctx context.Context, a team.Actor) error { _, err := b.links.DeadLinks(ctx, a); return err })},
	})
}

func TestWhoIsWho(t *testing.T) {
	t.Parallel()
	b := setup(t, storetest.SQLite(t))
	for _, try := range []struct {
		name  string
		r     *http.Request
		kind  link.Kind
		why   link.Why
		and   func(link.Seen) bool
		means string
	}{
		{
			"a phone", ask("GET", phone, "Accept-Language", "it-IT,it;q=0.9", "Referer", "https://www.Instagram.com/p/abc?x=1"), link.Person, link.WhyNone,
			func(s link.Seen) bool {
				return s.Device == link.DeviceIOS && s.Language == "it" && s.Referrer == "instagram.com"
			}, "device, language, host",
		},
		{
			"the browser in Facebook's app", ask("GET", "Mozilla/5.0 (Linux; Android 14; Pixel 8 Build/AP1A; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/130.0 Mobile Safari/537.36 [FB_IAB/FB4A;FBAV/489.0]"), link.Person, link.WhyNone,
			func(s link.Seen) bool { return s.Device == link.DeviceAndroid }, "device",
		},
		{"the browser in WhatsApp", ask("GET", "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148 WhatsApp/24.1"), link.Person, link.WhyNone, nil, ""},
		{"Facebook's preview", ask("GET", "facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)"), link.Preview, link.WhyNetwork, nil, ""},
		{"WhatsApp's preview", ask("GET", "WhatsApp/2.23.20.0"), link.Preview, link.WhyNetwork, nil, ""},
		{"Mastodon", ask("GET", "Mastodon/4.3.0 (http.rb/5.2.0; +https://mastodon.example/)"), link.Preview, link.WhyNetwork, nil, ""},
		{"Bluesky", ask("GET", "Mozilla/5.0 (compatible; Bluesky Cardyb/1.1; +mailto:support@bsky.app)"), link.Preview, link.WhyNetwork, nil, ""},
		{"Telegram", ask("GET", "TelegramBot (like TwitterBot)"), link.Preview, link.WhyNetwork, nil, ""},
		{"LinkedIn", ask("GET", "LinkedInBot/1.0 (compatible; Mozilla/5.0; Apache-HttpClient +http://www.linkedin.com)"), link.Preview, link.WhyNetwork, nil, ""},
		{"a search engine", ask("GET", "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"), link.Bot, link.WhyAgent, nil, ""},
		{"curl", ask("GET", "curl/8.9.1"), link.Bot, link.WhyAgent, nil, ""},
		{"nobody", ask("GET", ""), link.Bot, link.WhyMute, nil, ""},
		{"something unknown", ask("GET", "Acme 1.0"), link.Bot, link.WhyMute, nil, ""},
		{"a head", ask("HEAD", desktop), link.Preview, link.WhyHead, nil, ""},
		{"a browser that looks ahead", ask("GET", desktop, "Sec-Purpose", "prefetch;prerender"), link.Preview, link.WhyPrefetch, nil, ""},
		{"an old one", ask("GET", desktop, "X-Moz", "prefetch"), link.Preview, link.WhyPrefetch, nil, ""},
		{"do not track", ask("GET", desktop, "DNT", "1", "Referer", "https://example.com/"), link.Person, link.WhyAsked, func(s link.Seen) bool { return s.Private && s.Referrer == "" }, "nothing else"},
		{"GPC", ask("GET", desktop, "Sec-GPC", "1"), link.Person, link.WhyAsked, func(s link.Seen) bool { return s.Private }, "nothing else"},
		{"from the house itself", ask("GET", desktop, "Referer", house+"/crescita"), link.Person, link.WhyNone, func(s link.Seen) bool { return s.Referrer == "" }, "no referrer"},
		{"a referrer that is none", ask("GET", desktop, "Referer", "https://exa mple.com/'); DROP"), link.Person, link.WhyNone, func(s link.Seen) bool { return s.Referrer == "" }, "no referrer"},
	} {
		s := b.links.Recognise(try.r, "198.51.100.7")
		if s.Kind != try.kind || s.Why != try.why {
			t.Errorf("%s is %d because of %d, wanted %d, %d", try.name, s.Kind, s.Why, try.kind, try.why)
		}
		if try.and != nil && !try.and(s) {
			t.Errorf("%s: %s: %+v", try.name, try.means, s)
		}
	}
}

// sumRows adds up the single visits of a link.
func sumRows(rows []link.Visit) (s link.Sum) {
	for _, v := range rows {
		switch v.Kind {
		case link.Person:
			s.Visits++
			if v.First {
				s.Visitors++
			}
		case link.Bot:
			s.Bots++
		case link.Preview:
			s.Previews++
		}
	}
	return s
}

// Whatever comes in whatever order, with changes of campaigns in between: the sums are the sums of the rows.
func TestTheSumsAreThoseOfTheRows(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		b := setup(t, s)
		a := b.Actor(team.Owner)
		rnd := rand.New(rand.NewPCG(7, 7))
		var links []link.Link
		campaign := map[link.ID]string{}
		for i := range 6 {
			x := b.make(link.In{Target: fmt.Sprintf("https://example.org/%d", i), Campaign: "c" + fmt.Sprint(i%3), Channel: "ch" + fmt.Sprint(i%2)})
			links, campaign[x.ID] = append(links, x), x.Campaign
		}
		agents := []string{phone, desktop, "curl/8", "WhatsApp/2.2", "Googlebot/2.1"}
		for n := range 1500 {
			x := links[rnd.IntN(len(links))]
			r := ask("GET", agents[rnd.IntN(len(agents))])
			if rnd.IntN(9) == 0 {
				r.Header.Set("DNT", "1")
			}
			if rnd.IntN(2) == 0 {
				r.Header.Set("Referer", "https://"+[]string{"a.example", "b.example"}[rnd.IntN(2)]+"/x")
			}
			b.open(x, fmt.Sprintf("198.51.100.%d", rnd.IntN(30)), r)
			b.Clock.Advance(time.Duration(rnd.IntN(400)) * time.Second)
			if rnd.IntN(40) == 0 {
				b.flush()
			}
			if n%300 == 299 {
				campaign[x.ID] = "c" + fmt.Sprint(rnd.IntN(4))
				must[link.Link](t)(b.links.Change(t.Context(), a, x.ID, link.In{Target: x.Target, Campaign: campaign[x.ID], Channel: x.Channel}))
			}
		}
		b.flush()
		type key struct {
			day               link.Day
			channel, campaign string
		}
		want, got := map[key]link.Sum{}, map[key]link.Sum{}
		total := int64(0)
		for _, x := range links {
			rows := must[[]link.Visit](t)(b.links.Rows(t.Context(), a, x.ID, time.Time{}, 1000))
			total += int64(len(rows))
			r := must[link.Report](t)(b.links.Visits(t.Context(), a, x.ID, 60))
			if diff := cmp.Diff(sumRows(rows), r.Sum); diff != "" {
				t.Errorf("%s: %s", x.Code, diff)
			}
			by := map[link.Day][]link.Visit{}
			for _, v := range rows {
				d := link.DayOf(v.At.In(b.Company.Location()))
				by[d] = append(by[d], v)
			}
			for _, d := range r.Days {
				if diff := cmp.Diff(sumRows(by[d.Day]), d.Sum); diff != "" {
					t.Errorf("%s on %d: %s", x.Code, d.Day, diff)
				}
			}
			for d, vs := range by {
				k := key{d, x.Channel, campaign[x.ID]}
				sum := want[k]
				sum.Add(sumRows(vs))
				want[k] = sum
			}
		}
		for _, x := range must[[]link.Tally](t)(b.links.Tallies(t.Context(), a, 0, 99999999)) {
			got[key{x.Day, x.Channel, x.Campaign}] = x.Sum
		}
		sum := must[link.Summary](t)(b.links.Summary(t.Context(), a, 0, 99999999))
		var days, channels, campaigns link.Sum
		for _, d := range sum.Days {
			days.Add(d.Sum)
		}
		for _, c := range sum.Channels {
			channels.Add(c.Sum)
		}
		for _, c := range sum.Campaigns {
			campaigns.Add(c.Sum)
		}
		if days != sum.Sum || channels != sum.Sum || campaigns != sum.Sum || sum.Sum.Visits+sum.Sum.Bots+sum.Sum.Previews != total {
			t.Errorf("%d visits: %+v, %+v, %+v, %+v", total, sum.Sum, days, channels, campaigns)
		}
		uses := map[key]link.Sum{}
		for k, s := range want {
			s.Add(uses[key{0, k.channel, k.campaign}])
			uses[key{0, k.channel, k.campaign}] = s
		}
		for _, x := range sum.Both {
			if got, want := x.Sum, uses[key{0, x.Channel, x.Campaign}]; got != want {
				t.Errorf("%s, %s: %+v instead of %+v", x.Channel, x.Campaign, got, want)
			}
		}
		if diff := cmp.Diff(want, got); diff != "" || total != 1500 {
			t.Errorf("%d visits: %s", total, diff)
		}
	})
}

func TestAVisitorCountsOnceADay(t *testing.T) {
	t.Parallel()
	b := setup(t, storetest.SQLite(t))
	a := b.Actor(team.Owner)
	x, y := b.make(link.In{Target: "https://example.org/1"}), b.make(link.In{Target: "https://example.org/2"})
	for range 3 {
		b.open(x, "198.51.100.7", ask("GET", desktop))
	}
	b.open(y, "198.51.100.7", ask("GET", desktop)) // another link: another reason to come
	b.open(x, "198.51.100.7", ask("GET", phone))   // another device is another visitor
	b.open(x, "198.51.100.8", ask("GET", desktop))
	b.Clock.Advance(24 * time.Hour)
	b.open(x, "198.51.100.7", ask("GET", desktop)) // another day: nobody remembers them
	b.flush()
	if s := must[link.Report](t)(b.links.Visits(t.Context(), a, x.ID, 7)).Sum; s != (link.Sum{Visits: 6, Visitors: 4}) {
		t.Errorf("%+v", s)
	}
	if s := must[link.Report](t)(b.links.Visits(t.Context(), a, y.ID, 7)).Sum; s != (link.Sum{Visits: 1, Visitors: 1}) {
		t.Errorf("%+v", s)
	}
}

func TestWhatBroughtSomebody(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		b := setup(t, s)
		x := b.make(link.In{Target: house + "/f/preventivo", Channel: "print", Campaign: "primavera", Source: "volantino"})
		y := b.make(link.In{Target: house + "/f/preventivo", Channel: "mastodon", Post: "pst_1"})
		b.open(x, "198.51.100.7", ask("GET", desktop))
		b.Clock.Advance(time.Hour)
		token := b.open(y, "198.51.100.7", ask("GET", desktop)) // it waits to be written
		first, last, ok, err := b.links.Touches(t.Context(), b.Company.ID, token)
		if err != nil || !ok || first.Link != x.ID || first.Channel != "print" || first.Campaign != "primavera" || last.Link != y.ID || last.Post != "pst_1" || last.At.Sub(first.At) != time.Hour {
			t.Fatalf("%+v, %+v, %v, %v", first, last, ok, err)
		}
		if token := b.open(x, "198.51.100.7", ask("GET", desktop, "DNT", "1")); token != "" {
			t.Error("who asks not to be followed has a token")
		}
		if token := b.open(x, "198.51.100.7", ask("GET", "curl/8")); token != "" {
			t.Error("a program has a token")
		}
		for _, wrong := range []link.Token{"", "0", "zzz", "-1", "zzzzzzzzzzzzzzz", "'"} {
			if _, _, ok, err := b.links.Touches(t.Context(), b.Company.ID, wrong); ok || err != nil {
				t.Errorf("%q: %v, %v", wrong, ok, err)
			}
		}
		if _, _, ok, err := b.links.Touches(t.Context(), b.Other(t).Company.ID, token); ok || err != nil {
			t.Error("another company knows the visit", err)
		}
		if touch, err := b.links.TouchOf(t.Context(), b.Company.ID, " "+strings.ToUpper(x.Code)); err != nil || touch.Source != "volantino" || !touch.At.IsZero() {
			t.Error(touch, err)
		}
	})
}

func TestADeadTargetIsSaid(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		b := setup(t, s)
		a := b.Actor(team.Owner)
		status, asked := http.StatusNotFound, 0
		server := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, _ *http.Request) { asked++; rw.WriteHeader(status) }))
		defer server.Close()
		x := b.make(link.In{Target: server.URL + "/offerta"})
		b.make(link.In{Target: server.URL + "/offerta"}) // the same page is asked for once
		in := b.make(link.In{Target: "http://10.0.0.1/"})
		look := func() link.Link {
			t.Helper()
			if err := b.links.Watch(t.Context()); err != nil {
				t.Fatal(err)
			}
			return must[link.Link](t)(b.links.Get(t.Context(), a, x.ID))
		}
		if y := look(); y.Trouble != link.Gone || !y.DeadSince.IsZero() || asked != 1 {
			t.Fatalf("%+v after %d", y, asked)
		}
		if y := must[link.Link](t)(b.links.Get(t.Context(), a, in.ID)); y.Trouble != link.Inside {
			t.Errorf("%+v", y)
		}
		b.Clock.Advance(2 * time.Hour)
		if y := look(); y.DeadSince.IsZero() || asked != 2 {
			t.Fatalf("%+v after %d", y, asked)
		}
		if dead, err := b.links.DeadLinks(t.Context(), a); err != nil || len(dead) != 3 {
			t.Error(dead, err)
		}
		status = http.StatusForbidden // it is there, and does not want to be read by us
		b.Clock.Advance(2 * time.Hour)
		if y := look(); y.Trouble != "" || !y.DeadSince.IsZero() {
			t.Errorf("%+v", y)
		}
		b.Clock.Advance(2 * time.Hour)
		n := asked
		look()
		if asked != n {
			t.Error("a page that answers is asked again within a day")
		}
	})
}

func TestSingleVisitsAreForgottenAndTheSumsStay(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		b := setup(t, s)
		a := b.Actor(team.Owner)
		x := b.make(link.In{Target: "https://example.org"})
		b.open(x, "198.51.100.7", ask("GET", desktop))
		b.Clock.Advance(40 * 24 * time.Hour)
		b.open(x, "198.51.100.7", ask("GET", desktop))
		b.flush()
		if _, err := b.links.ChangeSettings(t.Context(), a, link.SettingsIn{KeepDays: 30, Domain: "Vai.Example.org"}); err != nil {
			t.Fatal(err)
		}
		if err := b.links.Sweep(t.Context()); err != nil {
			t.Fatal(err)
		}
		rows := must[[]link.Visit](t)(b.links.Rows(t.Context(), a, x.ID, time.Time{}, 10))
		sum := must[link.Report](t)(b.links.Visits(t.Context(), a, x.ID, 60)).Sum
		if len(rows) != 1 || sum.Visits != 2 {
			t.Errorf("%d rows, %+v", len(rows), sum)
		}
		if at := must[string](t)(b.links.Address(t.Context(), x)); at != "https://vai.example.org/l/"+x.Code {
			t.Error(at)
		}
	})
}

func TestATableOfLinks(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		b := setup(t, s)
		a := b.Actor(team.Marketing)
		b.make(link.In{Target: "https://example.org", Code: "preso"})
		bring := func(table string, dry bool) link.Imported {
			t.Helper()
			return must[link.Imported](t)(b.links.ImportCSV(t.Context(), a, strings.NewReader(table), dry))
		}
		count := func() int {
			all, _, err := b.links.List(t.Context(), a, link.Filter{Limit: 100})
			if err != nil {
				t.Fatal(err)
			}
			return len(all)
		}
		got := bring("destinazione;codice;scadenza\nhttps://example.org/a;preso;\nftp://example.org;;31/03/2026\nhttps://example.org/b;due;domani\nhttps://example.org/c;tre;\nhttps://example.org/d;tre;\n", false)
		var said []string
		for _, e := range got.Errors {
			said = append(said, fmt.Sprint(e.Line, e.Column, e.Key))
		}
		if diff := cmp.Diff([]string{"2codelink.code.taken", "3targetlink.target.scheme", "4expireslink.csv.date", "6codelink.code.taken"}, said); diff != "" || count() != 1 {
			t.Error(diff, count())
		}
		good := "\ufefftarget,code,title,campaign,channel,target_ios,target_en,tags,expires\nhttps://example.org/a,,Uno,Fiera,print,https://apps.example.org,https://example.org/en,\"a, b\",2026-03-31\nhttps://example.org/b,due,,,,,,,\n"
		if got := bring(good, true); len(got.Errors) != 0 || len(got.Rows) != 2 || got.Rows[1].Link.Code != "due" || got.Rows[0].Link.ID != "" || count() != 1 {
			t.Errorf("%+v", got)
		}
		got = bring(good, false)
		x := must[link.Link](t)(b.links.Get(t.Context(), a, got.Rows[0].Link.ID))
		if count() != 3 || x.Title != "Uno" || x.Devices["ios"] != "https://apps.example.org" || x.Languages["en"] == "" || len(x.Tags) != 2 || x.LastDay(b.Company.Location()) != "2026-03-31" {
			t.Errorf("%+v", x)
		}
		var out strings.Builder
		if err := b.links.ExportCSV(t.Context(), a, &out); err != nil || strings.Count(out.String(), "\n") != 4 || !strings.Contains(out.String(), house+"/l/due") {
			t.Error(out.String(), err)
		}
		for _, bad := range []string{"", "\xff\xfe", "name\nx\n", "target,target\nx,y\n", "target,banana\n"} {
			if got, err := b.links.ImportCSV(t.Context(), a, strings.NewReader(bad), true); err == nil && len(got.Errors) == 0 {
				t.Errorf("%q was taken", bad)
			}
		}
	})
}

// FuzzTable: whatever a file holds, reading it as a table neither breaks nor stores.
func FuzzTable(f *testing.F) {
	f.Add("target,code\nhttps://example.org,a\n")
	f.Add("destinazione;tag\n\"x;y\n")
	b := setup(f, storetest.SQLite(f))
	f.Fuzz(func(t *testing.T, s string) {
		got, err := b.links.ImportCSV(t.Context(), b.Actor(team.Owner), strings.NewReader(s), true)
		if err != nil && fault.KindOf(err) == fault.Internal && !errors.Is(err, context.Canceled) {
			t.Fatal(err)
		}
		for _, e := range got.Errors {
			if e.Key == "" {
				t.Fatal("an error without words")
			}
		}
	})
}
