package web

import (
	"net/http"

	"github.com/ponte-desk/ponte/internal/audience"
	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/lead"
	"github.com/ponte-desk/ponte/internal/team"
	"github.com/ponte-desk/ponte/internal/web/view"
)

const pathPeople = "/people"

func (w *Web) peopleRoutes() {
	w.member("GET "+pathPeople, w.showPeople)
	w.member("GET "+pathPeople+"/{id}", w.showPerson)
	w.member("POST "+pathPeople+"/{id}/note", w.notePerson)
	w.member("POST "+pathPeople+"/{id}/name", w.namePerson)
	w.member("POST "+pathPeople+"/{id}/merge", w.mergePeople)
	w.member("POST "+pathPeople+"/{id}/part", w.partPeople)
}

// showPeople lists and finds people outside.
func (w *Web) showPeople(rw http.ResponseWriter, r *http.Request) error {
	v := visitOf(r)
	q := r.URL.Query().Get("q")
	people, next, err := w.rooms.Audience.Find(r.Context(), v.actor, q, r.URL.Query().Get("after"), 30)
	if err != nil {
		return err
	}
	p := w.page(r, view.RoomInbox, "peoplepage.title")
	out := view.People{Search: view.SearchProps{Action: pathPeople, Value: q, Label: v.words.T("peoplepage.search")}}
	now := w.rooms.Clock.Now().In(v.zone())
	for _, x := range people {
		row := personRow(x)
		row.Href = pathPeople + "/" + string(x.ID)
		if !x.SeenAt.IsZero() {
			row.Aside = v.words.ShortDate(x.SeenAt.In(v.zone()), now)
		}
		out.Rows = append(out.Rows, row)
	}
	if next != "" {
		out.More = view.MoreProps{Href: pathPeople + "?" + query("q", q, "after", next), Label: v.words.T("peoplepage.more"), Target: "#people", Select: "#people > li"}
	}
	if len(people) == 0 {
		out.Empty = &view.EmptyProps{Title: v.words.T("peoplepage.empty"), Text: v.words.T("peoplepage.empty.text")}
		if q != "" {
			out.Empty = &view.EmptyProps{Title: v.words.T("peoplepage.unknown"), Text: v.words.T("peoplepage.unknown.text")}
			out.Key = &view.KeyProps{Label: v.words.T("peoplepage.everybody"), Href: pathPeople}
		}
	}
	return w.show(rw, r, p, view.PeoplePage(p, out))
}

// handleOn is how an account is written: with an @ where that is the custom.
func handleOn(i audience.Identity) string {
	if i.Network == lead.ByEmail || i.Network == lead.ByPhone {
		return i.Handle
	}
	return "@" + i.Handle
}

func personRow(x audience.Person) view.RowProps {
	row := view.RowProps{Who: &view.WhoProps{Name: x.Name}, Title: x.Name}
	for _, i := range x.Identities {
		row.Notes = append(row.Notes, handleOn(i)+" · "+view.NetLabel(i.Network))
	}
	return row
}

func (w *Web) showPerson(rw http.ResponseWriter, r *http.Request) error {
	return w.person(rw, r, http.StatusOK, nil)
}

// person draws a person; wrong is what was wrong with a form, whose note is drawn again as it was typed.
func (w *Web) person(rw http.ResponseWriter, r *http.Request, status int, wrong map[string]string) error {
	v := visitOf(r)
	if err := v.actor.May(team.PeopleRead); err != nil {
		return err
	}
	d, err := w.desk(r)
	if err != nil {
		return err
	}
	id := audience.PersonID(r.PathValue("id"))
	person, err := w.rooms.Audience.Person(r.Context(), v.actor, id)
	if err != nil {
		return err
	}
	notes, err := w.rooms.Audience.Notes(r.Context(), v.actor, id)
	if err != nil {
		return err
	}
	p := w.page(r, view.RoomInbox, "peoplepage.person", "name", person.Name)
	p.Topics = "inbox"
	base := pathPeople + "/" + string(id)
	out := view.PersonPage{
		Card: d.card(person), Notes: d.notes(notes), More: view.PathInbox + "?view=all", Errors: wrong, NoteText: r.PostFormValue("body"), NoteKeep: r.PostFormValue("keep") != "",
	}
	if out.Card.Tie, err = d.tieCard(person); err != nil {
		return err
	}
	if out.Data, err = d.personData(person, notes); err != nil {
		return err
	}
	if len(person.Identities) > 0 {
		out.More += "&" + query("q", person.Identities[0].Handle)
	}
	for _, i := range out.Card.Identities {
		out.Identities = append(out.Identities, view.RowProps{Net: i.Net, Title: i.Handle, Href: i.Href, Notes: compactTexts(i.Note)})
	}
	out.Facts = append(out.Facts, view.Fact{Label: d.t("peoplepage.since"), Value: d.v.words.Date(person.CreatedAt.In(d.zone))})
	if !person.SeenAt.IsZero() {
		out.Facts = append(out.Facts, view.Fact{Label: d.t("peoplepage.last"), Value: d.moment(person.SeenAt)})
	}
	talks, err := w.rooms.Inbox.History(r.Context(), v.actor, id, 30)
	if err != nil {
		return err
	}
	for _, c := range talks {
		out.History = append(out.History, view.RowProps{
			Net: string(d.channels[c.Channel].Network), Title: d.t("inboxpage.sub."+subKind(c), "channel", d.channelLabel(c.Channel)),
			Href: view.PathInbox + "/" + string(c.ID), Said: d.words(c, 220), Aside: d.v.words.ShortDate(c.LastInAt.In(d.zone), d.now),
			Notes: compactTexts(d.t("peoplepage.state." + string(c.State))),
		})
	}
	if v.actor.Can(team.PeopleManage) {
		out.NoteURL, out.RenameURL, out.KeepURL = base+"/note", base+"/name", base+"/keep"
		if person.Named {
			out.Name = person.Name
		}
		if err := d.mergeForm(&out, person); err != nil {
			return err
		}
	}
	return w.showStatus(rw, r, status, p, view.PersonPageOf(p, out))
}

func compactTexts(texts ...string) []string {
	var out []string
	for _, t := range texts {
		if t != "" {
			out = append(out, t)
		}
	}
	return out
}

// mergeForm finds who may be the same person. Someone is offered only when a member searches: Ponte does not guess.
func (d *desk) mergeForm(out *view.PersonPage, person audience.Person) error {
	base := pathPeople + "/" + string(person.ID)
	q := d.r.URL.Query().Get("same")
	m := &view.MergeForm{URL: base + "/merge", Asked: q != "", Search: view.SearchProps{Action: base + "#merge", Name: "same", Value: q, Label: d.t("peoplepage.merge.search")}}
	if q != "" {
		found, _, err := d.rooms.Audience.Find(d.ctx(), d.v.actor, q, "", 8)
		if err != nil {
			return err
		}
		for _, x := range found {
			if x.ID == person.ID {
				continue
			}
			row := personRow(x)
			note := ""
			if len(row.Notes) > 0 {
				note = row.Notes[0]
			}
			m.Found = append(m.Found, view.MergeChoice{ID: string(x.ID), Name: x.Name, Note: note, Who: *row.Who})
		}
	}
	out.Merge = m
	merges, err := d.rooms.Audience.Merges(d.ctx(), d.v.actor, person.ID)
	if err != nil {
		return err
	}
	for _, x := range merges {
		if x.Undone {
			continue
		}
		out.Merges = append(out.Merges, view.MergeLine{
			Text:    d.t("peoplepage.merged.line", "name", x.GoneName, "member", d.memberName(x.Member), "moment", d.moment(x.At)),
			UndoURL: base + "/part?merge=" + string(x.ID),
		})
	}
	return nil
}

func (w *Web) notePerson(rw http.ResponseWriter, r *http.Request) error {
	actor := visitOf(r).actor
	n, err := w.rooms.Audience.AddNote(r.Context(), actor, audience.PersonID(r.PathValue("id")), r.PostFormValue("body"))
	if pr, ok := w.wrong(rw, r, err, fault.Invalid); ok {
		return w.person(rw, r, pr.Status, pr.Fields)
	} else if err != nil {
		return err
	}
	if r.PostFormValue("keep") != "" {
		if err := w.rooms.Audience.KeepNote(r.Context(), actor, n.ID, true); err != nil {
			return err
		}
	}
	return w.done(rw, r, pathPeople+"/"+r.PathValue("id")+"#notes", "peoplepage.noted")
}

func (w *Web) namePerson(rw http.ResponseWriter, r *http.Request) error {
	err := w.rooms.Audience.Rename(r.Context(), visitOf(r).actor, audience.PersonID(r.PathValue("id")), r.PostFormValue("name"))
	if pr, ok := w.wrong(rw, r, err, fault.Invalid); ok {
		return w.person(rw, r, pr.Status, pr.Fields)
	} else if err != nil {
		return err
	}
	return w.done(rw, r, pathPeople+"/"+r.PathValue("id"), "peoplepage.named")
}

// mergePeople joins another person into this one; the toast of the next page takes it back.
func (w *Web) mergePeople(rw http.ResponseWriter, r *http.Request) error {
	id := r.PathValue("id")
	m, err := w.rooms.Audience.MergePeople(r.Context(), visitOf(r).actor, audience.PersonID(id), audience.PersonID(r.PostFormValue("gone")))
	if pr, ok := w.wrong(rw, r, err, fault.Invalid, fault.Conflict); ok {
		return w.person(rw, r, pr.Status, map[string]string{"merge": sayAll(pr)})
	} else if err != nil {
		return err
	}
	w.leaveToast(rw, r, said{Key: "peoplepage.merged", Undo: pathPeople + "/" + id + "/part", With: map[string]string{"merge": string(m)}})
	return w.redirect(rw, r, pathPeople+"/"+id)
}

func (w *Web) partPeople(rw http.ResponseWriter, r *http.Request) error {
	id := r.PathValue("id")
	err := w.rooms.Audience.UndoMerge(r.Context(), visitOf(r).actor, audience.MergeID(r.FormValue("merge")))
	if pr, ok := w.wrong(rw, r, err, fault.Invalid, fault.Conflict); ok {
		return w.person(rw, r, pr.Status, map[string]string{"merge": sayAll(pr)})
	} else if err != nil {
		return err
	}
	return w.done(rw, r, pathPeople+"/"+id, "peoplepage.parted")
}
