package web

import (
	"net/http"

	"github.com/ponte-desk/ponte/internal/growth"
	"github.com/ponte-desk/ponte/internal/inbox"
	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/team"
	"github.com/ponte-desk/ponte/internal/web/view"
)

func (w *Web) beforeRoutes() {
	w.member("GET "+view.PathBefore, w.showBefore)
	w.member("POST "+view.PathBefore, w.leaveBefore)
}

// beforeAtOnce is how many criticisms of the past are offered at once.
const beforeAtOnce = 30

// showBefore offers the criticism of the last months that nobody answered: what arrived as past does not ask for attention by itself.
func (w *Web) showBefore(rw http.ResponseWriter, r *http.Request) error {
	d, err := w.sideDesk(r)
	if err != nil {
		return err
	}
	f := inbox.Filter{View: inbox.ViewBefore, Channel: network.ChannelID(r.URL.Query().Get("channel")), Cursor: r.URL.Query().Get("after"), Limit: beforeAtOnce}
	l, err := w.rooms.Inbox.List(r.Context(), d.v.actor, f)
	if err != nil {
		return err
	}
	out := view.BeforePage{}
	for _, c := range l.Conversations {
		row, err := d.beforeRow(c, l)
		if err != nil {
			return err
		}
		out.Rows = append(out.Rows, row)
	}
	if l.Next != "" {
		out.More = view.MoreProps{
			Href: view.PathBefore + "?" + query("channel", string(f.Channel), "after", l.Next), Label: d.t("beforepage.more"), Target: "#before-rows", Select: "#before-rows > li",
		}
	}
	p := w.page(r, view.RoomInbox, "beforepage.title")
	return w.show(rw, r, p, view.Before(p, out))
}

func (d *desk) beforeRow(c inbox.Conversation, l inbox.List) (view.BeforeRow, error) {
	who, at := l.Identities[c.Identity], view.PathInbox+"/"+string(c.ID)
	ch := d.channels[c.Channel]
	row := view.BeforeRow{
		Href: at, Who: view.WhoProps{Name: who.Label()}, Name: who.Label(), Said: withoutHail(c.Preview), Net: string(ch.Network), NetNote: view.NetLabel(ch.Network),
		When: d.shortDate(c.LastInAt), From: string(c.ID),
	}
	if d.v.actor.Can(team.InboxReply) {
		row.Answer = at + "#reply-text"
		if ch.Archive { // from here nobody can be answered: the conversation says where
			row.Answer, row.Away = at, true
		}
	}
	if d.v.actor.Can(team.GrowthManage) {
		row.Case = caseFrom(c.ID)
	}
	row.Leave = d.v.actor.Can(team.InboxOrganise)
	if !d.v.actor.Can(team.GrowthRead) {
		return row, nil
	}
	of, err := d.rooms.Growth.OfConversation(d.ctx(), d.v.actor, c.ID)
	if err != nil {
		return row, err
	}
	for _, x := range of {
		if x.Case != "" && x.State == growth.Counted {
			row.Case, row.Open = "", view.PathCases+"/"+string(x.Case)
		}
	}
	return row, nil
}

// leaveBefore says that a criticism of the past needs nothing more.
func (w *Web) leaveBefore(rw http.ResponseWriter, r *http.Request) error {
	if err := w.rooms.Inbox.Finish(r.Context(), visitOf(r).actor, inbox.ConversationID(r.PostFormValue("from"))); err != nil {
		return err
	}
	return w.done(rw, r, view.PathBefore, "beforepage.left")
}
