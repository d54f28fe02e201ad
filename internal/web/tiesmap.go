package web

import (
	"encoding/json"
	"net/http"

	"github.com/ponte-desk/ponte/internal/team"
	"github.com/ponte-desk/ponte/internal/web/view"
)

// showTiesMap gives what the picture one can move through is made of: the circles where they stand, with everybody in them.
func (w *Web) showTiesMap(rw http.ResponseWriter, r *http.Request) error {
	if err := visitOf(r).actor.May(team.PeopleRead); err != nil {
		return err
	}
	d, err := w.sideDesk(r)
	if err != nil {
		return err
	}
	t := &tiesDesk{desk: d, days: periodOf(r)}
	if t.look, err = w.rooms.Reach.Look(r.Context(), d.v.actor); err != nil {
		return err
	}
	var m view.TiesMap
	if t.p = t.look.Portrait; t.p != nil && !t.p.Short() {
		t.v, _ = t.p.View(t.days)
		m = t.graph().Map()
	}
	rw.Header().Set("Content-Type", "application/json")
	rw.Header().Set("Cache-Control", "no-store")
	return json.NewEncoder(rw).Encode(m)
}
