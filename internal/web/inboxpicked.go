package web

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/inbox"
	"github.com/ponte-desk/ponte/internal/team"
	"github.com/ponte-desk/ponte/internal/web/view"
)

// pathPicked is where what was ticked in the list is taken in hand.
const pathPicked = view.PathInbox + "/picked"

// mostPicked is how many conversations are taken in hand at once.
const mostPicked = 50

// pickedBar says what the reader may do with several conversations at once; nil: nothing.
func (d *desk) pickedBar() *view.PickedBar {
	b := &view.PickedBar{URL: pathPicked, Back: d.look.at(view.PathInbox), Case: d.v.actor.Can(team.GrowthManage), Done: d.v.actor.Can(team.InboxOrganise)}
	if !b.Case && !b.Done {
		return nil
	}
	return b
}

// takePicked opens one case from all that is ticked, or marks all of it as done.
func (w *Web) takePicked(rw http.ResponseWriter, r *http.Request) error {
	d, err := w.desk(r)
	if err != nil {
		return err
	}
	back := safeNext(r.PostFormValue("back"))
	picked := slices.Compact(slices.Sorted(slices.Values(r.PostForm["from"])))
	if len(picked) == 0 || len(picked) > mostPicked {
		return fault.New(fault.Invalid, "web.picked").With("most", mostPicked)
	}
	switch r.PostFormValue("do") {
	case "case":
		if err := d.v.actor.May(team.GrowthManage); err != nil {
			return err
		}
		return w.redirect(rw, r, view.PathCases+"/new?"+url.Values{"from": picked, "back": {back}}.Encode())
	case "done":
		done := 0
		for _, id := range picked {
			err := w.rooms.Inbox.Finish(r.Context(), d.v.actor, inbox.ConversationID(id))
			switch fault.KindOf(err) {
			case "":
				done++
			case fault.Conflict, fault.NotFound: // somebody was faster, or it became part of another
			default:
				return err
			}
		}
		return w.done(rw, r, back, "inboxpage.picked.finished", "done", strconv.Itoa(done), "all", strconv.Itoa(len(picked)))
	}
	return fault.New(fault.Invalid, "web.filter.unknown")
}
