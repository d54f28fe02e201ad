package post

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/team"
)

// yesRow is a post that went out, with whether somebody said yes to its exact bytes.
type yesRow struct {
	bun.BaseModel `bun:"table:post,alias:p"`
	ID            ID        `bun:"id"`
	Wanted        wantedRow `bun:"wanted,type:jsonb"`
	Given         bool      `bun:"given,scanonly"`
}

func (p *Posts) readYeses(ctx context.Context, c team.CompanyID, since time.Time) (rows []yesRow, err error) {
	err = p.rooms.Store.Read(ctx).NewSelect().Model(&rows).Column("id", "wanted").
		ColumnExpr("EXISTS (SELECT 1 FROM post_decision AS d WHERE d.post_id = p.id AND d.correction_id = '' AND d.yes AND d.counts AND d.hash = p.hash) AS given").
		Where("p.company_id = ?", c).Where("p.sent_at >= ?", since).Order("p.sent_at DESC", "p.id").Scan(ctx)
	return rows, store.Fault(err)
}
