package journey_test

import (
	"strings"
	"testing"

	"github.com/chromedp/chromedp/kb"

	"github.com/ponte-desk/ponte/internal/apptest"
	"github.com/ponte-desk/ponte/internal/growth"
	"github.com/ponte-desk/ponte/internal/inbox"
)

// Several conversations become one case with the keyboard alone; how one looked at the list stays in the address, there and back. In the
// letters it is said who will read them.
func TestSeveralConversationsBecomeOneCase(t *testing.T) {
	h, owner, _ := sample(t)
	w := newWindow(t, h, "it", desktop)
	w.signIn(owner.Email, apptest.Password)
	const view = "/inbox?view=all&q=telefono"
	w.open(view)
	w.until(`document.querySelectorAll("#conversations [data-pick]").length >= 4`)
	ticked := func(n string) {
		t.Helper()
		w.until(`document.querySelectorAll("#conversations [data-pick]:checked").length === ` + n + ` && document.querySelector("[data-picked]").textContent === "` + map[string]string{"0": "", "1": "1", "2": "2"}[n] + `"`)
	}
	w.letter("j")
	w.letter("x")
	ticked("1")
	w.letter("x") // again: not ticked any more
	ticked("0")
	w.letter("x")
	w.letter("j")
	w.letter("j") // what the second one says is in a case already
	w.letter("x")
	ticked("2")
	w.look("picked")
	w.letter("c")
	w.at("/cases/new")
	if n := w.text(`String(new URLSearchParams(location.search).getAll("from").length)`); n != "2" {
		t.Errorf("the case is opened from %s conversations", n)
	}
	w.sees(w.say("casenew.title.hint"))
	if at := w.text(`document.querySelector("#case-title").getAttribute("aria-describedby")`); !strings.Contains(at, "case-title") {
		t.Errorf("the hint is not said with the field: %q", at)
	}
	w.look("picked-case")
	if back := w.text(`[...document.querySelectorAll("main a[href]")].map((a) => a.getAttribute("href")).find((a) => a.startsWith("/inbox?")) ?? ""`); back != "/inbox?q=telefono&view=all" && back != view {
		t.Errorf("the way back is %q", back)
	}
	w.fill("#case-title", "Due cose sul telefono")
	w.pressKey("casenew.key")
	w.until(`/^\/cases\/cas_/.test(location.pathname)`)
	w.sees("Due cose sul telefono")
	opened := h.Owner.Actor()
	f, err := h.Growth.OpenFile(t.Context(), opened, growth.CaseID(strings.TrimPrefix(w.text(`location.pathname`), "/cases/")))
	must(t, err)
	in := map[inbox.ConversationID]bool{}
	for _, v := range f.Voices {
		in[v.Conversation] = true
	}
	if len(in) != 2 {
		t.Errorf("the case holds words of %d conversations: %+v", len(in), f.Voices)
	}

	// How the list is looked at is in the address of a conversation, and back on the list.
	w.open(view)
	w.until(`document.querySelectorAll("#conversations [data-pick]").length >= 4`)
	w.letter("j")
	w.key(kb.Enter)
	w.until(`location.pathname.startsWith("/inbox/cnv_") && location.search.includes("q=telefono") && location.search.includes("view=all")`)
	w.resize(phone)
	w.click("back", `[...document.querySelectorAll("[data-back]")].find(`+visible+`)`)
	w.until(`location.pathname === "/inbox" && location.search.includes("q=telefono") && location.search.includes("view=all")`)

	// Whoever wrote in public gets a letter that everybody can read: it is said before it is sent.
	w.resize(desktop)
	cases, err := h.Growth.Cases(t.Context(), opened, growth.CaseFilter{States: []growth.CaseState{growth.CaseChanged}})
	must(t, err)
	for _, k := range cases.Cases {
		if k.Title == "Pezzi scheggiati sul bordo" {
			w.open("/cases/" + string(k.ID) + "#letters")
		}
	}
	w.until(`document.querySelector("details.letter summary")`)
	w.do(`document.querySelector("details.letter summary").click()`)
	w.sees(w.say("casepage.letters.public"))
	w.sees(w.say("casepage.letters.hint"))
	w.look("picked-letter")
}
