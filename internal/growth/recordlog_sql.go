package growth

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"github.com/ponte-desk/ponte/internal/clock"
	"github.com/ponte-desk/ponte/internal/merkle"
	"github.com/ponte-desk/ponte/internal/record"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/team"
)

type logRow struct {
	bun.BaseModel `bun:"table:record_log"`
	CompanyID     team.CompanyID `bun:"company_id,pk"`
	Origin        string         `bun:"origin"`
	Key           string         `bun:"key"`
	Verifier      string         `bun:"verifier"`
	Size          int64          `bun:"size"`
	Root          []byte         `bun:"root"`
	Checkpoint    string         `bun:"checkpoint"`
	Figures       string         `bun:"figures"`
	ChangedAt     time.Time      `bun:"changed_at"`
}

func (l *logRow) head() merkle.Head {
	h := merkle.Head{Size: l.Size}
	copy(h.Root[:], l.Root)
	return h
}

func (g *Growth) log(ctx context.Context, c team.CompanyID) (*logRow, error) {
	var l logRow
	err := g.rooms.Store.Read(ctx).NewSelect().Model(&l).Where("company_id = ?", c).Scan(ctx)
	l.ChangedAt = clock.Trim(l.ChangedAt)
	return &l, store.Fault(err)
}

// heldLog gives a log that nobody else writes until the transaction ends.
func (g *Growth) heldLog(ctx context.Context, tx *store.Tx, c team.CompanyID) (*logRow, error) {
	var l logRow
	q := tx.DB.NewSelect().Model(&l).Where("company_id = ?", c)
	if g.rooms.Store.Dialect() == store.Postgres {
		q = q.For("UPDATE")
	}
	return &l, store.Fault(q.Scan(ctx))
}

func (g *Growth) insertLog(ctx context.Context, tx *store.Tx, l *logRow) error {
	_, err := tx.DB.NewInsert().Model(l).Exec(ctx)
	return store.Fault(err)
}

func (g *Growth) saveLog(ctx context.Context, tx *store.Tx, l *logRow) error {
	_, err := tx.DB.NewUpdate().Model(l).Column("size", "root", "checkpoint", "figures", "changed_at").WherePK().Exec(ctx)
	return store.Fault(err)
}

// originTaken tells whether the record of another company of the house has this name.
func (g *Growth) originTaken(ctx context.Context, c team.CompanyID, origin string) (bool, error) {
	n, err := g.rooms.Store.Read(ctx).NewSelect().Model((*logRow)(nil)).Where("origin = ?", origin).Where("company_id <> ?", c).Count(ctx)
	return n > 0, store.Fault(err)
}

func (g *Growth) sealedKeys(ctx context.Context, tx *store.Tx) ([]logRow, error) {
	var rows []logRow
	q := tx.DB.NewSelect().Model(&rows).Column("company_id", "key").Order("company_id")
	if g.rooms.Store.Dialect() == store.Postgres {
		q = q.For("UPDATE")
	}
	return rows, store.Fault(q.Scan(ctx))
}

func (g *Growth) saveKey(ctx context.Context, tx *store.Tx, c team.CompanyID, sealed string) error {
	_, err := tx.DB.NewUpdate().Model((*logRow)(nil)).Where("company_id = ?", c).Set("key = ?", sealed).Exec(ctx)
	return store.Fault(err)
}

type tileRow struct {
	bun.BaseModel `bun:"table:record_tile"`
	CompanyID     team.CompanyID `bun:"company_id,pk"`
	Level         int            `bun:"level,pk"`
	Number        int64          `bun:"number,pk"`
	Width         int            `bun:"width"`
	Body          []byte         `bun:"body"`
}

type bundleRow struct {
	bun.BaseModel `bun:"table:record_bundle"`
	CompanyID     team.CompanyID `bun:"company_id,pk"`
	Number        int64          `bun:"number,pk"`
	Width         int            `bun:"width"`
	Body          []byte         `bun:"body"`
}

// bodyChunk bounds the tiles and bundles of one statement: each has some kilobytes.
const bodyChunk = 50

func (g *Growth) saveTiles(ctx context.Context, tx *store.Tx, c team.CompanyID, tiles []merkle.Tile, bundles []merkle.Bundle) error {
	for part := range slices.Chunk(tiles, bodyChunk) {
		rows := make([]tileRow, len(part))
		for i, t := range part {
			rows[i] = tileRow{CompanyID: c, Level: t.Level, Number: t.N, Width: t.Width, Body: t.Body}
		}
		_, err := tx.DB.NewInsert().Model(&rows).On("CONFLICT (company_id, level, number) DO UPDATE").
			Set("width = EXCLUDED.width, body = EXCLUDED.body").Exec(ctx)
		if err != nil {
			return store.Fault(err)
		}
	}
	for part := range slices.Chunk(bundles, bodyChunk) {
		rows := make([]bundleRow, len(part))
		for i, b := range part {
			rows[i] = bundleRow{CompanyID: c, Number: b.N, Width: b.Width, Body: b.Body}
		}
		_, err := tx.DB.NewInsert().Model(&rows).On("CONFLICT (company_id, number) DO UPDATE").
			Set("width = EXCLUDED.width, body = EXCLUDED.body").Exec(ctx)
		if err != nil {
			return store.Fault(err)
		}
	}
	return nil
}

// logReader reads the tiles and bundles of a company's log. It implements merkle.Reader.
type logReader struct {
	g       *Growth
	company team.CompanyID
}

// Tile implements merkle.Reader.
func (r logReader) Tile(ctx context.Context, level int, n int64, width int) ([]byte, error) {
	var row tileRow
	err := store.Fault(r.g.rooms.Store.Read(ctx).NewSelect().Model(&row).Where("company_id = ?", r.company).Where("level = ?", level).
		Where("number = ?", n).Scan(ctx))
	if errors.Is(err, store.ErrMissing) || err == nil && row.Width < width {
		return nil, noTile()
	}
	if err != nil {
		return nil, err
	}
	return merkle.CutTile(row.Body, width)
}

// Entries implements merkle.Reader.
func (r logReader) Entries(ctx context.Context, n int64, width int) ([]byte, error) {
	var row bundleRow
	err := store.Fault(r.g.rooms.Store.Read(ctx).NewSelect().Model(&row).Where("company_id = ?", r.company).Where("number = ?", n).Scan(ctx))
	if errors.Is(err, store.ErrMissing) || err == nil && row.Width < width {
		return nil, noTile()
	}
	if err != nil {
		return nil, err
	}
	return merkle.CutBundle(row.Body, width)
}

type factRow struct {
	bun.BaseModel `bun:"table:record_fact"`
	CompanyID     team.CompanyID `bun:"company_id,pk"`
	Handle        record.Handle  `bun:"handle,pk"`
	Body          []byte         `bun:"body"`
}

// memory is what a tally knows of the handles of some leaves. It implements record.Memory.
type memory struct {
	facts map[record.Handle]record.Fact
	dirty []record.Handle // in the order in which they changed
}

// Recall implements record.Memory.
func (m *memory) Recall(_ context.Context, h record.Handle) (record.Fact, error) {
	return m.facts[h], nil
}

// Remember implements record.Memory.
func (m *memory) Remember(_ context.Context, h record.Handle, f record.Fact) error {
	m.facts[h] = f
	m.dirty = append(m.dirty, h)
	return nil
}

// remember reads what is known of the handles that leaves name.
func (g *Growth) remember(ctx context.Context, tx *store.Tx, c team.CompanyID, leaves []record.Leaf) (*memory, error) {
	var hs []record.Handle
	for _, l := range leaves {
		hs = append(hs, l.Subject)
		if l.Of != "" {
			hs = append(hs, l.Of)
		}
	}
	slices.Sort(hs)
	m := &memory{facts: map[record.Handle]record.Fact{}}
	for part := range slices.Chunk(slices.Compact(hs), chunk) {
		var rows []factRow
		if err := tx.DB.NewSelect().Model(&rows).Where("company_id = ?", c).Where("handle IN (?)", bun.List(part)).Scan(ctx); err != nil {
			return nil, store.Fault(err)
		}
		for _, r := range rows {
			f, err := record.ParseFact(r.Body)
			if err != nil {
				return nil, err
			}
			m.facts[r.Handle] = f
		}
	}
	return m, nil
}

func (g *Growth) saveFacts(ctx context.Context, tx *store.Tx, c team.CompanyID, m *memory) error {
	slices.Sort(m.dirty)
	for part := range slices.Chunk(slices.Compact(m.dirty), chunk) {
		rows := make([]factRow, len(part))
		for i, h := range part {
			rows[i] = factRow{CompanyID: c, Handle: h, Body: m.facts[h].Bytes()}
		}
		_, err := tx.DB.NewInsert().Model(&rows).On("CONFLICT (company_id, handle) DO UPDATE").Set("body = EXCLUDED.body").Exec(ctx)
		if err != nil {
			return store.Fault(err)
		}
	}
	return nil
}

// recorded finds what the record says about an address, the latest first.
func (g *Growth) recorded(ctx context.Context, c team.CompanyID, address string) ([]criticismRow, error) {
	var rows []criticismRow
	err := g.rooms.Store.Read(ctx).NewSelect().Model(&rows).Where("company_id = ?", c).Where("address = ?", address).Where("address <> ''").
		Where("leaf >= 0 OR undecided_leaf >= 0").Order("said_at DESC", "id DESC").Limit(1).Scan(ctx)
	return trimmed(rows), store.Fault(err)
}
