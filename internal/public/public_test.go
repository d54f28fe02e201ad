package public_test

import (
	"context"
	"encoding/json"
	"encoding/xml"
	"flag"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ponte-desk/ponte/internal/clock"
	"github.com/ponte-desk/ponte/internal/growth"
	"github.com/ponte-desk/ponte/internal/public"
	"github.com/ponte-desk/ponte/internal/record"
	"github.com/ponte-desk/ponte/internal/storetest"
	"github.com/ponte-desk/ponte/internal/team"
	"github.com/ponte-desk/ponte/internal/team/teamtest"
)

var update = flag.Bool("update", false, "write the golden files anew")

var hashes = regexp.MustCompile(`(/static/[a-z/-]+)\.[0-9a-f]{10}\.`)

// golden compares with a file of testdata; addresses of assets change with their content.
func golden(t *testing.T, name, got string) {
	t.Helper()
	got = hashes.ReplaceAllString(got, "$1.")
	if strings.HasSuffix(name, ".html") {
		got = strings.ReplaceAll(got, "><", ">\n<") + "\n" // so that a difference can be read
	}
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", name, diff)
	}
}

func TestWhatIsDrawn(t *testing.T) {
	t.Parallel()
	d, _, _ := made(t, arno)
	for name, path := range map[string]string{
		"crescita.html": "/crescita", "growth.html": "/growth", "voce.html": "/crescita/3", "entry.html": "/growth/8", "embed.html": "/crescita/embed",
		"crescita.atom": "/crescita/feed.atom", "growth.atom": "/growth/feed.atom", "crescita.feed.json": "/crescita/feed.json", "growth.feed.json": "/growth/feed.json",
	} {
		golden(t, name, d.get(path).is(t, path, http.StatusOK).body)
	}
	bare, _, _ := made(t, func(_ testing.TB, c team.Company) *told { return fresh(c) })
	golden(t, "fresh.html", bare.get("/crescita").is(t, "a new company", http.StatusOK).body)
}

var (
	data     = regexp.MustCompile(`<script type="application/ld\+json">([^<]*)</script>`)
	inlined  = regexp.MustCompile(`(?i)\sstyle\s*=|<style|\son[a-z]+\s*=|javascript:|<script(?:\s[^>]*)?>[^<]`)
	iconUse  = regexp.MustCompile(`<use href="([^"#]+)#([^"]+)"`)
	ids      = regexp.MustCompile(`\sid="([^"]*)"`)
	refersTo = regexp.MustCompile(`\s(?:for|aria-labelledby|aria-describedby)="([^"]*)"`)
	untold   = regexp.MustCompile(`\[[a-z]+(?:\.[a-z0-9_]+)+\]|no value`)
)

// everywhere are pages in every state, by what they are made of.
var everywhere = []string{
	"/crescita", "/growth", "/crescita/8", "/growth/3", "/crescita/embed", "/record/?lang=it", "/record/?lang=en",
	"/record/find?lang=it&address=https://social.example/@elena/37", "/record/find?lang=en&address=https://nowhere.example/1", "/record/find?address=", "/record/find?lang=en&address=mailto:x@example.org",
	"/c/kept-token-of-elena?lang=it", "/c/not-published?lang=en", "/crescita/999", "/growth/x", "/c/nothing",
}

func TestEveryPageKeepsTheRules(t *testing.T) {
	t.Parallel()
	sheet, err := os.ReadFile(filepath.Join("..", "web", "static", "icons.svg"))
	if err != nil {
		t.Fatal(err)
	}
	for name, with := range map[string]func(testing.TB, team.Company) *told{
		"arno": arno, "crowded": func(t testing.TB, c team.Company) *told { return crowded(arno(t, c)) },
		"fresh": func(_ testing.TB, c team.Company) *told { return fresh(c) },
	} {
		d, _, _ := made(t, with)
		paths := everywhere
		if name == "crowded" {
			paths = append([]string{"/crescita?from=16", "/growth?from=32"}, paths...)
		}
		for _, path := range paths {
			got := d.get(path)
			at := name + path
			if csp := got.header.Get("Content-Security-Policy"); !strings.HasPrefix(csp, "default-src 'none'") || strings.Contains(csp, "unsafe") {
				t.Errorf("%s: the policy is %q", at, csp)
			}
			if len(got.header.Values("Set-Cookie")) > 0 {
				t.Errorf("%s sets a cookie", at)
			}
			for _, m := range data.FindAllStringSubmatch(got.body, -1) {
				var x map[string]any
				if err := json.Unmarshal([]byte(m[1]), &x); err != nil || x["@context"] != "https://schema.org" {
					t.Errorf("%s: its data cannot be read: %v", at, err)
				}
			}
			html := data.ReplaceAllString(got.body, "")
			if found := inlined.FindString(html); found != "" {
				t.Errorf("%s: inline style or script: %q", at, found)
			}
			for _, m := range iconUse.FindAllStringSubmatch(html, -1) {
				if !strings.Contains(string(sheet), `id="`+m[2]+`"`) {
					t.Errorf("%s: icon %q is not drawn", at, m[2])
				}
			}
			if found := untold.FindString(html); found != "" {
				t.Errorf("%s: sentence %s", at, found)
			}
			seen := map[string]bool{}
			for _, m := range ids.FindAllStringSubmatch(html, -1) {
				if m[1] == "" || seen[m[1]] {
					t.Errorf("%s: id %q is empty or stands twice", at, m[1])
				}
				seen[m[1]] = true
			}
			for _, m := range refersTo.FindAllStringSubmatch(html, -1) {
				for _, id := range strings.Fields(m[1]) {
					if !seen[id] {
						t.Errorf("%s: nothing has the id %q", at, id)
					}
				}
			}
			if n := strings.Count(html, "<h1"); n != 1 {
				t.Errorf("%s: %d main headings", at, n)
			}
			if n := strings.Count(html, `class="key red`); n > 1 {
				t.Errorf("%s: %d red keys", at, n)
			}
		}
	}
}

var hrefs = regexp.MustCompile(`(?:href|src|action)="([^"]+)"`)

// Whatever a page leads to is there, and what it names on another page too.
func TestEveryLinkLeadsSomewhere(t *testing.T) {
	t.Parallel()
	d, _, _ := made(t, func(t testing.TB, c team.Company) *told { return crowded(arno(t, c)) })
	seen := map[string]string{}
	to := []string{"/crescita", "/growth", "/crescita/embed", "/record/find?lang=it&address=https%3A%2F%2Fsocial.example%2F%40elena%2F37", "/c/kept-token-of-elena"}
	pages := 0
	for i := 0; i < len(to); i++ {
		path, part, _ := strings.Cut(to[i], "#")
		body, done := seen[path]
		if !done {
			got := d.get(path)
			if got.status != http.StatusOK && got.header.Get("Location") == "" {
				t.Errorf("%s: %d", path, got.status)
			}
			body = got.body
			seen[path] = body
			pages++
			if strings.HasPrefix(got.header.Get("Content-Type"), "text/html") {
				for _, m := range hrefs.FindAllStringSubmatch(got.body, -1) {
					l := strings.ReplaceAll(m[1], "&amp;", "&")
					l = strings.TrimPrefix(l, base)
					if strings.HasPrefix(l, "/") {
						to = append(to, l)
					}
				}
			}
		}
		if part != "" && !strings.HasPrefix(path, "/static/") && !strings.Contains(body, `id="`+part+`"`) {
			t.Errorf("%s has no %s", path, part)
		}
	}
	if pages < 100 {
		t.Errorf("only %d pages were found", pages)
	}
}

// What people wrote stays what they wrote, wherever it is shown.
func TestHostileWords(t *testing.T) {
	t.Parallel()
	evil := `"><script>alert(1)</script>` + "\x00\u2028'</script>&amp;]]><!--"
	d, f, _ := made(t, arno)
	for n := range f.all {
		i := &f.all[n]
		i.Title, i.Stone, i.Said, i.Did, i.QuotedAs = both(evil, evil), both(evil, ""), both(evil, evil), both("", evil), evil
		i.Later = []growth.Line{{At: i.PublishedAt, Text: both(evil, evil)}}
	}
	f.working[0].Title, f.declined[0].Title, f.declined[0].Reason = both(evil, evil), both(evil, ""), both(evil, evil)
	f.settings.Title, f.settings.Lede, f.settings.Promise, f.settings.WriteTo = both(evil, evil), both(evil, evil), both(evil, evil), "javascript:alert(1)"
	f.settings.Embed = []string{"https://a.example; script-src *", "https://b.example"}
	f.found.CaseTitle = both(evil, evil)
	f.asked["not-published"].Case.Shown = both(evil, "")
	f.version++
	paths := append([]string{"/crescita/feed.atom", "/growth/feed.json", "/record/find?address=" + url.QueryEscape("https://social.example/@elena/3?x="+evil), "/record/find?lang=" + url.QueryEscape(evil), "/crescita?from=" + url.QueryEscape(evil), "/crescita/" + url.PathEscape(evil)}, everywhere...)
	for _, path := range paths {
		got := d.get(path, "Accept-Language", evil[:20])
		if got.status >= 500 {
			t.Errorf("%s: %d", path, got.status)
		}
		body := data.ReplaceAllStringFunc(got.body, func(m string) string {
			var x map[string]any
			if err := json.Unmarshal([]byte(data.FindStringSubmatch(m)[1]), &x); err != nil {
				t.Errorf("%s: its data cannot be read: %v", path, err)
			}
			return ""
		})
		if strings.Contains(body, "<script>") || strings.Contains(body, "href=\"javascript") || strings.Contains(got.header.Get("Content-Security-Policy"), "*") {
			t.Errorf("%s: words became markup", path)
		}
		if strings.Contains(got.header.Get("Content-Type"), "json") {
			var x any
			if err := json.Unmarshal([]byte(got.body), &x); err != nil {
				t.Errorf("%s: %v", path, err)
			}
		}
	}
	if got := d.get("/crescita"); strings.Contains(got.body, "key-stone") || !strings.Contains(got.body, "closing alone") {
		t.Error("where to write is no place to write to, and is offered")
	}
}

// A page that is not open is not told apart from one that does not exist, unless a member asks.
func TestAClosedPage(t *testing.T) {
	t.Parallel()
	b := teamtest.New(t, storetest.SQLite(t))
	f := arno(t, b.Company)
	f.open = false
	asked := 0
	d := serve(t, public.Rooms{Team: b.Team, Growth: f, Clock: b.Clock}, public.Options{BaseURL: base, Inside: func(r *http.Request, c team.CompanyID) bool {
		asked++
		return c == b.Company.ID && r.Header.Get("X-Test-Member") != ""
	}})
	files := []string{"/record/checkpoint", "/record/key", "/record/figures.json", "/record/tile/0/000.p/70", "/record/tile/entries/000.p/70", "/crescita/feed.atom", "/growth/feed.json"}
	paths := append(files, "/crescita", "/growth", "/crescita/8", "/crescita/embed", "/record/", "/record/find?address=https://social.example/@elena/37", "/record/proof?address=https://social.example/@elena/37")
	for _, path := range paths {
		got := d.get(path).is(t, "closed: "+path, http.StatusNotFound)
		if strings.Contains(got.body, "Ceramiche Arno") || strings.Contains(got.body, `href="/crescita`) {
			t.Errorf("%s tells a stranger that there is something", path)
		}
		inside := d.get(path, "X-Test-Member", "yes").is(t, "for a member: "+path, http.StatusOK)
		if c := inside.header.Get("Cache-Control"); !strings.Contains(c, "no-store") {
			t.Errorf("%s may be kept by others: %q", path, c)
		}
	}
	d.get("/crescita", "X-Test-Member", "yes").says(t, "the page for a member", "non è ancora aperta", `content="noindex"`)
	d.get("/crescita").is(t, "after a member looked", http.StatusNotFound)
	// Their own link is theirs, whether the page is open or not.
	d.get("/c/kept-token-of-elena").is(t, "a personal link", http.StatusOK)
	f.open = true
	before := asked
	for _, path := range paths {
		d.get(path).is(t, "open: "+path, http.StatusOK)
	}
	if asked != before {
		t.Error("whether somebody is signed in is asked for a page that is open")
	}
	d.get("/crescita", "X-Test-Member", "yes").is(t, "open", http.StatusOK)
	if strings.Contains(d.get("/crescita", "X-Test-Member", "yes").body, "non è ancora aperta") {
		t.Error("the open page says that it is closed")
	}
}

func TestCachesAndConditions(t *testing.T) {
	t.Parallel()
	d, f, _ := made(t, arno)
	for _, path := range []string{"/crescita", "/growth", "/crescita/8", "/crescita/embed", "/growth/feed.atom", "/crescita/feed.json", "/record/?lang=it", "/record/checkpoint", "/record/key", "/record/figures.json", "/record/tile/0/000.p/70"} {
		got := d.get(path).is(t, path, http.StatusOK)
		tag := got.header.Get("ETag")
		if tag == "" || !strings.HasPrefix(got.header.Get("Cache-Control"), "public") {
			t.Errorf("%s: ETag %q, Cache-Control %q", path, tag, got.header.Get("Cache-Control"))
		}
		if again := d.get(path, "If-None-Match", tag); again.status != http.StatusNotModified || again.body != "" {
			t.Errorf("%s, known: %d", path, again.status)
		}
		if again := d.get(path, "If-None-Match", `"other", W/`+tag); again.status != http.StatusNotModified {
			t.Errorf("%s, known among others: %d", path, again.status)
		}
		d.get(path, "If-None-Match", `"other"`).is(t, path+", another", http.StatusOK)
		head := d.do(http.MethodHead, path, nil)
		if head.status != http.StatusOK || head.body != "" || head.header.Get("ETag") != tag || head.header.Get("Content-Length") != fmt.Sprint(len(got.body)) {
			t.Errorf("HEAD %s: %d, ETag %q, length %q", path, head.status, head.header.Get("ETag"), head.header.Get("Content-Length"))
		}
	}
	tag := d.get("/crescita").header.Get("ETag")
	f.mu.Lock()
	f.all[0].Better, f.version = 3, f.version+1
	f.mu.Unlock()
	if got := d.get("/crescita", "If-None-Match", tag); got.status != http.StatusOK || got.header.Get("ETag") == tag {
		t.Errorf("after a change: %d", got.status)
	}
	tag = d.get("/crescita").header.Get("ETag")
	f.mu.Lock()
	f.version++ // something was touched that the page does not show
	f.mu.Unlock()
	if got := d.get("/crescita", "If-None-Match", tag); got.status != http.StatusNotModified {
		t.Errorf("after nothing was changed: %d", got.status)
	}
}

func TestTheSampleStandsBesideARealCompany(t *testing.T) {
	t.Parallel()
	b := teamtest.New(t, storetest.SQLite(t))
	o := b.Other(t)
	house := &two{real: arno(t, b.Company), sample: arno(t, o.Company)}
	house.told = house.real
	house.real.figures.Heard = 777
	d := serve(t, public.Rooms{Team: b.Team, Growth: house, Clock: b.Clock}, public.Options{BaseURL: base})
	if got := d.get("/crescita").is(t, "the real one", http.StatusOK); strings.Contains(got.body, "Vetri Lambro") || !strings.Contains(got.body, "777") || !strings.Contains(got.body, `content="index, follow"`) {
		t.Error("the real company does not answer at its address")
	}
	for _, path := range []string{"/sample/crescita", "/sample/growth/8", "/sample/record/?lang=it", "/sample/crescita/embed", "/sample/record/find?address=https://social.example/@elena/37"} {
		got := d.get(path).is(t, path, http.StatusOK).says(t, path, "Vetri Lambro", `content="noindex"`)
		if !strings.Contains(got.body, "non esiste") && !strings.Contains(got.body, "does not exist") {
			t.Errorf("%s does not say that it is invented", path)
		}
		if got.header.Get("X-Robots-Tag") != "noindex" {
			t.Errorf("%s may be listed", path)
		}
		for _, m := range hrefs.FindAllStringSubmatch(got.body, -1) {
			l := strings.TrimPrefix(m[1], base)
			if strings.HasPrefix(l, "/") && !strings.HasPrefix(l, "/sample/") && !strings.HasPrefix(l, "/static/") {
				t.Errorf("%s leads out of the sample to %s", path, l)
			}
		}
	}
	for _, path := range []string{"/sample/record/checkpoint", "/sample/record/figures.json", "/sample/record/tile/0/000.p/70", "/sample/growth/feed.json"} {
		d.get(path).is(t, path, http.StatusOK)
	}
	// The personal link of a person of the sample says so too.
	d.get("/c/kept-token-of-elena").is(t, "a link", http.StatusOK)

	alone := teamtest.New(t, storetest.SQLite(t))
	d = serve(t, public.Rooms{Team: alone.Team, Growth: arno(t, alone.Company), Clock: alone.Clock}, public.Options{})
	d.get("/crescita").is(t, "without a sample", http.StatusOK)
	d.get("/sample/crescita").is(t, "a sample that is not there", http.StatusNotFound)
}

// two answers for two companies.
type two struct {
	*told        // what is not asked by company
	real, sample *told
}

func (w *two) Page(ctx context.Context, c team.CompanyID, cursor string, limit int, inside bool) (growth.Public, error) {
	return w.which(c).Page(ctx, c, cursor, limit, inside)
}

func (w *two) Entry(ctx context.Context, c team.CompanyID, n int, inside bool) (growth.Improvement, error) {
	return w.which(c).Entry(ctx, c, n, inside)
}

func (w *two) Find(ctx context.Context, c team.CompanyID, address string) (growth.Found, error) {
	return w.which(c).Find(ctx, c, address)
}

func (w *two) Checkpoint(ctx context.Context, c team.CompanyID) ([]byte, error) {
	return w.which(c).Checkpoint(ctx, c)
}

func (w *two) PublicFigures(ctx context.Context, c team.CompanyID) (record.PublicFigures, error) {
	return w.which(c).PublicFigures(ctx, c)
}

func (w *two) VerifierKey(ctx context.Context, c team.CompanyID) (string, error) {
	return w.which(c).VerifierKey(ctx, c)
}

func (w *two) Tile(ctx context.Context, c team.CompanyID, level int, n int64, width int) ([]byte, error) {
	return w.which(c).Tile(ctx, c, level, n, width)
}

func (w *two) which(c team.CompanyID) *told {
	if c == w.sample.company.ID {
		return w.sample
	}
	return w.real
}

func TestASampleAloneAnswersAtTheAddress(t *testing.T) {
	t.Parallel()
	tm := team.New(storetest.SQLite(t), clock.NewManual(teamtest.Start))
	sample, _, err := tm.FoundSample(t.Context(), team.Actor{Via: team.ViaCommand}, team.FoundIn{
		Name: "Vetri Lambro", Zone: "Europe/Rome", Locale: "it", OwnerName: "Olga Lambro", OwnerEmail: "olga@lambro.example",
	})
	if err != nil {
		t.Fatal(err)
	}
	d := serve(t, public.Rooms{Team: tm, Growth: arno(t, sample), Clock: clock.NewManual(teamtest.Start)}, public.Options{})
	d.get("/crescita").is(t, "the sample", http.StatusOK).says(t, "the sample", "non esiste", `content="noindex"`)
	d.get("/sample/crescita").is(t, "below the prefix", http.StatusNotFound)
}

func TestFeeds(t *testing.T) {
	t.Parallel()
	d, f, _ := made(t, func(t testing.TB, c team.Company) *told { return crowded(arno(t, c)) })
	f.all[0].Did, f.all[0].Said, f.all[0].Title = both("Solo in italiano.", ""), both("Solo.", ""), both("Titolo", "")
	seen := map[string]bool{}
	at := "/growth/feed.atom"
	for at != "" {
		got := d.get(at).is(t, at, http.StatusOK)
		if got.header.Get("Content-Type") != "application/atom+xml; charset=utf-8" || got.header.Get("Access-Control-Allow-Origin") != "*" {
			t.Errorf("the feed is %v", got.header)
		}
		var feed struct {
			XMLName xml.Name `xml:"http://www.w3.org/2005/Atom feed"`
			ID      string   `xml:"id"`
			Updated string   `xml:"updated"`
			Links   []struct {
				Rel  string `xml:"rel,attr"`
				Href string `xml:"href,attr"`
			} `xml:"link"`
			Entries []struct {
				ID      string `xml:"id"`
				Updated string `xml:"updated"`
				Title   string `xml:"title"`
				Content struct {
					Lang string `xml:"http://www.w3.org/XML/1998/namespace lang,attr"`
					Text string `xml:",chardata"`
				} `xml:"content"`
			} `xml:"entry"`
		}
		if err := xml.Unmarshal([]byte(got.body), &feed); err != nil {
			t.Fatal(err)
		}
		next := ""
		for _, l := range feed.Links {
			if l.Rel == "self" && l.Href != base+at {
				t.Errorf("%s says that it is %s", at, l.Href)
			}
			if l.Rel == "next" {
				next = strings.TrimPrefix(l.Href, base)
			}
		}
		for _, e := range feed.Entries {
			if seen[e.ID] || e.Title == "" || e.Content.Text == "" {
				t.Errorf("entry %s stands twice or is empty", e.ID)
			}
			seen[e.ID] = true
			if _, err := time.Parse(time.RFC3339, e.Updated); err != nil {
				t.Error(err)
			}
			d.get(strings.TrimPrefix(e.ID, base)).is(t, "what an entry names", http.StatusOK)
		}
		if at == "/growth/feed.atom" && feed.Entries[0].Content.Lang != "it" {
			t.Errorf("an entry that is in Italian only says %q", feed.Entries[0].Content.Lang)
		}
		at = next
	}
	if len(seen) != 40 {
		t.Errorf("%d entries of 40", len(seen))
	}
	count, at := 0, "/crescita/feed.json"
	for at != "" {
		var feed struct {
			Version string `json:"version"`
			FeedURL string `json:"feed_url"`
			NextURL string `json:"next_url"`
			Items   []struct {
				ID, URL, Title string
				Text           string `json:"content_text"`
				Published      string `json:"date_published"`
			}
		}
		got := d.get(at).is(t, at, http.StatusOK)
		if err := json.Unmarshal([]byte(got.body), &feed); err != nil {
			t.Fatal(err)
		}
		if feed.Version != "https://jsonfeed.org/version/1.1" || feed.FeedURL != base+at {
			t.Errorf("the feed says %q at %q", feed.Version, feed.FeedURL)
		}
		for _, i := range feed.Items {
			if i.ID != i.URL || i.Title == "" || i.Text == "" || i.Published == "" {
				t.Errorf("item %+v", i)
			}
		}
		count, at = count+len(feed.Items), strings.TrimPrefix(feed.NextURL, base)
	}
	if count != 40 {
		t.Errorf("%d items of 40", count)
	}
}

func TestWhoMayFrame(t *testing.T) {
	t.Parallel()
	d, f, _ := made(t, arno)
	framed := func() (policy, old string) {
		got := d.get("/crescita/embed").is(t, "embed", http.StatusOK)
		_, policy, _ = strings.Cut(got.header.Get("Content-Security-Policy"), "frame-ancestors ")
		return policy, got.header.Get("X-Frame-Options")
	}
	if p, old := framed(); p != "*" || old != "" {
		t.Errorf("everybody: %q %q", p, old)
	}
	f.settings.Embed = []string{"https://www.arno.example", "https://shop.arno.example:8443/", "nonsense", "https://x.example/path", "https://evil.example;script-src *", "https://u:p@y.example"}
	if p, _ := framed(); p != "'self' https://www.arno.example https://shop.arno.example:8443" {
		t.Errorf("some: %q", p)
	}
	f.settings.Embed = []string{"nonsense"}
	if p, _ := framed(); p != "'self'" {
		t.Errorf("none that is one: %q", p)
	}
	for _, path := range []string{"/crescita", "/crescita/8", "/record/", "/c/kept-token-of-elena"} {
		if got := d.get(path); !strings.HasSuffix(got.header.Get("Content-Security-Policy"), "frame-ancestors 'none'") || got.header.Get("X-Frame-Options") != "DENY" {
			t.Errorf("%s may be framed", path)
		}
	}
}

func TestLanguagesAndMethods(t *testing.T) {
	t.Parallel()
	d, _, _ := made(t, arno)
	for path, lang := range map[string]string{"/crescita": "it", "/growth": "en", "/crescita/999": "it", "/growth/999": "en", "/crescita/nothing/here": "it", "/growth/nothing/here": "en"} {
		got := d.get(path, "Accept-Language", map[string]string{"it": "en", "en": "it"}[lang])
		if !strings.Contains(got.body, `<html lang="`+lang+`"`) {
			t.Errorf("%s is not in %s", path, lang)
		}
	}
	for _, c := range []struct{ path, accept, lang string }{
		{"/record/", "en-GB,en", "en"},
		{"/record/", "it", "it"},
		{"/record/", "fr", "it"},
		{"/record/?lang=en", "it", "en"},
		{"/record/?lang=xx", "en", "en"},
		{"/c/kept-token-of-elena", "en", "en"},
		{"/c/kept-token-of-elena?lang=it", "en", "it"},
		{"/c/nothing", "en", "en"},
	} {
		got := d.get(c.path, "Accept-Language", c.accept)
		if !strings.Contains(got.body, `<html lang="`+c.lang+`"`) || !strings.Contains(strings.Join(got.header.Values("Vary"), " "), "Accept-Language") {
			t.Errorf("%s for %s is not in %s, or does not vary", c.path, c.accept, c.lang)
		}
	}
	if got := d.do(http.MethodPost, "/crescita", url.Values{"a": {"b"}}); got.status != http.StatusMethodNotAllowed || got.header.Get("Allow") != "GET, HEAD" {
		t.Errorf("POST: %d %q", got.status, got.header.Get("Allow"))
	}
	d.do(http.MethodDelete, "/record/nothing", nil).is(t, "DELETE of nothing", http.StatusNotFound)
	for path, to := range map[string]string{"/crescita/": "/crescita", "/growth/": "/growth", "/record": "/record/"} {
		if got := d.get(path); got.status != http.StatusMovedPermanently || got.header.Get("Location") != to {
			t.Errorf("%s: %d to %q", path, got.status, got.header.Get("Location"))
		}
	}
	for _, path := range []string{"/crescita/0", "/crescita/08", "/crescita/-1", "/crescita/9999999999999999999", "/crescita?from=nonsense", "/crescita/feed.rss"} {
		d.get(path).is(t, path, http.StatusNotFound)
	}
	got := d.get("/robots.txt").is(t, "robots", http.StatusOK).says(t, "robots", "Disallow: /\n", "Allow: /crescita\n", "Allow: /growth\n", "Disallow: /record/find\n")
	if !strings.HasPrefix(got.header.Get("Content-Type"), "text/plain") {
		t.Error(got.header)
	}
}

// Of little nothing is claimed.
func TestTooFewSaysTooFew(t *testing.T) {
	t.Parallel()
	d, f, _ := made(t, func(_ testing.TB, c team.Company) *told { return fresh(c) })
	f.figures = record.Figures{Since: day(2026, 3, 2), Heard: 3, Answered: 3, MedianMinutes: 12, SlowestMinutes: 30, Promised: 1, Open: 1}
	f.settings.WriteTo = ""
	f.version++
	got := d.get("/crescita").is(t, "few", http.StatusOK).says(t, "few", "3 risposte: troppo poche per dirlo", "a tutte abbiamo risposto", "Di nessuna promessa è ancora arrivato il giorno.")
	if strings.Contains(got.body, "12 min") || strings.Contains(got.body, "key-stone") || strings.Contains(got.body, "key red") {
		t.Error("it claims a time of three answers, or asks to write nowhere")
	}
	f.figures.Heard, f.figures.Answered, f.version = 9, 5, f.version+1
	d.get("/crescita").says(t, "enough", "12<small>min", "a 5 abbiamo risposto")
}
