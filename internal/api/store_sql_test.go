package api_test

import (
	"context"

	"github.com/ponte-desk/ponte/internal/store"
)

// breakAudit makes every use case fail in the middle, as a damaged database would.
func breakAudit() func(context.Context, *store.Tx) error {
	return func(ctx context.Context, tx *store.Tx) error {
		_, err := tx.DB.NewRaw("ALTER TABLE audit RENAME TO audit_away").Exec(ctx)
		return err
	}
}

func mendAudit() func(context.Context, *store.Tx) error {
	return func(ctx context.Context, tx *store.Tx) error {
		_, err := tx.DB.NewRaw("ALTER TABLE audit_away RENAME TO audit").Exec(ctx)
		return err
	}
}
