package growth

import (
	"context"

	"github.com/ponte-desk/ponte/internal/team"
)

// Settings are what a company decides about its growth page. The figures are not among them.
type Settings struct {
	Open      bool  // the public page is shown to everybody; else only to members
	Title     Words // "You said it. We worked on it."
	Lede      Words
	Promise   Words       // what the company promises about answering, under the figures
	WriteTo   string      // where people may write: an https address or an e-mail address; "" nowhere
	Approvers []team.Role // who may approve public entries; owners always may
	DecideIn  int         // days within which a doubt should be decided; 1 to 30, 7 by default
	Embed     []string    // origins that may show the page in a frame ("https://www.example.it"); empty: every one
}

// Settings reads what the company decided. It needs GrowthRead.
func (g *Growth) Settings(ctx context.Context, actor team.Actor) (Settings, error) {
	return Settings{}, errSkeleton
}

// ChangeSettings changes it. It needs CompanyChange.
func (g *Growth) ChangeSettings(ctx context.Context, actor team.Actor, s Settings) error {
	return errSkeleton
}
