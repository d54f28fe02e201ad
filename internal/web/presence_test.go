package web_test

import (
	"context"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/ponte-desk/ponte/internal/audience"
	"github.com/ponte-desk/ponte/internal/housetest"
	"github.com/ponte-desk/ponte/internal/team"
)

// The page of the portrait from before there is anything until somebody is erased; everything on it can be opened, and nobody who may not
// read conversations reads it.
func TestPresence(t *testing.T) {
	t.Parallel()
	eachHouse(t, housetest.Options{}, func(t *testing.T, h *house) {
		ctx := t.Context()
		who := h.as(team.Community)
		who.get("/presence").says(t, "before anything", "Il ritratto non è ancora stato disegnato.", `action="/presence/refresh"`)
		who.post("/presence/refresh").is(t, "asking", http.StatusSeeOther, "/presence")
		who.get("/presence").says(t, "while it is drawn", "Il ritratto aspetta il suo turno.", "every 3s")
		h.ok(h.Presence.Draw(ctx, h.Company.ID))
		who.get("/presence").says(t, "of nothing", "È presto per dirlo.", "ne servono almeno 10")

		for i := range 12 {
			h.Clock.Advance(12 * time.Hour)
			post := h.House.Post("Noi facciamo tazze <b>blu</b>. Il forno scalda piano.")
			h.Clock.Advance(time.Hour)
			first, err := h.Stranger("ada").Reply(context.Background(), post, "Quando apre il negozio?")
			h.ok(err)
			h.Clock.Advance(time.Hour)
			if i%3 != 0 {
				_, err = h.Fake.Stranger(housetest.Handle, housetest.Handle).Reply(context.Background(), first, "Domani alle nove.")
				h.ok(err)
			}
		}
		h.Clock.Advance(72 * time.Hour)
		h.Read()
		h.ok(h.Presence.Draw(ctx, h.Company.ID))
		who = h.as(team.Community) // days have passed
		page := who.get("/presence")
		page.is(t, "the portrait", http.StatusOK, "")
		page.says(t, "the portrait", "Che cosa fate bene", "Da provare la prossima settimana", "Frasi che parlano di voi", "su 24", "&lt;b&gt;blu&lt;/b&gt;", "<mark>", "Come si conta", "/presence/letter")
		if strings.Contains(page.body, "<b>blu") {
			t.Error("words of others are markup")
		}
		links := regexp.MustCompile(`href="(/presence/said/[^"]+)"`).FindAllStringSubmatch(page.body, -1)
		if len(links) < 15 {
			t.Errorf("only %d examples", len(links))
		}
		for _, l := range links {
			who.get(l[1]).is(t, l[1], http.StatusOK, "")
		}
		who.get(links[0][1]).says(t, "one that was said", "Domande: ", "Presenza")
		who.get("/presence?weeks=0&channel=nothing").is(t, "a channel that is none", http.StatusOK, "")
		who.get("/presence/letter").says(t, "the letter", "Come ci si sente da fuori", "data-print", "Adesso")
		english := h.browser("en")
		english.enter(h.Members[team.Community].Email)
		english.post("/language", "lang", "en", "back", "/presence")
		english.get("/presence").says(t, "in English", "What you do well", "Sentences about you")

		people, _, err := h.Audience.Find(ctx, h.Actor(team.Owner), "ada", "", 1)
		h.ok(err)
		_, err = h.Audience.Erase(ctx, h.Actor(team.Owner), people[0].ID, audience.EraseIn{Name: people[0].Name})
		h.ok(err)
		gone := who.get("/presence")
		gone.says(t, "after somebody was erased", "The portrait has not been drawn yet.")
		if strings.Contains(gone.body, "Quando apre") {
			t.Error("words of somebody who was erased are there")
		}
		h.as(team.Contributor).get("/presence").is(t, "a contributor", http.StatusForbidden, "")
		h.as(team.Guest).get("/presence").is(t, "a guest", http.StatusOK, "")
	})
}
