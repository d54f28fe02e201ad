package link

import (
	"context"

	"github.com/uptrace/bun"

	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/team"
)

// readNamed gives the links of which a text may name somebody.
func (l *Links) readNamed(ctx context.Context, tx *store.Tx, c team.CompanyID, likes []string) ([]Link, error) {
	if len(likes) == 0 {
		return nil, nil
	}
	var rows []row
	err := tx.DB.NewSelect().Model(&rows).Where("company_id = ?", c).WhereGroup(" AND ", func(q *bun.SelectQuery) *bun.SelectQuery {
		for _, like := range likes {
			for _, column := range []string{"title", "target", "campaign", "channel", "source", "medium", "term", "content", "tags", "devices", "languages", "find"} {
				q = q.WhereOr("lower(CAST(? AS TEXT)) LIKE ? ESCAPE '!'", bun.Ident(column), like)
			}
			q = q.WhereOr("id IN (SELECT link_id FROM link_past WHERE company_id = ? AND lower(target) LIKE ? ESCAPE '!')", c, like)
		}
		return q
	}).Order("id").Scan(ctx)
	out := make([]Link, len(rows))
	for i, r := range rows {
		out[i] = r.link()
	}
	return out, store.Fault(err)
}

// erasePast cuts the addresses a link led to that name somebody to their hosts, and tells how many it did.
func (l *Links) erasePast(ctx context.Context, tx *store.Tx, x Link, mask func(string) (string, bool)) (n int, err error) {
	var rows []pastRow
	if err := tx.DB.NewSelect().Model(&rows).Where("link_id = ?", x.ID).Where("company_id = ?", x.Company).Scan(ctx); err != nil {
		return 0, store.Fault(err)
	}
	for _, r := range rows {
		if _, named := mask(r.Target); !named {
			continue
		}
		n++
		if _, err := tx.DB.NewUpdate().Model(&r).Set("target = ?", hostOf(r.Target)).Where("link_id = ?", r.LinkID).Where("at = ?", r.At).Where("company_id = ?", x.Company).Exec(ctx); err != nil {
			return n, store.Fault(err)
		}
	}
	return n, nil
}
