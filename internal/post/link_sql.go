package post

import (
	"context"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"github.com/ponte-desk/ponte/internal/clock"
	"github.com/ponte-desk/ponte/internal/media"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/team"
)

type linkRow struct {
	bun.BaseModel `bun:"table:post_link"`
	CompanyID     team.CompanyID `bun:"company_id,pk"`
	Address       string         `bun:"address,pk"`
	AskedAt       time.Time      `bun:"asked_at"`
	ReadAt        time.Time      `bun:"read_at,nullzero"`
	Trouble       LinkTrouble    `bun:"trouble"`
	Title         string         `bun:"title"`
	Description   string         `bun:"description"`
	MediaID       media.ID       `bun:"media_id"`
}

// links gives what is known of addresses, by address.
func (p *Posts) links(ctx context.Context, c team.CompanyID, addresses []string) (map[string]Link, error) {
	out := map[string]Link{}
	if len(addresses) == 0 {
		return out, nil
	}
	var rows []linkRow
	err := p.rooms.Store.Read(ctx).NewSelect().Model(&rows).Where("company_id = ?", c).Where("address IN (?)", bun.List(addresses)).Scan(ctx)
	for _, r := range rows {
		out[r.Address] = Link{
			Address: r.Address, AskedAt: clock.Trim(r.AskedAt), ReadAt: clock.Trim(r.ReadAt), Trouble: r.Trouble, Title: r.Title, Description: r.Description,
			Picture: r.MediaID,
		}
	}
	return out, store.Fault(err)
}

// askedLink notes that an address is asked for.
func (p *Posts) askedLink(ctx context.Context, tx *store.Tx, c team.CompanyID, address string, now time.Time) error {
	r := linkRow{CompanyID: c, Address: address, AskedAt: now}
	_, err := tx.DB.NewInsert().Model(&r).On("CONFLICT (company_id, address) DO UPDATE").Set("asked_at = EXCLUDED.asked_at").Exec(ctx)
	return store.Fault(err)
}

// frozenWith gives posts whose words are frozen and not out yet, and name a host.
func (p *Posts) frozenWith(ctx context.Context, tx *store.Tx, c team.CompanyID, host string) (ids []ID, err error) {
	err = tx.DB.NewSelect().TableExpr("post_variant AS v").ColumnExpr("DISTINCT v.post_id").Join("JOIN post AS x ON x.id = v.post_id").
		Where("v.company_id = ?", c).Where("x.state IN (?)", bun.List([]State{Pending, Approved, Planned, Held})).
		WhereGroup(" AND ", func(q *bun.SelectQuery) *bun.SelectQuery { // where links are counted, the frozen words have other addresses
			like := "%" + strings.NewReplacer("!", "!!", "%", "!%", "_", "!_").Replace(host) + "%"
			return q.Where("CAST(v.frozen AS TEXT) LIKE ? ESCAPE '!'", like).WhereOr("CAST(x.message AS TEXT) LIKE ? ESCAPE '!'", like).WhereOr("CAST(v.own AS TEXT) LIKE ? ESCAPE '!'", like)
		}).
		OrderExpr("v.post_id").Scan(ctx, &ids)
	return ids, store.Fault(err)
}

// oldLinks gives some links that nobody has written since a moment.
func (p *Posts) oldLinks(ctx context.Context, before time.Time) ([]linkRow, error) {
	var rows []linkRow
	err := p.rooms.Store.Read(ctx).NewSelect().Model(&rows).Where("asked_at < ?", before).Order("asked_at").Limit(50).Scan(ctx)
	return rows, store.Fault(err)
}

// forgetLink tells whether the link was still as old as when it was read.
func (p *Posts) forgetLink(ctx context.Context, tx *store.Tx, r linkRow) (bool, error) {
	res, err := tx.DB.NewDelete().Model(&r).WherePK().Where("asked_at = ?", r.AskedAt).Exec(ctx)
	if err != nil {
		return false, store.Fault(err)
	}
	n, err := res.RowsAffected()
	return n > 0, err
}

// thumbUsed tells whether a link, or words that are frozen or out, show a picture.
func (p *Posts) thumbUsed(ctx context.Context, c team.CompanyID, id media.ID) (used bool, err error) {
	like := "%" + string(id) + "%"
	err = p.rooms.Store.Read(ctx).NewRaw("SELECT EXISTS (SELECT 1 FROM post_link WHERE company_id = ? AND media_id = ?) "+
		"OR EXISTS (SELECT 1 FROM post_variant WHERE company_id = ? AND CAST(frozen AS TEXT) LIKE ?) "+
		"OR EXISTS (SELECT 1 FROM post_part WHERE company_id = ? AND CAST(content AS TEXT) LIKE ?)", c, id, c, like, c, like).Scan(ctx, &used)
	return used, store.Fault(err)
}

func (p *Posts) saveLink(ctx context.Context, tx *store.Tx, c team.CompanyID, l Link) error {
	r := linkRow{CompanyID: c, Address: l.Address, ReadAt: l.ReadAt, Trouble: l.Trouble, Title: l.Title, Description: l.Description, MediaID: l.Picture}
	_, err := tx.DB.NewUpdate().Model(&r).WherePK().Column("read_at", "trouble", "title", "description", "media_id").Exec(ctx)
	return store.Fault(err)
}

// maskLinks forgets what was learned of links that name a person: it is asked for again when somebody writes them again.
func (p *Posts) maskLinks(ctx context.Context, tx *store.Tx, c team.CompanyID, m mask) (n int, err error) {
	var rows []linkRow
	if err := tx.DB.NewSelect().Model(&rows).Where("company_id = ?", c).Scan(ctx); err != nil {
		return 0, store.Fault(err)
	}
	for i := range rows {
		address, title, description := rows[i].Address, rows[i].Title, rows[i].Description // what is masked is thrown away
		if !m.texts(&address, &title, &description) {
			continue
		}
		n++
		if _, err := tx.DB.NewDelete().Model(&rows[i]).WherePK().Exec(ctx); err != nil {
			return 0, store.Fault(err)
		}
		if err := p.dropThumb(ctx, c, rows[i].MediaID); err != nil {
			return 0, err
		}
	}
	return n, nil
}
