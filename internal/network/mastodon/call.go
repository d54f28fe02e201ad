package mastodon

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strconv"
	"strings"
	"sync/atomic"
	"time"
	"unicode"

	"github.com/ponte-desk/ponte/internal/fetch"
	"github.com/ponte-desk/ponte/internal/network"
)

// maxAnswer is how large an answer may be, in bytes. A page of 40 statuses is some 200 KB.
const maxAnswer = 8 << 20

// server is a place that is called.
type server struct {
	http      *http.Client
	userAgent string
	base      string // scheme and host
	host      string // for messages to people
	now       func() time.Time
}

// request is one call.
type request struct {
	method   string
	path     string // or a whole URL
	query    url.Values
	form     url.Values // sent as the body
	body     io.Reader  // sent when form is nil
	mime     string
	length   int64
	token    string
	key      string // Idempotency-Key
	mutation bool   // a lost answer leaves the outcome unknown
}

// answer is what a server said with a status below 400.
type answer struct {
	status int
	header http.Header
	body   []byte
	url    *url.URL // after redirects
	rate   network.Rate
}

// statusError is an answer with a status from 300 up. It keeps the server's own words apart from the log.
type statusError struct {
	status int
	reason string
}

func (e *statusError) Error() string { return fmt.Sprintf("status %d", e.status) }

// statusOf gives the status that a problem came from, 0 for none.
func statusOf(err error) int {
	if e, ok := errors.AsType[*statusError](err); ok {
		return e.status
	}
	return 0
}

func reasonOf(err error) string {
	if e, ok := errors.AsType[*statusError](err); ok {
		return e.reason
	}
	return ""
}

func (s *server) problem(v network.Verdict, key string, cause error) *network.Problem {
	return &network.Problem{Verdict: v, Key: key, Args: map[string]any{"host": s.host}, Err: cause}
}

// do makes one call. Its error is always a *Problem.
func (s *server) do(ctx context.Context, r request) (answer, error) {
	if err := ctx.Err(); err != nil {
		return answer{}, s.problem(network.Later, network.ProblemTimeout, err)
	}
	var sent atomic.Bool
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{WroteHeaders: func() { sent.Store(true) }})
	req, err := s.build(ctx, r)
	if err != nil {
		return answer{}, s.problem(network.Never, network.ProblemAddress, err)
	}
	client := s.http
	if r.mutation {
		// A redirect would repeat the mutation, or turn it into a reading that looks like success.
		once := *s.http
		once.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
		client = &once
	}
	res, err := client.Do(req)
	if err != nil {
		return answer{}, s.lost(err, r, sent.Load())
	}
	defer res.Body.Close()
	a := answer{status: res.StatusCode, header: res.Header, url: res.Request.URL, rate: s.rate(res)}
	a.body, err = io.ReadAll(io.LimitReader(res.Body, maxAnswer+1))
	if res.StatusCode >= 300 {
		return a, s.refused(a, r)
	}
	if err != nil {
		return a, s.lost(err, r, true)
	}
	if len(a.body) > maxAnswer {
		p := s.problem(network.Later, network.ProblemAnswer, fmt.Errorf("%s %s: more than %d bytes", r.method, r.path, maxAnswer))
		p.Uncertain = r.mutation
		return a, p
	}
	return a, nil
}

func (s *server) build(ctx context.Context, r request) (*http.Request, error) {
	u := r.path
	if !strings.Contains(u, "://") {
		u = s.base + u
	}
	if len(r.query) > 0 {
		u += "?" + r.query.Encode()
	}
	body, mime, length := r.body, r.mime, r.length
	if r.form != nil {
		b := r.form.Encode()
		body, mime, length = strings.NewReader(b), "application/x-www-form-urlencoded", int64(len(b))
	}
	req, err := http.NewRequestWithContext(ctx, r.method, u, body)
	if err != nil {
		return nil, err
	}
	if body != nil {
		req.ContentLength = length
		req.Header.Set("Content-Type", mime)
	}
	// net/http takes a request with an Idempotency-Key for one that may be repeated on a new connection, and the
	// servers that ignore the key would then make a double. Without GetBody it cannot.
	req.GetBody = nil
	req.Header.Set("User-Agent", s.userAgent)
	req.Header.Set("Accept", "application/json")
	if r.token != "" {
		req.Header.Set("Authorization", "Bearer "+r.token)
	}
	if r.key != "" {
		req.Header.Set("Idempotency-Key", r.key)
	}
	return req, nil
}

// lost reads an error of a call that got no whole answer.
func (s *server) lost(err error, r request, sent bool) *network.Problem {
	if ue, ok := errors.AsType[*url.Error](err); ok {
		err = ue.Err // the address it carries may hold what people wrote
	}
	cause := fmt.Errorf("%s %s: %w", r.method, r.path, err)
	p := s.problem(network.Later, network.ProblemUnreachable, cause)
	var ne net.Error
	switch _, inside := errors.AsType[*fetch.InsideError](err); {
	case inside:
		p.Verdict, p.Key = network.Never, network.ProblemInside
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded), errors.As(err, &ne) && ne.Timeout():
		p.Key = network.ProblemTimeout
	}
	p.Uncertain = r.mutation && sent
	return p
}

// refused reads an answer with a status from 300 up.
func (s *server) refused(a answer, r request) *network.Problem {
	cause := fmt.Errorf("%s %s: %w", r.method, r.path, &statusError{status: a.status, reason: reason(a.body)})
	p := s.problem(network.Never, network.ProblemRefused, cause)
	switch {
	case a.status == http.StatusUnauthorized:
		p.Verdict, p.Key = network.Reconnect, network.ProblemRevoked
	case a.status == http.StatusForbidden:
		p.Verdict, p.Key = network.Reconnect, network.ProblemScope
	case a.status == http.StatusNotFound, a.status == http.StatusGone:
		p.Key = network.ProblemGone
	case a.status == http.StatusTooManyRequests:
		p.Verdict, p.Key, p.RetryAfter = network.Later, network.ProblemRate, s.wait(a)
	case a.status == http.StatusRequestTimeout:
		p.Verdict, p.Key, p.Uncertain = network.Later, network.ProblemTimeout, r.mutation
	case a.status >= 500:
		// Whatever stands between us and the server may have given up on a server that went on.
		p.Verdict, p.Key, p.Uncertain, p.RetryAfter = network.Later, network.ProblemServer, r.mutation, s.wait(a)
		p.Args["status"] = a.status
	case a.status < 400:
		p.Verdict, p.Key = network.Later, network.ProblemAnswer
	default:
		p.Args["reason"] = reasonOf(cause)
	}
	return p
}

// reason is the server's own explanation, cut to what fits a sentence.
func reason(body []byte) string {
	var e struct {
		Error       string `json:"error"`
		Description string `json:"error_description"`
	}
	if json.Unmarshal(body, &e) != nil {
		return ""
	}
	text := e.Description
	if text == "" {
		text = e.Error
	}
	text = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(text, ""))
	if r := []rune(text); len(r) > 200 {
		text = string(r[:200]) + "…"
	}
	return strings.TrimSpace(text)
}

// rate reads X-RateLimit-*: the reset comes as a date from Mastodon and GoToSocial, as seconds from others.
func (s *server) rate(res *http.Response) network.Rate {
	rate := network.Rate{Remaining: -1}
	if n, err := strconv.Atoi(res.Header.Get("X-RateLimit-Remaining")); err == nil && n >= 0 {
		rate.Remaining = n
	}
	rate.Reset = moment(res.Header.Get("X-RateLimit-Reset"), s.now())
	return rate
}

// moment reads a time: a date, seconds since 1970, or seconds from now. What is none of these, or further off than a
// day, gives the zero time.
func moment(v string, now time.Time) time.Time {
	v = strings.TrimSpace(v)
	var t time.Time
	if n, err := strconv.ParseInt(v, 10, 64); err == nil {
		switch {
		case n < 0:
			return time.Time{}
		case n > 1_000_000_000:
			t = time.Unix(n, 0)
		case n <= 86400:
			t = now.Add(time.Duration(n) * time.Second)
		}
	} else if t, err = time.Parse(time.RFC3339, v); err != nil {
		if t, err = http.ParseTime(v); err != nil {
			return time.Time{}
		}
	}
	if d := t.Sub(now); d > 24*time.Hour || d < -24*time.Hour {
		return time.Time{}
	}
	return t.UTC()
}

// wait is how long a server asks to wait, 0 when it does not tell.
func (s *server) wait(a answer) time.Duration {
	now := s.now()
	t := moment(a.header.Get("Retry-After"), now)
	if t.IsZero() && a.status == http.StatusTooManyRequests {
		t = a.rate.Reset
	}
	if t.IsZero() {
		return 0
	}
	return max(0, t.Sub(now))
}

// read makes a call and reads the JSON that came back.
func (s *server) read(ctx context.Context, r request, into any) (answer, error) {
	a, err := s.do(ctx, r)
	if err != nil {
		return a, err
	}
	if err := json.NewDecoder(bytes.NewReader(a.body)).Decode(into); err != nil {
		p := s.problem(network.Later, network.ProblemAnswer, fmt.Errorf("%s %s: %w", r.method, r.path, err))
		p.Uncertain = r.mutation
		return a, p
	}
	return a, nil
}

// skew is how far the server's clock is ahead of ours, as its answer tells; false when it does not.
func (s *server) skew(a answer) (time.Duration, bool) {
	t, err := http.ParseTime(a.header.Get("Date"))
	if err != nil {
		return 0, false
	}
	// The header cuts off the part of a second: half of it is the best guess.
	return t.Add(500 * time.Millisecond).Sub(s.now()), true
}
