package growth

import (
	"context"
	"maps"
	"slices"

	"github.com/uptrace/bun"

	"github.com/ponte-desk/ponte/internal/audience"
	"github.com/ponte-desk/ponte/internal/inbox"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/team"
)

// criticismsBy gives everything that is kept about accounts and about what they wrote, oldest first.
func (g *Growth) criticismsBy(ctx context.Context, c team.CompanyID, identities []audience.IdentityID, is []inbox.InteractionID) ([]*criticismRow, error) {
	byID := map[CriticismID]*criticismRow{}
	for part := range slices.Chunk(identities, chunk) {
		var rows []criticismRow
		err := g.rooms.Store.Read(ctx).NewSelect().Model(&rows).Where("company_id = ?", c).Where("identity_id IN (?)", bun.List(part)).
			Where("state <> ?", Erased).Scan(ctx)
		if err != nil {
			return nil, store.Fault(err)
		}
		for i := range trimmed(rows) {
			byID[rows[i].ID] = &rows[i]
		}
	}
	said, err := g.criticismsOf(ctx, c, is)
	if err != nil {
		return nil, err
	}
	for _, r := range said {
		byID[r.ID] = r
	}
	return slices.SortedFunc(maps.Values(byID), func(a, b *criticismRow) int {
		if n := a.SaidAt.Compare(b.SaidAt); n != 0 {
			return n
		}
		if a.ID < b.ID {
			return -1
		}
		return 1
	}), nil
}

// aboutThem counts letters about criticisms and entries that quote them.
func (g *Growth) aboutThem(ctx context.Context, c team.CompanyID, ids []CriticismID) (letters, quotes int, err error) {
	for part := range slices.Chunk(ids, chunk) {
		n, err := g.rooms.Store.Read(ctx).NewSelect().Model((*letterRow)(nil)).Where("company_id = ?", c).Where("criticism_id IN (?)", bun.List(part)).Count(ctx)
		if err != nil {
			return 0, 0, store.Fault(err)
		}
		letters += int(n)
		if n, err = g.rooms.Store.Read(ctx).NewSelect().Model((*improvementRow)(nil)).Where("company_id = ?", c).Where("quoted IN (?)", bun.List(part)).Count(ctx); err != nil {
			return 0, 0, store.Fault(err)
		}
		quotes += int(n)
	}
	return letters, quotes, nil
}

// window is how many rows are gone through at a time.
const window = 500

// through goes through all rows of a company in a table, in the order of their ids, and stores those that f changes.
func through[R any](ctx context.Context, tx *store.Tx, c team.CompanyID, id func(*R) string, f func(*R) bool) (changed int, err error) {
	for after := ""; ; {
		var rows []R
		if err := tx.DB.NewSelect().Model(&rows).Where("company_id = ?", c).Where("id > ?", after).Order("id").Limit(window).Scan(ctx); err != nil {
			return 0, store.Fault(err)
		}
		for i := range rows {
			if !f(&rows[i]) {
				continue
			}
			changed++
			if _, err := tx.DB.NewUpdate().Model(&rows[i]).WherePK().Where("company_id = ?", c).Exec(ctx); err != nil {
				return 0, store.Fault(err)
			}
		}
		if len(rows) < window {
			return changed, nil
		}
		after = id(&rows[len(rows)-1])
	}
}

func (g *Growth) maskCases(ctx context.Context, tx *store.Tx, c team.CompanyID, near map[CaseID]bool, m mask) (int, error) {
	return through(ctx, tx, c, func(r *caseRow) string { return string(r.ID) }, func(r *caseRow) bool {
		changed := m.masked(near[r.ID], &r.Title, &r.PublicIT, &r.PublicEN, &r.Cause, &r.Plan)
		if m.masked(near[r.ID], &r.DeclineIT, &r.DeclineEN) {
			changed, r.DeclineSalt = true, ""
		}
		return changed
	})
}

// maskQuotes masks what is quoted of others.
func (g *Growth) maskQuotes(ctx context.Context, tx *store.Tx, c team.CompanyID, near map[CaseID]bool, m mask) (int, error) {
	var rows []criticismRow
	if err := tx.DB.NewSelect().Model(&rows).Where("company_id = ?", c).Where("case_id <> ''").Where("quote <> ''").Order("id").Scan(ctx); err != nil {
		return 0, store.Fault(err)
	}
	var changed []*criticismRow
	for i := range trimmed(rows) {
		if m.masked(near[rows[i].CaseID], &rows[i].Quote) {
			changed = append(changed, &rows[i])
		}
	}
	return len(changed), g.updateCriticisms(ctx, tx, changed)
}

func (g *Growth) maskTasks(ctx context.Context, tx *store.Tx, c team.CompanyID, near map[CaseID]bool, m mask) (int, error) {
	return through(ctx, tx, c, func(r *taskRow) string { return string(r.ID) }, func(r *taskRow) bool { return m.masked(near[r.CaseID], &r.Body) })
}

func (g *Growth) maskEvidence(ctx context.Context, tx *store.Tx, c team.CompanyID, near map[CaseID]bool, m mask) (int, error) {
	return through(ctx, tx, c, func(r *evidenceRow) string { return string(r.ID) }, func(r *evidenceRow) bool {
		changed := m.masked(near[r.CaseID], &r.Body, &r.Value, &r.OutOf)
		if m.masked(near[r.CaseID], &r.URL) { // it led to them
			changed, r.URL = true, ""
			r.Kind = EvidenceText
		}
		return changed
	})
}

func (g *Growth) maskImprovements(ctx context.Context, tx *store.Tx, c team.CompanyID, near map[CaseID]bool, m mask) (int, error) {
	changed, err := 0, error(nil)
	for after := ""; ; {
		var rows []improvementRow
		if err = g.selectImprovements(ctx, c, &rows).Where("?TableAlias.id > ?", after).OrderExpr("?TableAlias.id").Limit(window).Scan(ctx); err != nil {
			return 0, store.Fault(err)
		}
		for _, i := range improvementsOf(rows) {
			if !m.maskEntry(&i, near[i.Case]) {
				continue
			}
			changed++
			if err := g.saveImprovement(ctx, tx, i); err != nil {
				return 0, err
			}
		}
		if len(rows) < window {
			return changed, nil
		}
		after = string(rows[len(rows)-1].ID)
	}
}

func (g *Growth) maskPromises(ctx context.Context, tx *store.Tx, c team.CompanyID, near map[CaseID]bool, m mask) (int, error) {
	return through(ctx, tx, c, func(r *promiseRow) string { return string(r.ID) }, func(r *promiseRow) bool {
		return m.masked(r.CaseID != "" && near[r.CaseID], &r.Body, &r.Note)
	})
}

func (g *Growth) maskLetters(ctx context.Context, tx *store.Tx, c team.CompanyID, near map[CaseID]bool, m mask) (int, error) {
	return through(ctx, tx, c, func(r *letterRow) string { return string(r.ID) }, func(r *letterRow) bool {
		return m.masked(near[r.CaseID], &r.Body, &r.Words)
	})
}
