package verdict

import (
	"context"
	"errors"
	"slices"

	"github.com/uptrace/bun"

	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/team"
	"github.com/ponte-desk/ponte/internal/triage"
)

func (v *Verdicts) insertCorrection(ctx context.Context, tx *store.Tx, id string, w Verdict, text string) error {
	said, err := encode(saidOf(*w.Said))
	if err != nil {
		return err
	}
	row := correctionRow{ID: id, CompanyID: w.Company, Subject: w.Subject, Body: text, Said: said, MemberID: w.CorrectedBy, At: w.CorrectedAt}
	_, err = tx.DB.NewInsert().Model(&row).Exec(ctx)
	return store.Fault(err)
}

func (v *Verdicts) trust(ctx context.Context, c team.CompanyID, d triage.Decision) (t Trust, err error) {
	var row struct {
		Judged     int `bun:"judged"`
		Looked     int `bun:"looked"`
		Corrected  int `bun:"corrected"`
		Criticisms int `bun:"criticisms"`
	}
	err = store.Fault(v.store.Read(ctx).NewSelect().TableExpr("verdict_tally").Column("judged", "looked", "corrected", "criticisms").
		Where("company_id = ?", c).Where("decision = ?", d).Scan(ctx, &row))
	if errors.Is(err, store.ErrMissing) {
		return t, nil
	}
	return Trust{Like: row.Judged, Looked: row.Looked, Corrected: row.Corrected, Criticisms: row.Criticisms}, err
}

func (v *Verdicts) drop(ctx context.Context, tx *store.Tx, ids []string) error {
	for part := range slices.Chunk(ids, chunk) {
		if _, err := tx.DB.NewDelete().Model((*verdictRow)(nil)).Where("subject IN (?)", bun.List(part)).Exec(ctx); err != nil {
			return store.Fault(err)
		}
	}
	return nil
}

// dropCorrections deletes what members said about subjects and gives the id of the oldest of it; "" when nobody said
// anything.
func (v *Verdicts) dropCorrections(ctx context.Context, tx *store.Tx, c team.CompanyID, ids []string) (first string, err error) {
	for part := range slices.Chunk(ids, chunk) {
		var gone []string
		err := tx.DB.NewSelect().Model((*correctionRow)(nil)).Column("id").Where("company_id = ?", c).Where("subject IN (?)", bun.List(part)).
			Order("id").Scan(ctx, &gone)
		if err != nil {
			return "", store.Fault(err)
		}
		if len(gone) == 0 {
			continue
		}
		if first == "" || gone[0] < first {
			first = gone[0]
		}
		if _, err := tx.DB.NewDelete().Model((*correctionRow)(nil)).Where("id IN (?)", bun.List(gone)).Exec(ctx); err != nil {
			return "", store.Fault(err)
		}
	}
	return first, nil
}
