package queue

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/ponte-desk/ponte/internal/store"
)

// lookEvery is how often a node looks for jobs of nodes that died.
const lookEvery = 20 * time.Second

// node shows on PostgreSQL that a process lives: while its connection stands it holds an advisory lock under its name, which the
// server lets go of when the process dies, whatever it dies of. What a dead node was at becomes available again; River itself
// would wait an hour for it, and a periodic job that is unique could not be added meanwhile.
type node struct {
	store *store.Store
	log   *slog.Logger
	name  string
	conn  *pgx.Conn
	stop  context.CancelFunc
	done  chan struct{}
}

// live takes the lock, frees what dead nodes were at, and goes on doing so until leave.
func (n *node) live(ctx context.Context) error {
	if err := n.hold(ctx); err != nil {
		return err
	}
	if err := n.bury(ctx); err != nil {
		return errors.Join(err, n.conn.Close(ctx))
	}
	ctx, n.stop = context.WithCancel(context.WithoutCancel(ctx))
	n.done = make(chan struct{})
	go func() {
		defer close(n.done)
		for t := time.NewTicker(lookEvery); ; {
			select {
			case <-ctx.Done():
				t.Stop()
				return
			case <-t.C:
			}
			err := n.conn.Ping(ctx)
			if err != nil {
				_ = n.conn.Close(ctx)
				err = n.hold(ctx)
			}
			if err == nil {
				err = n.bury(ctx)
			}
			if err != nil && ctx.Err() == nil {
				n.log.Warn("jobs of dead nodes could not be looked for", "err", err)
			}
		}
	}()
	return nil
}

// leave lets go of the lock.
func (n *node) leave(ctx context.Context) error {
	if n.stop == nil {
		return nil
	}
	n.stop()
	<-n.done
	return n.conn.Close(ctx)
}

// hold takes the lock on a connection of its own.
func (n *node) hold(ctx context.Context) error {
	conn, err := pgx.ConnectConfig(ctx, n.store.Pool().Config().ConnConfig.Copy())
	if err != nil {
		return fmt.Errorf("queue: %w", store.Fault(err))
	}
	n.conn = conn
	if _, err := conn.Exec(ctx, "SELECT pg_advisory_lock(hashtextextended($1, 0))", n.name); err != nil {
		return errors.Join(fmt.Errorf("queue: %w", store.Fault(err)), conn.Close(ctx))
	}
	return nil
}

// bury frees the jobs of nodes that hold their lock no more.
func (n *node) bury(ctx context.Context) error {
	rows, err := n.conn.Query(ctx, "SELECT DISTINCT attempted_by[array_upper(attempted_by, 1)] FROM river_job WHERE state = 'running'")
	if err != nil {
		return fmt.Errorf("queue: %w", store.Fault(err))
	}
	names, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return fmt.Errorf("queue: %w", store.Fault(err))
	}
	for _, name := range names {
		if name == n.name {
			continue
		}
		err := pgx.BeginFunc(ctx, n.conn, func(tx pgx.Tx) error {
			var dead bool
			if err := tx.QueryRow(ctx, "SELECT pg_try_advisory_xact_lock(hashtextextended($1, 0))", name).Scan(&dead); err != nil || !dead {
				return err
			}
			t, err := tx.Exec(ctx, "UPDATE river_job SET state = 'available' WHERE state = 'running' AND attempted_by[array_upper(attempted_by, 1)] = $1", name)
			if t.RowsAffected() > 0 {
				n.log.Info("jobs of a dead node run again", "node", name, "jobs", t.RowsAffected())
			}
			return err
		})
		if err != nil {
			return fmt.Errorf("queue: %w", store.Fault(err))
		}
	}
	return nil
}
