package reach

import (
	"context"

	"github.com/ponte-desk/ponte/internal/store"
)

// ForgetInbound has everything that came in count as being from before.
func ForgetInbound(ctx context.Context, tx *store.Tx) error {
	_, err := tx.DB.NewRaw("DELETE FROM reach_inbound").Exec(ctx)
	return err
}
