package queue

import (
	"context"
	"fmt"
	"time"

	"github.com/ponte-desk/ponte/internal/store"
)

// Backlog says how much work there is.
type Backlog struct {
	Due      int // could run now and does not yet
	Running  int
	Retrying int       // failed and will be tried again
	Failed   int       // given up; kept for 30 days
	Oldest   time.Time // since when the oldest due job waits; zero: none does
}

// Backlog counts the jobs.
func (q *Queue) Backlog(ctx context.Context) (Backlog, error) {
	var b Backlog
	var rows []struct {
		State string
		N     int
	}
	db := q.store.Read(ctx)
	if err := db.NewRaw("SELECT CAST(state AS TEXT) AS state, count(*) AS n FROM river_job WHERE state IN ('running', 'retryable', 'discarded') GROUP BY state").
		Scan(ctx, &rows); err != nil {
		return Backlog{}, fmt.Errorf("queue.Backlog: %w", store.Fault(err))
	}
	for _, r := range rows {
		switch r.State {
		case "running":
			b.Running = r.N
		case "retryable":
			b.Retrying = r.N
		case "discarded":
			b.Failed = r.N
		}
	}
	// The engine keeps its times as it likes, so the age comes as seconds.
	age := "unixepoch(min(scheduled_at))"
	if q.store.Dialect() == store.Postgres {
		age = "CAST(extract(epoch FROM min(scheduled_at)) AS BIGINT)"
	}
	var oldest *int64
	if err := db.NewRaw("SELECT count(*), "+age+" FROM river_job WHERE state = 'available'").Scan(ctx, &b.Due, &oldest); err != nil {
		return Backlog{}, fmt.Errorf("queue.Backlog: %w", store.Fault(err))
	}
	if oldest != nil {
		b.Oldest = time.Unix(*oldest, 0).UTC()
	}
	return b, nil
}
