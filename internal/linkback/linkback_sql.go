package linkback

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"github.com/ponte-desk/ponte/internal/clock"
	"github.com/ponte-desk/ponte/internal/mention"
	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/team"
)

// chunk bounds the values of one statement.
const chunk = 500

type mentionRow struct {
	bun.BaseModel `bun:"table:linkback_mention"`
	ID            MentionID         `bun:"id,pk"`
	CompanyID     team.CompanyID    `bun:"company_id"`
	ChannelID     network.ChannelID `bun:"channel_id"`
	Source        string            `bun:"source"`
	SourceKey     string            `bun:"source_key"`
	Host          string            `bun:"host"`
	Target        string            `bun:"target"`
	TargetKey     string            `bun:"target_key"`
	Protocol      mention.Protocol  `bun:"protocol"`
	State         State             `bun:"state"`
	Kind          mention.Kind      `bun:"kind"`
	AuthorKey     string            `bun:"author_key"`
	RemoteID      string            `bun:"remote_id"`
	Problem       string            `bun:"problem"`
	Hidden        Reason            `bun:"hidden"`
	HiddenBy      team.MemberID     `bun:"hidden_by"`
	HiddenAt      time.Time         `bun:"hidden_at,nullzero"`
	VerifiedAt    time.Time         `bun:"verified_at,nullzero"`
	ToldAt        time.Time         `bun:"told_at"`
	CheckedAt     time.Time         `bun:"checked_at,nullzero"`
	FirstAt       time.Time         `bun:"first_at"`
	Tries         int               `bun:"tries"`
	Told          int               `bun:"told"`
}

func rowOf(m Mention) *mentionRow {
	return &mentionRow{
		ID: m.ID, CompanyID: m.Company, ChannelID: m.Channel, Source: m.Source, SourceKey: m.sourceKey, Host: m.host, Target: m.Target, TargetKey: m.targetKey,
		Protocol: m.Protocol, State: m.State, Kind: m.Kind, AuthorKey: m.authorKey, RemoteID: m.RemoteID, Problem: m.Problem, Hidden: m.Hidden, HiddenBy: m.HiddenBy,
		HiddenAt: m.HiddenAt, VerifiedAt: m.Verified, ToldAt: m.ToldAt, CheckedAt: m.Checked, FirstAt: m.FirstAt, Tries: m.tries, Told: m.told,
	}
}

func (r mentionRow) mention() Mention {
	return Mention{
		ID: r.ID, Company: r.CompanyID, Channel: r.ChannelID, Source: r.Source, Target: r.Target, Protocol: r.Protocol, State: r.State, Kind: r.Kind, RemoteID: r.RemoteID,
		Problem: r.Problem, Hidden: r.Hidden, HiddenBy: r.HiddenBy, HiddenAt: clock.Trim(r.HiddenAt), FirstAt: clock.Trim(r.FirstAt), ToldAt: clock.Trim(r.ToldAt),
		Verified: clock.Trim(r.VerifiedAt), Checked: clock.Trim(r.CheckedAt), targetKey: r.TargetKey, sourceKey: r.SourceKey, authorKey: r.AuthorKey, host: r.Host,
		tries: r.Tries, told: r.Told,
	}
}

func noMention(err error) error {
	if errors.Is(err, store.ErrMissing) {
		return ErrNoMention.Because(err)
	}
	return err
}

func (x *Linkbacks) insertMention(ctx context.Context, tx *store.Tx, m Mention) error {
	_, err := tx.DB.NewInsert().Model(rowOf(m)).Exec(ctx)
	return store.Fault(err)
}

func (x *Linkbacks) saveMention(ctx context.Context, tx *store.Tx, m Mention) error {
	_, err := tx.DB.NewUpdate().Model(rowOf(m)).Where("id = ?", m.ID).Where("company_id = ?", m.Company).
		ExcludeColumn("id", "company_id", "channel_id", "source_key", "target_key", "host", "first_at", "remote_id").Exec(ctx)
	return store.Fault(err)
}

func (x *Linkbacks) deleteMention(ctx context.Context, tx *store.Tx, m Mention) error {
	_, err := tx.DB.NewDelete().Model((*mentionRow)(nil)).Where("id = ?", m.ID).Where("company_id = ?", m.Company).Exec(ctx)
	return store.Fault(err)
}

func (x *Linkbacks) readMention(ctx context.Context, c team.CompanyID, id MentionID) (Mention, error) {
	var r mentionRow
	err := x.rooms.Store.Read(ctx).NewSelect().Model(&r).Where("id = ?", id).Where("company_id = ?", c).Scan(ctx)
	return r.mention(), noMention(store.Fault(err))
}

// locked keeps a row from changing until the transaction ends.
func (x *Linkbacks) locked(q *bun.SelectQuery) *bun.SelectQuery {
	if x.rooms.Store.Dialect() == store.Postgres {
		return q.For("UPDATE")
	}
	return q
}

// holdMention reads a mention so that nobody else changes it before the transaction ends.
func (x *Linkbacks) holdMention(ctx context.Context, tx *store.Tx, m Mention) (Mention, error) {
	var r mentionRow
	err := x.locked(tx.DB.NewSelect().Model(&r).Where("id = ?", m.ID).Where("company_id = ?", m.Company)).Scan(ctx)
	return r.mention(), noMention(store.Fault(err))
}

// mentionOf reads the mention of a pair of pages, as holdMention does.
func (x *Linkbacks) mentionOf(ctx context.Context, tx *store.Tx, ch network.Channel, source, target string) (Mention, error) {
	var r mentionRow
	err := x.locked(tx.DB.NewSelect().Model(&r).Where("channel_id = ?", ch.ID).Where("company_id = ?", ch.Company).Where("source_key = ?", source).Where("target_key = ?", target)).Scan(ctx)
	return r.mention(), noMention(store.Fault(err))
}

// load tells how many mentions a host's pages told since a moment, and how many of a channel wait.
func (x *Linkbacks) load(ctx context.Context, ch network.Channel, host string, since time.Time) (of, waiting int64, err error) {
	db := x.rooms.Store.Read(ctx)
	if of, err = db.NewSelect().Model((*mentionRow)(nil)).Where("host = ?", host).Where("told_at > ?", since).Where("company_id = ?", ch.Company).Count(ctx); err != nil {
		return 0, 0, store.Fault(err)
	}
	waiting, err = db.NewSelect().Model((*mentionRow)(nil)).Where("company_id = ?", ch.Company).Where("channel_id = ?", ch.ID).Where("state = ?", Waiting).Count(ctx)
	return of, waiting, store.Fault(err)
}

// targetKnown tells whether a page of the site is known to be there: as an article of ours, or because others were seen to link to it.
func (x *Linkbacks) targetKnown(ctx context.Context, ch network.Channel, target string) (bool, error) {
	db := x.rooms.Store.Read(ctx)
	known, err := db.NewSelect().Model((*articleRow)(nil)).Where("channel_id = ?", ch.ID).Where("company_id = ?", ch.Company).Where("url_key = ?", target).Where("NOT gone").Exists(ctx)
	if err != nil || known {
		return known, store.Fault(err)
	}
	known, err = db.NewSelect().Model((*mentionRow)(nil)).Where("channel_id = ?", ch.ID).Where("company_id = ?", ch.Company).Where("target_key = ?", target).Where("state = ?", Taken).Exists(ctx)
	return known, store.Fault(err)
}

// query narrows mentions.
func (f Filter) query(q *bun.SelectQuery, c team.CompanyID) *bun.SelectQuery {
	q = q.Where("company_id = ?", c)
	if f.Channel != "" {
		q = q.Where("channel_id = ?", f.Channel)
	}
	if f.Target != "" {
		q = q.Where("target_key = ?", mention.Key(f.Target))
	}
	if f.State != "" {
		q = q.Where("state = ?", f.State)
	}
	if f.Hidden {
		q = q.Where("hidden <> ''")
	}
	if f.Cursor != "" {
		q = q.Where("id < ?", f.Cursor)
	}
	return q
}

func (x *Linkbacks) listMentions(ctx context.Context, c team.CompanyID, f Filter, limit int) ([]Mention, error) {
	var rows []mentionRow
	err := f.query(x.rooms.Store.Read(ctx).NewSelect().Model(&rows), c).Order("id DESC").Limit(int64(limit)).Scan(ctx)
	return mentions(rows), store.Fault(err)
}

func mentions(rows []mentionRow) []Mention {
	out := make([]Mention, len(rows))
	for i, r := range rows {
		out[i] = r.mention()
	}
	return out
}

// taken gives the mentions of a page that were taken, hidden ones too, newest first.
func (x *Linkbacks) taken(ctx context.Context, ch network.Channel, target string, limit int) ([]Mention, error) {
	var rows []mentionRow
	err := x.rooms.Store.Read(ctx).NewSelect().Model(&rows).Where("channel_id = ?", ch.ID).Where("company_id = ?", ch.Company).Where("target_key = ?", target).
		Where("state IN (?)", bun.List([]State{Taken, Waiting})).Where("verified_at IS NOT NULL").Order("id DESC").Limit(int64(limit)).Scan(ctx)
	return mentions(rows), store.Fault(err)
}

// takenOf gives the mentions that came from a host and its subdomains.
func (x *Linkbacks) takenOf(ctx context.Context, c team.CompanyID, host string, limit int) ([]Mention, error) {
	var rows []mentionRow
	err := x.rooms.Store.Read(ctx).NewSelect().Model(&rows).Where("company_id = ?", c).Where("(host = ? OR host LIKE ?)", host, "%."+host).
		Where("state IN (?)", bun.List([]State{Taken, Waiting})).Order("id").Limit(int64(limit)).Scan(ctx)
	return mentions(rows), store.Fault(err)
}

type blockRow struct {
	bun.BaseModel `bun:"table:linkback_block"`
	CompanyID     team.CompanyID `bun:"company_id,pk"`
	Host          string         `bun:"host,pk"`
	ByMember      team.MemberID  `bun:"by_member"`
	At            time.Time      `bun:"at"`
}

func (x *Linkbacks) isBlocked(ctx context.Context, c team.CompanyID, host string) (bool, error) {
	is, err := x.rooms.Store.Read(ctx).NewSelect().Model((*blockRow)(nil)).Where("company_id = ?", c).Where("host IN (?)", bun.List(blockable(host))).Exists(ctx)
	return is, store.Fault(err)
}

func (x *Linkbacks) insertBlock(ctx context.Context, tx *store.Tx, b blockRow) error {
	_, err := tx.DB.NewInsert().Model(&b).On("CONFLICT DO NOTHING").Exec(ctx)
	return store.Fault(err)
}

func (x *Linkbacks) deleteBlock(ctx context.Context, tx *store.Tx, c team.CompanyID, host string) error {
	res, err := tx.DB.NewDelete().Model((*blockRow)(nil)).Where("company_id = ?", c).Where("host = ?", host).Exec(ctx)
	if err != nil {
		return store.Fault(err)
	}
	if n, err := res.RowsAffected(); err != nil || n == 0 {
		return errors.Join(when(n == 0, ErrNoBlock), err)
	}
	return nil
}

func (x *Linkbacks) listBlocks(ctx context.Context, c team.CompanyID) ([]blockRow, error) {
	var rows []blockRow
	err := x.rooms.Store.Read(ctx).NewSelect().Model(&rows).Where("company_id = ?", c).Order("host").Scan(ctx)
	return rows, store.Fault(err)
}

func (x *Linkbacks) removeCompany(ctx context.Context, tx *store.Tx, c team.CompanyID) error {
	for _, model := range []any{(*mentionRow)(nil), (*blockRow)(nil), (*sendingRow)(nil), (*articleRow)(nil)} {
		if _, err := tx.DB.NewDelete().Model(model).Where("company_id = ?", c).Exec(ctx); err != nil {
			return store.Fault(err)
		}
	}
	return nil
}

// eraseMentions deletes what some authors' pages said and tells how much it was.
func (x *Linkbacks) eraseMentions(ctx context.Context, tx *store.Tx, c team.CompanyID, authors []string) (n int, err error) {
	for part := range slices.Chunk(authors, chunk) {
		res, err := tx.DB.NewDelete().Model((*mentionRow)(nil)).Where("company_id = ?", c).Where("author_key IN (?)", bun.List(part)).Exec(ctx)
		if err != nil {
			return n, store.Fault(err)
		}
		k, err := res.RowsAffected()
		if err != nil {
			return n, store.Fault(err)
		}
		n += int(k)
	}
	return n, nil
}

func (x *Linkbacks) mentionsBy(ctx context.Context, c team.CompanyID, authors []string) ([]Mention, error) {
	var out []Mention
	for part := range slices.Chunk(authors, chunk) {
		var rows []mentionRow
		if err := x.rooms.Store.Read(ctx).NewSelect().Model(&rows).Where("company_id = ?", c).Where("author_key IN (?)", bun.List(part)).Order("id").Scan(ctx); err != nil {
			return nil, store.Fault(err)
		}
		out = append(out, mentions(rows)...)
	}
	return out, nil
}
