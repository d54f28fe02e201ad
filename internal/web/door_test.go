package web_test

import (
	"context"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"github.com/ponte-desk/ponte/internal/clock"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/storetest"
	"github.com/ponte-desk/ponte/internal/team"
	"github.com/ponte-desk/ponte/internal/team/teamtest"
	"github.com/ponte-desk/ponte/internal/web"
)

func TestFirstRun(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		var d *door
		fill := func(ctx context.Context, a team.Actor) error {
			_, _, err := d.rooms.Team.FoundSample(ctx, a, team.FoundIn{Name: "Ceramiche Arno", OwnerName: "Giulia Bandini", OwnerEmail: "giulia@arno.example"})
			return err
		}
		d = newDoor(t, s, nil, clock.NewManual(teamtest.Start), web.Options{FillSample: fill})
		token, err := d.rooms.Signin.OpenSetup(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		stranger := d.browser("en")
		for _, path := range []string{"/", "/inbox", "/sign-in", "/settings", "/nothing"} {
			stranger.get(path).is(t, path, http.StatusSeeOther, "/welcome")
		}
		locked := stranger.get("/welcome")
		locked.is(t, "the locked welcome", http.StatusForbidden, "")
		locked.says(t, "the locked welcome", "waiting for its owner")
		stranger.get("/welcome?token=wrong").is(t, "a wrong word", http.StatusForbidden, "")
		stranger.post("/welcome", "company", "Mine", "name", "Eve", "email", "eve@example.org", "password", secret, "key", "").is(t, "founding without the word", http.StatusForbidden, "")

		owner := d.browser("it")
		in := owner.get("/welcome?token=" + token)
		in.is(t, "the one-time address", http.StatusSeeOther, "/welcome")
		if c := in.cookie["ponte_setup"]; c == nil || !c.HttpOnly || c.SameSite != http.SameSiteLaxMode {
			t.Errorf("the cookie of the first run: %v", c)
		}
		owner.get("/welcome").says(t, "the welcome", "Per cominciare, ascolta e basta.", `value="Europe/Rome" selected`, "Londra")
		wrong := owner.post("/welcome", "company", "", "zone", "Europe/Rome", "name", "Olga", "email", "olga", "password", "xyzzy7")
		wrong.is(t, "what is wrong", http.StatusUnprocessableEntity, "")
		wrong.says(t, "what is wrong", `value="olga"`, "Questo non è un indirizzo e-mail.", `id="company-problem"`, `id="email-problem"`, `id="password-problem"`)
		if strings.Contains(wrong.body, "xyzzy7") {
			t.Error("the password came back")
		}
		done := owner.post("/welcome", "company", "Vetri Lambro", "zone", "Europe/Rome", "name", "Olga Neri", "email", "olga@lambro.example", "password", secret)
		done.is(t, "founding", http.StatusSeeOther, "/welcome/start")
		owner.get("/welcome/start").says(t, "the ways on", "Vetri Lambro, ora di Roma", `value="sample"`)
		owner.post("/welcome/start", "way", "nowhere").is(t, "a way that is not there", http.StatusUnprocessableEntity, "")
		owner.post("/welcome/start", "way", "import").is(t, "an archive", http.StatusSeeOther, "/settings/import")
		owner.post("/welcome/start", "way", "connect").is(t, "connecting", http.StatusSeeOther, "/channels")
		owner.post("/welcome/start", "way", "sample").is(t, "looking round", http.StatusSeeOther, "/")
		owner.get("/team").says(t, "the sample", "Ceramiche Arno è inventata", "Torna alla tua azienda", "giulia@arno.example")
		owner.get("/settings/me").says(t, "oneself in the sample", "olga@lambro.example")
		owner.post("/visit", "to", "home").is(t, "home", http.StatusSeeOther, "/")
		if home := owner.get("/team"); strings.Contains(home.body, "giulia@arno.example") || !strings.Contains(home.body, "olga@lambro.example") {
			t.Error("at home one still sees the sample")
		}
		owner.post("/settings/sample/remove").is(t, "removing the sample", http.StatusSeeOther, "/settings")
		owner.get("/settings").says(t, "the toast", "L’azienda di esempio non c’è più.")
		stranger.get("/welcome?token="+token).is(t, "the address once more", http.StatusSeeOther, "/")
		stranger.post("/welcome", "company", "Mine", "name", "Eve", "email", "eve@example.org", "password", secret).is(t, "founding twice", http.StatusForbidden, "")
	})
}

func TestSignIn(t *testing.T) {
	t.Parallel()
	eachDoor(t, func(t *testing.T, d *door, b *teamtest.Bed) {
		m := b.Members[team.Community]
		d.give(m)
		who := d.browser("it")
		who.get("/team?x=1").is(t, "a stranger", http.StatusSeeOther, "/sign-in?next=%2Fteam%3Fx%3D1")
		who.get("/sign-in?next=%2Fteam").says(t, "the door", "Bentornati al banco.", `name="next" value="/team"`, "Ceramiche Arno", "ponte user reset")
		for _, away := range []string{"https://evil.example/", "//evil.example/", `/\evil.example`, "javascript:alert(1)"} {
			if a := who.get("/sign-in?next=" + url.QueryEscape(away)); !strings.Contains(a.body, `name="next" value="/"`) {
				t.Errorf("the way on to %s is kept", away)
			}
		}
		wrong := who.post("/sign-in", "email", m.Email, "password", "sbagliata sbagliata", "next", "/team")
		wrong.is(t, "a wrong password", http.StatusUnprocessableEntity, "")
		wrong.says(t, "a wrong password", `value="`+m.Email+`"`, "class=\"trouble")
		in := who.post("/sign-in", "email", m.Email, "password", secret, "next", "/team")
		in.is(t, "the right password", http.StatusSeeOther, "/team")
		c := in.cookie["ponte"]
		if c == nil || !c.HttpOnly || c.SameSite != http.SameSiteLaxMode || c.Path != "/" || c.Secure {
			t.Fatalf("the session's cookie over http: %v", c)
		}
		who.get("/sign-in").is(t, "the door once in", http.StatusSeeOther, "/")
		who.post("/sign-out").is(t, "signing out", http.StatusSeeOther, "/sign-in")
		who.get("/sign-in").says(t, "after signing out", "Sei uscito")
		thief := d.browser("it")
		thief.head.Set("Cookie", "ponte="+c.Value)
		thief.get("/team").is(t, "the old session", http.StatusSeeOther, "/sign-in?next=%2Fteam")
		thief.get("/sign-in").says(t, "an ended session", "La sessione è finita")

		limited := false
		for range 30 {
			a := who.post("/sign-in", "email", m.Email, "password", "sbagliata sbagliata")
			if a.status == http.StatusTooManyRequests {
				limited = true
				if a.header.Get("Retry-After") == "" || !strings.Contains(a.body, "Troppi tentativi.") || strings.Contains(a.body, "no value") {
					t.Errorf("too many tries: %s", cut(a.body))
				}
				break
			}
		}
		if !limited {
			t.Error("one may try for ever")
		}
	})
}

var (
	secretField = regexp.MustCompile(`name="secret" value="([A-Z2-7]+)"`)
	codeItem    = regexp.MustCompile(`<li><code>([^<]+)</code></li>`)
)

func TestSecondFactor(t *testing.T) {
	t.Parallel()
	eachDoor(t, func(t *testing.T, d *door, b *teamtest.Bed) {
		m := b.Members[team.Editor]
		d.give(m)
		who := d.browser("en")
		who.enter(m.Email)
		setup := who.post("/settings/me/two-factor")
		setup.is(t, "setting up", http.StatusOK, "")
		found := secretField.FindStringSubmatch(setup.body)
		if found == nil || !strings.Contains(setup.body, `src="data:image/svg+xml;base64,`) {
			t.Fatalf("no secret on the page:\n%s", cut(setup.body))
		}
		again := who.post("/settings/me/two-factor/confirm", "code", "000000", "secret", found[1], "qr", "data:image/svg+xml;base64,AAAA")
		again.is(t, "a wrong code", http.StatusUnprocessableEntity, "")
		again.says(t, "a wrong code", `id="code-problem"`, found[1])
		code := func() string {
			c, err := totp.GenerateCode(found[1], d.clock.Now())
			if err != nil {
				t.Fatal(err)
			}
			return c
		}
		on := who.post("/settings/me/two-factor/confirm", "code", code(), "secret", found[1])
		on.is(t, "the right code", http.StatusOK, "")
		codes := codeItem.FindAllStringSubmatch(on.body, -1)
		if len(codes) != 10 {
			t.Fatalf("%d recovery codes", len(codes))
		}
		d.clock.Advance(time.Minute)

		back := d.browser("it")
		back.get("/sign-in/code").is(t, "a code without a password", http.StatusSeeOther, "/sign-in?")
		back.post("/sign-in", "email", m.Email, "password", secret, "next", "/help").is(t, "the password", http.StatusSeeOther, "/sign-in/code?next=%2Fhelp")
		back.get("/team").is(t, "between the steps", http.StatusSeeOther, "/sign-in?next=%2Fteam")
		back.get("/sign-in/code?next=%2Fhelp").says(t, "the code", "Scrivi le sei cifre", `name="next" value="/help"`)
		back.post("/sign-in/code", "code", "123456").is(t, "a wrong code", http.StatusUnprocessableEntity, "")
		back.post("/sign-in/code", "code", code(), "next", "/help").is(t, "the right code", http.StatusSeeOther, "/help")
		back.get("/help").is(t, "inside", http.StatusOK, "")

		lost := d.browser("it")
		lost.post("/sign-in", "email", m.Email, "password", secret)
		lost.get("/sign-in/code?with=recovery").says(t, "recovery", "codice di riserva")
		lost.post("/sign-in/code", "recovery", codes[0][1]).is(t, "a recovery code", http.StatusSeeOther, "/")
		lost.get("/settings/me/two-factor").says(t, "what is left", "ne restano 9")
		lost.post("/settings/me/two-factor/off", "password", "sbagliata sbagliata").is(t, "off with a wrong password", http.StatusUnprocessableEntity, "")
		lost.post("/settings/me/two-factor/off", "password", secret).is(t, "off", http.StatusSeeOther, "/settings/me")
	})
}

func TestACompanyThatWantsTheSecondFactorLeadsToIt(t *testing.T) {
	t.Parallel()
	eachDoor(t, func(t *testing.T, d *door, b *teamtest.Bed) {
		c := b.Company
		c.Settings.TwoFactor = true
		if _, err := b.Team.ChangeCompany(t.Context(), b.Actor(team.Owner), team.ChangeCompanyIn{Name: c.Name, Zone: c.Zone, Locale: c.Locale, Settings: c.Settings}); err != nil {
			t.Fatal(err)
		}
		m := b.Members[team.Guest]
		d.give(m)
		who := d.browser("it")
		who.enter(m.Email)
		who.get("/team").is(t, "the team", http.StatusSeeOther, "/settings/me/two-factor")
		who.post("/settings/me/tokens", "name", "x", "scopes", "inbox.read").is(t, "a key", http.StatusSeeOther, "/settings/me/two-factor")
		who.get("/settings/me/two-factor").says(t, "the reason", "La tua azienda la vuole per tutti.")
		who.post("/sign-out").is(t, "signing out", http.StatusSeeOther, "/sign-in")
	})
}

func TestInvitation(t *testing.T) {
	t.Parallel()
	eachDoor(t, func(t *testing.T, d *door, b *teamtest.Bed) {
		d.give(b.Members[team.Owner])
		owner := d.browser("it")
		owner.enter(b.Members[team.Owner].Email)
		wrong := owner.post("/team/invite", "email", "marta", "name", "Marta", "role", "king")
		wrong.is(t, "a wrong invitation", http.StatusUnprocessableEntity, "")
		wrong.says(t, "a wrong invitation", `value="marta"`, `id="invite-email-problem"`, `id="invite-role-problem"`)
		made := owner.post("/team/invite", "email", "marta@example.it", "name", "Marta Lippi", "role", "editor")
		made.is(t, "the invitation", http.StatusOK, "")
		link := regexp.MustCompile(regexp.QuoteMeta(d.server.URL) + `(/invite/[A-Za-z0-9_-]+)`).FindStringSubmatch(made.body)
		if link == nil {
			t.Fatalf("no link:\n%s", cut(made.body))
		}
		guest := d.browser("en")
		guest.get(link[1]).says(t, "the invitation", "Ceramiche Arno", "marta@example.it", `value="Marta Lippi"`)
		short := guest.post(link[1], "name", "", "password", "short")
		short.is(t, "a short password", http.StatusUnprocessableEntity, "")
		short.says(t, "a short password", `id="name-problem"`, `id="password-problem"`)
		guest.post(link[1], "name", "Marta Lippi", "password", secret).is(t, "joining", http.StatusSeeOther, "/")
		guest.get("/settings/me").says(t, "the new member", "marta@example.it")
		guest.get(link[1]).is(t, "the link again", http.StatusNotFound, "")
		owner.post("/team/invite", "email", "piero@example.it", "role", "guest")
		page := owner.get("/team")
		revoke := regexp.MustCompile(`action="(/team/invite/[^"]+/revoke)"`).FindStringSubmatch(page.body)
		if revoke == nil {
			t.Fatal("no open invitation")
		}
		owner.post(revoke[1]).is(t, "withdrawing", http.StatusSeeOther, "/team")
		owner.get("/team").says(t, "the toast", "L’invito è ritirato")
	})
}

func TestLeavingEndsTheSession(t *testing.T) {
	t.Parallel()
	eachDoor(t, func(t *testing.T, d *door, b *teamtest.Bed) {
		d.give(b.Members[team.Owner])
		leaver := b.Members[team.Community]
		d.give(leaver)
		owner, colleague := d.browser("it"), d.browser("it")
		owner.enter(b.Members[team.Owner].Email)
		colleague.enter(leaver.Email)
		colleague.get("/team").is(t, "before", http.StatusOK, "")
		path := "/team/" + string(leaver.ID)
		owner.post(path+"/leave", "heir", string(leaver.ID)).is(t, "an heir who leaves", http.StatusUnprocessableEntity, "")
		owner.post(path+"/leave", "heir", string(b.Members[team.Editor].ID)).is(t, "leaving", http.StatusSeeOther, "/team")
		owner.get("/team").says(t, "the toast", "Uno community")
		colleague.get("/team").is(t, "after", http.StatusSeeOther, "/sign-in?next=%2Fteam")
		last := owner.post("/team/"+string(b.Members[team.Owner].ID)+"/leave", "heir", "")
		last.is(t, "the last owner", http.StatusConflict, "")
		last.says(t, "the last owner", "ultima persona titolare")
		reset := owner.post("/team/"+string(b.Members[team.Editor].ID)+"/link", "drop", "on")
		link := regexp.MustCompile(`(/password/[A-Za-z0-9_-]+)`).FindStringSubmatch(reset.body)
		if link == nil {
			t.Fatalf("no link:\n%s", cut(reset.body))
		}
		fresh := d.browser("it")
		fresh.get(link[1]).says(t, "the link", b.Members[team.Editor].Email)
		fresh.post(link[1], "password", "corta").is(t, "a short password", http.StatusUnprocessableEntity, "")
		fresh.post(link[1], "password", secret).is(t, "a new password", http.StatusSeeOther, "/sign-in")
		fresh.enter(b.Members[team.Editor].Email)
	})
}
