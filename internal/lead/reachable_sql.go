package lead

import (
	"context"

	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/team"
)

func (x *Leads) reachable(ctx context.Context, c team.CompanyID) (all, agreed int, err error) {
	var n struct{ All, Agreed int }
	err = x.rooms.Store.Read(ctx).NewSelect().Model((*row)(nil)).ColumnExpr("count(DISTINCT lead.email) AS \"all\"").
		ColumnExpr("count(DISTINCT CASE WHEN EXISTS (SELECT 1 FROM lead_agreed AS g WHERE g.lead_id = lead.id AND g.company_id = lead.company_id AND g.given) THEN lead.email END) AS agreed").
		Where("lead.company_id = ?", c).Where("lead.email <> ''").Scan(ctx, &n)
	return n.All, n.Agreed, store.Fault(err)
}
