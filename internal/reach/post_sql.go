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
	"github.com/ponte-desk/ponte/internal/tie"
)

type postRow struct {
	bun.BaseModel `bun:"table:reach_post"`
	CompanyID     team.CompanyID    `bun:"company_id,pk"`
	ChannelID     network.ChannelID `bun:"channel_id,pk"`
	RemoteID      string            `bun:"remote_id,pk"`
	At            time.Time         `bun:"at"`
	FrozenAt      time.Time         `bun:"frozen_at,nullzero"`
	Closed        bool              `bun:"closed"`
}

type classRow struct {
	bun.BaseModel `bun:"table:reach_class"`
	CompanyID     team.CompanyID    `bun:"company_id,pk"`
	ChannelID     network.ChannelID `bun:"channel_id,pk"`
	RemoteID      string            `bun:"remote_id,pk"`
	ActorID       ActorID           `bun:"actor_id,pk"`
	Class         int               `bun:"class"`
}

type creditRow struct {
	bun.BaseModel `bun:"table:reach_credit"`
	CompanyID     team.CompanyID    `bun:"company_id,pk"`
	ChannelID     network.ChannelID `bun:"channel_id,pk"`
	RemoteID      string            `bun:"remote_id,pk"`
	Kind          string            `bun:"kind,pk"`
	ActorID       ActorID           `bun:"actor_id,pk"`
	CarrierID     ActorID           `bun:"carrier_id"`
	Class         int               `bun:"class"`
	At            time.Time         `bun:"at"`
}

func (r *Room) addPosts(ctx context.Context, tx *store.Tx, rows []postRow) error {
	for part := range slices.Chunk(rows, chunk) {
		if _, err := tx.DB.NewInsert().Model(&part).On("CONFLICT DO NOTHING").Exec(ctx); err != nil {
			return store.Fault(err)
		}
	}
	return nil
}

func trimmedPosts(rows []postRow) []postRow {
	for i := range rows {
		rows[i].At = clock.Trim(rows[i].At)
	}
	return rows
}

// unfrozen gives the posts whose ties were not frozen yet, oldest first.
func (r *Room) unfrozen(ctx context.Context, c team.CompanyID) ([]postRow, error) {
	var rows []postRow
	err := r.rooms.Store.Read(ctx).NewSelect().Model(&rows).Where("company_id = ?", c).Where("frozen_at IS NULL").Order("at", "channel_id", "remote_id").Scan(ctx)
	return trimmedPosts(rows), store.Fault(err)
}

// readPost gives a post; ok is false for one that was not met.
func (r *Room) readPost(ctx context.Context, c team.CompanyID, p PostAt) (row postRow, ok bool, err error) {
	var rows []postRow
	err = r.rooms.Store.Read(ctx).NewSelect().Model(&rows).Where("company_id = ?", c).Where("channel_id = ?", p.Channel).Where("remote_id = ?", p.RemoteID).Scan(ctx)
	if err != nil || len(rows) == 0 {
		return row, false, store.Fault(err)
	}
	return trimmedPosts(rows)[0], true, nil
}

// openPosts gives the posts of which something can still come, oldest first.
func (r *Room) openPosts(ctx context.Context, tx *store.Tx, c team.CompanyID) ([]postRow, error) {
	var rows []postRow
	err := tx.DB.NewSelect().Model(&rows).Where("company_id = ?", c).Where("NOT closed").Where("frozen_at IS NOT NULL").Order("at", "channel_id", "remote_id").Scan(ctx)
	return trimmedPosts(rows), store.Fault(err)
}

func (r *Room) saveFrozen(ctx context.Context, tx *store.Tx, f frozen, now time.Time) error {
	p := f.post
	if _, err := tx.DB.NewDelete().Model((*classRow)(nil)).Where("company_id = ?", p.CompanyID).Where("channel_id = ?", p.ChannelID).Where("remote_id = ?", p.RemoteID).Exec(ctx); err != nil {
		return store.Fault(err)
	}
	var rows []classRow
	for id, class := range f.classes {
		rows = append(rows, classRow{CompanyID: p.CompanyID, ChannelID: p.ChannelID, RemoteID: p.RemoteID, ActorID: id, Class: int(class)})
	}
	for part := range slices.Chunk(rows, chunk) {
		if _, err := tx.DB.NewInsert().Model(&part).Exec(ctx); err != nil {
			return store.Fault(err)
		}
	}
	p.FrozenAt = now
	_, err := tx.DB.NewUpdate().Model(&p).WherePK().Column("frozen_at").Exec(ctx)
	return store.Fault(err)
}

func (r *Room) frozenClasses(ctx context.Context, tx *store.Tx, p postRow) (map[ActorID]tie.Class, error) {
	var rows []classRow
	err := tx.DB.NewSelect().Model(&rows).Column("actor_id", "class").Where("company_id = ?", p.CompanyID).Where("channel_id = ?", p.ChannelID).
		Where("remote_id = ?", p.RemoteID).Scan(ctx)
	out := make(map[ActorID]tie.Class, len(rows))
	for _, x := range rows {
		out[x.ActorID] = tie.Class(x.Class)
	}
	return out, store.Fault(err)
}

// eventsAboutUs gives what was done towards us between two moments.
func (r *Room) eventsAboutUs(ctx context.Context, tx *store.Tx, c team.CompanyID, from, until time.Time) ([]eventRow, error) {
	var rows []eventRow
	err := tx.DB.NewSelect().Model(&rows).Column("actor_id", "kind", "channel_id", "item", "at", "seen_at").Where("company_id = ?", c).Where("target_id = ''").
		Where("coalesce(at, seen_at) >= ?", from).Where("coalesce(at, seen_at) <= ?", until).Order("source_id", "seq").Scan(ctx)
	for i := range rows {
		rows[i].At, rows[i].SeenAt = clock.Trim(rows[i].At), clock.Trim(rows[i].SeenAt)
	}
	return rows, store.Fault(err)
}

// saveCredits puts what is credited for a post in the place of what was; of one that is closed the classes are not needed any more.
func (r *Room) saveCredits(ctx context.Context, tx *store.Tx, p postRow, rows []creditRow, done bool) error {
	if _, err := tx.DB.NewDelete().Model((*creditRow)(nil)).Where("company_id = ?", p.CompanyID).Where("channel_id = ?", p.ChannelID).Where("remote_id = ?", p.RemoteID).Exec(ctx); err != nil {
		return store.Fault(err)
	}
	for part := range slices.Chunk(rows, chunk) {
		if _, err := tx.DB.NewInsert().Model(&part).Exec(ctx); err != nil {
			return store.Fault(err)
		}
	}
	if !done {
		return nil
	}
	if _, err := tx.DB.NewDelete().Model((*classRow)(nil)).Where("company_id = ?", p.CompanyID).Where("channel_id = ?", p.ChannelID).Where("remote_id = ?", p.RemoteID).Exec(ctx); err != nil {
		return store.Fault(err)
	}
	p.Closed = true
	_, err := tx.DB.NewUpdate().Model(&p).WherePK().Column("closed").Exec(ctx)
	return store.Fault(err)
}

func (r *Room) readCredits(ctx context.Context, c team.CompanyID, since time.Time, ch network.ChannelID, remoteID string) ([]Credit, error) {
	var rows []struct {
		Kind  string `bun:"kind"`
		Class int    `bun:"class"`
		N     int    `bun:"n"`
	}
	q := r.rooms.Store.Read(ctx).NewSelect().Model((*creditRow)(nil)).Column("kind", "class").ColumnExpr("count(*) AS n").Where("company_id = ?", c).
		Where("at >= ?", since).Group("kind", "class").Order("class", "kind")
	if ch != "" {
		q = q.Where("channel_id = ?", ch).Where("remote_id = ?", remoteID)
	}
	if err := q.Scan(ctx, &rows); err != nil {
		return nil, store.Fault(err)
	}
	var out []Credit
	for _, x := range rows {
		if len(out) == 0 || out[len(out)-1].Class != tie.Class(x.Class) {
			out = append(out, Credit{Class: tie.Class(x.Class)})
		}
		last := &out[len(out)-1]
		if x.Kind == creditShare {
			last.Shares += x.N
		} else {
			last.First += x.N
		}
	}
	return out, nil
}
