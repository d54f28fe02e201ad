package report

import (
	"context"
	"time"

	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/link"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/team"
)

// Staged is work of the sample company, as its story tells it.
type Staged struct {
	Member  team.MemberID
	Day     link.Day
	Work    Work
	Minutes int
}

// Stage tells what the members of the sample company worked, as if it had been measured. Only a sample company that is being filled is told so.
func (x *Room) Stage(ctx context.Context, a team.Actor, all []Staged) error {
	c, err := x.rooms.Team.Company(ctx, a.Company)
	if err != nil {
		return wrap("Stage", err)
	}
	if !c.Sample || !c.Filling || a.Via != team.ViaSystem {
		return wrap("Stage", fault.New(fault.Denied, "team.denied").With("permission", "report.stage"))
	}
	sums := map[dayWork]time.Duration{}
	for _, s := range all {
		sums[dayWork{worker{a.Company, s.Member}, s.Day, s.Work}] += time.Duration(s.Minutes) * time.Minute
	}
	return wrap("Stage", x.rooms.Store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error { return x.addWork(ctx, tx, sums) }))
}
