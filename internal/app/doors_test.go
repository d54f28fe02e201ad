package app_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"github.com/ponte-desk/ponte/internal/apptest"
	"github.com/ponte-desk/ponte/internal/i18n"
	"github.com/ponte-desk/ponte/internal/public"
	"github.com/ponte-desk/ponte/internal/web"
)

// The public door takes no address away from the desk.
func TestTheDoorsStandBesideEachOther(t *testing.T) {
	t.Parallel()
	catalog, err := i18n.Load()
	if err != nil {
		t.Fatal(err)
	}
	desk, err := web.New(web.Rooms{Catalog: catalog}, web.Options{})
	if err != nil {
		t.Fatal(err)
	}
	strangers, err := public.New(public.Rooms{Catalog: catalog}, public.Options{})
	if err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	strangers.Mount(mux)
	routes := desk.Routes()
	if len(routes) < 40 {
		t.Fatalf("the desk has only %d routes", len(routes))
	}
	part := regexp.MustCompile(`\{[^}]*\}`)
	for _, pattern := range routes {
		method, path, _ := strings.Cut(pattern, " ")
		path = part.ReplaceAllString(strings.ReplaceAll(path, "{$}", ""), "x")
		if _, taken := mux.Handler(httptest.NewRequest(method, path, nil)); taken != "" {
			t.Errorf("%s of the desk is taken by %s", pattern, taken)
		}
	}
}

// Who is signed in sees the page of their company before it is open; nobody else does, and nobody is given a cookie.
func TestMembersSeeTheirPageBeforeItIsOpen(t *testing.T) {
	t.Parallel()
	apptest.Each(t, func(t *testing.T, database string) {
		h := apptest.Start(t, apptest.Options{Database: database})
		ask := func(c *http.Client, path string) (int, string, http.Header) {
			t.Helper()
			res, err := c.Get(h.URL() + path)
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = res.Body.Close() }()
			b, err := io.ReadAll(res.Body)
			if err != nil {
				t.Fatal(err)
			}
			return res.StatusCode, string(b), res.Header
		}
		stranger := h.Browser("")
		for _, path := range []string{"/crescita", "/growth", "/record/", "/record/checkpoint", "/sample/crescita"} {
			status, body, head := ask(stranger, path)
			if status != http.StatusNotFound || strings.Contains(body, "Ceramiche Arno") || head.Get("Set-Cookie") != "" {
				t.Errorf("%s for a stranger: %d, %q", path, status, head.Get("Set-Cookie"))
			}
		}
		status, body, head := ask(h.Owner.Client, "/crescita")
		if status != http.StatusOK || !strings.Contains(body, "non è ancora aperta") || !strings.Contains(head.Get("Cache-Control"), "no-store") {
			t.Errorf("for a member: %d, %q", status, head.Get("Cache-Control"))
		}
		if status, _, _ := ask(h.Browser("not-a-session"), "/crescita"); status != http.StatusNotFound {
			t.Errorf("with a session that is none: %d", status)
		}
		s, err := h.Growth.Settings(t.Context(), h.Owner.Actor())
		if err == nil {
			s.Open = true
			err = h.Growth.ChangeSettings(t.Context(), h.Owner.Actor(), s)
		}
		if err != nil {
			t.Fatal(err)
		}
		if status, body, head := ask(stranger, "/crescita"); status != http.StatusOK || strings.Contains(body, "non è ancora aperta") || head.Get("Set-Cookie") != "" {
			t.Errorf("open, for a stranger: %d", status)
		}
		// What was at the root stays: strangers come to the desk's door.
		if status, _, head := ask(stranger, "/"); status != http.StatusSeeOther || head.Get("Location") != "/sign-in" {
			t.Errorf("the root: %d to %q", status, head.Get("Location"))
		}
		if status, body, _ := ask(stranger, "/robots.txt"); status != http.StatusOK || !strings.Contains(body, "Allow: /crescita") {
			t.Errorf("robots: %d %q", status, body)
		}
	})
}
