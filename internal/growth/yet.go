package growth

import (
	"context"
	"time"

	"github.com/ponte-desk/ponte/internal/inbox"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/team"
	"github.com/ponte-desk/ponte/internal/verdict"
)

// What part B builds and part A calls. Each goes away when the real one lands.

func (g *Growth) prepare(context.Context, *store.Tx, team.Actor, Case, Words, time.Time) error {
	return nil
}

func (g *Growth) improvementOfCase(context.Context, team.CompanyID, CaseID) (*Improvement, error) {
	return nil, nil
}

func (g *Growth) lettersOfCase(context.Context, team.CompanyID, CaseID) ([]Letter, error) {
	return nil, nil
}

func (g *Growth) trendOfCase(context.Context, Case) (Trend, error) { return Trend{}, nil }

func (g *Growth) forgetLetters(context.Context, *store.Tx, team.CompanyID, []CriticismID) error {
	return nil
}

func (g *Growth) correct(context.Context, team.Actor, inbox.InteractionID, verdict.Correction) error {
	return nil
}
