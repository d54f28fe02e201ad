package web

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"io"
	"math"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/a-h/templ"

	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/i18n"
	"github.com/ponte-desk/ponte/internal/inbox"
	"github.com/ponte-desk/ponte/internal/post"
	"github.com/ponte-desk/ponte/internal/team"
	"github.com/ponte-desk/ponte/internal/web/view"
)

// isFragment tells whether htmx asks for a part of a page.
func isFragment(r *http.Request) bool {
	return r.Header.Get("HX-Request") == "true" && r.Header.Get("HX-History-Restore-Request") != "true"
}

func wantsJSON(r *http.Request) bool {
	a := r.Header.Get("Accept")
	return strings.Contains(a, "application/json") || strings.Contains(a, "application/problem+json")
}

// page makes what the shell needs. title is a catalog key, args fill it.
func (w *Web) page(r *http.Request, room view.Room, title string, args ...any) view.Page {
	v := visitOf(r)
	p := view.Page{
		Lang: v.lang, Nav: room, Theme: v.theme, Path: pathOf(r), AssetURL: w.assets.URL, T: v.words.T, N: v.words.N,
		CompanyName: v.company.Name, Sample: v.company.Sample, Visiting: v.known && !v.home(),
	}
	if title != "" {
		p.Title = v.words.T(title, args...)
	}
	if !v.known {
		return p
	}
	p.Member = view.Self{Name: v.me.Name}
	p.KeysOff = !v.me.Settings.Shortcuts
	p.Few = !v.actor.Can(team.InboxRead)
	p.Results = v.actor.Can(team.ResultsRead)
	p.Audits = v.actor.Can(team.AuditRead)
	if room == view.RoomPosts || room == view.RoomToday {
		p.Stop = w.stop(r, p.Path)
	}
	if isFragment(r) {
		return p
	}
	if p.Few {
		p.Posts = w.sharesPosts(r)
		return p
	}
	counts, err := w.rooms.Inbox.Counts(r.Context(), v.actor)
	if err != nil {
		// A page is of use without its one number.
		w.rooms.Log.WarnContext(r.Context(), "web: the number of those who wait", "error", err, "request", v.id)
		return p
	}
	p.Waiting = counts.Views[inbox.ViewTodo]
	return p
}

// sharesPosts tells whether posts are shared with a member who may not read all of them.
func (w *Web) sharesPosts(r *http.Request) bool {
	v := visitOf(r)
	if v.actor.Can(team.PostsRead) {
		return true
	}
	l, err := w.rooms.Posts.List(r.Context(), v.actor, post.Filter{Limit: 1})
	if err != nil {
		// A page is of use without it.
		w.rooms.Log.WarnContext(r.Context(), "web: whether posts are shared", "error", err, "request", v.id)
		return false
	}
	return len(l.Entries) > 0
}

// pathOf is where to come back to after a change of language or theme: a page, never what a form was sent to.
func pathOf(r *http.Request) string {
	if r.Method != http.MethodGet {
		return ""
	}
	q := r.URL.Query()
	q.Del("lang")
	if len(q) == 0 {
		return r.URL.Path
	}
	return r.URL.Path + "?" + q.Encode()
}

// show answers with a page of the desk: the whole for a browser, its content for htmx.
func (w *Web) show(rw http.ResponseWriter, r *http.Request, p view.Page, content templ.Component) error {
	return w.showStatus(rw, r, http.StatusOK, p, content)
}

// showStatus is show with a status.
func (w *Web) showStatus(rw http.ResponseWriter, r *http.Request, status int, p view.Page, content templ.Component) error {
	if p.Toast == nil {
		p.Toast = w.toast(rw, r)
	}
	if !isFragment(r) {
		return w.render(rw, r, status, inside(view.Layout(p), content))
	}
	parts := []templ.Component{content}
	if p.Toast != nil {
		parts = append(parts, view.ToastOOB(p, *p.Toast))
	}
	return w.render(rw, r, status, inside(view.Fragment(p), parts...))
}

func (w *Web) toast(rw http.ResponseWriter, r *http.Request) *view.ToastProps {
	s, ok := w.takeToast(rw, r)
	if !ok {
		return nil
	}
	args := map[string]any{}
	for k, v := range s.Args {
		args[k] = v
	}
	return &view.ToastProps{Text: visitOf(r).words.T(s.Key, args), UndoURL: s.Undo, Fields: s.With, Target: s.Target}
}

// inside puts parts into a layout.
func inside(layout templ.Component, parts ...templ.Component) templ.Component {
	all := templ.ComponentFunc(func(ctx context.Context, out io.Writer) error {
		ctx = templ.ClearChildren(ctx)
		for _, part := range parts {
			if err := part.Render(ctx, out); err != nil {
				return err
			}
		}
		return nil
	})
	return templ.ComponentFunc(func(ctx context.Context, out io.Writer) error {
		return layout.Render(templ.WithChildren(ctx, all), out)
	})
}

// worthZipping is how large a page must be before it is sent compressed, in bytes.
const worthZipping = 1400

// render answers with a component. It is drawn whole first: what cannot be drawn becomes an error, never half a page.
func (w *Web) render(rw http.ResponseWriter, r *http.Request, status int, c templ.Component) error {
	var out bytes.Buffer
	if err := c.Render(r.Context(), &out); err != nil {
		return err
	}
	h := rw.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	h.Add("Vary", "Accept-Encoding, Cookie, HX-Request")
	body := out.Bytes()
	if len(body) > worthZipping && strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
		var small bytes.Buffer
		z := gzip.NewWriter(&small)
		if _, err := z.Write(body); err != nil {
			return err
		}
		if err := z.Close(); err != nil {
			return err
		}
		h.Set("Content-Encoding", "gzip")
		body = small.Bytes()
	}
	h.Set("Content-Length", strconv.Itoa(len(body)))
	rw.WriteHeader(status)
	if r.Method != http.MethodHead {
		_, _ = rw.Write(body) // the browser may be gone: nobody is left to tell
	}
	return nil
}

// redirect leads to another page of this door. A browser follows by itself; htmx opens it as a page.
func (w *Web) redirect(rw http.ResponseWriter, r *http.Request, to string) error {
	rw.Header().Set("Cache-Control", "no-store")
	if isFragment(r) {
		rw.Header().Set("HX-Redirect", to)
		rw.WriteHeader(http.StatusNoContent)
		return nil
	}
	http.Redirect(rw, r, to, http.StatusSeeOther)
	return nil
}

// done leads on after something was done and says so there in a toast; key "" says nothing. args are names and values in turn.
func (w *Web) done(rw http.ResponseWriter, r *http.Request, to, key string, args ...string) error {
	if key != "" {
		s := said{Key: key, Args: map[string]string{}}
		for i := 0; i+1 < len(args); i += 2 {
			s.Args[args[i]] = args[i+1]
		}
		w.leaveToast(rw, r, s)
	}
	return w.redirect(rw, r, to)
}

// leaveTo leads to another server, for example to give consent there. It is no redirect, because the content security
// policy lets forms end here only.
func (w *Web) leaveTo(rw http.ResponseWriter, r *http.Request, to string) error {
	if isFragment(r) {
		return w.redirect(rw, r, to)
	}
	rw.Header().Set("Refresh", "0; url="+to)
	p := w.page(r, "", "web.leaving.title")
	return w.render(rw, r, http.StatusOK, view.LeavingPage(p, to))
}

// problem is an error in the words of a form.
type problem struct {
	Status int
	Text   string
	Remedy string
	Fields map[string]string
}

// wrong tells whether an error is of these kinds, so that its form is drawn again, and says it in the reader's language.
// Limited errors tell the browser when to come back.
func (w *Web) wrong(rw http.ResponseWriter, r *http.Request, err error, kinds ...fault.Kind) (problem, bool) {
	e := fault.Of(err)
	if e == nil || !slices.Contains(kinds, e.Kind) {
		return problem{}, false
	}
	v := visitOf(r)
	v.err = err
	pr := problem{Status: statusOf(e), Fields: map[string]string{}}
	for _, f := range e.Fields {
		pr.Fields[f.Name] = strings.TrimSpace(pr.Fields[f.Name] + " " + sayField(v.words, f))
	}
	if len(e.Fields) == 0 {
		pr.Text, pr.Remedy = sayError(v.words, e)
	}
	retryAfter(rw, e)
	return pr, true
}

// sayError says an error; how long to wait is said in words.
func sayError(l *i18n.Localizer, e *fault.Error) (what, remedy string) {
	if e.RetryAfter > 0 {
		e = e.With("wait", l.Span(roundUp(e.RetryAfter)))
	}
	return l.Error(e)
}

func roundUp(d time.Duration) time.Duration {
	unit := time.Second
	if d > 90*time.Second {
		unit = time.Minute
	}
	return time.Duration(math.Ceil(float64(d)/float64(unit))) * unit
}

// sayField says what is wrong with a field and how to put it right.
func sayField(l *i18n.Localizer, f fault.Field) string {
	s := l.T(f.Key, f.Args)
	if l.Has(f.Key + ".remedy") {
		s += " " + l.T(f.Key+".remedy", f.Args)
	}
	return s
}

func retryAfter(rw http.ResponseWriter, e *fault.Error) {
	if e.RetryAfter > 0 {
		rw.Header().Set("Retry-After", strconv.Itoa(int(math.Ceil(e.RetryAfter.Seconds()))))
	}
}

// statusOf turns an error into a status.
func statusOf(e *fault.Error) int {
	switch e.Kind {
	case fault.Invalid:
		return http.StatusUnprocessableEntity
	case fault.NotFound:
		return http.StatusNotFound
	case fault.Conflict:
		return http.StatusConflict
	case fault.Denied:
		return http.StatusForbidden
	case fault.Limited:
		return http.StatusTooManyRequests
	case fault.Upstream:
		return http.StatusBadGateway
	}
	return http.StatusInternalServerError
}

// fail answers with an error: as a page, as a fragment, or as problem+json (RFC 9457).
func (w *Web) fail(rw http.ResponseWriter, r *http.Request, err error) {
	v := visitOf(r)
	v.err = err
	if errors.Is(r.Context().Err(), context.Canceled) {
		return // nobody is there any more
	}
	e := fault.Of(err)
	status := statusOf(e)
	var tooBig *http.MaxBytesError
	if errors.As(err, &tooBig) {
		status = http.StatusRequestEntityTooLarge
	}
	retryAfter(rw, e)
	w.failWith(rw, r, status, e)
}

// failWith draws an error. e may be nil: the status then says all.
func (w *Web) failWith(rw http.ResponseWriter, r *http.Request, status int, e *fault.Error) {
	v := visitOf(r)
	f := view.Failure{Status: status, Reference: v.id}
	// A defect is told in the words of its status; everything else has words of its own.
	if e != nil && e.Kind != fault.Internal && status != http.StatusRequestEntityTooLarge || e != nil && e.Kind == fault.Internal && v.words.Has(e.Key) {
		f.Title, f.Remedy = sayError(v.words, e)
		for _, field := range e.Fields {
			f.Text = strings.TrimSpace(f.Text + " " + sayField(v.words, field))
		}
	}
	if wantsJSON(r) {
		w.problemJSON(rw, r, status, f)
		return
	}
	p := w.page(r, "", "door.error."+strconv.Itoa(knownStatus(status)))
	c := view.ErrorPage(p, f)
	if isFragment(r) {
		c = view.ErrorFragment(p, f)
	}
	if err := w.render(rw, r, status, c); err != nil {
		w.rooms.Log.ErrorContext(r.Context(), "web: the error page", "error", err, "request", v.id)
		http.Error(rw, http.StatusText(http.StatusInternalServerError), http.StatusInternalServerError)
	}
}

// knownStatus is the status under which the catalog speaks.
func knownStatus(status int) int {
	switch status {
	case 403, 404, 409, 413, 422, 429, 502, 503:
		return status
	case 400:
		return 422
	case 405, 410:
		return 404
	}
	return 500
}

func (w *Web) problemJSON(rw http.ResponseWriter, r *http.Request, status int, f view.Failure) {
	v := visitOf(r)
	title := f.Title
	if title == "" {
		title = v.words.T("door.error." + strconv.Itoa(knownStatus(status)))
	}
	b, err := json.Marshal(map[string]any{
		"type": "about:blank", "title": title, "status": status, "detail": strings.TrimSpace(f.Text + " " + f.Remedy), "request": v.id,
	})
	if err != nil {
		b = []byte(`{}`)
	}
	rw.Header().Set("Content-Type", "application/problem+json")
	rw.Header().Set("Cache-Control", "no-store")
	rw.WriteHeader(status)
	_, _ = rw.Write(b) // the caller may be gone
}

// nowhere answers for every address that leads to nothing.
func (w *Web) nowhere(rw http.ResponseWriter, r *http.Request) {
	if err := w.admit(rw, r, route{}, func(rw http.ResponseWriter, r *http.Request) error {
		w.failWith(rw, r, http.StatusNotFound, nil)
		return nil
	}); err != nil {
		w.fail(rw, r, err)
	}
}

// refuseOrigin answers a form that another site sent in the person's name.
func (w *Web) refuseOrigin(rw http.ResponseWriter, r *http.Request) {
	w.fail(rw, r, fault.New(fault.Denied, "web.origin"))
}
