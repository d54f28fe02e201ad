package growth

import (
	"context"
	"slices"
	"strings"

	"github.com/uptrace/bun"

	"github.com/ponte-desk/ponte/internal/audience"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/team"
)

// countErased counts letters and quotes of criticisms that are about to be erased.
func (g *Growth) countErased(ctx context.Context, c team.CompanyID, rows []*criticismRow, s *audience.ErasureStep) error {
	ids := make([]CriticismID, len(rows))
	for i, r := range rows {
		ids[i] = r.ID
	}
	for part := range slices.Chunk(ids, chunk) {
		letters, err := g.rooms.Store.Read(ctx).NewSelect().Table("letter").Where("company_id = ?", c).Where("criticism_id IN (?)", bun.List(part)).Count(ctx)
		if err != nil {
			return store.Fault(err)
		}
		quotes, err := g.rooms.Store.Read(ctx).NewSelect().Table("improvement").Where("company_id = ?", c).Where("quoted IN (?)", bun.List(part)).
			Where("quoted <> ''").Count(ctx)
		if err != nil {
			return store.Fault(err)
		}
		s.Add(audience.ErasedLetters, int(letters))
		s.Add(audience.ErasedQuotes, int(quotes))
	}
	return nil
}

// writtenTable is a table that holds what members wrote about matters.
type writtenTable struct {
	name  string
	owner string   // column of the case
	texts []string // columns, JSON among them
	json  []string // which of them are JSON
	more  string   // what else is set when a row is changed
}

var written = []writtenTable{
	{name: "growth_case", owner: "id", texts: []string{"title", "cause", "plan", "decline_it", "decline_en"}},
	{name: "case_task", owner: "case_id", texts: []string{"body"}},
	{name: "case_evidence", owner: "case_id", texts: []string{"body", "url", "value", "out_of"}},
	{name: "case_event", owner: "case_id", texts: []string{"args"}, json: []string{"args"}},
	// An entry whose text has changed no longer opens what the record says of it.
	{name: "improvement", owner: "case_id", texts: []string{"words", "later", "quoted_as"}, json: []string{"words", "later"}, more: "salt = ''"},
	{name: "letter", owner: "case_id", texts: []string{"body", "words"}},
	{name: "promise", owner: "case_id", texts: []string{"body", "note"}},
	{name: "record_post", texts: []string{"body"}},
}

func (t writtenTable) text(column string) string {
	if slices.Contains(t.json, column) {
		return "CAST(" + column + " AS TEXT)"
	}
	return column
}

// maskGrowth takes somebody out of what members wrote about one matter, or about any in which some pattern is found.
func (g *Growth) maskGrowth(ctx context.Context, tx *store.Tx, c team.CompanyID, id CaseID, likes []string, mask func(string) (string, bool)) (int, error) {
	n := 0
	for _, t := range written {
		if id != "" && t.owner == "" {
			continue
		}
		some, err := g.maskTable(ctx, tx, c, t, id, likes, mask)
		if err != nil {
			return n, err
		}
		n += some
	}
	return n, nil
}

func (g *Growth) maskTable(ctx context.Context, tx *store.Tx, c team.CompanyID, t writtenTable, of CaseID, likes []string, mask func(string) (string, bool)) (int, error) {
	columns := []string{"id"}
	for _, x := range t.texts {
		columns = append(columns, t.text(x))
	}
	q := tx.DB.NewSelect().Table(t.name).ColumnExpr(strings.Join(columns, ", ")).Where("company_id = ?", c)
	if of != "" {
		q = q.Where("? = ?", bun.Ident(t.owner), of)
	} else {
		q = q.WhereGroup(" AND ", func(q *bun.SelectQuery) *bun.SelectQuery {
			for _, x := range t.texts {
				for _, l := range likes {
					q = q.WhereOr("lower("+t.text(x)+") LIKE ? ESCAPE '!'", l)
				}
			}
			return q
		})
	}
	rows, err := q.Rows(ctx)
	if err != nil {
		return 0, store.Fault(err)
	}
	var all [][]string
	for rows.Next() {
		row := make([]string, len(columns))
		into := make([]any, len(columns))
		for i := range row {
			into[i] = &row[i]
		}
		if err := rows.Scan(into...); err != nil {
			_ = rows.Close()
			return 0, store.Fault(err)
		}
		all = append(all, row)
	}
	if err := rows.Close(); err != nil {
		return 0, store.Fault(err)
	}
	n := 0
	for _, row := range all {
		changed := false
		up := tx.DB.NewUpdate().Table(t.name).Where("company_id = ?", c).Where("id = ?", row[0])
		for i, x := range t.texts {
			s, is := mask(row[i+1])
			changed = changed || is
			up = up.Set("? = ?", bun.Ident(x), s)
		}
		if !changed {
			continue
		}
		if t.more != "" {
			up = up.Set(t.more)
		}
		if _, err := up.Exec(ctx); err != nil {
			return n, store.Fault(err)
		}
		n++
	}
	return n, nil
}

// concerned tells which accounts matters are still about.
func (g *Growth) concerned(ctx context.Context, c team.CompanyID, ids []audience.IdentityID) (map[audience.IdentityID]bool, error) {
	out := map[audience.IdentityID]bool{}
	for part := range slices.Chunk(ids, chunk) {
		var some []audience.IdentityID
		err := g.rooms.Store.Read(ctx).NewRaw("SELECT DISTINCT identity_id FROM criticism WHERE company_id = ? AND identity_id IN (?) AND (case_id <> '' OR state = ?) "+
			"UNION SELECT DISTINCT identity_id FROM promise WHERE company_id = ? AND identity_id IN (?) AND identity_id <> '' AND state IN (?)",
			c, bun.List(part), ToDecide, c, bun.List(part), bun.List([]PromiseState{PromiseWritten, PromiseOpen, PromiseBroken})).Scan(ctx, &some)
		if err != nil {
			return nil, store.Fault(err)
		}
		for _, i := range some {
			out[i] = true
		}
	}
	return out, nil
}

// lettersTo gives the letters to accounts, oldest first.
func (g *Growth) lettersTo(ctx context.Context, c team.CompanyID, ids []audience.IdentityID) ([]Letter, error) {
	var rows []letterRow
	err := g.rooms.Store.Read(ctx).NewSelect().Model(&rows).Where("company_id = ?", c).Where("identity_id IN (?)", bun.List(ids)).Order("id").Scan(ctx)
	out := make([]Letter, len(rows))
	for i, r := range rows {
		out[i] = r.letter()
	}
	return out, store.Fault(err)
}

// promisesTo gives what accounts were promised, oldest first.
func (g *Growth) promisesTo(ctx context.Context, c team.CompanyID, ids []audience.IdentityID) ([]Promise, error) {
	var rows []promiseRow
	err := g.rooms.Store.Read(ctx).NewSelect().Model(&rows).Where("company_id = ?", c).Where("identity_id IN (?)", bun.List(ids)).Where("identity_id <> ''").
		Order("id").Scan(ctx)
	return promisesOf(rows), store.Fault(err)
}
