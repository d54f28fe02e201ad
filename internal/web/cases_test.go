package web_test

import (
	"bytes"
	"context"
	"image"
	"image/png"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/ponte-desk/ponte/internal/growth"
	"github.com/ponte-desk/ponte/internal/housetest"
	"github.com/ponte-desk/ponte/internal/inbox"
	"github.com/ponte-desk/ponte/internal/storetest"
	"github.com/ponte-desk/ponte/internal/team"
	"github.com/ponte-desk/ponte/internal/triage"
)

// judge is a triage that goes by a word: "scheggiata" is criticism of quality, "forse" is in doubt, a question mark asks, "bella" praises.
func judge(_ team.CompanyID, text string) triage.Verdict {
	v := triage.Verdict{Language: triage.Italian, Tone: triage.ToneNeutral, Criticism: triage.Opinion{P: .05, Decision: triage.No}}
	weighs := func(word string) {
		at := strings.Index(text, word)
		v.Evidence = []triage.Span{{Word: word, Start: at, End: at + len(word), Weight: 1}}
	}
	switch {
	case strings.Contains(text, "forse"):
		v.Criticism = triage.Opinion{P: .5, Decision: triage.Check}
		weighs("forse")
	case strings.Contains(text, "scheggiata"):
		v.Criticism, v.Themes, v.Urgency = triage.Opinion{P: .95, Decision: triage.Yes}, []triage.Theme{"quality"}, 2
		v.Cues = []triage.Cue{"refund"}
		weighs("scheggiata")
	case strings.Contains(text, "bella"):
		v.Praise = .9
	case strings.Contains(text, "?"):
		v.Question = .9
	}
	return v
}

var judged = housetest.Options{Judge: judge}

const (
	chipped = "@ceramichearno la tazza blu è arrivata scheggiata sul bordo"
	maybe   = "@ceramichearno forse la scatola era un po’ leggera"
)

func talkID(at string) inbox.ConversationID {
	return inbox.ConversationID(strings.TrimPrefix(at, "/inbox/"))
}

// interaction is the first thing that was written in a conversation.
func (h *house) interaction(at string) string {
	h.door.t.Helper()
	return string(h.thread(at).Interactions[0].ID)
}

// openCase opens a case as the community manager, in the charge of a role, and gives its address.
func (h *house) openCase(owner team.Role, texts ...string) string {
	h.door.t.Helper()
	in := growth.OpenIn{Title: "Tazze scheggiate", Theme: "quality", Owner: h.Members[owner].ID}
	for i, text := range texts {
		in.Interactions = append(in.Interactions, inbox.InteractionID(h.interaction(h.mention("voce"+string(rune('a'+i)), text))))
	}
	c, err := h.Growth.Open(h.door.t.Context(), h.Actor(team.Community), in)
	h.ok(err)
	return "/cases/" + string(c.ID)
}

func (h *house) file(at string) growth.File {
	h.door.t.Helper()
	f, err := h.Growth.OpenFile(h.door.t.Context(), h.Actor(team.Owner), growth.CaseID(strings.TrimPrefix(at, "/cases/")))
	h.ok(err)
	return f
}

// upload posts a form with a file.
func (b *browser) upload(path, field string, content []byte, pairs ...string) answer {
	b.t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	must := func(err error) {
		b.t.Helper()
		if err != nil {
			b.t.Fatal(err)
		}
	}
	for i := 0; i+1 < len(pairs); i += 2 {
		must(form.WriteField(pairs[i], pairs[i+1]))
	}
	part, err := form.CreateFormFile(field, "tazza.png")
	must(err)
	_, err = part.Write(content)
	must(err)
	must(form.Close())
	r, err := http.NewRequestWithContext(context.WithoutCancel(b.t.Context()), http.MethodPost, b.server.URL+path, &body)
	must(err)
	r.Header.Set("Content-Type", form.FormDataContentType())
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	res, err := b.client.Do(r)
	must(err)
	defer func() { _ = res.Body.Close() }()
	text, err := io.ReadAll(res.Body)
	must(err)
	return answer{status: res.StatusCode, header: res.Header, body: string(text), to: res.Header.Get("Location")}
}

func picture(t *testing.T) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewRGBA(image.Rect(0, 0, 8, 8))); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

var red = regexp.MustCompile(`class="key red`)

func TestWhoMayDoWhatWithCases(t *testing.T) {
	t.Parallel()
	eachHouse(t, judged, func(t *testing.T, h *house) {
		mine := h.openCase(team.Contributor, chipped)
		other := h.openCase(team.Editor, "@ceramichearno una ciotola scheggiata")
		doubt := h.mention("forse", maybe)
		voice, task := string(h.file(other).Voices[0].ID), ""
		added, err := h.Growth.AddTask(t.Context(), h.Actor(team.Owner), growth.CaseID(strings.TrimPrefix(other, "/cases/")), "guardare", "")
		h.ok(err)
		task = string(added.ID)
		for _, role := range team.Roles {
			who := h.as(role)
			for path, want := range map[string]bool{
				"/cases": true, mine: role.Can(team.GrowthRead) || role == team.Contributor, other: role.Can(team.GrowthRead), "/cases/doubts": role.Can(team.GrowthRead),
				"/cases/new?from=" + string(talkID(doubt)): role.Can(team.GrowthManage), "/promises": true, "/cases/page": role.Can(team.GrowthRead), "/settings/triage": role.Can(team.CompanyChange),
			} {
				got := who.get(path)
				if ok := got.status == http.StatusOK; ok != want {
					t.Errorf("%s as %s: %d, want %v", path, role, got.status, want)
				}
				if got.status == http.StatusOK && len(red.FindAllString(got.body, -1)) > 1 {
					t.Errorf("%s as %s has more than one red key", path, role)
				}
				if found := marker.FindString(got.body); found != "" {
					t.Errorf("%s as %s shows %q", path, role, found)
				}
			}
			for path, p := range map[string]team.Permission{
				"/cases": team.GrowthManage, "/cases/doubts": team.GrowthManage, doubt + "/verdict": team.GrowthManage, other: team.GrowthManage, other + "/owner": team.GrowthManage,
				other + "/advance": team.GrowthManage, other + "/join": team.GrowthManage, other + "/decline": team.GrowthPublish, other + "/reopen": team.GrowthManage,
				other + "/tasks": team.GrowthManage, other + "/tasks/" + task + "/done": team.GrowthManage, other + "/evidence": team.GrowthManage,
				other + "/voices/" + voice + "/quote": team.GrowthManage, other + "/voices/" + voice + "/part": team.GrowthManage,
				"/cases/page": team.CompanyChange, "/settings/triage/words": team.CompanyChange, "/settings/triage/undo": team.CompanyChange, "/settings/triage/second": team.CompanyChange,
			} {
				got := who.post(path, "i", "int_x", "text", "")
				refused := got.status == http.StatusForbidden || got.status == http.StatusNotFound && !role.Can(team.GrowthRead)
				if refused == role.Can(p) {
					t.Errorf("POST %s as %s: %d", path, role, got.status)
				}
			}
			page := who.get("/cases")
			if role == team.Contributor {
				page.says(t, "a contributor", "Tazze scheggiate", mine)
				page.hides(t, "a contributor", other, "/cases/doubts", "/cases/page", `href="/inbox"`, `href="/channels"`, `href="/settings"`)
				who.get(mine).hides(t, "a contributor", "/voices/", mine+"/join", mine+"/decline", mine+"/owner", "/inbox/cnv")
				who.get("/").says(t, "today", "Tazze scheggiate", "I tuoi casi")
			}
		}
	})
}

// A case goes its whole way in the browser without script: opened from a conversation, understood and changed by a colleague who sees
// just this, approved by another person, published, told to those who said it.
func TestACaseGoesItsWay(t *testing.T) {
	t.Parallel()
	eachHouse(t, judged, func(t *testing.T, h *house) {
		first := h.mention("elena", chipped)
		h.mention("marco", "@ceramichearno anche la mia tazza blu è arrivata scheggiata sul bordo")
		community, colleague, owner := h.as(team.Community), h.as(team.Contributor), h.as(team.Owner)

		page := community.get("/cases/new?from=" + string(talkID(first)))
		page.says(t, "opening", "la tazza blu è arrivata", `<mark>scheggiata</mark>`, "Dicono lo stesso", "anche la mia tazza blu", `checked`, "qualità")
		ids := regexp.MustCompile(`name="i" value="(int_[a-z0-9]+)" checked`).FindAllStringSubmatch(page.body, -1)
		if len(ids) != 2 {
			t.Fatalf("%d are ticked:\n%s", len(ids), cut(page.body))
		}
		form := url.Values{"i": {ids[0][1], ids[1][1]}, "title": {""}, "theme": {"quality"}, "due": {"2026-04-03"}, "owner": {string(h.Members[team.Contributor].ID)}, "back": {first}}
		wrong := community.do(http.MethodPost, "/cases", form)
		wrong.is(t, "no title", http.StatusUnprocessableEntity, "")
		wrong.says(t, "no title", `id="case-title-problem"`, `value="2026-04-03"`, "la tazza blu è arrivata", "anche la mia tazza blu")
		if n := strings.Count(wrong.body, `" checked`); n < 2 {
			t.Errorf("%d stay ticked", n)
		}
		form.Set("title", "Tazze scheggiate sul bordo")
		got := community.do(http.MethodPost, "/cases", form)
		if got.status != http.StatusSeeOther || !strings.HasPrefix(got.to, "/cases/cas_") {
			t.Fatalf("opening: %d to %q\n%s", got.status, got.to, cut(got.body))
		}
		at := got.to
		community.get(first).says(t, "the conversation", "Fa parte del caso 1: Tazze scheggiate sul bordo", "Ascoltato")

		mine := colleague.get(at)
		mine.says(t, "the colleague", "Tazze scheggiate sul bordo", "Da che cosa dipende?", "2 persone", "La causa è questa")
		none := colleague.post(at+"/advance", "to", "understood", "cause", " ")
		none.is(t, "no cause", http.StatusUnprocessableEntity, "")
		none.says(t, "no cause", `id="step-cause-problem"`, `aria-invalid="true"`)
		colleague.post(at+"/advance", "to", "understood", "cause", "Si toccano nella scatola.").is(t, "the cause", http.StatusSeeOther, at)
		colleague.post(at+"/advance", "to", "changing", "plan", "Un separatore di cartone.").is(t, "the plan", http.StatusSeeOther, at)
		// The key that goes back stands in the same form.
		colleague.do(http.MethodPost, at+"/advance", url.Values{"to": {"changed", "understood"}}).is(t, "back", http.StatusSeeOther, at)
		colleague.get(at).says(t, "back", "Che cosa cambiate?", "Un separatore di cartone.")
		colleague.post(at+"/advance", "to", "changing", "plan", "Un separatore di cartone.").is(t, "the plan again", http.StatusSeeOther, at)
		shown := colleague.upload(at+"/evidence", "picture", picture(t), "text", "La scatola aperta")
		shown.is(t, "a picture", http.StatusSeeOther, at+"#evidence")
		colleague.post(at+"/tasks", "text", "Ordinare i separatori", "owner", "").is(t, "a task", http.StatusSeeOther, at+"#tasks")
		late := colleague.post(at+"/advance", "to", "changed", "since", "2031-01-01", "did_it", "Un separatore in ogni scatola.", "did_en", "A divider in every box.")
		late.is(t, "a day that has not come", http.StatusUnprocessableEntity, "")
		late.says(t, "a day that has not come", `id="step-since-problem"`, "Un separatore in ogni scatola.", "A divider in every box.", `value="2031-01-01"`)
		h.Clock.Advance(48 * time.Hour)
		colleague.post(at+"/advance", "to", "changed", "since", h.Clock.Now().Format(time.DateOnly), "did_it", "Un separatore in ogni scatola.", "did_en", "A divider in every box.").is(t, "changed", http.StatusSeeOther, at)
		if s := h.file(at).Case.State; s != growth.CaseChanged {
			t.Fatalf("the case is %s", s)
		}
		page = community.get(at)
		page.says(t, "changed", "Così lo leggeranno i clienti", "Un separatore in ogni scatola.", "A divider in every box.", "Chiedi il via libera", "È presto per dirlo.", `src="/media/`, "La scatola aperta", "2 persone")
		page.hides(t, "changed", "/publish")
		entry := at + regexp.MustCompile(`/entry/imp_[a-z0-9]+`).FindString(page.body)
		community.post(entry+"/change", "title_it", "Il separatore", "stone_it", "due parole", "said_it", "Arrivano scheggiate.", "did_it", "Fatto.").
			says(t, "two words on a stone", `id="stone-it-problem"`, "due parole", "Arrivano scheggiate.")
		community.post(entry+"/change", "title_it", "Il separatore", "stone_it", "scatole", "said_it", "Arrivano scheggiate.", "did_it", "Un separatore.",
			"title_en", "The divider", "stone_en", "boxes", "said_en", "They arrive chipped.", "did_en", "A divider.").is(t, "the text", http.StatusSeeOther, at+"#next")
		community.post(entry+"/ask").is(t, "asking", http.StatusSeeOther, at+"#next")
		owner.get("/").says(t, "today of who approves", "Aspettano il tuo via libera", "Il separatore", at+"#next")
		owner.get(at).says(t, "who approves", "Pubblica nel registro", entry+"/publish", entry+"/return")
		owner.post(entry+"/return", "reason", "").says(t, "no reason", `id="return-reason-problem"`)
		owner.post(entry+"/publish").is(t, "publishing", http.StatusSeeOther, at+"#next")
		page = owner.get(at)
		page.says(t, "published", "Pietra 1, pubblicata il", "È detto a tutti.", "Aggiungi una riga", "Olga ha pubblicato la voce 1.")
		page.hides(t, "published", "Cambia il testo")
		owner.post(entry+"/line", "it", "", "en", "").says(t, "an empty line", `id="line-it-problem"`)
		owner.post(entry+"/line", "it", "Ora anche il sabato.").is(t, "a line", http.StatusSeeOther, at+"#next")
		if again := owner.post(entry + "/publish"); again.status != http.StatusConflict {
			t.Errorf("publishing twice: %d", again.status)
		}

		letters := regexp.MustCompile(`action="(`+at+`/letters/ltr_[a-z0-9]+)"`).FindAllStringSubmatch(community.get(at).body, -1)
		if len(letters) != 2 {
			t.Fatalf("%d letters", len(letters))
		}
		bare := community.post(letters[0][1], "do", "send", "text", "Ciao, senza indirizzo.")
		bare.is(t, "without the link", http.StatusUnprocessableEntity, "")
		bare.says(t, "without the link", "Ciao, senza indirizzo.", `id="letter-text-0-problem"`)
		text := h.file(at).Letters[0].Text
		community.post(letters[0][1], "do", "send", "text", text).is(t, "sending", http.StatusSeeOther, at+"#letters")
		community.post(letters[1][1], "do", "skip", "text", "").is(t, "skipping", http.StatusSeeOther, at+"#letters")
		community.get(at).says(t, "told", "1 su 2", "sta partendo", "non scritto")
		if got := community.post(letters[0][1], "do", "eat"); got.status != http.StatusUnprocessableEntity {
			t.Errorf("a verb that is none: %d", got.status)
		}
		// The same in English, and in the list.
		community.get(at+"?lang=en").says(t, "English", "Stone 1, published on", "How customers read it", "You said")
		community.get("/cases?state=changed&lang=it").says(t, "the list", "Tazze scheggiate sul bordo", "Cambiato", "2 persone")
	})
}

func TestADeclinedCaseSaysWhy(t *testing.T) {
	t.Parallel()
	eachHouse(t, judged, func(t *testing.T, h *house) {
		at := h.openCase(team.Editor, chipped)
		who := h.as(team.Community)
		who.post(at+"/decline", "it", "", "en", "").says(t, "no reason", `id="decline-it-problem"`)
		who.post(at+"/decline", "it", "Costa il doppio.", "en", "It costs twice as much.").is(t, "declining", http.StatusSeeOther, at)
		page := who.get(at)
		page.says(t, "declined", "Non si cambia, dal", "Costa il doppio.", "It costs twice as much.", "Riapri il caso", "Non si cambia, e il perché è di tutti.")
		page.hides(t, "declined", at+"/advance", at+"/tasks", at+"/evidence\"", "Aggiungine un’altra")
		if again := who.post(at+"/decline", "it", "No."); again.status != http.StatusConflict {
			t.Errorf("declining twice: %d", again.status)
		}
		who.post(at+"/reopen").is(t, "reopening", http.StatusSeeOther, at)
		who.get(at).says(t, "reopened", "Da che cosa dipende?", "Uno ha riaperto il caso.")
	})
}

func TestWrongInputStaysWithItsForm(t *testing.T) {
	t.Parallel()
	eachHouse(t, judged, func(t *testing.T, h *house) {
		at := h.openCase(team.Editor, chipped, "@ceramichearno il vaso è scheggiata anche lui")
		voice := string(h.file(at).Voices[0].ID)
		who := h.as(team.Community)
		for name, c := range map[string]struct {
			path string
			form []string
			says []string
		}{
			"no title":            {at, []string{"title", "", "theme", "quality", "cause", "una causa scritta a lungo"}, []string{`id="case-title-problem"`, "una causa scritta a lungo"}},
			"no theme":            {at, []string{"title", "T", "theme", "moon"}, []string{`id="case-theme-problem"`}},
			"no day":              {at, []string{"title", "Titolo tenuto", "due", "domani"}, []string{`id="case-due-problem"`, "Titolo tenuto", `value="domani"`}},
			"no task":             {at + "/tasks", []string{"text", ""}, []string{`id="task-text-problem"`}},
			"no evidence":         {at + "/evidence", []string{"text", "", "value", "6"}, []string{`id="evidence-text-problem"`, `value="6"`}},
			"a link that is none": {at + "/evidence", []string{"text", "Il preventivo", "url", "http://insicuro.example"}, []string{`id="evidence-url-problem"`, "Il preventivo", "http://insicuro.example"}},
			"two kinds at once":   {at + "/evidence", []string{"text", "x", "url", "https://a.example", "value", "6"}, []string{"Una prova è una cosa sola."}},
			"words not in it":     {at + "/voices/" + voice + "/quote", []string{"named", "yes", "part", "parole mai scritte"}, []string{`id="quote-` + voice + `-problem"`, "parole mai scritte"}},
			"a state that is not": {at + "/advance", []string{"to", "moon"}, []string{"Un caso non può passare a questo stato."}},
			"nothing to join":     {at + "/join", nil, []string{"Scegli da 1 a"}},
			"an unknown reason":   {"/cases/doubts", []string{"i", "int_x", "reason", "moon"}, []string{"Manca il perché."}},
		} {
			got := who.post(c.path, c.form...)
			if got.status != http.StatusUnprocessableEntity {
				t.Errorf("%s: %d\n%s", name, got.status, cut(got.body))
				continue
			}
			got.says(t, name, c.says...)
		}
		bad := who.upload(at+"/evidence", "picture", []byte("not a picture"), "text", "Una foto rotta")
		bad.is(t, "no picture", http.StatusUnprocessableEntity, "")
		bad.says(t, "no picture", `id="evidence-picture-problem"`, "Una foto rotta")
		nameless := who.upload(at+"/evidence", "picture", picture(t), "text", "")
		nameless.is(t, "a picture without a description", http.StatusUnprocessableEntity, "")
		nameless.says(t, "a picture without a description", `id="evidence-text-problem"`)
		if n := len(h.file(at).Evidence); n != 0 {
			t.Errorf("%d pieces of evidence were kept", n)
		}
		for _, path := range []string{"/cases?state=moon", "/cases?theme=moon"} {
			if got := who.get(path); got.status != http.StatusUnprocessableEntity {
				t.Errorf("%s: %d", path, got.status)
			}
		}
		who.post(at, "title", "Un titolo nuovo", "theme", "delivery", "cause", "C", "plan", "P", "owner", string(h.Members[team.Contributor].ID), "due", "2026-05-01").is(t, "changing it", http.StatusSeeOther, at+"#details")
		k := h.file(at).Case
		if k.Title != "Un titolo nuovo" || k.Theme != "delivery" || k.Cause != "C" || k.Plan != "P" || k.Owner != h.Members[team.Contributor].ID || k.DueAt.Format(time.DateOnly) != "2026-05-01" {
			t.Errorf("the case is %+v", k)
		}
		// Handing it on changes nothing else.
		who.post(at+"/owner", "owner", "").is(t, "nobody", http.StatusSeeOther, at)
		if k := h.file(at).Case; k.Owner != "" || k.Title != "Un titolo nuovo" || k.Cause != "C" || k.DueAt.IsZero() {
			t.Errorf("the case is %+v", k)
		}
		who.post(at+"/voices/"+voice+"/quote", "named", "yes", "part", "scheggiata").is(t, "a quote", http.StatusSeeOther, at+"#"+voice)
		who.get(at).says(t, "the quote", "«scheggiata»")
		who.post(at+"/voices/"+voice+"/part").is(t, "parting", http.StatusSeeOther, at+"#voices")
		if n := len(h.file(at).Voices); n != 1 {
			t.Errorf("%d voices are left", n)
		}
	})
}

func TestNothingOfAnotherCompanyIsShown(t *testing.T) {
	t.Parallel()
	eachHouse(t, judged, func(t *testing.T, h *house) {
		at := h.openCase(team.Editor, chipped)
		id := growth.CaseID(strings.TrimPrefix(at, "/cases/"))
		task, err := h.Growth.AddTask(t.Context(), h.Actor(team.Owner), id, "guardare", "")
		h.ok(err)
		evidence, err := h.Growth.AddEvidence(t.Context(), h.Actor(team.Owner), id, growth.Evidence{Kind: growth.EvidenceText, Text: "un segreto"})
		h.ok(err)
		voice, said := string(h.file(at).Voices[0].ID), string(h.file(at).Voices[0].Interaction)
		b := h.Other(t)
		h.give(b.Members[team.Owner])
		who := h.browser("it")
		who.enter(b.Members[team.Owner].Email)
		for _, path := range []string{at, "/cases/cas_00000000000000000000000000"} {
			if got := who.get(path); got.status != http.StatusNotFound {
				t.Errorf("%s: %d", path, got.status)
			}
		}
		for _, path := range []string{
			at, at + "/owner", at + "/advance", at + "/decline", at + "/reopen", at + "/join", at + "/tasks", at + "/evidence", at + "/voices/" + voice + "/quote", at + "/voices/" + voice + "/part",
			at + "/tasks/" + string(task.ID) + "/done", at + "/tasks/" + string(task.ID) + "/drop", at + "/evidence/" + string(evidence.ID) + "/drop",
			at + "/entry/imp_00000000000000000000000000/publish", at + "/letters/ltr_00000000000000000000000000", "/promises/prm_00000000000000000000000000/keep",
			"/cases/page/heads/hed_00000000000000000000000000/send",
		} {
			got := who.post(path, "to", "understood", "cause", "x", "it", "x", "title", "x", "text", "x", "i", said, "do", "skip", "done", "1", "owner", "")
			if got.status != http.StatusNotFound {
				t.Errorf("POST %s: %d\n%s", path, got.status, cut(got.body))
			}
		}
		for _, path := range []string{"/cases?state=all", "/cases/doubts", "/promises", "/cases/page", "/"} {
			who.get(path).hides(t, path, "Tazze scheggiate", "scheggiata sul bordo", "un segreto")
		}
		if got := who.post("/cases", "i", said, "title", "Rubata"); got.status != http.StatusNotFound {
			t.Errorf("opening a case from theirs: %d", got.status)
		}
		if got := who.post("/cases/doubts", "i", said, "criticism", "yes"); got.status != http.StatusNotFound {
			t.Errorf("deciding on theirs: %d", got.status)
		}
		if f := h.file(at); len(f.Tasks) != 1 || len(f.Evidence) != 1 || len(f.Voices) != 1 || f.Case.State != growth.CaseHeard {
			t.Errorf("the case is %+v", f.Case)
		}
	})
}

func TestDoubtsAreDecided(t *testing.T) {
	t.Parallel()
	eachHouse(t, judged, func(t *testing.T, h *house) {
		yes := h.interaction(h.mention("ada", maybe))
		no := h.interaction(h.mention("bea", "@ceramichearno forse passo sabato"))
		who, guest := h.as(team.Editor), h.as(team.Guest)
		page := who.get("/cases/doubts")
		page.says(t, "doubts", "<mark>forse</mark>", "la scatola era un po’ leggera", "È una critica", "Che cos’è, allora", "da decidere entro il")
		page.hides(t, "doubts", ">@ceramichearno forse")
		who.get("/cases").says(t, "the list", "2 messaggi aspettano")
		who.get("/").says(t, "today", "Da decidere", "Decidi, sono 2")
		guest.get("/cases/doubts").hides(t, "a guest", `name="criticism"`)
		who.post("/cases/doubts", "i", yes, "criticism", "yes").is(t, "yes", http.StatusSeeOther, "/cases/doubts")
		who.post("/cases/doubts", "i", no, "reason", "not_about_us").is(t, "no", http.StatusSeeOther, "/cases/doubts")
		who.get("/cases/doubts").says(t, "none", "Niente da decidere.", "Non è una critica. Lo smistamento lo ricorderà.")
		if got := who.post("/cases/doubts", "i", "int_00000000000000000000000000", "criticism", "yes"); got.status != http.StatusNotFound {
			t.Errorf("something that is not there: %d", got.status)
		}
	})
}

func TestTheListOfCases(t *testing.T) {
	t.Parallel()
	h := newHouse(t, storetest.SQLite(t), judged)
	who := h.as(team.Community)
	who.get("/cases").says(t, "none", "Ancora nessun caso.", "/inbox?view=criticism")
	at := h.openCase(team.Community, chipped)
	who.post(at, "title", "Tazze scheggiate", "theme", "quality", "due", h.Clock.Now().AddDate(0, 0, 1).Format(time.DateOnly), "owner", string(h.Members[team.Community].ID)).is(t, "a date", http.StatusSeeOther, at+"#details")
	h.openCase(team.Editor, "@ceramichearno un piatto scheggiata")
	who.get("/cases").says(t, "both", "Caso 1", "Caso 2", "qualità", "Ascoltato", "entro il")
	who.get("/cases?owner=me").hides(t, "mine", "Caso 2")
	who.get("/cases?state=declined").says(t, "none like that", "Qui non c’è nessun caso.")
	h.Clock.Advance(5 * 24 * time.Hour)
	late := who.get("/cases?late=1")
	late.says(t, "late", "Caso 1", "in ritardo dal")
	late.hides(t, "late", "Caso 2")
	who.get("/").says(t, "today", "I tuoi casi, e quelli in ritardo", "in ritardo dal")
	who.head.Set("HX-Request", "true")
	part := who.get("/cases")
	part.says(t, "a fragment", `id="cases"`, `hx-trigger="live:cases from:body"`)
	part.hides(t, "a fragment", `class="rail"`)
	for range 32 {
		h.openCase(team.Editor, "@ceramichearno altra tazza scheggiata")
	}
	who.head.Del("HX-Request")
	first := who.get("/cases")
	next := regexp.MustCompile(`href="(/cases\?[^"]*after=[^"]+)"`).FindStringSubmatch(first.body)
	if next == nil || strings.Count(first.body, `class="row case-row"`) != 30 {
		t.Fatalf("%d rows, next %v", strings.Count(first.body, `class="row case-row"`), next)
	}
	if n := strings.Count(who.get(strings.ReplaceAll(next[1], "&amp;", "&")).body, `class="row case-row"`); n != 4 {
		t.Errorf("%d rows on the second page", n)
	}
}

// What people and colleagues write is shown as they wrote it, whatever it looks like.
func TestCasesNeverBecomeMarkup(t *testing.T) {
	t.Parallel()
	eachHouse(t, judged, func(t *testing.T, h *house) {
		evil := `"><script>alert(1)</script><img src=x onerror=alert(2)>`
		at := h.openCase(team.Community, chipped+" "+evil, "@ceramichearno altra scheggiata "+evil)
		doubt := h.mention("ada", maybe+" "+evil)
		voice := string(h.file(at).Voices[0].ID)
		who := h.as(team.Owner)
		who.post(at, "title", "T "+evil, "cause", evil, "plan", evil, "theme", "quality").is(t, "a case", http.StatusSeeOther, at+"#details")
		who.post(at+"/tasks", "text", evil).is(t, "a task", http.StatusSeeOther, at+"#tasks")
		who.post(at+"/evidence", "text", evil, "value", "6", "outof", "<b>x</b>").is(t, "a figure", http.StatusSeeOther, at+"#evidence")
		who.post(at+"/evidence", "text", evil, "url", "https://a.example/%22%3E%3Cscript%3Ealert").is(t, "a link", http.StatusSeeOther, at+"#evidence")
		if got := who.post(at+"/evidence", "text", "x", "url", "javascript:alert(1)"); got.status != http.StatusUnprocessableEntity {
			t.Errorf("a link that runs: %d", got.status)
		}
		who.post(at+"/voices/"+voice+"/quote", "named", "no", "part", evil).is(t, "a quote", http.StatusSeeOther, at+"#"+voice)
		who.post(at+"/advance", "to", "understood", "cause", evil).is(t, "a cause", http.StatusSeeOther, at)
		who.post("/cases/page", "open", "yes", "title_it", evil, "lede_it", evil, "promise_it", evil, "decide_in", "7", "embed", "").is(t, "the page", http.StatusSeeOther, "/cases/page")
		who.post("/settings/triage/words", "words", "<b>x</b>\ny").is(t, "own words", http.StatusSeeOther, "/settings/triage")
		for _, path := range []string{at, "/cases", "/cases/doubts", "/cases/page", "/settings/triage", "/", doubt, "/cases/new?from=" + string(talkID(doubt)), "/cases/new?q=%3Cscript%3Ealert&case=" + url.QueryEscape(evil)} {
			got := who.get(path)
			if got.status != http.StatusOK {
				t.Errorf("%s: %d", path, got.status)
			}
			got.hides(t, path, "<script>alert", "<img src=x", "<b>x</b>", `href="javascript:`)
		}
		wrong := who.post(at+"/evidence", "text", evil, "url", evil, "value", evil)
		wrong.is(t, "what comes back", http.StatusUnprocessableEntity, "")
		wrong.hides(t, "what comes back", "<script>alert", "<img src=x")
	})
}
