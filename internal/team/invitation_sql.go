package team

import (
	"context"
	"database/sql"
	"time"

	"github.com/uptrace/bun"

	"github.com/ponte-desk/ponte/internal/store"
)

type invitationRow struct {
	bun.BaseModel `bun:"table:invitation"`

	ID         InvitationID `bun:",pk"`
	Company    CompanyID    `bun:"company_id"`
	Email      string
	Name       string
	Role       Role
	TokenHash  string
	LetterHash string `bun:",nullzero"`
	InvitedBy  MemberID
	CreatedAt  time.Time
	ExpiresAt  time.Time
	AcceptedAt time.Time `bun:",nullzero"`
	RevokedAt  time.Time `bun:",nullzero"`
	Member     MemberID  `bun:"member_id,nullzero"`
}

func (r invitationRow) invitation() Invitation {
	return Invitation{
		ID: r.ID, Company: r.Company, Email: r.Email, Name: r.Name, Role: r.Role, InvitedBy: r.InvitedBy, CreatedAt: r.CreatedAt.UTC(),
		ExpiresAt: r.ExpiresAt.UTC(), AcceptedAt: r.AcceptedAt.UTC(), RevokedAt: r.RevokedAt.UTC(), Member: r.Member,
	}
}

func (t *Team) insertInvitation(ctx context.Context, tx *store.Tx, i Invitation, hash string) error {
	_, err := tx.DB.NewInsert().Model(&invitationRow{
		ID: i.ID, Company: i.Company, Email: i.Email, Name: i.Name, Role: i.Role, TokenHash: hash, InvitedBy: i.InvitedBy,
		CreatedAt: i.CreatedAt, ExpiresAt: i.ExpiresAt,
	}).Exec(ctx)
	return store.Fault(err)
}

func (t *Team) readInvitations(ctx context.Context, c CompanyID, now time.Time) ([]Invitation, error) {
	var rows []invitationRow
	err := t.store.Read(ctx).NewSelect().Model(&rows).Where("company_id = ?", c).Where("accepted_at IS NULL").
		Where("revoked_at IS NULL").Where("expires_at > ?", now).Order("created_at DESC", "id DESC").Scan(ctx)
	if err != nil {
		return nil, store.Fault(err)
	}
	out := make([]Invitation, 0, len(rows))
	for _, r := range rows {
		out = append(out, r.invitation())
	}
	return out, nil
}

func (t *Team) readInvitation(ctx context.Context, c CompanyID, i InvitationID) (Invitation, error) {
	var r invitationRow
	if err := t.store.Read(ctx).NewSelect().Model(&r).Where("company_id = ?", c).Where("id = ?", i).Scan(ctx); err != nil {
		return Invitation{}, store.Fault(err)
	}
	return r.invitation(), nil
}

// readInvitationByHash is one of the few reads without a company: the link is what proves the right to read.
func (t *Team) readInvitationByHash(ctx context.Context, hash string) (Invitation, error) {
	var r invitationRow
	err := t.store.Read(ctx).NewSelect().Model(&r).Where("token_hash = ? OR letter_hash = ?", hash, hash).Scan(ctx)
	if err != nil {
		return Invitation{}, store.Fault(err)
	}
	return r.invitation(), nil
}

func (t *Team) revokeInvitationsTo(ctx context.Context, tx *store.Tx, c CompanyID, email string, now time.Time) error {
	_, err := tx.DB.NewUpdate().Model((*invitationRow)(nil)).Set("revoked_at = ?", now).Where("company_id = ?", c).
		Where("email = ?", email).Where("accepted_at IS NULL").Where("revoked_at IS NULL").Exec(ctx)
	return store.Fault(err)
}

func (t *Team) closeInvitation(ctx context.Context, tx *store.Tx, c CompanyID, i InvitationID, now time.Time) (bool, error) {
	return changed(tx.DB.NewUpdate().Model((*invitationRow)(nil)).Set("revoked_at = ?", now).Where("company_id = ?", c).
		Where("id = ?", i).Where("accepted_at IS NULL").Where("revoked_at IS NULL").Exec(ctx))
}

func (t *Team) takeInvitation(ctx context.Context, tx *store.Tx, i Invitation, m MemberID, now time.Time) (bool, error) {
	return changed(tx.DB.NewUpdate().Model((*invitationRow)(nil)).Set("accepted_at = ?", now).Set("member_id = ?", m).
		Where("company_id = ?", i.Company).Where("id = ?", i.ID).Where("accepted_at IS NULL").Where("revoked_at IS NULL").
		Where("expires_at > ?", now).Exec(ctx))
}

func (t *Team) setLetterHash(ctx context.Context, tx *store.Tx, i Invitation, hash string) error {
	_, err := tx.DB.NewUpdate().Model((*invitationRow)(nil)).Set("letter_hash = ?", hash).
		Where("company_id = ?", i.Company).Where("id = ?", i.ID).Exec(ctx)
	return store.Fault(err)
}

// changed tells whether an update met a row.
func changed(r sql.Result, err error) (bool, error) {
	if err != nil {
		return false, store.Fault(err)
	}
	n, err := r.RowsAffected()
	return n > 0, err
}
