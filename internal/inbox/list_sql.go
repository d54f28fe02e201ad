package inbox

import (
	"context"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"github.com/ponte-desk/ponte/internal/audience"
	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/team"
)

// listQuery is a list to be read.
type listQuery struct {
	actor      team.Actor
	filter     Filter
	now        time.Time
	identities []audience.IdentityID // of a person
}

// view narrows a query to a view.
func view(q *bun.SelectQuery, v View, actor team.Actor, now time.Time) *bun.SelectQuery {
	q = q.Where("company_id = ?", actor.Company)
	switch v {
	case ViewTodo:
		return q.Where("due_at IS NOT NULL").Where("state = ?", Open)
	case ViewUnassigned:
		return q.Where("due_at IS NOT NULL").Where("state = ?", Open).Where("assignee_id = ''")
	case ViewLate:
		return q.Where("due_at < ?", now).Where("state = ?", Open)
	case ViewMine:
		return q.Where("assignee_id = ?", actor.Member).Where("assignee_id <> ''").Where("state <> ?", Done)
	case ViewApprove:
		return q.Where("pending")
	case ViewTrouble:
		return q.Where("trouble")
	case ViewWaiting:
		return q.Where("state = ?", Waiting).Where("state <> 'done'")
	case ViewSnoozed:
		return q.Where("state = ?", Snoozed).Where("state <> 'done'")
	case ViewDone:
		return q.Where("state = ?", Done)
	case ViewCriticism:
		return q.Where("criticism").Where("state <> 'done'")
	case ViewDoubt:
		return q.Where("doubt").Where("state <> 'done'")
	case ViewQuestion:
		return q.Where("question").Where("state <> 'done'")
	case ViewPraise:
		return q.Where("praise").Where("state <> 'done'")
	case ViewBefore: // what a member settles is done later than anything in it was written
		return q.Where("criticism").Where("state = 'done'").Where("(last_out_at IS NULL OR last_out_at < last_in_at)").Where("done_at <= last_at").Where("last_at > ?", now.Add(-BeforeFor))
	default:
		return q
	}
}

// order is how a view is sorted.
func (v View) order() []string {
	if v.byDue() {
		return []string{"due_at", "id"}
	}
	return []string{"last_at DESC", "id DESC"}
}

func (x *Inbox) readList(ctx context.Context, q listQuery) ([]Conversation, string, error) {
	f := q.filter
	sel := view(x.store.Read(ctx).NewSelect().Model((*conversationRow)(nil)), f.View, q.actor, q.now)
	if f.Channel != "" {
		sel = sel.Where("channel_id = ?", f.Channel)
	}
	if f.Label != "" {
		sel = sel.Where("id IN (SELECT conversation_id FROM conversation_label WHERE company_id = ? AND label_id = ?)", q.actor.Company, f.Label)
	}
	if q.identities != nil {
		sel = sel.Where("identity_id IN (?)", bun.List(q.identities))
	}
	column, before := "last_at", "<"
	if f.View.byDue() {
		column, before = "due_at", ">"
	}
	if f.Cursor != "" {
		at, id, err := store.ParseCursor(f.Cursor)
		if err != nil {
			return nil, "", err
		}
		// The plain bound lets the index start there; the second part keeps equals apart.
		sel = sel.Where("? ?= ?", bun.Ident(column), bun.Safe(before), at).
			Where("(? ? ? OR (? = ? AND id ? ?))", bun.Ident(column), bun.Safe(before), at, bun.Ident(column), at, bun.Safe(before), id)
	}
	var rows []conversationRow
	if err := sel.Order(f.View.order()...).Limit(int64(f.Limit)+1).Scan(ctx, &rows); err != nil {
		return nil, "", store.Fault(err)
	}
	next := ""
	if len(rows) > f.Limit {
		rows = rows[:f.Limit]
		last := rows[f.Limit-1]
		at := last.LastAt
		if f.View.byDue() {
			at = last.DueAt
		}
		next = store.Cursor(at, string(last.ID))
	}
	out := make([]Conversation, len(rows))
	for i, r := range rows {
		out[i] = r.conversation()
	}
	return out, next, nil
}

// conversationsOf gives the conversations that interactions belong to. Both are asked by id alone: with the company in
// the query SQLite may choose to read everything of the company.
func (x *Inbox) conversationsOf(ctx context.Context, c team.CompanyID, refs []string) ([]Conversation, error) {
	ids := map[ConversationID]bool{}
	for part := range slices.Chunk(refs, chunk) {
		var some []ConversationID
		err := x.store.Read(ctx).NewSelect().Model((*interactionRow)(nil)).Column("conversation_id").Where("id IN (?)", bun.List(part)).Scan(ctx, &some)
		if err != nil {
			return nil, store.Fault(err)
		}
		for _, id := range some {
			ids[id] = true
		}
	}
	delete(ids, "")
	var out []Conversation
	for part := range slices.Chunk(sorted(ids), chunk) {
		var rows []conversationRow
		if err := x.store.Read(ctx).NewSelect().Model(&rows).Where("id IN (?)", bun.List(part)).Scan(ctx); err != nil {
			return nil, store.Fault(err)
		}
		for _, r := range rows {
			if r.CompanyID == c {
				out = append(out, r.conversation())
			}
		}
	}
	return out, nil
}

func (x *Inbox) counts(ctx context.Context, actor team.Actor, now time.Time) (Counts, error) {
	out := Counts{Views: map[View]int{}, Channels: map[network.ChannelID]int{}}
	db := x.store.Read(ctx)
	for _, v := range slices.Concat(Views, Subjects) {
		// In the order of the list: without it PostgreSQL reads the table from its oldest, long settled end.
		inner := view(db.NewSelect().Model((*conversationRow)(nil)).ColumnExpr("1"), v, actor, now).Order(v.order()...).Limit(CountCap + 1)
		var n int
		if err := db.NewSelect().TableExpr("(?) AS part", inner).ColumnExpr("count(*)").Scan(ctx, &n); err != nil {
			return out, store.Fault(err)
		}
		out.Views[v] = n
	}
	inner := view(db.NewSelect().Model((*conversationRow)(nil)).Column("channel_id"), ViewTodo, actor, now).Order(ViewTodo.order()...).Limit(CountCap + 1)
	var rows []struct {
		ChannelID network.ChannelID `bun:"channel_id"`
		N         int               `bun:"n"`
	}
	if err := db.NewSelect().TableExpr("(?) AS part", inner).ColumnExpr("channel_id, count(*) AS n").Group("channel_id").Scan(ctx, &rows); err != nil {
		return out, store.Fault(err)
	}
	for _, r := range rows {
		out.Channels[r.ChannelID] = r.N
	}
	return out, nil
}

func (x *Inbox) labelsOf(ctx context.Context, c team.CompanyID, ids []ConversationID) (map[ConversationID][]Label, error) {
	out := map[ConversationID][]Label{}
	if len(ids) == 0 {
		return out, nil
	}
	var rows []struct {
		ConversationID ConversationID `bun:"conversation_id"`
		ID             string         `bun:"id"`
		Name           string         `bun:"name"`
	}
	err := x.store.Read(ctx).NewRaw("SELECT cl.conversation_id, l.id, l.name FROM conversation_label AS cl JOIN label AS l ON l.id = cl.label_id "+
		"WHERE cl.company_id = ? AND cl.conversation_id IN (?) ORDER BY l.folded", c, bun.List(ids)).Scan(ctx, &rows)
	if err != nil {
		return nil, store.Fault(err)
	}
	for _, r := range rows {
		out[r.ConversationID] = append(out[r.ConversationID], Label{ID: r.ID, Name: r.Name})
	}
	return out, nil
}
