package media

import (
	"context"
	"errors"
	"fmt"

	"github.com/uptrace/bun"

	"github.com/ponte-desk/ponte/internal/store"
)

// Mask takes somebody out of what files are called and said to show, in a transaction; likes are lower-case patterns of what may
// name them. It gives how many files it changed.
func (m *Media) Mask(ctx context.Context, tx *store.Tx, company string, likes []string, mask func(string) (string, bool)) (int, error) {
	if len(likes) == 0 {
		return 0, nil
	}
	var rows []mediaRow
	err := tx.DB.NewSelect().Model(&rows).Where("company_id = ?", company).WhereGroup(" AND ", func(q *bun.SelectQuery) *bun.SelectQuery {
		for _, l := range likes {
			q = q.WhereOr("lower(name) LIKE ? ESCAPE '!'", l).WhereOr("lower(alt) LIKE ? ESCAPE '!'", l)
		}
		return q
	}).Scan(ctx)
	if err != nil {
		return 0, fmt.Errorf("media.Mask: %w", store.Fault(err))
	}
	n := 0
	for _, r := range rows {
		name, a := mask(r.Name)
		alt, b := mask(r.Alt)
		if !a && !b {
			continue
		}
		n++
		_, err := tx.DB.NewUpdate().Model((*mediaRow)(nil)).Set("name = ?", cleanName(name, r.MIME)).Set("alt = ?", alt).
			Where("company_id = ?", company).Where("id = ?", r.ID).Exec(ctx)
		if err != nil {
			return n, fmt.Errorf("media.Mask: %w", store.Fault(err))
		}
	}
	return n, nil
}

// deleteRow deletes what is known of a file and gives the sum of its content.
func (m *Media) deleteRow(ctx context.Context, tx *store.Tx, company string, id ID) (string, error) {
	var row mediaRow
	err := store.Fault(tx.DB.NewSelect().Model(&row).Where("company_id = ?", company).Where("id = ?", string(id)).Scan(ctx))
	if errors.Is(err, store.ErrMissing) {
		return "", ErrGone.Because(err)
	}
	if err != nil {
		return "", err
	}
	_, err = tx.DB.NewDelete().Model((*mediaRow)(nil)).Where("company_id = ?", company).Where("id = ?", string(id)).Exec(ctx)
	return row.SHA256, store.Fault(err)
}

func (m *Media) deleteRows(ctx context.Context, tx *store.Tx, company string) error {
	_, err := tx.DB.NewDelete().Model((*mediaRow)(nil)).Where("company_id = ?", company).Exec(ctx)
	return store.Fault(err)
}
