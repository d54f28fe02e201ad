package network

import (
	"context"
	"time"

	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/team"
)

// What the tests of this room see of its inside.
var (
	Pace      = pace
	Pause     = pause
	Backoff   = backoff
	ErrOutrun = errOutrun
	ErrAgain  = errAgain
)

// Steps is a watcher that a test drives by hand.
type Steps struct{ w *watcher }

// Watcher starts to watch a channel by hand, as the generation that the database holds.
func (n *Networks) Watcher(ctx context.Context, c team.CompanyID, id ChannelID) (*Steps, error) {
	row, err := n.readChannel(ctx, c, id)
	if err != nil {
		return nil, err
	}
	w, err := n.newWatcher(ctx, watchJob{Company: c, Channel: id, Generation: row.WatchGeneration})
	return &Steps{w}, err
}

// Step does the next thing that is due.
func (s *Steps) Step(ctx context.Context) (time.Duration, error) { return s.w.step(ctx) }

// Ring is what a stream calls.
func (s *Steps) Ring(b Bell) { s.w.ring(b) }

// Beat writes the beat once.
func (s *Steps) Beat(ctx context.Context) (bool, error) {
	return s.w.n.beat(ctx, s.w.ch, s.w.n.clock.Now())
}

// SetRandom takes chance out of a test.
func (n *Networks) SetRandom(f func() float64) { n.random = f }

// Generation reads which generation of watchers a channel is at.
func (n *Networks) Generation(ctx context.Context, c team.CompanyID, id ChannelID) int {
	row, err := n.readChannel(ctx, c, id)
	if err != nil {
		panic(err)
	}
	return row.WatchGeneration
}

// ReadTo reads the cursor that is kept.
func (n *Networks) ReadTo(ctx context.Context, c team.CompanyID, id ChannelID) string {
	row, err := n.readChannel(ctx, c, id)
	if err != nil {
		panic(err)
	}
	return row.ReadTo
}

// StoredCredentials opens what is kept.
func (n *Networks) StoredCredentials(ctx context.Context, c team.CompanyID, id ChannelID) (Credentials, error) {
	row, err := n.readChannel(ctx, c, id)
	if err != nil {
		return Credentials{}, err
	}
	return n.credentials(row)
}

// Saver gives the function that a client opened now would save with.
func (n *Networks) Saver(ctx context.Context, c team.CompanyID, id ChannelID) func(context.Context, Credentials) error {
	row, err := n.readChannel(ctx, c, id)
	if err != nil {
		panic(err)
	}
	k := &keeper{n: n, company: row.Company, id: row.ID, grant: row.Grant, renewal: row.Renewal}
	return k.save
}

// SetWatchBeat makes a watcher look as if it had been heard of last at a moment.
func (n *Networks) SetWatchBeat(ctx context.Context, id ChannelID, at time.Time) error {
	return n.store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		return setBeat(ctx, tx, id, at)
	})
}

// StepHubs does what is due at hubs now, and gives how often.
func (n *Networks) StepHubs(ctx context.Context) (int, error) {
	due, err := n.hubsDue(ctx, n.clock.Now())
	for _, h := range due {
		if err := n.stepHub(ctx, h.Company, h.ID); err != nil {
			return 0, err
		}
	}
	return len(due), err
}

// PollAt tells when a watcher reads next.
func (s *Steps) PollAt() time.Time { return s.w.pollAt }
