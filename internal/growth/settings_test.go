package growth_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/growth"
	"github.com/ponte-desk/ponte/internal/housetest"
	"github.com/ponte-desk/ponte/internal/team"
)

func TestSettings(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *housetest.House) {
		ctx, owner := t.Context(), h.Actor(team.Owner)
		read := func() growth.Settings {
			t.Helper()
			return must[growth.Settings](t)(h.Growth.Settings(ctx, h.Actor(team.Guest)))
		}
		own := growth.Settings{
			Title:     growth.Words{IT: "Ce l’avete detto. Ci abbiamo lavorato.", EN: "You told us. We worked on it."},
			Lede:      growth.Words{IT: "Qui c’è quello che non andava, che cosa abbiamo cambiato e se ha funzionato.", EN: "Here is what was wrong, what we changed, and whether it worked."},
			Approvers: []team.Role{team.Owner}, DecideIn: 7,
		}
		if diff := cmp.Diff(own, read()); diff != "" {
			t.Fatal("what is sensible: " + diff)
		}
		// What happens to the page before anybody has decided anything changes nothing of that.
		say(t, h, "ada@one.example", "Il piatto è arrivato rotto")
		if diff := cmp.Diff(own, read()); diff != "" {
			t.Fatal(diff)
		}
		if err := h.Growth.ChangeSettings(ctx, owner, growth.Settings{
			Open: true, Title: growth.Words{IT: " Parliamone\x00 "}, Promise: growth.Words{EN: "We answer within a day.\r\nOr two."}, WriteTo: " ciao@example.it ",
			Approvers: []team.Role{team.Guest, team.Community, team.Guest}, DecideIn: 3, Embed: []string{"https://WWW.Example.it/", "https://example.it", "https://example.it"},
		}); err != nil {
			t.Fatal(err)
		}
		want := growth.Settings{
			Open: true, Title: growth.Words{IT: "Parliamone", EN: own.Title.EN}, Promise: growth.Words{EN: "We answer within a day.\nOr two."}, WriteTo: "ciao@example.it",
			Approvers: []team.Role{team.Owner, team.Community, team.Guest}, DecideIn: 3, Embed: []string{"https://example.it", "https://www.example.it"},
		}
		if diff := cmp.Diff(want, read()); diff != "" {
			t.Fatal(diff)
		}
	})
}

func TestSettingsThatCannotBe(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *housetest.House) {
		ctx, owner := t.Context(), h.Actor(team.Owner)
		ok := must[growth.Settings](t)(h.Growth.Settings(ctx, owner))
		for name, c := range map[string]struct {
			field string
			f     func(*growth.Settings)
		}{
			"long title":          {"title_it", func(s *growth.Settings) { s.Title.IT = strings.Repeat("a", 81) }},
			"long lede":           {"lede_en", func(s *growth.Settings) { s.Lede.EN = strings.Repeat("a", 401) }},
			"long promise":        {"promise_it", func(s *growth.Settings) { s.Promise.IT = strings.Repeat("a", 401) }},
			"nowhere":             {"write_to", func(s *growth.Settings) { s.WriteTo = "giulia" }},
			"not in the open":     {"write_to", func(s *growth.Settings) { s.WriteTo = "http://example.it" }},
			"a script":            {"write_to", func(s *growth.Settings) { s.WriteTo = "javascript:alert(1)" }},
			"with a name":         {"write_to", func(s *growth.Settings) { s.WriteTo = "Giulia <giulia@example.it>" }},
			"with a password":     {"write_to", func(s *growth.Settings) { s.WriteTo = "https://a:b@example.it" }},
			"no role":             {"approvers", func(s *growth.Settings) { s.Approvers = []team.Role{"chief"} }},
			"at once":             {"decide_in", func(s *growth.Settings) { s.DecideIn = 0 }},
			"never":               {"decide_in", func(s *growth.Settings) { s.DecideIn = 31 }},
			"a page":              {"embed", func(s *growth.Settings) { s.Embed = []string{"https://example.it/page"} }},
			"everything":          {"embed", func(s *growth.Settings) { s.Embed = []string{"https://*.example.it"} }},
			"another policy":      {"embed", func(s *growth.Settings) { s.Embed = []string{"https://example.it; script-src *"} }},
			"not in the open too": {"embed", func(s *growth.Settings) { s.Embed = []string{"http://example.it"} }},
			"too many":            {"embed", func(s *growth.Settings) { s.Embed = strings.Split(strings.Repeat("https://a.it ", 21), " ")[:21] }},
		} {
			s := ok
			c.f(&s)
			if e := fault.Of(h.Growth.ChangeSettings(ctx, owner, s)); e == nil || e.Kind != fault.Invalid || len(e.Fields) != 1 || e.Fields[0].Name != c.field {
				t.Errorf("%s: %v", name, e)
			}
		}
		for _, to := range []string{"", "https://example.it/scrivici?da=crescita", "ciao+crescita@example.it"} {
			s := ok
			s.WriteTo = to
			if err := h.Growth.ChangeSettings(ctx, owner, s); err != nil {
				t.Errorf("%s: %v", to, err)
			}
		}
		if diff := cmp.Diff(ok.Title, must[growth.Settings](t)(h.Growth.Settings(ctx, owner)).Title); diff != "" {
			t.Error(diff)
		}
	})
}
