package delivery

import (
	"context"
	"errors"
	"time"

	"github.com/uptrace/bun"

	"github.com/ponte-desk/ponte/internal/clock"
	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/team"
)

type row struct {
	bun.BaseModel `bun:"table:delivery"`
	ID            ID                `bun:"id,pk"`
	CompanyID     team.CompanyID    `bun:"company_id"`
	ChannelID     network.ChannelID `bun:"channel_id"`
	SourceKind    SourceKind        `bun:"source_kind"`
	SourceID      string            `bun:"source_id"`
	State         State             `bun:"state"`
	Message       Message           `bun:"message"`
	NotBefore     time.Time         `bun:"not_before"`
	PlannedAt     time.Time         `bun:"planned_at"`
	PlannedBy     team.MemberID     `bun:"planned_by"`
	PreparedAt    time.Time         `bun:"prepared_at,nullzero"`
	TriedAt       time.Time         `bun:"tried_at,nullzero"`
	Attempts      int               `bun:"attempts"`
	Lease         string            `bun:"lease"`
	LeasedUntil   time.Time         `bun:"leased_until,nullzero"`
	LookAt        time.Time         `bun:"look_at,nullzero"`
	Absences      int               `bun:"absences"`
	Doubt         bool              `bun:"doubt"`
	Problem       *Trouble          `bun:"problem"`
	RemoteID      string            `bun:"remote_id"`
	URL           string            `bun:"url"`
	Version       string            `bun:"version"`
	RemoteMedia   []string          `bun:"remote_media,type:jsonb"`
	SettledAt     time.Time         `bun:"settled_at,nullzero"`
}

func rowOf(x Delivery) *row {
	files := x.Receipt.Media
	if files == nil {
		files = []string{}
	}
	return &row{
		ID: x.ID, CompanyID: x.Company, ChannelID: x.Channel, SourceKind: x.Source.Kind, SourceID: x.Source.ID, State: x.State,
		Message: x.Message, NotBefore: x.NotBefore, PlannedAt: x.PlannedAt, PlannedBy: x.PlannedBy, PreparedAt: x.PreparedAt, TriedAt: x.TriedAt,
		Attempts: x.Attempts, Lease: x.lease, LeasedUntil: x.leasedUntil, LookAt: x.LookAt, Absences: x.absences, Doubt: x.doubt,
		Problem: x.Trouble, RemoteID: x.Receipt.RemoteID, URL: x.Receipt.URL, Version: x.Receipt.Version, RemoteMedia: files,
		SettledAt: x.SettledAt,
	}
}

func (r row) delivery() Delivery {
	return Delivery{
		ID: r.ID, Company: r.CompanyID, Channel: r.ChannelID, Source: Source{Kind: r.SourceKind, ID: r.SourceID}, State: r.State,
		Message: r.Message, NotBefore: clock.Trim(r.NotBefore), PlannedAt: clock.Trim(r.PlannedAt), PlannedBy: r.PlannedBy,
		PreparedAt: clock.Trim(r.PreparedAt), TriedAt: clock.Trim(r.TriedAt), Attempts: r.Attempts, LookAt: clock.Trim(r.LookAt), Trouble: r.Problem,
		Receipt:   network.Receipt{RemoteID: r.RemoteID, URL: r.URL, Version: r.Version, At: clock.Trim(r.SettledAt), Media: r.RemoteMedia},
		SettledAt: clock.Trim(r.SettledAt), lease: r.Lease, leasedUntil: clock.Trim(r.LeasedUntil), absences: r.Absences, doubt: r.Doubt,
	}
}

func (d *Deliveries) insert(ctx context.Context, tx *store.Tx, x Delivery) error {
	_, err := tx.DB.NewInsert().Model(rowOf(x)).Exec(ctx)
	return store.Fault(err)
}

func (d *Deliveries) get(ctx context.Context, c team.CompanyID, id ID) (Delivery, error) {
	var r row
	err := store.Fault(d.store.Read(ctx).NewSelect().Model(&r).Where("company_id = ?", c).Where("id = ?", id).Scan(ctx))
	if errors.Is(err, store.ErrMissing) {
		return Delivery{}, fault.New(fault.NotFound, "delivery.missing")
	}
	return r.delivery(), err
}

// claim takes the lease of a delivery that is not settled; nil when there is nothing to do or someone else holds it.
func (d *Deliveries) claim(ctx context.Context, id ID) (*Delivery, error) {
	var out *Delivery
	err := d.store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		now := d.clock.Now()
		lease := leaseKind.New(now)
		res, err := tx.DB.NewUpdate().Model((*row)(nil)).Where("id = ?", id).
			Where("state IN (?)", bun.List([]State{Planned, Sending, Unconfirmed})).
			Where("(lease = '' OR leased_until < ?)", now).
			Set("lease = ?", lease).Set("leased_until = ?", now.Add(d.config.CallTimeout+d.config.Grace)).Exec(ctx)
		if err != nil {
			return store.Fault(err)
		}
		if n, _ := res.RowsAffected(); n == 0 {
			return nil
		}
		var r row
		if err := tx.DB.NewSelect().Model(&r).Where("id = ?", id).Scan(ctx); err != nil {
			return store.Fault(err)
		}
		x := r.delivery()
		out = &x
		return nil
	})
	return out, err
}

// intend stores that a call is about to be made: whoever finds this later knows that it may have been. goes is false when the room
// that planned the delivery says that it may not go out now; nothing is left of it then.
func (d *Deliveries) intend(ctx context.Context, x *Delivery) (goes bool, err error) {
	x.State = Sending
	x.Attempts++
	now := d.clock.Now()
	if x.PreparedAt.IsZero() {
		x.PreparedAt = now
	}
	x.TriedAt, x.LookAt = now, now
	goes = true
	err = d.store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		if err := d.save(ctx, tx, *x, Planned, x.lease); err != nil {
			return err
		}
		gate := d.gates[x.Source.Kind]
		if gate == nil {
			return nil
		}
		if goes, err = gate(ctx, tx, *x); err != nil || goes {
			return err
		}
		return d.drop(ctx, tx, x.Company, []ID{x.ID})
	})
	return goes, err
}

// record writes a step in between, keeping the lease.
func (d *Deliveries) record(ctx context.Context, x Delivery, from State) error {
	return d.store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error { return d.save(ctx, tx, x, from, x.lease) })
}

// save writes a delivery if it still is in the state it started from and held by the same lease.
func (d *Deliveries) save(ctx context.Context, tx *store.Tx, x Delivery, from State, lease string) error {
	res, err := tx.DB.NewUpdate().Model(rowOf(x)).Where("id = ?", x.ID).Where("state = ?", from).Where("lease = ?", lease).
		Column("state", "not_before", "prepared_at", "tried_at", "attempts", "lease", "leased_until", "look_at", "absences", "doubt", "problem",
			"remote_id", "url", "version", "remote_media", "settled_at").Exec(ctx)
	if err != nil {
		return store.Fault(err)
	}
	if n, _ := res.RowsAffected(); n == 0 {
		return fault.New(fault.Conflict, "delivery.moved")
	}
	return nil
}

// stale lists deliveries whose next step is overdue and that nobody holds.
func (d *Deliveries) stale(ctx context.Context, now time.Time) ([]ID, error) {
	var ids []ID
	err := d.store.Read(ctx).NewSelect().Model((*row)(nil)).Column("id").
		Where("state IN (?)", bun.List([]State{Planned, Sending, Unconfirmed})).Where("look_at < ?", now.Add(-d.config.Overdue)).
		Where("(lease = '' OR leased_until < ?)", now).Order("look_at").Limit(500).Scan(ctx, &ids)
	return ids, store.Fault(err)
}

func (d *Deliveries) waiting(ctx context.Context, c team.CompanyID) ([]ID, error) {
	var ids []ID
	err := d.store.Read(ctx).NewSelect().Model((*row)(nil)).Column("id").Where("company_id = ?", c).Where("state = ?", Planned).Order("id").Scan(ctx, &ids)
	return ids, store.Fault(err)
}

// release frees every lease and lists what was held.
func (d *Deliveries) release(ctx context.Context, tx *store.Tx) ([]ID, error) {
	var ids []ID
	err := tx.DB.NewSelect().Model((*row)(nil)).Column("id").Where("state IN (?)", bun.List([]State{Planned, Sending, Unconfirmed})).
		Where("(lease <> '' OR state <> ?)", Planned).Scan(ctx, &ids)
	if err != nil {
		return nil, store.Fault(err)
	}
	_, err = tx.DB.NewUpdate().Model((*row)(nil)).Where("lease <> ''").Set("lease = ''").Set("leased_until = NULL").Exec(ctx)
	return ids, store.Fault(err)
}

func (d *Deliveries) troubled(ctx context.Context, c team.CompanyID, now time.Time) ([]Delivery, error) {
	var rows []row
	err := d.store.Read(ctx).NewSelect().Model(&rows).Where("company_id = ?", c).WhereGroup(" AND ", func(q *bun.SelectQuery) *bun.SelectQuery {
		return q.Where("(state = ? AND settled_at > ?)", Failed, now.AddDate(0, 0, -7)).
			WhereOr("state = ?", Unconfirmed).
			WhereOr("(state IN (?) AND not_before < ?)", bun.List([]State{Planned, Sending}), now.Add(-lateAfter))
	}).Order("id DESC").Limit(50).Scan(ctx)
	if err != nil {
		return nil, store.Fault(err)
	}
	out := make([]Delivery, len(rows))
	for i, r := range rows {
		out[i] = r.delivery()
	}
	return out, nil
}

func (d *Deliveries) overdue(ctx context.Context, before time.Time) ([]Delivery, error) {
	var rows []row
	err := d.store.Read(ctx).NewSelect().Model(&rows).Where("state IN (?)", bun.List([]State{Planned, Sending})).Where("not_before < ?", before).
		Where("not_before > ?", before.Add(-d.config.GiveUpAfter)).Order("not_before", "id").Limit(200).Scan(ctx)
	out := make([]Delivery, len(rows))
	for i, r := range rows {
		out[i] = r.delivery()
	}
	return out, store.Fault(err)
}

// withdraw drops a delivery that nobody is at. A row that somebody holds at this moment is passed over: they are at it.
func (d *Deliveries) withdraw(ctx context.Context, tx *store.Tx, c team.CompanyID, id ID, now time.Time) (bool, error) {
	free := tx.DB.NewSelect().Model((*row)(nil)).Column("id").Where("id = ?", id).Where("company_id = ?", c).Where("state = ?", Planned).
		Where("(lease = '' OR leased_until < ?)", now)
	if d.store.Dialect() == store.Postgres {
		free = free.For("UPDATE SKIP LOCKED")
	}
	res, err := tx.DB.NewDelete().Model((*row)(nil)).Where("id IN (?)", free).Exec(ctx)
	if err != nil {
		return false, store.Fault(err)
	}
	n, err := res.RowsAffected()
	return n > 0, err
}

func (d *Deliveries) removeCompany(ctx context.Context, tx *store.Tx, c team.CompanyID) error {
	if _, err := tx.DB.NewDelete().Model((*uploadRow)(nil)).Where("company_id = ?", c).Exec(ctx); err != nil {
		return store.Fault(err)
	}
	_, err := tx.DB.NewDelete().Model((*row)(nil)).Where("company_id = ?", c).Exec(ctx)
	return store.Fault(err)
}
