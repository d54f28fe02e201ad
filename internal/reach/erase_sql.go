package reach

import (
	"context"
	"encoding/json"
	"slices"
	"strings"

	"github.com/uptrace/bun"

	"github.com/ponte-desk/ponte/internal/audience"
	"github.com/ponte-desk/ponte/internal/clock"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/team"
)

// actorsMarked gives the accounts that are tied to some identities or have some marks.
func (r *Room) actorsMarked(ctx context.Context, tx *store.Tx, c team.CompanyID, identities []audience.IdentityID, marks []string) ([]ActorID, error) {
	var out []ActorID
	for column, values := range map[string][]string{"identity_id": strs(identities), "mark": marks} {
		for part := range slices.Chunk(values, chunk) {
			var ids []ActorID
			err := tx.DB.NewSelect().Model((*actorRow)(nil)).Column("id").Where("company_id = ?", c).Where("? IN (?)", bun.Ident(column), bun.List(part)).Scan(ctx, &ids)
			if err != nil {
				return nil, store.Fault(err)
			}
			out = append(out, ids...)
		}
	}
	slices.Sort(out)
	return slices.Compact(out), nil
}

func strs[T ~string](in []T) []string {
	out := make([]string, len(in))
	for i, x := range in {
		out[i] = string(x)
	}
	return out
}

// removeActors removes accounts with all that hangs on them, has everything worked out anew that was worked out with them there, and
// tells how many ties and pieces of advice went.
func (r *Room) removeActors(ctx context.Context, tx *store.Tx, c team.CompanyID, p audience.PersonID, ids []ActorID) (n int, err error) {
	if len(ids) == 0 {
		return 0, nil
	}
	for part := range slices.Chunk(ids, chunk) {
		for _, x := range []struct {
			table   string
			columns []string
			counts  bool
		}{
			{"reach_event", []string{"actor_id", "target_id"}, true},
			{"reach_follow", []string{"actor_id", "target_id"}, true},
			{"reach_suggestion", []string{"actor_id"}, true},
			{"reach_list", []string{"subject"}, false},
			{"reach_class", []string{"actor_id"}, false},
			{"reach_credit", []string{"actor_id", "carrier_id"}, false},
			{"reach_actor", []string{"id"}, false},
		} {
			q := tx.DB.NewDelete().TableExpr("?", bun.Ident(x.table)).Where("company_id = ?", c).WhereGroup(" AND ", func(q *bun.DeleteQuery) *bun.DeleteQuery {
				for _, column := range x.columns {
					q = q.WhereOr("? IN (?)", bun.Ident(column), bun.List(part))
				}
				return q
			})
			res, err := q.Exec(ctx)
			if err != nil {
				return n, store.Fault(err)
			}
			if k, err := res.RowsAffected(); err == nil && x.counts {
				n += int(k)
			}
		}
	}
	if err := r.clearWhy(ctx, tx, c, append(strs(ids), string(p))); err != nil {
		return n, err
	}
	if err := r.dropStrangers(ctx, tx, c); err != nil {
		return n, err
	}
	for _, q := range []*bun.RawQuery{
		tx.DB.NewRaw("DELETE FROM reach_snapshot WHERE company_id = ?", c),
		tx.DB.NewRaw("DELETE FROM reach_class WHERE company_id = ?", c),
		tx.DB.NewRaw("DELETE FROM reach_credit WHERE company_id = ?", c),
		tx.DB.NewRaw("UPDATE reach_post SET frozen_at = NULL, closed = FALSE WHERE company_id = ?", c),
		tx.DB.NewRaw("UPDATE reach_suggestion SET measured = FALSE, reached = 0 WHERE company_id = ?", c),
		tx.DB.NewRaw("UPDATE reach_setting SET anew = anew + 1 WHERE company_id = ?", c),
	} {
		if _, err := q.Exec(ctx); err != nil {
			return n, store.Fault(err)
		}
	}
	return n, nil
}

// clearWhy takes out of advice about others the reasons in which some accounts stand.
func (r *Room) clearWhy(ctx context.Context, tx *store.Tx, c team.CompanyID, ids []string) error {
	var rows []suggestionRow
	if err := tx.DB.NewSelect().Model(&rows).Column("id", "why").Where("company_id = ?", c).Scan(ctx); err != nil {
		return store.Fault(err)
	}
	for i := range rows {
		if !slices.ContainsFunc(ids, func(id string) bool { return strings.Contains(string(rows[i].Why), id) }) {
			continue
		}
		rows[i].Why = json.RawMessage("{}")
		if _, err := tx.DB.NewUpdate().Model(&rows[i]).WherePK().Column("why").Exec(ctx); err != nil {
			return store.Fault(err)
		}
	}
	return nil
}

// tiesOf gives what accounts did, what was done towards them, whom they follow and who follows them.
func (r *Room) tiesOf(ctx context.Context, c team.CompanyID, ids []ActorID) (events []eventRow, follows []followRow, err error) {
	db := r.rooms.Store.Read(ctx)
	either := func(q *bun.SelectQuery) *bun.SelectQuery {
		return q.Where("company_id = ?", c).Where("(actor_id IN (?) OR target_id IN (?))", bun.List(ids), bun.List(ids))
	}
	if err := either(db.NewSelect().Model(&events)).Order("source_id", "seq").Scan(ctx); err != nil {
		return nil, nil, store.Fault(err)
	}
	if err := either(db.NewSelect().Model(&follows)).Order("actor_id", "target_id").Scan(ctx); err != nil {
		return nil, nil, store.Fault(err)
	}
	for i := range events {
		events[i].At = clock.Trim(events[i].At)
	}
	for i := range follows {
		follows[i].FirstAt = clock.Trim(follows[i].FirstAt)
	}
	return events, follows, nil
}

// handlesOf gives what accounts are called, as far as the house knows them.
func (r *Room) handlesOf(ctx context.Context, c team.CompanyID, ids []ActorID) (map[ActorID]string, error) {
	slices.Sort(ids)
	identities, err := r.identitiesOf(ctx, c, ids)
	if err != nil {
		return nil, err
	}
	var ask []audience.IdentityID
	for _, i := range identities {
		ask = append(ask, i)
	}
	slices.Sort(ask)
	known, err := r.rooms.Audience.IdentitiesByID(ctx, c, slices.Compact(ask))
	if err != nil {
		return nil, err
	}
	out := map[ActorID]string{}
	for a, i := range identities {
		out[a] = known[i].Handle
	}
	return out, nil
}
