package growth

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"github.com/ponte-desk/ponte/internal/audience"
	"github.com/ponte-desk/ponte/internal/clock"
	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/inbox"
	"github.com/ponte-desk/ponte/internal/record"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/team"
)

type promiseRow struct {
	bun.BaseModel  `bun:"table:promise"`
	ID             PromiseID            `bun:"id,pk"`
	CompanyID      team.CompanyID       `bun:"company_id"`
	Handle         record.Handle        `bun:"handle"`
	ConversationID inbox.ConversationID `bun:"conversation_id"`
	ReplyID        inbox.ReplyID        `bun:"reply_id"`
	IdentityID     audience.IdentityID  `bun:"identity_id"`
	CaseID         CaseID               `bun:"case_id"`
	Body           string               `bun:"body"`
	Public         bool                 `bun:"public"`
	Leaf           int64                `bun:"leaf"`
	OwnerID        team.MemberID        `bun:"owner_id"`
	DueAt          time.Time            `bun:"due_at"`
	State          PromiseState         `bun:"state"`
	MadeBy         team.MemberID        `bun:"made_by"`
	MadeAt         time.Time            `bun:"made_at"`
	SettledAt      time.Time            `bun:"settled_at,nullzero"`
	SettledBy      team.MemberID        `bun:"settled_by"`
	Note           string               `bun:"note"`
}

func rowOfPromise(p Promise) *promiseRow {
	return &promiseRow{
		ID: p.ID, CompanyID: p.Company, Handle: p.Handle, ConversationID: p.Conversation, ReplyID: p.Reply, IdentityID: p.to, CaseID: p.Case,
		Body: p.Text, Public: p.Public, Leaf: p.leaf, OwnerID: p.Owner, DueAt: p.DueAt, State: p.State, MadeBy: p.MadeBy, MadeAt: p.MadeAt,
		SettledAt: p.SettledAt, SettledBy: p.SettledBy, Note: p.Note,
	}
}

func (r promiseRow) promise() Promise {
	return Promise{
		ID: r.ID, Company: r.CompanyID, Handle: r.Handle, Conversation: r.ConversationID, Reply: r.ReplyID, Case: r.CaseID, Text: r.Body,
		Public: r.Public, Owner: r.OwnerID, DueAt: clock.Trim(r.DueAt), State: r.State, MadeBy: r.MadeBy, MadeAt: clock.Trim(r.MadeAt),
		SettledAt: clock.Trim(r.SettledAt), SettledBy: r.SettledBy, Note: r.Note, to: r.IdentityID, leaf: r.Leaf,
	}
}

func promisesOf(rows []promiseRow) []Promise {
	out := make([]Promise, len(rows))
	for i, r := range rows {
		out[i] = r.promise()
	}
	return out
}

func (g *Growth) insertPromise(ctx context.Context, tx *store.Tx, p Promise) error {
	_, err := tx.DB.NewInsert().Model(rowOfPromise(p)).Exec(ctx)
	return store.Fault(err)
}

func (g *Growth) savePromise(ctx context.Context, tx *store.Tx, p Promise) error {
	_, err := tx.DB.NewUpdate().Model(rowOfPromise(p)).WherePK().Where("company_id = ?", p.Company).
		Column("leaf", "owner_id", "state", "settled_at", "settled_by", "note").Exec(ctx)
	return store.Fault(err)
}

func (g *Growth) readPromise(ctx context.Context, c team.CompanyID, id PromiseID) (Promise, error) {
	var r promiseRow
	err := store.Fault(g.rooms.Store.Read(ctx).NewSelect().Model(&r).Where("company_id = ?", c).Where("id = ?", id).Scan(ctx))
	if errors.Is(err, store.ErrMissing) {
		return Promise{}, missingPromise()
	}
	return r.promise(), err
}

func (g *Growth) promisesOfReply(ctx context.Context, c team.CompanyID, id inbox.ReplyID) ([]Promise, error) {
	var rows []promiseRow
	err := g.rooms.Store.Read(ctx).NewSelect().Model(&rows).Where("company_id = ?", c).Where("reply_id = ?", id).Order("id").Scan(ctx)
	return promisesOf(rows), store.Fault(err)
}

// promisesOfCase lists the promises that belong to a case, oldest first.
func (g *Growth) promisesOfCase(ctx context.Context, c team.CompanyID, id CaseID) ([]Promise, error) {
	var rows []promiseRow
	err := g.rooms.Store.Read(ctx).NewSelect().Model(&rows).Where("company_id = ?", c).Where("case_id = ?", id).Where("case_id <> ''").Order("id").Scan(ctx)
	if err != nil {
		return nil, store.Fault(err)
	}
	ps := promisesOf(rows)
	return ps, g.nameWhom(ctx, c, ps)
}

// companyOfReply tells whose reply it is when growth has anything to do with it, else "".
func (g *Growth) companyOfReply(ctx context.Context, id inbox.ReplyID) (c team.CompanyID, err error) {
	err = store.Fault(g.rooms.Store.Read(ctx).NewRaw("SELECT company_id FROM promise WHERE reply_id = ? UNION ALL "+
		"SELECT company_id FROM letter WHERE reply_id = ? AND reply_id <> '' LIMIT 1", id, id).Scan(ctx, &c))
	if errors.Is(err, store.ErrMissing) {
		return "", nil
	}
	return c, err
}

func (g *Growth) caseThere(ctx context.Context, c team.CompanyID, id CaseID) (bool, error) {
	n, err := g.rooms.Store.Read(ctx).NewSelect().Table("growth_case").Where("company_id = ?", c).Where("id = ?", id).Count(ctx)
	return n > 0, store.Fault(err)
}

func (g *Growth) countPromises(ctx context.Context, c team.CompanyID, owner team.MemberID) (map[PromiseState]int, error) {
	var rows []struct {
		State PromiseState
		N     int
	}
	q := g.rooms.Store.Read(ctx).NewSelect().Table("promise").ColumnExpr("state, count(*) AS n").Where("company_id = ?", c)
	if owner != "" {
		q = q.Where("owner_id = ?", owner)
	}
	if err := q.Group("state").Scan(ctx, &rows); err != nil {
		return nil, store.Fault(err)
	}
	out := map[PromiseState]int{}
	for _, r := range rows {
		out[r.State] = r.N
	}
	return out, nil
}

// listPromises reads a part of the list: first what is still to be done, by day, then what is settled, newest first. The
// cursor says in which of the two it ends.
func (g *Growth) listPromises(ctx context.Context, c team.CompanyID, f PromiseFilter) (page PromisePage, err error) {
	var todo, settled []PromiseState
	for _, s := range f.States {
		if s.Settled() {
			settled = append(settled, s)
		} else {
			todo = append(todo, s)
		}
	}
	begun, behind := f.Cursor != "", ""
	if begun {
		part, rest, ok := strings.Cut(f.Cursor, ".")
		if behind = part; !ok || part != "todo" && part != "settled" {
			return page, fault.New(fault.Invalid, "store.cursor")
		}
		f.Cursor = rest
	}
	read := func(states []PromiseState, part, column, direction, compare string) error {
		room := f.Limit - len(page.Promises)
		if len(states) == 0 || page.Next != "" {
			return nil
		}
		if room == 0 { // the page is full: the next one begins with this part
			page.Next = part + "."
			return nil
		}
		var rows []promiseRow
		q := g.rooms.Store.Read(ctx).NewSelect().Model(&rows).Where("company_id = ?", c).Where("state IN (?)", bun.List(states)).
			OrderExpr("? "+direction+", id "+direction, bun.Ident(column)).Limit(int64(room) + 1)
		if f.Owner != "" {
			q = q.Where("owner_id = ?", f.Owner)
		}
		if begun && behind == part && f.Cursor != "" {
			at, id, err := store.ParseCursor(f.Cursor)
			if err != nil {
				return err
			}
			q = q.Where("(?, id) "+compare+" (?, ?)", bun.Ident(column), at, id)
		}
		if err := q.Scan(ctx); err != nil {
			return store.Fault(err)
		}
		if len(rows) > room {
			last := rows[room-1].promise()
			at := last.DueAt
			if part == "settled" {
				at = last.SettledAt
			}
			rows, page.Next = rows[:room], part+"."+store.Cursor(at, string(last.ID))
		}
		page.Promises = append(page.Promises, promisesOf(rows)...)
		return nil
	}
	if behind != "settled" {
		if err := read(todo, "todo", "due_at", "ASC", ">"); err != nil {
			return page, err
		}
	}
	return page, read(settled, "settled", "settled_at", "DESC", "<")
}

// companiesPast lists companies that have promises whose day has passed; who waits longest is among them.
func (g *Growth) companiesPast(ctx context.Context, now time.Time) (out []team.CompanyID, err error) {
	err = g.rooms.Store.Read(ctx).NewSelect().Table("promise").Column("company_id").Where("state = 'open'").Where("due_at < ?", now).
		Order("due_at").Limit(1000).Scan(ctx, &out)
	slices.Sort(out)
	return slices.Compact(out), store.Fault(err)
}

func (g *Growth) pastPromises(ctx context.Context, c team.CompanyID, now time.Time, limit int) ([]Promise, error) {
	var rows []promiseRow
	err := g.rooms.Store.Read(ctx).NewSelect().Model(&rows).Where("company_id = ?", c).Where("state = 'open'").Where("due_at < ?", now).
		Order("due_at", "id").Limit(int64(limit)).Scan(ctx)
	return promisesOf(rows), store.Fault(err)
}

func (g *Growth) movePromises(ctx context.Context, tx *store.Tx, c team.CompanyID, from, to team.MemberID) error {
	_, err := tx.DB.NewUpdate().Model((*promiseRow)(nil)).Where("company_id = ?", c).Where("owner_id = ?", from).
		Where("state IN (?)", bun.List([]PromiseState{PromiseWritten, PromiseOpen, PromiseBroken})).Set("owner_id = ?", to).Exec(ctx)
	return store.Fault(err)
}

// forgetPromises drops the words of promises that were made to people who are erased; that they were made, and whether they were
// kept, stays.
func (g *Growth) forgetPromises(ctx context.Context, tx *store.Tx, c team.CompanyID, who []audience.IdentityID) error {
	for part := range slices.Chunk(who, batch) {
		_, err := tx.DB.NewUpdate().Model((*promiseRow)(nil)).Where("company_id = ?", c).Where("identity_id IN (?)", bun.List(part)).
			Where("identity_id <> ''").Set("state = CASE WHEN state = 'written' THEN 'gone' ELSE state END").Set("body = ''").Set("note = ''").Set("identity_id = ''").Set("conversation_id = ''").Set("reply_id = ''").Exec(ctx)
		if err != nil {
			return store.Fault(err)
		}
	}
	return nil
}
