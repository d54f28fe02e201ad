package web

import (
	"fmt"
	"net/http"
	"runtime/debug"
	"time"

	"github.com/ponte-desk/ponte/internal/web/view"
)

// policy is the content security policy: everything comes from here, nothing is inline, nobody frames the desk.
// Pictures may also be written into the page (the QR code of the second factor).
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; " +
	"media-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// secretPaths are the addresses whose end is a secret: the log keeps it out.
var secretPaths = []string{pathInvitation, pathPassword, view.PathWelcome + "/"}

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

// guard stands before everything: it gives each request its reference, sets the headers that protect, turns a panic
// into an error page and writes the log.
func (w *Web) guard(next http.Handler) http.Handler {
	return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		start := time.Now()
		v, r := w.begin(r)
		h := rw.Header()
		h.Set("Content-Security-Policy", policy)
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
			if p := recover(); p != nil {
				if p == http.ErrAbortHandler {
					panic(p)
				}
				w.rooms.Log.ErrorContext(r.Context(), "web: panic", "panic", fmt.Sprint(p), "stack", string(debug.Stack()), "request", v.id)
				if c.status == 0 {
					w.failWith(c, r, http.StatusInternalServerError, nil)
				}
			}
			w.log(r, v, c.status, c.bytes, time.Since(start))
		}()
		next.ServeHTTP(c, r)
	})
}
