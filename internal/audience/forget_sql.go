package audience

import (
	"context"
	"errors"
	"time"

	"github.com/uptrace/bun"

	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/team"
)

// readBook gives what a company has decided, and what counts where it has not.
func (a *Audience) readBook(ctx context.Context, c team.CompanyID) (book, error) {
	var row forgettingRow
	err := store.Fault(a.store.Read(ctx).NewSelect().Model(&row).Where("company_id = ?", c).Scan(ctx))
	if errors.Is(err, store.ErrMissing) {
		return book{months: DefaultMonths, begins: a.clock.Now().Add(forgetNotice)}, nil
	}
	if err != nil {
		return book{}, err
	}
	return row.book()
}

func (a *Audience) setMonths(ctx context.Context, tx *store.Tx, c team.CompanyID, months int, begins time.Time) error {
	_, err := tx.DB.NewUpdate().Model((*forgettingRow)(nil)).Where("company_id = ?", c).Set("months = ?", months).Set("begins_at = ?", begins).Exec(ctx)
	return store.Fault(err)
}

// setKeep marks a note and tells whom it is about.
func (a *Audience) setKeep(ctx context.Context, tx *store.Tx, c team.CompanyID, note string, keep bool) (PersonID, error) {
	var row noteRow
	err := store.Fault(tx.DB.NewSelect().Model(&row).Where("company_id = ?", c).Where("id = ?", note).Scan(ctx))
	if errors.Is(err, store.ErrMissing) {
		return "", fault.New(fault.NotFound, "audience.note.missing")
	}
	if err != nil {
		return "", err
	}
	_, err = tx.DB.NewUpdate().Model((*noteRow)(nil)).Where("company_id = ?", c).Where("id = ?", note).Set("keep = ?", keep).Exec(ctx)
	return row.PersonID, store.Fault(err)
}

// silentPeople gives people who were last seen before a moment and came in before another, behind some row.
func (a *Audience) silentPeople(ctx context.Context, c team.CompanyID, seen, created time.Time, after personRow, limit int) ([]personRow, error) {
	var rows []personRow
	q := a.store.Read(ctx).NewSelect().Model(&rows).Where("company_id = ?", c).Where("seen_at < ?", seen).Where("created_at < ?", created).
		Order("seen_at", "id").Limit(int64(limit))
	if after.ID != "" {
		q = q.Where("seen_at >= ?", after.SeenAt).Where("(seen_at > ? OR id > ?)", after.SeenAt, after.ID)
	}
	return rows, store.Fault(q.Scan(ctx))
}

func (a *Audience) countPeople(ctx context.Context, c team.CompanyID) (int, error) {
	n, err := a.store.Read(ctx).NewSelect().Model((*personRow)(nil)).Where("company_id = ?", c).Count(ctx)
	return int(n), store.Fault(err)
}

// stillSilent tells whether a person has not been seen since a moment, and holds their row.
func (a *Audience) stillSilent(ctx context.Context, tx *store.Tx, c team.CompanyID, p PersonID, seen time.Time) (bool, error) {
	var row personRow
	q := tx.DB.NewSelect().Model(&row).Where("company_id = ?", c).Where("id = ?", p).Where("seen_at < ?", seen)
	if a.store.Dialect() == store.Postgres {
		q = q.For("UPDATE")
	}
	err := store.Fault(q.Scan(ctx))
	if errors.Is(err, store.ErrMissing) {
		return false, nil
	}
	return err == nil, err
}

func (a *Audience) keptByNotes(ctx context.Context, c team.CompanyID, ids []PersonID) (map[PersonID]bool, error) {
	var kept []PersonID
	err := a.store.Read(ctx).NewSelect().Model((*noteRow)(nil)).Column("person_id").Where("company_id = ?", c).Where("person_id IN (?)", bun.List(ids)).
		Where("keep").Scan(ctx, &kept)
	out := map[PersonID]bool{}
	for _, p := range kept {
		out[p] = true
	}
	return out, store.Fault(err)
}

// ownersOf gives the accounts of people, with whose they are.
func (a *Audience) ownersOf(ctx context.Context, c team.CompanyID, ids []PersonID) (map[IdentityID]PersonID, error) {
	var rows []identityRow
	err := a.store.Read(ctx).NewSelect().Model(&rows).Column("id", "person_id").Where("company_id = ?", c).Where("person_id IN (?)", bun.List(ids)).Scan(ctx)
	out := make(map[IdentityID]PersonID, len(rows))
	for _, r := range rows {
		out[r.ID] = r.PersonID
	}
	return out, store.Fault(err)
}

// forgetting gives the open erasure under which people are forgotten together, "" when there is none.
func (a *Audience) forgetting(ctx context.Context, c team.CompanyID) (ErasureID, error) {
	var id ErasureID
	err := store.Fault(a.store.Read(ctx).NewSelect().Model((*erasureRow)(nil)).Column("id").Where("company_id = ?", c).Where("aged").
		Where("state = ?", ErasureRunning).Limit(1).Scan(ctx, &id))
	if errors.Is(err, store.ErrMissing) {
		return "", nil
	}
	return id, err
}

// noteCleaned notes that the file was rewritten after all that was done before a moment; it is of every company.
func (a *Audience) noteCleaned(ctx context.Context, tx *store.Tx, at time.Time) error {
	_, err := tx.DB.NewUpdate().Model((*erasureRow)(nil)).Where("state = ?", ErasureDone).Where("cleaned_at IS NULL").Where("done_at <= ?", at).
		Set("cleaned_at = ?", at).Exec(ctx)
	return store.Fault(err)
}
