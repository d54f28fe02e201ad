package lead

import (
	"context"
	"errors"
	"time"

	"github.com/uptrace/bun"

	"github.com/ponte-desk/ponte/internal/clock"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/team"
)

type formRow struct {
	bun.BaseModel `bun:"table:lead_form"`
	ID            FormID         `bun:"id,pk"`
	CompanyID     team.CompanyID `bun:"company_id"`
	Code          string         `bun:"code"`
	Name          string         `bun:"name"`
	State         FormState      `bun:"state"`
	Fields        []Field        `bun:"fields,type:jsonb"`
	Settings      FormSettings   `bun:"settings,type:jsonb"`
	Secret        string         `bun:"secret"`
	Version       int            `bun:"version"`
	CreatedBy     team.MemberID  `bun:"created_by"`
	CreatedAt     time.Time      `bun:"created_at"`
	ChangedAt     time.Time      `bun:"changed_at"`
}

func formRowOf(f Form) *formRow {
	return &formRow{
		ID: f.ID, CompanyID: f.Company, Code: f.Code, Name: f.Name, State: f.State, Fields: f.Fields, Settings: f.Settings, Secret: f.secret, Version: f.Version,
		CreatedBy: f.CreatedBy, CreatedAt: f.CreatedAt, ChangedAt: f.ChangedAt,
	}
}

func (r formRow) form() Form {
	return Form{
		ID: r.ID, Company: r.CompanyID, Code: r.Code, Name: r.Name, State: r.State, Fields: r.Fields, Settings: r.Settings, Version: r.Version,
		CreatedBy: r.CreatedBy, CreatedAt: clock.Trim(r.CreatedAt), ChangedAt: clock.Trim(r.ChangedAt), secret: r.Secret,
	}
}

func missing(err, is error) error {
	if errors.Is(err, store.ErrMissing) {
		return is
	}
	return err
}

func (x *Leads) insertForm(ctx context.Context, tx *store.Tx, f Form) error {
	_, err := tx.DB.NewInsert().Model(formRowOf(f)).Exec(ctx)
	return store.Fault(err)
}

func (x *Leads) saveForm(ctx context.Context, tx *store.Tx, f Form) error {
	_, err := tx.DB.NewUpdate().Model(formRowOf(f)).Column("name", "state", "fields", "settings", "version", "changed_at").Where("id = ?", f.ID).Where("company_id = ?", f.Company).Exec(ctx)
	return store.Fault(err)
}

func (x *Leads) form(ctx context.Context, c team.CompanyID, id FormID) (Form, error) {
	var r formRow
	err := store.Fault(x.rooms.Store.Read(ctx).NewSelect().Model(&r).Where("id = ?", id).Where("company_id = ?", c).Scan(ctx))
	return r.form(), missing(err, errForm)
}

func (x *Leads) holdForm(ctx context.Context, tx *store.Tx, c team.CompanyID, id FormID) (Form, error) {
	var r formRow
	q := tx.DB.NewSelect().Model(&r).Where("id = ?", id).Where("company_id = ?", c)
	if x.rooms.Store.Dialect() == store.Postgres {
		q = q.For("UPDATE")
	}
	err := store.Fault(q.Scan(ctx))
	return r.form(), missing(err, errForm)
}

func (x *Leads) formByCode(ctx context.Context, code string) (Form, error) {
	var r formRow
	if len(code) < 4 || len(code) > 20 {
		return Form{}, errForm
	}
	err := store.Fault(x.rooms.Store.Read(ctx).NewSelect().Model(&r).Where("code = ?", code).Scan(ctx))
	return r.form(), missing(err, errForm)
}

func (x *Leads) countForms(ctx context.Context, c team.CompanyID) (int, error) {
	n, err := x.rooms.Store.Read(ctx).NewSelect().Model((*formRow)(nil)).Where("company_id = ?", c).Count(ctx)
	return int(n), store.Fault(err)
}

func (x *Leads) forms(ctx context.Context, c team.CompanyID) ([]FormCount, error) {
	var rows []formRow
	db := x.rooms.Store.Read(ctx)
	if err := db.NewSelect().Model(&rows).Where("company_id = ?", c).Order("id DESC").Scan(ctx); err != nil {
		return nil, store.Fault(err)
	}
	var counts []struct {
		FormID FormID `bun:"form_id"`
		N      int    `bun:"n"`
		Won    int    `bun:"won"`
	}
	err := db.NewSelect().Model((*row)(nil)).ColumnExpr("form_id, COUNT(*) AS n, SUM(CASE WHEN state = ? THEN 1 ELSE 0 END) AS won", Won).
		Where("company_id = ?", c).Where("form_id <> ''").Group("form_id").Scan(ctx, &counts)
	if err != nil {
		return nil, store.Fault(err)
	}
	var waits []struct {
		FormID FormID `bun:"form_id"`
		N      int    `bun:"n"`
	}
	if err := db.NewSelect().Model((*waitingRow)(nil)).ColumnExpr("form_id, COUNT(*) AS n").Where("company_id = ?", c).Group("form_id").Scan(ctx, &waits); err != nil {
		return nil, store.Fault(err)
	}
	out := make([]FormCount, len(rows))
	for i, r := range rows {
		out[i].Form = r.form()
		for _, n := range counts {
			if n.FormID == r.ID {
				out[i].Leads, out[i].Won = n.N, n.Won
			}
		}
		for _, n := range waits {
			if n.FormID == r.ID {
				out[i].Waiting = n.N
			}
		}
	}
	return out, nil
}

type consentRow struct {
	bun.BaseModel `bun:"table:lead_consent"`
	ID            ConsentID      `bun:"id,pk"`
	CompanyID     team.CompanyID `bun:"company_id"`
	FormID        FormID         `bun:"form_id"`
	Field         string         `bun:"field"`
	Version       int            `bun:"version"`
	Body          string         `bun:"body"`
	At            time.Time      `bun:"at"`
}

func (r consentRow) text() ConsentText {
	return ConsentText{ID: r.ID, Form: r.FormID, Field: r.Field, Version: r.Version, Body: r.Body, At: clock.Trim(r.At)}
}

func (x *Leads) insertConsent(ctx context.Context, tx *store.Tx, c team.CompanyID, t ConsentText) error {
	r := consentRow{ID: t.ID, CompanyID: c, FormID: t.Form, Field: t.Field, Version: t.Version, Body: t.Body, At: t.At}
	_, err := tx.DB.NewInsert().Model(&r).Exec(ctx)
	return store.Fault(err)
}

// consents gives the texts of a form, oldest first.
func (x *Leads) consents(ctx context.Context, c team.CompanyID, f FormID) ([]ConsentText, error) {
	var rows []consentRow
	err := x.rooms.Store.Read(ctx).NewSelect().Model(&rows).Where("form_id = ?", f).Where("company_id = ?", c).Order("field", "version").Scan(ctx)
	out := make([]ConsentText, len(rows))
	for i, r := range rows {
		out[i] = r.text()
	}
	return out, store.Fault(err)
}

type agreedRow struct {
	bun.BaseModel `bun:"table:lead_agreed"`
	LeadID        ID             `bun:"lead_id,pk"`
	CompanyID     team.CompanyID `bun:"company_id"`
	ConsentID     ConsentID      `bun:"consent_id,pk"`
	Given         bool           `bun:"given"`
	At            time.Time      `bun:"at"`
}

func (x *Leads) insertAgreed(ctx context.Context, tx *store.Tx, l Lead, s consentSaid, at time.Time) error {
	r := agreedRow{LeadID: l.ID, CompanyID: l.Company, ConsentID: s.Consent, Given: s.Given, At: at}
	_, err := tx.DB.NewInsert().Model(&r).Exec(ctx)
	return store.Fault(err)
}

// agreed gives to which texts somebody said what.
func (x *Leads) agreed(ctx context.Context, c team.CompanyID, id ID) ([]Agreed, error) {
	var rows []agreedRow
	db := x.rooms.Store.Read(ctx)
	if err := db.NewSelect().Model(&rows).Where("lead_id = ?", id).Where("company_id = ?", c).Order("consent_id").Scan(ctx); err != nil {
		return nil, store.Fault(err)
	}
	out := make([]Agreed, 0, len(rows))
	for _, r := range rows {
		var t consentRow
		if err := db.NewSelect().Model(&t).Where("id = ?", r.ConsentID).Where("company_id = ?", c).Scan(ctx); err != nil {
			return nil, store.Fault(err)
		}
		out = append(out, Agreed{ConsentText: t.text(), Given: r.Given, Said: clock.Trim(r.At)})
	}
	return out, nil
}

// waiting is what was filled in and waits to be confirmed.
type waiting struct {
	ID        string
	Company   team.CompanyID
	Form      FormID
	Body      body
	NotBefore time.Time
	Until     time.Time
	At        time.Time

	hash, mark string
}

type waitingRow struct {
	bun.BaseModel `bun:"table:lead_waiting"`
	ID            string         `bun:"id,pk"`
	CompanyID     team.CompanyID `bun:"company_id"`
	FormID        FormID         `bun:"form_id"`
	TokenHash     string         `bun:"token_hash"`
	Mark          string         `bun:"mark"`
	Body          body           `bun:"body,type:jsonb"`
	NotBefore     time.Time      `bun:"not_before"`
	Until         time.Time      `bun:"until"`
	At            time.Time      `bun:"at"`
}

func (r waitingRow) waiting() waiting {
	return waiting{
		ID: r.ID, Company: r.CompanyID, Form: r.FormID, Body: r.Body, NotBefore: clock.Trim(r.NotBefore), Until: clock.Trim(r.Until), At: clock.Trim(r.At),
		hash: r.TokenHash, mark: r.Mark,
	}
}

func (x *Leads) insertWaiting(ctx context.Context, tx *store.Tx, w waiting) error {
	r := waitingRow{ID: w.ID, CompanyID: w.Company, FormID: w.Form, TokenHash: w.hash, Mark: w.mark, Body: w.Body, NotBefore: w.NotBefore, Until: w.Until, At: w.At}
	_, err := tx.DB.NewInsert().Model(&r).Exec(ctx)
	return store.Fault(err)
}

func (x *Leads) readWaiting(ctx context.Context, f FormID, hash string) (waiting, error) {
	var r waitingRow
	err := store.Fault(x.rooms.Store.Read(ctx).NewSelect().Model(&r).Where("token_hash = ?", hash).Where("form_id = ?", f).Scan(ctx))
	return r.waiting(), missing(err, errToken)
}

// takeWaiting reads what waits and takes it away: two who confirm at once make one lead.
func (x *Leads) takeWaiting(ctx context.Context, tx *store.Tx, f FormID, hash string) (waiting, error) {
	w, err := x.readWaiting(ctx, f, hash)
	if err != nil {
		return w, err
	}
	res, err := tx.DB.NewDelete().Model((*waitingRow)(nil)).Where("id = ?", w.ID).Where("company_id = ?", w.Company).Exec(ctx)
	if err != nil {
		return w, store.Fault(err)
	}
	if n, err := res.RowsAffected(); err != nil || n == 0 {
		return w, errors.Join(errToken, err)
	}
	return w, nil
}

// dropWaiting takes away what waits for an address, and gives it for its files.
func (x *Leads) dropWaiting(ctx context.Context, tx *store.Tx, c team.CompanyID, mark string) ([]waiting, error) {
	return x.takeAway(ctx, tx, tx.DB.NewSelect().Where("company_id = ?", c).Where("mark = ?", mark))
}

// overWaiting takes away what waited in vain, some at a time.
func (x *Leads) overWaiting(ctx context.Context, tx *store.Tx, now time.Time, most int) ([]waiting, error) {
	return x.takeAway(ctx, tx, tx.DB.NewSelect().Where("until < ?", now).Order("id").Limit(int64(most)))
}

func (x *Leads) takeAway(ctx context.Context, tx *store.Tx, q *bun.SelectQuery) ([]waiting, error) {
	var rows []waitingRow
	if err := q.Model(&rows).Scan(ctx); err != nil {
		return nil, store.Fault(err)
	}
	out := make([]waiting, 0, len(rows))
	for _, r := range rows {
		if _, err := tx.DB.NewDelete().Model((*waitingRow)(nil)).Where("id = ?", r.ID).Where("company_id = ?", r.CompanyID).Exec(ctx); err != nil {
			return nil, store.Fault(err)
		}
		out = append(out, r.waiting())
	}
	return out, nil
}

type letterRow struct {
	bun.BaseModel `bun:"table:lead_letter"`
	ID            string         `bun:"id,pk"`
	CompanyID     team.CompanyID `bun:"company_id"`
	Mark          string         `bun:"mark"`
	At            time.Time      `bun:"at"`
}

func (x *Leads) lettersTo(ctx context.Context, c team.CompanyID, mark string, since time.Time) (int, error) {
	n, err := x.rooms.Store.Read(ctx).NewSelect().Model((*letterRow)(nil)).Where("company_id = ?", c).Where("mark = ?", mark).Where("at >= ?", since).Count(ctx)
	return int(n), store.Fault(err)
}

func (x *Leads) noteLetter(ctx context.Context, tx *store.Tx, c team.CompanyID, mark string, at time.Time) error {
	_, err := tx.DB.NewInsert().Model(&letterRow{ID: letterKind.New(at), CompanyID: c, Mark: mark, At: at}).Exec(ctx)
	return store.Fault(err)
}

type proofRow struct {
	bun.BaseModel `bun:"table:lead_proof"`
	Mark          string         `bun:"mark,pk"`
	CompanyID     team.CompanyID `bun:"company_id"`
	Until         time.Time      `bun:"until"`
}

// useProof uses a proof up and tells whether it was fresh.
func (x *Leads) useProof(ctx context.Context, tx *store.Tx, c team.CompanyID, mark string, until time.Time) (bool, error) {
	res, err := tx.DB.NewInsert().Model(&proofRow{Mark: mark, CompanyID: c, Until: until}).On("CONFLICT (mark) DO NOTHING").Exec(ctx)
	if err != nil {
		return false, store.Fault(err)
	}
	n, err := res.RowsAffected()
	return n > 0, err
}

type refusedRow struct {
	bun.BaseModel `bun:"table:lead_refused"`
	FormID        FormID         `bun:"form_id,pk"`
	CompanyID     team.CompanyID `bun:"company_id"`
	Day           string         `bun:"day,pk"`
	Cause         Cause          `bun:"cause,pk"`
	N             int            `bun:"n"`
}

func (x *Leads) countRefused(ctx context.Context, tx *store.Tx, f Form, c Cause) error {
	r := refusedRow{FormID: f.ID, CompanyID: f.Company, Day: day(x.rooms.Clock.Now()), Cause: c, N: 1}
	_, err := tx.DB.NewInsert().Model(&r).On("CONFLICT (form_id, day, cause) DO UPDATE").Set("n = refused_row.n + 1").Exec(ctx)
	return store.Fault(err)
}

func (x *Leads) refused(ctx context.Context, c team.CompanyID, f FormID, since time.Time) ([]Refused, error) {
	var rows []struct {
		Cause Cause `bun:"cause"`
		N     int   `bun:"n"`
	}
	err := x.rooms.Store.Read(ctx).NewSelect().Model((*refusedRow)(nil)).ColumnExpr("cause, SUM(n) AS n").Where("company_id = ?", c).Where("form_id = ?", f).
		Where("day >= ?", day(since)).Group("cause").Order("cause").Scan(ctx, &rows)
	out := make([]Refused, len(rows))
	for i, r := range rows {
		out[i] = Refused{r.Cause, r.N}
	}
	return out, store.Fault(err)
}

// sweepRest forgets what was kept against abuse.
func (x *Leads) sweepRest(ctx context.Context, tx *store.Tx, now time.Time) error {
	for _, q := range []*bun.DeleteQuery{
		tx.DB.NewDelete().Model((*letterRow)(nil)).Where("at < ?", now.Add(-25*time.Hour)),
		tx.DB.NewDelete().Model((*proofRow)(nil)).Where("until < ?", now),
		tx.DB.NewDelete().Model((*refusedRow)(nil)).Where("day < ?", day(now.AddDate(-1, 0, 0))),
	} {
		if _, err := q.Exec(ctx); err != nil {
			return store.Fault(err)
		}
	}
	return nil
}

type ruleRow struct {
	bun.BaseModel `bun:"table:lead_rule"`
	ID            RuleID         `bun:"id,pk"`
	CompanyID     team.CompanyID `bun:"company_id"`
	Nth           int            `bun:"nth"`
	What          What           `bun:"what"`
	How           How            `bun:"how"`
	Field         string         `bun:"field"`
	Value         string         `bun:"value"`
	Points        int            `bun:"points"`
}

func (x *Leads) rules(ctx context.Context, c team.CompanyID) ([]Rule, error) {
	var rows []ruleRow
	err := x.rooms.Store.Read(ctx).NewSelect().Model(&rows).Where("company_id = ?", c).Order("nth").Scan(ctx)
	out := make([]Rule, len(rows))
	for i, r := range rows {
		out[i] = Rule{ID: r.ID, What: r.What, How: r.How, Field: r.Field, Value: r.Value, Points: r.Points}
	}
	return out, store.Fault(err)
}

func (x *Leads) replaceRules(ctx context.Context, tx *store.Tx, c team.CompanyID, rules []Rule) error {
	if _, err := tx.DB.NewDelete().Model((*ruleRow)(nil)).Where("company_id = ?", c).Exec(ctx); err != nil {
		return store.Fault(err)
	}
	rows := make([]ruleRow, len(rules))
	for i, r := range rules {
		rows[i] = ruleRow{ID: r.ID, CompanyID: c, Nth: i, What: r.What, How: r.How, Field: r.Field, Value: r.Value, Points: r.Points}
	}
	if len(rows) == 0 {
		return nil
	}
	_, err := tx.DB.NewInsert().Model(&rows).Exec(ctx)
	return store.Fault(err)
}
