package report

import (
	"context"
	"errors"
	"time"

	"github.com/uptrace/bun"

	"github.com/ponte-desk/ponte/internal/clock"
	"github.com/ponte-desk/ponte/internal/link"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/team"
)

type costRow struct {
	bun.BaseModel  `bun:"table:report_cost,alias:cost"`
	ID             CostID         `bun:"id,pk"`
	CompanyID      team.CompanyID `bun:"company_id"`
	Kind           CostKind       `bun:"kind"`
	Cents          int64          `bun:"cents"`
	FromDay        link.Day       `bun:"from_day"`
	ToDay          link.Day       `bun:"to_day"`
	Channel        string         `bun:"channel"`
	Campaign       string         `bun:"campaign"`
	Note           string         `bun:"note"`
	ElsewhereCents int64          `bun:"elsewhere_cents"`
	Elsewhere      string         `bun:"elsewhere"`
	CreatedBy      team.MemberID  `bun:"created_by"`
	CreatedAt      time.Time      `bun:"created_at"`
	ChangedAt      time.Time      `bun:"changed_at"`
	Version        int            `bun:"version"`
}

func costRowOf(c Cost) *costRow {
	return &costRow{
		ID: c.ID, CompanyID: c.Company, Kind: c.Kind, Cents: c.Cents, FromDay: c.From, ToDay: c.To, Channel: c.Channel, Campaign: c.Campaign, Note: c.Note,
		ElsewhereCents: c.ElsewhereCents, Elsewhere: c.Elsewhere, CreatedBy: c.By, CreatedAt: c.CreatedAt, ChangedAt: c.ChangedAt, Version: c.Version,
	}
}

func costsOf(rows []costRow) []Cost {
	out := make([]Cost, len(rows))
	for i, r := range rows {
		out[i] = Cost{
			ID: r.ID, Company: r.CompanyID, Kind: r.Kind, Cents: r.Cents, From: r.FromDay, To: r.ToDay, Channel: r.Channel, Campaign: r.Campaign, Note: r.Note,
			ElsewhereCents: r.ElsewhereCents, Elsewhere: r.Elsewhere, By: r.CreatedBy, CreatedAt: clock.Trim(r.CreatedAt), ChangedAt: clock.Trim(r.ChangedAt), Version: r.Version,
		}
	}
	return out
}

func (x *Room) costs(ctx context.Context, c team.CompanyID, from, to link.Day) ([]Cost, error) {
	var rows []costRow
	q := x.rooms.Store.Read(ctx).NewSelect().Model(&rows).Where("company_id = ?", c)
	if from != 0 {
		q = q.Where("to_day >= ?", from)
	}
	if to != 0 {
		q = q.Where("from_day <= ?", to)
	}
	err := q.Order("from_day DESC", "id DESC").Scan(ctx)
	return costsOf(rows), store.Fault(err)
}

func (x *Room) cost(ctx context.Context, c team.CompanyID, id CostID) (Cost, error) {
	rows := make([]costRow, 1)
	err := store.Fault(x.rooms.Store.Read(ctx).NewSelect().Model(&rows[0]).Where("id = ?", id).Where("company_id = ?", c).Scan(ctx))
	if errors.Is(err, store.ErrMissing) {
		return Cost{}, errNoCost
	}
	return costsOf(rows)[0], err
}

func (x *Room) countCosts(ctx context.Context, c team.CompanyID) (int, error) {
	n, err := x.rooms.Store.Read(ctx).NewSelect().Model((*costRow)(nil)).Where("company_id = ?", c).Count(ctx)
	return int(n), store.Fault(err)
}

func (x *Room) insertCost(ctx context.Context, tx *store.Tx, c Cost) error {
	_, err := tx.DB.NewInsert().Model(costRowOf(c)).Exec(ctx)
	return store.Fault(err)
}

// saveCost stores a change of the version that was looked at.
func (x *Room) saveCost(ctx context.Context, tx *store.Tx, c Cost, was int) error {
	res, err := tx.DB.NewUpdate().Model(costRowOf(c)).ExcludeColumn("id", "company_id", "created_by", "created_at").
		Where("id = ?", c.ID).Where("company_id = ?", c.Company).Where("version = ?", was).Exec(ctx)
	if err != nil {
		return store.Fault(err)
	}
	if n, err := res.RowsAffected(); err != nil || n == 0 {
		return errors.Join(err, errVersion)
	}
	return nil
}

func (x *Room) maskCost(ctx context.Context, tx *store.Tx, c Cost) error {
	_, err := tx.DB.NewUpdate().Model(costRowOf(c)).Column("channel", "campaign", "note", "elsewhere").Where("id = ?", c.ID).Where("company_id = ?", c.Company).Exec(ctx)
	return store.Fault(err)
}

func (x *Room) deleteCost(ctx context.Context, tx *store.Tx, c Cost) error {
	_, err := tx.DB.NewDelete().Model((*costRow)(nil)).Where("id = ?", c.ID).Where("company_id = ?", c.Company).Exec(ctx)
	return store.Fault(err)
}

func (x *Room) costWords(ctx context.Context, c team.CompanyID) (channels, campaigns []string, err error) {
	for column, out := range map[string]*[]string{"channel": &channels, "campaign": &campaigns} {
		err := x.rooms.Store.Read(ctx).NewSelect().Model((*costRow)(nil)).Distinct().Column(column).Where("company_id = ?", c).Where("? <> ''", bun.Ident(column)).Order(column).Scan(ctx, out)
		if err != nil {
			return nil, nil, store.Fault(err)
		}
	}
	return channels, campaigns, nil
}

// namedCosts gives the entries of which a text may name somebody.
func (x *Room) namedCosts(ctx context.Context, tx *store.Tx, c team.CompanyID, likes []string) ([]Cost, error) {
	if len(likes) == 0 {
		return nil, nil
	}
	var rows []costRow
	err := tx.DB.NewSelect().Model(&rows).Where("company_id = ?", c).WhereGroup(" AND ", func(q *bun.SelectQuery) *bun.SelectQuery {
		for _, like := range likes {
			for _, column := range []string{"channel", "campaign", "note", "elsewhere"} {
				q = q.WhereOr("lower(?) LIKE ? ESCAPE '!'", bun.Ident(column), like)
			}
		}
		return q
	}).Order("id").Scan(ctx)
	return costsOf(rows), store.Fault(err)
}

type rateRow struct {
	bun.BaseModel `bun:"table:report_rate,alias:rate"`
	CompanyID     team.CompanyID `bun:"company_id,pk"`
	Role          team.Role      `bun:"role,pk"`
	Cents         int64          `bun:"cents"`
}

func (x *Room) rates(ctx context.Context, c team.CompanyID) (map[team.Role]int64, error) {
	var rows []rateRow
	err := x.rooms.Store.Read(ctx).NewSelect().Model(&rows).Where("company_id = ?", c).Scan(ctx)
	out := map[team.Role]int64{}
	for _, r := range rows {
		out[r.Role] = r.Cents
	}
	return out, store.Fault(err)
}

func (x *Room) saveRates(ctx context.Context, tx *store.Tx, c team.CompanyID, rates map[team.Role]int64) error {
	if _, err := tx.DB.NewDelete().Model((*rateRow)(nil)).Where("company_id = ?", c).Exec(ctx); err != nil {
		return store.Fault(err)
	}
	var rows []rateRow
	for _, r := range team.Roles {
		if rates[r] > 0 {
			rows = append(rows, rateRow{CompanyID: c, Role: r, Cents: rates[r]})
		}
	}
	if len(rows) == 0 {
		return nil
	}
	_, err := tx.DB.NewInsert().Model(&rows).Exec(ctx)
	return store.Fault(err)
}
