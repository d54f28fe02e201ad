package team_test

import (
	"context"
	"errors"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ponte-desk/ponte/internal/clock"
	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/storetest"
	"github.com/ponte-desk/ponte/internal/team"
	"github.com/ponte-desk/ponte/internal/team/teamtest"
)

var founding = team.FoundIn{Name: "  Ceramiche   Arno ", OwnerName: "Livia Bandini", OwnerEmail: "Livia@Example.IT"}

func TestFoundWorksOnce(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		tm := team.New(s, clock.NewManual(teamtest.Start))
		if empty, err := tm.Empty(t.Context()); err != nil || !empty {
			t.Fatal(empty, err)
		}
		var mu sync.Mutex
		var won []team.Company
		var wg sync.WaitGroup
		for range 6 {
			wg.Go(func() {
				c, m, err := tm.Found(t.Context(), founding)
				mu.Lock()
				defer mu.Unlock()
				switch {
				case err == nil:
					won = append(won, c)
					if m.Role != team.Owner || m.Email != "livia@example.it" || m.Company != c.ID {
						t.Errorf("%+v", m)
					}
				case !errors.Is(err, team.ErrFounded):
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if len(won) != 1 {
			t.Fatalf("%d companies were founded at once", len(won))
		}
		got, err := tm.Company(t.Context(), won[0].ID)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(won[0], got); diff != "" {
			t.Error(diff)
		}
		if got.Name != "Ceramiche Arno" || got.Zone != "Europe/Rome" || got.Locale != "it" || got.Sample {
			t.Errorf("%+v", got)
		}
		if empty, err := tm.Empty(t.Context()); err != nil || empty {
			t.Error(empty, err)
		}
	})
}

func TestFoundNamesAllThatIsWrong(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		tm := team.New(s, clock.NewManual(teamtest.Start))
		_, _, err := tm.Found(t.Context(), team.FoundIn{Name: " ", Zone: "Europe/Atlantis", Locale: "fr", OwnerEmail: "livia"})
		got := map[string]string{}
		for _, f := range fault.Of(err).Fields {
			got[f.Name] = f.Key
		}
		want := map[string]string{
			"name": "team.text.missing", "zone": "team.zone.wrong", "locale": "team.locale.wrong",
			"owner_email": "team.email.wrong", "owner_name": "team.text.missing",
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
		if empty, err := tm.Empty(t.Context()); err != nil || !empty {
			t.Error("something was founded all the same", err)
		}
	})
}

func TestTheSampleComesAndGoes(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		b := teamtest.New(t, s)
		owner := b.Actors[team.Owner]
		if err := b.Team.RemoveSample(ctx, owner); !errors.Is(err, team.ErrNoSample) {
			t.Fatal(err)
		}
		var order []string
		b.Team.OnRemove(func(_ context.Context, _ *store.Tx, c team.CompanyID) error {
			order = append(order, "ground "+string(c))
			return nil
		})
		b.Team.OnRemove(func(_ context.Context, _ *store.Tx, c team.CompanyID) error {
			order = append(order, "upon it "+string(c))
			return nil
		})
		o := b.Other(t)
		if !o.Company.Sample {
			t.Error("not marked as sample")
		}
		if _, _, err := b.Team.FoundSample(ctx, owner, founding); !errors.Is(err, team.ErrSampleThere) {
			t.Error(err)
		}
		if _, _, err := b.Team.Invite(ctx, o.Actors[team.Owner], team.InviteIn{Email: "x@example.org", Role: team.Guest}); err != nil {
			t.Fatal(err)
		}
		before := teamtest.Rows(t, s, b.Company.ID)
		if left := teamtest.Rows(t, s, o.Company.ID); left["member"] != 6 || left["invitation"] != 1 || left["audit"] == 0 {
			t.Errorf("the sample has %v", left)
		}
		// The one who looks round the sample is its owner, and may press the button too.
		if err := b.Team.RemoveSample(ctx, o.Actors[team.Owner]); err != nil {
			t.Fatal(err)
		}
		if left := teamtest.Rows(t, s, o.Company.ID); len(left) != 0 {
			t.Errorf("left of the sample: %v", left)
		}
		want := []string{"upon it " + string(o.Company.ID), "ground " + string(o.Company.ID)}
		if diff := cmp.Diff(want, order); diff != "" {
			t.Error(diff)
		}
		after := teamtest.Rows(t, s, b.Company.ID)
		before["audit"]++ // the removal is remembered
		if diff := cmp.Diff(before, after); diff != "" {
			t.Error(diff)
		}
		if b.Other(t).Company.ID == o.Company.ID {
			t.Error("the same again")
		}
	})
}

// A sample whose story is being told is nobody's work until it is told, whatever else is changed of it.
func TestASampleIsFilled(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		b := teamtest.New(t, s)
		in := founding
		in.OwnerEmail, in.Filling = "olga@example.com", true
		c, m, err := b.Team.FoundSample(ctx, b.Actors[team.Owner], in)
		if err != nil || !c.Filling {
			t.Fatal(c, err)
		}
		owner := m.Actor(team.ViaScreen)
		if c, err = b.Team.ChangeCompany(ctx, owner, team.ChangeCompanyIn{Name: "Vetri", Zone: c.Zone, Locale: c.Locale, Settings: c.Settings}); err != nil || !c.Filling {
			t.Fatal(c, err)
		}
		both := []team.CompanyID{b.Company.ID, c.ID}
		work := func(want ...team.CompanyID) {
			t.Helper()
			got, err := b.Team.Working(ctx, both)
			if diff := cmp.Diff(want, got); diff != "" || err != nil {
				t.Error(diff, err)
			}
		}
		work(b.Company.ID)
		if err := b.Team.Filled(ctx, b.Actors[team.Owner]); !errors.Is(err, team.ErrNoSample) {
			t.Errorf("a real company is told to its end: %v", err)
		}
		work(b.Company.ID)
		if err := b.Team.Filled(ctx, owner); err != nil {
			t.Fatal(err)
		}
		work(both...)
		in.OwnerEmail = "altra@example.com"
		if _, _, err := team.New(s, b.Clock).Found(ctx, in); !errors.Is(err, team.ErrFounded) {
			t.Error(err)
		}
	})
}

func TestAnEmptyHouseTakesASampleByTheCommandLineOnly(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		tm := team.New(s, clock.NewManual(teamtest.Start))
		if _, _, err := tm.FoundSample(ctx, team.Actor{Via: team.ViaScreen}, founding); fault.KindOf(err) != fault.Denied {
			t.Fatal(err)
		}
		c, m, err := tm.FoundSample(ctx, team.Command(""), founding)
		if err != nil || !c.Sample {
			t.Fatal(c, err)
		}
		if err := tm.RemoveSample(ctx, m.Actor(team.ViaScreen)); !errors.Is(err, team.ErrSampleOnly) {
			t.Fatal(err)
		}
		if _, _, err := tm.Found(ctx, founding); !errors.Is(err, team.ErrFounded) {
			t.Error(err)
		}
	})
}
