package growth

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"github.com/ponte-desk/ponte/internal/clock"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/team"
)

type eventRow struct {
	bun.BaseModel `bun:"table:case_event"`
	ID            string            `bun:"id,pk"`
	CompanyID     team.CompanyID    `bun:"company_id"`
	CaseID        CaseID            `bun:"case_id"`
	Key           string            `bun:"key"`
	Args          map[string]string `bun:"args,type:jsonb"`
	MemberID      team.MemberID     `bun:"member_id"`
	At            time.Time         `bun:"at"`
}

func (g *Growth) insertEvent(ctx context.Context, tx *store.Tx, c team.CompanyID, id CaseID, e Event) error {
	row := eventRow{ID: eventKind.New(e.At), CompanyID: c, CaseID: id, Key: e.Key, Args: e.Args, MemberID: e.Member, At: e.At}
	_, err := tx.DB.NewInsert().Model(&row).Exec(ctx)
	return store.Fault(err)
}

// maxDiary bounds how much of a diary is shown.
const maxDiary = 500

func (g *Growth) events(ctx context.Context, c team.CompanyID, id CaseID) ([]Event, error) {
	var rows []eventRow
	err := g.rooms.Store.Read(ctx).NewSelect().Model(&rows).Where("company_id = ?", c).Where("case_id = ?", id).Order("id DESC").Limit(maxDiary).Scan(ctx)
	if err != nil {
		return nil, store.Fault(err)
	}
	out := make([]Event, len(rows))
	for i, r := range rows {
		out[i] = Event{At: clock.Trim(r.At), Member: r.MemberID, Key: r.Key, Args: r.Args}
	}
	return out, nil
}
