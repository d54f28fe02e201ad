package archive

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"github.com/ponte-desk/ponte/internal/clock"
	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/team"
)

type uploadRow struct {
	bun.BaseModel `bun:"table:archive_upload"`

	ID        UploadID          `bun:"id,pk"`
	Company   team.CompanyID    `bun:"company_id"`
	Member    team.MemberID     `bun:"member_id"`
	Name      string            `bun:"name"`
	Size      int64             `bun:"size"`
	Received  int64             `bun:"received"`
	State     UploadState       `bun:"state"`
	Said      Said              `bun:"said,type:jsonb"`
	Found     *foundRow         `bun:"found,type:jsonb"`
	Question  *Question         `bun:"question,type:jsonb"`
	Problem   *Trouble          `bun:"problem,type:jsonb"`
	Channel   network.ChannelID `bun:"channel_id"`
	Import    string            `bun:"import_id"`
	Done      int               `bun:"done"`
	Fresh     int               `bun:"fresh"`
	Changed   int               `bun:"changed"`
	Known     int               `bun:"known"`
	StartedAt time.Time         `bun:"started_at"`
	TouchedAt time.Time         `bun:"touched_at"`
	EndedAt   time.Time         `bun:"ended_at,nullzero"`
}

// foundRow is a report as it is kept: without places in the file, whose names may name people.
type foundRow struct {
	Format  Format         `json:"format"`
	Network network.Name   `json:"network"`
	Handle  string         `json:"handle,omitempty"`
	Items   int            `json:"items"`
	Mine    int            `json:"mine"`
	People  int            `json:"people"`
	From    time.Time      `json:"from,omitzero"`
	To      time.Time      `json:"to,omitzero"`
	Kinds   map[string]int `json:"kinds,omitempty"`
	Unread  []unreadRow    `json:"unread,omitempty"`
}

type unreadRow struct {
	Kind   UnreadKind `json:"kind"`
	Detail string     `json:"detail,omitempty"`
	Count  int        `json:"count"`
}

func foundOf(r *Report) *foundRow {
	if r == nil {
		return nil
	}
	out := &foundRow{
		Format: r.Format, Network: r.Account.Network, Handle: r.Account.Handle, Items: r.Items, Mine: r.Mine, People: r.People, From: r.From, To: r.To, Kinds: map[string]int{},
	}
	for _, k := range r.Kinds {
		out.Kinds[string(k.Kind)] = k.Count
	}
	for _, u := range r.Unread {
		out.Unread = append(out.Unread, unreadRow{u.Kind, u.Detail, u.Count})
	}
	return out
}

func (f *foundRow) report() *Report {
	if f == nil {
		return nil
	}
	r := &Report{Format: f.Format, Items: f.Items, Mine: f.Mine, People: f.People, From: f.From, To: f.To}
	r.Account.Network, r.Account.Handle = f.Network, f.Handle
	for k, n := range f.Kinds {
		r.Kinds = append(r.Kinds, KindCount{network.ItemKind(k), n})
	}
	slices.SortFunc(r.Kinds, func(a, b KindCount) int { return cmp.Or(b.Count-a.Count, cmp.Compare(a.Kind, b.Kind)) })
	for _, u := range f.Unread {
		r.Unread = append(r.Unread, Unread{Kind: u.Kind, Detail: u.Detail, Count: u.Count})
	}
	return r
}

func uploadRowOf(u Upload) *uploadRow {
	return &uploadRow{
		ID: u.ID, Company: u.Company, Member: u.By, Name: u.Name, Size: u.Size, Received: u.Received, State: u.State, Said: u.Said, Found: foundOf(u.Found),
		Question: u.Question, Problem: u.Problem, Channel: u.Channel, Done: u.Done, Fresh: u.New, Changed: u.Changed, Known: u.Known,
		StartedAt: u.StartedAt, TouchedAt: u.TouchedAt, EndedAt: u.EndedAt,
	}
}

func (r uploadRow) upload() Upload {
	return Upload{
		ID: r.ID, Company: r.Company, By: r.Member, Name: r.Name, Size: r.Size, Received: r.Received, State: r.State, Said: r.Said, Found: r.Found.report(),
		Question: r.Question, Problem: r.Problem, Channel: r.Channel, Done: r.Done, New: r.Fresh, Changed: r.Changed, Known: r.Known,
		StartedAt: clock.Trim(r.StartedAt), TouchedAt: clock.Trim(r.TouchedAt), EndedAt: clock.Trim(r.EndedAt), Kept: r.Name != "",
	}
}

func (x *Archives) insertUpload(ctx context.Context, tx *store.Tx, u Upload) error {
	_, err := tx.DB.NewInsert().Model(uploadRowOf(u)).Exec(ctx)
	return store.Fault(err)
}

// saveUpload writes what the room's use cases change; what comes in is counted by came.
func (x *Archives) saveUpload(ctx context.Context, tx *store.Tx, u Upload) error {
	_, err := tx.DB.NewUpdate().Model(uploadRowOf(u)).Where("id = ?", u.ID).Where("company_id = ?", u.Company).
		Column("name", "received", "state", "said", "found", "question", "problem", "channel_id", "touched_at", "ended_at").Exec(ctx)
	return store.Fault(err)
}

// foundMore notes what was found so far, while the upload is being worked on; false when it is not any more.
func (x *Archives) foundMore(ctx context.Context, tx *store.Tx, c team.CompanyID, id UploadID, r *Report) (bool, error) {
	q := tx.DB.NewUpdate().Model((*uploadRow)(nil)).Where("id = ?", id).Where("company_id = ?", c).Where("state IN (?)", bun.List([]UploadState{Reading, Bringing})).
		Set("touched_at = ?", x.rooms.Clock.Now())
	if r != nil {
		row := uploadRow{ID: id, Found: foundOf(r), TouchedAt: x.rooms.Clock.Now()}
		q = tx.DB.NewUpdate().Model(&row).Column("found", "touched_at").Where("id = ?", id).Where("company_id = ?", c).Where("state IN (?)", bun.List([]UploadState{Reading, Bringing}))
	}
	res, err := q.Exec(ctx)
	if err != nil {
		return false, store.Fault(err)
	}
	n, err := res.RowsAffected()
	return n > 0, store.Fault(err)
}

// counted notes that a part has come in, in the part's own transaction.
func (x *Archives) counted(ctx context.Context, tx *store.Tx, c team.CompanyID, id UploadID, done int, r network.IngestResult) error {
	_, err := tx.DB.NewUpdate().Model((*uploadRow)(nil)).Where("id = ?", id).Where("company_id = ?", c).
		Set("done = ?", done).Set("fresh = fresh + ?", r.New).Set("changed = changed + ?", r.Changed).Set("known = ? - fresh - changed - ?", done, r.New+r.Changed).Exec(ctx)
	return store.Fault(err)
}

func (x *Archives) opened(ctx context.Context, tx *store.Tx, c team.CompanyID, id UploadID, importID string) error {
	_, err := tx.DB.NewUpdate().Model((*uploadRow)(nil)).Where("id = ?", id).Where("company_id = ?", c).Set("import_id = ?", importID).Exec(ctx)
	return store.Fault(err)
}

func (x *Archives) readUpload(ctx context.Context, c team.CompanyID, id UploadID) (Upload, error) {
	var r uploadRow
	err := store.Fault(x.rooms.Store.Read(ctx).NewSelect().Model(&r).Where("id = ?", id).Where("company_id = ?", c).Scan(ctx))
	if errors.Is(err, store.ErrMissing) {
		return Upload{}, ErrNoUpload
	}
	return r.upload(), err
}

// holdUpload reads an upload so that nobody else changes it before the transaction ends.
func (x *Archives) holdUpload(ctx context.Context, tx *store.Tx, c team.CompanyID, id UploadID) (Upload, error) {
	var r uploadRow
	q := tx.DB.NewSelect().Model(&r).Where("id = ?", id).Where("company_id = ?", c)
	if x.rooms.Store.Dialect() == store.Postgres {
		q = q.For("UPDATE")
	}
	err := store.Fault(q.Scan(ctx))
	if errors.Is(err, store.ErrMissing) {
		return Upload{}, ErrNoUpload
	}
	return r.upload(), err
}

var over = []UploadState{Done, Failed, Cancelled}

func (x *Archives) countOpen(ctx context.Context, tx *store.Tx, c team.CompanyID) (int, error) {
	n, err := tx.DB.NewSelect().Model((*uploadRow)(nil)).Where("company_id = ?", c).Where("state NOT IN (?)", bun.List(over)).Count(ctx)
	return int(n), store.Fault(err)
}

// readUploads gives the latest uploads of a company, and the imports of the command line among them.
func (x *Archives) readUploads(ctx context.Context, c team.CompanyID) ([]Upload, error) {
	var rows []uploadRow
	db := x.rooms.Store.Read(ctx)
	if err := db.NewSelect().Model(&rows).Where("company_id = ?", c).Order("id DESC").Limit(100).Scan(ctx); err != nil {
		return nil, store.Fault(err)
	}
	var imports []importRow
	mine := db.NewSelect().Model((*uploadRow)(nil)).Column("import_id").Where("company_id = ?", c)
	err := db.NewSelect().Model(&imports).Where("company_id = ?", c).Where("done_at IS NOT NULL").Where("id NOT IN (?)", mine).Order("id DESC").Limit(100).Scan(ctx)
	if err != nil {
		return nil, store.Fault(err)
	}
	out := make([]Upload, 0, len(rows)+len(imports))
	for _, r := range rows {
		out = append(out, r.upload())
	}
	for _, i := range imports {
		out = append(out, Upload{
			Company: c, State: Done, Channel: i.Channel, Found: &Report{Format: i.Format, Items: i.Total}, Done: i.Total, New: i.Fresh, Known: i.Total - i.Fresh,
			StartedAt: clock.Trim(i.StartedAt), TouchedAt: clock.Trim(i.DoneAt), EndedAt: clock.Trim(i.DoneAt),
		})
	}
	slices.SortStableFunc(out, func(a, b Upload) int { return b.StartedAt.Compare(a.StartedAt) })
	return out[:min(len(out), 100)], nil
}

// readOld gives the uploads whose time is over.
func (x *Archives) readOld(ctx context.Context, now time.Time) ([]Upload, error) {
	var rows []uploadRow
	err := x.rooms.Store.Read(ctx).NewSelect().Model(&rows).
		WhereGroup(" OR ", func(q *bun.SelectQuery) *bun.SelectQuery {
			return q.Where("state = ?", Arriving).Where("touched_at < ?", now.Add(-idleFor))
		}).
		WhereGroup(" OR ", func(q *bun.SelectQuery) *bun.SelectQuery {
			return q.Where("state = ?", Asking).Where("touched_at < ?", now.Add(-askFor))
		}).
		WhereGroup(" OR ", func(q *bun.SelectQuery) *bun.SelectQuery {
			return q.Where("state IN (?)", bun.List([]UploadState{Failed, Cancelled})).Where("touched_at < ?", now.Add(-failFor))
		}).Scan(ctx)
	out := make([]Upload, 0, len(rows))
	for _, r := range rows {
		out = append(out, r.upload())
	}
	return out, store.Fault(err)
}

func (x *Archives) deleteUpload(ctx context.Context, tx *store.Tx, u Upload) error {
	_, err := tx.DB.NewDelete().Model((*uploadRow)(nil)).Where("id = ?", u.ID).Where("company_id = ?", u.Company).Exec(ctx)
	return store.Fault(err)
}

// keeps tells whether the file of an upload is still wanted.
func (x *Archives) keeps(ctx context.Context, id UploadID) (bool, error) {
	ok, err := x.rooms.Store.Read(ctx).NewSelect().Model((*uploadRow)(nil)).Where("id = ?", id).Where("name <> ''").Exists(ctx)
	return ok, store.Fault(err)
}

// uploadsOf gives the ids of a company's uploads.
func (x *Archives) uploadsOf(ctx context.Context, tx *store.Tx, c team.CompanyID) (ids []UploadID, err error) {
	err = tx.DB.NewSelect().Model((*uploadRow)(nil)).Column("id").Where("company_id = ?", c).Scan(ctx, &ids)
	return ids, store.Fault(err)
}

// waitingUploads gives the uploads of a company that nobody works on and that keep something, to be changed in this transaction.
func (x *Archives) waitingUploads(ctx context.Context, tx *store.Tx, c team.CompanyID) ([]Upload, error) {
	var rows []uploadRow
	q := tx.DB.NewSelect().Model(&rows).Where("company_id = ?", c).Where("state IN (?)", bun.List([]UploadState{Arriving, Asking, Failed})).
		Where("(name <> '' OR problem IS NOT NULL)").Order("id")
	if x.rooms.Store.Dialect() == store.Postgres {
		q = q.For("UPDATE")
	}
	err := q.Scan(ctx)
	out := make([]Upload, 0, len(rows))
	for _, r := range rows {
		out = append(out, r.upload())
	}
	return out, store.Fault(err)
}
