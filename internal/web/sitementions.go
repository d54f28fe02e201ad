package web

import (
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/linkback"
	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/team"
	"github.com/ponte-desk/ponte/internal/web/view"
)

func (w *Web) showSiteMentions(rw http.ResponseWriter, r *http.Request) error {
	return w.siteMentions(rw, r, http.StatusOK, nil)
}

// mentionFilters are the ways to narrow the list, in their order: "" all, a state, or those that are not shown.
var mentionFilters = []string{"", string(linkback.Taken), string(linkback.Waiting), string(linkback.Refused), string(linkback.Gone), "hidden"}

func (w *Web) siteMentions(rw http.ResponseWriter, r *http.Request, status int, wrong *view.TroubleProps) error {
	v := visitOf(r)
	ch, tabs, err := w.theSite(r, "mentions")
	if err != nil {
		return err
	}
	count, err := w.rooms.Linkbacks.Tally(r.Context(), v.actor, ch.ID)
	if err != nil {
		return err
	}
	chosen := r.URL.Query().Get("state")
	f := linkback.Filter{Channel: ch.ID, Cursor: r.URL.Query().Get("cursor"), Limit: 50}
	out := view.SiteMentions{Tabs: tabs, Problem: wrong, None: v.words.T("sitepage.mentions.none")}
	for _, s := range mentionFilters {
		n := count.All()
		switch {
		case s == "hidden":
			n = count.Hidden
		case s != "":
			n = count.States[linkback.State(s)]
		}
		if n == 0 && s != chosen {
			continue
		}
		href := tabs.Path + "/mentions"
		if s != "" {
			href += "?state=" + s
		}
		out.Filters = append(out.Filters, view.Chip{Label: v.words.T("sitepage.filter." + first(s, "all")), Count: v.words.Number(n), Href: href, Current: s == chosen})
		if s == chosen && s == "hidden" {
			f.Hidden = true
		} else if s == chosen {
			f.State = linkback.State(s)
		}
	}
	if count.All() == 0 {
		out.Filters = nil
		if tabs.Setup {
			out.Setup = tabs.Path + "/setup"
		}
	} else {
		out.None = v.words.T("sitepage.mentions.none.here")
	}
	l, err := w.rooms.Linkbacks.Received(r.Context(), v.actor, f)
	if err != nil {
		return err
	}
	now := w.rooms.Clock.Now()
	for _, m := range l.Mentions {
		out.All = append(out.All, w.mentionRow(v, tabs, m, now))
	}
	if l.Next != "" {
		q := url.Values{"cursor": {l.Next}}
		if chosen != "" {
			q.Set("state", chosen)
		}
		out.More = view.MoreProps{Href: tabs.Path + "/mentions?" + q.Encode(), Label: v.words.T("sitepage.older")}
	}
	p := w.page(r, view.RoomChannels, "sitepage.mentions")
	p.Topics = "inbox"
	return w.showStatus(rw, r, status, p, view.SiteMentionsPage(p, out))
}

// mentionRow says a mention to the team, with what may be done about it.
func (w *Web) mentionRow(v *visit, tabs view.SiteTabs, m linkback.Received, now time.Time) view.MentionRow {
	moment := func(t time.Time) string { return v.words.Moment(t.In(v.zone()), now.In(v.zone())) }
	at := m.At
	if at.IsZero() {
		at = m.FirstAt
	}
	row := view.MentionRow{
		ID: string(m.ID), Path: tabs.Path, Who: m.Author, WhoURL: webAddress(m.AuthorURL), Text: strings.ReplaceAll(m.Text, "\n\n", "\n"), Host: strings.TrimPrefix(m.Host, "www."), Source: webAddress(m.Source),
		Page: first(m.Title, shownAddress(m.Target)), PageURL: webAddress(m.Target), When: moment(at), At: at.UTC().Format(time.RFC3339), How: v.way(m.Protocol),
		Hidden: m.Hidden != "", Hide: m.State == linkback.Taken && v.actor.Can(team.InboxOrganise), Look: m.State != linkback.Waiting && v.actor.Can(team.InboxOrganise),
		BlockHost: v.actor.Can(team.ChannelsManage),
	}
	if m.Kind != "" {
		row.Did = v.words.T("mentionpage.kind." + string(m.Kind))
	}
	if !m.Checked.IsZero() {
		row.Checked = moment(m.Checked)
	}
	if m.Conversation != "" {
		row.Talk = view.PathInbox + "/" + string(m.Conversation)
	}
	switch m.State {
	case linkback.Waiting:
		row.Tags = append(row.Tags, view.TagProps{Label: v.words.T("sitepage.state.waiting"), Icon: "hourglass"})
	case linkback.Refused:
		row.Tags = append(row.Tags, view.TagProps{Label: v.words.T("sitepage.state.refused"), Icon: "close"})
	case linkback.Gone:
		row.Tags = append(row.Tags, view.TagProps{Label: v.words.T("sitepage.state.gone"), Icon: "archive"})
	case linkback.Taken:
		if !row.Hidden {
			row.Tags = append(row.Tags, view.TagProps{Label: v.words.T("sitepage.state.shown"), Icon: "eye"})
		}
	}
	if err := m.Err(); err != nil {
		row.Problem, _ = v.words.Error(fault.Of(err))
	}
	if row.Hidden {
		row.Tags = append(row.Tags, view.TagProps{Label: v.words.T("sitepage.hidden", "why", v.words.T("sitepage.reason."+string(m.Hidden))), Icon: "close"})
	}
	if row.Hide && !row.Hidden {
		for _, why := range linkback.Reasons {
			row.Reasons = append(row.Reasons, view.Option{Value: string(why), Label: v.words.T("sitepage.reason." + string(why))})
		}
	}
	return row
}

// onMention does something with the mention that a form names, and says so. What stands in the way is said on the list.
func (w *Web) onMention(rw http.ResponseWriter, r *http.Request, said string, do func(linkback.MentionID) error) error {
	_, tabs, err := w.theSite(r, "mentions")
	if err != nil {
		return err
	}
	id, err := linkback.ParseMentionID(r.PostFormValue("mention"))
	if err != nil {
		return linkback.ErrNoMention.Because(err)
	}
	err = do(id)
	if wrong, ok := w.wrong(rw, r, err, fault.Invalid, fault.Conflict); ok {
		return w.siteMentions(rw, r, wrong.Status, &view.TroubleProps{Title: first(wrong.Text, wrong.Fields["reason"]), Text: wrong.Remedy})
	} else if err != nil {
		return err
	}
	return w.done(rw, r, tabs.Path+"/mentions", said)
}

func (w *Web) hideSiteMention(rw http.ResponseWriter, r *http.Request) error {
	why, said := linkback.Reason(r.PostFormValue("reason")), "sitepage.done.hidden"
	if why == "" {
		said = "sitepage.done.shown"
	}
	return w.onMention(rw, r, said, func(id linkback.MentionID) error {
		_, err := w.rooms.Linkbacks.Hide(r.Context(), visitOf(r).actor, id, why)
		return err
	})
}

func (w *Web) lookSiteMention(rw http.ResponseWriter, r *http.Request) error {
	return w.onMention(rw, r, "sitepage.done.looked", func(id linkback.MentionID) error {
		_, err := w.rooms.Linkbacks.LookAgain(r.Context(), visitOf(r).actor, id)
		return err
	})
}

func (w *Web) blockSiteHost(rw http.ResponseWriter, r *http.Request) error {
	v := visitOf(r)
	_, tabs, err := w.theSite(r, "setup")
	if err != nil {
		return err
	}
	host := r.PostFormValue("host")
	b, err := w.rooms.Linkbacks.BlockHost(r.Context(), v.actor, host)
	if wrong, ok := w.wrong(rw, r, err, fault.Invalid); ok {
		return w.siteSetup(rw, r, wrong.Status, host, wrong.Fields)
	} else if err != nil {
		return err
	}
	back := tabs.Path + "/mentions"
	if r.PostFormValue("back") == "setup" {
		back = tabs.Path + "/setup"
	}
	return w.done(rw, r, back, "sitepage.done.blocked", "host", b.Host)
}

func (w *Web) unblockSiteHost(rw http.ResponseWriter, r *http.Request) error {
	_, tabs, err := w.theSite(r, "setup")
	if err != nil {
		return err
	}
	host := r.PostFormValue("host")
	if err := w.rooms.Linkbacks.UnblockHost(r.Context(), visitOf(r).actor, host); err != nil {
		return err
	}
	return w.done(rw, r, tabs.Path+"/setup", "sitepage.done.unblocked", "host", host)
}

func (w *Web) showSiteSetup(rw http.ResponseWriter, r *http.Request) error {
	return w.siteSetup(rw, r, http.StatusOK, "", nil)
}

// siteSetup shows the line that connects the site, the frame that shows mentions there, and who is blocked.
func (w *Web) siteSetup(rw http.ResponseWriter, r *http.Request, status int, host string, wrong map[string]string) error {
	v := visitOf(r)
	ch, tabs, err := w.theSite(r, "setup")
	if err != nil {
		return err
	}
	if !tabs.Setup {
		return fault.New(fault.NotFound, "channel.missing")
	}
	at := w.address(r, "/m/"+string(ch.ID))
	page, err := w.spokenOf(r, ch)
	if err != nil {
		return err
	}
	out := view.SiteSetup{
		Tabs: tabs, Path: tabs.Path, Manage: v.actor.Can(team.ChannelsManage), Host: host, Errors: wrong, Paused: ch.State == network.Paused,
		Line:  `<link rel="webmention" href="` + at + `/webmention"><link rel="pingback" href="` + at + `/pingback">`,
		Frame: `<iframe src="` + at + `/embed?page=` + url.QueryEscape(page) + `" title="` + v.words.T("mentionpage.title") + `" loading="lazy" width="100%" height="420" frameborder="0"></iframe>`,
		JSON:  at + "/mentions.json?page=" + url.QueryEscape(page),
		Look:  "/m/" + string(ch.ID) + "/embed?" + query("lang", v.lang, "page", page),
	}
	blocks, err := w.rooms.Linkbacks.Blocks(r.Context(), v.actor)
	if err != nil {
		return err
	}
	now := w.rooms.Clock.Now()
	for _, b := range blocks {
		out.Blocks = append(out.Blocks, view.BlockRow{Host: b.Host, Since: v.words.T("sitepage.blocks.since", "when", v.words.Moment(b.At.In(v.zone()), now.In(v.zone())))})
	}
	p := w.page(r, view.RoomChannels, "sitepage.setup")
	return w.showStatus(rw, r, status, p, view.SiteSetupPage(p, out))
}

// spokenOf is a page of the site that others speak of, the newest; else the first page.
func (w *Web) spokenOf(r *http.Request, ch network.Channel) (string, error) {
	l, err := w.rooms.Linkbacks.Mentions(r.Context(), visitOf(r).actor, linkback.Filter{Channel: ch.ID, State: linkback.Taken, Limit: 20})
	if err != nil {
		return "", err
	}
	for _, m := range l.Mentions {
		if m.Hidden == "" {
			return m.Target, nil
		}
	}
	return ch.ServerURL + "/", nil
}
