package web

import (
	"net/http"
	"strconv"

	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/reach"
	"github.com/ponte-desk/ponte/internal/team"
	"github.com/ponte-desk/ponte/internal/web/view"
)

// holdShares are how many of a hundred weak ties a company may hold back, as the page offers it.
var holdShares = []int{0, 10, 20, 30, 40, reach.MostHold}

func (w *Web) showTiesSettings(rw http.ResponseWriter, r *http.Request) error {
	s, err := w.rooms.Reach.Settings(r.Context(), visitOf(r).actor)
	if err != nil {
		return err
	}
	return w.tiesSettings(rw, r, http.StatusOK, s, problem{})
}

func (w *Web) saveTiesSettings(rw http.ResponseWriter, r *http.Request) error {
	v := visitOf(r)
	was, err := w.rooms.Reach.Settings(r.Context(), v.actor)
	if err != nil {
		return err
	}
	s := reach.Settings{Collect: r.PostFormValue("collect") == "on"}
	if s.Hold, err = strconv.Atoi(r.PostFormValue("hold")); err != nil {
		s.Hold = -1 // not a number: it is refused
	}
	err = w.rooms.Reach.ChangeSettings(r.Context(), v.actor, s)
	if pr, ok := w.wrong(rw, r, err, fault.Invalid); ok {
		return w.tiesSettings(rw, r, pr.Status, s, pr)
	} else if err != nil {
		return err
	}
	key := "settings.saved.done"
	switch {
	case was.Collect && !s.Collect:
		key = "tiesset.forgotten"
	case !was.Collect && s.Collect:
		key = "tiesset.begun"
	}
	return w.done(rw, r, view.PathTiesWishes, key)
}

// tiesSettings draws the page with what is wanted, which may not have been taken.
func (w *Web) tiesSettings(rw http.ResponseWriter, r *http.Request, status int, s reach.Settings, wrong problem) error {
	v := visitOf(r)
	if err := v.actor.May(team.PeopleRead); err != nil {
		return err
	}
	kept, err := w.rooms.Reach.Collected(r.Context(), v.actor)
	if err != nil {
		return err
	}
	l := v.words
	out := view.TiesSettings{Tabs: v.tabs(view.PathTiesWishes), Change: v.actor.Can(team.CompanyChange), Error: wrong.Text, Remedy: wrong.Remedy, Errors: wrong.Fields}
	for _, c := range []struct {
		value string
		on    bool
	}{{"on", true}, {"off", false}} {
		out.Collect = append(out.Collect, view.ChoiceProps{
			Name: "collect", Value: c.value, Title: l.T("tiesset.lists." + c.value), What: l.T("tiesset.lists." + c.value + ".what"), Checked: c.on == s.Collect,
		})
	}
	switch {
	case kept.Follows == 0 && kept.Lists == 0:
		out.Kept = l.T("tiesset.kept.none")
	case kept.Lists == 0:
		out.Kept = l.N("tiesset.kept.follows", kept.Follows)
	default:
		out.Kept = l.N("tiesset.kept", kept.Lists, "follows", l.N("tiesset.kept.follows", kept.Follows))
	}
	said := func(n int) string {
		switch n {
		case 0:
			return l.T("tiesset.hold.none")
		case reach.UsualHold:
			return l.T("tiesset.hold.usual", "n", l.Number(n))
		}
		return l.T("tiesset.hold.of", "n", l.Number(n))
	}
	known := false
	for _, n := range holdShares {
		known = known || n == s.Hold
		out.Holds = append(out.Holds, view.Option{Value: strconv.Itoa(n), Label: said(n), Selected: n == s.Hold})
	}
	if !known && s.Hold > 0 {
		out.Holds = append(out.Holds, view.Option{Value: strconv.Itoa(s.Hold), Label: said(s.Hold), Selected: true})
	}
	state := "off"
	if s.Collect {
		state = "on"
	}
	out.Facts = []view.Fact{
		{Label: l.T("tiesset.lists"), Value: l.T("tiesset.lists." + state), Note: l.T("tiesset.lists.text")},
		{Label: l.T("tiesset.hold"), Value: said(s.Hold), Note: l.T("tiesset.hold.text")},
	}
	p := w.page(r, view.RoomSettings, "tiesset.title")
	return w.showStatus(rw, r, status, p, view.TiesSettingsPage(p, out))
}
