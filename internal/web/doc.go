// Package web serves the desk to the team.
//
// # How a page is written
//
// A page is one file here (the handlers), one file in package view (what is drawn), and one pair of catalog files. Its
// handlers are methods of Web, and a method of the same file lists its routes; New calls that method:
//
//	func (w *Web) peopleRoutes() {
//		w.member("GET /people", w.showPeople)
//		w.member("POST /people/{id}/note", w.addPersonNote)
//	}
//
//	func (w *Web) showPeople(rw http.ResponseWriter, r *http.Request) error {
//		v := visitOf(r)                                     // who asks: v.actor, v.company, v.words, v.lang, v.session
//		people, err := w.rooms.Audience.List(r.Context(), v.actor, ...)
//		if err != nil {
//			return err                                  // becomes a page, a fragment or problem+json; logged once
//		}
//		p := w.page(r, view.RoomInbox, "people.title")      // the shell: counts, toast, theme, language, topics
//		p.Topics = "inbox"
//		return w.show(rw, r, p, view.People(p, people))     // content only: show puts the layout, or the htmx fragment, around it
//	}
//
//	func (w *Web) addPersonNote(rw http.ResponseWriter, r *http.Request) error {
//		v := visitOf(r)
//		err := w.rooms.Audience.AddNote(r.Context(), v.actor, r.PathValue("id"), r.PostFormValue("text"))
//		if wrong, ok := w.wrong(rw, r, err, fault.Invalid); ok {
//			... draw the form again with what was typed and wrong.Fields:
//			return w.showStatus(rw, r, wrong.Status, p, view.Person(p, ...))
//		} else if err != nil {
//			return err
//		}
//		return w.done(rw, r, "/people", "people.noted")     // 303 with a toast; done("", ...) says nothing
//	}
//
// member asks for a session, puts team.Actor into the visit and leads elsewhere who still has to set up the second
// factor; open lets everybody in. Bodies are limited before a handler runs: maxForm, or what the route says with
// w.member("POST /x", h, bodyUpTo(n)). Every route that changes something is POST; nothing changes on GET.
//
// Fragments: show looks at HX-Request. For a part of a page of its own route use w.render(rw, r, status, component); a
// toast goes beside it with view.ToastOOB. Redirects that htmx should follow as a new page go through w.done or w.redirect.
// A form that ends on another server (OAuth) answers with w.leaveTo: the content security policy forbids a form's redirect to it.
//
// Addresses made here for other places (letters, OAuth callbacks) start with w.options.BaseURL.
package web
