package site_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/network/site/sitetest"
)

// feedClient connects a site by its feed.
func feedClient(t testing.TB, s *sitetest.Server) network.Client {
	t.Helper()
	con := connector()
	found, err := con.Discover(t.Context(), s.URL)
	if err != nil {
		t.Fatalf("Discover: %v", err)
	}
	cred, err := con.Login(t.Context(), found, "", "")
	if err != nil {
		t.Fatalf("Login: %v", err)
	}
	return con.Open(cred, nil)
}

func TestAFeedIsReadOnceAndAgainWhenItChanges(t *testing.T) {
	t.Parallel()
	for _, noETag := range []bool{false, true} {
		t.Run(fmt.Sprintf("no etag %v", noETag), func(t *testing.T) {
			t.Parallel()
			s := sitetest.New(t, sitetest.Options{NoETag: noETag})
			first := s.Write("Il forno", `<p>È arrivato.</p><p><img src="/forno.jpg" alt="Il forno nuovo"></p>`)
			cl := feedClient(t, s)
			if tr := cl.Traits(); !tr.ReadOnly || tr.Reply {
				t.Errorf("traits %+v", tr)
			}
			p, err := cl.Fetch(t.Context(), "")
			if err != nil || len(p.Items) != 1 || p.More || p.Wait <= 0 {
				t.Fatalf("Fetch: %+v, %v", p, err)
			}
			it := p.Items[0]
			if it.RemoteID != first || !it.Mine || it.Kind != network.KindPost || it.Text != "Il forno\n\nÈ arrivato." || it.Language != "it-IT" ||
				len(it.Media) != 1 || it.Media[0].Alt != "Il forno nuovo" || it.Media[0].URL != s.URL+"/forno.jpg" {
				t.Errorf("%+v", it)
			}
			again, err := cl.Fetch(t.Context(), p.Cursor)
			if err != nil || len(again.Items) != 0 {
				t.Fatalf("nothing changed: %+v, %v", again.Items, err)
			}
			if n := s.NotNew(); (n == 1) == noETag {
				t.Errorf("%d answers said that nothing changed", n)
			}
			s.Rewrite(first, "<p>È acceso.</p>")
			second := s.Write("Il tornio", "<p>Gira.</p>")
			news, err := cl.Fetch(t.Context(), again.Cursor)
			if err != nil || len(news.Items) != 2 {
				t.Fatalf("after a change: %+v, %v", news.Items, err)
			}
			seen := map[string]network.Item{}
			for _, n := range news.Items {
				seen[n.RemoteID] = n
			}
			if seen[first].Version == it.Version || !strings.Contains(seen[first].Text, "acceso") || seen[second].Text != "Il tornio\n\nGira." {
				t.Errorf("%+v", seen)
			}
		})
	}
}

// TestTheSameArticleWithAndWithoutAPassword: who connects the feed first and WordPress later sees each article once.
func TestTheSameArticleWithAndWithoutAPassword(t *testing.T) {
	t.Parallel()
	s := sitetest.New(t, sitetest.Options{})
	id := s.Write("Il forno", "<p>È arrivato.</p>")
	p, err := feedClient(t, s).Fetch(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	full := open(t, s)
	got := fetchAll(t, full, p.Cursor) // the channel keeps its cursor when it is connected anew
	if got[id].RemoteID != p.Items[0].RemoteID || got[id].Text != p.Items[0].Text {
		t.Errorf("%+v and %+v", got[id], p.Items[0])
	}
}

// TestFeedsThatAreNone: what cannot be read takes nothing away and is told.
func TestFeedsThatAreNone(t *testing.T) {
	t.Parallel()
	s := sitetest.New(t, sitetest.Options{})
	s.Write("Il forno", "<p>È arrivato.</p>")
	cl := feedClient(t, s)
	p, err := cl.Fetch(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name  string
		fault sitetest.Fault
		v     network.Verdict
		key   string
	}{
		{"gone", sitetest.Fault{Path: "/feed/", Status: 410}, network.Later, network.ProblemNoFeed},
		{"closed", sitetest.Fault{Path: "/feed/", Status: 403}, network.Later, network.ProblemNoFeed},
		{"a page in its place", sitetest.Fault{Path: "/feed/", Body: "<!doctype html><title>Manutenzione</title>", Header: map[string]string{"Content-Type": "text/html"}}, network.Later, network.ProblemNoFeed},
		{"cut off", sitetest.Fault{Path: "/feed/", Body: "<rss version='2.0'><channel><title>x</title><item><title>a"}, network.Later, network.ProblemAnswer},
		{"endless", sitetest.Fault{Path: "/feed/", Huge: true}, network.Later, network.ProblemAnswer},
		{"slow down", sitetest.Fault{Path: "/feed/", Status: 429, Header: map[string]string{"Retry-After": "600"}}, network.Later, network.ProblemRate},
		{"500", sitetest.Fault{Path: "/feed/", Status: 500}, network.Later, network.ProblemServer},
		{"breaks", sitetest.Fault{Path: "/feed/", Cut: true, Times: -1}, network.Later, network.ProblemUnreachable},
	} {
		s.Inject(c.fault)
		_, err := cl.Fetch(t.Context(), p.Cursor)
		if err == nil {
			t.Fatalf("no error: %s", c.name)
		}
		if got := wants(t, err, c.v, c.key); c.name == "slow down" && got.RetryAfter.Seconds() != 600 {
			t.Errorf("retry after %v", got.RetryAfter)
		}
		s.Heal()
	}
	_, err = cl.Publish(t.Context(), message("dlv_x", "no"))
	wants(t, err, network.Never, network.ProblemUnsupported)
}

// TestAddressesPeopleType leads to the site, whatever is typed.
func TestAddressesPeopleType(t *testing.T) {
	t.Parallel()
	s := sitetest.New(t, sitetest.Options{NoWordPress: true})
	s.Write("Il forno", "<p>È arrivato.</p>")
	con := connector()
	for _, typed := range []string{s.URL, s.URL + "/", " " + strings.ToUpper(s.URL[:4]) + s.URL[4:] + "/#chi-siamo "} {
		found, err := con.Discover(t.Context(), typed)
		if err != nil || found.URL != s.URL || found.Join != network.JoinOpen || !found.Open || found.Title != "Bottega – ceramiche" {
			t.Errorf("%q: %+v, %v", typed, found, err)
		}
	}
	found, err := con.Discover(t.Context(), s.URL+"/feed/")
	if err != nil || found.URL != s.URL+"/feed/" || found.Software != "rss" || found.Title != "Bottega" {
		t.Errorf("the feed itself: %+v, %v", found, err)
	}
}
