package public_test

import (
	"context"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/ponte-desk/ponte/internal/growth"
	"github.com/ponte-desk/ponte/internal/housetest"
	"github.com/ponte-desk/ponte/internal/inbox"
	"github.com/ponte-desk/ponte/internal/public"
	"github.com/ponte-desk/ponte/internal/record"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/storetest"
	"github.com/ponte-desk/ponte/internal/team"
	"github.com/ponte-desk/ponte/internal/triage"
)

// judge goes by a word: "rotto" is criticism, "forse" is in doubt.
func judge(_ team.CompanyID, text string) triage.Verdict {
	v := triage.Verdict{Language: "it", Tone: "neutral", Criticism: triage.Opinion{P: .05, Decision: triage.No}}
	switch {
	case strings.Contains(text, "forse"):
		v.Criticism = triage.Opinion{P: .5, Decision: triage.Check}
	case strings.Contains(text, "rotto"):
		v.Criticism, v.Themes = triage.Opinion{P: .95, Decision: triage.Yes}, []triage.Theme{"quality"}
	}
	return v
}

// house is the real rooms on a database, with the public door before them.
type house struct {
	*housetest.House
	door *door
}

func eachHouse(t *testing.T, f func(t *testing.T, h *house)) {
	t.Helper()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		h := &house{House: housetest.New(t, s, housetest.Options{Judge: judge})}
		h.door = serve(t, public.Rooms{Team: h.Team, Growth: h.Growth, Posts: h.Posts, Leads: h.Leads, Files: h.Media, Clock: h.Clock}, public.Options{
			BaseURL: housetest.BaseURL, Inside: func(r *http.Request, c team.CompanyID) bool { return r.Header.Get("X-Test-Member") == string(c) },
		})
		f(t, h)
	})
}

func (h *house) must(err error) {
	h.T.Helper()
	if err != nil {
		h.T.Fatal(err)
	}
}

// say has someone write to the company in public, and gives what arrived.
func (h *house) say(who, text string) inbox.Interaction {
	h.T.Helper()
	_, err := h.Stranger(who).Mention(h.T.Context(), text)
	h.must(err)
	h.Read()
	l, err := h.Inbox.List(h.T.Context(), h.Actor(team.Owner), inbox.Filter{View: inbox.ViewAll, Limit: 100})
	h.must(err)
	for _, c := range l.Conversations {
		th, err := h.Inbox.Open(h.T.Context(), h.Actor(team.Owner), c.ID)
		h.must(err)
		for _, i := range th.Interactions {
			if strings.Contains(i.Text, text) && !i.Mine {
				return i
			}
		}
	}
	h.T.Fatalf("nothing says %q", text)
	return inbox.Interaction{}
}

func (h *house) open() {
	h.T.Helper()
	s, err := h.Growth.Settings(h.T.Context(), h.Actor(team.Owner))
	h.must(err)
	s.Open, s.WriteTo = true, "ciao@arno.example"
	h.must(h.Growth.ChangeSettings(h.T.Context(), h.Actor(team.Owner), s))
}

// published takes a case from the first words to the public entry.
func (h *house) published(title string, is ...inbox.Interaction) growth.File {
	h.T.Helper()
	ctx, owner := h.T.Context(), h.Actor(team.Owner)
	in := growth.OpenIn{Title: title}
	for _, i := range is {
		in.Interactions = append(in.Interactions, i.ID)
	}
	k, err := h.Growth.Open(ctx, owner, in)
	h.must(err)
	h.must(h.Growth.Advance(ctx, owner, k.ID, growth.AdvanceIn{To: growth.CaseUnderstood, Cause: "Si toccavano."}))
	h.must(h.Growth.Advance(ctx, owner, k.ID, growth.AdvanceIn{To: growth.CaseChanging, Plan: "Un separatore."}))
	h.must(h.Growth.Advance(ctx, owner, k.ID, growth.AdvanceIn{To: growth.CaseChanged, Did: both("C’è un separatore di cartone.", "There is a cardboard divider.")}))
	f, err := h.Growth.OpenFile(ctx, owner, k.ID)
	h.must(err)
	h.must(h.Growth.ChangeImprovement(ctx, owner, f.Improvement.ID, growth.DraftIn{
		Title: both(title, "The divider"), Stone: both("scatole", "boxes"), Said: f.Improvement.Said, Did: both("C’è un separatore di cartone.", "There is a cardboard divider."),
	}))
	h.must(h.Growth.Publish(ctx, owner, f.Improvement.ID))
	f, err = h.Growth.OpenFile(ctx, owner, k.ID)
	h.must(err)
	return f
}

var personal = regexp.MustCompile(regexp.QuoteMeta(housetest.BaseURL) + `(/c/[A-Za-z0-9_-]+)`)

// From the first words to the record that proves them, through the real rooms.
func TestTheWholeWay(t *testing.T) {
	t.Parallel()
	eachHouse(t, func(t *testing.T, h *house) {
		d, member := h.door, string(h.Company.ID)
		d.get("/crescita").is(t, "before it is open", http.StatusNotFound)
		d.get("/crescita", "X-Test-Member", member).is(t, "for a member", http.StatusOK).says(t, "for a member", "non è ancora aperta", "Ce l’avete detto.<br> Ci abbiamo lavorato.")
		h.open()
		d.get("/crescita").is(t, "empty", http.StatusOK).says(t, "empty", "Qui ci sarà la prima pietra.", "ancora nessuna in pubblico", "mailto:ciao@arno.example")
		d.get("/record/?lang=it").is(t, "an empty record", http.StatusOK).says(t, "an empty record", "Ancora nessuna voce")
		d.get("/record/figures.json").is(t, "figures of nothing", http.StatusNotFound)

		one, two := h.say("adalgisa@one.example", "Il piatto è arrivato rotto in mille pezzi"), h.say("beatrice@one.example", "Anche il mio piatto era rotto sul bordo")
		f := h.published("Il separatore nelle scatole", one, two)
		got := d.get("/crescita").is(t, "one stone", http.StatusOK).says(t, "one stone", `id="stone-1"`, "Il separatore nelle scatole", "C’è un separatore di cartone.", "È presto per dirlo", "nate da 2 di quelle 2 critiche")
		for _, secret := range []string{"adalgisa", "beatrice", "one.example"} {
			if strings.Contains(got.body, secret) {
				t.Errorf("the page names %q", secret)
			}
		}
		d.get("/growth").is(t, "in English", http.StatusOK).says(t, "in English", "The divider", "There is a cardboard divider.", "Too early to say")
		d.get("/crescita/1").is(t, "its own page", http.StatusOK).says(t, "its own page", `property="og:title" content="Il separatore nelle scatole"`)
		d.get("/crescita/2").is(t, "one that is not there", http.StatusNotFound)
		d.get("/growth/feed.json").is(t, "the feed", http.StatusOK).says(t, "the feed", housetest.BaseURL+"/growth/1")

		// What is being worked on, and what is declined.
		h.Clock.Advance(48 * time.Hour)
		three, four := h.say("cleo@one.example", "Il manico si è rotto"), h.say("dino@one.example", "Lo sconto promesso era rotto")
		_, err := h.Growth.Open(t.Context(), h.Actor(team.Owner), growth.OpenIn{Title: "Manici", Interactions: []inbox.InteractionID{three.ID}})
		h.must(err)
		no, err := h.Growth.Open(t.Context(), h.Actor(team.Owner), growth.OpenIn{Title: "Sconti", Interactions: []inbox.InteractionID{four.ID}})
		h.must(err)
		h.must(h.Growth.Decline(t.Context(), h.Actor(team.Owner), no.ID, both("Il lavoro costa così.", "")))
		d.get("/growth").is(t, "all of it", http.StatusOK).says(t, "all of it", "We are working on it", "Manici", "We will not change this", `<span lang="it">Il lavoro costa così.</span>`)

		// The comment is found by its address, and the proof holds.
		found := d.get("/record/find?lang=it&address="+url.QueryEscape(one.URL)).is(t, "the comment", http.StatusOK).says(t, "the comment", "Ha portato a un cambiamento", `href="/crescita/1"`)
		if strings.Contains(found.body, "ada@") {
			t.Error("the proof names a person")
		}
		d.get("/record/find?lang=it&address="+url.QueryEscape(four.URL)).says(t, "the other", "Non verrà cambiato")
		d.get("/record/proof?address="+url.QueryEscape(one.URL)).is(t, "the proof", http.StatusOK).says(t, "the proof", "c2sp.org/tlog-proof@v1\n")

		// Whoever checks the record from outside comes to the same, from the address that the page names.
		from, err := record.Web(http.DefaultClient, d.server.URL+"/record")
		h.must(err)
		key, err := h.Growth.VerifierKey(t.Context(), h.Company.ID) // not the one that the site hands out
		h.must(err)
		report, err := record.Verify(t.Context(), from, record.Options{VerifierKey: key, Now: h.Clock.Now()})
		if err != nil || len(report.Findings) > 0 {
			t.Errorf("the record does not hold: %v %+v", err, report.Findings)
		}

		// The personal link comes with the letter, which goes out after a person's yes.
		h.must(h.Growth.SendLetter(t.Context(), h.Actor(team.Owner), f.Letters[0].ID, growth.Said{}))
		f, err = h.Growth.OpenFile(t.Context(), h.Actor(team.Owner), f.Case.ID)
		h.must(err)
		th, err := h.Inbox.Open(t.Context(), h.Actor(team.Owner), f.Letters[0].Conversation)
		h.must(err)
		var link []string
		for _, r := range th.Replies {
			if link = personal.FindStringSubmatch(r.Text); link != nil {
				break
			}
		}
		if link == nil {
			t.Fatalf("no link in %+v", th.Replies)
		}
		d.get(link[1]).is(t, "the link", http.StatusOK).says(t, "the link", "Il separatore nelle scatole", "Sì, va meglio")
		d.do(http.MethodPost, link[1], url.Values{"better": {"yes"}, "words": {"Grazie"}}).is(t, "the answer", http.StatusSeeOther)
		d.get(link[1]+"?lang=it").says(t, "the answer", "va meglio. Grazie", "la prima risposta conta")
		d.get("/crescita").says(t, "after the answer", "1 risposta di chi l’aveva detto lo conferma", "dice che va meglio")
		d.do(http.MethodPost, link[1], url.Values{"better": {"yes"}, "words": {strings.Repeat("a", 501)}}).is(t, "too many words", http.StatusUnprocessableEntity)
		// Its link stands under the comment, for all to take: the first answer is the one that counts.
		d.do(http.MethodPost, link[1], url.Values{"better": {"no"}}).is(t, "another's answer", http.StatusConflict).says(t, "another's answer", "conta la prima risposta", "va meglio. Grazie")

		for path, want := range map[string]int{"/sample/crescita": 404, "/crescita?from=0": 404, "/crescita?from=1": 200, "/c/" + strings.Repeat("A", 22): 404, "/record/key": 200} {
			d.get(path).is(t, path, want)
		}
	})
}

// Nothing of a company is seen by the address of another.
func TestTwoCompaniesInOneHouse(t *testing.T) {
	t.Parallel()
	eachHouse(t, func(t *testing.T, h *house) {
		h.open()
		one := h.say("ada@one.example", "Il piatto è arrivato rotto")
		h.published("Il separatore", one)
		o := h.Other(t)
		s, err := h.Growth.Settings(t.Context(), o.Actor(team.Owner))
		h.must(err)
		h.door.get("/sample/crescita").is(t, "the sample is closed", http.StatusNotFound)
		h.door.get("/sample/crescita", "X-Test-Member", string(h.Company.ID)).is(t, "for a member of the other", http.StatusNotFound)
		h.door.get("/sample/crescita", "X-Test-Member", string(o.Company.ID)).is(t, "for a member", http.StatusOK)
		s.Open = true
		h.must(h.Growth.ChangeSettings(t.Context(), o.Actor(team.Owner), s))
		got := h.door.get("/sample/crescita").is(t, "the sample", http.StatusOK).says(t, "the sample", "Vetri Lambro", "non esiste", "Qui ci sarà la prima pietra.")
		if strings.Contains(got.body, "Il separatore") {
			t.Error("the sample shows what the real company changed")
		}
		h.door.get("/sample/crescita/1").is(t, "an entry of the other", http.StatusNotFound)
		h.door.get("/sample/record/find?address="+url.QueryEscape(one.URL)).is(t, "a comment of the other", http.StatusNotFound)
		h.door.get("/sample/record/checkpoint").is(t, "the other's record", http.StatusNotFound)
		h.door.get("/record/checkpoint").is(t, "its own", http.StatusOK)
	})
}

// While the record grows, each reading of head and figures is of one moment.
func TestReadingWhileTheRecordGrows(t *testing.T) {
	t.Parallel()
	eachHouse(t, func(t *testing.T, h *house) {
		h.open()
		h.say("ada@one.example", "Il piatto è arrivato rotto")
		ctx, stop := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() {
			defer close(done)
			for ctx.Err() == nil {
				for _, path := range []string{"/record/figures.json", "/crescita", "/record/?lang=it"} {
					if got := h.door.get(path); got.status != http.StatusOK {
						t.Errorf("%s: %d", path, got.status)
					} else if strings.HasSuffix(path, "json") {
						f, err := record.ParseFigures([]byte(got.body))
						if err != nil || f.Head.Size != f.Figures.Leaves {
							t.Errorf("%d leaves in a record of %d, %v", f.Figures.Leaves, f.Head.Size, err)
						}
					}
				}
			}
		}()
		for n := range 8 {
			h.say("bea@one.example", "Il mio piatto era rotto, numero "+string(rune('a'+n)))
		}
		stop()
		<-done
	})
}
