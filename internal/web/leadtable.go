package web

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/lead"
	"github.com/ponte-desk/ponte/internal/team"
	"github.com/ponte-desk/ponte/internal/web/view"
)

// maxLeadTable is the size in bytes of a request with a table, which may be carried once more between the parts of a form.
const maxLeadTable = 18 << 20

func (w *Web) showLeadImport(rw http.ResponseWriter, r *http.Request) error {
	d, err := w.sideDesk(r)
	if err != nil {
		return err
	}
	return d.leadImport(rw, http.StatusOK, view.LeadImport{})
}

func (d *desk) leadImport(rw http.ResponseWriter, status int, out view.LeadImport) error {
	if err := d.v.actor.May(team.LeadsManage); err != nil {
		return err
	}
	for _, c := range lead.Columns {
		out.Columns = append(out.Columns, view.Fact{Label: d.t("leadtable.colname." + c), Value: d.t("leadtable.col." + c)})
	}
	p := d.leadPage("leadtable.title")
	return d.showStatus(rw, d.r, status, p, view.LeadImportPage(p, out))
}

// importLeads says first what would come of a table, line by line, and takes it in when that was seen.
func (w *Web) importLeads(rw http.ResponseWriter, r *http.Request) error {
	d, err := w.sideDesk(r)
	if err != nil {
		return err
	}
	if err := d.v.actor.May(team.LeadsManage); err != nil {
		return err
	}
	text, _, err := broughtTable(r, 8)
	var got lead.Imported
	out, dry := view.LeadImport{Text: text}, r.PostFormValue("do") == ""
	if err == nil {
		got, err = w.rooms.Leads.ImportCSV(r.Context(), d.v.actor, strings.NewReader(text), dry)
	}
	if pr, ok := w.wrong(rw, r, err, fault.Invalid); ok {
		return d.leadImport(rw, pr.Status, view.LeadImport{Problem: &view.TroubleProps{Title: pr.Text, Remedy: pr.Remedy}})
	} else if err != nil {
		return err
	}
	if !dry && len(got.Errors) == 0 {
		return w.done(rw, r, view.PathLeads+"?state=all", "leadtable.done", "count", strconv.Itoa(len(got.Rows)))
	}
	status := http.StatusOK
	if len(got.Errors) > 0 {
		status = http.StatusUnprocessableEntity
	}
	d.leadsImported(&out, got)
	return d.leadImport(rw, status, out)
}

// leadsImported says what a table would bring, or what is wrong in which line.
func (d *desk) leadsImported(out *view.LeadImport, got lead.Imported) {
	if n := len(got.Errors); n > 0 {
		out.Text, out.Say = "", d.v.words.N("leadtable.errors", n)
		out.Table = d.v.lineErrors(out.Say, "leadtable.colname.", got.Errors)
		if n > rowsShown {
			out.More = d.v.words.N("leadtable.more", n-rowsShown)
		}
		return
	}
	n := len(got.Rows)
	if out.Say = d.v.words.N("leadtable.would", n); n == 0 {
		return
	}
	out.Do = d.v.words.N("leadtable.do", n)
	out.Table = view.TableProps{Caption: out.Say, Heads: true, Columns: []view.Column{
		{Label: d.t("sheet.head.line")}, {Label: d.t("leadpage.name")}, {Label: d.t("leadpage.email")}, {Label: d.t("leadpage.state.is")},
	}}
	for _, x := range got.Rows[:min(n, rowsShown)] {
		how := x.Lead.Email
		if how == "" {
			how = x.Lead.Phone
		}
		out.Table.Rows = append(out.Table.Rows, []templ.Component{
			view.Plain(d.v.words.Number(x.Line)), view.Plain(x.Lead.Name), view.Plain(how), view.Plain(d.t("leadpage.state." + string(x.Lead.State))),
		})
	}
	if n > rowsShown {
		out.More = d.v.words.N("leadtable.more", n-rowsShown)
	}
}

// exportLeads gives the leads of a list as a table.
func (w *Web) exportLeads(rw http.ResponseWriter, r *http.Request) error {
	v, q := visitOf(r), r.URL.Query()
	if err := v.actor.May(team.LeadsManage); err != nil {
		return err
	}
	f := lead.Filter{Quality: lead.Quality(q.Get("quality")), Form: lead.FormID(q.Get("form")), Channel: q.Get("channel"), Campaign: q.Get("campaign"), Query: q.Get("q")}
	for _, x := range leadViews {
		if x.name == q.Get("state") {
			f.States = x.states
		}
	}
	h := rw.Header()
	h.Set("Content-Type", "text/csv; charset=utf-8")
	h.Set("Content-Disposition", `attachment; filename="ponte-`+w.rooms.Clock.Now().In(v.zone()).Format("2006-01-02")+`.csv"`)
	h.Set("Cache-Control", "no-store")
	return w.rooms.Leads.ExportCSV(r.Context(), v.actor, f, rw)
}
