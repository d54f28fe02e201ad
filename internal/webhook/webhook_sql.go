package webhook

import (
	"context"
	"errors"
	"time"

	"github.com/uptrace/bun"

	"github.com/ponte-desk/ponte/internal/clock"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/team"
)

type row struct {
	bun.BaseModel `bun:"table:webhook"`
	ID            ID             `bun:"id,pk"`
	CompanyID     team.CompanyID `bun:"company_id"`
	URL           string         `bun:"url"`
	Name          string         `bun:"name"`
	Events        []Type         `bun:"events,type:jsonb"`
	Secret        string         `bun:"secret"`
	SecretBefore  string         `bun:"secret_before"`
	BeforeUntil   time.Time      `bun:"before_until,nullzero"`
	State         State          `bun:"state"`
	CreatedBy     team.MemberID  `bun:"created_by"`
	CreatedAt     time.Time      `bun:"created_at"`
	SucceededAt   time.Time      `bun:"succeeded_at,nullzero"`
	FailingSince  time.Time      `bun:"failing_since,nullzero"`
	Failures      int            `bun:"failures"`
	RestUntil     time.Time      `bun:"rest_until,nullzero"`
	OffAt         time.Time      `bun:"off_at,nullzero"`
	Problem       *Problem       `bun:"problem,type:jsonb"`
}

func rowOf(x Webhook) *row {
	return &row{
		ID: x.ID, CompanyID: x.Company, URL: x.URL, Name: x.Name, Events: x.Events, Secret: x.secret, SecretBefore: x.secretBefore, BeforeUntil: x.BeforeUntil,
		State: x.State, CreatedBy: x.CreatedBy, CreatedAt: x.CreatedAt, SucceededAt: x.SucceededAt, FailingSince: x.FailingSince, Failures: x.Failures,
		RestUntil: x.restUntil, OffAt: x.OffAt, Problem: x.Problem,
	}
}

func (r row) webhook() Webhook {
	return Webhook{
		ID: r.ID, Company: r.CompanyID, URL: r.URL, Name: r.Name, Events: r.Events, State: r.State, CreatedBy: r.CreatedBy, CreatedAt: clock.Trim(r.CreatedAt),
		SucceededAt: clock.Trim(r.SucceededAt), FailingSince: clock.Trim(r.FailingSince), Failures: r.Failures, OffAt: clock.Trim(r.OffAt), Problem: r.Problem,
		BeforeUntil: clock.Trim(r.BeforeUntil), secret: r.Secret, secretBefore: r.SecretBefore, restUntil: clock.Trim(r.RestUntil),
	}
}

func (w *Webhooks) insert(ctx context.Context, tx *store.Tx, x Webhook) error {
	_, err := tx.DB.NewInsert().Model(rowOf(x)).Exec(ctx)
	return store.Fault(err)
}

func (w *Webhooks) save(ctx context.Context, tx *store.Tx, x Webhook) error {
	_, err := tx.DB.NewUpdate().Model(rowOf(x)).Where("id = ?", x.ID).Where("company_id = ?", x.Company).ExcludeColumn("id", "company_id", "created_by", "created_at").Exec(ctx)
	return store.Fault(err)
}

func (w *Webhooks) read(ctx context.Context, c team.CompanyID, id ID) (Webhook, error) {
	var r row
	err := store.Fault(w.rooms.Store.Read(ctx).NewSelect().Model(&r).Where("id = ?", id).Where("company_id = ?", c).Scan(ctx))
	if errors.Is(err, store.ErrMissing) {
		return Webhook{}, missing()
	}
	return r.webhook(), err
}

// hold reads a webhook so that nobody else changes it before the transaction ends.
func (w *Webhooks) hold(ctx context.Context, tx *store.Tx, c team.CompanyID, id ID) (Webhook, error) {
	var r row
	q := tx.DB.NewSelect().Model(&r).Where("id = ?", id).Where("company_id = ?", c)
	if w.rooms.Store.Dialect() == store.Postgres {
		q = q.For("UPDATE")
	}
	err := store.Fault(q.Scan(ctx))
	if errors.Is(err, store.ErrMissing) {
		return Webhook{}, missing()
	}
	return r.webhook(), err
}

// readAll gives the webhooks of a company; "" is every company.
func (w *Webhooks) readAll(ctx context.Context, c team.CompanyID) ([]Webhook, error) {
	var rows []row
	q := w.rooms.Store.Read(ctx).NewSelect().Model(&rows).Order("id")
	if c != "" {
		q = q.Where("company_id = ?", c)
	}
	err := q.Scan(ctx)
	out := make([]Webhook, len(rows))
	for i, r := range rows {
		out[i] = r.webhook()
	}
	return out, store.Fault(err)
}

func (w *Webhooks) delete(ctx context.Context, tx *store.Tx, x Webhook) error {
	for _, model := range []any{(*attemptRow)(nil), (*messageRow)(nil)} {
		if _, err := tx.DB.NewDelete().Model(model).Where("webhook_id = ?", x.ID).Where("company_id = ?", x.Company).Exec(ctx); err != nil {
			return store.Fault(err)
		}
	}
	_, err := tx.DB.NewDelete().Model((*row)(nil)).Where("id = ?", x.ID).Where("company_id = ?", x.Company).Exec(ctx)
	return store.Fault(err)
}

func (w *Webhooks) removeCompany(ctx context.Context, tx *store.Tx, c team.CompanyID) error {
	for _, model := range []any{(*attemptRow)(nil), (*messageRow)(nil), (*row)(nil)} {
		if _, err := tx.DB.NewDelete().Model(model).Where("company_id = ?", c).Exec(ctx); err != nil {
			return store.Fault(err)
		}
	}
	return nil
}

type messageRow struct {
	bun.BaseModel `bun:"table:webhook_message"`
	ID            MessageID      `bun:"id,pk"`
	CompanyID     team.CompanyID `bun:"company_id"`
	WebhookID     ID             `bun:"webhook_id"`
	Type          Type           `bun:"type"`
	EventKey      string         `bun:"event_key"`
	Body          string         `bun:"body"`
	State         messageState   `bun:"state"`
	Attempts      int            `bun:"attempts"`
	At            time.Time      `bun:"at"`
	NextAt        time.Time      `bun:"next_at,nullzero"`
	DoneAt        time.Time      `bun:"done_at,nullzero"`
}

// insertMessage tells whether it was not there yet.
func (w *Webhooks) insertMessage(ctx context.Context, tx *store.Tx, m message) (bool, error) {
	r := messageRow{
		ID: m.ID, CompanyID: m.Company, WebhookID: m.Webhook, Type: m.Type, EventKey: m.key, Body: m.Body, State: m.State, Attempts: m.Attempts, At: m.At,
	}
	res, err := tx.DB.NewInsert().Model(&r).On("CONFLICT (webhook_id, event_key) DO NOTHING").Exec(ctx)
	if err != nil {
		return false, store.Fault(err)
	}
	n, err := res.RowsAffected()
	return n > 0, err
}

func (w *Webhooks) readMessage(ctx context.Context, c team.CompanyID, id MessageID) (message, error) {
	var r messageRow
	err := store.Fault(w.rooms.Store.Read(ctx).NewSelect().Model(&r).Where("id = ?", id).Where("company_id = ?", c).Scan(ctx))
	return message{
		ID: r.ID, Company: r.CompanyID, Webhook: r.WebhookID, Type: r.Type, key: r.EventKey, Body: r.Body, State: r.State, Attempts: r.Attempts,
		At: clock.Trim(r.At), NextAt: clock.Trim(r.NextAt), DoneAt: clock.Trim(r.DoneAt),
	}, err
}

// saveMessage writes how a message goes, while it waits: one that was settled stays so.
func (w *Webhooks) saveMessage(ctx context.Context, tx *store.Tx, m message) error {
	r := messageRow{State: m.State, Attempts: m.Attempts, NextAt: m.NextAt, DoneAt: m.DoneAt}
	columns := []string{"state", "attempts", "next_at", "done_at"}
	if m.State != waiting { // nobody needs what was told any more
		columns = append(columns, "body")
	}
	_, err := tx.DB.NewUpdate().Model(&r).Where("id = ?", m.ID).Where("company_id = ?", m.Company).Where("state = ?", waiting).Column(columns...).Exec(ctx)
	return store.Fault(err)
}

// kept gives the messages of a company of which the words are kept: those that wait, and what was settled before words were dropped.
func (w *Webhooks) kept(ctx context.Context, tx *store.Tx, c team.CompanyID) ([]messageRow, error) {
	var rows []messageRow
	err := tx.DB.NewSelect().Model(&rows).Column("id", "body").Where("company_id = ?", c).Where("body <> ''").Scan(ctx)
	return rows, store.Fault(err)
}

func (w *Webhooks) setBody(ctx context.Context, tx *store.Tx, c team.CompanyID, id MessageID, body string) error {
	_, err := tx.DB.NewUpdate().Model((*messageRow)(nil)).Where("id = ?", id).Where("company_id = ?", c).Set("body = ?", body).Exec(ctx)
	return store.Fault(err)
}

// forgetAnswers drops answers of programs that name somebody, and tells how many.
func (w *Webhooks) forgetAnswers(ctx context.Context, tx *store.Tx, c team.CompanyID, names func(string) bool) (n int, err error) {
	var rows []attemptRow
	if err := tx.DB.NewSelect().Model(&rows).Column("id", "answer").Where("company_id = ?", c).Where("answer <> ''").Scan(ctx); err != nil {
		return 0, store.Fault(err)
	}
	for _, r := range rows {
		if !names(r.Answer) {
			continue
		}
		n++
		if _, err := tx.DB.NewUpdate().Model((*attemptRow)(nil)).Where("id = ?", r.ID).Where("company_id = ?", c).Set("answer = ''").Exec(ctx); err != nil {
			return 0, store.Fault(err)
		}
	}
	return n, nil
}

type attemptRow struct {
	bun.BaseModel `bun:"table:webhook_attempt"`
	ID            string         `bun:"id,pk"`
	CompanyID     team.CompanyID `bun:"company_id"`
	WebhookID     ID             `bun:"webhook_id"`
	MessageID     MessageID      `bun:"message_id"`
	Type          Type           `bun:"type"`
	At            time.Time      `bun:"at"`
	TookMS        int64          `bun:"took_ms"`
	Status        int            `bun:"status"`
	Answer        string         `bun:"answer"`
	Problem       *Problem       `bun:"problem,type:jsonb"`
}

func (w *Webhooks) insertAttempt(ctx context.Context, tx *store.Tx, m message, a Attempt) error {
	r := attemptRow{
		ID: a.ID, CompanyID: m.Company, WebhookID: m.Webhook, MessageID: m.ID, Type: m.Type, At: a.At, TookMS: a.Took.Milliseconds(), Status: a.Status,
		Answer: a.Answer, Problem: a.Problem,
	}
	_, err := tx.DB.NewInsert().Model(&r).Exec(ctx)
	return store.Fault(err)
}

func (w *Webhooks) readAttempts(ctx context.Context, c team.CompanyID, id ID) ([]Attempt, error) {
	var rows []attemptRow
	err := w.rooms.Store.Read(ctx).NewSelect().Model(&rows).Where("webhook_id = ?", id).Where("company_id = ?", c).Order("id DESC").Limit(shown).Scan(ctx)
	out := make([]Attempt, len(rows))
	for i, r := range rows {
		out[i] = Attempt{
			ID: r.ID, Message: r.MessageID, Type: r.Type, At: clock.Trim(r.At), Took: time.Duration(r.TookMS) * time.Millisecond, Status: r.Status,
			Answer: r.Answer, Problem: r.Problem,
		}
	}
	return out, store.Fault(err)
}

func (w *Webhooks) sweep(ctx context.Context, tx *store.Tx, messages, attempts time.Time) error {
	if _, err := tx.DB.NewDelete().Model((*messageRow)(nil)).Where("at < ?", messages).Exec(ctx); err != nil {
		return store.Fault(err)
	}
	_, err := tx.DB.NewDelete().Model((*attemptRow)(nil)).Where("at < ?", attempts).Exec(ctx)
	return store.Fault(err)
}

// Waiting lists what programs have not heard yet, oldest first.
func (w *Webhooks) Waiting(ctx context.Context) ([]MessageID, error) {
	var ids []MessageID
	err := w.rooms.Store.Read(ctx).NewSelect().Model((*messageRow)(nil)).Column("id").Where("state = ?", waiting).Order("id").Limit(1000).Scan(ctx, &ids)
	return ids, store.Fault(err)
}
