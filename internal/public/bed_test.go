package public_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/ponte-desk/ponte/internal/clock"
	"github.com/ponte-desk/ponte/internal/i18n"
	"github.com/ponte-desk/ponte/internal/public"
	"github.com/ponte-desk/ponte/internal/storetest"
	"github.com/ponte-desk/ponte/internal/team"
	"github.com/ponte-desk/ponte/internal/team/teamtest"
	"github.com/ponte-desk/ponte/internal/web/static"
)

// base is where the pages of these tests say that they stand.
const base = "https://ponte.example"

// door is the public door on a port.
type door struct {
	t      testing.TB
	server *httptest.Server
	clock  *clock.Manual
}

// serve puts the door on a port, with the assets beside it.
func serve(t testing.TB, rooms public.Rooms, o public.Options) *door {
	t.Helper()
	catalog, err := i18n.Load()
	if err != nil {
		t.Fatal(err)
	}
	rooms.Catalog, rooms.Log = catalog, storetest.Log()
	p, err := public.New(rooms, o)
	if err != nil {
		t.Fatal(err)
	}
	assets, err := static.New()
	if err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	p.Mount(mux)
	mux.Handle(static.Prefix, assets)
	d := &door{t: t, server: httptest.NewServer(mux)}
	d.clock, _ = rooms.Clock.(*clock.Manual)
	t.Cleanup(func() {
		d.server.Close()
		if missing := catalog.Missing(); len(missing) > 0 {
			t.Errorf("sentences that are not there: %v", missing)
		}
	})
	return d
}

// made is a door on made up content.
func made(t testing.TB, with func(t testing.TB, c team.Company) *told) (*door, *told, *teamtest.Bed) {
	t.Helper()
	b := teamtest.New(t, storetest.SQLite(t))
	f := with(t, b.Company)
	return serve(t, public.Rooms{Team: b.Team, Growth: f, Clock: b.Clock}, public.Options{BaseURL: base}), f, b
}

// answer is what came back.
type answer struct {
	status int
	header http.Header
	body   string
}

func (d *door) do(method, path string, form url.Values, head ...string) answer {
	d.t.Helper()
	var body io.Reader
	if form != nil {
		body = strings.NewReader(form.Encode())
	}
	r, err := http.NewRequestWithContext(context.WithoutCancel(d.t.Context()), method, d.server.URL+path, body)
	if err != nil {
		d.t.Fatal(err)
	}
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Sec-Fetch-Site", "same-origin")
	}
	for i := 0; i+1 < len(head); i += 2 {
		r.Header.Set(head[i], head[i+1])
	}
	c := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	res, err := c.Do(r)
	if err != nil {
		d.t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		d.t.Fatal(err)
	}
	return answer{status: res.StatusCode, header: res.Header, body: string(text)}
}

func (d *door) get(path string, head ...string) answer {
	d.t.Helper()
	return d.do(http.MethodGet, path, nil, head...)
}

// is checks the status.
func (a answer) is(t testing.TB, what string, status int) answer {
	t.Helper()
	if a.status != status {
		t.Fatalf("%s: %d, want %d\n%s", what, a.status, status, a.told())
	}
	return a
}

var tags = regexp.MustCompile(`<[^>]*>`)

// told is what a person would read of an answer, cut.
func (a answer) told() string {
	s := a.body
	if _, inside, ok := strings.Cut(s, `<main`); ok {
		s = strings.Join(strings.Fields(tags.ReplaceAllString("<"+inside, " ")), " ")
	}
	return s[:min(len(s), 1500)]
}

// says checks that a page holds these words.
func (a answer) says(t testing.TB, what string, words ...string) answer {
	t.Helper()
	for _, w := range words {
		if !strings.Contains(a.body, w) {
			t.Errorf("%s does not say %q:\n%s", what, w, a.told())
		}
	}
	return a
}
