package verdict_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/ponte-desk/ponte/internal/housetest"
	"github.com/ponte-desk/ponte/internal/inbox"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/triage"
	"github.com/ponte-desk/ponte/internal/verdict"
)

func forget(t *testing.T, h *housetest.House, is ...inbox.Interaction) {
	t.Helper()
	ids := make([]string, len(is))
	for n, i := range is {
		ids[n] = string(i.ID)
	}
	err := h.Store.InTx(t.Context(), func(ctx context.Context, tx *store.Tx) error { return h.Verdicts.Forget(ctx, tx, h.Company.ID, ids) })
	if err != nil {
		t.Fatal(err)
	}
}

// Who is forgotten is in no table of this room any more: not in verdicts, not in what members said, not in models.
func TestForget(t *testing.T) {
	t.Parallel()
	each2(t, func(t *testing.T, h *housetest.House, s *school) {
		ctx := t.Context()
		base := active(t, h)
		stays := says(t, h, "1", "forse era rotta")
		correct(t, h, stays, verdict.Correction{Criticism: yes()})
		learn(t, h)
		first := active(t, h)
		goes, mute := says(t, h, "2", "MARKERPAROLA era rotta"), says(t, h, "3", "MARKERPAROLA di nuovo")
		correct(t, h, goes, verdict.Correction{Criticism: no()})
		learn(t, h)
		second := active(t, h)
		correct(t, h, says(t, h, "4", "forse era verde"), verdict.Correction{Criticism: no()})
		learn(t, h)
		if ms := models(t, h); len(ms) != 3 || first == second || second == active(t, h) {
			t.Fatalf("%+v", ms)
		}
		var answer verdict.Verdict
		if answer = of(t, h, goes); answer.Subject == "" {
			t.Fatal("no verdict")
		}
		trusts := func() (n verdict.Trust) {
			t.Helper()
			for _, d := range []triage.Decision{triage.Yes, triage.No, triage.Check} {
				v := verdict.Verdict{Judged: triage.Verdict{Criticism: triage.Opinion{Decision: d}}}
				some := must[verdict.Trust](t)(h.Verdicts.Trust(ctx, h.Company.ID, v))
				n.Like, n.Looked = n.Like+some.Like, n.Looked+some.Looked
			}
			return n
		}
		if n := trusts(); n.Like != 4 || n.Looked != 3 {
			t.Fatalf("%+v", n)
		}
		forget(t, h, goes, mute)
		if n := trusts(); n.Like != 2 || n.Looked != 2 {
			t.Fatalf("%+v", n)
		}
		for _, i := range []inbox.Interaction{goes, mute} {
			if v := of(t, h, i); v.Subject != "" {
				t.Fatalf("%+v", v)
			}
		}
		// Models that learned from it are gone at once; the one from before judges until a new one is made.
		if ms := models(t, h); len(ms) != 1 || ms[0].Version != first || !ms[0].Active {
			t.Fatalf("%+v", ms)
		}
		learn(t, h)
		last := s.lessons[len(s.lessons)-1]
		if len(last) != 2 || strings.Contains(last[0].Text+last[1].Text, "MARKER") {
			t.Fatalf("%+v", last)
		}
		if now := active(t, h); now == first || now == second || now == base {
			t.Fatalf("%s judges", now)
		}
		dump := dumpTables(t, h, "verdict", "verdict_tally", "correction", "own_word", "lesson", "triage_model", "second_opinion")
		for _, gone := range []string{"MARKERPAROLA", string(goes.ID), string(mute.ID), answer.Digest} {
			if strings.Contains(dump, gone) {
				t.Errorf("%s is still there", gone)
			}
		}
		if !strings.Contains(dump, string(stays.ID)) {
			t.Fatal("what was to stay is gone")
		}
		// Nobody else said anything: nothing is made anew, and forgetting twice is no mistake.
		forget(t, h, goes, mute)
		forget(t, h, stays)
		forget(t, h, says(t, h, "4", "forse era verde"))
		learn(t, h)
		if active(t, h) != base || len(models(t, h)) != 0 {
			t.Fatalf("%+v", models(t, h))
		}
	})
}

// dumpTables gives everything that stands in tables.
func dumpTables(t *testing.T, h *housetest.House, names ...string) string {
	t.Helper()
	var out strings.Builder
	tables, err := h.Store.Tables(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	for _, table := range tables {
		if !slices.Contains(names, table.Name) {
			continue
		}
		found++
		if err := h.Store.Rows(t.Context(), table, func(row []any) error {
			for _, v := range row {
				if b, ok := v.([]byte); ok {
					v = string(b)
				}
				fmt.Fprintln(&out, v)
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
	}
	if found != len(names) {
		t.Fatalf("%d tables of %d", found, len(names))
	}
	return out.String()
}
