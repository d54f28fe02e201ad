package delivery

import (
	"context"
	"time"

	"github.com/ponte-desk/ponte/internal/store"
)

// follow gathers what is planned in the transactions of a step, to be taken on at once by the same worker: the next part of a
// thread, the next message of a channel. No job is made for it; when the worker is cut off, the watch finds it.
type follow struct{ ids []ID }

type followKey struct{}

func followOf(ctx context.Context) *follow {
	f, _ := ctx.Value(followKey{}).(*follow)
	return f
}

// followFor is how long a worker goes on taking further what was planned meanwhile; what is left then gets jobs of its own.
const followFor = 45 * time.Second

// run takes a delivery one step further, then what was planned meanwhile, as long as the worker has time. It says after how
// long the first one wants its next step.
func (d *Deliveries) run(ctx context.Context, id ID) (time.Duration, error) {
	f, until := &follow{}, time.Now().Add(followFor)
	again, err := d.Step(context.WithValue(ctx, followKey{}, f), id)
	if err != nil {
		d.leaveTo(ctx, f.ids, 0)
		return 0, err
	}
	for len(f.ids) > 0 {
		next := f.ids[0]
		f.ids = f.ids[1:]
		if ctx.Err() != nil || time.Now().After(until) {
			d.leaveTo(ctx, append([]ID{next}, f.ids...), 0)
			break
		}
		pause, err := d.Step(context.WithValue(ctx, followKey{}, f), next)
		if err != nil {
			d.log.Error("delivery: a step failed", "delivery", next, "error", err)
			pause = d.config.SettlePause
		}
		if pause > 0 {
			d.leaveTo(ctx, []ID{next}, pause)
		}
	}
	return again, nil
}

// leaveTo gives deliveries jobs of their own. What fails here is found by the watch.
func (d *Deliveries) leaveTo(ctx context.Context, ids []ID, pause time.Duration) {
	if len(ids) == 0 {
		return
	}
	err := d.store.InTx(context.WithoutCancel(ctx), func(ctx context.Context, tx *store.Tx) error {
		for _, id := range ids {
			if err := d.enqueue(ctx, tx, id, d.clock.Now().Add(pause)); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		d.log.Error("delivery: could not be given a job", "deliveries", len(ids), "error", err)
	}
}
