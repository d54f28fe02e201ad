package lead

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"github.com/ponte-desk/ponte/internal/audience"
	"github.com/ponte-desk/ponte/internal/clock"
	"github.com/ponte-desk/ponte/internal/inbox"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/team"
	"github.com/ponte-desk/ponte/internal/text"
)

type row struct {
	bun.BaseModel  `bun:"table:lead,alias:lead"`
	ID             ID                   `bun:"id,pk"`
	CompanyID      team.CompanyID       `bun:"company_id"`
	Source         Source               `bun:"source"`
	FormID         FormID               `bun:"form_id"`
	ConversationID inbox.ConversationID `bun:"conversation_id"`
	State          State                `bun:"state"`
	Reason         string               `bun:"reason"`
	Score          int                  `bun:"score"`
	Quality        Quality              `bun:"quality"`
	Name           string               `bun:"name"`
	Folded         string               `bun:"folded"`
	Email          string               `bun:"email"`
	Phone          string               `bun:"phone"`
	IdentityID     audience.IdentityID  `bun:"identity_id"`
	Answers        []Answer             `bun:"answers,type:jsonb"`
	ValueCents     int64                `bun:"value_cents"`
	Currency       string               `bun:"currency"`
	SoldOn         string               `bun:"sold_on"`
	MemberID       team.MemberID        `bun:"member_id"`
	ConfirmedAt    time.Time            `bun:"confirmed_at,nullzero"`
	CreatedAt      time.Time            `bun:"created_at"`
	ChangedAt      time.Time            `bun:"changed_at"`
	ErasedAt       time.Time            `bun:"erased_at,nullzero"`
	Version        int                  `bun:"version"`
}

func rowOf(l Lead) *row {
	answers := l.Answers
	if answers == nil {
		answers = []Answer{}
	}
	return &row{
		ID: l.ID, CompanyID: l.Company, Source: l.Source, FormID: l.Form, ConversationID: l.Conversation, State: l.State, Reason: l.Reason, Score: l.Score,
		Quality: l.Quality, Name: l.Name, Folded: text.Fold(l.Name), Email: l.Email, Phone: l.Phone, IdentityID: l.Identity, Answers: answers,
		ValueCents: l.Cents, Currency: l.Currency, SoldOn: l.SoldOn, MemberID: l.Member, ConfirmedAt: l.ConfirmedAt, CreatedAt: l.CreatedAt,
		ChangedAt: l.ChangedAt, ErasedAt: l.ErasedAt, Version: l.Version,
	}
}

func (r row) lead() Lead {
	return Lead{
		ID: r.ID, Company: r.CompanyID, Source: r.Source, Form: r.FormID, Conversation: r.ConversationID, State: r.State, Reason: r.Reason, Score: r.Score,
		Quality: r.Quality, Name: r.Name, Email: r.Email, Phone: r.Phone, Identity: r.IdentityID, Answers: r.Answers, Cents: r.ValueCents, Currency: r.Currency,
		SoldOn: r.SoldOn, Member: r.MemberID, ConfirmedAt: clock.Trim(r.ConfirmedAt), CreatedAt: clock.Trim(r.CreatedAt), ChangedAt: clock.Trim(r.ChangedAt),
		ErasedAt: clock.Trim(r.ErasedAt), Version: r.Version,
	}
}

type touchRow struct {
	bun.BaseModel `bun:"table:lead_touch,alias:touch"`
	LeadID        ID                  `bun:"lead_id,pk"`
	CompanyID     team.CompanyID      `bun:"company_id"`
	Nth           string              `bun:"nth,pk"` // "first" or "last"
	At            time.Time           `bun:"at"`
	LinkID        string              `bun:"link_id"`
	PostID        string              `bun:"post_id"`
	Channel       string              `bun:"channel"`
	Campaign      string              `bun:"campaign"`
	Source        string              `bun:"source"`
	Medium        string              `bun:"medium"`
	CarrierID     audience.IdentityID `bun:"carrier_id"`
}

func (r touchRow) touch() Touch {
	return Touch{
		At: clock.Trim(r.At), Link: r.LinkID, Post: r.PostID, Channel: r.Channel, Campaign: r.Campaign, Source: r.Source, Medium: r.Medium, Carrier: r.CarrierID,
	}
}

func (x *Leads) insert(ctx context.Context, tx *store.Tx, l Lead) error {
	if _, err := tx.DB.NewInsert().Model(rowOf(l)).Exec(ctx); err != nil {
		return store.Fault(err)
	}
	for _, t := range []struct {
		nth string
		Touch
	}{{"first", l.First}, {"last", l.Last}} {
		if !t.Known() {
			continue
		}
		r := touchRow{
			LeadID: l.ID, CompanyID: l.Company, Nth: t.nth, At: t.At, LinkID: t.Link, PostID: t.Post, Channel: t.Channel, Campaign: t.Campaign, Source: t.Source,
			Medium: t.Medium, CarrierID: t.Carrier,
		}
		if _, err := tx.DB.NewInsert().Model(&r).Exec(ctx); err != nil {
			return store.Fault(err)
		}
	}
	return nil
}

func (x *Leads) save(ctx context.Context, tx *store.Tx, l Lead) error {
	_, err := tx.DB.NewUpdate().Model(rowOf(l)).Where("id = ?", l.ID).Where("company_id = ?", l.Company).
		Column("state", "reason", "score", "quality", "name", "folded", "email", "phone", "value_cents", "currency", "sold_on", "member_id", "changed_at", "version").Exec(ctx)
	return store.Fault(err)
}

func (x *Leads) saveQuality(ctx context.Context, tx *store.Tx, c team.CompanyID, id ID, score int, q Quality) error {
	_, err := tx.DB.NewUpdate().Model((*row)(nil)).Set("score = ?", score).Set("quality = ?", q).Where("id = ?", id).Where("company_id = ?", c).Exec(ctx)
	return store.Fault(err)
}

// full gives leads with their touches.
func (x *Leads) full(ctx context.Context, c team.CompanyID, rows []row) ([]Lead, error) {
	out := make([]Lead, len(rows))
	at := map[ID]int{}
	ids := make([]ID, len(rows))
	for i, r := range rows {
		out[i], at[r.ID], ids[i] = r.lead(), i, r.ID
	}
	for part := range slices.Chunk(ids, 250) {
		var touches []touchRow
		if err := x.rooms.Store.Read(ctx).NewSelect().Model(&touches).Where("lead_id IN (?)", bun.List(part)).Where("company_id = ?", c).Scan(ctx); err != nil {
			return nil, store.Fault(err)
		}
		for _, t := range touches {
			if l := &out[at[t.LeadID]]; t.Nth == "first" {
				l.First = t.touch()
			} else {
				l.Last = t.touch()
			}
		}
	}
	return out, nil
}

func (x *Leads) one(ctx context.Context, c team.CompanyID, q *bun.SelectQuery) (Lead, error) {
	var r row
	if err := store.Fault(q.Model(&r).Where("company_id = ?", c).Limit(1).Scan(ctx)); err != nil {
		return Lead{}, missing(err, errGone)
	}
	all, err := x.full(ctx, c, []row{r})
	if err != nil {
		return Lead{}, err
	}
	return all[0], nil
}

func (x *Leads) read(ctx context.Context, c team.CompanyID, id ID) (Lead, error) {
	return x.one(ctx, c, x.rooms.Store.Read(ctx).NewSelect().Where("id = ?", id))
}

func (x *Leads) hold(ctx context.Context, tx *store.Tx, c team.CompanyID, id ID) (Lead, error) {
	q := tx.DB.NewSelect().Where("id = ?", id)
	if x.rooms.Store.Dialect() == store.Postgres {
		q = q.For("UPDATE")
	}
	return x.one(ctx, c, q)
}

func (x *Leads) ofConversation(ctx context.Context, c team.CompanyID, id inbox.ConversationID) (Lead, error) {
	return x.one(ctx, c, x.rooms.Store.Read(ctx).NewSelect().Where("conversation_id = ?", id).Order("id DESC"))
}

func (x *Leads) byIdentities(ctx context.Context, c team.CompanyID, ids []audience.IdentityID) ([]Lead, error) {
	var rows []row
	for part := range slices.Chunk(ids, 250) {
		var some []row
		if err := x.rooms.Store.Read(ctx).NewSelect().Model(&some).Where("identity_id IN (?)", bun.List(part)).Where("company_id = ?", c).Order("id DESC").Scan(ctx); err != nil {
			return nil, store.Fault(err)
		}
		rows = append(rows, some...)
	}
	return x.full(ctx, c, rows)
}

// identityByEmail finds the account of the latest lead with an address, "" when there is none.
func (x *Leads) identityByEmail(ctx context.Context, c team.CompanyID, email string) (audience.IdentityID, error) {
	l, err := x.one(ctx, c, x.rooms.Store.Read(ctx).NewSelect().Where("email = ?", email).Where("identity_id <> ''").Order("id DESC"))
	return l.Identity, gone(err)
}

// earliest is the earliest touch of the leads of some accounts.
func (x *Leads) earliest(ctx context.Context, c team.CompanyID, ids []audience.IdentityID) (Touch, error) {
	var rows []touchRow
	if len(ids) == 0 {
		return Touch{}, nil
	}
	err := x.rooms.Store.Read(ctx).NewSelect().Model(&rows).Join("JOIN lead ON lead.id = touch.lead_id").Where("lead.identity_id IN (?)", bun.List(ids)).
		Where("touch.company_id = ?", c).Order("touch.at").Limit(1).Scan(ctx)
	if err != nil || len(rows) == 0 {
		return Touch{}, store.Fault(err)
	}
	return rows[0].touch(), nil
}

func (x *Leads) someAfter(ctx context.Context, c team.CompanyID, after ID, most int) ([]Lead, error) {
	var rows []row
	err := x.rooms.Store.Read(ctx).NewSelect().Model(&rows).Where("company_id = ?", c).Where("id > ?", after).Order("id").Limit(int64(most)).Scan(ctx)
	if err != nil {
		return nil, store.Fault(err)
	}
	return x.full(ctx, c, rows)
}

// settled gives the latest leads that were won or lost.
func (x *Leads) settled(ctx context.Context, c team.CompanyID, most int) ([]Lead, error) {
	var rows []row
	err := x.rooms.Store.Read(ctx).NewSelect().Model(&rows).Where("company_id = ?", c).Where("state IN (?)", bun.List([]State{Won, Lost})).Order("created_at DESC", "id DESC").Limit(int64(most)).Scan(ctx)
	if err != nil {
		return nil, store.Fault(err)
	}
	return x.full(ctx, c, rows)
}

// narrow puts a filter on a query of leads.
func narrow(q *bun.SelectQuery, c team.CompanyID, f Filter) *bun.SelectQuery {
	q = q.Where("lead.company_id = ?", c)
	if len(f.States) > 0 {
		q = q.Where("lead.state IN (?)", bun.List(f.States))
	}
	for _, w := range []struct {
		column string
		value  string
	}{{"quality", string(f.Quality)}, {"source", string(f.Source)}, {"form_id", string(f.Form)}, {"member_id", string(f.Member)}} {
		if w.value != "" {
			q = q.Where("lead.? = ?", bun.Ident(w.column), w.value)
		}
	}
	for _, w := range []struct {
		column string
		value  string
	}{{"channel", f.Channel}, {"campaign", f.Campaign}} {
		if w.value != "" {
			q = q.Where("EXISTS (SELECT 1 FROM lead_touch t WHERE t.lead_id = lead.id AND t.nth = 'last' AND t.? = ?)", bun.Ident(w.column), w.value)
		}
	}
	if f.Query != "" {
		like := strings.NewReplacer("!", "!!", "%", "!%", "_", "!_").Replace(f.Query)
		q = q.Where("(lead.folded LIKE ? ESCAPE '!' OR lead.folded LIKE ? ESCAPE '!' OR lead.email LIKE ? ESCAPE '!')", like+"%", "% "+like+"%", like+"%")
	}
	if !f.From.IsZero() {
		q = q.Where("lead.created_at >= ?", f.From)
	}
	if !f.To.IsZero() {
		q = q.Where("lead.created_at < ?", f.To)
	}
	return q
}

func (x *Leads) list(ctx context.Context, c team.CompanyID, f Filter) (p Page, err error) {
	var rows []row
	q := narrow(x.rooms.Store.Read(ctx).NewSelect().Model(&rows), c, f)
	if f.Cursor != "" {
		at, id, err := store.ParseCursor(f.Cursor)
		if err != nil {
			return p, err
		}
		q = q.Where("(lead.created_at < ? OR lead.created_at = ? AND lead.id < ?)", at, at, id)
	}
	if err := q.Order("lead.created_at DESC", "lead.id DESC").Limit(int64(f.Limit) + 1).Scan(ctx); err != nil {
		return p, store.Fault(err)
	}
	if len(rows) > f.Limit {
		rows = rows[:f.Limit]
		last := rows[len(rows)-1]
		p.Next = store.Cursor(last.CreatedAt, string(last.ID))
	}
	p.Leads, err = x.full(ctx, c, rows)
	return p, err
}

func (x *Leads) sums(ctx context.Context, c team.CompanyID, f Filter) ([]Sum, error) {
	var rows []struct {
		State    State  `bun:"state"`
		Currency string `bun:"currency"`
		N        int    `bun:"n"`
		Valued   int    `bun:"valued"`
		Cents    int64  `bun:"cents"`
	}
	err := narrow(x.rooms.Store.Read(ctx).NewSelect().Model((*row)(nil)), c, f).
		ColumnExpr("lead.state, lead.currency, COUNT(*) AS n, SUM(CASE WHEN lead.value_cents > 0 THEN 1 ELSE 0 END) AS valued, SUM(lead.value_cents) AS cents").
		GroupExpr("lead.state, lead.currency").OrderExpr("lead.state, lead.currency").Scan(ctx, &rows)
	out := make([]Sum, len(rows))
	for i, r := range rows {
		out[i] = Sum{State: r.State, Currency: r.Currency, N: r.N, Valued: r.Valued, Cents: r.Cents}
	}
	return out, store.Fault(err)
}

func (x *Leads) origins(ctx context.Context, c team.CompanyID) (channels, campaigns []string, err error) {
	for _, w := range []struct {
		column string
		out    *[]string
	}{{"channel", &channels}, {"campaign", &campaigns}} {
		err := x.rooms.Store.Read(ctx).NewSelect().Model((*touchRow)(nil)).ColumnExpr("DISTINCT ? AS v", bun.Ident(w.column)).Where("company_id = ?", c).
			Where("nth = 'last'").Where("? <> ''", bun.Ident(w.column)).OrderExpr("v").Limit(100).Scan(ctx, w.out)
		if err != nil {
			return nil, nil, store.Fault(err)
		}
	}
	return channels, campaigns, nil
}

type eventRow struct {
	bun.BaseModel `bun:"table:lead_event"`
	ID            string         `bun:"id,pk"`
	CompanyID     team.CompanyID `bun:"company_id"`
	LeadID        ID             `bun:"lead_id"`
	Kind          EventKind      `bun:"kind"`
	MemberID      team.MemberID  `bun:"member_id"`
	Was           string         `bun:"was"`
	Becomes       string         `bun:"becomes"`
	Body          string         `bun:"body"`
	At            time.Time      `bun:"at"`
}

func (x *Leads) insertEvent(ctx context.Context, tx *store.Tx, l Lead, e Event) error {
	r := eventRow{ID: eventKind.New(e.At), CompanyID: l.Company, LeadID: l.ID, Kind: e.Kind, MemberID: e.Member, Was: e.Was, Becomes: e.Becomes, Body: e.Body, At: e.At}
	_, err := tx.DB.NewInsert().Model(&r).Exec(ctx)
	return store.Fault(err)
}

func (x *Leads) events(ctx context.Context, c team.CompanyID, id ID) ([]Event, error) {
	var rows []eventRow
	err := x.rooms.Store.Read(ctx).NewSelect().Model(&rows).Where("lead_id = ?", id).Where("company_id = ?", c).Order("at", "id").Scan(ctx)
	out := make([]Event, len(rows))
	for i, r := range rows {
		out[i] = Event{Kind: r.Kind, Member: r.MemberID, Was: r.Was, Becomes: r.Becomes, Body: r.Body, At: clock.Trim(r.At)}
	}
	return out, store.Fault(err)
}

// strip takes the person out of a lead.
func (x *Leads) strip(ctx context.Context, tx *store.Tx, l Lead, now time.Time) error {
	r := row{Answers: []Answer{}, ErasedAt: now, ChangedAt: l.ChangedAt, Version: l.Version + 1}
	_, err := tx.DB.NewUpdate().Model(&r).Where("id = ?", l.ID).Where("company_id = ?", l.Company).
		Column("name", "folded", "email", "phone", "identity_id", "answers", "conversation_id", "reason", "erased_at", "version").Exec(ctx)
	if err != nil {
		return store.Fault(err)
	}
	if _, err := tx.DB.NewUpdate().Model((*eventRow)(nil)).Set("body = ''").Where("lead_id = ?", l.ID).Where("company_id = ?", l.Company).Exec(ctx); err != nil {
		return store.Fault(err)
	}
	if _, err := tx.DB.NewDelete().Model((*eventRow)(nil)).Where("lead_id = ?", l.ID).Where("company_id = ?", l.Company).Where("kind = ?", EventNote).Exec(ctx); err != nil {
		return store.Fault(err)
	}
	_, err = tx.DB.NewDelete().Model((*agreedRow)(nil)).Where("lead_id = ?", l.ID).Where("company_id = ?", l.Company).Exec(ctx)
	return store.Fault(err)
}

// dropCarrier takes a person away from what they carried to others.
func (x *Leads) dropCarrier(ctx context.Context, tx *store.Tx, c team.CompanyID, ids []audience.IdentityID) error {
	for part := range slices.Chunk(ids, 250) {
		if _, err := tx.DB.NewUpdate().Model((*touchRow)(nil)).Set("carrier_id = ''").Where("carrier_id IN (?)", bun.List(part)).Where("company_id = ?", c).Exec(ctx); err != nil {
			return store.Fault(err)
		}
	}
	return nil
}

// maskEvents takes a person out of what members wrote about leads of others.
func (x *Leads) maskEvents(ctx context.Context, tx *store.Tx, e audience.Erasure) (n int, err error) {
	for _, like := range e.Likes() {
		var rows []eventRow
		err := tx.DB.NewSelect().Model(&rows).Where("company_id = ?", e.Company).Where("body <> ''").Where("lower(body) LIKE ? ESCAPE '!'", like).Scan(ctx)
		if err != nil {
			return n, store.Fault(err)
		}
		for _, r := range rows {
			masked, ok := e.Mask(r.Body)
			if !ok {
				continue
			}
			n++
			if _, err := tx.DB.NewUpdate().Model((*eventRow)(nil)).Set("body = ?", masked).Where("id = ?", r.ID).Where("company_id = ?", e.Company).Exec(ctx); err != nil {
				return n, store.Fault(err)
			}
		}
	}
	return n, nil
}

func (x *Leads) giveAll(ctx context.Context, tx *store.Tx, c team.CompanyID, leaver, heir team.MemberID) error {
	_, err := tx.DB.NewUpdate().Model((*row)(nil)).Set("member_id = ?", heir).Where("company_id = ?", c).Where("member_id = ?", leaver).Exec(ctx)
	return store.Fault(err)
}

func (x *Leads) removeCompany(ctx context.Context, tx *store.Tx, c team.CompanyID) error {
	for _, model := range []any{
		(*agreedRow)(nil), (*touchRow)(nil), (*eventRow)(nil), (*row)(nil), (*waitingRow)(nil), (*letterRow)(nil), (*proofRow)(nil), (*refusedRow)(nil),
		(*ruleRow)(nil), (*consentRow)(nil), (*formRow)(nil),
	} {
		if _, err := tx.DB.NewDelete().Model(model).Where("company_id = ?", c).Exec(ctx); err != nil {
			return store.Fault(err)
		}
	}
	return nil
}
