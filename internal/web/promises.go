package web

import (
	"net/http"
	"slices"
	"time"

	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/growth"
	"github.com/ponte-desk/ponte/internal/team"
	"github.com/ponte-desk/ponte/internal/web/view"
)

func (w *Web) promiseRoutes() {
	w.member("GET "+view.PathPromises, w.showPromises)
	w.member("POST "+view.PathPromises+"/{id}/keep", w.keepPromise)
	w.member("POST "+view.PathPromises+"/{id}/break", w.breakPromise)
	w.member("POST "+view.PathPromises+"/{id}/hand", w.handPromise)
}

// promiseViews are the ways to look at promises; the first is shown when nothing is asked for.
var promiseViews = []struct {
	name   string
	states []growth.PromiseState
}{
	{"open", []growth.PromiseState{growth.PromiseOpen, growth.PromiseBroken}},
	{"broken", []growth.PromiseState{growth.PromiseBroken}},
	{"kept", []growth.PromiseState{growth.PromiseKept, growth.PromiseLate}},
	{"written", []growth.PromiseState{growth.PromiseWritten}},
}

func (w *Web) showPromises(rw http.ResponseWriter, r *http.Request) error {
	d, err := w.sideDesk(r)
	if err != nil {
		return err
	}
	return d.promises(rw, http.StatusOK, "", nil)
}

// promises lists promises. trouble is what did not work, with the promise it was about.
func (d *desk) promises(rw http.ResponseWriter, status int, at growth.PromiseID, trouble *problem) error {
	q := d.r.URL.Query()
	shown := promiseViews[0]
	mine := q.Get("owner") == "me"
	for _, v := range promiseViews {
		if v.name == q.Get("state") {
			shown = v
		}
	}
	f := growth.PromiseFilter{States: shown.states, Cursor: q.Get("after")}
	if mine {
		f.Owner = d.v.actor.Member
	}
	page, err := d.rooms.Growth.Promises(d.ctx(), d.v.actor, f)
	if err != nil {
		return err
	}
	p := d.casePage("promisepage.title")
	out := view.PromisesPage{Tabs: d.caseTabs(view.PathPromises), LiveHref: view.PathPromises + "?" + query("state", q.Get("state"), "owner", q.Get("owner"))}
	all := 0
	for _, n := range page.Counts {
		all += n
	}
	if all > 0 {
		for _, v := range promiseViews {
			n := 0
			for _, s := range v.states {
				n += page.Counts[s]
			}
			if v.name == "written" && n == 0 && shown.name != v.name {
				continue
			}
			c := view.Chip{Label: d.t("promisepage.view." + v.name), Href: view.PathPromises + "?state=" + v.name, Current: v.name == shown.name && !mine}
			if n > 0 {
				c.Count = d.v.words.Number(n)
			}
			out.Chips = append(out.Chips, c)
		}
		if d.v.actor.Can(team.GrowthRead) && d.v.actor.Member != "" {
			out.Chips = append(out.Chips, view.Chip{Label: d.t("promisepage.view.mine"), Href: view.PathPromises + "?owner=me", Current: mine})
		}
	}
	found := false
	for _, x := range page.Promises {
		row := d.promiseRow(x, true)
		if trouble != nil && x.ID == at {
			row.Error, found = sayAll(*trouble), true
		}
		out.Rows = append(out.Rows, row)
	}
	if trouble != nil && !found {
		out.Problem = &view.TroubleProps{Title: sayAll(*trouble)}
	}
	if page.Next != "" {
		out.More = view.MoreProps{
			Href: view.PathPromises + "?" + query("state", q.Get("state"), "owner", q.Get("owner"), "after", page.Next), Label: d.t("promisepage.more"),
			Target: "#promise-rows", Select: "#promise-rows > li",
		}
	}
	if len(page.Promises) == 0 {
		out.Empty = &view.EmptyProps{Title: d.t("promisepage.empty"), Text: d.t("promisepage.empty.text")}
		if all > 0 {
			out.Empty = &view.EmptyProps{Title: d.t("promisepage.none." + shown.name)}
		}
	}
	return d.showStatus(rw, d.r, status, p, view.Promises(p, out))
}

// promiseRow draws a promise; full adds what can be done about it.
func (d *desk) promiseRow(x growth.Promise, full bool) view.PromiseRow {
	row := view.PromiseRow{ID: string(x.ID), Text: x.Text, Name: d.t("caselist.nobody"), How: x.Note}
	if x.To != "" {
		row.Notes = append(row.Notes, d.t("promisepage.to", "name", x.To))
	}
	where := "promisepage.private"
	if x.Public {
		where = "promisepage.public"
	}
	row.Notes = append(row.Notes, d.t(where), d.t("promisepage.made", "name", d.memberName(x.MadeBy), "date", d.shortDate(x.MadeAt)))
	if d.v.actor.Can(team.InboxRead) && x.Conversation != "" {
		row.Href = view.PathInbox + "/" + string(x.Conversation)
	}
	if full && x.Case != "" {
		row.CaseHref, row.CaseSay = view.PathCases+"/"+string(x.Case), d.t("promisepage.case")
	}
	if x.Owner != "" {
		who := d.memberWho(x.Owner)
		who.Size = view.SizeSmall
		row.Who, row.Name = &who, d.memberName(x.Owner)
	}
	day := d.weekday(x.DueAt)
	switch x.State {
	case growth.PromiseKept:
		row.Icon, row.State = "check", d.t("promisepage.kept", "date", d.shortDate(x.SettledAt))
	case growth.PromiseLate:
		row.Icon, row.State = "check", d.t("promisepage.keptlate", "date", d.shortDate(x.SettledAt), "day", day)
	case growth.PromiseBroken:
		row.Icon, row.State, row.Kind = "close", d.t("promisepage.broken", "day", day), view.TagLate
	case growth.PromiseWritten:
		row.Icon, row.State = "hourglass", d.t("promisepage.written", "day", day)
	case growth.PromiseGone:
		row.Icon, row.State = "close", d.t("promisepage.gone")
	default:
		row.Icon, row.State = "calendar", d.t("promisepage.by", "day", day)
		if left := x.DueAt.Sub(d.now); left < 24*time.Hour {
			row.Kind = view.TagNow
		} else if left < 3*24*time.Hour {
			row.Kind = view.TagLate
		}
	}
	if !full {
		return row
	}
	at := view.PathPromises + "/" + row.ID
	if slices.Contains([]growth.PromiseState{growth.PromiseOpen, growth.PromiseBroken}, x.State) && (d.v.actor.Can(team.GrowthManage) || x.Owner != "" && x.Owner == d.v.actor.Member) {
		row.KeepURL = at + "/keep"
		if x.State == growth.PromiseOpen {
			row.BreakURL = at + "/break"
		}
	}
	if x.State != growth.PromiseKept && x.State != growth.PromiseLate && x.State != growth.PromiseGone && d.v.actor.Can(team.GrowthManage) {
		row.HandURL = at + "/hand"
		for _, m := range d.activeMembers() {
			row.Members = append(row.Members, view.ItemProps{Label: m.Name, Note: m.Job, Name: "to", Value: string(m.ID), Current: m.ID == x.Owner})
		}
	}
	return row
}

// weekday says a day with its name: venerdì 3 aprile.
func (d *desk) weekday(t time.Time) string { return d.v.words.Day(t.In(d.zone)) }

// promiseDone answers after something was done about a promise.
func (d *desk) promiseDone(rw http.ResponseWriter, err error, key string, args ...string) error {
	if pr, ok := d.wrong(rw, d.r, err, fault.Invalid, fault.Conflict); ok {
		return d.promises(rw, pr.Status, growth.PromiseID(d.r.PathValue("id")), &pr)
	} else if err != nil {
		return err
	}
	return d.done(rw, d.r, view.PathPromises, key, args...)
}

func (w *Web) keepPromise(rw http.ResponseWriter, r *http.Request) error {
	d, err := w.sideDesk(r)
	if err != nil {
		return err
	}
	return d.promiseDone(rw, w.rooms.Growth.Keep(r.Context(), d.v.actor, growth.PromiseID(r.PathValue("id")), r.PostFormValue("note")), "promisepage.done.keep")
}

func (w *Web) breakPromise(rw http.ResponseWriter, r *http.Request) error {
	d, err := w.sideDesk(r)
	if err != nil {
		return err
	}
	return d.promiseDone(rw, w.rooms.Growth.Break(r.Context(), d.v.actor, growth.PromiseID(r.PathValue("id")), r.PostFormValue("note")), "promisepage.done.break")
}

func (w *Web) handPromise(rw http.ResponseWriter, r *http.Request) error {
	d, err := w.sideDesk(r)
	if err != nil {
		return err
	}
	to := team.MemberID(r.PostFormValue("to"))
	return d.promiseDone(rw, w.rooms.Growth.HandPromise(r.Context(), d.v.actor, growth.PromiseID(r.PathValue("id")), to), "promisepage.done.hand", "name", d.memberName(to))
}
