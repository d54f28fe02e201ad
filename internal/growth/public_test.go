package growth_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/growth"
	"github.com/ponte-desk/ponte/internal/housetest"
	"github.com/ponte-desk/ponte/internal/inbox"
	"github.com/ponte-desk/ponte/internal/team"
)

// page gives the growth page as everybody sees it.
func page(t testing.TB, h *housetest.House) growth.Public {
	t.Helper()
	return must[growth.Public](t)(h.Growth.Page(t.Context(), h.Company.ID, "", 0, false))
}

func openPage(t testing.TB, h *housetest.House) {
	t.Helper()
	owner := h.Actor(team.Owner)
	s := must[growth.Settings](t)(h.Growth.Settings(t.Context(), owner))
	s.Open = true
	if err := h.Growth.ChangeSettings(t.Context(), owner, s); err != nil {
		t.Fatal(err)
	}
}

func TestAClosedPageIsForMembers(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *housetest.House) {
		ctx := t.Context()
		f := three(t, h)
		if err := h.Growth.Publish(ctx, h.Actor(team.Owner), f.Improvement.ID); err != nil {
			t.Fatal(err)
		}
		if _, err := h.Growth.Page(ctx, h.Company.ID, "", 0, false); key(err) != "growth.page.closed" || fault.KindOf(err) != fault.NotFound {
			t.Fatalf("%v", err)
		}
		if _, err := h.Growth.Entry(ctx, h.Company.ID, 1, false); key(err) != "growth.page.closed" {
			t.Fatalf("%v", err)
		}
		must[growth.Public](t)(h.Growth.Page(ctx, h.Company.ID, "", 0, true))
		if _, err := h.Growth.Page(ctx, h.Company.ID, "", 0, false); key(err) != "growth.page.closed" {
			t.Fatalf("a member has looked, and now everybody may: %v", err)
		}
		openPage(t, h)
		page(t, h)
		must[growth.Improvement](t)(h.Growth.Entry(ctx, h.Company.ID, 1, false))
		for _, n := range []int{0, -1, 2} {
			if _, err := h.Growth.Entry(ctx, h.Company.ID, n, true); key(err) != "growth.improvement.missing" {
				t.Errorf("%d: %v", n, err)
			}
		}
		for _, bad := range []string{"x", "0", "-1", "01", "1 "} {
			if _, err := h.Growth.Page(ctx, h.Company.ID, bad, 0, true); fault.KindOf(err) != fault.Invalid {
				t.Errorf("%q: %v", bad, err)
			}
		}
		if _, err := h.Growth.Page(ctx, "cmp_01JZZZZZZZZZZZZZZZZZZZZZZZ", "", 0, true); fault.KindOf(err) != fault.NotFound {
			t.Errorf("%v", err)
		}
	})
}

// The page tells what is worked on and what was declined as far as everybody could read it, and names nobody.
func TestWhatThePageTells(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *housetest.House) {
		ctx, owner := t.Context(), h.Actor(team.Owner)
		openPage(t, h)
		if p := page(t, h); p.Size != 0 || p.Head != "" || len(p.Improvements)+len(p.Working)+len(p.Declined) != 0 || p.Figures.Heard != 0 || p.Next != "" {
			t.Fatalf("an empty page: %+v", p)
		}
		first := opened(t, h, "ada@one.example", "bruno@two.example")
		must[string](t)(h.Stranger("dario@one.example").Message(ctx, "In privato: rotto anche il mio"))
		h.Read()
		private := arrived(t, h, "In privato")
		must[growth.Case](t)(h.Growth.Open(ctx, owner, growth.OpenIn{Title: "Segreto", Interactions: []inbox.InteractionID{private.ID}}))
		h.Clock.Advance(time.Hour)
		second := must[growth.Case](t)(h.Growth.Open(ctx, owner, growth.OpenIn{Title: "Ritardi", Interactions: []inbox.InteractionID{say(t, h, "carla@one.example", "Il pacco è in ritardo").ID}}))
		if err := h.Growth.Advance(ctx, owner, second.ID, growth.AdvanceIn{To: growth.CaseUnderstood, Cause: "Il corriere"}); err != nil {
			t.Fatal(err)
		}
		third := must[growth.Case](t)(h.Growth.Open(ctx, owner, growth.OpenIn{Title: "Prezzi", Interactions: []inbox.InteractionID{say(t, h, "elio@one.example", "Costa tanto e arriva rotto").ID}}))
		no := growth.Words{IT: "L’argilla costa così.", EN: "Clay costs as much."}
		if err := h.Growth.Decline(ctx, owner, third.ID, no); err != nil {
			t.Fatal(err)
		}
		p := page(t, h)
		heard := func(c growth.CaseID) time.Time { return whole(t, h, c).Voices[0].HeardAt }
		if diff := cmp.Diff([]growth.Working{
			{Title: growth.Words{IT: "Ritardi"}, State: growth.CaseUnderstood, Voices: 1, Since: heard(second.ID)},
			{Title: growth.Words{IT: first.Title}, State: growth.CaseHeard, Voices: 2, Since: heard(first.ID)},
		}, p.Working); diff != "" {
			t.Error(diff)
		}
		if diff := cmp.Diff([]growth.Refusal{{Title: growth.Words{IT: "Prezzi"}, Reason: no, Voices: 1, At: h.Clock.Now()}}, p.Declined); diff != "" {
			t.Error(diff)
		}
		if p.Figures.Heard != 4 || p.Figures.Cases != 3 || p.Figures.Declined != 1 || p.Size != int64(len(leaves(t, h))) || len(p.Head) != 16 {
			t.Errorf("%+v", p)
		}
		// What strangers read of an open case may be other words than the team's.
		shown := growth.Words{IT: "Pacchi in ritardo", EN: "Late parcels"}
		if err := h.Growth.ChangeCase(ctx, owner, second.ID, growth.ChangeCaseIn{Title: "Ritardi di Segreto", Shown: growth.Words{IT: " Pacchi  in ritardo ", EN: shown.EN}, Cause: "Il corriere"}); err != nil {
			t.Fatal(err)
		}
		if p = page(t, h); p.Working[0].Title != shown {
			t.Errorf("%+v", p.Working)
		}
		if got := must[growth.Found](t)(h.Growth.Find(ctx, h.Company.ID, whole(t, h, second.ID).Voices[0].URL)); got.CaseTitle != shown {
			t.Errorf("%+v", got.CaseTitle)
		}
		if err := h.Growth.ChangeCase(ctx, owner, second.ID, growth.ChangeCaseIn{Title: "Ritardi", Shown: growth.Words{EN: strings.Repeat("x", 121)}, Cause: "Il corriere"}); fault.Of(err).Fields[0].Name != "shown_en" {
			t.Errorf("%v", err)
		}
		f := changed(t, h, first)
		if err := h.Growth.Publish(ctx, owner, f.Improvement.ID); err != nil {
			t.Fatal(err)
		}
		p = page(t, h)
		if len(p.Working) != 1 || len(p.Improvements) != 1 || p.Improvements[0].Number != 1 {
			t.Errorf("%+v", p)
		}
		for _, name := range []string{"ada", "bruno", "carla", "elio", "dario", "Segreto"} {
			if said := fmt.Sprintf("%+v %+v %+v", p.Improvements[0].Said, p.Working, p.Declined); strings.Contains(said, name) {
				t.Errorf("%q is told: %s", name, said)
			}
		}
	})
}

// The version changes when and only when the page does; what is kept for it is never old.
func TestTheVersionOfThePage(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *housetest.House) {
		ctx, owner := t.Context(), h.Actor(team.Owner)
		openPage(t, h)
		seen := map[string]string{}
		last := ""
		changes := func(what string, f func()) {
			t.Helper()
			f()
			v := page(t, h).Version
			if v == last {
				t.Errorf("%s: the version is the same", what)
			}
			if other := seen[v]; other != "" {
				t.Errorf("%s: the version is the same as after %s", what, other)
			}
			seen[v], last = what, v
			if again := page(t, h).Version; again != v {
				t.Errorf("%s: looked at twice, and the version is another", what)
			}
		}
		ok := func(err error) {
			t.Helper()
			if err != nil {
				t.Fatal(err)
			}
		}
		var c growth.Case
		var f growth.File
		changes("a criticism", func() { say(t, h, "ada@one.example", "Il piatto è arrivato rotto") })
		changes("a case", func() { c = opened(t, h, "bruno@one.example") })
		changes("a new title", func() { ok(h.Growth.ChangeCase(ctx, owner, c.ID, growth.ChangeCaseIn{Title: "Altro"})) })
		changes("a change", func() { f = changed(t, h, c) })
		changes("an entry", func() { ok(h.Growth.Publish(ctx, owner, f.Improvement.ID)) })
		if p := page(t, h); len(p.Improvements) != 1 || len(p.Improvements[0].Later) != 0 {
			t.Fatalf("%+v", p)
		}
		changes("a line", func() { ok(h.Growth.AddLine(ctx, owner, f.Improvement.ID, growth.Words{IT: "Una riga."})) })
		if p := page(t, h); len(p.Improvements[0].Later) != 1 {
			t.Fatalf("%+v", p)
		}
		changes("a confirmation", func() {
			_, token := post(t, h, owner, c.ID, f.Letters[0].ID)
			ok(h.Growth.AnswerAsked(ctx, token, true, ""))
		})
		changes("a night", func() {
			h.Clock.Advance(24 * time.Hour)
			ok(h.Growth.LookAgain(ctx))
		})
		changes("settings", func() { openPage(t, h) })
		changes("the company's name", func() {
			_, err := h.Team.ChangeCompany(ctx, owner, team.ChangeCompanyIn{Name: "Arno", Zone: h.Company.Zone, Locale: h.Company.Locale, Settings: h.Company.Settings})
			ok(err)
		})
		if p := page(t, h); p.Company.Name != "Arno" {
			t.Fatalf("%+v", p.Company)
		}
	})
}

// Older entries come page by page, each once.
func TestOlderEntries(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *housetest.House) {
		ctx, owner := t.Context(), h.Actor(team.Owner)
		openPage(t, h)
		for n := range 7 {
			f := changed(t, h, must[growth.Case](t)(h.Growth.Open(ctx, owner, growth.OpenIn{Title: fmt.Sprint("Caso ", n), Interactions: []inbox.InteractionID{say(t, h, fmt.Sprintf("p%d@one.example", n), fmt.Sprintf("Piatto rotto %d", n)).ID}})))
			if err := h.Growth.Publish(ctx, owner, f.Improvement.ID); err != nil {
				t.Fatal(err)
			}
		}
		for limit := 1; limit < 9; limit++ {
			var got []int
			for cursor, first := "", true; first || cursor != ""; first = false {
				p := must[growth.Public](t)(h.Growth.Page(ctx, h.Company.ID, cursor, limit, false))
				for _, i := range p.Improvements {
					got = append(got, i.Number)
				}
				cursor = p.Next
			}
			if diff := cmp.Diff([]int{7, 6, 5, 4, 3, 2, 1}, got); diff != "" {
				t.Fatalf("limit %d: %s", limit, diff)
			}
		}
	})
}
