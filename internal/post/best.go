package post

import (
	"context"
	"fmt"

	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/schedule"
	"github.com/ponte-desk/ponte/internal/team"
)

// What good hours are found in.
const (
	bestWeeks = 26
	bestMost  = 12   // hours that are given
	bestCases = 5000 // things that people wrote, and as many visits
)

// Best are the hours of the week at which people answered and followed links of posts, with how many cases stand behind each.
type Best struct {
	Hours   []schedule.Hour
	Wrote   int // what people wrote to us that was looked at
	Posts   int // posts of ours whose first hour was looked at
	Answers int // what those brought in it
	Visits  int // by the links of posts
	Weeks   int
}

// BestHours finds the hours in which people wrote to the company, in which its posts brought something within an hour, and in which people
// followed the links of its posts, on a channel or, with "", on all. It needs PostsRead.
func (p *Posts) BestHours(ctx context.Context, actor team.Actor, ch network.ChannelID) (Best, error) {
	if err := actor.May(team.PostsRead); err != nil {
		return Best{}, err
	}
	b, err := p.best(ctx, actor.Company, ch)
	if err != nil {
		return Best{}, fmt.Errorf("post.BestHours: %w", err)
	}
	return b, nil
}

func (p *Posts) best(ctx context.Context, c team.CompanyID, ch network.ChannelID) (b Best, err error) {
	company, err := p.rooms.Team.Company(ctx, c)
	if err != nil {
		return b, err
	}
	b.Weeks = bestWeeks
	since := p.rooms.Clock.Now().AddDate(0, 0, -7*bestWeeks)
	came, err := p.rooms.Inbox.CameSince(ctx, c, ch, since, bestCases)
	if err != nil {
		return b, err
	}
	var samples []schedule.Sample
	for _, at := range came {
		samples = append(samples, schedule.Sample{At: at})
	}
	b.Wrote = len(came)
	rows, err := p.countedSince(ctx, c, ch, since)
	if err != nil {
		return b, err
	}
	for _, r := range rows {
		b.Posts++
		if n := r.Counts.answers(); n > 0 {
			b.Answers += n
			samples = append(samples, schedule.Sample{At: r.SentAt, Count: n})
		}
	}
	if p.rooms.Tracks != nil {
		visits, err := p.rooms.Tracks.Came(ctx, c, ch, since, bestCases)
		if err != nil {
			return b, err
		}
		for _, at := range visits {
			samples = append(samples, schedule.Sample{At: at})
		}
		b.Visits = len(visits)
	}
	b.Hours = schedule.BestHours(samples, company.Location(), bestMost)
	return b, nil
}
