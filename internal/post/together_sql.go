package post

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"github.com/ponte-desk/ponte/internal/clock"
	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/team"
)

type shareRow struct {
	bun.BaseModel `bun:"table:post_share"`
	CompanyID     team.CompanyID `bun:"company_id"`
	PostID        ID             `bun:"post_id,pk"`
	MemberID      team.MemberID  `bun:"member_id,pk"`
	Asked         bool           `bun:"asked"`
}

// share tells how a post is shared with a member; nil: it is not.
func (p *Posts) share(ctx context.Context, c team.CompanyID, id ID, m team.MemberID) (*shareRow, error) {
	var r shareRow
	err := store.Fault(p.rooms.Store.Read(ctx).NewSelect().Model(&r).Where("post_id = ?", id).Where("member_id = ?", m).Where("company_id = ?", c).Scan(ctx))
	if errors.Is(err, store.ErrMissing) {
		return nil, nil
	}
	return &r, err
}

func (p *Posts) shares(ctx context.Context, c team.CompanyID, id ID) ([]shareRow, error) {
	var rows []shareRow
	err := p.rooms.Store.Read(ctx).NewSelect().Model(&rows).Where("post_id = ?", id).Where("company_id = ?", c).Order("member_id").Scan(ctx)
	return rows, store.Fault(err)
}

// setShares says with whom a post is shared, or whose yes is asked by name, in place of who was named before in the same way.
func (p *Posts) setShares(ctx context.Context, tx *store.Tx, c team.CompanyID, id ID, with []team.MemberID, asked bool) error {
	_, err := tx.DB.NewDelete().Model((*shareRow)(nil)).Where("post_id = ?", id).Where("company_id = ?", c).Where("asked = ?", asked).Exec(ctx)
	if err != nil || len(with) == 0 {
		return store.Fault(err)
	}
	rows := make([]shareRow, len(with))
	for i, m := range with {
		rows[i] = shareRow{CompanyID: c, PostID: id, MemberID: m, Asked: asked}
	}
	// Who is asked for a yes and has the post shared with them too keeps the wider right.
	q := tx.DB.NewInsert().Model(&rows).On("CONFLICT (post_id, member_id) DO NOTHING")
	if !asked {
		q = tx.DB.NewInsert().Model(&rows).On("CONFLICT (post_id, member_id) DO UPDATE").Set("asked = EXCLUDED.asked")
	}
	_, err = q.Exec(ctx)
	return store.Fault(err)
}

func (p *Posts) passShares(ctx context.Context, tx *store.Tx, c team.CompanyID, leaver, heir team.MemberID) error {
	var rows []shareRow
	if err := tx.DB.NewSelect().Model(&rows).Where("company_id = ?", c).Where("member_id = ?", leaver).Scan(ctx); err != nil {
		return store.Fault(err)
	}
	if _, err := tx.DB.NewDelete().Model((*shareRow)(nil)).Where("company_id = ?", c).Where("member_id = ?", leaver).Exec(ctx); err != nil {
		return store.Fault(err)
	}
	if _, err := tx.DB.NewDelete().Model((*presenceRow)(nil)).Where("company_id = ?", c).Where("member_id = ?", leaver).Exec(ctx); err != nil {
		return store.Fault(err)
	}
	rows = slices.DeleteFunc(rows, func(r shareRow) bool { return r.Asked })
	if heir == "" || len(rows) == 0 {
		return nil
	}
	for i := range rows {
		rows[i].MemberID = heir
	}
	_, err := tx.DB.NewInsert().Model(&rows).On("CONFLICT (post_id, member_id) DO UPDATE").Set("asked = EXCLUDED.asked").Exec(ctx)
	return store.Fault(err)
}

type presenceRow struct {
	bun.BaseModel `bun:"table:post_presence"`
	CompanyID     team.CompanyID `bun:"company_id"`
	PostID        ID             `bun:"post_id,pk"`
	MemberID      team.MemberID  `bun:"member_id,pk"`
	Until         time.Time      `bun:"until"`
}

// touch notes that a member is in a post, and tells whether they were so already.
func (p *Posts) touch(ctx context.Context, tx *store.Tx, actor team.Actor, id ID, now time.Time) (was bool, err error) {
	was, err = tx.DB.NewSelect().Model((*presenceRow)(nil)).Where("post_id = ?", id).Where("member_id = ?", actor.Member).Where("until > ?", now).Exists(ctx)
	if err != nil {
		return false, store.Fault(err)
	}
	r := presenceRow{CompanyID: actor.Company, PostID: id, MemberID: actor.Member, Until: now.Add(hereFor)}
	if _, err := tx.DB.NewInsert().Model(&r).On("CONFLICT (post_id, member_id) DO UPDATE").Set("until = EXCLUDED.until").Exec(ctx); err != nil {
		return false, store.Fault(err)
	}
	_, err = tx.DB.NewDelete().Model((*presenceRow)(nil)).Where("until < ?", now.Add(-time.Hour)).Exec(ctx)
	return was, store.Fault(err)
}

// present gives who is in a post besides one member.
func (p *Posts) present(ctx context.Context, c team.CompanyID, id ID, but team.MemberID, now time.Time) ([]team.MemberID, error) {
	var ms []team.MemberID
	err := p.rooms.Store.Read(ctx).NewSelect().Model((*presenceRow)(nil)).Column("member_id").Where("post_id = ?", id).Where("company_id = ?", c).
		Where("member_id <> ?", but).Where("until > ?", now).Order("member_id").Scan(ctx, &ms)
	return ms, store.Fault(err)
}

type commentRow struct {
	bun.BaseModel `bun:"table:post_comment"`
	ID            CommentID      `bun:"id,pk"`
	CompanyID     team.CompanyID `bun:"company_id"`
	PostID        ID             `bun:"post_id"`
	MemberID      team.MemberID  `bun:"member_id"`
	Guest         string         `bun:"guest"`
	Body          string         `bun:"body"`
	At            time.Time      `bun:"at"`
}

func (r commentRow) comment() Comment {
	return Comment{ID: r.ID, Member: r.MemberID, Guest: r.Guest, Text: r.Body, At: clock.Trim(r.At)}
}

func (p *Posts) insertComment(ctx context.Context, tx *store.Tx, c team.CompanyID, id ID, x Comment) error {
	_, err := tx.DB.NewInsert().Model(&commentRow{ID: x.ID, CompanyID: c, PostID: id, MemberID: x.Member, Guest: x.Guest, Body: x.Text, At: x.At}).Exec(ctx)
	return store.Fault(err)
}

func (p *Posts) comments(ctx context.Context, c team.CompanyID, id ID) ([]Comment, error) {
	var rows []commentRow
	err := p.rooms.Store.Read(ctx).NewSelect().Model(&rows).Where("post_id = ?", id).Where("company_id = ?", c).Order("id").Scan(ctx)
	out := make([]Comment, len(rows))
	for i, r := range rows {
		out[i] = r.comment()
	}
	return out, store.Fault(err)
}

func (p *Posts) readComment(ctx context.Context, c team.CompanyID, id CommentID) (ID, Comment, error) {
	var r commentRow
	err := store.Fault(p.rooms.Store.Read(ctx).NewSelect().Model(&r).Where("id = ?", id).Where("company_id = ?", c).Scan(ctx))
	if errors.Is(err, store.ErrMissing) {
		return "", Comment{}, fault.New(fault.NotFound, "post.comment.missing")
	}
	return r.PostID, r.comment(), err
}

func (p *Posts) dropComment(ctx context.Context, tx *store.Tx, c team.CompanyID, id CommentID) error {
	_, err := tx.DB.NewDelete().Model((*commentRow)(nil)).Where("id = ?", id).Where("company_id = ?", c).Exec(ctx)
	return store.Fault(err)
}
