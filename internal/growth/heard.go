package growth

import (
	"context"
	"fmt"
	"time"

	"github.com/ponte-desk/ponte/internal/team"
)

// Settled is a criticism with when its case came to an end: something was changed, or it was declined with a reason.
type Settled struct {
	Criticism
	At time.Time // zero: not yet, or it is in no case
}

// Heard gives the criticisms that were said in a time, in their order, for rooms that have checked who asks.
func (g *Growth) Heard(ctx context.Context, c team.CompanyID, from, to time.Time) ([]Settled, error) {
	rows, err := g.heardBetween(ctx, c, from, to)
	if err != nil {
		return nil, fmt.Errorf("growth.Heard: %w", err)
	}
	ended, err := g.casesEnded(ctx, c)
	if err != nil {
		return nil, fmt.Errorf("growth.Heard: %w", err)
	}
	out := make([]Settled, len(rows))
	for i, r := range rows {
		out[i] = Settled{Criticism: r.criticism(), At: ended[r.CaseID]}
	}
	return out, nil
}
