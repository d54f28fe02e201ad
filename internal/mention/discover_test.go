package mention_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/ponte-desk/ponte/internal/mention"
)

// site serves pages by their path.
type site map[string]func(rw http.ResponseWriter, r *http.Request)

func (s site) start(t *testing.T) string {
	t.Helper()
	srv := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		f := s[r.URL.Path]
		if f == nil {
			http.NotFound(rw, r)
			return
		}
		f(rw, r)
	}))
	t.Cleanup(srv.Close)
	return srv.URL
}

// html serves a page with headers, "Name: value".
func page(body string, headers ...string) func(http.ResponseWriter, *http.Request) {
	return func(rw http.ResponseWriter, _ *http.Request) {
		rw.Header().Set("Content-Type", "text/html; charset=utf-8")
		for _, h := range headers {
			name, value, _ := strings.Cut(h, ": ")
			rw.Header()[name] = append(rw.Header()[name], value) // with the letters as given
		}
		_, _ = rw.Write([]byte(body))
	}
}

// TestDiscovery asks for what the specification's public test pages ask, case by case, in their numbers.
func TestDiscovery(t *testing.T) {
	t.Parallel()
	body := func(s string) string {
		return "<!doctype html><html><head><title>Prova</title></head><body><p>" + s + "</p></body></html>"
	}
	for name, c := range map[string]struct {
		page func(http.ResponseWriter, *http.Request)
		want string // relative to the host; "" is none
	}{
		"01 header, rel without quotes, relative address": {page("", "Link: </test/1/webmention>; rel=webmention"), "/test/1/webmention"},
		"02 header, rel without quotes, absolute address": {func(rw http.ResponseWriter, r *http.Request) {
			page("", "Link: <http://"+r.Host+"/test/2/webmention>; rel=webmention")(rw, r)
		}, "/test/2/webmention"},
		"03 link element, relative": {page(`<html><head><link rel="webmention" href="/test/3/webmention"></head></html>`), "/test/3/webmention"},
		"04 link element, absolute": {func(rw http.ResponseWriter, r *http.Request) {
			page(`<link href="http://`+r.Host+`/test/4/webmention" rel="webmention">`)(rw, r)
		}, "/test/4/webmention"},
		"05 a element, relative": {page(body(`<a rel="webmention" href="/test/5/webmention">qui</a>`)), "/test/5/webmention"},
		"06 a element, absolute": {func(rw http.ResponseWriter, r *http.Request) {
			page(body(`<a href="http://`+r.Host+`/test/6/webmention" rel="webmention">qui</a>`))(rw, r)
		}, "/test/6/webmention"},
		"07 header in strange letters":              {page("", "LinK: </test/7/webmention>; rel=webmention"), "/test/7/webmention"},
		"08 header, rel in quotes":                  {page("", `Link: </test/8/webmention>; rel="webmention"`), "/test/8/webmention"},
		"09 several rels on a link element":         {page(`<link rel="webmention somethingelse" href="/test/9/webmention">`), "/test/9/webmention"},
		"10 several rels in a header":               {page("", `Link: </test/10/webmention>; rel="webmention somethingelse"`), "/test/10/webmention"},
		"11 header, link element and a: the header": {page(`<link rel="webmention" href="/test/11/no">`+body(`<a rel="webmention" href="/test/11/no2">`), "Link: </test/11/webmention>; rel=webmention"), "/test/11/webmention"},
		"12 only the whole word counts":             {page(`<link rel="not-webmention" href="/test/12/no">` + body(`<a rel="webmention" href="/test/12/webmention">`)), "/test/12/webmention"},
		"13 not in a comment":                       {page(body(`<!-- <a href="/test/13/no" rel="webmention"></a> --> <a href="/test/13/webmention" rel="webmention">`)), "/test/13/webmention"},
		"14 not in escaped HTML":                    {page(body(`<code>&lt;a href="/test/14/no" rel="webmention"&gt;&lt;/a&gt;</code> <a href="/test/14/webmention" rel="webmention">`)), "/test/14/webmention"},
		"15 an empty address is the page itself":    {page(`<link rel="webmention" href="">`), "/page"},
		"16 a before link":                          {page(`<a rel="webmention" href="/test/16/webmention">qui</a><link rel="webmention" href="/test/16/no">`), "/test/16/webmention"},
		"17 link before a":                          {page(`<link rel="webmention" href="/test/17/webmention"><a rel="webmention" href="/test/17/no">qui</a>`), "/test/17/webmention"},
		"18 several headers":                        {page("", `Link: </test/18/no>; rel="other"`, `Link: </test/18/webmention>; rel="webmention"`), "/test/18/webmention"},
		"19 several links in one header":            {page("", `Link: </test/19/no>; rel="other", </test/19/webmention>; rel="webmention"`), "/test/19/webmention"},
		"20 a link element without an address":      {page(`<link rel="webmention">` + body(`<a rel="webmention" href="/test/20/webmention">`)), "/test/20/webmention"},
		"21 the question of an address is kept":     {page(`<link rel="webmention" href="/test/21/webmention?query=yes">`), "/test/21/webmention?query=yes"},
		"22 relative to the path":                   {page(`<link rel="webmention" href="22/webmention">`), "/22/webmention"},
		"23 behind a redirect, relative to where it is": {func(rw http.ResponseWriter, r *http.Request) {
			http.Redirect(rw, r, "/far/away/page", http.StatusFound)
		}, "/far/away/end/23"},
		"24 none at all": {page(body("niente")), ""},
		"25 other parameters and commas in quotes": {page("", `Link: </no>; title="a, b; rel=webmention", </test/25>; title="x"; rel='webmention'; rel="webmention"`, `Link: </test/25/webmention>; title="rel" ; REL = "WebMention"`), "/test/25/webmention"},
		"26 base counts":                   {page(`<base href="/elsewhere/"><link rel="webmention" href="26">`), "/elsewhere/26"},
		"27 not in a script or a template": {page(`<script>var s = '<link rel="webmention" href="/no">'</script><template><link rel=webmention href=/no2></template><link rel=webmention href=/test/27>`), "/test/27"},
		"28 an address that is none":       {page(`<link rel="webmention" href="javascript:alert(1)"><a rel="webmention" href="/test/28">`), "/test/28"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			base := site{"/page": c.page, "/far/away/page": page(`<link rel="webmention" href="end/23">`)}.start(t)
			want := c.want
			if want != "" {
				want = base + want
			}
			got, err := mention.Look(t.Context(), http.DefaultClient, base+"/page")
			if err != nil || got.Webmention != want {
				t.Errorf("got %q, %v; want %q", got.Webmention, err, want)
			}
		})
	}
}

func TestDiscoveryOfTheOldWays(t *testing.T) {
	t.Parallel()
	rdf := func(about, ping string) string {
		return `<!-- <rdf:RDF xmlns:rdf="x"><rdf:Description rdf:about="` + about + `" dc:identifier="` + about + `" dc:title="T" trackback:ping="` + ping + `" /></rdf:RDF> -->`
	}
	for name, c := range map[string]struct {
		page      func(base string) func(http.ResponseWriter, *http.Request)
		pingback  string
		trackback string
	}{
		"header": {func(string) func(http.ResponseWriter, *http.Request) {
			return page(`<link rel="pingback" href="/no">`, "X-Pingback: /xmlrpc.php")
		}, "/xmlrpc.php", ""},
		"link element": {func(base string) func(http.ResponseWriter, *http.Request) {
			return page(`<link rel="pingback" href="` + base + `/xmlrpc.php?a=1&amp;b=2" />`)
		}, "/xmlrpc.php?a=1&b=2", ""},
		"an a element is no pingback": {func(string) func(http.ResponseWriter, *http.Request) { return page(`<a rel="pingback" href="/no">`) }, "", ""},
		"rdf in a comment": {func(base string) func(http.ResponseWriter, *http.Request) {
			return page("<body>" + rdf(base+"/other", base+"/tb/1") + rdf(base+"/page", base+"/tb/2") + "</body>")
		}, "", "/tb/2"},
		"rdf of another page": {func(base string) func(http.ResponseWriter, *http.Request) {
			return page("<body>" + rdf(base+"/other", base+"/tb/1"))
		}, "", ""},
		"rel": {func(string) func(http.ResponseWriter, *http.Request) {
			return page(`<a href="/tb/3" rel="nofollow trackback">tb</a>`)
		}, "", "/tb/3"},
		"rdf before rel": {func(base string) func(http.ResponseWriter, *http.Request) {
			return page(`<a href="/tb/3" rel="trackback">tb</a>` + rdf(base+"/page", base+"/tb/4"))
		}, "", "/tb/4"},
		"ours is found": {func(base string) func(http.ResponseWriter, *http.Request) {
			return page(mention.RDF(base+"/page", "A -- <b>", base+"/tb/5?a=1&b=--"))
		}, "", "/tb/5?a=1&b=--"},
		"rdf as elements": {func(base string) func(http.ResponseWriter, *http.Request) {
			return page(strings.Trim(rdf(base+"/page", base+"/tb/6"), "<!->") + ">")
		}, "", "/tb/6"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := site{}
			base := s.start(t)
			s["/page"] = c.page(base)
			got, err := mention.Look(t.Context(), http.DefaultClient, base+"/page")
			for _, w := range []struct{ what, got, want string }{{"pingback", got.Pingback, c.pingback}, {"trackback", got.Trackback, c.trackback}} {
				want := w.want
				if want != "" {
					want = base + want
				}
				if err != nil || w.got != want {
					t.Errorf("%s: got %q, %v; want %q", w.what, w.got, err, want)
				}
			}
		})
	}
}

func TestAPageThatIsNotGivenTakesNothing(t *testing.T) {
	t.Parallel()
	base := site{"/page": func(rw http.ResponseWriter, r *http.Request) {
		rw.Header().Set("Link", "</wm>; rel=webmention")
		http.Error(rw, "no", http.StatusInternalServerError)
	}}.start(t)
	if got, err := mention.Look(t.Context(), http.DefaultClient, base+"/page"); err == nil || got.Any() {
		t.Errorf("got %+v, %v", got, err)
	}
}
