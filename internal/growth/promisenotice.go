package growth

import (
	"context"
	"fmt"
	"time"

	"github.com/ponte-desk/ponte/internal/team"
)

// Noticed is a sentence in a text of ours that promises something.
type Noticed struct {
	From, To int // bytes of the text
	Text     string
	DueAt    time.Time // the end of the day that it names; zero: it names none
}

// Notice finds what a text of ours promises, read at this moment in the company's zone. It needs InboxReply.
func (g *Growth) Notice(ctx context.Context, actor team.Actor, text string) ([]Noticed, error) {
	if err := actor.May(team.InboxReply); err != nil {
		return nil, err
	}
	company, err := g.rooms.Team.Company(ctx, actor.Company)
	if err != nil {
		return nil, fmt.Errorf("growth.Notice: %w", err)
	}
	return noticed(text, g.rooms.Clock.Now().In(company.Location())), nil
}

// noticed finds the promises of a text. now is in the company's zone.
func noticed(text string, now time.Time) []Noticed {
	return nil
}
