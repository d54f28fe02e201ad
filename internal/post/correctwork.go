package post

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/ponte-desk/ponte/internal/delivery"
	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/queue"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/team"
)

// correctFor is how long a correction is tried before people decide.
const correctFor = 24 * time.Hour

func (p *Posts) workCorrection(ctx context.Context, j correctionJob) error {
	again, err := p.Correct(ctx, j.Company, j.Correction)
	if err != nil {
		return err
	}
	if again > 0 {
		return queue.Again(again)
	}
	return nil
}

// Correct takes a correction as far as it goes, message by message, and says after how long it wants to go on, 0 for never by
// itself. It may be called any number of times by any process: the same edit again changes nothing, and what is gone is gone.
func (p *Posts) Correct(ctx context.Context, company team.CompanyID, id CorrectionID) (time.Duration, error) {
	for {
		c, err := p.correction(ctx, company, id)
		if fault.KindOf(err) == fault.NotFound {
			return 0, nil
		}
		if err != nil {
			return 0, fmt.Errorf("post.Correct: %w", err)
		}
		if c.State != CorrectionWorking {
			return 0, nil
		}
		if wait := c.lookAt.Sub(p.rooms.Clock.Now()); wait > 0 {
			return wait, nil
		}
		next := slices.IndexFunc(c.Targets, func(t PartID) bool { return !slices.Contains(c.Done, t) })
		if next < 0 {
			return 0, p.finish(ctx, company, c)
		}
		if again, err := p.correctOne(ctx, company, c, c.Targets[next]); again > 0 || err != nil {
			return again, err
		}
	}
}

// correctOne changes one message on its network and writes down what came of it.
func (p *Posts) correctOne(ctx context.Context, company team.CompanyID, c Correction, target PartID) (time.Duration, error) {
	x, _, err := p.partAndVariant(ctx, company, target)
	if err != nil {
		return 0, fmt.Errorf("post.Correct: %w", err)
	}
	_, stop, err := p.readSettings(ctx, company)
	if err != nil {
		return 0, fmt.Errorf("post.Correct: %w", err)
	}
	if stop != nil && c.Kind == Edited { // what is taken down is taken down while everything is paused too
		return time.Minute, nil
	}
	receipt, failed := p.call(ctx, company, c, x)
	// What happened on the network has happened: it is written down even when the house is shutting down.
	ctx = context.WithoutCancel(ctx)
	var again time.Duration
	err = p.rooms.Store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		if err := p.alone(ctx, tx, company); err != nil {
			return err
		}
		now := p.rooms.Clock.Now()
		fresh, err := p.correction(ctx, company, c.ID)
		if err != nil || fresh.State != CorrectionWorking {
			return err
		}
		if failed != nil {
			again = fresh.refused(failed, now)
			if err := p.saveCorrection(ctx, tx, company, fresh); err != nil {
				return err
			}
			if fresh.State == CorrectionFailed {
				if err := p.worry(ctx, tx, worryOf(company, fresh)); err != nil {
					return err
				}
			}
			return p.tell(ctx, tx, team.System(company), c.Post)
		}
		fresh.Done, fresh.Trouble, fresh.tries = append(fresh.Done, target), nil, 0
		if err := p.saveCorrection(ctx, tx, company, fresh); err != nil {
			return err
		}
		if c.Kind == Edited {
			x.Content, x.EditedAt = c.Parts[target], now
			if receipt.Version != "" {
				x.Version = receipt.Version
			}
			if receipt.Media != nil {
				x.files = receipt.Media
			}
		} else {
			x.State, x.GoneAt = PartGone, now
		}
		return p.savePart(ctx, tx, company, x)
	})
	if err != nil {
		return 0, fmt.Errorf("post.Correct: %w", err)
	}
	return again, nil
}

// call does to one message what is wanted. Of the sample company nothing leaves the house.
func (p *Posts) call(ctx context.Context, company team.CompanyID, c Correction, x Part) (network.Receipt, error) {
	all, err := p.rooms.Networks.ChannelsByID(ctx, company)
	if err != nil || all[x.Channel].Sample {
		return network.Receipt{}, err
	}
	if c.Kind == Taken {
		return network.Receipt{}, p.rooms.Networks.Retract(ctx, company, x.Channel, x.RemoteID)
	}
	d, err := p.rooms.Deliveries.Get(ctx, company, x.Delivery)
	if err != nil {
		return network.Receipt{}, err
	}
	m := messageOf(c.Parts[x.ID], d.Message.ReplyRoot, d.Message.ReplyTo)
	m.Media = slices.Clone(m.Media)
	for i := range m.Media { // what stands there already is not sent again
		for n, old := range x.Content.Media {
			if old.MediaID == m.Media[i].MediaID && old.Form.Same(m.Media[i].Form) && n < len(x.files) {
				m.Media[i].RemoteID = x.files[n]
			}
		}
	}
	out, err := p.rooms.Deliveries.Outgoing(ctx, company, string(d.ID), d.PreparedAt, m)
	if err != nil {
		return network.Receipt{}, &network.Problem{Verdict: network.Never, Key: "delivery.trouble.media", Err: err}
	}
	return p.rooms.Networks.Edit(ctx, company, x.Channel, x.RemoteID, out)
}

// refused reads what went wrong: later, or not at all.
func (c *Correction) refused(err error, now time.Time) time.Duration {
	problem := &network.Problem{Verdict: network.Later, Key: network.ProblemUnknown, Err: err}
	var known *network.Problem
	var said *fault.Error
	pause := min(10*time.Second<<min(c.tries, 8), 10*time.Minute)
	switch {
	case errors.As(err, &known):
		problem, pause = known, max(pause, known.RetryAfter)
	case errors.As(err, &said):
		problem.Key, problem.Args, pause = said.Key, said.Args, max(pause, said.RetryAfter)
	}
	since := now
	if c.Trouble != nil && c.Trouble.Key == problem.Key {
		since = c.Trouble.Since
	}
	c.Trouble = &delivery.Trouble{Key: problem.Key, Args: problem.Args, Verdict: problem.Verdict, Since: since}
	if fault.KindOf(err) == fault.Limited && problem == known { // too much at once is no try
		c.lookAt = now.Add(pause)
		return pause
	}
	c.tries++
	if problem.Verdict != network.Later && !problem.Uncertain || now.Sub(c.At) > correctFor {
		c.State, c.lookAt = CorrectionFailed, zero
		return 0
	}
	c.lookAt = now.Add(pause)
	return pause
}

// finish ends a correction of which everything is done.
func (p *Posts) finish(ctx context.Context, company team.CompanyID, c Correction) error {
	err := p.rooms.Store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		if err := p.alone(ctx, tx, company); err != nil {
			return err
		}
		c.State, c.DoneAt, c.lookAt, c.Trouble = CorrectionDone, p.rooms.Clock.Now(), zero, nil
		if err := p.saveCorrection(ctx, tx, company, c); err != nil {
			return err
		}
		rows, err := p.variantRows(ctx, company, c.Post)
		if err != nil {
			return err
		}
		for _, r := range rows {
			parts, err := p.partsOfVariant(ctx, company, r.ID)
			if err != nil {
				return err
			}
			gone := len(parts) > 0
			for _, x := range parts {
				gone = gone && (x.State == PartGone || x.State == PartWaiting || x.State == PartFailed)
			}
			if c.Kind == Taken && gone && slices.ContainsFunc(parts, func(x Part) bool { return x.State == PartGone }) {
				r.State = VarGone
				if err := p.saveVariant(ctx, tx, r); err != nil {
					return err
				}
			}
		}
		return p.summariseAll(ctx, tx, company, []ID{c.Post})
	})
	if err != nil {
		return fmt.Errorf("post.Correct: %w", err)
	}
	return nil
}

// tendCorrections gives a job to corrections that should go on and have none.
func (p *Posts) tendCorrections(ctx context.Context) error {
	rows, err := p.staleCorrections(ctx, p.rooms.Clock.Now().Add(-time.Minute))
	if err != nil {
		return fmt.Errorf("post.Tend: %w", err)
	}
	for _, r := range rows {
		err := p.rooms.Store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
			return p.ringCorrection(ctx, tx, r.CompanyID, r.ID, zero)
		})
		if err != nil {
			return fmt.Errorf("post.Tend: %w", err)
		}
	}
	return nil
}
