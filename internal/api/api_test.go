package api_test

import (
	"encoding/json"
	"flag"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ponte-desk/ponte/internal/api"
	"github.com/ponte-desk/ponte/internal/housetest"
	"github.com/ponte-desk/ponte/internal/i18n"
	"github.com/ponte-desk/ponte/internal/once"
	"github.com/ponte-desk/ponte/internal/seal"
	"github.com/ponte-desk/ponte/internal/signin"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/storetest"
	"github.com/ponte-desk/ponte/internal/team"
)

var update = flag.Bool("update", false, "write the golden files")

// bench is a house with its API.
type bench struct {
	*housetest.House
	t      testing.TB
	api    *api.API
	Signin *signin.Signin
	Once   *once.Once
	rooms  api.Rooms
}

func setup(t testing.TB, s *store.Store) *bench {
	t.Helper()
	return setupWith(t, s, options())
}

// options let tests ask as fast as they can: their clock stands still.
func options() api.Options {
	return api.Options{
		BaseURL: "https://ponte.example", Version: "1.2.3", Rate: 1e6, Burst: 1e6, ConnectReturn: "https://ponte.example/channels/return",
		InvitationLink: func(token string) string { return "https://ponte.example/join/" + token },
	}
}

func setupWith(t testing.TB, s *store.Store, o api.Options) *bench {
	t.Helper()
	return setupHouse(t, s, o, housetest.Options{})
}

func setupHouse(t testing.TB, s *store.Store, o api.Options, in housetest.Options) *bench {
	t.Helper()
	b := &bench{House: housetest.New(t, s, in), t: t}
	ring, err := seal.Open(seal.Options{Dir: t.TempDir()})
	b.must(err)
	b.Signin = signin.New(s, b.Team, ring, b.Clock, signin.Options{})
	b.Once = once.New(s, ring, b.Clock, b.Team)
	catalog, err := i18n.Load()
	b.must(err)
	b.rooms = api.Rooms{
		Team: b.Team, Signin: b.Signin, Networks: b.Networks, Archives: b.Archives, Deliveries: b.Deliveries, Audience: b.Audience, Inbox: b.Inbox, Growth: b.Growth, Posts: b.Posts, Reach: b.Reach, Links: b.Links, Linkbacks: b.Linkbacks, Presence: b.Presence, Verdicts: b.Verdicts, Webhooks: b.Webhooks, Leads: b.Leads, Report: b.Report, Media: b.Media,
		Live: b.Live, Once: b.Once, Catalog: catalog, Clock: b.Clock, Log: storetest.Log(),
	}
	b.api = api.New(b.rooms, o)
	return b
}

func (b *bench) must(err error) {
	b.t.Helper()
	if err != nil {
		b.t.Fatal(err)
	}
}

// token makes a token for the member in a role; without scopes it has all that the role may.
func (b *bench) token(r team.Role, scopes ...team.Permission) string {
	b.t.Helper()
	if len(scopes) == 0 {
		for _, p := range team.Permissions {
			if r.Can(p) {
				scopes = append(scopes, p)
			}
		}
	}
	_, secret, err := b.Signin.CreateToken(b.t.Context(), b.Actors[r], signin.CreateTokenIn{Name: "test", Scopes: scopes})
	b.must(err)
	return secret
}

// got is an answer.
type got struct {
	status int
	header http.Header
	body   string
}

// problem reads an answer as an error.
func (g got) problem(t *testing.T) api.Problem {
	t.Helper()
	var p api.Problem
	if err := json.Unmarshal([]byte(g.body), &p); err != nil || g.header.Get("Content-Type") != "application/problem+json" {
		t.Fatalf("not a problem: %d %s %q (%v)", g.status, g.header.Get("Content-Type"), g.body, err)
	}
	return p
}

// into reads an answer that must have a status.
func into[T any](t *testing.T, g got, status int) (out T) {
	t.Helper()
	if g.status != status {
		t.Fatalf("%d, want %d: %s", g.status, status, g.body)
	}
	if err := json.Unmarshal([]byte(g.body), &out); err != nil {
		t.Fatalf("%v: %s", err, g.body)
	}
	return out
}

// ask sends a request; headers are names and values in turn.
func (b *bench) ask(token, method, path, body string, headers ...string) got {
	b.t.Helper()
	return ask(b.t, b.api, token, method, path, body, headers...)
}

func ask(t testing.TB, h http.Handler, token, method, path, body string, headers ...string) got {
	t.Helper()
	var in io.Reader
	if body != "" {
		in = strings.NewReader(body)
	}
	r := httptest.NewRequestWithContext(t.Context(), method, path, in)
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	rec := httptest.NewRecorder()
	h.ServeHTTP(rec, r)
	return got{rec.Code, rec.Header(), rec.Body.String()}
}

// talk lets a stranger write and gives the conversation.
func (b *bench) talk(handle, text string) string {
	b.t.Helper()
	_, err := b.Stranger(handle).Mention(b.t.Context(), text)
	b.must(err)
	b.Read()
	var l struct {
		Items []api.Conversation `json:"items"`
	}
	g := b.ask(b.token(team.Owner), "GET", "/api/v1/conversations?view=all", "")
	if err := json.Unmarshal([]byte(g.body), &l); err != nil || len(l.Items) == 0 {
		b.t.Fatal(g)
	}
	return l.Items[0].ID
}

func TestOpenAPIGolden(t *testing.T) {
	t.Parallel()
	b := setup(t, storetest.SQLite(t))
	g := b.ask("", "GET", "/api/openapi.json", "")
	if g.status != 200 || !strings.HasPrefix(g.header.Get("Content-Type"), "application/openapi+json") {
		t.Fatal(g.status, g.header)
	}
	if *update {
		b.must(os.WriteFile("testdata/openapi.json", []byte(g.body), 0o644))
	}
	want, err := os.ReadFile("testdata/openapi.json")
	b.must(err)
	if diff := cmp.Diff(string(want), g.body); diff != "" {
		t.Fatal("testdata/openapi.json (-) and what is served (+) differ; go test ./internal/api -update writes it anew:\n" + diff)
	}
}
