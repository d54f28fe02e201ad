package growth_test

import (
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/growth"
	"github.com/ponte-desk/ponte/internal/housetest"
	"github.com/ponte-desk/ponte/internal/inbox"
	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/networktest"
	"github.com/ponte-desk/ponte/internal/record"
	"github.com/ponte-desk/ponte/internal/team"
)

// sideBySide does things at the same time and gives what came of each.
func sideBySide(fs ...func() error) []error {
	errs := make([]error, len(fs))
	var ready, done sync.WaitGroup
	ready.Add(len(fs))
	done.Add(len(fs))
	for i, f := range fs {
		go func() {
			defer done.Done()
			ready.Done()
			ready.Wait()
			errs[i] = f()
		}()
	}
	done.Wait()
	return errs
}

// many brings n criticisms in.
func many(t testing.TB, h *housetest.House, n int, text string) []inbox.Interaction {
	t.Helper()
	items := make([]network.Item, n)
	for i := range items {
		items[i] = item(fmt.Sprintf("m%03d", i), fmt.Sprintf("p%d", i), fmt.Sprintf("%d: %s", i, text), h.Clock.Now().Add(-time.Duration(n-i)*time.Minute))
	}
	take(t, h, items...)
	found := make([]inbox.Interaction, 0, n)
	for cursor := ""; ; {
		l := must[inbox.List](t)(h.Inbox.List(t.Context(), h.Actor(team.Owner), inbox.Filter{View: inbox.ViewAll, Limit: 100, Cursor: cursor}))
		for _, c := range l.Conversations {
			th := must[inbox.Thread](t)(h.Inbox.Open(t.Context(), h.Actor(team.Owner), c.ID))
			found = append(found, th.Interactions[0])
		}
		if cursor = l.Next; cursor == "" {
			break
		}
	}
	slices.SortFunc(found, func(a, b inbox.Interaction) int { return a.At.Compare(b.At) })
	if len(found) != n {
		t.Fatalf("%d of %d arrived", len(found), n)
	}
	return found
}

// Cases that are opened at the same moment get numbers without gaps, and the record's first leaf and all others stand in one line.
func TestOpenedAtOnce(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *housetest.House) {
		ctx := t.Context()
		is := many(t, h, 24, "forse rotto") // in doubt: nothing stands in the record yet
		var fs []func() error
		for n := range is {
			a := h.Actor([]team.Role{team.Owner, team.Community, team.Editor}[n%3])
			fs = append(fs, func() error {
				_, err := h.Growth.Open(ctx, a, growth.OpenIn{Title: fmt.Sprint(n), Interactions: ids(is[n])})
				return err
			})
		}
		for _, err := range sideBySide(fs...) {
			if err != nil {
				t.Fatal(err)
			}
		}
		p := must[growth.CasePage](t)(h.Growth.Cases(ctx, h.Actor(team.Owner), growth.CaseFilter{Limit: 100}))
		var numbers []int
		for _, k := range p.Cases {
			numbers = append(numbers, k.Number)
		}
		slices.Sort(numbers)
		for i, n := range numbers {
			if n != i+1 {
				t.Fatalf("%v", numbers)
			}
		}
		if ls := leaves(t, h); len(ls) != 48 || len(numbers) != 24 {
			t.Errorf("%d leaves, %d cases", len(ls), len(numbers))
		}
	})
}

// The same message taken by two at the same moment goes to one of them; the other is told.
func TestTakenAtOnce(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *housetest.House) {
		ctx, owner, community := t.Context(), h.Actor(team.Owner), h.Actor(team.Community)
		is := many(t, h, 4, "rotto")
		k := open(t, h, "Uno", is[3])
		errs := sideBySide(
			func() error {
				return errOf(h.Growth.Open(ctx, owner, growth.OpenIn{Title: "a", Interactions: ids(is[0], is[1], is[2])}))
			},
			func() error {
				return errOf(h.Growth.Open(ctx, community, growth.OpenIn{Title: "b", Interactions: ids(is[2], is[1], is[0])}))
			},
			func() error { return h.Growth.Join(ctx, community, k.ID, ids(is[1], is[0])) },
		)
		won := 0
		for _, err := range errs {
			switch {
			case err == nil:
				won++
			case key(err) != "growth.case.taken":
				t.Error(err)
			}
		}
		if won != 1 {
			t.Errorf("%d of them won: %v", won, errs)
		}
		leaves(t, h)
	})
}

// Two who decide otherwise at the same moment: one word stands, and the record says the same as the desk.
func TestDecidedAtOnce(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *housetest.House) {
		ctx := t.Context()
		is := many(t, h, 6, "rotto")
		var fs []func() error
		for _, i := range is {
			for n, in := range []growth.DecideIn{{Criticism: true}, {Reason: record.Praise}, {Reason: record.Spam}} {
				a := h.Actor([]team.Role{team.Owner, team.Community, team.Editor}[n])
				in.Interaction = i.ID
				fs = append(fs, func() error { return errOf(h.Growth.Decide(ctx, a, in)) })
			}
		}
		for _, err := range sideBySide(fs...) {
			if err != nil {
				t.Error(err)
			}
		}
		stands := map[record.Handle]record.Kind{}
		for _, l := range leaves(t, h) {
			stands[l.Subject] = l.Kind
		}
		for _, i := range is {
			c := criticism(t, h, i)
			want := map[growth.CriticismState]record.Kind{growth.Counted: record.Heard, growth.Dismissed: record.Dismissed}[c.State]
			if stands[c.Handle] != want {
				t.Errorf("%s is %s, the record says %s", c.ID, c.State, stands[c.Handle])
			}
		}
	})
}

// What is left undecided is said once, however many look, and not of what is decided at the same moment.
func TestLookedOverAtOnce(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *housetest.House) {
		ctx := t.Context()
		is := many(t, h, 10, "forse")
		h.Clock.Advance(8 * 24 * time.Hour)
		look := func() error { return h.Growth.LookOver(ctx) }
		fs := []func() error{look, look, look}
		for _, i := range is[:5] {
			fs = append(fs, func() error {
				return errOf(h.Growth.Decide(ctx, h.Actor(team.Owner), growth.DecideIn{Interaction: i.ID, Criticism: true}))
			})
		}
		for _, err := range sideBySide(fs...) {
			if err != nil {
				t.Error(err)
			}
		}
		n := map[record.Kind]int{}
		for _, l := range leaves(t, h) {
			n[l.Kind]++
		}
		if n[record.Heard] != 5 || n[record.Undecided] < 5 || n[record.Undecided] > 10 {
			t.Errorf("%v", n)
		}
	})
}

// A colleague who leaves while they are given a case does not keep it.
func TestLeavingAtOnce(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *housetest.House) {
		ctx := t.Context()
		is := many(t, h, 6, "rotto")
		for n := range is {
			m := h.Add(t, team.Contributor, fmt.Sprintf("m%d@example.it", n))
			errs := sideBySide(
				func() error {
					return errOf(h.Growth.Open(ctx, h.Actor(team.Community), growth.OpenIn{Title: "x", Interactions: ids(is[n]), Owner: m.ID}))
				},
				func() error {
					return h.Team.Leave(ctx, h.Actor(team.Owner), team.LeaveIn{Member: m.ID, Heir: h.Members[team.Editor].ID})
				},
			)
			if errs[1] != nil || errs[0] != nil && key(errs[0]) != "growth.case.owner" {
				t.Error(errs)
			}
			if p := must[growth.CasePage](t)(h.Growth.Cases(ctx, h.Actor(team.Owner), growth.CaseFilter{Owner: m.ID})); len(p.Cases) != 0 {
				t.Error("a case is owned by someone who is gone")
			}
		}
	})
}

// Everything at once: what comes in, is edited, answered and taken back on two channels while members decide, open, join, part and move on.
// Nobody waits for each other in a circle, and the record holds.
func TestEverythingAtOnce(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *housetest.House) {
		ctx := t.Context()
		h.Fake.Join("second")
		second := must[network.Channel](t)(h.Networks.ConnectPassword(ctx, h.Actor(team.Owner), h.Fake.Server(), "second", networktest.AppPassword))
		is := many(t, h, 12, "rotto")
		k := open(t, h, "Uno", is[0])
		at := h.Clock.Now()
		bring := func(ch network.Channel, items ...network.Item) error {
			_, err := h.Networks.Ingest(ctx, ch, network.Page{Items: items, Cursor: "x"})
			return err
		}
		allowed := func(err error) error {
			if k := fault.KindOf(err); k == fault.Conflict || k == fault.Invalid {
				return nil // somebody was faster
			}
			return err
		}
		community, owner := h.Actor(team.Community), h.Actor(team.Owner)
		var fs []func() error
		for n := range 8 {
			fs = append(fs,
				func() error {
					it := item(fmt.Sprintf("a%d", n), "ada", fmt.Sprintf("a%d: rotto", n), at)
					return bring(h.Channel, it, ours(fmt.Sprintf("b%d", n), fmt.Sprintf("m%03d", n), "Ci dispiace", at.Add(time.Minute)))
				},
				func() error {
					it := item(fmt.Sprintf("m%03d", n), fmt.Sprintf("p%d", n), []string{"tutto bene", "forse no", "in ritardo"}[n%3], at)
					it.Version = "2"
					return bring(h.Channel, it, network.Item{RemoteID: fmt.Sprintf("m%03d", 11-n), Deleted: n%2 == 0, At: at, Version: "3"})
				},
				func() error {
					return bring(second, item(fmt.Sprintf("c%d", n), "ugo", fmt.Sprintf("c%d: forse", n), at))
				},
				func() error {
					return allowed(errOf(h.Growth.Decide(ctx, owner, growth.DecideIn{Interaction: is[n].ID, Criticism: n%2 == 0, Reason: record.Mistake})))
				},
				func() error {
					return allowed(errOf(h.Growth.Open(ctx, community, growth.OpenIn{Title: "x", Interactions: ids(is[n+1], is[n+2], is[n+3])})))
				},
				func() error { return allowed(h.Growth.Join(ctx, owner, k.ID, ids(is[11-n], is[10-n]))) },
				func() error {
					return allowed(h.Growth.Advance(ctx, community, k.ID, growth.AdvanceIn{To: growth.CaseUnderstood, Cause: fmt.Sprint(n)}))
				},
				func() error {
					r, err := h.Inbox.Reply(ctx, owner, inbox.ReplyIn{Conversation: is[n].Conversation, Text: "Eccoci", Anyway: true})
					if err == nil && r.Delivery != "" {
						_, err = h.Deliveries.Step(ctx, r.Delivery)
					}
					return allowed(err)
				},
			)
		}
		for n, err := range sideBySide(fs...) {
			if err != nil {
				t.Errorf("%d: %v", n%8, err)
			}
		}
		leaves(t, h)
		agree(t, h)
	})
}
