package signin

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/team"
)

type attemptRow struct {
	bun.BaseModel `bun:"table:signin_attempt"`

	ID       string `bun:",pk"`
	Failures int
	LastAt   time.Time
	Until    time.Time `bun:",nullzero"`
}

// lockAttempt reads a count and keeps others from it until the transaction ends. It is one statement, so that a count
// that is being dropped at the same moment is made anew rather than missed.
func (s *Signin) lockAttempt(ctx context.Context, tx *store.Tx, key string, now time.Time) (attemptRow, error) {
	r := attemptRow{ID: key, LastAt: now}
	_, err := tx.DB.NewInsert().Model(&r).On("CONFLICT (id) DO UPDATE").Set("failures = ?TableAlias.failures").
		Returning("failures, last_at, until").Exec(ctx)
	return r, store.Fault(err)
}

func (s *Signin) saveAttempt(ctx context.Context, tx *store.Tx, r attemptRow) error {
	_, err := tx.DB.NewUpdate().Model(&r).Column("failures", "last_at", "until").WherePK().Exec(ctx)
	return store.Fault(err)
}

// undoAttempt takes one failure back; the wait that it began goes too, unless another failure has come since.
func (s *Signin) undoAttempt(ctx context.Context, tx *store.Tx, key string, count int) error {
	_, err := tx.DB.NewUpdate().Model((*attemptRow)(nil)).Set("failures = failures - 1").
		Set("until = CASE WHEN failures = ? THEN NULL ELSE until END", count).Where("id = ?", key).Where("failures > 0").Exec(ctx)
	return store.Fault(err)
}

func (s *Signin) dropAttempt(ctx context.Context, tx *store.Tx, key string) error {
	_, err := tx.DB.NewDelete().Model((*attemptRow)(nil)).Where("id = ?", key).Exec(ctx)
	return store.Fault(err)
}

type knownRow struct {
	bun.BaseModel `bun:"table:known_address"`

	Member      team.MemberID  `bun:"member_id,pk"`
	AddressHash string         `bun:",pk"`
	Company     team.CompanyID `bun:"company_id"`
	SeenAt      time.Time
}

func (s *Signin) knownAddress(ctx context.Context, m team.MemberID, hash string) (bool, error) {
	ok, err := s.store.Read(ctx).NewSelect().Model((*knownRow)(nil)).Where("member_id = ?", m).Where("address_hash = ?", hash).
		Where("seen_at > ?", s.clock.Now().Add(-forgetAddress)).Exists(ctx)
	return ok, store.Fault(err)
}

func (s *Signin) rememberAddress(ctx context.Context, tx *store.Tx, m team.Member, hash string, now time.Time) error {
	_, err := tx.DB.NewInsert().Model(&knownRow{Member: m.ID, Company: m.Company, AddressHash: hash, SeenAt: now}).
		On("CONFLICT (member_id, address_hash) DO UPDATE").Set("seen_at = EXCLUDED.seen_at").Exec(ctx)
	return store.Fault(err)
}
