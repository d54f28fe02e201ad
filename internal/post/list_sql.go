package post

import (
	"context"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/team"
)

// visible narrows a query to what an actor sees: everything of the company, or what is shared with them.
func (p *Posts) visible(q *bun.SelectQuery, actor team.Actor, shared bool) *bun.SelectQuery {
	q = q.Where("?TableAlias.company_id = ?", actor.Company)
	if shared {
		q = q.Where("?TableAlias.id IN (SELECT post_id FROM post_share WHERE company_id = ? AND member_id = ?)", actor.Company, actor.Member)
	}
	return q
}

func (p *Posts) list(ctx context.Context, actor team.Actor, f Filter, shared bool) (l List, err error) {
	var rows []postRow
	q := p.visible(p.rooms.Store.Read(ctx).NewSelect().Model(&rows), actor, shared)
	if len(f.States) > 0 {
		q = q.Where("?TableAlias.state IN (?)", bun.List(f.States))
	}
	if f.Mine {
		q = q.Where("?TableAlias.created_by = ?", actor.Member)
	}
	if f.Trouble {
		q = q.Where("?TableAlias.trouble")
	}
	if f.Channel != "" {
		q = q.Where("EXISTS (SELECT 1 FROM post_variant AS v WHERE v.post_id = ?TableAlias.id AND v.channel_id = ?)", f.Channel)
	}
	if f.Cursor != "" {
		at, id, err := store.ParseCursor(f.Cursor)
		if err != nil {
			return l, err
		}
		q = q.Where("(?TableAlias.at, ?TableAlias.id) < (?, ?)", at, id)
	}
	if err := q.OrderExpr("?TableAlias.at DESC, ?TableAlias.id DESC").Limit(int64(f.Limit + 1)).Scan(ctx); err != nil {
		return l, store.Fault(err)
	}
	if len(rows) > f.Limit {
		rows = rows[:f.Limit]
		last := rows[len(rows)-1].post()
		l.Next = store.Cursor(last.At, string(last.ID))
	}
	l.Entries, err = p.entries(ctx, actor.Company, rows)
	return l, err
}

func (p *Posts) calendar(ctx context.Context, actor team.Actor, from, to time.Time, shared bool) ([]Entry, error) {
	var rows []postRow
	err := p.visible(p.rooms.Store.Read(ctx).NewSelect().Model(&rows), actor, shared).Where("?TableAlias.at >= ?", from.UTC()).Where("?TableAlias.at < ?", to.UTC()).
		Where("(?TableAlias.due_at IS NOT NULL OR ?TableAlias.sent_at IS NOT NULL)").OrderExpr("?TableAlias.at, ?TableAlias.id").Limit(mostCalendar).Scan(ctx)
	if err != nil {
		return nil, store.Fault(err)
	}
	return p.entries(ctx, actor.Company, rows)
}

// entries dresses rows for lists.
func (p *Posts) entries(ctx context.Context, c team.CompanyID, rows []postRow) ([]Entry, error) {
	now := p.rooms.Clock.Now()
	out := make([]Entry, len(rows))
	at := map[ID]int{}
	ids := make([]ID, len(rows))
	for i, r := range rows {
		x := r.post()
		out[i] = Entry{Post: x, Preview: r.Preview, Waits: x.State == Pending, Missed: x.Missed(now)}
		at[x.ID], ids[i] = i, x.ID
	}
	for part := range slices.Chunk(ids, chunk) {
		var vs []struct {
			PostID    ID                `bun:"post_id"`
			ChannelID network.ChannelID `bun:"channel_id"`
		}
		err := p.rooms.Store.Read(ctx).NewSelect().Model((*variantRow)(nil)).Column("post_id", "channel_id").Where("post_id IN (?)", bun.List(part)).
			Where("company_id = ?", c).Order("post_id", "channel_id").Scan(ctx, &vs)
		if err != nil {
			return nil, store.Fault(err)
		}
		for _, v := range vs {
			out[at[v.PostID]].Channels = append(out[at[v.PostID]].Channels, v.ChannelID)
		}
	}
	return out, nil
}

func (p *Posts) countPosts(ctx context.Context, c team.CompanyID, now time.Time) (Counts, error) {
	out := Counts{States: map[State]int{}}
	count := func(narrow func(*bun.SelectQuery) *bun.SelectQuery) (int, error) {
		sub := narrow(p.rooms.Store.Read(ctx).NewSelect().Model((*postRow)(nil)).ColumnExpr("1").Where("company_id = ?", c)).Limit(CountCap)
		var n int
		err := p.rooms.Store.Read(ctx).NewSelect().ColumnExpr("count(*)").TableExpr("(?) AS x", sub).Scan(ctx, &n)
		return n, store.Fault(err)
	}
	for _, s := range States {
		n, err := count(func(q *bun.SelectQuery) *bun.SelectQuery { return q.Where("state = ?", s) })
		if err != nil {
			return out, err
		}
		if n > 0 {
			out.States[s] = n
		}
	}
	var err error
	if out.Trouble, err = count(func(q *bun.SelectQuery) *bun.SelectQuery { return q.Where("trouble") }); err != nil {
		return out, err
	}
	out.Missed, err = count(func(q *bun.SelectQuery) *bun.SelectQuery { return wished(q).Where("due_at < ?", now) })
	return out, err
}

// wished narrows a query to what has a time and not the yes it needs; it says just what the index says.
func wished(q *bun.SelectQuery) *bun.SelectQuery {
	return q.Where("state IN ('draft', 'pending', 'approved')").Where("due_at IS NOT NULL")
}

// pending gives the posts that wait for a yes, oldest first; only those that were asked of the actor by name when narrow is set.
func (p *Posts) pending(ctx context.Context, actor team.Actor, narrow bool) ([]Entry, error) {
	var rows []postRow
	q := p.rooms.Store.Read(ctx).NewSelect().Model(&rows).Where("?TableAlias.company_id = ?", actor.Company).Where("?TableAlias.state = ?", Pending)
	if narrow {
		q = q.Where("?TableAlias.id IN (SELECT post_id FROM post_share WHERE company_id = ? AND member_id = ? AND asked)", actor.Company, actor.Member)
	}
	if err := q.OrderExpr("?TableAlias.at, ?TableAlias.id").Limit(4 * mostWaiting).Scan(ctx); err != nil {
		return nil, store.Fault(err)
	}
	return p.entries(ctx, actor.Company, rows)
}

// troubledPosts gives posts of which something is held, failed or unknown, and those that missed their time in the last month.
// missed gives posts that wait for a yes, or have it and no time any more, and whose wished time lies between two moments.
func (p *Posts) missed(ctx context.Context, c team.CompanyID, from, to time.Time) ([]Post, error) {
	var rows []postRow
	err := wished(p.rooms.Store.Read(ctx).NewSelect().Model(&rows).Where("company_id = ?", c)).Where("state <> ?", Draft).
		Where("due_at > ?", from).Where("due_at < ?", to).OrderExpr("due_at").Limit(mostWaiting).Scan(ctx)
	out := make([]Post, len(rows))
	for i, r := range rows {
		out[i] = r.post()
	}
	return out, store.Fault(err)
}

func (p *Posts) troubledPosts(ctx context.Context, c team.CompanyID, now time.Time) ([]Entry, error) {
	var all []postRow
	for _, narrow := range []func(*bun.SelectQuery) *bun.SelectQuery{
		func(q *bun.SelectQuery) *bun.SelectQuery {
			return q.Where("state = ?", Held).OrderExpr("at DESC, id DESC")
		},
		func(q *bun.SelectQuery) *bun.SelectQuery {
			return q.Where("trouble").Where("state <> ?", Held).OrderExpr("at DESC, id DESC")
		},
		func(q *bun.SelectQuery) *bun.SelectQuery {
			return wished(q).Where("due_at < ?", now).Where("due_at > ?", now.AddDate(0, -1, 0)).OrderExpr("due_at DESC")
		},
	} {
		var rows []postRow
		if err := narrow(p.rooms.Store.Read(ctx).NewSelect().Model(&rows).Where("company_id = ?", c)).Limit(mostWaiting).Scan(ctx); err != nil {
			return nil, store.Fault(err)
		}
		all = append(all, rows...)
	}
	return p.entries(ctx, c, all)
}

// usedMedia gives the files of the latest posts, those of one post in their order; some stand there more than once.
func (p *Posts) usedMedia(ctx context.Context, c team.CompanyID, posts int) (out []Media, err error) {
	var rows []postRow
	err = p.rooms.Store.Read(ctx).NewSelect().Model(&rows).Column("id", "message").Where("company_id = ?", c).OrderExpr("saved_at DESC, id DESC").Limit(int64(posts)).Scan(ctx)
	for _, r := range rows {
		out = append(out, r.Message.Media...)
	}
	return out, store.Fault(err)
}
