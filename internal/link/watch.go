package link

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"time"

	"github.com/ponte-desk/ponte/internal/fetch"
	"github.com/ponte-desk/ponte/internal/queue"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/team"
)

// Trouble is why a target does not answer. It is stored in the database.
type Trouble string

// The troubles. A server that answers, but not to us (401, 403, 429), is none.
const (
	Gone    Trouble = "gone"    // there is no such page: 404, 410
	Nowhere Trouble = "nowhere" // its name leads nowhere
	Silent  Trouble = "silent"  // no answer in time, or no connection
	Failing Trouble = "failing" // the server fails: 500 and above
	Loop    Trouble = "loop"    // it sends on and on, or where nobody should follow
	Inside  Trouble = "inside"  // it leads into a private network
)

// How targets are watched.
const (
	watchEvery = time.Hour
	lookAgain  = 24 * time.Hour // a target that answers
	lookSooner = time.Hour      // one that does not
	lookMost   = 200            // in one go
	lookWait   = 10 * time.Second
	sweepEvery = 6 * time.Hour
	sweepMost  = 20_000 // rows in one transaction
)

type watchJob struct{}

func (watchJob) Kind() string { return "link.watch" }

type sweepJob struct{}

func (sweepJob) Kind() string { return "link.sweep" }

// Register adds the room's jobs to the queue.
func (l *Links) Register(q *queue.Queue) {
	queue.Handle(q, 20*time.Minute, func(ctx context.Context, _ watchJob) error { return l.Watch(ctx) })
	queue.Handle(q, 10*time.Minute, func(ctx context.Context, _ sweepJob) error { return l.Sweep(ctx) })
	q.Every(watchEvery, queue.Options{Line: queue.Slow, MaxAttempts: 1, Unique: true}, watchJob{})
	q.Every(sweepEvery, queue.Options{Line: queue.Slow, MaxAttempts: 1, Unique: true}, sweepJob{})
}

// Watch looks at the targets whose turn it is. A target is dead when it did not answer twice, an hour apart: servers rest sometimes.
// Of the sample company nothing leaves the house.
func (l *Links) Watch(ctx context.Context) error {
	if l.rooms.HTTP == nil {
		return nil
	}
	companies, err := l.rooms.Team.Companies(ctx)
	if err != nil {
		return fmt.Errorf("link.Watch: %w", err)
	}
	for _, c := range companies {
		if c.Sample || c.Filling {
			continue
		}
		now := l.rooms.Clock.Now()
		all, err := l.unwatched(ctx, c.ID, now.Add(-lookAgain), now.Add(-lookSooner), lookMost)
		if err != nil {
			return fmt.Errorf("link.Watch: %w", err)
		}
		asked := map[string]Trouble{} // many links lead to the same page
		for _, x := range all {
			t, known := asked[x.Target]
			if !known {
				t = l.look(ctx, x.Leads(x.Target))
				if ctx.Err() != nil { // the house is shutting down: that says nothing of the target
					return fmt.Errorf("link.Watch: %w", ctx.Err())
				}
				asked[x.Target] = t
			}
			if err := l.looked(ctx, x, t); err != nil {
				return fmt.Errorf("link.Watch: %w", err)
			}
		}
	}
	return nil
}

// Look looks at a link's target now. It needs LinksManage.
func (l *Links) Look(ctx context.Context, actor team.Actor, id ID) (Link, error) {
	if err := actor.May(team.LinksManage); err != nil {
		return Link{}, err
	}
	x, err := l.read(ctx, actor.Company, id)
	if err != nil {
		return x, fmt.Errorf("link.Look: %w", err)
	}
	company, err := l.rooms.Team.Company(ctx, actor.Company)
	if err != nil {
		return x, fmt.Errorf("link.Look: %w", err)
	}
	if l.rooms.HTTP == nil || company.Sample || !Web(x.Target) {
		return x, nil
	}
	if err := l.looked(ctx, x, l.look(ctx, x.Leads(x.Target))); err != nil {
		return x, fmt.Errorf("link.Look: %w", err)
	}
	return l.Get(ctx, team.System(actor.Company), id)
}

func (l *Links) look(ctx context.Context, target string) Trouble {
	visit, cancel := context.WithTimeout(ctx, lookWait)
	defer cancel()
	_, err := fetch.ReadPage(visit, l.rooms.HTTP, target)
	return troubleOf(err)
}

// looked keeps what was seen of a target, unless the link leads elsewhere by now.
func (l *Links) looked(ctx context.Context, x Link, t Trouble) error {
	return l.rooms.Store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		y, err := l.hold(ctx, tx, x.Company, x.ID)
		if err != nil || y.Target != x.Target {
			return err
		}
		now := l.rooms.Clock.Now()
		switch {
		case t == "":
			y.DeadSince = time.Time{}
		case y.Trouble != "" && y.DeadSince.IsZero() && now.Sub(y.CheckedAt) >= lookSooner:
			y.DeadSince = y.CheckedAt
		}
		y.Trouble, y.CheckedAt = t, now
		return l.save(ctx, tx, y)
	})
}

// DeadLinks gives the links whose target does not answer, at most ten. It needs LinksManage: who can put it right.
func (l *Links) DeadLinks(ctx context.Context, actor team.Actor) ([]Link, error) {
	if err := actor.May(team.LinksManage); err != nil {
		return nil, err
	}
	all, err := l.readList(ctx, actor.Company, Filter{State: Dead}, time.Time{}, "", 10)
	if err != nil {
		return nil, fmt.Errorf("link.DeadLinks: %w", err)
	}
	return all, nil
}

// troubleOf reads why a target did not answer.
func troubleOf(err error) Trouble {
	var status *fetch.StatusError
	var inside *fetch.InsideError
	var name *net.DNSError
	switch {
	case err == nil:
		return ""
	case errors.As(err, &status):
		switch {
		case status.Status == http.StatusNotFound || status.Status == http.StatusGone:
			return Gone
		case status.Status >= 500:
			return Failing
		}
		return ""
	case errors.As(err, &inside):
		return Inside
	case errors.Is(err, fetch.ErrRedirects), errors.Is(err, fetch.ErrDowngrade), errors.Is(err, fetch.ErrScheme):
		return Loop
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, os.ErrDeadlineExceeded):
		return Silent
	case errors.As(err, &name) && !name.IsTimeout:
		return Nowhere
	}
	return Silent
}

// Sweep forgets single visits that are older than the company keeps them. The sums stay.
func (l *Links) Sweep(ctx context.Context) error {
	companies, err := l.rooms.Team.Companies(ctx)
	if err != nil {
		return fmt.Errorf("link.Sweep: %w", err)
	}
	for _, c := range companies {
		if c.Filling {
			continue
		}
		s, err := l.settings(ctx, c.ID)
		if err != nil {
			return fmt.Errorf("link.Sweep: %w", err)
		}
		before := l.rooms.Clock.Now().AddDate(0, 0, -s.KeepDays)
		for n := int64(sweepMost); n == sweepMost; {
			err := l.rooms.Store.InTx(ctx, func(ctx context.Context, tx *store.Tx) (err error) {
				n, err = l.forgetVisits(ctx, tx, c.ID, before, sweepMost)
				return err
			})
			if err != nil {
				return fmt.Errorf("link.Sweep: %w", err)
			}
		}
	}
	return nil
}
