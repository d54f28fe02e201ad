package app

import (
	"context"
	"time"

	"github.com/ponte-desk/ponte/internal/lead"
	"github.com/ponte-desk/ponte/internal/link"
	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/post"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/team"
)

// LeadTracks tells the room of leads what links brought somebody.
type LeadTracks struct{ Links *link.Links }

// Touches implements lead.Tracks.
func (t LeadTracks) Touches(ctx context.Context, c team.CompanyID, mark string) (first, last lead.Touch, ok bool, err error) {
	a, b, ok, err := t.Links.Touches(ctx, c, link.Token(mark))
	return touchOf(a), touchOf(b), ok, err
}

// TouchOf implements lead.Tracks.
func (t LeadTracks) TouchOf(ctx context.Context, c team.CompanyID, code string) (lead.Touch, error) {
	x, err := t.Links.TouchOf(ctx, c, code)
	return touchOf(x), err
}

func touchOf(t link.Touch) lead.Touch {
	return lead.Touch{At: t.At, Link: string(t.Link), Post: t.Post, Channel: t.Channel, Campaign: t.Campaign, Source: t.Source, Medium: t.Medium}
}

// PostTracks makes and counts the links that posts go out with.
type PostTracks struct{ Links *link.Links }

func forPosts(all []post.Tracked) []link.ForPost {
	out := make([]link.ForPost, len(all))
	for i, x := range all {
		out[i] = link.ForPost{
			Post: string(x.Post), Place: string(x.Channel), Channel: string(x.Network), Campaign: x.Campaign, Title: x.Title, Address: x.Address, Member: x.Member,
		}
	}
	return out
}

// Plan implements post.Tracks.
func (t PostTracks) Plan(ctx context.Context, c team.CompanyID, all []post.Tracked) ([]string, error) {
	planned, err := t.Links.PlanForPost(ctx, c, forPosts(all))
	out := make([]string, len(planned))
	for i, p := range planned {
		out[i] = p.Address
	}
	return out, err
}

// Make implements post.Tracks.
func (t PostTracks) Make(ctx context.Context, tx *store.Tx, c team.CompanyID, all []post.Tracked) error {
	return t.Links.MakeForPost(ctx, tx, c, forPosts(all))
}

// Visits implements post.Tracks.
func (t PostTracks) Visits(ctx context.Context, c team.CompanyID, id post.ID, since func(network.ChannelID) (time.Time, []time.Time)) ([]post.Visited, error) {
	all, err := t.Links.VisitsOfPost(ctx, c, string(id), func(place string) (time.Time, []time.Time) { return since(network.ChannelID(place)) })
	if err != nil || len(all) == 0 {
		return nil, err
	}
	base, err := t.Links.Base(ctx, c)
	if err != nil {
		return nil, err
	}
	out := make([]post.Visited, len(all))
	for i, v := range all {
		out[i] = post.Visited{Channel: network.ChannelID(v.Place), Link: string(v.Link.ID), Address: base + v.Link.Code, Target: v.Link.Target, By: map[post.Age]int64{}}
		for j, n := range v.Until { // the first is until now
			if j == 0 {
				out[i].Visits = n
			} else if j <= len(post.Ages) {
				out[i].By[post.Ages[j-1]] = n
			}
		}
	}
	return out, nil
}

// Drop implements post.Tracks.
func (t PostTracks) Drop(ctx context.Context, tx *store.Tx, c team.CompanyID, id post.ID) error {
	return t.Links.DropOfPost(ctx, tx, c, string(id))
}

// Came implements post.Tracks.
func (t PostTracks) Came(ctx context.Context, c team.CompanyID, ch network.ChannelID, since time.Time, most int) ([]time.Time, error) {
	return t.Links.CameToPosts(ctx, c, string(ch), since, most)
}

// Reachable implements post.Tracks.
func (t PostTracks) Reachable(ctx context.Context, c team.CompanyID) (bool, error) {
	return t.Links.Reachable(ctx, c)
}
