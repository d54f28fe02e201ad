package report

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"github.com/ponte-desk/ponte/internal/clock"
	"github.com/ponte-desk/ponte/internal/link"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/team"
)

type workRow struct {
	bun.BaseModel `bun:"table:report_time,alias:work"`
	CompanyID     team.CompanyID `bun:"company_id,pk"`
	MemberID      team.MemberID  `bun:"member_id,pk"`
	Day           link.Day       `bun:"day,pk"`
	Kind          Work           `bun:"kind,pk"`
	Seconds       int            `bun:"seconds"`
	Said          *int           `bun:"said"`
}

func (r workRow) own() OwnWork {
	return OwnWork{Day: r.Day, Work: r.Kind, Seconds: r.Seconds, Said: r.Said}
}

type pulseRow struct {
	bun.BaseModel `bun:"table:report_pulse,alias:pulse"`
	CompanyID     team.CompanyID `bun:"company_id,pk"`
	MemberID      team.MemberID  `bun:"member_id,pk"`
	At            time.Time      `bun:"at"`
	Kind          Work           `bun:"kind"`
}

// pulse gives the last sign of a member that was written, and holds it; none is zero.
func (x *Room) pulse(ctx context.Context, tx *store.Tx, w worker) (beat, error) {
	var r pulseRow
	q := tx.DB.NewSelect().Model(&r).Where("company_id = ?", w.company).Where("member_id = ?", w.member)
	if x.rooms.Store.Dialect() == store.Postgres {
		q = q.For("UPDATE")
	}
	err := store.Fault(q.Scan(ctx))
	if errors.Is(err, store.ErrMissing) {
		return beat{}, nil
	}
	return beat{clock.Trim(r.At), r.Kind}, err
}

func (x *Room) savePulse(ctx context.Context, tx *store.Tx, w worker, b beat) error {
	_, err := tx.DB.NewInsert().Model(&pulseRow{CompanyID: w.company, MemberID: w.member, At: b.at, Kind: b.work}).
		On("CONFLICT (company_id, member_id) DO UPDATE").Set("at = excluded.at").Set("kind = excluded.kind").Exec(ctx)
	return store.Fault(err)
}

func (x *Room) addWork(ctx context.Context, tx *store.Tx, sums map[dayWork]time.Duration) error {
	rows := make([]workRow, 0, len(sums))
	for k, d := range sums {
		rows = append(rows, workRow{CompanyID: k.company, MemberID: k.member, Day: k.day, Kind: k.work, Seconds: int(d.Round(time.Second) / time.Second)})
	}
	slices.SortFunc(rows, func(a, b workRow) int { return cmp.Or(cmp.Compare(a.Day, b.Day), cmp.Compare(a.Kind, b.Kind)) })
	for part := range slices.Chunk(rows, 200) {
		_, err := tx.DB.NewInsert().Model(&part).On("CONFLICT (company_id, member_id, day, kind) DO UPDATE").Set("seconds = work.seconds + excluded.seconds").Exec(ctx)
		if err != nil {
			return store.Fault(err)
		}
	}
	return nil
}

func (x *Room) sayWork(ctx context.Context, tx *store.Tx, k dayWork, minutes *int) error {
	_, err := tx.DB.NewInsert().Model(&workRow{CompanyID: k.company, MemberID: k.member, Day: k.day, Kind: k.work, Said: minutes}).
		On("CONFLICT (company_id, member_id, day, kind) DO UPDATE").Set("said = excluded.said").Exec(ctx)
	return store.Fault(err)
}

// ownWork gives the minutes of one member; zero days do not narrow.
func (x *Room) ownWork(ctx context.Context, w worker, from, to link.Day) ([]OwnWork, error) {
	var rows []workRow
	q := x.rooms.Store.Read(ctx).NewSelect().Model(&rows).Where("company_id = ?", w.company).Where("member_id = ?", w.member)
	if from != 0 {
		q = q.Where("day >= ?", from)
	}
	if to != 0 {
		q = q.Where("day <= ?", to)
	}
	err := q.Order("day DESC", "kind").Scan(ctx)
	out := make([]OwnWork, len(rows))
	for i, r := range rows {
		out[i] = r.own()
	}
	return out, store.Fault(err)
}

func (x *Room) workBetween(ctx context.Context, c team.CompanyID, from, to link.Day) ([]workRow, error) {
	var rows []workRow
	err := x.rooms.Store.Read(ctx).NewSelect().Model(&rows).Where("company_id = ?", c).Where("day BETWEEN ? AND ?", from, to).Order("day", "member_id", "kind").Scan(ctx)
	return rows, store.Fault(err)
}

func (x *Room) dropWorker(ctx context.Context, tx *store.Tx, w worker) error {
	for _, model := range []any{(*workRow)(nil), (*pulseRow)(nil)} {
		if _, err := tx.DB.NewDelete().Model(model).Where("company_id = ?", w.company).Where("member_id = ?", w.member).Exec(ctx); err != nil {
			return store.Fault(err)
		}
	}
	return nil
}
