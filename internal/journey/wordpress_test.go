package journey_test

import (
	"bytes"
	"encoding/json"
	"html"
	"io"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/ponte-desk/ponte/internal/apptest"
	"github.com/ponte-desk/ponte/internal/network"
)

// wordpressSite is a real WordPress of the company, with its editor's account. Others write on it too: articles are told by their words.
type wordpressSite struct {
	address, password string
	words             string // in every article of this test
}

func newWordPress(t *testing.T, words string) *wordpressSite {
	t.Helper()
	s := &wordpressSite{address: os.Getenv("PONTE_TEST_WORDPRESS"), password: os.Getenv("PONTE_TEST_WORDPRESS_PASSWORD"), words: words}
	if s.address == "" {
		if os.Getenv("PONTE_TEST_REQUIRE") != "" {
			t.Fatal("PONTE_TEST_WORDPRESS is not set")
		}
		t.Skip("no WordPress: script/servers run --only postgres,bluesky,wordpress")
	}
	clear := func() {
		for _, a := range s.articles(t) {
			s.call(t, http.MethodDelete, "/posts/"+strconv.Itoa(a.ID)+"?force=true", nil)
		}
	}
	clear() // of a run before
	t.Cleanup(clear)
	return s
}

func (s *wordpressSite) join(t *testing.T, h *apptest.House) {
	t.Helper()
	found, err := h.Networks.Look(t.Context(), h.Owner.Actor(), network.Site, s.address)
	must(t, err)
	_, err = h.Networks.ConnectPassword(t.Context(), h.Owner.Actor(), found, "ponte", s.password)
	must(t, err)
}

func (s *wordpressSite) standing(t *testing.T) (out []posted) {
	t.Helper()
	for _, a := range s.articles(t) {
		out = append(out, posted{Text: a.Title.Rendered + "\n\n" + a.plain()})
	}
	return out
}

// article is one as WordPress shows it to everybody.
type article struct {
	ID       int
	Title    struct{ Rendered string }
	Content  struct{ Rendered string }
	Featured int `json:"featured_media"`
}

var tags = regexp.MustCompile(`<[^>]*>`)

func (a article) plain() string {
	return html.UnescapeString(tags.ReplaceAllString(a.Content.Rendered, ""))
}

// articles are those of this test, as a stranger reads them.
func (s *wordpressSite) articles(t *testing.T) (out []article) {
	t.Helper()
	var all []article
	s.call(t, http.MethodGet, "/posts?per_page=100&search="+url.QueryEscape(s.words), &all)
	for _, a := range all {
		if strings.Contains(a.plain(), s.words) {
			out = append(out, a)
		}
	}
	return out
}

// alt is how a picture of the site is described.
func (s *wordpressSite) alt(t *testing.T, id int) string {
	t.Helper()
	var m struct {
		Alt string `json:"alt_text"`
	}
	s.call(t, http.MethodGet, "/media/"+strconv.Itoa(id), &m)
	return m.Alt
}

func (s *wordpressSite) call(t *testing.T, method, path string, into any) {
	t.Helper()
	req, err := http.NewRequest(method, s.address+"/wp-json/wp/v2"+path, http.NoBody) // also when the test's own time is over
	must(t, err)
	if method != http.MethodGet {
		req.SetBasicAuth("ponte", s.password)
	}
	res, err := http.DefaultClient.Do(req)
	must(t, err)
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	must(t, err)
	if res.StatusCode != http.StatusOK {
		t.Fatalf("%s %s: %d %.300s", method, path, res.StatusCode, body)
	}
	if into != nil {
		// A word that PHP has about itself may stand in front.
		must(t, json.Unmarshal(body[max(bytes.IndexAny(body, "[{"), 0):], into))
	}
}
