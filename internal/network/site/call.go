package site

import (
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

// Bounds on what a site may send and how long it may take.
const (
	maxAnswer     = 8 << 20
	maxHead       = 1 << 20 // of a page, where what it says about itself stands
	callTimeout   = 30 * time.Second
	uploadTimeout = 2 * time.Minute
	slowLink      = 128 << 10 // bytes a second that a large file is given time for
)

// request is one call.
type request struct {
	method string // "": GET
	url    string
	accept string
	header map[string]string
	body   io.Reader
	mime   string
	length int64
	user   string // with password: Basic authentication (RFC 7617)
	pass   string
	most   int64 // bytes of the answer; 0: maxAnswer
	// cut takes the first bytes of a longer answer instead of refusing it.
	cut bool
	// mutation says that the call may change something that must not happen twice.
	mutation bool
}

// answer is what a site said.
type answer struct {
	status int
	header http.Header
	body   []byte
	url    *url.URL // after redirects
}

// serverError is an error as a site tells it. Its words are kept for people and left out of Error, because they may
// repeat what somebody wrote.
type serverError struct {
	Status  int
	Code    string // of WordPress
	Message string
	what    string
}

// Error implements error.
func (e *serverError) Error() string {
	return strings.TrimSpace(fmt.Sprintf("%s: %d %s", e.what, e.Status, e.Code))
}

// codeOf gives the name WordPress has for an error, "" for another's.
func codeOf(err error) string {
	if e, ok := errors.AsType[*serverError](err); ok {
		return e.Code
	}
	return ""
}

// statusOf gives the status an error came from, 0 for none.
func statusOf(err error) int {
	if e, ok := errors.AsType[*serverError](err); ok {
		return e.Status
	}
	return 0
}

func hostOf(address string) string {
	if u, err := url.Parse(address); err == nil && u.Host != "" {
		return u.Host
	}
	return cut(address, 100)
}

func problem(v network.Verdict, key, address string, cause error) *network.Problem {
	return &network.Problem{Verdict: v, Key: key, Args: map[string]any{"host": hostOf(address)}, Err: cause}
}

func unsupported(address string) *network.Problem {
	return problem(network.Never, network.ProblemUnsupported, address, nil)
}

// call makes one call and never repeats anything. Its error is always a *Problem; with an answer of 300 or more the answer
// comes along.
func (c *Connector) call(ctx context.Context, r request) (answer, error) {
	what := "GET " + pathOf(r.url)
	if r.method != "" {
		what = r.method + " " + pathOf(r.url)
	}
	if err := ctx.Err(); err != nil {
		return answer{}, problem(network.Later, network.ProblemTimeout, r.url, err)
	}
	limit := callTimeout
	if r.length > maxHead {
		limit = uploadTimeout + time.Duration(r.length/slowLink)*time.Second
	}
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	var sent atomic.Bool
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{WroteHeaders: func() { sent.Store(true) }})
	req, err := http.NewRequestWithContext(ctx, r.method, r.url, r.body)
	if err != nil {
		return answer{}, badAddress(r.url)
	}
	if r.body != nil {
		req.ContentLength = r.length
		req.Header.Set("Content-Type", r.mime)
	}
	req.GetBody = nil // a mutation is never sent twice by the transport
	req.Header.Set("User-Agent", c.userAgent)
	req.Header.Set("Accept", r.accept)
	for k, v := range r.header {
		req.Header.Set(k, v)
	}
	client := c.plain
	if r.pass != "" {
		req.SetBasicAuth(r.user, r.pass)
		client = c.strict
	}
	res, err := client.Do(req)
	if err != nil {
		p := unreached(r.url, what, err)
		p.Uncertain = r.mutation && sent.Load()
		return answer{}, p
	}
	defer res.Body.Close()
	most := r.most
	if most == 0 {
		most = maxAnswer
	}
	a := answer{status: res.StatusCode, header: res.Header, url: res.Request.URL}
	a.body, err = io.ReadAll(io.LimitReader(res.Body, most+1))
	if res.StatusCode >= 300 {
		return a, c.refused(a, r, what)
	}
	if err != nil {
		p := unreached(r.url, what, err)
		p.Uncertain = r.mutation
		return a, p
	}
	if int64(len(a.body)) > most {
		if r.cut {
			a.body = a.body[:most]
			return a, nil
		}
		p := problem(network.Later, network.ProblemAnswer, r.url, fmt.Errorf("%s: more than %d bytes", what, most))
		p.Uncertain = r.mutation
		return a, p
	}
	return a, nil
}

// refused reads an answer with a status from 300 up.
func (c *Connector) refused(a answer, r request, what string) *network.Problem {
	e := &serverError{Status: a.status, what: what}
	var told struct {
		Code    string
		Message string
	}
	if json.Unmarshal(a.body, &told) == nil {
		e.Code, e.Message = cut(told.Code, 100), told.Message
	}
	p := problem(network.Never, network.ProblemRefused, r.url, e)
	switch {
	case e.Code == "comment_flood", a.status == http.StatusTooManyRequests:
		// WordPress's own guard against floods speaks in 429 too, and says nothing about when.
		p.Verdict, p.Key, p.RetryAfter = network.Later, network.ProblemRate, c.retryAfter(a.header)
	case a.status == http.StatusUnauthorized:
		p.Verdict, p.Key = network.Reconnect, network.ProblemRevoked
	case a.status == http.StatusForbidden:
		p.Verdict, p.Key = network.Reconnect, network.ProblemScope
	case a.status == http.StatusNotFound, a.status == http.StatusGone:
		p.Key = network.ProblemGone
	case a.status == http.StatusRequestTimeout:
		p.Verdict, p.Key, p.Uncertain = network.Later, network.ProblemTimeout, r.mutation
	case a.status >= 500:
		p.Verdict, p.Key, p.Uncertain = network.Later, network.ProblemServer, r.mutation
		p.RetryAfter = c.retryAfter(a.header)
		p.Args["status"] = a.status
	case a.status < 400:
		p.Verdict, p.Key = network.Later, network.ProblemAnswer
	default:
		p.Args["reason"] = reason(e.Message)
	}
	return p
}

// reason is the site's own explanation, cut to what fits a sentence.
func reason(s string) string {
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(s, ""))
	return strings.TrimSuffix(strings.TrimSpace(cut(s, 300)), ".")
}

// unreached reads an error of the transport.
func unreached(address, what string, err error) *network.Problem {
	if u, ok := errors.AsType[*url.Error](err); ok {
		err = u.Err // its address may hold what people wrote
	}
	p := problem(network.Later, network.ProblemUnreachable, address, fmt.Errorf("%s: %w", what, err))
	if inside, ok := errors.AsType[*fetch.InsideError](err); ok {
		p.Verdict, p.Key, p.Args = network.Never, network.ProblemInside, map[string]any{"host": inside.Host}
		return p
	}
	var timeout net.Error
	if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) || errors.As(err, &timeout) && timeout.Timeout() {
		p.Key = network.ProblemTimeout
	}
	return p
}

// retryAfter reads Retry-After (RFC 9110 section 10.2.3): seconds or a date, within a week.
func (c *Connector) retryAfter(h http.Header) time.Duration {
	v := strings.TrimSpace(h.Get("Retry-After"))
	if n, err := strconv.Atoi(v); err == nil && n > 0 && n <= 7*24*3600 {
		return time.Duration(n) * time.Second
	}
	if t, err := http.ParseTime(v); err == nil {
		return min(max(t.Sub(c.now()), 0), 7*24*time.Hour)
	}
	return 0
}

func pathOf(address string) string {
	if u, err := url.Parse(address); err == nil {
		return u.Path
	}
	return ""
}

// cut shortens s to at most n bytes at a character's border.
func cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	return strings.ToValidUTF8(s[:n], "") + "…"
}

// webAddress lets only addresses of the web through.
func webAddress(s string) string {
	s = strings.TrimSpace(s)
	u, err := url.Parse(s)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" {
		return ""
	}
	return s
}

func badAddress(address string) *network.Problem {
	return &network.Problem{Verdict: network.Never, Key: network.ProblemAddress, Args: map[string]any{"address": cut(address, 200)}}
}
