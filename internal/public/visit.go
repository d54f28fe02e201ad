package public

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"runtime/debug"
	"strconv"
	"strings"
	"time"

	"github.com/a-h/templ"

	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/i18n"
	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/public/view"
	"github.com/ponte-desk/ponte/internal/team"
)

// visit is what the door knows about one request.
type visit struct {
	id      string // the reference of the request
	remote  string
	secure  bool
	prefix  string
	lang    string
	words   *i18n.Localizer
	company team.Company
	closed  bool // the page is not open, and a member looks at it
	err     error
}

type visitKey struct{}

func visitOf(r *http.Request) *visit {
	if v, ok := r.Context().Value(visitKey{}).(*visit); ok {
		return v
	}
	return &visit{}
}

// The faults of this door.
var (
	errMissing        = fault.New(fault.NotFound, "publicpage.missing")
	errLink           = fault.New(fault.NotFound, "publicpage.link.gone")
	errGuest          = fault.New(fault.NotFound, "guestpage.gone")
	errGuestOver      = fault.New(fault.NotFound, "guestpage.over")
	errGuestWithdrawn = fault.New(fault.NotFound, "guestpage.withdrawn")
	errFormToken      = fault.New(fault.NotFound, "formpage.token")
	errLimited        = fault.New(fault.Limited, "publicpage.limited")
	errOrigin         = fault.New(fault.Denied, "publicpage.origin")
	errFailed         = fault.New(fault.Internal, "publicpage.failed")
)

// policy is the content security policy: everything comes from here, nothing is inline. Who may frame a page follows.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; media-src 'self'; font-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors "

// counting remembers what was answered.
type counting struct {
	http.ResponseWriter
	status int
	bytes  int64
}

func (c *counting) WriteHeader(status int) {
	if c.status == 0 {
		c.status = status
	}
	c.ResponseWriter.WriteHeader(status)
}

func (c *counting) Write(b []byte) (int, error) {
	if c.status == 0 {
		c.status = http.StatusOK
	}
	n, err := c.ResponseWriter.Write(b)
	c.bytes += int64(n)
	return n, err
}

// Unwrap lets http.ResponseController reach the connection.
func (c *counting) Unwrap() http.ResponseWriter { return c.ResponseWriter }

// guard stands before everything: it gives each request its reference, sets the headers that protect, turns a panic into
// a page and writes the log.
func (p *Public) guard(next http.Handler) http.Handler {
	return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		start := time.Now()
		v := &visit{id: requestKind.New(p.rooms.Clock.Now())}
		v.remote, v.secure = p.comes(r)
		r = r.WithContext(context.WithValue(r.Context(), visitKey{}, v))
		p.speak(v, r, langOf(r.URL.Path))
		h := rw.Header()
		h.Set("Content-Security-Policy", policy+"'none'")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("X-Frame-Options", "DENY")
		h.Set("Referrer-Policy", "same-origin")
		h.Set("Permissions-Policy", "camera=(), microphone=(), geolocation=(), payment=(), usb=(), browsing-topics=()")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("X-Request-Id", v.id)
		if v.secure {
			h.Set("Strict-Transport-Security", "max-age=31536000")
		}
		c := &counting{ResponseWriter: rw}
		defer func() {
			if x := recover(); x != nil {
				if x == http.ErrAbortHandler {
					panic(x)
				}
				p.rooms.Log.ErrorContext(r.Context(), "public: panic", "panic", fmt.Sprint(x), "stack", string(debug.Stack()), "request", v.id)
				if c.status == 0 {
					p.fail(c, r, v, errFailed)
				}
			}
			p.log(r, v, c, time.Since(start))
		}()
		next.ServeHTTP(c, r)
	})
}

func (p *Public) comes(r *http.Request) (remote string, secure bool) {
	if p.options.Comes != nil {
		return p.options.Comes(r)
	}
	remote = r.RemoteAddr
	if host, _, err := net.SplitHostPort(remote); err == nil {
		remote = host
	}
	return remote, r.TLS != nil
}

// langOf is the language that an address is in; "" none.
func langOf(path string) string {
	path = strings.TrimPrefix(path, view.SamplePrefix)
	for _, lang := range i18n.Langs {
		if at := view.PathGrowth(lang); path == at || strings.HasPrefix(path, at+"/") {
			return lang
		}
	}
	return ""
}

// log says what was asked, for who minds the server: no query, and no personal link.
func (p *Public) log(r *http.Request, v *visit, c *counting, took time.Duration) {
	level, path := slog.LevelInfo, r.URL.Path
	for _, secret := range []string{view.PathLink, view.PathGuest, network.HubPath} {
		if strings.HasPrefix(path, secret) {
			path = secret + "•"
		}
	}
	if at := strings.Index(path, "/confirm/"); at >= 0 && strings.HasPrefix(path, view.PathForm) {
		path = path[:at] + "/confirm/•"
	}
	a := []slog.Attr{
		slog.String("method", r.Method), slog.String("path", path), slog.Int("status", c.status), slog.Int64("bytes", c.bytes),
		slog.Duration("took", took.Round(time.Microsecond)), slog.String("request", v.id),
	}
	if v.err != nil {
		a = append(a, slog.String("error", v.err.Error()))
		if fault.KindOf(v.err) == fault.Internal {
			level = slog.LevelError
		}
	}
	if c.status < 400 && strings.HasPrefix(strings.TrimPrefix(path, view.SamplePrefix), view.PathRecord+"tile/") {
		level = slog.LevelDebug
	}
	p.rooms.Log.LogAttrs(r.Context(), level, "public", a...)
}

// fail turns an error into a page in the reader's language.
func (p *Public) fail(rw http.ResponseWriter, r *http.Request, v *visit, err error) {
	if errors.Is(err, context.Canceled) && r.Context().Err() != nil {
		return // nobody waits for the answer
	}
	v.err = err
	e := fault.Of(err)
	// A page that is not open is not told apart from one that does not exist.
	x := view.Problem{Home: v.company.ID != "" && (e.Kind != fault.NotFound || p.isOpen(r, v))}
	status := statusOf(e.Kind)
	h := rw.Header()
	switch e.Kind {
	case fault.NotFound, fault.Invalid, fault.Denied, fault.Limited:
		known := e
		if e.Kind == fault.NotFound && !strings.HasPrefix(e.Key, "publicpage.") && !strings.HasPrefix(e.Key, "guestpage.") && e.Key != errFormToken.Key {
			known = errMissing // what is not there and what is not for strangers looks the same
		}
		x.Title, x.Text = v.words.Error(known)
		if e.RetryAfter > 0 {
			h.Set("Retry-After", strconv.Itoa(int(e.RetryAfter/time.Second)+1))
		}
	default:
		x.Title, x.Text = v.words.Error(errFailed)
		x.Reference = v.id
	}
	h.Del("Access-Control-Allow-Origin")
	page := p.page(r, v)
	page.Title, page.Index, page.Closed = x.Title, false, false
	if !x.Home {
		page.CompanyName, page.Sample = "Ponte", false
	}
	p.write(rw, r, status, view.ProblemPage(page, x))
}

func statusOf(k fault.Kind) int {
	switch k {
	case fault.NotFound:
		return http.StatusNotFound
	case fault.Invalid:
		return http.StatusUnprocessableEntity
	case fault.Denied:
		return http.StatusForbidden
	case fault.Limited:
		return http.StatusTooManyRequests
	case fault.Conflict:
		return http.StatusConflict
	case fault.Upstream:
		return http.StatusBadGateway
	}
	return http.StatusInternalServerError
}

// write draws a page that is for this reader and this moment only.
func (p *Public) write(rw http.ResponseWriter, r *http.Request, status int, c templ.Component) {
	var b bytes.Buffer
	if err := c.Render(r.Context(), &b); err != nil {
		p.rooms.Log.ErrorContext(r.Context(), "public: drawing a page", "error", err.Error())
		http.Error(rw, http.StatusText(http.StatusInternalServerError), http.StatusInternalServerError)
		return
	}
	h := rw.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	h.Del("ETag")
	h.Set("Content-Length", strconv.Itoa(b.Len()))
	rw.WriteHeader(status)
	if r.Method != http.MethodHead {
		_, _ = rw.Write(b.Bytes()) // the browser may be gone: nobody is left to tell
	}
}
