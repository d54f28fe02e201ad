package reach

import (
	"context"
	"fmt"

	"github.com/ponte-desk/ponte/internal/audience"
	"github.com/ponte-desk/ponte/internal/team"
)

// Followers are those who follow the company, as far as networks show it to everybody.
type Followers struct {
	All   int                   // accounts
	Known []audience.IdentityID // those whom somebody in the house knows; of the others there is a mark and no more
}

// Followers gives who follows the company. It needs PeopleRead.
func (r *Room) Followers(ctx context.Context, actor team.Actor) (Followers, error) {
	if err := actor.May(team.PeopleRead); err != nil {
		return Followers{}, err
	}
	f, err := r.followersOfUs(ctx, actor.Company)
	if err != nil {
		return Followers{}, fmt.Errorf("reach.Followers: %w", err)
	}
	return f, nil
}
