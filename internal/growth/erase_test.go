package growth_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ponte-desk/ponte/internal/audience"
	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/growth"
	"github.com/ponte-desk/ponte/internal/housetest"
	"github.com/ponte-desk/ponte/internal/inbox"
	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/team"
)

// rows are all rows of this room's tables as text, each behind the name of its table.
func rows(t testing.TB, h *housetest.House) []string {
	t.Helper()
	ctx := t.Context()
	var out []string
	tables, err := h.Store.Tables(ctx)
	if err != nil {
		t.Fatal(err)
	}
	mine := []string{
		"criticism", "growth_case", "case_task", "case_evidence", "case_event", "promise", "improvement", "letter", "growth_setting", "record_log",
		"record_tile", "record_bundle", "record_fact", "record_post",
	}
	for _, table := range tables {
		if !slices.Contains(mine, table.Name) {
			continue
		}
		mine = slices.DeleteFunc(mine, func(s string) bool { return s == table.Name })
		err := h.Store.Rows(ctx, table, func(row []any) error {
			line := table.Name
			for n, v := range row {
				if b, ok := v.([]byte); ok {
					v = string(b)
				}
				line += fmt.Sprintf(" %s=%v", table.Columns[n].Name, v)
			}
			out = append(out, line)
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if len(mine) > 0 {
		t.Fatalf("no tables %v", mine)
	}
	return out
}

// An erased person is nowhere in this room any more: not by name, not by words, not by an id that leads to them. What was counted stays
// counted, others stay as they were, and the record goes on from where it was.
func TestErase(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *housetest.House) {
		ctx, community, owner := t.Context(), h.Actor(team.Community), h.Actor(team.Owner)
		at := h.Clock.Now().Add(-30*time.Hour - 17*time.Minute)
		by := func(id, who, text string) network.Item {
			it := item(id, who, text, at)
			if who == "zoe" {
				it.Author = network.Author{RemoteID: "zoe-remote-id", Handle: "zoemarker@one.example", Name: "Zoe Marker", URL: "https://one.example/@zoemarker"}
				it.URL = "https://one.example/@zoemarker/" + id
			}
			return it
		}
		first := one(t, h, by("1", "zoe", "Markerwords: il piatto è rotto"))
		second := one(t, h, by("2", "zoe", "Markerwords: anche la tazza è rotto"))
		third := one(t, h, by("3", "ugo", "Il mio piatto è rotto, come quello di Zoe Marker"))
		loose := one(t, h, by("4", "zoe", "Markerwords: forse manca qualcosa"))
		dismissed := one(t, h, by("5", "zoe", "Markerwords: in ritardo"))
		take(t, h, ours("6", "1", "Ci dispiace", at.Add(time.Hour)))
		must[growth.Criticism](t)(h.Growth.Decide(ctx, community, growth.DecideIn{Interaction: dismissed.ID, Reason: "mistake"}))
		zoe, ugo := criticism(t, h, first), criticism(t, h, third)
		k := open(t, h, "Il piatto di Zoe Marker", first, second, third)
		before := k.People
		ok := func(err error) {
			t.Helper()
			if err != nil {
				t.Fatal(err)
			}
		}
		ok(h.Growth.SetQuote(ctx, community, zoe.ID, true, "Markerwords: il piatto"))
		ok(h.Growth.SetQuote(ctx, community, ugo.ID, false, "come quello di Zoe Marker"))
		must[growth.Task](t)(h.Growth.AddTask(ctx, community, k.ID, "Scrivi a Zoe Marker", ""))
		must[growth.Evidence](t)(h.Growth.AddEvidence(ctx, community, k.ID, growth.Evidence{Kind: growth.EvidenceLink, Text: "La foto di zoemarker@one.example", URL: first.URL}))
		ok(h.Growth.Advance(ctx, community, k.ID, growth.AdvanceIn{
			To: growth.CaseChanged, Cause: "Zoe Marker ha ragione", Plan: "Come dice zoemarker@one.example", Did: growth.Words{IT: "Grazie a Zoe Marker", EN: "Thanks to Zoe Marker"},
		}))
		f := file(t, h, community, k.ID)
		ok(h.Growth.ChangeImprovement(ctx, community, f.Improvement.ID, growth.DraftIn{
			Title: growth.Words{IT: "I piatti"}, Stone: growth.Words{IT: "piatti"}, Said: growth.Words{IT: "Markerwords: il piatto"}, Did: growth.Words{IT: "Grazie a Zoe Marker"},
		}))
		ok(h.Growth.Publish(ctx, owner, f.Improvement.ID))
		// An open case elsewhere names her too, where she did not take part: there only what is hers alone goes.
		other := open(t, h, "Un altro", one(t, h, by("7", "eva", "E il vaso è rotto")))
		must[growth.Task](t)(h.Growth.AddTask(ctx, community, other.ID, "Chiedi a zoemarker@one.example e a Zoe della bottega", ""))
		if all := strings.Join(rows(t, h), "\n"); !strings.Contains(strings.ToLower(all), "zoe") || !strings.Contains(all, "Markerwords") {
			t.Fatal("there is nothing to erase")
		}
		figures := must[growth.Public](t)(h.Growth.Page(ctx, h.Company.ID, "", 0, true)).Figures

		people, _, err := h.Audience.Find(ctx, owner, "zoe", "", 10)
		if err != nil || len(people) != 1 {
			t.Fatal(people, err)
		}
		identity := string(people[0].Identities[0].ID)
		cert := must[audience.Certificate](t)(h.Audience.Erase(ctx, owner, people[0].ID, audience.EraseIn{Name: people[0].Name}))
		if cert.State != audience.ErasureDone || cert.Erased[audience.ErasedCriticisms] != 4 || cert.Erased[audience.ErasedNames] == 0 {
			t.Errorf("%+v", cert)
		}
		for _, line := range rows(t, h) {
			for _, mark := range []string{
				"zoe marker", "zoemarker", "zoe-remote", "markerwords", "one.example/@zoe", identity, string(first.ID), string(second.ID), string(loose.ID),
				string(dismissed.ID), string(first.Conversation), string(second.Conversation), string(dismissed.Conversation),
			} {
				if strings.Contains(strings.ToLower(line), mark) {
					t.Errorf("%s stands in %s", mark, line)
				}
			}
		}
		f = file(t, h, community, k.ID)
		if f.Case.Voices != 3 || f.Case.People != before {
			t.Errorf("%+v", f.Case)
		}
		erased := 0
		for _, v := range f.Voices {
			if v.State != growth.Erased {
				if v.Text == "" || v.From.Name != "ugo" || v.Interaction != third.ID {
					t.Errorf("%+v", v)
				}
				continue
			}
			erased++
			if err := h.Growth.Part(ctx, community, v.ID); key(err) != "growth.criticism.erased" {
				t.Error(err)
			}
			if err := h.Growth.SetQuote(ctx, community, v.ID, true, ""); fault.KindOf(err) != fault.Conflict {
				t.Error(err)
			}
			if v.Text != "" || v.From.ID != "" || v.URL != "" || !v.SaidAt.Equal(v.SaidAt.Truncate(time.Hour)) || !v.AnsweredAt.Equal(v.AnsweredAt.Truncate(time.Hour)) {
				t.Errorf("%+v", v)
			}
		}
		if erased != 2 {
			t.Errorf("%d erased", erased)
		}
		if got := diary(f); !strings.HasSuffix(got, "erased") {
			t.Error(got)
		}
		if got := file(t, h, community, other.ID).Tasks[0].Text; !strings.Contains(got, "Zoe della bottega") {
			t.Error(got)
		}
		if _, err := h.Growth.Find(ctx, h.Company.ID, first.URL); fault.KindOf(err) != fault.NotFound {
			t.Error(err)
		}
		ls := leaves(t, h)
		if got := kinds(ls[len(ls)-3:]); got != "erased erased erased" { // two of the case, one that was dismissed
			t.Error(kinds(ls))
		}
		after := must[growth.Public](t)(h.Growth.Page(ctx, h.Company.ID, "", 0, true)).Figures
		figures.Erased, figures.Leaves = 3, figures.Leaves+3
		if after != figures {
			t.Errorf("%+v, before %+v", after, figures)
		}
		// A part of the house that goes on works: others still join, and the record grows.
		ok(h.Growth.Join(ctx, community, k.ID, ids(one(t, h, by("8", "ida", "Anche il mio è rotto")))))
		if len(leaves(t, h)) != len(ls)+2 {
			t.Error("the record does not go on")
		}
	})
}

// What is erased in rooms below this one does not come back through it.
func TestEraseNothing(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *housetest.House) {
		ctx, owner := t.Context(), h.Actor(team.Owner)
		i := one(t, h, item("1", "ada", "Che belle tazze", h.Clock.Now()))
		people, _, err := h.Audience.Find(ctx, owner, "ada", "", 10)
		if err != nil || len(people) != 1 {
			t.Fatal(people, err)
		}
		must[audience.Certificate](t)(h.Audience.Erase(ctx, owner, people[0].ID, audience.EraseIn{Name: people[0].Name}))
		if len(leaves(t, h)) != 0 {
			t.Error("the record tells of someone it never knew")
		}
		if _, err := h.Growth.SaySame(ctx, owner, []inbox.InteractionID{i.ID}); fault.KindOf(err) != fault.NotFound {
			t.Error(err)
		}
	})
}
