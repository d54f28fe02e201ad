package audience_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/ponte-desk/ponte/internal/audience"
	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/storetest"
	"github.com/ponte-desk/ponte/internal/team"
	"github.com/ponte-desk/ponte/internal/team/teamtest"
)

type bed struct {
	*teamtest.Bed
	a *audience.Audience
}

func each(t *testing.T, f func(t *testing.T, b bed)) {
	t.Helper()
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		tb := teamtest.New(t, s)
		f(t, bed{tb, audience.New(s, tb.Clock, tb.Team)})
	})
}

func (b bed) observe(t *testing.T, n network.Name, as ...network.Author) map[string]audience.IdentityID {
	t.Helper()
	var ids map[string]audience.IdentityID
	err := b.Store.InTx(t.Context(), func(ctx context.Context, tx *store.Tx) (err error) {
		seen := map[string]time.Time{}
		for _, a := range as {
			seen[a.RemoteID] = b.Clock.Now()
		}
		ids, err = b.a.Observe(ctx, tx, b.Company.ID, n, as, seen)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return ids
}

func (b bed) find(t *testing.T, q string) []audience.Person {
	t.Helper()
	ps, _, err := b.a.Find(t.Context(), b.Actor(team.Community), q, "", 50)
	if err != nil {
		t.Fatal(err)
	}
	return ps
}

func TestOneAccountIsOneIdentity(t *testing.T) {
	each(t, func(t *testing.T, b bed) {
		first := b.observe(t, network.Mastodon, network.Author{RemoteID: "7", Handle: "Elena@arezzo.example", Name: "Elena Corsi"})
		// Another server numbers the same account otherwise and writes it otherwise.
		again := b.observe(t, network.Mastodon, network.Author{RemoteID: "911", Handle: "elena@arezzo.example", Name: "Elena Corsi"})
		if first["7"] == "" || first["7"] != again["911"] {
			t.Fatalf("%v and %v", first, again)
		}
		b.observe(t, network.Bluesky, network.Author{RemoteID: "did:plc:x", Handle: "elena.example", Name: "Elena"})
		if n := len(b.find(t, "")); n != 2 {
			t.Fatalf("%d people; the same handle elsewhere is no proof", n)
		}
		// A new name is taken over, until a member gives one.
		b.observe(t, network.Mastodon, network.Author{RemoteID: "7", Handle: "elena@arezzo.example", Name: "Elena C."})
		p := b.find(t, "elena c")[0]
		if p.Name != "Elena C." {
			t.Fatalf("%+v", p)
		}
		if err := b.a.Rename(t.Context(), b.Actor(team.Community), p.ID, "La signora del blu"); err != nil {
			t.Fatal(err)
		}
		b.observe(t, network.Mastodon, network.Author{RemoteID: "7", Handle: "elena@arezzo.example", Name: "Altro Nome"})
		if p := b.find(t, "elena@arezzo")[0]; p.Name != "La signora del blu" || !p.Named {
			t.Fatalf("%+v", p)
		}
		if err := b.a.Rename(t.Context(), b.Actor(team.Community), p.ID, ""); err != nil {
			t.Fatal(err)
		}
		if p := b.find(t, "altro")[0]; p.Named || p.Name != "Altro Nome" {
			t.Fatalf("%+v", p)
		}
	})
}

func TestFindWithoutAccentsByAnyWord(t *testing.T) {
	each(t, func(t *testing.T, b bed) {
		b.observe(t, network.Mastodon,
			network.Author{RemoteID: "1", Handle: "nico@x.example", Name: "Nicolò D'Àngelo"},
			network.Author{RemoteID: "2", Handle: "percento@x.example", Name: "100% Terra_cotta"})
		for q, want := range map[string]int{"nicolo": 1, "NICOLÒ": 1, "@nico": 1, "d'angelo": 1, "zzz": 0, "%": 0, "_": 0, "100%": 1, "": 2} {
			if got := len(b.find(t, q)); got != want {
				t.Errorf("%q finds %d, want %d", q, got, want)
			}
		}
	})
}

func TestPeoplePageWithoutGaps(t *testing.T) {
	each(t, func(t *testing.T, b bed) {
		var as []network.Author
		for i := range 23 {
			as = append(as, network.Author{RemoteID: fmt.Sprint(i), Handle: fmt.Sprintf("p%d@x.example", i)})
		}
		b.observe(t, network.Mastodon, as...)
		seen := map[audience.PersonID]bool{}
		for cursor := ""; ; {
			ps, next, err := b.a.Find(t.Context(), b.Actor(team.Guest), "", cursor, 5)
			if err != nil {
				t.Fatal(err)
			}
			for _, p := range ps {
				if seen[p.ID] {
					t.Fatal("twice")
				}
				seen[p.ID] = true
			}
			if cursor = next; cursor == "" {
				break
			}
		}
		if len(seen) != 23 {
			t.Fatalf("%d of 23", len(seen))
		}
	})
}

func TestMergeAndItsUndo(t *testing.T) {
	each(t, func(t *testing.T, b bed) {
		ctx, actor := t.Context(), b.Actor(team.Community)
		b.observe(t, network.Mastodon, network.Author{RemoteID: "1", Handle: "elena@x.example", Name: "Elena Corsi"})
		b.observe(t, network.Bluesky, network.Author{RemoteID: "did:plc:e", Handle: "elena.example", Name: "Elena impasta"})
		kept, gone := b.find(t, "elena corsi")[0], b.find(t, "elena impasta")[0]
		if _, err := b.a.AddNote(ctx, actor, gone.ID, "Fa la spesa il sabato"); err != nil {
			t.Fatal(err)
		}
		if _, err := b.a.MergePeople(ctx, actor, kept.ID, kept.ID); fault.KindOf(err) != fault.Invalid {
			t.Fatalf("%v", err)
		}
		m, err := b.a.MergePeople(ctx, actor, kept.ID, gone.ID)
		if err != nil {
			t.Fatal(err)
		}
		p, err := b.a.Person(ctx, actor, kept.ID)
		if err != nil || len(p.Identities) != 2 {
			t.Fatalf("%+v, %v", p, err)
		}
		if ns, err := b.a.Notes(ctx, actor, kept.ID); err != nil || len(ns) != 1 {
			t.Fatalf("%v, %v", ns, err)
		}
		if _, err := b.a.Person(ctx, actor, gone.ID); fault.KindOf(err) != fault.NotFound {
			t.Fatalf("%v", err)
		}
		// What they write later joins the kept one.
		b.observe(t, network.Bluesky, network.Author{RemoteID: "did:plc:e", Handle: "elena.example", Name: "Elena impasta"})
		if n := len(b.find(t, "")); n != 1 {
			t.Fatalf("%d people", n)
		}
		if ms, err := b.a.Merges(ctx, actor, kept.ID); err != nil || len(ms) != 1 || ms[0].ID != m {
			t.Fatalf("%+v, %v", ms, err)
		}
		if err := b.a.UndoMerge(ctx, actor, m); err != nil {
			t.Fatal(err)
		}
		if err := b.a.UndoMerge(ctx, actor, m); fault.KindOf(err) != fault.Conflict {
			t.Fatalf("undone twice: %v", err)
		}
		back, err := b.a.Person(ctx, actor, gone.ID)
		if err != nil || back.Name != "Elena impasta" || len(back.Identities) != 1 || back.Identities[0].Network != network.Bluesky {
			t.Fatalf("%+v, %v", back, err)
		}
		if ns, err := b.a.Notes(ctx, actor, gone.ID); err != nil || len(ns) != 1 {
			t.Fatalf("the note did not come back: %v, %v", ns, err)
		}
	})
}

func TestManyChannelsSeeTheSameAccountAtOnce(t *testing.T) {
	each(t, func(t *testing.T, b bed) {
		errs := make(chan error, 8)
		for range 8 {
			go func() {
				errs <- b.Store.InTx(context.WithoutCancel(t.Context()), func(ctx context.Context, tx *store.Tx) error {
					_, err := b.a.Observe(ctx, tx, b.Company.ID, network.Mastodon, []network.Author{{RemoteID: "1", Handle: "a@x.example"}, {RemoteID: "2", Handle: "b@x.example"}}, nil)
					return err
				})
			}()
		}
		for range 8 {
			if err := <-errs; err != nil {
				t.Error(err)
			}
		}
		if ps := b.find(t, ""); len(ps) != 2 || len(ps[0].Identities) != 1 {
			t.Fatalf("%+v", ps)
		}
	})
}

func TestRolesAndCompanies(t *testing.T) {
	each(t, func(t *testing.T, b bed) {
		b.observe(t, network.Mastodon, network.Author{RemoteID: "1", Handle: "a@x.example", Name: "A"})
		p := b.find(t, "")[0]
		for _, r := range team.Roles {
			actor := b.Actor(r)
			_, err := b.a.Person(t.Context(), actor, p.ID)
			if got, want := fault.KindOf(err) != fault.Denied, r.Can(team.PeopleRead); got != want {
				t.Errorf("%s reads: %v", r, err)
			}
			err = b.a.Rename(t.Context(), actor, p.ID, "B")
			if got, want := fault.KindOf(err) != fault.Denied, slices.Contains([]team.Role{team.Owner, team.Community}, r); got != want {
				t.Errorf("%s renames: %v", r, err)
			}
		}
		other := b.Other(t).Actor(team.Owner)
		if _, err := b.a.Person(t.Context(), other, p.ID); fault.KindOf(err) != fault.NotFound {
			t.Errorf("another company reads: %v", err)
		}
		if err := b.a.Rename(t.Context(), other, p.ID, "C"); fault.KindOf(err) != fault.NotFound {
			t.Errorf("another company renames: %v", err)
		}
	})
}

// Two channels that bring the same people at once, in different order and with new names, do not block each other.
func TestTwoChannelsSeeTheSamePeopleInDifferentOrder(t *testing.T) {
	each(t, func(t *testing.T, b bed) {
		const people, rounds = 60, 8
		errs := make(chan error, 2*rounds)
		observe := func(round int, back bool) error {
			authors := make([]network.Author, people)
			seen := map[string]time.Time{}
			for i := range authors {
				id := fmt.Sprint("p", i)
				authors[i] = network.Author{RemoteID: id, Handle: id + "@x.example", Name: fmt.Sprint("Nome ", round, back)}
				seen[id] = b.Clock.Now().Add(time.Duration(round*people+i) * time.Hour)
			}
			if back {
				slices.Reverse(authors)
			}
			return b.Store.InTx(context.WithoutCancel(t.Context()), func(ctx context.Context, tx *store.Tx) error {
				_, err := b.a.Observe(ctx, tx, b.Company.ID, network.Mastodon, authors, seen)
				return err
			})
		}
		if err := observe(0, false); err != nil {
			t.Fatal(err)
		}
		for _, back := range []bool{false, true} {
			go func() {
				for round := range rounds {
					errs <- observe(round+1, back)
				}
			}()
		}
		for range 2 * rounds {
			if err := <-errs; err != nil {
				t.Error(err)
			}
		}
	})
}
