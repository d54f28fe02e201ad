package delivery

import (
	"context"
	"fmt"
	"time"

	"github.com/ponte-desk/ponte/internal/clock"
	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/team"
)

// Staged is a delivery of the sample company that did not get out.
type Staged struct {
	Company team.CompanyID
	Channel network.ChannelID
	Source  Source
	Message Message
	At      time.Time // when it was tried
	Trouble Trouble
}

// Stage tells of a delivery that failed in the story of the sample company: on its channels nothing is called, and nothing fails by
// itself. People may try it again like any other. Other channels are refused. Nobody is told of it.
func (d *Deliveries) Stage(ctx context.Context, tx *store.Tx, s Staged) (ID, error) {
	all, err := d.networks.ChannelsByID(ctx, s.Company)
	if err != nil {
		return "", fmt.Errorf("delivery.Stage: %w", err)
	}
	if !all[s.Channel].Sample {
		return "", fault.New(fault.Denied, "delivery.stage.sample")
	}
	at := clock.Trim(s.At)
	x := Delivery{
		ID: ID(deliveryKind.New(at)), Company: s.Company, Channel: s.Channel, Source: s.Source, State: Failed, Message: s.Message, NotBefore: at, PlannedAt: at,
		PreparedAt: at, TriedAt: at, Attempts: 1, Trouble: &s.Trouble, SettledAt: at,
	}
	if err := d.insert(ctx, tx, x); err != nil {
		return "", fmt.Errorf("delivery.Stage: %w", err)
	}
	return x.ID, nil
}
