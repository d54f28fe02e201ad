package verdict_test

import (
	"context"
	"testing"

	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/housetest"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/team"
	"github.com/ponte-desk/ponte/internal/team/teamtest"
	"github.com/ponte-desk/ponte/internal/verdict"
)

func TestWhoMayDoWhat(t *testing.T) {
	each(t, housetest.Options{Judge: doubting}, func(t *testing.T, h *housetest.House) {
		ctx := t.Context()
		i := says(t, h, "1", "forse era rotta")
		organisers := []team.Role{team.Owner, team.Community, team.Marketing, team.Editor}
		teamtest.Matrix(t, h.Bed, []teamtest.Case{
			{Name: "words", Needs: team.InboxRead, Try: func(_ *testing.T, a team.Actor) error {
				_, err := h.Verdicts.Words(ctx, a)
				return err
			}},
			{Name: "set words", Needs: team.CompanyChange, Try: func(_ *testing.T, a team.Actor) error {
				return h.Verdicts.SetWords(ctx, a, []string{"Blu di Scarlino"})
			}},
			{Name: "models", Needs: team.InboxRead, Try: func(_ *testing.T, a team.Actor) error {
				_, err := h.Verdicts.Models(ctx, a)
				return err
			}},
			{Name: "undo", Needs: team.CompanyChange, Try: func(_ *testing.T, a team.Actor) error { return h.Verdicts.UndoModel(ctx, a) }},
			{Name: "second", Needs: team.CompanyChange, Try: func(_ *testing.T, a team.Actor) error {
				_, err := h.Verdicts.SecondSettings(ctx, a)
				return err
			}},
			{Name: "set second", Needs: team.CompanyChange, Try: func(_ *testing.T, a team.Actor) error {
				return h.Verdicts.SetSecondSettings(ctx, a, verdict.SecondIn{})
			}},
		})
		for r, a := range h.Actors {
			may := false
			for _, o := range organisers {
				may = may || o == r
			}
			if err := h.Inbox.Correct(ctx, a, i.ID, verdict.Correction{Criticism: yes()}); (err == nil) != may || !may && fault.KindOf(err) != fault.Denied {
				t.Errorf("%s corrects: %v", r, err)
			}
		}
		// A token that organises the inbox, or decides what is criticism, may; one with all the rest may not.
		var rest []team.Permission
		for _, p := range team.Permissions {
			if p != team.InboxOrganise && p != team.GrowthManage {
				rest = append(rest, p)
			}
		}
		for name, c := range map[string]struct {
			scopes []team.Permission
			may    bool
		}{
			"organise": {[]team.Permission{team.InboxOrganise}, true}, "growth": {[]team.Permission{team.GrowthManage}, true}, "rest": {rest, false},
		} {
			err := h.Inbox.Correct(ctx, h.Token(team.Owner, c.scopes...), i.ID, verdict.Correction{Criticism: no()})
			if (err == nil) != c.may || !c.may && fault.KindOf(err) != fault.Denied {
				t.Errorf("%s: %v", name, err)
			}
		}
		// The room decides by itself, whoever calls it.
		err := h.Store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
			_, err := h.Verdicts.Correct(ctx, tx, h.Actor(team.Guest), string(i.ID), "forse era rotta", verdict.Correction{Criticism: no()})
			return err
		})
		if fault.KindOf(err) != fault.Denied {
			t.Fatalf("%v", err)
		}
	})
}

// Nothing of a company is seen, changed or forgotten by another, and nothing stays of one that is removed.
func TestCompaniesAreApart(t *testing.T) {
	each(t, housetest.Options{Judge: doubting}, func(t *testing.T, h *housetest.House) {
		ctx := t.Context()
		s := newService(t)
		i := says(t, h, "1", "forse era rotta")
		correct(t, h, i, verdict.Correction{Criticism: yes()})
		use(t, h, s, "chiave")
		if err := h.Verdicts.SetWords(ctx, h.Actor(team.Owner), []string{"Blu di Scarlino"}); err != nil {
			t.Fatal(err)
		}
		learn(t, h)
		other := h.Other(t)
		boss := other.Actor(team.Owner)
		if err := h.Inbox.Correct(ctx, boss, i.ID, verdict.Correction{Criticism: no()}); key(err) != "inbox.interaction.missing" {
			t.Errorf("corrected: %v", err)
		}
		err := h.Store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
			if _, err := h.Verdicts.Correct(ctx, tx, boss, string(i.ID), i.Text, verdict.Correction{Criticism: no()}); key(err) != "verdict.missing" {
				t.Errorf("corrected: %v", err)
			}
			return h.Verdicts.Forget(ctx, tx, other.Company.ID, []string{string(i.ID)})
		})
		if err != nil {
			t.Fatal(err)
		}
		if v := of(t, h, i); v.Said == nil || !*v.Said.Criticism {
			t.Fatalf("%+v", v)
		}
		if vs := must[map[string]verdict.Verdict](t)(h.Verdicts.Of(ctx, other.Company.ID, []string{string(i.ID)})); len(vs) != 0 {
			t.Errorf("%+v", vs)
		}
		if ws := must[[]string](t)(h.Verdicts.Words(ctx, boss)); len(ws) != 0 {
			t.Errorf("%v", ws)
		}
		if ms := must[[]verdict.Model](t)(h.Verdicts.Models(ctx, boss)); len(ms) != 0 {
			t.Errorf("%v", ms)
		}
		if err := h.Verdicts.UndoModel(ctx, boss); key(err) != "verdict.model.none" {
			t.Errorf("%v", err)
		}
		if set := must[verdict.SecondSettings](t)(h.Verdicts.SecondSettings(ctx, boss)); set != (verdict.SecondSettings{}) {
			t.Errorf("%+v", set)
		}
		if trust := must[verdict.Trust](t)(h.Verdicts.Trust(ctx, other.Company.ID, of(t, h, i))); trust != (verdict.Trust{}) {
			t.Errorf("%+v", trust)
		}
		// The sample company goes, and nothing of this room stays of it.
		err = h.Store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
			_, err := h.Verdicts.Judge(ctx, tx, other.Company.ID, []verdict.Text{{ID: "x", Text: "forse", At: h.Clock.Now()}})
			if err != nil {
				return err
			}
			_, err = h.Verdicts.Correct(ctx, tx, boss, "x", "forse", verdict.Correction{Criticism: no()})
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		if err := h.Verdicts.SetWords(ctx, boss, []string{"Vetri"}); err != nil {
			t.Fatal(err)
		}
		if err := h.Verdicts.Learn(ctx, other.Company.ID); err != nil {
			t.Fatal(err)
		}
		if err := h.Verdicts.SetSecondSettings(ctx, boss, verdict.SecondIn{}); err != nil {
			t.Fatal(err)
		}
		tables := []string{"second_opinion", "triage_model", "lesson", "own_word", "correction", "verdict_tally", "verdict"}
		rows := func(company team.CompanyID) (n int) {
			t.Helper()
			for _, table := range tables {
				var some int
				if err := h.Store.Read(ctx).NewRaw("SELECT count(*) FROM "+table+" WHERE company_id = ?", company).Scan(ctx, &some); err != nil {
					t.Fatal(err)
				}
				if some > 0 {
					n++
				}
			}
			return n
		}
		if n := rows(other.Company.ID); n != len(tables) {
			t.Fatalf("the other company has rows in %d tables", n)
		}
		if err := h.Team.RemoveSample(ctx, h.Actor(team.Owner)); err != nil {
			t.Fatal(err)
		}
		if rows(other.Company.ID) != 0 || rows(h.Company.ID) != len(tables) {
			t.Fatalf("%d and %d", rows(other.Company.ID), rows(h.Company.ID))
		}
	})
}
