package network

import (
	"context"
	"fmt"
	"strings"

	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/team"
)

// Gate looks at what a channel brought, before anything of it is noted, and gives what may come in.
type Gate func(ctx context.Context, tx *store.Tx, ch Channel, items []Item) ([]Item, error)

// SetGate says who looks at what arrives before it is noted.
func (n *Networks) SetGate(g Gate) { n.gate = g }

// admit lets the gate look at a page.
func (n *Networks) admit(ctx context.Context, tx *store.Tx, ch Channel, items []Item) ([]Item, error) {
	if n.gate == nil || len(items) == 0 {
		return items, nil
	}
	return n.gate(ctx, tx, ch, items)
}

// Hold waits until nothing is being taken in for a company and keeps it so until the transaction ends.
func (n *Networks) Hold(ctx context.Context, tx *store.Tx, c team.CompanyID) error {
	if err := n.lockChannels(ctx, tx, c); err != nil {
		return fmt.Errorf("network.Hold: %w", err)
	}
	return nil
}

// Forget drops every trace of items that a channel brought: they count as never seen.
func (n *Networks) Forget(ctx context.Context, tx *store.Tx, c team.CompanyID, ch ChannelID, remoteIDs []string) (int, error) {
	k, err := n.forget(ctx, tx, c, ch, remoteIDs)
	if err != nil {
		return 0, fmt.Errorf("network.Forget: %w", err)
	}
	return k, nil
}

// AccountIn gives the account that a remote id names, where the network writes it into its ids, as AT URIs do
// (https://atproto.com/specs/at-uri-scheme); "" where it does not.
func AccountIn(remoteID string) string {
	rest, ok := strings.CutPrefix(remoteID, "at://")
	if !ok {
		return ""
	}
	account, _, _ := strings.Cut(rest, "/")
	return account
}
