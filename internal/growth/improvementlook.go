package growth

import (
	"context"
	"fmt"
	"time"

	"github.com/ponte-desk/ponte/internal/audience"
	"github.com/ponte-desk/ponte/internal/queue"
	"github.com/ponte-desk/ponte/internal/record"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/team"
)

// past and nightly are the periodic jobs: what breaks promises whose day has passed; and what looks again, at night, whether
// changes worked, and prepares the week's post of the record's head.
type (
	past    struct{}
	nightly struct{}
)

func (past) Kind() string    { return "growth.promises" }
func (nightly) Kind() string { return "growth.nightly" }

const (
	pastEvery    = 15 * time.Minute
	nightlyEvery = time.Hour // nights fall at other hours elsewhere
	lookFrom     = 2         // o'clock, in the company's zone
)

// registerTimes adds what happens by the clock to the queue.
func (g *Growth) registerTimes(q *queue.Queue) {
	queue.Handle(q, 5*time.Minute, func(ctx context.Context, _ past) error { return g.BreakPast(ctx) })
	q.Every(pastEvery, queue.Options{Line: queue.Slow, MaxAttempts: 1, Unique: true}, past{})
	queue.Handle(q, 30*time.Minute, func(ctx context.Context, _ nightly) error {
		if err := g.PrepareHeads(ctx); err != nil {
			return err
		}
		return g.LookAgain(ctx)
	})
	q.Every(nightlyEvery, queue.Options{Line: queue.Slow, MaxAttempts: 1, Unique: true}, nightly{})
}

// effects are the lines of the diary for what the figures say.
var effects = map[record.Outcome]string{
	record.TooEarly: "effect_too_early", record.TooFew: "effect_too_few", record.Worked: "effect_worked", record.NotWorked: "effect_not_worked",
}

// LookAgain computes anew whether published changes worked, each once a day in its first year, in every company where
// it is past two in the morning. The record gets a leaf when the outcome is another; the older leaf stays.
func (g *Growth) LookAgain(ctx context.Context) error {
	companies, err := g.rooms.Team.Companies(ctx)
	if err != nil {
		return fmt.Errorf("growth.LookAgain: %w", err)
	}
	for _, c := range companies {
		now := g.rooms.Clock.Now()
		today := startOf(dayOf(now, c.Location()), c.Location())
		if now.Sub(today) < lookFrom*time.Hour || c.Filling {
			continue
		}
		if err := g.inBatches(ctx, func(ctx context.Context, tx *store.Tx) (bool, error) { return g.lookAgain(ctx, tx, c, now, today) }); err != nil {
			return fmt.Errorf("growth.LookAgain: %w", err)
		}
	}
	return nil
}

// BringUpToDate does in one company, also while its story is told, what the periodic jobs would have done by now: it says what was left
// undecided, breaks the promises whose day has passed and looks whether changes worked.
func (g *Growth) BringUpToDate(ctx context.Context, id team.CompanyID) error {
	c, err := g.rooms.Team.Company(ctx, id)
	if err != nil {
		return fmt.Errorf("growth.BringUpToDate: %w", err)
	}
	now := g.rooms.Clock.Now()
	today := startOf(dayOf(now, c.Location()), c.Location())
	for _, step := range []func(ctx context.Context, tx *store.Tx) (bool, error){
		func(ctx context.Context, tx *store.Tx) (bool, error) { return g.lookOver(ctx, tx, id, now) },
		func(ctx context.Context, tx *store.Tx) (bool, error) { return g.breakPast(ctx, tx, id, now) },
		func(ctx context.Context, tx *store.Tx) (bool, error) { return g.lookAgain(ctx, tx, c, now, today) },
	} {
		if err := g.inBatches(ctx, step); err != nil {
			return fmt.Errorf("growth.BringUpToDate: %w", err)
		}
	}
	return nil
}

// lookAgain looks at a batch of a company's improvements and tells whether there may be more.
func (g *Growth) lookAgain(ctx context.Context, tx *store.Tx, c team.Company, now, today time.Time) (more bool, err error) {
	if err := g.alone(ctx, tx, c.ID); err != nil {
		return false, err
	}
	// A day more than the window after a change, so that its last day is looked at.
	is, err := g.unlooked(ctx, c.ID, today, now.AddDate(0, 0, -daysAfterMax-2), batch)
	if err != nil || len(is) == 0 {
		return false, err
	}
	for _, i := range is {
		before := i.Trend.Outcome
		if i.Trend, err = g.trendSince(ctx, c, i.Case, i.Since); err != nil {
			return false, err
		}
		i.CheckedAt = now
		if err := g.saveImprovement(ctx, tx, i); err != nil {
			return false, err
		}
		if i.Trend.Outcome == before {
			continue
		}
		if _, err := g.ink(ctx, tx, c.ID, i.effect()); err != nil {
			return false, err
		}
		if err := g.diary(ctx, tx, team.System(c.ID), i.Case, effects[i.Trend.Outcome], nil); err != nil {
			return false, err
		}
	}
	return len(is) == batch, g.touched(ctx, tx, c.ID)
}

// trendSince compares the complaints of a case before and after a moment.
func (g *Growth) trendSince(ctx context.Context, c team.Company, id CaseID, since time.Time) (Trend, error) {
	rows, err := g.ofCase(ctx, c.ID, id)
	if err != nil {
		return Trend{}, err
	}
	ids := make([]audience.IdentityID, len(rows))
	for n, r := range rows {
		ids[n] = r.IdentityID
	}
	who, err := g.who(ctx, c.ID, ids)
	if err != nil {
		return Trend{}, err
	}
	cs := make([]complaint, len(rows))
	for n, r := range rows {
		cs[n] = complaint{who: speaker(r.ID, who[r.IdentityID]), at: r.SaidAt}
	}
	return trendOf(cs, since, g.rooms.Clock.Now(), c.Location()), nil
}

// trendOfCase compares the complaints of a case before and after it was changed; a case that is not changed has no trend.
func (g *Growth) trendOfCase(ctx context.Context, k Case) (Trend, error) {
	if k.ChangedAt.IsZero() {
		return Trend{}, nil
	}
	company, err := g.rooms.Team.Company(ctx, k.Company)
	if err != nil {
		return Trend{}, err
	}
	return g.trendSince(ctx, company, k.ID, k.ChangedAt)
}
