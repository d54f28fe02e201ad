package network

import (
	"context"
	"fmt"

	"github.com/ponte-desk/ponte/internal/seal"
	"github.com/ponte-desk/ponte/internal/store"
)

// Sealed tells whether a database holds secrets that this room sealed: then the key file must not be made anew. It is
// asked before the keys are opened; see seal.Options.
func Sealed(ctx context.Context, s *store.Store) (bool, error) {
	found, err := anySealed(ctx, s)
	if err != nil {
		return false, fmt.Errorf("network.Sealed: %w", err)
	}
	return found, nil
}

// Reseal moves every secret of this room to the newest key and counts those it moved. It may be cut off and run
// again.
func (n *Networks) Reseal(ctx context.Context) (int, error) {
	moved := 0
	err := n.store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		secrets, err := n.sealedSecrets(ctx, tx)
		if err != nil {
			return err
		}
		for _, s := range secrets {
			fresh, changed, err := n.seal.Reseal(s.place(), s.Envelope)
			if err != nil {
				return err
			}
			if !changed {
				continue
			}
			if err := n.writeSecret(ctx, tx, s, fresh); err != nil {
				return err
			}
			moved++
		}
		return nil
	})
	if err != nil {
		return 0, fmt.Errorf("network.Reseal: %w", err)
	}
	return moved, nil
}

// place says where a secret belongs.
func (s sealedSecret) place() seal.Place {
	switch s.Source {
	case "channel":
		return credentialsPlace(s.Company, ChannelID(s.ID))
	case "network_app":
		return appPlace(s.Company, s.ID)
	case "channel_hub":
		return hubPlace(s.Company, s.ID)
	default:
		return verifierPlace(s.Company, s.ID)
	}
}

// CheckSecrets opens every secret of this room with the keys at hand and counts them. It is asked of a copy of the house, to see whether
// its key fits. Errors are those of seal.
func (n *Networks) CheckSecrets(ctx context.Context) (int, error) {
	opened := 0
	err := n.store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		secrets, err := n.sealedSecrets(ctx, tx)
		if err != nil {
			return err
		}
		for _, s := range secrets {
			b, err := n.seal.Unseal(s.place(), s.Envelope)
			if err != nil {
				return err
			}
			clear(b)
			opened++
		}
		return nil
	})
	if err != nil {
		return 0, fmt.Errorf("network.CheckSecrets: %w", err)
	}
	return opened, nil
}
