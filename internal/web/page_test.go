package web_test

import (
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/ponte-desk/ponte/internal/storetest"
	"github.com/ponte-desk/ponte/internal/team"
	"github.com/ponte-desk/ponte/internal/team/teamtest"
	"github.com/ponte-desk/ponte/internal/web"
)

var marker = regexp.MustCompile(`\[[a-z]+(\.[a-z0-9_ ]+)+\]|&lt;no value&gt;|<no value>`)

// Every page is drawn for every role in both languages; a template that no test runs does not exist.
func TestEveryPageForEveryRole(t *testing.T) {
	t.Parallel()
	eachDoor(t, func(t *testing.T, d *door, b *teamtest.Bed) {
		a := b.Actor(team.Owner)
		if _, _, err := b.Team.Invite(t.Context(), a, team.InviteIn{Email: "x@example.it", Role: team.Guest}); err != nil {
			t.Fatal(err)
		}
		leaver := b.Add(t, team.Guest, "leaver@example.it")
		if err := b.Team.Leave(t.Context(), a, team.LeaveIn{Member: leaver.ID}); err != nil {
			t.Fatal(err)
		}
		denied := map[string][]team.Role{
			"/settings/import":          {team.Community, team.Editor, team.Contributor, team.Guest},
			"/settings/audit":           {team.Community, team.Marketing, team.Editor, team.Contributor, team.Guest},
			"/settings/replies":         {team.Contributor, team.Guest},
			"/settings/posts":           {team.Contributor},
			"/settings/ties":            {team.Contributor},
			"/settings/programs":        {team.Community, team.Marketing, team.Editor, team.Contributor, team.Guest},
			"/leads":                    {team.Contributor},
			"/leads/new":                {team.Editor, team.Contributor, team.Guest},
			"/leads/import":             {team.Editor, team.Contributor, team.Guest},
			"/leads/export.csv":         {team.Editor, team.Contributor, team.Guest},
			"/forms":                    {team.Contributor},
			"/leads/quality":            {team.Contributor},
			"/results":                  {team.Contributor},
			"/results/export.csv":       {team.Contributor},
			"/results/costs":            {team.Contributor},
			"/results/costs/export.csv": {team.Contributor},
			"/results/costs/table":      {team.Community, team.Editor, team.Contributor, team.Guest},
			"/settings/triage":          {team.Community, team.Marketing, team.Editor, team.Contributor, team.Guest},
		}
		for _, role := range team.Roles {
			m := b.Members[role]
			d.give(m)
			for _, lang := range []string{"it", "en"} {
				who := d.browser(lang)
				who.enter(m.Email)
				who.post("/language", "lang", lang, "back", "/team").is(t, "the language", http.StatusSeeOther, "/team")
				for _, pattern := range d.web.Routes() {
					path, ok := strings.CutPrefix(pattern, "GET ")
					if !ok || strings.HasPrefix(path, "/live") || strings.HasPrefix(path, "/sign-in") || path == "/welcome" {
						continue
					}
					paths := []string{strings.Replace(path, "{id}", "nothing", 1)}
					if path == "/team/{id}" {
						paths = append(paths, "/team/"+string(b.Members[team.Editor].ID), "/team/"+string(m.ID), "/team/"+string(leaver.ID))
					}
					for _, at := range paths {
						at = strings.NewReplacer("{token}", "nothing", "{file}", "nothing", "{$}", "", "{id}", "nothing").Replace(at)
						got := who.get(at)
						want := http.StatusOK
						if strings.Contains(at, "nothing") {
							want = http.StatusNotFound
						}
						for _, r := range denied[at] {
							if r == role {
								want = http.StatusForbidden
							}
						}
						decides := foreign(at) && got.status < 500 || want == http.StatusNotFound && got.status == http.StatusForbidden
						if got.status != want && !decides {
							t.Errorf("%s as %s in %s: %d, want %d\n%s", at, role, lang, got.status, want, cut(got.body))
						}
						if got.header.Get("Content-Type") == "text/html; charset=utf-8" {
							if found := marker.FindString(got.body); found != "" {
								t.Errorf("%s as %s in %s shows %q", at, role, lang, found)
							}
							if strings.Contains(got.body, "<html") && !strings.Contains(got.body, `<html lang="`+lang+`"`) {
								t.Errorf("%s is not in %s", at, lang)
							}
						}
					}
				}
			}
		}
	})
}

// foreign pages decide by themselves who may open them: their own tests tell.
func foreign(path string) bool {
	return !strings.HasPrefix(path, "/team") && !strings.HasPrefix(path, "/settings") && path != "/help"
}

func TestHeaders(t *testing.T) {
	t.Parallel()
	s := storetest.SQLite(t)
	b := teamtest.New(t, s)
	plain := newDoor(t, s, b.Team, b.Clock, web.Options{})
	got := plain.browser("it").get("/sign-in")
	for name, want := range map[string]string{
		"Content-Security-Policy": "default-src 'none'", "X-Content-Type-Options": "nosniff", "Referrer-Policy": "same-origin",
		"Permissions-Policy": "camera=()", "X-Frame-Options": "DENY", "Cache-Control": "no-store",
	} {
		if !strings.Contains(got.header.Get(name), want) {
			t.Errorf("%s is %q, want %q in it", name, got.header.Get(name), want)
		}
	}
	csp := got.header.Get("Content-Security-Policy")
	if strings.Contains(csp, "unsafe") || !strings.Contains(csp, "frame-ancestors 'none'") {
		t.Errorf("the policy is %q", csp)
	}
	if got.header.Get("Strict-Transport-Security") != "" {
		t.Error("HSTS without TLS")
	}
	if regexp.MustCompile(`<style|\sstyle=|\son[a-z]+="|<script>`).MatchString(got.body) {
		t.Error("something is inline")
	}
	missing := plain.browser("it").get("/nothing")
	missing.is(t, "nowhere", http.StatusNotFound, "")
	missing.says(t, "nowhere", "Qui non c’è niente.", missing.header.Get("X-Request-Id"))

	who := plain.browser("en")
	who.head.Set("Accept", "application/json")
	if j := who.get("/nothing"); j.header.Get("Content-Type") != "application/problem+json" || !strings.Contains(j.body, `"status":404`) {
		t.Errorf("problem+json: %s %s", j.header.Get("Content-Type"), j.body)
	}
}

func TestSecureCookies(t *testing.T) {
	t.Parallel()
	s := storetest.SQLite(t)
	b := teamtest.New(t, s)
	d := newDoor(t, s, b.Team, b.Clock, web.Options{Secure: true, BaseURL: "https://ponte.example/"})
	m := b.Members[team.Owner]
	d.give(m)
	got := d.browser("it").post("/sign-in", "email", m.Email, "password", secret)
	got.is(t, "signing in", http.StatusSeeOther, "/")
	c := got.cookie["__Host-ponte"]
	if c == nil || !c.Secure || !c.HttpOnly || c.Path != "/" || c.Domain != "" || c.SameSite != http.SameSiteLaxMode {
		t.Fatalf("the session's cookie: %v", got.header["Set-Cookie"])
	}
	if !strings.Contains(got.header.Get("Strict-Transport-Security"), "max-age=") {
		t.Error("no HSTS")
	}
	who := d.browser("it")
	who.head.Set("Cookie", "__Host-ponte="+c.Value)
	who.post("/team/invite", "email", "y@example.it", "role", "guest").says(t, "the link", "https://ponte.example/invite/")
}

func TestAnotherSiteCannotSendForms(t *testing.T) {
	t.Parallel()
	s := storetest.SQLite(t)
	b := teamtest.New(t, s)
	d := newDoor(t, s, b.Team, b.Clock, web.Options{})
	m := b.Members[team.Owner]
	d.give(m)
	who := d.browser("it")
	who.enter(m.Email)
	for _, head := range []http.Header{{"Sec-Fetch-Site": {"cross-site"}}, {"Sec-Fetch-Site": {"same-site"}}, {"Sec-Fetch-Site": {""}, "Origin": {"https://evil.example"}}} {
		who.head = head
		got := who.post("/team/invite", "email", "eve@example.org", "role", "owner")
		got.is(t, "a form of another site", http.StatusForbidden, "")
		got.says(t, "a form of another site", "Questa richiesta arriva da un altro sito.")
	}
	open, err := b.Team.Invitations(t.Context(), b.Actor(team.Owner))
	if err != nil || len(open) != 0 {
		t.Errorf("invitations: %v %v", open, err)
	}
}

func TestRolesAreKept(t *testing.T) {
	t.Parallel()
	eachDoor(t, func(t *testing.T, d *door, b *teamtest.Bed) {
		d.give(b.Members[team.Editor])
		who := d.browser("it")
		who.enter(b.Members[team.Editor].Email)
		other, self := "/team/"+string(b.Members[team.Guest].ID), "/team/"+string(b.Members[team.Editor].ID)
		for path, form := range map[string][]string{
			"/team/invite": {"email", "z@example.it", "role", "guest"}, other: {"name", "X", "role", "owner"}, other + "/link": {}, other + "/leave": {},
			self: {"name", "Me", "role", "owner"}, "/settings": {"name", "Mine", "zone", "Europe/Rome", "locale", "it", "target", "60", "approval", "none"}, "/settings/sample/remove": {},
		} {
			if got := who.post(path, form...); got.status != http.StatusForbidden {
				t.Errorf("%s: %d\n%s", path, got.status, cut(got.body))
			}
		}
		who.head.Set("HX-Request", "true")
		part := who.post(other + "/link")
		if part.status != http.StatusForbidden || strings.Contains(part.body, "<html") {
			t.Errorf("a fragment that failed: %d %s", part.status, cut(part.body))
		}
	})
}

func TestCompanySettings(t *testing.T) {
	t.Parallel()
	eachDoor(t, func(t *testing.T, d *door, b *teamtest.Bed) {
		d.give(b.Members[team.Owner])
		who := d.browser("it")
		who.enter(b.Members[team.Owner].Email)
		form := []string{"name", "Arno Due", "zone", "Europe/London", "locale", "en", "target", "240", "inhours", "on", "approval", "public", "day1", "9-13 e 14.30–18"}
		who.post("/settings", form...).is(t, "saving", http.StatusSeeOther, "/settings")
		c, err := b.Team.Company(t.Context(), b.Company.ID)
		if err != nil {
			t.Fatal(err)
		}
		if got := c.Settings.Hours.String(); c.Name != "Arno Due" || c.Zone != "Europe/London" || c.Settings.Target != 240 || !c.Settings.InHours || c.Settings.Approval != team.ApprovalPublic || got != "1 09:00-13:00 14:30-18:00" && !strings.Contains(got, "14:30-18:00") {
			t.Errorf("the company is %+v, hours %s", c, got)
		}
		who.get("/settings").says(t, "the toast", "Settings saved.", "9:00-13:00, 14:30-18:00")
		bad := who.post("/settings", "name", "", "zone", "Mars/Base", "locale", "en", "target", "1", "approval", "none", "day2", "mattina")
		bad.is(t, "hours that cannot be read", http.StatusUnprocessableEntity, "")
		bad.says(t, "hours that cannot be read", `value="mattina"`, `id="day2-problem"`)
		bad = who.post("/settings", "name", "", "zone", "Mars/Base", "locale", "en", "target", "1", "approval", "none", "day2", "18-9")
		bad.is(t, "wrong settings", http.StatusUnprocessableEntity, "")
		bad.says(t, "wrong settings", `id="name-problem"`, `id="zone-problem"`, `id="target-problem"`, `value="18-9"`)
	})
}

func TestOwnAccount(t *testing.T) {
	t.Parallel()
	eachDoor(t, func(t *testing.T, d *door, b *teamtest.Bed) {
		m := b.Members[team.Marketing]
		d.give(m)
		who, phone := d.browser("it"), d.browser("it")
		who.enter(m.Email)
		phone.enter(m.Email)
		who.post("/settings/me", "name", "Nadia Rossi", "job", "vendite").is(t, "name", http.StatusSeeOther, "/settings/me")
		who.get("/settings/me").says(t, "name", "Nadia Rossi", "Salvato.", "2 sessioni")
		who.post("/settings/me", "name", "").is(t, "no name", http.StatusUnprocessableEntity, "")
		who.post("/settings/me/preferences", "locale", "en").is(t, "preferences", http.StatusSeeOther, "/settings/me")
		who.get("/settings/me").says(t, "English", `<html lang="en"`, `data-keys="off"`)
		who.post("/theme", "theme", "dark", "back", "/settings/me").is(t, "theme", http.StatusSeeOther, "/settings/me")
		who.get("/settings/me").says(t, "dark", `data-theme="dark"`)
		who.post("/settings/me/password", "old", "no no no no no", "password", "un’altra frase lunga").says(t, "a wrong old password", `id="old-problem"`)
		who.post("/settings/me/password", "old", secret, "password", "x").says(t, "a weak password", `id="new-password-problem"`)
		who.post("/settings/me/password", "old", secret, "password", "otto gatti sul tetto").is(t, "a new password", http.StatusSeeOther, "/settings/me")
		phone.get("/team").is(t, "the other session", http.StatusSeeOther, "/sign-in?next=%2Fteam")
		none := who.post("/settings/me/tokens", "name", "", "expires", "30")
		none.is(t, "an empty key", http.StatusUnprocessableEntity, "")
		none.says(t, "an empty key", `id="name-problem"`, `id="scopes-problem"`)
		for _, days := range []string{"30", "730"} {
			made := who.post("/settings/me/tokens", "name", "foglio", "expires", days, "scopes", "inbox.read", "scopes", "people.read")
			made.is(t, "a key of "+days, http.StatusOK, "")
			key := regexp.MustCompile(`value="(pnt_[^"]+)"`).FindStringSubmatch(made.body)
			if key == nil {
				t.Fatalf("no key:\n%s", cut(made.body))
			}
			if _, tok, err := d.rooms.Signin.ByBearer(t.Context(), key[1]); err != nil || len(tok.Scopes) != 2 {
				t.Errorf("the key: %v %v", tok, err)
			}
		}
		page := who.get("/settings/me")
		revoke := regexp.MustCompile(`action="(/settings/me/tokens/[^"]+/revoke)"`).FindStringSubmatch(page.body)
		if revoke == nil {
			t.Fatal("no key to revoke")
		}
		who.post(revoke[1]).is(t, "revoking", http.StatusSeeOther, "/settings/me")
		phone.post("/sign-in", "email", m.Email, "password", "otto gatti sul tetto").is(t, "the phone again", http.StatusSeeOther, "/")
		end := regexp.MustCompile(`action="(/settings/me/sessions/[^"]+/end)"`).FindStringSubmatch(who.get("/settings/me").body)
		if end == nil {
			t.Fatal("no session to end")
		}
		who.post(end[1]).is(t, "ending it", http.StatusSeeOther, "/settings/me")
		phone.get("/team").is(t, "the ended session", http.StatusSeeOther, "/sign-in?next=%2Fteam")
	})
}

func TestSavedReplies(t *testing.T) {
	t.Parallel()
	eachDoor(t, func(t *testing.T, d *door, b *teamtest.Bed) {
		d.give(b.Members[team.Editor])
		who := d.browser("it")
		who.enter(b.Members[team.Editor].Email)
		who.get("/settings/replies").says(t, "none", "Ancora nessuna.")
		bad := who.post("/settings/replies", "title", "Grazie", "body", "Ciao {nonna}")
		bad.is(t, "a wrong placeholder", http.StatusUnprocessableEntity, "")
		bad.says(t, "a wrong placeholder", "Ciao {nonna}", `id="body-problem"`)
		who.post("/settings/replies", "title", "Grazie", "body", "Ciao {nome}, grazie.").is(t, "saving", http.StatusSeeOther, "/settings/replies")
		page := who.get("/settings/replies")
		page.says(t, "the reply", "Ciao {nome}, grazie.", "Risposta salvata.")
		id := regexp.MustCompile(`href="/settings/replies\?id=([^"]+)"`).FindStringSubmatch(page.body)
		if id == nil {
			t.Fatal("no reply to change")
		}
		who.get("/settings/replies?id="+id[1]).says(t, "the form", "Cambia la risposta", `value="`+id[1]+`"`)
		who.post("/settings/replies", "id", id[1], "title", "Grazie mille", "body", "Ciao.").is(t, "changing", http.StatusSeeOther, "/settings/replies")
		if again := who.get("/settings/replies"); strings.Count(again.body, "Grazie mille") < 1 || strings.Contains(again.body, "Ciao {nome}") {
			t.Error("the reply did not change")
		}
		who.post("/settings/replies/"+id[1]+"/delete").is(t, "removing", http.StatusSeeOther, "/settings/replies")
		who.get("/settings/replies").says(t, "none again", "Ancora nessuna.")
	})
}

func TestAuditTrail(t *testing.T) {
	t.Parallel()
	eachDoor(t, func(t *testing.T, d *door, b *teamtest.Bed) {
		d.give(b.Members[team.Owner])
		who := d.browser("it")
		who.enter(b.Members[team.Owner].Email)
		who.get("/settings/audit").says(t, "the trail", "2 marzo 2026", "ha aggiunto un membro", "Olga Ceramiche Arno")
		who.get("/settings/audit?from=2030-01-01").says(t, "a filter", "Qui non è successo niente.", `value="2030-01-01"`)
		who.get("/settings/audit?from=ieri").is(t, "a wrong date", http.StatusUnprocessableEntity, "")
		for range 60 {
			if _, err := b.Team.SetOwnPreferences(t.Context(), b.Actor(team.Owner), team.Preferences{Locale: "it"}); err != nil {
				t.Fatal(err)
			}
		}
		next := regexp.MustCompile(`href="(/settings/audit\?cursor=[^"]+)"`).FindStringSubmatch(who.get("/settings/audit").body)
		if next == nil {
			t.Fatal("no further page")
		}
		who.get(next[1]).says(t, "the page before", "ha aggiunto un membro")
	})
}
