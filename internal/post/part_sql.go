package post

import (
	"context"
	"errors"
	"time"

	"github.com/uptrace/bun"

	"github.com/ponte-desk/ponte/internal/clock"
	"github.com/ponte-desk/ponte/internal/delivery"
	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/team"
)

type partRow struct {
	bun.BaseModel `bun:"table:post_part"`
	ID            PartID            `bun:"id,pk"`
	CompanyID     team.CompanyID    `bun:"company_id"`
	PostID        ID                `bun:"post_id"`
	VariantID     VariantID         `bun:"variant_id"`
	ChannelID     network.ChannelID `bun:"channel_id"`
	Number        int               `bun:"number"`
	Comment       bool              `bun:"comment"`
	Content       Content           `bun:"content,type:jsonb"`
	State         PartState         `bun:"state"`
	DeliveryID    delivery.ID       `bun:"delivery_id"`
	RemoteID      string            `bun:"remote_id"`
	URL           string            `bun:"url"`
	Version       string            `bun:"version"`
	Trouble       *delivery.Trouble `bun:"trouble,type:jsonb"`
	SentAt        time.Time         `bun:"sent_at,nullzero"`
	EditedAt      time.Time         `bun:"edited_at,nullzero"`
	GoneAt        time.Time         `bun:"gone_at,nullzero"`
	Files         []string          `bun:"files,type:jsonb"`
}

func (r partRow) part() Part {
	return Part{
		ID: r.ID, Post: r.PostID, Variant: r.VariantID, Channel: r.ChannelID, Number: r.Number, Content: r.Content, State: r.State, Delivery: r.DeliveryID,
		RemoteID: r.RemoteID, URL: r.URL, Version: r.Version, Trouble: r.Trouble, SentAt: clock.Trim(r.SentAt), EditedAt: clock.Trim(r.EditedAt),
		GoneAt: clock.Trim(r.GoneAt), files: r.Files,
	}
}

func parts(rows []partRow) []Part {
	out := make([]Part, len(rows))
	for i, r := range rows {
		out[i] = r.part()
	}
	return out
}

// insertParts makes the messages of a variant that has none yet.
func (p *Posts) insertParts(ctx context.Context, tx *store.Tx, r *variantRow) error {
	now := p.rooms.Clock.Now()
	var rows []partRow
	for i, c := range r.Frozen {
		rows = append(rows, partRow{
			ID: PartID(partKind.New(now)), CompanyID: r.CompanyID, PostID: r.PostID, VariantID: r.ID, ChannelID: r.ChannelID, Number: i, Comment: c.Comment,
			Content: c, State: PartWaiting, Files: []string{},
		})
	}
	if len(rows) == 0 {
		return fault.New(fault.Internal, "post.frozen")
	}
	_, err := tx.DB.NewInsert().Model(&rows).On("CONFLICT (variant_id, number) DO NOTHING").Exec(ctx)
	return store.Fault(err)
}

func (p *Posts) dropParts(ctx context.Context, tx *store.Tx, id ID) error {
	_, err := tx.DB.NewDelete().Model((*partRow)(nil)).Where("post_id = ?", id).Exec(ctx)
	return store.Fault(err)
}

func (p *Posts) savePart(ctx context.Context, tx *store.Tx, c team.CompanyID, x Part) error {
	r := partRow{
		ID: x.ID, State: x.State, DeliveryID: x.Delivery, RemoteID: x.RemoteID, URL: x.URL, Version: x.Version, Trouble: x.Trouble, SentAt: x.SentAt,
		EditedAt: x.EditedAt, GoneAt: x.GoneAt, Content: x.Content, Files: x.files,
	}
	if r.Files == nil {
		r.Files = []string{}
	}
	_, err := tx.DB.NewUpdate().Model(&r).WherePK().Where("company_id = ?", c).
		Column("state", "delivery_id", "remote_id", "url", "version", "trouble", "sent_at", "edited_at", "gone_at", "content", "files").Exec(ctx)
	return store.Fault(err)
}

func (p *Posts) partsOf(ctx context.Context, c team.CompanyID, id ID) ([]Part, error) {
	var rows []partRow
	err := p.rooms.Store.Read(ctx).NewSelect().Model(&rows).Where("post_id = ?", id).Where("company_id = ?", c).Order("variant_id", "number").Scan(ctx)
	return parts(rows), store.Fault(err)
}

func (p *Posts) partsOfVariant(ctx context.Context, c team.CompanyID, id VariantID) ([]Part, error) {
	var rows []partRow
	err := p.rooms.Store.Read(ctx).NewSelect().Model(&rows).Where("variant_id = ?", id).Where("company_id = ?", c).Order("number").Scan(ctx)
	return parts(rows), store.Fault(err)
}

func (p *Posts) partAndVariant(ctx context.Context, c team.CompanyID, id PartID) (Part, *variantRow, error) {
	var r partRow
	err := store.Fault(p.rooms.Store.Read(ctx).NewSelect().Model(&r).Where("id = ?", id).Where("company_id = ?", c).Scan(ctx))
	if errors.Is(err, store.ErrMissing) {
		return Part{}, nil, missing()
	}
	if err != nil {
		return Part{}, nil, err
	}
	v := &variantRow{}
	err = store.Fault(p.rooms.Store.Read(ctx).NewSelect().Model(v).Where("id = ?", r.VariantID).Where("company_id = ?", c).Scan(ctx))
	v.DueAt, v.ReleasedAt = clock.Trim(v.DueAt), clock.Trim(v.ReleasedAt)
	return r.part(), v, err
}

// released counts the lateness of a variant from a moment.
func (p *Posts) released(ctx context.Context, tx *store.Tx, id VariantID, now time.Time) error {
	_, err := tx.DB.NewUpdate().Model((*variantRow)(nil)).Where("id = ?", id).Set("released_at = ?", now).Exec(ctx)
	return store.Fault(err)
}

// dueCompanies gives the companies that have something due.
func (p *Posts) dueCompanies(ctx context.Context, now time.Time) ([]team.CompanyID, error) {
	var cs []team.CompanyID
	err := p.rooms.Store.Read(ctx).NewSelect().Model((*variantRow)(nil)).ColumnExpr("DISTINCT company_id").Where("state = 'planned'").
		Where("due_at <= ?", now).Order("company_id").Scan(ctx, &cs)
	return cs, store.Fault(err)
}

func (p *Posts) dueVariants(ctx context.Context, tx *store.Tx, c team.CompanyID, now time.Time, most int) ([]*variantRow, error) {
	var rows []*variantRow
	err := tx.DB.NewSelect().Model(&rows).Where("state = 'planned'").Where("due_at <= ?", now).Where("company_id = ?", c).
		Order("due_at", "post_id", "id").Limit(int64(most)).Scan(ctx)
	for _, r := range rows {
		r.DueAt = clock.Trim(r.DueAt)
	}
	return rows, store.Fault(err)
}

// busy tells whether something is on its way on a channel that others wait for: not what nobody has known the outcome of for long.
func (p *Posts) busy(ctx context.Context, tx *store.Tx, c team.CompanyID, ch network.ChannelID, doubted time.Time) (bool, error) {
	ok, err := tx.DB.NewSelect().Model((*variantRow)(nil)).Where("channel_id = ?", ch).Where("state = 'sending'").Where("company_id = ?", c).
		Where("(doubt_at IS NULL OR doubt_at > ?)", doubted).Exists(ctx)
	return ok, store.Fault(err)
}

// nextQueued gives the variant whose turn it is on a channel; nil: none waits.
func (p *Posts) nextQueued(ctx context.Context, tx *store.Tx, c team.CompanyID, ch network.ChannelID) (*variantRow, error) {
	var rows []*variantRow
	err := tx.DB.NewSelect().Model(&rows).Where("channel_id = ?", ch).Where("state = 'queued'").Where("company_id = ?", c).
		Order("due_at", "post_id").Limit(1).Scan(ctx)
	if err != nil || len(rows) == 0 {
		return nil, store.Fault(err)
	}
	return rows[0], nil
}

// waitingLanes gives the channels on which something waits for its turn.
func (p *Posts) waitingLanes(ctx context.Context) ([]*variantRow, error) {
	var rows []*variantRow
	err := p.rooms.Store.Read(ctx).NewSelect().Model(&rows).ColumnExpr("DISTINCT company_id, channel_id").Where("state = 'queued'").
		Order("company_id", "channel_id").Scan(ctx)
	return rows, store.Fault(err)
}

// dueOn gives the seconds at which a channel has something planned, or a slot taken, behind a moment.
func (p *Posts) dueOn(ctx context.Context, c team.CompanyID, ch network.ChannelID, but ID, after time.Time) (map[int64]bool, error) {
	var rows []variantRow
	err := p.rooms.Store.Read(ctx).NewSelect().Model(&rows).Column("due_at").Where("channel_id = ?", ch).Where("due_at > ?", after).
		Where("company_id = ?", c).Where("post_id <> ?", but).Scan(ctx)
	out := map[int64]bool{}
	for _, r := range rows {
		out[r.DueAt.Unix()] = true
	}
	return out, store.Fault(err)
}

// otherZone gives the posts that wait for a time which was reckoned in another zone than the company's.
func (p *Posts) otherZone(ctx context.Context, c team.Company) (ids []ID, err error) {
	for _, side := range []string{"zone < ?", "zone > ?"} { // each a range of the index
		var some []ID
		err := p.rooms.Store.Read(ctx).NewSelect().Model((*postRow)(nil)).Column("id").Where("company_id = ?", c.ID).Where(side, c.Zone).
			Where("state IN ('draft', 'pending', 'approved', 'planned')").Where("due_at IS NOT NULL").Limit(500).Scan(ctx, &some)
		if err != nil {
			return nil, store.Fault(err)
		}
		ids = append(ids, some...)
	}
	return ids, nil
}
