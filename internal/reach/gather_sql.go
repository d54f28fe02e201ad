package reach

import (
	"context"
	"time"

	"github.com/ponte-desk/ponte/internal/clock"
	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/team"
)

// readPart is how many rows are read at once.
const readPart = 5000

// readActors gives the accounts round a company, in the order in which they came.
func (r *Room) readActors(ctx context.Context, c team.CompanyID) ([]actorRow, error) {
	var rows []actorRow
	err := r.rooms.Store.Read(ctx).NewSelect().Model(&rows).Column("id", "network", "identity_id", "followers").Where("company_id = ?", c).
		Order("id").Scan(ctx)
	return rows, store.Fault(err)
}

// eachEvent goes through what had happened before a moment.
func (r *Room) eachEvent(ctx context.Context, c team.CompanyID, until time.Time, f func(eventRow)) error {
	after := eventRow{Seq: -1}
	for {
		var rows []eventRow
		err := r.rooms.Store.Read(ctx).NewSelect().Model(&rows).Column("source_id", "seq", "actor_id", "target_id", "kind", "channel_id", "item", "at", "seen_at", "words").
			Where("company_id = ?", c).Where("(source_id > ? OR (source_id = ? AND seq > ?))", after.SourceID, after.SourceID, after.Seq).
			Order("source_id", "seq").Limit(readPart).Scan(ctx)
		if err != nil {
			return store.Fault(err)
		}
		for _, e := range rows {
			e.At, e.SeenAt = clock.Trim(e.At), clock.Trim(e.SeenAt)
			if !e.At.IsZero() && !e.At.Before(until) || e.At.IsZero() && !e.SeenAt.Before(until) {
				continue
			}
			f(e)
		}
		if len(rows) < readPart {
			return nil
		}
		after = rows[len(rows)-1]
	}
}

// eachFollow goes through who was known to follow whom before a moment.
func (r *Room) eachFollow(ctx context.Context, c team.CompanyID, until time.Time, f func(followRow)) error {
	after := followRow{}
	for {
		var rows []followRow
		err := r.rooms.Store.Read(ctx).NewSelect().Model(&rows).Where("company_id = ?", c).
			Where("(actor_id > ? OR (actor_id = ? AND target_id > ?))", after.ActorID, after.ActorID, after.TargetID).
			Order("actor_id", "target_id").Limit(readPart).Scan(ctx)
		if err != nil {
			return store.Fault(err)
		}
		for _, x := range rows {
			x.FirstAt = clock.Trim(x.FirstAt)
			if x.FirstAt.Before(until) {
				f(x)
			}
		}
		if len(rows) < readPart {
			return nil
		}
		after = rows[len(rows)-1]
	}
}

// listsRead gives the accounts of whom the list of their followers was read, as far as they show it.
func (r *Room) listsRead(ctx context.Context, c team.CompanyID) ([]ActorID, error) {
	var ids []ActorID
	err := r.rooms.Store.Read(ctx).NewSelect().Model((*listRow)(nil)).Column("subject").Where("company_id = ?", c).Where("kind = ?", network.ListFollowers).
		Where("read_at IS NOT NULL").Where("NOT hidden").Where("subject <> ''").Order("subject").Scan(ctx, &ids)
	return ids, store.Fault(err)
}
