package delivery

import (
	"context"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/team"
)

// chunk bounds the rows of one statement.
const chunk = 250

func (d *Deliveries) hold(ctx context.Context, tx *store.Tx, c team.CompanyID, ids []ID, now time.Time) (bool, error) {
	ids = slices.Clone(ids)
	slices.Sort(ids)
	free := true
	for part := range slices.Chunk(ids, chunk) {
		var rows []row
		q := tx.DB.NewSelect().Model(&rows).Where("company_id = ?", c).Where("id IN (?)", bun.List(part)).Order("id")
		if d.store.Dialect() == store.Postgres {
			q = q.For("UPDATE")
		}
		if err := q.Scan(ctx); err != nil {
			return false, store.Fault(err)
		}
		for _, r := range rows {
			free = free && (r.Lease == "" || !now.Before(r.LeasedUntil))
		}
	}
	return free, nil
}

func (d *Deliveries) drop(ctx context.Context, tx *store.Tx, c team.CompanyID, ids []ID) error {
	if err := d.dropUploads(ctx, tx, c, ids); err != nil {
		return err
	}
	for part := range slices.Chunk(ids, chunk) {
		if _, err := tx.DB.NewDelete().Model((*row)(nil)).Where("company_id = ?", c).Where("id IN (?)", bun.List(part)).Exec(ctx); err != nil {
			return store.Fault(err)
		}
	}
	return nil
}

// named gives deliveries that may name somebody among the next so many behind one.
func (d *Deliveries) named(ctx context.Context, tx *store.Tx, c team.CompanyID, after ID, likes []string, part int) ([]row, ID, error) {
	behind := func(q *bun.SelectQuery) *bun.SelectQuery {
		if after != "" {
			q = q.Where("id > ?", after)
		}
		return q.Where("company_id = ?", c)
	}
	var ends []ID
	if err := behind(tx.DB.NewSelect().Model((*row)(nil)).Column("id")).Order("id").Limit(1).Offset(int64(part-1)).Scan(ctx, &ends); err != nil {
		return nil, "", store.Fault(err)
	}
	var rows []row
	q := behind(tx.DB.NewSelect().Model(&rows)).WhereGroup(" AND ", func(q *bun.SelectQuery) *bun.SelectQuery {
		for _, l := range likes {
			q = q.WhereOr("lower(CAST(message AS TEXT)) LIKE ? ESCAPE '!'", l)
		}
		return q
	})
	next := ID("")
	if len(ends) > 0 {
		next = ends[0]
		q = q.Where("id <= ?", next)
	}
	return rows, next, store.Fault(q.Scan(ctx))
}

func (d *Deliveries) setMessage(ctx context.Context, tx *store.Tx, c team.CompanyID, id ID, m Message) error {
	if err := d.dropUploads(ctx, tx, c, []ID{id}); err != nil { // they may carry a description that names somebody
		return err
	}
	_, err := tx.DB.NewUpdate().Model(&row{Message: m}).Column("message").Where("company_id = ?", c).Where("id = ?", id).Exec(ctx)
	return store.Fault(err)
}
