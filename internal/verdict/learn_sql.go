package verdict

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"github.com/ponte-desk/ponte/internal/clock"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/team"
	"github.com/ponte-desk/ponte/internal/triage"
)

type modelRow struct {
	bun.BaseModel `bun:"table:triage_model"`
	ID            string         `bun:"id,pk"`
	CompanyID     team.CompanyID `bun:"company_id"`
	Number        int            `bun:"number"`
	Version       string         `bun:"version"`
	Base          string         `bun:"base"`
	Active        bool           `bun:"active"`
	Accepted      bool           `bun:"accepted"`
	Undone        bool           `bun:"undone"`
	Corrections   int            `bun:"corrections"`
	UpTo          string         `bun:"upto"`
	Before        float64        `bun:"score_before"`
	After         float64        `bun:"score_after"`
	Weights       []byte         `bun:"weights"`
	At            time.Time      `bun:"at"`
}

// about are the columns of a model without its weights.
var about = []string{"id", "company_id", "number", "version", "base", "active", "accepted", "undone", "corrections", "upto", "score_before", "score_after", "at"}

func (v *Verdicts) addLesson(ctx context.Context, tx *store.Tx, c team.CompanyID) (n int, err error) {
	err = tx.DB.NewRaw("INSERT INTO lesson (company_id, given, learned) VALUES (?, 1, 0) "+
		"ON CONFLICT (company_id) DO UPDATE SET given = lesson.given + 1 RETURNING given", c).Scan(ctx, &n)
	return n, store.Fault(err)
}

func (v *Verdicts) lessons(ctx context.Context, c team.CompanyID) (given, learned int, err error) {
	err = store.Fault(v.store.Read(ctx).NewSelect().TableExpr("lesson").Column("given", "learned").Where("company_id = ?", c).Scan(ctx, &given, &learned))
	if errors.Is(err, store.ErrMissing) {
		return 0, 0, nil
	}
	return given, learned, err
}

// finishLesson notes that a lesson was learned, if nothing was said or forgotten since.
func (v *Verdicts) finishLesson(ctx context.Context, tx *store.Tx, c team.CompanyID, n int) error {
	res, err := tx.DB.NewRaw("UPDATE lesson SET learned = ? WHERE company_id = ? AND given = ? AND learned < ?", n, c, n, n).Exec(ctx)
	if err != nil {
		return store.Fault(err)
	}
	if rows, _ := res.RowsAffected(); rows == 0 {
		return errOutdated
	}
	return nil
}

// readLesson reads what members said and was not set aside, of each text what was said last, and the own words. Of very much the latest
// counts.
func (v *Verdicts) readLesson(ctx context.Context, c team.CompanyID, l *lesson) (err error) {
	var rows []correctionRow
	if err := v.store.Read(ctx).NewSelect().Model(&rows).Where("company_id = ?", c).Where("NOT aside").Order("id").Scan(ctx); err != nil {
		return store.Fault(err)
	}
	last := map[string]int{}
	for i, r := range rows {
		last[r.Body], l.upto = i, r.ID
	}
	for i, r := range rows {
		if last[r.Body] != i {
			continue
		}
		var s saidJSON
		if err := json.Unmarshal([]byte(r.Said), &s); err != nil {
			return err
		}
		c := triage.Correction{Text: r.Body, Tone: s.Tone, Themes: s.Themes, Urgency: s.Urgency}
		if s.Criticism != nil {
			c.Criticism = decided(*s.Criticism)
		}
		l.corrections = append(l.corrections, c)
	}
	l.corrections = l.corrections[max(0, len(l.corrections)-maxLessons):]
	l.words, err = v.words(ctx, c)
	return err
}

// activeModel gives the model that judges, without its weights; the zero value is the one that Ponte brings.
func (v *Verdicts) activeModel(ctx context.Context, c team.CompanyID, base string) (r modelRow, err error) {
	err = store.Fault(v.store.Read(ctx).NewSelect().Model(&r).Column(about...).Where("company_id = ?", c).Where("active").Where("base = ?", base).Scan(ctx))
	if errors.Is(err, store.ErrMissing) {
		return modelRow{}, nil
	}
	return r, err
}

func (v *Verdicts) weights(ctx context.Context, id string) (b []byte, err error) {
	err = v.store.Read(ctx).NewSelect().Model((*modelRow)(nil)).Column("weights").Where("id = ?", id).Scan(ctx, &b)
	return b, store.Fault(err)
}

// insertModel adds a model as the newest and drops the oldest.
func (v *Verdicts) insertModel(ctx context.Context, tx *store.Tx, r modelRow) error {
	var newest int
	err := tx.DB.NewSelect().Model((*modelRow)(nil)).ColumnExpr("coalesce(max(number), 0)").Where("company_id = ?", r.CompanyID).Scan(ctx, &newest)
	if err != nil {
		return store.Fault(err)
	}
	r.Number = newest + 1
	if r.Active {
		if err := v.activate(ctx, tx, r.CompanyID, 0); err != nil {
			return err
		}
	}
	if _, err := tx.DB.NewInsert().Model(&r).Exec(ctx); err != nil {
		return store.Fault(err)
	}
	// The one that judges is kept, however many were refused after it.
	_, err = tx.DB.NewRaw("DELETE FROM triage_model WHERE company_id = ? AND NOT active AND number NOT IN "+
		"(SELECT number FROM triage_model WHERE company_id = ? ORDER BY number DESC LIMIT ?)", r.CompanyID, r.CompanyID, keptModels).Exec(ctx)
	return store.Fault(err)
}

// activate lets a model judge, and no other; 0 is the one that Ponte brings.
func (v *Verdicts) activate(ctx context.Context, tx *store.Tx, c team.CompanyID, number int) error {
	_, err := tx.DB.NewRaw("UPDATE triage_model SET active = (number = ?) WHERE company_id = ? AND active <> (number = ?)", number, c, number).Exec(ctx)
	return store.Fault(err)
}

// latestBefore gives the number of the latest model that may judge and is older than one; 0 when there is none.
func (v *Verdicts) latestBefore(ctx context.Context, tx *store.Tx, c team.CompanyID, base string, number int) (n int, err error) {
	err = tx.DB.NewSelect().Model((*modelRow)(nil)).ColumnExpr("coalesce(max(number), 0)").Where("company_id = ?", c).Where("base = ?", base).
		Where("accepted").Where("NOT undone").Where("number < ?", number).Scan(ctx, &n)
	return n, store.Fault(err)
}

// undoModel goes back by one and gives the number of the model that was left; 0 when there was none.
func (v *Verdicts) undoModel(ctx context.Context, tx *store.Tx, c team.CompanyID, base string) (int, error) {
	now, err := v.activeModel(ctx, c, base)
	if err != nil || now.Number == 0 {
		return 0, err
	}
	res, err := tx.DB.NewUpdate().Model((*modelRow)(nil)).Where("id = ?", now.ID).Where("active").Set("undone = ?", true).Set("active = ?", false).Exec(ctx)
	if err != nil {
		return 0, store.Fault(err)
	}
	if n, _ := res.RowsAffected(); n == 0 { // another hand was faster
		return 0, nil
	}
	before, err := v.latestBefore(ctx, tx, c, base, now.Number)
	if err != nil {
		return 0, err
	}
	if err := v.setAside(ctx, tx, c, before, now.UpTo); err != nil {
		return 0, err
	}
	return now.Number, v.activate(ctx, tx, c, before)
}

// setAside has no later model learn what was said after a model (0: the one that Ponte brings) up to a correction.
func (v *Verdicts) setAside(ctx context.Context, tx *store.Tx, c team.CompanyID, after int, upto string) error {
	var known string
	if after > 0 {
		err := tx.DB.NewSelect().Model((*modelRow)(nil)).Column("upto").Where("company_id = ?", c).Where("number = ?", after).Scan(ctx, &known)
		if err != nil {
			return store.Fault(err)
		}
	}
	_, err := tx.DB.NewUpdate().Model((*correctionRow)(nil)).Where("company_id = ?", c).Where("id > ?", known).Where("id <= ?", upto).Set("aside = ?", true).Exec(ctx)
	return store.Fault(err)
}

// dropModels deletes every model that may have learned from a correction, and lets the latest of the others judge.
func (v *Verdicts) dropModels(ctx context.Context, tx *store.Tx, c team.CompanyID, correction string) error {
	if _, err := tx.DB.NewDelete().Model((*modelRow)(nil)).Where("company_id = ?", c).Where("upto >= ?", correction).Exec(ctx); err != nil {
		return store.Fault(err)
	}
	base, err := triage.Default()
	if err != nil {
		return err
	}
	active, err := v.activeModel(ctx, c, base.Version())
	if err != nil || active.Number > 0 {
		return err
	}
	n, err := v.latestBefore(ctx, tx, c, base.Version(), 1<<30)
	if err != nil {
		return err
	}
	return v.activate(ctx, tx, c, n)
}

func (v *Verdicts) models(ctx context.Context, c team.CompanyID) ([]Model, error) {
	var rows []modelRow
	err := v.store.Read(ctx).NewSelect().Model(&rows).Column(about...).Where("company_id = ?", c).Order("number DESC").Scan(ctx)
	if err != nil {
		return nil, store.Fault(err)
	}
	out := make([]Model, len(rows))
	for i, r := range rows {
		out[i] = Model{
			Number: r.Number, Version: r.Version, Active: r.Active, Accepted: r.Accepted, Undone: r.Undone, Corrections: r.Corrections,
			Before: r.Before, After: r.After, At: clock.Trim(r.At),
		}
	}
	return out, nil
}

// outdated lists the companies that have a model made from another one than Ponte brings now.
func (v *Verdicts) outdated(ctx context.Context, base string) ([]team.CompanyID, error) {
	var cs []team.CompanyID
	err := v.store.Read(ctx).NewSelect().Model((*modelRow)(nil)).ColumnExpr("DISTINCT company_id").Where("active").Where("base <> ?", base).Scan(ctx, &cs)
	slices.Sort(cs)
	return cs, store.Fault(err)
}

// retire takes the models of another base out of use.
func (v *Verdicts) retire(ctx context.Context, tx *store.Tx, c team.CompanyID, base string) error {
	_, err := tx.DB.NewUpdate().Model((*modelRow)(nil)).Where("company_id = ?", c).Where("base <> ?", base).Set("active = ?", false).Exec(ctx)
	return store.Fault(err)
}
