package inbox

import (
	"context"
	"errors"
	"time"

	"github.com/uptrace/bun"

	"github.com/ponte-desk/ponte/internal/clock"
	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/team"
)

type savedRow struct {
	bun.BaseModel `bun:"table:saved_reply"`
	ID            string         `bun:"id,pk"`
	CompanyID     team.CompanyID `bun:"company_id"`
	Title         string         `bun:"title"`
	Body          string         `bun:"body"`
	Used          int            `bun:"used"`
	UpdatedAt     time.Time      `bun:"updated_at"`
}

func (r savedRow) saved() SavedReply {
	return SavedReply{ID: r.ID, Title: r.Title, Body: r.Body, Used: r.Used, UpdatedAt: clock.Trim(r.UpdatedAt)}
}

func (x *Inbox) savedReplies(ctx context.Context, c team.CompanyID) ([]SavedReply, error) {
	var rows []savedRow
	if err := x.store.Read(ctx).NewSelect().Model(&rows).Where("company_id = ?", c).Order("used DESC", "title").Scan(ctx); err != nil {
		return nil, store.Fault(err)
	}
	out := make([]SavedReply, len(rows))
	for i, r := range rows {
		out[i] = r.saved()
	}
	return out, nil
}

func savedMissing() error { return fault.New(fault.NotFound, "inbox.saved.missing") }

func (x *Inbox) saveSaved(ctx context.Context, tx *store.Tx, c team.CompanyID, s SavedReply, fresh bool) error {
	var err error
	if fresh {
		_, err = tx.DB.NewInsert().Model(&savedRow{ID: s.ID, CompanyID: c, Title: s.Title, Body: s.Body, UpdatedAt: s.UpdatedAt}).Exec(ctx)
	} else {
		res, uerr := tx.DB.NewUpdate().Model((*savedRow)(nil)).Where("company_id = ?", c).Where("id = ?", s.ID).
			Set("title = ?", s.Title).Set("body = ?", s.Body).Set("updated_at = ?", s.UpdatedAt).Exec(ctx)
		if err = uerr; err == nil {
			if n, _ := res.RowsAffected(); n == 0 {
				return savedMissing()
			}
		}
	}
	if err = store.Fault(err); errors.Is(err, store.ErrTaken) {
		return fault.InvalidFields(fault.Field{Name: "title", Key: "inbox.saved.taken"})
	}
	return err
}

func (x *Inbox) deleteSaved(ctx context.Context, tx *store.Tx, c team.CompanyID, id string) error {
	res, err := tx.DB.NewDelete().Model((*savedRow)(nil)).Where("company_id = ?", c).Where("id = ?", id).Exec(ctx)
	if err != nil {
		return store.Fault(err)
	}
	if n, _ := res.RowsAffected(); n == 0 {
		return savedMissing()
	}
	return nil
}

func (x *Inbox) useSaved(ctx context.Context, tx *store.Tx, c team.CompanyID, id string) (SavedReply, error) {
	var row savedRow
	err := store.Fault(tx.DB.NewSelect().Model(&row).Where("company_id = ?", c).Where("id = ?", id).Scan(ctx))
	if errors.Is(err, store.ErrMissing) {
		return SavedReply{}, savedMissing()
	}
	if err != nil {
		return SavedReply{}, err
	}
	_, err = tx.DB.NewUpdate().Model((*savedRow)(nil)).Where("id = ?", id).Set("used = used + 1").Exec(ctx)
	return row.saved(), store.Fault(err)
}
