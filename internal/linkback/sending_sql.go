package linkback

import (
	"context"
	"errors"
	"time"

	"github.com/uptrace/bun"

	"github.com/ponte-desk/ponte/internal/clock"
	"github.com/ponte-desk/ponte/internal/mention"
	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/team"
)

type articleRow struct {
	bun.BaseModel `bun:"table:linkback_article"`
	ID            articleID         `bun:"id,pk"`
	CompanyID     team.CompanyID    `bun:"company_id"`
	ChannelID     network.ChannelID `bun:"channel_id"`
	URL           string            `bun:"url"`
	URLKey        string            `bun:"url_key"`
	RemoteID      string            `bun:"remote_id"`
	Title         string            `bun:"title"`
	Excerpt       string            `bun:"excerpt"`
	Hash          string            `bun:"hash"`
	Gone          bool              `bun:"gone"`
	ChangedAt     time.Time         `bun:"changed_at"`
}

// articleAt reads the article that stands at an address of a site.
func (x *Linkbacks) articleAt(ctx context.Context, ch network.Channel, key string) (articleRow, error) {
	var r articleRow
	err := x.rooms.Store.Read(ctx).NewSelect().Model(&r).Where("channel_id = ?", ch.ID).Where("company_id = ?", ch.Company).Where("url_key = ?", key).Scan(ctx)
	return r, store.Fault(err)
}

// articleOf reads an article by what the channel calls it.
func (x *Linkbacks) articleOf(ctx context.Context, ch network.Channel, remoteID string) (articleRow, error) {
	var r articleRow
	err := x.rooms.Store.Read(ctx).NewSelect().Model(&r).Where("channel_id = ?", ch.ID).Where("company_id = ?", ch.Company).Where("remote_id = ?", remoteID).Order("id DESC").Limit(1).Scan(ctx)
	return r, store.Fault(err)
}

func (x *Linkbacks) readArticle(ctx context.Context, c team.CompanyID, id articleID) (articleRow, error) {
	var r articleRow
	err := x.rooms.Store.Read(ctx).NewSelect().Model(&r).Where("id = ?", id).Where("company_id = ?", c).Scan(ctx)
	return r, store.Fault(err)
}

func (x *Linkbacks) articlesOf(ctx context.Context, tx *store.Tx, c team.CompanyID) ([]articleRow, error) {
	var rows []articleRow
	err := tx.DB.NewSelect().Model(&rows).Where("company_id = ?", c).Order("id").Scan(ctx)
	return rows, store.Fault(err)
}

func (x *Linkbacks) insertArticle(ctx context.Context, tx *store.Tx, r articleRow) error {
	_, err := tx.DB.NewInsert().Model(&r).Exec(ctx)
	return store.Fault(err)
}

func (x *Linkbacks) saveArticle(ctx context.Context, tx *store.Tx, r articleRow) error {
	_, err := tx.DB.NewUpdate().Model(&r).WherePK().Where("company_id = ?", r.CompanyID).ExcludeColumn("id", "company_id", "channel_id", "url_key").Exec(ctx)
	return store.Fault(err)
}

type sendingRow struct {
	bun.BaseModel `bun:"table:linkback_sending"`
	ID            SendingID         `bun:"id,pk"`
	CompanyID     team.CompanyID    `bun:"company_id"`
	ChannelID     network.ChannelID `bun:"channel_id"`
	ArticleID     articleID         `bun:"article_id"`
	Target        string            `bun:"target"`
	TargetKey     string            `bun:"target_key"`
	Host          string            `bun:"host"`
	Linked        bool              `bun:"linked"`
	State         SendingState      `bun:"state"`
	Taken         bool              `bun:"taken"`
	Protocol      mention.Protocol  `bun:"protocol"`
	Endpoint      string            `bun:"endpoint"`
	Status        int               `bun:"status"`
	Fault         int               `bun:"fault"`
	Says          string            `bun:"says"`
	StatusURL     string            `bun:"status_url"`
	Problem       string            `bun:"problem"`
	Tries         int               `bun:"tries"`
	NextAt        time.Time         `bun:"next_at,nullzero"`
	FirstAt       time.Time         `bun:"first_at"`
	DoneAt        time.Time         `bun:"done_at,nullzero"`
	Revision      int               `bun:"revision"`

	ArticleURL   string `bun:"article_url,scanonly"`
	ArticleTitle string `bun:"article_title,scanonly"`
}

func (r sendingRow) sending() Sending {
	return Sending{
		ID: r.ID, Company: r.CompanyID, Channel: r.ChannelID, Article: r.ArticleURL, Title: r.ArticleTitle, Target: r.Target, Linked: r.Linked, State: r.State,
		Protocol: r.Protocol, Endpoint: r.Endpoint, Status: r.Status, Fault: mention.Code(r.Fault), Says: r.Says, StatusURL: r.StatusURL, Problem: r.Problem, Tries: r.Tries,
		NextAt: clock.Trim(r.NextAt), FirstAt: clock.Trim(r.FirstAt), DoneAt: clock.Trim(r.DoneAt),
	}
}

func noSending(err error) error {
	if errors.Is(err, store.ErrMissing) {
		return ErrNoSending.Because(err)
	}
	return err
}

func (x *Linkbacks) sendingsOf(ctx context.Context, tx *store.Tx, a articleRow) ([]sendingRow, error) {
	var rows []sendingRow
	err := x.locked(tx.DB.NewSelect().Model(&rows).Where("article_id = ?", a.ID).Where("company_id = ?", a.CompanyID).Order("id")).Scan(ctx)
	return rows, store.Fault(err)
}

func (x *Linkbacks) insertSending(ctx context.Context, tx *store.Tx, r sendingRow) error {
	_, err := tx.DB.NewInsert().Model(&r).Exec(ctx)
	return store.Fault(err)
}

func (x *Linkbacks) saveSending(ctx context.Context, tx *store.Tx, r sendingRow) error {
	_, err := tx.DB.NewUpdate().Model(&r).WherePK().Where("company_id = ?", r.CompanyID).ExcludeColumn("id", "company_id", "channel_id", "article_id", "target_key", "host", "first_at").Exec(ctx)
	return store.Fault(err)
}

func (x *Linkbacks) readSending(ctx context.Context, c team.CompanyID, id SendingID) (sendingRow, error) {
	var r sendingRow
	err := x.rooms.Store.Read(ctx).NewSelect().Model(&r).Where("id = ?", id).Where("company_id = ?", c).Scan(ctx)
	return r, noSending(store.Fault(err))
}

func (x *Linkbacks) holdSending(ctx context.Context, tx *store.Tx, c team.CompanyID, id SendingID) (sendingRow, error) {
	var r sendingRow
	err := x.locked(tx.DB.NewSelect().Model(&r).Where("id = ?", id).Where("company_id = ?", c)).Scan(ctx)
	return r, noSending(store.Fault(err))
}

func (x *Linkbacks) listSendings(ctx context.Context, c team.CompanyID, f SendingFilter, limit int) ([]Sending, error) {
	var rows []sendingRow
	q := x.rooms.Store.Read(ctx).NewSelect().Model(&rows).ColumnExpr("sending_row.*").ColumnExpr("a.url AS article_url, a.title AS article_title").
		Join("JOIN linkback_article AS a ON a.id = sending_row.article_id").Where("sending_row.company_id = ?", c)
	if f.Channel != "" {
		q = q.Where("sending_row.channel_id = ?", f.Channel)
	}
	if f.Article != "" {
		q = q.Where("a.url_key = ?", mention.Key(f.Article))
	}
	if f.State != "" {
		q = q.Where("sending_row.state = ?", f.State)
	}
	if f.Cursor != "" {
		q = q.Where("sending_row.id < ?", f.Cursor)
	}
	err := q.OrderExpr("sending_row.id DESC").Limit(int64(limit)).Scan(ctx)
	out := make([]Sending, len(rows))
	for i, r := range rows {
		out[i] = r.sending()
	}
	return out, store.Fault(err)
}

// sendingsTo gives what links to some hosts.
func (x *Linkbacks) sendingsTo(ctx context.Context, tx *store.Tx, c team.CompanyID, hosts []string) ([]sendingRow, error) {
	var rows []sendingRow
	if len(hosts) == 0 {
		return nil, nil
	}
	err := tx.DB.NewSelect().Model(&rows).Where("company_id = ?", c).Where("host IN (?)", bun.List(hosts)).Order("id").Scan(ctx)
	return rows, store.Fault(err)
}

func (x *Linkbacks) deleteSending(ctx context.Context, tx *store.Tx, r sendingRow) error {
	_, err := tx.DB.NewDelete().Model((*sendingRow)(nil)).Where("id = ?", r.ID).Where("company_id = ?", r.CompanyID).Exec(ctx)
	return store.Fault(err)
}
