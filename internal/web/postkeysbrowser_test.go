package web_test

import (
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/ponte-desk/ponte/internal/post"
	"github.com/ponte-desk/ponte/internal/team"
)

// The composer with the keyboard alone: every control is reached, in the order of the page, and shows that it has the focus; what
// others do is told while one writes, and nothing typed is lost.
func TestTheComposerByKeyboard(t *testing.T) {
	t.Parallel()
	ctx := chromium(t)
	s := stock(t)
	owner := s.Members[team.Owner]
	s.give(owner)
	v := &viewer{t: t, ctx: ctx}
	v.size(1280, "light")
	v.do(chromedp.Navigate(s.server.URL+"/sign-in?next=%2Fhelp"), chromedp.SendKeys("#email", owner.Email), chromedp.SendKeys("#password", secret), chromedp.Submit("#password"), chromedp.WaitVisible("#words"))

	for _, page := range []string{s.pages["draft"], "/posts/new"} {
		v.do(chromedp.Navigate(s.server.URL+page+"?lang=it"), chromedp.WaitVisible("#post-text"))
		v.text(walkBegins)
		var told []string
		for range 200 {
			v.do(chromedp.KeyEvent(kb.Tab))
			said := v.text(walkStep)
			if said == "end" {
				break
			}
			if said != "" {
				told = append(told, said)
			}
		}
		if len(told) > 0 {
			t.Errorf("%s:\n%s", page, strings.Join(told, "\n"))
		}
		if missed := v.text(walkEnds); missed != "" {
			t.Errorf("%s: not reached:\n%s", page, missed)
		}
	}

	// The tabs of the channels are one stop; the arrows go from one to the next, and what is in hand changes with them.
	v.do(chromedp.Navigate(s.server.URL+s.pages["draft"]+"?lang=it"), chromedp.WaitVisible("#post-text"))
	v.text(`document.getElementById("tab-message").focus(), ""`)
	v.do(chromedp.KeyEvent(kb.ArrowRight), chromedp.WaitVisible(`.tab-in:checked + .tab-of + [data-own] [data-own-text]`))
	if shown := v.text(`String(document.querySelector("#post-text").getClientRects().length)`); shown != "0" {
		t.Error("both texts are in hand")
	}
	v.do(chromedp.KeyEvent(kb.ArrowLeft), chromedp.WaitVisible("#post-text"))

	// A letter leads to the text; in the text letters are letters; the help lists what there is.
	v.text(`document.activeElement.blur(), ""`)
	v.do(chromedp.KeyEvent("r"))
	if at := v.text(`document.activeElement.id`); at != "post-text" {
		t.Errorf("R leads to %q", at)
	}
	v.do(chromedp.KeyEvent("?"))
	if open := v.text(`String(!!document.querySelector("#keys-help:popover-open"))`); open != "false" {
		t.Error("a question mark in a text opens the help")
	}
	v.do(chromedp.KeyEvent(kb.Escape), chromedp.KeyEvent("?"), chromedp.WaitVisible("#keys-help"))
	said := v.text(`document.querySelector("#keys-help").textContent`)
	for _, want := range []string{"Pubblica", "scrivi un messaggio nuovo", "vai al testo", "prendi un messaggio nel calendario"} {
		if !strings.Contains(said, want) {
			t.Errorf("the help does not say %q", want)
		}
	}
	v.do(chromedp.KeyEvent(kb.Escape), chromedp.WaitNotVisible("#keys-help"))

	// Somebody else saves while the page is open: it is said at once, and what stands in the field stays.
	id := post.ID(strings.TrimPrefix(s.pages["draft"], "/posts/"))
	v.do(chromedp.Navigate(s.server.URL+s.pages["draft"]+"?lang=it"), chromedp.WaitVisible("#post-text"))
	before := v.text(`document.querySelector("#post-text").value`)
	for deadline := time.Now().Add(10 * time.Second); s.Live.Listeners() == 0; time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("the page does not listen")
		}
	}
	x := s.postFile(id)
	_, err := s.Posts.SaveDraft(t.Context(), s.Actor(team.Editor), post.SaveIn{Post: id, Version: x.Post.Version, Message: post.Message{Text: "Altre parole"}, Channels: x.Written.Channels})
	s.ok(err)
	v.do(chromedp.WaitVisible("#post-news .post-news"))
	if said := v.text(`document.querySelector("#post-news").textContent`); !strings.Contains(said, "Saverio ha salvato altre parole") {
		t.Errorf("it says %q", said)
	}
	if now := v.text(`document.querySelector("#post-text").value`); now != before {
		t.Errorf("the text became %q", now)
	}
	// Whoever writes on is told where both can be seen; theirs stays before them.
	v.text(`(() => { const f = document.querySelector("#post-text"); f.focus(); f.setSelectionRange(f.value.length, f.value.length); return ""; })()`)
	v.do(chromedp.KeyEvent(" E di più."), chromedp.WaitVisible("#post-saved.over a"))
	if now := v.text(`document.querySelector("#post-text").value`); now != before+" E di più." {
		t.Errorf("the text became %q", now)
	}
	if kept := s.postFile(id).Written.Message.Text; kept != "Altre parole" {
		t.Errorf("the post says %q", kept)
	}
	v.look("it-post-news")
}

// walkBegins notes every control of the page that Tab must reach: of radios with one name, the one that is chosen.
const walkBegins = `(() => {
	const shown = (e) => e.getClientRects().length > 0 && getComputedStyle(e).visibility !== "hidden";
	window.walked = [];
	window.toWalk = [...document.querySelectorAll("main a[href], main button, main input, main select, main textarea, main summary, main [tabindex='0']")].filter((e) => {
		if (!shown(e) || e.disabled || e.tabIndex < 0 || e.type === "hidden" || e.closest("[hidden], dialog")) return false;
		const folded = e.closest("details:not([open])");
		if (folded && e !== folded.querySelector("summary")) return false;
		if (e.type !== "radio") return true;
		const chosen = document.querySelector('main input[type=radio][name="' + e.name + '"]:checked');
		return chosen ? chosen === e : true;
	});
	document.activeElement.blur();
	return "";
})()`

// walkStep looks at what has the focus now: that it shows so, that one sees it, that it comes after what came before. "end" when it is past the page.
const walkStep = `(() => {
	const e = document.activeElement;
	const last = window.walked.at(-1);
	if (!e || e === document.body) return window.walked.length > 0 ? "end" : "";
	if (!e.closest("main")) return last?.closest("main") ? "end" : "";
	const name = e.outerHTML.replace(/\s+/g, " ").slice(0, 110);
	if (e === last) return ""; // a field of several parts: day, month, hour
	const again = window.walked.includes(e);
	window.walked.push(e);
	if (again) return "end";
	const rings = [e, e.closest("label"), e.nextElementSibling].filter((x) => x && (x === e || x.tagName === "LABEL"));
	if (!rings.some((x) => getComputedStyle(x).outlineStyle !== "none" && parseFloat(getComputedStyle(x).outlineWidth) >= 1)) return "no ring: " + name;
	const box = rings.at(-1).getBoundingClientRect();
	if (box.bottom < 0 || box.top > innerHeight || box.right < 0 || box.left > innerWidth) return "out of sight: " + name;
	if (last && last.closest("main") && !(last.compareDocumentPosition(e) & Node.DOCUMENT_POSITION_FOLLOWING)) return "out of order: " + name;
	return "";
})()`

// walkEnds names what was not reached.
const walkEnds = `window.toWalk.filter((e) => !window.walked.includes(e)).map((e) => e.outerHTML.replace(/\s+/g, " ").slice(0, 120)).join("\n")`
