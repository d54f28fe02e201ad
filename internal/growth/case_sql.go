package growth

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"github.com/ponte-desk/ponte/internal/audience"
	"github.com/ponte-desk/ponte/internal/clock"
	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/record"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/team"
	"github.com/ponte-desk/ponte/internal/triage"
)

type caseRow struct {
	bun.BaseModel `bun:"table:growth_case"`
	ID            CaseID         `bun:"id,pk"`
	CompanyID     team.CompanyID `bun:"company_id"`
	Number        int            `bun:"number"`
	Handle        record.Handle  `bun:"handle"`
	Title         string         `bun:"title"`
	PublicIT      string         `bun:"public_it"`
	PublicEN      string         `bun:"public_en"`
	Theme         triage.Theme   `bun:"theme"`
	State         CaseState      `bun:"state"`
	Cause         string         `bun:"cause"`
	Plan          string         `bun:"plan"`
	OwnerID       team.MemberID  `bun:"owner_id"`
	DueAt         time.Time      `bun:"due_at,nullzero"`
	OpenedBy      team.MemberID  `bun:"opened_by"`
	OpenedAt      time.Time      `bun:"opened_at"`
	ChangedAt     time.Time      `bun:"changed_at,nullzero"`
	DeclinedAt    time.Time      `bun:"declined_at,nullzero"`
	DeclineIT     string         `bun:"decline_it"`
	DeclineEN     string         `bun:"decline_en"`
	DeclineSalt   string         `bun:"decline_salt"`
	Public        bool           `bun:"public"`
	Signature     []byte         `bun:"signature"`
	Rank          string         `bun:"rank"`
	UpdatedAt     time.Time      `bun:"updated_at"`
}

func (r caseRow) file() Case {
	return Case{
		ID: r.ID, Company: r.CompanyID, Number: r.Number, Handle: r.Handle, Title: r.Title, Shown: r.shown(), Theme: r.Theme,
		State: r.State, Cause: r.Cause, Plan: r.Plan, Owner: r.OwnerID, DueAt: r.DueAt, OpenedBy: r.OpenedBy, OpenedAt: r.OpenedAt, ChangedAt: r.ChangedAt,
		DeclinedAt: r.DeclinedAt, Decline: Words{IT: r.DeclineIT, EN: r.DeclineEN}, Public: r.Public, UpdatedAt: r.UpdatedAt,
	}
}

// trimmedCases brings the times of rows to the form of the house.
func trimmedCases(rows []caseRow) []caseRow {
	for i := range rows {
		r := &rows[i]
		r.DueAt, r.OpenedAt, r.ChangedAt = clock.Trim(r.DueAt), clock.Trim(r.OpenedAt), clock.Trim(r.ChangedAt)
		r.DeclinedAt, r.UpdatedAt = clock.Trim(r.DeclinedAt), clock.Trim(r.UpdatedAt)
	}
	return rows
}

// caseRow gives a case; what is not there, or another company's, is NotFound.
func (g *Growth) caseRow(ctx context.Context, c team.CompanyID, id CaseID) (*caseRow, error) {
	rows := make([]caseRow, 1)
	err := store.Fault(g.rooms.Store.Read(ctx).NewSelect().Model(&rows[0]).Where("company_id = ?", c).Where("id = ?", id).Scan(ctx))
	if errors.Is(err, store.ErrMissing) {
		return nil, noCase()
	}
	return &trimmedCases(rows)[0], err
}

// caseNumber is the next free number. Nobody else opens a case meanwhile.
func (g *Growth) caseNumber(ctx context.Context, tx *store.Tx, c team.CompanyID) (int, error) {
	var last int
	err := tx.DB.NewRaw("SELECT COALESCE(MAX(number), 0) FROM growth_case WHERE company_id = ?", c).Scan(ctx, &last)
	return last + 1, store.Fault(err)
}

func (g *Growth) insertCase(ctx context.Context, tx *store.Tx, r *caseRow) error {
	_, err := tx.DB.NewInsert().Model(r).Exec(ctx)
	return store.Fault(err)
}

func (g *Growth) updateCase(ctx context.Context, tx *store.Tx, r *caseRow) error {
	_, err := tx.DB.NewUpdate().Model(r).WherePK().Where("company_id = ?", r.CompanyID).Exec(ctx)
	return store.Fault(err)
}

// ofCase gives the criticisms of a case, oldest first.
func (g *Growth) ofCase(ctx context.Context, c team.CompanyID, id CaseID) ([]criticismRow, error) {
	var rows []criticismRow
	err := g.rooms.Store.Read(ctx).NewSelect().Model(&rows).Where(ofCompany, c).Where("case_id = ?", id).Where("case_id <> ''").
		Order("said_at", "id").Scan(ctx)
	return trimmed(rows), store.Fault(err)
}

// dropDraftLetter drops the letter that was prepared for a criticism and has not gone out.
func (g *Growth) dropDraftLetter(ctx context.Context, tx *store.Tx, c team.CompanyID, id CriticismID) error {
	_, err := tx.DB.NewDelete().Model((*letterRow)(nil)).Where("company_id = ?", c).Where("criticism_id = ?", id).Where("state = ?", LetterDraft).Exec(ctx)
	return store.Fault(err)
}

// counted fills in what cases are made of.
func (g *Growth) counted(ctx context.Context, c team.CompanyID, rows []caseRow) ([]Case, error) {
	out := make([]Case, len(rows))
	ids := make([]CaseID, len(rows))
	at := map[CaseID]*Case{}
	for i, r := range rows {
		out[i], ids[i] = r.file(), r.ID
		at[r.ID] = &out[i]
	}
	if len(rows) == 0 {
		return out, nil
	}
	var said []struct {
		CaseID     CaseID              `bun:"case_id"`
		IdentityID audience.IdentityID `bun:"identity_id"`
		SaidAt     time.Time           `bun:"said_at"`
	}
	err := g.rooms.Store.Read(ctx).NewSelect().Model((*criticismRow)(nil)).Column("case_id", "identity_id", "said_at").Where(ofCompany, c).
		Where("case_id IN (?)", bun.List(ids)).Where("case_id <> ''").Scan(ctx, &said)
	if err != nil {
		return nil, store.Fault(err)
	}
	identities := make([]audience.IdentityID, len(said))
	for i, s := range said {
		identities[i] = s.IdentityID
	}
	who, err := g.who(ctx, c, identities)
	if err != nil {
		return nil, err
	}
	people := map[CaseID]map[string]bool{}
	for _, s := range said {
		k, t := at[s.CaseID], clock.Trim(s.SaidAt)
		k.Voices++
		if k.FirstAt.IsZero() || t.Before(k.FirstAt) {
			k.FirstAt = t
		}
		if t.After(k.LastAt) {
			k.LastAt = t
		}
		if people[s.CaseID] == nil {
			people[s.CaseID] = map[string]bool{}
		}
		people[s.CaseID][who[s.IdentityID]] = true
	}
	for id, p := range people {
		at[id].People = len(p)
	}
	var tasks []struct {
		CaseID CaseID `bun:"case_id"`
		All    int    `bun:"tasks"`
		Open   int    `bun:"tasks_open"`
	}
	err = g.rooms.Store.Read(ctx).NewSelect().Model((*taskRow)(nil)).ColumnExpr("case_id, COUNT(*) AS tasks, COUNT(*) - COUNT(done_at) AS tasks_open").
		Where(ofCompany, c).Where("case_id IN (?)", bun.List(ids)).Group("case_id").Scan(ctx, &tasks)
	if err != nil {
		return nil, store.Fault(err)
	}
	for _, t := range tasks {
		at[t.CaseID].Tasks, at[t.CaseID].TasksOpen = t.All, t.Open
	}
	var entries []struct {
		CaseID  CaseID           `bun:"case_id"`
		State   ImprovementState `bun:"state"`
		Number  int              `bun:"number"`
		Outcome record.Outcome   `bun:"outcome"`
	}
	err = g.rooms.Store.Read(ctx).NewSelect().Table("improvement").Column("case_id", "state", "number", "outcome").Where(ofCompany, c).
		Where("case_id IN (?)", bun.List(ids)).Order("id").Scan(ctx, &entries)
	for _, e := range entries { // the newest is the last
		k := at[e.CaseID]
		if k.Entry = e.State; e.State == ImprovementPublished {
			k.Stone, k.Outcome = e.Number, e.Outcome
		}
	}
	return out, store.Fault(err)
}

// listCases gives a part of the list. mine narrows it to what a member owns or has a task in.
func (g *Growth) listCases(ctx context.Context, c team.CompanyID, f CaseFilter, mine team.MemberID, now time.Time) ([]caseRow, error) {
	var rows []caseRow
	q := g.rooms.Store.Read(ctx).NewSelect().Model(&rows).Where("company_id = ?", c).Order("rank", "id").Limit(int64(f.Limit))
	if f.Cursor != "" {
		rank, id, err := parseRank(f.Cursor)
		if err != nil {
			return nil, err
		}
		q = q.Where("(rank > ? OR (rank = ? AND id > ?))", rank, rank, id)
	}
	if len(f.States) > 0 {
		q = q.Where("state IN (?)", bun.List(f.States))
	}
	if f.Owner != "" {
		q = q.Where("owner_id = ?", f.Owner)
	}
	if f.Theme != "" {
		q = q.Where("theme = ?", f.Theme)
	}
	if f.Late {
		q = q.Where("state IN (?)", bun.List(openStates)).Where("due_at < ?", now)
	}
	q = g.narrow(q, c, mine)
	return rows, store.Fault(q.Scan(ctx))
}

// narrow leaves the cases that a member owns or has a task in; "" leaves all.
func (g *Growth) narrow(q *bun.SelectQuery, c team.CompanyID, mine team.MemberID) *bun.SelectQuery {
	if mine == "" {
		return q
	}
	return q.Where("(owner_id = ? OR id IN (SELECT case_id FROM case_task WHERE company_id = ? AND owner_id = ?))", mine, c, mine)
}

func (g *Growth) countCases(ctx context.Context, c team.CompanyID, mine team.MemberID) (map[CaseState]int, error) {
	var rows []struct {
		State CaseState `bun:"state"`
		N     int       `bun:"n"`
	}
	q := g.rooms.Store.Read(ctx).NewSelect().Model((*caseRow)(nil)).ColumnExpr("state, COUNT(*) AS n").Where("company_id = ?", c).Group("state")
	if err := g.narrow(q, c, mine).Scan(ctx, &rows); err != nil {
		return nil, store.Fault(err)
	}
	out := map[CaseState]int{}
	for _, r := range rows {
		out[r.State] = r.N
	}
	return out, nil
}

// hasTask tells whether a member has a task in a case.
func (g *Growth) hasTask(ctx context.Context, c team.CompanyID, id CaseID, m team.MemberID) (bool, error) {
	n, err := g.rooms.Store.Read(ctx).NewSelect().Model((*taskRow)(nil)).Where("company_id = ?", c).Where("case_id = ?", id).Where("owner_id = ?", m).Count(ctx)
	return n > 0, store.Fault(err)
}

type taskRow struct {
	bun.BaseModel `bun:"table:case_task"`
	ID            TaskID         `bun:"id,pk"`
	CompanyID     team.CompanyID `bun:"company_id"`
	CaseID        CaseID         `bun:"case_id"`
	Body          string         `bun:"body"`
	OwnerID       team.MemberID  `bun:"owner_id"`
	DoneAt        time.Time      `bun:"done_at,nullzero"`
	DoneBy        team.MemberID  `bun:"done_by"`
}

func (r taskRow) task() Task {
	return Task{ID: r.ID, Text: r.Body, Owner: r.OwnerID, DoneAt: clock.Trim(r.DoneAt), DoneBy: r.DoneBy}
}

func (g *Growth) task(ctx context.Context, c team.CompanyID, id TaskID) (*taskRow, error) {
	var r taskRow
	err := store.Fault(g.rooms.Store.Read(ctx).NewSelect().Model(&r).Where("company_id = ?", c).Where("id = ?", id).Scan(ctx))
	if errors.Is(err, store.ErrMissing) {
		return nil, fault.New(fault.NotFound, "growth.case.task.missing")
	}
	return &r, err
}

func (g *Growth) tasks(ctx context.Context, c team.CompanyID, id CaseID) ([]Task, error) {
	var rows []taskRow
	err := g.rooms.Store.Read(ctx).NewSelect().Model(&rows).Where("company_id = ?", c).Where("case_id = ?", id).Order("id").Scan(ctx)
	if err != nil {
		return nil, store.Fault(err)
	}
	out := make([]Task, len(rows))
	for i, r := range rows {
		out[i] = r.task()
	}
	return out, nil
}

func (g *Growth) insertTask(ctx context.Context, tx *store.Tx, r *taskRow) error {
	_, err := tx.DB.NewInsert().Model(r).Exec(ctx)
	return store.Fault(err)
}

func (g *Growth) updateTask(ctx context.Context, tx *store.Tx, r *taskRow) error {
	_, err := tx.DB.NewUpdate().Model(r).WherePK().Where("company_id = ?", r.CompanyID).Exec(ctx)
	return store.Fault(err)
}

func (g *Growth) deleteTask(ctx context.Context, tx *store.Tx, r *taskRow) error {
	_, err := tx.DB.NewDelete().Model(r).WherePK().Where("company_id = ?", r.CompanyID).Exec(ctx)
	return store.Fault(err)
}

type evidenceRow struct {
	bun.BaseModel `bun:"table:case_evidence"`
	ID            EvidenceID     `bun:"id,pk"`
	CompanyID     team.CompanyID `bun:"company_id"`
	CaseID        CaseID         `bun:"case_id"`
	Kind          EvidenceKind   `bun:"kind"`
	Body          string         `bun:"body"`
	URL           string         `bun:"url"`
	MediaID       string         `bun:"media_id"`
	Value         string         `bun:"value"`
	OutOf         string         `bun:"out_of"`
	MemberID      team.MemberID  `bun:"member_id"`
	At            time.Time      `bun:"at"`
}

func (g *Growth) evidence(ctx context.Context, c team.CompanyID, id EvidenceID) (*evidenceRow, error) {
	var r evidenceRow
	err := store.Fault(g.rooms.Store.Read(ctx).NewSelect().Model(&r).Where("company_id = ?", c).Where("id = ?", id).Scan(ctx))
	if errors.Is(err, store.ErrMissing) {
		return nil, fault.New(fault.NotFound, "growth.case.evidence.missing")
	}
	return &r, err
}

func (g *Growth) evidences(ctx context.Context, c team.CompanyID, id CaseID) ([]Evidence, error) {
	var rows []evidenceRow
	err := g.rooms.Store.Read(ctx).NewSelect().Model(&rows).Where("company_id = ?", c).Where("case_id = ?", id).Order("id").Scan(ctx)
	if err != nil {
		return nil, store.Fault(err)
	}
	out := make([]Evidence, len(rows))
	for i, r := range rows {
		out[i] = Evidence{
			ID: r.ID, Kind: r.Kind, Text: r.Body, URL: r.URL, Media: r.MediaID, Value: r.Value, OutOf: r.OutOf, Member: r.MemberID, At: clock.Trim(r.At),
		}
	}
	return out, nil
}

func (g *Growth) insertEvidence(ctx context.Context, tx *store.Tx, r *evidenceRow) error {
	_, err := tx.DB.NewInsert().Model(r).Exec(ctx)
	return store.Fault(err)
}

func (g *Growth) deleteEvidence(ctx context.Context, tx *store.Tx, r *evidenceRow) error {
	_, err := tx.DB.NewDelete().Model(r).WherePK().Where("company_id = ?", r.CompanyID).Exec(ctx)
	return store.Fault(err)
}

// handCases gives what a leaver owned to an heir, and tells which open cases these were.
func (g *Growth) handCases(ctx context.Context, tx *store.Tx, c team.CompanyID, leaver, heir team.MemberID) ([]CaseID, error) {
	var ids []CaseID
	err := tx.DB.NewSelect().Model((*caseRow)(nil)).Column("id").Where("company_id = ?", c).Where("owner_id = ?", leaver).
		Where("state IN (?)", bun.List(openStates)).Order("id").Scan(ctx, &ids)
	if err != nil {
		return nil, store.Fault(err)
	}
	if _, err := tx.DB.NewUpdate().Model((*caseRow)(nil)).Where("company_id = ?", c).Where("owner_id = ?", leaver).Set("owner_id = ?", heir).Exec(ctx); err != nil {
		return nil, store.Fault(err)
	}
	_, err = tx.DB.NewUpdate().Model((*taskRow)(nil)).Where("company_id = ?", c).Where("owner_id = ?", leaver).Set("owner_id = ?", heir).Exec(ctx)
	return slices.Compact(ids), store.Fault(err)
}

// tables lists what belongs to this room, children first.
var tables = []string{
	"record_post", "record_fact", "record_bundle", "record_tile", "record_log", "growth_setting", "letter", "improvement", "promise", "case_event",
	"case_evidence", "case_task", "growth_case", "criticism",
}

func (g *Growth) removeCompany(ctx context.Context, tx *store.Tx, c team.CompanyID) error {
	for _, t := range tables {
		if _, err := tx.DB.NewRaw("DELETE FROM ? WHERE company_id = ?", bun.Ident(t), c).Exec(ctx); err != nil {
			return store.Fault(err)
		}
	}
	return nil
}
