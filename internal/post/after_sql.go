package post

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"github.com/ponte-desk/ponte/internal/clock"
	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/team"
)

type countRow struct {
	bun.BaseModel `bun:"table:post_count"`
	CompanyID     team.CompanyID    `bun:"company_id"`
	PostID        ID                `bun:"post_id"`
	PartID        PartID            `bun:"part_id,pk"`
	ChannelID     network.ChannelID `bun:"channel_id"`
	Age           Age               `bun:"age,pk"`
	DueAt         time.Time         `bun:"due_at,nullzero"`
	ReadAt        time.Time         `bun:"read_at,nullzero"`
	Tries         int               `bun:"tries"`
	Counts        Counted           `bun:"counts,type:jsonb"`
}

func (p *Posts) insertCounts(ctx context.Context, tx *store.Tx, c team.CompanyID, x Part) error {
	rows := make([]countRow, len(Ages))
	for i, a := range Ages {
		rows[i] = countRow{CompanyID: c, PostID: x.Post, PartID: x.ID, ChannelID: x.Channel, Age: a, DueAt: x.SentAt.Add(ages[a])}
	}
	_, err := tx.DB.NewInsert().Model(&rows).On("CONFLICT (part_id, age) DO NOTHING").Exec(ctx)
	return store.Fault(err)
}

// stageCounts tells what a message of the sample company had brought at some ages.
func (p *Posts) stageCounts(ctx context.Context, tx *store.Tx, c team.CompanyID, x Part, told map[Age]Counted) error {
	var rows []countRow
	for _, a := range Ages {
		if n, ok := told[a]; ok {
			rows = append(rows, countRow{CompanyID: c, PostID: x.Post, PartID: x.ID, ChannelID: x.Channel, Age: a, ReadAt: x.SentAt.Add(ages[a]), Counts: n})
		}
	}
	if len(rows) == 0 {
		return nil
	}
	_, err := tx.DB.NewInsert().Model(&rows).Exec(ctx)
	return store.Fault(err)
}

func (p *Posts) dueCounts(ctx context.Context, now time.Time, most int) ([]countRow, error) {
	var rows []countRow
	err := p.rooms.Store.Read(ctx).NewSelect().Model(&rows).Where("due_at IS NOT NULL").Where("due_at <= ?", now).Order("due_at").Limit(int64(most)).Scan(ctx)
	for i := range rows {
		rows[i].DueAt = clock.Trim(rows[i].DueAt)
	}
	return rows, store.Fault(err)
}

func (p *Posts) saveCount(ctx context.Context, tx *store.Tx, r countRow) error {
	_, err := tx.DB.NewUpdate().Model(&r).WherePK().Where("company_id = ?", r.CompanyID).Column("due_at", "read_at", "tries", "counts").Exec(ctx)
	return store.Fault(err)
}

// remoteIDs gives where messages stand, by part.
func (p *Posts) remoteIDs(ctx context.Context, c team.CompanyID, ids []PartID) (map[PartID]partRow, error) {
	var rows []partRow
	err := p.rooms.Store.Read(ctx).NewSelect().Model(&rows).Column("id", "variant_id", "channel_id", "remote_id", "state", "sent_at").Where("id IN (?)", bun.List(ids)).
		Where("company_id = ?", c).Scan(ctx)
	out := map[PartID]partRow{}
	for _, r := range rows {
		r.SentAt = clock.Trim(r.SentAt)
		out[r.ID] = r
	}
	return out, store.Fault(err)
}

// continued tells which messages the next one of the same post answers, as it stands there.
func (p *Posts) continued(ctx context.Context, c team.CompanyID, ids []PartID) (map[PartID]bool, error) {
	var found []PartID
	err := p.rooms.Store.Read(ctx).NewSelect().TableExpr("post_part AS a").ColumnExpr("a.id").
		Join("JOIN post_part AS b ON b.variant_id = a.variant_id AND b.number = a.number + 1").
		Where("a.id IN (?)", bun.List(ids)).Where("a.company_id = ?", c).Where("b.state = ?", PartSent).Scan(ctx, &found)
	out := map[PartID]bool{}
	for _, id := range found {
		out[id] = true
	}
	return out, store.Fault(err)
}

// results gives what a post's variants have brought, by channel and age.
func (p *Posts) results(ctx context.Context, c team.CompanyID, id ID) ([]Result, error) {
	var rows []countRow
	err := p.rooms.Store.Read(ctx).NewSelect().Model(&rows).Where("post_id = ?", id).Where("company_id = ?", c).Where("read_at IS NOT NULL").
		Order("part_id").Scan(ctx)
	if err != nil || len(rows) == 0 {
		return nil, store.Fault(err)
	}
	ids := make([]PartID, len(rows))
	for i, r := range rows {
		ids[i] = r.PartID
	}
	where, err := p.remoteIDs(ctx, c, ids)
	if err != nil {
		return nil, err
	}
	vs, err := p.variantRows(ctx, c, id)
	if err != nil {
		return nil, err
	}
	var out []Result
	for _, v := range vs {
		for _, a := range Ages {
			one := Result{Variant: v.ID, Channel: v.ChannelID, Age: a}
			for _, r := range rows {
				if where[r.PartID].VariantID != v.ID || r.Age != a {
					continue
				}
				one.Parts++
				one.Counted.add(r.Counts)
				if at := clock.Trim(r.ReadAt); at.After(one.ReadAt) {
					one.ReadAt = at
				}
			}
			if one.Parts > 0 {
				out = append(out, one)
			}
		}
	}
	return out, nil
}

// firstHour is what a message had brought within an hour of when it went out.
type firstHour struct {
	Counts Counted   `bun:"counts,type:jsonb"`
	SentAt time.Time `bun:"sent_at"`
}

// countedSince gives what messages had brought within an hour, on a channel or all, since a moment.
func (p *Posts) countedSince(ctx context.Context, c team.CompanyID, ch network.ChannelID, since time.Time) ([]firstHour, error) {
	var rows []firstHour
	q := p.rooms.Store.Read(ctx).NewSelect().TableExpr("post_count AS n").Join("JOIN post_part AS p ON p.id = n.part_id").
		ColumnExpr("n.counts, p.sent_at").Where("n.company_id = ?", c).Where("n.read_at > ?", since).Where("n.read_at IS NOT NULL").
		Where("n.age = '1h'").Where("p.sent_at IS NOT NULL")
	if ch != "" {
		q = q.Where("n.channel_id = ?", ch)
	}
	err := q.OrderExpr("n.read_at DESC").Limit(bestCases).Scan(ctx, &rows)
	return rows, store.Fault(err)
}
