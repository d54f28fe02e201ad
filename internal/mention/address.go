package mention

import (
	"net/url"
	"strings"

	"github.com/ponte-desk/ponte/internal/fault"
)

// mostAddress is the length in bytes of the longest address that is taken.
const mostAddress = 2048

// Faults of addresses, to compare with errors.Is.
var (
	// ErrAddress: it is no address of a page of the web.
	ErrAddress = fault.New(fault.Invalid, "mention.address")
	// ErrSame: a page cannot mention itself.
	ErrSame = fault.New(fault.Invalid, "mention.same")
)

// Address reads the address of a page of the web: absolute, http or https, with a host and without a name and a password
// (Webmention 3.2.1). What is not gives ErrAddress.
func Address(s string) (*url.URL, error) {
	s = strings.TrimSpace(s)
	if s == "" || len(s) > mostAddress {
		return nil, ErrAddress
	}
	u, err := url.Parse(s)
	if err != nil {
		return nil, ErrAddress.Because(err)
	}
	u.Scheme = strings.ToLower(u.Scheme)
	if u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" || u.User != nil || u.Opaque != "" {
		return nil, ErrAddress
	}
	return u, nil
}

// Key is the form of an address in which two that mean the same page are equal: schemes and hosts in small letters, no port that goes
// without saying, no fragment. http and https are one, because sites move from one to the other and stay the same. "" is no address.
func Key(s string) string {
	u, err := Address(s)
	if err != nil {
		return ""
	}
	return key(u)
}

func key(u *url.URL) string {
	path := u.EscapedPath()
	if plain := (&url.URL{Path: u.Path}).EscapedPath(); !strings.Contains(strings.ToLower(path), "%2f") {
		path = plain
	}
	if path == "" {
		path = "/"
	}
	out := Host(u) + path
	if u.RawQuery != "" {
		out += "?" + u.RawQuery
	}
	return out
}

// Host is the host of an address in small letters, with its port when that is not the scheme's own.
func Host(u *url.URL) string {
	host, port := strings.ToLower(strings.TrimSuffix(u.Hostname(), ".")), u.Port()
	if strings.Contains(host, ":") {
		host = "[" + host + "]"
	}
	if port == "" || port == "80" && u.Scheme == "http" || port == "443" && u.Scheme == "https" {
		return host
	}
	return host + ":" + port
}

// Within tells whether a page lies on a site: on its host, with or without "www.", and below its path. site is the site's address.
func Within(page, site string) bool {
	p, err := Address(page)
	if err != nil {
		return false
	}
	s, err := Address(site)
	if err != nil {
		return false
	}
	if strings.TrimPrefix(Host(p), "www.") != strings.TrimPrefix(Host(s), "www.") {
		return false
	}
	below := strings.TrimSuffix(s.EscapedPath(), "/")
	at := p.EscapedPath()
	return !strings.Contains(at, "/../") && (at == below || strings.HasPrefix(at, below+"/") || below == "")
}

// Same tells whether two addresses mean the same page.
func Same(a, b string) bool {
	k := Key(a)
	return k != "" && k == Key(b)
}

// meets tells whether an address in a page is the target: the same page and, where the target names a place in it, the same place.
func meets(link, target *url.URL) bool {
	if link == nil || key(link) != key(target) {
		return false
	}
	return target.Fragment == "" || target.Fragment == link.Fragment
}

// resolve makes an address of a page absolute. nil: it leads nowhere on the web.
func resolve(base *url.URL, ref string) *url.URL {
	ref = strings.Map(func(r rune) rune { // as browsers do (WHATWG URL, "basic URL parser")
		if r == '\t' || r == '\n' || r == '\r' {
			return -1
		}
		return r
	}, strings.TrimSpace(ref))
	if len(ref) > mostAddress {
		return nil
	}
	u, err := base.Parse(ref)
	if err != nil {
		return nil
	}
	if u, err = Address(u.String()); err != nil {
		return nil
	}
	return u
}
