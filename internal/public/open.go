package public

import (
	"context"
	"net/http"
	"strings"

	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/link"
	"github.com/ponte-desk/ponte/internal/public/view"
)

// Links is what the door asks of the room link.
type Links interface {
	Find(ctx context.Context, code string) (*link.Way, error)
	Recognise(r *http.Request, address string) link.Seen
	Note(w *link.Way, s link.Seen) link.Token
	Opens(w *link.Way, password string) bool
}

// The faults of opening a link.
var (
	errOpenMissing  = fault.New(fault.NotFound, "publicpage.open.missing")
	errOpenEnded    = fault.New(fault.NotFound, "publicpage.open.ended")
	errOpenPassword = fault.New(fault.Invalid, "publicpage.open.wrong")
)

func (p *Public) openRoutes() {
	for _, path := range []string{link.Path, link.PathQR} {
		p.add("GET "+path+"{code...}", p.showOpen)
		p.add("POST "+path+"{code...}", p.unlock)
	}
}

// openLink leads on from a tracked link. It stands before the door's guard: what leads on at once needs no reference, no policy for a page
// and no line in the log, in which visits would stand beside moments. All else goes through the door.
func (p *Public) openLink(rw http.ResponseWriter, r *http.Request) {
	code := strings.TrimSuffix(r.URL.Path[len(link.Path):], "/")
	if r.Method == http.MethodGet || r.Method == http.MethodHead {
		if w, err := p.rooms.Links.Find(r.Context(), code); err == nil && !w.Locked() && !w.Shown() && !w.Ended(p.rooms.Clock.Now()) {
			p.lead(rw, r, w, http.StatusFound)
			return
		}
	}
	p.ServeHTTP(rw, r)
}

// note notes the visit and gives where it leads.
func (p *Public) note(r *http.Request, w *link.Way) string {
	remote, _ := p.comes(r)
	s := p.rooms.Links.Recognise(r, remote)
	if s.Referrer == "" && s.Kind == link.Person && !s.Private && strings.HasPrefix(r.URL.Path, link.PathQR) {
		s.Referrer = link.FromQR
	}
	target := w.Leads(s)
	if token := p.rooms.Links.Note(w, s); w.Own(target) {
		target = link.WithToken(target, token)
	}
	return target
}

// lead notes the visit and leads on. Nothing between may keep the answer: each visit is to be seen.
func (p *Public) lead(rw http.ResponseWriter, r *http.Request, w *link.Way, status int) {
	target := p.note(r, w)
	h := rw.Header()
	h["Location"] = []string{target}
	h["Cache-Control"] = noStore
	h["X-Robots-Tag"] = noIndex
	rw.WriteHeader(status)
}

// Headers that every redirect has; nobody writes into them.
var (
	noStore = []string{"no-store"}
	noIndex = []string{"noindex"}
)

// way finds the link of a request that cannot lead on at once, and why.
func (p *Public) way(rw http.ResponseWriter, r *http.Request, v *visit) (*link.Way, error) {
	h := rw.Header()
	h.Set("X-Robots-Tag", "noindex")
	h.Add("Vary", "Accept-Language")
	if err := p.looking.take(v.remote); err != nil { // who tries codes
		return nil, err
	}
	w, err := p.rooms.Links.Find(r.Context(), strings.TrimSuffix(r.PathValue("code"), "/"))
	if fault.KindOf(err) == fault.NotFound {
		return nil, errOpenMissing.Because(err)
	}
	if err != nil {
		return nil, err
	}
	if v.company, err = p.rooms.Team.Company(r.Context(), w.Company); err != nil {
		return nil, err
	}
	p.speak(v, r, "")
	if w.Ended(p.rooms.Clock.Now()) {
		return nil, errOpenEnded
	}
	return w, nil
}

func (p *Public) showOpen(rw http.ResponseWriter, r *http.Request, v *visit) error {
	w, err := p.way(rw, r, v)
	if err != nil {
		return err
	}
	if w.Locked() {
		return p.askPassword(rw, r, v, http.StatusOK, nil)
	}
	return p.leadOn(rw, r, v, w, http.StatusFound) // a redirect: it was changed in this moment
}

// leadOn leads on, or shows the number or the address that the link leads to.
func (p *Public) leadOn(rw http.ResponseWriter, r *http.Request, v *visit, w *link.Way, status int) error {
	if !w.Shown() {
		p.lead(rw, r, w, status)
		return nil
	}
	target := p.note(r, w)
	kind, shown, _ := strings.Cut(target, ":")
	shown, _, _ = strings.Cut(shown, "?")
	page := p.page(r, v)
	page.Title, page.Index = v.words.T("publicpage.act."+kind, "company", v.company.Name), false
	page.Other = r.URL.EscapedPath() + "?lang=" + other(v.lang)
	rw.Header().Set("Cache-Control", "no-store")
	p.write(rw, r, http.StatusOK, view.ActPage(page, view.Act{Kind: kind, Target: target, Shown: shown}))
	return nil
}

// unlock leads on who knows the password.
func (p *Public) unlock(rw http.ResponseWriter, r *http.Request, v *visit) error {
	w, err := p.way(rw, r, v)
	if err != nil {
		return err
	}
	if !w.Locked() {
		return p.leadOn(rw, r, v, w, http.StatusSeeOther)
	}
	if err := p.telling.take(v.remote); err != nil {
		return p.askPassword(rw, r, v, http.StatusTooManyRequests, err)
	}
	if !p.rooms.Links.Opens(w, r.PostFormValue("password")) {
		return p.askPassword(rw, r, v, http.StatusUnprocessableEntity, errOpenPassword)
	}
	return p.leadOn(rw, r, v, w, http.StatusSeeOther)
}

func (p *Public) askPassword(rw http.ResponseWriter, r *http.Request, v *visit, status int, err error) error {
	page := p.page(r, v)
	page.Title, page.Index = v.words.T("publicpage.open.title"), false
	page.Other = r.URL.EscapedPath() + "?lang=" + other(v.lang)
	o := view.Open{Action: r.URL.EscapedPath() + "?lang=" + v.lang}
	if err != nil {
		v.err = err
		o.Error, o.Remedy = p.wrong(v, err)
	}
	p.write(rw, r, status, view.OpenPage(page, o))
	return nil
}
