package growth

import (
	"context"
	"time"

	"github.com/ponte-desk/ponte/internal/clock"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/team"
)

// heardOf counts the criticisms of a case that stand in the record; erased ones count.
const heardOf = "(SELECT count(*) FROM criticism AS r WHERE r.case_id = k.id AND r.case_id <> '' AND r.leaf >= 0) AS voices"

// working lists open cases that the public may know of, newest first.
func (g *Growth) working(ctx context.Context, c team.Company, limit int) ([]Working, error) {
	var rows []struct {
		Title    string
		PublicIT string `bun:"public_it"`
		PublicEN string `bun:"public_en"`
		State    CaseState
		Voices   int
		HeardAt  time.Time
	}
	// Which ones come first; what is counted is counted of these alone.
	newest := g.rooms.Store.Read(ctx).NewSelect().TableExpr("growth_case AS k").ColumnExpr("k.*").
		Where("k.company_id = ?", c.ID).Where("k.state IN ('heard', 'understood', 'changing')").Where("k.public").
		Where("EXISTS (SELECT 1 FROM criticism AS r WHERE r.case_id = k.id AND r.case_id <> '' AND r.leaf >= 0)").
		Order("k.opened_at DESC", "k.id DESC").Limit(int64(limit))
	err := g.rooms.Store.Read(ctx).NewSelect().TableExpr("(?) AS k", newest).Column("k.title", "k.public_it", "k.public_en", "k.state").ColumnExpr(heardOf).
		ColumnExpr("(SELECT r.heard_at FROM criticism AS r WHERE r.case_id = k.id AND r.case_id <> '' AND r.leaf >= 0 ORDER BY r.heard_at LIMIT 1) AS heard_at").
		Order("k.opened_at DESC", "k.id DESC").Scan(ctx, &rows)
	if err != nil {
		return nil, store.Fault(err)
	}
	out := make([]Working, len(rows))
	for n, r := range rows {
		out[n] = Working{Title: titleOf(c, r.Title, r.PublicIT, r.PublicEN), State: r.State, Voices: r.Voices, Since: clock.Trim(r.HeardAt)}
	}
	return out, nil
}

// refusals lists declined cases, newest first.
func (g *Growth) refusals(ctx context.Context, c team.Company, limit int) ([]Refusal, error) {
	var rows []struct {
		Title      string
		PublicIT   string `bun:"public_it"`
		PublicEN   string `bun:"public_en"`
		DeclineIT  string `bun:"decline_it"`
		DeclineEN  string `bun:"decline_en"`
		Voices     int
		DeclinedAt time.Time
	}
	err := g.rooms.Store.Read(ctx).NewSelect().TableExpr("growth_case AS k").Column("k.title", "k.public_it", "k.public_en", "k.decline_it", "k.decline_en", "k.declined_at").ColumnExpr(heardOf).
		Where("k.company_id = ?", c.ID).Where("k.state = 'declined'").Order("k.rank", "k.id").Limit(int64(limit)).Scan(ctx, &rows)
	if err != nil {
		return nil, store.Fault(err)
	}
	out := make([]Refusal, len(rows))
	for n, r := range rows {
		out[n] = Refusal{Title: titleOf(c, r.Title, r.PublicIT, r.PublicEN), Reason: Words{IT: r.DeclineIT, EN: r.DeclineEN}, Voices: r.Voices, At: clock.Trim(r.DeclinedAt)}
	}
	return out, nil
}

func titleOf(c team.Company, title, it, en string) Words {
	return Case{Title: title, Shown: Words{IT: it, EN: en}}.PublicTitle(c.Locale)
}
