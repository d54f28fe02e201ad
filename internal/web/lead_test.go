package web_test

import (
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/ponte-desk/ponte/internal/housetest"
	"github.com/ponte-desk/ponte/internal/lead"
	"github.com/ponte-desk/ponte/internal/team"
)

// A form is made, opened and filled in; what came is followed until it is sold.
func TestFormsAndLeadsOnThePages(t *testing.T) {
	t.Parallel()
	eachHouse(t, housetest.Options{}, func(t *testing.T, h *house) {
		ctx := t.Context()
		owner := h.as(team.Owner)
		owner.get("/leads").says(t, "nothing yet", "Nessuno ha ancora lasciato un recapito", "Fai il primo modulo")
		made := owner.post("/forms")
		if made.status != http.StatusSeeOther || !strings.HasPrefix(made.to, "/forms/frm_") {
			t.Fatalf("%d to %q", made.status, made.to)
		}
		at := made.to
		page := owner.get(at)
		page.says(t, "the form", "Scriveteci", `name="field4.label"`, "Ho letto l’informativa", "/f/", "&lt;iframe", "Apri a tutti", "Finché è una bozza")
		// Steps of the making keep nothing by themselves.
		fields := []string{"version", "1", "name", "Preventivi"}
		for i, f := range []lead.Field{{Key: "name", Kind: lead.Short, Label: "Nome"}, {Key: "email", Kind: lead.Email, Label: "E-mail", Required: true}} {
			n := "field" + string(rune('0'+i)) + "."
			fields = append(fields, n+"key", f.Key, n+"kind", string(f.Kind), n+"label", f.Label)
			if f.Required {
				fields = append(fields, n+"required", "on")
			}
		}
		with := func(more ...string) []string { return append(append([]string{}, fields...), more...) }
		owner.post(at, with("do", "add", "add", "choice")...).says(t, "one more", "non è ancora salvato", `name="field2.options"`, "Una scelta")
		owner.post(at, with("do", "up:1")...).says(t, "moved", `name="field0.key" value="email"`)
		got := owner.post(at, with("field2.kind", "choice", "field2.key", "", "field2.label", "", "field2.options", "uno")...)
		got.says(t, "what is wrong", "Non è salvato", "Manca la domanda", "Una scelta vuole almeno due risposte")
		if got.status != http.StatusUnprocessableEntity {
			t.Error(got.status)
		}
		if got := owner.post(at, with("field2.kind", "choice", "field2.key", "", "field2.label", "Che cosa ti serve", "field2.options", "Piatti\r\nTazze\r\n")...); got.status != http.StatusSeeOther {
			t.Fatalf("%d %s", got.status, cut(got.body))
		}
		forms, err := h.Leads.Forms(ctx, h.Actor(team.Owner))
		h.ok(err)
		if f := forms[0]; f.Name != "Preventivi" || len(f.Fields) != 3 || len(f.Fields[2].Options) != 2 || !strings.HasPrefix(f.Fields[2].Key, "checosatiserve"[:12]) {
			t.Fatalf("%+v", f)
		}
		if got := owner.post(at, with()...); got.status != http.StatusConflict { // version 1 is old
			t.Error(got.status)
		}
		owner.post(at+"/state", "state", "live").is(t, "opened", http.StatusSeeOther, at)
		owner.get("/forms").says(t, "the forms", "Preventivi", "Aperto a tutti", "0 contatti")
		// Somebody comes, by hand this time.
		if got := owner.post("/leads", "name", "Ada Neri"); got.status != http.StatusUnprocessableEntity || !strings.Contains(got.body, "Manca il modo di richiamarlo") || !strings.Contains(got.body, `value="Ada Neri"`) {
			t.Errorf("%d %s", got.status, cut(got.body))
		}
		added := owner.post("/leads", "name", "Ada Neri", "email", "ada@example.it", "channel", "fiera")
		if added.status != http.StatusSeeOther {
			t.Fatal(added.status)
		}
		sheet := owner.get(added.to)
		sheet.says(t, "the lead", "Ada Neri", `href="mailto:ada@example.it"`, "fiera", "l’ha scritto a mano", "Non avete ancora scritto che cosa è un buon contatto")
		version := regexp.MustCompile(`name="version" value="(\d+)"`).FindStringSubmatch(sheet.body)[1]
		lost := owner.post(added.to, "version", version, "state", "lost", "currency", "EUR", "value", "1.250,50")
		if lost.status != http.StatusUnprocessableEntity || !strings.Contains(lost.body, "vuole un perché") || !strings.Contains(lost.body, `value="1.250,50"`) {
			t.Errorf("%d %s", lost.status, cut(lost.body))
		}
		owner.post(added.to, "version", version, "state", "won", "currency", "eur", "value", "1.250,50").is(t, "sold", http.StatusSeeOther, added.to)
		owner.post(added.to+"/note", "note", "Vuole il blu").is(t, "noted", http.StatusSeeOther, added.to)
		owner.get(added.to).says(t, "sold", "Vinto", `value="1250,50"`, "Vuole il blu", `value="`+h.Clock.Now().In(h.Company.Location()).Format(time.DateOnly)+`"`)
		owner.get("/leads?state=won").says(t, "the list", "Ada Neri", "1250,50", "1 su 1 ha un valore")
		owner.get("/leads?state=won&channel=radio").says(t, "none", "Nessun contatto è così")
		// Who may only look changes nothing.
		guest := h.as(team.Guest)
		guest.get(added.to).says(t, "a guest", "Ada Neri", "Vinto")
		if got := guest.post(added.to, "state", "new", "currency", "EUR"); got.status != http.StatusForbidden {
			t.Error(got.status)
		}
		h.as(team.Guest).get(at).hides(t, "a guest", `id="form-edit"`)
		// A channel that links have a word for is shown by it; a number can be called.
		called := owner.post("/leads", "name", "Bruno Riva", "phone", "+39 055 123-456", "channel", "window")
		owner.get(called.to).says(t, "the lead", `href="tel:+39055123456"`, "Vetrina")
		// Rules, written and explained.
		owner.post("/leads/quality", "do", "add").says(t, "a rule", `name="rule0.what"`, "non è ancora salvato")
		if got := owner.post("/leads/quality", "rule0.what", "channel", "rule0.how", "is", "rule0.value", "", "rule0.points", "9"); got.status != http.StatusUnprocessableEntity {
			t.Error(got.status)
		}
		owner.post("/leads/quality", "rule0.what", "channel", "rule0.how", "is", "rule0.value", "fiera", "rule0.points", "2").is(t, "ruled", http.StatusSeeOther, "/leads/quality")
		h.ok(h.Leads.Judge(ctx, h.Company.ID))
		owner.get(added.to).says(t, "why", "Perché sembra buono", "Il canale è fiera: +2 punti")
		owner.get("/leads/quality").says(t, "too few", "troppo pochi per dire qualcosa")
	})
}

// The conversation's key makes a lead once, and then leads to it.
func TestAConversationBecomesALeadOnThePages(t *testing.T) {
	t.Parallel()
	eachHouse(t, housetest.Options{}, func(t *testing.T, h *house) {
		talk := h.mention("elena", "@ceramichearno fate anche lavandini?")
		who := h.as(team.Marketing)
		who.get(talk).says(t, "the talk", `action="`+talk+`/lead"`, "Fanne un contatto", `data-key="l"`)
		made := who.post(talk + "/lead")
		if made.status != http.StatusSeeOther || !strings.HasPrefix(made.to, "/leads/led_") {
			t.Fatalf("%d to %q", made.status, made.to)
		}
		who.get(made.to).says(t, "the lead", "Leggi la conversazione", "ne ha fatto un contatto")
		who.get(talk).says(t, "the talk again", `href="`+made.to+`"`, "Guarda il contatto")
		h.as(team.Editor).get(talk).says(t, "an editor sees it", "Guarda il contatto")
		if got := h.as(team.Guest).post(talk + "/lead"); got.status != http.StatusForbidden {
			t.Error(got.status)
		}
	})
}
