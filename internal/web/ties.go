package web

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"github.com/ponte-desk/ponte/internal/audience"
	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/reach"
	"github.com/ponte-desk/ponte/internal/team"
	"github.com/ponte-desk/ponte/internal/web/view"
)

func (w *Web) tiesRoutes() {
	w.member("GET "+view.PathTies, w.showTies)
	w.member("GET "+view.PathTies+"/map", w.showTiesMap)
	w.member("POST "+view.PathTies+"/refresh", w.refreshTies)
	w.member("POST "+view.PathTies+"/{id}/not-now", w.notNow)
	w.member("POST "+view.PathTies+"/{id}/again", w.advisedAgain)
	w.member("GET "+view.PathTiesWishes, w.showTiesSettings)
	w.member("POST "+view.PathTiesWishes, w.saveTiesSettings)
}

// tiesDesk is what the page of ties is drawn from.
type tiesDesk struct {
	*desk
	look reach.Look
	p    *reach.Portrait
	v    reach.View
	days int
}

func (w *Web) showTies(rw http.ResponseWriter, r *http.Request) error {
	return w.ties(rw, r, http.StatusOK, nil)
}

// ties draws the page; trouble is what did not work.
func (w *Web) ties(rw http.ResponseWriter, r *http.Request, status int, trouble *problem) error {
	d, err := w.sideDesk(r)
	if err != nil {
		return err
	}
	t := &tiesDesk{desk: d, days: periodOf(r)}
	if t.look, err = w.rooms.Reach.Look(r.Context(), d.v.actor); err != nil {
		return err
	}
	progress, err := w.rooms.Reach.Progress(r.Context(), d.v.actor)
	if err != nil {
		return err
	}
	p := w.page(r, view.RoomTies, "tiespage.title")
	p.Topics = "ties"
	out := view.TiesPage{LiveHref: t.href(t.days)}
	if trouble != nil {
		out.Problem = &view.TroubleProps{Title: sayAll(*trouble)}
	}
	if d.v.actor.Can(team.PeopleManage) {
		out.RefreshURL = view.PathTies + "/refresh"
	}
	t.progress(&out, progress)
	t.p = t.look.Portrait
	if t.p == nil || t.p.Short() {
		t.empty(&out, progress)
		return w.showStatus(rw, r, status, p, view.Ties(p, out))
	}
	t.v, _ = t.p.View(t.days)
	t.draw(&out)
	return w.showStatus(rw, r, status, p, view.Ties(p, out))
}

// periodOf is for how many days back the page looks.
func periodOf(r *http.Request) int {
	if n, err := strconv.Atoi(r.FormValue("days")); err == nil && slices.Contains(reach.Periods, n) {
		return n
	}
	return reach.Periods[0]
}

func (t *tiesDesk) href(days int) string {
	if days == reach.Periods[0] {
		return view.PathTies
	}
	return view.PathTies + "?days=" + strconv.Itoa(days)
}

// progress says when the portrait was drawn, and that a new one is.
func (t *tiesDesk) progress(out *view.TiesPage, p reach.Progress) {
	if p.Stage != reach.Idle {
		out.Computing, out.Done = t.t("tiespage.computing."+string(p.Stage)), p.Done
	}
	if t.look.Portrait != nil {
		out.When = t.t("tiespage.when", "ago", t.desk.v.words.Ago(t.look.Portrait.At, t.now))
	}
	if p.Trouble != "" && out.Problem == nil {
		out.Problem = &view.TroubleProps{Title: t.t("tiespage.trouble"), Remedy: t.t("tiespage.trouble.text")}
	}
}

// empty says what is missing before there is something to see.
func (t *tiesDesk) empty(out *view.TiesPage, p reach.Progress) {
	connected := false
	for _, ch := range t.channels {
		connected = connected || ch.State != "gone"
	}
	switch {
	case !connected:
		out.Empty = &view.EmptyProps{Title: t.t("tiespage.empty.channels"), Text: t.t("tiespage.empty.channels.text")}
		if t.desk.v.actor.Can(team.ChannelsManage) {
			out.EmptyKey = &view.KeyProps{Label: t.t("tiespage.empty.connect"), Href: view.PathChannels}
		}
	case t.look.Portrait == nil:
		out.Empty = &view.EmptyProps{Title: t.t("tiespage.empty.never"), Text: t.t("tiespage.empty.never.text")}
	default:
		out.Empty = &view.EmptyProps{
			Title: t.t("tiespage.empty.few"),
			Text: t.t("tiespage.empty.few.text", "people", t.look.Portrait.People, "events", t.look.Portrait.Events,
				"needpeople", reach.LeastPeople, "needevents", reach.LeastEvents),
		}
	}
}

func (w *Web) refreshTies(rw http.ResponseWriter, r *http.Request) error {
	err := w.rooms.Reach.Refresh(r.Context(), visitOf(r).actor)
	if pr, ok := w.wrong(rw, r, err, fault.Conflict, fault.Limited); ok {
		return w.ties(rw, r, pr.Status, &pr)
	} else if err != nil {
		return err
	}
	return w.done(rw, r, view.PathTies, "tiespage.asked")
}

// notNow puts a piece of advice aside; the toast of the next page takes it back.
func (w *Web) notNow(rw http.ResponseWriter, r *http.Request) error {
	id := r.PathValue("id")
	err := w.rooms.Reach.Dismiss(r.Context(), visitOf(r).actor, reach.SuggestionID(id))
	if pr, ok := w.wrong(rw, r, err, fault.Conflict, fault.NotFound); ok {
		return w.ties(rw, r, pr.Status, &pr)
	} else if err != nil {
		return err
	}
	w.leaveToast(rw, r, said{Key: "tiespage.put_aside", Undo: view.PathTies + "/" + url.PathEscape(id) + "/again"})
	return w.redirect(rw, r, view.PathTies)
}

func (w *Web) advisedAgain(rw http.ResponseWriter, r *http.Request) error {
	err := w.rooms.Reach.Recall(r.Context(), visitOf(r).actor, reach.SuggestionID(r.PathValue("id")))
	if pr, ok := w.wrong(rw, r, err, fault.Conflict, fault.NotFound); ok {
		return w.ties(rw, r, pr.Status, &pr)
	} else if err != nil {
		return err
	}
	return w.done(rw, r, view.PathTies, "tiespage.back_again")
}

// name is how somebody of the portrait is called.
func (t *tiesDesk) name(p audience.PersonID) string {
	if n := t.look.Names[p]; n != "" {
		return n
	}
	return t.t("tiespage.somebody")
}

func (t *tiesDesk) personHref(p audience.PersonID) string {
	if t.look.Names[p] == "" {
		return ""
	}
	return pathPeople + "/" + string(p)
}

func (t *tiesDesk) number(n int) string { return t.desk.v.words.Number(n) }

func (t *tiesDesk) n(key string, count int, args ...any) string {
	return t.desk.v.words.N(key, count, args...)
}

func (t *tiesDesk) say(s reach.Say) string { return s.In(t.desk.v.words, t.now) }

// rangeSay says how many people something may bring: a range, or that there is none yet.
func (t *tiesDesk) rangeSay(r reach.Range) string {
	if !r.Known {
		return t.t("tiespage.expect.unknown", "about", t.number(int(r.Expected+0.5)))
	}
	low, high := int(r.Low), int(r.High)
	if low == 0 {
		return t.n("tiespage.expect.most", high)
	}
	if low == high {
		return t.n("tiespage.expect.exact", high)
	}
	return t.n("tiespage.expect.range", high, "low", t.number(low), "high", t.number(high))
}

// keyOf is the one thing to do about a piece of advice.
func (t *tiesDesk) keyOf(i reach.Involve, first bool) *view.KeyProps {
	if i.Action.Verb == "" {
		return nil
	}
	k := &view.KeyProps{Href: view.PathInbox + "/" + string(i.Action.Conversation) + "#reply-text"}
	if !t.desk.v.actor.Can(team.InboxReply) {
		k.Href = view.PathInbox + "/" + string(i.Action.Conversation)
		k.Label = t.t("tiespage.do.look", "name", firstName(i.Name))
		return k
	}
	k.Icon = "reply"
	switch i.Action.Verb {
	case reach.VerbReply:
		k.Label = t.t("tiespage.do.reply", "name", firstName(i.Name))
	case reach.VerbThank:
		k.Label, k.Icon = t.t("tiespage.do.thank", "name", firstName(i.Name)), "kind-praise"
	case reach.VerbInvite:
		k.Label = t.t("tiespage.do.invite", "name", firstName(i.Name))
	}
	if first {
		k.Kind = view.KeyRed
	}
	return k
}

// mapHref is where the picture that one can move through reads what it draws.
func (t *tiesDesk) mapHref() string { return fmt.Sprintf("%s/map?days=%d", view.PathTies, t.days) }
