package web_test

import (
	"bytes"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/ponte-desk/ponte/internal/housetest"
	"github.com/ponte-desk/ponte/internal/link"
	"github.com/ponte-desk/ponte/internal/media"
	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/post"
	"github.com/ponte-desk/ponte/internal/team"
)

// The composer offers to count links where there are some, shows them as they go out, and the post's page says who came.
func TestCountedLinksInTheComposer(t *testing.T) {
	t.Parallel()
	eachHouse(t, housetest.Options{}, func(t *testing.T, h *house) {
		x := h.write(team.Editor, kiln)
		editor, at := h.as(team.Editor), "/posts/"+string(x.ID)
		if a := editor.get(at); strings.Contains(a.body, "post-track-on") {
			t.Error("visits of no link are offered to be counted")
		}
		text := kiln + " https://www.ceramichearno.example.com/forno"
		editor.post("/posts/look", h.form(x, text)...).says(t, "the offer", `id="post-track-on"`, "Conta le visite del link", "www.ceramichearno.example.com/forno")
		shown := editor.post("/posts/look", h.form(x, text, "track", "on", "campaign", "Porte aperte")...)
		shown.says(t, "what goes out", `name="track" value="on" checked`, "per la campagna «Porte aperte»")
		code := regexp.MustCompile(`ponte\.example/l/([a-z0-9]{6})`).FindStringSubmatch(shown.body)
		if code == nil {
			t.Fatalf("no address of the house's: %s", shown.body)
		}
		editor.post("/posts/save", h.form(x, text, "track", "on", "campaign", "Porte aperte")...).is(t, "saving", http.StatusSeeOther, at)
		// Without a link nothing is offered, and the wish stays.
		editor.post("/posts/look", h.form(x, kiln, "track", "on")...).says(t, "no link", `<input type="hidden" name="track" value="on"`)
		f := h.postFile(x.ID)
		_, err := h.Posts.Schedule(t.Context(), h.Actor(team.Owner), x.ID, post.ScheduleIn{Version: f.Post.Version, When: post.When{Kind: post.Now}})
		h.ok(err)
		h.out()
		way, err := h.Links.Find(t.Context(), code[1])
		h.ok(err)
		h.Clock.Advance(time.Minute)
		h.Links.Note(way, link.Seen{Kind: link.Person})
		h.ok(h.Links.Flush(t.Context()))
		h.Clock.Advance(2 * time.Hour)
		editor.get(at).says(t, "the page", "Dai suoi collegamenti: 1 visita.", "ponte.example/l/"+code[1], "1 visita")
		marketing := h.as(team.Marketing).get(at)
		marketing.says(t, "the page of who may see links", `href="/results/links/lnk_`)
		// What one is used to: the next one has its links counted too.
		editor.get("/posts/new").says(t, "a new one", `name="track"`)
	})
}

// A photo that an earlier post carried is one press away, with the description it has.
func TestPhotosUsedBeforeInTheComposer(t *testing.T) {
	t.Parallel()
	eachHouse(t, housetest.Options{}, func(t *testing.T, h *house) {
		f, err := h.Media.Add(t.Context(), media.Incoming{Company: string(h.Company.ID), Name: "banco.jpg", Body: bytes.NewReader(bench(200, 150))})
		h.ok(err)
		_, err = h.Posts.Create(t.Context(), h.Actor(team.Editor), post.CreateIn{
			Message: post.Message{Text: kiln, Media: []post.Media{{ID: f.ID, Alt: "Il banco del sabato"}}}, Channels: []network.ChannelID{h.Channel.ID},
		})
		h.ok(err)
		editor := h.as(team.Editor)
		editor.get("/posts/new").says(t, "a new post", "Foto già usate", `name="media-add" value="`+string(f.ID)+`" aria-label="Aggiungi: Il banco del sabato"`)
		made := editor.post("/posts/save", h.form(post.Post{}, kiln, "media-add", string(f.ID))...)
		if made.status != http.StatusSeeOther {
			t.Fatal(made.status)
		}
		page := editor.get(made.to)
		page.says(t, "the draft", `name="media" value="`+string(f.ID)+`"`, "Il banco del sabato</textarea>")
		page.hides(t, "what it has already", `name="media-add" value="`+string(f.ID)+`"`)
	})
}
