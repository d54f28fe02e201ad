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
	"github.com/ponte-desk/ponte/internal/record"
	"github.com/ponte-desk/ponte/internal/team"
)

// did is what the tests' cases come to.
var did = growth.Words{IT: "Un separatore di cartone in ogni scatola", EN: "A cardboard divider in every box"}

// opened opens a case that several people raised, a day apart, ending today.
func opened(t testing.TB, h *housetest.House, people ...string) growth.Case {
	t.Helper()
	var ids []inbox.InteractionID
	for n, p := range people {
		if n > 0 {
			h.Clock.Advance(24 * time.Hour)
		}
		ids = append(ids, say(t, h, p, fmt.Sprintf("Buongiorno, il piatto numero %d è arrivato rotto sul bordo", n)).ID)
	}
	return must[growth.Case](t)(h.Growth.Open(t.Context(), h.Actor(team.Owner), growth.OpenIn{
		Title: "I piatti arrivano rotti", Interactions: ids, Owner: h.Members[team.Contributor].ID,
	}))
}

// changed moves a case on to its end.
func changed(t testing.TB, h *housetest.House, c growth.Case) growth.File {
	t.Helper()
	if err := h.Growth.Advance(t.Context(), h.Actor(team.Owner), c.ID, growth.AdvanceIn{To: growth.CaseChanged, Did: did}); err != nil {
		t.Fatal(err)
	}
	return whole(t, h, c.ID)
}

func whole(t testing.TB, h *housetest.House, id growth.CaseID) growth.File {
	t.Helper()
	return must[growth.File](t)(h.Growth.OpenFile(t.Context(), h.Actor(team.Owner), id))
}

// three people complain, and something is changed.
func three(t testing.TB, h *housetest.House) growth.File {
	t.Helper()
	return changed(t, h, opened(t, h, "ada@one.example", "bruno@two.example", "carla@one.example"))
}

// joins has someone complain of the same, into the case.
func joins(t testing.TB, h *housetest.House, c growth.CaseID, who, text string) {
	t.Helper()
	i := say(t, h, who, text)
	if err := h.Growth.Join(t.Context(), h.Actor(team.Owner), c, []inbox.InteractionID{i.ID}); err != nil {
		t.Fatal(err)
	}
}

func TestAChangedCaseBringsAnEntry(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *housetest.House) {
		f := three(t, h)
		i := f.Improvement
		if i == nil || i.State != growth.ImprovementDraft || i.CaseNumber != 1 || i.Number != 0 || i.Leaf != -1 {
			t.Fatalf("%+v", i)
		}
		if i.Title != (growth.Words{IT: "I piatti arrivano rotti"}) || i.Stone != (growth.Words{IT: "piatti"}) || i.Did != did {
			t.Errorf("%+v", *i)
		}
		if i.Said.EN != "" || !strings.HasPrefix(i.Said.IT, "Buongiorno, il piatto numero") || strings.Contains(i.Said.IT, "@") || i.QuotedAs != "" {
			t.Errorf("%+v as %q", i.Said, i.QuotedAs)
		}
		if i.Voices != 3 || i.Others != 2 || i.Trend.Outcome != record.TooEarly || i.Trend.Before != (record.Count{People: 3, Days: 28}) {
			t.Errorf("%+v", *i)
		}
		if f.Trend.Outcome != record.TooEarly || f.Trend.Before != i.Trend.Before {
			t.Errorf("%+v", f.Trend)
		}
	})
}

func TestAnEntryIsPublishedForGood(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *housetest.House) {
		ctx, owner, community, editor := t.Context(), h.Actor(team.Owner), h.Actor(team.Community), h.Actor(team.Editor)
		f := three(t, h)
		id := f.Improvement.ID
		text := growth.DraftIn{Title: growth.Words{IT: "Il separatore", EN: "The divider"}, Stone: growth.Words{IT: "scatole"}, Said: f.Improvement.Said, Did: did}
		if err := h.Growth.ChangeImprovement(ctx, editor, id, text); err != nil {
			t.Fatal(err)
		}
		if err := h.Growth.Publish(ctx, community, id); key(err) != "growth.improvement.unapproved" {
			t.Fatalf("without a go-ahead: %v", err)
		}
		if err := h.Growth.AskApproval(ctx, editor, id); err != nil {
			t.Fatal(err)
		}
		if waits := must[[]growth.Improvement](t)(h.Growth.ToApprove(ctx, owner)); len(waits) != 1 || waits[0].ID != id || waits[0].CaseNumber != 1 {
			t.Fatalf("%+v", waits)
		}
		if waits := must[[]growth.Improvement](t)(h.Growth.ToApprove(ctx, community)); len(waits) != 0 {
			t.Fatalf("%+v", waits)
		}
		if err := h.Growth.ReturnImprovement(ctx, owner, id, "  "); key(err) != "growth.improvement.reason" {
			t.Fatalf("%v", err)
		}
		if err := h.Growth.ReturnImprovement(ctx, owner, id, "Di' quante scatole."); err != nil {
			t.Fatal(err)
		}
		for name, err := range map[string]error{"return": h.Growth.ReturnImprovement(ctx, owner, id, "Ancora."), "line": h.Growth.AddLine(ctx, owner, id, did)} {
			if fault.KindOf(err) != fault.Conflict {
				t.Errorf("%s: %v", name, err)
			}
		}
		if err := h.Growth.AskApproval(ctx, editor, id); err != nil {
			t.Fatal(err)
		}
		if err := h.Growth.ApproveImprovement(ctx, owner, id); err != nil {
			t.Fatal(err)
		}
		if i := whole(t, h, f.Case.ID).Improvement; i.State != growth.ImprovementApproved || i.ApprovedBy != owner.Member {
			t.Fatalf("%+v", i)
		}
		// An approval is of the text that was read.
		if err := h.Growth.ChangeImprovement(ctx, editor, id, text); err != nil {
			t.Fatal(err)
		}
		if err := h.Growth.Publish(ctx, community, id); key(err) != "growth.improvement.unapproved" {
			t.Fatalf("after another change: %v", err)
		}
		if err := h.Growth.ApproveImprovement(ctx, owner, id); err != nil {
			t.Fatal(err)
		}
		if err := h.Growth.Publish(ctx, community, id); err != nil {
			t.Fatal(err)
		}
		i := must[growth.Improvement](t)(h.Growth.Entry(ctx, h.Company.ID, 1, true))
		if i.State != growth.ImprovementPublished || i.Number != 1 || i.PublishedBy != community.Member || i.Leaf < 0 || i.Title != text.Title || i.Stone.IT != "scatole" {
			t.Fatalf("%+v", i)
		}
		all := leaves(t, h)
		of := all[i.Leaf]
		if of.Kind != record.Published || of.Subject != i.Handle || of.Of != f.Case.Handle || !record.Opens(of.Commit, i.Salt, record.OfEntry, i.Canonical()) {
			t.Fatalf("%+v", of)
		}
		want := `{"title":{"it":"Il separatore","en":"The divider"},"said":{"it":"` + i.Said.IT + `","en":""},"did":{"it":"` + did.IT + `","en":"` + did.EN + `"},"since":"` +
			i.Since.Format(time.RFC3339) + `","quoted_as":""}`
		if i.Canonical() != want {
			t.Errorf("%s\n%s", i.Canonical(), want)
		}
		if e := all[i.Leaf+1]; e.Kind != record.Effect || e.Subject != i.Handle || e.Outcome != record.TooEarly || e.Before != i.Trend.Before || e.After != i.Trend.After {
			t.Errorf("%+v", e)
		}
		for name, err := range map[string]error{
			"publish": h.Growth.Publish(ctx, owner, id), "change": h.Growth.ChangeImprovement(ctx, owner, id, text), "ask": h.Growth.AskApproval(ctx, owner, id),
			"approve": h.Growth.ApproveImprovement(ctx, owner, id), "return": h.Growth.ReturnImprovement(ctx, owner, id, "No."),
		} {
			if key(err) != "growth.improvement.published" {
				t.Errorf("%s after it was published: %v", name, err)
			}
		}
		if err := h.Growth.AddLine(ctx, community, id, growth.Words{}); key(err) != "growth.words.empty" {
			t.Errorf("%v", err)
		}
		if err := h.Growth.AddLine(ctx, community, id, growth.Words{IT: "Da maggio anche nelle scatole da sei."}); err != nil {
			t.Fatal(err)
		}
		later := must[growth.Improvement](t)(h.Growth.Entry(ctx, h.Company.ID, 1, true))
		if len(later.Later) != 1 || later.Later[0].Text.IT != "Da maggio anche nelle scatole da sei." || !later.Later[0].At.Equal(h.Clock.Now()) || later.Canonical() != i.Canonical() {
			t.Fatalf("%+v", later)
		}
		if len(leaves(t, h)) != len(all) {
			t.Error("a line of the page is no leaf of the record")
		}
	})
}

// What has no words cannot go out; what has them in one language can.
func TestAnEntryIsWhole(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *housetest.House) {
		ctx, owner := t.Context(), h.Actor(team.Owner)
		id := three(t, h).Improvement.ID
		one := growth.Words{EN: "One"}
		all := growth.DraftIn{Title: one, Stone: one, Said: one, Did: one}
		for field, f := range map[string]func(*growth.DraftIn){
			"title": func(d *growth.DraftIn) { d.Title = growth.Words{} }, "stone": func(d *growth.DraftIn) { d.Stone = growth.Words{} },
			"said": func(d *growth.DraftIn) { d.Said = growth.Words{IT: " \x00\n"} }, "did": func(d *growth.DraftIn) { d.Did = growth.Words{} },
		} {
			d := all
			f(&d)
			if err := h.Growth.ChangeImprovement(ctx, owner, id, d); err != nil {
				t.Fatal(err)
			}
			for name, err := range map[string]error{"ask": h.Growth.AskApproval(ctx, owner, id), "approve": h.Growth.ApproveImprovement(ctx, owner, id), "publish": h.Growth.Publish(ctx, owner, id)} {
				if e := fault.Of(err); err == nil || len(e.Fields) != 1 || e.Fields[0].Name != field || e.Fields[0].Key != "growth.words.empty" {
					t.Errorf("%s without %s: %v", name, field, err)
				}
			}
		}
		long := growth.Words{IT: strings.Repeat("a", 4001)}
		err := h.Growth.ChangeImprovement(ctx, owner, id, growth.DraftIn{Title: long, Stone: growth.Words{IT: "due parole"}, Said: long, Did: growth.Words{EN: long.IT}})
		var names []string
		for _, f := range fault.Of(err).Fields {
			names = append(names, f.Name+" "+f.Key)
		}
		if diff := cmp.Diff([]string{"title_it growth.words.long", "said_it growth.words.long", "did_en growth.words.long", "stone growth.improvement.stone"}, names); diff != "" {
			t.Error(diff)
		}
		if err := h.Growth.ChangeImprovement(ctx, owner, id, all); err != nil {
			t.Fatal(err)
		}
		if err := h.Growth.Publish(ctx, owner, id); err != nil { // who may approve needs to ask nobody
			t.Fatal(err)
		}
	})
}

// The company says who approves; whoever that is needs no right to publish.
func TestTheCompanySaysWhoApproves(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *housetest.House) {
		ctx, owner, guest := t.Context(), h.Actor(team.Owner), h.Actor(team.Guest)
		id := three(t, h).Improvement.ID
		if err := h.Growth.ApproveImprovement(ctx, guest, id); fault.KindOf(err) != fault.Denied {
			t.Fatalf("%v", err)
		}
		s := must[growth.Settings](t)(h.Growth.Settings(ctx, owner))
		s.Approvers = []team.Role{team.Guest, team.Guest}
		if err := h.Growth.ChangeSettings(ctx, owner, s); err != nil {
			t.Fatal(err)
		}
		for r, want := range map[team.Role]bool{team.Owner: true, team.Guest: true, team.Community: false, team.Contributor: false} {
			if got := must[bool](t)(h.Growth.MayApprove(ctx, h.Actor(r))); got != want {
				t.Errorf("%s: %v", r, got)
			}
		}
		if got := must[bool](t)(h.Growth.MayApprove(ctx, h.Token(team.Owner, team.GrowthRead))); got {
			t.Error("a token that may only read approves")
		}
		if err := h.Growth.AskApproval(ctx, h.Actor(team.Contributor), id); err != nil { // whose case it is
			t.Fatal(err)
		}
		if waits := must[[]growth.Improvement](t)(h.Growth.ToApprove(ctx, guest)); len(waits) != 1 {
			t.Fatalf("%+v", waits)
		}
		if err := h.Growth.ApproveImprovement(ctx, guest, id); err != nil {
			t.Fatal(err)
		}
		if err := h.Growth.Publish(ctx, guest, id); fault.KindOf(err) != fault.Denied {
			t.Fatalf("%v", err)
		}
		if err := h.Growth.Publish(ctx, h.Actor(team.Community), id); err != nil {
			t.Fatal(err)
		}
	})
}

// A case that was taken up again is no longer changed: its entry waits. When it is changed again, what was written stays.
func TestATakenUpCaseIsNotPublished(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *housetest.House) {
		ctx, owner := t.Context(), h.Actor(team.Owner)
		f := three(t, h)
		id := f.Improvement.ID
		text := growth.DraftIn{Title: growth.Words{IT: "Mio"}, Stone: growth.Words{IT: "mio"}, Said: growth.Words{IT: "Mio."}, Did: growth.Words{IT: "Mio."}}
		if err := h.Growth.ChangeImprovement(ctx, owner, id, text); err != nil {
			t.Fatal(err)
		}
		if err := h.Growth.ApproveImprovement(ctx, owner, id); err != nil {
			t.Fatal(err)
		}
		if err := h.Growth.Reopen(ctx, owner, f.Case.ID); err != nil {
			t.Fatal(err)
		}
		if err := h.Growth.Publish(ctx, owner, id); key(err) != "growth.improvement.reopened" {
			t.Fatalf("%v", err)
		}
		again := changed(t, h, f.Case)
		if i := again.Improvement; i.ID != id || i.Title != text.Title || i.Said != text.Said || i.Did != did || i.State != growth.ImprovementDraft || len(again.Letters) != len(f.Letters) {
			t.Fatalf("%+v, %d letters", again.Improvement, len(again.Letters))
		}
		if err := h.Growth.Publish(ctx, owner, id); err != nil {
			t.Fatal(err)
		}
		// After it was published, a further change of the same case is an entry of its own, with letters of its own.
		if err := h.Growth.Reopen(ctx, owner, f.Case.ID); err != nil {
			t.Fatal(err)
		}
		h.Clock.Advance(time.Hour)
		third := changed(t, h, f.Case)
		if third.Improvement.ID == id || third.Improvement.State != growth.ImprovementDraft || len(third.Letters) != 2*len(f.Letters) {
			t.Fatalf("%+v, %d letters", third.Improvement, len(third.Letters))
		}
		if err := h.Growth.Publish(ctx, owner, third.Improvement.ID); err != nil {
			t.Fatal(err)
		}
		if i := must[growth.Improvement](t)(h.Growth.Entry(ctx, h.Company.ID, 2, true)); i.ID != third.Improvement.ID {
			t.Fatalf("%+v", i)
		}
	})
}

// What the quoted person agreed to is shown: their first name and an initial, or nothing of them at all.
func TestAQuoteNamesNobodyWhoDidNotAgree(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *housetest.House) {
		ctx, owner := t.Context(), h.Actor(team.Owner)
		i := say(t, h, "ada@one.example", "Il piatto dell'ordine 1234567 è arrivato rotto il 12/03/2026 in strada, scrivetemi a ada.verdi@example.org o guardate https://example.org/foto. Un saluto da Ada")
		c := must[growth.Case](t)(h.Growth.Open(ctx, owner, growth.OpenIn{Title: "Piatti", Interactions: []inbox.InteractionID{i.ID}}))
		f := changed(t, h, c)
		for _, secret := range []string{"1234567", "example.org", "verdi", "Ada", "ada@", housetest.Handle} {
			if strings.Contains(f.Improvement.Said.IT, secret) {
				t.Errorf("%q is told: %s", secret, f.Improvement.Said.IT)
			}
		}
		for _, word := range []string{"12/03/2026", "strada"} {
			if !strings.Contains(f.Improvement.Said.IT, word) {
				t.Errorf("%q is gone: %s", word, f.Improvement.Said.IT)
			}
		}
		d := must[growth.Case](t)(h.Growth.Open(ctx, owner, growth.OpenIn{Title: "Bordi", Interactions: []inbox.InteractionID{
			say(t, h, "bruno@one.example", "Anche a me è arrivato rotto, proprio sul bordo davanti").ID,
		}}))
		v := whole(t, h, d.ID).Voices[0]
		if err := h.Growth.SetQuote(ctx, owner, v.ID, true, "proprio sul bordo davanti"); err != nil {
			t.Fatal(err)
		}
		if i := changed(t, h, d).Improvement; i.Said.IT != "proprio sul bordo davanti" || i.QuotedAs != "bruno" {
			t.Errorf("%q as %q", i.Said.IT, i.QuotedAs)
		}
	})
}

// The outcome is looked at every night: the record gets a leaf when it changes and keeps what it said before.
func TestWhetherItWorkedIsLookedAtAgain(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *housetest.House) {
		ctx, owner := t.Context(), h.Actor(team.Owner)
		f := changed(t, h, opened(t, h, "a@one.example", "b@one.example", "c@one.example", "d@one.example", "e@one.example", "f@one.example"))
		if err := h.Growth.Publish(ctx, owner, f.Improvement.ID); err != nil {
			t.Fatal(err)
		}
		look := func() growth.Improvement {
			t.Helper()
			for range 2 { // a second time changes nothing
				if err := h.Growth.LookAgain(ctx); err != nil {
					t.Fatal(err)
				}
			}
			return must[growth.Improvement](t)(h.Growth.Entry(ctx, h.Company.ID, 1, true))
		}
		outcomes := func() (out []record.Outcome) {
			for _, l := range leaves(t, h) {
				if l.Kind == record.Effect {
					out = append(out, l.Outcome)
				}
			}
			return out
		}
		at := func(day, hour int) {
			since := f.Case.ChangedAt.In(rome)
			h.Clock.Set(time.Date(since.Year(), since.Month(), since.Day()+day, hour, 0, 0, 0, rome))
		}
		at(10, 3)
		if i := look(); i.Trend.Outcome != record.TooEarly || i.Trend.After.Days != 9 || !i.CheckedAt.Equal(h.Clock.Now()) {
			t.Fatalf("%+v", i)
		}
		at(29, 1)
		if i := look(); i.Trend.After.Days != 9 {
			t.Fatalf("at one in the morning it is not night yet: %+v", i)
		}
		at(29, 3)
		if i := look(); i.Trend.Outcome != record.Worked || i.Trend.Before != (record.Count{People: 6, Days: 28}) || i.Trend.After != (record.Count{Days: 28}) {
			t.Fatalf("%+v", i)
		}
		for n, who := range []string{"g@one.example", "h@one.example", "i@one.example", "l@one.example"} {
			joins(t, h, f.Case.ID, who, fmt.Sprintf("Ancora un piatto rotto, il %d", n))
		}
		at(40, 3)
		if i := look(); i.Trend.Outcome != record.TooFew || i.Trend.After.People != 4 {
			t.Fatalf("%+v", i)
		}
		at(200, 3)
		if i := look(); i.Trend.Outcome != record.Worked {
			t.Fatalf("%+v", i)
		}
		if diff := cmp.Diff([]record.Outcome{record.TooEarly, record.Worked, record.TooFew, record.Worked}, outcomes()); diff != "" {
			t.Fatal(diff)
		}
		at(367, 3)
		if i := look(); i.Trend.After.Days != 365 {
			t.Fatalf("%+v", i)
		}
		at(600, 3)
		if i := look(); i.Trend.After.Days != 365 || len(outcomes()) != 4 {
			t.Fatalf("%+v", i)
		}
		fig := must[growth.Public](t)(h.Growth.Page(ctx, h.Company.ID, "", 0, true)).Figures
		if fig.Published != 1 || fig.Worked != 1 || fig.Voices != 10 {
			t.Fatalf("%+v", fig)
		}
	})
}

// Entries that are published at the same moment get numbers of their own, without gaps.
func TestNumbersOfEntriesHaveNoGaps(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *housetest.House) {
		ctx, owner := t.Context(), h.Actor(team.Owner)
		var ids []growth.ImprovementID
		for n := range 4 {
			c := must[growth.Case](t)(h.Growth.Open(ctx, owner, growth.OpenIn{Title: "Caso", Interactions: []inbox.InteractionID{say(t, h, fmt.Sprintf("p%d@one.example", n), fmt.Sprintf("Piatto rotto %d", n)).ID}}))
			ids = append(ids, changed(t, h, c).Improvement.ID)
		}
		for n, err := range atOnce(8, func(n int) error { return h.Growth.Publish(ctx, owner, ids[n%4]) }) {
			if err != nil && key(err) != "growth.improvement.published" {
				t.Errorf("%d: %v", n, err)
			}
		}
		p := must[growth.Public](t)(h.Growth.Page(ctx, h.Company.ID, "", 0, true))
		if len(p.Improvements) != 4 || p.Figures.Published != 4 {
			t.Fatalf("%d entries, %+v", len(p.Improvements), p.Figures)
		}
		for n, i := range p.Improvements {
			if i.Number != 4-n {
				t.Errorf("%d is numbered %d", n, i.Number)
			}
		}
	})
}

// A draft follows how its voices are quoted, until a member writes what is said; the name follows even then.
func TestADraftFollowsItsQuote(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *housetest.House) {
		ctx, owner := t.Context(), h.Actor(team.Owner)
		f := three(t, h)
		id := f.Improvement.ID
		now := func() growth.Improvement { return *whole(t, h, f.Case.ID).Improvement }
		quote := func(n int, named bool, part string) {
			t.Helper()
			if err := h.Growth.SetQuote(ctx, owner, f.Voices[n].ID, named, part); err != nil {
				t.Fatal(err)
			}
		}
		text := growth.DraftIn{Title: did, Stone: growth.Words{IT: "piatti"}, Did: did, Said: now().Said}
		approve := func() {
			t.Helper()
			text.Said = now().Said
			if err := h.Growth.ChangeImprovement(ctx, owner, id, text); err != nil {
				t.Fatal(err)
			}
			if err := h.Growth.ApproveImprovement(ctx, owner, id); err != nil {
				t.Fatal(err)
			}
		}
		approve()
		quote(1, true, "arrivato rotto sul bordo")
		if i := now(); i.Said.IT != "arrivato rotto sul bordo" || i.QuotedAs != "bruno" || i.State != growth.ImprovementDraft {
			t.Fatalf("%+v as %q, %s", i.Said, i.QuotedAs, i.State)
		}
		approve()
		quote(2, false, "") // another voice, quoted as before: nothing has changed
		if i := now(); i.State != growth.ImprovementApproved {
			t.Fatalf("%s", i.State)
		}
		text.Said = growth.Words{IT: "Parole nostre."}
		if err := h.Growth.ChangeImprovement(ctx, owner, id, text); err != nil {
			t.Fatal(err)
		}
		quote(1, false, "sul bordo")
		if i := now(); i.Said.IT != "Parole nostre." || i.QuotedAs != "" {
			t.Fatalf("%+v as %q", i.Said, i.QuotedAs)
		}
		quote(1, true, "sul bordo")
		if err := h.Growth.Publish(ctx, owner, id); err != nil {
			t.Fatal(err)
		}
		quote(1, false, "numero 1")
		if i := now(); i.Said.IT != "Parole nostre." || i.QuotedAs != "bruno" || i.State != growth.ImprovementPublished {
			t.Fatalf("what is published stays: %+v as %q, %s", i.Said, i.QuotedAs, i.State)
		}
	})
}

// Who takes back what they wrote is quoted in no draft any more, by themselves or in a member's words made of theirs, and is not written to.
func TestWordsThatWereTakenBackLeaveTheDraft(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *housetest.House) {
		ctx, owner := t.Context(), h.Actor(team.Owner)
		f := three(t, h)
		now := func() growth.Improvement { return *whole(t, h, f.Case.ID).Improvement }
		back := func(n int) {
			t.Helper()
			i := arrived(t, h, fmt.Sprintf("numero %d", n))
			if err := h.Stranger(to(t, f, map[int]string{0: "ada@one.example", 1: "bruno@two.example", 2: "carla@one.example"}[n]).To.Handle).Delete(ctx, i.RemoteID); err != nil {
				t.Fatal(err)
			}
			h.Refresh(i.RemoteID)
		}
		if err := h.Growth.SetQuote(ctx, owner, f.Voices[1].ID, true, "arrivato rotto sul bordo"); err != nil {
			t.Fatal(err)
		}
		if err := h.Growth.ApproveImprovement(ctx, owner, now().ID); fault.KindOf(err) == fault.Invalid {
			text := growth.DraftIn{Title: did, Stone: growth.Words{IT: "piatti"}, Did: did, Said: now().Said}
			if err := h.Growth.ChangeImprovement(ctx, owner, now().ID, text); err != nil {
				t.Fatal(err)
			}
			if err := h.Growth.ApproveImprovement(ctx, owner, now().ID); err != nil {
				t.Fatal(err)
			}
		}
		back(2) // another voice: the draft does not quote it
		if i := now(); i.Said.IT != "arrivato rotto sul bordo" || i.QuotedAs != "bruno" || i.State != growth.ImprovementApproved {
			t.Fatalf("%+v as %q, %s", i.Said, i.QuotedAs, i.State)
		}
		back(1)
		i, g := now(), whole(t, h, f.Case.ID)
		if strings.Contains(i.Said.IT, "numero 1") || i.Said.IT == "arrivato rotto sul bordo" || i.QuotedAs != "" || i.State != growth.ImprovementDraft {
			t.Fatalf("%+v as %q, %s", i.Said, i.QuotedAs, i.State)
		}
		if v := g.Voices[1]; v.Quote != "" || v.Named || v.Text != "" {
			t.Errorf("%+v", v)
		}
		if len(g.Letters) != 1 || g.Letters[0].To.Handle != "ada@one.example" {
			t.Errorf("%d letters", len(g.Letters))
		}
		// A member's own words stay when the last voice goes, unless they are made of its.
		text := growth.DraftIn{Title: did, Stone: growth.Words{IT: "piatti"}, Did: did, Said: growth.Words{IT: "Parole nostre, di nessun altro."}}
		if err := h.Growth.ChangeImprovement(ctx, owner, i.ID, text); err != nil {
			t.Fatal(err)
		}
		back(0)
		if i := now(); i.Said.IT != "Parole nostre, di nessun altro." {
			t.Errorf("%+v", i.Said)
		}
	})
}

// What a member wrote with somebody's own words goes with those words, also from an approved draft; the list says how far an entry has come.
func TestAMembersWordsMadeOfTheirs(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *housetest.House) {
		ctx, owner := t.Context(), h.Actor(team.Owner)
		i := say(t, h, "ada@one.example", "Il piatto grande era tutto rotto in due")
		f := changed(t, h, must[growth.Case](t)(h.Growth.Open(ctx, owner, growth.OpenIn{Title: "Piatti", Interactions: []inbox.InteractionID{i.ID}})))
		listed := func() growth.Case {
			return must[growth.CasePage](t)(h.Growth.Cases(ctx, owner, growth.CaseFilter{})).Cases[0]
		}
		text := growth.DraftIn{Title: did, Stone: growth.Words{IT: "piatti"}, Did: did, Said: growth.Words{IT: "Qualcuno: il PIATTO grande era tutto rotto!"}}
		if err := h.Growth.ChangeImprovement(ctx, owner, f.Improvement.ID, text); err != nil {
			t.Fatal(err)
		}
		if k := listed(); k.Entry != growth.ImprovementDraft || k.Stone != 0 {
			t.Errorf("%+v", k)
		}
		if err := h.Growth.ApproveImprovement(ctx, owner, f.Improvement.ID); err != nil {
			t.Fatal(err)
		}
		if err := h.Stranger("ada@one.example").Delete(ctx, i.RemoteID); err != nil {
			t.Fatal(err)
		}
		h.Refresh(i.RemoteID)
		got := whole(t, h, f.Case.ID)
		if !got.Improvement.Said.Empty() || got.Improvement.State != growth.ImprovementDraft || len(got.Letters) != 0 {
			t.Errorf("%+v, %d letters", got.Improvement, len(got.Letters))
		}
		text.Said = growth.Words{IT: "Arrivava rotto."}
		if err := h.Growth.ChangeImprovement(ctx, owner, f.Improvement.ID, text); err != nil {
			t.Fatal(err)
		}
		if err := h.Growth.Publish(ctx, owner, f.Improvement.ID); err != nil {
			t.Fatal(err)
		}
		if k := listed(); k.Entry != growth.ImprovementPublished || k.Stone != 1 || k.Outcome != record.TooEarly {
			t.Errorf("%+v", k)
		}
	})
}
