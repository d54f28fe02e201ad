package public

import (
	"context"
	"mime/multipart"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/lead"
	"github.com/ponte-desk/ponte/internal/public/view"
	"github.com/ponte-desk/ponte/internal/team"
	desk "github.com/ponte-desk/ponte/internal/web/view"
)

// Leads is what the door asks of the room lead.
type Leads interface {
	Show(ctx context.Context, code string, inside func(team.CompanyID) bool) (lead.Shown, error)
	Submit(ctx context.Context, code string, in lead.Sent) (lead.Answered, error)
	Asked(ctx context.Context, code, token string) (lead.Shown, time.Time, error)
	Confirm(ctx context.Context, code, token string) error
}

// How often one address may send forms in, and how often one form is filled in by all together.
const (
	fillMost = 12
	fillPer  = 10 * time.Minute
	formMost = 240
	formPer  = 10 * time.Minute
)

func (p *Public) leadRoutes() {
	for pattern, h := range map[string]handler{
		"GET " + view.PathForm + "{code}":                  p.showForm,
		"GET " + view.PathForm + "{code}/thanks":           p.formThanks,
		"GET " + view.PathForm + "{code}/letter":           p.formLetter,
		"GET " + view.PathForm + "{code}/confirm/{token}":  p.askConfirm,
		"POST " + view.PathForm + "{code}/confirm/{token}": p.confirm,
	} {
		p.add(pattern, h)
	}
	p.addUpTo("POST "+view.PathForm+"{code}", lead.MaxBody, p.sendForm)
}

// form reads the form that an address names, and speaks its language.
func (p *Public) form(rw http.ResponseWriter, r *http.Request, v *visit) (lead.Shown, error) {
	rw.Header().Set("X-Robots-Tag", "noindex")
	if err := p.looking.take(v.remote); err != nil {
		return lead.Shown{}, err
	}
	s, err := p.rooms.Leads.Show(r.Context(), r.PathValue("code"), func(c team.CompanyID) bool { return p.options.Inside != nil && p.options.Inside(r, c) })
	if err != nil {
		return s, err
	}
	p.frame(rw, r, v, s)
	return s, nil
}

// frame makes a visit that of a form: in its language, and in the frames of sites that may have it.
func (p *Public) frame(rw http.ResponseWriter, r *http.Request, v *visit, s lead.Shown) {
	v.company, v.lang = s.Owner, s.Locale
	v.words = p.words[v.lang]
	if framed(r) {
		h := rw.Header()
		h.Set("Content-Security-Policy", policy+framers(strings.Fields(s.Settings.Sites)))
		h.Del("X-Frame-Options")
		h.Set("Cross-Origin-Resource-Policy", "cross-origin")
	}
}

func framed(r *http.Request) bool { return r.URL.Query().Get("frame") == "1" }

// formAt is an address of a form, which stays in its frame.
func formAt(r *http.Request, s lead.Shown, more string) string {
	at := lead.FormPath(s.Code) + more
	if framed(r) {
		at += "?frame=1"
	}
	return at
}

func (p *Public) writeForm(rw http.ResponseWriter, r *http.Request, v *visit, status int, s lead.Shown, x view.LeadPage) {
	page := p.page(r, v)
	page.Title, page.Index = x.Title, false
	page.Sheets = []string{"pages.css", "lead.css"}
	if framed(r) {
		p.write(rw, r, status, view.LeadFramed(page, x))
		return
	}
	p.write(rw, r, status, view.LeadWhole(page, x))
}

func (p *Public) showForm(rw http.ResponseWriter, r *http.Request, v *visit) error {
	s, err := p.form(rw, r, v)
	if err != nil {
		return err
	}
	q := r.URL.Query()
	hidden := map[string]string{}
	for _, name := range []string{"utm_source", "utm_medium", "utm_campaign", markName} {
		if value := q.Get(name); value != "" && len(value) <= 200 {
			hidden[name] = value
		}
	}
	p.writeForm(rw, r, v, http.StatusOK, s, p.formPage(r, v, s, nil, hidden, nil))
	return nil
}

// markName is under which a tracked link says that it brought somebody.
const markName = "ponte"

// formPage draws a form, with what was typed when it comes back.
func (p *Public) formPage(r *http.Request, v *visit, s lead.Shown, typed map[string][]string, hidden map[string]string, wrong map[string]string) view.LeadPage {
	x := view.LeadPage{Title: s.Shown(), Intro: paragraphs(s.Settings.Intro)}
	if s.State == lead.Closed {
		x.Icon, x.Said = "lock", []string{v.words.T("formpage.closed")}
		return x
	}
	f := desk.LeadFormOf(v.words, s.Form, typed, wrong)
	f.Action, f.Challenge, f.Bits = formAt(r, s, ""), s.Challenge, strconv.Itoa(lead.ProofBits)
	for _, name := range []string{"utm_source", "utm_medium", "utm_campaign", markName} {
		if hidden[name] != "" {
			f.Hidden = append(f.Hidden, [2]string{name, hidden[name]})
		}
	}
	x.Form = &f
	if s.State == lead.Draft {
		x.Icon, x.Said = "info", []string{v.words.T("formpage.draft")}
	}
	return x
}

func paragraphs(s string) (out []string) {
	for _, x := range strings.Split(s, "\n") {
		if x = strings.TrimSpace(x); x != "" {
			out = append(out, x)
		}
	}
	return out
}

// sendForm takes what a stranger filled in.
func (p *Public) sendForm(rw http.ResponseWriter, r *http.Request, v *visit) error {
	s, err := p.form(rw, r, v)
	if err != nil {
		return err
	}
	in, closeAll, err := sent(r, s.Form)
	if err != nil {
		return fault.New(fault.Invalid, "formpage.body").Because(err)
	}
	defer closeAll()
	if err = p.filling.take(v.remote); err == nil {
		err = p.filled.take(s.Code)
	}
	var out lead.Answered
	if err == nil {
		out, err = p.rooms.Leads.Submit(r.Context(), s.Code, in)
	}
	k := fault.KindOf(err)
	switch k {
	case "":
		to := "/thanks"
		switch out.Outcome {
		case lead.Mailed:
			to = "/letter"
		case lead.Waiting:
			to = "/confirm/" + out.Token
		}
		http.Redirect(rw, r, formAt(r, s, to), http.StatusSeeOther)
		return nil
	case fault.Invalid, fault.Limited, fault.Conflict:
		v.err = err
		e, wrong := fault.Of(err), map[string]string{}
		for _, f := range e.Fields {
			wrong[f.Name] = strings.TrimSpace(v.words.T(f.Key, f.Args) + " " + v.words.T(f.Key+".remedy", f.Args))
		}
		hidden := map[string]string{}
		for _, name := range []string{"utm_source", "utm_medium", "utm_campaign", markName} {
			hidden[name] = r.FormValue(name)
		}
		if e.RetryAfter > 0 {
			rw.Header().Set("Retry-After", strconv.Itoa(int(e.RetryAfter/time.Second)+1))
		}
		x := p.formPage(r, v, s, in.Values, hidden, wrong)
		x.Error, x.Remedy = p.wrong(v, err)
		if len(wrong) > 0 {
			x.Error, x.Remedy = v.words.N("formpage.wrong", len(wrong)), ""
		}
		p.writeForm(rw, r, v, statusOf(k), s, x)
		return nil
	}
	return err
}

// sent reads a form that was sent. closeAll gives back the files.
func sent(r *http.Request, f lead.Form) (in lead.Sent, closeAll func(), err error) {
	closeAll = func() {}
	if strings.HasPrefix(r.Header.Get("Content-Type"), "multipart/form-data") {
		err = r.ParseMultipartForm(1 << 20)
	} else {
		err = r.ParseForm()
	}
	if err != nil {
		return in, closeAll, err
	}
	get := func(name string) string { return r.PostForm.Get(name) }
	values := url.Values{}
	for name, vs := range r.PostForm {
		if key, ok := strings.CutPrefix(name, "f."); ok {
			values[key] = vs
		}
	}
	in = lead.Sent{
		Values: values, Trap: get("website"), Challenge: get("challenge"), Proof: get("proof"), Mark: get(markName),
		Touch: lead.Touch{Source: get("utm_source"), Medium: get("utm_medium"), Campaign: get("utm_campaign")},
	}
	if r.MultipartForm == nil {
		return in, closeAll, nil
	}
	var open []multipart.File
	closeAll = func() {
		for _, o := range open {
			_ = o.Close() // only read from
		}
		_ = r.MultipartForm.RemoveAll() // what stays goes with the folder of the system
	}
	for _, q := range f.Fields {
		if q.Kind != lead.File {
			continue
		}
		for _, h := range r.MultipartForm.File["f."+q.Key] {
			o, err := h.Open()
			if err != nil {
				return in, closeAll, err
			}
			open = append(open, o)
			in.Files = append(in.Files, lead.SentFile{Key: q.Key, Name: h.Filename, Size: h.Size, Body: o})
		}
	}
	return in, closeAll, nil
}

// formThanks is what is said after a form was taken.
func (p *Public) formThanks(rw http.ResponseWriter, r *http.Request, v *visit) error {
	s, err := p.form(rw, r, v)
	if err != nil {
		return err
	}
	x := view.LeadPage{Title: v.words.T("formpage.thanks"), Icon: "check", Said: paragraphs(s.Settings.Thanks), Back: formAt(r, s, ""), Again: v.words.T("formpage.again")}
	if len(x.Said) == 0 {
		x.Said = []string{v.words.T("formpage.thanks.text", "company", s.Owner.Name)}
	}
	p.writeForm(rw, r, v, http.StatusOK, s, x)
	return nil
}

// formLetter says that a letter is on its way.
func (p *Public) formLetter(rw http.ResponseWriter, r *http.Request, v *visit) error {
	s, err := p.form(rw, r, v)
	if err != nil {
		return err
	}
	p.writeForm(rw, r, v, http.StatusOK, s, view.LeadPage{
		Title: v.words.T("formpage.letter"), Icon: "mail", Said: []string{v.words.T("formpage.letter.text"), v.words.T("formpage.letter.none")},
	})
	return nil
}

// asked reads what waits behind the address of a letter, or of a page.
func (p *Public) askedForm(rw http.ResponseWriter, r *http.Request, v *visit) (lead.Shown, time.Time, error) {
	rw.Header().Set("X-Robots-Tag", "noindex")
	rw.Header().Set("Referrer-Policy", "no-referrer")
	if err := p.looking.take(v.remote); err != nil {
		return lead.Shown{}, time.Time{}, err
	}
	s, from, err := p.rooms.Leads.Asked(r.Context(), r.PathValue("code"), r.PathValue("token"))
	if s.Owner.ID != "" {
		p.frame(rw, r, v, s)
	}
	if fault.KindOf(err) == fault.NotFound {
		err = errFormToken.Because(err)
	}
	return s, from, err
}

// askConfirm asks for the confirmation; what reads letters before people do confirms nothing by looking.
func (p *Public) askConfirm(rw http.ResponseWriter, r *http.Request, v *visit) error {
	s, from, err := p.askedForm(rw, r, v)
	if err != nil {
		return err
	}
	p.writeForm(rw, r, v, http.StatusOK, s, p.confirmPage(r, v, s, from))
	return nil
}

func (p *Public) confirmPage(r *http.Request, v *visit, s lead.Shown, from time.Time) view.LeadPage {
	x := view.LeadPage{
		Title: v.words.T("formpage.confirm"), Icon: "hourglass", Said: []string{v.words.T("formpage.confirm.text", "company", s.Owner.Name, "form", s.Shown())},
		Action: formAt(r, s, "/confirm/"+r.PathValue("token")), Button: v.words.T("formpage.confirm.do"),
	}
	if from.After(p.rooms.Clock.Now()) {
		x.Said = append(x.Said, v.words.T("formpage.confirm.wait"))
	}
	return x
}

func (p *Public) confirm(rw http.ResponseWriter, r *http.Request, v *visit) error {
	s, from, err := p.askedForm(rw, r, v)
	if err != nil {
		return err
	}
	if err = p.filling.take(v.remote); err == nil {
		err = p.rooms.Leads.Confirm(r.Context(), s.Code, r.PathValue("token"))
	}
	if fault.KindOf(err) == fault.Limited {
		v.err = err
		rw.Header().Set("Retry-After", strconv.Itoa(int(fault.Of(err).RetryAfter/time.Second)+1))
		x := p.confirmPage(r, v, s, from)
		x.Error, x.Remedy = p.wrong(v, err)
		p.writeForm(rw, r, v, http.StatusTooManyRequests, s, x)
		return nil
	}
	if fault.KindOf(err) == fault.NotFound {
		return errFormToken.Because(err)
	}
	if err != nil {
		return err
	}
	http.Redirect(rw, r, formAt(r, s, "/thanks"), http.StatusSeeOther)
	return nil
}
