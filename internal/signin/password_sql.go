package signin

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/uptrace/bun"

	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/team"
)

type passwordRow struct {
	bun.BaseModel `bun:"table:password"`

	Member    team.MemberID  `bun:"member_id,pk"`
	Company   team.CompanyID `bun:"company_id"`
	Hash      string
	ChangedAt time.Time
}

// readPassword gives a member's hash, "" when there is none. Members' identifiers are unique in the house.
func (s *Signin) readPassword(ctx context.Context, m team.MemberID) (string, error) {
	var r passwordRow
	err := store.Fault(s.store.Read(ctx).NewSelect().Model(&r).Where("member_id = ?", m).Scan(ctx))
	if errors.Is(err, store.ErrMissing) {
		return "", nil
	}
	return r.Hash, err
}

func (s *Signin) putPassword(ctx context.Context, tx *store.Tx, m team.Member, hash string, now time.Time) error {
	_, err := tx.DB.NewInsert().Model(&passwordRow{Member: m.ID, Company: m.Company, Hash: hash, ChangedAt: now}).
		On("CONFLICT (member_id) DO UPDATE").Set("hash = EXCLUDED.hash").Set("changed_at = EXCLUDED.changed_at").Exec(ctx)
	return store.Fault(err)
}

type linkRow struct {
	bun.BaseModel `bun:"table:password_link"`

	ID         string         `bun:",pk"`
	Company    team.CompanyID `bun:"company_id"`
	Member     team.MemberID  `bun:"member_id"`
	TokenHash  string
	DropFactor bool
	CreatedAt  time.Time
	ExpiresAt  time.Time
}

func (s *Signin) insertLink(ctx context.Context, tx *store.Tx, m team.Member, id, hash string, dropFactor bool, now, until time.Time) error {
	_, err := tx.DB.NewInsert().Model(&linkRow{
		ID: id, Company: m.Company, Member: m.ID, TokenHash: hash, DropFactor: dropFactor, CreatedAt: now, ExpiresAt: until,
	}).Exec(ctx)
	return store.Fault(err)
}

// readLink reads without a company: the link is what proves the right to read.
func (s *Signin) readLink(ctx context.Context, hash string) (link, error) {
	var r linkRow
	if err := s.store.Read(ctx).NewSelect().Model(&r).Where("token_hash = ?", hash).Scan(ctx); err != nil {
		return link{}, store.Fault(err)
	}
	return link{id: r.ID, company: r.Company, memberID: r.Member, dropFactor: r.DropFactor, expires: r.ExpiresAt.UTC()}, nil
}

func (s *Signin) takeLink(ctx context.Context, tx *store.Tx, l link) (bool, error) {
	return changed(tx.DB.NewDelete().Model((*linkRow)(nil)).Where("company_id = ?", l.company).Where("id = ?", l.id).Exec(ctx))
}

func (s *Signin) dropLinks(ctx context.Context, tx *store.Tx, c team.CompanyID, m team.MemberID) error {
	_, err := tx.DB.NewDelete().Model((*linkRow)(nil)).Where("company_id = ?", c).Where("member_id = ?", m).Exec(ctx)
	return store.Fault(err)
}

type setupRow struct {
	bun.BaseModel `bun:"table:setup"`

	ID        string `bun:",pk"`
	TokenHash string
	CreatedAt time.Time
}

func (s *Signin) insertSetup(ctx context.Context, tx *store.Tx, id, hash string, now time.Time) error {
	_, err := tx.DB.NewInsert().Model(&setupRow{ID: id, TokenHash: hash, CreatedAt: now}).Exec(ctx)
	return store.Fault(err)
}

func (s *Signin) readSetups(ctx context.Context, since time.Time) (hashes []string, err error) {
	err = s.store.Read(ctx).NewSelect().Model((*setupRow)(nil)).Column("token_hash").Where("created_at > ?", since).Scan(ctx, &hashes)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	return hashes, store.Fault(err)
}

func (s *Signin) dropSetups(ctx context.Context, tx *store.Tx, before time.Time) error {
	_, err := tx.DB.NewDelete().Model((*setupRow)(nil)).Where("created_at <= ?", before).Exec(ctx)
	return store.Fault(err)
}

// changed tells whether a statement met a row.
func changed(r sql.Result, err error) (bool, error) {
	if err != nil {
		return false, store.Fault(err)
	}
	n, err := r.RowsAffected()
	return n > 0, err
}
