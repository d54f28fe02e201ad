package mastodontest

import (
	"bytes"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Way is how a call misbehaves.
type Way string

// The ways to misbehave.
const (
	HangUp       Way = "hang_up"        // carries the call out and closes the connection without an answer
	HangUpBefore Way = "hang_up_before" // reads the call, does nothing and closes the connection
	Fail         Way = "fail"           // answers Fault.Status, or 500, and does nothing
	FailAfter    Way = "fail_after"     // carries the call out and answers Fault.Status, or 504
	TooMany      Way = "too_many"       // answers 429, with Fault.RetryAfter when that is set
	Garbage      Way = "garbage"        // carries the call out and answers a page for people
	Twice        Way = "twice"          // lists every item of a page twice
	Slow         Way = "slow"           // only waits
)

// Fault is one misbehaviour. Faults for the same endpoint are used in the order they were injected.
type Fault struct {
	Endpoint   string // like "POST /api/v1/statuses"; with a star at the end all that begins so; "": all
	Way        Way
	Skip       int // let so many calls pass first
	Times      int // how many calls it strikes; 0: one, below 0: all that come
	Status     int
	RetryAfter time.Duration
	Delay      time.Duration   // before anything happens
	Entered    chan<- struct{} // told, without waiting, when a call is struck
	Until      <-chan struct{} // the call waits, before anything happens, until this is closed
	Accepted   func()          // called when it is carried out and not yet answered
}

// Inject adds misbehaviour.
func (s *Server) Inject(fs ...Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, f := range fs {
		if f.Times == 0 {
			f.Times = 1
		}
		s.faults = append(s.faults, &f)
	}
}

// Heal takes all misbehaviour away.
func (s *Server) Heal() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = nil
}

// enter counts a call and gives the fault that strikes it.
func (s *Server) enter(endpoint string) Fault {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls[endpoint]++
	for i, f := range s.faults {
		if prefix, all := strings.CutSuffix(f.Endpoint, "*"); f.Endpoint != "" && f.Endpoint != endpoint && !(all && strings.HasPrefix(endpoint, prefix)) {
			continue
		}
		if f.Skip > 0 {
			f.Skip--
			return Fault{}
		}
		if f.Times > 0 {
			if f.Times--; f.Times == 0 {
				s.faults = append(s.faults[:i:i], s.faults[i+1:]...)
			}
		}
		return *f
	}
	return Fault{}
}

// ServeHTTP implements http.Handler.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f := s.enter(r.Method + " " + r.URL.Path)
	if f.Entered != nil {
		select {
		case f.Entered <- struct{}{}:
		default:
		}
	}
	if f.Until != nil {
		select {
		case <-f.Until:
		case <-r.Context().Done():
		}
	}
	if f.Delay > 0 {
		t := time.NewTimer(f.Delay)
		defer t.Stop()
		select {
		case <-t.C:
		case <-r.Context().Done():
		}
	}
	if s.opts.GoToSocial && r.UserAgent() == "" {
		s.answer(w, r, &tape{
			header: http.Header{"Content-Type": {"application/json"}}, status: http.StatusTeapot,
			body: *bytes.NewBufferString(`{"error": "I'm a teapot: no user-agent sent with request"}`),
		})
		return
	}
	switch f.Way {
	case HangUpBefore:
		drain(r)
		hangUp(w)
		return
	case Fail:
		drain(r)
		s.answer(w, r, failure(or(f.Status, http.StatusInternalServerError)))
		return
	case TooMany:
		drain(r)
		t := failure(http.StatusTooManyRequests)
		if f.RetryAfter > 0 {
			t.header.Set("Retry-After", strconv.Itoa(int(f.RetryAfter.Seconds())))
		}
		s.answer(w, r, t)
		return
	}
	if r.URL.Path == "/api/v1/streaming" {
		s.mux.ServeHTTP(w, r)
		return
	}
	t := &tape{header: http.Header{}, status: http.StatusOK}
	s.mux.ServeHTTP(t, r)
	if f.Accepted != nil {
		f.Accepted()
	}
	switch f.Way {
	case HangUp:
		hangUp(w)
		return
	case FailAfter:
		t = failure(or(f.Status, http.StatusGatewayTimeout))
	case Garbage:
		t = &tape{
			header: http.Header{"Content-Type": {"text/html"}}, status: http.StatusOK,
			body: *bytes.NewBufferString("<!doctype html><title>One moment</title><p>We are checking your browser."),
		}
	case Twice:
		if b := bytes.TrimSpace(t.body.Bytes()); len(b) > 2 && b[0] == '[' {
			inner := b[1 : len(b)-1]
			t.body = *bytes.NewBufferString("[" + string(inner) + "," + string(inner) + "]")
		}
	}
	s.answer(w, r, t)
}

func or(a, b int) int {
	if a != 0 {
		return a
	}
	return b
}

// tape keeps an answer until it is known whether it may be given.
type tape struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (t *tape) Header() http.Header         { return t.header }
func (t *tape) WriteHeader(status int)      { t.status = status }
func (t *tape) Write(b []byte) (int, error) { return t.body.Write(b) }

func failure(status int) *tape {
	t := &tape{header: http.Header{"Content-Type": {"application/json; charset=utf-8"}}, status: status}
	fmt.Fprintf(&t.body, "{\"error\":%q}", strings.ToLower(http.StatusText(status)))
	return t
}

// answer gives an answer with the headers that every answer has.
func (s *Server) answer(w http.ResponseWriter, r *http.Request, t *tape) {
	for k, v := range t.header {
		w.Header()[k] = v
	}
	w.Header().Set("Date", s.opts.Now().UTC().Format(http.TimeFormat))
	s.mu.Lock()
	limit, left, reset := s.rate(r)
	seconds := s.opts.RateSeconds
	s.mu.Unlock()
	if strings.HasPrefix(r.URL.Path, "/api/") {
		w.Header().Set("X-RateLimit-Limit", strconv.Itoa(limit))
		w.Header().Set("X-RateLimit-Remaining", strconv.Itoa(left))
		w.Header().Set("X-RateLimit-Reset", reset.Format("2006-01-02T15:04:05.000000Z"))
		if seconds {
			w.Header().Set("X-RateLimit-Reset", strconv.Itoa(int(reset.Sub(s.opts.Now()).Seconds())+1))
		}
	}
	w.WriteHeader(t.status)
	if r.Method != http.MethodHead {
		// An answer that does not arrive shows on the other side.
		_, _ = w.Write(t.body.Bytes())
	}
}

// rate counts a call, and tells what is left in these five minutes. The lock is held.
func (s *Server) rate(r *http.Request) (limit, left int, reset time.Time) {
	now := s.opts.Now().UTC()
	if now.Sub(s.window) >= 5*time.Minute || now.Before(s.window) {
		s.window = now.Truncate(5 * time.Minute)
		clear(s.used)
	}
	key := r.Header.Get("Authorization")
	s.used[key]++
	limit = or(s.opts.RateLimit, 300)
	left = max(0, limit-s.used[key])
	if s.opts.RateLimit == 0 {
		left = max(1, left)
	}
	return limit, left, s.window.Add(5 * time.Minute)
}

// limited tells whether a caller has no calls left.
func (s *Server) limited(r *http.Request) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.opts.RateLimit == 0 || s.opts.Now().UTC().Sub(s.window) >= 5*time.Minute {
		return false
	}
	return s.used[r.Header.Get("Authorization")] >= s.opts.RateLimit
}

func drain(r *http.Request) {
	if r.Body != nil {
		var b [4096]byte
		for {
			if _, err := r.Body.Read(b[:]); err != nil {
				return
			}
		}
	}
}

// hangUp closes the connection without a word.
func hangUp(w http.ResponseWriter) {
	if h, ok := w.(http.Hijacker); ok {
		if c, _, err := h.Hijack(); err == nil {
			c.Close()
			return
		}
	}
	panic(http.ErrAbortHandler)
}
