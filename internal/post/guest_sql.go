package post

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

type guestRow struct {
	bun.BaseModel `bun:"table:post_guest"`
	ID            GuestID        `bun:"id,pk"`
	CompanyID     team.CompanyID `bun:"company_id"`
	PostID        ID             `bun:"post_id"`
	Name          string         `bun:"name"`
	TokenHash     string         `bun:"token_hash"`
	InvitedBy     team.MemberID  `bun:"invited_by"`
	InvitedAt     time.Time      `bun:"invited_at"`
	ExpiresAt     time.Time      `bun:"expires_at"`
	SeenAt        time.Time      `bun:"seen_at,nullzero"`
	UsedAt        time.Time      `bun:"used_at,nullzero"`
	WithdrawnAt   time.Time      `bun:"withdrawn_at,nullzero"`
}

func (r guestRow) guest() Guest {
	return Guest{
		ID: r.ID, Name: r.Name, InvitedBy: r.InvitedBy, InvitedAt: clock.Trim(r.InvitedAt), ExpiresAt: clock.Trim(r.ExpiresAt), SeenAt: clock.Trim(r.SeenAt),
		UsedAt: clock.Trim(r.UsedAt), WithdrawnAt: clock.Trim(r.WithdrawnAt), post: r.PostID,
	}
}

func (p *Posts) insertGuest(ctx context.Context, tx *store.Tx, c team.CompanyID, g Guest, hash string) error {
	r := guestRow{
		ID: g.ID, CompanyID: c, PostID: g.post, Name: g.Name, TokenHash: hash, InvitedBy: g.InvitedBy, InvitedAt: g.InvitedAt, ExpiresAt: g.ExpiresAt,
	}
	_, err := tx.DB.NewInsert().Model(&r).Exec(ctx)
	return store.Fault(err)
}

func (p *Posts) guests(ctx context.Context, c team.CompanyID, id ID) ([]Guest, error) {
	var rows []guestRow
	err := p.rooms.Store.Read(ctx).NewSelect().Model(&rows).Where("post_id = ?", id).Where("company_id = ?", c).Order("id").Scan(ctx)
	out := make([]Guest, len(rows))
	for i, r := range rows {
		out[i] = r.guest()
	}
	return out, store.Fault(err)
}

func (p *Posts) readGuest(ctx context.Context, c team.CompanyID, id GuestID) (Guest, error) {
	var r guestRow
	err := store.Fault(p.rooms.Store.Read(ctx).NewSelect().Model(&r).Where("id = ?", id).Where("company_id = ?", c).Scan(ctx))
	if errors.Is(err, store.ErrMissing) {
		return Guest{}, fault.New(fault.NotFound, "post.guest.missing")
	}
	return r.guest(), err
}

// guestOf gives whom a token was made for, while the link lives. It is the one read that does not know its company: the token does.
func (p *Posts) guestOf(ctx context.Context, token string) (Guest, team.CompanyID, error) {
	if len(token) != 43 {
		return Guest{}, "", errGuest()
	}
	var r guestRow
	err := store.Fault(p.rooms.Store.Read(ctx).NewSelect().Model(&r).Where("token_hash = ?", hashToken(token)).Where("token_hash <> ''").Scan(ctx))
	if errors.Is(err, store.ErrMissing) {
		return Guest{}, "", errGuest()
	}
	if err != nil {
		return Guest{}, "", err
	}
	g := r.guest()
	if !g.WithdrawnAt.IsZero() {
		return Guest{}, "", fault.New(fault.NotFound, "post.guest.withdrawn")
	}
	if !p.rooms.Clock.Now().Before(g.ExpiresAt) {
		return Guest{}, "", fault.New(fault.NotFound, "post.guest.over")
	}
	return g, r.CompanyID, nil
}

func (p *Posts) withdrawGuest(ctx context.Context, tx *store.Tx, c team.CompanyID, id GuestID, now time.Time) error {
	_, err := tx.DB.NewUpdate().Model((*guestRow)(nil)).Where("id = ?", id).Where("company_id = ?", c).Where("withdrawn_at IS NULL").
		Set("withdrawn_at = ?", now).Exec(ctx)
	return store.Fault(err)
}

// withdrawGuestsOf ends the links that a member gave out who leaves.
func (p *Posts) withdrawGuestsOf(ctx context.Context, tx *store.Tx, c team.CompanyID, m team.MemberID, now time.Time) error {
	_, err := tx.DB.NewUpdate().Model((*guestRow)(nil)).Where("company_id = ?", c).Where("invited_by = ?", m).Where("withdrawn_at IS NULL").
		Where("used_at IS NULL").Set("withdrawn_at = ?", now).Exec(ctx)
	return store.Fault(err)
}

func (p *Posts) seeGuest(ctx context.Context, tx *store.Tx, id GuestID, now time.Time) error {
	_, err := tx.DB.NewUpdate().Model((*guestRow)(nil)).Where("id = ?", id).Where("(seen_at IS NULL OR seen_at < ?)", now.Add(-time.Minute)).Set("seen_at = ?", now).Exec(ctx)
	return store.Fault(err)
}

func (p *Posts) useGuest(ctx context.Context, tx *store.Tx, id GuestID, now time.Time) error {
	_, err := tx.DB.NewUpdate().Model((*guestRow)(nil)).Where("id = ?", id).Set("used_at = ?", now).Exec(ctx)
	return store.Fault(err)
}
