package team

import (
	"context"

	"github.com/ponte-desk/ponte/internal/store"
)

// detailsBehind gives lines of the audit trail that hold facts, among the next so many behind a line.
func (t *Team) detailsBehind(ctx context.Context, tx *store.Tx, c CompanyID, cursor string, part int) ([]auditRow, string, error) {
	var rows []auditRow
	q := tx.DB.NewSelect().Model(&rows).Column("id", "company_id", "detail").Where("company_id = ?", c).Order("id").Limit(int64(part))
	if cursor != "" {
		q = q.Where("id > ?", cursor)
	}
	if err := q.Scan(ctx); err != nil {
		return nil, "", store.Fault(err)
	}
	next := ""
	if len(rows) == part {
		next = rows[part-1].ID
	}
	return rows, next, nil
}

func (t *Team) setDetail(ctx context.Context, tx *store.Tx, r auditRow) error {
	_, err := tx.DB.NewUpdate().Model(&r).Column("detail").Where("company_id = ?", r.Company).Where("id = ?", r.ID).Exec(ctx)
	return store.Fault(err)
}
