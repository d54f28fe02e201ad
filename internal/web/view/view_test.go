package view_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ponte-desk/ponte/internal/web/view"
)

var (
	iconUse   = regexp.MustCompile(`<use href="([^"#]+)#([^"]+)"`)
	assetUse  = regexp.MustCompile(`(?:href|src)="(/static/[^"#]+)`)
	inlined   = regexp.MustCompile(`(?i)\sstyle\s*=|<style|\son[a-z]+\s*=|javascript:|<script(?:\s[^>]*)?>[^<]`)
	ids       = regexp.MustCompile(`\sid="([^"]*)"`)
	refersTo  = regexp.MustCompile(`\s(?:for|aria-labelledby|aria-describedby|popovertarget)="([^"]*)"`)
	untold    = regexp.MustCompile(`\[[a-z]+(?:\.[a-z0-9]+)+\]`)
	fieldTags = regexp.MustCompile(`<(?:input|select|textarea)\s[^>]*>`)
)

func TestEveryPageKeepsTheRules(t *testing.T) {
	t.Parallel()
	b := setup(t)
	sheet, err := os.ReadFile(filepath.Join("..", "static", "icons.svg"))
	if err != nil {
		t.Fatal(err)
	}
	for _, lang := range []string{"it", "en"} {
		for _, g := range b.gallery(lang) {
			t.Run(lang+"/"+g.name, func(t *testing.T) {
				t.Parallel()
				html := render(t, g.page)
				if at := inlined.FindString(html); at != "" {
					t.Errorf("inline style or script: %q", at)
				}
				for _, m := range iconUse.FindAllStringSubmatch(html, -1) {
					if !strings.Contains(string(sheet), `id="`+m[2]+`"`) {
						t.Errorf("icon %q is not drawn", m[2])
					}
				}
				for _, m := range assetUse.FindAllStringSubmatch(html, -1) {
					if !hashedName.MatchString(m[1]) {
						t.Errorf("asset %q does not exist", m[1])
					}
				}
				if at := untold.FindString(html); at != "" {
					t.Errorf("sentence %s is not in the catalog", at)
				}
				seen := map[string]bool{}
				for _, m := range ids.FindAllStringSubmatch(html, -1) {
					if m[1] == "" || seen[m[1]] {
						t.Errorf("id %q is empty or stands twice", m[1])
					}
					seen[m[1]] = true
				}
				for _, m := range refersTo.FindAllStringSubmatch(html, -1) {
					for _, id := range strings.Fields(m[1]) {
						if !seen[id] {
							t.Errorf("nothing has the id %q", id)
						}
					}
				}
				for _, tag := range fieldTags.FindAllString(html, -1) {
					if strings.Contains(tag, `type="password"`) && !strings.Contains(tag, `value=""`) {
						t.Errorf("a password is written out: %s", tag)
					}
				}
				if n := strings.Count(html, "<h1"); n != 1 {
					t.Errorf("%d main headings", n)
				}
				if !strings.HasPrefix(html, "<!doctype html><html lang=\""+lang+"\"") {
					t.Errorf("begins with %.60q", html)
				}
			})
		}
	}
}

var hashedName = regexp.MustCompile(`^/static/[a-z/-]+\.[0-9a-f]{10}\.[a-z0-9]+$`)

func TestAtMostOneRedKey(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for _, g := range b.gallery("it") {
		if g.name == "components" {
			continue // the sampler shows one in a dialog too
		}
		if n := len(regexp.MustCompile(`class="key red`).FindAllString(render(t, g.page), -1)); n > 1 {
			t.Errorf("%s has %d red keys", g.name, n)
		}
	}
}

// The paths are those of the design's drawings, to the hundredth.
func TestArchPaths(t *testing.T) {
	t.Parallel()
	html := render(t, view.Empty(view.EmptyProps{Title: "x"}))
	for _, want := range []string{
		`d="M8.03 115.5A112 112 0 0 1 18.03 71.67L61.3 92.51A64 64 0 0 0 56.05 115.5z"`,
		`d="M96.41 3.4A117 117 0 0 1 143.59 3.4L131.13 58.02A61 61 0 0 0 108.87 58.02z"`,
		`d="M221.97 71.67A112 112 0 0 1 231.97 115.5L183.95 115.5A64 64 0 0 0 178.7 92.51z"`,
	} {
		if !strings.Contains(html, want) {
			t.Errorf("the small arch lacks %s\n%s", want, html)
		}
	}
	html = render(t, view.ArchSteps(2, 3))
	for _, want := range []string{
		`<path class="stone" d="M8.04 115A112 112 0 0 1 61.42 22.54L86.44 65.87A62 62 0 0 0 58.07 115z"`,
		`<path class="key-stone" d="M63.62 14.34A118 118 0 0 1 176.38 14.34L146.56 65.99A58.4 58.4 0 0 0 93.44 65.99z"`,
		`<path class="open" d="M178.58 22.54A112 112 0 0 1 231.96 115L181.93 115A62 62 0 0 0 153.56 65.87z"`,
	} {
		if !strings.Contains(html, want) {
			t.Errorf("the steps lack %s\n%s", want, html)
		}
	}
	clock := func(left, promise time.Duration) string {
		return render(t, view.ArchClock(view.ArchClockProps{Left: left, Promise: promise}))
	}
	html = clock(130*time.Minute, 24*time.Hour)
	if want := `<path class="key-stone" d="M354.74 159.01A176 176 0 0 1 355.99 178L301.98 178A122 122 0 0 0 301.2 166.06z"`; !strings.Contains(html, want) {
		t.Errorf("the clock lacks %s", want)
	}
	for _, c := range []struct {
		left, promise     time.Duration
		gone, laid, inRed int
	}{
		{130 * time.Minute, 24 * time.Hour, 22, 0, 2},
		{time.Minute, 24 * time.Hour, 23, 0, 1},
		{-time.Hour, 24 * time.Hour, 24, 0, 0},
		{20 * time.Hour, 24 * time.Hour, 4, 20, 0},
		{5 * time.Hour, 8 * time.Hour, 3, 5, 0},
		{100 * time.Hour, 8 * time.Hour, 0, 8, 0},
		{time.Hour, 72 * time.Hour, 23, 0, 1},
		{time.Hour, 0, 24, 0, 0},
	} {
		html := clock(c.left, c.promise)
		got := fmt.Sprint(strings.Count(html, `class="gone"`), strings.Count(html, `class="stone"`), strings.Count(html, `class="key-stone"`))
		if want := fmt.Sprint(c.gone, c.laid, c.inRed); got != want {
			t.Errorf("%v of %v: gone, laid, red are %s, want %s", c.left, c.promise, got, want)
		}
	}
}

func TestInitials(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"Elena Corsi": "EC", "Hanneke de Wit": "HW", "élodie": "É", "@ada@example.org": "A", "": "?", "  ": "?", "🐟": "?", "Mario": "M", "anna-maria rossi": "AR",
	} {
		if got := view.Initials(name); got != want {
			t.Errorf("Initials(%q) = %q, want %q", name, got, want)
		}
	}
}

func TestMarksNeverLoseWords(t *testing.T) {
	t.Parallel()
	text := "uno due tre"
	for _, spans := range [][]view.Span{{{From: 0, To: 3}}, {{From: 4, To: 7}, {From: 5, To: 9}}, {{From: 8, To: 99}}, {{From: 3, To: 3}, {From: 8, To: 11}}, {{From: -4, To: 2}}} {
		html := render(t, view.Words(text, spans))
		plain := regexp.MustCompile(`<[^>]*>`).ReplaceAllString(html, "")
		if strings.Join(strings.Fields(plain), " ") != text {
			t.Errorf("%v gives %q", spans, html)
		}
	}
	if html := render(t, view.Words("duetre", []view.Span{{From: 3, To: 6}})); !strings.Contains(html, "due<mark>tre</mark>") {
		t.Errorf("a mark inside a word tears it: %q", html)
	}
}

func TestTextsAreEscaped(t *testing.T) {
	t.Parallel()
	p := setup(t).member("it", "x", "")
	evil := `"><script>alert(1)</script>`
	html := render(t, list(
		view.Key(p, view.KeyProps{Label: evil, Href: "/x?" + evil}), view.Words(evil, nil), view.Who(view.WhoProps{Name: evil, Title: evil}),
		view.ConvRow(p, view.ConvRowProps{Name: evil, Said: evil, Href: "/" + evil, Net: evil, NetNote: evil}),
		view.Field(p, view.FieldProps{Name: "x", Value: evil, Error: evil}),
	))
	if strings.Contains(html, "<script>") {
		t.Errorf("a text became markup: %s", html)
	}
}

// The catalogs of this room hold nothing that no page says.
func TestNoSentenceIsLeftOver(t *testing.T) {
	t.Parallel()
	b := setup(t)
	var source strings.Builder
	files, err := filepath.Glob("*")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if strings.HasSuffix(f, ".templ") || strings.HasSuffix(f, ".go") && !strings.HasSuffix(f, "_test.go") && !strings.HasSuffix(f, "_templ.go") {
			text, err := os.ReadFile(f)
			if err != nil {
				t.Fatal(err)
			}
			source.Write(text)
		}
	}
	for _, key := range b.catalog.Keys("it") {
		area, _, _ := strings.Cut(key, ".")
		if !slices.Contains([]string{"shell", "door", "component"}, area) {
			continue
		}
		base := strings.TrimSuffix(strings.TrimSuffix(key, ".text"), ".remedy")
		if strings.HasPrefix(key, "shell.theme.") || strings.Contains(source.String(), `"`+key+`"`) || strings.HasPrefix(key, "door.error.") && strings.Contains(source.String(), `"`+base+`"`) {
			continue
		}
		t.Errorf("%q is said nowhere", key)
	}
	if it, en := b.catalog.Keys("it"), b.catalog.Keys("en"); len(it) == 0 || len(en) == 0 {
		t.Error("a catalog is empty")
	}
}
