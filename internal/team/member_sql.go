package team

import (
	"context"
	"errors"
	"time"

	"github.com/uptrace/bun"

	"github.com/ponte-desk/ponte/internal/store"
)

type memberRow struct {
	bun.BaseModel `bun:"table:member"`

	ID        MemberID  `bun:",pk"`
	Company   CompanyID `bun:"company_id"`
	Email     string
	Name      string
	Job       string
	Role      Role
	State     MemberState
	Locale    string
	Settings  memberSettingsRow `bun:"type:jsonb"`
	CreatedAt time.Time
	LeftAt    time.Time `bun:",nullzero"`
}

type memberSettingsRow struct {
	Theme     string `json:"theme"`
	Shortcuts bool   `json:"shortcuts"`
}

func rowOfMember(m Member) *memberRow {
	return &memberRow{
		ID: m.ID, Company: m.Company, Email: m.Email, Name: m.Name, Job: m.Job, Role: m.Role, State: m.State, Locale: m.Locale,
		Settings: memberSettingsRow(m.Settings), CreatedAt: m.CreatedAt, LeftAt: m.LeftAt,
	}
}

func (r memberRow) member() Member {
	return Member{
		ID: r.ID, Company: r.Company, Email: r.Email, Name: r.Name, Job: r.Job, Role: r.Role, State: r.State, Locale: r.Locale,
		Settings: MemberSettings(r.Settings), CreatedAt: r.CreatedAt.UTC(), LeftAt: r.LeftAt.UTC(),
	}
}

func (t *Team) readMember(ctx context.Context, c CompanyID, m MemberID) (Member, error) {
	var r memberRow
	if err := t.store.Read(ctx).NewSelect().Model(&r).Where("company_id = ?", c).Where("id = ?", m).Scan(ctx); err != nil {
		return Member{}, store.Fault(err)
	}
	return r.member(), nil
}

func (t *Team) readMemberByEmail(ctx context.Context, email string) (Member, error) {
	var r memberRow
	err := t.store.Read(ctx).NewSelect().Model(&r).Where("email = ?", email).Where("state = ?", MemberActive).Scan(ctx)
	if err != nil {
		return Member{}, store.Fault(err)
	}
	return r.member(), nil
}

func (t *Team) readMembers(ctx context.Context, c CompanyID, f MemberFilter) ([]Member, error) {
	var rows []memberRow
	q := t.store.Read(ctx).NewSelect().Model(&rows).Where("company_id = ?", c)
	if f.State != "" {
		q = q.Where("state = ?", f.State)
	}
	if f.Role != "" {
		q = q.Where("role = ?", f.Role)
	}
	if err := q.Order("state", "name", "id").Scan(ctx); err != nil {
		return nil, store.Fault(err)
	}
	out := make([]Member, 0, len(rows))
	for _, r := range rows {
		out = append(out, r.member())
	}
	return out, nil
}

func (t *Team) insertMember(ctx context.Context, tx *store.Tx, m Member) error {
	_, err := tx.DB.NewInsert().Model(rowOfMember(m)).Exec(ctx)
	if err = store.Fault(err); errors.Is(err, store.ErrTaken) {
		return ErrMemberThere
	}
	return err
}

func (t *Team) updateMember(ctx context.Context, tx *store.Tx, m Member) error {
	_, err := tx.DB.NewUpdate().Model(rowOfMember(m)).
		Column("name", "job", "role", "state", "locale", "settings", "left_at").
		Where("company_id = ?", m.Company).Where("id = ?", m.ID).Exec(ctx)
	return store.Fault(err)
}
