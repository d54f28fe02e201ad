package signin

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/team"
)

type sessionRow struct {
	bun.BaseModel `bun:"table:session"`

	ID        SessionID      `bun:",pk"`
	Company   team.CompanyID `bun:"company_id"`
	Member    team.MemberID  `bun:"member_id"`
	TokenHash string
	Visiting  team.CompanyID `bun:",nullzero"`
	Agent     string
	Address   string
	CreatedAt time.Time
	SeenAt    time.Time
	ExpiresAt time.Time
}

func (r sessionRow) session() Session {
	return Session{
		ID: r.ID, Company: r.Company, Member: r.Member, Agent: r.Agent, Address: r.Address, CreatedAt: r.CreatedAt.UTC(),
		SeenAt: r.SeenAt.UTC(), ExpiresAt: r.ExpiresAt.UTC(), Visiting: r.Visiting,
	}
}

func (s *Signin) insertSession(ctx context.Context, tx *store.Tx, ses Session, hash string) error {
	_, err := tx.DB.NewInsert().Model(&sessionRow{
		ID: ses.ID, Company: ses.Company, Member: ses.Member, TokenHash: hash, Agent: ses.Agent, Address: ses.Address,
		CreatedAt: ses.CreatedAt, SeenAt: ses.SeenAt, ExpiresAt: ses.ExpiresAt,
	}).Exec(ctx)
	return store.Fault(err)
}

// readSession reads without a company: the token is what proves the right to read.
func (s *Signin) readSession(ctx context.Context, hash string) (Session, error) {
	var r sessionRow
	if err := s.store.Read(ctx).NewSelect().Model(&r).Where("token_hash = ?", hash).Scan(ctx); err != nil {
		return Session{}, store.Fault(err)
	}
	return r.session(), nil
}

func (s *Signin) readSessions(ctx context.Context, c team.CompanyID, m team.MemberID) ([]Session, error) {
	var rows []sessionRow
	err := s.store.Read(ctx).NewSelect().Model(&rows).Where("company_id = ?", c).Where("member_id = ?", m).
		Order("seen_at DESC", "id DESC").Scan(ctx)
	if err != nil {
		return nil, store.Fault(err)
	}
	var out []Session
	for _, r := range rows {
		out = append(out, r.session())
	}
	return out, nil
}

func (s *Signin) touchSession(ctx context.Context, ses Session, now time.Time) error {
	return s.store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		_, err := tx.DB.NewUpdate().Model((*sessionRow)(nil)).Set("seen_at = ?", now).
			Where("company_id = ?", ses.Company).Where("id = ?", ses.ID).Exec(ctx)
		return store.Fault(err)
	})
}

func (s *Signin) setVisiting(ctx context.Context, tx *store.Tx, ses Session, sample team.CompanyID) error {
	done, err := changed(tx.DB.NewUpdate().Model((*sessionRow)(nil)).Set("visiting = ?", bun.NullZero(sample)).
		Where("company_id = ?", ses.Company).Where("id = ?", ses.ID).Exec(ctx))
	if err == nil && !done {
		err = ErrSignedOut
	}
	return err
}

// deleteSessions ends sessions of a member: one, all but one, or all.
func (s *Signin) deleteSessions(ctx context.Context, tx *store.Tx, c team.CompanyID, m team.MemberID, one, keep SessionID) (int64, error) {
	q := tx.DB.NewDelete().Model((*sessionRow)(nil)).Where("company_id = ?", c).Where("member_id = ?", m)
	if one != "" {
		q = q.Where("id = ?", one)
	}
	if keep != "" {
		q = q.Where("id <> ?", keep)
	}
	r, err := q.Exec(ctx)
	if err != nil {
		return 0, store.Fault(err)
	}
	return r.RowsAffected()
}

type ticketRow struct {
	bun.BaseModel `bun:"table:signin_ticket"`

	TokenHash string         `bun:",pk"`
	Company   team.CompanyID `bun:"company_id"`
	Member    team.MemberID  `bun:"member_id"`
	ExpiresAt time.Time
}

func (s *Signin) insertTicket(ctx context.Context, tx *store.Tx, m team.Member, hash string, until time.Time) error {
	_, err := tx.DB.NewInsert().Model(&ticketRow{TokenHash: hash, Company: m.Company, Member: m.ID, ExpiresAt: until}).Exec(ctx)
	return store.Fault(err)
}

func (s *Signin) readTicket(ctx context.Context, hash string, now time.Time) (team.CompanyID, team.MemberID, error) {
	var r ticketRow
	err := s.store.Read(ctx).NewSelect().Model(&r).Where("token_hash = ?", hash).Where("expires_at > ?", now).Scan(ctx)
	return r.Company, r.Member, store.Fault(err)
}

func (s *Signin) takeTicket(ctx context.Context, tx *store.Tx, hash string) (bool, error) {
	return changed(tx.DB.NewDelete().Model((*ticketRow)(nil)).Where("token_hash = ?", hash).Exec(ctx))
}

func (s *Signin) dropTickets(ctx context.Context, tx *store.Tx, c team.CompanyID, m team.MemberID) error {
	_, err := tx.DB.NewDelete().Model((*ticketRow)(nil)).Where("company_id = ?", c).Where("member_id = ?", m).Exec(ctx)
	return store.Fault(err)
}

// endMember ends every way in of a member who leaves. Revoked API tokens stay listed in the trail by their id.
func (s *Signin) endMember(ctx context.Context, tx *store.Tx, c team.CompanyID, m team.MemberID) error {
	for _, model := range []any{
		(*sessionRow)(nil), (*ticketRow)(nil), (*linkRow)(nil), (*codeRow)(nil), (*factorRow)(nil), (*passwordRow)(nil), (*knownRow)(nil),
	} {
		if _, err := tx.DB.NewDelete().Model(model).Where("company_id = ?", c).Where("member_id = ?", m).Exec(ctx); err != nil {
			return store.Fault(err)
		}
	}
	_, err := tx.DB.NewUpdate().Model((*tokenRow)(nil)).Set("revoked_at = ?", s.clock.Now()).Where("company_id = ?", c).
		Where("member_id = ?", m).Where("revoked_at IS NULL").Exec(ctx)
	return store.Fault(err)
}

// erase deletes every row of a company; sessions that look round it come home.
func (s *Signin) erase(ctx context.Context, tx *store.Tx, c team.CompanyID) error {
	if _, err := tx.DB.NewUpdate().Model((*sessionRow)(nil)).Set("visiting = NULL").Where("visiting = ?", c).Exec(ctx); err != nil {
		return store.Fault(err)
	}
	for _, model := range []any{
		(*sessionRow)(nil), (*ticketRow)(nil), (*linkRow)(nil), (*codeRow)(nil), (*factorRow)(nil), (*passwordRow)(nil), (*knownRow)(nil), (*tokenRow)(nil),
	} {
		if _, err := tx.DB.NewDelete().Model(model).Where("company_id = ?", c).Exec(ctx); err != nil {
			return store.Fault(err)
		}
	}
	return nil
}

// sweep works on all companies at once: what has ended has ended everywhere.
func (s *Signin) sweep(ctx context.Context, tx *store.Tx, now time.Time) error {
	for _, q := range []*bun.DeleteQuery{
		tx.DB.NewDelete().Model((*sessionRow)(nil)).Where("expires_at <= ? OR seen_at <= ?", now, now.Add(-SessionIdle)),
		tx.DB.NewDelete().Model((*ticketRow)(nil)).Where("expires_at <= ?", now),
		tx.DB.NewDelete().Model((*linkRow)(nil)).Where("expires_at <= ?", now),
		tx.DB.NewDelete().Model((*attemptRow)(nil)).Where("last_at <= ?", now.Add(-forgetFailures)),
		tx.DB.NewDelete().Model((*knownRow)(nil)).Where("seen_at <= ?", now.Add(-forgetAddress)),
		tx.DB.NewDelete().Model((*setupRow)(nil)).Where("created_at <= ?", now.Add(-setupLife)),
	} {
		if _, err := q.Exec(ctx); err != nil {
			return store.Fault(err)
		}
	}
	return nil
}
