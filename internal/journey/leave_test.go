package journey_test

import (
	"strings"
	"testing"
	"time"

	"github.com/ponte-desk/ponte/internal/apptest"
	"github.com/ponte-desk/ponte/internal/network/mastodon/mastodontest"
	"github.com/ponte-desk/ponte/internal/signin"
	"github.com/ponte-desk/ponte/internal/team"
)

// A colleague leaves: access ends everywhere at once, the work goes on, and the audit trail tells it.
func TestAColleagueLeaves(t *testing.T) {
	m := newMastodon(t, mastodontest.Options{})
	h := apptest.Start(t, apptest.Options{})
	m.join(t, h)
	giulia := h.Add(team.Community, "giulia@ceramichearno.example", "Giulia Bandini")
	_, secret, err := h.Signin.CreateToken(t.Context(), giulia.Actor(), signin.CreateTokenIn{Name: "foglio", Scopes: []team.Permission{team.InboxRead}})
	must(t, err)
	_, _, err = h.Signin.ByBearer(t.Context(), secret)
	must(t, err)
	const question = "Fate anche piatti?"
	m.ask(t, question)
	eventually(t, "the question arrives", soon, func() bool { return len(all(t, h)) == 1 })
	asked := all(t, h)[0].ID
	must(t, h.Inbox.Assign(t.Context(), h.Owner.Actor(), asked, giulia.ID))

	hers := newWindow(t, h, "it", desktop)
	hers.tolerate("401")
	hers.signIn(giulia.Email, apptest.Password)
	hers.open("/inbox?view=mine")
	hers.until(row(question))
	owner := newWindow(t, h, "it", desktop)
	owner.signIn(apptest.OwnerEmail, apptest.Password)
	owner.open("/team/" + string(giulia.ID))
	owner.look("member")
	owner.do(`(() => { const s = document.querySelector("#heir"); s.value = [...s.options].find((o) => o.text.includes("Olga")).value; })()`)
	owner.pressKey("teampage.leave.key")
	owner.until(`document.querySelector("#leave-sure")?.matches(":modal")`)
	owner.look("sure")
	owner.click("leave", `document.querySelector("#leave-sure .key.red")`)
	owner.at("/team")
	owner.look("left")

	// Her open tab is out at once, with nobody touching it.
	start := time.Now()
	hers.within(5*time.Second, `location.pathname === "/sign-in"`)
	t.Logf("her tab was out after %s", time.Since(start).Round(10*time.Millisecond))
	hers.look("out")
	hers.open("/inbox")
	hers.at("/sign-in")
	if _, _, err := h.Signin.ByBearer(t.Context(), secret); err == nil {
		t.Error("her token still opens the house")
	}
	owner.open("/inbox?view=mine")
	owner.until(row(question))
	owner.look("heir")
	owner.open("/settings/audit")
	owner.until(`document.querySelector("main").innerText.includes("Giulia Bandini")`)
	owner.look("audit")
	if said := owner.text(`document.querySelector("main").innerText`); !strings.Contains(said, owner.say("audit.team.member.left")) {
		t.Errorf("the audit trail does not tell that she left: %s", said)
	}
}
