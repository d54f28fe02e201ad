package reach

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"time"

	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/queue"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/team"
)

// Stage is what is being done for a portrait. It is stored in the database.
type Stage string

// The stages.
const (
	Idle    Stage = ""
	Waiting Stage = "waiting" // for its turn
	Reading Stage = "reading" // what came in is gone through
	Drawing Stage = "drawing" // the ties are looked at
)

// Progress is how far the work on a portrait is.
type Progress struct {
	Stage   Stage
	Done    int       // of a hundred
	AskedAt time.Time // when somebody asked for it; zero: nobody did
	DrawnAt time.Time // when the last portrait was drawn; zero: never
	NewsAt  time.Time // when the last came in that no portrait shows; zero: there is nothing
	Trouble string    // key of what went wrong the last time
}

const (
	tendEvery = time.Minute
	// The hours of the night, on the company's clock, in which portraits are drawn.
	nightFrom = 2
	nightTo   = 5
	// keepSnapshots is how many portraits are kept.
	keepSnapshots = 60
	// drawAgain is after how long a portrait that is not new any more is drawn again by itself.
	drawAgain = 20 * time.Hour
	// In the first days of a channel portraits are drawn by day too.
	freshFor  = 3 * 24 * time.Hour
	drawEarly = 10 * time.Minute
)

// drawJob draws a portrait.
type drawJob struct {
	Company team.CompanyID `json:"company" river:"unique"`
}

func (drawJob) Kind() string { return "reach.draw" }

// tendJob sees to it that nothing is left lying.
type tendJob struct{}

func (tendJob) Kind() string { return "reach.tend" }

// Register adds the room's jobs to the queue.
func (r *Room) Register(q *queue.Queue) {
	r.rooms.Queue = q
	queue.Handle(q, 10*time.Minute, func(ctx context.Context, j feedJob) error {
		if err := r.Feed(ctx, j.Company); err != nil {
			return err
		}
		company, err := r.rooms.Team.Company(ctx, j.Company)
		if err != nil || company.Filling {
			return err
		}
		return r.tend(ctx, company) // the first portrait is drawn at once
	})
	queue.Handle(q, 20*time.Minute, func(ctx context.Context, j drawJob) error {
		// Drawing leaves several times the memory that the house needs: it goes back at once.
		defer debug.FreeOSMemory()
		if err := r.Draw(ctx, j.Company); err != nil {
			return err
		}
		s, err := r.readSetting(ctx, j.Company)
		if err == nil && s.Work == Waiting { // asked for meanwhile
			return queue.Again(time.Second)
		}
		return err
	})
	queue.Handle(q, time.Minute, func(ctx context.Context, _ tendJob) error { return r.Tend(ctx) })
	queue.Handle(q, 30*time.Minute, func(ctx context.Context, j collectJob) error { return r.collectFor(ctx, j) })
	q.Every(tendEvery, queue.Options{Line: queue.Quick, MaxAttempts: 1, Unique: true}, tendJob{})
}

// Tend adds the jobs that are due: what came in and lies, what is from before, portraits at night, lists to read.
func (r *Room) Tend(ctx context.Context) error {
	companies, err := r.rooms.Team.Companies(ctx)
	if err != nil {
		return fmt.Errorf("reach.Tend: %w", err)
	}
	for _, c := range companies {
		if c.Filling {
			continue
		}
		if err := r.tend(ctx, c); err != nil {
			return fmt.Errorf("reach.Tend: %w", err)
		}
	}
	return nil
}

func (r *Room) tend(ctx context.Context, c team.Company) error {
	s, err := r.readSetting(ctx, c.ID)
	if err != nil {
		return err
	}
	behind, err := r.isBehind(ctx, c.ID)
	if err != nil {
		return err
	}
	now := r.rooms.Clock.Now()
	var jobs []queue.Job
	if behind || s.PastTo != pastDone {
		jobs = append(jobs, feedJob{c.ID})
	}
	due := r.drawDue(c, s, now)
	if !due && !c.Sample && !s.NewsAt.IsZero() && now.Sub(s.DrawnAt) > drawEarly {
		if due, err = r.fresh(ctx, c.ID, now); err != nil {
			return err
		}
	}
	if due && !behind {
		jobs = append(jobs, drawJob{c.ID})
	}
	if !c.Sample && s.Collect {
		due, err := r.collectDue(ctx, c.ID, now)
		if err != nil {
			return err
		}
		for _, ch := range due {
			jobs = append(jobs, collectJob{c.ID, ch})
		}
	}
	if len(jobs) == 0 || r.rooms.Queue == nil {
		return nil
	}
	return r.rooms.Store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		for _, j := range jobs {
			if err := r.rooms.Queue.Add(ctx, tx, j, queue.Options{Line: queue.Slow, Unique: true, MaxAttempts: 5}); err != nil {
				return err
			}
		}
		return nil
	})
}

// drawDue says whether a portrait is to be drawn by itself: the first one as soon as there is something, afterwards at night, and at once
// when somebody was erased.
func (r *Room) drawDue(c team.Company, s settingRow, now time.Time) bool {
	h := now.In(c.Location()).Hour()
	night := h >= nightFrom && h < nightTo
	switch {
	case s.PastTo != pastDone:
		return false
	case s.Anew > 0:
		return true
	case s.DrawnAt.IsZero():
		return !s.NewsAt.IsZero()
	case c.Sample:
		return false
	}
	return night && now.Sub(s.DrawnAt) > drawAgain
}

// fresh says whether a channel was connected so lately that what there is grows by the hour.
func (r *Room) fresh(ctx context.Context, c team.CompanyID, now time.Time) (bool, error) {
	channels, err := r.rooms.Networks.ChannelsByID(ctx, c)
	for _, ch := range channels {
		if now.Sub(ch.ConnectedAt) < freshFor {
			return true, err
		}
	}
	return false, err
}

// Draw goes through what lies, freezes and credits, measures what came of advice, draws the portrait and keeps it. A job calls it; it may
// be broken off anywhere and begun again.
func (r *Room) Draw(ctx context.Context, c team.CompanyID) error {
	err := r.drawAll(ctx, c)
	if err == nil {
		return nil
	}
	if fault.KindOf(err) == fault.NotFound && errors.Is(err, store.ErrMissing) {
		return nil // the company was removed meanwhile
	}
	if ctx.Err() == nil {
		if err := r.stage(ctx, c, Idle, 0, "reach.trouble.draw"); err != nil {
			return err
		}
	}
	return fmt.Errorf("reach.Draw: %w", err)
}

func (r *Room) drawAll(ctx context.Context, c team.CompanyID) error {
	if err := r.stage(ctx, c, Reading, 5, ""); err != nil {
		return err
	}
	if err := r.Feed(ctx, c); err != nil {
		return err
	}
	if err := r.stage(ctx, c, Reading, 40, ""); err != nil {
		return err
	}
	posts, err := r.unfrozen(ctx, c)
	if err != nil {
		return err
	}
	w, err := r.load(ctx, c)
	if err != nil {
		return err
	}
	if err := r.freeze(ctx, w, posts); err != nil {
		return err
	}
	if err := r.stage(ctx, c, Drawing, 60, ""); err != nil {
		return err
	}
	m, err := w.now(r.rooms.Clock.Now())
	if err != nil {
		return err
	}
	drawn, err := r.draw(m)
	if err != nil {
		return err
	}
	if err := r.stage(ctx, c, Drawing, 90, ""); err != nil {
		return err
	}
	return r.rooms.Store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		held, err := r.setting(ctx, tx, c)
		if err != nil {
			return err
		}
		if held.Anew != w.setting.Anew { // somebody was erased while the portrait was drawn: they are in it, and another is drawn
			held.Work, held.Done = Idle, 0
			return r.saveSetting(ctx, tx, held)
		}
		if err := r.credit(ctx, tx, m); err != nil {
			return err
		}
		if err := r.measure(ctx, tx, m); err != nil {
			return err
		}
		if err := r.keepSnapshot(ctx, tx, m, drawn); err != nil {
			return err
		}
		if err := r.advise(ctx, tx, held, m, drawn.Advised); err != nil {
			return err
		}
		held.DrawnAt, held.Work, held.Done, held.Trouble, held.Anew = m.Now, Idle, 0, "", 0
		if held.NewsAt.Equal(w.setting.NewsAt) { // else something came in while it was drawn, and is not in it
			held.NewsAt = zero
		}
		if held.AskedAt.After(m.Now) { // somebody asked while this one was drawn: it may lack what they ask for
			held.Work = Waiting
		} else {
			held.AskedAt = zero
		}
		if err := r.saveSetting(ctx, tx, held); err != nil {
			return err
		}
		return r.tell(ctx, tx, team.System(c))
	})
}

// stage notes how far the work is, for those who look at it.
func (r *Room) stage(ctx context.Context, c team.CompanyID, st Stage, done int, trouble string) error {
	return r.rooms.Store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		s, err := r.setting(ctx, tx, c)
		if err != nil {
			return err
		}
		s.Work, s.Done, s.Trouble = st, done, trouble
		if err := r.saveSetting(ctx, tx, s); err != nil {
			return err
		}
		return r.tell(ctx, tx, team.System(c))
	})
}

// Refresh has the portrait drawn now. It needs PeopleRead; while one that was asked for is being drawn, it does nothing.
func (r *Room) Refresh(ctx context.Context, actor team.Actor) error {
	if err := actor.May(team.PeopleRead); err != nil {
		return err
	}
	err := r.rooms.Store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		s, err := r.setting(ctx, tx, actor.Company)
		if err != nil {
			return err
		}
		if s.Work != Idle && r.rooms.Clock.Now().Sub(s.AskedAt) < 30*time.Minute {
			return nil
		}
		if err := r.askFor(ctx, tx, s); err != nil {
			return err
		}
		return r.tell(ctx, tx, actor)
	})
	if err != nil {
		return fmt.Errorf("reach.Refresh: %w", err)
	}
	return nil
}

// askFor has a portrait drawn as soon as one that is being drawn is done.
func (r *Room) askFor(ctx context.Context, tx *store.Tx, s *settingRow) error {
	s.Work, s.Done, s.AskedAt, s.Trouble = Waiting, 0, r.rooms.Clock.Now(), ""
	if err := r.saveSetting(ctx, tx, s); err != nil {
		return err
	}
	return r.rooms.Queue.Add(ctx, tx, drawJob{s.CompanyID}, queue.Options{Line: queue.Slow, Unique: true, MaxAttempts: 3})
}

// Progress tells how far the work on the portrait is. It needs PeopleRead.
func (r *Room) Progress(ctx context.Context, actor team.Actor) (Progress, error) {
	if err := actor.May(team.PeopleRead); err != nil {
		return Progress{}, err
	}
	s, err := r.readSetting(ctx, actor.Company)
	if err != nil {
		return Progress{}, fmt.Errorf("reach.Progress: %w", err)
	}
	return Progress{Stage: s.Work, Done: s.Done, AskedAt: s.AskedAt.UTC(), DrawnAt: s.DrawnAt.UTC(), NewsAt: s.NewsAt.UTC(), Trouble: s.Trouble}, nil
}

// LatestSnapshot gives the portrait that was drawn last; ok is false when there is none. It needs PeopleRead.
func (r *Room) LatestSnapshot(ctx context.Context, actor team.Actor) (s Snapshot, ok bool, err error) {
	if err := actor.May(team.PeopleRead); err != nil {
		return Snapshot{}, false, err
	}
	s, ok, err = r.latestSnapshot(ctx, actor.Company)
	if err != nil {
		return Snapshot{}, false, fmt.Errorf("reach.LatestSnapshot: %w", err)
	}
	return s, ok, nil
}
