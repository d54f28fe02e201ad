package web_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/ponte-desk/ponte/internal/housetest"
	"github.com/ponte-desk/ponte/internal/team"
)

// Costs are written down, put right and taken out; the page of results reckons with them, opens to its rows, and hides hours from who may not know
// them.
func TestResultsPages(t *testing.T) {
	t.Parallel()
	eachHouse(t, housetest.Options{}, func(t *testing.T, h *house) {
		owner := h.as(team.Owner)
		owner.get("/results").says(t, "before anything", "Ancora nulla da contare", "Le tre paure, in numeri")
		today := h.Clock.Now().In(h.Company.Location()).Format("2006-01-02")
		owner.post("/results/costs", "kind", "wine", "amount", "molto", "from", "").says(t, "wrong", "Questo tipo di spesa non esiste", "Questo non è un importo", "Questo giorno non c’è")
		owner.post("/results/costs", "kind", "print", "amount", "180,50", "from", today, "note", "Mille <b>volantini</b>", "elsewhere", "pagina", "elsewhere_amount", "640").is(t, "adding", http.StatusSeeOther, "/results/costs")
		book := owner.get("/results/costs")
		book.says(t, "the book", "180,50", "Mille &lt;b&gt;volantini", "ipotesi: pagina, 640")
		_, rest, _ := strings.Cut(book.body, `href="/results/costs/cst_`)
		id, _, _ := strings.Cut(rest, `"`)
		cost := "/results/costs/cst_" + id
		owner.get(cost).says(t, "one", `value="180,50"`, "Togli questa spesa")
		owner.post(cost, "kind", "print", "amount", "200", "from", today, "version", "1").is(t, "changing", http.StatusSeeOther, "/results/costs")
		owner.post(cost, "kind", "print", "amount", "300", "from", today, "version", "1").says(t, "changed by another", "nel frattempo")
		owner.get("/results").says(t, "with a cost", "200", "Stampa", "Quanto costa un contatto", "/results/costs?from=")
		owner.post("/results/rates", "rate-owner", "35", "rate-community", "x").says(t, "a rate that is none", "Questa tariffa non va")
		owner.post("/results/rates", "rate-owner", "35").is(t, "rates", http.StatusSeeOther, "/results/costs")

		owner.post("/results/time", "day", today, "work", "answering", "minutes", "95").is(t, "own minutes", http.StatusSeeOther, "/results/time")
		owner.get("/results/time").says(t, "own minutes", "1 h 35 min", "lo dici tu")
		owner.post("/results/time", "day", today, "minutes-answering", "60").is(t, "put right", http.StatusSeeOther, "/results/time")
		owner.post("/results/time", "day", today, "work", "answering", "minutes", "x").says(t, "no minutes", "vanno da 0 a 1440")
		owner.get("/results/time/export.csv").says(t, "taken along", today+",answering,60,")
		owner.get("/results").says(t, "with hours", "una persona", "di cui ore")
		other := h.as(team.Marketing)
		page := other.get("/results")
		page.says(t, "without hours", "le vede chi dirige")
		if strings.Contains(page.body, "di cui ore") {
			t.Error("marketing reads what hours cost")
		}
		if got := other.get("/results/time").body; strings.Contains(got, "1 h") {
			t.Error("somebody else's minutes")
		}
		owner.get("/results/export.csv?weeks=4").says(t, "the table", "offline,print,0,0,0,", "200.00")
		owner.get("/results/weeks.csv?weeks=4").says(t, "the weeks", "from,to,minutes,", ",60,")
		other.get("/results/weeks.csv?weeks=4").says(t, "the weeks without hours", today+",,")
		owner.get("/results/criticisms.csv").says(t, "criticisms", "said,hours_to_answer,late,settled,conversation")
		sheet := owner.get("/results/results.pdf?weeks=4")
		if sheet.status != http.StatusOK || !strings.HasPrefix(sheet.body, "%PDF-1.7") || !strings.Contains(sheet.body, "/Lang (it)") || !strings.Contains(sheet.body, "/S /Table") {
			t.Errorf("on paper: %d %.60q", sheet.status, sheet.body)
		}
		h.as(team.Contributor).get("/results/results.pdf").is(t, "paper for who may not see results", http.StatusForbidden, "")
		owner.get("/results?month=2020-01").is(t, "a month without anything", http.StatusOK, "")
		owner.get("/results/costs/export.csv").says(t, "the book as a table", "print,200.00,"+today)
		owner.post(cost+"/drop").is(t, "dropping", http.StatusSeeOther, "/results/costs")
		owner.get("/leads?from=2020-01-01&to=2020-01-31").is(t, "leads of a time", http.StatusOK, "")
	})
}

// Pages that are opened count as work of their kind; what a page fetches by itself does not.
func TestWorkIsNoted(t *testing.T) {
	t.Parallel()
	eachHouse(t, housetest.Options{}, func(t *testing.T, h *house) {
		who := h.as(team.Community)
		who.get("/inbox")
		h.Clock.Advance(3 * 60 * 1e9)
		who.get("/results/links")
		h.Clock.Advance(2 * 60 * 1e9)
		who.get("/inbox")
		h.ok(h.Report.FlushWork(t.Context()))
		got := map[string]int{}
		own, err := h.Report.OwnWork(t.Context(), h.Actor(team.Community), 0, 0)
		h.ok(err)
		for _, o := range own {
			got[string(o.Work)] += o.Minutes()
		}
		if got["answering"] != 3 || got["selling"] != 2 {
			t.Errorf("%v", got)
		}
	})
}
