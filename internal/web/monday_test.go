package web_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/ponte-desk/ponte/internal/housetest"
	"github.com/ponte-desk/ponte/internal/team"
)

// stopWord is what stands in a member's letter.
func stopWord(t *testing.T, h *house, r team.Role) (word string) {
	t.Helper()
	if err := h.Store.WriteDB().QueryRow("SELECT stop FROM report_letter WHERE member_id = '" + string(h.Members[r].ID) + "'").Scan(&word); err != nil {
		t.Fatal(err)
	}
	return word
}

// The letter can be read before it comes, and everybody who may see results chooses for themselves whether it comes.
func TestMondayPage(t *testing.T) {
	t.Parallel()
	eachHouse(t, housetest.Options{}, func(t *testing.T, h *house) {
		guest := h.as(team.Guest)
		guest.get("/results/letter").says(t, "the letter", "La lettera del lunedì", "Questa è la settimana da lunedì 23 febbraio 2026 a domenica 1", "troppo pochi per dire se è cambiato", "Una cosa da fare", "data-print")
		guest.post("/results/letter", "want", "on").is(t, "wanting it", http.StatusSeeOther, "/results/letter")
		wants, err := h.Report.WantsMonday(t.Context(), h.Actor(team.Guest))
		h.ok(err)
		if !wants || !strings.Contains(guest.get("/results/letter").body, " checked") {
			t.Error("the wish is not kept")
		}
		guest.post("/results/letter").is(t, "not wanting it", http.StatusSeeOther, "/results/letter")
		if wants, err = h.Report.WantsMonday(t.Context(), h.Actor(team.Guest)); err != nil || wants {
			t.Errorf("the letter is still wanted: %v", err)
		}
		// The letter itself stops it: looking stops nothing, a press does, without signing in, and so does a mail program.
		for range 2 {
			guest.post("/results/letter", "want", "on")
			word := stopWord(t, h, team.Guest)
			stranger := h.browser("it")
			stranger.get("/letter/stop/"+word).says(t, "the way out", "Basta con la lettera del lunedì?", h.Members[team.Guest].Email, "Non mandarmela più")
			if wants, err = h.Report.WantsMonday(t.Context(), h.Actor(team.Guest)); err != nil || !wants {
				t.Errorf("looking stopped it: %v", err)
			}
			stranger.post("/letter/stop/"+word, "List-Unsubscribe", "One-Click").is(t, "stopping", http.StatusSeeOther, "/letter/stop/"+word)
			stranger.get("/letter/stop/"+word).says(t, "stopped", "La lettera non arriva più")
			if wants, err = h.Report.WantsMonday(t.Context(), h.Actor(team.Guest)); err != nil || wants {
				t.Errorf("it was not stopped: %v", err)
			}
		}
		h.browser("it").get("/letter/stop/nothing").says(t, "no letter", "Questo indirizzo non ferma nessuna lettera.")
		h.as(team.Contributor).get("/results/letter").is(t, "a contributor", http.StatusForbidden, "")
		h.as(team.Owner).get("/results/letter").says(t, "an owner", "al banco", `href="/results/security"`)
	})
}
