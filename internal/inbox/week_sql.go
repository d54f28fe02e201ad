package inbox

import (
	"context"
	"time"

	"github.com/ponte-desk/ponte/internal/clock"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/team"
)

// wordsSince reads what was said since a moment, by conversation and time, at most most interactions.
func (x *Inbox) wordsSince(ctx context.Context, c team.CompanyID, since time.Time, most int) ([]word, error) {
	var rows []struct {
		ConversationID ConversationID `bun:"conversation_id"`
		Mine           bool           `bun:"mine"`
		At             time.Time      `bun:"at"`
	}
	err := x.store.Read(ctx).NewSelect().TableExpr("conversation AS c").
		Join("JOIN interaction AS i ON i.conversation_id = c.id").
		ColumnExpr("i.conversation_id, i.mine, i.at").
		Where("c.company_id = ?", c).Where("c.last_at >= ?", since).
		Where("i.company_id = ?", c).Where("i.at >= ?", since).
		OrderExpr("i.conversation_id, i.at, i.id").Limit(int64(most)).Scan(ctx, &rows)
	if err != nil {
		return nil, store.Fault(err)
	}
	out := make([]word, len(rows))
	for i, r := range rows {
		out[i] = word{Conversation: r.ConversationID, Mine: r.Mine, At: clock.Trim(r.At)}
	}
	return out, nil
}

// answersBy counts answers of ours in a time by who wrote them; "" is not known.
func (x *Inbox) answersBy(ctx context.Context, c team.CompanyID, from, to time.Time) (map[team.MemberID]int, error) {
	var rows []struct {
		MemberID team.MemberID `bun:"member_id"`
		N        int           `bun:"n"`
	}
	err := x.store.Read(ctx).NewSelect().TableExpr("conversation AS c").Join("JOIN interaction AS i ON i.conversation_id = c.id").
		ColumnExpr("i.member_id, count(*) AS n").Where("c.company_id = ?", c).Where("c.last_at >= ?", from).Where("i.company_id = ?", c).
		Where("i.mine").Where("i.deleted_at IS NULL").Where("i.at >= ?", from).Where("i.at < ?", to).GroupExpr("i.member_id").Scan(ctx, &rows)
	out := make(map[team.MemberID]int, len(rows))
	for _, r := range rows {
		out[r.MemberID] = r.N
	}
	return out, store.Fault(err)
}
