package queue

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/riverdriver/riversqlite"
	"github.com/riverqueue/river/rivermigrate"
	"github.com/riverqueue/river/rivertype"

	"github.com/ponte-desk/ponte/internal/store"
)

// Job is the description of a piece of work. It is kept as JSON; Kind is stored in the database and names the
// handler. Fields tagged `river:"unique"` make two jobs the same where Options.Unique is set.
type Job interface{ Kind() string }

// Line is a queue of its own with its own number of workers.
type Line string

// The lines of work.
const (
	Quick Line = "default" // short work that people wait for
	Send  Line = "send"    // bringing messages out
	Watch Line = "watch"   // long work that watches a channel
	Slow  Line = "slow"    // reading histories, sweeping, letters
	Think Line = "think"   // making models, and asking those of others
	Hook  Line = "hook"    // telling programs of companies, which may be slow
	Bring Line = "bring"   // bringing in archives, which takes long
)

// Options say how a job is to be run.
type Options struct {
	Line        Line      // "" is Quick
	At          time.Time // not before; zero: now
	MaxAttempts int       // 0: 10; a handler's error is tried again with growing pauses
	Unique      bool      // not added again while an equal job waits or runs
}

// Queue adds and runs jobs. Handlers are registered before Start.
type Queue struct {
	store    *store.Store
	log      *slog.Logger
	workers  *river.Workers
	periodic []*river.PeriodicJob
	poll     time.Duration
	lite     *river.Client[*sql.Tx]
	pg       *river.Client[pgx.Tx]
	node     *node // on PostgreSQL
}

// Config tunes a queue. The zero value is right for a running house.
type Config struct {
	// Poll is how often a line looks for work on SQLite, where nobody rings; 0: 400 ms.
	Poll time.Duration
}

// New makes a queue over a store.
func New(s *store.Store, log *slog.Logger, c Config) *Queue {
	if c.Poll == 0 {
		c.Poll = 400 * time.Millisecond
	}
	return &Queue{store: s, log: log, workers: river.NewWorkers(), poll: c.Poll}
}

// Migrate brings the job engine's own tables up to date. It is called after store.Migrate.
func Migrate(ctx context.Context, s *store.Store, log *slog.Logger) error {
	var err error
	if s.Dialect() == store.SQLite {
		var m *rivermigrate.Migrator[*sql.Tx]
		m, err = rivermigrate.New(riversqlite.New(s.WriteDB()), &rivermigrate.Config{Logger: log})
		if err == nil {
			_, err = m.Migrate(ctx, rivermigrate.DirectionUp, nil)
		}
	} else {
		var m *rivermigrate.Migrator[pgx.Tx]
		m, err = rivermigrate.New(riverpgxv5.New(s.Pool()), &rivermigrate.Config{Logger: log})
		if err == nil {
			_, err = m.Migrate(ctx, rivermigrate.DirectionUp, nil)
		}
	}
	if err != nil {
		return fmt.Errorf("queue.Migrate: %w", store.Fault(err))
	}
	return nil
}

// Handle registers the handler of a kind of job. timeout bounds one run; 0 means a minute, below 0 no bound.
// An error makes the job run again later unless it is made by Drop or Again.
func Handle[T Job](q *Queue, timeout time.Duration, f func(ctx context.Context, job T) error) {
	river.AddWorker(q.workers, &worker[T]{f: f, timeout: timeout})
}

type worker[T Job] struct {
	river.WorkerDefaults[T]
	f       func(ctx context.Context, job T) error
	timeout time.Duration
}

func (w *worker[T]) Timeout(*river.Job[T]) time.Duration { return w.timeout }

func (w *worker[T]) Work(ctx context.Context, job *river.Job[T]) error { return w.f(ctx, job.Args) }

// Again makes a handler's job wait d and run again, without counting as a failure.
func Again(d time.Duration) error { return river.JobSnooze(d) }

// Drop makes a handler's job end as failed and never run again.
func Drop(err error) error { return river.JobCancel(err) }

// Every registers a job that is added at each interval by one node, and once at start.
func (q *Queue) Every(interval time.Duration, o Options, job Job) {
	q.periodic = append(q.periodic, river.NewPeriodicJob(river.PeriodicInterval(interval),
		func() (river.JobArgs, *river.InsertOpts) { return job, insertOpts(o) },
		&river.PeriodicJobOpts{RunOnStart: true}))
}

func insertOpts(o Options) *river.InsertOpts {
	i := &river.InsertOpts{Queue: string(o.Line), ScheduledAt: o.At, MaxAttempts: o.MaxAttempts}
	if i.Queue == "" {
		i.Queue = string(Quick)
	}
	if i.MaxAttempts == 0 {
		i.MaxAttempts = 10
	}
	if o.Unique {
		i.UniqueOpts = river.UniqueOpts{ByArgs: true, ByState: []rivertype.JobState{
			rivertype.JobStateAvailable, rivertype.JobStatePending, rivertype.JobStateRunning,
			rivertype.JobStateRetryable, rivertype.JobStateScheduled,
		}}
	}
	return i
}

// Add records a job in a transaction: it exists if and only if the transaction is committed.
func (q *Queue) Add(ctx context.Context, tx *store.Tx, job Job, o Options) error {
	if err := q.open(); err != nil {
		return err
	}
	var err error
	if q.lite != nil {
		_, err = q.lite.InsertTx(ctx, tx.SQL(), job, insertOpts(o))
	} else {
		_, err = q.pg.InsertTx(ctx, tx.PGX(), job, insertOpts(o))
	}
	if err != nil {
		return fmt.Errorf("queue.Add %s: %w", job.Kind(), store.Fault(err))
	}
	return nil
}

// open makes the engine's client; Start and Add call it, so handlers may be registered until then.
func (q *Queue) open() error {
	if q.lite != nil || q.pg != nil {
		return nil
	}
	return errors.New("queue: Open was not called")
}

// Open makes the queue ready for Add. Handlers and periodic jobs must be registered before.
func (q *Queue) Open() error {
	cfg := &river.Config{
		Logger:  q.log,
		Workers: q.workers,
		Queues: map[string]river.QueueConfig{
			string(Quick): {MaxWorkers: 8},
			string(Send):  {MaxWorkers: 16},
			string(Watch): {MaxWorkers: 64},
			string(Slow):  {MaxWorkers: 2},
			string(Think): {MaxWorkers: 2},
			string(Hook):  {MaxWorkers: 4},
			string(Bring): {MaxWorkers: 2},
		},
		PeriodicJobs:                q.periodic,
		FetchCooldown:               min(100*time.Millisecond, q.poll),
		FetchPollInterval:           q.poll,
		CancelledJobRetentionPeriod: 7 * 24 * time.Hour,
		CompletedJobRetentionPeriod: 24 * time.Hour,
		DiscardedJobRetentionPeriod: 30 * 24 * time.Hour,
		SkipUnknownJobCheck:         true,
	}
	var err error
	if q.store.Dialect() == store.SQLite {
		q.lite, err = river.NewClient(riversqlite.New(q.store.WriteDB()), cfg)
	} else {
		cfg.FetchPollInterval = time.Second // a notification rings
		cfg.ID = "ponte." + rand.Text()
		q.node = &node{store: q.store, log: q.log, name: cfg.ID}
		q.pg, err = river.NewClient(riverpgxv5.New(q.store.Pool()), cfg)
	}
	if err != nil {
		return fmt.Errorf("queue.Open: %w", err)
	}
	return nil
}

// Start runs jobs until Stop.
func (q *Queue) Start(ctx context.Context) error {
	if err := q.open(); err != nil {
		return err
	}
	var err error
	if q.lite != nil {
		// On SQLite this is the only process, so whatever still counts as running was cut off with the last one.
		if _, err := q.store.WriteDB().ExecContext(ctx,
			"UPDATE river_job SET state = 'available' WHERE state = 'running'"); err != nil {
			return fmt.Errorf("queue.Start: %w", store.Fault(err))
		}
		err = q.lite.Start(ctx)
	} else {
		if err := q.node.live(ctx); err != nil {
			return fmt.Errorf("queue.Start: %w", err)
		}
		if err = q.pg.Start(ctx); err != nil {
			err = errors.Join(err, q.node.leave(ctx))
		}
	}
	if err != nil {
		return fmt.Errorf("queue.Start: %w", store.Fault(err))
	}
	return nil
}

// Stop lets running jobs finish until ctx is over, then cuts them off.
func (q *Queue) Stop(ctx context.Context) error {
	stop, cut := q.stopper()
	if stop == nil {
		return nil
	}
	err := stop(ctx)
	if errors.Is(err, context.DeadlineExceeded) {
		hard, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
		defer cancel()
		err = cut(hard)
	}
	if q.node != nil {
		err = errors.Join(err, q.node.leave(context.WithoutCancel(ctx)))
	}
	if err != nil {
		return fmt.Errorf("queue.Stop: %w", err)
	}
	return nil
}

func (q *Queue) stopper() (stop, cut func(context.Context) error) {
	switch {
	case q.lite != nil:
		return q.lite.Stop, q.lite.StopAndCancel
	case q.pg != nil:
		return q.pg.Stop, q.pg.StopAndCancel
	}
	return nil, nil
}
