package web

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/i18n"
	"github.com/ponte-desk/ponte/internal/signin"
	"github.com/ponte-desk/ponte/internal/team"
	"github.com/ponte-desk/ponte/internal/web/view"
)

// visit is what the door knows about one request.
type visit struct {
	id      string // the reference of the request, in the log and on error pages
	pattern string
	remote  string // who knocks, without a port
	secure  bool
	lang    string
	words   *i18n.Localizer
	theme   string

	token   string       // of the session
	actor   team.Actor   // who does something; while the sample is looked round, a member of the sample
	person  team.Actor   // the member in their own company: settings about oneself take this one
	me      team.Member  // the same person
	company team.Company // of actor
	session signin.Session
	known   bool // somebody is signed in

	err error // what the answer was about, for the log
}

// Home tells whether the member is in their own company and not looking round the sample.
func (v *visit) home() bool { return v.session.Visiting == "" }

// zone is the time zone in which times are shown.
func (v *visit) zone() *time.Location {
	if v.company.ID == "" {
		return time.UTC
	}
	return v.company.Location()
}

type visitKey struct{}

// visitOf gives the visit of a request that went through the guard.
func visitOf(r *http.Request) *visit {
	if v, ok := r.Context().Value(visitKey{}).(*visit); ok {
		return v
	}
	return &visit{}
}

// begin starts the visit of a request.
func (w *Web) begin(r *http.Request) (*visit, *http.Request) {
	v := &visit{id: requestKind.New(w.rooms.Clock.Now())}
	v.remote, v.secure = w.comes(r)
	w.speak(v, r)
	v.theme = themeOf(cookieValue(r, themeCookie))
	return v, r.WithContext(context.WithValue(r.Context(), visitKey{}, v))
}

// comes tells from where a request comes, and whether it came over TLS. A proxy is believed when the settings say so
// and it stands on this machine; then the last address it names is the one that it saw itself.
func (w *Web) comes(r *http.Request) (remote string, secure bool) {
	remote = r.RemoteAddr
	if host, _, err := net.SplitHostPort(remote); err == nil {
		remote = host
	}
	secure = w.options.Secure || r.TLS != nil
	at, err := netip.ParseAddr(remote)
	if !w.options.TrustProxy || err == nil && !at.Unmap().IsLoopback() {
		return remote, secure
	}
	if proto := lastOf(r.Header.Values("X-Forwarded-Proto")); proto == "https" {
		secure = true
	}
	if said, err := netip.ParseAddr(lastOf(r.Header.Values("X-Forwarded-For"))); err == nil {
		remote = said.String()
	}
	return remote, secure
}

func lastOf(lines []string) string {
	all := strings.Split(strings.Join(lines, ","), ",")
	return strings.TrimSpace(all[len(all)-1])
}

// speak chooses the language for someone who is not known yet: what they chose here before, then what their browser asks.
func (w *Web) speak(v *visit, r *http.Request) {
	w.say(v, r.URL.Query().Get("lang"), cookieValue(r, langCookie), r.Header.Get("Accept-Language"))
}

func (w *Web) say(v *visit, wishes ...string) {
	v.lang = w.rooms.Catalog.Match(wishes...)
	v.words = w.words[v.lang]
}

func themeOf(s string) string {
	switch s {
	case view.ThemeLight, view.ThemeDark:
		return s
	}
	return view.ThemeAuto
}

// recognise finds out who stands at the door. Nobody is no error.
func (w *Web) recognise(r *http.Request) error {
	v := visitOf(r)
	if v.known {
		return nil
	}
	token := cookieValue(r, w.sessionCookie(v))
	if token == "" {
		return nil
	}
	ctx := r.Context()
	actor, session, err := w.rooms.Signin.ByToken(ctx, token)
	if errors.Is(err, signin.ErrSignedOut) {
		return nil
	}
	if err != nil {
		return err
	}
	company, err := w.rooms.Team.Company(ctx, actor.Company)
	if err != nil {
		return err
	}
	me, err := w.rooms.Team.Member(ctx, session.Person, session.Person.Member)
	if err != nil {
		return err
	}
	actor.RequestID, session.Person.RequestID = v.id, v.id
	v.token, v.actor, v.person, v.me, v.company, v.session, v.known = token, actor, session.Person, me, company, session, true
	w.say(v, r.URL.Query().Get("lang"), me.Locale, company.Locale)
	v.theme = themeOf(me.Settings.Theme)
	return nil
}

// admit decides who comes in, and runs the handler for them.
func (w *Web) admit(rw http.ResponseWriter, r *http.Request, o route, h handler) error {
	v := visitOf(r)
	if err := readForm(r); err != nil {
		return err
	}
	if !o.early {
		empty, err := w.rooms.Team.Empty(r.Context())
		if err != nil {
			return err
		}
		if empty {
			return w.redirect(rw, r, view.PathWelcome)
		}
	}
	if err := w.recognise(r); err != nil {
		return err
	}
	if l := r.URL.Query().Get("lang"); l != "" && r.Method == http.MethodGet {
		w.setCookie(rw, r, langCookie, w.rooms.Catalog.Match(l), yearLong)
	}
	if !o.member {
		return h(rw, r)
	}
	if !v.known {
		return w.toTheDoor(rw, r)
	}
	if v.session.NeedsFactor && !o.free {
		return w.redirect(rw, r, pathFactor)
	}
	w.noteWork(r)
	return h(rw, r.WithContext(team.WithActor(r.Context(), v.actor)))
}

// readForm reads an ordinary form before its handler, so that one that is too large or broken is told as that and not as
// fields that are missing. Forms with files are read by their handlers.
func readForm(r *http.Request) error {
	if r.Method != http.MethodPost || !strings.HasPrefix(r.Header.Get("Content-Type"), "application/x-www-form-urlencoded") {
		return nil
	}
	if err := r.ParseForm(); err != nil {
		return fault.New(fault.Invalid, "fault.invalid").Because(err)
	}
	return nil
}

// toTheDoor sends a stranger to sign in, and remembers where they wanted to go.
func (w *Web) toTheDoor(rw http.ResponseWriter, r *http.Request) error {
	if wantsJSON(r) || strings.HasPrefix(r.URL.Path, view.PathLive) {
		return signin.ErrSignedOut
	}
	to := view.PathSignIn
	next := r.URL.RequestURI()
	if isFragment(r) {
		next = currentPage(r)
	}
	if (r.Method == http.MethodGet || isFragment(r)) && next != "" && next != view.PathToday {
		to += "?next=" + url.QueryEscape(next)
	}
	return w.redirect(rw, r, to)
}

// currentPage is the page on which an htmx request was made.
func currentPage(r *http.Request) string {
	u, err := url.Parse(r.Header.Get("HX-Current-URL"))
	if err != nil || u.Path == "" {
		return ""
	}
	return u.RequestURI()
}

// safeNext keeps a way on inside this door: a path, never another place.
func safeNext(s string) string {
	u, err := url.Parse(s)
	if err != nil || !strings.HasPrefix(s, "/") || strings.HasPrefix(s, "//") || strings.ContainsAny(s, "\\\r\n\t") ||
		u.Scheme != "" || u.Host != "" || strings.HasPrefix(u.Path, view.PathSignIn) || strings.HasPrefix(u.Path, view.PathLive) {
		return view.PathToday
	}
	return s
}

// visitor is what the room signin wants to know about who knocks.
func (v *visit) visitor(r *http.Request) signin.Visitor {
	return signin.Visitor{RemoteAddr: v.remote, UserAgent: r.UserAgent(), RequestID: v.id}
}

// log says what was done, for who minds the server: no query, no body, no secret.
func (w *Web) log(r *http.Request, v *visit, status int, size int64, took time.Duration) {
	level := slog.LevelInfo
	path := r.URL.Path
	// Only links carry secrets in their path.
	for _, prefix := range secretPaths {
		if strings.HasPrefix(path, prefix) {
			path = prefix + "•"
		}
	}
	a := []slog.Attr{
		slog.String("method", r.Method), slog.String("path", path), slog.Int("status", status), slog.Int64("bytes", size),
		slog.Duration("took", took.Round(time.Microsecond)), slog.String("request", v.id),
	}
	if v.known {
		a = append(a, slog.String("member", string(v.person.Member)))
	}
	if v.err != nil {
		a = append(a, slog.String("error", v.err.Error()))
		if fault.KindOf(v.err) == fault.Internal {
			level = slog.LevelError
		}
	}
	if status < 400 && (strings.HasPrefix(r.URL.Path, "/static/") || strings.HasPrefix(r.URL.Path, "/media/")) {
		level = slog.LevelDebug
	}
	w.rooms.Log.LogAttrs(r.Context(), level, "web", a...)
}
