package web

import (
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/ponte-desk/ponte/internal/audience"
	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/team"
	"github.com/ponte-desk/ponte/internal/web/view"
)

func (w *Web) privacyRoutes() {
	w.member("GET "+view.PathPrivacy, w.showPrivacy)
	w.member("POST "+view.PathPrivacy, w.setRetention)
	w.member("GET "+view.PathPrivacy+"/{id}", w.showCertificate)
	w.member("POST "+view.PathPrivacy+"/{id}/allow", w.allowErased)
}

// monthChoices are the times after which one may forget, in months; 0 forgets nobody.
var monthChoices = []int{3, 6, 12, 18, 24, 36, 60, 120, 0}

func (w *Web) showPrivacy(rw http.ResponseWriter, r *http.Request) error {
	return w.privacyPage(rw, r, http.StatusOK, r.URL.Query().Get("months"), nil)
}

// privacyPage draws how long is kept what others wrote, and what was erased. months is what somebody would decide; "" what is decided.
func (w *Web) privacyPage(rw http.ResponseWriter, r *http.Request, status int, months string, errs map[string]string) error {
	d, err := w.sideDesk(r)
	if err != nil {
		return err
	}
	now, err := w.rooms.Audience.Retention(d.ctx(), d.v.actor)
	if err != nil {
		return err
	}
	out := view.Privacy{Tabs: d.v.tabs(view.PathPrivacy), Change: d.v.actor.Can(team.CompanyChange), Errors: errs}
	shown, chosen := now, now.Months
	if months != "" && errs == nil {
		n, err := strconv.Atoi(months)
		if err != nil {
			n = -1
		}
		seen, err := w.rooms.Audience.Preview(d.ctx(), d.v.actor, n)
		if wrong, ok := w.wrong(rw, r, err, fault.Invalid); ok {
			status, out.Errors = wrong.Status, wrong.Fields
		} else if err != nil {
			return err
		} else {
			shown, chosen = seen, n
		}
	}
	out.Months = d.monthOptions(chosen, now.Months)
	out.Now = d.t("privacypage.now.never")
	if now.Months > 0 {
		out.Now = d.v.words.N("privacypage.now", now.Months)
	}
	out.Would = shown.Months != now.Months
	d.forecast(&out, shown)
	if err := d.certificates(&out); err != nil {
		return err
	}
	p := w.page(r, view.RoomSettings, "privacypage.title")
	return w.showStatus(rw, r, status, p, view.PrivacyPage(p, out))
}

func (d *desk) monthOptions(chosen, now int) []view.Option {
	all := monthChoices
	for _, n := range []int{now, chosen} {
		if !slices.Contains(all, n) {
			all = append(slices.Clone(all), n)
		}
	}
	var out []view.Option
	for _, n := range all {
		label := d.t("privacypage.never")
		if n > 0 {
			label = d.v.words.N("privacypage.months", n)
		}
		out = append(out, view.Option{Value: strconv.Itoa(n), Label: label, Selected: n == chosen})
	}
	return out
}

// forecast says who would be forgotten now, what goes with them, and since when they have been silent.
func (d *desk) forecast(out *view.Privacy, r audience.Retention) {
	out.Title = d.t("privacypage.preview.now")
	if r.Months == 0 {
		if out.Would {
			out.Title = d.t("privacypage.preview.never")
		}
		out.Say = d.t("privacypage.preview.never.text")
		return
	}
	if out.Would {
		out.Title = d.v.words.N("privacypage.preview", r.Months)
	}
	if r.People == 0 {
		out.Say = d.t("privacypage.preview.empty")
		return
	}
	if r.Due == 0 {
		out.Say = d.t("privacypage.preview.nobody", "people", d.v.words.N("privacypage.people", r.People))
		return
	}
	of := d.v.words.N("privacypage.of", r.People)
	if r.Capped {
		of = d.t("privacypage.of.capped")
	}
	out.Figures = []view.FigureProps{
		{Label: d.t("privacypage.due"), N: d.v.words.Number(r.Due), Of: of},
		{Label: d.t("privacypage.items"), N: d.v.words.Number(r.Items), Of: d.t("privacypage.items.of")},
		{Label: d.t("privacypage.since"), N: d.v.words.Month(r.Since.In(d.zone)), Of: d.t("privacypage.since.of")},
	}
	out.Say = d.t("privacypage.tonight")
	if r.BeginsAt.After(d.now) {
		out.Say = d.t("privacypage.begins", "date", d.v.words.OnDate(r.BeginsAt.In(d.zone)))
	}
}

// certificates lists what was erased, for who may read it.
func (d *desk) certificates(out *view.Privacy) error {
	if !d.v.actor.Can(team.PeopleErase) && !d.v.actor.Can(team.AuditRead) {
		return nil
	}
	const many = 30
	after, _ := strconv.Atoi(d.r.URL.Query().Get("after")) // what is no number begins at the first page
	list, err := d.rooms.Audience.Certificates(d.ctx(), d.v.actor, after, many)
	if err != nil {
		return err
	}
	out.Listed = true
	for _, c := range list {
		row := view.RowProps{
			Icon: "shield", Title: d.t("certificate.short", "number", d.v.words.Number(c.Number), "date", d.v.words.Date(c.AskedAt.In(d.zone))), Href: certificatePath(c.Number),
			Text: c.Reference,
		}
		if c.Aged {
			row.Icon, row.Text = "hourglass", d.v.words.N("certificate.aged", c.People)
		} else {
			row.Notes = append(row.Notes, d.erasedBy(c))
		}
		switch {
		case c.State != audience.ErasureDone:
			row.Notes = append(row.Notes, d.t("certificate.running.short"))
		case !c.AllowedAt.IsZero():
			row.Notes = append(row.Notes, d.t("certificate.allowed.short"))
		case !c.RefusedAt.IsZero():
			row.Notes = append(row.Notes, d.t("certificate.refused.short"))
		}
		out.Certificates = append(out.Certificates, row)
	}
	if len(list) == many {
		out.More = view.MoreProps{
			Href: view.PathPrivacy + "?" + query("after", strconv.Itoa(list[len(list)-1].Number)) + "#certificates", Label: d.t("privacypage.more"),
			Target: "#certificate-list", Select: "#certificate-list > li",
		}
	}
	return nil
}

// erasedBy says who had somebody erased.
func (d *desk) erasedBy(c audience.Certificate) string {
	if c.By == "" {
		return d.t("certificate.by.command")
	}
	by := d.fullName(c.By)
	if c.Via == team.ViaAPI {
		by = d.t("certificate.by.api", "name", by)
	}
	return by
}

// fullName is what a member is called on paper.
func (d *desk) fullName(m team.MemberID) string {
	if x, ok := d.members[m]; ok {
		return x.Name
	}
	return d.memberName(m)
}

// setRetention decides how long is kept what others wrote.
func (w *Web) setRetention(rw http.ResponseWriter, r *http.Request) error {
	typed := r.PostFormValue("months")
	months, err := strconv.Atoi(typed)
	if err != nil {
		months = -1
	}
	err = w.rooms.Audience.SetRetention(r.Context(), visitOf(r).actor, months)
	if wrong, ok := w.wrong(rw, r, err, fault.Invalid); ok {
		return w.privacyPage(rw, r, wrong.Status, "", wrong.Fields)
	} else if err != nil {
		return err
	}
	return w.done(rw, r, view.PathPrivacy, "privacypage.saved")
}

// theCertificate reads the certificate that an address names.
func (d *desk) theCertificate() (audience.Certificate, error) {
	n, err := strconv.Atoi(d.r.PathValue("id"))
	if err != nil || n < 1 {
		n = 0 // there is none
	}
	return d.rooms.Audience.Certificate(d.ctx(), d.v.actor, n)
}

func (w *Web) showCertificate(rw http.ResponseWriter, r *http.Request) error {
	d, err := w.sideDesk(r)
	if err != nil {
		return err
	}
	c, err := d.theCertificate()
	if err != nil {
		return err
	}
	return d.certificate(rw, http.StatusOK, c, nil)
}

// certificate draws the paper that says what was erased.
func (d *desk) certificate(rw http.ResponseWriter, status int, c audience.Certificate, trouble *view.TroubleProps) error {
	number := d.v.words.Number(c.Number)
	out := view.Certificate{
		Number: number, Here: certificatePath(c.Number), Running: c.State != audience.ErasureDone, Trouble: trouble, Company: d.v.company.Name,
		Groups: erasedGroups(d.v, c.Erased, false), Stays: staysOf(d.v, c.Stays, true), Lede: d.t("certificate.lede"),
	}
	if c.Aged {
		out.Lede = d.v.words.N("certificate.aged.lede", c.People)
	}
	fact := func(key, value, icon string) {
		if value != "" {
			out.Facts = append(out.Facts, view.Fact{Label: d.t(key), Value: value, Icon: icon})
		}
	}
	fact("certificate.company", d.v.company.Name, "")
	fact("certificate.asked", d.exact(c.AskedAt), "")
	if out.Running {
		fact("certificate.done", d.t("certificate.running"), "hourglass")
	}
	fact("certificate.done", d.exact(c.DoneAt), "check")
	fact("certificate.cleaned", d.exact(c.CleanedAt), "check")
	if !c.Aged {
		fact("certificate.by", d.erasedBy(c), "")
		fact("certificate.reference", c.Reference, "")
		fact("certificate.refused", d.exact(c.RefusedAt), "")
		out.Allow = !out.Running && c.AllowedAt.IsZero()
	}
	if !c.AllowedAt.IsZero() {
		out.Allowed = d.t("certificate.allowed", "name", d.fullName(c.AllowedBy), "date", d.v.words.OnDate(c.AllowedAt.In(d.zone)))
	}
	p := d.Web.page(d.r, view.RoomSettings, "certificate.title", "number", number)
	return d.showStatus(rw, d.r, status, p, view.CertificatePage(p, out))
}

// allowErased has what an erased person writes taken in again.
func (w *Web) allowErased(rw http.ResponseWriter, r *http.Request) error {
	d, err := w.sideDesk(r)
	if err != nil {
		return err
	}
	c, err := d.theCertificate()
	if err != nil {
		return err
	}
	err = w.rooms.Audience.Allow(r.Context(), d.v.actor, c.Number)
	if wrong, ok := w.wrong(rw, r, err, fault.Conflict); ok {
		return d.certificate(rw, wrong.Status, c, &view.TroubleProps{Title: wrong.Text, Remedy: wrong.Remedy})
	} else if err != nil {
		return err
	}
	return w.done(rw, r, certificatePath(c.Number), "certificate.allowed.done")
}

// exact writes a day and a time of day, for papers; "" when there is none.
func (d *desk) exact(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	t = t.In(d.zone)
	return d.t("time.day_at", "day", d.v.words.Date(t), "clock", d.v.words.Clock(t))
}
