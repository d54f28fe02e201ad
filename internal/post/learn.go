package post

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/media"
	"github.com/ponte-desk/ponte/internal/queue"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/team"
)

// learnPost reads the links of a draft that nobody has read yet, shortly before its words are frozen: its cards say what their pages say.
func (p *Posts) learnPost(ctx context.Context, c team.CompanyID, id ID, wait time.Duration) error {
	if p.rooms.HTTP == nil || store.Inside(ctx) { // no network is called in a transaction
		return nil
	}
	x, err := p.readPost(ctx, c, id)
	if err != nil || x.State != Draft {
		return nil // said by who asked
	}
	w, err := p.written(ctx, x)
	if err != nil {
		return err
	}
	return p.learn(ctx, c, []Written{w}, wait)
}

// learn reads the links of contents that nobody has read yet. What does not answer in time is not waited for: a job goes on with it.
func (p *Posts) learn(ctx context.Context, c team.CompanyID, ws []Written, wait time.Duration) error {
	if len(ws) == 0 || p.rooms.HTTP == nil || store.Inside(ctx) {
		return nil
	}
	company, err := p.rooms.Team.Company(ctx, c)
	if err != nil || !p.asks(company) {
		return err
	}
	if p.rooms.LinkWait > 0 {
		wait = min(wait, p.rooms.LinkWait)
	}
	unread, err := p.unread(ctx, c, ws)
	if err != nil || len(unread) == 0 {
		return err
	}
	now := p.rooms.Clock.Now()
	err = p.rooms.Store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		for _, address := range unread {
			if err := p.askedLink(ctx, tx, c, address, now); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	soon, cancel := context.WithTimeout(ctx, wait)
	defer cancel()
	var group sync.WaitGroup
	var mu sync.Mutex
	var late []string
	places := make(chan struct{}, learnAtOnce)
	for _, address := range unread {
		group.Go(func() {
			select {
			case places <- struct{}{}:
				defer func() { <-places }()
			case <-soon.Done():
			}
			if err := p.ReadLink(soon, c, address); err != nil {
				mu.Lock()
				defer mu.Unlock()
				late = append(late, address)
			}
		})
	}
	group.Wait()
	if len(late) == 0 || ctx.Err() != nil {
		return ctx.Err()
	}
	return p.rooms.Store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		for _, address := range late {
			if err := p.rooms.Queue.Add(ctx, tx, linkJob{Company: c, Address: address}, queue.Options{Line: queue.Quick, MaxAttempts: 3, Unique: true}); err != nil {
				return err
			}
		}
		return nil
	})
}

// unread gives the links of contents that nobody has read yet, each once.
func (p *Posts) unread(ctx context.Context, c team.CompanyID, ws []Written) (out []string, err error) {
	seen := map[string]bool{}
	for _, w := range ws {
		footer, err := p.footer(ctx, c, w.Message)
		if err != nil {
			return nil, err
		}
		all := linksOf(w, footer)
		known, err := p.links(ctx, c, all)
		if err != nil {
			return nil, err
		}
		for _, address := range all {
			if l := known[address]; l.ReadAt.IsZero() && !seen[address] {
				seen[address] = true
				out = append(out, address)
			}
		}
	}
	return out, nil
}

// forgetLinks forgets links that nobody has written for long, with the pictures of their cards.
func (p *Posts) forgetLinks(ctx context.Context) error {
	old, err := p.oldLinks(ctx, p.rooms.Clock.Now().Add(-forgetLinks))
	if err != nil || len(old) == 0 {
		return err
	}
	err = p.rooms.Store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		for _, r := range old {
			gone, err := p.forgetLink(ctx, tx, r)
			if err != nil {
				return err
			}
			if !gone {
				continue // written again meanwhile
			}
			if err := p.dropThumb(ctx, r.CompanyID, r.MediaID); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("post.Tend: %w", err)
	}
	return nil
}

// dropThumb removes the picture of a card that nothing shows any more.
func (p *Posts) dropThumb(ctx context.Context, c team.CompanyID, id media.ID) error {
	if id == "" {
		return nil
	}
	used, err := p.thumbUsed(ctx, c, id)
	if err != nil || used {
		return err
	}
	if err := p.rooms.Media.Delete(ctx, string(c), id); err != nil && fault.KindOf(err) != fault.NotFound {
		return errors.Join(errors.New("post: the picture of a card"), err)
	}
	return nil
}
