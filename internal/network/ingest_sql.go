package network

import (
	"context"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"github.com/ponte-desk/ponte/internal/store"
)

// marked is what became of one item in the table seen; "" is known as it is.
type marked string

const (
	markedNew     marked = "new"
	markedChanged marked = "changed"
)

// chunk bounds the rows of one statement.
const chunk = 500

// mark writes items into the table seen and tells which of them are new or changed. The channel's row is locked, so
// nobody else writes for this channel meanwhile. Something deleted that was never seen is nothing.
func (n *Networks) mark(ctx context.Context, tx *store.Tx, ch Channel, items []Item, now time.Time) (map[string]marked, error) {
	out := make(map[string]marked, len(items))
	var alive, dead []*Item
	for i := range items {
		if items[i].Deleted {
			dead = append(dead, &items[i])
		} else {
			alive = append(alive, &items[i])
		}
	}
	for part := range slices.Chunk(alive, chunk) {
		if err := n.markAlive(ctx, tx, ch, part, now, out); err != nil {
			return nil, err
		}
	}
	for part := range slices.Chunk(dead, chunk) {
		ids := make([]string, len(part))
		for i, it := range part {
			ids[i] = it.RemoteID
		}
		var gone []string
		err := tx.DB.NewRaw("UPDATE seen SET deleted = TRUE, watched = FALSE, revision = revision + 1, changed_at = ? "+
			"WHERE channel_id = ? AND remote_id IN (?) AND NOT deleted RETURNING remote_id", now, ch.ID, bun.List(ids)).Scan(ctx, &gone)
		if err != nil {
			return nil, store.Fault(err)
		}
		for _, id := range gone {
			out[id] = markedChanged
		}
	}
	return out, nil
}

// markAlive is one statement for many rows: what is there already and the same is neither written nor told. The
// values are written into the text by hand, because this is where a million items pass.
func (n *Networks) markAlive(ctx context.Context, tx *store.Tx, ch Channel, items []*Item, now time.Time, out map[string]marked) error {
	d := tx.DB.Dialect()
	var head []byte // what is the same in every row
	head = append(head, '(')
	head = d.AppendString(head, string(ch.Company))
	head = append(head, ',')
	head = d.AppendString(head, string(ch.ID))
	head = append(head, ',')
	var tail []byte
	tail = append(tail, ',')
	tail = d.AppendTime(tail, now)
	tail = append(tail, ',')
	tail = d.AppendTime(tail, now)
	tail = append(tail, ')')
	since := now.Add(-watchedFor)
	values := make([]byte, 0, len(items)*(len(head)+len(tail)+200))
	for i, it := range items {
		if i > 0 {
			values = append(values, ',')
		}
		at := it.At
		if at.IsZero() {
			at = now
		}
		values = append(values, head...)
		values = d.AppendString(values, it.RemoteID)
		values = append(values, ',')
		values = d.AppendString(values, it.Version)
		values = append(values, ',')
		values = d.AppendBool(values, it.Kind.Speaks() && at.After(since))
		values = append(values, ',')
		values = d.AppendTime(values, at)
		values = append(values, tail...)
	}
	rows, err := tx.DB.QueryContext(ctx, "INSERT INTO seen (company_id, channel_id, remote_id, version, watched, at, first_seen_at, changed_at) VALUES ? "+
		"ON CONFLICT (channel_id, remote_id) DO UPDATE SET version = excluded.version, deleted = FALSE, revision = seen.revision + 1, changed_at = excluded.changed_at "+
		"WHERE seen.version <> excluded.version OR seen.deleted RETURNING remote_id, revision", bun.Safe(values))
	if err != nil {
		return store.Fault(err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var id string
		var revision int
		if err := rows.Scan(&id, &revision); err != nil {
			return store.Fault(err)
		}
		out[id] = markedChanged
		if revision == 1 {
			out[id] = markedNew
		}
	}
	return store.Fault(rows.Err())
}

// recent gives the remote ids that are to be read again, newest first.
func (n *Networks) recent(ctx context.Context, ch Channel, since time.Time, limit int) ([]string, error) {
	var ids []string
	err := n.store.Read(ctx).NewSelect().Table("seen").Column("remote_id").Where("channel_id = ?", ch.ID).Where("company_id = ?", ch.Company).
		Where("watched").Where("NOT deleted").Where("at > ?", since).Order("at DESC").Limit(int64(limit)).Scan(ctx, &ids)
	return ids, store.Fault(err)
}
