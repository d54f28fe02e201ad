package growth

import (
	"context"
	"fmt"

	"github.com/ponte-desk/ponte/internal/audience"
	"github.com/ponte-desk/ponte/internal/team"
)

// keeper tells which accounts are not to be forgotten by age: who raised a case, whose word waits for a decision, or to whom
// something was promised that is not settled.
func (g *Growth) keeper(ctx context.Context, c team.CompanyID, ids []audience.IdentityID) (map[audience.IdentityID]bool, error) {
	out, err := g.concerned(ctx, c, ids)
	if err != nil {
		return nil, fmt.Errorf("growth.keeper: %w", err)
	}
	return out, nil
}
