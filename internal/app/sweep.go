package app

import (
	"context"
	"errors"
	"time"

	"github.com/ponte-desk/ponte/internal/queue"
)

// sweepJob clears away what has ended in rooms that have no jobs of their own.
type sweepJob struct{}

func (sweepJob) Kind() string { return "app.sweep" }

const (
	sweepEvery = time.Hour
	mediaGrace = 24 * time.Hour // far longer than any upload takes
)

func (a *App) registerSweep() {
	queue.Handle(a.Queue, 10*time.Minute, func(ctx context.Context, _ sweepJob) error {
		_, err := a.Media.Sweep(ctx, mediaGrace)
		return errors.Join(err, a.Signin.Sweep(ctx))
	})
	a.Queue.Every(sweepEvery, queue.Options{Line: queue.Slow, MaxAttempts: 1, Unique: true}, sweepJob{})
}
