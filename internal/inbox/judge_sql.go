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

// interactionRows gives interactions, oldest first. They are asked for by id alone: with the company in the query SQLite
// may choose to read everything of the company.
func (x *Inbox) interactionRows(ctx context.Context, c team.CompanyID, ids []InteractionID) ([]interactionRow, error) {
	var out []interactionRow
	for part := range slices.Chunk(ids, chunk) {
		var rows []interactionRow
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

// rowsOf gives the interactions of a conversation, oldest first.
func (x *Inbox) rowsOf(ctx context.Context, tx *store.Tx, id ConversationID) ([]interactionRow, error) {
	var rows []interactionRow
	err := tx.DB.NewSelect().Model(&rows).Where("conversation_id = ?", id).Order("at", "id").Scan(ctx)
	return rows, store.Fault(err)
}

// holdAll keeps conversations from changing until the transaction ends. They come sorted, so that two never wait for each
// other.
func (x *Inbox) holdAll(ctx context.Context, tx *store.Tx, ids []ConversationID) error {
	if x.store.Dialect() != store.Postgres {
		return nil
	}
	for part := range slices.Chunk(ids, chunk) {
		var held []ConversationID
		q := tx.DB.NewSelect().Model((*conversationRow)(nil)).Column("id").Where("id IN (?)", bun.List(part)).Order("id")
		if err := x.hold(q).Scan(ctx, &held); err != nil {
			return store.Fault(err)
		}
	}
	return nil
}

// reweigh writes what the words of a conversation were judged to be.
func (x *Inbox) reweigh(ctx context.Context, tx *store.Tx, c team.CompanyID, id ConversationID, channels map[network.ChannelID]network.Channel) error {
	var conv conversationRow
	if err := x.hold(tx.DB.NewSelect().Model(&conv).Where("id = ?", id)).Scan(ctx); err != nil {
		return store.Fault(err)
	}
	rows, err := x.rowsOf(ctx, tx, id)
	if err != nil {
		return err
	}
	vs, err := x.verdictsOf(ctx, rows)
	if err != nil {
		return err
	}
	company, err := x.team.Company(ctx, c)
	if err != nil {
		return err
	}
	return x.saveJudged(ctx, tx, x.reweighed(company, channels[conv.ChannelID], conv, rows, vs))
}

// saveJudged writes what a conversation shows of verdicts, and nothing else.
func (x *Inbox) saveJudged(ctx context.Context, tx *store.Tx, c conversationRow) error {
	_, err := tx.DB.NewUpdate().Model((*conversationRow)(nil)).Where("id = ?", c.ID).Set("criticism = ?", c.Criticism).Set("doubt = ?", c.Doubt).
		Set("question = ?", c.Question).Set("praise = ?", c.Praise).Set("urgency = ?", c.Urgency).Set("last_in_id = ?", c.LastInID).
		Set("hurry_at = ?", bun.NullTime{Time: clock.Trim(c.HurryAt)}).Set("due_at = ?", bun.NullTime{Time: clock.Trim(c.DueAt)}).
		Set("judged = ?", c.Judged).Exec(ctx)
	return store.Fault(err)
}

// answeredInPublic looks for the first answer of ours behind each interaction.
func (x *Inbox) answeredInPublic(ctx context.Context, c team.CompanyID, ids []InteractionID) (map[InteractionID]time.Time, error) {
	out := map[InteractionID]time.Time{}
	for part := range slices.Chunk(ids, chunk) {
		var rows []struct {
			ID      InteractionID  `bun:"id"`
			Company team.CompanyID `bun:"company_id"`
			At      time.Time      `bun:"at"`
		}
		// The first is looked for by itself, and only where we answered later at all: conversations may be long.
		err := x.store.Read(ctx).NewRaw("SELECT theirs.id AS id, theirs.company_id AS company_id, ours.at AS at FROM interaction AS theirs "+
			"JOIN conversation AS c ON c.id = theirs.conversation_id AND c.last_out_at >= theirs.at "+
			"JOIN interaction AS ours ON ours.id = (SELECT o.id FROM interaction AS o WHERE o.conversation_id = theirs.conversation_id "+
			"AND o.at >= theirs.at AND o.mine AND o.deleted_at IS NULL AND o.visibility <> ? ORDER BY o.at, o.id LIMIT 1) "+
			"WHERE theirs.id IN (?)", network.Direct, bun.List(part)).Scan(ctx, &rows)
		if err != nil {
			return nil, store.Fault(err)
		}
		for _, r := range rows {
			if r.Company == c {
				out[r.ID] = clock.Trim(r.At)
			}
		}
	}
	return out, nil
}

// unjudged gives and holds conversations from before texts were judged.
func (x *Inbox) unjudged(ctx context.Context, tx *store.Tx, limit int) ([]conversationRow, error) {
	var rows []conversationRow
	q := tx.DB.NewSelect().Model(&rows).Where("judged = ?", false).Where("NOT judged").Order("id").Limit(int64(limit))
	if x.store.Dialect() == store.Postgres {
		q = q.For("NO KEY UPDATE SKIP LOCKED") // one that somebody has in hand waits for the next time
	}
	err := q.Scan(ctx)
	return rows, store.Fault(err)
}
