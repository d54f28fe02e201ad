package web

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"time"
)

const (
	langCookie  = "ponte_lang"
	themeCookie = "ponte_theme"
	toastCookie = "ponte_said"

	yearLong = 365 * 24 * time.Hour
)

// sessionCookie is the name of the session's cookie: over TLS the browser itself guards that nobody else sets it.
func (w *Web) sessionCookie(v *visit) string { return guarded(v, "ponte") }

// ticketCookie holds the ticket between password and second factor.
func ticketCookie(v *visit) string { return guarded(v, "ponte_ticket") }

// setupCookie holds the one-time word of the first run.
func setupCookie(v *visit) string { return guarded(v, "ponte_setup") }

func guarded(v *visit, name string) string {
	if v.secure {
		return "__Host-" + name
	}
	return name
}

func cookieValue(r *http.Request, name string) string {
	c, err := r.Cookie(name)
	if err != nil {
		return ""
	}
	return c.Value
}

// setCookie sets a cookie that scripts cannot read; with an age of zero it goes when the browser closes.
func (w *Web) setCookie(rw http.ResponseWriter, r *http.Request, name, value string, age time.Duration) {
	http.SetCookie(rw, &http.Cookie{
		Name: name, Value: value, Path: "/", MaxAge: int(age / time.Second), HttpOnly: true, SameSite: http.SameSiteLaxMode, Secure: visitOf(r).secure,
	})
}

func (w *Web) dropCookie(rw http.ResponseWriter, r *http.Request, name string) {
	http.SetCookie(rw, &http.Cookie{
		Name: name, Path: "/", MaxAge: -1, HttpOnly: true, SameSite: http.SameSiteLaxMode, Secure: visitOf(r).secure,
	})
}

// said is a toast for the next page.
type said struct {
	Key    string            `json:"k"`
	Args   map[string]string `json:"a,omitempty"`
	Undo   string            `json:"u,omitempty"`
	With   map[string]string `json:"w,omitempty"` // fields of the undo form
	Target string            `json:"t,omitempty"` // what the answer to an undo is drawn in; "" the toast
}

func (w *Web) leaveToast(rw http.ResponseWriter, r *http.Request, s said) {
	b, err := json.Marshal(s)
	if err != nil || len(b) > 2048 {
		return
	}
	w.setCookie(rw, r, toastCookie, base64.RawURLEncoding.EncodeToString(b), time.Minute)
}

// takeToast reads and forgets the toast that the page before left.
func (w *Web) takeToast(rw http.ResponseWriter, r *http.Request) (said, bool) {
	raw := cookieValue(r, toastCookie)
	if raw == "" {
		return said{}, false
	}
	w.dropCookie(rw, r, toastCookie)
	b, err := base64.RawURLEncoding.DecodeString(raw)
	var s said
	if err != nil || json.Unmarshal(b, &s) != nil || !visitOf(r).words.Has(s.Key) {
		return said{}, false
	}
	return s, true
}
