package reach

import (
	"context"
	"maps"
	"slices"

	"github.com/uptrace/bun"

	"github.com/ponte-desk/ponte/internal/audience"
	"github.com/ponte-desk/ponte/internal/inbox"
	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/queue"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/team"
)

func (r *Room) addInbound(ctx context.Context, tx *store.Tx, c team.CompanyID, ids []inbox.InteractionID) error {
	for part := range slices.Chunk(ids, chunk) {
		rows := make([]inboundRow, len(part))
		for i, id := range part {
			rows[i] = inboundRow{CompanyID: c, InteractionID: id}
		}
		if _, err := tx.DB.NewInsert().Model(&rows).On("CONFLICT DO NOTHING").Exec(ctx); err != nil {
			return store.Fault(err)
		}
	}
	return nil
}

// addFeed has what came in gone through soon.
func (r *Room) addFeed(ctx context.Context, tx *store.Tx, c team.CompanyID) error {
	if r.rooms.Queue == nil {
		return nil
	}
	return r.rooms.Queue.Add(ctx, tx, feedJob{c}, queue.Options{Line: queue.Slow, Unique: true})
}

func (r *Room) inbound(ctx context.Context, tx *store.Tx, c team.CompanyID, most int) ([]inbox.InteractionID, error) {
	var ids []inbox.InteractionID
	err := tx.DB.NewSelect().Model((*inboundRow)(nil)).Column("interaction_id").Where("company_id = ?", c).Order("interaction_id").Limit(int64(most)).Scan(ctx, &ids)
	return ids, store.Fault(err)
}

func (r *Room) removeInbound(ctx context.Context, tx *store.Tx, c team.CompanyID, ids []inbox.InteractionID) error {
	for part := range slices.Chunk(ids, chunk) {
		_, err := tx.DB.NewDelete().Model((*inboundRow)(nil)).Where("company_id = ?", c).Where("interaction_id IN (?)", bun.List(part)).Exec(ctx)
		if err != nil {
			return store.Fault(err)
		}
	}
	return nil
}

func (r *Room) removeEvents(ctx context.Context, tx *store.Tx, c team.CompanyID, sources []inbox.InteractionID) error {
	for part := range slices.Chunk(sources, chunk) {
		_, err := tx.DB.NewDelete().Model((*eventRow)(nil)).Where("company_id = ?", c).Where("source_id IN (?)", bun.List(part)).Exec(ctx)
		if err != nil {
			return store.Fault(err)
		}
	}
	return nil
}

func (r *Room) addEvents(ctx context.Context, tx *store.Tx, rows []eventRow) error {
	for part := range slices.Chunk(rows, chunk) {
		if _, err := tx.DB.NewInsert().Model(&part).On("CONFLICT DO NOTHING").Exec(ctx); err != nil {
			return store.Fault(err)
		}
	}
	return nil
}

// seen is what is learned of an account when it is met.
type seen struct {
	identity  audience.IdentityID
	channel   network.ChannelID
	followers int
}

// actors gives the actors of accounts, and makes those that are not there yet. Accounts that the house knows are tied to what it knows.
func (r *Room) actors(ctx context.Context, tx *store.Tx, s *settingRow, want map[account]seen) (map[account]ActorID, error) {
	m, err := s.marker()
	if err != nil {
		return nil, err
	}
	byNetwork := map[network.Name][]string{}
	for a := range want {
		byNetwork[a.network] = append(byNetwork[a.network], a.key)
	}
	out := make(map[account]ActorID, len(want))
	now := r.rooms.Clock.Now()
	for _, n := range slices.Sorted(maps.Keys(byNetwork)) {
		keys := byNetwork[n]
		slices.Sort(keys)
		identities, err := r.rooms.Audience.IdentitiesByKey(ctx, s.CompanyID, n, keys)
		if err != nil {
			return nil, err
		}
		byMark := make(map[string]string, len(keys))
		marks := make([]string, len(keys))
		for i, k := range keys {
			marks[i] = m.account(n, k)
			byMark[marks[i]] = k
		}
		have := map[string]actorRow{}
		for part := range slices.Chunk(marks, chunk) {
			var rows []actorRow
			err := tx.DB.NewSelect().Model(&rows).Where("company_id = ?", s.CompanyID).Where("network = ?", n).Where("mark IN (?)", bun.List(part)).Scan(ctx)
			if err != nil {
				return nil, store.Fault(err)
			}
			for _, x := range rows {
				have[x.Mark] = x
			}
		}
		var fresh []actorRow
		for i, k := range keys {
			a := account{n, k}
			w := want[a]
			if x, ok := identities[k]; ok {
				w.identity = x.ID
			}
			x, ok := have[marks[i]]
			if !ok {
				x = actorRow{
					ID: ActorID(actorKind.New(now)), CompanyID: s.CompanyID, Network: n, Mark: marks[i], IdentityID: w.identity, ChannelID: w.channel,
					Followers: w.followers, SeenAt: now,
				}
				fresh = append(fresh, x)
				out[a] = x.ID
				continue
			}
			out[a] = x.ID
			old := x
			if w.identity != "" {
				x.IdentityID = w.identity
			}
			if w.followers > 0 {
				x.Followers = w.followers
			}
			if x.ChannelID == "" {
				x.ChannelID = w.channel
			}
			if x == old {
				continue
			}
			if _, err := tx.DB.NewUpdate().Model(&x).WherePK().Column("identity_id", "followers", "channel_id").Exec(ctx); err != nil {
				return nil, store.Fault(err)
			}
		}
		for part := range slices.Chunk(fresh, chunk) {
			if _, err := tx.DB.NewInsert().Model(&part).Exec(ctx); err != nil {
				return nil, store.Fault(err)
			}
		}
	}
	return out, nil
}
