package i18n_test

import (
	"archive/zip"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/i18n"
)

func catalog(t *testing.T) *i18n.Catalog {
	t.Helper()
	c, err := i18n.Load()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestBothLanguagesHoldTheSameKeys(t *testing.T) {
	t.Parallel()
	c := catalog(t)
	if diff := cmp.Diff(c.Keys("it"), c.Keys("en")); diff != "" {
		t.Fatal("italiano (-) and English (+) differ:\n" + diff)
	}
}

// What the program carries is what stands in the folder: after a change, script/generate packs it anew.
func TestTheCatalogIsPacked(t *testing.T) {
	t.Parallel()
	z, err := zip.OpenReader("catalog.zip")
	if err != nil {
		t.Fatal(err)
	}
	defer z.Close()
	in := map[string]string{}
	for _, f := range z.File {
		b, err := fs.ReadFile(z, f.Name)
		if err != nil {
			t.Fatal(err)
		}
		in[f.Name] = string(b)
	}
	out := map[string]string{}
	files, err := filepath.Glob("catalog/*/*.toml")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		out[filepath.ToSlash(f)] = string(b)
	}
	if diff := cmp.Diff(out, in); diff != "" {
		t.Fatal("the folder (-) and catalog.zip (+) differ, run script/generate:\n" + diff)
	}
}

var argument = regexp.MustCompile(`\{\{\s*\.(\w+)`)

// A sentence that names an argument in one language names it in the other too.
func TestBothLanguagesUseTheSameArguments(t *testing.T) {
	t.Parallel()
	args := func(lang string) map[string][]string {
		out := map[string][]string{}
		files, err := filepath.Glob("catalog/" + lang + "/*.toml")
		if err != nil || len(files) == 0 {
			t.Fatal(files, err)
		}
		for _, f := range files {
			b, err := os.ReadFile(f)
			if err != nil {
				t.Fatal(err)
			}
			var key string
			for line := range strings.Lines(string(b)) {
				if m := regexp.MustCompile(`^\[?"([^"]+)"\]?`).FindStringSubmatch(line); m != nil {
					key = m[1]
				}
				for _, a := range argument.FindAllStringSubmatch(line, -1) {
					if !slices.Contains(out[key], a[1]) {
						out[key] = append(out[key], a[1])
					}
				}
			}
		}
		for _, as := range out {
			slices.Sort(as)
		}
		return out
	}
	if diff := cmp.Diff(args("it"), args("en")); diff != "" {
		t.Fatal("italiano (-) and English (+) differ:\n" + diff)
	}
}

func TestMatch(t *testing.T) {
	t.Parallel()
	c := catalog(t)
	for wish, want := range map[string]string{
		"": "it", "en-GB,en;q=0.9": "en", "it-CH": "it", "fr, en;q=0.5": "en", "zz": "it", "not a header at all": "it",
	} {
		if got := c.Match(wish); got != want {
			t.Errorf("Match(%q) = %s, want %s", wish, got, want)
		}
	}
	if got := c.Match("", "en"); got != "en" {
		t.Error("an empty wish is not passed over")
	}
}

func TestFormats(t *testing.T) {
	t.Parallel()
	c := catalog(t)
	now := time.Date(2026, 3, 12, 17, 20, 0, 0, time.UTC)
	it, en := c.For("it"), c.For("en")
	for _, tc := range [][2]string{
		{it.Day(now), "giovedì 12 marzo"},
		{en.Day(now), "Thursday 12 March"},
		{it.Month(now), "marzo 2026"},
		{it.OnDate(now), "il 12 marzo 2026"},
		{it.OnDate(now.AddDate(0, 0, -1)), "l’11 marzo 2026"},
		{it.SinceDate(now.AddDate(0, 0, -4)), "dall’8 marzo 2026"},
		{it.SinceDate(now.AddDate(0, 0, -11)), "dal 1º marzo 2026"},
		{en.SinceDate(now), "since 12 March 2026"},
		{en.Month(now), "March 2026"},
		{it.Moment(now.Add(-22*time.Hour), now), "ieri alle 19:20"},
		{it.Moment(now.AddDate(-1, 0, 0), now), "12 mar 25 alle 17:20"},
		{it.Span(130 * time.Minute), "2 h 10 min"},
		{it.Span(-9 * time.Hour), "9 h"},
		{it.Span(75 * time.Hour), "3 giorni"},
		{it.Span(47 * time.Hour), "47 h"},
		{en.Ago(now.Add(-4*time.Minute), now), "4 min ago"},
		{it.Ago(now, now), "adesso"},
		{it.Number(1234567), "1.234.567"},
		{it.Number(1234), "1234"},
		{en.Number(1234), "1,234"},
		{it.N("time.days", 1), "1 giorno"},
	} {
		if tc[0] != tc[1] {
			t.Errorf("got %q, want %q", tc[0], tc[1])
		}
	}
}

func TestErrorAlwaysHasWordsAndARemedy(t *testing.T) {
	t.Parallel()
	l := catalog(t).For("it")
	for _, err := range []error{
		errors.New("a bare error"),
		fault.New(fault.Denied, "no.such.key"),
		fault.New(fault.Invalid, "store.newer").With("version", 9).With("known", 3),
	} {
		what, remedy := l.Error(err)
		if what == "" || remedy == "" || strings.Contains(what, "[") || strings.Contains(what, "<no value>") {
			t.Errorf("%v: %q, %q", err, what, remedy)
		}
	}
	if got := l.T("no.such.key"); got != "[no.such.key]" {
		t.Error(got)
	}
}
