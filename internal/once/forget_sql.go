package once

import (
	"context"

	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/team"
)

func (o *Once) forget(ctx context.Context, tx *store.Tx, c team.CompanyID, names func(string) bool) (int, error) {
	var rows []answerRow
	err := tx.DB.NewSelect().Model(&rows).Column("company_id", "token_id", "key", "claim").Where("company_id = ?", c).Where("status > 0").
		Where("response <> ''").Scan(ctx)
	if err != nil {
		return 0, store.Fault(err)
	}
	for _, r := range rows {
		if !names(r.Key) {
			continue
		}
		if err := o.delete(ctx, tx, Request{Company: c, Token: r.TokenID, Key: r.Key}, r.Claim); err != nil {
			return 0, err
		}
	}
	_, err = tx.DB.NewUpdate().Model((*answerRow)(nil)).Where("company_id = ?", c).Where("status > 0").Where("response <> ''").Set("response = ''").Exec(ctx)
	return len(rows), store.Fault(err)
}
