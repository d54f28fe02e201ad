package inbox

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"github.com/ponte-desk/ponte/internal/clock"
	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/live"
	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/team"
)

func (x *Inbox) conversation(ctx context.Context, c team.CompanyID, id ConversationID) (Conversation, error) {
	var row conversationRow
	err := store.Fault(x.store.Read(ctx).NewSelect().Model(&row).Where("company_id = ?", c).Where("id = ?", id).Scan(ctx))
	if errors.Is(err, store.ErrMissing) {
		return Conversation{}, missing()
	}
	return row.conversation(), err
}

// hold keeps the conversations of a query from changing until the transaction ends: what is decided from them is
// written over them. SQLite has one writer at a time and needs no such thing.
func (x *Inbox) hold(q *bun.SelectQuery) *bun.SelectQuery {
	if x.store.Dialect() == store.Postgres {
		return q.For("NO KEY UPDATE")
	}
	return q
}

// held gives a conversation that nobody else changes until the transaction ends.
func (x *Inbox) held(ctx context.Context, tx *store.Tx, c team.CompanyID, id ConversationID) (Conversation, error) {
	var row conversationRow
	err := store.Fault(x.hold(tx.DB.NewSelect().Model(&row).Where("company_id = ?", c).Where("id = ?", id)).Scan(ctx))
	if errors.Is(err, store.ErrMissing) {
		return Conversation{}, missing()
	}
	return row.conversation(), err
}

// alone waits until nobody else writes interactions of a channel and keeps others waiting until the transaction ends. It
// comes before holding conversations, so that two never wait for each other.
func (x *Inbox) alone(ctx context.Context, tx *store.Tx, ch network.ChannelID) error {
	if x.store.Dialect() != store.Postgres {
		return nil
	}
	_, err := tx.DB.NewRaw("SELECT pg_advisory_xact_lock(hashtextextended(?, 0))", "inbox "+string(ch)).Exec(ctx)
	return store.Fault(err)
}

func (x *Inbox) interactions(ctx context.Context, c team.CompanyID, id ConversationID) ([]Interaction, error) {
	var rows []interactionRow
	err := x.store.Read(ctx).NewSelect().Model(&rows).Where("company_id = ?", c).Where("conversation_id = ?", id).Order("at", "id").Scan(ctx)
	if err != nil {
		return nil, store.Fault(err)
	}
	out := make([]Interaction, len(rows))
	var edited []InteractionID
	at := map[InteractionID]int{}
	for i, r := range rows {
		out[i] = r.interaction()
		at[r.ID] = i
		if !r.EditedAt.IsZero() {
			edited = append(edited, r.ID)
		}
	}
	if len(edited) == 0 {
		return out, nil
	}
	var past []pastRow
	if err := x.store.Read(ctx).NewSelect().Model(&past).Where("interaction_id IN (?)", bun.List(edited)).Order("id").Scan(ctx); err != nil {
		return nil, store.Fault(err)
	}
	for _, p := range past {
		i := at[p.InteractionID]
		out[i].Past = append(out[i].Past, Past{Text: p.Body, Warning: p.Warning, Media: p.Media, Until: clock.Trim(p.Until)})
	}
	return out, nil
}

// mediaOf gives what an interaction that was not taken back carries.
func (x *Inbox) mediaOf(ctx context.Context, c team.CompanyID, id InteractionID) ([]network.Media, error) {
	var row interactionRow
	err := store.Fault(x.store.Read(ctx).NewSelect().Model(&row).Where("id = ?", id).Where("company_id = ?", c).Where("deleted_at IS NULL").Scan(ctx))
	if errors.Is(err, store.ErrMissing) {
		return nil, fault.New(fault.NotFound, "inbox.picture.missing")
	}
	return row.Media, err
}

// about gives our own post under which a conversation was started.
func (x *Inbox) about(ctx context.Context, c team.CompanyID, ch network.ChannelID, is []Interaction) (*Interaction, error) {
	if len(is) == 0 || is[0].ParentID == "" {
		return nil, nil
	}
	var row interactionRow
	err := store.Fault(x.store.Read(ctx).NewSelect().Model(&row).Where("company_id = ?", c).Where("channel_id = ?", ch).
		Where("remote_id = ?", is[0].ParentID).Where("conversation_id = ''").Scan(ctx))
	if errors.Is(err, store.ErrMissing) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	i := row.interaction()
	return &i, nil
}

type noteRow struct {
	bun.BaseModel  `bun:"table:note"`
	ID             string          `bun:"id,pk"`
	CompanyID      team.CompanyID  `bun:"company_id"`
	ConversationID ConversationID  `bun:"conversation_id"`
	MemberID       team.MemberID   `bun:"member_id"`
	Body           string          `bun:"body"`
	Mentions       []team.MemberID `bun:"mentions"`
	At             time.Time       `bun:"at"`
}

func (x *Inbox) notes(ctx context.Context, c team.CompanyID, id ConversationID) ([]Note, error) {
	var rows []noteRow
	err := x.store.Read(ctx).NewSelect().Model(&rows).Where("company_id = ?", c).Where("conversation_id = ?", id).Order("id").Scan(ctx)
	if err != nil {
		return nil, store.Fault(err)
	}
	out := make([]Note, len(rows))
	for i, r := range rows {
		out[i] = Note{ID: r.ID, Member: r.MemberID, Text: r.Body, Mentions: r.Mentions, At: clock.Trim(r.At)}
	}
	return out, nil
}

type writingRow struct {
	bun.BaseModel  `bun:"table:writing"`
	CompanyID      team.CompanyID `bun:"company_id"`
	ConversationID ConversationID `bun:"conversation_id,pk"`
	MemberID       team.MemberID  `bun:"member_id,pk"`
	Until          time.Time      `bun:"until"`
}

func (x *Inbox) writers(ctx context.Context, actor team.Actor, id ConversationID, now time.Time) ([]team.MemberID, error) {
	var ms []team.MemberID
	err := x.store.Read(ctx).NewSelect().Model((*writingRow)(nil)).Column("member_id").Where("company_id = ?", actor.Company).
		Where("conversation_id = ?", id).Where("member_id <> ?", actor.Member).Where("until > ?", now).Order("member_id").Scan(ctx, &ms)
	return ms, store.Fault(err)
}

func (x *Inbox) touchWriting(ctx context.Context, actor team.Actor, id ConversationID) (others []team.MemberID, err error) {
	now := x.clock.Now()
	err = x.store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		if _, err := x.conversation(ctx, actor.Company, id); err != nil {
			return err
		}
		row := writingRow{CompanyID: actor.Company, ConversationID: id, MemberID: actor.Member, Until: now.Add(writingFor)}
		if _, err := tx.DB.NewInsert().Model(&row).On("CONFLICT (conversation_id, member_id) DO UPDATE").Set("until = EXCLUDED.until").Exec(ctx); err != nil {
			return store.Fault(err)
		}
		if _, err := tx.DB.NewDelete().Model((*writingRow)(nil)).Where("until < ?", now.Add(-time.Hour)).Exec(ctx); err != nil {
			return store.Fault(err)
		}
		if others, err = x.writers(ctx, actor, id, now); err != nil {
			return err
		}
		return x.live.Tell(ctx, tx, live.Event{Company: string(actor.Company), Topic: live.Writing, Ref: string(id), By: string(actor.Member)})
	})
	return others, err
}

func (x *Inbox) interactionOn(ctx context.Context, c team.CompanyID, ch network.ChannelID, remoteID string) (Interaction, error) {
	var r interactionRow
	err := x.store.Read(ctx).NewSelect().Model(&r).Where("channel_id = ?", ch).Where("remote_id = ?", remoteID).Where("company_id = ?", c).Scan(ctx)
	return r.interaction(), store.Fault(err)
}

func (x *Inbox) interactionsOn(ctx context.Context, c team.CompanyID, ch network.ChannelID, remoteIDs []string) (map[string]Interaction, error) {
	out := make(map[string]Interaction, len(remoteIDs))
	for part := range slices.Chunk(remoteIDs, chunk) {
		var rows []interactionRow
		err := x.store.Read(ctx).NewSelect().Model(&rows).Where("channel_id = ?", ch).Where("remote_id IN (?)", bun.List(part)).Where("company_id = ?", c).Scan(ctx)
		if err != nil {
			return nil, store.Fault(err)
		}
		for _, r := range rows {
			out[r.RemoteID] = r.interaction()
		}
	}
	return out, nil
}
