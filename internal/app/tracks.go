package app

import (
	"context"

	"github.com/ponte-desk/ponte/internal/lead"
	"github.com/ponte-desk/ponte/internal/link"
	"github.com/ponte-desk/ponte/internal/team"
)

// tracks tells the room of leads what links brought somebody.
type tracks struct{ links *link.Links }

// Touches implements lead.Tracks.
func (t tracks) Touches(ctx context.Context, c team.CompanyID, mark string) (first, last lead.Touch, ok bool, err error) {
	a, b, ok, err := t.links.Touches(ctx, c, link.Token(mark))
	return touchOf(a), touchOf(b), ok, err
}

func touchOf(t link.Touch) lead.Touch {
	return lead.Touch{At: t.At, Link: string(t.Link), Post: t.Post, Channel: t.Channel, Campaign: t.Campaign, Source: t.Source, Medium: t.Medium}
}
