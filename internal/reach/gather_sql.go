package reach

import (
	"context"

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

// readEvents gives what was done, in the order in which it came in.
func (r *Room) readEvents(ctx context.Context, c team.CompanyID) ([]eventRow, error) {
	var all []eventRow
	after := eventRow{Seq: -1}
	for {
		var rows []eventRow
		err := r.rooms.Store.Read(ctx).NewSelect().Model(&rows).Column("source_id", "seq", "actor_id", "target_id", "kind", "channel_id", "item", "at", "seen_at", "words").
			Where("company_id = ?", c).Where("(source_id > ? OR (source_id = ? AND seq > ?))", after.SourceID, after.SourceID, after.Seq).
			Order("source_id", "seq").Limit(readPart).Scan(ctx)
		if err != nil {
			return nil, store.Fault(err)
		}
		for i := range rows {
			rows[i].At, rows[i].SeenAt = clock.Trim(rows[i].At), clock.Trim(rows[i].SeenAt)
		}
		all = append(all, rows...)
		if len(rows) < readPart {
			return all, nil
		}
		after = rows[len(rows)-1]
	}
}

// readFollows gives who is known to follow whom.
func (r *Room) readFollows(ctx context.Context, c team.CompanyID) ([]followRow, error) {
	var all []followRow
	after := followRow{}
	for {
		var rows []followRow
		err := r.rooms.Store.Read(ctx).NewSelect().Model(&rows).Where("company_id = ?", c).
			Where("(actor_id > ? OR (actor_id = ? AND target_id > ?))", after.ActorID, after.ActorID, after.TargetID).
			Order("actor_id", "target_id").Limit(readPart).Scan(ctx)
		if err != nil {
			return nil, store.Fault(err)
		}
		for i := range rows {
			rows[i].FirstAt = clock.Trim(rows[i].FirstAt)
		}
		all = append(all, rows...)
		if len(rows) < readPart {
			return all, nil
		}
		after = rows[len(rows)-1]
	}
}

// readSuggestions gives all advice.
func (r *Room) readSuggestions(ctx context.Context, c team.CompanyID) ([]suggestionRow, error) {
	var rows []suggestionRow
	err := r.rooms.Store.Read(ctx).NewSelect().Model(&rows).Where("company_id = ?", c).Order("id").Scan(ctx)
	return trimmed(rows), store.Fault(err)
}

// listsRead gives the accounts of whom the list of their followers was read, as far as they show it.
func (r *Room) listsRead(ctx context.Context, c team.CompanyID) ([]ActorID, error) {
	var ids []ActorID
	err := r.rooms.Store.Read(ctx).NewSelect().Model((*listRow)(nil)).Column("subject").Where("company_id = ?", c).Where("kind = ?", network.ListFollowers).
		Where("read_at IS NOT NULL").Where("NOT hidden").Where("subject <> ''").Order("subject").Scan(ctx, &ids)
	return ids, store.Fault(err)
}
