package public_test

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"

	"github.com/ponte-desk/ponte/internal/browsertest"
	"github.com/ponte-desk/ponte/internal/housetest"
	"github.com/ponte-desk/ponte/internal/public"
	"github.com/ponte-desk/ponte/internal/storetest"
	"github.com/ponte-desk/ponte/internal/team"
)

var screens = flag.String("screens", "", "write a picture of every page into this folder")

// browser starts Chromium once for a test; what a page complains about fails the test.
func browser(t *testing.T) context.Context {
	t.Helper()
	if testing.Short() {
		t.Skip("needs a browser")
	}
	opts := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.NoSandbox, chromedp.Flag("disable-background-networking", true),
		chromedp.Flag("hide-scrollbars", true), chromedp.UserDataDir(t.TempDir()))
	if path := os.Getenv("PONTE_TEST_CHROMIUM"); path != "" {
		opts = append(opts, chromedp.ExecPath(path))
	}
	ctx, cancel := chromedp.NewExecAllocator(t.Context(), opts...)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	ctx, cancel = context.WithTimeout(ctx, 5*time.Minute)
	t.Cleanup(cancel)
	messages := chromedp.Console(ctx)
	done := make(chan struct{})
	reading, stop := context.WithCancel(ctx)
	go func() {
		defer close(done)
		for m, err := range messages {
			if err != nil || reading.Err() != nil {
				return
			}
			// That something is not there is what some of these pages say.
			if (m.IsException() || m.Type == "error") && !strings.Contains(fmt.Sprint(m), "404") && !strings.Contains(fmt.Sprint(m), "422") {
				t.Errorf("the browser complains: %s", m)
			}
		}
	}()
	t.Cleanup(func() { stop(); cancel(); <-done })
	return ctx
}

// axeSource is axe-core, which is installed beside the servers of the tests.
func axeSource(t *testing.T) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("..", "..", "test", "servers", "node_modules", "axe-core", "axe.min.js"))
	if errors.Is(err, fs.ErrNotExist) && os.Getenv("PONTE_TEST_REQUIRE") != "1" {
		t.Skip("axe-core is not installed: run script/setup")
	}
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

const widerThanWindow = `document.fonts.ready.then(() => document.documentElement.scrollWidth <= document.documentElement.clientWidth ? "" :
	[...document.querySelectorAll("body *")].filter((e) => e.getBoundingClientRect().right > document.documentElement.clientWidth + 1)
		.slice(0, 4).map((e) => e.tagName + "." + (e.className.baseVal ?? e.className)).join(", ") || "something")`

// shown is a page of these tests: where, and on what.
type shown struct {
	name string
	path map[string]string // by language
}

func inBoth(name, it, en string) shown {
	return shown{name, map[string]string{"it": it, "en": en}}
}

// Every page, in both sizes, themes and languages: the policy refuses nothing, nothing is wider than the window, axe finds nothing.
func TestPagesInABrowser(t *testing.T) {
	source := axeSource(t)
	full, _, _ := made(t, arno)
	address := "https://social.example/@elena/37"
	many, _, _ := made(t, func(t testing.TB, c team.Company) *told { return crowded(arno(t, c)) })
	bare, _, _ := made(t, func(_ testing.TB, c team.Company) *told { return fresh(c) })
	much, _, _ := made(t, func(t testing.TB, c team.Company) *told { return wordy(arno(t, c)) })
	story := sample(t, storetest.SQLite(t), thursday).door
	guests := &house{House: housetest.New(t, storetest.SQLite(t), housetest.Options{Judge: judge})}
	guests.door = serve(t, public.Rooms{Team: guests.Team, Growth: guests.Growth, Posts: guests.Posts, Files: guests.Media, Clock: guests.Clock}, public.Options{BaseURL: housetest.BaseURL})
	_, _, guest := guests.asked("Anna Verdi")
	ctx := browser(t)
	call := func(at string, err error) {
		t.Helper()
		if err != nil {
			t.Fatalf("%s: %v", at, err)
		}
	}
	for _, set := range []struct {
		door  *door
		pages []shown
	}{
		{full, []shown{
			inBoth("growth", "/crescita", "/growth"),
			inBoth("entry", "/crescita/8", "/growth/8"),
			inBoth("entry-failed", "/crescita/3", "/growth/3"),
			inBoth("embed", "/crescita/embed", "/growth/embed"),
			inBoth("record", "/record/?lang=it", "/record/?lang=en"),
			inBoth("found", "/record/find?lang=it&address="+address, "/record/find?lang=en&address="+address),
			inBoth("notfound", "/record/find?lang=it&address=https://x.example/1", "/record/find?lang=en&address=https://x.example/1"),
			inBoth("link", "/c/kept-token-of-elena?lang=it", "/c/kept-token-of-elena?lang=en"),
			inBoth("missing", "/crescita/99", "/growth/99"),
		}},
		{many, []shown{inBoth("many", "/crescita", "/growth"), inBoth("older", "/crescita?from=16", "/growth?from=16")}},
		{much, []shown{inBoth("wordy", "/crescita", "/growth")}},
		{story, []shown{inBoth("sample", "/sample/crescita", "/sample/growth")}},
		{guests.door, []shown{inBoth("guest", "/g/"+guest+"?lang=it", "/g/"+guest+"?lang=en"), inBoth("guest-gone", "/g/another?lang=it", "/g/another?lang=en")}},
		{bare, []shown{inBoth("fresh", "/crescita", "/growth"), inBoth("fresh-record", "/record/?lang=it", "/record/?lang=en")}},
	} {
		for _, s := range set.pages {
			for _, lang := range []string{"it", "en"} {
				for _, size := range [][2]int64{{1440, 900}, {390, 844}, {320, 700}} {
					for _, theme := range []string{"light", "dark"} {
						// The other language is set in the same places: it is looked at once, unless pictures are wanted.
						if size[0] == 320 && (theme == "dark" || lang == "en") || *screens == "" && lang == "en" && (size[0] != 390 || theme == "dark") {
							continue
						}
						at := fmt.Sprintf("%s-%s-%d-%s", s.name, lang, size[0], theme)
						phone := size[0] < 600
						_, err := chromedp.Call(ctx, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{Width: size[0], Height: size[1], DeviceScaleFactor: 1, Mobile: phone})
						call(at, err)
						_, err = chromedp.Call(ctx, emulation.SetTouchEmulationEnabled, emulation.SetTouchEmulationEnabledParams{Enabled: phone})
						call(at, err)
						_, err = chromedp.Call(ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: theme}}})
						call(at, err)
						call(at, browsertest.Do(ctx, chromedp.Navigate(set.door.server.URL+s.path[lang]), chromedp.WaitReady("body")))
						wide, err := chromedp.Run(ctx, chromedp.Evaluate[string](widerThanWindow, chromedp.EvalAwaitPromise))
						call(at, err)
						if wide != "" {
							t.Errorf("%s is wider than the window: %s", at, wide)
						}
						if size[0] != 320 {
							for _, found := range violations(t, ctx, source) {
								t.Errorf("%s: %s", at, found)
							}
						}
						if *screens != "" && size[0] != 320 {
							png, err := chromedp.Run(ctx, chromedp.FullScreenshot(100))
							call(at, err)
							call(at, os.WriteFile(filepath.Join(*screens, at+".png"), png, 0o600))
						}
					}
				}
			}
		}
	}
}

// violations are what axe-core finds on the page. It is brought in through DevTools: the page's own policy would not let it.
func violations(t *testing.T, ctx context.Context, source string) (found []string) {
	t.Helper()
	if err := browsertest.Do(ctx, chromedp.Evaluate[chromedp.Void](source)); err != nil {
		t.Fatal(err)
	}
	said, err := chromedp.Run(ctx, chromedp.Evaluate[string](`document.fonts.ready.then(() => axe.run(document, {resultTypes: ["violations"]})).then((r) => JSON.stringify(r.violations.flatMap((v) =>
		v.nodes.slice(0, 3).map((n) => v.id + ": " + n.target.join(" ") + ": " + (n.any[0] ?? n.all[0] ?? n.none[0] ?? {message: v.help}).message))))`, chromedp.EvalAwaitPromise))
	if err == nil {
		err = json.Unmarshal([]byte(said), &found)
	}
	if err != nil {
		t.Fatal(err)
	}
	return found
}

var onePage = regexp.MustCompile(`/Type\s*/Page[^s]`)

// The page is one A4, whatever it holds.
func TestThePageIsOneA4(t *testing.T) {
	full, _, _ := made(t, arno)
	many, _, _ := made(t, func(t testing.TB, c team.Company) *told { return crowded(arno(t, c)) })
	bare, _, _ := made(t, func(_ testing.TB, c team.Company) *told { return fresh(c) })
	much, _, _ := made(t, func(t testing.TB, c team.Company) *told { return wordy(arno(t, c)) })
	story := sample(t, storetest.SQLite(t), thursday).door
	ctx := browser(t)
	// As wide as what is left of the sheet between its margins: 182 mm.
	if err := browsertest.Do(ctx, chromedp.EmulateViewport(688, 1039)); err != nil {
		t.Fatal(err)
	}
	for name, d := range map[string]*door{"arno": full, "crowded": many, "fresh": bare, "wordy": much, "sample": story} {
		for _, path := range []string{"/crescita", "/growth"} {
			if d == story {
				path = "/sample" + path
			}
			if err := browsertest.Do(ctx, chromedp.Navigate(d.server.URL+path), chromedp.WaitReady("body")); err != nil {
				t.Fatal(err)
			}
			if _, err := chromedp.Run(ctx, chromedp.Evaluate[string](`document.fonts.ready.then(() => "")`, chromedp.EvalAwaitPromise)); err != nil {
				t.Fatal(err)
			}
			out, err := chromedp.Call(ctx, page.PrintToPDF, page.PrintToPDFParams{PreferCSSPageSize: new(true), PrintBackground: new(false)})
			if err != nil {
				t.Fatal(err)
			}
			pdf := out.Data
			if n := len(onePage.FindAll(pdf, -1)); n != 1 {
				t.Errorf("%s%s takes %d sheets", name, path, n)
			}
			if *screens != "" {
				file := filepath.Join(*screens, name+strings.ReplaceAll(path, "/", "-"))
				if err := os.WriteFile(file+".pdf", pdf, 0o600); err != nil {
					t.Fatal(err)
				}
				_, err = chromedp.Call(ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Media: "print"})
				if err != nil {
					t.Fatal(err)
				}
				png, err := chromedp.Run(ctx, chromedp.FullScreenshot(100))
				if err == nil {
					err = os.WriteFile(file+"-paper.png", png, 0o600)
				}
				if err != nil {
					t.Fatal(err)
				}
				if _, err = chromedp.Call(ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{}); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
}
