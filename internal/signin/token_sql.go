package signin

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/team"
)

type tokenRow struct {
	bun.BaseModel `bun:"table:api_token"`

	ID        TokenID        `bun:",pk"`
	Company   team.CompanyID `bun:"company_id"`
	Member    team.MemberID  `bun:"member_id"`
	Name      string
	TokenHash string
	Scopes    []team.Permission `bun:"type:jsonb"`
	CreatedAt time.Time
	ExpiresAt time.Time
	UsedAt    time.Time `bun:",nullzero"`
	RevokedAt time.Time `bun:",nullzero"`
}

func (r tokenRow) token() Token {
	return Token{
		ID: r.ID, Company: r.Company, Member: r.Member, Name: r.Name, Scopes: r.Scopes, CreatedAt: r.CreatedAt.UTC(),
		ExpiresAt: r.ExpiresAt.UTC(), UsedAt: r.UsedAt.UTC(), RevokedAt: r.RevokedAt.UTC(),
	}
}

func (s *Signin) insertToken(ctx context.Context, tx *store.Tx, t Token, hash string) error {
	_, err := tx.DB.NewInsert().Model(&tokenRow{
		ID: t.ID, Company: t.Company, Member: t.Member, Name: t.Name, TokenHash: hash, Scopes: t.Scopes, CreatedAt: t.CreatedAt, ExpiresAt: t.ExpiresAt,
	}).Exec(ctx)
	return store.Fault(err)
}

// readToken reads without a company: the secret is what proves the right to read.
func (s *Signin) readToken(ctx context.Context, hash string) (Token, error) {
	var r tokenRow
	if err := s.store.Read(ctx).NewSelect().Model(&r).Where("token_hash = ?", hash).Scan(ctx); err != nil {
		return Token{}, store.Fault(err)
	}
	return r.token(), nil
}

func (s *Signin) readTokens(ctx context.Context, c team.CompanyID, m team.MemberID, now time.Time) ([]Token, error) {
	var rows []tokenRow
	q := s.store.Read(ctx).NewSelect().Model(&rows).Where("company_id = ?", c).Where("revoked_at IS NULL").Where("expires_at > ?", now)
	if m != "" {
		q = q.Where("member_id = ?", m)
	}
	if err := q.Order("id DESC").Scan(ctx); err != nil {
		return nil, store.Fault(err)
	}
	var out []Token
	for _, r := range rows {
		out = append(out, r.token())
	}
	return out, nil
}

// revokeToken ends a token of a member, or of anybody when m is "".
func (s *Signin) revokeToken(ctx context.Context, tx *store.Tx, c team.CompanyID, m team.MemberID, which TokenID, now time.Time) (bool, error) {
	q := tx.DB.NewUpdate().Model((*tokenRow)(nil)).Set("revoked_at = ?", now).Where("company_id = ?", c).Where("id = ?", which).
		Where("revoked_at IS NULL")
	if m != "" {
		q = q.Where("member_id = ?", m)
	}
	return changed(q.Exec(ctx))
}

func (s *Signin) touchToken(ctx context.Context, t Token, now time.Time) error {
	return s.store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		_, err := tx.DB.NewUpdate().Model((*tokenRow)(nil)).Set("used_at = ?", now).Where("company_id = ?", t.Company).Where("id = ?", t.ID).Exec(ctx)
		return store.Fault(err)
	})
}
