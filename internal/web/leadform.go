package web

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/lead"
	"github.com/ponte-desk/ponte/internal/team"
	"github.com/ponte-desk/ponte/internal/web/view"
)

func (w *Web) formRoutes() {
	w.member("GET "+view.PathForms, w.showForms)
	w.member("POST "+view.PathForms, w.newForm)
	w.member("GET "+view.PathForms+"/{id}", w.showFormDesk)
	w.member("POST "+view.PathForms+"/{id}", w.changeForm)
	w.member("POST "+view.PathForms+"/{id}/state", w.setForm)
}

func (w *Web) showForms(rw http.ResponseWriter, r *http.Request) error {
	d, err := w.sideDesk(r)
	if err != nil {
		return err
	}
	all, err := w.rooms.Leads.Forms(r.Context(), d.v.actor)
	if err != nil {
		return err
	}
	p := d.leadPage("formdesk.title")
	out := view.FormsPage{Tabs: d.leadTabs(view.PathForms)}
	for _, f := range all {
		row := view.RowProps{Icon: formIcon(f.State), Title: f.Name, Href: view.PathForms + "/" + string(f.ID), Aside: d.t("formdesk.state." + string(f.State))}
		row.Notes = []string{d.v.words.N("formdesk.leads", f.Leads), d.v.words.N("formdesk.fields", len(f.Fields)), d.v.words.N("formdesk.won", f.Won)}
		if f.Waiting > 0 {
			row.Notes = append(row.Notes, d.v.words.N("formdesk.waiting", f.Waiting))
		}
		out.Rows = append(out.Rows, row)
	}
	if d.v.actor.Can(team.FormsManage) {
		out.NewURL = view.PathForms
	}
	if len(all) == 0 {
		out.Empty = &view.EmptyProps{Title: d.t("formdesk.empty"), Text: d.t("formdesk.empty.text")}
	}
	return w.show(rw, r, p, view.Forms(p, out))
}

func formIcon(s lead.FormState) string {
	switch s {
	case lead.Live:
		return "globe"
	case lead.Closed:
		return "lock"
	}
	return "edit"
}

// newForm makes a form with what most forms have, to be changed.
func (w *Web) newForm(rw http.ResponseWriter, r *http.Request) error {
	v := visitOf(r)
	words := w.words[v.company.Locale]
	if words == nil {
		words = v.words
	}
	f, err := w.rooms.Leads.CreateForm(r.Context(), v.actor, lead.FormIn{
		Name: words.T("formdesk.first.name"),
		Fields: []lead.Field{
			{Key: lead.NameKey, Kind: lead.Short, Label: words.T("formdesk.first.who"), Required: true},
			{Key: "email", Kind: lead.Email, Label: words.T("formdesk.first.email"), Required: true},
			{Key: "phone", Kind: lead.Phone, Label: words.T("formdesk.first.phone")},
			{Key: "message", Kind: lead.Long, Label: words.T("formdesk.first.message"), Required: true},
			{Key: "privacy", Kind: lead.Consent, Label: words.T("formdesk.first.consent", "company", v.company.Name), Required: true},
		},
	})
	if err != nil {
		return err
	}
	return w.redirect(rw, r, view.PathForms+"/"+string(f.ID))
}

func (w *Web) showFormDesk(rw http.ResponseWriter, r *http.Request) error {
	d, err := w.sideDesk(r)
	if err != nil {
		return err
	}
	return d.form(rw, http.StatusOK, nil, nil)
}

// form draws a form being made: as it is kept, or as it was typed.
func (d *desk) form(rw http.ResponseWriter, status int, typed *lead.FormIn, pr *problem) error {
	f, err := d.rooms.Leads.OpenForm(d.ctx(), d.v.actor, lead.FormID(d.r.PathValue("id")))
	if err != nil {
		return err
	}
	p := d.leadPage("formdesk.one", "name", f.Name)
	at := view.PathForms + "/" + string(f.ID)
	in := lead.FormIn{Name: f.Name, Fields: f.Fields, Settings: f.Settings, Version: f.Version}
	out := view.FormPage{
		ID: string(f.ID), Title: f.Name, State: d.t("formdesk.state." + string(f.State)), URL: at, Can: d.v.actor.Can(team.FormsManage), Live: f.State == lead.Live,
		Draft: f.State == lead.Draft, Errors: map[string]string{},
	}
	if typed != nil {
		in, out.Unsaved = *typed, d.t("formdesk.unsaved")
	}
	if pr != nil {
		out.Errors = pr.Fields
		if len(pr.Fields) == 0 {
			out.Trouble = &view.TroubleProps{Title: pr.Text, Text: pr.Remedy}
		} else {
			out.Unsaved = d.v.words.N("formdesk.wrong", len(pr.Fields))
		}
	}
	if out.Can && typed == nil {
		out.OpenURL = at + "/state"
	}
	out.Version, out.Name = strconv.Itoa(in.Version), in.Name
	out.Counts = d.v.words.N("formdesk.leads", f.Leads) + ", " + d.v.words.N("formdesk.won", f.Won)
	if f.Waiting > 0 {
		out.Counts += ", " + d.v.words.N("formdesk.waiting", f.Waiting)
	}
	address := d.address(d.r, lead.FormPath(f.Code))
	out.Address = view.CopyProps{ID: "form-address", Label: d.t("formdesk.address"), Value: address, Hint: d.t("formdesk.address.hint")}
	out.Embed = view.CopyProps{
		ID: "form-embed", Label: d.t("formdesk.embed"), Hint: d.t("formdesk.embed.hint"),
		Value: `<iframe src="` + address + `?frame=1" title="` + strings.ReplaceAll(f.Shown(), `"`, "&quot;") + `" width="100%" height="720" style="border:0"></iframe>`,
	}
	d.formFields(&out, in)
	for _, c := range slices.Backward(f.Consents) {
		x := view.LeadAgreed{Text: c.Body, Icon: "archive", Said: d.t("formdesk.texts.version", "version", d.v.words.Number(c.Version), "date", d.moment(c.At))}
		if slices.ContainsFunc(f.Fields, func(q lead.Field) bool { return q.Key == c.Field && q.Label == c.Body }) {
			x.Icon, x.Said = "check", d.t("formdesk.texts.now", "version", d.v.words.Number(c.Version), "date", d.moment(c.At))
		}
		out.Consents = append(out.Consents, x)
	}
	for _, x := range f.Refused {
		out.Refused = append(out.Refused, view.Fact{Label: d.t("formdesk.refused." + string(x.Cause)), Value: d.v.words.Number(x.N)})
	}
	return d.showStatus(rw, d.r, status, p, view.FormDesk(p, out))
}

// formFields lays out what is being made, and how it will look.
func (d *desk) formFields(out *view.FormPage, in lead.FormIn) {
	s := in.Settings
	out.Settings = view.FormSettings{
		Title: s.Title, Intro: s.Intro, Button: s.Button, Thanks: s.Thanks, Subject: s.Subject, Letter: s.Letter, Sites: s.Sites, Campaign: s.Campaign,
		Channel: s.Channel, Confirm: s.Confirm,
		Locales: []view.Option{
			{Label: d.t("formdesk.locale.company"), Selected: s.Locale == ""},
			{Value: "it", Label: d.t("formdesk.locale.it"), Selected: s.Locale == "it"},
			{Value: "en", Label: d.t("formdesk.locale.en"), Selected: s.Locale == "en"},
		},
	}
	for i, q := range in.Fields {
		out.Fields = append(out.Fields, view.FormField{
			Nth: i, Key: q.Key, Kind: string(q.Kind), KindSays: d.kindSays(q.Kind), Label: q.Label, Hint: q.Hint, Options: strings.Join(q.Options, "\n"),
			Required: q.Required, First: i == 0, Last: i == len(in.Fields)-1,
		})
	}
	for _, k := range lead.Kinds {
		out.Kinds = append(out.Kinds, view.Option{Value: string(k), Label: d.kindSays(k)})
	}
	lang := s.Locale
	if lang == "" {
		lang = d.v.company.Locale
	}
	words := d.Web.words[lang]
	if words == nil {
		words = d.v.words
	}
	out.Preview = view.LeadFormOf(words, lead.Form{Fields: in.Fields, Settings: s}, nil, nil)
	for i := range out.Preview.Fields { // the page has its own fields beside
		out.Preview.Fields[i].ID = "preview-" + strconv.Itoa(i)
		out.Preview.Fields[i].Name = ""
	}
	out.Preview.Preview = true
	if out.Shown = s.Title; out.Shown == "" {
		out.Shown = in.Name
	}
	for _, x := range strings.Split(s.Intro, "\n") {
		if x = strings.TrimSpace(x); x != "" {
			out.Intro = append(out.Intro, x)
		}
	}
}

func (d *desk) kindSays(k lead.Kind) string { return d.t("formdesk.kind." + string(k)) }

// formIn reads a form being made.
func formIn(r *http.Request) lead.FormIn {
	get := r.PostFormValue
	in := lead.FormIn{Name: get("name"), Settings: lead.FormSettings{
		Title: get("title"), Intro: get("intro"), Button: get("button"), Thanks: get("thanks"), Locale: get("locale"), Confirm: get("confirm") != "",
		Subject: get("subject"), Letter: get("letter"), Sites: get("sites"), Campaign: get("campaign"), Channel: get("channel"),
	}}
	in.Version, _ = strconv.Atoi(get("version")) // none does not look
	for i := range 100 {
		at := "field" + strconv.Itoa(i) + "."
		if !r.PostForm.Has(at + "kind") {
			break
		}
		in.Fields = append(in.Fields, lead.Field{
			Key: get(at + "key"), Kind: lead.Kind(get(at + "kind")), Label: get(at + "label"), Hint: get(at + "hint"), Required: get(at+"required") != "",
			Options: strings.FieldsFunc(get(at+"options"), func(r rune) bool { return r == '\n' || r == '\r' }),
		})
	}
	return in
}

// changeForm keeps a form, or does one step of its making and keeps nothing yet.
func (w *Web) changeForm(rw http.ResponseWriter, r *http.Request) error {
	d, err := w.sideDesk(r)
	if err != nil {
		return err
	}
	if err := d.v.actor.May(team.FormsManage); err != nil {
		return err
	}
	in := formIn(r)
	if do := r.PostFormValue("do"); do != "" {
		in.Fields = fieldStep(in.Fields, do, lead.Kind(r.PostFormValue("add")))
		return d.form(rw, http.StatusOK, &in, nil)
	}
	_, err = w.rooms.Leads.ChangeForm(r.Context(), d.v.actor, lead.FormID(r.PathValue("id")), in)
	if pr, ok := w.wrong(rw, r, err, fault.Invalid, fault.Conflict); ok {
		return d.form(rw, pr.Status, &in, &pr)
	} else if err != nil {
		return err
	}
	return w.done(rw, r, view.PathForms+"/"+r.PathValue("id"), "formdesk.done.saved")
}

// fieldStep adds, moves or drops a question.
func fieldStep(fields []lead.Field, do string, kind lead.Kind) []lead.Field {
	what, at, _ := strings.Cut(do, ":")
	n, err := strconv.Atoi(at)
	switch {
	case what == "add" && slices.Contains(lead.Kinds, kind):
		return append(fields, lead.Field{Kind: kind, Required: kind == lead.Consent})
	case err != nil || n < 0 || n >= len(fields):
	case what == "drop":
		return slices.Delete(fields, n, n+1)
	case what == "up" && n > 0:
		fields[n-1], fields[n] = fields[n], fields[n-1]
	case what == "down" && n < len(fields)-1:
		fields[n+1], fields[n] = fields[n], fields[n+1]
	}
	return fields
}

func (w *Web) setForm(rw http.ResponseWriter, r *http.Request) error {
	d, err := w.sideDesk(r)
	if err != nil {
		return err
	}
	s := lead.FormState(r.PostFormValue("state"))
	_, err = w.rooms.Leads.SetForm(r.Context(), d.v.actor, lead.FormID(r.PathValue("id")), s)
	if pr, ok := w.wrong(rw, r, err, fault.Conflict, fault.Invalid); ok {
		return d.form(rw, pr.Status, nil, &pr)
	} else if err != nil {
		return err
	}
	key := "formdesk.done.opened"
	if s == lead.Closed {
		key = "formdesk.done.closed"
	}
	return w.done(rw, r, view.PathForms+"/"+r.PathValue("id"), key)
}
