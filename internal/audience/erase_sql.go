package audience

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"maps"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"github.com/ponte-desk/ponte/internal/clock"
	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/team"
)

type progressJSON struct {
	Room   string `json:"room,omitempty"`
	Cursor string `json:"cursor,omitempty"`
}

type stayJSON struct {
	Kind StayKind `json:"kind"`
	N    int      `json:"n"`
	Refs []string `json:"refs,omitempty"`
}

type erasureRow struct {
	bun.BaseModel `bun:"table:erasure"`
	ID            ErasureID          `bun:"id,pk"`
	CompanyID     team.CompanyID     `bun:"company_id"`
	Number        int                `bun:"number"`
	State         ErasureState       `bun:"state"`
	Aged          bool               `bun:"aged"`
	PersonID      PersonID           `bun:"person_id"`
	Progress      progressJSON       `bun:"progress,type:jsonb"`
	MemberID      team.MemberID      `bun:"member_id"`
	Via           team.Via           `bun:"via"`
	Reference     string             `bun:"reference"`
	People        int                `bun:"people"`
	Erased        map[ErasedKind]int `bun:"erased,type:jsonb"`
	Stays         []stayJSON         `bun:"stays,type:jsonb"`
	AskedAt       time.Time          `bun:"asked_at"`
	DoneAt        time.Time          `bun:"done_at,nullzero"`
	CleanedAt     time.Time          `bun:"cleaned_at,nullzero"`
	RefusedAt     time.Time          `bun:"refused_at,nullzero"`
	AllowedAt     time.Time          `bun:"allowed_at,nullzero"`
	AllowedBy     team.MemberID      `bun:"allowed_by"`
}

func (r erasureRow) certificate() Certificate {
	c := Certificate{
		ID: r.ID, Number: r.Number, State: r.State, Aged: r.Aged, People: r.People, By: r.MemberID, Via: r.Via, Reference: r.Reference,
		AskedAt: clock.Trim(r.AskedAt), DoneAt: clock.Trim(r.DoneAt), CleanedAt: clock.Trim(r.CleanedAt), Erased: maps.Clone(r.Erased),
		RefusedAt: clock.Trim(r.RefusedAt), AllowedAt: clock.Trim(r.AllowedAt), AllowedBy: r.AllowedBy,
	}
	for _, s := range r.Stays {
		c.Stays = append(c.Stays, Stay{Kind: s.Kind, N: s.N, Refs: slices.Clone(s.Refs)})
	}
	return c
}

// count adds what a step has erased.
func (r *erasureRow) count(s ErasureStep) {
	for k, n := range s.Erased {
		r.Erased[k] += n
	}
	for _, x := range s.Stays {
		r.stay(x)
	}
}

// stay adds to what stays.
func (r *erasureRow) stay(s Stay) {
	if s.N == 0 && len(s.Refs) == 0 {
		return
	}
	for i := range r.Stays {
		if r.Stays[i].Kind == s.Kind {
			r.Stays[i].N += s.N
			r.Stays[i].Refs = append(r.Stays[i].Refs, s.Refs...)
			return
		}
	}
	r.Stays = append(r.Stays, stayJSON(s))
}

func (a *Audience) insertErasure(ctx context.Context, tx *store.Tx, row *erasureRow) error {
	_, err := tx.DB.NewInsert().Model(row).Exec(ctx)
	return store.Fault(err)
}

func (a *Audience) updateErasure(ctx context.Context, tx *store.Tx, row *erasureRow) error {
	// What the gate and Allow write meanwhile is theirs.
	_, err := tx.DB.NewUpdate().Model(row).WherePK().Where("company_id = ?", row.CompanyID).
		ExcludeColumn("refused_at", "allowed_at", "allowed_by", "cleaned_at").Exec(ctx)
	return store.Fault(err)
}

// lockErasure gives an erasure that nobody else goes on with until the transaction ends; nil when it is not there.
func (a *Audience) lockErasure(ctx context.Context, tx *store.Tx, id ErasureID) (*erasureRow, error) {
	var row erasureRow
	q := tx.DB.NewSelect().Model(&row).Where("id = ?", id)
	if a.store.Dialect() == store.Postgres {
		q = q.For("UPDATE")
	}
	err := store.Fault(q.Scan(ctx))
	if errors.Is(err, store.ErrMissing) {
		return nil, nil
	}
	return &row, err
}

// nextNumber is called with the book held: numbers have no gaps.
func (a *Audience) nextNumber(ctx context.Context, tx *store.Tx, c team.CompanyID) (int, error) {
	var last int
	err := tx.DB.NewSelect().Model((*erasureRow)(nil)).ColumnExpr("coalesce(max(number), 0)").Where("company_id = ?", c).Scan(ctx, &last)
	return last + 1, store.Fault(err)
}

func (a *Audience) certificates(ctx context.Context, c team.CompanyID, cursor, limit int) ([]Certificate, error) {
	var rows []erasureRow
	q := a.store.Read(ctx).NewSelect().Model(&rows).Where("company_id = ?", c).Order("number DESC").Limit(int64(limit))
	if cursor > 0 {
		q = q.Where("number < ?", cursor)
	}
	if err := q.Scan(ctx); err != nil {
		return nil, store.Fault(err)
	}
	out := make([]Certificate, len(rows))
	for i, r := range rows {
		out[i] = r.certificate()
	}
	return out, nil
}

func (a *Audience) readCertificate(ctx context.Context, c team.CompanyID, number int) (Certificate, error) {
	var row erasureRow
	err := store.Fault(a.store.Read(ctx).NewSelect().Model(&row).Where("company_id = ?", c).Where("number = ?", number).Scan(ctx))
	if errors.Is(err, store.ErrMissing) {
		return Certificate{}, fault.New(fault.NotFound, "audience.certificate.missing")
	}
	if err != nil {
		return Certificate{}, err
	}
	return row.certificate(), nil
}

func (a *Audience) erasing(ctx context.Context, c team.CompanyID, p PersonID) (Certificate, bool, error) {
	var row erasureRow
	err := store.Fault(a.store.Read(ctx).NewSelect().Model(&row).Where("company_id = ?", c).Where("person_id = ?", p).Where("person_id <> ''").Limit(1).Scan(ctx))
	if errors.Is(err, store.ErrMissing) {
		return Certificate{}, false, nil
	}
	return row.certificate(), err == nil, err
}

func (a *Audience) allow(ctx context.Context, tx *store.Tx, actor team.Actor, id ErasureID, now time.Time) error {
	if _, err := tx.DB.NewDelete().Model((*markRow)(nil)).Where("company_id = ?", actor.Company).Where("erasure_id = ?", id).Exec(ctx); err != nil {
		return store.Fault(err)
	}
	_, err := tx.DB.NewUpdate().Model((*erasureRow)(nil)).Where("company_id = ?", actor.Company).Where("id = ?", id).
		Set("allowed_at = ?", now).Set("allowed_by = ?", actor.Member).Exec(ctx)
	return store.Fault(err)
}

// namesOf gives what a person was ever called here.
func (a *Audience) namesOf(ctx context.Context, c team.CompanyID, p Person) ([]string, error) {
	names := []string{p.Name}
	for _, i := range p.Identities {
		names = append(names, i.Name)
	}
	var gone []string
	err := a.store.Read(ctx).NewSelect().Model((*mergeRow)(nil)).Column("gone_name").Where("company_id = ?", c).
		Where("(kept_id = ? OR gone_id = ?)", p.ID, p.ID).Scan(ctx, &gone)
	return append(names, gone...), store.Fault(err)
}

// deletePerson deletes a person with everything that hangs on them in this room.
func (a *Audience) deletePerson(ctx context.Context, tx *store.Tx, e Erasure, s *ErasureStep) error {
	del := func(k ErasedKind, q *bun.DeleteQuery) error {
		res, err := q.Where("company_id = ?", e.Company).Exec(ctx)
		if err != nil {
			return store.Fault(err)
		}
		n, err := res.RowsAffected()
		s.Add(k, int(n))
		return store.Fault(err)
	}
	if err := del(ErasedMerges, tx.DB.NewDelete().Model((*mergeRow)(nil)).Where("(kept_id = ? OR gone_id = ?)", e.Person, e.Person)); err != nil {
		return err
	}
	if err := del(ErasedNotes, tx.DB.NewDelete().Model((*noteRow)(nil)).Where("person_id = ?", e.Person)); err != nil {
		return err
	}
	if err := del(ErasedAccounts, tx.DB.NewDelete().Model((*identityRow)(nil)).Where("person_id = ?", e.Person)); err != nil {
		return err
	}
	_, err := tx.DB.NewDelete().Model((*personRow)(nil)).Where("company_id = ?", e.Company).Where("id = ?", e.Person).Exec(ctx)
	return store.Fault(err)
}

// maskNotes takes the person out of notes about others, and out of the joinings of others.
func (a *Audience) maskNotes(ctx context.Context, tx *store.Tx, e Erasure) (int, error) {
	n := 0
	var notes []noteRow
	q := tx.DB.NewSelect().Model(&notes).Where("company_id = ?", e.Company)
	if likes := e.Likes(); len(likes) > 0 {
		q = q.WhereGroup(" AND ", func(q *bun.SelectQuery) *bun.SelectQuery {
			for _, l := range likes {
				q = q.WhereOr("lower(body) LIKE ? ESCAPE '!'", l)
			}
			return q
		})
		if err := q.Scan(ctx); err != nil {
			return 0, store.Fault(err)
		}
	}
	for _, x := range notes {
		body, changed := e.Mask(x.Body)
		if !changed {
			continue
		}
		n++
		if _, err := tx.DB.NewUpdate().Model((*noteRow)(nil)).Where("company_id = ?", e.Company).Where("id = ?", x.ID).Set("body = ?", body).Exec(ctx); err != nil {
			return n, store.Fault(err)
		}
	}
	return n, nil
}

type markRow struct {
	bun.BaseModel `bun:"table:erased_mark"`
	CompanyID     team.CompanyID `bun:"company_id,pk"`
	Hash          string         `bun:"hash,pk"`
	ErasureID     ErasureID      `bun:"erasure_id"`
}

func (a *Audience) addMarks(ctx context.Context, tx *store.Tx, c team.CompanyID, id ErasureID, marks []string) error {
	slices.Sort(marks)
	for part := range slices.Chunk(slices.Compact(marks), chunk) {
		rows := make([]markRow, len(part))
		for i, m := range part {
			rows[i] = markRow{CompanyID: c, Hash: m, ErasureID: id}
		}
		if _, err := tx.DB.NewInsert().Model(&rows).On("CONFLICT (company_id, hash) DO NOTHING").Exec(ctx); err != nil {
			return store.Fault(err)
		}
	}
	return nil
}

func (a *Audience) countMarks(ctx context.Context, id ErasureID) (int, error) {
	n, err := a.store.Read(ctx).NewSelect().Model((*markRow)(nil)).Where("erasure_id = ?", id).Count(ctx)
	return int(n), store.Fault(err)
}

// marked tells which hashes are marked, and by which erasures.
func (a *Audience) marked(ctx context.Context, tx *store.Tx, c team.CompanyID, hashes []string) (map[string]ErasureID, error) {
	out := map[string]ErasureID{}
	for part := range slices.Chunk(hashes, chunk) {
		var rows []markRow
		if err := tx.DB.NewSelect().Model(&rows).Where("company_id = ?", c).Where("hash IN (?)", bun.List(part)).Scan(ctx); err != nil {
			return nil, store.Fault(err)
		}
		for _, r := range rows {
			out[r.Hash] = r.ErasureID
		}
	}
	return out, nil
}

// noteRefused notes that something of somebody who was erased was not taken in; once a day is enough.
func (a *Audience) noteRefused(ctx context.Context, tx *store.Tx, c team.CompanyID, id ErasureID, now time.Time) error {
	_, err := tx.DB.NewUpdate().Model((*erasureRow)(nil)).Where("company_id = ?", c).Where("id = ?", id).
		Where("(refused_at IS NULL OR refused_at < ?)", now.Add(-24*time.Hour)).Set("refused_at = ?", now).Exec(ctx)
	return store.Fault(err)
}

type forgettingRow struct {
	bun.BaseModel `bun:"table:forgetting"`
	CompanyID     team.CompanyID `bun:"company_id,pk"`
	Months        int            `bun:"months"`
	BeginsAt      time.Time      `bun:"begins_at"`
	Salt          string         `bun:"salt"`
}

// book gives what a company has decided about forgetting, with the salt of its marks, and holds it until the transaction ends.
// It is made when it is first needed.
func (a *Audience) book(ctx context.Context, tx *store.Tx, c team.CompanyID) (book, error) {
	salt := make([]byte, 32)
	_, _ = rand.Read(salt) // never fails: it ends the program instead
	fresh := forgettingRow{
		CompanyID: c, Months: DefaultMonths, BeginsAt: a.clock.Now().Add(forgetNotice), Salt: base64.RawStdEncoding.EncodeToString(salt),
	}
	if _, err := tx.DB.NewInsert().Model(&fresh).On("CONFLICT (company_id) DO NOTHING").Exec(ctx); err != nil {
		return book{}, store.Fault(err)
	}
	var row forgettingRow
	q := tx.DB.NewSelect().Model(&row).Where("company_id = ?", c)
	if a.store.Dialect() == store.Postgres {
		q = q.For("UPDATE")
	}
	if err := q.Scan(ctx); err != nil {
		return book{}, store.Fault(err)
	}
	return row.book()
}

// marks gives the salt of a company that has marks; ok is false when nobody was erased there.
func (a *Audience) marks(ctx context.Context, tx *store.Tx, c team.CompanyID) (b book, ok bool, err error) {
	var row forgettingRow
	err = store.Fault(tx.DB.NewSelect().Model(&row).Where("company_id = ?", c).
		Where("EXISTS (SELECT 1 FROM erased_mark WHERE company_id = ?)", c).Scan(ctx))
	if errors.Is(err, store.ErrMissing) {
		return b, false, nil
	}
	if err != nil {
		return b, false, err
	}
	b, err = row.book()
	return b, err == nil, err
}

func (r forgettingRow) book() (book, error) {
	salt, err := base64.RawStdEncoding.DecodeString(r.Salt)
	return book{salt: salt, months: r.Months, begins: clock.Trim(r.BeginsAt)}, err
}
