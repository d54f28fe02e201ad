package journey_test

import (
	"context"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/ponte-desk/ponte/internal/apptest"
	"github.com/ponte-desk/ponte/internal/config"
	"github.com/ponte-desk/ponte/internal/network/mastodon/mastodontest"
	"github.com/ponte-desk/ponte/internal/signin"
)

// A session that ends while somebody writes: the words are there again after signing in, in the same tab.
func TestASessionEndsWhileWriting(t *testing.T) {
	m := newMastodon(t, mastodontest.Options{})
	h := apptest.Start(t, apptest.Options{})
	m.join(t, h)
	const question, answer = "Spedite in Sardegna?", "Certo, in tre giorni."
	m.ask(t, question)
	id := arrives(t, h, question)
	w := newWindow(t, h, "it", desktop)
	w.signIn(apptest.OwnerEmail, apptest.Password)
	w.open("/inbox/" + string(id))
	sessions, err := h.Signin.Sessions(t.Context(), h.Owner.Actor())
	must(t, err)
	for _, s := range sessions {
		must(t, h.Signin.RevokeSession(t.Context(), h.Owner.Actor(), s.ID))
	}
	w.fill("#reply-text", answer)
	w.look("written")
	w.pressKey("inboxpage.send", "name", "Elena")
	w.at("/sign-in")
	w.look("out")
	w.fill(`input[name="email"]`, apptest.OwnerEmail)
	w.fill(`input[name="password"]`, apptest.Password)
	w.pressKey("door.enter")
	w.at("/inbox/" + string(id))
	w.until(`document.querySelector("#reply-text")?.value === ` + quote(answer))
	w.look("kept")
	w.pressKey("inboxpage.send", "name", "Elena")
	eventually(t, "the answer stands", soon, func() bool { return len(holding(m.standing(t), answer)) > 0 })
}

// Two tabs of one person, and the way back: nothing is sent twice, nothing is lost.
func TestTwoTabsAndTheWayBack(t *testing.T) {
	m := newMastodon(t, mastodontest.Options{})
	h := apptest.Start(t, apptest.Options{})
	m.join(t, h)
	const question, answer = "Avete vasi grandi?", "Sì, fino a mezzo metro."
	m.ask(t, question)
	id := arrives(t, h, question)
	one, two := newWindow(t, h, "it", desktop), newWindow(t, h, "it", desktop)
	two.tolerate("409")
	for _, w := range []*window{one, two} {
		w.signIn(apptest.OwnerEmail, apptest.Password)
		w.open("/inbox/" + string(id))
		w.until(`document.querySelector("#reply-text")`)
	}
	one.fill("#reply-text", answer)
	one.pressKey("inboxpage.send", "name", "Elena")
	eventually(t, "the answer stands", soon, func() bool { return len(holding(m.standing(t), answer)) > 0 })
	two.within(soon, `document.querySelector("#thread")?.innerText.includes(`+quote(answer)+`)`)
	two.look("second-tab")
	one.open("/channels")
	one.run("back", chromedp.NavigateBack())
	one.at("/inbox/" + string(id))
	one.until(`document.querySelector("#thread")?.innerText.includes(` + quote(answer) + `)`)
	one.look("back")
	if left := one.text(`document.querySelector("#reply-text")?.value ?? ""`); left != "" {
		t.Errorf("after the way back the composer holds %q", left)
	}
	if got := holding(m.standing(t), answer); len(got) != 1 {
		t.Errorf("it stands as %+v", got)
	}
}

// What does not work says so in words, and what was typed stays.
func TestWhatCannotWorkIsSaid(t *testing.T) {
	b := newBluesky(t)
	m := newMastodon(t, mastodontest.Options{})
	h := apptest.Start(t, apptest.Options{Config: func(c *config.Config) { b.settings(c) }})
	m.join(t, h)
	w := newWindow(t, h, "it", desktop)
	for _, status := range []string{"422", "403", "409", "502"} {
		w.tolerate(status)
	}
	w.signIn(apptest.OwnerEmail, apptest.Password)

	// A host on which nobody answers.
	l, err := (&net.ListenConfig{}).Listen(context.WithoutCancel(t.Context()), "tcp", "127.0.0.1:0")
	must(t, err)
	dead := "http://" + l.Addr().String()
	must(t, l.Close())
	w.open("/channels/new")
	w.fill("#mastodon-address", dead)
	w.pressKey("channelspage.mastodon.go")
	w.until(`document.querySelector("main .trouble, main .problem")`)
	w.look("dead-host")
	if kept := w.textOf("#mastodon-address"); kept != dead {
		t.Errorf("the address became %q", kept)
	}
	// A server that is another thing.
	other := plainServer(t)
	w.open("/channels/new")
	w.fill("#mastodon-address", other)
	w.pressKey("channelspage.mastodon.go")
	w.until(`document.querySelector("main .trouble, main .problem")`)
	w.look("no-such-server")
	// A wrong app password.
	w.open("/channels/new")
	w.fill("#bluesky-account", b.us.Handle)
	w.fill("#bluesky-password", "abcd-efgh-ijkl-mnop")
	w.pressKey("channelspage.bluesky.other")
	w.fill("#bluesky-server", b.net.PDS)
	w.pressKey("channelspage.bluesky.go")
	w.until(`document.querySelector("main .trouble, main .problem")`)
	w.look("wrong-password")
	if kept := w.textOf("#bluesky-account"); kept != b.us.Handle {
		t.Errorf("the account became %q", kept)
	}
	if kept := w.text(`document.querySelector("#bluesky-password").value`); kept != "" {
		t.Error("the password came back in the page")
	}
	// A message that is too long stays, is not sent and says by how much.
	m.ask(t, "Quanto costa la brocca?")
	id := arrives(t, h, "brocca")
	w.open("/inbox/" + string(id))
	w.until(`document.querySelector("#reply-text")`)
	long := strings.Repeat("molto ", 90)
	w.do(`(() => { const a = document.querySelector("#reply-text"); a.value = ` + quote(long) + `; a.dispatchEvent(new Event("input", {bubbles: true})); a.focus(); })()`)
	w.pressKey("inboxpage.send", "name", "Elena")
	w.until(`document.querySelector("[data-counted].over")`)
	w.look("too-long")
	if kept := w.text(`document.querySelector("#reply-text").value`); kept != long {
		t.Error("the text was changed")
	}
	if got := m.standing(t); len(got) != 0 {
		t.Errorf("something stands: %+v", got)
	}
	// The sign-in does not say which of the two was wrong.
	w.do(`document.querySelector("form[data-composer]")?.reset()`)
	stranger := newWindow(t, h, "it", phone)
	stranger.tolerate("422")
	stranger.open("/sign-in")
	stranger.fill(`input[name="email"]`, apptest.OwnerEmail)
	stranger.fill(`input[name="password"]`, "sbagliata di sicuro")
	stranger.pressKey("door.enter")
	words, _ := stranger.words.Error(signin.ErrWrong)
	stranger.sees(words)
	stranger.look("wrong")
}

// plainServer is a web server that is no social network.
func plainServer(t *testing.T) string {
	t.Helper()
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	must(t, err)
	s := &http.Server{Handler: http.NotFoundHandler(), ReadHeaderTimeout: patience}
	done := make(chan struct{})
	go func() { defer close(done); _ = s.Serve(l) }() // ends when it is closed
	t.Cleanup(func() { _ = s.Close(); <-done })
	return "http://" + l.Addr().String()
}
