package public

import (
	"net/http"
	"net/url"

	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/growth"
	"github.com/ponte-desk/ponte/internal/public/view"
)

func (p *Public) linkRoutes() {
	p.add("GET "+view.PathLink+"{token}", p.showLink)
	p.add("POST "+view.PathLink+"{token}", p.answerLink)
}

func queryEscape(s string) string { return url.QueryEscape(s) }

// asked reads what a personal link shows. The link is for one person: nothing of it is kept by others.
func (p *Public) asked(rw http.ResponseWriter, r *http.Request, v *visit) (growth.Asked, error) {
	h := rw.Header()
	h.Set("X-Robots-Tag", "noindex")
	h.Add("Vary", "Accept-Language")
	if err := p.looking.take(v.remote); err != nil {
		return growth.Asked{}, err
	}
	a, err := p.rooms.Growth.ReadAsked(r.Context(), r.PathValue("token"))
	if fault.KindOf(err) == fault.NotFound {
		return a, errLink.Because(err)
	}
	if err != nil {
		return a, err
	}
	v.company = a.Company
	if wish := r.URL.Query().Get("lang"); wish == "" {
		p.speak(v, r, "") // the company's language when the reader's is not known
	}
	return a, nil
}

func (p *Public) link(r *http.Request, v *visit, a growth.Asked) (view.Page, view.Link) {
	page := p.page(r, v)
	page.Title, page.Index = v.words.T("publicpage.link.title"), false
	page.Other = r.URL.EscapedPath() + "?lang=" + other(v.lang)
	return page, view.Link{Asked: a, Action: r.URL.EscapedPath() + "?lang=" + v.lang}
}

func (p *Public) showLink(rw http.ResponseWriter, r *http.Request, v *visit) error {
	a, err := p.asked(rw, r, v)
	if err != nil {
		return err
	}
	page, l := p.link(r, v, a)
	p.write(rw, r, http.StatusOK, view.LinkPage(page, l))
	return nil
}

// answerLink keeps what the person says. It may be said again: the last word counts.
func (p *Public) answerLink(rw http.ResponseWriter, r *http.Request, v *visit) error {
	a, err := p.asked(rw, r, v)
	if err != nil {
		return err
	}
	better, words := r.PostFormValue("better"), r.PostFormValue("words")
	err = p.telling.take(v.remote) // how often one link may answer is the room's to say
	switch {
	case err != nil:
	case better != "yes" && better != "no":
		err = fault.New(fault.Invalid, "publicpage.link.choose")
	default:
		err = p.rooms.Growth.AnswerAsked(r.Context(), r.PathValue("token"), better == "yes", words)
	}
	k := fault.KindOf(err)
	switch k {
	case "":
		http.Redirect(rw, r, r.URL.EscapedPath()+"?lang="+v.lang, http.StatusSeeOther)
		return nil
	case fault.Invalid, fault.Limited, fault.Conflict:
		v.err = err
		page, l := p.link(r, v, a)
		l.Typed = words
		l.Error, l.Remedy = p.wrong(v, err)
		p.write(rw, r, statusOf(k), view.LinkPage(page, l))
		return nil
	}
	return err
}

// wrong says what is wrong with a form: its first field when it has any.
func (p *Public) wrong(v *visit, err error) (what, remedy string) {
	e := fault.Of(err)
	if len(e.Fields) == 0 {
		return v.words.Error(e)
	}
	f := e.Fields[0]
	what = v.words.T(f.Key, f.Args)
	if v.words.Has(f.Key + ".remedy") {
		remedy = v.words.T(f.Key+".remedy", f.Args)
	}
	return what, remedy
}
