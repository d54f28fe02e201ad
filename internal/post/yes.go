package post

import (
	"context"
	"fmt"
	"time"

	"github.com/ponte-desk/ponte/internal/team"
)

// Yeses says how many posts went out since a moment, and how many of them somebody had said yes to.
type Yeses struct {
	Wants bool // the company wants a yes now
	Sent  int
	Asked int // of them, how many needed a yes when they were planned
	Given int // of them, how many had a yes over exactly what went out
	// Without are those that went out with nobody's yes, the latest first, at most ten.
	Without []ID
}

const mostWithout = 10

// Yeses counts since a moment. It needs PostsRead.
func (p *Posts) Yeses(ctx context.Context, actor team.Actor, since time.Time) (Yeses, error) {
	if err := actor.May(team.PostsRead); err != nil {
		return Yeses{}, err
	}
	s, err := p.settingsOf(ctx, actor.Company)
	if err != nil {
		return Yeses{}, fmt.Errorf("post.Yeses: %w", err)
	}
	y := Yeses{Wants: len(s.steps()) > 0}
	rows, err := p.readYeses(ctx, actor.Company, since)
	if err != nil {
		return Yeses{}, fmt.Errorf("post.Yeses: %w", err)
	}
	for _, r := range rows {
		y.Sent++
		if len(r.Wanted.Steps) > 0 {
			y.Asked++
		}
		if r.Given {
			y.Given++
		} else if len(y.Without) < mostWithout {
			y.Without = append(y.Without, r.ID)
		}
	}
	return y, nil
}
