package mastodon

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/url"
	"strings"

	"github.com/ponte-desk/ponte/internal/network"
)

// typed is what a person wrote to name a server or an account.
type typed struct {
	base string // scheme and host
	user string // "" when only a server was named
}

// parseAddress reads "@ada@host", "ada@host", "host", "https://host" and "https://host/@ada". Plain http is only what
// says so.
func parseAddress(address string) (typed, error) {
	bad := func(err error) (typed, error) {
		return typed{}, &network.Problem{
			Verdict: network.Never, Key: network.ProblemAddress,
			Args: map[string]any{"address": address}, Err: err,
		}
	}
	a := strings.TrimSpace(address)
	if a == "" || len(a) > 2000 || strings.ContainsAny(a, " \t\r\n\"<>\\") {
		return bad(nil)
	}
	var t typed
	if !strings.Contains(a, "://") {
		a = strings.TrimPrefix(strings.TrimPrefix(a, "acct:"), "@")
		if i := strings.LastIndex(a, "@"); i >= 0 {
			t.user, a = a[:i], a[i+1:]
			if t.user == "" || strings.ContainsAny(t.user, "@/:?#") {
				return bad(nil)
			}
		}
		a = "https://" + a
	}
	u, err := url.Parse(a)
	if err != nil {
		return bad(err)
	}
	u.Scheme = strings.ToLower(u.Scheme)
	host := u.Hostname()
	switch {
	case u.Scheme != "http" && u.Scheme != "https", u.User != nil, host == "":
		return bad(nil)
	case !strings.Contains(host, ".") && host != "localhost" && u.Port() == "" && net.ParseIP(host) == nil:
		return bad(nil)
	case strings.HasPrefix(host, ".") || strings.HasSuffix(host, ".") || strings.Contains(host, ".."):
		return bad(nil)
	}
	if user, ok := strings.CutPrefix(u.Path, "/@"); ok && t.user == "" {
		user, _, _ = strings.Cut(user, "/")
		if !strings.Contains(user, "@") {
			t.user = user
		}
	}
	t.base = u.Scheme + "://" + strings.ToLower(u.Host)
	return t, nil
}

// Discover implements network.Connector.
func (c *Connector) Discover(ctx context.Context, address string) (network.Server, error) {
	t, err := parseAddress(address)
	if err != nil {
		return network.Server{}, err
	}
	found, err := c.look(ctx, t.base)
	if err != nil && t.user != "" {
		// The domain of a handle may only point to the server (RFC 7033).
		if base, ok := c.webfinger(ctx, t); ok && base != t.base {
			if s, e := c.look(ctx, base); e == nil {
				found, err = s, nil
			}
		}
	}
	if err != nil {
		return network.Server{}, err
	}
	if t.user != "" {
		found.Handle = t.user + "@" + hostOf(t.base)
	}
	return found, nil
}

// look finds out what answers at scheme and host.
func (c *Connector) look(ctx context.Context, base string) (network.Server, error) {
	srv := c.server(base)
	in, at, err := srv.instance(ctx)
	if err != nil {
		p := network.ProblemOf(err)
		status := statusOf(err)
		if p.Key != network.ProblemAnswer && status < 300 || status == http.StatusTooManyRequests || status >= 500 {
			return network.Server{}, p
		}
		not := srv.problem(network.Never, network.ProblemNotAServer, err)
		if name, _, e := srv.software(ctx); e == nil {
			not.Args["found"] = name
		}
		return network.Server{}, not
	}
	if at != "" {
		srv = c.server(at)
	}
	s := network.Server{Network: network.Mastodon, URL: srv.base, Title: in.Title, Version: in.Version, Join: network.JoinOAuth}
	name, version, err := srv.software(ctx)
	switch {
	case err == nil && name != "":
		s.Software, s.Version = name, version
	default:
		// "2.7.2 (compatible; Pleroma 2.4.1)": who only speaks the API says so in its version.
		if _, rest, ok := strings.Cut(in.Version, "(compatible; "); ok {
			name, version, _ := strings.Cut(strings.TrimSuffix(rest, ")"), " ")
			s.Software, s.Version = strings.ToLower(name), version
		}
	}
	if s.Title == "" {
		s.Title = srv.host
	}
	return s, nil
}

// instance reads what a server says of itself, and the scheme and host that said it after redirects.
func (s *server) instance(ctx context.Context) (instance, string, error) {
	var last error
	for _, path := range []string{"/api/v2/instance", "/api/v1/instance"} {
		var in instance
		a, err := s.read(ctx, request{method: http.MethodGet, path: path}, &in)
		if err == nil && in.domain() != "" && in.Version != "" {
			return in, a.url.Scheme + "://" + a.url.Host, nil
		}
		if err == nil {
			err = s.problem(network.Later, network.ProblemAnswer, errors.New("no domain or version"))
		}
		last = err
		if p := network.ProblemOf(err); statusOf(err) == 0 && p.Key != network.ProblemAnswer {
			break // nobody is there: asking again will not help
		}
	}
	return instance{}, "", last
}

// software asks by NodeInfo (nodeinfo.diaspora.software) what runs there; the name is in lower case.
func (s *server) software(ctx context.Context) (name, version string, err error) {
	var links nodeinfoLinks
	if _, err := s.read(ctx, request{method: http.MethodGet, path: "/.well-known/nodeinfo"}, &links); err != nil {
		return "", "", err
	}
	best := ""
	for _, l := range links.Links {
		if strings.Contains(l.Rel, "nodeinfo.diaspora.software/ns/schema/") && l.Href > best {
			best = l.Href
		}
	}
	u, err := url.Parse(best)
	if err != nil || u.Host != "" && !strings.EqualFold(u.Hostname(), hostname(s.base)) || best == "" {
		return "", "", s.problem(network.Later, network.ProblemAnswer, errors.New("no nodeinfo of this host"))
	}
	// The path is taken, not the whole address: behind a proxy servers often get scheme or port wrong.
	var n nodeinfo
	if _, err := s.read(ctx, request{method: http.MethodGet, path: u.Path}, &n); err != nil {
		return "", "", err
	}
	return strings.ToLower(n.Software.Name), n.Software.Version, nil
}

func hostname(base string) string {
	u, err := url.Parse(base)
	if err != nil {
		return ""
	}
	return u.Hostname()
}

// webfinger asks a domain on which server an account lives.
func (c *Connector) webfinger(ctx context.Context, t typed) (string, bool) {
	var finger struct {
		Links []struct {
			Rel  string `json:"rel"`
			Href string `json:"href"`
		} `json:"links"`
	}
	srv := c.server(t.base)
	q := url.Values{"resource": {"acct:" + t.user + "@" + srv.host}}
	if _, err := srv.read(ctx, request{method: http.MethodGet, path: "/.well-known/webfinger", query: q}, &finger); err != nil {
		return "", false
	}
	for _, l := range finger.Links {
		if u, err := url.Parse(l.Href); l.Rel == "self" && err == nil && u.Host != "" && u.Scheme == "https" {
			return "https://" + u.Host, true
		}
	}
	return "", false
}
