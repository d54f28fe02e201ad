package web

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/team"
	"github.com/ponte-desk/ponte/internal/verdict"
	"github.com/ponte-desk/ponte/internal/web/view"
)

func (w *Web) triageRoutes() {
	w.member("GET "+view.PathTriage, w.showTriage)
	w.member("POST "+view.PathTriage+"/words", w.saveOwnWords)
	w.member("POST "+view.PathTriage+"/undo", w.undoModel)
	w.member("POST "+view.PathTriage+"/second", w.saveSecond)
}

// triageState is what an answer to a form adds to the page.
type triageState struct {
	words  *string
	second *verdict.SecondIn
	form   string // which form was wrong: "words", "second", "undo"
	wrong  problem
}

func (w *Web) showTriage(rw http.ResponseWriter, r *http.Request) error {
	d, err := w.sideDesk(r)
	if err != nil {
		return err
	}
	return d.triagePage(rw, http.StatusOK, triageState{})
}

func (d *desk) triagePage(rw http.ResponseWriter, status int, s triageState) error {
	if err := d.v.actor.May(team.CompanyChange); err != nil {
		return err
	}
	words, err := d.rooms.Verdicts.Words(d.ctx(), d.v.actor)
	if err != nil {
		return err
	}
	models, err := d.rooms.Verdicts.Models(d.ctx(), d.v.actor)
	if err != nil {
		return err
	}
	second, err := d.rooms.Verdicts.SecondSettings(d.ctx(), d.v.actor)
	if err != nil {
		return err
	}
	out := view.TriagePage{
		Tabs: d.v.tabs(view.PathTriage), Words: strings.Join(words, "\n"), Errors: s.wrong.Fields,
		Enabled: second.Enabled, Address: second.Address, Model: second.Model, HasKey: second.HasKey,
	}
	if s.words != nil {
		out.Words = *s.words
	}
	if s.second != nil {
		out.Enabled, out.Address, out.Model = s.second.Enabled, s.second.Address, s.second.Model
	}
	d.models(&out, models)
	d.secondState(&out, second)
	switch s.form {
	case "undo":
		out.Refuse = sayAll(s.wrong)
	case "second":
		if s.wrong.Text != "" {
			out.Problem = &view.TroubleProps{Title: s.wrong.Text, Remedy: s.wrong.Remedy}
		}
	default:
		out.Error, out.Remedy = s.wrong.Text, s.wrong.Remedy
	}
	p := d.Web.page(d.r, view.RoomSettings, "triagepage.title")
	return d.showStatus(rw, d.r, status, p, view.Triage(p, out))
}

// models says what the company taught, newest first.
func (d *desk) models(out *view.TriagePage, all []verdict.Model) {
	out.Say = d.t("triagepage.model.none")
	out.Models = view.TableProps{Caption: d.t("triagepage.model"), Heads: true, Columns: []view.Column{
		{Label: d.t("triagepage.model.number")},
		{Label: d.t("triagepage.model.learned"), Number: true},
		{Label: d.t("triagepage.model.before"), Number: true},
		{Label: d.t("triagepage.model.after"), Number: true},
		{Label: d.t("triagepage.model.state")},
	}}
	for _, m := range all {
		if m.Active {
			out.Say = d.v.words.N("triagepage.model.reads", m.Corrections, "number", d.v.words.Number(m.Number), "date", d.dayMonth(m.At))
			out.Undo = true
		}
		state := "kept"
		switch {
		case m.Active:
			state = "active"
		case !m.Accepted:
			state = "refused"
		case m.Undone:
			state = "undone"
		}
		out.Models.Rows = append(out.Models.Rows, []templ.Component{
			view.Plain(d.t("triagepage.model.name", "number", d.v.words.Number(m.Number), "date", d.shortDate(m.At))), view.Number(d.v.words.Number(m.Corrections), ""),
			view.Number(d.share(m.Before), ""), view.Number(d.share(m.After), ""), view.Plain(d.t("triagepage.model." + state)),
		})
	}
}

// share writes a number between 0 and 1 with three figures, as one writes it in the reader's language.
func (d *desk) share(f float64) string {
	s := strconv.FormatFloat(f, 'f', 3, 64)
	if d.v.lang == "it" {
		return strings.Replace(s, ".", ",", 1)
	}
	return s
}

// secondState says how the second opinion goes.
func (d *desk) secondState(out *view.TriagePage, s verdict.SecondSettings) {
	if !s.Enabled {
		return
	}
	last := view.Fact{Label: d.t("triagepage.second.last"), Value: d.t("triagepage.second.never"), Icon: "hourglass"}
	if !s.AnsweredAt.IsZero() {
		last.Value, last.Icon = d.moment(s.AnsweredAt), "check"
	}
	out.State = append(out.State, last)
	if s.Problem == nil || !s.AnsweredAt.Before(s.Problem.At) {
		return
	}
	out.Problem = &view.TroubleProps{
		Title: d.t(s.Problem.Key, s.Problem.Args), Text: d.moment(s.Problem.At) + ".", Remedy: d.t(s.Problem.Key+".remedy", s.Problem.Args),
	}
	if s.RestUntil.After(d.now) {
		out.State = append(out.State, view.Fact{Label: d.t("triagepage.second.next"), Value: d.moment(s.RestUntil), Icon: "hourglass"})
	}
}

// triageDone answers a form of the page.
func (d *desk) triageDone(rw http.ResponseWriter, err error, s triageState, key string) error {
	if pr, ok := d.wrong(rw, d.r, err, fault.Invalid, fault.Conflict, fault.NotFound); ok {
		s.wrong = pr
		return d.triagePage(rw, pr.Status, s)
	} else if err != nil {
		return err
	}
	return d.done(rw, d.r, view.PathTriage, key)
}

func (w *Web) saveOwnWords(rw http.ResponseWriter, r *http.Request) error {
	d, err := w.sideDesk(r)
	if err != nil {
		return err
	}
	typed := r.PostFormValue("words")
	var words []string
	for line := range strings.FieldsFuncSeq(typed, func(c rune) bool { return c == '\n' || c == '\r' || c == ',' || c == ';' }) {
		if line = strings.TrimSpace(line); line != "" {
			words = append(words, line)
		}
	}
	return d.triageDone(rw, w.rooms.Verdicts.SetWords(r.Context(), d.v.actor, words), triageState{form: "words", words: &typed}, "triagepage.words.saved")
}

func (w *Web) undoModel(rw http.ResponseWriter, r *http.Request) error {
	d, err := w.sideDesk(r)
	if err != nil {
		return err
	}
	return d.triageDone(rw, w.rooms.Verdicts.UndoModel(r.Context(), d.v.actor), triageState{form: "undo"}, "triagepage.model.undid")
}

func (w *Web) saveSecond(rw http.ResponseWriter, r *http.Request) error {
	d, err := w.sideDesk(r)
	if err != nil {
		return err
	}
	in := verdict.SecondIn{Enabled: r.PostFormValue("enabled") != "", Address: r.PostFormValue("address"), Model: r.PostFormValue("model")}
	if key := strings.TrimSpace(r.PostFormValue("key")); key != "" {
		in.Key = &key
	} else if r.PostFormValue("nokey") != "" {
		in.Key = &key
	}
	return d.triageDone(rw, w.rooms.Verdicts.SetSecondSettings(r.Context(), d.v.actor, in), triageState{form: "second", second: &in}, "triagepage.second.saved")
}
