package web

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/team"
	"github.com/ponte-desk/ponte/internal/text"
	"github.com/ponte-desk/ponte/internal/web/view"
	"github.com/ponte-desk/ponte/internal/webhook"
)

func (w *Web) programRoutes() {
	w.member("GET "+view.PathPrograms, w.showPrograms)
	w.member("POST "+view.PathPrograms, w.addProgram)
	w.member("GET "+view.PathPrograms+"/{id}", w.showProgram)
	w.member("POST "+view.PathPrograms+"/{id}", w.changeProgram)
	w.member("POST "+view.PathPrograms+"/{id}/secret", w.renewProgram)
	w.member("POST "+view.PathPrograms+"/{id}/test", w.testProgram)
	w.member("POST "+view.PathPrograms+"/{id}/remove", w.removeProgram)
}

func (w *Web) showPrograms(rw http.ResponseWriter, r *http.Request) error {
	return w.programsPage(rw, r, http.StatusOK, view.Programs{Form: view.ProgramForm{Events: w.programEvents(visitOf(r), []webhook.Type{webhook.DeliveryFailed, webhook.DeliveryUnconfirmed})}})
}

// programEvents are what a program can be told, with those that are chosen.
func (w *Web) programEvents(v *visit, chosen []webhook.Type) (out []view.CheckProps) {
	for _, t := range webhook.Types {
		out = append(out, view.CheckProps{
			Name: "events", Value: string(t), Label: v.words.T("programs.event." + string(t)), Hint: string(t), Checked: slices.Contains(chosen, t),
		})
	}
	return out
}

func (w *Web) programsPage(rw http.ResponseWriter, r *http.Request, status int, s view.Programs) error {
	v := visitOf(r)
	all, err := w.rooms.Webhooks.List(r.Context(), v.actor)
	if err != nil {
		return err
	}
	s.Tabs = v.tabs(view.PathSettings)
	for _, x := range all {
		row := view.RowProps{Icon: "channels", Title: programName(x), Href: programPath(x.ID), Notes: []string{v.words.N("programs.events.count", len(x.Events))}}
		row.Aside, row.Icon = w.programState(v, x)
		if x.Name != "" {
			row.Text = hostOf(x.URL)
		}
		s.Programs = append(s.Programs, row)
	}
	p := w.page(r, view.RoomSettings, "programs.title")
	return w.showStatus(rw, r, status, p, view.ProgramsPage(p, s))
}

func hostOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return address
	}
	return u.Host
}

func programName(x webhook.Webhook) string {
	if x.Name != "" {
		return x.Name
	}
	return hostOf(x.URL)
}

func programPath(id webhook.ID) string { return view.PathPrograms + "/" + string(id) }

// programState says how a program does, with its icon.
func (w *Web) programState(v *visit, x webhook.Webhook) (words, icon string) {
	now := w.rooms.Clock.Now()
	switch {
	case x.State == webhook.Off && !x.OffAt.IsZero():
		return v.words.T("programs.state.stopped", "ago", v.words.Ago(x.OffAt, now)), "attention"
	case x.State == webhook.Off:
		return v.words.T("programs.state.off"), "snooze"
	case !x.FailingSince.IsZero():
		return v.words.T("programs.state.failing", "ago", v.words.Ago(x.FailingSince, now)), "attention"
	case x.SucceededAt.IsZero():
		return v.words.T("programs.state.new"), "clock"
	}
	return v.words.T("programs.state.hears", "ago", v.words.Ago(x.SucceededAt, now)), "check"
}

// programIn reads the form of a program.
func programIn(r *http.Request) webhook.In {
	in := webhook.In{URL: r.PostFormValue("url"), Name: r.PostFormValue("name"), On: r.PostFormValue("on") != ""}
	for _, e := range r.PostForm["events"] {
		in.Events = append(in.Events, webhook.Type(e))
	}
	return in
}

func (w *Web) programForm(v *visit, in webhook.In) view.ProgramForm {
	return view.ProgramForm{URL: in.URL, Name: in.Name, On: in.On, Events: w.programEvents(v, in.Events)}
}

func (w *Web) addProgram(rw http.ResponseWriter, r *http.Request) error {
	v := visitOf(r)
	in := programIn(r)
	in.On = true
	x, secret, err := w.rooms.Webhooks.Add(r.Context(), v.actor, in)
	if wrong, ok := w.wrong(rw, r, err, fault.Invalid, fault.Conflict); ok {
		f := w.programForm(v, in)
		f.Error, f.Remedy, f.Errors = wrong.Text, wrong.Remedy, wrong.Fields
		return w.programsPage(rw, r, wrong.Status, view.Programs{Form: f})
	} else if err != nil {
		return err
	}
	return w.programPage(rw, r, http.StatusOK, x.ID, view.Program{Secret: secret, Fresh: true})
}

func (w *Web) showProgram(rw http.ResponseWriter, r *http.Request) error {
	id, err := webhook.ParseID(r.PathValue("id"))
	if err != nil {
		return err
	}
	return w.programPage(rw, r, http.StatusOK, id, view.Program{})
}

// programPage draws one program. s may hold what was typed and not taken, a secret, or what came of a test.
func (w *Web) programPage(rw http.ResponseWriter, r *http.Request, status int, id webhook.ID, s view.Program) error {
	v := visitOf(r)
	x, err := w.rooms.Webhooks.Get(r.Context(), v.actor, id)
	if err != nil {
		return err
	}
	attempts, err := w.rooms.Webhooks.Attempts(r.Context(), v.actor, id)
	if err != nil {
		return err
	}
	s.Tabs, s.Path, s.Name = v.tabs(view.PathSettings), programPath(id), programName(x)
	if s.Form.Events == nil {
		s.Form = w.programForm(v, webhook.In{URL: x.URL, Name: x.Name, On: x.State == webhook.Active, Events: x.Events})
	}
	state, icon := w.programState(v, x)
	s.Facts = []view.Fact{{Label: v.words.T("programs.state"), Value: state, Icon: icon}, {Label: v.words.T("programs.added"), Value: v.words.Moment(x.CreatedAt.In(v.zone()), w.rooms.Clock.Now().In(v.zone()))}}
	if x.BeforeUntil.After(w.rooms.Clock.Now()) {
		s.Facts = append(s.Facts, view.Fact{Label: v.words.T("programs.before"), Value: v.words.Moment(x.BeforeUntil.In(v.zone()), w.rooms.Clock.Now().In(v.zone()))})
	}
	if x.State == webhook.Off && !x.OffAt.IsZero() && x.Problem != nil {
		s.Trouble = &view.TroubleProps{
			Title: v.words.T("programs.stopped", "name", s.Name), Text: v.words.T(x.Problem.Key, x.Problem.Args), Remedy: v.words.T(x.Problem.Key+".remedy", x.Problem.Args),
		}
	}
	for _, a := range attempts {
		s.Attempts = append(s.Attempts, w.attemptRow(v, a))
	}
	p := w.page(r, view.RoomSettings, "programs.title")
	return w.showStatus(rw, r, status, p, view.ProgramPage(p, s))
}

// attemptRow says what came of a call.
func (w *Web) attemptRow(v *visit, a webhook.Attempt) view.RowProps {
	row := view.RowProps{
		Icon: "check", Title: v.words.T("programs.event." + string(a.Type)), Aside: v.words.Moment(a.At.In(v.zone()), w.rooms.Clock.Now().In(v.zone())),
		Notes: []string{v.words.T("programs.attempt.none")},
	}
	if a.Status != 0 {
		row.Notes = []string{v.words.T("programs.attempt.status", "status", strconv.Itoa(a.Status)), v.words.T("programs.attempt.took", "ms", v.words.Number(int(a.Took.Milliseconds())))}
	}
	if a.Answer != "" {
		row.Notes = append(row.Notes, v.words.T("programs.attempt.answer", "answer", text.Cut(a.Answer, 160)))
	}
	if a.Problem != nil {
		row.Icon, row.Text = "attention", v.words.T(a.Problem.Key, a.Problem.Args)+" "+v.words.T(a.Problem.Key+".remedy", a.Problem.Args)
	}
	return row
}

func (w *Web) changeProgram(rw http.ResponseWriter, r *http.Request) error {
	v := visitOf(r)
	id, err := webhook.ParseID(r.PathValue("id"))
	if err != nil {
		return err
	}
	in := programIn(r)
	_, err = w.rooms.Webhooks.Change(r.Context(), v.actor, id, in)
	if wrong, ok := w.wrong(rw, r, err, fault.Invalid); ok {
		f := w.programForm(v, in)
		f.Error, f.Remedy, f.Errors = wrong.Text, wrong.Remedy, wrong.Fields
		return w.programPage(rw, r, wrong.Status, id, view.Program{Form: f})
	} else if err != nil {
		return err
	}
	return w.done(rw, r, programPath(id), "programs.saved")
}

func (w *Web) renewProgram(rw http.ResponseWriter, r *http.Request) error {
	id, err := webhook.ParseID(r.PathValue("id"))
	if err != nil {
		return err
	}
	_, secret, err := w.rooms.Webhooks.RenewSecret(r.Context(), visitOf(r).actor, id)
	if err != nil {
		return err
	}
	return w.programPage(rw, r, http.StatusOK, id, view.Program{Secret: secret})
}

func (w *Web) testProgram(rw http.ResponseWriter, r *http.Request) error {
	v := visitOf(r)
	id, err := webhook.ParseID(r.PathValue("id"))
	if err != nil {
		return err
	}
	a, err := w.rooms.Webhooks.Test(r.Context(), v.actor, id)
	if err != nil {
		return err
	}
	if a.Problem == nil {
		return w.done(rw, r, programPath(id), "programs.test.heard")
	}
	return w.programPage(rw, r, http.StatusOK, id, view.Program{Tested: &view.TroubleProps{
		ID: "tested", Title: v.words.T("programs.test.deaf"), Text: v.words.T(a.Problem.Key, a.Problem.Args), Remedy: v.words.T(a.Problem.Key+".remedy", a.Problem.Args),
	}})
}

func (w *Web) removeProgram(rw http.ResponseWriter, r *http.Request) error {
	id, err := webhook.ParseID(r.PathValue("id"))
	if err != nil {
		return err
	}
	if err := w.rooms.Webhooks.Remove(r.Context(), visitOf(r).actor, id); err != nil {
		return err
	}
	return w.done(rw, r, view.PathPrograms, "programs.removed")
}

// todayPrograms says which programs Ponte has turned off, to who may turn them on again.
func (d *desk) todayPrograms(t *view.Today) error {
	if !d.v.actor.Can(team.CompanyChange) {
		return nil
	}
	all, err := d.rooms.Webhooks.Stopped(d.ctx(), d.v.actor)
	if err != nil {
		return err
	}
	for _, x := range all {
		row := view.TodayTrouble{Title: d.t("programs.stopped", "name", programName(x)), Key: d.t("programs.look"), Href: programPath(x.ID)}
		if x.Problem != nil {
			row.Text, row.Remedy = d.t(x.Problem.Key, x.Problem.Args), d.t(x.Problem.Key+".remedy", x.Problem.Args)
		}
		t.Trouble = append(t.Trouble, row)
	}
	return nil
}
