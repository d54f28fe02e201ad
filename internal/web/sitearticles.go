package web

import (
	"context"
	"time"

	"github.com/ponte-desk/ponte/internal/inbox"
	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/post"
	"github.com/ponte-desk/ponte/internal/team"
	"github.com/ponte-desk/ponte/internal/web/view"
)

// articlesShown is how many articles of a site its channel shows.
const articlesShown = 3

// siteArticles lists the newest articles of a site, each with the way to tell of it elsewhere.
func (w *Web) siteArticles(ctx context.Context, v *visit, c network.Channel, now time.Time, s *view.ChannelSheet) error {
	if c.Network != network.Site || !v.actor.Can(team.InboxRead) {
		return nil
	}
	all, err := w.rooms.Inbox.Articles(ctx, v.actor, c.ID, articlesShown)
	if err != nil {
		return err
	}
	for _, a := range all {
		x := view.SiteArticle{Title: a.Title, URL: webAddress(a.URL), When: v.words.Moment(a.At.In(v.zone()), now.In(v.zone()))}
		if v.actor.Can(team.PostsWrite) {
			x.Tell = view.PathPosts + "/new?article=" + string(a.ID)
		}
		s.Articles = append(s.Articles, x)
	}
	return nil
}

// fromArticle is a draft that tells of an article on the other channels: its title, its first words, its address.
func (d *desk) fromArticle(id inbox.InteractionID) (*postDesk, error) {
	if err := d.v.actor.May(team.PostsWrite); err != nil {
		return nil, err
	}
	a, err := d.rooms.Inbox.Article(d.ctx(), d.v.actor, id)
	if err != nil {
		return nil, err
	}
	w := post.Written{Message: post.Message{Title: a.Title, Text: a.Title}}
	if a.Excerpt != "" {
		w.Message.Text += "\n\n" + a.Excerpt
	}
	if at := webAddress(a.URL); at != "" {
		w.Message.Text += "\n\n" + at
	}
	for _, ch := range d.postChannels() {
		if ch.ID != a.Channel && ch.State == network.Active {
			w.Channels = append(w.Channels, ch.ID)
		}
	}
	x, err := d.blank(postState{written: &w})
	if err != nil {
		return nil, err
	}
	return x, x.preview()
}
