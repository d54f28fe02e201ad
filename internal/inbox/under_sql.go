package inbox

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"github.com/ponte-desk/ponte/internal/clock"
	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/team"
)

func (x *Inbox) underOurs(ctx context.Context, c team.CompanyID, ch network.ChannelID, remoteIDs []string) ([]Under, error) {
	type found struct {
		ID             InteractionID  `bun:"id"`
		ConversationID ConversationID `bun:"conversation_id"`
		ParentID       string         `bun:"parent_id"`
		RootID         string         `bun:"root_id"`
		At             time.Time      `bun:"at"`
	}
	seen := map[InteractionID]bool{}
	talks := map[ConversationID]*Under{}
	for _, column := range []string{"parent_id", "root_id"} {
		for part := range slices.Chunk(remoteIDs, chunk) {
			var rows []found
			err := x.store.Read(ctx).NewSelect().Model((*interactionRow)(nil)).Column("id", "conversation_id", "parent_id", "root_id", "at").
				Where("channel_id = ?", ch).Where("? IN (?)", bun.Ident(column), bun.List(part)).Where("? <> ''", bun.Ident(column)).
				Where("company_id = ?", c).Where("NOT mine").Where("deleted_at IS NULL").Where("conversation_id <> ''").Scan(ctx, &rows)
			if err != nil {
				return nil, store.Fault(err)
			}
			for _, r := range rows {
				if seen[r.ID] {
					continue
				}
				seen[r.ID] = true
				u := talks[r.ConversationID]
				if u == nil {
					u = &Under{Conversation: r.ConversationID, Channel: ch, RemoteID: r.ParentID}
					if !slices.Contains(remoteIDs, r.ParentID) {
						u.RemoteID = r.RootID
					}
					talks[r.ConversationID] = u
				}
				u.Said++
				if at := clock.Trim(r.At); at.After(u.Last) {
					u.Last = at
				}
			}
		}
	}
	for part := range slices.Chunk(slices.Sorted(maps.Keys(talks)), chunk) {
		var rows []conversationRow
		err := x.store.Read(ctx).NewSelect().Model(&rows).Column("id", "identity_id", "preview", "state").Where("id IN (?)", bun.List(part)).Where("company_id = ?", c).Scan(ctx)
		if err != nil {
			return nil, store.Fault(err)
		}
		for _, r := range rows {
			talks[r.ID].Identity, talks[r.ID].Preview, talks[r.ID].State = r.IdentityID, r.Preview, r.State
		}
	}
	var out []Under
	for _, u := range talks {
		out = append(out, *u)
	}
	slices.SortFunc(out, func(a, b Under) int {
		return cmp.Or(b.Last.Compare(a.Last), cmp.Compare(a.Conversation, b.Conversation))
	})
	return out, nil
}

// cameSince reads when people wrote in the conversations that moved lately.
func (x *Inbox) cameSince(ctx context.Context, c team.CompanyID, ch network.ChannelID, since time.Time, most int) ([]time.Time, error) {
	var out []time.Time
	q := x.store.Read(ctx).NewSelect().TableExpr("conversation AS c").Join("JOIN interaction AS i ON i.conversation_id = c.id").Column("i.at").
		Where("c.company_id = ?", c).Where("c.last_at > ?", since).Where("i.at > ?", since).Where("NOT i.mine").Where("i.deleted_at IS NULL")
	if ch != "" {
		q = q.Where("c.channel_id = ?", ch)
	}
	if err := q.OrderExpr("c.last_at DESC").Limit(int64(most)).Scan(ctx, &out); err != nil {
		return nil, store.Fault(err)
	}
	for i := range out {
		out[i] = clock.Trim(out[i])
	}
	slices.SortFunc(out, time.Time.Compare)
	return out, nil
}
