package mention_test

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ponte-desk/ponte/internal/mention"
)

func TestReadCall(t *testing.T) {
	t.Parallel()
	call := func(params string) string {
		return `<?xml version="1.0"?><methodCall><methodName>pingback.ping</methodName><params>` + params + `</params></methodCall>`
	}
	two := `<param><value><string>https://b.example/</string></value></param><param><value>https://arno.example/?a=1&amp;b=2</value></param>`
	for name, c := range map[string]struct {
		body string
		code mention.Code // of the fault, 1 for none
	}{
		"as specified":             {call(two), 1},
		"with a byte order mark":   {"\ufeff \n" + call(two), 1},
		"in lines":                 {strings.ReplaceAll(call(two), "><", ">\n\t<"), 1},
		"latin-1":                  {strings.Replace(call(two), `"1.0"`, `"1.0" encoding="iso-8859-1"`, 1), 1},
		"one parameter":            {call(`<param><value>a</value></param>`), mention.FaultParameters},
		"a number":                 {call(`<param><value><int>1</int></value></param><param><value>a</value></param>`), mention.FaultParameters},
		"a third":                  {call(two + `<param><value>a</value></param>`), mention.FaultParameters},
		"no XML":                   {"source=a&target=b", mention.FaultNotXML},
		"nothing":                  {"", mention.FaultNotXML},
		"half of it":               {call(two)[:150], mention.FaultNotXML},
		"another document":         {`<rss version="2.0"/>`, mention.FaultNotACall},
		"no method":                {`<methodCall><params/></methodCall>`, mention.FaultNotACall},
		"entities of its own":      {`<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>` + call(`<param><value>&b;</value></param>`), mention.FaultNotXML},
		"an outside entity":        {`<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>` + call(`<param><value>&a;</value></param>`), mention.FaultNotXML},
		"too much":                 {call(`<param><value>` + strings.Repeat("a", 70<<10) + `</value></param>`), mention.FaultNotXML},
		"too deep":                 {call(`<param>` + strings.Repeat("<value><array><data>", 50) + strings.Repeat("</data></array></value>", 50) + `</param>`), mention.FaultNotXML},
		"a type that nobody knows": {call(`<param><value><secret>1</secret></value></param>`), mention.FaultNotXML},
		"elements in a string":     {call(`<param><value><string>a<b/>c</string></value></param>`), mention.FaultNotXML},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := mention.ReadCall(strings.NewReader(c.body))
			var params []string
			if err == nil {
				params, err = got.Strings(2)
			}
			f, _ := errors.AsType[*mention.Fault](err)
			switch {
			case c.code == 1 && (err != nil || got.Method != "pingback.ping" || !cmp.Equal(params, []string{"https://b.example/", "https://arno.example/?a=1&b=2"})):
				t.Errorf("got %+v, %v", got, err)
			case c.code != 1 && (f == nil || f.Code != c.code):
				t.Errorf("got %v, want fault %d", err, c.code)
			}
		})
	}
}

func TestCallsAndRepliesComeBack(t *testing.T) {
	t.Parallel()
	odd := `a & b <c> "d" ]]> è` + "\n"
	call, err := mention.ReadCall(strings.NewReader(string(mention.Call{Method: "x.y", Params: []any{odd, ""}}.XML())))
	if err != nil || call.Method != "x.y" || !cmp.Equal(call.Params, []any{odd, ""}) {
		t.Errorf("call: %+v, %v", call, err)
	}
	if said, err := mention.ReadReply(strings.NewReader(string(mention.PingbackReply(odd)))); err != nil || said != odd {
		t.Errorf("reply: %q, %v", said, err)
	}
	for _, code := range []mention.Code{
		mention.FaultOther, mention.FaultNoSource, mention.FaultNoLink, mention.FaultNoTarget, mention.FaultTarget, mention.FaultKnown, mention.FaultDenied,
		mention.FaultUpstream, mention.FaultMethod,
	} {
		_, err := mention.ReadReply(strings.NewReader(string((&mention.Fault{Code: code, Text: odd}).XML())))
		if f, ok := errors.AsType[*mention.Fault](err); !ok || f.Code != code || f.Text != odd {
			t.Errorf("fault %d: %v", code, err)
		}
	}
	if mention.FaultNoSource != 16 || mention.FaultNoLink != 17 || mention.FaultNoTarget != 32 || mention.FaultTarget != 33 || mention.FaultKnown != 48 || mention.FaultDenied != 49 || mention.FaultUpstream != 50 {
		t.Error("the faults have not the numbers of the specification")
	}
}

func TestSending(t *testing.T) {
	t.Parallel()
	type asked struct{ method, kind, body, query string }
	for name, c := range map[string]struct {
		way    mention.Protocol
		answer func(rw http.ResponseWriter, r *http.Request)
		want   mention.Outcome
		check  func(t *testing.T, base string, a mention.Answer, r asked)
	}{
		"a webmention taken": {mention.Webmention, func(rw http.ResponseWriter, _ *http.Request) {
			rw.Header().Set("Location", "/status/7")
			rw.WriteHeader(http.StatusCreated)
		}, mention.Taken, func(t *testing.T, base string, a mention.Answer, r asked) {
			if r.method != "POST" || !strings.HasPrefix(r.kind, "application/x-www-form-urlencoded") || r.query != "q=1" ||
				r.body != "source=https%3A%2F%2Fa.example%2F%3Fx%3D1%26y&target=https%3A%2F%2Fb.example%2F%23z" || a.StatusURL != base+"/status/7" {
				t.Errorf("asked %+v, answer %+v", r, a)
			}
		}},
		"a webmention looked at later": {mention.Webmention, func(rw http.ResponseWriter, _ *http.Request) { rw.WriteHeader(http.StatusAccepted) }, mention.Taken, nil},
		"a webmention refused": {
			mention.Webmention, func(rw http.ResponseWriter, _ *http.Request) { http.Error(rw, "no link\nfound", http.StatusBadRequest) }, mention.Refused,
			func(t *testing.T, _ string, a mention.Answer, _ asked) {
				if a.Says != "no link found" || a.Status != 400 {
					t.Errorf("answer %+v", a)
				}
			},
		},
		"a server in trouble": {mention.Webmention, func(rw http.ResponseWriter, _ *http.Request) { rw.WriteHeader(http.StatusBadGateway) }, mention.Later, nil},
		"too fast": {mention.Webmention, func(rw http.ResponseWriter, _ *http.Request) {
			rw.Header().Set("Retry-After", "90")
			rw.WriteHeader(http.StatusTooManyRequests)
		}, mention.Later, func(t *testing.T, _ string, a mention.Answer, _ asked) {
			if a.After != 90*time.Second {
				t.Errorf("answer %+v", a)
			}
		}},
		"sent on to a page": {mention.Webmention, func(rw http.ResponseWriter, r *http.Request) {
			if r.Method == http.MethodPost {
				http.Redirect(rw, r, "/home", http.StatusFound)
			}
		}, mention.Refused, nil},
		"sent on with what was sent": {mention.Webmention, func(rw http.ResponseWriter, r *http.Request) {
			if r.URL.Path != "/moved" {
				http.Redirect(rw, r, "/moved", http.StatusTemporaryRedirect)
			}
		}, mention.Taken, func(t *testing.T, _ string, _ mention.Answer, r asked) {
			if !strings.Contains(r.body, "source=") {
				t.Errorf("asked %+v", r)
			}
		}},
		"a pingback taken": {
			mention.Pingback, func(rw http.ResponseWriter, _ *http.Request) { _, _ = rw.Write(mention.PingbackReply("grazie")) }, mention.Taken,
			func(t *testing.T, _ string, a mention.Answer, r asked) {
				call, err := mention.ReadCall(strings.NewReader(r.body))
				if err != nil || r.kind != "text/xml" || call.Method != "pingback.ping" || !cmp.Equal(call.Params, []any{"https://a.example/?x=1&y", "https://b.example/#z"}) || a.Says != "grazie" {
					t.Errorf("asked %+v, %v, answer %+v", r, err, a)
				}
			},
		},
		"a pingback known": {mention.Pingback, func(rw http.ResponseWriter, _ *http.Request) {
			_, _ = rw.Write((&mention.Fault{Code: mention.FaultKnown, Text: "again"}).XML())
		}, mention.Known, nil},
		"a pingback refused": {mention.Pingback, func(rw http.ResponseWriter, _ *http.Request) {
			_, _ = rw.Write((&mention.Fault{Code: mention.FaultTarget, Text: "no"}).XML())
		}, mention.Refused, func(t *testing.T, _ string, a mention.Answer, _ asked) {
			if a.Fault != mention.FaultTarget || a.Says != "no" {
				t.Errorf("answer %+v", a)
			}
		}},
		"a pingback when another server failed": {mention.Pingback, func(rw http.ResponseWriter, _ *http.Request) {
			_, _ = rw.Write((&mention.Fault{Code: mention.FaultUpstream}).XML())
		}, mention.Later, nil},
		"a pingback to a page": {mention.Pingback, func(rw http.ResponseWriter, _ *http.Request) {
			rw.Header().Set("Content-Type", "text/html")
			_, _ = rw.Write([]byte("<h1>Benvenuti</h1>"))
		}, mention.Refused, func(t *testing.T, _ string, a mention.Answer, _ asked) {
			if a.Says != "Benvenuti" {
				t.Errorf("answer %+v", a)
			}
		}},
		"a trackback taken": {
			mention.TrackBack, func(rw http.ResponseWriter, _ *http.Request) { _, _ = rw.Write(mention.TrackbackReply("")) }, mention.Taken,
			func(t *testing.T, _ string, _ mention.Answer, r asked) {
				got, err := mention.ReadTrackback(r.kind, strings.NewReader(r.body))
				if err != nil || !cmp.Equal(got, mention.Trackback{URL: "https://a.example/?x=1&y", Title: "Titolo è", Excerpt: "parole", BlogName: "Arno"}) {
					t.Errorf("got %+v, %v", got, err)
				}
			},
		},
		"a trackback refused": {
			mention.TrackBack, func(rw http.ResponseWriter, _ *http.Request) {
				_, _ = rw.Write(mention.TrackbackReply("moderated & closed"))
			}, mention.Refused,
			func(t *testing.T, _ string, a mention.Answer, _ asked) {
				if a.Says != "moderated & closed" {
					t.Errorf("answer %+v", a)
				}
			},
		},
		"a trackback known": {mention.TrackBack, func(rw http.ResponseWriter, _ *http.Request) {
			_, _ = rw.Write(mention.TrackbackReply("There is already a ping from that URL for this post."))
		}, mention.Known, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var got asked
			srv := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
				b, _ := io.ReadAll(r.Body)
				got = asked{r.Method, r.Header.Get("Content-Type"), string(b), r.URL.RawQuery}
				c.answer(rw, r)
			}))
			defer srv.Close()
			const source, target = "https://a.example/?x=1&y", "https://b.example/#z"
			var a mention.Answer
			var err error
			switch endpoint := srv.URL + "/in?q=1"; c.way {
			case mention.Webmention:
				a, err = mention.SendWebmention(t.Context(), http.DefaultClient, endpoint, source, target)
			case mention.Pingback:
				a, err = mention.SendPingback(t.Context(), http.DefaultClient, endpoint, source, target)
			default:
				a, err = mention.SendTrackback(t.Context(), http.DefaultClient, endpoint, mention.Trackback{URL: source, Title: "Titolo è", Excerpt: "parole", BlogName: "Arno"})
			}
			if err != nil || a.Outcome != c.want || a.Protocol != c.way {
				t.Fatalf("got %+v, %v", a, err)
			}
			if c.check != nil {
				c.check(t, srv.URL, a, got)
			}
		})
	}
}

func TestReadTrackback(t *testing.T) {
	t.Parallel()
	const form = "application/x-www-form-urlencoded"
	got, err := mention.ReadTrackback(form+"; charset=iso-8859-1", strings.NewReader("url=https%3A%2F%2Fb.example%2F&title=Caff%E8&excerpt=%3Cscript%3Ex%3C%2Fscript%3E%3Cb%3Ebuono%3C%2Fb%3E&blog_name=B"))
	if err != nil || !cmp.Equal(got, mention.Trackback{URL: "https://b.example/", Title: "Caffè", Excerpt: "buono", BlogName: "B"}) {
		t.Errorf("got %+v, %v", got, err)
	}
	for name, c := range map[string][2]string{
		"no address": {form, "title=a"}, "no web": {form, "url=javascript:alert(1)"}, "no form": {"text/xml", "url=https://b.example/"},
		"too much": {form, "url=https://b.example/&excerpt=" + strings.Repeat("a", 70<<10)},
	} {
		if got, err := mention.ReadTrackback(c[0], strings.NewReader(c[1])); err == nil {
			t.Errorf("%s: %+v", name, got)
		}
	}
}
