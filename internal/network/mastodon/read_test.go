package mastodon

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/ponte-desk/ponte/internal/network"
)

func TestParseLink(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, header, newest, older string }{
		{"none", "", "", ""},
		{"both", `<https://m.example/api/v1/notifications?limit=40&max_id=01A>; rel="next", <https://m.example/api/v1/notifications?limit=40&min_id=01B>; rel="prev"`, "01B", "01A"},
		{"since", `<https://m.example/x?since_id=7>; rel="prev"`, "7", ""},
		{"without quotes and with more", `<https://m.example/x?max_id=7>; title="a, b; c"; rel=next`, "", "7"},
		{"several relations", `<https://m.example/x?max_id=7>; rel="last NEXT"`, "", "7"},
		{"commas inside", `<https://m.example/x?a=1,2&max_id=7>; rel="next"`, "", "7"},
		{"broken", `<https://m.example/x?max_id=7; rel="next"`, "", ""},
		{"no address", `<:>; rel="next", <https://m.example/x?max_id=8>; rel="next"`, "", "8"},
	} {
		newest, older := pages(answer{header: http.Header{"Link": {tt.header}}})
		if newest != tt.newest || older != tt.older {
			t.Errorf("%s: %q, %q; want %q, %q", tt.name, newest, older, tt.newest, tt.older)
		}
	}
}

func FuzzParseLink(f *testing.F) {
	f.Add(`<https://m.example/x?max_id=7>; rel="next", <https://m.example/x?min_id=8>; rel="prev"`)
	f.Add(`<a>;"\",<b>;rel=`)
	f.Fuzz(func(t *testing.T, s string) {
		for rel, u := range parseLink(s) {
			if u == nil || rel != strings.ToLower(rel) {
				t.Errorf("%q: %v", rel, u)
			}
		}
	})
}

func FuzzCursor(f *testing.F) {
	f.Add(`{"v":1,"n":{"f":"5","b":"1"},"o":{"d":true},"c":{"x":true}}`)
	f.Add("")
	f.Fuzz(func(t *testing.T, s string) {
		c, err := parseCursor(s)
		if err != nil {
			return
		}
		again, err := parseCursor(c.String())
		if err != nil {
			t.Fatalf("its own writing %q is not read: %v", c.String(), err)
		}
		if !utf8.ValidString(s) {
			return // JSON has only valid text
		}
		if diff := cmp.Diff(c, again); diff != "" {
			t.Error(diff)
		}
	})
}

// FuzzStatus reads whatever a server may send as a status.
func FuzzStatus(f *testing.F) {
	f.Add(`{"id":"1","content":"<p>hi <a href=\"https://a.it\">a</a><br>x</p>","account":{"id":"2","acct":"ada"},"created_at":"2026-11-22T18:17:32.741Z","media_attachments":[{"type":"image","meta":null}],"mentions":[{"id":"3","acct":"b@c"}]}`)
	f.Add(`{"id":7,"content":"<","account":{},"quote":{"quoted_status":null},"poll":{"options":[{"title":"a"}]}}`)
	f.Fuzz(func(t *testing.T, s string) {
		var st status
		if json.Unmarshal([]byte(s), &st) != nil {
			return
		}
		m := &self{account: account{ID: "3"}, domain: "m.example"}
		it := m.item(&st)
		if it.RemoteID != string(st.ID) || it.Version == "" || it.Kind == "" {
			t.Errorf("%+v", it)
		}
		if n := (&notification{Type: "favourite", Status: &st}); true {
			if like, ok := m.silent(n); !ok || isStatus(like.RemoteID) {
				t.Errorf("%+v", like)
			}
		}
	})
}

func TestVersion(t *testing.T) {
	t.Parallel()
	base := func() *status {
		return &status{ID: "1", Content: "<p>a</p>", Visibility: "public", Media: []attachment{{ID: "2", Description: "alt", URL: "https://m.example/1"}}}
	}
	want := version(base())
	for name, change := range map[string]func(*status){
		"words": func(s *status) { s.Content = "<p>b</p>" }, "warning": func(s *status) { s.SpoilerText = "w" },
		"edited": func(s *status) { s.EditedAt = "2026-11-22T18:17:32.741Z" }, "alt text": func(s *status) { s.Media[0].Description = "other" },
		"file": func(s *status) { s.Media = nil }, "visibility": func(s *status) { s.Visibility = "private" },
	} {
		s := base()
		if change(s); version(s) == want {
			t.Errorf("another %s has the same version", name)
		}
	}
	for name, change := range map[string]func(*status){
		"address of a file": func(s *status) { s.Media[0].URL = "https://cdn.example/1" }, "name": func(s *status) { s.Account.DisplayName = "Ada" },
	} {
		s := base()
		if change(s); version(s) != want {
			t.Errorf("another %s has another version", name)
		}
	}
}

func FuzzBell(f *testing.F) {
	f.Add([]byte(`{"stream":["user"],"event":"delete","payload":"123"}`))
	f.Add([]byte(`{"event":"status.update","payload":"{\"id\":\"5\"}"}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		if bell, ok := bell(b, "1"); ok {
			for _, id := range bell.RemoteIDs {
				if !isStatus(id) {
					t.Errorf("id %q", id)
				}
			}
		}
	})
}

func TestBell(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		event string
		rings bool
		ids   []string
	}{
		{`{"event":"notification","payload":"{}"}`, true, nil},
		{`{"event":"conversation","payload":"{}"}`, true, nil},
		{`{"event":"delete","payload":"123"}`, true, []string{"123"}},
		{`{"event":"delete","payload":123}`, true, []string{"123"}},
		{`{"event":"delete","payload":"../x"}`, false, nil},
		{`{"event":"status.update","payload":"{\"id\":\"5\",\"account\":{\"id\":\"9\"}}"}`, true, []string{"5"}},
		{`{"event":"update","payload":"{\"id\":\"5\",\"account\":{\"id\":\"9\"}}"}`, false, nil},
		{`{"event":"update","payload":"{\"id\":\"5\",\"account\":{\"id\":\"1\"}}"}`, true, nil},
		{`{"event":"filters_changed"}`, false, nil},
		{`{"error":"Unknown stream type","status":400}`, false, nil},
		{`nonsense`, false, nil},
	} {
		b, ok := bell([]byte(tt.event), "1")
		if ok != tt.rings || !cmp.Equal(b.RemoteIDs, tt.ids) {
			t.Errorf("%s: %v %v", tt.event, ok, b.RemoteIDs)
		}
	}
}

func TestMoment(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 22, 18, 20, 0, 0, time.UTC)
	for v, want := range map[string]time.Time{
		"":                              {},
		"2026-11-22T18:24:08.000Z":      time.Date(2026, 11, 22, 18, 24, 8, 0, time.UTC),
		"2026-11-22T18:25:00.123456Z":   time.Date(2026, 11, 22, 18, 25, 0, 123456000, time.UTC),
		"300":                           now.Add(5 * time.Minute),
		"0":                             now,
		"1795371848":                    time.Date(2026, 11, 22, 18, 24, 8, 0, time.UTC),
		"Sun, 22 Nov 2026 18:24:08 GMT": time.Date(2026, 11, 22, 18, 24, 8, 0, time.UTC),
		"-5":                            {},
		"soon":                          {},
		"2036-11-22T18:24:08.000Z":      {},
		"999999999":                     {},
	} {
		if got := moment(v, now); !got.Equal(want) {
			t.Errorf("moment(%q) = %v, want %v", v, got, want)
		}
	}
}

func TestParseAddress(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]typed{
		"mastodon.example":            {"https://mastodon.example", ""},
		"Mastodon.Example":            {"https://mastodon.example", ""},
		"@ada@mastodon.example":       {"https://mastodon.example", "ada"},
		"ada@mastodon.example":        {"https://mastodon.example", "ada"},
		"acct:ada@mastodon.example":   {"https://mastodon.example", "ada"},
		"https://mastodon.example":    {"https://mastodon.example", ""},
		"https://m.example/@ada":      {"https://m.example", "ada"},
		"https://m.example/@ada/123":  {"https://m.example", "ada"},
		"https://m.example/@b@c.org":  {"https://m.example", ""},
		"http://localhost:18080":      {"http://localhost:18080", ""},
		"http://127.0.0.1:18080/@ada": {"http://127.0.0.1:18080", "ada"},
		"gotosocial:8080":             {"https://gotosocial:8080", ""},
		"m.example/":                  {"https://m.example", ""},
	} {
		if got, err := parseAddress(in); err != nil || got != want {
			t.Errorf("parseAddress(%q) = %+v, %v; want %+v", in, got, err, want)
		}
	}
	for _, in := range []string{
		"", "@", "ada", "@ada", "a b", "ftp://m.example", "javascript:alert(1)", "https://u:p@m.example", "http://", "https://", "@a@b@c.example",
		"m..example", ".example", "mailto:a@b.example?x", "file:///etc/passwd", strings.Repeat("a", 3000) + ".example",
	} {
		got, err := parseAddress(in)
		if p, ok := err.(*network.Problem); !ok || p.Key != network.ProblemAddress || p.Verdict != network.Never {
			t.Errorf("parseAddress(%q) = %+v, %v", in, got, err)
		}
	}
}

func FuzzParseAddress(f *testing.F) {
	f.Add("@ada@mastodon.example")
	f.Add("http://[::1]:80/@a")
	f.Fuzz(func(t *testing.T, s string) {
		got, err := parseAddress(s)
		if err == nil && (!strings.HasPrefix(got.base, "http://") && !strings.HasPrefix(got.base, "https://") || strings.HasSuffix(got.base, "/")) {
			t.Errorf("parseAddress(%q) = %+v", s, got)
		}
	})
}

func TestStreamURL(t *testing.T) {
	t.Parallel()
	for _, tt := range [][3]string{
		{"https://m.example", "wss://streaming.m.example", "wss://streaming.m.example"},
		{"https://m.example", "ws://m.example", "wss://m.example"},
		{"http://localhost:18080", "wss://localhost:18080", "ws://localhost:18080"},
		{"https://m.example", "", "wss://m.example"},
		{"https://m.example", "javascript:x", "wss://m.example"},
	} {
		c := &client{srv: &server{base: tt[0]}}
		if got := c.streamURL(tt[1]); got != tt[2] {
			t.Errorf("%q says %q: %q, want %q", tt[0], tt[1], got, tt[2])
		}
	}
}
