package web

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/inbox"
	"github.com/ponte-desk/ponte/internal/link"
	"github.com/ponte-desk/ponte/internal/linkback"
	"github.com/ponte-desk/ponte/internal/mention"
	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/team"
	"github.com/ponte-desk/ponte/internal/web/view"
	"github.com/ponte-desk/ponte/internal/writing"
)

func (w *Web) sitePageRoutes() {
	at := view.PathChannels + "/{id}"
	w.member("GET "+at+"/articles", w.showSiteArticles)
	w.member("GET "+at+"/articles/{article}", w.showSiteArticle)
	w.member("GET "+at+"/mentions", w.showSiteMentions)
	w.member("POST "+at+"/mentions/hide", w.hideSiteMention)
	w.member("POST "+at+"/mentions/look", w.lookSiteMention)
	w.member("POST "+at+"/mentions/block", w.blockSiteHost)
	w.member("POST "+at+"/mentions/unblock", w.unblockSiteHost)
	w.member("GET "+at+"/told", w.showSiteTold)
	w.member("POST "+at+"/told/again", w.tellSiteAgain)
	w.member("GET "+at+"/setup", w.showSiteSetup)
}

// Bounds of the pages of a site.
const (
	siteArticlesShown = 100
	siteAboutShown    = 50 // mentions and sendings on the page of an article
)

// sitePath is where the pages of a site's channel stand.
func sitePath(id network.ChannelID) string { return view.PathChannels + "/" + string(id) }

// theSite reads the web site that a route is about, and what leads between its pages.
func (w *Web) theSite(r *http.Request, current string) (network.Channel, view.SiteTabs, error) {
	v := visitOf(r)
	id, err := theChannel(r)
	if err != nil {
		return network.Channel{}, view.SiteTabs{}, err
	}
	ch, err := w.rooms.Networks.Channel(r.Context(), v.actor, id)
	if err != nil {
		return network.Channel{}, view.SiteTabs{}, err
	}
	if ch.Network != network.Site {
		return network.Channel{}, view.SiteTabs{}, fault.New(fault.NotFound, "channel.missing")
	}
	if err := v.actor.May(team.InboxRead); err != nil {
		return network.Channel{}, view.SiteTabs{}, err
	}
	name := ch.Name
	if name == "" {
		name = ch.Handle
	}
	return ch, view.SiteTabs{Path: sitePath(ch.ID), Name: name, Current: current, Told: v.actor.Can(team.PostsRead), Setup: v.actor.Can(team.ChannelsRead) && ch.State != network.Gone && !ch.Archive}, nil
}

func (w *Web) showSiteArticles(rw http.ResponseWriter, r *http.Request) error {
	v := visitOf(r)
	ch, tabs, err := w.theSite(r, "articles")
	if err != nil {
		return err
	}
	all, err := w.rooms.Inbox.Articles(r.Context(), v.actor, ch.ID, siteArticlesShown)
	if err != nil {
		return err
	}
	pages := make([]string, len(all))
	for i, a := range all {
		pages[i] = a.URL
	}
	said, err := w.rooms.Linkbacks.Words(r.Context(), v.actor, ch.ID, pages)
	if err != nil {
		return err
	}
	out := view.SiteArticles{Tabs: tabs}
	now := w.rooms.Clock.Now()
	for _, a := range all {
		row := view.SiteArticleRow{Row: view.RowProps{
			Icon: "globe", Title: a.Title, Href: tabs.Path + "/articles/" + string(a.ID), Text: a.Excerpt, Notes: v.wordOf(said[a.URL], tabs.Told), Aside: v.words.Moment(a.At.In(v.zone()), now.In(v.zone())),
		}}
		if v.actor.Can(team.PostsWrite) {
			row.Tell = view.PathPosts + "/new?article=" + string(a.ID)
		}
		out.All = append(out.All, row)
	}
	p := w.page(r, view.RoomChannels, "sitepage.articles")
	return w.show(rw, r, p, view.SiteArticlesPage(p, out))
}

// wordOf says how much is said of a page, and by it.
func (v *visit) wordOf(x linkback.Word, told bool) (notes []string) {
	if x.Mentions > 0 {
		notes = append(notes, v.words.N("sitepage.count.mentions", x.Mentions))
	}
	sent := 0
	for _, n := range x.Sendings {
		sent += n
	}
	if told && sent > 0 {
		notes = append(notes, v.words.N("sitepage.count.told", x.Sendings[linkback.Told], "of", v.words.N("sitepage.count.links", sent)))
	}
	if len(notes) == 0 {
		notes = []string{v.words.T("sitepage.count.none")}
	}
	return notes
}

// showSiteArticle is an article with what is said of it, what it links, and how it speaks.
func (w *Web) showSiteArticle(rw http.ResponseWriter, r *http.Request) error {
	v, ctx := visitOf(r), r.Context()
	ch, tabs, err := w.theSite(r, "articles")
	if err != nil {
		return err
	}
	a, err := w.rooms.Inbox.Article(ctx, v.actor, inbox.InteractionID(r.PathValue("article")))
	if err != nil {
		return err
	}
	if a.Channel != ch.ID {
		return fault.New(fault.NotFound, "inbox.interaction.missing")
	}
	now := w.rooms.Clock.Now()
	out := view.SiteArticlePage{Tabs: tabs, Title: a.Title, URL: webAddress(a.URL), Excerpt: a.Excerpt}
	out.Facts = []view.Fact{{Label: v.words.T("sitepage.article.at"), Value: v.words.Moment(a.At.In(v.zone()), now.In(v.zone()))}}
	if v.actor.Can(team.PostsWrite) {
		out.Tell = view.PathPosts + "/new?article=" + string(a.ID)
	}
	if a.URL != "" {
		l, err := w.rooms.Linkbacks.Received(ctx, v.actor, linkback.Filter{Channel: ch.ID, Target: a.URL, State: linkback.Taken, Limit: siteAboutShown})
		if err != nil {
			return err
		}
		for _, m := range l.Mentions {
			row := w.mentionRow(v, tabs, m, now)
			row.Brief = true
			out.Mentions = append(out.Mentions, row)
		}
		if tabs.Told {
			s, err := w.rooms.Linkbacks.Sendings(ctx, v.actor, linkback.SendingFilter{Channel: ch.ID, Article: a.URL, Limit: siteAboutShown})
			if err != nil {
				return err
			}
			for _, one := range s.Sendings {
				out.Told = append(out.Told, v.toldRow(one, now))
			}
		}
	}
	v.selfOf(a, &out)
	if err := w.siteVisits(ctx, v, a, &out); err != nil {
		return err
	}
	p := w.page(r, view.RoomChannels, "sitepage.articles")
	p.Title = a.Title
	return w.show(rw, r, p, view.OneSiteArticlePage(p, out))
}

// selfOf says how many of an article's sentences are about ourselves, by the rules that the help while writing has.
func (v *visit) selfOf(a inbox.Article, out *view.SiteArticlePage) {
	g := writing.Measure(writing.Text{Body: a.Text, Own: []string{v.company.Name}})
	if g.Language == "" || len(g.Sentences) == 0 {
		return
	}
	ours, words := 0, 0
	for _, s := range g.Sentences {
		words += s.Words
		if !s.Ours {
			continue
		}
		if ours++; out.Example == "" {
			out.Example = strings.Join(strings.Fields(a.Text[s.Start:s.End]), " ")
		}
	}
	out.Facts = append(out.Facts, view.Fact{Label: v.words.T("sitepage.article.length"), Value: v.words.N("sitepage.article.words", words)})
	out.Self = v.words.N("sitepage.article.self.of", ours, "all", v.words.Number(len(g.Sentences)))
}

// siteVisits lists the tracked links that lead to an article, with their visits.
func (w *Web) siteVisits(ctx context.Context, v *visit, a inbox.Article, out *view.SiteArticlePage) error {
	if a.URL == "" || !v.actor.Can(team.LinksRead) {
		return nil
	}
	all, _, err := w.rooms.Links.List(ctx, v.actor, link.Filter{Target: a.URL})
	if err != nil {
		return err
	}
	for _, x := range all {
		out.Links = append(out.Links, view.RowProps{Icon: "link", Title: x.Title, Href: linkPath(x.ID), Notes: []string{v.linkChannel(x.Channel)}, Aside: v.words.N("sitepage.article.visits.n", int(x.Sum.Visits))})
	}
	if v.actor.Can(team.LinksManage) {
		out.NewLink = view.PathNewLink + "?" + query("target", a.URL)
	}
	return nil
}

// way says by which way word came or went.
func (v *visit) way(p mention.Protocol) string {
	switch p {
	case mention.Webmention:
		return "Webmention"
	case mention.Pingback:
		return "Pingback"
	case mention.TrackBack:
		return "Trackback"
	}
	return ""
}

// toldRow says what came of telling a page.
func (v *visit) toldRow(s linkback.Sending, now time.Time) view.ToldRow {
	moment := func(t time.Time) string { return v.words.Moment(t.In(v.zone()), now.In(v.zone())) }
	row := view.RowProps{Title: shownAddress(s.Target), Href: webAddress(s.Target), Text: v.words.T("sitepage.sent." + string(s.State)), Icon: "link"}
	switch s.State {
	case linkback.Planned:
		row.Icon = "hourglass"
		if s.Tries > 0 && !s.NextAt.IsZero() {
			row.Text = v.words.N("sitepage.sent.later", s.Tries, "when", moment(s.NextAt))
		}
	case linkback.Told:
		row.Icon = "check"
		switch {
		case !s.Linked:
			row.Text = v.words.T("sitepage.sent.gone")
		case s.Fault == mention.FaultKnown:
			row.Text = v.words.T("sitepage.sent.known")
		}
	case linkback.Failed:
		row.Icon = "attention"
		if s.Problem != "" {
			row.Text = v.words.T(s.Problem)
		}
	case linkback.Quiet:
		if !s.Linked {
			row.Text = v.words.T("sitepage.sent.unlinked")
		}
	case linkback.Unwilling:
	}
	if way := v.way(s.Protocol); way != "" {
		row.Notes = append(row.Notes, way)
	}
	if s.Says != "" {
		row.Notes = append(row.Notes, v.words.T("sitepage.sent.says", "words", s.Says))
	}
	at := s.DoneAt
	if at.IsZero() {
		at = s.FirstAt
	}
	row.Aside = moment(at)
	out := view.ToldRow{Row: row, ID: string(s.ID)}
	if s.Linked && v.actor.Can(team.PostsPublish) {
		switch s.State {
		case linkback.Failed, linkback.Unwilling:
			out.Again = v.words.T("sitepage.again")
		case linkback.Quiet:
			out.Again = v.words.T("sitepage.tell")
		case linkback.Planned, linkback.Told:
		}
	}
	return out
}

func (w *Web) showSiteTold(rw http.ResponseWriter, r *http.Request) error {
	v := visitOf(r)
	ch, tabs, err := w.theSite(r, "told")
	if err != nil {
		return err
	}
	l, err := w.rooms.Linkbacks.Sendings(r.Context(), v.actor, linkback.SendingFilter{Channel: ch.ID, Cursor: r.URL.Query().Get("cursor"), Limit: 100})
	if err != nil {
		return err
	}
	out := view.SiteTold{Tabs: tabs}
	now := w.rooms.Clock.Now()
	at := map[string]int{}
	for _, s := range l.Sendings {
		i, ok := at[s.Article]
		if !ok {
			i = len(out.Articles)
			at[s.Article] = i
			out.Articles = append(out.Articles, view.ToldArticle{ID: "at-" + string(s.ID), Title: first(s.Title, shownAddress(s.Article)), URL: webAddress(s.Article)})
		}
		out.Articles[i].All = append(out.Articles[i].All, v.toldRow(s, now))
	}
	if l.Next != "" {
		out.More = view.MoreProps{Href: tabs.Path + "/told?" + query("cursor", l.Next), Label: v.words.T("sitepage.older")}
	}
	p := w.page(r, view.RoomChannels, "sitepage.told")
	return w.show(rw, r, p, view.SiteToldPage(p, out))
}

func (w *Web) tellSiteAgain(rw http.ResponseWriter, r *http.Request) error {
	_, tabs, err := w.theSite(r, "told")
	if err != nil {
		return err
	}
	id, err := linkback.ParseSendingID(r.PostFormValue("sending"))
	if err != nil {
		return linkback.ErrNoSending.Because(err)
	}
	if err := w.rooms.Linkbacks.TellAgain(r.Context(), visitOf(r).actor, id); err != nil {
		return err
	}
	back := r.PostFormValue("back")
	if !strings.HasPrefix(back, tabs.Path+"/") {
		back = tabs.Path + "/told"
	}
	return w.done(rw, r, back, "sitepage.told.again")
}
