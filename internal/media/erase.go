package media

import (
	"context"
	"fmt"
	"path/filepath"
	"time"

	"github.com/ponte-desk/ponte/internal/store"
)

// Erase takes a file away for good, in a transaction: of what is known of it nothing is left, and once the transaction is certain
// the file goes too, unless somebody else keeps the same. Errors: ErrGone.
func (m *Media) Erase(ctx context.Context, tx *store.Tx, company string, id ID) error {
	sum, err := m.deleteRow(ctx, tx, company, id)
	if err != nil {
		return fmt.Errorf("media.Erase: %w", err)
	}
	tx.AfterCommit(func() {
		// What fails here is swept later, like any file that nobody keeps.
		files, _ := filepath.Glob(m.path(sum) + "*")
		for _, path := range files {
			_, _ = m.sweepFile(context.WithoutCancel(ctx), path, m.options.Clock.Now().Add(100*365*24*time.Hour))
		}
	})
	return nil
}

// RemoveCompany forgets every file of a company, in the transaction that removes the company. What no other company keeps is swept from
// the disk later.
func (m *Media) RemoveCompany(ctx context.Context, tx *store.Tx, company string) error {
	if err := m.deleteRows(ctx, tx, company); err != nil {
		return fmt.Errorf("media.RemoveCompany: %w", err)
	}
	return nil
}
