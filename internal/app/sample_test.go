package app_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ponte-desk/ponte/internal/app"
	"github.com/ponte-desk/ponte/internal/apptest"
	"github.com/ponte-desk/ponte/internal/clock"
	"github.com/ponte-desk/ponte/internal/merkle"
	"github.com/ponte-desk/ponte/internal/post"
	"github.com/ponte-desk/ponte/internal/record"
	"github.com/ponte-desk/ponte/internal/team"
)

// line is what a leaf of the record says, but for the names that are new each time.
type line struct {
	Kind    record.Kind
	At      time.Time
	Outcome record.Outcome
}

// recorded reads all that stands in a company's record.
func recorded(t *testing.T, a *app.App, c team.CompanyID) (out []line) {
	t.Helper()
	p, err := a.Growth.Page(t.Context(), c, "", 0, true)
	if err != nil {
		t.Fatal(err)
	}
	for n := int64(0); n*merkle.Width < p.Size; n++ {
		width := merkle.WidthAt(p.Size, 0, n)
		b, err := a.Growth.Entries(t.Context(), c, n, width)
		if err != nil {
			t.Fatal(err)
		}
		leaves, err := merkle.ParseBundle(b, width)
		if err != nil {
			t.Fatal(err)
		}
		for _, b := range leaves {
			l, err := record.Decode(b)
			if err != nil {
				t.Fatal(err)
			}
			out = append(out, line{l.Kind, l.At, l.Outcome})
		}
	}
	return out
}

// stands is where a post of the sample stands.
type stands struct {
	Preview string
	State   post.State
	At      time.Time
}

// planned reads the posts of a company.
func planned(t *testing.T, a *app.App, actor team.Actor) (out []stands) {
	t.Helper()
	l, err := a.Posts.List(t.Context(), actor, post.Filter{Limit: 100})
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range l.Entries {
		out = append(out, stands{e.Preview, e.Post.State, e.Post.At})
	}
	return out
}

// Who looks round the sample on a running house is told the same story as alone: its promises are months old and kept at their moment, and
// the jobs of the house, which would break them today, leave the company alone until it is told.
func TestTheSampleIsToldInPeace(t *testing.T) {
	t.Parallel()
	moment := time.Date(2026, 3, 12, 16, 20, 0, 0, time.UTC)
	quiet, err := app.New(t.Context(), apptest.Settings(t, ""), app.Deps{Careless: true, Clock: clock.NewManual(moment), Signin: apptest.Cheap()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = quiet.Stop(context.Background()) })
	c, owner, err := quiet.FillSample(t.Context(), team.Command(""))
	if err != nil {
		t.Fatal(err)
	}
	said := planned(t, quiet, owner.Actor(team.ViaScreen))
	if len(said) < 20 {
		t.Fatalf("%d posts", len(said))
	}
	want := recorded(t, quiet, c.ID)
	kinds := map[record.Kind]int{}
	for _, l := range want {
		kinds[l.Kind]++
	}
	if kinds[record.Promised] != 5 || kinds[record.Kept] != 3 || kinds[record.Broken] != 2 || kinds[record.Published] < 8 {
		t.Fatalf("the story says %v", kinds)
	}

	apptest.Each(t, func(t *testing.T, database string) {
		h := apptest.Start(t, apptest.Options{Database: database, Deps: app.Deps{Clock: clock.NewManual(moment)}})
		ctx, stop := context.WithCancel(t.Context())
		var jobs sync.WaitGroup
		var met, tried int
		jobs.Go(func() {
			for ctx.Err() == nil {
				for _, job := range []func(context.Context) error{h.Growth.BreakPast, h.Growth.LookOver, h.Growth.LookAgain, h.Growth.PrepareHeads, h.Verdicts.Tend, h.Posts.Due, h.Posts.Tend} {
					if err := job(ctx); err != nil && ctx.Err() == nil {
						t.Error(err)
					}
				}
				tried++
				cs, err := h.Team.Companies(ctx)
				if err == nil && len(cs) == 2 && cs[1].Filling {
					met++
				}
			}
		})
		c, owner, err := h.FillSample(t.Context(), h.Owner.Actor())
		stop()
		jobs.Wait()
		if err != nil {
			t.Fatal(err)
		}
		if met < 3 {
			t.Fatalf("the jobs met the story %d of %d times", met, tried)
		}
		if diff := cmp.Diff(want, recorded(t, h.App, c.ID)); diff != "" {
			t.Errorf("another story (-alone +on a running house):\n%.4000s", diff)
		}
		if diff := cmp.Diff(said, planned(t, h.App, owner.Actor(team.ViaScreen))); diff != "" {
			t.Errorf("other posts (-alone +on a running house):\n%.4000s", diff)
		}
		if c, err := h.Team.Company(t.Context(), c.ID); err != nil || c.Filling {
			t.Errorf("it is never at an end: %+v, %v", c, err)
		}
		// From now on its promises are broken like any other's.
		if err := h.Growth.BreakPast(t.Context()); err != nil {
			t.Error(err)
		}
	})
}

// A story that breaks off leaves nothing behind, and can be told again.
func TestHalfAStoryIsTakenAway(t *testing.T) {
	t.Parallel()
	h := apptest.Start(t, apptest.Options{})
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	go func() {
		for ctx.Err() == nil {
			if cs, err := h.Team.Companies(t.Context()); err == nil && len(cs) == 2 {
				if p, err := h.Growth.Page(t.Context(), cs[1].ID, "", 0, true); err == nil && p.Figures.Heard > 3 {
					stop()
				}
			}
		}
	}()
	if _, _, err := h.FillSample(ctx, h.Owner.Actor()); err == nil || !errors.Is(err, context.Canceled) {
		t.Fatalf("it was not cut off: %v", err)
	}
	if cs, err := h.Team.Companies(t.Context()); err != nil || len(cs) != 1 {
		t.Fatalf("%d companies, %v", len(cs), err)
	}
}
