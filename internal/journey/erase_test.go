package journey_test

import (
	"testing"

	"github.com/chromedp/chromedp/kb"

	"github.com/ponte-desk/ponte/internal/apptest"
	"github.com/ponte-desk/ponte/internal/audience"
	"github.com/ponte-desk/ponte/internal/network/mastodon/mastodontest"
	"github.com/ponte-desk/ponte/internal/team"
)

// Somebody writes "delete what you have about me": they are erased through the browser by keyboard, the certificate stands, what they
// write does not come in, and once they are allowed again it does.
func TestSomebodyIsErased(t *testing.T) {
	m := newMastodon(t, mastodontest.Options{})
	h := apptest.Start(t, apptest.Options{})
	m.join(t, h)
	giulia := h.Add(team.Community, "giulia@ceramichearno.example", "Giulia Bandini")
	const request = "Per favore cancellate tutto quello che avete su di me."
	m.ask(t, request)
	id := arrives(t, h, "cancellate tutto")
	thread, err := h.Inbox.Open(t.Context(), h.Owner.Actor(), id)
	must(t, err)
	person, err := h.Audience.Person(t.Context(), h.Owner.Actor(), thread.Person())
	must(t, err)

	w := newWindow(t, h, "it", desktop)
	w.tolerate("404")
	w.tolerate("422")
	w.signIn(giulia.Email, apptest.Password)
	w.open("/people/" + string(person.ID))
	w.sees(request)
	w.do(`document.querySelector("#data").scrollIntoView()`)
	w.look("data")
	w.pressKey("peoplepage.erase")
	w.sees(w.say("erasepage.goes"))
	w.sees(w.say("erasepage.kind.conversations"))
	w.look("ask")
	w.resize(phone)
	w.theme("dark")
	w.look("ask-phone")
	w.theme("light")
	w.resize(desktop)
	w.fill("#name", "qualcun altro")
	w.key(kb.Enter)
	w.until(`document.querySelector("#name-problem")`)
	w.look("wrong-name")
	w.fill("#name", person.Name)
	w.key(kb.Tab)
	w.key("mail del 12")
	w.key(kb.Tab)
	if !w.is(`document.activeElement?.matches(".key.red")`) {
		t.Error("the red key is not the next stop of the keyboard")
	}
	w.key(kb.Enter)
	w.at("/settings/privacy/1")
	w.sees("mail del 12")
	w.look("certificate")
	w.resize(phone)
	w.look("certificate-phone")
	w.resize(desktop)
	if w.is(`document.querySelector("main").innerText.includes(` + quote(person.Name) + `)`) {
		t.Error("the certificate says who it was")
	}
	w.open("/people/" + string(person.ID))
	w.sees(w.say("audience.person.missing"))

	certificate := func() audience.Certificate {
		t.Helper()
		c, err := h.Audience.Certificate(t.Context(), giulia.Actor(), 1)
		must(t, err)
		return c
	}
	m.ask(t, "Ci siete ancora?")
	eventually(t, "what they wrote is refused", soon, func() bool { return !certificate().RefusedAt.IsZero() })
	if n := len(all(t, h)); n != 0 {
		t.Errorf("%d conversations are there", n)
	}
	w.open("/settings/privacy")
	w.sees("mail del 12")
	w.look("privacy")
	w.click("the certificate", `document.querySelector("#certificate-list a")`)
	w.at("/settings/privacy/1")
	w.sees(w.say("certificate.refused"))
	w.pressKey("certificate.allow")
	w.until(`document.querySelector("#allow-sure")?.matches(":modal")`)
	w.look("allow")
	w.click("yes", `document.querySelector("#allow-sure .key.red")`)
	w.sees(w.say("certificate.allowed.done"))
	w.look("allowed")
	m.ask(t, "Sono di nuovo qui.")
	arrives(t, h, "di nuovo qui")
}
