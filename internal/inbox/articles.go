package inbox

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/team"
	"github.com/ponte-desk/ponte/internal/text"
)

// Article is something of ours that stands on a site.
type Article struct {
	ID      InteractionID
	Channel network.ChannelID
	Title   string
	Excerpt string // its first words
	Text    string // all of it, the title too
	URL     string
	At      time.Time
}

// excerptLength bounds an excerpt, in characters.
const excerptLength = 220

// Articles gives the newest articles of a channel, at most so many. It needs InboxRead.
func (x *Inbox) Articles(ctx context.Context, actor team.Actor, ch network.ChannelID, most int) ([]Article, error) {
	if err := actor.May(team.InboxRead); err != nil {
		return nil, err
	}
	rows, err := x.articleRows(ctx, actor.Company, ch, most)
	if err != nil {
		return nil, fmt.Errorf("inbox.Articles: %w", err)
	}
	out := make([]Article, len(rows))
	for i, r := range rows {
		out[i] = r.article()
	}
	return out, nil
}

// Article gives one article. It needs InboxRead.
func (x *Inbox) Article(ctx context.Context, actor team.Actor, id InteractionID) (Article, error) {
	if err := actor.May(team.InboxRead); err != nil {
		return Article{}, err
	}
	rows, err := x.interactionRows(ctx, actor.Company, []InteractionID{id})
	if err != nil {
		return Article{}, fmt.Errorf("inbox.Article: %w", err)
	}
	if len(rows) == 0 || !rows[0].Mine || rows[0].Kind != network.KindPost || !rows[0].DeletedAt.IsZero() {
		return Article{}, fault.New(fault.NotFound, "inbox.interaction.missing")
	}
	return rows[0].article(), nil
}

func (r interactionRow) article() Article {
	a := Article{ID: r.ID, Channel: r.ChannelID, Text: r.Body, URL: r.URL, At: r.At}
	title, rest, _ := strings.Cut(strings.TrimSpace(r.Body), "\n\n")
	a.Title = text.Cut(strings.Join(strings.Fields(title), " "), 200)
	if first, _, _ := strings.Cut(strings.TrimSpace(rest), "\n\n"); first != "" {
		a.Excerpt = text.Cut(strings.Join(strings.Fields(first), " "), excerptLength)
	}
	return a
}
