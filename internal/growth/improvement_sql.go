package growth

import (
	"context"
	"encoding/hex"
	"errors"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"github.com/ponte-desk/ponte/internal/clock"
	"github.com/ponte-desk/ponte/internal/record"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/team"
)

type improvementRow struct {
	bun.BaseModel `bun:"table:improvement"`
	ID            ImprovementID    `bun:"id,pk"`
	CompanyID     team.CompanyID   `bun:"company_id"`
	CaseID        CaseID           `bun:"case_id"`
	CaseNumber    int              `bun:"case_number,scanonly"`
	Number        int              `bun:"number"`
	Handle        record.Handle    `bun:"handle"`
	State         ImprovementState `bun:"state"`
	Words         entryRow         `bun:"words,type:jsonb"`
	Later         []lineRow        `bun:"later,type:jsonb"`
	Since         time.Time        `bun:"since"`
	Voices        int              `bun:"voices"`
	Others        int              `bun:"others"`
	QuotedAs      string           `bun:"quoted_as"`
	Quoted        CriticismID      `bun:"quoted"`
	Outcome       record.Outcome   `bun:"outcome"`
	Trend         trendRow         `bun:"trend,type:jsonb"`
	CheckedAt     time.Time        `bun:"checked_at"`
	ApprovedBy    team.MemberID    `bun:"approved_by"`
	ApprovedAt    time.Time        `bun:"approved_at,nullzero"`
	PublishedBy   team.MemberID    `bun:"published_by"`
	PublishedAt   time.Time        `bun:"published_at,nullzero"`
	Leaf          int64            `bun:"leaf"`
	Salt          string           `bun:"salt"`
	Better        int              `bun:"better"`
	NotBetter     int              `bun:"not_better"`
}

// entryRow, lineRow and trendRow are the stored forms of an entry's words, of what was added to it, and of its trend.
type entryRow struct {
	Title wordsRow `json:"title"`
	Stone wordsRow `json:"stone"`
	Said  wordsRow `json:"said"`
	Did   wordsRow `json:"did"`
	Own   bool     `json:"own,omitempty"` // a member wrote what is said
}

type lineRow struct {
	At   time.Time `json:"at"`
	Text wordsRow  `json:"text"`
}

type trendRow struct {
	Before countRow  `json:"before"`
	After  countRow  `json:"after"`
	Chance float64   `json:"chance"`
	LookAt time.Time `json:"look_at,omitzero"`
}

type countRow struct {
	People int `json:"people"`
	Days   int `json:"days"`
}

func rowOfImprovement(i Improvement) *improvementRow {
	later := make([]lineRow, len(i.Later))
	for n, l := range i.Later {
		later[n] = lineRow{At: l.At, Text: wordsRow(l.Text)}
	}
	return &improvementRow{
		ID: i.ID, CompanyID: i.Company, CaseID: i.Case, Number: i.Number, Handle: i.Handle, State: i.State,
		Words: entryRow{Title: wordsRow(i.Title), Stone: wordsRow(i.Stone), Said: wordsRow(i.Said), Did: wordsRow(i.Did), Own: i.own}, Later: later,
		Since: i.Since, Voices: i.Voices, Others: i.Others, QuotedAs: i.QuotedAs, Quoted: i.quoted, Outcome: i.Trend.Outcome,
		Trend:     trendRow{Before: countRow(i.Trend.Before), After: countRow(i.Trend.After), Chance: i.Trend.Chance, LookAt: i.Trend.LookAt},
		CheckedAt: i.CheckedAt, ApprovedBy: i.ApprovedBy, ApprovedAt: i.ApprovedAt, PublishedBy: i.PublishedBy, PublishedAt: i.PublishedAt,
		Leaf: i.Leaf, Salt: hex.EncodeToString(i.Salt), Better: i.Better, NotBetter: i.NotBetter,
	}
}

func (r improvementRow) improvement() Improvement {
	i := Improvement{
		ID: r.ID, Company: r.CompanyID, Case: r.CaseID, CaseNumber: r.CaseNumber, Number: r.Number, Handle: r.Handle, State: r.State,
		Title: Words(r.Words.Title), Stone: Words(r.Words.Stone), Said: Words(r.Words.Said), Did: Words(r.Words.Did), Since: clock.Trim(r.Since),
		Voices: r.Voices, Others: r.Others, QuotedAs: r.QuotedAs, CheckedAt: clock.Trim(r.CheckedAt), ApprovedBy: r.ApprovedBy,
		ApprovedAt: clock.Trim(r.ApprovedAt), PublishedBy: r.PublishedBy, PublishedAt: clock.Trim(r.PublishedAt), Leaf: r.Leaf,
		Better: r.Better, NotBetter: r.NotBetter, quoted: r.Quoted, own: r.Words.Own,
		Trend: Trend{
			Outcome: r.Outcome, Before: record.Count(r.Trend.Before), After: record.Count(r.Trend.After), Chance: r.Trend.Chance,
			LookAt: clock.Trim(r.Trend.LookAt),
		},
	}
	for _, l := range r.Later {
		i.Later = append(i.Later, Line{At: clock.Trim(l.At), Text: Words(l.Text)})
	}
	if r.Salt != "" {
		i.Salt, _ = hex.DecodeString(r.Salt) // written by EncodeToString
	}
	return i
}

func improvementsOf(rows []improvementRow) []Improvement {
	out := make([]Improvement, len(rows))
	for n, r := range rows {
		out[n] = r.improvement()
	}
	return out
}

// selectImprovements reads entries with the numbers of their cases.
func (g *Growth) selectImprovements(ctx context.Context, c team.CompanyID, model any) *bun.SelectQuery {
	return g.rooms.Store.Read(ctx).NewSelect().Model(model).ColumnExpr("?TableColumns").
		ColumnExpr("(SELECT k.number FROM growth_case AS k WHERE k.id = ?TableAlias.case_id) AS case_number").Where("?TableAlias.company_id = ?", c)
}

func (g *Growth) insertImprovement(ctx context.Context, tx *store.Tx, i Improvement) error {
	_, err := tx.DB.NewInsert().Model(rowOfImprovement(i)).Exec(ctx)
	return store.Fault(err)
}

func (g *Growth) saveImprovement(ctx context.Context, tx *store.Tx, i Improvement) error {
	_, err := tx.DB.NewUpdate().Model(rowOfImprovement(i)).WherePK().Where("company_id = ?", i.Company).Exec(ctx)
	return store.Fault(err)
}

func (g *Growth) readImprovement(ctx context.Context, c team.CompanyID, id ImprovementID) (Improvement, error) {
	var r improvementRow
	err := store.Fault(g.selectImprovements(ctx, c, &r).Where("?TableAlias.id = ?", id).Scan(ctx))
	if errors.Is(err, store.ErrMissing) {
		return Improvement{}, missingImprovement()
	}
	return r.improvement(), err
}

// improvementOfCase gives the newest entry of a case, nil when there is none.
func (g *Growth) improvementOfCase(ctx context.Context, c team.CompanyID, id CaseID) (*Improvement, error) {
	var r improvementRow
	err := store.Fault(g.selectImprovements(ctx, c, &r).Where("?TableAlias.case_id = ?", id).OrderExpr("?TableAlias.id DESC").Limit(1).Scan(ctx))
	if errors.Is(err, store.ErrMissing) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	i := r.improvement()
	return &i, nil
}

// improvementsIn lists the entries in a state, oldest first, at most 100.
func (g *Growth) improvementsIn(ctx context.Context, c team.CompanyID, s ImprovementState) ([]Improvement, error) {
	var rows []improvementRow
	err := g.selectImprovements(ctx, c, &rows).Where("?TableAlias.state = ?", s).OrderExpr("?TableAlias.id").Limit(100).Scan(ctx)
	return improvementsOf(rows), store.Fault(err)
}

// nextEntry is the number of the next published entry. Nobody else publishes meanwhile.
func (g *Growth) nextEntry(ctx context.Context, c team.CompanyID) (n int, err error) {
	err = g.rooms.Store.Read(ctx).NewSelect().Table("improvement").ColumnExpr("coalesce(max(number), 0) + 1").
		Where("company_id = ?", c).Where("number > 0").Scan(ctx, &n)
	return n, store.Fault(err)
}

// entry gives a published entry by its number.
func (g *Growth) entry(ctx context.Context, c team.CompanyID, number int) (Improvement, error) {
	var r improvementRow
	err := store.Fault(g.selectImprovements(ctx, c, &r).Where("?TableAlias.number = ?", number).Where("?TableAlias.number > 0").Scan(ctx))
	if errors.Is(err, store.ErrMissing) {
		return Improvement{}, missingImprovement()
	}
	return r.improvement(), err
}

// entries lists published entries below a number, newest first.
func (g *Growth) entries(ctx context.Context, c team.CompanyID, below, limit int) ([]Improvement, error) {
	var rows []improvementRow
	q := g.selectImprovements(ctx, c, &rows).Where("?TableAlias.number > 0").OrderExpr("?TableAlias.number DESC").Limit(int64(limit))
	if below > 0 {
		q = q.Where("?TableAlias.number < ?", below)
	}
	if err := q.Scan(ctx); err != nil {
		return nil, store.Fault(err)
	}
	return improvementsOf(rows), nil
}

// unlooked lists the published entries of a company that were not looked at since a moment, and whose change is younger than
// another.
func (g *Growth) unlooked(ctx context.Context, c team.CompanyID, checked, since time.Time, limit int) ([]Improvement, error) {
	var rows []improvementRow
	err := g.selectImprovements(ctx, c, &rows).Where("?TableAlias.state = ?", ImprovementPublished).Where("?TableAlias.checked_at < ?", checked).
		Where("?TableAlias.since > ?", since).OrderExpr("?TableAlias.id").Limit(int64(limit)).Scan(ctx)
	return improvementsOf(rows), store.Fault(err)
}

// forgetQuotes replaces the words of people who are erased in every entry that quotes them, and drops the salts of those entries.
func (g *Growth) forgetQuotes(ctx context.Context, tx *store.Tx, c team.CompanyID, ids []CriticismID) error {
	for part := range slices.Chunk(ids, chunk) {
		var rows []improvementRow
		if err := g.selectImprovements(ctx, c, &rows).Where("?TableAlias.quoted IN (?)", bun.List(part)).Where("?TableAlias.quoted <> ''").Scan(ctx); err != nil {
			return store.Fault(err)
		}
		for _, i := range improvementsOf(rows) {
			g.unquote(&i)
			if err := g.saveImprovement(ctx, tx, i); err != nil {
				return err
			}
		}
	}
	return nil
}
