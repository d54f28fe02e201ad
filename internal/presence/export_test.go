package presence

import (
	"context"

	"github.com/ponte-desk/ponte/internal/team"
)

// Due tells whether a portrait of a company is to be drawn by itself.
func (r *Room) Due(ctx context.Context, c team.CompanyID) (bool, error) {
	company, err := r.rooms.Team.Company(ctx, c)
	if err != nil {
		return false, err
	}
	return r.due(ctx, company)
}
