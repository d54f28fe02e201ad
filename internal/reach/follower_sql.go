package reach

import (
	"context"

	"github.com/ponte-desk/ponte/internal/audience"
	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/team"
)

// followersOfUs gives the accounts that stand on a list of followers of ours, or were heard to follow.
func (r *Room) followersOfUs(ctx context.Context, c team.CompanyID) (f Followers, err error) {
	var ids []audience.IdentityID
	err = r.rooms.Store.Read(ctx).NewSelect().TableExpr("reach_actor AS a").Column("a.identity_id").Where("a.company_id = ?", c).
		Where("(EXISTS (SELECT 1 FROM reach_follow AS f WHERE f.company_id = a.company_id AND f.actor_id = a.id AND f.target_id = '')"+
			" OR EXISTS (SELECT 1 FROM reach_event AS e WHERE e.company_id = a.company_id AND e.actor_id = a.id AND e.target_id = '' AND e.kind = ?))", network.KindFollow).
		Order("a.id").Scan(ctx, &ids)
	f.All = len(ids)
	for _, id := range ids {
		if id != "" {
			f.Known = append(f.Known, id)
		}
	}
	return f, store.Fault(err)
}
