package journey_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp/kb"

	"github.com/ponte-desk/ponte/internal/apptest"
	"github.com/ponte-desk/ponte/internal/config"
	"github.com/ponte-desk/ponte/internal/network/mastodon/mastodontest"
	"github.com/ponte-desk/ponte/internal/storetest"
)

// The first ten minutes of an owner, in a real browser: from the address in the terminal to an answer that stands on the
// network exactly once.
func TestFirstTenMinutes(t *testing.T) {
	t.Run("sqlite", func(t *testing.T) { firstTenMinutes(t, "") })
	t.Run("postgres", func(t *testing.T) { firstTenMinutes(t, storetest.FreshPostgres(t)) })
}

// soon is how long something from a network may take until it stands on an open page.
const soon = 20 * time.Second

func firstTenMinutes(t *testing.T, database string) {
	m := newMastodon(t, mastodontest.Options{})
	b := newBluesky(t)
	h := apptest.Start(t, apptest.Options{Database: database, Empty: true, Config: func(c *config.Config) { b.settings(c) }})

	// The owner, with an Italian browser. Without the address of the terminal the door stays closed.
	owner := newWindow(t, h, "it", desktop)
	owner.tolerate("403")
	owner.open("/")
	owner.sees(owner.say("door.locked.title"))
	owner.look("locked")
	address, err := h.Welcome(t.Context())
	must(t, err)
	owner.open(address)
	owner.sees(owner.say("door.welcome.who"))
	if lang := owner.text(`document.documentElement.lang`); lang != "it" {
		t.Errorf("the welcome speaks %s", lang)
	}
	owner.look("welcome")
	owner.fill(`input[name="company"]`, "Ceramiche Arno")
	owner.fill(`input[name="name"]`, "Olga Arno")
	owner.fill(`input[name="email"]`, apptest.OwnerEmail)
	owner.fill(`input[name="password"]`, apptest.Password)
	owner.pressKey("door.welcome.open")
	owner.at("/welcome/start")
	owner.look("start")
	owner.pressKey("door.way.go")
	owner.until(`location.pathname.startsWith("/channels")`)
	owner.look("no-channels")

	// Mastodon: the owner says yes on the server itself.
	owner.open("/channels/new")
	owner.look("new-channel")
	owner.fill(`#mastodon-address`, m.URL())
	owner.pressKey("channelspage.mastodon.go")
	owner.fill(`input[name="user[email]"]`, account+"@example.org")
	owner.fill(`input[name="user[password]"]`, password)
	owner.press("Log in")
	owner.press("Authorize")
	owner.until(`location.pathname.startsWith("/channels")`)
	owner.sees("@" + account)
	owner.look("mastodon-connected")

	// Bluesky: an app password, on a server of one's own.
	owner.open("/channels/new")
	owner.fill(`#bluesky-account`, b.us.Handle)
	owner.fill(`#bluesky-password`, b.app)
	owner.pressKey("channelspage.bluesky.other")
	owner.fill(`#bluesky-server`, b.net.PDS)
	owner.pressKey("channelspage.bluesky.go")
	owner.at("/channels")
	owner.sees("@" + b.us.Handle)
	owner.look("both-connected")

	// Two strangers write; the open inbox shows it by itself.
	owner.open("/inbox")
	owner.mark()
	owner.look("empty-inbox")
	const question, remark = "Avete ancora la tazza blu?", "Bello il forno! A che ora aprite?"
	asked := m.ask(t, question)
	start := time.Now()
	owner.within(soon, row(question))
	t.Logf("from Mastodon after %s", time.Since(start).Round(10*time.Millisecond))
	said := b.ask(t, remark)
	start = time.Now()
	owner.within(soon, row(remark))
	t.Logf("from Bluesky after %s", time.Since(start).Round(10*time.Millisecond))
	owner.unmoved()
	owner.look("two-waiting")

	// A colleague comes in by a link.
	owner.open("/team")
	owner.fill(`#invite-email`, "giulia@ceramichearno.example")
	owner.pressKey("teampage.invite.key")
	link := owner.textOf(`#invitation-link`)
	owner.look("invited")
	giulia := newWindow(t, h, "it", desktop)
	giulia.open(link)
	giulia.look("invitation")
	giulia.fill(`input[name="name"]`, "Giulia Bandini")
	giulia.fill(`input[name="password"]`, apptest.Password)
	giulia.pressKey("door.invite.accept")
	giulia.at("/")
	giulia.look("today")
	giulia.open("/inbox?view=mine")
	giulia.mark()

	// The owner gives her the question; it comes to her open page.
	owner.open("/inbox")
	owner.click("open the question", row(question)+`.querySelector("a")`)
	owner.until(`document.querySelector("#talk")?.innerText.includes(` + quote(question) + `)`)
	owner.look("question-open")
	owner.letter("a")
	owner.press("Giulia Bandini")
	owner.sees(owner.say("inboxpage.assigned", "name", "Giulia"))
	giulia.within(soon, row(question))
	giulia.unmoved()
	giulia.look("assigned-to-me")

	// She answers, with the mouse; twice pressed is still once.
	const answer = "Ciao Elena, ne abbiamo tre. Te ne mettiamo una da parte?"
	giulia.click("open", row(question)+`.querySelector("a")`)
	giulia.until(`document.querySelector("#reply-text")`)
	giulia.fill(`#reply-text`, answer)
	giulia.look("written")
	send := giulia.named(giulia.say("inboxpage.send", "name", "Elena"))
	giulia.until(send)
	giulia.do(`(() => { const e = ` + send + `; e.click(); e.click() })()`) // before anything can come back
	eventually(t, "the answer stands on Mastodon", soon, func() bool { return len(holding(m.standing(t), answer)) > 0 })
	giulia.until(`document.querySelector("#thread")?.innerText.includes(` + quote(answer) + `) && !document.querySelector("#reply-text")?.value`)
	giulia.look("answered")
	owner.within(soon, `document.querySelector("#thread")?.innerText.includes(`+quote(answer)+`)`)
	owner.look("owner-sees-answer")

	// The owner answers the other with the keyboard alone.
	const thanks = "Alle nove! Ci vediamo sabato."
	owner.open("/inbox")
	owner.until(row(remark))
	owner.letter("j")
	owner.until(`document.activeElement?.closest(".conv")?.innerText.includes(` + quote(remark) + `)`)
	owner.key(kb.Enter)
	owner.until(`document.querySelector("#talk")?.innerText.includes(` + quote(remark) + `)`)
	owner.letter("r")
	owner.until(`document.activeElement?.id === "reply-text"`)
	owner.key(thanks)
	owner.sendWithKeys()
	eventually(t, "the answer stands on the PDS", soon, func() bool { return len(holding(b.standing(t), thanks)) > 0 })
	owner.until(`document.querySelector("#thread")?.innerText.includes(` + quote(thanks) + `)`)
	owner.look("answered-by-keyboard")

	// Nobody waits any more, and what was said stands once, where it belongs.
	owner.open("/inbox")
	owner.until(`document.querySelectorAll("#conversations .conv").length > 0 && [...document.querySelectorAll("#conversations .conv")].every((c) => c.classList.contains("done"))`)
	owner.look("nobody-waits")
	for _, w := range []*window{owner, giulia} { // they stay open while their house stops, and say so
		for _, part := range []string{"htmx:sendError", "htmx:afterRequest", "net::ERR_CONNECTION_REFUSED"} {
			w.tolerate(part)
		}
	}
	must(t, h.Stop(context.WithoutCancel(t.Context()))) // whatever was still going on has come to its end
	if got := holding(m.standing(t), answer); len(got) != 1 || got[0].Parent != asked || !strings.Contains(got[0].Text, "@elena") {
		t.Errorf("on Mastodon, in answer to %s, stands %+v", asked, got)
	}
	if got := holding(b.standing(t), thanks); len(got) != 1 || got[0].Text != thanks || got[0].Parent != said || got[0].Root != b.ours {
		t.Errorf("on the PDS, in answer to %s under %s, stands %+v", said, b.ours, got)
	}
}

// row finds the conversation in the list that shows these words.
func row(words string) string {
	return `[...document.querySelectorAll("#conversations .conv")].find((e) => e.innerText.includes(` + quote(words) + `))`
}

// holding are those that hold a text.
func holding(all []posted, text string) (out []posted) {
	for _, p := range all {
		if strings.Contains(p.Text, text) {
			out = append(out, p)
		}
	}
	return out
}

// textOf is the value of a field or the text of an element.
func (w *window) textOf(css string) string {
	w.t.Helper()
	w.until(`document.querySelector(` + quote(css) + `)`)
	return strings.TrimSpace(w.text(`(() => { const e = document.querySelector(` + quote(css) + `); return e.value ?? e.textContent; })()`))
}
