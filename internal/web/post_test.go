package web_test

import (
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/ponte-desk/ponte/internal/delivery"
	"github.com/ponte-desk/ponte/internal/housetest"
	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/networktest"
	"github.com/ponte-desk/ponte/internal/post"
	"github.com/ponte-desk/ponte/internal/schedule"
	"github.com/ponte-desk/ponte/internal/team"
)

const kiln = "Sabato apriamo il forno: vieni a scegliere il tuo piatto ancora tiepido?"

// write begins a post for the house's channel.
func (h *house) write(by team.Role, text string) post.Post {
	h.door.t.Helper()
	x, err := h.Posts.Create(h.door.t.Context(), h.Actor(by), post.CreateIn{Message: post.Message{Text: text}, Channels: []network.ChannelID{h.Channel.ID}})
	h.ok(err)
	return x
}

func (h *house) postFile(id post.ID) post.File {
	h.door.t.Helper()
	f, err := h.Posts.Open(h.door.t.Context(), h.Actor(team.Owner), id)
	h.ok(err)
	return f
}

// approval has the company want a yes.
func (h *house) approval(m post.Mode) {
	h.door.t.Helper()
	s, err := h.Posts.Settings(h.door.t.Context(), h.Actor(team.Owner))
	h.ok(err)
	s.Approval = m
	h.ok(h.Posts.ChangeSettings(h.door.t.Context(), h.Actor(team.Owner), s))
}

// out sends what is due, as the workers would.
func (h *house) out() {
	h.door.t.Helper()
	ctx := h.door.t.Context()
	for range 12 {
		h.ok(h.Posts.Due(ctx))
		h.ok(h.Posts.Tend(ctx))
		var ids []delivery.ID
		err := h.Store.Read(ctx).NewSelect().Table("delivery").Column("id").Where("state IN ('planned', 'sending', 'unconfirmed')").Scan(ctx, &ids)
		h.ok(err)
		if len(ids) == 0 {
			return
		}
		for _, id := range ids {
			again, err := h.Deliveries.Step(ctx, id)
			h.ok(err)
			h.Clock.Advance(again)
		}
	}
}

// form is what the composer sends for a post with this text on the house's channel.
func (h *house) form(x post.Post, text string, more ...string) []string {
	v := "0"
	if x.ID != "" {
		v = itoa(x.Version)
	}
	return append([]string{"post", string(x.ID), "version", v, "text", text, "channels", string(h.Channel.ID), "tab", ""}, more...)
}

func itoa(n int) string {
	if n < 10 {
		return string(rune('0' + n))
	}
	return itoa(n/10) + string(rune('0'+n%10))
}

// The rail leads to the posts whoever may read them all, or has some that are shared with them.
func TestSharedPostsInTheRail(t *testing.T) {
	t.Parallel()
	eachHouse(t, housetest.Options{}, func(t *testing.T, h *house) {
		x := h.write(team.Editor, kiln)
		leads := func(role team.Role) bool { return strings.Contains(h.as(role).get("/cases").body, `href="/posts"`) }
		for _, role := range team.Roles {
			if got := leads(role); got != role.Can(team.PostsRead) {
				t.Errorf("the rail leads %s there: %v", role, got)
			}
		}
		h.ok(h.Posts.Share(t.Context(), h.Actor(team.Editor), x.ID, []team.MemberID{h.Members[team.Contributor].ID}))
		if !leads(team.Contributor) {
			t.Error("the rail does not lead to what is shared")
		}
		h.as(team.Contributor).get("/posts").says(t, "their list", "Sabato apriamo il forno")
		h.ok(h.Posts.Share(t.Context(), h.Actor(team.Editor), x.ID, nil))
		if leads(team.Contributor) {
			t.Error("the rail leads to what is not shared any more")
		}
	})
}

func firstWordOf(name string) string { return strings.Fields(name)[0] }

// Whoever has a draft open hears what others did to it, and nothing of their own.
func TestNewsOfADraft(t *testing.T) {
	t.Parallel()
	eachHouse(t, housetest.Options{}, func(t *testing.T, h *house) {
		x := h.write(team.Editor, kiln)
		at := "/posts/" + string(x.ID)
		editor, other := h.as(team.Editor), h.as(team.Community)
		other.get(at).says(t, "the composer", `id="post-bell"`, `hx-get="`+at+`/news?state=draft"`, `live:posts:`+string(x.ID)+` from:body`)
		quiet := func(what string, a answer) {
			t.Helper()
			if a.status != http.StatusOK || strings.Contains(a.body, `class="post-news"`) {
				t.Errorf("%s: %d %s", what, a.status, a.body)
			}
		}
		quiet("nothing happened", other.get(at+"/news?state=draft&version=1"))
		editor.post("/posts/touch", "post", string(x.ID))
		other.get(at+"/news?state=draft&version=1").says(t, "somebody came", firstWordOf(h.Members[team.Editor].Name)+" ci sta lavorando", `id="post-others"`)
		editor.post("/posts/save", h.form(x, kiln+" Alle 10.")...).is(t, "saving", http.StatusSeeOther, at)
		other.get(at+"/news?state=draft&version=1").says(t, "somebody saved", firstWordOf(h.Members[team.Editor].Name)+" ha salvato altre parole qui", `href="`+at+`"`)
		quiet("their own", editor.get(at+"/news?state=draft&version=1"))
		quiet("what is known", other.get(at+"/news?state=draft&version=2"))
		editor.post(at+"/comments", "text", "Il titolo non mi convince.").is(t, "commenting", http.StatusSeeOther, at+"#post-comments")
		other.get(at+"/news?state=draft&version=2&comments=1").says(t, "what was said meanwhile", `id="comment-rows"`, `hx-swap-oob="true"`, "Il titolo non mi convince.")
		other.get(at+"/news?state=draft&version=2").hides(t, "where no comments stand", "Il titolo non mi convince.")
		h.as(team.Guest).get(at+"/news?state=draft&version=2").is(t, "a guest", http.StatusOK, "")
		h.as(team.Contributor).get(at+"/news?state=draft&version=2").is(t, "whoever may not read it", http.StatusForbidden, "")
		h.plan(h.postFile(x.ID).Post, h.wall(2, "10:00"))
		other.get(at+"/news?state=draft&version=2").says(t, "it went on", "è andato avanti", "Programmato")
		y := h.write(team.Editor, kiln)
		h.ok(h.Posts.Delete(t.Context(), h.Actor(team.Editor), y.ID))
		other.get("/posts/"+string(y.ID)+"/news?state=draft&version=1").says(t, "it is gone", "è stato eliminato")
	})
}

func TestWhoMayDoWhatWithPosts(t *testing.T) {
	t.Parallel()
	eachHouse(t, housetest.Options{}, func(t *testing.T, h *house) {
		x := h.write(team.Editor, kiln)
		at := "/posts/" + string(x.ID)
		for _, role := range team.Roles {
			who := h.as(role)
			for path, want := range map[string]bool{
				"/posts/new": role.Can(team.PostsWrite), at: role.Can(team.PostsRead), at + "/history": role.Can(team.PostsRead),
				"/posts/clock?at=2026-03-29T02:30": role.Can(team.PostsRead),
			} {
				got := who.get(path)
				if ok := got.status == http.StatusOK; ok != want {
					t.Errorf("%s as %s: %d, want %v", path, role, got.status, want)
				}
				if got.status == http.StatusOK && len(red.FindAllString(got.body, -1)) > 1 {
					t.Errorf("%s as %s has more than one red key", path, role)
				}
				if found := marker.FindString(got.body); found != "" {
					t.Errorf("%s as %s shows %q", path, role, found)
				}
			}
			// Every route that changes something: a refusal is a refusal, whatever else is wrong with the form.
			for path, p := range map[string]team.Permission{
				"/posts/save": team.PostsWrite, "/posts/draft": team.PostsWrite, "/posts/files": team.PostsWrite, "/posts/look": team.PostsWrite, "/posts/confirm": team.PostsWrite,
				"/posts/touch": team.PostsWrite, at + "/restore": team.PostsWrite, at + "/copy": team.PostsWrite, at + "/share": team.PostsWrite, at + "/withdraw": team.PostsWrite,
				at + "/go": team.PostsPublish, at + "/guests": team.PostsPublish, at + "/guests/pgl_x/drop": team.PostsPublish, at + "/move": team.PostsPublish, at + "/now": team.PostsPublish,
				at + "/cancel": team.PostsPublish, at + "/release": team.PostsPublish, at + "/series/end": team.PostsPublish, at + "/down": team.PostsPublish,
				at + "/parts/ppt_x/retry": team.PostsPublish, at + "/parts/ppt_x/again": team.PostsPublish, at + "/parts/ppt_x/giveup": team.PostsPublish,
				at + "/approve": team.PostsApprove, at + "/back": team.PostsApprove, at + "/fixes/pco_x/approve": team.PostsApprove, at + "/fixes/pco_x/back": team.PostsApprove,
				at + "/comments": team.PostsRead, at + "/comments/pcm_x/drop": team.PostsRead,
			} {
				got := who.post(path, "post", string(x.ID), "version", "99", "text", "altro", "why", "no", "name", "Anna", "at", "2026-06-01T10:00", "past", "ppa_x", "do", "plan", "when", "now")
				refused := got.status == http.StatusForbidden
				if !role.Can(team.PostsRead) && got.status == http.StatusNotFound {
					refused = true
				}
				if refused == role.Can(p) && path != at+"/comments/pcm_x/drop" {
					t.Errorf("POST %s as %s: %d", path, role, got.status)
				}
				if got.status >= 500 {
					t.Errorf("POST %s as %s: %d %s", path, role, got.status, cut(got.body))
				}
			}
		}
		if f := h.postFile(x.ID); f.Written.Message.Text != kiln || f.Post.State != post.Draft {
			t.Errorf("the post is %s, %q", f.Post.State, f.Written.Message.Text)
		}
	})
}

func TestWritingAPost(t *testing.T) {
	t.Parallel()
	eachHouse(t, housetest.Options{}, func(t *testing.T, h *house) {
		who := h.as(team.Editor)
		who.get("/posts/new").says(t, "a new post", `name="text"`, "Un messaggio nuovo", string(h.Channel.ID), "Anteprime per canale")
		made := who.post("/posts/save", h.form(post.Post{}, kiln)...)
		if made.status != http.StatusSeeOther || !strings.HasPrefix(made.to, "/posts/pst_") {
			t.Fatalf("saving: %d to %q\n%s", made.status, made.to, cut(made.body))
		}
		page := who.get(made.to)
		page.says(t, "the draft", kiln, "Bozza salvata.", "Segue il messaggio", `id="post-saved"`, "uguale")
		id := post.ID(strings.TrimPrefix(made.to, "/posts/"))
		x := h.postFile(id).Post

		// While one writes it is kept quietly, and the answer is the parts that change.
		who.head.Set("Hx-Request", "true")
		kept := who.post("/posts/draft", h.form(x, kiln+" Ingresso libero.", "tabs", string(h.Channel.ID), "own-is-"+string(h.Channel.ID), "0", "own-text-"+string(h.Channel.ID), kiln)...)
		kept.is(t, "keeping", http.StatusOK, "")
		kept.says(t, "keeping", `name="version" value="2"`, `id="post-previews"`, "Ingresso libero.", `hx-swap-oob="true"`)
		if strings.Contains(kept.body, `id="post-own"`) {
			t.Error("the tabs were drawn again under who writes")
		}

		// Who starts from what is no longer the last loses nothing and is shown both.
		late := who.post("/posts/draft", h.form(x, "Un altro testo.")...)
		late.is(t, "a stale save", http.StatusConflict, "")
		late.says(t, "a stale save", "ha salvato nel frattempo", "/history#ppa_", `<div id="post-keep" hidden hx-swap-oob="true">`)
		who.head.Del("Hx-Request")
		who.get(made.to+"/history").says(t, "both", "arrivato tardi", "altro testo.", "Prendi questo")
		if f := h.postFile(id); f.Written.Message.Text != kiln+" Ingresso libero." {
			t.Errorf("the draft is %q", f.Written.Message.Text)
		}
		again := who.post("/posts/save", h.form(x, "Un altro testo.")...)
		again.is(t, "a stale save without script", http.StatusConflict, "")
		again.says(t, "a stale save without script", "Un altro testo.", "ha salvato nel frattempo")
		past := regexp.MustCompile(`name="past" value="(ppa_[^"]+)"`).FindStringSubmatch(who.get(made.to + "/history").body)
		if past == nil {
			t.Fatal("nothing to bring back")
		}
		who.post(made.to+"/restore", "past", past[1], "version", "2").is(t, "taking it", http.StatusSeeOther, made.to)
	})
}

func TestAVariantFollowsUntilItIsChanged(t *testing.T) {
	t.Parallel()
	eachHouse(t, housetest.Options{}, func(t *testing.T, h *house) {
		who := h.as(team.Editor)
		x := h.write(team.Editor, kiln)
		at, ch := "/posts/"+string(x.ID), string(h.Channel.ID)
		base := regexp.MustCompile(`name="own-base-[^"]+" value="([^"]+)"`).FindStringSubmatch(who.get(at).body)
		if base == nil {
			t.Fatal("no base")
		}
		own := func() bool { _, is := h.postFile(x.ID).Written.Own[h.Channel.ID]; return is }
		tab := func(text, is, base string) []string {
			return []string{"tabs", ch, "own-is-" + ch, is, "own-base-" + ch, base, "own-text-" + ch, text}
		}
		// Without script: the message changes, what stands in the tab does not.
		who.post("/posts/save", h.form(x, kiln+" Sì.", tab(kiln, "", base[1])...)...).is(t, "the message", http.StatusSeeOther, at)
		if own() {
			t.Error("the variant no longer follows although nobody touched it")
		}
		x = h.postFile(x.ID).Post
		who.post("/posts/save", h.form(x, kiln+" Sì.", tab("Più breve.", "", base[1])...)...)
		if !own() {
			t.Error("the variant still follows although it was changed")
		}
		who.get(at+"?tab="+ch).says(t, "by hand", "Cambiata a mano.", "Più breve.", `value="`+ch+`" id="tab-`+ch+`" checked`)
		x = h.postFile(x.ID).Post
		who.post("/posts/save", h.form(x, kiln+" Sì.", append(tab("Più breve.", "1", ""), "follow", ch)...)...)
		if own() {
			t.Error("the variant does not follow again")
		}
	})
}

// Enter in a field presses the first key of the form: it must be the one that saves and nothing else.
func TestEnterSaves(t *testing.T) {
	t.Parallel()
	eachHouse(t, housetest.Options{}, func(t *testing.T, h *house) {
		x := h.write(team.Editor, kiln)
		page := h.as(team.Editor).get("/posts/" + string(x.ID)).body
		_, form, _ := strings.Cut(page, `id="post-form"`)
		_, key, _ := strings.Cut(form, `type="submit"`)
		if key, _, _ = strings.Cut(key, ">"); strings.Contains(key, "name=") || strings.Contains(key, "formaction") {
			t.Errorf("the first key is %s", key)
		}
	})
}

func TestAMessageThatDidNotArrive(t *testing.T) {
	t.Parallel()
	eachHouse(t, housetest.Options{}, func(t *testing.T, h *house) {
		who := h.as(team.Marketing)
		x := h.write(team.Marketing, kiln)
		at := "/posts/" + string(x.ID)
		h.Fake.Inject(networktest.Fault{Call: networktest.CallPublish, Way: networktest.Refuse})
		who.post(at+"/go", "version", "1", "do", "plan", "when", "now").is(t, "sending", http.StatusSeeOther, at)
		h.out()
		page := who.get(at)
		page.says(t, "refused", "Non uscito dappertutto", "Riprova", "/parts/ppt_")
		retry := regexp.MustCompile(`action="(/posts/[^"]+/parts/[^"]+/retry)"`).FindStringSubmatch(page.body)
		if retry == nil {
			t.Fatal("no key to try again")
		}
		other := h.write(team.Marketing, kiln)
		who.post(strings.Replace(retry[1], string(x.ID), string(other.ID), 1)).is(t, "a part of another post", http.StatusNotFound, "")
		who.post(retry[1]).is(t, "trying again", http.StatusSeeOther, at+"#post-places")
		h.out()
		if s := h.postFile(x.ID).Post.State; s != post.Sent {
			t.Errorf("after trying again it is %s", s)
		}
	})
}

func TestConfirmSaysWhatHappens(t *testing.T) {
	t.Parallel()
	eachHouse(t, housetest.Options{}, func(t *testing.T, h *house) {
		h.approval(post.ModeOne)
		who := h.as(team.Editor)
		secretText := kiln + " L’IBAN è IT60X0542811101000000123456."
		x := h.write(team.Editor, secretText)
		at := "/posts/" + string(x.ID)
		who.get(at).says(t, "what must be confirmed", "Può uscire", "Prima di mandarlo")
		hour := schedule.WallOf(h.Clock.Now().Add(48*time.Hour), h.Company.Location()).String()
		ask := h.form(x, secretText, "do", "plan", "when", "at", "at", hour)
		page := who.post("/posts/confirm", ask...)
		page.is(t, "the question", http.StatusOK, "")
		page.says(t, "the question", "Che cosa esce", "Quando", "Chi lo vedrà", "Chi dà il via libera", "Serve il via libera di un’altra persona.", `action="`+at+`/go"`, "Può uscire", `value="`+hour+`"`)
		if h.postFile(x.ID).Post.State != post.Draft {
			t.Fatal("it went on before anybody said so")
		}
		// Without the confirmation it stays where it is, and says so.
		refused := who.post(at+"/go", "version", "1", "do", "plan", "when", "at", "at", hour)
		refused.is(t, "a refused confirm", http.StatusUnprocessableEntity, "")
		refused.says(t, "a refused confirm", "Può uscire", `action="`+at+`/go"`)
		if h.postFile(x.ID).Post.State != post.Draft {
			t.Fatal("it went on without the confirmation")
		}
		mark := regexp.MustCompile(`name="confirm" value="([^"]+)"`).FindStringSubmatch(refused.body)
		if mark == nil {
			t.Fatal("nothing to confirm")
		}
		who.post(at+"/go", "version", "1", "do", "plan", "when", "at", "at", hour, "confirm", mark[1]).is(t, "going on", http.StatusSeeOther, at)
		f := h.postFile(x.ID)
		if f.Post.State != post.Pending {
			t.Fatalf("it is %s", f.Post.State)
		}
		who.get(at).says(t, "waiting", "chiede il via libera", "Ritira la richiesta")

		// A yes over other bytes is none; the right one plans it.
		boss := h.as(team.Owner)
		boss.get(at).says(t, "for who decides", "Dai il via libera", `name="hash" value="`+f.Post.Hash+`"`)
		boss.post(at+"/approve", "hash", "x").is(t, "a yes over other bytes", http.StatusConflict, "")
		boss.post(at+"/approve", "hash", f.Post.Hash).is(t, "a yes", http.StatusSeeOther, at+"#approve")
		if s := h.postFile(x.ID).Post.State; s != post.Planned {
			t.Fatalf("after the yes it is %s", s)
		}
		boss.get(at).says(t, "planned", "Programmato", "Ritiralo", "Un’altra ora")
	})
}

func TestSentBackShowsWhatChanged(t *testing.T) {
	t.Parallel()
	eachHouse(t, housetest.Options{}, func(t *testing.T, h *house) {
		h.approval(post.ModeOne)
		x := h.write(team.Editor, kiln)
		at := "/posts/" + string(x.ID)
		who, boss := h.as(team.Editor), h.as(team.Owner)
		who.post(at+"/go", "version", "1", "do", "ask", "note", "Ti va bene?", "of", string(h.Members[team.Owner].ID)).is(t, "asking", http.StatusSeeOther, at)
		empty := boss.post(at+"/back", "why", " ")
		empty.is(t, "a no without words", http.StatusUnprocessableEntity, "")
		boss.post(at+"/back", "why", "Manca l’ora.").is(t, "a no", http.StatusSeeOther, at)
		h.Clock.Advance(10 * time.Minute)
		who.get(at).says(t, "sent back", "lo ha rimandato indietro: «Manca l’ora.»", "Ti va bene?")
		x = h.postFile(x.ID).Post
		who.post("/posts/save", h.form(x, kiln+" Alle dieci.")...).is(t, "changing", http.StatusSeeOther, at)
		x = h.postFile(x.ID).Post
		who.post(at+"/go", "version", itoa(x.Version), "do", "ask").is(t, "asking again", http.StatusSeeOther, at)
		boss.get(at).says(t, "what changed", "Che cosa è cambiato da quando", "<ins>", "Alle dieci.", "Dai il via libera")
	})
}

func TestTheClockOnTheWall(t *testing.T) {
	t.Parallel()
	eachHouse(t, housetest.Options{}, func(t *testing.T, h *house) {
		who := h.as(team.Editor)
		who.get("/posts/clock?at=2026-03-29T02:30").says(t, "the missing hour", "L’orologio salta le 02:30", "03:30")
		who.get("/posts/clock?at=2026-10-25T02:30").says(t, "the doubled hour", "vengono due volte", `name="second"`)
		if got := who.get("/posts/clock?at=2026-10-26T10:00"); strings.Contains(got.body, "<p>") {
			t.Errorf("an hour like any other is odd: %s", got.body)
		}
		who.get("/posts/clock?at=mai").is(t, "no hour", http.StatusOK, "")
		// Which of the two it is, and where a missing one went, is said before it is planned and on the page of the post.
		for _, c := range []struct{ wall, second, says, hour string }{
			{"2026-03-29T02:30", "", "le 02:30 quel giorno non ci sono", "03:30"},
			{"2026-10-25T02:30", "", "la prima delle due volte che sono le 02:30", "02:30"},
			{"2026-10-25T02:30", "1", "la seconda delle due volte che sono le 02:30", "02:30"},
			{"2026-10-26T02:30", "1", "", "02:30"},
		} {
			x := h.write(team.Editor, kiln)
			when := []string{"do", "plan", "when", "at", "at", c.wall, "second", c.second}
			asked := who.post("/posts/confirm", h.form(x, kiln, when...)...)
			asked.says(t, "before it is planned", c.hour, c.says, "ora di Roma")
			who.post("/posts/"+string(x.ID)+"/go", append([]string{"version", "1"}, when...)...).is(t, "planning", http.StatusSeeOther, "/posts/"+string(x.ID))
			page := who.get("/posts/" + string(x.ID))
			page.says(t, "when it is planned", c.hour, c.says, "ora di Roma")
			if c.says == "" && strings.Contains(asked.body+page.body, "due volte che sono") {
				t.Error("an hour like any other comes twice")
			}
		}
	})
}

func TestAPostThatIsOut(t *testing.T) {
	t.Parallel()
	eachHouse(t, housetest.Options{}, func(t *testing.T, h *house) {
		who := h.as(team.Marketing)
		x := h.write(team.Marketing, kiln)
		at := "/posts/" + string(x.ID)
		who.post(at+"/go", "version", "1", "do", "plan", "when", "now").is(t, "sending", http.StatusSeeOther, at)
		h.out()
		page := who.get(at)
		page.says(t, "out", "Che cosa sta dove", "Uscito", "Apri su", "Che cosa ha portato", "si conta", "Toglilo dalle reti", "Riusalo", "Sotto questo post non ha ancora scritto nessuno.")
		if len(red.FindAllString(page.body, -1)) != 0 {
			t.Error("nothing waits, and there is a red key")
		}
		copied := who.post(at + "/copy")
		if copied.status != http.StatusSeeOther || copied.to == at {
			t.Errorf("copying: %d to %q", copied.status, copied.to)
		}
		who.get(at+"/edit").says(t, "other words", "Cambia quello che sta fuori", kiln)
		x = h.postFile(x.ID).Post
		who.post("/posts/save", h.form(x, "Domenica apriamo il forno: vieni?")...).is(t, "other words", http.StatusSeeOther, at)
		who.post(at+"/down").is(t, "taking nothing down", http.StatusUnprocessableEntity, "")
	})
}

func TestGuestLinks(t *testing.T) {
	t.Parallel()
	eachHouse(t, housetest.Options{}, func(t *testing.T, h *house) {
		who := h.as(team.Editor)
		x := h.write(team.Editor, kiln)
		at := "/posts/" + string(x.ID)
		who.post(at+"/guests", "name", " ", "days", "7").is(t, "nobody", http.StatusUnprocessableEntity, "")
		made := who.post(at+"/guests", "name", "Anna Salvi", "days", "7")
		made.is(t, "a link", http.StatusOK, "")
		made.says(t, "a link", "Il link per Anna Salvi", "/g/", "Si vede solo adesso")
		drop := regexp.MustCompile(`action="(/posts/[^"]+/guests/[^"]+/drop)"`).FindStringSubmatch(made.body)
		if drop == nil {
			t.Fatal("no way to withdraw it")
		}
		who.post(drop[1]).is(t, "withdrawing", http.StatusSeeOther, at+"#post-guests")
		if g := h.postFile(x.ID).Guests; len(g) != 1 || g[0].WithdrawnAt.IsZero() {
			t.Errorf("%+v", g)
		}
	})
}

func TestAColleagueWithWhomAPostIsShared(t *testing.T) {
	t.Parallel()
	eachHouse(t, housetest.Options{}, func(t *testing.T, h *house) {
		who, colleague := h.as(team.Editor), h.as(team.Contributor)
		x := h.write(team.Editor, kiln)
		at := "/posts/" + string(x.ID)
		colleague.get(at).is(t, "before", http.StatusForbidden, "")
		who.post(at+"/share", "members", string(h.Members[team.Contributor].ID)).is(t, "sharing", http.StatusSeeOther, at+"#post-share")
		page := colleague.get(at)
		page.is(t, "shared", http.StatusOK, "")
		page.says(t, "shared", kiln, "Salva la bozza", "Commenti")
		page.hides(t, "shared", "Controlla e programma", "/share", "/delete")
		colleague.post("/posts/save", h.form(x, kiln+" Bello.")...).is(t, "saving", http.StatusSeeOther, at)
		colleague.post(at+"/comments", "text", "Ho aggiunto una parola.").is(t, "commenting", http.StatusSeeOther, at+"#post-comments")
		who.get(at).says(t, "for the others", "Ho aggiunto una parola.", "Bello.")
		colleague.post(at+"/go", "version", "2", "do", "ask").is(t, "asking", http.StatusForbidden, "")
	})
}

func TestPicturesOfAPost(t *testing.T) {
	t.Parallel()
	eachHouse(t, housetest.Options{}, func(t *testing.T, h *house) {
		who := h.as(team.Editor)
		x := h.write(team.Editor, kiln)
		at := "/posts/" + string(x.ID)
		who.upload("/posts/save", "file", picture(t), h.form(x, kiln)...).is(t, "a picture", http.StatusSeeOther, at)
		f := h.postFile(x.ID)
		if len(f.Written.Message.Media) != 1 {
			t.Fatalf("%+v", f.Written.Message.Media)
		}
		id := string(f.Written.Message.Media[0].ID)
		who.get(at).says(t, "the picture", "/media/"+id+"?size=small", "Descrivila per chi non la vede", "Che cosa deve restare")
		who.post("/posts/save", h.form(f.Post, kiln, "media", id, "media-alt", "Un piatto blu.", "media-x", "40", "media-y", "-60")...).is(t, "words", http.StatusSeeOther, at)
		m := h.postFile(x.ID).Written.Message.Media[0]
		if m.Alt != "Un piatto blu." || m.FocusX != .4 || m.FocusY != -.6 {
			t.Errorf("%+v", m)
		}
		wrong := who.upload("/posts/save", "file", []byte("niente"), h.form(h.postFile(x.ID).Post, kiln, "media", id)...)
		wrong.is(t, "no picture", http.StatusUnprocessableEntity, "")
		who.post("/posts/save", h.form(h.postFile(x.ID).Post, kiln, "media", id, "media-alt", "", "media-drop", id)...)
		if f := h.postFile(x.ID); len(f.Written.Message.Media) != 0 {
			t.Errorf("it is still there: %+v", f.Written.Message.Media)
		}
	})
}
