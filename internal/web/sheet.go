package web

import (
	"io"
	"net/http"

	"github.com/a-h/templ"

	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/sheet"
	"github.com/ponte-desk/ponte/internal/web/view"
)

// broughtTable reads the table that came with a form, as a file or as words in its field, and the file's name. most is how large such a table may be, in MB. Errors: fault.Invalid when the form
// cannot be read.
func broughtTable(r *http.Request, most int) (text, name string, err error) {
	err = parsed(r, memoryTable)
	if r.MultipartForm != nil {
		defer func() { _ = r.MultipartForm.RemoveAll() }() // files that are left are swept with the machine's own
	}
	switch {
	case tooBig(err):
		return "", "", fault.New(fault.Invalid, "sheet.huge").With("max", most).Because(err)
	case err != nil:
		return "", "", fault.New(fault.Invalid, "sheet.unreadable").Because(err)
	}
	file, head, missing := r.FormFile("file")
	if missing != nil {
		return r.PostFormValue("table"), r.PostFormValue("name"), nil
	}
	raw, err := io.ReadAll(file)
	_ = file.Close() // only read from
	return string(raw), head.Filename, err
}

// lineErrors is the table of what is wrong in which line, as many as are shown. names is what the keys of the columns' names begin with.
func (v *visit) lineErrors(caption, names string, wrong []sheet.LineError) view.TableProps {
	t := view.TableProps{Caption: caption, Heads: true, Columns: []view.Column{
		{Label: v.words.T("sheet.head.line")}, {Label: v.words.T("sheet.head.column")}, {Label: v.words.T("sheet.head.what")},
	}}
	for _, e := range wrong[:min(len(wrong), rowsShown)] {
		column := e.Column
		if v.words.Has(names + column) {
			column = v.words.T(names + column)
		}
		what := v.words.T(e.Key, e.Args)
		if v.words.Has(e.Key + ".remedy") {
			what += " " + v.words.T(e.Key+".remedy", e.Args)
		}
		t.Rows = append(t.Rows, []templ.Component{view.Plain(v.words.Number(e.Line)), view.Plain(column), view.Plain(what)})
	}
	return t
}
