package web_test

import (
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/ponte-desk/ponte/internal/growth"
	"github.com/ponte-desk/ponte/internal/housetest"
	"github.com/ponte-desk/ponte/internal/networktest"
	"github.com/ponte-desk/ponte/internal/storetest"
	"github.com/ponte-desk/ponte/internal/team"
)

func TestTheInboxSaysWhatIsCriticism(t *testing.T) {
	t.Parallel()
	eachHouse(t, judged, func(t *testing.T, h *house) {
		h.mention("marco", "@ceramichearno anche la mia tazza blu è arrivata scheggiata sul bordo")
		at := h.mention("elena", chipped)
		doubt := h.mention("ada", maybe)
		h.mention("bea", "@ceramichearno spedite in Sardegna?")
		h.mention("carlo", "@ceramichearno che bella")
		who := h.as(team.Community)
		list := who.get("/inbox")
		list.says(t, "the list", `class="tag critique"`, ">Critica<", "Forse critica", "Domanda", "Complimento", "Di che cosa parlano", `data-case="/cases/new?from=`)
		if n := strings.Count(list.body, `class="tag critique"`); n != 2 {
			t.Errorf("%d rows have the ground of criticism", n)
		}
		for view, rows := range map[string]int{"criticism": 2, "doubt": 1, "question": 1, "praise": 1} {
			got := who.get("/inbox?view=" + view)
			if n := strings.Count(got.body, `id="row-cnv_`); n != rows {
				t.Errorf("%s shows %d", view, n)
			}
			if !regexp.MustCompile(`href="/inbox\?view=` + view + `" aria-current="true"`).MatchString(got.body) {
				t.Errorf("%s is not marked", view)
			}
		}
		talk := who.get(at)
		talk.says(t, "criticism", "Perché è una critica", "<mark>scheggiata</mark>", "Parla di qualità, e lo dicono queste parole:", "È urgente: chiede indietro dei soldi.",
			"Di letture così ne avete ancora guardate poche", "Apri un caso con queste 2", "qualcosa di simile", "Non è una critica", "/cases/new?from=")
		maybe := who.get(doubt)
		maybe.says(t, "a doubt", "Perché forse è una critica", "<mark>forse</mark>", "Lo fanno pensare queste parole", "È una critica", "Non lo è")
		h.as(team.Marketing).get(at).hides(t, "who may not decide", doubt+"/verdict", "/cases/new")

		i := h.interaction(at)
		if got := who.post(at+"/verdict", "i", i, "reason", ""); got.status != http.StatusUnprocessableEntity || !strings.Contains(got.body, "Manca il perché.") {
			t.Errorf("no reason: %d", got.status)
		}
		who.post(at+"/verdict", "i", i, "reason", "not_about_us").is(t, "no criticism", http.StatusSeeOther, at)
		who.get(at).hides(t, "no criticism", "Perché è una critica", "<mark>")
		who.post(doubt+"/verdict", "i", h.interaction(doubt), "criticism", "yes").is(t, "criticism after all", http.StatusSeeOther, doubt)
		who.get(doubt).says(t, "decided", "Perché è una critica", "L’ha deciso Uno")
		who.head.Set("HX-Request", "true")
		who.head.Set("HX-Target", "talk")
		who.post(doubt+"/verdict", "i", h.interaction(doubt), "reason", "question").says(t, "a fragment", `id="talk"`, "Lo smistamento lo ricorderà.")
	})
}

func TestTheFirstOfTodayIsCriticism(t *testing.T) {
	t.Parallel()
	h := newHouse(t, storetest.SQLite(t), judged)
	h.mention("elena", chipped)
	who := h.as(team.Community)
	who.get("/").says(t, "today", "«la tazza blu è arrivata <mark>scheggiata</mark> sul bordo»", "È una critica sul tema qualità, e in pubblico.", "Apri un caso", `data-key="c"`)
	h.as(team.Marketing).get("/").hides(t, "who may not", "/cases/new")
}

const (
	promising = "Hai ragione. Te ne mandiamo una nuova entro venerdì."
	sentence  = "Te ne mandiamo una nuova entro venerdì"
)

func TestAPromiseIsAskedAbout(t *testing.T) {
	t.Parallel()
	o := judged
	o.Fake = networktest.FakeOptions{Address: true}
	eachHouse(t, o, func(t *testing.T, h *house) {
		at := h.mention("elena", chipped)
		who := h.as(team.Owner)
		page := who.get(at)
		asked := who.post(at+"/reply", "text", promising, "seen", seen(t, page), "finish", "done")
		asked.is(t, "asking", http.StatusUnprocessableEntity, "")
		asked.says(t, "asking", "Qui prometti qualcosa: chi la mantiene, e per quando?", ">"+promising+"</textarea>", `name="promise-text-0"`, `name="promise-due-0"`, "Non è una promessa", "Chi la mantiene")
		if len(h.thread(at).Replies) != 0 {
			t.Fatal("it went out")
		}
		found := regexp.MustCompile(`name="promise-text-0" value="([^"]+)"`).FindStringSubmatch(asked.body)
		due := regexp.MustCompile(`name="promise-due-0" type="date" value="([^"]+)"`).FindStringSubmatch(asked.body)
		if found == nil || due == nil {
			t.Fatalf("nothing is filled in:\n%s", cut(asked.body))
		}
		if day, err := time.Parse(time.DateOnly, due[1]); err != nil || day.Weekday() != time.Friday {
			t.Errorf("the day is %q", due[1])
		}
		past := who.post(at+"/reply", "text", promising, "seen", seen(t, page), "promise", "0", "promise-text-0", found[1], "promise-due-0", "2020-01-03", "promise-owner-0", string(h.Members[team.Contributor].ID))
		past.is(t, "a day that has passed", http.StatusUnprocessableEntity, "")
		past.says(t, "a day that has passed", `id="promise-due-0-problem"`, `value="2020-01-03"`, ">"+promising+"</textarea>", `value="`+string(h.Members[team.Contributor].ID)+`" selected`)
		// Another promise was added while the first was answered: it is asked about too, and the first stays as it was.
		more := who.post(at+"/reply", "text", promising+" Domani ti rimborsiamo la spedizione.", "seen", seen(t, page), "promise", "0", "promise-text-0", found[1], "promise-due-0", due[1], "promise-owner-0", string(h.Members[team.Contributor].ID))
		more.is(t, "another promise", http.StatusUnprocessableEntity, "")
		more.says(t, "another promise", "Qui prometti 2 cose", `name="promise-text-1"`, `value="`+string(h.Members[team.Contributor].ID)+`" selected`)
		who.post(at+"/reply", "text", promising, "seen", seen(t, page), "promise", "0", "promise-text-0", found[1], "promise-due-0", due[1], "promise-owner-0", string(h.Members[team.Contributor].ID)).is(t, "sending", http.StatusSeeOther, at)
		for _, d := range h.thread(at).Deliveries {
			h.Deliver(d.ID, time.Minute)
		}
		colleague := h.as(team.Contributor)
		mine := colleague.get("/promises")
		mine.says(t, "the colleague", sentence[3:], "a elena", "in pubblico", "entro venerdì")
		colleague.get("/").says(t, "today of the colleague", "Promesse", "entro venerdì")
		keep := regexp.MustCompile(`action="(/promises/prm_[a-z0-9]+)/keep"`).FindStringSubmatch(mine.body)
		if keep == nil {
			t.Fatal("the colleague cannot keep it")
		}
		if got := colleague.post(keep[1]+"/hand", "to", string(h.Members[team.Owner].ID)); got.status != http.StatusForbidden {
			t.Errorf("handing it on: %d", got.status)
		}
		who.post(keep[1]+"/hand", "to", "mbr_00000000000000000000000000").says(t, "to nobody", "Chi la deve mantenere non fa parte della squadra.")
		who.post(keep[1]+"/hand", "to", string(h.Members[team.Editor].ID)).is(t, "handing it on", http.StatusSeeOther, "/promises")
		who.post(keep[1]+"/keep", "note", "Spedita lunedì.").is(t, "keeping", http.StatusSeeOther, "/promises")
		who.get("/promises?state=kept").says(t, "kept", "mantenuta il", "Spedita lunedì.")
		if again := who.post(keep[1] + "/break"); again.status != http.StatusConflict {
			t.Errorf("breaking what was kept: %d", again.status)
		}
		who.get("/promises").says(t, "none to keep", "Nessuna promessa da mantenere.")
	})
}

func TestWhatIsNoPromiseGoesOut(t *testing.T) {
	t.Parallel()
	h := newHouse(t, storetest.SQLite(t), housetest.Options{Judge: judge, Fake: networktest.FakeOptions{Address: true}})
	at := h.mention("elena", chipped)
	who := h.as(team.Owner)
	page := who.get(at)
	asked := who.post(at+"/reply", "text", promising, "seen", seen(t, page))
	found := regexp.MustCompile(`name="promise-text-0" value="([^"]+)"`).FindStringSubmatch(asked.body)
	if found == nil {
		t.Fatal("nothing is asked")
	}
	who.post(at+"/reply", "text", promising, "seen", seen(t, page), "promise", "0", "promise-text-0", found[1], "promise-no-0", "on", "promise-due-0", "").is(t, "no promise", http.StatusSeeOther, at)
	p, err := h.Growth.Promises(t.Context(), h.Actor(team.Owner), growth.PromiseFilter{States: []growth.PromiseState{growth.PromiseWritten, growth.PromiseOpen}})
	h.ok(err)
	if len(p.Promises) != 0 {
		t.Errorf("%d promises", len(p.Promises))
	}
	// An answer that promises nothing is not asked about.
	other := h.mention("ada", "@ceramichearno una domanda")
	who.post(other+"/reply", "text", "Siamo aperti fino alle sette.", "seen", seen(t, who.get(other))).is(t, "a plain answer", http.StatusSeeOther, other)
}

func TestThePageOfGrowthIsSet(t *testing.T) {
	t.Parallel()
	eachHouse(t, judged, func(t *testing.T, h *house) {
		who := h.as(team.Owner)
		who.get("/cases/page").says(t, "new", "Comincia da solo con la prima critica in pubblico.", "Solo la squadra", "/crescita/embed", "Ce l’avete detto.")
		h.mention("elena", chipped)
		page := who.get("/cases/page")
		page.says(t, "a record", "1 riga", "ponte record verify", "Chiave con cui è firmato")
		wrong := who.post("/cases/page", "open", "yes", "title_it", strings.Repeat("lungo ", 40), "write_to", "non un indirizzo", "decide_in", "presto", "embed", "ftp://x", "approvers", "community")
		wrong.is(t, "wrong settings", http.StatusUnprocessableEntity, "")
		wrong.says(t, "wrong settings", `id="title_it-problem"`, `id="write_to-problem"`, `id="decide_in-problem"`, `id="embed-problem"`, `value="presto"`, "ftp://x", "lungo lungo")
		who.post("/cases/page", "open", "yes", "title_it", "Ci avete detto", "title_en", "You said", "lede_it", "Qui.", "promise_it", "Rispondiamo.", "write_to", "ciao@arno.example", "decide_in", "5",
			"embed", "https://www.arno.example\nhttps://arno.example", "approvers", "community").is(t, "saving", http.StatusSeeOther, "/cases/page")
		s, err := h.Growth.Settings(t.Context(), h.Actor(team.Owner))
		h.ok(err)
		if !s.Open || s.Title.EN != "You said" || s.DecideIn != 5 || len(s.Embed) != 2 || len(s.Approvers) != 2 || s.WriteTo != "ciao@arno.example" {
			t.Errorf("the settings are %+v", s)
		}
		h.as(team.Guest).get("/cases/page").says(t, "a guest", "Può cambiarla chi è titolare.", "ciao@arno.example")

		h.Clock.Set(nextMonday(h.Clock.Now()))
		h.ok(h.Growth.PrepareHeads(t.Context()))
		who = h.as(team.Owner)
		page = who.get("/cases/page")
		send := regexp.MustCompile(`action="(/cases/page/heads/hed_[a-z0-9]+)/send"`).FindStringSubmatch(page.body)
		if send == nil {
			t.Fatalf("no post waits:\n%s", cut(page.body))
		}
		page.says(t, "a post", "aspetta un sì", "Pubblica l’impronta", `name="channels"`)
		none := who.post(send[1] + "/send")
		none.is(t, "no channel", http.StatusUnprocessableEntity, "")
		none.says(t, "no channel", `id="head-channels-`)
		if got := h.as(team.Editor).post(send[1]+"/send", "channels", string(h.Channel.ID)); got.status != http.StatusForbidden {
			t.Errorf("an editor: %d", got.status)
		}
		who.post(send[1]+"/send", "channels", string(h.Channel.ID)).is(t, "posting", http.StatusSeeOther, "/cases/page#heads")
		if again := who.post(send[1] + "/skip"); again.status != http.StatusConflict {
			t.Errorf("skipping what was sent: %d", again.status)
		}
		who.get("/cases/page").says(t, "posted", "pubblicata")
	})
}

func nextMonday(t time.Time) time.Time {
	for t = t.AddDate(0, 0, 1); t.Weekday() != time.Monday; t = t.AddDate(0, 0, 1) {
	}
	return time.Date(t.Year(), t.Month(), t.Day(), 10, 0, 0, 0, time.UTC)
}

func TestTheTriageIsTaught(t *testing.T) {
	t.Parallel()
	eachHouse(t, judged, func(t *testing.T, h *house) {
		who := h.as(team.Owner)
		who.get("/settings/triage").says(t, "new", "Ancora niente da voi", "Parole vostre", "Un secondo parere")
		who.post("/settings/triage/words", "words", strings.Repeat("x", 90)).says(t, "a long word", `id="words-problem"`, strings.Repeat("x", 90))
		who.post("/settings/triage/words", "words", "Lungarno\n Alba, Marea \n").is(t, "words", http.StatusSeeOther, "/settings/triage")
		who.get("/settings/triage").says(t, "words", "Alba\nLungarno\nMarea")
		if got := who.post("/settings/triage/undo"); got.status < 400 || !strings.Contains(got.body, "Non c’è un modello vostro a cui rinunciare") {
			t.Errorf("nothing to undo: %d", got.status)
		}
		wrong := who.post("/settings/triage/second", "enabled", "on", "address", "ollama", "model", "", "key", "segretissimo")
		wrong.is(t, "a wrong address", http.StatusUnprocessableEntity, "")
		wrong.says(t, "a wrong address", `id="address-problem"`, `value="ollama"`)
		wrong.hides(t, "a wrong address", "segretissimo")
		who.post("/settings/triage/second", "enabled", "on", "address", "https://modelli.example/v1", "model", "uno", "key", "segretissimo").is(t, "a second opinion", http.StatusSeeOther, "/settings/triage")
		page := who.get("/settings/triage")
		page.says(t, "a second opinion", "https://modelli.example/v1", "C’è già, cifrata.", "nessuna, finora")
		page.hides(t, "a second opinion", "segretissimo")
		who.post("/settings/triage/second", "address", "https://modelli.example/v1", "model", "uno", "nokey", "on").is(t, "off", http.StatusSeeOther, "/settings/triage")
		who.get("/settings/triage").hides(t, "off", "C’è già, cifrata.", "nessuna, finora")
	})
}
