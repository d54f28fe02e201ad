package bluesky

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

	"github.com/ponte-desk/ponte/internal/fetch"
	"github.com/ponte-desk/ponte/internal/network"
)

// Bounds on what a server may send and how long it may take.
const (
	maxAnswer     = 8 << 20
	callTimeout   = 30 * time.Second
	uploadTimeout = 2 * time.Minute
	slowLink      = 128 << 10 // bytes a second that a large file is given time for
)

// request is one XRPC call (https://atproto.com/specs/xrpc).
type request struct {
	base  string // scheme and host
	nsid  string
	query url.Values // of a query
	body  any        // of a procedure, sent as JSON; nil makes a query unless post is set
	raw   []byte     // of a procedure that takes bytes
	mime  string     // of raw
	post  bool       // a procedure without a body
	token string
	// mutation says that the call may change something that must not happen twice.
	mutation bool
}

// serverError is an error as an XRPC server tells it. What the server says in words is kept for people and left out
// of Error, because it may repeat what they wrote.
type serverError struct {
	Status  int
	Name    string
	Message string
	nsid    string
}

// Error implements error.
func (e *serverError) Error() string { return fmt.Sprintf("%s: %d %s", e.nsid, e.Status, e.Name) }

// said gives the name of the error a server told, or "".
func said(err error) string {
	if e, ok := errors.AsType[*serverError](err); ok {
		return e.Name
	}
	return ""
}

// call makes one call and decodes the answer into out, which may be nil. It never repeats anything.
func (c *Connector) call(ctx context.Context, r request, out any) (network.Rate, error) {
	rate := network.Rate{Remaining: -1}
	limit := callTimeout
	if r.raw != nil {
		limit = uploadTimeout + time.Duration(len(r.raw)/slowLink)*time.Second
	}
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()

	var sent atomic.Bool
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		// From the moment the header is written the server may have the whole request, whatever we learn later.
		WroteHeaders: func() { sent.Store(true) },
	})
	req, err := r.build(ctx)
	if err != nil {
		return rate, &network.Problem{Verdict: network.Never, Key: network.ProblemAddress, Args: map[string]any{"address": r.base}, Err: fmt.Errorf("%s: %w", r.nsid, bare(err))}
	}
	req.Header.Set("User-Agent", c.userAgent)
	req.Header.Set("Accept", "application/json")
	if r.token != "" {
		req.Header.Set("Authorization", "Bearer "+r.token)
	}
	resp, err := c.strict.Do(req)
	if err != nil {
		p := unreached(r.base, r.nsid, err)
		p.Uncertain = r.mutation && sent.Load()
		return rate, p
	}
	defer resp.Body.Close()
	rate = c.rateOf(resp.Header)
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer+1))
	if err != nil || len(body) > maxAnswer {
		if err == nil {
			err = fmt.Errorf("answer over %d bytes", maxAnswer)
		}
		p := unreached(r.base, r.nsid, err)
		if len(body) > maxAnswer {
			p.Key = network.ProblemAnswer
		}
		p.Uncertain = r.mutation
		return rate, p
	}
	if resp.StatusCode != http.StatusOK {
		return rate, c.refused(r, resp, body)
	}
	if out == nil {
		return rate, nil
	}
	if err := json.Unmarshal(body, out); err != nil {
		return rate, &network.Problem{
			Verdict: network.Later, Key: network.ProblemAnswer, Args: hostArgs(r.base),
			Uncertain: r.mutation, Err: fmt.Errorf("%s: %T", r.nsid, err),
		}
	}
	return rate, nil
}

func (r request) build(ctx context.Context) (*http.Request, error) {
	address := r.base + "/xrpc/" + r.nsid
	switch {
	case r.raw != nil:
		req, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(r.raw))
		if err == nil {
			req.Header.Set("Content-Type", r.mime)
		}
		return req, err
	case r.body != nil:
		b, err := json.Marshal(r.body)
		if err != nil {
			return nil, err
		}
		req, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(b))
		if err == nil {
			req.Header.Set("Content-Type", "application/json")
		}
		return req, err
	case r.post:
		return http.NewRequestWithContext(ctx, http.MethodPost, address, nil)
	default:
		if len(r.query) > 0 {
			address += "?" + r.query.Encode()
		}
		return http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	}
}

// refused reads an answer that is not 200.
func (c *Connector) refused(r request, resp *http.Response, body []byte) *network.Problem {
	var told struct{ Error, Message string }
	understood := json.Unmarshal(body, &told) == nil && told.Error != ""
	e := &serverError{Status: resp.StatusCode, Name: told.Error, Message: told.Message, nsid: r.nsid}
	p := &network.Problem{Verdict: network.Never, Key: network.ProblemRefused, Args: hostArgs(r.base), Err: e}
	switch {
	case told.Error == "AccountTakedown" || told.Error == "AccountDeactivated" || told.Error == "AccountSuspended":
		p.Key, p.Verdict = network.ProblemSuspended, network.Reconnect
	case told.Error == "AuthFactorTokenRequired":
		p.Key = network.ProblemSecondFactor
	case resp.StatusCode == http.StatusTooManyRequests:
		p.Key, p.Verdict, p.RetryAfter = network.ProblemRate, network.Later, c.retryAfter(resp.Header)
	case told.Error == "ExpiredToken" || told.Error == "InvalidToken" || resp.StatusCode == http.StatusUnauthorized:
		p.Key, p.Verdict = network.ProblemRevoked, network.Reconnect
	case resp.StatusCode == http.StatusForbidden:
		p.Key, p.Verdict = network.ProblemScope, network.Reconnect
	case resp.StatusCode >= 500 && told.Error == "MethodNotImplemented":
		p.Key = network.ProblemUnsupported
	case resp.StatusCode >= 500:
		p.Key, p.Verdict, p.Uncertain = network.ProblemServer, network.Later, r.mutation
		p.RetryAfter = c.retryAfter(resp.Header)
		p.Args["status"] = resp.StatusCode
	case resp.StatusCode == http.StatusRequestTimeout:
		p.Key, p.Verdict, p.Uncertain = network.ProblemTimeout, network.Later, r.mutation
	case !understood:
		// A proxy or a web site answered: nothing there speaks XRPC.
		p.Key, p.Verdict = network.ProblemAnswer, network.Later
		if resp.StatusCode < 300 {
			p.Uncertain = r.mutation
		}
	default:
		p.Args["reason"] = cut(told.Message, 300)
	}
	return p
}

// unreached reads an error of the transport.
func unreached(base, nsid string, err error) *network.Problem {
	p := &network.Problem{Verdict: network.Later, Key: network.ProblemUnreachable, Args: hostArgs(base), Err: fmt.Errorf("%s: %w", nsid, bare(err))}
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

// bare takes the address out of an error: its query may hold what people wrote.
func bare(err error) error {
	if u, ok := errors.AsType[*url.Error](err); ok {
		return u.Err
	}
	return err
}

func hostArgs(base string) map[string]any { return map[string]any{"host": hostOf(base)} }

// rateOf reads the RateLimit headers. Reset is in seconds since 1970 on the reference server; smaller numbers are
// seconds from now, as the IETF draft has them.
func (c *Connector) rateOf(h http.Header) network.Rate {
	rate := network.Rate{Remaining: -1}
	if n, err := strconv.Atoi(h.Get("RateLimit-Remaining")); err == nil && n >= 0 {
		rate.Remaining = n
	}
	if n, err := strconv.ParseInt(h.Get("RateLimit-Reset"), 10, 64); err == nil && n >= 0 && n < 1<<40 {
		rate.Reset = time.Unix(n, 0).UTC()
		if n < 1e9 {
			rate.Reset = c.now().Add(time.Duration(n) * time.Second).UTC()
		}
	}
	return rate
}

func (c *Connector) retryAfter(h http.Header) time.Duration {
	if n, err := strconv.Atoi(h.Get("Retry-After")); err == nil && n > 0 && n <= 7*24*3600 {
		return time.Duration(n) * time.Second
	}
	if t, err := http.ParseTime(h.Get("Retry-After")); err == nil && t.After(c.now()) {
		return t.Sub(c.now())
	}
	if rate := c.rateOf(h); rate.Reset.After(c.now()) && rate.Remaining <= 0 {
		return rate.Reset.Sub(c.now())
	}
	return 0
}

// cut shortens s to at most n bytes at a character's border.
func cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	return strings.ToValidUTF8(s[:n], "") + "…"
}
