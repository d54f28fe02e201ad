package journey_test

import (
	"strings"
	"testing"

	"github.com/ponte-desk/ponte/internal/apptest"
	"github.com/ponte-desk/ponte/internal/inbox"
	"github.com/ponte-desk/ponte/internal/network/mastodon/mastodontest"
	"github.com/ponte-desk/ponte/internal/team"
)

// arrives waits until a question stands in the inbox.
func arrives(t *testing.T, h *apptest.House, words string) inbox.ConversationID {
	t.Helper()
	var id inbox.ConversationID
	eventually(t, words+" arrives", soon, func() bool {
		for _, c := range all(t, h) {
			if strings.Contains(c.Preview, words) {
				id = c.ID
			}
		}
		return id != ""
	})
	return id
}

// On a phone, in English: a private message looks private and is answered privately.
func TestAPrivateMessageIsAnsweredPrivatelyOnAPhone(t *testing.T) {
	m := newMastodon(t, mastodontest.Options{})
	h := apptest.Start(t, apptest.Options{})
	m.join(t, h)
	editor := h.Add(team.Community, "ed@ceramichearno.example", "Ed Reed")
	w := newWindow(t, h, "en", phone)
	w.signIn(editor.Email, apptest.Password)
	w.speak("en")
	w.open("/inbox")
	w.mark()
	const question, answer = "My order 1204 never came.", "Sorry, Elena. Which address did you give us?"
	asked, err := m.stranger.Message(t.Context(), question)
	must(t, err)
	w.within(soon, row(question))
	w.unmoved()
	w.look("list")
	w.click("open", row(question)+`.querySelector("a")`)
	w.until(`document.querySelector("#talk.private")`)
	w.sees(w.say("inboxpage.only_you"))
	if lang := w.text(`document.documentElement.lang`); lang != "en" {
		t.Errorf("the page speaks %s", lang)
	}
	w.look("private")
	w.fill("#reply-text", answer)
	w.look("written")
	w.pressKey("inboxpage.send", "name", "Elena")
	eventually(t, "the answer stands", soon, func() bool { return len(holding(m.standing(t), answer)) > 0 })
	w.until(`document.querySelector("#thread")?.innerText.includes(` + quote(answer) + `)`)
	w.look("answered")
	if got := holding(m.standing(t), answer); len(got) != 1 || got[0].Visibility != "direct" || got[0].Parent != asked {
		t.Errorf("in answer to the private %s stands %+v", asked, got)
	}
	if wide := w.text(`document.documentElement.scrollWidth > innerWidth + 1 ? "wide" : ""`); wide != "" {
		t.Error("the page is wider than the phone")
	}
}

// Where the company wants it, an editor's answer waits for the owner, who approves it from a phone.
func TestAnAnswerWaitsForTheOwner(t *testing.T) {
	m := newMastodon(t, mastodontest.Options{})
	h := apptest.Start(t, apptest.Options{})
	m.join(t, h)
	editor := h.Add(team.Editor, "edda@ceramichearno.example", "Edda Neri")
	settings := h.Company.Settings
	settings.Approval = team.ApprovalRole
	_, err := h.Team.ChangeCompany(t.Context(), h.Owner.Actor(), team.ChangeCompanyIn{Name: h.Company.Name, Zone: h.Company.Zone, Locale: h.Company.Locale, Settings: settings})
	must(t, err)
	const question, answer = "Il manico si è rotto dopo un mese.", "Ci spiace molto: te ne mandiamo una nuova."
	m.ask(t, question)
	id := arrives(t, h, question)

	hers := newWindow(t, h, "it", desktop)
	hers.signIn(editor.Email, apptest.Password)
	hers.open("/inbox/" + string(id))
	hers.fill("#reply-text", answer)
	hers.look("asks")
	hers.pressKey("inboxpage.ask")
	hers.until(`document.querySelector("#thread")?.innerText.includes(` + quote(answer) + `)`)
	hers.look("waits")

	owner := newWindow(t, h, "it", phone)
	owner.signIn(apptest.OwnerEmail, apptest.Password)
	owner.sees(answer[:20])
	owner.look("today")
	if got := holding(m.standing(t), answer); len(got) != 0 {
		t.Fatalf("it stands before anybody approved: %+v", got)
	}
	owner.open("/inbox/" + string(id))
	owner.look("to-approve")
	owner.pressKey("inboxpage.approve")
	eventually(t, "the answer stands", soon, func() bool { return len(holding(m.standing(t), answer)) > 0 })
	owner.look("approved")
	hers.within(soon, `[...document.querySelectorAll("#thread .message")].some((m) => m.innerText.includes(`+quote(answer)+`) && !m.querySelector(".keys"))`)
	hers.look("out")
	if got := holding(m.standing(t), answer); len(got) != 1 {
		t.Errorf("it stands as %+v", got)
	}
}
