package post

import (
	"context"
	"slices"
	"time"

	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/team"
)

// tolerance is how much later than its age a number is still of that age.
var tolerance = map[Age]time.Duration{"1h": time.Hour, "1d": 12 * time.Hour, "7d": 2 * 24 * time.Hour, "30d": 5 * 24 * time.Hour}

// countAgain is the pause after a reading that failed.
const countAgain = 10 * time.Minute

// countLane reads what messages on one channel have brought.
func (p *Posts) countLane(ctx context.Context, c team.CompanyID, ch network.ChannelID, rows []countRow) error {
	var parts []PartID
	for _, r := range rows {
		parts = append(parts, r.PartID)
	}
	where, err := p.remoteIDs(ctx, c, parts)
	if err != nil {
		return err
	}
	continued, err := p.continued(ctx, c, parts)
	if err != nil {
		return err
	}
	var ids []string
	for _, x := range where {
		if x.State == PartSent && !slices.Contains(ids, x.RemoteID) {
			ids = append(ids, x.RemoteID)
		}
	}
	slices.Sort(ids)
	got, failed := p.rooms.Networks.Counts(ctx, c, ch, ids)
	if failed != nil {
		p.rooms.Log.Info("post: what messages brought could not be read", "channel", ch, "error", failed)
	}
	told := map[string]network.Counts{}
	for _, x := range got {
		told[x.RemoteID] = x
	}
	pause := countAgain
	if f := fault.Of(failed); f != nil {
		pause = max(pause, f.RetryAfter)
	}
	return p.rooms.Store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		now := p.rooms.Clock.Now()
		posts := map[ID]bool{}
		for _, r := range rows {
			x := where[r.PartID]
			n, ok := told[x.RemoteID]
			switch {
			case x.State != PartSent || ok && n.Gone:
				r.DueAt = zero // it no longer stands: there is nothing to read
			case ok:
				r.DueAt, r.ReadAt, r.Counts = zero, now, countedOf(n)
				if continued[r.PartID] {
					r.Counts.lessOurs()
				}
				posts[r.PostID] = true
			case now.After(x.SentAt.Add(ages[r.Age] + tolerance[r.Age])):
				r.DueAt = zero // a number read now would not be of its age
			default:
				r.Tries++
				r.DueAt = now.Add(pause)
			}
			if err := p.saveCount(ctx, tx, r); err != nil {
				return err
			}
		}
		for _, id := range sortedKeys(posts) {
			if err := p.tell(ctx, tx, team.System(c), id); err != nil {
				return err
			}
		}
		return nil
	})
}

// lessOurs takes our own next message from the answers: it is no one's who read the post.
func (c *Counted) lessOurs() {
	if c.Replies != nil {
		*c.Replies = max(0, *c.Replies-1)
	}
}

func countedOf(n network.Counts) Counted {
	one := func(c network.Count) *int {
		if !c.Told {
			return nil
		}
		return &c.N
	}
	return Counted{Reactions: one(n.Reactions), Replies: one(n.Replies), Shares: one(n.Shares), Quotes: one(n.Quotes), Views: one(n.Views)}
}
