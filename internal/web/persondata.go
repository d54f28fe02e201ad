package web

import (
	"errors"
	"mime"
	"net/http"
	"strconv"

	"github.com/ponte-desk/ponte/internal/audience"
	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/team"
	"github.com/ponte-desk/ponte/internal/web/view"
)

func (w *Web) personDataRoutes() {
	w.member("POST "+pathPeople+"/{id}/export", w.exportPerson)
	w.member("GET "+pathPeople+"/{id}/erase", w.showErase)
	w.member("POST "+pathPeople+"/{id}/erase", w.erasePerson)
	w.member("POST "+pathPeople+"/{id}/keep", w.keepPerson)
}

func certificatePath(number int) string { return view.PathPrivacy + "/" + strconv.Itoa(number) }

// personData says what may be done with everything that is there about a person.
func (d *desk) personData(person audience.Person, notes []audience.Note) (*view.PersonData, error) {
	out := &view.PersonData{Text: d.t("inboxpage.data.text"), Retention: view.PathPrivacy}
	for _, n := range notes {
		out.Kept = out.Kept || n.Keep
	}
	if !d.v.actor.Can(team.PeopleErase) {
		return out, nil
	}
	c, busy, err := d.rooms.Audience.Erasing(d.ctx(), d.v.actor, person.ID)
	if err != nil {
		return nil, err
	}
	if busy {
		out.Erasing = certificatePath(c.Number)
		return out, nil
	}
	base := pathPeople + "/" + string(person.ID)
	out.ExportURL, out.EraseURL = base+"/export", base+"/erase"
	return out, nil
}

// exportPerson gives everything about a person to take along. It is a POST because it is written down that it was done.
func (w *Web) exportPerson(rw http.ResponseWriter, r *http.Request) error {
	v := visitOf(r)
	b, err := w.rooms.Audience.Export(r.Context(), v.actor, audience.PersonID(r.PathValue("id")))
	if err != nil {
		return err
	}
	kind, ending := "application/zip", ".zip"
	write := func() error { return b.WriteZip(r.Context(), rw, v.words, v.company) }
	switch r.PostFormValue("as") {
	case "html":
		kind, ending = "text/html; charset=utf-8", ".html"
		write = func() error { return b.WriteHTML(r.Context(), rw, v.words, v.company) }
	case "json":
		kind, ending = "application/json", ".json"
		write = func() error { return b.WriteJSON(r.Context(), rw) }
	}
	h := rw.Header()
	h.Set("Content-Type", kind)
	h.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": "ponte-" + string(b.Person.ID) + ending}))
	h.Set("Cache-Control", "no-store")
	if err := write(); err != nil {
		v.err = err // the answer has begun: it ends short, and the log says why
	}
	return nil
}

func (w *Web) showErase(rw http.ResponseWriter, r *http.Request) error {
	return w.erasePage(rw, r, http.StatusOK, view.Erase{})
}

// erasePage says what erasing a person would do and asks for a yes. s holds what was typed and what was wrong with it.
func (w *Web) erasePage(rw http.ResponseWriter, r *http.Request, status int, s view.Erase) error {
	v := visitOf(r)
	id := audience.PersonID(r.PathValue("id"))
	if err := v.actor.May(team.PeopleErase); err != nil {
		return err
	}
	person, err := w.rooms.Audience.Person(r.Context(), v.actor, id)
	if err != nil {
		return err
	}
	f, err := w.rooms.Audience.PreviewErase(r.Context(), v.actor, id)
	if errors.Is(err, audience.ErrErasing) && s.Trouble == nil {
		if c, busy, err := w.rooms.Audience.Erasing(r.Context(), v.actor, id); err != nil {
			return err
		} else if busy {
			return w.redirect(rw, r, certificatePath(c.Number))
		}
		return audience.ErrErasing
	}
	if wrong, ok := w.wrong(rw, r, err, fault.Conflict, fault.Limited); ok { // something to them is on its way, or nobody can look now
		s.Trouble = &view.TroubleProps{Title: wrong.Text, Remedy: wrong.Remedy}
		status = wrong.Status
	} else if err != nil {
		return err
	}
	s.Name, s.Back = person.Name, pathPeople+"/"+string(id)
	s.Counted = f.Erased != nil
	s.Part = f.Part
	s.Groups = erasedGroups(v, f.Erased, true)
	s.Stays = staysOf(v, f.Stays, false)
	p := w.page(r, view.RoomInbox, "erasepage.title", "name", person.Name)
	return w.showStatus(rw, r, status, p, view.ErasePage(p, s))
}

// erasePerson erases a person for good and leads to the certificate.
func (w *Web) erasePerson(rw http.ResponseWriter, r *http.Request) error {
	in := audience.EraseIn{Name: r.PostFormValue("name"), Reference: r.PostFormValue("reference")}
	c, err := w.rooms.Audience.Erase(r.Context(), visitOf(r).actor, audience.PersonID(r.PathValue("id")), in)
	if errors.Is(err, audience.ErrErasing) { // pressed twice
		return w.showErase(rw, r)
	}
	if wrong, ok := w.wrong(rw, r, err, fault.Invalid, fault.Conflict, fault.Limited); ok {
		s := view.Erase{Typed: in.Name, Reference: in.Reference, Errors: wrong.Fields}
		if wrong.Text != "" {
			s.Trouble = &view.TroubleProps{Title: wrong.Text, Remedy: wrong.Remedy}
		}
		return w.erasePage(rw, r, wrong.Status, s)
	} else if err != nil {
		return err
	}
	key := "erasepage.done"
	if c.State != audience.ErasureDone {
		key = "erasepage.begun"
	}
	return w.done(rw, r, certificatePath(c.Number), key)
}

// keepPerson says that the person of a note is not to be forgotten, or that they may be again.
func (w *Web) keepPerson(rw http.ResponseWriter, r *http.Request) error {
	keep := r.PostFormValue("keep") != ""
	if err := w.rooms.Audience.KeepNote(r.Context(), visitOf(r).actor, r.PostFormValue("note"), keep); err != nil {
		return err
	}
	key := "peoplepage.kept"
	if !keep {
		key = "peoplepage.unkept"
	}
	return w.done(rw, r, pathPeople+"/"+r.PathValue("id")+"#notes", key)
}

// places are the parts of the house in which something of a person is kept, each with its kinds.
var places = []struct {
	name  string
	kinds []audience.ErasedKind
}{
	{"people", []audience.ErasedKind{audience.ErasedAccounts, audience.ErasedNotes, audience.ErasedMerges}},
	{"inbox", []audience.ErasedKind{audience.ErasedItems, audience.ErasedConversations, audience.ErasedAnswers, audience.ErasedDrafts, audience.ErasedFiles}},
	{"verdict", []audience.ErasedKind{audience.ErasedVerdicts}},
	{"growth", []audience.ErasedKind{audience.ErasedCriticisms, audience.ErasedLetters, audience.ErasedQuotes}},
	{"elsewhere", []audience.ErasedKind{audience.ErasedNames, audience.ErasedTraces, audience.ErasedDetails, audience.ErasedReplays, audience.ErasedCalls, audience.ErasedTies, audience.ErasedLeads}},
}

// erasedGroups says how much of what goes, or went, place by place; with empty also the places where nothing does.
func erasedGroups(v *visit, erased map[audience.ErasedKind]int, empty bool) []view.ErasedGroup {
	var out []view.ErasedGroup
	for _, p := range places {
		g := view.ErasedGroup{Name: v.words.T("erasepage.place." + p.name)}
		for _, k := range p.kinds {
			if n := erased[k]; n > 0 {
				g.Lines = append(g.Lines, view.ErasedLine{Label: v.words.T("erasepage.kind." + string(k)), N: v.words.Number(n)})
			}
		}
		if len(g.Lines) > 0 || empty {
			out = append(out, g)
		}
	}
	return out
}

// staysOf says what stays and why; did is set once it has.
func staysOf(v *visit, stays []audience.Stay, did bool) []view.StayLine {
	var out []view.StayLine
	for _, k := range audience.StayKinds {
		for _, s := range stays {
			if s.Kind != k || s.N == 0 {
				continue
			}
			line := view.StayLine{Title: v.words.N("erasepage.stay."+string(k), s.N), Why: v.words.T("erasepage.why." + string(k))}
			if did {
				line.Refs = s.Refs
			}
			out = append(out, line)
		}
	}
	return out
}
