package link

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"github.com/ponte-desk/ponte/internal/clock"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/team"
	"github.com/ponte-desk/ponte/internal/text"
)

type row struct {
	bun.BaseModel `bun:"table:link"`
	ID            ID             `bun:"id,pk"`
	CompanyID     team.CompanyID `bun:"company_id"`
	Mark          int64          `bun:"mark"`
	Code          string         `bun:"code"`
	Title         string         `bun:"title"`
	Target        string         `bun:"target"`
	Action        Action         `bun:"action"`
	Campaign      string         `bun:"campaign"`
	Channel       string         `bun:"channel"`
	Source        string         `bun:"source"`
	Medium        string         `bun:"medium"`
	Term          string         `bun:"term"`
	Content       string         `bun:"content"`
	Tags          []string       `bun:"tags,type:jsonb"`
	Devices       Targets        `bun:"devices,type:jsonb"`
	Languages     Targets        `bun:"languages,type:jsonb"`
	Find          string         `bun:"find"`
	Password      string         `bun:"password"`
	ExpiresAt     time.Time      `bun:"expires_at,nullzero"`
	State         State          `bun:"state"`
	PostID        string         `bun:"post_id"`
	Place         string         `bun:"place"`
	CreatedBy     team.MemberID  `bun:"created_by"`
	CreatedAt     time.Time      `bun:"created_at"`
	ChangedAt     time.Time      `bun:"changed_at"`
	CheckedAt     time.Time      `bun:"checked_at,nullzero"`
	Trouble       Trouble        `bun:"trouble"`
	DeadSince     time.Time      `bun:"dead_since,nullzero"`
}

func rowOf(x Link) *row {
	r := &row{
		ID: x.ID, CompanyID: x.Company, Mark: x.mark, Code: x.Code, Title: x.Title, Target: x.Target, Action: x.Action, Campaign: x.Campaign, Channel: x.Channel,
		Source: x.Source, Medium: x.Medium, Term: x.Term, Content: x.Content, Tags: x.Tags, Devices: x.Devices, Languages: x.Languages,
		Password: x.password, ExpiresAt: x.ExpiresAt, State: x.State, PostID: x.Post, Place: x.Place, CreatedBy: x.CreatedBy, CreatedAt: x.CreatedAt, ChangedAt: x.ChangedAt,
		CheckedAt: x.CheckedAt, Trouble: x.Trouble, DeadSince: x.DeadSince,
	}
	r.Find = text.Fold(strings.Join(append([]string{x.Title, x.Code, x.Target, x.Campaign, x.Channel}, x.Tags...), " "))
	if r.Tags == nil {
		r.Tags = []string{}
	}
	if r.Devices == nil {
		r.Devices = Targets{}
	}
	if r.Languages == nil {
		r.Languages = Targets{}
	}
	return r
}

func (r row) link() Link {
	return Link{
		ID: r.ID, Company: r.CompanyID, mark: r.Mark, Code: r.Code, Title: r.Title, Target: r.Target, Action: r.Action, Campaign: r.Campaign, Channel: r.Channel,
		Source: r.Source, Medium: r.Medium, Term: r.Term, Content: r.Content, Tags: r.Tags, Devices: r.Devices, Languages: r.Languages,
		password: r.Password, ExpiresAt: clock.Trim(r.ExpiresAt), State: r.State, Post: r.PostID, Place: r.Place, CreatedBy: r.CreatedBy,
		CreatedAt: clock.Trim(r.CreatedAt), ChangedAt: clock.Trim(r.ChangedAt), CheckedAt: clock.Trim(r.CheckedAt), Trouble: r.Trouble, DeadSince: clock.Trim(r.DeadSince),
	}
}

// insert tells whether the code was free.
func (l *Links) insert(ctx context.Context, tx *store.Tx, x Link) (bool, error) {
	res, err := tx.DB.NewInsert().Model(rowOf(x)).On("CONFLICT DO NOTHING").Exec(ctx)
	if err != nil {
		return false, store.Fault(err)
	}
	n, err := res.RowsAffected()
	return n > 0, err
}

func (l *Links) save(ctx context.Context, tx *store.Tx, x Link) error {
	_, err := tx.DB.NewUpdate().Model(rowOf(x)).Where("id = ?", x.ID).Where("company_id = ?", x.Company).
		ExcludeColumn("id", "company_id", "mark", "code", "post_id", "place", "created_by", "created_at").Exec(ctx)
	return store.Fault(err)
}

// hold reads a link so that nobody else changes it before the transaction ends.
func (l *Links) hold(ctx context.Context, tx *store.Tx, c team.CompanyID, id ID) (Link, error) {
	var r row
	q := tx.DB.NewSelect().Model(&r).Where("id = ?", id).Where("company_id = ?", c)
	if l.rooms.Store.Dialect() == store.Postgres {
		q = q.For("UPDATE")
	}
	return found(q.Scan(ctx), &r)
}

func found(err error, r *row) (Link, error) {
	err = store.Fault(err)
	if errors.Is(err, store.ErrMissing) {
		return Link{}, missing()
	}
	return r.link(), err
}

func (l *Links) read(ctx context.Context, c team.CompanyID, id ID) (Link, error) {
	var r row
	err := l.rooms.Store.Read(ctx).NewSelect().Model(&r).Where("id = ?", id).Where("company_id = ?", c).Scan(ctx)
	return found(err, &r)
}

// readByCode reads the link of a code, whichever company of the house it belongs to: an address has no company.
func (l *Links) readByCode(ctx context.Context, code string) (Link, error) {
	var r row
	err := l.rooms.Store.Read(ctx).NewSelect().Model(&r).Where("code = ?", code).Scan(ctx)
	return found(err, &r)
}

// wayQuery asks for what leads on from a code, whichever company of the house it belongs to. It is asked for each opening of a link that is not at hand.
const wayQuery = "SELECT company_id, mark, code, title, target, campaign, source, medium, term, content, devices, languages, password, expires_at, state FROM link WHERE code = ?"

// readWay reads of a link what leads on: the rest is zero.
func (l *Links) readWay(ctx context.Context, code string) (x Link, err error) {
	var devices, languages string
	var expires sql.NullTime
	err = l.wayOf.Row(ctx, []any{code}, &x.Company, &x.mark, &x.Code, &x.Title, &x.Target, &x.Campaign, &x.Source, &x.Medium, &x.Term, &x.Content, &devices, &languages, &x.password, &expires, &x.State)
	if errors.Is(err, store.ErrMissing) {
		return x, missing()
	}
	if err == nil && devices != "{}" {
		err = json.Unmarshal([]byte(devices), &x.Devices)
	}
	if err == nil && languages != "{}" {
		err = json.Unmarshal([]byte(languages), &x.Languages)
	}
	x.ExpiresAt = clock.Trim(expires.Time)
	return x, err
}

func (l *Links) readCode(ctx context.Context, c team.CompanyID, code string) (Link, error) {
	var r row
	err := l.rooms.Store.Read(ctx).NewSelect().Model(&r).Where("code = ?", code).Where("company_id = ?", c).Scan(ctx)
	return found(err, &r)
}

func (l *Links) readMark(ctx context.Context, c team.CompanyID, mark int64) (Link, error) {
	var r row
	err := l.rooms.Store.Read(ctx).NewSelect().Model(&r).Where("mark = ?", mark).Where("company_id = ?", c).Scan(ctx)
	return found(err, &r)
}

// readOfPost gives the links that were made for a post.
func (l *Links) readOfPost(ctx context.Context, c team.CompanyID, post string) ([]Link, error) {
	var rows []row
	err := l.rooms.Store.Read(ctx).NewSelect().Model(&rows).Where("company_id = ?", c).Where("post_id = ?", post).Where("post_id <> ''").Order("created_at", "id").Scan(ctx)
	out := make([]Link, len(rows))
	for i, r := range rows {
		out[i] = r.link()
	}
	return out, store.Fault(err)
}

// forgetUnopened forgets a link of which nothing was ever counted and that was never changed; gone tells whether it was so.
func (l *Links) forgetUnopened(ctx context.Context, tx *store.Tx, x Link) (gone bool, err error) {
	res, err := tx.DB.NewDelete().Table("link").Where("id = ?", x.ID).Where("company_id = ?", x.Company).
		Where("NOT EXISTS (SELECT 1 FROM link_day AS d WHERE d.mark = link.mark)").
		Where("NOT EXISTS (SELECT 1 FROM link_past AS p WHERE p.link_id = link.id)").Exec(ctx)
	if err != nil {
		return false, store.Fault(err)
	}
	n, err := res.RowsAffected()
	return n > 0, store.Fault(err)
}

type pastRow struct {
	bun.BaseModel `bun:"table:link_past"`
	LinkID        ID             `bun:"link_id,pk"`
	CompanyID     team.CompanyID `bun:"company_id"`
	At            time.Time      `bun:"at,pk"`
	MemberID      team.MemberID  `bun:"member_id"`
	Target        string         `bun:"target"`
}

func (l *Links) keepPast(ctx context.Context, tx *store.Tx, x Link, p Past) error {
	r := pastRow{LinkID: x.ID, CompanyID: x.Company, At: p.At, MemberID: p.Member, Target: p.Target}
	_, err := tx.DB.NewInsert().Model(&r).On("CONFLICT (link_id, at) DO NOTHING").Exec(ctx)
	return store.Fault(err)
}

func (l *Links) readPast(ctx context.Context, c team.CompanyID, id ID) ([]Past, error) {
	var rows []pastRow
	err := l.rooms.Store.Read(ctx).NewSelect().Model(&rows).Where("link_id = ?", id).Where("company_id = ?", c).Order("at DESC").Limit(shownPast).Scan(ctx)
	out := make([]Past, len(rows))
	for i, r := range rows {
		out[i] = Past{At: clock.Trim(r.At), Member: r.MemberID, Target: r.Target}
	}
	return out, store.Fault(err)
}

func (l *Links) readList(ctx context.Context, c team.CompanyID, f Filter, at time.Time, after ID, limit int) ([]Link, error) {
	var rows []row
	q := l.rooms.Store.Read(ctx).NewSelect().Model(&rows).Where("company_id = ?", c)
	switch f.State {
	case Dead:
		q = q.Where("dead_since IS NOT NULL").Where("state = ?", Active)
	case Active, Off:
		q = q.Where("state = ?", f.State)
	}
	if f.Campaign != "" {
		q = q.Where("campaign = ?", f.Campaign)
	}
	if f.Channel != "" {
		q = q.Where("channel = ?", f.Channel)
	}
	if f.Post != "" {
		q = q.Where("post_id = ?", f.Post)
	}
	if f.Target != "" {
		q = q.Where("target = ?", f.Target)
	}
	if f.Tag != "" {
		if l.rooms.Store.Dialect() == store.Postgres {
			q = q.Where("tags @> to_jsonb(CAST(? AS text))", f.Tag)
		} else {
			q = q.Where("EXISTS (SELECT 1 FROM json_each(tags) WHERE value = ?)", f.Tag)
		}
	}
	for _, w := range text.Words(f.Search) {
		q = q.Where("find LIKE ? ESCAPE '!'", "%"+strings.NewReplacer("!", "!!", "%", "!%", "_", "!_").Replace(w)+"%")
	}
	if after != "" {
		q = q.Where("(created_at, id) < (?, ?)", at, after)
	}
	err := q.Order("created_at DESC", "id DESC").Limit(int64(limit)).Scan(ctx)
	out := make([]Link, len(rows))
	for i, r := range rows {
		out[i] = r.link()
	}
	return out, store.Fault(err)
}

// values lists what a column holds, most recent first.
func (l *Links) values(ctx context.Context, c team.CompanyID, column string) ([]string, error) {
	var out []string
	err := l.rooms.Store.Read(ctx).NewSelect().Model((*row)(nil)).ColumnExpr("?", bun.Ident(column)).Where("company_id = ?", c).Where("? <> ''", bun.Ident(column)).
		GroupExpr("?", bun.Ident(column)).OrderExpr("max(created_at) DESC").Limit(200).Scan(ctx, &out)
	return out, store.Fault(err)
}

func (l *Links) removeCompany(ctx context.Context, tx *store.Tx, c team.CompanyID) error {
	for _, table := range []string{"link_past", "link_visit", "link_day", "link_tally", "link_sum", "link_setting", "link"} {
		if _, err := tx.DB.NewDelete().Table(table).Where("company_id = ?", c).Exec(ctx); err != nil {
			return store.Fault(err)
		}
	}
	tx.AfterCommit(l.ways.clear)
	return nil
}
