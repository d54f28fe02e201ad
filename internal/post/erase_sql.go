package post

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/uptrace/bun"

	"github.com/ponte-desk/ponte/internal/audience"
	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/team"
)

// maskStep is how many posts are gone through in one step.
const maskStep = 500

// maskPosts masks some posts with what hangs on them, behind the cursor; next is "" when none is left. With the last of them go the
// snippets and series of the company.
func (p *Posts) maskPosts(ctx context.Context, tx *store.Tx, e audience.Erasure) (n int, next string, err error) {
	m := mask{e: e}
	ids, err := p.namedIn(ctx, tx, e)
	if err != nil {
		return 0, "", err
	}
	ids = slices.DeleteFunc(ids, func(id ID) bool { return string(id) <= e.Cursor })
	part := ids[:min(len(ids), maskStep)]
	for _, id := range part {
		x, err := p.readPost(ctx, e.Company, id)
		if err != nil {
			return n, "", err
		}
		k, err := p.maskPost(ctx, tx, x, m)
		if err != nil {
			return n, "", err
		}
		n += k
	}
	if len(ids) > maskStep {
		return n, string(part[len(part)-1]), nil
	}
	links, err := p.maskLinks(ctx, tx, e.Company, m)
	if err != nil {
		return 0, "", err
	}
	k, err := p.maskKept(ctx, tx, e.Company, m)
	return n + links + k, "", err
}

// namedIn gives the posts that may name somebody, in themselves or in what hangs on them, in the order of their ids.
func (p *Posts) namedIn(ctx context.Context, tx *store.Tx, e audience.Erasure) ([]ID, error) {
	likes := append(e.Likes(), "%"+strings.ToLower(string(e.Person))+"%")
	found := map[ID]bool{}
	for _, at := range []struct{ table, id, column string }{
		{"post", "id", "message"},
		{"post", "id", "back"},
		{"post_variant", "post_id", "own"},
		{"post_variant", "post_id", "frozen"},
		{"post_part", "post_id", "content"},
		{"post_past", "post_id", "content"},
		{"post_comment", "post_id", "body"},
		{"post_decision", "post_id", "words"},
		{"post_correction", "post_id", "content"},
		{"post_guest", "post_id", "name"},
	} {
		var ids []ID
		err := tx.DB.NewSelect().Table(at.table).ColumnExpr("DISTINCT ?", bun.Ident(at.id)).Where("company_id = ?", e.Company).
			WhereGroup(" AND ", func(q *bun.SelectQuery) *bun.SelectQuery {
				for _, l := range likes {
					q = q.WhereOr("lower(CAST(? AS TEXT)) LIKE ? ESCAPE '!'", bun.Ident(at.column), l)
				}
				return q
			}).Scan(ctx, &ids)
		if err != nil {
			return nil, store.Fault(err)
		}
		for _, id := range ids {
			found[id] = true
		}
	}
	return slices.Sorted(maps.Keys(found)), nil
}

// maskPost masks one post and tells how many of its texts named the person. Where one of them does, a bare name means them in all of the post.
func (p *Posts) maskPost(ctx context.Context, tx *store.Tx, x Post, m mask) (int, error) {
	n, err := p.maskOnce(ctx, tx, x, m)
	if err != nil || n == 0 {
		return n, err
	}
	if x, err = p.readPost(ctx, x.Company, x.ID); err != nil {
		return n, err
	}
	m.near = true
	k, err := p.maskOnce(ctx, tx, x, m)
	return n + k, err
}

func (p *Posts) maskOnce(ctx context.Context, tx *store.Tx, x Post, m mask) (n int, err error) {
	vs, err := p.variantRows(ctx, x.Company, x.ID)
	if err != nil {
		return 0, err
	}
	changed := m.message(&x.Message)
	frozen := false
	for _, v := range vs {
		own := v.Own != nil && m.own(v.Own)
		froze := m.contents(v.Frozen)
		if !own && !froze {
			continue
		}
		changed, frozen = changed || own, frozen || froze
		if _, err := tx.DB.NewUpdate().Model(v).WherePK().Column("own", "frozen").Exec(ctx); err != nil {
			return 0, store.Fault(err)
		}
	}
	if m.texts(&x.Back) || changed || frozen {
		n++
		switch x.State {
		case Pending, Approved, Planned, Held:
			// What is partly out stays as it stands.
			if err := p.reopen(ctx, tx, &x); err != nil && fault.KindOf(err) != fault.Conflict {
				return 0, err
			}
		}
		x.at()
		if err := p.savePost(ctx, tx, x); err != nil {
			return 0, err
		}
	}
	var ps []partRow
	if err := tx.DB.NewSelect().Model(&ps).Where("post_id = ?", x.ID).Scan(ctx); err != nil {
		return 0, store.Fault(err)
	}
	for i := range ps {
		if m.content(&ps[i].Content) {
			n++
			if _, err := tx.DB.NewUpdate().Model(&ps[i]).WherePK().Column("content").Exec(ctx); err != nil {
				return 0, store.Fault(err)
			}
		}
	}
	k, err := masked(ctx, tx, x.ID, "content", func(r *pastRow) bool { return m.written(&r.Content) })
	if err != nil {
		return 0, err
	}
	n += k
	if k, err = masked(ctx, tx, x.ID, "body", func(r *commentRow) bool { return m.texts(&r.Body) }); err != nil {
		return 0, err
	}
	n += k
	if k, err = masked(ctx, tx, x.ID, "words", func(r *decisionRow) bool { return m.texts(&r.Words) }); err != nil {
		return 0, err
	}
	n += k
	if k, err = masked(ctx, tx, x.ID, "name", func(r *guestRow) bool { return m.texts(&r.Name) }); err != nil {
		return 0, err
	}
	n += k
	k, err = masked(ctx, tx, x.ID, "content", func(r *correctionRow) bool {
		a := m.written(&r.Content.Written)
		b := false
		for id, c := range r.Content.Parts {
			if m.content(&c) {
				r.Content.Parts[id], b = c, true
			}
		}
		return a || b
	})
	return n + k, err
}

// masked stores the rows of a post that f changes.
func masked[R any](ctx context.Context, tx *store.Tx, id ID, column string, f func(*R) bool) (n int, err error) {
	var rows []R
	if err := tx.DB.NewSelect().Model(&rows).Where("post_id = ?", id).Scan(ctx); err != nil {
		return 0, store.Fault(err)
	}
	for i := range rows {
		if !f(&rows[i]) {
			continue
		}
		n++
		if _, err := tx.DB.NewUpdate().Model(&rows[i]).WherePK().Column(column).Exec(ctx); err != nil {
			return 0, store.Fault(err)
		}
	}
	return n, nil
}

// maskKept masks what belongs to no one post.
func (p *Posts) maskKept(ctx context.Context, tx *store.Tx, c team.CompanyID, m mask) (n int, err error) {
	var ss []snippetRow
	if err := tx.DB.NewSelect().Model(&ss).Where("company_id = ?", c).Scan(ctx); err != nil {
		return 0, store.Fault(err)
	}
	for i := range ss {
		a, b := m.message(&ss[i].Content), m.texts(&ss[i].Name)
		if !a && !b {
			continue
		}
		n++
		if b { // two may be alike now
			ss[i].Name = strings.TrimSpace(ss[i].Name + " " + string(ss[i].ID[len(ss[i].ID)-4:]))
		}
		if _, err := tx.DB.NewUpdate().Model(&ss[i]).WherePK().Column("content", "name").Exec(ctx); err != nil {
			return 0, store.Fault(err)
		}
	}
	var all []seriesRow
	if err := tx.DB.NewSelect().Model(&all).Where("company_id = ?", c).Where("look_at IS NOT NULL").Scan(ctx); err != nil {
		return 0, store.Fault(err)
	}
	for i := range all {
		a := m.written(&all[i].Content.Written)
		for ch, cs := range all[i].Content.Frozen {
			if m.contents(cs) {
				a = true
				all[i].Content.Frozen[ch] = cs
			}
		}
		if !a {
			continue
		}
		n++
		all[i].Ended, all[i].LookAt = true, zero // nobody approved what it says now: no more of it is made
		if _, err := tx.DB.NewUpdate().Model(&all[i]).WherePK().Column("content", "ended", "look_at").Exec(ctx); err != nil {
			return 0, store.Fault(err)
		}
	}
	return n, nil
}

// mentioning gives the posts that mention a person by their mark, in their order.
func (p *Posts) mentioning(ctx context.Context, c team.CompanyID, who audience.PersonID) ([]Post, error) {
	var rows []postRow
	like := "%](" + string(who) + ")%"
	err := p.rooms.Store.Read(ctx).NewSelect().Model(&rows).Where("company_id = ?", c).
		Where("(CAST(message AS TEXT) LIKE ? OR id IN (SELECT post_id FROM post_variant WHERE company_id = ? AND CAST(own AS TEXT) LIKE ?))", like, c, like).
		Order("id").Scan(ctx)
	out := make([]Post, len(rows))
	for i, r := range rows {
		out[i] = r.post()
	}
	return out, store.Fault(err)
}
