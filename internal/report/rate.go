package report

import (
	"context"
	"maps"

	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/team"
)

// Rates gives what an hour of each role costs, in hundredths; a role that is not there costs nothing that anybody said. It needs TimeRead.
func (x *Room) Rates(ctx context.Context, a team.Actor) (map[team.Role]int64, error) {
	if err := a.May(team.TimeRead); err != nil {
		return nil, err
	}
	out, err := x.rates(ctx, a.Company)
	return out, wrap("Rates", err)
}

// SetRates says what an hour of each role costs; the past is reckoned with it, too. It needs TimeRead and CostsManage.
func (x *Room) SetRates(ctx context.Context, a team.Actor, rates map[team.Role]int64) error {
	for _, p := range []team.Permission{team.TimeRead, team.CostsManage} {
		if err := a.May(p); err != nil {
			return err
		}
	}
	var wrong []fault.Field
	for _, r := range team.Roles {
		if rates[r] < 0 || rates[r] > mostRate {
			wrong = append(wrong, fault.Field{Name: string(r), Key: "report.rate.wrong"})
		}
	}
	for r := range maps.Keys(rates) {
		if _, err := team.ParseRole(string(r)); err != nil {
			return err
		}
	}
	if err := fault.InvalidFields(wrong...); err != nil {
		return err
	}
	err := x.rooms.Store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		if err := x.saveRates(ctx, tx, a.Company, rates); err != nil {
			return err
		}
		return x.rooms.Team.Audit(ctx, tx, a, team.Entry{Verb: "report.rates.changed", ObjectKind: "company", ObjectID: string(a.Company)})
	})
	return wrap("SetRates", err)
}

const mostRate = 1000_00 // an hour
