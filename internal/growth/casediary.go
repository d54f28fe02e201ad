package growth

import (
	"context"

	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/team"
)

// diary writes a line into a case's diary: who did what, as growth.event.<key> says it. Args never name a person outside and
// never hold what people wrote: they outlive an erasure.
func (g *Growth) diary(ctx context.Context, tx *store.Tx, actor team.Actor, c CaseID, key string, args map[string]string) error {
	if args == nil {
		args = map[string]string{}
	}
	return g.insertEvent(ctx, tx, actor.Company, c, Event{At: g.rooms.Clock.Now(), Member: actor.Member, Key: key, Args: args})
}
