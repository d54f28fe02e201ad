package web_test

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/ponte-desk/ponte/internal/audience"
	"github.com/ponte-desk/ponte/internal/housetest"
	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/team"
)

// writer lets somebody write and gives the address of their page.
func (h *house) writer(handle, text string) string {
	h.door.t.Helper()
	return "/people/" + string(h.thread(h.mention(handle, text)).Person())
}

// night is three in the morning in the company's zone, so many days from now.
func (h *house) night(days int) {
	zone := h.Company.Location()
	d := h.House.Clock.Now().In(zone).AddDate(0, 0, days)
	h.House.Clock.Set(time.Date(d.Year(), d.Month(), d.Day(), 3, 0, 0, 0, zone))
}

// Who may do what with a person's data: every page and every form, by every role.
func TestWhoMayDoWhatWithAPersonsData(t *testing.T) {
	t.Parallel()
	eachHouse(t, housetest.Options{}, func(t *testing.T, h *house) {
		person := h.writer("ada", "@ceramichearno fate anche piatti fondi?")
		note, err := h.Audience.AddNote(t.Context(), h.Actor(team.Owner), audience.PersonID(strings.TrimPrefix(person, "/people/")), "Socia fondatrice")
		h.ok(err)
		for _, role := range team.Roles {
			who := h.as(role)
			erases := role.Can(team.PeopleErase)
			for path, want := range map[string]int{person + "/erase": http.StatusOK, "/settings/privacy/99": http.StatusNotFound} {
				if !erases {
					want = http.StatusForbidden
				}
				if got := who.get(path); got.status != want {
					t.Errorf("%s as %s: %d, want %d", path, role, got.status, want)
				}
			}
			for path, x := range map[string]struct {
				needs team.Permission
				want  int
				form  []string
			}{
				person + "/export":            {team.PeopleErase, http.StatusOK, []string{"as", "json"}},
				person + "/erase":             {team.PeopleErase, http.StatusUnprocessableEntity, []string{"name", "somebody else"}},
				person + "/keep":              {team.PeopleManage, http.StatusSeeOther, []string{"note", note.ID, "keep", "on"}},
				"/settings/privacy":           {team.CompanyChange, http.StatusSeeOther, []string{"months", "24"}},
				"/settings/privacy/99/allow":  {team.PeopleErase, http.StatusNotFound, nil},
				"/settings/privacy/abc/allow": {team.PeopleErase, http.StatusNotFound, nil},
			} {
				want := x.want
				if !role.Can(x.needs) {
					want = http.StatusForbidden
				}
				if got := who.post(path, x.form...); got.status != want {
					t.Errorf("POST %s as %s: %d, want %d\n%s", path, role, got.status, want, cut(got.body))
				}
			}
			privacy := who.get("/settings/privacy")
			privacy.is(t, "the privacy page", http.StatusOK, "")
			privacy.says(t, "the privacy page", "Si dimentica chi non scrive da 24 mesi.")
			if !erases {
				privacy.says(t, "without the certificates", "Li legge chi ha il ruolo")
			}
			if role.Can(team.CompanyChange) != strings.Contains(privacy.body, `name="months"`) {
				t.Errorf("%s and the months", role)
			}
			if !role.Can(team.PeopleRead) {
				continue
			}
			page := who.get(person)
			if erases {
				page.says(t, string(role), "Scarica tutto", "Cancella questa persona", person+"/erase")
			} else {
				page.says(t, string(role), "spetta a chi ha il ruolo")
				page.hides(t, string(role), person+"/erase", person+"/export")
			}
			if role.Can(team.PeopleManage) != strings.Contains(page.body, person+"/keep") {
				t.Errorf("%s and the notes", role)
			}
		}
		if _, err := h.Audience.Person(t.Context(), h.Actor(team.Owner), audience.PersonID(strings.TrimPrefix(person, "/people/"))); err != nil {
			t.Errorf("she is gone: %v", err)
		}
	})
}

// From the question to the certificate, and back again when the person returns.
func TestErasingAPersonOnScreen(t *testing.T) {
	t.Parallel()
	eachHouse(t, housetest.Options{}, func(t *testing.T, h *house) {
		person := h.writer("adalovelace", "@ceramichearno fate anche piatti fondi?")
		who := h.as(team.Community)
		page := who.get(person + "/erase")
		page.is(t, "the question", http.StatusOK, "")
		page.says(t, "the question", "Cancellare adalovelace", "messaggi, mi piace e altro di suo", "conversazioni, per intero", "impront", "Scrivi il nome: adalovelace")
		bad := who.post(person+"/erase", "name", "Grace", "reference", "mail del 12")
		bad.is(t, "a wrong name", http.StatusUnprocessableEntity, "")
		bad.says(t, "a wrong name", `id="name-problem"`, `value="Grace"`, `value="mail del 12"`)
		long := who.post(person+"/erase", "name", "adalovelace", "reference", strings.Repeat("x", 201))
		long.is(t, "a long reference", http.StatusUnprocessableEntity, "")
		long.says(t, "a long reference", `id="reference-problem"`)
		who.get(person).is(t, "she is still there", http.StatusOK, "")

		who.post(person+"/erase", "name", " AdaLovelace ", "reference", "mail  del 12").is(t, "erasing", http.StatusSeeOther, "/settings/privacy/1")
		cert := who.get("/settings/privacy/1")
		cert.says(t, "the certificate", "Certificato di cancellazione n. 1", "mail del 12", "messaggi, mi piace e altro di suo", "impronte senza nome", "Riammetti", h.Members[team.Community].Name, "data-print")
		cert.hides(t, "the certificate", "adalovelace", "piatti fondi")
		who.get(person).is(t, "her page", http.StatusNotFound, "")
		who.get(person+"/erase").is(t, "the question again", http.StatusNotFound, "")
		who.get("/settings/privacy").says(t, "the list", "mail del 12", `href="/settings/privacy/1"`)
		h.as(team.Owner).get("/settings/audit").says(t, "the audit trail", "ha fatto cancellare una persona", "certificato n. 1")

		h.mentionOnly("adalovelace", "@ceramichearno ci siete?")
		who.get("/settings/privacy/1").says(t, "she wrote again", "Ha scritto ancora")
		who.post("/settings/privacy/1/allow").is(t, "allowing", http.StatusSeeOther, "/settings/privacy/1")
		who.get("/settings/privacy/1").says(t, "allowed", "l’ha riammessa")
		again := who.post("/settings/privacy/1/allow")
		again.is(t, "allowing twice", http.StatusConflict, "")
		again.says(t, "allowing twice", "non c’è niente da riammettere")
		h.mentionOnly("adalovelace", "@ceramichearno eccomi di nuovo")
		who.get("/people").says(t, "she is back", "adalovelace")
	})
}

// mentionOnly lets a stranger write, whatever becomes of it.
func (h *house) mentionOnly(handle, text string) {
	h.door.t.Helper()
	_, err := h.Stranger(handle).Mention(h.door.t.Context(), text)
	h.ok(err)
	h.Read()
}

// What is too much for one step shows how far it is, and the person's page leads there.
func TestAnErasureThatTakesLong(t *testing.T) {
	t.Parallel()
	eachHouse(t, housetest.Options{}, func(t *testing.T, h *house) {
		var items []network.Item
		for i := range 60 {
			items = append(items, network.Item{
				RemoteID: fmt.Sprint("prolific:", i), Kind: network.KindMention, Author: network.Author{RemoteID: "prolific", Handle: "prolific", Name: "Prolific"},
				Text: "Eccomi", At: h.House.Clock.Now(), Version: "1", Visibility: network.Public,
			})
		}
		_, err := h.Networks.Ingest(t.Context(), h.Channel, network.Page{Items: items})
		h.ok(err)
		person := "/people/" + string(h.thread(h.newest()).Person())
		who := h.as(team.Owner)
		who.get(person+"/erase").says(t, "the question", "si conta solo la prima parte")
		who.post(person+"/erase", "name", "prolific").is(t, "erasing", http.StatusSeeOther, "/settings/privacy/1")
		cert := who.get("/settings/privacy/1")
		cert.says(t, "half done", "Si sta cancellando", `hx-trigger="every 3s"`)
		cert.hides(t, "half done", "/settings/privacy/1/allow")
		who.get(person).says(t, "her page", "Questa persona si sta cancellando.", `href="/settings/privacy/1"`)
		who.get(person+"/erase").is(t, "the question again", http.StatusSeeOther, "/settings/privacy/1")
		who.post(person+"/erase", "name", "prolific").is(t, "pressed twice", http.StatusSeeOther, "/settings/privacy/1")
		cs, err := h.Audience.Certificates(t.Context(), h.Actor(team.Owner), 0, 1)
		h.ok(err)
		for more := true; more; {
			more, err = h.Audience.Continue(t.Context(), cs[0].ID)
			h.ok(err)
		}
		done := who.get("/settings/privacy/1")
		done.hides(t, "done", "Si sta cancellando", "every 3s")
		done.says(t, "done", ">60<", "Riammetti")
	})
}

// The export is there as an archive, as a page and as JSON; each time it is written down.
func TestExportingAPersonOnScreen(t *testing.T) {
	t.Parallel()
	eachHouse(t, housetest.Options{}, func(t *testing.T, h *house) {
		person := h.writer("ada", "@ceramichearno fate anche <b>piatti</b> fondi?")
		who := h.as(team.Community)
		for as, kind := range map[string]string{"zip": "application/zip", "html": "text/html; charset=utf-8", "json": "application/json", "": "application/zip"} {
			got := who.post(person+"/export", "as", as)
			got.is(t, as, http.StatusOK, "")
			if got.header.Get("Content-Type") != kind || !strings.HasPrefix(got.header.Get("Content-Disposition"), "attachment; filename=ponte-per_") || got.header.Get("Cache-Control") != "no-store" {
				t.Errorf("%q: %v", as, got.header)
			}
			switch kind {
			case "application/zip":
				z, err := zip.NewReader(bytes.NewReader([]byte(got.body)), int64(len(got.body)))
				h.ok(err)
				var names []string
				for _, f := range z.File {
					names = append(names, f.Name)
					r, err := f.Open()
					h.ok(err)
					b, err := io.ReadAll(r)
					h.ok(err)
					if !bytes.Contains(b, []byte("piatti")) {
						t.Errorf("%s does not hold what she wrote", f.Name)
					}
				}
				if strings.Join(names, " ") != "da-leggere.html dati.json" {
					t.Errorf("%v", names)
				}
			case "application/json":
				if !json.Valid([]byte(got.body)) || !strings.Contains(got.body, "piatti") {
					t.Errorf("no JSON: %s", cut(got.body))
				}
			default:
				got.says(t, "the page", "<!doctype html>", "Tutto quello che c’è su ada", "piatti")
				got.hides(t, "the page", "<script", "<b>piatti")
			}
		}
		if n := strings.Count(h.as(team.Owner).get("/settings/audit").body, "ha esportato i dati di una persona"); n != 4 {
			t.Errorf("%d exports are written down, want 4", n)
		}
		who.post("/people/per_01kjpzx2p0000000000000000i/export").is(t, "nobody", http.StatusNotFound, "")
	})
}

// How long is kept what others write: looked at first, then decided; who is kept by a note stays.
func TestRetentionOnScreen(t *testing.T) {
	t.Parallel()
	eachHouse(t, housetest.Options{}, func(t *testing.T, h *house) {
		who := h.as(team.Owner)
		who.get("/settings/privacy").says(t, "nobody yet", "Non conoscete ancora nessuno.")
		var people []string
		for _, handle := range []string{"ada", "bea"} {
			at := h.mention(handle, "@ceramichearno buongiorno")
			people = append(people, "/people/"+string(h.thread(at).Person()))
			who.post(at+"/done").is(t, "done", http.StatusSeeOther, at)
		}
		who.get("/settings/privacy").says(t, "nobody is due", "Adesso non toccherebbe a nessuno.", "Ognuna delle 2 persone conosciute")
		who.post(people[1]+"/note", "body", "", "keep", "on").says(t, "an empty note", `id="body-problem"`, `name="keep" value="on" checked`)
		who.post(people[1]+"/note", "body", "Socia fondatrice", "keep", "on").is(t, "a note", http.StatusSeeOther, people[1]+"#notes")
		page := who.get(people[1])
		page.says(t, "her note", "da non dimenticare", "Si può dimenticare", "Un appunto dice di non dimenticarla.")

		h.night(8 * 30)
		who.enter(h.Members[team.Owner].Email)
		seen := who.get("/settings/privacy?months=6")
		seen.says(t, "a look", "Non ancora salvato", "Con 6 mesi", "su 2 persone conosciute", "marzo 2026", "Ai primi tocca", `<option value="6" selected`)
		seen.says(t, "a look does not decide", "Si dimentica chi non scrive da 24 mesi.")
		for _, months := range []string{"2", "121", "-1", "molti"} {
			bad := who.get("/settings/privacy?months=" + months)
			bad.is(t, "a look at "+months, http.StatusUnprocessableEntity, "")
			bad.says(t, "a look at "+months, `id="months-problem"`)
			bad = who.post("/settings/privacy", "months", months)
			bad.is(t, months, http.StatusUnprocessableEntity, "")
			bad.says(t, months, `id="months-problem"`)
		}
		who.get("/settings/privacy?months=7").says(t, "a number that is not in the list", `<option value="7" selected`)
		who.get("/settings/privacy?months=0").says(t, "never", "Senza dimenticare nessuno", "Non ancora salvato")
		who.post("/settings/privacy", "months", "6").is(t, "deciding", http.StatusSeeOther, "/settings/privacy")
		now := who.get("/settings/privacy")
		now.says(t, "decided", "Si dimentica chi non scrive da 6 mesi.", "Salvato.", `class="n">1 <`, "Adesso")
		now.hides(t, "decided", "Non ancora salvato")
		who.get("/settings/audit").says(t, "the audit trail", "ha cambiato dopo quanto tempo si dimentica chi non scrive", "mesi 24 → 6", "ha chiesto di non dimenticare una persona")

		h.night(31)
		h.ok(h.Audience.Forget(t.Context()))
		who.enter(h.Members[team.Owner].Email)
		who.get(people[0]).is(t, "who was forgotten", http.StatusNotFound, "")
		who.get(people[1]).is(t, "who is kept", http.StatusOK, "")
		who.get("/settings/privacy").says(t, "the list", "Una persona che non scriveva da tanto")
		cert := who.get("/settings/privacy/1")
		cert.says(t, "the certificate", "Non l’aveva chiesto: era passato il tempo deciso.")
		cert.hides(t, "the certificate", "Riammetti", "Fatta da", "ada")

		note := `name="note" value="`
		i := strings.Index(page.body, note)
		if i < 0 {
			t.Fatal("no note to take back")
		}
		id, _, _ := strings.Cut(page.body[i+len(note):], `"`)
		who.post(people[1]+"/keep", "note", id).is(t, "taking it back", http.StatusSeeOther, people[1]+"#notes")
		who.get(people[1]).says(t, "taken back", "Si può dimenticare di nuovo", `name="keep" value="on"`)
		who.post("/settings/privacy", "months", "0").is(t, "never", http.StatusSeeOther, "/settings/privacy")
		who.get("/settings/privacy").says(t, "never", "Non si dimentica nessuno.")
	})
}

// The list of certificates goes on over pages.
func TestManyCertificates(t *testing.T) {
	t.Parallel()
	eachHouse(t, housetest.Options{}, func(t *testing.T, h *house) {
		for i := range 31 {
			handle := fmt.Sprint("person", i)
			p := audience.PersonID(strings.TrimPrefix(h.writer(handle, "@ceramichearno buongiorno"), "/people/"))
			_, err := h.Audience.Erase(t.Context(), h.Actor(team.Owner), p, audience.EraseIn{Name: handle})
			h.ok(err)
		}
		who := h.as(team.Owner)
		first := who.get("/settings/privacy")
		first.says(t, "the first page", "N. 31,", `/settings/privacy?after=2#certificates`)
		first.hides(t, "the first page", "N. 1,")
		who.get("/settings/privacy?after=2").says(t, "the second page", "N. 1,")
	})
}
