package network

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/team"
)

type appRow struct {
	bun.BaseModel `bun:"table:network_app"`

	ID          string         `bun:"id,pk"`
	Company     team.CompanyID `bun:"company_id"`
	Network     Name           `bun:"network"`
	ServerURL   string         `bun:"server_url"`
	RedirectURI string         `bun:"redirect_uri"`
	Secret      string         `bun:"secret"`
	CreatedAt   time.Time      `bun:"created_at"`
}

type joiningRow struct {
	bun.BaseModel `bun:"table:joining"`

	StateHash   string         `bun:"state_hash,pk"`
	Company     team.CompanyID `bun:"company_id"`
	Member      team.MemberID  `bun:"member_id"`
	Network     Name           `bun:"network"`
	Server      serverForm     `bun:"server,type:jsonb"`
	AppID       string         `bun:"app_id"`
	RedirectURI string         `bun:"redirect_uri"`
	Verifier    string         `bun:"verifier"`
	ExpiresAt   time.Time      `bun:"expires_at"`
}

// readApp gives the stored application for a server, nil when there is none.
func (n *Networks) readApp(ctx context.Context, c team.CompanyID, s Server, redirectURI string) (*appRow, error) {
	r := &appRow{}
	err := store.Fault(n.store.Read(ctx).NewSelect().Model(r).Where("company_id = ?", c).Where("network = ?", s.Network).
		Where("server_url = ?", s.URL).Where("redirect_uri = ?", redirectURI).Scan(ctx))
	if errors.Is(err, store.ErrMissing) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return r, nil
}

func (n *Networks) readAppByID(ctx context.Context, c team.CompanyID, id string) (*appRow, error) {
	r := &appRow{}
	if err := n.store.Read(ctx).NewSelect().Model(r).Where("id = ?", id).Where("company_id = ?", c).Scan(ctx); err != nil {
		return nil, store.Fault(err)
	}
	return r, nil
}

// insertApp keeps an application unless another request has kept one meanwhile.
func (n *Networks) insertApp(ctx context.Context, tx *store.Tx, r *appRow) error {
	_, err := tx.DB.NewInsert().Model(r).On("CONFLICT (company_id, network, server_url, redirect_uri) DO NOTHING").Exec(ctx)
	return store.Fault(err)
}

func (n *Networks) deleteApp(ctx context.Context, c team.CompanyID, id string) error {
	return n.store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		_, err := tx.DB.NewDelete().Table("network_app").Where("id = ?", id).Where("company_id = ?", c).Exec(ctx)
		return store.Fault(err)
	})
}

func (n *Networks) insertJoining(ctx context.Context, tx *store.Tx, r *joiningRow) error {
	_, err := tx.DB.NewInsert().Model(r).Exec(ctx)
	return store.Fault(err)
}

// takeJoining gives a joining to the member it is bound to, once.
func (n *Networks) takeJoining(ctx context.Context, tx *store.Tx, a team.Actor, stateHash string) (*joiningRow, error) {
	r := &joiningRow{}
	err := store.Fault(tx.DB.NewSelect().Model(r).Where("state_hash = ?", stateHash).Where("company_id = ?", a.Company).
		Where("member_id = ?", a.Member).Scan(ctx))
	if errors.Is(err, store.ErrMissing) {
		return nil, ErrJoinMissing
	}
	if err != nil {
		return nil, err
	}
	// Of two browsers that come back with the same state one wins.
	won, err := affected(tx.DB.NewDelete().Model(r).WherePK().Exec(ctx))
	if err != nil {
		return nil, err
	}
	if !won {
		return nil, ErrJoinMissing
	}
	return r, nil
}

func (n *Networks) dropLateJoinings(ctx context.Context, tx *store.Tx, now time.Time) error {
	_, err := tx.DB.NewDelete().Table("joining").Where("expires_at <= ?", now).Exec(ctx)
	return store.Fault(err)
}

func (n *Networks) forgetJoinings(ctx context.Context, tx *store.Tx, c team.CompanyID, m team.MemberID) error {
	if _, err := tx.DB.NewDelete().Table("joining").Where("company_id = ?", c).Where("member_id = ?", m).Exec(ctx); err != nil {
		return fmt.Errorf("network: %w", store.Fault(err))
	}
	return nil
}
