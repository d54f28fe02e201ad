package inbox

import (
	"context"

	"github.com/ponte-desk/ponte/internal/clock"
	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/team"
)

var voiceColumns = []string{
	"id", "channel_id", "conversation_id", "remote_id", "parent_id", "root_id", "identity_id", "kind", "mine", "visibility", "language", "body", "at", "deleted_at",
}

// voices reads a page of what was said; last is "" when there is no more.
func (x *Inbox) voices(ctx context.Context, c team.CompanyID, after InteractionID, limit int) ([]Voice, InteractionID, error) {
	var rows []interactionRow
	err := x.store.Read(ctx).NewSelect().Model(&rows).Column(voiceColumns...).Where("company_id = ?", c).Where("id > ?", after).
		Order("id").Limit(int64(limit)).Scan(ctx)
	if err != nil {
		return nil, "", store.Fault(err)
	}
	last := InteractionID("")
	if len(rows) == limit {
		last = rows[len(rows)-1].ID
	}
	out := make([]Voice, 0, len(rows))
	for _, r := range rows {
		if !r.Kind.Speaks() {
			continue
		}
		out = append(out, Voice{
			ID: r.ID, Channel: r.ChannelID, Conversation: r.ConversationID, RemoteID: r.RemoteID, ParentID: r.ParentID, RootID: r.RootID, Identity: r.IdentityID,
			Kind: r.Kind, Mine: r.Mine, Public: r.Visibility == network.Public || r.Visibility == network.Unlisted, Language: r.Language, Text: r.Body,
			At: clock.Trim(r.At), Deleted: !r.DeletedAt.IsZero(),
		})
	}
	return out, last, nil
}
