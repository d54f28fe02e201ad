package network

import (
	"context"

	"github.com/uptrace/bun"

	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/team"
)

// sealedSecret is one envelope, wherever it is stored.
type sealedSecret struct {
	Source   string         `bun:"source"`
	Company  team.CompanyID `bun:"company_id"`
	ID       string         `bun:"id"`
	Envelope string         `bun:"envelope"`
}

const sealedQuery = "SELECT 'channel' AS source, company_id, id, credentials AS envelope FROM channel WHERE credentials <> '' " +
	"UNION ALL SELECT 'network_app', company_id, id, secret FROM network_app " +
	"UNION ALL SELECT 'joining', company_id, state_hash, verifier FROM joining " +
	"UNION ALL SELECT 'channel_hub', company_id, id, secret FROM channel_hub"

func anySealed(ctx context.Context, s *store.Store) (bool, error) {
	var found bool
	err := s.Read(ctx).NewRaw("SELECT EXISTS ("+sealedQuery+")").Scan(ctx, &found)
	return found, store.Fault(err)
}

func (n *Networks) sealedSecrets(ctx context.Context, tx *store.Tx) ([]sealedSecret, error) {
	if n.store.Dialect() == store.Postgres { // a renewal meanwhile would be overwritten with what was before
		if _, err := tx.DB.NewRaw("LOCK TABLE channel IN SHARE ROW EXCLUSIVE MODE").Exec(ctx); err != nil {
			return nil, store.Fault(err)
		}
	}
	var out []sealedSecret
	err := tx.DB.NewRaw(sealedQuery).Scan(ctx, &out)
	return out, store.Fault(err)
}

func (n *Networks) writeSecret(ctx context.Context, tx *store.Tx, s sealedSecret, envelope string) error {
	column, key := "credentials", "id"
	switch s.Source {
	case "network_app", "channel_hub":
		column = "secret"
	case "joining":
		column, key = "verifier", "state_hash"
	}
	_, err := tx.DB.NewUpdate().Table(s.Source).Set("? = ?", bun.Ident(column), envelope).Where("? = ?", bun.Ident(key), s.ID).
		Where("company_id = ?", s.Company).Exec(ctx)
	return store.Fault(err)
}
