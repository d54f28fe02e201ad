package post

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"github.com/ponte-desk/ponte/internal/clock"
	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/team"
)

// chunk bounds the rows of one statement.
const chunk = 200

// alone waits until nobody else changes a company's posts and keeps others waiting until the transaction ends. On SQLite a
// transaction that writes is alone already. Whoever holds a delivery takes it before this, never after.
func (p *Posts) alone(ctx context.Context, tx *store.Tx, c team.CompanyID) error {
	if p.rooms.Store.Dialect() != store.Postgres {
		return nil
	}
	_, err := tx.DB.NewRaw("SELECT pg_advisory_xact_lock(hashtextextended(?, 0))", "post "+string(c)).Exec(ctx)
	return store.Fault(err)
}

type postRow struct {
	bun.BaseModel `bun:"table:post"`
	ID            ID             `bun:"id,pk"`
	CompanyID     team.CompanyID `bun:"company_id"`
	State         State          `bun:"state"`
	Message       Message        `bun:"message,type:jsonb"`
	Preview       string         `bun:"preview"`
	Version       int            `bun:"version"`
	CreatedBy     team.MemberID  `bun:"created_by"`
	CreatedAt     time.Time      `bun:"created_at"`
	SavedBy       team.MemberID  `bun:"saved_by"`
	SavedAt       time.Time      `bun:"saved_at"`
	Hash          string         `bun:"hash"`
	Round         int            `bun:"round"`
	Wanted        wantedRow      `bun:"wanted,type:jsonb"`
	AskedBy       team.MemberID  `bun:"asked_by"`
	AskedAt       time.Time      `bun:"asked_at,nullzero"`
	Back          string         `bun:"back"`
	Timing        When           `bun:"timing,type:jsonb"`
	Zone          string         `bun:"zone"`
	DueAt         time.Time      `bun:"due_at,nullzero"`
	At            time.Time      `bun:"at"`
	Trouble       bool           `bun:"trouble"`
	SentAt        time.Time      `bun:"sent_at,nullzero"`
	SeriesID      SeriesID       `bun:"series_id"`
	Occurrence    int            `bun:"occurrence"`
}

// wantedRow is the stored form of the yeses that a post needs.
type wantedRow struct {
	Steps []Step
}

func rowOf(x Post) *postRow {
	return &postRow{
		ID: x.ID, CompanyID: x.Company, State: x.State, Message: x.Message, Preview: preview(x.Message), Version: x.Version, CreatedBy: x.CreatedBy,
		CreatedAt: x.CreatedAt, SavedBy: x.SavedBy, SavedAt: x.SavedAt, Hash: x.Hash, Round: x.round, Wanted: wantedRow{x.Wanted}, AskedBy: x.AskedBy,
		AskedAt: x.AskedAt, Back: x.Back, Timing: x.When, Zone: x.zone, DueAt: x.DueAt, At: x.At, Trouble: x.Trouble, SentAt: x.SentAt,
		SeriesID: x.Series, Occurrence: x.Occurrence,
	}
}

func (r postRow) post() Post {
	return Post{
		ID: r.ID, Company: r.CompanyID, State: r.State, Message: r.Message, Version: r.Version, CreatedBy: r.CreatedBy, CreatedAt: clock.Trim(r.CreatedAt),
		SavedBy: r.SavedBy, SavedAt: clock.Trim(r.SavedAt), Hash: r.Hash, round: r.Round, Wanted: r.Wanted.Steps, AskedBy: r.AskedBy,
		AskedAt: clock.Trim(r.AskedAt), Back: r.Back, When: r.Timing, zone: r.Zone, DueAt: clock.Trim(r.DueAt), At: clock.Trim(r.At), Trouble: r.Trouble,
		SentAt: clock.Trim(r.SentAt), Series: r.SeriesID, Occurrence: r.Occurrence,
	}
}

func missing() error { return fault.New(fault.NotFound, "post.missing") }

func (p *Posts) insertPost(ctx context.Context, tx *store.Tx, x Post) error {
	_, err := tx.DB.NewInsert().Model(rowOf(x)).Exec(ctx)
	return store.Fault(err)
}

// savePost writes a post that alone keeps from others.
func (p *Posts) savePost(ctx context.Context, tx *store.Tx, x Post) error {
	_, err := tx.DB.NewUpdate().Model(rowOf(x)).WherePK().Where("company_id = ?", x.Company).ExcludeColumn("created_by", "created_at").Exec(ctx)
	return store.Fault(err)
}

func (p *Posts) readPost(ctx context.Context, c team.CompanyID, id ID) (Post, error) {
	var r postRow
	err := store.Fault(p.rooms.Store.Read(ctx).NewSelect().Model(&r).Where("id = ?", id).Where("company_id = ?", c).Scan(ctx))
	if errors.Is(err, store.ErrMissing) {
		return Post{}, missing()
	}
	return r.post(), err
}

// readPosts gives posts by their ids; what is not there is left out.
func (p *Posts) readPosts(ctx context.Context, c team.CompanyID, ids []ID) (map[ID]Post, error) {
	out := map[ID]Post{}
	for part := range slices.Chunk(ids, chunk) {
		var rows []postRow
		if err := p.rooms.Store.Read(ctx).NewSelect().Model(&rows).Where("id IN (?)", bun.List(part)).Where("company_id = ?", c).Scan(ctx); err != nil {
			return nil, store.Fault(err)
		}
		for _, r := range rows {
			out[r.ID] = r.post()
		}
	}
	return out, nil
}

// deletePost drops a post with all that hangs on it.
func (p *Posts) deletePost(ctx context.Context, tx *store.Tx, x Post) error {
	for _, model := range []any{
		(*countRow)(nil), (*correctionRow)(nil), (*partRow)(nil), (*variantRow)(nil), (*pastRow)(nil), (*presenceRow)(nil), (*shareRow)(nil),
		(*commentRow)(nil), (*confirmationRow)(nil), (*decisionRow)(nil), (*guestRow)(nil),
	} {
		if _, err := tx.DB.NewDelete().Model(model).Where("post_id = ?", x.ID).Exec(ctx); err != nil {
			return store.Fault(err)
		}
	}
	_, err := tx.DB.NewDelete().Model((*postRow)(nil)).Where("id = ?", x.ID).Where("company_id = ?", x.Company).Exec(ctx)
	return store.Fault(err)
}

// removeCompany deletes what the room keeps for a company.
func (p *Posts) removeCompany(ctx context.Context, tx *store.Tx, c team.CompanyID) error {
	for _, model := range []any{
		(*countRow)(nil), (*correctionRow)(nil), (*partRow)(nil), (*variantRow)(nil), (*pastRow)(nil), (*presenceRow)(nil), (*shareRow)(nil),
		(*commentRow)(nil), (*confirmationRow)(nil), (*decisionRow)(nil), (*guestRow)(nil), (*postRow)(nil), (*snippetRow)(nil), (*seriesRow)(nil),
		(*settingRow)(nil), (*linkRow)(nil),
	} {
		if _, err := tx.DB.NewDelete().Model(model).Where("company_id = ?", c).Exec(ctx); err != nil {
			return store.Fault(err)
		}
	}
	return nil
}

type variantRow struct {
	bun.BaseModel `bun:"table:post_variant"`
	ID            VariantID         `bun:"id,pk"`
	CompanyID     team.CompanyID    `bun:"company_id"`
	PostID        ID                `bun:"post_id"`
	ChannelID     network.ChannelID `bun:"channel_id"`
	Own           *Own              `bun:"own,type:jsonb"`
	State         VariantState      `bun:"state"`
	Why           Why               `bun:"why"`
	Frozen        []Content         `bun:"frozen,type:jsonb,nullzero"`
	DueAt         time.Time         `bun:"due_at,nullzero"`
	ReleasedAt    time.Time         `bun:"released_at,nullzero"`
	SentAt        time.Time         `bun:"sent_at,nullzero"`
	DoubtAt       time.Time         `bun:"doubt_at,nullzero"`
}

func (r variantRow) variant() Variant {
	return Variant{
		ID: r.ID, Channel: r.ChannelID, Own: r.Own, State: r.State, Why: r.Why, Contents: r.Frozen, DueAt: clock.Trim(r.DueAt), SentAt: clock.Trim(r.SentAt),
	}
}

// variantRows gives a post's variants in the order of their channels.
func (p *Posts) variantRows(ctx context.Context, c team.CompanyID, id ID) ([]*variantRow, error) {
	var rows []*variantRow
	err := p.rooms.Store.Read(ctx).NewSelect().Model(&rows).Where("post_id = ?", id).Where("company_id = ?", c).Order("channel_id").Scan(ctx)
	return rows, store.Fault(err)
}

// readVariants gives a post's variants with their parts.
func (p *Posts) readVariants(ctx context.Context, c team.CompanyID, id ID) ([]Variant, error) {
	rows, err := p.variantRows(ctx, c, id)
	if err != nil {
		return nil, err
	}
	parts, err := p.partsOf(ctx, c, id)
	if err != nil {
		return nil, err
	}
	out := make([]Variant, len(rows))
	for i, r := range rows {
		out[i] = r.variant()
		for _, x := range parts {
			if x.Variant == r.ID {
				out[i].Parts = append(out[i].Parts, x)
			}
		}
	}
	return out, nil
}

// written gives the content of a post.
func (p *Posts) written(ctx context.Context, x Post) (Written, error) {
	rows, err := p.variantRows(ctx, x.Company, x.ID)
	w := Written{Message: x.Message, Own: map[network.ChannelID]Own{}}
	for _, r := range rows {
		w.Channels = append(w.Channels, r.ChannelID)
		if r.Own != nil {
			w.Own[r.ChannelID] = *r.Own
		}
	}
	return w, err
}

// setVariants gives a draft a variant for each of its channels and no other.
func (p *Posts) setVariants(ctx context.Context, tx *store.Tx, x Post, w Written) error {
	rows, err := p.variantRows(ctx, x.Company, x.ID)
	if err != nil {
		return err
	}
	have := map[network.ChannelID]bool{}
	for _, r := range rows {
		if !slices.Contains(w.Channels, r.ChannelID) {
			if _, err := tx.DB.NewDelete().Model((*partRow)(nil)).Where("variant_id = ?", r.ID).Exec(ctx); err != nil {
				return store.Fault(err)
			}
			if _, err := tx.DB.NewDelete().Model(r).WherePK().Exec(ctx); err != nil {
				return store.Fault(err)
			}
			continue
		}
		have[r.ChannelID] = true
		r.Own = ownOf(w, r.ChannelID)
		if _, err := tx.DB.NewUpdate().Model(r).WherePK().Column("own").Exec(ctx); err != nil {
			return store.Fault(err)
		}
	}
	now := p.rooms.Clock.Now()
	for _, ch := range w.Channels {
		if have[ch] {
			continue
		}
		r := variantRow{ID: VariantID(variantKind.New(now)), CompanyID: x.Company, PostID: x.ID, ChannelID: ch, Own: ownOf(w, ch), State: Idle}
		if _, err := tx.DB.NewInsert().Model(&r).Exec(ctx); err != nil {
			return store.Fault(err)
		}
	}
	return nil
}

func ownOf(w Written, ch network.ChannelID) *Own {
	if o, ok := w.Own[ch]; ok {
		return &o
	}
	return nil
}

// idleVariants takes a post's variants back to where they are of no plan.
func (p *Posts) idleVariants(ctx context.Context, tx *store.Tx, x Post) error {
	if _, err := tx.DB.NewDelete().Model((*partRow)(nil)).Where("post_id = ?", x.ID).Exec(ctx); err != nil {
		return store.Fault(err)
	}
	_, err := tx.DB.NewUpdate().Model((*variantRow)(nil)).Where("post_id = ?", x.ID).Where("company_id = ?", x.Company).Set("state = ?", Idle).Set("why = ''").
		Set("frozen = NULL").Set("due_at = NULL").Set("released_at = NULL").Set("doubt_at = NULL").Exec(ctx)
	return store.Fault(err)
}

func (p *Posts) saveVariant(ctx context.Context, tx *store.Tx, r *variantRow) error {
	_, err := tx.DB.NewUpdate().Model(r).WherePK().Where("company_id = ?", r.CompanyID).
		Column("state", "why", "frozen", "due_at", "released_at", "sent_at", "doubt_at").Exec(ctx)
	return store.Fault(err)
}

type pastRow struct {
	bun.BaseModel `bun:"table:post_past"`
	ID            PastID         `bun:"id,pk"`
	CompanyID     team.CompanyID `bun:"company_id"`
	PostID        ID             `bun:"post_id"`
	Version       int            `bun:"version"`
	Aside         bool           `bun:"aside"`
	Content       Written        `bun:"content,type:jsonb"`
	MemberID      team.MemberID  `bun:"member_id"`
	At            time.Time      `bun:"at"`
}

func (r pastRow) past() Past {
	return Past{ID: r.ID, Version: r.Version, Aside: r.Aside, Written: r.Content, Member: r.MemberID, At: clock.Trim(r.At)}
}

func (p *Posts) insertPast(ctx context.Context, tx *store.Tx, x Past, of Post) (PastID, error) {
	r := pastRow{
		ID: PastID(pastKind.New(p.rooms.Clock.Now())), CompanyID: of.Company, PostID: of.ID, Version: x.Version, Aside: x.Aside, Content: x.Written,
		MemberID: x.Member, At: x.At,
	}
	if _, err := tx.DB.NewInsert().Model(&r).Exec(ctx); err != nil {
		return "", store.Fault(err)
	}
	var old []PastID
	err := tx.DB.NewSelect().Model((*pastRow)(nil)).Column("id").Where("post_id = ?", of.ID).Order("id DESC").Offset(mostPast).Limit(chunk).Scan(ctx, &old)
	if err != nil || len(old) == 0 {
		return r.ID, store.Fault(err)
	}
	_, err = tx.DB.NewDelete().Model((*pastRow)(nil)).Where("id IN (?)", bun.List(old)).Exec(ctx)
	return r.ID, store.Fault(err)
}

// freshSitting tells whether what stands now is worth a place in the history before it is replaced: somebody else wrote it, or the
// last place is older than a sitting.
func (p *Posts) freshSitting(ctx context.Context, x Post, m team.MemberID, now time.Time) (bool, error) {
	if x.SavedBy != m || x.State != Draft {
		return true, nil
	}
	var last []pastRow
	err := p.rooms.Store.Read(ctx).NewSelect().Model(&last).Where("post_id = ?", x.ID).Where("NOT aside").Order("id DESC").Limit(1).Scan(ctx)
	if err != nil {
		return false, store.Fault(err)
	}
	since := x.CreatedAt
	if len(last) > 0 {
		since = clock.Trim(last[0].At)
	}
	return now.Sub(since) >= sitting, nil
}

func (p *Posts) pasts(ctx context.Context, c team.CompanyID, id ID) ([]Past, error) {
	var rows []pastRow
	err := p.rooms.Store.Read(ctx).NewSelect().Model(&rows).Where("post_id = ?", id).Where("company_id = ?", c).Order("id DESC").Limit(mostPast).Scan(ctx)
	out := make([]Past, len(rows))
	for i, r := range rows {
		out[i] = r.past()
	}
	return out, store.Fault(err)
}

func (p *Posts) past(ctx context.Context, c team.CompanyID, id ID, past PastID) (Past, error) {
	var r pastRow
	err := store.Fault(p.rooms.Store.Read(ctx).NewSelect().Model(&r).Where("id = ?", past).Where("post_id = ?", id).Where("company_id = ?", c).Scan(ctx))
	if errors.Is(err, store.ErrMissing) {
		return Past{}, fault.New(fault.NotFound, "post.past.missing")
	}
	return r.past(), err
}

// wrote gives who wrote in a post before it was saved last, as the history knows them.
func (p *Posts) wrote(ctx context.Context, x Post) ([]team.MemberID, error) {
	var ms []team.MemberID
	err := p.rooms.Store.Read(ctx).NewSelect().Model((*pastRow)(nil)).ColumnExpr("DISTINCT member_id").Where("post_id = ?", x.ID).
		Where("company_id = ?", x.Company).Where("NOT aside").Order("member_id").Scan(ctx, &ms)
	return ms, store.Fault(err)
}
