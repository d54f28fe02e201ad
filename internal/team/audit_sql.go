package team

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"github.com/ponte-desk/ponte/internal/store"
)

type auditRow struct {
	bun.BaseModel `bun:"table:audit"`

	ID         string    `bun:",pk"`
	Company    CompanyID `bun:"company_id"`
	At         time.Time
	Member     MemberID `bun:"member_id"`
	Via        Via
	Verb       string
	ObjectKind string
	ObjectID   string
	Detail     map[string]string `bun:"type:jsonb"`
	RequestID  string
}

func (t *Team) insertAudit(ctx context.Context, tx *store.Tx, e AuditEntry) error {
	if e.Detail == nil {
		e.Detail = map[string]string{}
	}
	_, err := tx.DB.NewInsert().Model(&auditRow{
		ID: e.ID, Company: e.Company, At: e.At, Member: e.Member, Via: e.Via, Verb: e.Verb, ObjectKind: e.ObjectKind,
		ObjectID: e.ObjectID, Detail: e.Detail, RequestID: e.RequestID,
	}).Exec(ctx)
	return store.Fault(err)
}

func (t *Team) readAudit(ctx context.Context, c CompanyID, f AuditFilter) ([]AuditEntry, error) {
	var rows []auditRow
	q := t.store.Read(ctx).NewSelect().Model(&rows).Where("company_id = ?", c)
	if f.Cursor != "" {
		q = q.Where("id < ?", f.Cursor)
	}
	q = narrowAudit(q, f)
	if err := q.Order("id DESC").Limit(int64(f.Limit)).Scan(ctx); err != nil {
		return nil, store.Fault(err)
	}
	out := make([]AuditEntry, 0, len(rows))
	for _, r := range rows {
		out = append(out, AuditEntry{
			ID: r.ID, Company: r.Company, At: r.At.UTC(), Member: r.Member, Via: r.Via, Verb: r.Verb, ObjectKind: r.ObjectKind,
			ObjectID: r.ObjectID, Detail: r.Detail, RequestID: r.RequestID,
		})
	}
	return out, nil
}

func narrowAudit(q *bun.SelectQuery, f AuditFilter) *bun.SelectQuery {
	if f.Member != "" {
		q = q.Where("member_id = ?", f.Member)
	}
	if f.ObjectKind != "" {
		q = q.Where("object_kind = ?", f.ObjectKind)
	}
	if f.ObjectID != "" {
		q = q.Where("object_id = ?", f.ObjectID)
	}
	if f.Verb != "" {
		q = q.Where("verb = ?", f.Verb)
	}
	if !f.From.IsZero() {
		q = q.Where("at >= ?", f.From.UTC())
	}
	if !f.To.IsZero() {
		q = q.Where("at < ?", f.To.UTC())
	}
	return q
}

func (t *Team) countAudit(ctx context.Context, c CompanyID, f AuditFilter) (map[string]int, error) {
	var rows []struct {
		ObjectID string
		N        int
	}
	q := t.store.Read(ctx).NewSelect().Model((*auditRow)(nil)).ColumnExpr("object_id, count(*) AS n").Where("company_id = ?", c)
	if err := narrowAudit(q, f).Group("object_id").Scan(ctx, &rows); err != nil {
		return nil, store.Fault(err)
	}
	out := make(map[string]int, len(rows))
	for _, r := range rows {
		out[r.ObjectID] = r.N
	}
	return out, nil
}
