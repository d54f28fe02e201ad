package web_test

import (
	"context"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/ponte-desk/ponte/internal/archive"
	"github.com/ponte-desk/ponte/internal/inbox"
	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/team"
)

// Criticism that came as past and was never answered is offered once, by who may do what about it; old, answered and left it is not.
func TestCriticismOfThePast(t *testing.T) {
	t.Parallel()
	eachHouse(t, judged, func(t *testing.T, h *house) {
		at := func(days int) string { return h.Clock.Now().AddDate(0, 0, -days).Format(time.RFC3339) }
		table := "id,time,author,text,parent,mine,thread\n" +
			"1," + at(20) + ",Ada," + chipped + ",,,a\n" +
			"2," + at(21) + ",Bea,Bello il piatto,,,b\n" +
			"3," + at(300) + ",Carlo," + chipped + ",,,c\n" +
			"4," + at(30) + ",Dora," + chipped + ",,,d\n" +
			"5," + at(29) + ",Arno,Ci dispiace,4,yes,d\n"
		path := filepath.Join(t.TempDir(), "a.csv")
		h.ok(os.WriteFile(path, []byte(table), 0o600))
		_, err := h.Archives.Import(t.Context(), h.Actor(team.Owner), archive.ImportIn{Paths: []string{path}, Options: archive.Options{Me: "Arno"}})
		h.ok(err)
		owner := h.as(team.Owner)
		page := owner.get("/inbox/before")
		page.says(t, "the list", "Critiche rimaste senza risposta", "Ada", "Apri un caso", "Lascia stare", "Leggi e rispondi là")
		page.hides(t, "the list", "Bea", "Carlo", "Dora")
		owner.get("/settings/import").says(t, "the imports", "1 critica degli ultimi sei mesi", `href="/inbox/before"`)
		h.as(team.Guest).get("/inbox/before").hides(t, "a guest", "Apri un caso", "Lascia stare", "rispondi là")
		if got := h.as(team.Contributor).get("/inbox/before"); got.status != http.StatusForbidden {
			t.Fatalf("a contributor: %d", got.status)
		}
		l, err := h.Inbox.List(t.Context(), h.Actor(team.Owner), inbox.Filter{View: inbox.ViewBefore})
		h.ok(err)
		id := string(l.Conversations[0].ID)
		if got := h.as(team.Guest).post("/inbox/before", "from", id); got.status != http.StatusForbidden {
			t.Fatalf("a guest leaves it: %d", got.status)
		}
		owner.post("/inbox/before", "from", id).is(t, "left", http.StatusSeeOther, "/inbox/before")
		owner.get("/inbox/before").says(t, "the list", "Nessuna critica è rimasta senza risposta.")
		if s := owner.get("/settings/import").body; strings.Contains(s, "/inbox/before") {
			t.Error("what was left is still offered")
		}
	})
}

// Every state of an import has a page.
func TestImportPages(t *testing.T) {
	t.Parallel()
	eachHouse(t, judged, func(t *testing.T, h *house) {
		owner := h.as(team.Owner)
		owner.get("/settings/import").says(t, "empty", "Lascia qui il file", "Ancora niente.", "LinkedIn")
		if got := owner.post("/settings/import", "name", "a.csv", "size", "0"); got.status != http.StatusUnprocessableEntity {
			t.Fatalf("nothing is taken: %d", got.status)
		}
		owner.head.Set("Accept", "application/json")
		got := owner.post("/settings/import", "name", "a.csv", "size", "30")
		if got.status != http.StatusOK || !strings.Contains(got.body, `"state":"arriving"`) {
			t.Fatalf("%d %s", got.status, got.body)
		}
		owner.head.Del("Accept")
		owner.get("/settings/import").says(t, "arriving", "a.csv", `data-size="30"`, "Annulla")
		all, err := h.Archives.Uploads(t.Context(), h.Actor(team.Owner))
		h.ok(err)
		at := "/settings/import/" + string(all[0].ID)
		owner.get(at+"/state").says(t, "the state", `"received":0`)
		h.as(team.Community).post(at+"/cancel").is(t, "who may not", http.StatusForbidden, "")
		owner.post(at+"/cancel").is(t, "cancelled", http.StatusSeeOther, "/settings/import")
		owner.get("/settings/import").says(t, "cancelled", "Annullato")
		owner.get(at).says(t, "one", "Entrate prima di annullare")
		owner.get("/settings").says(t, "the settings", `href="/settings/import"`)
		if strings.Contains(owner.get("/settings/import").body, "import/address") {
			t.Error("an address is asked for that nobody can read")
		}
	})
}

// Who has no file writes the name of an account whose history everybody can read.
func TestImportByAddress(t *testing.T) {
	t.Parallel()
	o := judged
	o.History = func(_ context.Context, address string, _ io.Writer) (string, error) {
		return "", &network.Problem{Verdict: network.Never, Key: network.ProblemAddress, Args: map[string]any{"address": address}}
	}
	eachHouse(t, o, func(t *testing.T, h *house) {
		owner := h.as(team.Owner)
		owner.get("/settings/import").says(t, "the form", `action="/settings/import/address"`, "Senza file")
		if got := owner.post("/settings/import/address", "address", " "); got.status != http.StatusUnprocessableEntity || !strings.Contains(got.body, "Questo non è il nome di un account.") {
			t.Errorf("nothing: %d", got.status)
		}
		h.as(team.Community).post("/settings/import/address", "address", "x.example").is(t, "who may not", http.StatusForbidden, "")
		got := owner.post("/settings/import/address", "address", "@nessuno.example")
		all, err := h.Archives.Uploads(t.Context(), h.Actor(team.Owner))
		h.ok(err)
		at := "/settings/import/" + string(all[0].ID)
		got.is(t, "asked for", http.StatusSeeOther, at)
		h.ok(h.Archives.Bring(t.Context(), h.Company.ID, all[0].ID))
		owner.get(at).says(t, "what came of it", "nessuno.example")
	})
}
