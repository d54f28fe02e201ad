package once

import (
	"context"
	"errors"
	"time"

	"github.com/uptrace/bun"

	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/team"
)

type answerRow struct {
	bun.BaseModel `bun:"table:api_idempotency"`

	CompanyID    team.CompanyID `bun:"company_id,pk"`
	TokenID      string         `bun:"token_id,pk"`
	Key          string         `bun:"key,pk"`
	RequestHash  string         `bun:"request_hash"`
	Claim        string         `bun:"claim"`
	ClaimedUntil time.Time      `bun:"claimed_until"`
	Status       int            `bun:"status"` // 0 while in flight
	Response     string         `bun:"response"`
	CreatedAt    time.Time      `bun:"created_at"`
}

// read gives the row of a key, nil when there is none.
func (o *Once) read(ctx context.Context, tx *store.Tx, r Request) (*answerRow, error) {
	var row answerRow
	err := store.Fault(tx.DB.NewSelect().Model(&row).Where("company_id = ?", r.Company).Where("token_id = ?", r.Token).Where("key = ?", r.Key).Scan(ctx))
	if errors.Is(err, store.ErrMissing) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return &row, nil
}

func (o *Once) insert(ctx context.Context, tx *store.Tx, row answerRow) error {
	_, err := tx.DB.NewInsert().Model(&row).Exec(ctx)
	return store.Fault(err)
}

// retake hands a claim that ran out to someone else.
func (o *Once) retake(ctx context.Context, tx *store.Tx, r Request, from, to string, until time.Time) error {
	res, err := tx.DB.NewUpdate().Model((*answerRow)(nil)).Set("claim = ?", to).Set("claimed_until = ?", until).
		Where("company_id = ?", r.Company).Where("token_id = ?", r.Token).Where("key = ?", r.Key).Where("claim = ?", from).Where("status = 0").Exec(ctx)
	if err != nil {
		return store.Fault(err)
	}
	if n, err := res.RowsAffected(); err != nil || n == 0 {
		return errors.Join(ErrInFlight.After(inFlight), err)
	}
	return nil
}

// settle remembers the answer of who still holds the claim.
func (o *Once) settle(ctx context.Context, tx *store.Tx, r Request, claim string, status int, response string) error {
	res, err := tx.DB.NewUpdate().Model((*answerRow)(nil)).Set("status = ?", status).Set("response = ?", response).
		Where("company_id = ?", r.Company).Where("token_id = ?", r.Token).Where("key = ?", r.Key).Where("claim = ?", claim).Where("status = 0").Exec(ctx)
	if err != nil {
		return store.Fault(err)
	}
	if n, err := res.RowsAffected(); err != nil || n == 0 {
		return errors.Join(ErrInFlight.After(inFlight), err)
	}
	return nil
}

func (o *Once) delete(ctx context.Context, tx *store.Tx, r Request, claim string) error {
	_, err := tx.DB.NewDelete().Model((*answerRow)(nil)).
		Where("company_id = ?", r.Company).Where("token_id = ?", r.Token).Where("key = ?", r.Key).Where("claim = ?", claim).Exec(ctx)
	return store.Fault(err)
}

func (o *Once) deleteBefore(ctx context.Context, tx *store.Tx, before time.Time) error {
	// Of every company: answers age the same everywhere.
	_, err := tx.DB.NewDelete().Model((*answerRow)(nil)).Where("created_at <= ?", before).Exec(ctx)
	return store.Fault(err)
}

// erase deletes what the room keeps for a company.
func (o *Once) erase(ctx context.Context, tx *store.Tx, c team.CompanyID) error {
	_, err := tx.DB.NewDelete().Model((*answerRow)(nil)).Where("company_id = ?", c).Exec(ctx)
	return store.Fault(err)
}
