package bluesky

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/ponte-desk/ponte/internal/network"
)

// Connector speaks to every AT Protocol server.
type Connector struct {
	plain     *http.Client // for public documents, which may redirect
	strict    *http.Client // for XRPC, which must not: a redirect would carry passwords and tokens elsewhere
	userAgent string
	plc       string
	service   string
	web       string
	now       func() time.Time
	lookup    func(ctx context.Context, name string) ([]string, error)
	sessions  *sessions
}

// Option changes where a connector looks.
type Option func(*Connector)

// WithPLC sets the address of the PLC directory, by default "https://plc.directory".
func WithPLC(address string) Option {
	return func(c *Connector) { c.plc = strings.TrimRight(address, "/") }
}

// WithService sets the server that resolves handles and that *.bsky.social handles live on, by default
// "https://bsky.social".
func WithService(address string) Option {
	return func(c *Connector) { c.service = strings.TrimRight(address, "/") }
}

// WithWeb sets the web site on which people look at posts, by default "https://bsky.app".
func WithWeb(address string) Option {
	return func(c *Connector) { c.web = strings.TrimRight(address, "/") }
}

// WithTXT sets how DNS TXT records are looked up; nil looks nothing up. By default the system's resolver does it.
func WithTXT(lookup func(ctx context.Context, name string) ([]string, error)) Option {
	return func(c *Connector) { c.lookup = lookup }
}

// WithNow sets the clock.
func WithNow(now func() time.Time) Option {
	return func(c *Connector) { c.now = now }
}

var _ network.Connector = (*Connector)(nil)

// New makes a connector that calls out through client and presents itself as userAgent.
func New(client *http.Client, userAgent string, options ...Option) *Connector {
	strict := *client
	strict.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	c := &Connector{
		plain: client, strict: &strict, userAgent: userAgent,
		plc: "https://plc.directory", service: "https://bsky.social", web: "https://bsky.app",
		now: time.Now, lookup: systemTXT, sessions: newSessions(),
	}
	for _, o := range options {
		o(c)
	}
	return c
}

// Network implements network.Connector.
func (*Connector) Network() network.Name { return network.Bluesky }

// Discover implements network.Connector. It takes a server's address, a handle with or without @, or a DID.
func (c *Connector) Discover(ctx context.Context, address string) (network.Server, error) {
	typed := trimTyped(address)
	handle, isHandle := parseHandle(typed)
	switch {
	case strings.HasPrefix(typed, "did:"):
		if !isDID(typed) {
			return network.Server{}, badAddress(address)
		}
		doc, err := c.document(ctx, typed)
		if err != nil {
			return network.Server{}, err
		}
		name := typed
		if h := doc.handle(); h != "" {
			name = h
		}
		return c.describe(ctx, doc.pds(), name)
	case isHandle && strings.HasSuffix(handle, ".bsky.social"):
		// These handles live on the public service, which knows where each account's own server is.
		return c.describe(ctx, c.service, handle)
	case isHandle && strings.HasPrefix(typed, "@"):
		return c.discoverHandle(ctx, handle)
	case isHandle:
		s, err := c.describe(ctx, "https://"+handle, "")
		if err == nil {
			return s, nil
		}
		byHandle, herr := c.discoverHandle(ctx, handle)
		if herr == nil {
			return byHandle, nil
		}
		if p := network.ProblemOf(herr); p.Key != network.ProblemAddress && p.Key != network.ProblemUnreachable {
			return network.Server{}, herr
		}
		return network.Server{}, err
	}
	base := typed
	if !strings.Contains(base, "://") {
		base = "https://" + base
	}
	u, err := url.Parse(base)
	if err != nil || u.Hostname() == "" || u.User != nil || u.Scheme != "https" && u.Scheme != "http" || strings.ContainsAny(u.Host, " \t\n") {
		return network.Server{}, badAddress(address)
	}
	host := strings.ToLower(u.Host)
	if u.Scheme == "http" && u.Port() == "" {
		// Passwords will travel there: without need not in the open.
		if s, err := c.describe(ctx, "https://"+host, ""); err == nil {
			return s, nil
		}
	}
	return c.describe(ctx, u.Scheme+"://"+host, "")
}

func (c *Connector) discoverHandle(ctx context.Context, handle string) (network.Server, error) {
	did, err := c.resolve(ctx, handle)
	if err != nil {
		return network.Server{}, err
	}
	doc, err := c.document(ctx, did)
	if err != nil {
		return network.Server{}, err
	}
	if !doc.claims(handle) {
		// Someone points a name at an account that does not bear it.
		return network.Server{}, badAddress(handle)
	}
	return c.describe(ctx, doc.pds(), handle)
}

// describe proves that an AT Protocol server answers at base.
func (c *Connector) describe(ctx context.Context, base, handle string) (network.Server, error) {
	var told struct {
		DID     string
		Domains json.RawMessage `json:"availableUserDomains"`
	}
	_, err := c.call(ctx, request{base: base, nsid: "com.atproto.server.describeServer"}, &told)
	if err == nil && (!isDID(told.DID) || told.Domains == nil) {
		err = &network.Problem{Verdict: network.Never, Key: network.ProblemNotAServer, Args: hostArgs(base)}
	}
	if err != nil {
		switch p := network.ProblemOf(err); p.Key {
		case network.ProblemUnreachable, network.ProblemTimeout, network.ProblemInside, network.ProblemRate, network.ProblemServer:
			return network.Server{}, p
		default:
			// Whatever else answered, it was not this protocol.
			return network.Server{}, &network.Problem{Verdict: network.Never, Key: network.ProblemNotAServer, Args: hostArgs(base), Err: p.Err}
		}
	}
	s := network.Server{
		Network: network.Bluesky, URL: base, Title: hostOf(base), Software: "bluesky-pds",
		Join: network.JoinAppPassword, Handle: handle,
	}
	// The version is nice to know and not every server tells it.
	var health struct{ Version string }
	if _, err := c.call(ctx, request{base: base, nsid: "_health"}, &health); err == nil {
		s.Version = cut(health.Version, 100)
	}
	return s, nil
}

// Register implements network.Connector. Accounts are joined by app password, so there is nothing to register.
func (c *Connector) Register(_ context.Context, s network.Server, _ string) (network.App, error) {
	return network.App{}, unsupported(s.URL)
}

// AuthorizeURL implements network.Connector. There is no page to send anyone to.
func (*Connector) AuthorizeURL(network.App, string, string, string) string { return "" }

// Exchange implements network.Connector.
func (c *Connector) Exchange(_ context.Context, a network.App, _, _, _ string) (network.Credentials, error) {
	return network.Credentials{}, unsupported(a.ServerURL)
}

func unsupported(base string) *network.Problem {
	return &network.Problem{Verdict: network.Never, Key: network.ProblemUnsupported, Args: hostArgs(base)}
}

func badAddress(address string) *network.Problem {
	return &network.Problem{Verdict: network.Never, Key: network.ProblemAddress, Args: map[string]any{"address": cut(address, 200)}}
}
