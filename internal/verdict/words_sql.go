package verdict

import (
	"context"

	"github.com/uptrace/bun"

	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/team"
)

type wordRow struct {
	bun.BaseModel `bun:"table:own_word"`
	CompanyID     team.CompanyID `bun:"company_id,pk"`
	Word          string         `bun:"word"`
	Folded        string         `bun:"folded,pk"`
}

func (v *Verdicts) words(ctx context.Context, c team.CompanyID) ([]string, error) {
	var ws []string
	err := v.store.Read(ctx).NewSelect().Model((*wordRow)(nil)).Column("word").Where("company_id = ?", c).Order("folded").Scan(ctx, &ws)
	return ws, store.Fault(err)
}

func (v *Verdicts) setWords(ctx context.Context, tx *store.Tx, c team.CompanyID, words, folded []string) error {
	if _, err := tx.DB.NewDelete().Model((*wordRow)(nil)).Where("company_id = ?", c).Exec(ctx); err != nil {
		return store.Fault(err)
	}
	if len(words) == 0 {
		return nil
	}
	rows := make([]wordRow, len(words))
	for i := range words {
		rows[i] = wordRow{CompanyID: c, Word: words[i], Folded: folded[i]}
	}
	_, err := tx.DB.NewInsert().Model(&rows).Exec(ctx)
	return store.Fault(err)
}
