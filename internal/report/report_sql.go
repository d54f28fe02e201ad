package report

import (
	"context"

	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/team"
)

// removeCompany deletes everything that is kept for a company.
func (x *Room) removeCompany(ctx context.Context, tx *store.Tx, c team.CompanyID) error {
	for _, table := range []string{"report_pulse", "report_time", "report_rate", "report_cost", "report_letter"} {
		if _, err := tx.DB.NewDelete().Table(table).Where("company_id = ?", c).Exec(ctx); err != nil {
			return store.Fault(err)
		}
	}
	return nil
}
