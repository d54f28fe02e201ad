package presence

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"time"

	"github.com/ponte-desk/ponte/internal/audience"
	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/inbox"
	"github.com/ponte-desk/ponte/internal/live"
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
	Reading Stage = "reading" // what was said is gone through
)

// Progress is how far the work on a portrait is.
type Progress struct {
	Stage   Stage
	Read    int       // how much was gone through
	Drawn   time.Time // when the last portrait was drawn; zero: never, or somebody in it was erased
	Asked   time.Time // when somebody asked for it; zero: nobody did
	News    time.Time // when something last came in; zero: nothing did since this was built
	Trouble string    // key of what went wrong the last time
}

const (
	tendEvery = 30 * time.Second
	// The hours of the night, on the company's clock, in which portraits are drawn.
	nightFrom = 2
	nightTo   = 5
	// again is after how long a portrait that is not new any more is drawn again by itself.
	again = 20 * time.Hour
	// A history that comes in bit by bit is waited for so long.
	quiet = 20 * time.Second
	// While a history comes in, the portrait follows it.
	early    = 10 * time.Minute
	freshFor = 3 * 24 * time.Hour
	// newsEvery is how exactly it is noted when something came in.
	newsEvery = 5 * time.Second
)

// drawJob draws a portrait.
type drawJob struct {
	Company team.CompanyID `json:"company" river:"unique"`
}

func (drawJob) Kind() string { return "presence.draw" }

// tendJob sees to it that portraits are drawn.
type tendJob struct{}

func (tendJob) Kind() string { return "presence.tend" }

// Register adds the room's jobs to the queue.
func (r *Room) Register(q *queue.Queue) {
	r.rooms.Queue = q
	queue.Handle(q, 20*time.Minute, func(ctx context.Context, j drawJob) error {
		defer debug.FreeOSMemory() // drawing leaves more memory than the house needs
		if err := r.Draw(ctx, j.Company); err != nil {
			return err
		}
		s, err := r.readState(ctx, j.Company)
		if err == nil && s.Work == Waiting { // asked for meanwhile
			return queue.Again(time.Second)
		}
		return err
	})
	queue.Handle(q, time.Minute, func(ctx context.Context, _ tendJob) error { return r.Tend(ctx) })
	q.Every(tendEvery, queue.Options{Line: queue.Quick, MaxAttempts: 1, Unique: true}, tendJob{})
}

// Tend adds the jobs for the portraits that are due.
func (r *Room) Tend(ctx context.Context) error {
	companies, err := r.rooms.Team.Companies(ctx)
	if err != nil {
		return fmt.Errorf("presence.Tend: %w", err)
	}
	for _, c := range companies {
		if c.Filling {
			continue
		}
		due, err := r.due(ctx, c)
		if err == nil && due && r.rooms.Queue != nil {
			err = r.rooms.Store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error { return r.addDraw(ctx, tx, c.ID) })
		}
		if err != nil {
			return fmt.Errorf("presence.Tend: %w", err)
		}
	}
	return nil
}

func (r *Room) addDraw(ctx context.Context, tx *store.Tx, c team.CompanyID) error {
	if r.rooms.Queue == nil {
		return nil
	}
	return r.rooms.Queue.Add(ctx, tx, drawJob{c}, queue.Options{Line: queue.Slow, Unique: true, MaxAttempts: 5})
}

// due says whether a portrait is to be drawn by itself: the first one as soon as what comes in pauses, afterwards at night when there is
// something new, more often in the first days of a channel, and at once when somebody was erased.
func (r *Room) due(ctx context.Context, c team.Company) (bool, error) {
	s, err := r.readState(ctx, c.ID)
	if err != nil {
		return false, err
	}
	now := r.rooms.Clock.Now()
	news := !s.NewsAt.IsZero() && s.NewsAt.After(s.DrawnAt)
	paused := now.Sub(s.NewsAt) >= quiet
	h := now.In(c.Location()).Hour()
	switch {
	case s.Anew > 0:
		return true, nil
	case s.DrawnAt.IsZero() && s.NewsAt.IsZero(): // from before this was built, or nothing
		return r.any(ctx, c.ID)
	case s.DrawnAt.IsZero():
		return paused, nil
	case c.Sample || !news:
		return false, nil
	case h >= nightFrom && h < nightTo && now.Sub(s.DrawnAt) > again:
		return true, nil
	case !paused || now.Sub(s.DrawnAt) < early:
		return false, nil
	}
	channels, err := r.rooms.Networks.ChannelsByID(ctx, c.ID)
	for _, ch := range channels {
		if now.Sub(ch.ConnectedAt) < freshFor {
			return true, err
		}
	}
	return false, err
}

// any tells whether anything was ever said.
func (r *Room) any(ctx context.Context, c team.CompanyID) (bool, error) {
	vs, _, err := r.rooms.Inbox.Voices(ctx, c, "", 1)
	return len(vs) > 0, err
}

// came notes, in the transaction that takes something in, that there is something new.
func (r *Room) came(ctx context.Context, tx *store.Tx, c team.CompanyID, _ []inbox.InteractionID) error {
	if err := r.noteNews(ctx, tx, c, r.rooms.Clock.Now()); err != nil {
		return fmt.Errorf("presence.came: %w", err)
	}
	return nil
}

// Draw reads everything that was said and draws the portrait. A job calls it, and the command line; it may be broken off anywhere and begun
// again.
func (r *Room) Draw(ctx context.Context, c team.CompanyID) error {
	err := r.drawAll(ctx, c)
	if err == nil {
		return nil
	}
	if fault.KindOf(err) == fault.NotFound && errors.Is(err, store.ErrMissing) {
		return nil // the company was removed meanwhile
	}
	if ctx.Err() == nil {
		if err := r.stage(ctx, c, Idle, 0, "presence.trouble.draw"); err != nil {
			return err
		}
	}
	return fmt.Errorf("presence.Draw: %w", err)
}

func (r *Room) drawAll(ctx context.Context, c team.CompanyID) error {
	if err := r.stage(ctx, c, Reading, 0, ""); err != nil {
		return err
	}
	began, err := r.readState(ctx, c)
	if err != nil {
		return err
	}
	told := 0
	m, err := r.gather(ctx, c, func(read int) error {
		if read-told < 10*atOnce {
			return ctx.Err()
		}
		told = read
		return r.stage(ctx, c, Reading, read, "")
	})
	if err != nil {
		return err
	}
	p := draw(m)
	return r.rooms.Store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		s, err := r.state(ctx, tx, c)
		if err != nil {
			return err
		}
		s.Work, s.Read, s.Trouble = Idle, 0, ""
		if s.Anew != began.Anew { // somebody was erased meanwhile: they are in it, and another is drawn
			if err := r.saveState(ctx, tx, s); err != nil {
				return err
			}
			return r.addDraw(ctx, tx, c)
		}
		if err := s.setPortrait(p); err != nil {
			return err
		}
		s.DrawnAt, s.Anew = p.At, 0
		if s.AskedAt.After(p.At) { // somebody asked while this one was drawn: it may lack what they ask for
			s.Work = Waiting
		} else {
			s.AskedAt = time.Time{}
		}
		if err := r.saveState(ctx, tx, s); err != nil {
			return err
		}
		return r.tell(ctx, tx, c)
	})
}

// stage notes how far the work is, for those who look at it.
func (r *Room) stage(ctx context.Context, c team.CompanyID, st Stage, read int, trouble string) error {
	return r.rooms.Store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		s, err := r.state(ctx, tx, c)
		if err != nil {
			return err
		}
		s.Work, s.Read, s.Trouble = st, read, trouble
		if err := r.saveState(ctx, tx, s); err != nil {
			return err
		}
		return r.tell(ctx, tx, c)
	})
}

func (r *Room) tell(ctx context.Context, tx *store.Tx, c team.CompanyID) error {
	return r.rooms.Live.Tell(ctx, tx, live.Event{Company: string(c), Topic: live.Presence})
}

// Refresh has the portrait drawn now. It needs InboxRead; while one that was asked for is being drawn, it does nothing.
func (r *Room) Refresh(ctx context.Context, actor team.Actor) error {
	if err := actor.May(team.InboxRead); err != nil {
		return err
	}
	err := r.rooms.Store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		s, err := r.state(ctx, tx, actor.Company)
		if err != nil {
			return err
		}
		now := r.rooms.Clock.Now()
		if s.Work != Idle && now.Sub(s.AskedAt) < 30*time.Minute {
			return nil
		}
		s.Work, s.Read, s.AskedAt, s.Trouble = Waiting, 0, now, ""
		if err := r.saveState(ctx, tx, s); err != nil {
			return err
		}
		if err := r.addDraw(ctx, tx, actor.Company); err != nil {
			return err
		}
		return r.tell(ctx, tx, actor.Company)
	})
	if err != nil {
		return fmt.Errorf("presence.Refresh: %w", err)
	}
	return nil
}

// Progress tells how far the work on the portrait is. It needs InboxRead.
func (r *Room) Progress(ctx context.Context, actor team.Actor) (Progress, error) {
	if err := actor.May(team.InboxRead); err != nil {
		return Progress{}, err
	}
	s, err := r.readState(ctx, actor.Company)
	if err != nil {
		return Progress{}, fmt.Errorf("presence.Progress: %w", err)
	}
	return Progress{Stage: s.Work, Read: s.Read, Drawn: s.DrawnAt, Asked: s.AskedAt, News: s.NewsAt, Trouble: s.Trouble}, nil
}

// erase forgets the portrait that a person is in, and has another drawn without them: their words are in none, but their counts and the places of
// what they said are. Until then there is none.
func (r *Room) erase(ctx context.Context, tx *store.Tx, e audience.Erasure) (step audience.ErasureStep, err error) {
	s, err := r.state(ctx, tx, e.Company)
	if err == nil && e.Cursor == "" && len(e.Identities) > 0 {
		s.Anew++
		s.DrawnAt, s.Portrait = time.Time{}, ""
		if err = r.saveState(ctx, tx, s); err == nil {
			err = r.addDraw(ctx, tx, e.Company)
		}
		if err == nil {
			err = r.tell(ctx, tx, e.Company)
		}
	}
	if err != nil {
		return step, fmt.Errorf("presence.erase: %w", err)
	}
	return step, nil
}
