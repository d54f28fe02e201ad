package web

import (
	"net/http"

	"github.com/ponte-desk/ponte/internal/report"
	"github.com/ponte-desk/ponte/internal/web/view"
)

func (w *Web) mondayRoutes() {
	w.member("GET "+view.PathMonday, w.showMonday)
	w.member("POST "+view.PathMonday, w.chooseMonday)
	w.open("GET "+report.PathStop+"{word}", w.showMondayStop)
	w.open("POST "+report.PathStop+"{word}", w.stopMonday)
}

func (w *Web) showMonday(rw http.ResponseWriter, r *http.Request) error {
	v := visitOf(r)
	m, err := w.rooms.Report.Monday(r.Context(), v.actor)
	if err != nil {
		return err
	}
	p := w.page(r, view.RoomResults, "mondaypage.title")
	l := v.words
	out := view.Monday{
		Lede: l.T("mondaypage.lede", "day", l.Date(m.Day.Time())), Company: v.company.Name, Hello: l.T("monday.hello", "name", firstWord(v.actor.Name)), Period: m.Period(l),
		Todo: m.TodoSay(l, v.zone()), TodoHref: m.TodoPath(), Mine: v.home(), Off: !w.rooms.Report.LettersLeave(), Email: v.me.Email,
	}
	for _, x := range m.Lines(l) {
		out.Lines = append(out.Lines, view.MondayLine{Say: x.Say, Beside: x.Beside})
	}
	if out.Mine {
		if out.Wants, err = w.rooms.Report.WantsMonday(r.Context(), v.person); err != nil {
			return err
		}
	}
	return w.show(rw, r, p, view.MondayPage(p, out))
}

func (w *Web) chooseMonday(rw http.ResponseWriter, r *http.Request) error {
	v := visitOf(r)
	wants := r.PostFormValue("want") != ""
	if err := w.rooms.Report.ChooseMonday(r.Context(), v.person, wants); err != nil {
		return err
	}
	if !wants {
		return w.done(rw, r, view.PathMonday, "mondaypage.unsaved")
	}
	return w.done(rw, r, view.PathMonday, "mondaypage.saved", "email", v.me.Email)
}

// showMondayStop asks whether the letter is to stop: looking at an address stops nothing, because programs look before people do.
func (w *Web) showMondayStop(rw http.ResponseWriter, r *http.Request) error {
	company, email, wants, err := w.rooms.Report.MondayStop(r.Context(), r.PathValue("word"))
	if err != nil {
		return err
	}
	p := w.page(r, "", "mondaystop.title")
	p.CompanyName, p.Sample = company.Name, company.Sample
	return w.render(rw, r, http.StatusOK, view.MondayStopPage(p, view.MondayStop{Action: r.URL.EscapedPath(), Email: email, Wants: wants}))
}

// stopMonday stops the letter, for whoever has it and for their mail program (RFC 8058).
func (w *Web) stopMonday(rw http.ResponseWriter, r *http.Request) error {
	if err := w.rooms.Report.StopMonday(r.Context(), r.PathValue("word")); err != nil {
		return err
	}
	return w.redirect(rw, r, r.URL.EscapedPath())
}
