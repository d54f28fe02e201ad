package network

import (
	"context"
	"errors"
	"time"

	"github.com/uptrace/bun"

	"github.com/ponte-desk/ponte/internal/clock"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/team"
)

// hubRow is a hub that was asked.
type hubRow struct {
	bun.BaseModel `bun:"table:channel_hub"`

	ID        string         `bun:"id,pk"`
	Company   team.CompanyID `bun:"company_id"`
	Channel   ChannelID      `bun:"channel_id"`
	Hub       string         `bun:"hub"`
	Topic     string         `bun:"topic"`
	Base      string         `bun:"base"`
	TokenHash string         `bun:"token_hash"`
	Secret    string         `bun:"secret"`
	Leaving   bool           `bun:"leaving"`
	Asked     time.Time      `bun:"asked_at,nullzero"`
	Confirmed time.Time      `bun:"confirmed_at,nullzero"`
	Until     time.Time      `bun:"until_at,nullzero"`
	Next      time.Time      `bun:"next_at"`
	Tries     int            `bun:"tries"`
}

// hubHealthRow is the stored form of HubHealth, with when the hub rang and when a watcher was sent for it.
type hubHealthRow struct {
	Host  string    `json:"host,omitempty"`
	State HubState  `json:"state,omitempty"`
	Until time.Time `json:"until,omitzero"`
	Rung  time.Time `json:"rung,omitzero"`
	Woke  time.Time `json:"woke,omitzero"`
}

func (r hubHealthRow) health() HubHealth {
	return HubHealth{Host: r.Host, State: r.State, Until: clock.Trim(r.Until)}
}

func (n *Networks) hubsOf(ctx context.Context, tx *store.Tx, c team.CompanyID, ch ChannelID) ([]hubRow, error) {
	var rows []hubRow
	err := tx.DB.NewSelect().Model(&rows).Where("company_id = ?", c).Where("channel_id = ?", ch).Order("id").Scan(ctx)
	return rows, store.Fault(err)
}

func (n *Networks) hubsDue(ctx context.Context, now time.Time) ([]hubRow, error) {
	var rows []hubRow
	err := n.store.Read(ctx).NewSelect().Model(&rows).Where("next_at <= ?", now).Order("next_at").Limit(200).Scan(ctx)
	return rows, store.Fault(err)
}

// hubAt finds the hub that was given an address.
func (n *Networks) hubAt(ctx context.Context, token string) (hubRow, error) {
	var h hubRow
	err := store.Fault(n.store.Read(ctx).NewSelect().Model(&h).Where("token_hash = ?", hubHash(token)).Scan(ctx))
	if errors.Is(err, store.ErrMissing) {
		err = ErrNoHub.Because(err)
	}
	return h, err
}

// withHub does something with a hub and its channel, both locked.
func (n *Networks) withHub(ctx context.Context, c team.CompanyID, id string, f func(ctx context.Context, tx *store.Tx, ch *channelRow, h *hubRow) error) error {
	return n.store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		read := func() (h hubRow, err error) {
			err = store.Fault(tx.DB.NewSelect().Model(&h).Where("id = ?", id).Where("company_id = ?", c).Scan(ctx))
			if errors.Is(err, store.ErrMissing) {
				err = ErrNoHub.Because(err)
			}
			return h, err
		}
		h, err := read()
		if err != nil {
			return err
		}
		ch, err := n.lockChannel(ctx, tx, c, h.Channel)
		if err != nil {
			return err
		}
		if h, err = read(); err != nil { // as it is now that nobody else changes it
			return err
		}
		return f(ctx, tx, ch, &h)
	})
}

// writeHub writes a hub and its channel, both locked, and tells of it.
func (n *Networks) writeHub(ctx context.Context, tx *store.Tx, ch *channelRow, h hubRow) error {
	if err := n.updateHub(ctx, tx, h); err != nil {
		return err
	}
	if err := n.updateChannel(ctx, tx, ch); err != nil {
		return err
	}
	return n.tell(ctx, tx, ch.channel())
}

func (n *Networks) insertHub(ctx context.Context, tx *store.Tx, h hubRow) error {
	_, err := tx.DB.NewInsert().Model(&h).Exec(ctx)
	return store.Fault(err)
}

func (n *Networks) updateHub(ctx context.Context, tx *store.Tx, h hubRow) error {
	_, err := tx.DB.NewUpdate().Model(&h).WherePK().Where("company_id = ?", h.Company).Exec(ctx)
	return store.Fault(err)
}

func (n *Networks) deleteHub(ctx context.Context, tx *store.Tx, h hubRow) error {
	_, err := tx.DB.NewDelete().Model(&h).WherePK().Where("company_id = ?", h.Company).Exec(ctx)
	return store.Fault(err)
}
