package web

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/post"
	"github.com/ponte-desk/ponte/internal/team"
	"github.com/ponte-desk/ponte/internal/web/view"
)

func (w *Web) postTableRoutes() {
	w.member("GET "+view.PathPostImport, w.showPostImport)
	w.member("POST "+view.PathPostImport, w.importPosts, bodyUpTo(maxPostTable))
	w.member("GET "+view.PathPosts+"/export.csv", w.exportPosts)
}

// Bounds of a table on its way through the page.
const (
	maxPostTable = 18 << 20 // bytes of a request: the table, once more as it is told between the parts of a form
	carried      = 1 << 20  // bytes of a table that the page carries to the second step
	rowsShown    = 50
	memoryTable  = 1 << 20 // bytes of a form kept in memory
)

func (w *Web) showPostImport(rw http.ResponseWriter, r *http.Request) error {
	d, err := w.sideDesk(r)
	if err != nil {
		return err
	}
	return d.postImport(rw, http.StatusOK, view.PostImport{})
}

func (d *desk) postImport(rw http.ResponseWriter, status int, out view.PostImport) error {
	if err := d.v.actor.May(team.PostsWrite); err != nil {
		return err
	}
	out.MayPlan = d.v.actor.Can(team.PostsPublish)
	for _, c := range post.Columns {
		out.Columns = append(out.Columns, view.Fact{Label: d.columnName(c), Value: d.t("postplan.column." + c)})
	}
	p := d.postPage("postplan.import")
	return d.showStatus(rw, d.r, status, p, view.PostImportPage(p, out))
}

// importPosts says first what would come of a table, line by line, and takes it in when that was seen.
func (w *Web) importPosts(rw http.ResponseWriter, r *http.Request) error {
	d, err := w.sideDesk(r)
	if err != nil {
		return err
	}
	if err := d.v.actor.May(team.PostsWrite); err != nil {
		return err
	}
	text, name, err := broughtTable(r, 8)
	if err != nil {
		return d.importWrong(rw, err, view.PostImport{})
	}
	out := view.PostImport{Plan: r.PostFormValue("plan") != "" && d.v.actor.Can(team.PostsPublish), Text: text, Name: name}
	dry := r.PostFormValue("do") == ""
	got, err := w.rooms.Posts.ImportCSV(r.Context(), d.v.actor, strings.NewReader(out.Text), post.ImportIn{Dry: dry, Plan: out.Plan})
	if err != nil {
		return d.importWrong(rw, err, out)
	}
	if !dry && len(got.Errors) == 0 {
		return d.done(rw, r, view.PathPosts+"?mine=1", "postplan.import.done", "count", strconv.Itoa(len(got.Rows)))
	}
	d.imported(&out, got)
	status := http.StatusOK
	if len(got.Errors) > 0 {
		status = http.StatusUnprocessableEntity
	}
	if len(out.Text) > carried {
		out.Text = ""
	}
	return d.postImport(rw, status, out)
}

func (d *desk) importWrong(rw http.ResponseWriter, err error, out view.PostImport) error {
	pr, ok := d.wrong(rw, d.r, err, fault.Invalid, fault.Conflict)
	if !ok {
		return err
	}
	out.Problem, out.Text = &view.TroubleProps{Title: pr.Text, Remedy: pr.Remedy}, ""
	return d.postImport(rw, pr.Status, out)
}

// columnName is a column as the reader's language calls it; tables may have either name.
func (d *desk) columnName(c string) string {
	if key := "postplan.columnname." + c; d.v.words.Has(key) {
		return d.t(key)
	}
	return c
}

// imported says what a table would bring, or what is wrong in which line.
func (d *desk) imported(out *view.PostImport, got post.Imported) {
	out.Looked = true
	if n := len(got.Errors); n > 0 {
		out.Say = d.v.words.N("postplan.import.errors", n)
		out.Errors = d.v.lineErrors(out.Say, "postplan.columnname.", got.Errors)
		return
	}
	out.Say = d.v.words.N("postplan.import.would", len(got.Rows))
	if len(got.Rows) == 0 {
		return
	}
	out.Do = d.v.words.N("postplan.import.do", len(got.Rows))
	out.Rows = view.TableProps{Caption: out.Say, Heads: true, Columns: []view.Column{
		{Label: d.t("sheet.head.line")}, {Label: d.t("postplan.when")}, {Label: d.t("postplan.channels")}, {Label: d.t("postplan.text")},
	}}
	for _, x := range got.Rows[:min(len(got.Rows), rowsShown)] {
		at := d.t("postplan.draft")
		if !x.DueAt.IsZero() {
			at = d.moment(x.DueAt)
			if key := x.Kind.Key(); key != "" {
				at += ". " + d.t(key, "asked", wallClock(x.Wall), "used", d.v.words.Clock(x.DueAt.In(d.zone)))
			}
		}
		var names []string
		for _, ch := range x.Written.Channels {
			names = append(names, d.channelLabel(ch))
		}
		out.Rows.Rows = append(out.Rows.Rows, []templ.Component{
			view.Plain(d.v.words.Number(x.Line)), view.Plain(at), view.Plain(strings.Join(names, ", ")), view.Plain(cutWords(x.Written.Message.Text, 90)),
		})
	}
	if n := len(got.Rows) - rowsShown; n > 0 {
		out.More = d.v.words.N("postplan.import.more", n)
	}
}

// exportPosts gives the posts of a list as a table.
func (w *Web) exportPosts(rw http.ResponseWriter, r *http.Request) error {
	d, err := w.sideDesk(r)
	if err != nil {
		return err
	}
	f, _, err := d.listFilter()
	if err != nil {
		return err
	}
	f.Cursor = ""
	h := rw.Header()
	h.Set("Content-Type", "text/csv; charset=utf-8")
	h.Set("Content-Disposition", `attachment; filename="ponte-posts-`+d.now.Format("2006-01-02")+`.csv"`)
	h.Set("Cache-Control", "no-store")
	reader := post.TableFor{Locale: d.v.words.Lang(), State: func(s post.State) string { return d.t("postpage.state." + string(s)) }}
	out := &late{rw: rw}
	if err := w.rooms.Posts.ExportCSV(r.Context(), d.v.actor, f, reader, out); err != nil {
		if !out.begun {
			h.Del("Content-Disposition")
			return err
		}
		w.rooms.Log.WarnContext(r.Context(), "web: a table of posts ends early", "error", err, "request", d.v.id)
		panic(http.ErrAbortHandler) // the reader must not take half a table for the whole
	}
	return nil
}

// late knows whether something was written: before that an error can still become a page.
type late struct {
	rw    http.ResponseWriter
	begun bool
}

func (l *late) Write(b []byte) (int, error) {
	l.begun = true
	return l.rw.Write(b)
}
