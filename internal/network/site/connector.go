package site

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/ponte-desk/ponte/internal/network"
)

// Connector speaks to web sites.
type Connector struct {
	plain     *http.Client // for what everybody may read, which may redirect
	strict    *http.Client // for calls with a password, which must not: a redirect would carry it elsewhere
	userAgent string
	now       func() time.Time
}

// Option changes a connector.
type Option func(*Connector)

// WithNow sets the clock.
func WithNow(now func() time.Time) Option {
	return func(c *Connector) { c.now = now }
}

var _ network.Connector = (*Connector)(nil)

// New makes a connector that calls out through client and presents itself as userAgent.
func New(client *http.Client, userAgent string, options ...Option) *Connector {
	strict := *client
	strict.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	c := &Connector{plain: client, strict: &strict, userAgent: userAgent, now: time.Now}
	for _, o := range options {
		o(c)
	}
	return c
}

// Network implements network.Connector.
func (*Connector) Network() network.Name { return network.Site }

// Keys of network.Credentials.Extra.
const (
	extraMode     = "mode"
	extraFeed     = "feed"     // its address
	extraTitle    = "title"    // what the site calls itself
	extraSoftware = "software" // as in network.Server
	extraAPI      = "api"      // where WordPress's interface stands
	extraUser     = "user"     // the name on the application password
	extraID       = "id"       // of that user
)

// The ways in which a site is read.
const (
	modeFeed      = "feed"
	modeWordPress = "wordpress"
)

// What a user may do on a WordPress, as network.Credentials.Scopes has it: capabilities of WordPress itself.
const (
	mayPublish  = "publish_posts"
	mayWrite    = "edit_posts"
	mayPages    = "publish_pages"
	mayUpload   = "upload_files"
	mayModerate = "moderate_comments"
	mayOthers   = "edit_others_posts"
)

var capabilities = []string{mayPublish, mayWrite, mayPages, mayUpload, mayModerate, mayOthers}

// Discover implements network.Connector. It takes the address of a page, of a feed, or of a WordPress.
func (c *Connector) Discover(ctx context.Context, address string) (network.Server, error) {
	f, err := c.find(ctx, address)
	if err != nil {
		return network.Server{}, err
	}
	s := network.Server{
		Network: network.Site, URL: f.url, Title: f.title, Software: f.software, Version: f.version, Join: network.JoinOpen, Open: f.feed != "",
	}
	if f.api != "" {
		s.Join = network.JoinAppPassword
	}
	return s, nil
}

// Register implements network.Connector. There is nothing to register.
func (*Connector) Register(_ context.Context, s network.Server, _ string) (network.App, error) {
	return network.App{}, unsupported(s.URL)
}

// AuthorizeURL implements network.Connector. There is no page to send anyone to.
func (*Connector) AuthorizeURL(network.App, string, string, string) string { return "" }

// Exchange implements network.Connector.
func (*Connector) Exchange(_ context.Context, a network.App, _, _, _ string) (network.Credentials, error) {
	return network.Credentials{}, unsupported(a.ServerURL)
}

// Login implements network.Connector: with a name and an application password into WordPress, without both to the site's
// feed. The site is looked at again, so that the password goes nowhere but to what answers there now.
func (c *Connector) Login(ctx context.Context, s network.Server, identifier, password string) (network.Credentials, error) {
	f, err := c.find(ctx, s.URL)
	if err != nil {
		return network.Credentials{}, err
	}
	cred := network.Credentials{ServerURL: f.url, Extra: map[string]string{
		extraMode: modeFeed, extraFeed: f.feed, extraTitle: cut(f.title, 300), extraSoftware: f.software,
	}}
	identifier, password = strings.TrimSpace(identifier), strings.Join(strings.Fields(password), "")
	if identifier == "" && password == "" {
		if f.feed == "" {
			return network.Credentials{}, problem(network.Never, network.ProblemNoFeed, f.url, nil)
		}
		cred.Scopes = []string{}
		return cred, nil
	}
	plain := strings.HasPrefix(f.api, "http://") || f.api == "" && strings.HasPrefix(f.url, "http://")
	switch {
	case f.software != softwareWordPress:
		return network.Credentials{}, problem(network.Never, network.ProblemNotWordPress, f.url, nil)
	case f.api == "":
		return network.Credentials{}, problem(network.Never, network.ProblemRESTOff, f.url, nil)
	case !f.passwords && plain:
		// Over http WordPress itself takes them on a machine of one's own alone, and says so.
		return network.Credentials{}, problem(network.Never, network.ProblemPlainHTTP, f.url, nil)
	case !f.passwords:
		return network.Credentials{}, problem(network.Never, network.ProblemNoPasswords, f.url, nil)
	}
	cred.AccessToken = password
	cred.Extra[extraMode], cred.Extra[extraAPI], cred.Extra[extraUser] = modeWordPress, f.api, identifier
	cl := c.openWordPress(cred)
	u, err := cl.whoAmI(ctx)
	if err != nil {
		if p := network.ProblemOf(err); p.Key == network.ProblemRevoked {
			p.Verdict, p.Key = network.Never, network.ProblemCredentials
		}
		return network.Credentials{}, err
	}
	cred.Extra[extraID] = strconv.FormatInt(u.ID, 10)
	cred.Scopes = u.scopes()
	return cred, nil
}

// Open implements network.Connector.
func (c *Connector) Open(cred network.Credentials, _ func(context.Context, network.Credentials) error) network.Client {
	if cred.Extra[extraMode] == modeWordPress {
		return c.openWordPress(cred)
	}
	return &feedClient{c: c, cred: cred}
}

// handleOf is how people name a site: "example.org", "example.org/blog".
func handleOf(address string) string {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" {
		return cut(address, 200)
	}
	return cut(strings.TrimSuffix(strings.TrimPrefix(u.Host, "www.")+u.EscapedPath(), "/"), 200)
}

// account is the site as an account: what stands on it was written by itself.
func account(cred network.Credentials) network.Account {
	a := network.Account{
		RemoteID: cred.ServerURL, Handle: handleOf(cred.ServerURL), Name: cred.Extra[extraTitle], URL: cred.ServerURL,
		Scopes: cred.Scopes, DefaultVisibility: network.Public,
	}
	if a.Name == "" {
		a.Name = a.Handle
	}
	return a
}

func author(cred network.Credentials) network.Author {
	a := account(cred)
	return network.Author{RemoteID: a.RemoteID, Handle: a.Handle, Name: a.Name, URL: a.URL}
}
