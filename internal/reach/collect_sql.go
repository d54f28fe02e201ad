package reach

import (
	"context"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"github.com/ponte-desk/ponte/internal/clock"
	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/team"
)

type listRow struct {
	bun.BaseModel `bun:"table:reach_list"`
	CompanyID     team.CompanyID    `bun:"company_id,pk"`
	ChannelID     network.ChannelID `bun:"channel_id,pk"`
	Kind          network.ListKind  `bun:"kind,pk"`
	Subject       string            `bun:"subject,pk"`
	Cursor        string            `bun:"cursor"`
	Pages         int               `bun:"pages"`
	ReadAt        time.Time         `bun:"read_at,nullzero"`
	NextAt        time.Time         `bun:"next_at"`
	Hidden        bool              `bun:"hidden"`
}

type paceRow struct {
	bun.BaseModel `bun:"table:reach_pace"`
	CompanyID     team.CompanyID    `bun:"company_id,pk"`
	ChannelID     network.ChannelID `bun:"channel_id,pk"`
	HourAt        time.Time         `bun:"hour_at"`
	Pages         int               `bun:"pages"`
}

// nextList gives the list that is to be read next on a channel; nil when none is planned. One that was begun is read on first.
func (r *Room) nextList(ctx context.Context, c team.CompanyID, ch network.ChannelID) (*listRow, error) {
	var rows []listRow
	err := r.rooms.Store.Read(ctx).NewSelect().Model(&rows).Where("company_id = ?", c).Where("channel_id = ?", ch).
		Order("next_at", "kind", "subject").Limit(1).Scan(ctx)
	if err != nil || len(rows) == 0 {
		return nil, store.Fault(err)
	}
	rows[0].NextAt = clock.Trim(rows[0].NextAt)
	return &rows[0], nil
}

func (r *Room) saveList(ctx context.Context, tx *store.Tx, l *listRow) error {
	_, err := tx.DB.NewUpdate().Model(l).WherePK().Column("cursor", "pages", "read_at", "next_at", "hidden").Exec(ctx)
	return store.Fault(err)
}

func (r *Room) addLists(ctx context.Context, tx *store.Tx, rows []listRow) error {
	for part := range slices.Chunk(rows, chunk) {
		if _, err := tx.DB.NewInsert().Model(&part).On("CONFLICT DO NOTHING").Exec(ctx); err != nil {
			return store.Fault(err)
		}
	}
	return nil
}

// pageAllowed counts a page of a channel; when the hour's are used up, it says after how long there are some again.
func (r *Room) pageAllowed(ctx context.Context, c team.CompanyID, ch network.ChannelID, now time.Time) (wait time.Duration, err error) {
	err = r.rooms.Store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		if _, err := r.setting(ctx, tx, c); err != nil {
			return err
		}
		p := paceRow{CompanyID: c, ChannelID: ch, HourAt: now}
		if _, err := tx.DB.NewInsert().Model(&p).On("CONFLICT DO NOTHING").Exec(ctx); err != nil {
			return store.Fault(err)
		}
		if err := tx.DB.NewSelect().Model(&p).WherePK().Scan(ctx); err != nil {
			return store.Fault(err)
		}
		if now.Sub(p.HourAt) >= time.Hour || now.Before(p.HourAt) {
			p.HourAt, p.Pages = now, 0
		}
		if p.Pages >= pagesAnHour {
			wait = p.HourAt.Add(time.Hour).Sub(now)
			return nil
		}
		p.Pages++
		_, err := tx.DB.NewUpdate().Model(&p).WherePK().Column("hour_at", "pages").Exec(ctx)
		return store.Fault(err)
	})
	return wait, err
}

// pageBack counts off a page that was counted and not read.
func (r *Room) pageBack(ctx context.Context, c team.CompanyID, ch network.ChannelID) error {
	return r.rooms.Store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		_, err := tx.DB.NewUpdate().Model((*paceRow)(nil)).Set("pages = pages - 1").Where("company_id = ?", c).Where("channel_id = ?", ch).Where("pages > 0").Exec(ctx)
		return store.Fault(err)
	})
}

// stillThere says whether somebody whose list was read is still there.
func (r *Room) stillThere(ctx context.Context, tx *store.Tx, c team.CompanyID, id ActorID) (bool, error) {
	if id == "" {
		return true, nil
	}
	yes, err := tx.DB.NewSelect().Model((*actorRow)(nil)).Where("company_id = ?", c).Where("id = ?", id).Exists(ctx)
	return yes, store.Fault(err)
}

// full says whether the company has as many accounts as are kept.
func (r *Room) full(ctx context.Context, tx *store.Tx, c team.CompanyID) (bool, error) {
	n, err := tx.DB.NewSelect().Model((*actorRow)(nil)).Where("company_id = ?", c).Count(ctx)
	return n >= mostActors, store.Fault(err)
}

// onlyThere leaves of some accounts those that are there already.
func (r *Room) onlyThere(ctx context.Context, tx *store.Tx, s *settingRow, want map[account]seen) error {
	m, err := s.marker()
	if err != nil {
		return err
	}
	for a := range want {
		yes, err := tx.DB.NewSelect().Model((*actorRow)(nil)).Where("company_id = ?", s.CompanyID).Where("network = ?", a.network).
			Where("mark = ?", m.account(a.network, a.key)).Exists(ctx)
		if err != nil {
			return store.Fault(err)
		}
		if !yes {
			delete(want, a)
		}
	}
	return nil
}

// seeFollows notes who follows a subject, or whom it follows; an empty one is the company.
func (r *Room) seeFollows(ctx context.Context, tx *store.Tx, c team.CompanyID, subject ActorID, met []ActorID, theyFollow bool) error {
	now := r.rooms.Clock.Now()
	var rows []followRow
	for _, id := range met {
		if id == subject {
			continue
		}
		f := followRow{CompanyID: c, ActorID: subject, TargetID: id, FirstAt: now, SeenAt: now}
		if theyFollow {
			f.ActorID, f.TargetID = id, subject
		}
		rows = append(rows, f)
	}
	return r.addFollows(ctx, tx, rows)
}

// addFollows notes who follows whom. A pair may stand in rows more than once: the first counts (PostgreSQL refuses to write a row twice
// in one statement).
func (r *Room) addFollows(ctx context.Context, tx *store.Tx, rows []followRow) error {
	seen := map[[2]ActorID]bool{}
	rows = slices.DeleteFunc(rows, func(f followRow) bool {
		pair := [2]ActorID{f.ActorID, f.TargetID}
		again := seen[pair]
		seen[pair] = true
		return again
	})
	for part := range slices.Chunk(rows, chunk) {
		_, err := tx.DB.NewInsert().Model(&part).On("CONFLICT (company_id, actor_id, target_id) DO UPDATE").Set("seen_at = EXCLUDED.seen_at").Exec(ctx)
		if err != nil {
			return store.Fault(err)
		}
	}
	return nil
}

// seeDeeds notes who did something about a post of ours, as far as it was not told otherwise already.
func (r *Room) seeDeeds(ctx context.Context, tx *store.Tx, ch network.Channel, kind, remoteID string, met []ActorID) error {
	var have []ActorID
	err := tx.DB.NewSelect().Model((*eventRow)(nil)).Column("actor_id").Where("company_id = ?", ch.Company).Where("channel_id = ?", ch.ID).
		Where("item = ?", remoteID).Where("kind = ?", kind).Where("target_id = ''").Scan(ctx, &have)
	if err != nil {
		return store.Fault(err)
	}
	now := r.rooms.Clock.Now()
	done := map[ActorID]bool{"": true}
	for _, id := range have {
		done[id] = true
	}
	var rows []eventRow
	for _, id := range met {
		if done[id] {
			continue
		}
		done[id] = true
		rows = append(rows, eventRow{
			CompanyID: ch.Company, SourceID: "list:" + kind + ":" + string(ch.ID) + ":" + remoteID + ":" + string(id), ActorID: id, Kind: kind, Network: ch.Network,
			ChannelID: ch.ID, Item: remoteID, SeenAt: now,
		})
	}
	return r.addEvents(ctx, tx, rows)
}

// latelyMet gives those whom a channel sees and who had to do with the company, who did so last first.
func (r *Room) latelyMet(ctx context.Context, tx *store.Tx, ch network.Channel, most int) ([]ActorID, error) {
	var ids []ActorID
	err := tx.DB.NewSelect().TableExpr("reach_actor AS a").Join("JOIN reach_event AS e ON e.company_id = a.company_id AND e.actor_id = a.id").
		ColumnExpr("a.id").Where("a.company_id = ?", ch.Company).Where("a.channel_id = ?", ch.ID).Where("a.identity_id <> ''").Where("e.target_id = ''").
		GroupExpr("a.id").OrderExpr("max(coalesce(e.at, e.seen_at)) DESC, a.id").Limit(int64(most)).Scan(ctx, &ids)
	return ids, store.Fault(err)
}

func (r *Room) latelyPosted(ctx context.Context, tx *store.Tx, ch network.Channel, since time.Time) ([]string, error) {
	var ids []string
	err := tx.DB.NewSelect().Model((*postRow)(nil)).Column("remote_id").Where("company_id = ?", ch.Company).Where("channel_id = ?", ch.ID).Where("at >= ?", since).
		Order("at DESC", "remote_id").Limit(100).Scan(ctx, &ids)
	return ids, store.Fault(err)
}

// age takes off what was not seen for long, with accounts of whom nothing else is known.
func (r *Room) age(ctx context.Context, tx *store.Tx, ch network.Channel, now time.Time) error {
	c := ch.Company
	if _, err := tx.DB.NewDelete().Model((*followRow)(nil)).Where("company_id = ?", c).Where("seen_at < ?", now.Add(-unseenFor)).Exec(ctx); err != nil {
		return store.Fault(err)
	}
	_, err := tx.DB.NewDelete().Model((*listRow)(nil)).Where("company_id = ?", c).Where("channel_id = ?", ch.ID).
		Where("kind IN (?)", bun.List([]network.ListKind{network.ListSharers, network.ListLikers})).
		Where("subject IN (SELECT remote_id FROM reach_post WHERE company_id = ? AND channel_id = ? AND at < ?)", c, ch.ID, now.Add(-postsLately)).Exec(ctx)
	if err != nil {
		return store.Fault(err)
	}
	return r.dropStrangers(ctx, tx, c)
}

// dropStrangers forgets accounts that nobody knows and nothing leads to any more.
func (r *Room) dropStrangers(ctx context.Context, tx *store.Tx, c team.CompanyID) error {
	_, err := tx.DB.NewRaw(`DELETE FROM reach_actor WHERE company_id = ? AND identity_id = ''
		AND id NOT IN (SELECT actor_id FROM reach_follow WHERE company_id = ?) AND id NOT IN (SELECT target_id FROM reach_follow WHERE company_id = ?)
		AND id NOT IN (SELECT actor_id FROM reach_event WHERE company_id = ?) AND id NOT IN (SELECT target_id FROM reach_event WHERE company_id = ?)`, c, c, c, c, c).Exec(ctx)
	return store.Fault(err)
}

func (r *Room) countCollected(ctx context.Context, c team.CompanyID) (Collected, error) {
	db := r.rooms.Store.Read(ctx)
	lists, err := db.NewSelect().Model((*listRow)(nil)).Where("company_id = ?", c).Where("kind = ?", network.ListFollowers).Where("read_at IS NOT NULL").Where("NOT hidden").Count(ctx)
	if err != nil {
		return Collected{}, store.Fault(err)
	}
	follows, err := db.NewSelect().Model((*followRow)(nil)).Where("company_id = ?", c).Count(ctx)
	return Collected{Lists: int(lists), Follows: int(follows)}, store.Fault(err)
}

// forgetLists forgets everything that was learned from lists.
func (r *Room) forgetLists(ctx context.Context, tx *store.Tx, c team.CompanyID) error {
	for _, m := range []any{(*followRow)(nil), (*listRow)(nil), (*paceRow)(nil)} {
		if _, err := tx.DB.NewDelete().Model(m).Where("company_id = ?", c).Exec(ctx); err != nil {
			return store.Fault(err)
		}
	}
	if _, err := tx.DB.NewDelete().Model((*eventRow)(nil)).Where("company_id = ?", c).Where("source_id LIKE 'list:%'").Exec(ctx); err != nil {
		return store.Fault(err)
	}
	return r.dropStrangers(ctx, tx, c)
}
