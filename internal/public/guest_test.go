package public_test

import (
	"bytes"
	"context"
	"image"
	"image/png"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/ponte-desk/ponte/internal/media"
	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/post"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/team"
)

const kiln = "Sabato apriamo il forno: vieni a scegliere il tuo piatto ancora tiepido?"

var hashField = regexp.MustCompile(`name="hash" value="([^"]+)"`)

// asked is a post that waits for a yes, with a picture, and a link to it.
func (h *house) asked(name string) (post.Post, post.Guest, string) {
	h.T.Helper()
	ctx := h.T.Context()
	s, err := h.Posts.Settings(ctx, h.Actor(team.Owner))
	h.must(err)
	s.Approval = post.ModeOne
	h.must(h.Posts.ChangeSettings(ctx, h.Actor(team.Owner), s))
	var b bytes.Buffer
	h.must(png.Encode(&b, image.NewRGBA(image.Rect(0, 0, 40, 30))))
	f, err := h.Media.Add(ctx, media.Incoming{Company: string(h.Company.ID), Member: string(h.Actor(team.Editor).Member), Name: "forno.png", Body: &b})
	h.must(err)
	x, err := h.Posts.Create(ctx, h.Actor(team.Editor), post.CreateIn{
		Message: post.Message{Text: kiln, Media: []post.Media{{ID: f.ID, Alt: "Il forno aperto"}}}, Channels: []network.ChannelID{h.Channel.ID},
	})
	h.must(err)
	x, err = h.Posts.Ask(ctx, h.Actor(team.Editor), x.ID, post.AskIn{Version: x.Version})
	h.must(err)
	g, token, err := h.Posts.InviteGuest(ctx, h.Actor(team.Owner), x.ID, post.GuestIn{Name: name})
	h.must(err)
	return x, g, token
}

func (h *house) state(id post.ID) post.File {
	h.T.Helper()
	f, err := h.Posts.Open(h.T.Context(), h.Actor(team.Owner), id)
	h.must(err)
	return f
}

func TestAGuestSaysYes(t *testing.T) {
	t.Parallel()
	eachHouse(t, func(t *testing.T, h *house) {
		x, _, token := h.asked("Anna Verdi")
		at := "/g/" + token
		got := h.door.get(at).is(t, "the link", http.StatusOK).says(t, "the link", "Anna Verdi, che cosa ne pensi?", kiln, "Il forno aperto", "Può uscire così?", "Sì, va bene così", "Rimandalo indietro", `src="`+at+"/med_")
		for name, want := range map[string]string{"Cache-Control": "no-store", "X-Robots-Tag": "noindex", "Referrer-Policy": "same-origin"} {
			if got.header.Get(name) != want {
				t.Errorf("%s is %q", name, got.header.Get(name))
			}
		}
		if len(got.header.Values("Set-Cookie")) > 0 {
			t.Error("a guest gets a cookie")
		}
		picture := regexp.MustCompile(`src="(/g/[^"]+)"`).FindStringSubmatch(got.body)
		if picture == nil {
			t.Fatal("no picture")
		}
		file := h.door.get(picture[1]).is(t, "the picture", http.StatusOK)
		if file.header.Get("Cache-Control") != "no-store" || !strings.HasPrefix(file.header.Get("Content-Type"), "image/") {
			t.Errorf("the picture comes as %v", file.header)
		}
		h.door.get(at+"/med_01arz3ndektsv4rrffq69g5fav").is(t, "another picture", http.StatusNotFound)
		hash := hashField.FindStringSubmatch(got.body)[1]

		h.door.do(http.MethodPost, at, url.Values{"hash": {hash}}).is(t, "without a choice", http.StatusUnprocessableEntity).says(t, "without a choice", "Scegli uno dei due tasti")
		h.door.do(http.MethodPost, at, url.Values{"hash": {hash}, "say": {"no"}}).is(t, "a no without words", http.StatusUnprocessableEntity).says(t, "a no without words", `aria-invalid="true"`)
		h.door.do(http.MethodPost, at, url.Values{"hash": {"other"}, "say": {"yes"}, "words": {"bello"}}).is(t, "other bytes", http.StatusConflict).says(t, "other bytes", "è cambiato", ">bello</textarea>")
		h.door.do(http.MethodPost, at, url.Values{"hash": {hash}, "say": {"yes"}}, "Sec-Fetch-Site", "cross-site").is(t, "from another site", http.StatusForbidden)
		if s := h.state(x.ID).Post.State; s != post.Pending {
			t.Fatalf("it is %s", s)
		}
		yes := h.door.do(http.MethodPost, at, url.Values{"hash": {hash}, "say": {"yes"}, "words": {"Bello!"}}).is(t, "yes", http.StatusSeeOther)
		if yes.header.Get("Location") != at+"?lang=it" {
			t.Errorf("it leads to %q", yes.header.Get("Location"))
		}
		if f := h.state(x.ID); f.Post.State != post.Approved || len(f.Decisions) != 1 || f.Decisions[0].Guest != "Anna Verdi" {
			t.Errorf("it is %s, %+v", f.Post.State, f.Decisions)
		}
		after := h.door.get(at+"?lang=it").is(t, "afterwards", http.StatusOK).says(t, "afterwards", "Hai detto di sì", "«Bello!»", "La tua risposta è arrivata")
		if strings.Contains(after.body, "<form") {
			t.Error("one may answer again")
		}
		h.door.get(at+"?lang=en").says(t, "in English", "You said yes", "Your answer has arrived")
		h.door.do(http.MethodPost, at, url.Values{"hash": {hash}, "say": {"no"}, "words": {"Ripensandoci"}}).is(t, "another mind", http.StatusConflict).says(t, "another mind", "link")
	})
}

// A film is played, a picture is shown.
func TestAGuestSeesAFilm(t *testing.T) {
	t.Parallel()
	eachHouse(t, func(t *testing.T, h *house) {
		_, _, token := h.asked("Anna")
		at := "/g/" + token
		if got := h.door.get(at); strings.Contains(got.body, "<video") || !strings.Contains(got.header.Get("Content-Security-Policy"), "media-src 'self'") {
			t.Errorf("a picture is played, or no film could be: %v", got.header)
		}
		// The house takes in no film without reading it: the file is made one where it is kept.
		h.must(h.Store.InTx(t.Context(), func(ctx context.Context, tx *store.Tx) error {
			_, err := tx.DB.NewRaw("UPDATE media SET mime = 'video/mp4'").Exec(ctx)
			return err
		}))
		got := h.door.get(at).is(t, "the link", http.StatusOK)
		film := regexp.MustCompile(`<video src="(` + at + `/med_[^"]+)"[^>]* aria-label="Il forno aperto"`).FindStringSubmatch(got.body)
		if film == nil {
			t.Fatal("no film is played")
		}
		h.door.get(film[1]).is(t, "the film", http.StatusOK)
		if strings.Contains(got.body, "<img") {
			t.Error("the film is drawn as a picture")
		}
	})
}

func TestAGuestSendsBack(t *testing.T) {
	t.Parallel()
	eachHouse(t, func(t *testing.T, h *house) {
		x, g, token := h.asked("Anna")
		at := "/g/" + token
		hash := hashField.FindStringSubmatch(h.door.get(at).body)[1]

		// Somebody changes it while the guest reads: it is said, and nothing is decided.
		_, err := h.Posts.SaveDraft(t.Context(), h.Actor(team.Editor), post.SaveIn{Post: x.ID, Version: x.Version, Message: post.Message{Text: kiln + " Ingresso libero."}, Channels: []network.ChannelID{h.Channel.ID}})
		h.must(err)
		late := h.door.do(http.MethodPost, at, url.Values{"hash": {hash}, "say": {"yes"}}).is(t, "after a change", http.StatusConflict)
		late.says(t, "after a change", "Ingresso libero.", "non aspetta una risposta")
		f := h.state(x.ID)
		x, err = h.Posts.Ask(t.Context(), h.Actor(team.Editor), x.ID, post.AskIn{Version: f.Post.Version})
		h.must(err)
		hash = hashField.FindStringSubmatch(h.door.get(at).says(t, "asked again", "Ingresso libero.").body)[1]
		h.door.do(http.MethodPost, at, url.Values{"hash": {hash}, "say": {"no"}, "words": {"Manca l’indirizzo."}}).is(t, "no", http.StatusSeeOther)
		if f := h.state(x.ID); f.Post.State != post.Draft || f.Post.Back != "Manca l’indirizzo." {
			t.Errorf("it is %s, %q", f.Post.State, f.Post.Back)
		}
		h.door.get(at).says(t, "afterwards", "L’hai rimandato indietro", "Manca l’indirizzo.")

		// What is withdrawn, over or unknown says so, and looks the same to who counts pages.
		h.must(h.Posts.WithdrawGuest(t.Context(), h.Actor(team.Owner), g.ID))
		h.door.get(at).is(t, "withdrawn", http.StatusNotFound).says(t, "withdrawn", "è stato ritirato")
		_, err = h.Posts.Ask(t.Context(), h.Actor(team.Editor), x.ID, post.AskIn{Version: h.state(x.ID).Post.Version})
		h.must(err)
		_, token, err = h.Posts.InviteGuest(t.Context(), h.Actor(team.Owner), x.ID, post.GuestIn{Name: "Bruno", Days: 1})
		h.must(err)
		h.Clock.Advance(25 * time.Hour)
		h.door.get("/g/"+token).is(t, "over", http.StatusNotFound).says(t, "over", "è scaduto")
		h.door.do(http.MethodPost, "/g/"+token, url.Values{"say": {"yes"}}).is(t, "deciding too late", http.StatusNotFound)
		h.door.get("/g/"+strings.Repeat("a", 43)).is(t, "unknown", http.StatusNotFound).says(t, "unknown", "non porta a nessun messaggio")
	})
}

func TestGuestLinksHaveTheirLimits(t *testing.T) {
	t.Parallel()
	eachHouse(t, func(t *testing.T, h *house) {
		limited := 0
		for range 80 {
			if got := h.door.get("/g/" + strings.Repeat("b", 43)); got.status == http.StatusTooManyRequests {
				limited++
				if got.header.Get("Retry-After") == "" {
					t.Fatal("nothing says when to try again")
				}
			}
		}
		if limited < 15 {
			t.Errorf("%d of 80 were limited", limited)
		}
	})
}
