package web_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/ponte-desk/ponte/internal/housetest"
	"github.com/ponte-desk/ponte/internal/report"
	"github.com/ponte-desk/ponte/internal/team"
)

// The page says of what, how many and what to do, to owners alone, and leads to where it is done.
func TestSecurityPage(t *testing.T) {
	t.Parallel()
	eachHouse(t, housetest.Options{House: func() (report.House, error) { return report.House{Version: "v9.9.9"}, nil }}, func(t *testing.T, h *house) {
		owner := h.as(team.Owner)
		page := owner.get("/results/security")
		page.says(t, "the page", "Verifica in due passaggi", "0 su 6 membri", "Nessuna copia, per quanto ricorda questa macchina", "ponte backup --try FILE", "v9.9.9",
			`href="/settings/posts"`, `href="/team"`, "@"+housetest.Handle, "Uno editor", "su 8 a posto")
		for _, r := range team.Roles[1:] {
			other := h.as(r)
			other.get("/results/security").is(t, string(r), http.StatusForbidden, "")
			if strings.Contains(other.get("/leads").body, `href="/results/security"`) {
				t.Errorf("%s is led to a page they may not see", r)
			}
		}
		english := h.browser("en")
		english.enter(h.Members[team.Owner].Email)
		english.post("/language", "lang", "en", "back", "/results/security")
		english.get("/results/security").says(t, "in English", "Second factor", "0 of 6 members", "of 8 in order", `aria-current="page">Security`)
	})
}
