package mastodon

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/ponte-desk/ponte/internal/network"
)

// Connector speaks to Mastodon and to every server that offers its client API.
type Connector struct {
	http      *http.Client
	userAgent string
	now       func() time.Time
}

var _ network.Connector = (*Connector)(nil)

// New makes a connector that calls through c, which decides what may be reached. userAgent names Ponte to the servers;
// some refuse who has none.
func New(c *http.Client, userAgent string, options ...Option) *Connector {
	x := &Connector{http: c, userAgent: userAgent, now: time.Now}
	for _, o := range options {
		o(x)
	}
	return x
}

// Option changes a connector that is being made.
type Option func(*Connector)

// WithClock sets the clock by which messages are prepared; reading back compares it with the server's.
func WithClock(now func() time.Time) Option { return func(c *Connector) { c.now = now } }

// Network implements network.Connector.
func (c *Connector) Network() network.Name { return network.Mastodon }

func (c *Connector) server(base string) *server {
	return &server{http: c.http, userAgent: c.userAgent, base: strings.TrimSuffix(base, "/"), host: hostOf(base), now: c.now}
}

// hostOf gives the host of a URL, or what it was given when that is only a host.
func hostOf(address string) string {
	if u, err := url.Parse(address); err == nil && u.Host != "" {
		return u.Host
	}
	host, _, _ := strings.Cut(strings.TrimSuffix(address, "/"), "/")
	return host
}

// scopes are what is asked for: reading all, writing posts and their media, and nothing else.
var scopes = [...]string{"read", "write:statuses", "write:media"}

// Register implements network.Connector.
func (c *Connector) Register(ctx context.Context, s network.Server, redirectURI string) (network.App, error) {
	srv := c.server(s.URL)
	var app struct {
		ClientID     string `json:"client_id"`
		ClientSecret string `json:"client_secret"`
	}
	_, err := srv.read(ctx, request{method: http.MethodPost, path: "/api/v1/apps", form: url.Values{
		"client_name":   {"Ponte"},
		"redirect_uris": {redirectURI},
		"scopes":        {strings.Join(scopes[:], " ")},
	}}, &app)
	if err != nil {
		if st := statusOf(err); st == http.StatusNotFound {
			return network.App{}, srv.problem(network.Never, network.ProblemUnsupported, err)
		}
		return network.App{}, err
	}
	if app.ClientID == "" {
		return network.App{}, srv.problem(network.Later, network.ProblemAnswer, nil)
	}
	return network.App{
		Network: network.Mastodon, ServerURL: srv.base, ClientID: app.ClientID,
		ClientSecret: app.ClientSecret, Scopes: append([]string(nil), scopes[:]...),
	}, nil
}

// AuthorizeURL implements network.Connector. The PKCE challenge always goes along: servers that do not know it ignore
// what they do not know (RFC 6749 section 3.1).
func (c *Connector) AuthorizeURL(a network.App, redirectURI, state, challenge string) string {
	q := url.Values{
		"response_type": {"code"},
		"client_id":     {a.ClientID},
		"redirect_uri":  {redirectURI},
		"scope":         {strings.Join(a.Scopes, " ")},
		"state":         {state},
	}
	if challenge != "" {
		q.Set("code_challenge", challenge)
		q.Set("code_challenge_method", "S256")
	}
	return strings.TrimSuffix(a.ServerURL, "/") + "/oauth/authorize?" + q.Encode()
}

// token is what /oauth/token gives.
type token struct {
	AccessToken  string `json:"access_token"`
	RefreshToken string `json:"refresh_token"`
	Scope        string `json:"scope"`
	ExpiresIn    int64  `json:"expires_in"`
}

// What Credentials.Extra holds.
const (
	extraSoftware = "software"
	extraDomain   = "domain" // of the handles, which may differ from the server's host
	extraClient   = "client_id"
	extraSecret   = "client_secret"
)

// Exchange implements network.Connector.
func (c *Connector) Exchange(ctx context.Context, a network.App, redirectURI, code, verifier string) (network.Credentials, error) {
	srv := c.server(a.ServerURL)
	form := url.Values{
		"grant_type":    {"authorization_code"},
		"code":          {code},
		"client_id":     {a.ClientID},
		"client_secret": {a.ClientSecret},
		"redirect_uri":  {redirectURI},
		"scope":         {strings.Join(a.Scopes, " ")},
	}
	if verifier != "" {
		form.Set("code_verifier", verifier)
	}
	var t token
	if _, err := srv.read(ctx, request{method: http.MethodPost, path: "/oauth/token", form: form}, &t); err != nil {
		if st := statusOf(err); st >= 400 && st < 500 && st != http.StatusTooManyRequests {
			return network.Credentials{}, srv.problem(network.Never, network.ProblemDenied, err)
		}
		return network.Credentials{}, err
	}
	if t.AccessToken == "" {
		return network.Credentials{}, srv.problem(network.Later, network.ProblemAnswer, nil)
	}
	cr := network.Credentials{ServerURL: srv.base, Extra: map[string]string{}}
	c.take(&cr, t)
	if cr.Scopes == nil {
		cr.Scopes = a.Scopes
	}
	if t.RefreshToken != "" {
		cr.Extra[extraClient], cr.Extra[extraSecret] = a.ClientID, a.ClientSecret
	}
	// Without these the account works all the same, only more carefully.
	if software, _, err := srv.software(ctx); err == nil {
		cr.Extra[extraSoftware] = software
	}
	if in, _, err := srv.instance(ctx); err == nil {
		cr.Extra[extraDomain] = in.domain()
	}
	return cr, nil
}

// take puts a token into credentials. What the answer does not tell stays as it was.
func (c *Connector) take(cr *network.Credentials, t token) {
	cr.AccessToken = t.AccessToken
	if t.RefreshToken != "" {
		cr.RefreshToken = t.RefreshToken
	}
	cr.Expires = time.Time{}
	if t.ExpiresIn > 0 {
		cr.Expires = c.now().UTC().Add(time.Duration(t.ExpiresIn) * time.Second).Truncate(time.Second)
	}
	if t.Scope != "" {
		cr.Scopes = strings.Fields(t.Scope)
	}
}

// Login implements network.Connector: these servers have no app passwords.
func (c *Connector) Login(_ context.Context, s network.Server, _, _ string) (network.Credentials, error) {
	return network.Credentials{}, c.server(s.URL).problem(network.Never, network.ProblemUnsupported, nil)
}

// Open implements network.Connector.
func (c *Connector) Open(cr network.Credentials, save func(context.Context, network.Credentials) error) network.Client {
	return &client{
		con: c, srv: c.server(cr.ServerURL), cr: cr, save: save,
		software: cr.Extra[extraSoftware], domain: cr.Extra[extraDomain], roots: map[ident]place{},
	}
}

// client acts as one account. What it remembers is only to spare the server questions.
type client struct {
	con      *Connector
	srv      *server
	save     func(context.Context, network.Credentials) error
	software string // "" when not known
	domain   string // of the handles; "" when not known

	mu     sync.Mutex // guards all below; held while credentials are renewed, so that it happens once
	cr     network.Credentials
	self   *self
	limits *network.Limits
	roots  map[ident]place
}

// self is who we are there.
type self struct {
	account
	domain string
}

func (m *self) handle(acct string) string {
	if acct == "" || strings.Contains(acct, "@") || m.domain == "" {
		return acct
	}
	return acct + "@" + m.domain
}

// renewEarly is how long before its end a token is renewed.
const renewEarly = time.Minute

// bearer gives the access token, renewed when it is about to end.
func (c *client) bearer(ctx context.Context) (string, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.cr.RefreshToken != "" && !c.cr.Expires.IsZero() && c.con.now().After(c.cr.Expires.Add(-renewEarly)) {
		if err := c.renew(ctx); err != nil {
			return "", err
		}
	}
	return c.cr.AccessToken, nil
}

// renew gets new credentials and has them saved before they are used. The lock is held.
func (c *client) renew(ctx context.Context) error {
	var t token
	_, err := c.srv.read(ctx, request{method: http.MethodPost, path: "/oauth/token", form: url.Values{
		"grant_type":    {"refresh_token"},
		"refresh_token": {c.cr.RefreshToken},
		"client_id":     {c.cr.Extra[extraClient]},
		"client_secret": {c.cr.Extra[extraSecret]},
	}}, &t)
	if err != nil {
		if st := statusOf(err); st >= 400 && st < 500 && st != http.StatusTooManyRequests {
			return c.srv.problem(network.Reconnect, network.ProblemRevoked, err)
		}
		return err
	}
	if t.AccessToken == "" {
		return c.srv.problem(network.Later, network.ProblemAnswer, nil)
	}
	fresh := c.cr
	c.con.take(&fresh, t)
	if c.save != nil {
		if err := c.save(ctx, fresh); err != nil {
			return &network.Problem{Verdict: network.Later, Key: network.ProblemUnknown, Err: err}
		}
	}
	c.cr = fresh
	return nil
}

// read makes a call as the account and reads the JSON that came back.
func (c *client) read(ctx context.Context, r request, into any) (answer, error) {
	used, err := c.bearer(ctx)
	if err != nil {
		return answer{}, err
	}
	r.token = used
	a, err := c.srv.read(ctx, r, into)
	if statusOf(err) != http.StatusUnauthorized {
		return a, err
	}
	c.mu.Lock()
	if c.cr.AccessToken == used {
		if c.cr.RefreshToken == "" {
			c.mu.Unlock()
			return a, err
		}
		if e := c.renew(ctx); e != nil {
			c.mu.Unlock()
			return a, e
		}
	}
	r.token = c.cr.AccessToken
	c.mu.Unlock()
	if r.mutation || r.body != nil {
		// One attempt is one attempt: with the new token the next one will do.
		return a, c.srv.problem(network.Later, network.ProblemRevoked, err)
	}
	return c.srv.read(ctx, r, into)
}

func (c *client) get(ctx context.Context, path string, query url.Values, into any) (answer, error) {
	return c.read(ctx, request{method: http.MethodGet, path: path, query: query}, into)
}

// Probe implements network.Client.
func (c *client) Probe(ctx context.Context) (network.Account, error) {
	m, err := c.who(ctx)
	if err != nil {
		return network.Account{}, err
	}
	c.mu.Lock()
	granted := append([]string(nil), c.cr.Scopes...)
	var ends time.Time
	if c.cr.RefreshToken == "" {
		ends = c.cr.Expires
	}
	c.mu.Unlock()
	a := network.Account{
		RemoteID: string(m.ID), Handle: m.handle(m.Acct), Name: m.DisplayName, URL: m.URL,
		AvatarURL: m.Avatar, Scopes: granted, Expires: ends, Locked: m.Locked,
	}
	if a.Name == "" {
		a.Name = m.Username
	}
	if m.Source != nil && m.Source.Privacy != "" {
		a.DefaultVisibility = visibility(m.Source.Privacy)
	}
	return a, nil
}

// who asks who we are.
func (c *client) who(ctx context.Context) (*self, error) {
	m := &self{domain: c.domain}
	if _, err := c.get(ctx, "/api/v1/accounts/verify_credentials", nil, &m.account); err != nil {
		if statusOf(err) == http.StatusForbidden || statusOf(err) == http.StatusUnprocessableEntity {
			return nil, c.srv.problem(network.Reconnect, network.ProblemSuspended, err)
		}
		if statusOf(err) == http.StatusNotFound {
			return nil, c.srv.problem(network.Never, network.ProblemNotAServer, err)
		}
		return nil, err
	}
	if m.ID == "" {
		return nil, c.srv.problem(network.Later, network.ProblemAnswer, nil)
	}
	if m.Suspended {
		return nil, c.srv.problem(network.Reconnect, network.ProblemSuspended, nil)
	}
	if m.domain == "" {
		in, _, err := c.srv.instance(ctx)
		if err != nil {
			return nil, err
		}
		if m.domain = in.domain(); m.domain == "" {
			m.domain = c.srv.host
		}
	}
	c.mu.Lock()
	c.self = m
	c.mu.Unlock()
	return m, nil
}

// me is who we are, asked once.
func (c *client) me(ctx context.Context) (*self, error) {
	c.mu.Lock()
	m := c.self
	c.mu.Unlock()
	if m != nil {
		return m, nil
	}
	return c.who(ctx)
}

// genuine tells whether the server is Mastodon itself, which keeps its documentation's promises.
func (c *client) genuine() bool { return c.software == "mastodon" }

// Traits implements network.Client.
func (c *client) Traits() network.Traits {
	t := network.Traits{
		Stream: true, Reply: true, Private: true, Edit: true, Delete: true,
		Media:   []network.MediaKind{network.Image, network.Video, network.Audio},
		AltText: true, Safe: network.SafeByReadBack,
		Lists: []network.ListKind{network.ListFollowers, network.ListFollowing, network.ListSharers, network.ListLikers},
	}
	if c.genuine() {
		t.Safe = network.SafeByKey
	}
	return t
}
