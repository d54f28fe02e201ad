package web_test

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"github.com/ponte-desk/ponte/internal/housetest"
	"github.com/ponte-desk/ponte/internal/team"
)

// The page says on how few the company rests, what is too few to say, and what it could take along.
func TestDependencePage(t *testing.T) {
	t.Parallel()
	eachHouse(t, housetest.Options{}, func(t *testing.T, h *house) {
		h.ok(h.Stranger("ada").Follow(context.Background()))
		h.Read()
		h.ok(h.Reach.Feed(t.Context(), h.Company.ID))
		owner := h.as(team.Owner)
		owner.get("/results/dependence").says(t, "the page", "Chi vi segue e risponde", "Il ritratto dei legami non è ancora stato disegnato", "nessuna visita attraverso",
			"Di tutti quelli che si vedono, 1,", `href="/results/dependence/followers.csv"`, "numero effettivo di Hill")
		table := owner.get("/results/dependence/followers.csv")
		table.is(t, "the table", http.StatusOK, "")
		if !strings.HasPrefix(table.body, "network,handle,name,url\n") || !strings.Contains(table.body, "ada") {
			t.Errorf("the table is %q", table.body)
		}
		guest := h.as(team.Guest)
		if got := guest.get("/results/dependence"); got.status != http.StatusOK || strings.Contains(got.body, "followers.csv") {
			t.Errorf("a guest gets %d, or is offered people's names", got.status)
		}
		guest.get("/results/dependence/followers.csv").is(t, "a guest", http.StatusForbidden, "")
		h.as(team.Contributor).get("/results/dependence").is(t, "a contributor", http.StatusForbidden, "")
		english := h.browser("en")
		english.enter(h.Members[team.Owner].Email)
		english.post("/language", "lang", "en", "back", "/results/dependence")
		english.get("/results/dependence").says(t, "in English", "The way out", "Who answers for you")
	})
}
