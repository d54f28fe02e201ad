package inbox

import (
	"context"
	"slices"

	"github.com/uptrace/bun"

	"github.com/ponte-desk/ponte/internal/audience"
	"github.com/ponte-desk/ponte/internal/clock"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/team"
)

// writtenBy gives what accounts wrote or did, oldest first, behind some interaction.
func (x *Inbox) writtenBy(ctx context.Context, c team.CompanyID, ids []audience.IdentityID, after interactionRow, limit int) ([]interactionRow, error) {
	var rows []interactionRow
	q := x.store.Read(ctx).NewSelect().Model(&rows).Where("company_id = ?", c).Where("identity_id IN (?)", bun.List(ids)).Where("NOT mine").
		Order("at", "id").Limit(int64(limit))
	if after.ID != "" {
		q = q.Where("at >= ?", after.At).Where("(at > ? OR id > ?)", after.At, after.ID)
	}
	err := q.Scan(ctx)
	for i := range rows {
		rows[i].EditedAt = clock.Trim(rows[i].EditedAt)
	}
	return trim(rows), store.Fault(err)
}

// countBy counts what accounts wrote or did.
func (x *Inbox) countBy(ctx context.Context, c team.CompanyID, ids []audience.IdentityID) (n int, err error) {
	for part := range slices.Chunk(ids, chunk) {
		some, err := x.store.Read(ctx).NewSelect().Model((*interactionRow)(nil)).Where("company_id = ?", c).Where("identity_id IN (?)", bun.List(part)).
			Where("NOT mine").Count(ctx)
		if err != nil {
			return 0, store.Fault(err)
		}
		n += int(some)
	}
	return n, nil
}

// pastOf gives the earlier texts of interactions, oldest first.
func (x *Inbox) pastOf(ctx context.Context, c team.CompanyID, rows []interactionRow) (map[InteractionID][]pastRow, error) {
	var edited []InteractionID
	for _, r := range rows {
		if !r.EditedAt.IsZero() {
			edited = append(edited, r.ID)
		}
	}
	out := map[InteractionID][]pastRow{}
	if len(edited) == 0 {
		return out, nil
	}
	var past []pastRow
	err := x.store.Read(ctx).NewSelect().Model(&past).Where("company_id = ?", c).Where("interaction_id IN (?)", bun.List(edited)).Order("id").Scan(ctx)
	for _, p := range past {
		out[p.InteractionID] = append(out[p.InteractionID], p)
	}
	return out, store.Fault(err)
}

// allTalksWith gives every conversation that accounts took part in.
func (x *Inbox) allTalksWith(ctx context.Context, c team.CompanyID, ids []audience.IdentityID) ([]ConversationID, error) {
	var out []ConversationID
	err := x.store.Read(ctx).NewSelect().Model((*interactionRow)(nil)).ColumnExpr("DISTINCT conversation_id").Where("company_id = ?", c).
		Where("identity_id IN (?)", bun.List(ids)).Where("conversation_id <> ''").Where("NOT mine").Order("conversation_id").Scan(ctx, &out)
	return out, store.Fault(err)
}

func (x *Inbox) readRows(ctx context.Context, c team.CompanyID, id ConversationID) ([]interactionRow, error) {
	var rows []interactionRow
	err := x.store.Read(ctx).NewSelect().Model(&rows).Where("company_id = ?", c).Where("conversation_id = ?", id).Order("at", "id").Scan(ctx)
	return trim(rows), store.Fault(err)
}
