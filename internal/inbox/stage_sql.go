package inbox

import (
	"context"
	"errors"

	"github.com/uptrace/bun"

	"github.com/ponte-desk/ponte/internal/clock"
	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/team"
)

// conversationWith finds the conversation that holds an interaction.
func (x *Inbox) conversationWith(ctx context.Context, c team.CompanyID, ch network.ChannelID, remoteID string) (ConversationID, error) {
	var id ConversationID
	err := store.Fault(x.store.Read(ctx).NewSelect().Model((*interactionRow)(nil)).Column("conversation_id").
		Where("company_id = ?", c).Where("channel_id = ?", ch).Where("remote_id = ?", remoteID).Scan(ctx, &id))
	if errors.Is(err, store.ErrMissing) || err == nil && id == "" {
		return "", missing()
	}
	return id, err
}

// stage writes the state of a staged conversation and who wrote its answers.
func (x *Inbox) stage(ctx context.Context, tx *store.Tx, company team.Company, id ConversationID, s Staged) error {
	c, err := x.conversation(ctx, company.ID, id)
	if err != nil {
		return err
	}
	up := tx.DB.NewUpdate().Model((*conversationRow)(nil)).Where("id = ?", id).Set("state = ?", s.State).Set("assignee_id = ?", s.Assignee)
	switch s.State {
	case Done:
		up = up.Set("done_at = ?", c.LastAt).Set("waiting_since = NULL").Set("due_at = NULL").Set("snoozed_until = NULL")
	case Snoozed:
		up = up.Set("snoozed_until = ?", clock.Trim(s.SnoozedUntil)).Set("done_at = NULL")
	case Waiting:
		up = up.Set("waiting_since = NULL").Set("due_at = NULL").Set("done_at = NULL").Set("snoozed_until = NULL")
	case Open:
		up = up.Set("done_at = NULL").Set("snoozed_until = NULL")
	}
	if _, err := up.Exec(ctx); err != nil {
		return store.Fault(err)
	}
	for remoteID, m := range s.Authors {
		if _, err := tx.DB.NewUpdate().Model((*interactionRow)(nil)).Where("channel_id = ?", s.Channel).Where("remote_id = ?", remoteID).
			Set("member_id = ?", m).Exec(ctx); err != nil {
			return store.Fault(err)
		}
	}
	return nil
}

func (x *Inbox) stageReply(ctx context.Context, tx *store.Tx, c team.CompanyID, r Reply) error {
	if r.Answers == "" {
		t, err := x.interactions(ctx, c, r.Conversation)
		if err != nil {
			return err
		}
		last, _ := Thread{Interactions: t}.Last()
		r.Answers, r.Visibility = last.ID, visibility(last, false)
	}
	if err := x.insertReply(ctx, tx, c, r); err != nil {
		return err
	}
	_, err := tx.DB.NewUpdate().Model((*replyRow)(nil)).Where("id = ?", r.ID).Set("decided_by = ?", r.DecidedBy).
		Set("decided_at = ?", bun.NullTime{Time: r.DecidedAt}).Set("reason = ?", r.Reason).Exec(ctx)
	return store.Fault(err)
}
