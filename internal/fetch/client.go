package fetch

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"syscall"
	"time"

	"github.com/ponte-desk/ponte/internal/fault"
)

// Options say how a client behaves. The zero value is good for reading the open web.
type Options struct {
	// AllowNetworks opens networks that are otherwise refused, for who runs a server of the company's own inside.
	AllowNetworks []netip.Prefix
	// Timeout is for a whole request, its body included. 0: 30 seconds; negative: none, for streams, where ending the
	// request's context ends it. Connecting and waiting for the answer's head have limits of their own, 10 s and 30 s.
	Timeout time.Duration
	// MaxRedirects is how many redirects are followed. 0: 5; negative: none is followed, and the answer that
	// redirects comes back as it is.
	MaxRedirects int
	// UserAgent is sent where a request has none of its own; some servers refuse requests without. "": "Ponte".
	UserAgent string
	// MaxHeaderBytes limits the head of an answer. 0: 128 KiB.
	MaxHeaderBytes int64
	// Resolver finds addresses. nil: the machine's own.
	Resolver *net.Resolver
	// TLS is for servers with a certificate of a private authority. nil: the machine's authorities.
	TLS *tls.Config
}

// Errors to compare with errors.Is.
var (
	// ErrScheme: an address is neither http nor https.
	ErrScheme = fault.New(fault.Invalid, "fetch.scheme")
	// ErrDowngrade: a server that was reached by https sends on to http.
	ErrDowngrade = fault.New(fault.Upstream, "fetch.downgrade")
	// ErrRedirects: a server sends on and on.
	ErrRedirects = fault.New(fault.Upstream, "fetch.redirects")
	// ErrMovedBody: a server sends what we wrote on to another server.
	ErrMovedBody = fault.New(fault.Upstream, "fetch.moved_body")
	// ErrTooBig: an answer is larger than allowed.
	ErrTooBig = fault.New(fault.Upstream, "fetch.too_big")
)

// NewClient makes a client that reads only the open web. Every connection is checked after its name was resolved, so
// neither a redirect nor a name that changes its address leads inside; the error is an *InsideError then. Proxies of
// the environment are not used, because they would resolve names themselves. Redirects never lead from https to http,
// never take a body to another server, and lose credentials when they lead there. One client serves many goroutines.
func NewClient(o Options) *http.Client {
	if o.Timeout == 0 {
		o.Timeout = 30 * time.Second
	}
	if o.MaxRedirects == 0 {
		o.MaxRedirects = 5
	}
	if o.UserAgent == "" {
		o.UserAgent = "Ponte"
	}
	if o.MaxHeaderBytes == 0 {
		o.MaxHeaderBytes = 128 << 10
	}
	g := guard{allow: o.AllowNetworks}
	dialer := &net.Dialer{
		Timeout:   10 * time.Second,
		KeepAlive: 30 * time.Second,
		Resolver:  o.Resolver,
		ControlContext: func(_ context.Context, _, address string, _ syscall.RawConn) error {
			return g.dial(address)
		},
	}
	return &http.Client{
		Timeout:       max(o.Timeout, 0),
		CheckRedirect: redirects(o.MaxRedirects),
		Transport: &transport{
			guard:     g,
			userAgent: o.UserAgent,
			inner: &http.Transport{
				Proxy:                  nil,
				DialContext:            dialer.DialContext,
				TLSClientConfig:        o.TLS.Clone(), // the transport writes into it
				TLSHandshakeTimeout:    10 * time.Second,
				ResponseHeaderTimeout:  30 * time.Second,
				ExpectContinueTimeout:  time.Second,
				IdleConnTimeout:        90 * time.Second,
				MaxIdleConns:           100,
				MaxIdleConnsPerHost:    4,
				MaxResponseHeaderBytes: o.MaxHeaderBytes,
				ForceAttemptHTTP2:      true,
			},
		},
	}
}

type transport struct {
	guard     guard
	userAgent string
	inner     *http.Transport
}

// RoundTrip implements http.RoundTripper; it sees every request, redirected ones too.
func (t *transport) RoundTrip(r *http.Request) (*http.Response, error) {
	if err := t.check(r.URL); err != nil {
		if r.Body != nil {
			r.Body.Close()
		}
		return nil, err
	}
	if r.Header.Get("User-Agent") == "" {
		r = r.Clone(r.Context())
		r.Header.Set("User-Agent", t.userAgent)
	}
	res, err := t.inner.RoundTrip(r)
	if inside, ok := errors.AsType[*InsideError](err); ok {
		return nil, &InsideError{Host: r.URL.Hostname(), Addr: inside.Addr}
	}
	return res, err
}

// CloseIdleConnections lets http.Client.CloseIdleConnections through.
func (t *transport) CloseIdleConnections() { t.inner.CloseIdleConnections() }

func (t *transport) check(u *url.URL) error {
	if u.Scheme != "http" && u.Scheme != "https" {
		return ErrScheme.With("scheme", u.Scheme)
	}
	return t.guard.host(u.Hostname())
}

func redirects(limit int) func(*http.Request, []*http.Request) error {
	return func(r *http.Request, via []*http.Request) error {
		host := via[len(via)-1].URL.Hostname()
		switch {
		case limit < 0:
			return http.ErrUseLastResponse
		case len(via) > limit:
			return ErrRedirects.With("host", host)
		case r.URL.Scheme != "http" && r.URL.Scheme != "https":
			return ErrScheme.With("scheme", r.URL.Scheme)
		case r.URL.Scheme == "http" && via[len(via)-1].URL.Scheme == "https":
			return ErrDowngrade.With("host", host)
		}
		home := origin(via[0].URL)
		away := origin(r.URL) != home
		for _, v := range via {
			away = away || origin(v.URL) != home
		}
		if !away {
			return nil
		}
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			return ErrMovedBody.With("host", host)
		}
		// The standard library keeps credentials for subdomains and other ports; those are other servers to us.
		for _, name := range []string{"Authorization", "Cookie", "Proxy-Authorization", "DPoP"} {
			r.Header.Del(name)
		}
		return nil
	}
}

func origin(u *url.URL) string {
	port := u.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443"}[u.Scheme]
	}
	// The step from http to https on one host is no move: most servers send on so.
	if port == "80" && u.Scheme == "http" {
		port = "443"
	}
	return net.JoinHostPort(strings.ToLower(u.Hostname()), port)
}

// Body reads an answer to its end and closes it. What is larger than max bytes, unpacked, gives ErrTooBig.
func Body(res *http.Response, max int64) ([]byte, error) {
	defer res.Body.Close()
	tooBig := func() error {
		e := ErrTooBig.With("max", max)
		if res.Request != nil && res.Request.URL != nil {
			e = e.With("host", res.Request.URL.Hostname())
		}
		return fmt.Errorf("fetch.Body: %w", e)
	}
	if res.ContentLength > max {
		return nil, tooBig()
	}
	b, err := io.ReadAll(io.LimitReader(res.Body, max+1))
	if err != nil {
		return nil, fmt.Errorf("fetch.Body: %w", err)
	}
	if int64(len(b)) > max {
		return nil, tooBig()
	}
	return b, nil
}
