package growth

import (
	"context"

	"github.com/ponte-desk/ponte/internal/inbox"
	"github.com/ponte-desk/ponte/internal/team"
	"github.com/ponte-desk/ponte/internal/verdict"
)

// What is not built yet and part A calls. It goes away when the real one lands.

func (g *Growth) correct(context.Context, team.Actor, inbox.InteractionID, verdict.Correction) error {
	return nil
}
