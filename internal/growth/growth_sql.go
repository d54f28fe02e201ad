package growth

import (
	"context"

	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/team"
)

// lock is alone's: on SQLite a transaction that writes is alone already.
func (g *Growth) lock(ctx context.Context, tx *store.Tx, c team.CompanyID) error {
	if g.rooms.Store.Dialect() != store.Postgres {
		return nil
	}
	_, err := tx.DB.NewRaw("SELECT pg_advisory_xact_lock(hashtextextended(?, 0))", "growth "+string(c)).Exec(ctx)
	return store.Fault(err)
}

// bump makes the page's version grow. Settings that nobody has decided yet are an empty object.
func (g *Growth) bump(ctx context.Context, tx *store.Tx, c team.CompanyID) error {
	_, err := tx.DB.NewRaw("INSERT INTO growth_setting (company_id, settings, version) VALUES (?, '{}', 1) "+
		"ON CONFLICT (company_id) DO UPDATE SET version = growth_setting.version + 1", c).Exec(ctx)
	return store.Fault(err)
}
