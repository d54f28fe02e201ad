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

// calm keeps people who open conversations quickly, and rooms that count, from using up a channel's requests.
type calm struct {
	mu     sync.Mutex
	last   map[string]time.Time // by channel, what and remote id
	recent map[bucket][]time.Time
	still  map[ChannelID]time.Time // a server asked to be left alone until then
	quiet  map[bucket]time.Time    // what can wait leaves what is left to what cannot
}

// bucket is what a channel's requests in a minute are counted for.
type bucket struct {
	channel ChannelID
	kind    string
}

func newCalm() *calm {
	return &calm{last: map[string]time.Time{}, recent: map[bucket][]time.Time{}, still: map[ChannelID]time.Time{}, quiet: map[bucket]time.Time{}}
}

// turn tells whether a reading that someone causes by looking may be made now, and counts it.
func (c *calm) turn(ch ChannelID, what string, now time.Time) bool {
	return c.wait(bucket{channel: ch}, what, calmMost, now) == 0
}

// wait tells after how long a call may be made; 0: now, and then it is counted. The same what, unless it is "", is
// not done twice within calmFor.
func (c *calm) wait(b bucket, what string, most int, now time.Time) time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	if left := c.still[b.channel].Sub(now); left > 0 {
		return left
	}
	if left := c.quiet[b].Sub(now); left > 0 {
		return left
	}
	key := string(b.channel) + "\x00" + what
	if left := c.last[key].Add(calmFor).Sub(now); what != "" && left > 0 {
		return left
	}
	kept := c.recent[b][:0]
	for _, t := range c.recent[b] {
		if now.Sub(t) < time.Minute {
			kept = append(kept, t)
		}
	}
	if len(kept) >= most {
		c.recent[b] = kept
		return max(kept[len(kept)-most].Add(time.Minute).Sub(now), time.Second)
	}
	c.recent[b] = append(kept, now)
	if len(c.last) > 10000 {
		clear(c.last)
	}
	if what != "" {
		c.last[key] = now
	}
	return 0
}

// hold leaves a channel alone for as long as its server asked, within an hour.
func (c *calm) hold(ch ChannelID, asked time.Duration, now time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.still[ch] = now.Add(min(max(asked, time.Minute), time.Hour))
}

// hush makes no calls of a kind for a while, because few are left.
func (c *calm) hush(b bucket, d time.Duration, now time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.quiet[b] = now.Add(d)
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
		if p.Key == ProblemRate {
			n.calm.hold(id, p.RetryAfter, n.clock.Now())
		}
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
