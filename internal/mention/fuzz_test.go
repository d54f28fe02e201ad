package mention_test

import (
	"bytes"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/ponte-desk/ponte/internal/mention"
)

// onWeb tells whether an address that goes further into the house is one of the web.
func onWeb(s string) bool {
	u, err := url.Parse(s)
	return s == "" || err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Host != "" && u.User == nil
}

func FuzzHTML(f *testing.F) {
	for _, s := range []string{
		`<div class="h-feed"><div class="h-entry"><a class="u-in-reply-to h-cite" href="https://arno.example/vasi">x</a><p class="p-author h-card">A</p><p class="dt-published"><span class="value">2026-11-20</span></p><div class="e-content">c</div></div></div>`,
		`<base href="//c"><link rel="webmention" href="x"><a rel=webmention href>`, `<!-- <rdf:Description dc:identifier="https://arno.example/vasi" trackback:ping="/t"> -->`,
		`<article class="hentry"><a rel=bookmark href=1></a><span class="author vcard"><a class="fn url" href="https://x@y/">q</a></span>`,
		`<img class="h-card" alt>` + strings.Repeat("<b>", 600), "<template><svg><a href='https://arno.example/vasi'>",
	} {
		f.Add([]byte(s), "")
	}
	f.Add([]byte(`<p>x`), `</a>; rel="a, b" ;rel=webmention, <b>;x;rel="webmention`)
	f.Fuzz(func(t *testing.T, b []byte, header string) {
		const target = "https://arno.example/vasi"
		u, _ := url.Parse("https://b.example/d/page")
		p := mention.Page{URL: u, Status: http.StatusOK, MIME: "text/html", Body: b, Links: []string{header}, Ping: header}
		e := mention.Discover(p, target)
		for _, s := range []string{e.Webmention, e.Pingback, e.Trackback} {
			if !onWeb(s) {
				t.Fatalf("endpoint %q", s)
			}
		}
		m := mention.Understand(p, target)
		for _, s := range []string{m.URL, m.Author.URL, m.Author.Photo} {
			if !onWeb(s) {
				t.Fatalf("address %q", s)
			}
		}
		if m.Kind == "" || m.Author.Name == "" || len([]rune(m.Title)) > 2000 || !utf8.ValidString(m.Title) && utf8.Valid(b) {
			t.Fatalf("%+v", m)
		}
		linked := false
		for _, l := range mention.Links(u.String(), string(b)) {
			if !onWeb(l) {
				t.Fatalf("link %q", l)
			}
			linked = linked || l == target
		}
		if linked && !mention.Mentions(p, target) {
			t.Fatal("a link that is not one")
		}
	})
}

func FuzzXMLRPC(f *testing.F) {
	f.Add(mention.Call{Method: "pingback.ping", Params: []any{"a", "b"}}.XML())
	f.Add(mention.PingbackReply("x"))
	f.Add((&mention.Fault{Code: 17, Text: "no"}).XML())
	f.Add([]byte(`<methodCall><methodName>a</methodName><params><param><value><array><data><value><struct><member><name>a</name><value><base64>eA==</base64></value></member></struct></value></data></array></value></param></params></methodCall>`))
	f.Fuzz(func(t *testing.T, b []byte) {
		call, err := mention.ReadCall(bytes.NewReader(b))
		if err == nil {
			if call.Method == "" {
				t.Fatal("no method")
			}
			if params, err := call.Strings(2); err == nil {
				again, err := mention.ReadCall(bytes.NewReader(mention.Call{Method: call.Method, Params: []any{params[0], params[1]}}.XML()))
				if err != nil || again.Method != call.Method {
					t.Fatalf("%q came back as %q, %v", call.Method, again.Method, err)
				}
			}
		}
		_, _ = mention.ReadReply(bytes.NewReader(b))
	})
}

func FuzzTrackback(f *testing.F) {
	f.Add("application/x-www-form-urlencoded; charset=iso-8859-1", []byte("url=https%3A%2F%2Fb.example%2F&title=Caff%E8"))
	f.Add("application/x-www-form-urlencoded", []byte("url=http://b&excerpt=<b>x&charset=utf-16"))
	f.Fuzz(func(t *testing.T, kind string, b []byte) {
		got, err := mention.ReadTrackback(kind, bytes.NewReader(b))
		if err == nil && (!onWeb(got.URL) || !utf8.ValidString(got.Title+got.Excerpt+got.BlogName)) {
			t.Fatalf("%+v", got)
		}
	})
}
