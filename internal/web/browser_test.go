package web_test

import (
	"context"
	"flag"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"

	"github.com/ponte-desk/ponte/internal/audience"
	"github.com/ponte-desk/ponte/internal/browsertest"
	"github.com/ponte-desk/ponte/internal/inbox"
	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/signin"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/storetest"
	"github.com/ponte-desk/ponte/internal/team"
	"github.com/ponte-desk/ponte/internal/team/teamtest"
	"github.com/ponte-desk/ponte/internal/web"
	"github.com/ponte-desk/ponte/internal/webhook"
)

var screens = flag.String("screens", "", "write a picture of every page into this folder")

// chromium starts a browser; whatever a page complains about, the content security policy included, fails the test.
// An answer with an error status is none of it: some pages are asked for because of it.
func chromium(t *testing.T) context.Context {
	t.Helper()
	if testing.Short() {
		t.Skip("needs a browser")
	}
	opts := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.NoSandbox, chromedp.Flag("hide-scrollbars", true), chromedp.UserDataDir(t.TempDir()))
	ctx, cancel := chromedp.NewExecAllocator(t.Context(), opts...)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	ctx, cancel = context.WithTimeout(ctx, 3*time.Minute)
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
			if m.IsException() || m.Type == "error" && !strings.Contains(m.String(), "Failed to load resource") {
				t.Errorf("the browser complains: %s", m)
			}
		}
	}()
	t.Cleanup(func() { stop(); cancel(); <-done })
	return ctx
}

// The pages stand in both sizes, themes and languages: nothing hangs over the edge, nothing is cut, nothing is blocked.
func TestPagesInABrowser(t *testing.T) {
	t.Parallel()
	s := storetest.SQLite(t)
	b := teamtest.New(t, s)
	d := newDoor(t, s, b.Team, b.Clock, web.Options{FillSample: func(context.Context, team.Actor) error { return nil }})
	owner := b.Members[team.Owner]
	d.give(owner)
	actor := b.Actor(team.Owner)
	for role, name := range map[team.Role]string{team.Owner: "Giulia Bandini", team.Community: "Marta Lippi", team.Marketing: "Nadia Rossi", team.Editor: "Saverio Neri", team.Contributor: "Piero Ulivi", team.Guest: "Beatrice Salvi"} {
		if _, err := b.Team.ChangeMember(t.Context(), actor, team.ChangeMemberIn{Member: b.Members[role].ID, Name: name, Role: role, Job: "laboratorio"}); err != nil {
			t.Fatal(err)
		}
	}
	_, invitation, err := b.Team.Invite(t.Context(), actor, team.InviteIn{Email: "hanneke@example.it", Name: "Hanneke de Wit", Role: team.Editor})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := d.rooms.Inbox.SaveReply(t.Context(), actor, inbox.SavedReply{Title: "Spedizioni nelle isole", Body: "Ciao {nome}, spediamo anche in Sardegna e in Sicilia: costa 11,40 € e ci mette tre giorni. {io}"}); err != nil {
		t.Fatal(err)
	}
	if _, _, err := d.rooms.Signin.CreateToken(t.Context(), actor, signin.CreateTokenIn{Name: "Foglio delle vendite", Scopes: []team.Permission{team.InboxRead, team.PeopleRead}}); err != nil {
		t.Fatal(err)
	}
	deaf := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, "/avvisi") {
			w.WriteHeader(http.StatusInternalServerError)
			_, _ = w.Write([]byte(`{"error":"il deposito degli avvisi non risponde: riprova più tardi, per favore"}`))
		}
	}))
	defer deaf.Close()
	var program webhook.ID
	for _, in := range []webhook.In{
		{URL: deaf.URL, Name: "Magazzino", Events: webhook.Types, On: true}, {URL: deaf.URL + "/avvisi/di/un-programma-con-un-indirizzo-piuttosto-lungo", Events: webhook.Types[:2], On: true},
	} {
		x, _, err := d.rooms.Webhooks.Add(t.Context(), actor, in)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := d.rooms.Webhooks.Test(t.Context(), actor, x.ID); err != nil {
			t.Fatal(err)
		}
		program = x.ID
	}
	now := b.Clock.Now()
	b.Clock.Set(now.AddDate(-1, 0, 0)) // they wrote once, long ago
	seen := map[string]time.Time{"1": b.Clock.Now(), "2": b.Clock.Now()}
	err = s.InTx(t.Context(), func(ctx context.Context, tx *store.Tx) error {
		_, err := d.rooms.Audience.Observe(ctx, tx, b.Company.ID, network.Mastodon, []network.Author{
			{RemoteID: "1", Handle: "elena@un-server-dal-nome-piuttosto-lungo.example", Name: "Elena Corsi Degli Abbati", URL: "https://un-server.example/@elena"},
			{RemoteID: "2", Handle: "gone@one.example", Name: "Gone"},
		}, seen)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	b.Clock.Set(now)
	var elena string
	people, _, err := d.rooms.Audience.Find(t.Context(), actor, "", "", 10)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range people {
		if p.Name != "Gone" {
			elena = string(p.ID)
			if _, err := d.rooms.Audience.AddNote(t.Context(), actor, p.ID, "Viene in negozio ogni anno a dicembre."); err != nil {
				t.Fatal(err)
			}
		} else if _, err := d.rooms.Audience.Erase(t.Context(), actor, p.ID, audience.EraseIn{Name: p.Name, Reference: "mail del 12 marzo, protocollo 2026/0417"}); err != nil {
			t.Fatal(err)
		}
	}
	tracked := plantLinks(t, d.rooms.Links, actor, b.Clock)
	ctx := chromium(t)
	outside := []string{"/sign-in", web.InvitationPath(invitation), "/nothing"}
	member := string(b.Members[team.Editor].ID)
	inside := []string{
		"/team", "/team/" + member, "/settings", "/settings/replies", "/settings/audit", "/settings/me", "/settings/me/tokens", "/settings/me/two-factor", "/help", "/welcome/start", "/nothing",
		"/people/" + elena, "/people/" + elena + "/erase", "/settings/privacy", "/settings/privacy?months=3", "/settings/privacy/1",
		"/settings/programs", "/settings/programs/" + string(program),
		"/results/links", "/results/links?state=dead", "/results/links/new", "/results/links/table", "/results/links/settings",
		"/results/links/" + tracked, "/results/links/" + tracked + "/edit", "/results/links/" + tracked + "/rows",
	}
	look := func(name, path string) {
		t.Helper()
		for _, width := range []int64{1440, 390} {
			for _, scheme := range []string{"light", "dark"} {
				phone := width < 500
				call := func(err error) {
					t.Helper()
					if err != nil {
						t.Fatalf("%s: %v", name, err)
					}
				}
				_, err := chromedp.Call(ctx, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{Width: width, Height: 900, DeviceScaleFactor: 1, Mobile: phone})
				call(err)
				_, err = chromedp.Call(ctx, emulation.SetTouchEmulationEnabled, emulation.SetTouchEmulationEnabledParams{Enabled: phone})
				call(err)
				_, err = chromedp.Call(ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}, {Name: "prefers-reduced-motion", Value: "reduce"}}})
				call(err)
				if path != "" {
					call(browsertest.Do(ctx, chromedp.Navigate(d.server.URL+path), chromedp.WaitReady("body")))
				}
				over, err := chromedp.Run(ctx, chromedp.Evaluate[string](hangsOver))
				call(err)
				if over != "" {
					t.Errorf("%s at %d px: %s", name, width, over)
				}
				if *screens != "" {
					picture, err := chromedp.Run(ctx, chromedp.FullScreenshot(100))
					call(err)
					if err := os.WriteFile(filepath.Join(*screens, name+"-"+strconv.Itoa(int(width))+"-"+scheme+".png"), picture, 0o600); err != nil {
						t.Fatal(err)
					}
				}
			}
		}
	}
	file := func(path string) string {
		path = strings.NewReplacer(tracked, "link", member, "member", elena, "elena", "?", "-", invitation, "it").Replace(path)
		return strings.ReplaceAll(strings.Trim(path, "/"), "/", "-")
	}
	for _, path := range outside {
		look("out-"+file(path), path)
	}
	err = browsertest.Do(ctx, chromedp.Navigate(d.server.URL+"/sign-in?next=%2Fhelp"), chromedp.SendKeys("#email", owner.Email), chromedp.SendKeys("#password", secret),
		chromedp.Submit("#password"), chromedp.WaitVisible("#words"))
	if err != nil {
		t.Fatal(err)
	}
	for _, lang := range []string{"it", "en"} {
		for _, path := range inside {
			sep := "?"
			if strings.Contains(path, "?") {
				sep = "&"
			}
			look(lang+"-"+file(path), path+sep+"lang="+lang)
		}
	}
	press := func(path, selector, wait string) {
		t.Helper()
		if err := browsertest.Do(ctx, chromedp.Navigate(d.server.URL+path), chromedp.Click(selector), chromedp.WaitVisible(wait)); err != nil {
			t.Fatalf("%s: %v", path, err)
		}
	}
	press("/settings/me/two-factor", "form[action='/settings/me/two-factor'] button", ".qr")
	look("factor-setup", "")
	if err := browsertest.Do(ctx, chromedp.Navigate(d.server.URL+"/team"), chromedp.SendKeys("#invite-email", "anna@example.it"), chromedp.Submit("#invite-email"), chromedp.WaitVisible("#invitation-link")); err != nil {
		t.Fatal(err)
	}
	look("team-invited", "")
	if err := browsertest.Do(ctx, chromedp.Navigate(d.server.URL+"/settings"), chromedp.SetValue("#name", " "), chromedp.SetValue("#day1", "mattina"), chromedp.Click("#company-form > .keys .key"), chromedp.WaitVisible("#day1-problem")); err != nil {
		t.Fatal(err)
	}
	look("settings-wrong", "")
}

// hangsOver names what is wider than the window, or text that its box cuts off.
const hangsOver = `(() => {
  const width = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth > width + 1) {
    const wide = [...document.querySelectorAll("body *")].find((e) => e.getBoundingClientRect().right > width + 1 && !e.closest(".unseen, .skip, .table-scroll, .tab-list"));
    return "wider than the window: " + (wide ? wide.outerHTML.slice(0, 160) : "?");
  }
  const cut = [...document.querySelectorAll("main *")].find((e) => e.scrollWidth > e.clientWidth + 2 && getComputedStyle(e).overflowX === "hidden" && e.clientWidth > 1 && !e.closest(".unseen") && !["INPUT", "SELECT"].includes(e.tagName));
  return cut ? "cut off: " + cut.outerHTML.slice(0, 160) : "";
})()`
