package web

import (
	"context"
	"slices"
	"strings"
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
	if c.Archive {
		return nil
	}
	all, err := w.rooms.Inbox.Articles(ctx, v.actor, c.ID, articlesShown)
	if err != nil {
		return err
	}
	count, err := w.rooms.Linkbacks.Tally(ctx, v.actor, c.ID)
	if err != nil {
		return err
	}
	at := sitePath(c.ID)
	s.Pages = append(s.Pages, view.KeyProps{Label: v.words.T("sitepage.key.mentions", "count", v.words.Number(count.All())), Icon: "kind-mention", Kind: view.KeyQuiet, Href: at + "/mentions"})
	s.Pages = append(s.Pages, view.KeyProps{Label: v.words.T("sitepage.key.articles"), Icon: "globe", Kind: view.KeyQuiet, Href: at + "/articles"})
	if v.actor.Can(team.ChannelsRead) && c.State != network.Gone {
		s.Pages = append(s.Pages, view.KeyProps{Label: v.words.T("sitepage.key.setup"), Icon: "settings", Kind: view.KeyQuiet, Href: at + "/setup"})
	}
	for _, a := range all {
		x := view.SiteArticle{Title: a.Title, URL: at + "/articles/" + string(a.ID), When: v.words.Moment(a.At.In(v.zone()), now.In(v.zone()))}
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

// An article of the site stands on the page of today for freshArticle, until a post tells of it; at most articlesToday of them.
const (
	freshArticle  = 4 * 24 * time.Hour
	articlesToday = 2
	postsLooked   = 100
)

// todayArticles offers new articles of the company's sites for a draft, until a post of any state has their address in it.
func (d *desk) todayArticles(t *view.Today) error {
	if !d.v.actor.Can(team.PostsWrite) || !d.v.actor.Can(team.PostsRead) {
		return nil
	}
	var fresh []inbox.Article
	for _, ch := range sortedChannels(d.channels) {
		if ch.Network != network.Site || ch.State == network.Gone || ch.Archive {
			continue
		}
		all, err := d.rooms.Inbox.Articles(d.ctx(), d.v.actor, ch.ID, articlesToday)
		if err != nil {
			return err
		}
		for _, a := range all {
			elsewhere := slices.ContainsFunc(d.postChannels(), func(other network.Channel) bool { return other.ID != ch.ID && other.State == network.Active })
			if elsewhere && d.now.Sub(a.At) < freshArticle && webAddress(a.URL) != "" {
				fresh = append(fresh, a)
			}
		}
	}
	if len(fresh) == 0 {
		return nil
	}
	l, err := d.rooms.Posts.List(d.ctx(), d.v.actor, post.Filter{Limit: postsLooked})
	if err != nil {
		return err
	}
	for _, a := range fresh {
		told := false
		for _, e := range l.Entries {
			told = told || strings.Contains(e.Post.Message.Text, a.URL)
		}
		if !told && len(t.Articles) < articlesToday {
			t.Articles = append(t.Articles, view.SiteArticleRow{
				Row:  view.RowProps{Icon: "globe", Title: a.Title, Href: sitePath(a.Channel) + "/articles/" + string(a.ID), Notes: []string{d.moment(a.At)}},
				Tell: view.PathPosts + "/new?article=" + string(a.ID),
			})
		}
	}
	return nil
}
