package web

import (
	"net/http"

	"github.com/ponte-desk/ponte/internal/inbox"
	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/team"
	"github.com/ponte-desk/ponte/internal/web/view"
)

// standing says what became of a comment on a place of ours, and gives the keys that decide it.
func (d *desk) standing(p view.Page, t inbox.Thread, i inbox.Interaction, m *view.MessageProps) {
	switch i.Standing {
	case network.Held:
		m.Tags = append(m.Tags, view.TagProps{Label: d.t("inboxpage.standing.held"), Icon: "hourglass"})
	case network.Spam:
		m.Tags = append(m.Tags, view.TagProps{Label: d.t("inboxpage.standing.spam"), Icon: "shield"})
	case network.Approved:
	default:
		return
	}
	if i.Mine || !t.Channel.Traits.Moderate || t.Channel.State == network.Gone || !d.v.actor.Can(team.InboxReply) {
		return
	}
	m.Actions = view.ModerateKeys(p, view.Moderate{
		URL: view.PathInbox + "/" + string(t.Conversation.ID) + "/moderate", ID: string(i.ID), Standing: string(i.Standing),
	})
}

// moderate decides what becomes of a comment.
func (w *Web) moderate(rw http.ResponseWriter, r *http.Request) error {
	v := visitOf(r)
	id := inbox.InteractionID(r.PostFormValue("interaction"))
	to := network.Standing(r.PostFormValue("to"))
	if err := w.rooms.Inbox.Moderate(r.Context(), v.actor, id, to); err != nil {
		return err
	}
	return w.done(rw, r, view.PathInbox+"/"+r.PathValue("id"), "inboxpage.moderated."+string(to))
}
