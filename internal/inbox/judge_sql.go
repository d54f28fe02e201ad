package inbox

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

func (x *Inbox) interactionRows(ctx context.Context, c team.CompanyID, ids []InteractionID) ([]interactionRow, error) {
	var out []interactionRow
	for part := range slices.Chunk(ids, chunk) {
		var rows []interactionRow
		// By id alone: with the company in the query SQLite may choose to read everything of the company.
		if err := x.store.Read(ctx).NewSelect().Model(&rows).Where("id IN (?)", bun.List(part)).Order("at", "id").Scan(ctx); err != nil {
			return nil, store.Fault(err)
		}
		for _, r := range rows {
			if r.CompanyID == c {
				out = append(out, r)
			}
		}
	}
	return out, nil
}

// reweigh writes what the words of a conversation were judged to be.
func (x *Inbox) reweigh(ctx context.Context, tx *store.Tx, c team.CompanyID, id ConversationID, channels map[network.ChannelID]network.Channel) error {
	var conv conversationRow
	if err := x.hold(tx.DB.NewSelect().Model(&conv).Where("id = ?", id)).Scan(ctx); err != nil {
		return store.Fault(err)
	}
	var rows []interactionRow
	if err := tx.DB.NewSelect().Model(&rows).Where("conversation_id = ?", id).Order("at", "id").Scan(ctx); err != nil {
		return store.Fault(err)
	}
	vs, err := x.verdictsOf(ctx, rows)
	if err != nil {
		return err
	}
	company, err := x.team.Company(ctx, c)
	if err != nil {
		return err
	}
	n := x.reweighed(company, channels[conv.ChannelID], conv, rows, vs)
	_, err = tx.DB.NewUpdate().Model((*conversationRow)(nil)).Where("id = ?", id).Set("criticism = ?", n.Criticism).Set("doubt = ?", n.Doubt).
		Set("question = ?", n.Question).Set("praise = ?", n.Praise).Set("urgency = ?", n.Urgency).
		Set("hurry_at = ?", bun.NullTime{Time: clock.Trim(n.HurryAt)}).Set("due_at = ?", bun.NullTime{Time: clock.Trim(n.DueAt)}).Exec(ctx)
	return store.Fault(err)
}

// answeredInPublic looks for the first answer of ours behind each interaction.
func (x *Inbox) answeredInPublic(ctx context.Context, c team.CompanyID, ids []InteractionID) (map[InteractionID]time.Time, error) {
	out := map[InteractionID]time.Time{}
	for part := range slices.Chunk(ids, chunk) {
		var rows []struct {
			ID InteractionID `bun:"id"`
			At time.Time     `bun:"at"`
		}
		err := x.store.Read(ctx).NewSelect().TableExpr("interaction AS theirs").ColumnExpr("theirs.id AS id, ours.at AS at").
			Join("JOIN interaction AS ours ON ours.conversation_id = theirs.conversation_id").
			Where("theirs.company_id = ?", c).Where("theirs.id IN (?)", bun.List(part)).Where("theirs.conversation_id <> ''").
			Where("ours.company_id = ?", c).Where("ours.mine").Where("ours.at >= theirs.at").Where("ours.deleted_at IS NULL").
			Where("ours.visibility <> ?", network.Direct).Order("ours.at").Scan(ctx, &rows)
		if err != nil {
			return nil, store.Fault(err)
		}
		for _, r := range rows {
			if _, ok := out[r.ID]; !ok {
				out[r.ID] = clock.Trim(r.At)
			}
		}
	}
	return out, nil
}
