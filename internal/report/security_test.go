package report_test

import (
	"context"
	"testing"
	"time"

	"github.com/ponte-desk/ponte/internal/housetest"
	"github.com/ponte-desk/ponte/internal/i18n"
	"github.com/ponte-desk/ponte/internal/report"
	"github.com/ponte-desk/ponte/internal/signin"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/storetest"
	"github.com/ponte-desk/ponte/internal/team"
	"github.com/ponte-desk/ponte/internal/team/teamtest"
)

// looked gives one check.
func looked(t *testing.T, h *housetest.House, key report.CheckKey) report.Check {
	t.Helper()
	s, err := h.Report.Security(t.Context(), h.Actor(team.Owner))
	if err != nil {
		t.Fatal(err)
	}
	if len(s.Checks) != len(report.Checks) {
		t.Fatalf("%d checks", len(s.Checks))
	}
	for i, c := range s.Checks {
		if c.Key != report.Checks[i] {
			t.Errorf("check %d is %s, want %s", i, c.Key, report.Checks[i])
		}
		if c.Key == key {
			return c
		}
	}
	t.Fatalf("no check %s", key)
	return report.Check{}
}

func is(t *testing.T, c report.Check, state report.CheckState, which string, n, of int) {
	t.Helper()
	if c.State != state || c.Case != string(c.Key)+"."+which || c.N != n || c.Of != of {
		t.Errorf("%s is %s, %s, %d of %d; want %s, %s, %d of %d", c.Key, c.State, c.Case, c.N, c.Of, state, which, n, of)
	}
}

func TestOnlyOwnersSeeHowSafeItIs(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		h := housetest.New(t, s, housetest.Options{})
		teamtest.Matrix(t, h.Bed, []teamtest.Case{{
			Name: "Security", Needs: team.AuditRead, Roles: []team.Role{team.Owner},
			Try: func(t *testing.T, a team.Actor) error { _, err := h.Report.Security(t.Context(), a); return err },
		}})
	})
}

func TestSecurityCountsWhatIsThere(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		house := report.House{Version: "v1.2.3"}
		h := housetest.New(t, s, housetest.Options{House: func() (report.House, error) { return house, nil }})
		members := len(team.Roles)

		is(t, looked(t, h, report.CheckFactor), report.CheckTodo, "some", 0, members)
		may := 0
		for _, r := range team.Roles {
			if r.Can(team.PostsPublish) {
				may++
			}
		}
		c := looked(t, h, report.CheckPublish)
		is(t, c, report.CheckTodo, "bare", may, members)
		if len(c.Rows) != may || c.Args["bare"] != may {
			t.Errorf("%d rows, %v bare", len(c.Rows), c.Args["bare"])
		}
		is(t, looked(t, h, report.CheckApproval), report.CheckTodo, "off", 0, 0)
		is(t, looked(t, h, report.CheckChannels), report.CheckFine, "fine", 1, 1)
		is(t, looked(t, h, report.CheckKeys), report.CheckFine, "none", 0, 0)
		is(t, looked(t, h, report.CheckSignins), report.CheckFine, "none", 0, 0)
		is(t, looked(t, h, report.CheckCopy), report.CheckTodo, "never", 0, 0)
		is(t, looked(t, h, report.CheckVersion), report.CheckUnknown, "unknown", 0, 0)

		// Tries at the door: as many as are counted as bad luck, then one more.
		owner := h.Members[team.Owner]
		for i := range 10 {
			if i == 9 {
				is(t, looked(t, h, report.CheckSignins), report.CheckFine, "few", 9, 9)
			}
			err := h.Store.InTx(t.Context(), func(ctx context.Context, tx *store.Tx) error {
				return h.Team.Audit(ctx, tx, team.Actor{Company: h.Company.ID, Via: team.ViaScreen}, team.Entry{Verb: "signin.failed", ObjectKind: "member", ObjectID: string(owner.ID)})
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		is(t, looked(t, h, report.CheckSignins), report.CheckTodo, "many", 10, 10)
		h.Clock.Advance(31 * 24 * time.Hour)
		is(t, looked(t, h, report.CheckSignins), report.CheckFine, "none", 0, 0)

		// A program's key that nobody uses, and one that is young.
		if _, _, err := h.Signin.CreateToken(t.Context(), h.Actor(team.Owner), signin.CreateTokenIn{Name: "Vecchia", Scopes: []team.Permission{team.InboxRead}}); err != nil {
			t.Fatal(err)
		}
		is(t, looked(t, h, report.CheckKeys), report.CheckFine, "fine", 1, 1)
		h.Clock.Advance(91 * 24 * time.Hour)
		is(t, looked(t, h, report.CheckKeys), report.CheckTodo, "some", 0, 1)

		// The copy: made, tried, gone old, broken.
		now := h.Clock.Now()
		day := 24 * time.Hour
		for _, x := range []struct {
			house report.House
			state report.CheckState
			which string
		}{
			{report.House{Copied: now.Add(-day)}, report.CheckTodo, "untried"},
			{report.House{Copied: now.Add(-day), Tried: now.Add(-day), TriedCopy: now.Add(-day), TriedWell: true}, report.CheckFine, "fine"},
			{report.House{Copied: now.Add(-8 * day), Tried: now.Add(-day), TriedCopy: now.Add(-8 * day), TriedWell: true}, report.CheckTodo, "old"},
			{report.House{Copied: now.Add(-day), Tried: now.Add(-91 * day), TriedCopy: now.Add(-91 * day), TriedWell: true}, report.CheckTodo, "stale"},
			{report.House{Copied: now.Add(-day), Tried: now.Add(-day)}, report.CheckTodo, "failed"},
		} {
			house = x.house
			is(t, looked(t, h, report.CheckCopy), x.state, x.which, 0, 0)
		}
		house = report.House{Version: "v1.2.3", Built: now.Add(-10 * day)}
		is(t, looked(t, h, report.CheckVersion), report.CheckFine, "fine", 10, 0)
		house.Built = now.Add(-200 * day)
		is(t, looked(t, h, report.CheckVersion), report.CheckTodo, "old", 200, 0)
	})
}

// Everything that a check can say has words in both languages, and everything to do has a remedy.
func TestSecurityHasWords(t *testing.T) {
	t.Parallel()
	catalog, err := i18n.Load()
	if err != nil {
		t.Fatal(err)
	}
	cases := map[report.CheckKey][]string{
		report.CheckFactor: {"all", "some", "wanted"}, report.CheckPublish: {"safe", "bare"}, report.CheckApproval: {"all", "without", "off", "none", "alone"},
		report.CheckChannels: {"fine", "some", "none"}, report.CheckKeys: {"none", "fine", "some"}, report.CheckSignins: {"none", "few", "many"},
		report.CheckCopy: {"fine", "never", "untried", "failed", "old", "stale", "unknown"}, report.CheckVersion: {"fine", "old", "unknown"},
	}
	calm := map[string]bool{"all": true, "safe": true, "fine": true, "few": true, "none": true}
	for _, lang := range i18n.Langs {
		l := catalog.For(lang)
		for key, all := range cases {
			for _, which := range all {
				c := report.Check{Key: key, Case: string(key) + "." + which, Args: map[string]any{"copied": time.Now(), "tried": time.Now(), "copy": time.Now(), "built": time.Now()}}
				if said := c.Say(l, time.UTC); said == "" || said[0] == '[' {
					t.Errorf("%s: %s %s says %q", lang, key, which, said)
				}
				if c.Remedy(l, time.UTC) == "" && !calm[which] {
					t.Errorf("%s: %s %s has no remedy", lang, key, which)
				}
			}
		}
	}
}
