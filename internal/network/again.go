package network

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/ponte-desk/ponte/internal/team"
)

// calmFor is how long the same conversation is not read again however often it is opened; calmMost is how many
// readings that people cause a channel bears in a minute.
const (
	calmFor  = 20 * time.Second
	calmMost = 30
)

// calm keeps people who open conversations quickly from using up a channel's requests.
type calm struct {
	mu     sync.Mutex
	last   map[string]time.Time // by channel, what and remote id
	recent map[ChannelID][]time.Time
}

func newCalm() *calm { return &calm{last: map[string]time.Time{}, recent: map[ChannelID][]time.Time{}} }

// turn tells whether a reading may be made now, and counts it.
func (c *calm) turn(ch ChannelID, what string, now time.Time) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	key := string(ch) + "\x00" + what
	if now.Before(c.last[key].Add(calmFor)) {
		return false
	}
	kept := c.recent[ch][:0]
	for _, t := range c.recent[ch] {
		if now.Sub(t) < time.Minute {
			kept = append(kept, t)
		}
	}
	if len(kept) >= calmMost {
		c.recent[ch] = kept
		return false
	}
	c.recent[ch] = append(kept, now)
	if len(c.last) > 10000 {
		clear(c.last)
	}
	c.last[key] = now
	return true
}

// RefreshNow reads items again, at most 50, because someone looks at them, and takes in what is different. The same
// items are not read twice within 20 seconds and a channel bears 30 such readings a minute: beyond that it does
// nothing. A channel that cannot be used gives the fault that says why.
func (n *Networks) RefreshNow(ctx context.Context, c team.CompanyID, id ChannelID, remoteIDs []string) (IngestResult, error) {
	if len(remoteIDs) == 0 {
		return IngestResult{}, nil
	}
	remoteIDs = remoteIDs[:min(len(remoteIDs), refreshPart)]
	res, err := n.readAgain(ctx, c, id, "refresh "+remoteIDs[0], func(ctx context.Context, cl Client) ([]Item, error) {
		return cl.Refresh(ctx, remoteIDs)
	})
	if err != nil {
		return IngestResult{}, fmt.Errorf("network.RefreshNow: %w", err)
	}
	return res, nil
}

// ReadThread reads the conversation around an item, because someone looks at it, and takes in what is new or
// different. It is as calm as RefreshNow.
func (n *Networks) ReadThread(ctx context.Context, c team.CompanyID, id ChannelID, remoteID string) (IngestResult, error) {
	res, err := n.readAgain(ctx, c, id, "thread "+remoteID, func(ctx context.Context, cl Client) ([]Item, error) {
		return cl.Thread(ctx, remoteID)
	})
	if err != nil {
		return IngestResult{}, fmt.Errorf("network.ReadThread: %w", err)
	}
	return res, nil
}

func (n *Networks) readAgain(ctx context.Context, c team.CompanyID, id ChannelID, what string, read func(context.Context, Client) ([]Item, error)) (IngestResult, error) {
	client, ch, err := n.Client(ctx, c, id)
	if err != nil {
		return IngestResult{}, upstream(err)
	}
	if !n.calm.turn(id, what, n.clock.Now()) {
		return IngestResult{}, nil
	}
	items, err := read(ctx, client)
	if err != nil {
		p := ProblemOf(err)
		// Whether a channel cannot be reached for now is for its watcher to say, not for one look at one thing.
		if p.Verdict == Reconnect {
			if err := n.Failed(ctx, ch, p); err != nil {
				return IngestResult{}, err
			}
		}
		return IngestResult{}, p.Fault()
	}
	return n.Ingest(ctx, ch, Page{Items: items})
}
