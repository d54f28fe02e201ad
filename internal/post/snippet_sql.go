package post

import (
	"context"
	"errors"
	"time"

	"github.com/uptrace/bun"

	"github.com/ponte-desk/ponte/internal/clock"
	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/team"
)

type snippetRow struct {
	bun.BaseModel `bun:"table:post_snippet"`
	ID            SnippetID      `bun:"id,pk"`
	CompanyID     team.CompanyID `bun:"company_id"`
	Kind          SnippetKind    `bun:"kind"`
	Name          string         `bun:"name"`
	Content       Message        `bun:"content,type:jsonb"`
	ChangedBy     team.MemberID  `bun:"changed_by"`
	ChangedAt     time.Time      `bun:"changed_at"`
}

func rowOfSnippet(c team.CompanyID, s Snippet) *snippetRow {
	return &snippetRow{ID: s.ID, CompanyID: c, Kind: s.Kind, Name: s.Name, Content: s.Message, ChangedBy: s.ChangedBy, ChangedAt: s.ChangedAt}
}

func (r snippetRow) snippet() Snippet {
	return Snippet{ID: r.ID, Kind: r.Kind, Name: r.Name, Message: r.Content, ChangedBy: r.ChangedBy, ChangedAt: clock.Trim(r.ChangedAt)}
}

func (p *Posts) readSnippets(ctx context.Context, c team.CompanyID, kind SnippetKind) ([]Snippet, error) {
	var rows []snippetRow
	q := p.rooms.Store.Read(ctx).NewSelect().Model(&rows).Where("company_id = ?", c)
	if kind != "" {
		q = q.Where("kind = ?", kind)
	}
	err := q.Order("kind", "name", "id").Scan(ctx)
	out := make([]Snippet, len(rows))
	for i, r := range rows {
		out[i] = r.snippet()
	}
	return out, store.Fault(err)
}

func (p *Posts) snippet(ctx context.Context, c team.CompanyID, id SnippetID) (Snippet, error) {
	var r snippetRow
	err := store.Fault(p.rooms.Store.Read(ctx).NewSelect().Model(&r).Where("id = ?", id).Where("company_id = ?", c).Scan(ctx))
	if errors.Is(err, store.ErrMissing) {
		return Snippet{}, fault.New(fault.NotFound, "post.snippet.missing")
	}
	return r.snippet(), err
}

func (p *Posts) insertSnippet(ctx context.Context, tx *store.Tx, c team.CompanyID, s Snippet) error {
	_, err := tx.DB.NewInsert().Model(rowOfSnippet(c, s)).Exec(ctx)
	return takenName(err)
}

func (p *Posts) updateSnippet(ctx context.Context, tx *store.Tx, c team.CompanyID, s Snippet) error {
	res, err := tx.DB.NewUpdate().Model(rowOfSnippet(c, s)).WherePK().Where("company_id = ?", c).Where("kind = ?", s.Kind).
		Column("name", "content", "changed_by", "changed_at").Exec(ctx)
	if err != nil {
		return takenName(err)
	}
	if n, _ := res.RowsAffected(); n == 0 {
		return fault.New(fault.NotFound, "post.snippet.missing")
	}
	return nil
}

func takenName(err error) error {
	if err = store.Fault(err); errors.Is(err, store.ErrTaken) {
		return fault.InvalidFields(fault.Field{Name: "name", Key: "post.snippet.taken"})
	}
	return err
}

func (p *Posts) dropSnippet(ctx context.Context, tx *store.Tx, c team.CompanyID, id SnippetID) error {
	_, err := tx.DB.NewDelete().Model((*snippetRow)(nil)).Where("id = ?", id).Where("company_id = ?", c).Exec(ctx)
	return store.Fault(err)
}
