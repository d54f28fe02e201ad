package reach

import (
	"context"
	"encoding/json"
	"errors"
	"math"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"github.com/ponte-desk/ponte/internal/audience"
	"github.com/ponte-desk/ponte/internal/clock"
	"github.com/ponte-desk/ponte/internal/inbox"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/team"
	"github.com/ponte-desk/ponte/internal/tie"
)

type suggestionRow struct {
	bun.BaseModel `bun:"table:reach_suggestion"`
	ID            SuggestionID    `bun:"id,pk"`
	CompanyID     team.CompanyID  `bun:"company_id"`
	ActorID       ActorID         `bun:"actor_id"`
	Rank          int             `bun:"rank"`
	State         State           `bun:"state"`
	Class         int             `bun:"class"`
	Low           float64         `bun:"low"`
	Expected      float64         `bun:"expected"`
	High          *float64        `bun:"high"` // nil: nobody knows
	At            time.Time       `bun:"at"`
	Until         time.Time       `bun:"until_at"`
	Why           json.RawMessage `bun:"why,type:jsonb"`
	DoneAt        time.Time       `bun:"done_at,nullzero"`
	DoneBy        team.MemberID   `bun:"done_by"`
	ReplyID       inbox.ReplyID   `bun:"reply_id"`
	Reached       int             `bun:"reached"`
	Measured      bool            `bun:"measured"`
}

func (x *suggestionRow) trim() {
	x.At, x.Until, x.DoneAt = clock.Trim(x.At), clock.Trim(x.Until), clock.Trim(x.DoneAt)
}

func (x suggestionRow) suggestion() Suggestion {
	s := Suggestion{
		ID: x.ID, Company: x.CompanyID, Actor: x.ActorID, Rank: x.Rank, State: x.State, Class: tie.Class(x.Class), At: x.At, Until: x.Until, Why: x.Why,
		Expected: tie.Interval{Low: x.Low, Expected: x.Expected, High: math.Inf(1)}, DoneAt: x.DoneAt, DoneBy: x.DoneBy, Reply: x.ReplyID, Reached: x.Reached, Measured: x.Measured,
	}
	if x.High != nil {
		s.Expected.High = *x.High
	}
	return s
}

func trimmed(rows []suggestionRow) []suggestionRow {
	for i := range rows {
		rows[i].trim()
	}
	return rows
}

func (r *Room) addSuggestions(ctx context.Context, tx *store.Tx, rows []suggestionRow) error {
	for part := range slices.Chunk(rows, chunk) {
		if _, err := tx.DB.NewInsert().Model(&part).Exec(ctx); err != nil {
			return store.Fault(err)
		}
	}
	return nil
}

func (r *Room) saveSuggestion(ctx context.Context, tx *store.Tx, x *suggestionRow) error {
	_, err := tx.DB.NewUpdate().Model(x).WherePK().Column("state", "done_at", "done_by", "reply_id", "reached", "measured").Exec(ctx)
	return store.Fault(err)
}

func (r *Room) readSuggestion(ctx context.Context, tx *store.Tx, c team.CompanyID, id SuggestionID) (*suggestionRow, error) {
	x := &suggestionRow{}
	err := store.Fault(tx.DB.NewSelect().Model(x).Where("company_id = ?", c).Where("id = ?", id).Scan(ctx))
	if errors.Is(err, store.ErrMissing) {
		return nil, errMissing
	}
	x.trim()
	return x, err
}

// openSuggestions gives the advice whose time is not over.
func (r *Room) openSuggestions(ctx context.Context, c team.CompanyID, now time.Time) ([]suggestionRow, error) {
	var rows []suggestionRow
	err := r.rooms.Store.Read(ctx).NewSelect().Model(&rows).Where("company_id = ?", c).Where("at <= ?", now).Where("until_at > ?", now).Order("id").Scan(ctx)
	return trimmed(rows), store.Fault(err)
}

// suggestionRows gives the advice given until a moment.
func (r *Room) suggestionRows(ctx context.Context, c team.CompanyID, until time.Time) ([]suggestionRow, error) {
	var rows []suggestionRow
	err := r.rooms.Store.Read(ctx).NewSelect().Model(&rows).Where("company_id = ?", c).Where("at <= ?", until).Order("id").Scan(ctx)
	return trimmed(rows), store.Fault(err)
}

func (r *Room) unmeasured(ctx context.Context, tx *store.Tx, c team.CompanyID) ([]suggestionRow, error) {
	var rows []suggestionRow
	err := tx.DB.NewSelect().Model(&rows).Where("company_id = ?", c).Where("NOT measured").Order("id").Scan(ctx)
	return trimmed(rows), store.Fault(err)
}

func (r *Room) listSuggestions(ctx context.Context, c team.CompanyID, in SuggestionsIn, ids []ActorID, now time.Time) ([]suggestionRow, error) {
	var rows []suggestionRow
	q := r.rooms.Store.Read(ctx).NewSelect().Model(&rows).Where("company_id = ?", c).Order("at DESC", "rank", "id").Limit(int64(in.Limit))
	if !in.Held {
		q = q.Where("state <> ?", Held)
	}
	if in.Open {
		q = q.Where("state = ?", Offered).Where("until_at > ?", now)
	}
	if ids != nil {
		q = q.Where("actor_id IN (?)", bun.List(ids))
	}
	err := q.Scan(ctx)
	return trimmed(rows), store.Fault(err)
}

// identitiesOf gives the known accounts behind actors.
func (r *Room) identitiesOf(ctx context.Context, c team.CompanyID, ids []ActorID) (map[ActorID]audience.IdentityID, error) {
	out := map[ActorID]audience.IdentityID{}
	for part := range slices.Chunk(ids, chunk) {
		var rows []actorRow
		err := r.rooms.Store.Read(ctx).NewSelect().Model(&rows).Column("id", "identity_id").Where("company_id = ?", c).Where("id IN (?)", bun.List(part)).
			Where("identity_id <> ''").Scan(ctx)
		if err != nil {
			return nil, store.Fault(err)
		}
		for _, x := range rows {
			out[x.ID] = x.IdentityID
		}
	}
	return out, nil
}

func (r *Room) actorsByIdentity(ctx context.Context, c team.CompanyID, ids []audience.IdentityID) ([]ActorID, error) {
	var out []ActorID
	for part := range slices.Chunk(ids, chunk) {
		var some []ActorID
		err := r.rooms.Store.Read(ctx).NewSelect().Model((*actorRow)(nil)).Column("id").Where("company_id = ?", c).Where("identity_id IN (?)", bun.List(part)).
			Where("identity_id <> ''").Order("id").Scan(ctx, &some)
		if err != nil {
			return nil, store.Fault(err)
		}
		out = append(out, some...)
	}
	return out, nil
}
