package static_test

import (
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/ponte-desk/ponte/internal/web/static"
)

func get(t *testing.T, a *static.Assets, method, url string, header ...string) *http.Response {
	t.Helper()
	r := httptest.NewRequest(method, url, nil)
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	a.ServeHTTP(w, r)
	return w.Result()
}

func body(t *testing.T, r io.Reader) string {
	t.Helper()
	b, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestHashedFilesAreKeptForEver(t *testing.T) {
	t.Parallel()
	a, err := static.New()
	if err != nil {
		t.Fatal(err)
	}
	url := a.URL("ponte.css")
	if !regexp.MustCompile(`^/static/ponte\.[0-9a-f]{10}\.css$`).MatchString(url) {
		t.Fatalf("address %q is not hashed", url)
	}
	plain := get(t, a, http.MethodGet, url)
	if plain.StatusCode != http.StatusOK || !strings.Contains(plain.Header.Get("Cache-Control"), "immutable") {
		t.Fatalf("hashed: %d %q", plain.StatusCode, plain.Header.Get("Cache-Control"))
	}
	zipped := get(t, a, http.MethodGet, url, "Accept-Encoding", "gzip, br")
	z, err := gzip.NewReader(zipped.Body)
	if err != nil {
		t.Fatal(err)
	}
	if body(t, z) != body(t, plain.Body) {
		t.Error("the compressed file differs from the plain one")
	}
	if got := get(t, a, http.MethodGet, "/static/ponte.css").Header.Get("Cache-Control"); got != "no-cache" {
		t.Errorf("the plain name is cached: %q", got)
	}
	tag := plain.Header.Get("ETag")
	if got := get(t, a, http.MethodGet, url, "If-None-Match", tag).StatusCode; got != http.StatusNotModified {
		t.Errorf("known tag answered %d", got)
	}
}

func TestNothingElseIsServed(t *testing.T) {
	t.Parallel()
	a, err := static.New()
	if err != nil {
		t.Fatal(err)
	}
	for _, url := range []string{"/static/", "/static/static.go", "/static/../static.go", "/static/ponte.0000000000.css", "/static/fonts/"} {
		if got := get(t, a, http.MethodGet, url).StatusCode; got != http.StatusNotFound {
			t.Errorf("%s answered %d", url, got)
		}
	}
	if got := get(t, a, http.MethodPost, a.URL("ponte.css")).StatusCode; got != http.StatusMethodNotAllowed {
		t.Errorf("POST answered %d", got)
	}
}

func TestEveryAddressInTheStylesExists(t *testing.T) {
	t.Parallel()
	a, err := static.New()
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	for _, name := range []string{"tokens.css", "ponte.css", "pages.css", "post.css", "plan.css"} {
		css := body(t, get(t, a, http.MethodGet, a.URL(name)).Body)
		for _, m := range regexp.MustCompile(`url\("?([^")#][^")]*)"?\)`).FindAllStringSubmatch(css, -1) {
			found++
			if got := get(t, a, http.MethodGet, m[1]); got.StatusCode != http.StatusOK || got.Header.Get("Content-Type") != "font/woff2" {
				t.Errorf("%s names %s: %d", name, m[1], got.StatusCode)
			}
		}
	}
	if found != 3 {
		t.Errorf("found %d fonts, want 3", found)
	}
}

func TestDevelopmentReadsTheDiskAgain(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	at := filepath.Join(dir, "ponte.css")
	for _, text := range []string{"a{color:red}", "a{color:blue}"} {
		if err := os.WriteFile(at, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		a, err := static.FromDisk(dir)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(at, []byte(text+"b{}"), 0o600); err != nil {
			t.Fatal(err)
		}
		res := get(t, a, http.MethodGet, a.URL("ponte.css"))
		if got := body(t, res.Body); got != text+"b{}" || res.Header.Get("Cache-Control") != "no-cache" {
			t.Errorf("got %q, %q", got, res.Header.Get("Cache-Control"))
		}
	}
}
