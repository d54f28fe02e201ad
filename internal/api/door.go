package api

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"runtime/debug"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/i18n"
	"github.com/ponte-desk/ponte/internal/id"
	"github.com/ponte-desk/ponte/internal/once"
	"github.com/ponte-desk/ponte/internal/signin"
	"github.com/ponte-desk/ponte/internal/team"
)

const requestKind id.Kind = "req"

// Sizes of what is taken in, in bytes.
const (
	maxBody     = 256 << 10
	maxFormHead = 64 << 10 // what a form needs around its file
	formMemory  = 1 << 20  // of an upload that is kept in memory; the rest goes to files
)

// The faults of the door.
var (
	errNoBearer   = fault.New(fault.Denied, "api.bearer.missing")
	errLimited    = fault.New(fault.Limited, "api.limited")
	errTooBig     = fault.New(fault.Invalid, "api.too_big")
	errText       = fault.New(fault.Invalid, "api.text")
	errBody       = fault.New(fault.Invalid, "api.body")
	errMediaType  = fault.New(fault.Invalid, "api.media_type")
	errNowhere    = fault.New(fault.NotFound, "api.nowhere")
	errMethod     = fault.New(fault.Invalid, "api.method")
	errUnexpected = fault.New(fault.Internal, "fault.internal")
)

// visit is one request, from the door to its answer.
type visit struct {
	id    string
	words *i18n.Localizer
	err   error // what to log
}

type visitKey struct{}

func visitOf(ctx context.Context) *visit {
	v, _ := ctx.Value(visitKey{}).(*visit)
	return v
}

// caller is who calls, and with what.
type caller struct {
	*visit
	actor   team.Actor
	token   signin.Token
	secret  string
	request *http.Request
	writer  http.ResponseWriter
}

// guard gives every request a reference, a language and safe headers, and turns a panic into an answer.
func (a *API) guard(rw http.ResponseWriter, r *http.Request) {
	v := &visit{id: requestKind.New(a.rooms.Clock.Now()), words: a.rooms.Catalog.For(r.Header.Get("Accept-Language"))}
	r = r.WithContext(context.WithValue(r.Context(), visitKey{}, v))
	h := rw.Header()
	h.Set("X-Request-Id", v.id)
	h.Set("Cache-Control", "no-store")
	h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Content-Language", v.words.Lang())
	h.Set("Vary", "Accept-Language, Authorization")
	out := &watched{ResponseWriter: rw}
	defer func() {
		if p := recover(); p != nil {
			if p == http.ErrAbortHandler {
				panic(p)
			}
			a.rooms.Log.ErrorContext(r.Context(), "api: panic", "panic", fmt.Sprint(p), "stack", string(debug.Stack()), "request", v.id)
			if out.status != 0 {
				panic(http.ErrAbortHandler)
			}
			a.refuse(out, r, errUnexpected)
			return
		}
		a.note(r, v, out.status)
	}()
	if !readableAddress(r.URL) {
		a.refuse(out, r, errText)
		return
	}
	a.mux.ServeHTTP(out, r)
}

// note logs what went wrong, once.
func (a *API) note(r *http.Request, v *visit, status int) {
	if status >= 500 {
		a.rooms.Log.ErrorContext(r.Context(), "api: a request failed", "method", r.Method, "path", r.URL.Path, "status", status, "error", v.err, "request", v.id)
		return
	}
	a.rooms.Log.DebugContext(r.Context(), "api: a request", "method", r.Method, "path", r.URL.Path, "status", status, "error", v.err, "request", v.id)
}

// readable tells whether a text can be kept by every database: whole UTF-8 without zero bytes.
func readable(s string) bool {
	return utf8.ValidString(s) && !strings.Contains(s, "\x00")
}

func readableAddress(u *url.URL) bool {
	query, err := url.ParseQuery(u.RawQuery)
	if err != nil || !readable(u.Path) {
		return false
	}
	for name, values := range query {
		if !readable(name) || slices.ContainsFunc(values, func(v string) bool { return !readable(v) }) {
			return false
		}
	}
	return true
}

// watched remembers the status of an answer.
type watched struct {
	http.ResponseWriter
	status int
}

func (w *watched) WriteHeader(status int) {
	if w.status == 0 {
		w.status = status
	}
	w.ResponseWriter.WriteHeader(status)
}

func (w *watched) Write(b []byte) (int, error) {
	if w.status == 0 {
		w.status = http.StatusOK
	}
	return w.ResponseWriter.Write(b)
}

// Unwrap lets http.ResponseController reach the connection.
func (w *watched) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// admit lets an operation run for whom it may run: token, pace, permission, body, and one answer for one key.
func (a *API) admit(ctx huma.Context, next func(huma.Context)) {
	r, rw := humago.Unwrap(ctx)
	c := &caller{visit: visitOf(r.Context()), writer: rw}
	if err := a.identify(r, c); err != nil {
		a.refuse(rw, r, err)
		return
	}
	o := operationOf(ctx.Operation())
	if o.needs != "" {
		may := c.actor.May
		if o.own {
			may = c.actor.MayOwn
		}
		if err := may(o.needs); err != nil {
			a.refuse(rw, r, err)
			return
		}
	}
	r = r.WithContext(context.WithValue(r.Context(), callerKey{}, c))
	hash, err := a.takeIn(rw, r, o)
	if r.MultipartForm != nil {
		defer func() { _ = r.MultipartForm.RemoveAll() }() // what is left lies in the system's folder for such
	}
	if err != nil {
		a.refuse(rw, r, err)
		return
	}
	run := func(r *http.Request, rw http.ResponseWriter) {
		c.request = r
		next(humago.NewContext(ctx.Operation(), r, rw))
	}
	key := r.Header.Get("Idempotency-Key")
	if r.Method != http.MethodPost || key == "" {
		run(r, rw)
		return
	}
	a.runOnce(rw, r, c, o, once.Request{Company: c.actor.Company, Token: string(c.token.ID), Key: key, Hash: hash}, run)
}

// identify finds out who calls. Cookies count for nothing here.
func (a *API) identify(r *http.Request, c *caller) error {
	scheme, secret, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	secret = strings.TrimSpace(secret)
	if !strings.EqualFold(scheme, "Bearer") || secret == "" {
		return errNoBearer
	}
	actor, token, err := a.rooms.Signin.ByBearer(r.Context(), secret)
	if err != nil {
		return err
	}
	if wait := a.pace.take(string(token.ID), a.rooms.Clock.Now()); wait > 0 {
		return errLimited.After(wait)
	}
	actor.RequestID = c.id
	c.actor, c.token, c.secret = actor, token, secret
	return nil
}

// takeIn reads the body of a request within its bounds, and gives the hash of all that makes the request what it is.
func (a *API) takeIn(rw http.ResponseWriter, r *http.Request, o *operation) (string, error) {
	sum := sha256.New()
	part := func(s string) { fmt.Fprintf(sum, "%d:%s,", len(s), s) }
	part(r.Method)
	part(r.URL.Path)
	part(r.URL.RawQuery)
	if o.upload {
		r.Body = http.MaxBytesReader(rw, r.Body, a.options.MaxUpload+maxFormHead)
		if err := r.ParseMultipartForm(formMemory); err != nil {
			if errors.Is(err, http.ErrNotMultipart) || errors.Is(err, http.ErrMissingBoundary) {
				return "", errMediaType.With("type", "multipart/form-data").Because(err)
			}
			return "", bodyFault(err)
		}
		for _, name := range slices.Sorted(maps.Keys(r.MultipartForm.Value)) {
			for _, value := range r.MultipartForm.Value[name] {
				if !readable(name) || !readable(value) {
					return "", errText
				}
				part(name)
				part(value)
			}
		}
		for _, name := range slices.Sorted(maps.Keys(r.MultipartForm.File)) {
			for _, head := range r.MultipartForm.File[name] {
				part(name)
				part(head.Filename)
				f, err := head.Open()
				if err != nil {
					return "", errUnexpected.Because(err)
				}
				_, err = io.Copy(sum, f)
				if err := errors.Join(err, f.Close()); err != nil {
					return "", errUnexpected.Because(err)
				}
			}
		}
		return hex.EncodeToString(sum.Sum(nil)), nil
	}
	body, err := io.ReadAll(http.MaxBytesReader(rw, r.Body, maxBody))
	if err != nil {
		return "", bodyFault(err)
	}
	if !utf8.Valid(body) || hasZero(body) {
		return "", errText
	}
	part(string(body))
	r.Body = io.NopCloser(bytes.NewReader(body))
	return hex.EncodeToString(sum.Sum(nil)), nil
}

func bodyFault(err error) error {
	var big *http.MaxBytesError
	if errors.As(err, &big) {
		return errTooBig.With("most", big.Limit>>10).Because(err)
	}
	return errBody.Because(err)
}

// hasZero tells whether JSON text holds a zero character, written as itself or as an escape.
func hasZero(b []byte) bool {
	if bytes.IndexByte(b, 0) >= 0 {
		return true
	}
	for i := 0; i < len(b); i++ {
		if b[i] != '\\' {
			continue
		}
		if bytes.HasPrefix(b[i+1:], []byte("u0000")) {
			return true
		}
		i++ // the escaped character is no beginning of an escape
	}
	return false
}

// runOnce gives a repeated request the answer of the first time.
func (a *API) runOnce(rw http.ResponseWriter, r *http.Request, c *caller, o *operation, q once.Request, run func(*http.Request, http.ResponseWriter)) {
	how := a.rooms.Once.Within
	if o.calls {
		how = a.rooms.Once.Around
	}
	held := &held{header: rw.Header().Clone()}
	answer, replayed, err := how(r.Context(), q, func(ctx context.Context) once.Answer {
		// From here on this transaction is what the handlers join.
		run(r.WithContext(ctx), held)
		return once.Answer{Status: held.status, Body: held.body.Bytes()}
	})
	if err != nil {
		a.refuse(rw, r, err)
		return
	}
	if replayed {
		c.err = nil
		rw.Header().Set("Idempotency-Replayed", "true")
		if len(answer.Body) > 0 {
			rw.Header().Set("Content-Type", "application/json")
		}
		rw.WriteHeader(answer.Status)
		_, _ = rw.Write(answer.Body) // the caller may be gone
		return
	}
	maps.Copy(rw.Header(), held.header)
	rw.WriteHeader(held.status)
	_, _ = rw.Write(held.body.Bytes())
}

// held is an answer that is kept back until it is certain.
type held struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (h *held) Header() http.Header { return h.header }

func (h *held) WriteHeader(status int) {
	if h.status == 0 {
		h.status = status
	}
}

func (h *held) Write(b []byte) (int, error) {
	h.WriteHeader(http.StatusOK)
	return h.body.Write(b)
}

// nowhere answers for every address and method that leads to nothing.
func (a *API) nowhere(rw http.ResponseWriter, r *http.Request) {
	var allowed []string
	for _, m := range []string{http.MethodGet, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete} {
		probe := r.Clone(r.Context())
		probe.Method = m
		if _, pattern := a.mux.Handler(probe); pattern != "" && pattern != "/" {
			allowed = append(allowed, m)
		}
	}
	if len(allowed) == 0 {
		a.refuse(rw, r, errNowhere)
		return
	}
	rw.Header().Set("Allow", strings.Join(allowed, ", "))
	a.refuse(rw, r, errMethod.With("allowed", strings.Join(allowed, ", ")))
}
