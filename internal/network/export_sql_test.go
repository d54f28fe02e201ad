package network

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/ponte-desk/ponte/internal/store"
)

func setBeat(ctx context.Context, tx *store.Tx, id ChannelID, at time.Time) error {
	_, err := tx.DB.NewUpdate().Table("channel").Set("watch_beat = ?", at).Where("id = ?", id).Exec(ctx)
	return err
}

// RawSecrets reads everything that is stored sealed, as it lies in the database.
func (n *Networks) RawSecrets(ctx context.Context) ([]string, error) {
	var out []string
	err := n.store.Read(ctx).NewRaw("SELECT credentials FROM channel UNION ALL SELECT secret FROM network_app UNION ALL SELECT verifier FROM joining").Scan(ctx, &out)
	return out, err
}

// Count counts the rows of a table.
func (n *Networks) Count(ctx context.Context, table string) (int64, error) {
	return n.store.Read(ctx).NewSelect().Table(table).Count(ctx)
}

// BareInsert writes the same rows as Ingest does, in one statement with bound values in one transaction, and does
// nothing else: the baseline.
func (n *Networks) BareInsert(ctx context.Context, ch Channel, items []Item) error {
	now := n.clock.Now()
	return n.store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		var q strings.Builder
		q.WriteString("INSERT INTO seen (company_id, channel_id, remote_id, version, watched, at, first_seen_at, changed_at) VALUES ")
		args := make([]any, 0, len(items)*8)
		for i, it := range items {
			if i > 0 {
				q.WriteByte(',')
			}
			if tx.SQL() != nil {
				q.WriteString("(?,?,?,?,?,?,?,?)")
			} else {
				k := i * 8
				fmt.Fprintf(&q, "($%d,$%d,$%d,$%d,$%d,$%d,$%d,$%d)", k+1, k+2, k+3, k+4, k+5, k+6, k+7, k+8)
			}
			args = append(args, string(ch.Company), string(ch.ID), it.RemoteID, it.Version, false, it.At, now, now)
		}
		if tx.SQL() != nil {
			_, err := tx.SQL().ExecContext(ctx, q.String(), args...)
			return err
		}
		_, err := tx.PGX().Exec(ctx, q.String(), args...)
		return err
	})
}
