package journey_test

import (
	"encoding/json"
	"errors"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/ponte-desk/ponte/internal/apptest"
	"github.com/ponte-desk/ponte/internal/audience"
	"github.com/ponte-desk/ponte/internal/team"
)

// axeSource is axe-core, which is installed beside the servers of the tests.
func axeSource(t *testing.T) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("..", "..", "test", "servers", "node_modules", "axe-core", "axe.min.js"))
	if errors.Is(err, fs.ErrNotExist) && os.Getenv("PONTE_TEST_REQUIRE") != "1" {
		t.Skip("axe-core is not installed: run script/setup")
	}
	must(t, err)
	return string(b)
}

// axe looks at the page as it stands. It is brought in through DevTools: the page's own policy would not let it.
func (w *window) axe(source, at, options string) {
	w.t.Helper()
	found := w.violations(source, options)
	for _, f := range found {
		w.t.Errorf("%s: %s", at, f)
	}
	if len(found) > 0 {
		w.look("axe")
	}
}

func (w *window) violations(source, options string) (found []string) {
	w.t.Helper()
	if !w.is(`window.axe`) {
		w.run("axe", chromedp.Evaluate[chromedp.Void](source))
	}
	said := w.text(`document.fonts.ready.then(() => axe.run(document, ` + options + `)).then((r) => JSON.stringify(r.violations.flatMap((v) =>
		v.nodes.slice(0, 3).map((n) => v.id + ": " + n.target.join(" ") + ": " + (n.any[0] ?? n.all[0] ?? n.none[0] ?? {message: v.help}).message))))`)
	must(w.t, json.Unmarshal([]byte(said), &found))
	return found
}

const (
	everyRule    = `{resultTypes: ["violations"]}`
	onlyContrast = `{resultTypes: ["violations"], runOnly: ["color-contrast"]}`
)

var (
	anID    = regexp.MustCompile(`[a-z]{3}_[0-9a-z]{26}`)
	aFilter = regexp.MustCompile(`=[^&]*`)
	aMonth  = regexp.MustCompile(`[0-9]{4}-[0-9]{2}(-[0-9]{2})?`)
)

// mostAlike is how many pages that differ only by an id are visited.
const mostAlike = 1

// crawl visits every page that can be reached from the first ones by links.
func (w *window) crawl(visit func(page string), from ...string) {
	w.t.Helper()
	seen, alike := map[string]bool{}, map[string]int{}
	for i := 0; i < len(from); i++ {
		if seen[from[i]] {
			from = slices.Delete(from, i, i+1)
			i--
			continue
		}
		seen[from[i]] = true
		w.resize(desktop)
		w.theme("light")
		w.open(from[i])
		var links []string
		must(w.t, json.Unmarshal([]byte(w.text(`JSON.stringify([...document.querySelectorAll("a[href]")].filter((a) => a.origin === location.origin && !a.hasAttribute("download") && !/\.(atom|json|csv|svg|png|pdf)$|^\/record\/(key|checkpoint|proof)/.test(a.pathname)).map((a) => a.pathname + a.search))`)), &links))
		slices.Sort(links)
		for _, l := range links {
			pattern := aMonth.ReplaceAllString(anID.ReplaceAllString(l, "*"), "*")
			// How one looked at the list stays in the address of a conversation, and is the same page.
			if path, query, _ := strings.Cut(pattern, "?"); path == "/inbox/*" && !strings.Contains(query, "note=") {
				pattern = path
			} else if path == "/leads" || strings.HasPrefix(path, "/results") { // a filter is the same page for whatever it leaves
				pattern = aFilter.ReplaceAllString(pattern, "=*")
			} else if path == "/inbox/*" || strings.Contains(query, "after=") {
				pattern = path + "?more"
			}
			if seen[l] || alike[pattern] >= mostAlike || strings.HasPrefix(l, "/static/") || strings.HasPrefix(l, "/media/") || strings.HasPrefix(l, "/sample/") {
				continue
			}
			alike[pattern]++
			from = append(from, l)
		}
		visit(from[i])
	}
}

// axe-core finds nothing on any page: in both languages, sizes and themes, for the owner and for a guest.
func TestAxeFindsNothing(t *testing.T) {
	source := axeSource(t)
	h, owner, guest := sample(t)
	_, token, err := h.Team.Invite(t.Context(), h.Owner.Actor(), team.InviteIn{Email: "nuova@ceramichearno.example", Name: "Nora Nuova", Role: team.Community})
	must(t, err)
	erased, _, err := h.Audience.Find(t.Context(), h.Owner.Actor(), "", "", 100)
	must(t, err)
	last := erased[len(erased)-1]
	_, err = h.Audience.Erase(t.Context(), h.Owner.Actor(), last.ID, audience.EraseIn{Name: last.Name, Reference: "mail del 12"})
	must(t, err)
	must(t, h.Reach.Draw(t.Context(), h.Owner.Company))
	visited := map[string]bool{}
	for _, lang := range []string{"it", "en"} {
		t.Run("door-"+lang, func(t *testing.T) {
			empty := apptest.Start(t, apptest.Options{Empty: true})
			fresh := newWindow(t, empty, lang, desktop)
			fresh.tolerate("403")
			welcome, err := empty.Welcome(t.Context())
			must(t, err)
			for _, p := range []string{"/", welcome} {
				fresh.open(p)
				fresh.inspect(source, p)
			}
			w := newWindow(t, h, lang, desktop)
			w.tolerate("404")
			for _, p := range []string{"/sign-in", h.InvitationLink(token), "/no-such-page"} {
				w.open(p)
				w.inspect(source, p)
			}
			// Who finds nothing must be able to find something.
			w.do(`document.querySelector("main").append(Object.assign(document.createElement("button"), {className: "key"}))`)
			if found := w.violations(source, everyRule); len(found) == 0 {
				t.Error("a key without a name was not found")
			}
		})
		for _, m := range []team.Member{owner, guest} {
			t.Run(string(m.Role)+"-"+lang, func(t *testing.T) {
				w := newWindow(t, h, lang, desktop)
				w.signIn(m.Email, apptest.Password)
				w.speak(lang)
				w.tolerate("404")
				w.tolerate("403")
				w.crawl(func(p string) {
					visited[p] = true
					switch {
					case m.ID == owner.ID && lang == "it":
						w.inspect(source, p)
					case m.ID == owner.ID || lang == "en":
						w.axe(source, p+" desktop light", everyRule)
					default:
						w.resize(phone)
						w.theme("dark")
						w.axe(source, p+" phone dark", everyRule)
					}
				}, "/", "/inbox", "/channels", "/team", "/settings", "/settings/me", "/settings/privacy?months=3", "/help", "/no-such-page")
			})
		}
	}
	t.Logf("looked at %d pages: %s", len(visited), strings.Join(slices.Sorted(maps.Keys(visited)), " "))
}

// speak makes the member's pages speak a language.
func (w *window) speak(lang string) {
	w.t.Helper()
	w.do(`fetch("/language", {method: "POST", body: new URLSearchParams({lang: ` + quote(lang) + `, back: "/"})}).then(() => { window.spoken = true })`)
	w.until(`window.spoken`)
}

// inspect looks at the page in both sizes and both themes, and at what its menus hold.
func (w *window) inspect(source, page string) {
	w.t.Helper()
	w.resize(desktop)
	w.theme("light")
	w.do(`document.querySelectorAll("main details:not([open])").forEach((d) => { d.open = true; d.dataset.opened = "" })`)
	w.axe(source, page+" opened", everyRule)
	w.do(`document.querySelectorAll("main details[data-opened]").forEach((d) => { d.open = false })`)
	w.axe(source, page+" desktop light", everyRule)
	w.theme("dark")
	w.axe(source, page+" desktop dark", onlyContrast)
	w.resize(phone)
	w.axe(source, page+" phone dark", everyRule)
	w.theme("light")
	w.axe(source, page+" phone light", onlyContrast)
}
