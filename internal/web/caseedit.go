package web

import (
	"context"
	"errors"
	"maps"
	"mime/multipart"
	"net/http"
	"strings"
	"time"

	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/growth"
	"github.com/ponte-desk/ponte/internal/inbox"
	"github.com/ponte-desk/ponte/internal/media"
	"github.com/ponte-desk/ponte/internal/team"
	"github.com/ponte-desk/ponte/internal/triage"
	"github.com/ponte-desk/ponte/internal/web/view"
)

// maxEvidenceForm is the size of a piece of evidence with its picture, in bytes.
const maxEvidenceForm = 24 << 20

func (w *Web) caseEditRoutes() {
	at := "POST " + view.PathCases + "/{id}"
	w.member(at, w.changeCase)
	w.member(at+"/owner", w.chargeCase)
	w.member(at+"/advance", w.advanceCase)
	w.member(at+"/decline", w.declineCase)
	w.member(at+"/reopen", w.reopenCase)
	w.member(at+"/join", w.joinCase)
	w.member(at+"/voices/{voice}/quote", w.quoteVoice)
	w.member(at+"/voices/{voice}/part", w.partVoice)
	w.member(at+"/tasks", w.addTask)
	w.member(at+"/tasks/{task}/done", w.finishTask)
	w.member(at+"/tasks/{task}/drop", w.dropTask)
	w.member(at+"/evidence", w.addEvidence, bodyUpTo(maxEvidenceForm))
	w.member(at+"/evidence/{evidence}/drop", w.dropEvidence)
	w.member(at+"/entry/{entry}/change", w.changeEntry)
	w.member(at+"/entry/{entry}/ask", w.askEntry)
	w.member(at+"/entry/{entry}/approve", w.approveEntry)
	w.member(at+"/entry/{entry}/return", w.returnEntry)
	w.member(at+"/entry/{entry}/publish", w.publishEntry)
	w.member(at+"/entry/{entry}/line", w.addEntryLine)
	w.member(at+"/letters/{letter}", w.moveLetter)
}

// caseForm is a form on the page of a case.
type caseForm struct {
	name   string   // which: see caseState
	fields []string // what was typed stays
	place  string   // where on the page one goes on
	key    string   // what is said when it worked
	args   []string
	said   *weighed // what is said about the promises of a text that is sent
}

// caseDone answers a form on the page of a case: with the page again and everything that was typed, or by going on.
func (d *desk) caseDone(rw http.ResponseWriter, err error, f caseForm) error {
	id := growth.CaseID(d.r.PathValue("id"))
	if pr, ok := d.wrong(rw, d.r, err, fault.Invalid, fault.Conflict); ok {
		s := caseState{form: f.name, typed: map[string]string{}, wrong: pr.Fields}
		for _, name := range f.fields {
			s.typed[name] = d.r.PostFormValue(name)
		}
		// What is wrong with no field of this form is said above.
		said := pr.Text
		for _, name := range sortedIDs(pr.Fields) {
			if !f.has(name) && !strings.HasPrefix(name, "promises.") {
				said = strings.TrimSpace(said + " " + pr.Fields[name])
			}
		}
		if f.said != nil {
			s.asks = f.said.asks
		}
		switch {
		case fault.Of(err).Key == growth.ErrAsked.Key: // the form asks; nothing has failed
		case said != "":
			s.problem = &view.TroubleProps{Title: said, Remedy: pr.Remedy}
		}
		return d.showCase(rw, id, promiseStatus(err, pr.Status), s)
	} else if err != nil {
		return err
	}
	to := view.PathCases + "/" + string(id)
	if f.place != "" {
		to += "#" + f.place
	}
	return d.done(rw, d.r, to, f.key, f.args...)
}

// has tells whether a form shows what is wrong with a field; a text in two languages is named without its language.
func (f caseForm) has(name string) bool {
	for _, x := range f.fields {
		if x == name || strings.TrimSuffix(strings.TrimSuffix(x, "_it"), "_en") == name {
			return true
		}
	}
	return false
}

// caseUse runs something about the case of a request and answers with its page.
func (w *Web) caseUse(rw http.ResponseWriter, r *http.Request, f caseForm, use func(ctx context.Context, d *desk, a team.Actor, id growth.CaseID) error) error {
	d, err := w.sideDesk(r)
	if err != nil {
		return err
	}
	return d.caseDone(rw, use(r.Context(), d, d.v.actor, growth.CaseID(r.PathValue("id"))), f)
}

// day reads a day of a form; the zero time stands for none. Its moment is noon, so that it is the same day everywhere near.
func (d *desk) day(name string) (time.Time, error) {
	s := d.r.PostFormValue(name)
	if s == "" {
		return time.Time{}, nil
	}
	t, err := time.ParseInLocation(time.DateOnly, s, d.zone)
	if err != nil {
		return time.Time{}, fault.InvalidFields(fault.Field{Name: name, Key: "web.day.wrong"})
	}
	return t.Add(12 * time.Hour), nil
}

// wordsOf reads a text in both languages: name_it and name_en, or it and en when name is "".
func wordsOf(r *http.Request, name string) growth.Words {
	if name != "" {
		name += "_"
	}
	return growth.Words{IT: strings.TrimSpace(r.PostFormValue(name + "it")), EN: strings.TrimSpace(r.PostFormValue(name + "en"))}
}

// kept is what is known of a case, as the input that changes nothing.
func kept(c growth.Case) growth.ChangeCaseIn {
	return growth.ChangeCaseIn{Title: c.Title, Shown: c.Shown, Theme: c.Theme, Cause: c.Cause, Plan: c.Plan, Owner: c.Owner, DueAt: c.DueAt}
}

func (w *Web) changeCase(rw http.ResponseWriter, r *http.Request) error {
	f := caseForm{name: "edit", fields: []string{"title", "shown_it", "shown_en", "theme", "cause", "plan", "owner", "due"}, place: "details", key: "casepage.saved"}
	return w.caseUse(rw, r, f, func(ctx context.Context, d *desk, a team.Actor, id growth.CaseID) error {
		file, err := w.rooms.Growth.OpenFile(ctx, a, id)
		if err != nil {
			return err
		}
		in := kept(file.Case)
		in.Cause, in.Plan = r.PostFormValue("cause"), r.PostFormValue("plan")
		if a.Can(team.GrowthManage) {
			in.Shown = wordsOf(r, "shown")
			in.Title, in.Theme, in.Owner = r.PostFormValue("title"), triage.Theme(r.PostFormValue("theme")), team.MemberID(r.PostFormValue("owner"))
			if in.DueAt, err = d.day("due"); err != nil {
				return err
			}
		}
		return w.rooms.Growth.ChangeCase(ctx, a, id, in)
	})
}

func (w *Web) chargeCase(rw http.ResponseWriter, r *http.Request) error {
	return w.caseUse(rw, r, caseForm{key: "casepage.charged"}, func(ctx context.Context, _ *desk, a team.Actor, id growth.CaseID) error {
		file, err := w.rooms.Growth.OpenFile(ctx, a, id)
		if err != nil {
			return err
		}
		in := kept(file.Case)
		in.Owner = team.MemberID(r.PostFormValue("owner"))
		return w.rooms.Growth.ChangeCase(ctx, a, id, in)
	})
}

// advanceCase takes the next step, or one back.
func (w *Web) advanceCase(rw http.ResponseWriter, r *http.Request) error {
	to := growth.CaseState(r.PostFormValue("to"))
	// The key that goes back stands in the same form: the last value said counts.
	if all := r.PostForm["to"]; len(all) > 1 {
		to = growth.CaseState(all[len(all)-1])
	}
	f := caseForm{name: "step", fields: []string{"cause", "plan", "since", "did_it", "did_en"}, key: "casepage.advanced"}
	return w.caseUse(rw, r, f, func(ctx context.Context, d *desk, a team.Actor, id growth.CaseID) error {
		in := growth.AdvanceIn{To: to, Cause: r.PostFormValue("cause"), Plan: r.PostFormValue("plan"), Did: wordsOf(r, "did")}
		since, err := d.day("since")
		if err != nil {
			return err
		}
		if sameDay(since.In(d.zone), d.now) {
			since = time.Time{} // today means now
		}
		in.Since = since
		return w.rooms.Growth.Advance(ctx, a, id, in)
	})
}

func (w *Web) declineCase(rw http.ResponseWriter, r *http.Request) error {
	f := caseForm{name: "decline", fields: []string{"it", "en", "reason", "reason_it", "reason_en"}, key: "casepage.declined.done"}
	return w.caseUse(rw, r, f, func(ctx context.Context, _ *desk, a team.Actor, id growth.CaseID) error {
		return w.rooms.Growth.Decline(ctx, a, id, wordsOf(r, ""))
	})
}

func (w *Web) reopenCase(rw http.ResponseWriter, r *http.Request) error {
	return w.caseUse(rw, r, caseForm{key: "casepage.reopened"}, func(ctx context.Context, _ *desk, a team.Actor, id growth.CaseID) error {
		return w.rooms.Growth.Reopen(ctx, a, id)
	})
}

func (w *Web) joinCase(rw http.ResponseWriter, r *http.Request) error {
	return w.caseUse(rw, r, caseForm{place: "voices", key: "casepage.joined"}, func(ctx context.Context, _ *desk, a team.Actor, id growth.CaseID) error {
		return w.rooms.Growth.Join(ctx, a, id, interactionsOf(r))
	})
}

// interactionsOf are those that a form names.
func interactionsOf(r *http.Request) []inbox.InteractionID {
	_ = r.FormValue("i") // reads the form
	var out []inbox.InteractionID
	for _, i := range r.Form["i"] {
		out = append(out, inbox.InteractionID(i))
	}
	return out
}

func (w *Web) quoteVoice(rw http.ResponseWriter, r *http.Request) error {
	id := r.PathValue("voice")
	f := caseForm{name: id, fields: []string{"named", "part"}, place: id, key: "casepage.quoted"}
	return w.caseUse(rw, r, f, func(ctx context.Context, _ *desk, a team.Actor, _ growth.CaseID) error {
		return w.rooms.Growth.SetQuote(ctx, a, growth.CriticismID(id), r.PostFormValue("named") == "yes", strings.TrimSpace(r.PostFormValue("part")))
	})
}

func (w *Web) partVoice(rw http.ResponseWriter, r *http.Request) error {
	return w.caseUse(rw, r, caseForm{place: "voices", key: "casepage.parted"}, func(ctx context.Context, _ *desk, a team.Actor, _ growth.CaseID) error {
		return w.rooms.Growth.Part(ctx, a, growth.CriticismID(r.PathValue("voice")))
	})
}

func (w *Web) addTask(rw http.ResponseWriter, r *http.Request) error {
	f := caseForm{name: "task", fields: []string{"text", "owner"}, place: "tasks", key: "casepage.tasks.added"}
	return w.caseUse(rw, r, f, func(ctx context.Context, _ *desk, a team.Actor, id growth.CaseID) error {
		_, err := w.rooms.Growth.AddTask(ctx, a, id, r.PostFormValue("text"), team.MemberID(r.PostFormValue("owner")))
		return err
	})
}

func (w *Web) finishTask(rw http.ResponseWriter, r *http.Request) error {
	done := r.PostFormValue("done") != ""
	f := caseForm{place: "tasks"}
	if done {
		f.key = "casepage.tasks.finished"
	}
	return w.caseUse(rw, r, f, func(ctx context.Context, _ *desk, a team.Actor, _ growth.CaseID) error {
		return w.rooms.Growth.FinishTask(ctx, a, growth.TaskID(r.PathValue("task")), done)
	})
}

func (w *Web) dropTask(rw http.ResponseWriter, r *http.Request) error {
	return w.caseUse(rw, r, caseForm{place: "tasks", key: "casepage.tasks.dropped"}, func(ctx context.Context, _ *desk, a team.Actor, _ growth.CaseID) error {
		return w.rooms.Growth.DropTask(ctx, a, growth.TaskID(r.PathValue("task")))
	})
}

// addEvidence takes what shows a cause or a change: its words, and at most one of a picture, a link and a figure.
func (w *Web) addEvidence(rw http.ResponseWriter, r *http.Request) error {
	if err := r.ParseMultipartForm(1 << 20); err != nil && !errors.Is(err, http.ErrNotMultipart) {
		var tooBig *http.MaxBytesError
		if errors.As(err, &tooBig) {
			return err
		}
		return media.ErrBroken.Because(err)
	}
	if r.MultipartForm != nil {
		defer func() { _ = r.MultipartForm.RemoveAll() }() // temporary files: the system clears what stays
	}
	f := caseForm{name: "evidence", fields: []string{"text", "url", "value", "outof", "picture", "media"}, place: "evidence", key: "casepage.evidence.added"}
	return w.caseUse(rw, r, f, func(ctx context.Context, d *desk, a team.Actor, id growth.CaseID) error {
		e := growth.Evidence{
			Kind: growth.EvidenceText, Text: strings.TrimSpace(r.PostFormValue("text")), URL: strings.TrimSpace(r.PostFormValue("url")),
			Value: strings.TrimSpace(r.PostFormValue("value")), OutOf: strings.TrimSpace(r.PostFormValue("outof")),
		}
		picture := pictureOf(r)
		kinds := 0
		for kind, there := range map[growth.EvidenceKind]bool{growth.EvidencePicture: picture != nil, growth.EvidenceLink: e.URL != "", growth.EvidenceFigure: e.Value != "" || e.OutOf != ""} {
			if there {
				e.Kind = kind
				kinds++
			}
		}
		if kinds > 1 {
			return fault.New(fault.Invalid, "web.evidence.one")
		}
		if picture == nil {
			_, err := w.rooms.Growth.AddEvidence(ctx, a, id, e)
			return err
		}
		// Who may not add anything is told before a file is kept.
		if err := w.rooms.Growth.MayWork(ctx, a, id); err != nil {
			return err
		}
		if e.Text == "" {
			return fault.InvalidFields(fault.Field{Name: "text", Key: "web.evidence.alt"})
		}
		kept, err := d.takeIn(picture, e.Text, 0)
		if fault.KindOf(err) == fault.Invalid {
			return fault.InvalidFields(fault.Field{Name: "picture", Key: fault.Of(err).Key, Args: maps.Clone(fault.Of(err).Args)})
		}
		if err != nil {
			return err
		}
		e.Media = string(kept.ID)
		_, err = w.rooms.Growth.AddEvidence(ctx, a, id, e)
		return err
	})
}

// pictureOf is the picture that came with a form; nil: none.
func pictureOf(r *http.Request) *multipart.FileHeader {
	if r.MultipartForm == nil {
		return nil
	}
	for _, h := range r.MultipartForm.File["picture"] {
		if h.Size > 0 {
			return h
		}
	}
	return nil
}

func (w *Web) dropEvidence(rw http.ResponseWriter, r *http.Request) error {
	return w.caseUse(rw, r, caseForm{place: "evidence", key: "casepage.evidence.dropped"}, func(ctx context.Context, _ *desk, a team.Actor, _ growth.CaseID) error {
		return w.rooms.Growth.DropEvidence(ctx, a, growth.EvidenceID(r.PathValue("evidence")))
	})
}
